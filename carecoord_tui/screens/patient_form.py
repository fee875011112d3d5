"""Adding and changing a patient by hand, by keyboard alone."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.dates import format_birth
from carecoord_tui.domain.rows import PersonView
from carecoord_tui.domain.vocabulary import InterpreterMode, PayerClass, Risk, Sex, Worded
from carecoord_tui.screens.form_sheet import YES_NO, Field, FormInput, FormSheet
from carecoord_tui.screens.patient_draft import (
    PHONES,
    YES,
    Draft,
    echoes,
    phone_field,
    read_draft,
    texts_of,
)
from carecoord_tui.store.actions.patients import add_patient, edit_patient
from carecoord_tui.store.queries.patients import mrn_owner, payer_class, possible_duplicates
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.widgets.choice import ChoiceRow, Option

PHONE_LABELS = {"m": "mobile", "h": "home", "w": "work", "o": "other"}
PERMITTED = (Option("y", "may be used", YES), Option("n", "not under the confidential channel", ""))
VOICEMAIL = (
    Option("a", "agreed", YES),
    Option("n", "not agreed", "no"),
    Option("u", "not asked", ""),
)
INTERPRETER_MODES = (
    Option("p", InterpreterMode.IN_PERSON.label, InterpreterMode.IN_PERSON.value),
    Option("v", InterpreterMode.VIDEO.label, InterpreterMode.VIDEO.value),
    Option("t", "telephone", InterpreterMode.PHONE.value),
    Option("0", "no preference", ""),
)
_PAYER_KEYS = "mdfpcxerosu"  # in the order of PayerClass
PAYER_CLASSES = tuple(
    Option(key, "not known" if one is PayerClass.UNKNOWN else one.label, one.value)
    for key, one in zip(_PAYER_KEYS, PayerClass, strict=True)
)


def _words(kind: type[Worded]) -> tuple[Option, ...]:
    """Each word by its first letter."""
    return tuple(Option(one.value[0], one.label, one.value) for one in kind)


def _labels(present: str) -> tuple[Option, ...]:
    """The usual words for a number, and the one it has."""
    own = {} if present in PHONE_LABELS.values() else {"x": present}
    return tuple(Option(key, word, word) for key, word in {**PHONE_LABELS, **own}.items())


class PatientForm(FormSheet[int]):
    """The whole patient on one sheet. The result is the patient's number, None when it was left."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "patient_form.tcss"]

    def __init__(self, patient_id: int | None = None) -> None:
        super().__init__()
        self.patient_id = patient_id
        self._duplicates_shown = ""

    def heading(self) -> str:
        """Whose form this is."""
        person = self._person()
        return "New patient" if person is None else f"Edit: {self.app.shown_name(person.name)}"

    def _person(self) -> PersonView | None:
        if self.patient_id is None:
            return None
        return read_person(self.app.reader.execute, self.patient_id, contacts=0, unmasked=True)

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """Every field, in the order a call goes through them."""
        texts = texts_of(self._person())

        def line(label: str, name: str, placeholder: str = "", *, prose: bool = False) -> Field:
            return Field(label, FormInput(texts[name], placeholder=placeholder, id=name, prose=prose))

        def pick(label: str, name: str, options: tuple[Option, ...]) -> Field:
            return Field(label, ChoiceRow(options, value=texts[name], id=name))

        with Vertical(id="form"):
            yield line("Family name", "family_name")
            yield line("Given name", "given_name")
            yield line("Middle name", "middle_name")
            yield line("Suffix", "suffix", "e.g. Jr., III")
            yield line("Goes by", "preferred_name", "when another name is used")
            yield line("Birth date", "birth_date", "day, month and year")
            yield pick("Sex", "sex", _words(Sex))
            yield line("MRN", "mrn")
            yield pick("Risk", "risk", _words(Risk))
            yield Static("Phones", classes="section")
            for place in range(PHONES):
                yield line(f"Phone {place + 1}", phone_field(place, "number"))
                yield pick("", phone_field(place, "label"), _labels(texts[phone_field(place, "label")]))
                yield pick("", phone_field(place, "permitted"), PERMITTED)
            yield Static("Contact rules", classes="section")
            yield line("Language", "language", "when not English")
            yield pick("Interpreter", "interpreter_needed", YES_NO)
            yield pick("  takes part", "interpreter_mode", INTERPRETER_MODES)
            yield line("Calls from", "call_from", "e.g. 9am")
            yield line("Calls until", "call_until", "e.g. 5pm")
            yield pick("Detailed voicemail", "detailed_voicemail", VOICEMAIL)
            yield pick("Confidential", "confidential_channel", YES_NO)
            yield line("Safe contact", "safe_contact", "how to reach this person safely", prose=True)
            yield Static("Address", classes="section")
            yield line("Street", "address_line")
            yield line("City", "city")
            yield line("State", "state")
            yield line("ZIP", "postal_code")
            yield line("Email", "email")
            yield line("Provider", "primary_provider")
            yield Static("Coverage", classes="section")
            yield line("Payer", "payer_name")
            yield pick("Class", "payer_class", PAYER_CLASSES)
            yield line("Plan", "plan_name")
            yield line("Member ID", "member_id")
            yield line("Group", "group_number")

    def on_mount(self) -> None:
        """Echo what is there."""
        self._show_dependent()
        self._echo()

    def on_descendant_focus(self) -> None:
        """A choice may have been stepped: what hangs on it shows."""
        self._show_dependent()
        self._echo()

    def _show_dependent(self) -> None:
        """What hangs on another field: a number's kind and permission, how the interpreter takes part."""
        confidential = bool(self.query_one("#confidential_channel", ChoiceRow).value)
        for place in range(PHONES):
            typed = bool(self.query_one(f"#{phone_field(place, 'number')}", FormInput).value.strip())
            self.field_of(phone_field(place, "label")).display = typed
            self.field_of(phone_field(place, "permitted")).display = typed and confidential
        needs_interpreter = bool(self.query_one("#interpreter_needed", ChoiceRow).value)
        self.field_of("interpreter_mode").display = needs_interpreter

    @on(Input.Changed)
    @on(ChoiceRow.Chosen)
    def _changed(self, event: Input.Changed | ChoiceRow.Chosen) -> None:
        """Say at once what was understood."""
        self._duplicates_shown = ""
        self.problem("")
        control_id = event.control.id or ""
        if self.is_mounted and control_id:
            field = self.field_of(control_id)
            field.show_problem("")
            field.show_note("")
            self._show_dependent()
            self._echo()

    def _echo(self) -> None:
        reader = self.app.reader
        texts = self.texts()
        shown = echoes(texts, today=reader.today(), order=reader.settings.date_order)
        known = payer_class(reader.execute, texts["payer_name"]) if texts["payer_name"] else None
        shown["payer_name"] = f"= {known.label}" if known is not None else ""
        for name, text in shown.items():
            self.field_of(name).show_note(text)

    # --- saving ------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Check, warn of a possible duplicate once, save."""
        draft = self._read()
        if self.show_problems(draft.problems) or self._may_be_duplicate(draft):
            return
        practice = await self.app.full_practice()
        if self.patient_id is not None:
            number = self.patient_id
            if not self.attempt(
                lambda: edit_patient(
                    practice, number, draft.entry, phones=draft.phones, coverage=draft.coverage
                )
            ):
                return
            self.dismiss(number)
            self.app.say("Saved.  u undoes it")
            return
        added: list[int] = []
        if self.attempt(
            lambda: added.append(
                add_patient(practice, draft.entry, phones=draft.phones or (), coverage=draft.coverage)
            )
        ):
            app = self.app
            self.dismiss(added[0])
            app.open_patient(added[0])
            app.call_after_refresh(app.say, "On the caseload, with a check-in date.  u undoes it")

    def _read(self) -> Draft:
        """The fields, on top of the person as they are now: another change meanwhile is kept."""
        reader, texts, person = self.app.reader, self.texts(), self._person()
        today, order = reader.today(), reader.settings.date_order
        draft = read_draft(texts, self._start, person, today=today, order=order)
        if self.patient_id is not None and person is None:
            draft.problems["family_name"] = "This patient is no longer there: adding them was undone."
        mrn = draft.entry.mrn
        if mrn and mrn_owner(reader.execute, mrn) not in (None, self.patient_id):
            draft.problems["mrn"] = "This MRN belongs to another patient; an MRN is given once."
        self._settle_class(draft)
        return draft

    def _settle_class(self, draft: Draft) -> None:
        """A payer has one class for all its patients: it is taken over, and never changed from here."""
        plan = draft.coverage
        known = payer_class(self.app.reader.execute, plan.payer_name) if plan else None
        if plan is None or known is None or plan.payer_class is known:
            return
        if plan.payer_class is PayerClass.UNKNOWN:
            draft.coverage = replace(plan, payer_class=known)
        else:
            draft.problems["payer_class"] = (
                f"This payer is {known.label} for all its patients: give this plan's payer its own name."
            )

    def _may_be_duplicate(self, draft: Draft) -> bool:
        """True the first time somebody of that name and birth date is found; a second save goes on."""
        if self.patient_id is not None:
            return False
        entry = draft.entry
        found = possible_duplicates(
            self.app.reader.execute, entry.family_name, entry.given_name, entry.birth_date
        )
        if not found:
            return False
        first = found[0]
        words = [
            self.app.shown_name(first.name),
            self.app.shown_value(format_birth(first.birth_date)) if first.birth_date else "no birth date",
            f"MRN {self.app.shown_value(first.mrn)}" if first.mrn else "no MRN",
        ]
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        text = f"Possible duplicate: {', '.join(words)}{more}. ctrl+s again saves anyway."
        if text == self._duplicates_shown:
            return False
        self._duplicates_shown = text
        self.problem(text)
        return True


SCREEN = PatientForm
