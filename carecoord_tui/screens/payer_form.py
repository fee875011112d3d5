"""Adding and changing a payer: numbers to call, and the clocks its contract sets instead of the rules."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.facts import LimitFacts
from carecoord_tui.domain.identifiers import IdentifierError, format_phone, parse_phone
from carecoord_tui.domain.payer_limit import (
    FILING_RULE,
    amount_words,
    check_limit,
    filing_limit,
    filing_rule,
    law_words,
    override_words,
)
from carecoord_tui.domain.payer_rows import (
    NOT_ENTERED,
    PayerRow,
    PayerWordsError,
    parse_filing_days,
    parse_limit,
    settable_rules,
)
from carecoord_tui.domain.rulepack import Rule, RuleError, Unit
from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.screens.calling_hours_fields import FIELDS, hours_echo, hours_texts, read_hours
from carecoord_tui.screens.form_sheet import Field, FormInput, FormSheet
from carecoord_tui.screens.patient_form import PAYER_CLASSES
from carecoord_tui.store.actions.payers import PayerEntry, add_payer, edit_payer
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.payers import read_payer
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.safe_text import safe_text

PHONES = ("phone", "authorization_phone", "fax", "appeal_fax")
LONGEST = {"name": 160, "portal": 200, "note": 400, "source": 160}
ABOUT = "What the contract says, where it differs from the rule, also from law; empty keeps the rule's."
_LIMIT, _SAID = "limit-", "said-"

Limits = dict[str, tuple[int, Unit] | None]


def control_of(rule_id: str) -> str:
    """The id of the control of a rule's limit."""
    return _LIMIT + rule_id.replace(".", "-")


