"""Where a person stands: active, on hold until a day, discharged with a reason, died."""

from __future__ import annotations

from datetime import date, timedelta

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.rows import PersonView
from carecoord_tui.domain.vocabulary import Kind, PatientStatus
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.form_sheet import Field, FormInput, FormSheet
from carecoord_tui.store.actions.patients import set_status
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import WAITING, styled

REVIEW_AFTER = timedelta(days=30)
STATUSES = (
    Option("a", "active", PatientStatus.ACTIVE.value),
    Option("h", "on hold", PatientStatus.ON_HOLD.value),
    Option("d", "discharged", PatientStatus.DISCHARGED.value),
    Option("x", "died", PatientStatus.DECEASED.value),
)
NOTE_LABELS = {
    PatientStatus.ACTIVE: "Note",
    PatientStatus.ON_HOLD: "Why",
    PatientStatus.DISCHARGED: "Reason",
    PatientStatus.DECEASED: "Told by",
}
FIRST_NEEDED = {
    PatientStatus.ON_HOLD: "hold-until",
    PatientStatus.DISCHARGED: "status-note",
    PatientStatus.DECEASED: "died-on",
}


class StatusSheet(FormSheet[bool]):
    """One key for the status, then what that status needs; ``a`` takes somebody up again at once."""

    def __init__(self, practice: Practice, subject: Subject) -> None:
        super().__init__()
        self.practice, self.subject = practice, subject
        self.person = read_person(practice.execute, subject.patient_id or 0, contacts=0)

    def heading(self) -> str:
        """Whose status."""
        name = self.app.shown_name(self.person.name) if self.person else "nobody"
        return f"Status of {name}"

    def hint(self) -> str:
        """The keys."""
        return "a h d x choose · enter next, then save · esc back"

    def compose_body(self) -> ComposeResult:
        """The status, its date, its words, and what it leaves open."""
        person, today = self.person, self.practice.today()
        now = person.status if person else PatientStatus.ACTIVE
        review = person.hold_until if person and person.hold_until and person.hold_until > today else None
        died = person.deceased_on if person else None
        calendar = self.practice.context.calendar
        proposal = review or calendar.next_working_day_on_or_after(today + REVIEW_AFTER)
        yield Field("Status", ChoiceRow(STATUSES, value=now.value, id="status"))
        yield Field("Look again on", self._date_input("hold-until", When(proposal, None)))
        yield Field("Died on", self._date_input("died-on", When(died, None) if died else None))
        yield Field("Note", FormInput(_words_on_file(person), id="status-note", prose=True))
        yield Static("", id="status-warning", markup=False)

    def _date_input(self, control_id: str, proposal: When | None) -> DateInput:
        return DateInput(
            today=self.practice.today(),
            order=self.practice.settings.date_order,
            is_business_day=self.practice.context.calendar.is_working_day,
            proposal=proposal,
            allow_past=control_id == "died-on",
            id=control_id,
        )

    def on_mount(self) -> None:
        """Only what the present status needs."""
        self._show_needed()

    @property
    def status(self) -> PatientStatus:
        """What is chosen."""
        return PatientStatus(self.query_one("#status", ChoiceRow).value or PatientStatus.ACTIVE.value)

    def on_descendant_focus(self) -> None:
        """The choice may have been stepped."""
        self._show_needed()

    @on(ChoiceRow.Chosen)
    async def _chosen(self) -> None:
        """A status taken by its key goes on to what it needs; active needs nothing."""
        self.problem("")
        self._show_needed()
        if self.status is PatientStatus.ACTIVE:
            await self.action_save()
        else:
            self.query_one(f"#{FIRST_NEEDED[self.status]}").focus()

    def _show_needed(self) -> None:
        status = self.status
        self.field_of("hold-until").display = status is PatientStatus.ON_HOLD
        self.field_of("died-on").display = status is PatientStatus.DECEASED
        note = self.field_of("status-note")
        note.show_label(NOTE_LABELS[status])
        note.display = status is not PatientStatus.ACTIVE
        self._fit_note(status)
        self.query_one("#status-warning", Static).update(styled(self._warning(status), WAITING))

    def _fit_note(self, status: PatientStatus) -> None:
        """Words that belong to the present status are not carried into another."""
        words = self.query_one("#status-note", FormInput)
        kept = _words_on_file(self.person)
        is_present = self.person is not None and status is self.person.status
        if is_present and not words.value:
            words.value = kept
        elif not is_present and words.value == kept:
            words.value = ""

    def _warning(self, status: PatientStatus) -> str:
        """What stays open and needs a decision."""
        items = items_of(self.practice.execute, self.subject.patient_id or 0, self.practice.moment())
        count = sum(ranked.item.kind is not Kind.PATIENT for ranked in items)
        things = "1 item stays" if count == 1 else f"{count} items stay"
        if status is PatientStatus.DECEASED:
            rest = f" {things.capitalize()} on the list until decided." if count else ""
            return f"Outreach and visits stop; appeals and billing go on.{rest}"
        if status is PatientStatus.DISCHARGED and count:
            return f"{things} open and on the list: each needs a decision."
        return ""

    async def action_save(self) -> None:
        """Check what the status needs and save it."""
        if self.person is None:
            self.problem("This patient is no longer there: adding them was undone.")
            return
        status = self.status
        hold_until = self._date("hold-until") if status is PatientStatus.ON_HOLD else None
        died_on = self._date("died-on") if status is PatientStatus.DECEASED else None
        for control_id, needed in (
            ("hold-until", PatientStatus.ON_HOLD),
            ("died-on", PatientStatus.DECEASED),
        ):
            problem = self.query_one(f"#{control_id}", DateInput).problem
            if status is needed and problem:
                self.problem(problem)
                return
        note = self.query_one("#status-note", FormInput).value.strip()
        if status is PatientStatus.DISCHARGED and not note:
            self.problem("Say why this person leaves the caseload.")
            self.query_one("#status-note", FormInput).focus()
            return
        if status is PatientStatus.DECEASED and (died_on is None or not note):
            missing, at = ("the day", "#died-on") if died_on is None else ("who told you", "#status-note")
            self.problem(f"A death is recorded with its day and who told you: type {missing}.")
            self.query_one(at).focus()
            return
        patient_id = self.person.id
        if not self.attempt(
            lambda: set_status(
                self.practice,
                patient_id,
                status,
                hold_until=hold_until,
                deceased_on=died_on,
                note="" if status is PatientStatus.ACTIVE else note,
            )
        ):
            return
        until = f" until {format_day(hold_until, self.practice.today())}" if hold_until else ""
        self.dismiss(True)
        self.app.say(f"Now {status.label}{until}.  u undoes it")

    def _date(self, control_id: str) -> date | None:
        value = self.query_one(f"#{control_id}", DateInput).value
        return value.on if value else None


def _words_on_file(person: PersonView | None) -> str:
    """The words that go with the present status: of a death who told of it, else why."""
    if person is None:
        return ""
    return person.deceased_told_by or person.status_note


SCREEN = StatusSheet
