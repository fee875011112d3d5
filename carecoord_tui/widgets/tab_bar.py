"""One line of tabs with their counts: what a screen can be narrowed to, and which one is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual import events
from textual.message import Message

from carecoord_tui.widgets.bars import OneLine

Value = TypeVar("Value", bound=str)  # a StrEnum: what a screen can be narrowed to


@dataclass(frozen=True, slots=True)
class Tab(Generic[Value]):
    """One tab: what it shows, its key, its words for a wide and for a narrow terminal.

    ``is_all``: it shows everything, so its count stands for nothing to do.
    """

    value: Value
    key: str
    words: str
    short: str
    is_all: bool = False


class TabBar(OneLine, Generic[Value]):
    """``D no date 9  Q quiet 4``; the one shown stands in brackets too. A click picks."""

    DEFAULT_CSS = """
    TabBar {
        & > .bar--dim { color: $text-muted; }
        & > .bar--strong { text-style: bold; }
        & > .bar--accent { color: $text-accent; text-style: bold; }
        & > .bar--alarm { color: $text-error; text-style: bold; }
        & > .bar--waiting { color: $text-warning; }
    }
    """
    GAPS: ClassVar[tuple[str, str]] = (" ", "")
    """What stands between two tabs in a wide and in a narrow terminal."""

    class Picked(Message):
        """A tab was clicked; ``value`` is what it shows."""

        def __init__(self, value: str) -> None:
            super().__init__()
            self.value = value

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ends: list[tuple[int, Value]] = []

    def show_tabs(
        self,
        tabs: Sequence[Tab[Value]],
        counts: Mapping[Value, int],
        chosen: Value | None,
        note: str = "",
    ) -> None:
        """Draw the tabs with their counts; ``note`` stands at the right."""
        right = Text(f"{note} ", style=self.role("dim")) if note else Text()
        line = self._line(tabs, counts, chosen, is_short=False)
        if line.cell_len + right.cell_len + 2 > self.size.width:
            line = self._line(tabs, counts, chosen, is_short=True)
        self.show(line, right)

    def _line(
        self,
        tabs: Sequence[Tab[Value]],
        counts: Mapping[Value, int],
        chosen: Value | None,
        *,
        is_short: bool,
    ) -> Text:
        line = Text()
        self._ends = []
        for tab in tabs:
            is_chosen, count = tab.value == chosen, counts.get(tab.value, 0)
            role = "accent" if is_chosen else "strong" if count and not tab.is_all else "dim"
            line.append(self.GAPS[is_short] if self._ends else "", style=self.role("dim"))
            line.append("[" if is_chosen else " ", style=self.role("accent"))
            line.append(f"{tab.key} " if tab.key else "", style=self.role("accent"))
            line.append(f"{tab.short if is_short else tab.words} {count:,}", style=self.role(role))
            line.append("]" if is_chosen else " ", style=self.role("accent"))
            self._ends.append((line.cell_len, tab.value))
        return line

    def on_click(self, event: events.Click) -> None:
        """The tab under the mouse."""
        for end, value in self._ends:
            if event.x < end:
                self.post_message(self.Picked(value))
                return
