"""Move items to another date, or until an event with a fallback date."""

from __future__ import annotations

from datetime import timedelta

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Label, Static

from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.vocabulary import MoveEvent
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import DIM, styled

WEEKDAY_KEYS = {"M": 0, "T": 1, "W": 2, "H": 3, "F": 4}
EVENTS: tuple[MoveEvent | None, ...] = (None, *MoveEvent)


class MoveSheet(Sheet[bool]):
    """``enter`` takes the proposed date, a typed date wins, ``M T W H F`` take that weekday at once."""

    def __init__(self, practice: Practice, subject: Subject) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self.event_index = 0
        self.last_day = min(
            (r.item.legal_on for r in subject.items if r.item.legal_on is not None), default=None
        )

    def heading(self) -> str:
        """What moves."""
        items = self.subject.items
        if len(items) > 1:
            return f"Move {len(items)} items to"
        name = self.app.shown_name(self.subject.patient_name)
        return f"Move: {items[0].title} · {name}"

    def hint(self) -> str:
        """The keys."""
        return "enter takes it · M T W H F that weekday · down: until an event · esc back"

    def compose_body(self) -> ComposeResult:
        """The date, the event, the last day when there is one."""
        with Horizontal(classes="field"):
            yield Label("Move to")
            yield DateInput(
                today=self.practice.today(),
                order=self.practice.settings.date_order,
                is_business_day=self.practice.context.calendar.is_working_day,
                proposal=self._proposal(),
                id="move-date",
            )
        yield Static(self._event_line(), id="move-event")
        if self.last_day is not None:
            yield Static(styled(f"Last day {format_day(self.last_day, self.practice.today())}", DIM))

    def _proposal(self) -> When:
        """The working day after today, or after the item's own date when that is still ahead."""
        today = self.practice.today()
        start = max([today, *(r.item.target_on for r in self.subject.items[:1])])
        day = self.practice.context.calendar.next_working_day(start)
        if self.last_day is not None and day > self.last_day >= today:
            day = self.last_day
        return When(day, None)

    def _event_line(self) -> Content:
        event = EVENTS[self.event_index]
        if event is None:
            return styled("until that day", DIM)
        return styled(f"{event.label}; at the latest that day")

    def on_key(self, event: events.Key) -> None:
        """Up and down choose an event."""
        if event.key in ("down", "up"):
            event.stop()
            step = 1 if event.key == "down" else -1
            self.event_index = (self.event_index + step) % len(EVENTS)
            self.query_one("#move-event", Static).update(self._event_line(), layout=False)

    def on_date_input_changed(self, event: DateInput.Changed) -> None:
        """A capital weekday letter alone is taken at once."""
        event.stop()
        weekday = WEEKDAY_KEYS.get(event.date_input.text)
        if weekday is not None:
            today = self.practice.today()
            ahead = (weekday - today.weekday() - 1) % 7 + 1
            self._take(When(today + timedelta(days=ahead), None))

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter: the typed date, or the proposed one."""
        event.stop()
        if event.value is not None:
            self._take(event.value)

    def _take(self, until: When) -> None:
        event = EVENTS[self.event_index]
        refs = self.subject.refs
        if not self.attempt(lambda: move(self.practice, refs, until, event=event)):
            self.query_one(DateInput).clear()
            return
        self.dismiss(True)
        today = self.practice.today()
        what = f", {event.label}" if event else ""
        self.app.say(f"Moved to {format_day(until.on, today)}{what}.  u undoes it")


SCREEN = MoveSheet
