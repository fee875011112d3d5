"""A list that is narrowed as you type: the filter's line, its keys, and where the cursor goes."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label, Static

from carecoord_tui.screens.verbs import VerbScreen
from carecoord_tui.widgets.record_list import RecordList


class FilterInput(Input):
    """The filter's line. Down and enter go to the list, esc clears."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,enter", "leave", "To the list", show=False),
        Binding("escape", "clear_filter", "Clear", show=False),
    ]

    class Left(Message):
        """The list is wanted."""

    class Cleared(Message):
        """No filter is wanted."""

    def action_leave(self) -> None:
        """Go to the list, the filter stays."""
        self.post_message(self.Left())

    def action_clear_filter(self) -> None:
        """Show everybody again."""
        self.post_message(self.Cleared())


class FilterLine(Horizontal):
    """The filter's sign and input while it is open, and how many rows are shown."""

    DEFAULT_CSS = """
    FilterLine {
        height: 1;
        padding: 0 1;
        & #filter-sign { display: none; width: 2; color: $text-accent; text-style: bold; }
        & #filter { display: none; width: 1fr; height: 1; border: none; padding: 0 1; background: $boost; }
        & #filter:focus { border: none; background: $foreground 12%; }
        & #count { width: auto; color: $text-muted; }
        &.-on-demand { display: none; }
        &.-open { display: block; }
        &.-open #filter-sign, &.-open #filter { display: block; }
        &.-open #count { margin-left: 2; }
    }
    """

    def __init__(self, hint: str, *, on_demand: bool) -> None:
        super().__init__(id="filter-line", classes="-on-demand" if on_demand else "")
        self._hint = hint

    def compose(self) -> ComposeResult:
        """Sign, input, count."""
        yield Label("/", id="filter-sign")
        yield FilterInput(placeholder=self._hint, id="filter", select_on_focus=False)
        yield Static("", id="count", markup=False)

    @property
    def is_open(self) -> bool:
        """True while the input is shown."""
        return self.has_class("-open")

    def show_input(self, is_open: bool) -> None:
        """Open or close the input."""
        self.set_class(is_open, "-open")


class FilteredScreen(VerbScreen):
    """Subclasses give ``show_list``, which lists what ``filter_text`` leaves, and may put order aside.

    Beside another base it stands last: Textual takes styles from the first one only.
    """

    filter_text = ""

    def compose_filter(self, hint: str, *, on_demand: bool = False) -> ComposeResult:
        """The line; ``on_demand``: it takes no room until ``/`` opens it."""
        yield FilterLine(hint, on_demand=on_demand)

    def show_list(self) -> None:
        """List what the filter leaves."""
        raise NotImplementedError

    def before_filtering(self) -> None:
        """Another choice of rows comes: a standing order ends here."""

    def focus_rows(self) -> None:
        """Keys go to the list."""
        self.query_one("#list", RecordList).focus()

    def action_filter(self) -> None:
        """Open the filter's line; what it held before is selected, so that typing replaces it."""
        self.query_one(FilterLine).show_input(True)
        line = self.query_one(FilterInput)
        self.set_focus(line)  # at once: the next key may follow before a focus that is asked for later
        line.action_select_all()

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        """Narrow at every key; the best match is under the cursor."""
        if event.value == self.filter_text:
            return
        self.filter_text = event.value
        self.before_filtering()
        if self.filter_text.strip():
            self.query_one("#list", RecordList).start_over()
        self.show_list()

    @on(FilterInput.Left)
    def _to_list(self) -> None:
        self.focus_rows()
        if not self.filter_text.strip():
            self.clear_filter()

    @on(FilterInput.Cleared)
    def clear_filter(self) -> None:
        """All again, the cursor staying on its record."""
        self.filter_text = ""
        self.query_one(FilterInput).value = ""
        self.query_one(FilterLine).show_input(False)
        self.before_filtering()
        self.show_list()
        self.focus_rows()

    def leave_filter(self) -> bool:
        """``esc``: clear the filter; False when none was open."""
        if not self.query_one(FilterLine).is_open:
            return False
        self.clear_filter()
        return True