class PayerForm(FormSheet[int]):
    """One payer. The result is its number, None when the form was left."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "payer_form.tcss"]

    def __init__(self, practice: Practice, payer_id: int | None = None) -> None:
        super().__init__()
        self.practice, self.payer_id = practice, payer_id
        stored = None if payer_id is None else read_payer(practice.execute, payer_id)
        self._stored = stored or PayerRow(id=0, name="")
        self._set = {limit.rule_id: limit for limit in self._stored.limits}
        self._rules = self._offered()
        self._payer_class = self._stored.payer_class  # as the form has it

    def _offered(self) -> dict[str, Rule]:
        """Every clock a contract may set, of whichever class, and those it has set."""
        pack = self.practice.context.pack
        by_class = (rule for one in PayerClass for rule in settable_rules(pack, one))
        return {rule.id: rule for rule in (*by_class, *(pack.get(rule_id) for rule_id in self._set))}

    def heading(self) -> str:
        """Whose form this is."""
        return "New payer" if self.payer_id is None else f"Edit: {self._stored.name}"

    def hint(self) -> str:
        """The keys."""
        return "enter next · tab down next · up back · ctrl+s save · esc leave"

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """Who it is, how to reach it, what the contract says."""
        one = self._stored

        def line(label: str, name: str, value: str, hint: str = "") -> Field:
            control = FormInput(value, placeholder=hint, id=name, prose=name == "note")
            control.max_length = LONGEST.get(name)
            return Field(label, control)

        days = "" if one.timely_filing_days is None else str(one.timely_filing_days)
        with Vertical(id="form"):
            yield line("Name", "name", one.name, "as coverages name it")
            yield Field("Class", ChoiceRow(PAYER_CLASSES, value=one.payer_class.value, id="payer_class"))
            yield line("Phone", "phone", format_phone(one.phone))
            yield line("Authorizations", "authorization_phone", format_phone(one.authorization_phone))
            yield line("Fax", "fax", format_phone(one.fax))
            yield line("Appeal fax", "appeal_fax", format_phone(one.appeal_fax))
            hours = hours_texts(one)
            for label, name, hint in FIELDS:
                yield line(label, name, hours[name], hint)
            yield line("Portal", "portal", one.portal, "address of the web page")
            yield line("Timely filing", "timely_filing", days, f"in days; {NOT_ENTERED}")
            yield self._said_line("timely_filing")
            yield line("Note", "note", one.note)
            with Vertical(id="limits"):
                yield Static(ABOUT, id="limits-about", markup=False)
                for rule in self._rules.values():
                    name = control_of(rule.id)
                    yield line(rule.title, name, self._limit_text(rule.id), self._usual(rule))
                    yield self._said_line(name)
            yield line("Contract", "source", "", "where it says so: contract, section")

    def _said_line(self, name: str) -> Static:
        """Under a control: that the contract overrides a rule, and how the law takes it."""
        return Static("", id=_SAID + name, classes="said", markup=False)

    def _limit_text(self, rule_id: str) -> str:
        limit = self._set.get(rule_id)
        return "" if limit is None else amount_words(limit.n, limit.unit)

    def _usual(self, rule: Rule) -> str:
        return f"rule: {amount_words(rule.n, rule.unit)}" if rule.n else ""

    def on_mount(self) -> None:
        """Only the clocks of the payer's class."""
        self._show_limits(self._stored.payer_class)

    def _show_limits(self, payer_class: PayerClass) -> None:
        """The clocks of this class and those that are set; without any, nothing is asked."""
        offered = {rule.id for rule in settable_rules(self.practice.context.pack, payer_class)} | set(
            self._set
        )
        for rule_id in self._rules:
            self.field_of(control_of(rule_id)).display = rule_id in offered
        self._payer_class = payer_class
        for name in ("timely_filing", *map(control_of, self._rules)):
            self._say_override(name)
        self.query_one("#limits").display = bool(offered)
        self.field_of("source").display = bool(offered)

    @on(ChoiceRow.Chosen, "#payer_class")
    def _class_chosen(self, event: ChoiceRow.Chosen) -> None:
        self._show_limits(PayerClass(event.value))

    @on(ChoiceRow.Submitted, "#payer_class")
    def _class_meant(self, event: ChoiceRow.Submitted) -> None:
        self._show_limits(PayerClass(event.value or PayerClass.UNKNOWN))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        """Say at once what was understood."""
        if not self.is_mounted or event.input.id is None:
            return
        self.problem("")
        field = self.field_of(event.input.id)
        field.show_problem("")
        field.show_note(self._understood(event.input.id, event.value.strip()))
        if event.input.id == "timely_filing" or event.input.id.startswith((_LIMIT, "source")):
            self._say_overrides(event.input.id)

    def _say_overrides(self, changed: str) -> None:
        """Under the control that changed; the contract's name stands in all of them."""
        named = changed == "source"
        for name in map(control_of, self._rules) if named else (changed,):
            self._say_override(name)

    def _say_override(self, name: str) -> None:
        """``contract: 15 calendar days · the rule says 7, ... · longer than the law allows this payer``."""
        typed = self.query_one(f"#{name}", Input).value.strip()
        found = self._override(name, typed) if self.field_of(name).display else None
        words = ""
        if found is not None:
            rule, limit = found
            against = law_words(rule, limit, payer_class=self._payer_class)
            words = override_words(rule, limit, payer_class=self._payer_class)
            words += f" · {against}" if against else ""
        line = self.query_one(f"#{_SAID}{name}", Static)
        line.update(Content(safe_text(words)))
        line.display = bool(words)

    def _override(self, name: str, typed: str) -> tuple[Rule, LimitFacts] | None:
        """The rule a control sets and what was typed for it; None while it is empty or half typed."""
        pack = self.practice.context.pack
        try:
            if name == "timely_filing":
                rule = filing_rule(pack, self._payer_class, on=self.practice.today())
                limit = filing_limit(rule, self._stored.limits, parse_filing_days(typed))
                return None if limit is None or rule.id == FILING_RULE else (rule, limit)
            count = parse_limit(typed)
        except PayerWordsError:
            return None
        if count is None:
            return None
        rule = next(rule for rule_id, rule in self._rules.items() if control_of(rule_id) == name)
        return rule, LimitFacts(
            rule_id=rule.id, n=count[0], unit=count[1], source=self._source_of(rule.id, typed)
        )

    def _source_of(self, rule_id: str, typed: str) -> str:
        """Where the contract says so: a limit that stays keeps the source it was entered with."""
        stored = self._set.get(rule_id)
        if stored is not None and typed == self._limit_text(rule_id):
            return stored.source
        return self.query_one("#source", Input).value.strip()

    def _understood(self, name: str, typed: str) -> str:
        """The echo beside a field; empty while it is half typed, saving says what is wrong."""
        if not typed or typed == self._start.get(name):
            return ""
        try:
            if name in PHONES:
                return f"= {format_phone(parse_phone(typed))}"
            if echo := hours_echo(name, typed, self.practice.moment().local):
                return echo
            if name.startswith(_LIMIT) and (found := parse_limit(typed)) is not None:
                return f"= {amount_words(*found)}"
        except (IdentifierError, PayerWordsError):
            return ""
        return ""

    # --- saving ------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Check every field, save all in one change."""
        texts = self.texts()
        problems: dict[str, str] = {}
        entry = self._entry(texts, problems)
        limits = self._changed_limits(texts, problems)
        if self.show_problems(problems):
            return
        saved: list[int] = []
        if self.attempt(lambda: saved.append(self._save(entry, limits, texts["source"]))):
            app = self.app
            self.dismiss(saved[0])
            app.call_after_refresh(app.say, "Saved.  u undoes it")

    def _save(self, entry: PayerEntry, limits: Limits, source: str) -> int:
        if self.payer_id is None:
            return add_payer(self.practice, entry, limits=limits, source=source)
        edit_payer(
            self.practice,
            self.payer_id,
            entry,
            limits=limits,
            source=source,
            version=self._stored.version,
        )
        return self.payer_id

    def _entry(self, texts: dict[str, str], problems: dict[str, str]) -> PayerEntry:
        """The fields as the store takes them; what is wrong goes to ``problems`` by its control."""
        if not texts["name"]:
            problems["name"] = "A payer needs a name."
        phones = {name: self._phone(name, texts[name], problems) for name in PHONES}
        days = None
        try:
            days = parse_filing_days(texts["timely_filing"])
        except PayerWordsError as error:
            problems["timely_filing"] = str(error)
        return PayerEntry(
            name=texts["name"],
            payer_class=PayerClass(texts["payer_class"] or PayerClass.UNKNOWN),
            **phones,
            **read_hours(texts, problems),
            portal=texts["portal"],
            timely_filing_days=days,
            note=texts["note"],
        )

    def _phone(self, name: str, typed: str, problems: dict[str, str]) -> str:
        """A number that was not touched stays as it is stored."""
        if typed == self._start[name]:
            return str(getattr(self._stored, name))
        try:
            return parse_phone(typed) if typed else ""
        except IdentifierError as error:
            problems[name] = str(error)
            return ""

    def _changed_limits(self, texts: dict[str, str], problems: dict[str, str]) -> Limits:
        """Only what differs from the file: a limit that stays keeps its source and day of entering.

        What was typed for a clock of another class, before the class was changed, is not saved.
        """
        found: Limits = {}
        for rule_id in self._rules:
            name = control_of(rule_id)
            if texts[name] == self._start[name] or not self.field_of(name).display:
                continue
            try:
                found[rule_id] = limit = parse_limit(texts[name])
                if limit is not None:
                    check_limit(self.practice.context.pack, rule_id, *limit)
            except (PayerWordsError, RuleError) as error:
                problems[name] = str(error)
        return found
