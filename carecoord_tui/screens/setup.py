"""What the screens of a first run share: a heading, one line for problems, one for keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from carecoord_tui.screens.small_terminal import NeedsRoom, TooSmall
from carecoord_tui.widgets.safe_text import safe_text

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp


class SetupScreen(NeedsRoom, Screen[None]):
    """One step of a first run. Subclasses give ``heading``, ``hint`` and ``compose_step``."""

    CSS_PATH = "setup.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stay", "Stay", id="setup.stay", show=False),
    ]

    if TYPE_CHECKING:

        @property
        def app(self) -> CarecoordApp:
            """The app, by its own type."""

    def heading(self) -> str:
        """First line: what this step is about."""
        raise NotImplementedError

    def hint(self) -> str:
        """Last line: the keys."""
        raise NotImplementedError

    def compose_step(self) -> ComposeResult:
        """The widgets between."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Name, heading, step, problem line, keys; and the notice for a terminal that is too small."""
        with Vertical(id="setup"):
            yield Static("carecoord", id="name", markup=False)
            yield Static(Content(self.heading()), id="heading")
            yield from self.compose_step()
            yield Static("", id="problem", markup=False)
            yield Static(Content(self.hint()), id="hint")
        yield TooSmall()

    def action_stay(self) -> None:
        """There is nothing to go back to."""

    def say(self, text: str, *, alarm: bool = False) -> None:
        """One sentence above the keys; ``alarm`` for what went wrong."""
        line = self.query_one("#problem", Static)
        line.set_class(alarm, "-alarm")
        line.update(Content(safe_text(text)))
        if line.has_class("-at-field"):
            line.remove_class("-at-field")
            self.query_one("#setup").move_child(line, before=self.query_one("#hint"))

    def say_at(self, field: Widget, text: str) -> None:
        """What is wrong with a field, right below it; the field gets the focus."""
        self.say(text, alarm=True)
        line = self.query_one("#problem", Static)
        line.add_class("-at-field")
        row = next(one for one in field.ancestors_with_self if one.parent is line.parent)
        self.query_one("#setup").move_child(line, after=row)
        field.focus()
