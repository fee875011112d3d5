"""The one-line bars: the header with its screens and counts, the footer with keys or a message."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from carecoord_tui.widgets.safe_text import safe_text, to_ascii, wants_ascii

GAP = 2
"""Cells between the left and the right part, at least."""


class OneLine(Widget):
    """One line of text that never wraps: a left part, and a right part that gives way first."""

    DEFAULT_CSS = """
    OneLine { height: 1; width: 1fr; }
    """
    COMPONENT_CLASSES = frozenset({"bar--strong", "bar--dim", "bar--alarm", "bar--accent", "bar--waiting"})

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._left = Text()
        self._right = Text()

    def show(self, left: Text, right: Text | None = None) -> None:
        """Draw these two parts; nothing is repainted when they are what stands there."""
        right = right or Text()
        if (left, right) == (self._left, self._right):
            return
        self._left, self._right = left, right
        self.refresh()

    def role(self, name: str) -> Style:
        """The style of a role in this bar: strong, dim, alarm, accent, waiting."""
        return self.get_component_rich_style(f"bar--{name}", partial=True)

    def render_line(self, y: int) -> Strip:
        """The bar's only line."""
        width = self.size.width
        base = self.rich_style
        if y:
            return Strip.blank(width, base)
        left, right = self._left.copy(), self._right.copy()
        room = width - left.cell_len
        if right.cell_len and right.cell_len + GAP > room:
            right = Text()
        left.truncate(max(width - right.cell_len, 0), overflow="ellipsis")
        gap = width - left.cell_len - right.cell_len
        line = Text.assemble(left, " " * max(gap, 0), right, no_wrap=True, end="")
        segments = list(line.render(self.app.console))
        if wants_ascii():
            segments = [Segment(to_ascii(part.text), part.style) for part in segments]
        return Strip(segments).apply_style(base).adjust_cell_length(width, base)


@dataclass(frozen=True, slots=True)
class HeaderParts:
    """``tabs`` are (key, title, count); ``current`` a title; ``warning`` stands before the right part."""

    tabs: Sequence[tuple[str, str, str]]
    current: str
    user: str
    day: str
    time: str
    warning: str = ""


SHORT_TITLES = {"Patients": "Pat.", "Referrals": "Ref.", "Insurance": "Ins."}
_HEADER_DROPS = ("name", "user", "time", "titles", "counts")
"""What gives way to the date, in this order, where a header has no room for all."""


class HeaderBar(OneLine):
    """``carecoord  1 Today 19  2 Patients 214      Dana Reyes   Mon 30 Nov 2026  08:02``."""

    DEFAULT_CSS = """
    HeaderBar {
        background: $surface;
        & > .bar--dim { color: $text-muted; }
        & > .bar--strong { text-style: bold; }
        & > .bar--accent { color: $text-accent; text-style: bold; }
        & > .bar--alarm { color: $text-error; text-style: bold; }
        & > .bar--waiting { color: $text-warning; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: HeaderParts | None = None

    def show_screens(self, parts: HeaderParts) -> None:
        """Draw as much of this as fits; the date always does."""
        self._parts = parts
        width = self.size.width or self.app.size.width  # not laid out yet: as wide as the terminal
        for count in range(len(_HEADER_DROPS) + 1):
            left, right = self._composed(parts, _HEADER_DROPS[:count])
            if left.cell_len + GAP + right.cell_len <= width:
                break
        self.show(left, right)

    def on_resize(self) -> None:
        """What fits is another matter now."""
        if self._parts is not None:
            self.show_screens(self._parts)

    def _composed(self, parts: HeaderParts, without: Collection[str]) -> tuple[Text, Text]:
        """Left and right part, without what gives way."""
        dim = self.role("dim")
        left = Text()
        left.append("" if "name" in without else " carecoord ", style=self.role("strong"))
        for key, title, count in parts.tabs:
            shown = SHORT_TITLES.get(title, title) if "titles" in without else title
            number = f" {count}" if count and "counts" not in without else ""
            left.append(f"  {key} ", style=dim)
            left.append(f"{shown}{number}", style=self.role("accent") if title == parts.current else dim)
        user = "" if "user" in without or not parts.user else f"{safe_text(parts.user)}   "
        time = "" if "time" in without else f"  {parts.time}"
        right = Text()
        if parts.warning:
            right.append(f"{parts.warning}  ", style=self.role("alarm"))
        right.append(f"{user}{parts.day}{time} ", style=dim)
        return left, right


class FooterBar(OneLine):
    """The keys of this screen, or the last message until the next key."""

    DEFAULT_CSS = """
    FooterBar {
        dock: bottom;
        background: $surface;
        & > .bar--dim { color: $text-muted; }
        & > .bar--strong { color: $text-accent; text-style: bold; }
        & > .bar--accent { color: $text-accent; }
        & > .bar--alarm { color: $text-error; text-style: bold; }
        & > .bar--waiting { color: $text-warning; }
    }
    """

    class Clicked(Message):
        """The footer was clicked: help is wanted."""

    def show_keys(self, keys: Sequence[tuple[str, str]], right: str = "", *, first: str = "") -> None:
        """``keys`` are (key, word); ``first`` stands before them, where nothing is ever cut."""
        line = Text.assemble(" ", (f"{first}  " if first else "", self.role("accent")))
        for key, word in keys:
            line.append(key, style=self.role("strong"))
            line.append(f" {word}  ", style=self.role("dim"))
        self.show(line, Text(f"{right} ", style=self.role("dim")) if right else None)

    def show_message(self, text: str, *, alarm: bool = False) -> None:
        """A result or a refusal in one sentence."""
        self.show(Text(f" {safe_text(text)}", style=self.role("alarm" if alarm else "accent")))

    def on_click(self) -> None:
        """A click asks for help."""
        self.post_message(self.Clicked())
