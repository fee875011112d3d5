"""The act that settles an item a rule made: choices by key, ``x`` again takes the first.

Several marked items get the same answer by one key, or are gone through one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Label, Static

from carecoord_tui.commands import BY_ID, key_label
from carecoord_tui.domain.date_lean import Lean
from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.settle import REASONS, Choice, Need, beside_tracks, choices
from carecoord_tui.domain.vocabulary import Kind, ReferralStage, ReferralType
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.screens.base import UNDO_OFFER, Subject
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.settle import settle
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.incoming_calls import handed_to
from carecoord_tui.store.queries.insurance_tracks import open_tracks
from carecoord_tui.widgets.choice_lines import batch_line, choice_lines, usual_lines
from carecoord_tui.widgets.date_input import DateInput


def choices_for(practice: Practice, ranked: Ranked) -> tuple[Choice, ...]:
    """What can settle this item; empty where a contact is the act."""
    item = ranked.item
    if item.kind is Kind.HANDOFF:
        return choices(item.kind, item.rule_id, handed_to=handed_to(practice.execute, item.record_id))
    if item.kind is Kind.DENIAL:
        open_now = open_tracks(practice.execute, item.record_id)
        return beside_tracks(choices(item.kind, item.rule_id), open_now)
    if item.kind is not Kind.REFERRAL:
        return choices(item.kind, item.rule_id)
    for stage, service_type, held in practice.execute(
        "SELECT stage, service_type, held_stage FROM referral WHERE id = ?", [item.record_id]
    ):
        return choices(
            item.kind,
            item.rule_id,
            ReferralStage(stage),
            expects_report=ReferralType(service_type).expects_report,
            held_stage=ReferralStage(held) if held else None,
        )
    return ()


TEXT_LIMIT = 200
LEANS = {Need.TIME: Lean.NEAREST, Need.DAYS_VALID: Lean.AHEAD, Need.APPROVAL: Lean.AHEAD}
"""A visit may lie on either side, validity ends ahead; the rest has happened."""
MORE_THAN = 6  # choices from which on they stand in two columns
_TEXT, _DATE, _UNTIL = "settle-text", "settle-date", "settle-until"
_ASKED: dict[Need, tuple[str, ...]] = {
    Need.TIME: (_DATE,),
    Need.DAYS_VALID: (_DATE,),
    Need.REASON: (_TEXT,),
    Need.WHO: (_TEXT,),
    Need.NUMBER: (_TEXT,),
    Need.APPROVAL: (_TEXT, _DATE),
    Need.EXTENSION: (_DATE, _UNTIL),
}
"""The fields of what a choice needs, in the order asked."""
_LABELS = {Need.REASON: "", Need.WHO: "", Need.NUMBER: "", Need.APPROVAL: "Auth. number"}
_HINTS = {
    Need.APPROVAL: "enter goes on · a number that is not known yet is asked for later · esc back",
    Need.EXTENSION: "enter goes on · without a new day the rule's counts · esc back",
}


class SettleSheet(Sheet[bool]):
    """One key carries a choice out; ``tab`` types another day first.

    What a choice needs beside its day (a date ahead, a reason, a name) is asked for when it is chosen.
    """

    AUTO_FOCUS = ""

    def __init__(
        self,
        practice: Practice,
        subject: Subject,
        *,
        offered: Sequence[Choice] | None = None,
        refs: Sequence[ItemRef] | None = None,
        left_out: str = "",
    ) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self._left_out = left_out  # what of a folded group is not settled here
        self.choices = tuple(offered) if offered is not None else choices_for(practice, subject.items[0])
        self.acts_on = subject.refs if refs is None else list(refs)
        self._shown = [ranked.item for ranked in subject.items] if refs is None else []
        self.pending: Choice | None = None
        self._warned: tuple[Choice, When | None, str] | None = None  # what was asked about, and not yet meant

    def heading(self) -> str:
        """What is settled."""
        items = self.subject.items
        if len(items) > 1:
            names = dict.fromkeys(self.app.shown_name(ranked.person.name) for ranked in items)
            return f"{len(items)} items of {len(names)} patients: {'; '.join(names)}"
        return f"{items[0].title} · {self.app.shown_name(self.subject.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "one key records it · another day: tab, type it, enter, then the key · esc back"

    def compose_body(self) -> ComposeResult:
        """How it stands, the choices, what the chosen one asks for, the date."""
        yield from self.compose_standing()
        if self._left_out:
            yield Static(self._left_out, id="settle-left-out", markup=False)
        if self.is_batch:
            yield Static(batch_line(len(self.subject.items), key_label(self._walk_key)), id="settle-batch")
        half = len(self.choices) if len(self.choices) <= MORE_THAN else (len(self.choices) + 1) // 2
        with Horizontal(id="settle-choices"):
            yield Static(choice_lines(self.choices[:half]), classes="half")
            if half < len(self.choices):
                yield Static(choice_lines(self.choices[half:]), classes="half")
        yield Static("", id="settle-usual", markup=False)
        with Horizontal(classes="field", id="settle-text-line"):
            yield Label("Why", id="settle-text-prompt")
            yield Input(id=_TEXT, max_length=TEXT_LIMIT, select_on_focus=False)
        with Horizontal(classes="field"):
            yield Label("On", id="settle-prompt")
            yield self._date_input(_DATE, Lean.PAST)
        with Horizontal(classes="field", id="settle-until-line"):
            yield Label("New last day")
            yield self._date_input(_UNTIL, Lean.AHEAD)

    def _date_input(self, name: str, lean: Lean) -> DateInput:
        return DateInput(
            today=self.practice.today(),
            order=self.practice.settings.date_order,
            is_business_day=self.practice.context.calendar.is_working_day,
            allow_past=True,
            lean=lean,
            id=name,
        )

    def compose_standing(self) -> ComposeResult:
        """Lines above the choices; an item of a list stands in the list."""
        yield from ()

    def on_mount(self) -> None:
        """Nothing is asked yet."""
        self._show_lines(())

    # --- several items -----------------------------------------------------------------------

    @property
    def is_batch(self) -> bool:
        """True for several marked items: one key answers for all."""
        return len(self.subject.items) > 1

    @property
    def _walk_key(self) -> str:
        """The key that goes through several items one by one; empty where it is a choice's own."""
        key = self.app.keys_of(BY_ID["verb.run"]).split(",")[0]
        return "" if not self.is_batch or key in {choice.key for choice in self.choices} else key

    def _walk(self) -> None:
        """Card by card instead; nothing is recorded by that."""
        from carecoord_tui.screens.run import RunScreen

        self.dismiss(False)
        self.app.push_screen(RunScreen(self.acts_on, f"{len(self.acts_on)} marked"))

    # --- what is shown -----------------------------------------------------------------------

    def _show_lines(self, fields: tuple[str, ...]) -> None:
        """Lines of what is asked; the day always stands there."""
        self.query_one("#settle-text-line").display = _TEXT in fields
        self.query_one("#settle-usual").display = _TEXT in fields and bool(self._usual())
        self.query_one("#settle-until-line").display = _UNTIL in fields

    def _usual(self) -> tuple[str, ...]:
        """Usual reasons of the pending choice."""
        return REASONS.get(self.pending.act, ()) if self.pending is not None else ()

    # --- keys --------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """A choice's letter; what is none is answered with the keys that are."""
        key = event.character or ""
        if self.focused is not None or not key.isalnum():
            return
        chosen = next((c for c in self.choices if c.key == key), None)
        event.stop()
        if chosen is not None:
            self._choose(chosen)
        elif key == self._walk_key:
            self._walk()
        elif self.choices:
            keys = " ".join([*(c.key for c in self.choices), *self._walk_key])
            self.problem(f"{key} does nothing here. The keys: {keys}; tab for another day, esc back.")

    def _choose(self, choice: Choice) -> None:
        typed = self._day(_DATE)
        typed.lean = LEANS.get(choice.need, Lean.PAST)
        if typed.problem:
            self.problem(typed.problem)
            return
        self.pending = choice
        self.problem("")
        if choice.need in (Need.FORM, Need.HOW):
            self._open_form(choice)
            return
        fields = self._fields(choice)
        self._show_lines(fields)
        if fields:
            self.query_one("#settle-prompt", Label).update(Content(self._day_prompt(choice)))
            self.query_one("#sheet-hint", Static).update(Content(self._asking_hint(choice)))
        if _TEXT in fields:
            self._label_text(choice)
        self._ask(fields)

    def _fields(self, choice: Choice) -> tuple[str, ...]:
        """What this choice asks for. A number belongs to one item: it is not asked for several."""
        if self._lacks_reviewer(choice):
            return (_TEXT,)
        fields = _ASKED.get(choice.need, ())
        return (_DATE,) if choice.need is Need.APPROVAL and len(self.acts_on) > 1 else fields

    def _ask(self, fields: tuple[str, ...]) -> None:
        """Go to the first of these fields that is still to be asked; after the last one, carry out."""
        choice = self.pending
        if choice is None:
            return
        for name in fields:
            if name != _DATE or self._day(_DATE).value is None:
                self.query_one(f"#{name}").focus()
                return
        text = self.query_one(f"#{_TEXT}", Input).value if _TEXT in self._fields(choice) else ""
        self._carry_out(choice, self._day(_DATE).value, text)

    def _entered(self, name: str) -> None:
        """Enter in a field: on to what is asked after it."""
        fields = self._fields(self.pending) if self.pending is not None else ()
        if name in fields:
            self._ask(fields[fields.index(name) + 1 :])
        else:
            self.set_focus(None)

    def _day(self, name: str) -> DateInput:
        return self.query_one(f"#{name}", DateInput)

    def _day_prompt(self, choice: Choice) -> str:
        return choice.prompt if _DATE in self._fields(choice) else "On"

    def _lacks_reviewer(self, choice: Choice) -> bool:
        """True when nobody knows which clinician reviewed the report."""
        if choice.act != f"stage:{ReferralStage.REVIEWED}":
            return False
        rows = [
            self.practice.execute(
                "SELECT r.ordered_by || p.primary_provider FROM referral r"
                " JOIN patient p ON p.id = r.patient_id WHERE r.id = ?",
                [ref.record_id],
            )
            for ref in self.acts_on
        ]
        return any(not row[0][0] for row in rows if row)

    def _label_text(self, choice: Choice) -> None:
        """Say what the text is: the reason with the usual ones, the clinician's name, the number."""
        self.query_one("#settle-usual", Static).update(usual_lines(self._usual()))
        prompt = _LABELS.get(choice.need, "Reviewed by") or choice.prompt
        self.query_one("#settle-text-prompt", Label).update(Content(prompt))

    def _asking_hint(self, choice: Choice) -> str:
        usual = "a digit, or type it and enter · esc back"
        return usual if self._usual() else _HINTS.get(choice.need, "type it, enter · esc back")

    def on_input_changed(self, event: Input.Changed) -> None:
        """A lone digit is one of the usual reasons."""
        if event.input.id != "settle-text" or self.pending is None:
            return
        usual = self._usual()
        if len(event.value) == 1 and event.value.isdecimal() and 1 <= int(event.value) <= len(usual):
            event.stop()
            self._carry_out(self.pending, self._day(_DATE).value, usual[int(event.value) - 1])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter after the reason, the name or the number."""
        if event.input.id == _TEXT and self.pending is not None:
            event.stop()
            self._entered(_TEXT)

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter: on with what asked for the date, or back to the keys."""
        event.stop()
        if event.value is None and event.date_input.id == _DATE:
            self.set_focus(None)
            if self.pending is not None:
                self.problem(f"{self._day_prompt(self.pending)}: a day is needed. The keys work again.")
        else:
            self._entered(event.date_input.id or "")

    def _carry_out(self, choice: Choice, when: When | None, text: str) -> None:
        said = clean_text(text, TEXT_LIMIT)
        needs_text = choice.need in (Need.REASON, Need.WHO, Need.NUMBER) or self._lacks_reviewer(choice)
        if needs_text and not said:
            self.problem("A word or two is needed, or esc goes back.")
            return
        if not self._settle(choice, when, said):
            return
        self.recorded(choice)
        self.dismiss(True)
        self.app.say(f"Recorded: {self._recorded_words(choice, when, said)}.  {UNDO_OFFER}")

    def _recorded_words(self, choice: Choice, when: When | None, said: str) -> str:
        """``approved to Sun 28 Feb, number owed``."""
        day = format_day(when.on, self.practice.today()) if when else ""
        if choice.need is not Need.APPROVAL:
            return f"{choice.label} {day}".strip()
        later = "" if said or len(self.acts_on) > 1 else ", number owed"
        return f"{choice.label} to {day}{later}"

    def recorded(self, choice: Choice) -> None:
        """A choice was carried out; the sheet closes next."""

    def _settle(self, choice: Choice, when: When | None, said: str) -> bool:
        """Carry out; what is probably not meant is said first, and done when the same key comes again."""
        from carecoord_tui.store.actions.appeals import NeedsConfirmation

        asked = (choice, when, said)
        until = self._day(_UNTIL).value if choice.need is Need.EXTENSION else None
        meant = asked == self._warned
        warned: list[NeedsConfirmation] = []

        def act() -> None:
            try:
                settle(self.practice, self.acts_on, choice, when, text=said, until=until, shown=self._shown)
            except NeedsConfirmation as warning:
                if not meant or not warning.act:
                    warned.append(warning)
                    raise
                sure = replace(choice, act=warning.act)
                settle(self.practice, self.acts_on, sure, when, text=said, shown=self._shown)

        if self.attempt(act):
            return True
        self._warned = asked if warned else None
        if warned:
            self.problem(f"{warned[0]} {choice.key} again records it all the same, esc goes back.")
            self.set_focus(None)
        return False

    def _open_form(self, choice: Choice) -> None:
        """A form of its own takes over: it settles the item, or nothing is changed."""
        if len(self.subject.items) > 1:
            self.problem("That is done one at a time: clear the marks (esc) and take one row.")
            return
        item, name = self.subject.items[0].item, self.subject.patient_name
        form: Screen[bool]
        if choice.act == "open:redirect":
            from carecoord_tui.screens.referral_form import ReferralForm

            form = ReferralForm(self.practice, item.patient_id, name, redirect_from=item.record_id)
        elif choice.need is Need.HOW:
            from carecoord_tui.screens.filing import FilingSheet

            form = FilingSheet(self.practice, item.record_id, name, self._day(_DATE).value)
        else:
            from carecoord_tui.screens.documents import DocumentsSheet

            form = DocumentsSheet(self.practice, item.patient_id, name, item.record_id, advance=True)
        self.app.push_screen(form, self._form_closed)

    def _form_closed(self, saved: bool | None) -> None:
        if saved:
            self.dismiss(True)


SCREEN = SettleSheet
