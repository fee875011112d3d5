"""A document of plain text, read inside the program: no copy leaves the database."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.widgets.safe_text import shown_text
from carecoord_tui.widgets.scrolling import scroll

SHOWN_LIMIT = 200_000  # characters: some hundred pages; laying out more would be felt


class TextSheet(Sheet[None]):
    """Read only; ``esc`` goes back."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "documents.tcss"]
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move('down')", "Down", show=False),
        Binding("k,up", "move('up')", "Up", show=False),
        Binding("pagedown,space", "move('page_down')", "Page down", show=False),
        Binding("pageup", "move('page_up')", "Page up", show=False),
        Binding("g,home", "move('home')", "Top", show=False),
        Binding("G,end", "move('end')", "Bottom", show=False),
    ]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title, self._text = title, text

    def heading(self) -> str:
        """What is read."""
        return self._title

    def hint(self) -> str:
        """The keys."""
        return "j k space scroll · esc back"

    def compose_body(self) -> ComposeResult:
        """The text, line by line; a very long one is cut with a word about it."""
        lines = list(map(shown_text, self._text[:SHOWN_LIMIT].expandtabs(4).splitlines()))
        if len(self._text) > SHOWN_LIMIT:
            lines += ["", "This is the beginning only: x on the list exports the whole."]
        with VerticalScroll(id="document-text", can_focus=False):
            yield Static(Content("\n".join(lines)))

    def action_move(self, where: str) -> None:
        """Scroll."""
        scroll(self.query_one("#document-text", VerticalScroll), where)


SCREEN = TextSheet
