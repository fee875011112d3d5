"""Adding and changing an office by hand: every field on one sheet, saved as one change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.suggester import SuggestFromList
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.identifiers import (
    IdentifierError,
    format_phone,
    normalize_npi,
    normalize_taxonomy,
    npi_error,
    parse_phone,
)
from carecoord_tui.domain.provider_rows import NetworkRow, ProviderRow
from carecoord_tui.domain.provider_words import (
    ProviderWordsError,
    kind_of_name,
    offered_plans,
    parse_plans,
    parse_wait,
    plans_text,
    plans_words,
    wait_words,
)
from carecoord_tui.domain.vocabulary import NetworkStatus, ProviderKind
from carecoord_tui.screens.calling_hours_fields import FIELDS, hours_echo, hours_texts, read_hours
from carecoord_tui.screens.form_sheet import YES_NO, Field, FormInput, FormSheet
from carecoord_tui.store.actions.providers import ProviderEntry, add_provider, edit_provider
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.providers import (
    namesake,
    networks_of,
    npi_owner,
    payer_names,
    read_provider,
    specialties,
)
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.type_ahead import Suggestion, TypeAhead

KINDS = (
    Option("p", "person", ProviderKind.PERSON.value),
    Option("o", "organization", ProviderKind.ORGANIZATION.value),
)
PHONES = ("phone", "referral_phone", "fax")
LONGEST = {
    "name": 160, "organization": 160, "specialty": 80, "address": 240, "wants": 600, "note": 400,
    "source": 80,
}  # fmt: skip
YES = "yes"
NPI_DIGITS = 10
PROSE = ("wants", "note")


def texts_of(office: ProviderRow, networks: Sequence[NetworkRow]) -> dict[str, str]:
    """What the form shows for an office, by control."""
    texts = {name: getattr(office, name) for name in LONGEST if name != "source"}
    texts |= {name: format_phone(getattr(office, name)) for name in PHONES}
    return texts | {
        "kind": office.kind.value,
        "npi": office.npi,
        "taxonomy": office.taxonomy,
        "usual_wait": wait_words(office.usual_wait_days),
        "plans": plans_text(networks),
        "source": "",
        **hours_texts(office),
        "is_active": YES if office.is_active else "",
    }


class ProviderForm(FormSheet[int]):
    """One office. The result is its number, None when the form was left."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "provider_form.tcss"]

    def __init__(
        self, practice: Practice, provider_id: int | None = None, *, name: str = "", specialty: str = ""
    ) -> None:
        """``name`` and ``specialty`` prefill a new office."""
        super().__init__()
        self.practice, self.provider_id = practice, provider_id
        stored = None if provider_id is None else read_provider(practice.execute, provider_id)
        self._stored = stored or ProviderRow(id=0, name=name, specialty=specialty)
        self._networks = networks_of(practice.execute, provider_id or 0)
        self._payers = payer_names(practice.execute)
        self._namesake_shown = ""
        self._kind_is_meant = provider_id is not None  # chosen by hand, or stored

    def heading(self) -> str:
        """Whose form this is."""
        if self.provider_id is None:
            return "New in the directory: an organization or a person"
        return f"Edit: {self._stored.name}"

    def hint(self) -> str:
        """The keys."""
        return "enter take, next · tab down next · up back · ctrl+s save · esc leave"

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """Every field; what identifies an office first, then how to reach it, then what it takes."""
        texts = texts_of(self._stored, self._networks)

        def line(label: str, name: str, hint: str = "") -> Field:
            control = FormInput(texts[name], placeholder=hint, id=name, prose=name in PROSE)
            control.max_length = LONGEST.get(name)
            if name == "specialty":
                known = specialties(self.practice.execute)
                control.suggester = SuggestFromList(known, case_sensitive=False)
            return Field(label, control)

        plans = TypeAhead(
            self._plans, value=texts["plans"], placeholder="a payer, then in or out", id="plans"
        )
        with Vertical(id="form"):
            yield line("Name", "name", "as referrals name it")
            yield Field("Kind", ChoiceRow(KINDS, value=texts["kind"], id="kind"))
            yield line("Organization", "organization")
            yield line("Specialty", "specialty", "what is sent there")
            yield line("NPI", "npi", "ten digits")
            yield line("Taxonomy", "taxonomy", "ten letters and digits")
            yield line("Phone", "phone")
            yield line("Referral desk", "referral_phone", "when another number")
            yield line("Fax", "fax")
            for label, name, hint in FIELDS:
                yield line(label, name, hint)
            yield line("Address", "address")
            yield line("Usual wait", "usual_wait", "in days, weeks or months")
            yield line("They want", "wants", "what must come with a referral")
            yield Field("Plans", plans)
            yield Static("", id="plans-echo", markup=False)
            yield line("Plans told by", "source", "who said so")
            yield line("Note", "note")
            if self.provider_id is not None:
                yield Field("Offered", ChoiceRow(YES_NO, value=texts["is_active"], id="is_active"))

    def on_mount(self) -> None:
        """Echo the plans that are there; a name that came along says the kind."""
        self._echo_plans(self.texts()["plans"])
        self._guess_kind(self.texts()["name"])

    def texts(self) -> dict[str, str]:
        """Every field, the plans too."""
        return {**super().texts(), "plans": self.query_one("#plans", TypeAhead).value.strip()}

    # --- what was typed or taken -----------------------------------------------------------------

    def _plans(self, text: str) -> list[Suggestion]:
        return [
            Suggestion(label, label, fills=fills)
            for label, fills in offered_plans(text, self._payers.values())
        ]

    @on(TypeAhead.Changed)
    @on(TypeAhead.Chosen)
    def _plans_changed(self, event: TypeAhead.Changed | TypeAhead.Chosen) -> None:
        self.problem("")
        self.field_of("plans").show_problem("")
        self._echo_plans(event.control.value)

    def _guess_kind(self, name: str) -> None:
        """The kind a name speaks of, until somebody says it."""
        if not self._kind_is_meant:
            kind = kind_of_name(name) or self._stored.kind
            self.query_one("#kind", ChoiceRow).value = kind.value

    @on(ChoiceRow.Chosen, "#kind")
    def _kind_chosen(self) -> None:
        self._kind_is_meant = True

    @on(Input.Submitted, "#npi")
    def _npi_entered(self, event: Input.Submitted) -> None:
        """Enter does not go on from a number that is none: it would be noticed only on saving."""
        problems: dict[str, str] = {}
        if event.value.strip():
            self._check_npi(event.value.strip(), problems)
        if problems:
            event.stop()
            event.prevent_default()
            self.field_of("npi").show_problem(problems["npi"])

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        """Say at once what was understood."""
        if not self.is_mounted or event.input.id is None:
            return
        self.problem("")
        if event.input.id == "name":
            self._guess_kind(event.value)
        field, typed = self.field_of(event.input.id), event.value.strip()
        is_npi = event.input.id == "npi" and typed != self._start.get("npi")
        field.show_problem(self._npi_problem(typed) if is_npi else "")
        field.show_note(self._understood(event.input.id, typed))

    def _understood(self, name: str, typed: str) -> str:
        """The echo beside a field; empty while it is half typed, saving says what is wrong."""
        if not typed or typed == self._start.get(name):
            return ""
        if echo := hours_echo(name, typed, self.practice.moment().local):
            return echo
        if name == "npi":
            is_whole = sum(one.isdigit() for one in typed) >= NPI_DIGITS
            return "= check digit fits" if is_whole and not self._npi_problem(typed) else ""
        try:
            if name in PHONES:
                return f"= {format_phone(parse_phone(typed))}"
            if name == "usual_wait":
                days = parse_wait(typed)
                return f"= {days} days" if days is not None else ""
        except (IdentifierError, ProviderWordsError):
            return ""
        return ""

    def _npi_problem(self, typed: str) -> str:
        """What is wrong with a whole number, at once; nothing while it is half typed."""
        problems: dict[str, str] = {}
        if sum(one.isdigit() for one in typed) >= NPI_DIGITS:
            self._check_npi(typed, problems)
        return problems.get("npi", "")

    def _echo_plans(self, typed: str) -> None:
        """What was understood; what was not stands at the field after saving, once."""
        try:
            words = plans_words(parse_plans(typed, self._payers), self._payers)
        except ProviderWordsError:
            words = ""
        line = self.query_one("#plans-echo", Static)
        line.update(Content(safe_text(words)))
        line.display = bool(self._payers and words)

    # --- saving ------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Check every field, warn of a namesake once, save all in one change."""
        texts = self.texts()
        problems: dict[str, str] = {}
        entry = self._entry(texts, problems)
        networks = self._changed_plans(texts["plans"], problems)
        if self.show_problems(problems) or self._has_namesake(texts):
            return
        saved: list[int] = []
        if self.attempt(lambda: saved.append(self._save(entry, networks, texts["source"]))):
            app = self.app
            self.dismiss(saved[0])
            app.call_after_refresh(app.say, "Saved.  u undoes it")

    def _save(self, entry: ProviderEntry, networks: dict[int, NetworkStatus], source: str) -> int:
        if self.provider_id is None:
            return add_provider(self.practice, entry, networks=networks, source=source)
        edit_provider(self.practice, self.provider_id, entry, networks=networks, source=source)
        return self.provider_id

    def _entry(self, texts: dict[str, str], problems: dict[str, str]) -> ProviderEntry:
        """The fields as the store takes them; what is wrong goes to ``problems`` by its control."""
        if not texts["name"]:
            problems["name"] = "An office needs a name."
        for name in PHONES:
            texts[name] = self._phone(name, texts[name], problems)
        if texts["npi"]:
            self._check_npi(texts["npi"], problems)
        days = None
        try:
            if texts["taxonomy"]:
                normalize_taxonomy(texts["taxonomy"])
        except IdentifierError as error:
            problems["taxonomy"] = str(error)
        try:
            days = parse_wait(texts["usual_wait"])
        except ProviderWordsError as error:
            problems["usual_wait"] = str(error)
        plain = {name: texts[name] for name in LONGEST if name != "source"}
        return ProviderEntry(
            **plain,
            **{name: texts[name] for name in (*PHONES, "npi", "taxonomy")},
            kind=ProviderKind(texts["kind"]),
            **read_hours(texts, problems),
            usual_wait_days=days,
            is_active=bool(texts.get("is_active", YES)),
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

    def _check_npi(self, typed: str, problems: dict[str, str]) -> None:
        if error := npi_error(typed):
            problems["npi"] = error
            return
        owner = npi_owner(self.practice.execute, normalize_npi(typed))
        if owner is not None and owner[0] != self.provider_id:
            problems["npi"] = f"This NPI is {owner[1]}'s: an NPI is given once."

    def _changed_plans(self, typed: str, problems: dict[str, str]) -> dict[int, NetworkStatus]:
        """Only what differs from the file: a plan that stays keeps the day it was asked."""
        try:
            wanted = parse_plans(typed, self._payers)
        except ProviderWordsError as error:
            problems["plans"] = str(error)
            return {}
        known = {row.payer_id: row.status for row in self._networks}
        return {
            number: status
            for number in self._payers
            if (status := wanted.get(number, NetworkStatus.UNKNOWN)) is not known.get(number)
        }

    def _has_namesake(self, texts: dict[str, str]) -> bool:
        """True the first time an office of that name is found; a second save goes on."""
        if self.provider_id is not None:
            return False
        found = namesake(self.practice.execute, texts["name"], texts["organization"])
        if found is None:
            return False
        kind = f" ({found.specialty})" if found.specialty else ""
        text = f"{found.name}{kind} is in the directory already. ctrl+s again saves another one."
        if text == self._namesake_shown:
            return False
        self._namesake_shown = text
        self.problem(text)
        return True


SCREEN = ProviderForm
