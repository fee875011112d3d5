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


class FilteredScreen(VerbScreen):
    """Subclasses give ``show_list``, which lists what ``filter_text`` leaves, and may put order aside.

    Beside another base it stands last: Textual takes styles from the first one only.
    """

    filter_text = ""

    def compose_filter(self, hint: str) -> ComposeResult:
        """The line: its sign, the input, how many are shown."""
        with Horizontal(id="filter-line"):
            yield Label("/", id="filter-sign")
            yield FilterInput(placeholder=hint, id="filter", select_on_focus=False)
            yield Static("", id="count", markup=False)

    def show_list(self) -> None:
        """List what the filter leaves."""
        raise NotImplementedError

    def before_filtering(self) -> None:
        """Another choice of rows comes: a standing order ends here."""

    def focus_rows(self) -> None:
        """Keys go to the list."""
        self.query_one("#list", RecordList).focus()

    def action_filter(self) -> None:
        """Open the filter's line."""
        self.set_class(True, "-filtering")
        self.query_one(FilterInput).focus()

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        """Narrow at every key; the best match is under the cursor."""
        if event.value == self.filter_text:
            return
        self.filter_text = event.value
        self.before_filtering()
        self.show_list()
        if self.filter_text.strip():
            self.query_one("#list", RecordList).action_first()

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
        self.set_class(False, "-filtering")
        self.before_filtering()
        self.show_list()
        self.focus_rows()

    def leave_filter(self) -> bool:
        """``esc``: clear the filter; False when none was open."""
        if not self.has_class("-filtering"):
            return False
        self.clear_filter()
        return True
