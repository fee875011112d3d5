"""How far long work is: one still line, redrawn only when it moves. No animation over a slow connection."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from carecoord_tui.widgets.safe_text import safe_text, wants_ascii

_PERCENT_CELLS = 6


class ProgressLine(Widget):
    """What is being done, and below it a bar with its percentage while the total is known."""

    DEFAULT_CSS = """
    ProgressLine { height: 2; width: 1fr; }
    """

    def __init__(self, words: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._words, self._done, self._total = words, 0, 0
        self._shown = -1

    def show(self, words: str, done: int = 0, total: int = 0) -> None:
        """Say what is going on and how far; a total of 0 is unknown."""
        percent = min(done * 100 // total, 100) if total else -1
        if (words, percent) == (self._words, self._shown):
            return
        self._words, self._done, self._total, self._shown = words, done, total, percent
        self.refresh()

    def render(self) -> RenderResult:
        """Words, and the bar when there is something to measure."""
        first = Content(safe_text(self._words))
        if self._total <= 0:
            return first
        full, empty = ("#", "-") if wants_ascii() else ("━", "─")
        width = max(self.size.width - _PERCENT_CELLS, 10)
        filled = width * min(self._done, self._total) // self._total
        bar = Content.assemble(
            (full * filled, "$accent"), (empty * (width - filled), "$text-muted"), f"{self._shown:>4}%"
        )
        return Content("\n").join([first, bar])
