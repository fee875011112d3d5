"""A follow-up is done: what comes next? ``x x`` is done and nothing next; a day makes the next one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from carecoord_tui.domain.check_in import next_check_in
from carecoord_tui.domain.dates import When, echo, format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.recurrence import RecurrenceError, describe, next_after
from carecoord_tui.domain.vocabulary import Kind, PatientStatus
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.move import WEEKDAY_KEYS
from carecoord_tui.screens.note import NoteSheet
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.follow_ups import TITLE_LIMIT, complete_with_next
from carecoord_tui.store.actions.items import complete, drop
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.records import read_follow_up
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import DIM, styled

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp


class DoneSheet(Sheet[bool]):
    """``x`` or ``enter``: done. A typed day or ``M T W H F``: done, and a follow-up then. ``D`` drops it."""

    AUTO_FOCUS = ""

    def __init__(self, practice: Practice, subject: Subject) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self.ref = subject.items[0].item.ref
        record = read_follow_up(practice.execute, self.ref.record_id)
        self.title_now = clean_text(record.title if record else subject.items[0].title, TITLE_LIMIT)
        self.recurrence = record.recurrence if record else ""
        self.due_on = record.due_on if record else practice.today()
        self.nothing_next = self._after()

    def heading(self) -> str:
        """What is done."""
        return f"Done: {self.title_now} · {self.app.shown_name(self.subject.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "x done · a day or M T W H F: done, next then · n note · D not done, drop · esc"

    def compose_body(self) -> ComposeResult:
        """What follows by itself, and the next one."""
        yield Static(styled(self.nothing_next, DIM), id="done-after")
        with Horizontal(classes="field"):
            yield Label("Next on")
            yield DateInput(
                today=self.practice.today(),
                order=self.practice.settings.date_order,
                is_business_day=self.practice.context.calendar.is_working_day,
                id="done-next",
            )
        with Horizontal(classes="field"):
            yield Label("What")
            yield Input(self.title_now, id="done-title", max_length=TITLE_LIMIT, select_on_focus=False)

    # --- what follows ----------------------------------------------------------------------------

    def _after(self) -> str:
        """What is next when nothing is set: the recurrence, what else is open, or the check-in."""
        today = self.practice.today()
        if self.recurrence:
            try:
                day = next_after(
                    self.recurrence, self.due_on, self.practice.context.calendar.is_working_day, after=today
                )
                return f"Repeats {describe(self.recurrence)}: the next is {format_day(day, today)}"
            except RecurrenceError as error:
                return str(error)
        others = [
            ranked
            for ranked in items_of(self.practice.execute, self.ref.patient_id, self.practice.moment())
            if (ranked.item.kind, ranked.item.record_id) != (Kind.FOLLOW_UP, self.ref.record_id)
        ]
        if others:
            soonest = min(others, key=lambda ranked: ranked.item.target_on)
            more = f", and {len(others) - 1} more open" if len(others) > 1 else ""
            return f"Next: {soonest.title} · {format_day(soonest.item.target_on, today)}{more}"
        return self._check_in()

    def _check_in(self) -> str:
        """The check-in that keeps the person from having no date; as ``reset_check_in`` will set it."""
        person = read_person(self.practice.execute, self.ref.patient_id, contacts=0)
        if person is None or person.status is not PatientStatus.ACTIVE:
            return "Nothing else is open"
        today, context = self.practice.today(), self.practice.context
        day = next_check_in(context.pack, context.calendar, person.risk, after=today)
        if person.check_in_on is not None and person.check_in_on > day:
            day = person.check_in_on
        return f"Next: check-in {format_day(day, today)}"

    # --- keys ------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """The keys of the sheet; any other character begins a date. Typing in a field goes to the field."""
        if self.focused is not None:
            return
        key = event.character or ""
        if key == "x" or event.key == "enter":
            self._finish()
        elif key in WEEKDAY_KEYS:
            today = self.practice.today()
            ahead = (WEEKDAY_KEYS[key] - today.weekday() - 1) % 7 + 1
            self._finish_with_next(When(today + timedelta(days=ahead)))
        elif key == "n":
            self.app.push_screen(NoteSheet(self.practice, self.subject))
        elif key == "D":
            self._drop()
        elif key.isalnum() or key == "+":
            self._begin_date(key)
        else:
            return
        event.stop()
        event.prevent_default()

    def _begin_date(self, character: str) -> None:
        field = self.query_one(DateInput)
        typed = field.query_one(Input)
        typed.select_on_focus = False  # the next character goes behind this one
        typed.value = character
        field.focus()
        typed.cursor_position = len(character)

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter in the date."""
        event.stop()
        self._submit(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the title of the next one."""
        event.stop()
        field = self.query_one(DateInput)
        if field.problem:
            field.focus()
        else:
            self._submit(field.value)

    def _submit(self, when: When | None) -> None:
        if when is not None:
            self._finish_with_next(when)
        elif self._next_title() == self.title_now:
            self._finish()
        else:
            self.problem("When is the next one? Type a day, or esc and x for nothing next.")
            self.query_one(DateInput).focus()

    def _next_title(self) -> str:
        return self.query_one("#done-title", Input).value.strip()

    # --- acts ------------------------------------------------------------------------------------

    def _finish(self) -> None:
        if self.attempt(lambda: complete(self.practice, [self.ref])):
            self.dismiss(True)
            self.app.say(f"Done. {self.nothing_next}.  u undoes it")

    def _finish_with_next(self, due: When) -> None:
        title = self._next_title()
        if self.attempt(lambda: complete_with_next(self.practice, self.ref.record_id, title=title, due=due)):
            self.dismiss(True)
            self.app.say(f"Done. Next: {title}, {echo(due)}.  u undoes it")

    def _drop(self) -> None:
        if self.attempt(lambda: drop(self.practice, [self.ref])):
            self.dismiss(True)
            self.app.say("Dropped, not done.  u undoes it")


def finish_at_once(app: CarecoordApp, practice: Practice, subject: Subject) -> None:
    """Mark the follow-ups done in one change; what repeats or checks in is dated by itself."""
    refs = subject.refs
    if app.attempt(lambda: complete(practice, refs)):
        people = len({ref.patient_id for ref in refs})
        of = f" of {people} people" if people > 1 else ""
        app.say(
            f"{len(refs)} follow-ups{of} done; check-ins are set where nothing else is open.  u undoes it"
        )


SCREEN = DoneSheet
