"""An input for a date that shows what it was understood as, before anything is saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from carecoord_tui.domain.date_lean import Lean
from carecoord_tui.domain.dates import DateError, DateOrder, When, echo, parse_when

EXAMPLES = {
    Lean.AHEAD: "e.g. 12/3 2pm, +3bd",
    Lean.NEAREST: "e.g. 3 dec 2pm, fri",
    Lean.PAST: "e.g. 11/25, yesterday",
}
"""How a day may be typed, where it leans so."""


class DateInput(Horizontal):
    """Typed date with a live echo. ``value`` is None while it is empty or not understood.

    Entering it selects what it holds: a date is typed anew, not gone on with.
    """

    DEFAULT_CSS = """
    DateInput {
        height: 1;
        width: 1fr;
        & > Input { width: 24; height: 1; border: none; padding: 0 1; background: $boost; }
        & > Input:focus { border: none; background: $foreground 12%; }
        & > Static { width: 1fr; height: 1; padding: 0 1; color: $text-muted; }
        & > Static.-problem { color: $text-error; }
    }
    """

    class Changed(Message):
        """The typed date changed; ``value`` is what it means, or None."""

        def __init__(self, date_input: DateInput, value: When | None) -> None:
            super().__init__()
            self.date_input, self.value = date_input, value

    class Submitted(Message):
        """Enter was pressed; ``value`` is what is typed, or the proposal when nothing is."""

        def __init__(self, date_input: DateInput, value: When | None) -> None:
            super().__init__()
            self.date_input, self.value = date_input, value

    def __init__(
        self,
        *,
        today: date,
        order: DateOrder,
        is_business_day: Callable[[date], bool],
        proposal: When | None = None,
        value: str = "",
        allow_past: bool = False,
        lean: Lean = Lean.AHEAD,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._today, self._order, self._is_business_day = today, order, is_business_day
        self._proposal, self._start, self._allow_past, self._lean = proposal, value, allow_past, lean
        self._suggested = ""

    def compose(self) -> ComposeResult:
        """Input and echo."""
        yield Input(value=self._start, placeholder=self._hint())
        yield Static(id="echo", markup=False)

    def _hint(self) -> str:
        """What enter takes, else how a date may be typed."""
        return echo(self._proposal) if self._proposal else EXAMPLES[self._lean]

    def on_mount(self) -> None:
        """Show what the first value means."""
        self._echo()

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(Input).value.strip()

    @property
    def problem(self) -> str:
        """Why the typed text is no date; empty when it is one, or nothing is typed."""
        try:
            self._parse()
        except DateError as error:
            return str(error)
        return ""

    @property
    def value(self) -> When | None:
        """The date as typed, else the proposal; None when the text is not understood."""
        try:
            return self._parse() or self._proposal
        except DateError:
            return None

    def _parse(self) -> When | None:
        if not self.text:
            return None
        return parse_when(
            self.text,
            today=self._today,
            order=self._order,
            is_business_day=self._is_business_day,
            allow_past=self._allow_past,
            lean=self._lean,
        )

    @property
    def lean(self) -> Lean:
        """Which way a day without a year is understood."""
        return self._lean

    @lean.setter
    def lean(self, lean: Lean) -> None:
        self._lean = lean
        self.query_one(Input).placeholder = self._hint()
        self._echo()

    @property
    def proposal(self) -> When | None:
        """What enter takes while nothing is typed."""
        return self._proposal

    @proposal.setter
    def proposal(self, proposal: When | None) -> None:
        self._proposal = proposal
        self.query_one(Input).placeholder = self._hint()
        self._echo()

    def suggest(self, when: When | None) -> None:
        """Write a day in, unless another one is typed; None takes an untouched suggestion out again.

        Unlike a proposal it can be emptied, and then stays so until something else is suggested.
        """
        text = echo(when) if when is not None else ""
        if text != self._suggested and self.text in ("", self._suggested):
            self.query_one(Input).value = text
        self._suggested = text

    def _echo(self) -> None:
        shown = self.query_one("#echo", Static)
        problem = self.problem
        shown.set_class(bool(problem), "-problem")
        value = self.value
        text = problem or (f"= {echo(value)}" if value is not None else "")
        shown.update(Content(text), layout=False)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Echo at every key."""
        event.stop()
        if self.is_mounted:
            self._echo()
            self.post_message(self.Changed(self, self.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the date over."""
        event.stop()
        if not self.problem:
            self.post_message(self.Submitted(self, self.value))

    def clear(self) -> None:
        """Back to the proposal."""
        self.query_one(Input).value = ""

    def focus(self, scroll_visible: bool = True) -> DateInput:
        """Focus the input."""
        self.query_one(Input).focus(scroll_visible)
        return self
