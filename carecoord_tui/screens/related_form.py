"""A person around the patient: who they are, and what they may be told until when."""

from __future__ import annotations

from datetime import date

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from carecoord_tui.domain.dates import (
    DateError,
    age_on,
    format_birth,
    format_full_day,
    parse_birth_date,
    parse_when,
)
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import IdentifierError, format_phone, parse_phone
from carecoord_tui.domain.people import authority
from carecoord_tui.domain.rows import RelatedRow
from carecoord_tui.screens.form_sheet import YES_NO, Field, FormInput, FormSheet
from carecoord_tui.store.actions.patients import put_related_person
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.widgets.choice import ChoiceRow, Option

GUARDIAN = (
    Option("y", "parent or guardian, lapses at 18", "yes"),
    Option("n", "no", ""),
)
"""The guardian of an adult is an authorized person whose scope says so: nothing lapses then."""


class RelatedSheet(FormSheet[bool]):
    """Add or change a related person. Authority always says what for."""

    def __init__(
        self, practice: Practice, patient_id: int, patient_name: str, related: RelatedRow | None = None
    ) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name
        self.related = related

    def heading(self) -> str:
        """Around whom."""
        related = self.related
        what = "Related person of" if related is None else f"{self.app.shown_name(related.name)}, for"
        return f"{what} {self.app.shown_name(self.patient_name)}"

    def compose_body(self) -> ComposeResult:
        """The fields."""
        one = self.related
        until = format_full_day(one.scope_until) if one and one.scope_until else ""
        authorized = "yes" if one and one.is_authorized else ""
        emergency = "yes" if one and one.is_emergency_contact else ""
        phone = format_phone(one.phone) if one and one.phone else ""
        born = format_birth(one.birth_date) if one and one.birth_date else ""
        yield Field("Name", FormInput(one.name if one else "", id="name"))
        yield Field(
            "Relationship",
            FormInput(
                one.relationship if one else "", placeholder="e.g. daughter, neighbor", id="relationship"
            ),
        )
        yield Field("Phone", FormInput(phone, id="phone"))
        yield Field("Authorized", ChoiceRow(YES_NO, value=authorized, id="authorized"))
        yield Field(
            "May be told",
            FormInput(one.scope if one else "", placeholder="e.g. appointments, results", id="scope"),
        )
        yield Field("Until", FormInput(until, placeholder="empty: until taken back", id="until"))
        yield Field("Emergency", ChoiceRow(YES_NO, value=emergency, id="emergency"))
        yield Field(
            "Guardian", ChoiceRow(GUARDIAN, value="yes" if one and one.is_guardian else "", id="guardian")
        )
        yield Field("Email", FormInput(one.email if one else "", id="email"))
        yield Field("Birth date", FormInput(born, placeholder="day, month and year", id="birth_date"))
        yield Field("Language", FormInput(one.language if one else "", id="language"))
        yield Field("Note", FormInput(one.note if one else "", id="note", prose=True))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        """Say at once what was understood."""
        if not self.is_mounted or event.input.id is None:
            return
        self.problem("")
        field = self.field_of(event.input.id)
        field.show_problem("")
        field.show_note("")
        try:
            if event.input.id == "until" and (day := self._until(event.value)):
                field.show_note(f"= {format_full_day(day)}")
                self._note_expiry(day)
            elif event.input.id == "birth_date" and (day := self._birth(event.value)):
                field.show_note(f"= {format_birth(day)}, {age_on(day, self.practice.today())}")
            elif event.input.id == "phone" and event.value.strip():
                field.show_note(f"= {format_phone(parse_phone(event.value))}")
        except (DateError, IdentifierError):
            return  # half typed; saving says what is wrong

    def on_mount(self) -> None:
        """Say what became of the authority on file."""
        if self.related is None:
            return
        person = read_person(self.practice.execute, self.patient_id, contacts=0)
        if person is None:
            return
        found = authority(
            self.related,
            self.practice.today(),
            person.birth_date,
            minor_consented=bool(person.minor_consent),
        )
        if self.related.is_authorized and not found.in_force:
            self.field_of("authorized").show_note(found.words)

    def _note_expiry(self, until: date) -> None:
        """A day that has passed gives no authority."""
        if until < self.practice.today():
            self.field_of("until").show_note(f"= {format_full_day(until)}: expired")

    def _until(self, text: str) -> date | None:
        if not text.strip():
            return None
        return parse_when(
            text,
            today=self.practice.today(),
            order=self.practice.settings.date_order,
            is_business_day=self.practice.context.calendar.is_working_day,
            allow_past=True,
        ).on

    def _birth(self, text: str) -> date | None:
        if not text.strip():
            return None
        return parse_birth_date(text, today=self.practice.today(), order=self.practice.settings.date_order)

    async def action_save(self) -> None:
        """Check and save."""
        texts = self.texts()
        problems: dict[str, str] = {}
        phone, until, birth_date = "", None, None
        if not texts["name"]:
            problems["name"] = "That person needs a name."
        try:
            birth_date = self._birth(texts["birth_date"])
        except DateError as error:
            problems["birth_date"] = str(error)
        try:
            phone = self._phone(texts["phone"])
        except IdentifierError as error:
            problems["phone"] = str(error)
        if texts["email"] and "@" not in texts["email"]:
            problems["email"] = "An email address has an @, such as name@example.org."
        if texts["authorized"] and not texts["scope"]:
            problems["scope"] = "Say what they may be told, for example: appointments, results."
        try:
            until = self._until(texts["until"])
        except DateError as error:
            problems["until"] = str(error)
        if self.show_problems(problems):
            return
        related_id = self.related.id if self.related else None
        if self.attempt(
            lambda: put_related_person(
                self.practice,
                self.patient_id,
                related_id=related_id,
                version=self.related.version if self.related else None,
                name=clean_text(texts["name"], 160),
                relationship=clean_text(texts["relationship"], 60),
                phone=phone,
                is_authorized=bool(texts["authorized"]),
                scope=clean_text(texts["scope"], 200),
                scope_until=until,
                is_emergency_contact=bool(texts["emergency"]),
                note=clean_text(texts["note"], 400),
                birth_date=birth_date,
                language=clean_text(texts["language"], 60),
                email=clean_text(texts["email"], 200),
                is_guardian=bool(texts["guardian"]),
            )
        ):
            self.dismiss(True)
            self.app.say("Saved.  u undoes it")

    def _phone(self, typed: str) -> str:
        """A number that was not touched stays as it is stored."""
        if self.related is not None and typed == self._start["phone"]:
            return self.related.phone
        return parse_phone(typed) if typed else ""


SCREEN = RelatedSheet
