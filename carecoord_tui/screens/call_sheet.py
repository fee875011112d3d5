"""A call to an office, a payer or anybody else who is waited for: one key for how it ended, then fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, Static

from carecoord_tui.domain.asking_again import looks_words, next_look
from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.call_log import MOST_MINUTES, NAME_LIMIT, NOTE_LIMIT, REFERENCE_LIMIT
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import DIM, STRONG, styled

NAMES_SHOWN = 2  # in a heading; the rest is counted
REFERENCE, MINUTES, WHO, DAY, NOTE = "call-reference", "call-minutes", "call-who", "call-day", "call-note"
_LINES = {
    REFERENCE: ("Reference no.", REFERENCE_LIMIT),
    MINUTES: ("Minutes", len(str(MOST_MINUTES))),
    WHO: ("Spoke with", NAME_LIMIT),
    NOTE: ("Note", NOTE_LIMIT),
}


@dataclass(frozen=True, slots=True)
class Ending:
    """One way a call ends: its key, what it is, what follows from it."""

    key: str
    label: str
    after: str


class CallSheet(Sheet[bool]):
    """Subclasses give ``endings`` and ``record``; ``tab`` goes through the ``FIELDS``, a letter logs it."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = """
    CallSheet #sheet { overflow-y: auto; scrollbar-size-vertical: 1; }
    CallSheet #call-facts, CallSheet #call-endings { height: auto; margin-bottom: 1; }
    """
    FIELDS: ClassVar[tuple[str, ...]] = (REFERENCE, MINUTES, WHO, DAY, NOTE)
    day_label = "Answer by"
    asks_before_leaving = True

    def __init__(self, practice: Practice) -> None:
        super().__init__()
        self.practice = practice
        self.items: Sequence[Ranked] = ()

    def endings(self) -> Sequence[Ending]:
        """How the call may end."""
        raise NotImplementedError

    def record(self, ending: Ending) -> None:
        """Log the call that ended so; the fields are understood."""
        raise NotImplementedError

    def facts(self) -> Content | None:
        """What stands above the endings: numbers to dial, what is asked about."""
        return None

    def compose_body(self) -> ComposeResult:
        """What the call is about, how it may end, then the fields."""
        facts = self.facts()
        if facts is not None:
            yield Static(facts, id="call-facts")
        yield Static(self._ending_lines(), id="call-endings")
        for name in self.FIELDS:
            with Horizontal(classes="field"):
                if name == DAY:
                    yield Label(self.day_label)
                    yield DateInput(
                        today=self.practice.today(),
                        order=self.practice.settings.date_order,
                        is_business_day=self.practice.context.calendar.is_working_day,
                        id=DAY,
                    )
                else:
                    label, limit = _LINES[name]
                    yield Label(label)
                    yield Input(id=name, max_length=limit, select_on_focus=False)

    def _ending_lines(self) -> Content:
        return Content("\n").join(
            Content.assemble(
                (f" {one.key} ", "$text-accent bold"),
                styled(one.label, STRONG),
                styled(f"  {one.after}", DIM),
            )
            for one in self.endings()
        )

    def in_days(self, working_days: int) -> str:
        """The day that many working days on, as it is shown."""
        today = self.practice.today()
        return format_day(self.practice.context.calendar.add_working_days(today, working_days), today)

    def look_words(self, working_days: int) -> str:
        """When what the call is about is looked at again, never after its last day: ``Thu 3 Dec``."""
        today, calendar = self.practice.today(), self.practice.context.calendar
        about = (ranked.item for ranked in self.items)
        looks = [
            next_look(working_days, today, calendar, legal_on=one.legal_on, visit_on=one.visit_on)
            for one in about
        ]
        return looks_words(looks, today)

    # --- keys ------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """An ending's letter; typing in a field goes to the field."""
        if self.focused is not None:
            return
        for ending in self.endings():
            if event.character == ending.key:
                event.stop()
                self._end(ending)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field: back to the keys."""
        event.stop()
        self.set_focus(None)

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter in the day: back to the keys."""
        event.stop()
        self.set_focus(None)

    def _end(self, ending: Ending) -> None:
        problem = self.query_one(DateInput).problem
        minutes = self.text(MINUTES) if MINUTES in self.FIELDS else ""
        if problem or not (minutes == "" or (minutes.isascii() and minutes.isdigit())):
            self.problem(problem or "Minutes are a whole number, such as 12.")
            return
        self.record(ending)

    def problem(self, text: str) -> None:
        """Say what is wrong, in sight also where the terminal is short."""
        super().problem(text)
        if text:
            self.call_after_refresh(self.query_one("#sheet-problem").scroll_visible, animate=False)

    # --- what is typed ---------------------------------------------------------------------------

    def text(self, name: str) -> str:
        """What a field holds, as it may be stored."""
        return clean_text(self.query_one(f"#{name}", Input).value, _LINES[name][1])

    @property
    def minutes(self) -> int | None:
        """The length of the call; None when nobody counted."""
        typed = self.text(MINUTES)
        return int(typed) if typed else None

    @property
    def day(self) -> When | None:
        """The day they named."""
        return self.query_one(DateInput).value
