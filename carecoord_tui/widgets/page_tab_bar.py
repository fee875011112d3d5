"""A line of tabs: ``Overview 3   Timeline   People 2``; the one shown stands in brackets too."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message

from carecoord_tui.widgets.bars import OneLine

GAP = 2  # none where the titles do not fit otherwise: each has a blank of its own at both sides


class PageTabBar(OneLine):
    """Which tab is shown. Keys are the screen's; a click picks."""

    DEFAULT_CSS = """
    PageTabBar {
        & > .bar--dim { color: $text-muted; }
        & > .bar--strong { text-style: bold; }
        & > .bar--accent { color: $text-accent; text-style: bold; }
        & > .bar--alarm { color: $text-error; text-style: bold; }
        & > .bar--waiting { color: $text-warning; }
    }
    """

    class Picked(Message):
        """A tab was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ends: list[int] = []
        self._gap = GAP

    @staticmethod
    def fits(titles: Sequence[str], width: int, gap: int = 0) -> bool:
        """True when the whole line goes into ``width`` cells, with ``gap`` more blanks between the titles."""
        return 1 + sum(cell_len(title) + 2 + gap for title in titles) <= width

    def show_tabs(self, titles: Sequence[str], current: int, hint: str = "") -> None:
        """Draw these titles with one of them chosen; ``hint`` stands at the right."""
        line = Text(" ")
        self._ends = []
        self._gap = gap = GAP if self.fits(titles, self.size.width, GAP) else 0
        for index, title in enumerate(titles):
            chosen = index == current
            line.append(f"[{title}]" if chosen else f" {title} ", self.role("accent" if chosen else "dim"))
            self._ends.append(line.cell_len)
            line.append(" " * gap)
        self.show(line, Text(f"{hint} ", style=self.role("dim")) if hint else None)

    def on_click(self, event: events.Click) -> None:
        """The tab under the mouse."""
        for index, end in enumerate(self._ends):
            if event.x < end + self._gap:
                self.post_message(self.Picked(index))
                return
