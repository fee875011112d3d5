"""A block of text that repaints only the lines that changed: a few hundred bytes over a slow line."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget


class TextBlock(Widget):
    """Wrapped text, cut at the bottom. Subclasses may put ``margin_text`` before every line."""

    ALLOW_SELECT = False
    margin_text = ""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._content = Content("")
        self._lines: list[Strip] = []

    def show_content(self, content: Content) -> None:
        """Draw this text; lines that stay the same are not written again."""
        self._content = content
        self._draw()

    def _draw(self) -> None:
        width, height = self.size
        if not width or not height:
            return
        before, self._lines = self._lines, self._strips(width, height)
        blank = Strip.blank(width, self.rich_style)
        changed = [
            y
            for y in range(height)
            if (before[y] if y < len(before) else blank)
            != (self._lines[y] if y < len(self._lines) else blank)
        ]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def _strips(self, width: int, height: int) -> list[Strip]:
        base = self.rich_style
        margin = Segment(self.margin_text, base + self.margin_style()) if self.margin_text else None
        room = width - len(self.margin_text)
        inside = max(1, room - 1) if self.margin_text else room  # text never touches the terminal's edge
        drawn = Visual.to_strips(
            self, self._content, inside, height, self.visual_style, apply_selection=False
        )
        lines = [strip.apply_style(base).adjust_cell_length(room, base) for strip in drawn[:height]]
        if margin is None:
            return lines
        lines += [Strip.blank(room, base)] * (height - len(lines))
        return [Strip.join([Strip([margin]), line]) for line in lines]

    def margin_style(self) -> Style:
        """The style of the margin."""
        return self.rich_style

    def render_line(self, y: int) -> Strip:
        """A line as drawn last."""
        if y < len(self._lines):
            return self._lines[y]
        return Strip.blank(self.size.width, self.rich_style)

    def on_resize(self) -> None:
        """Wrap anew."""
        self._lines = []
        self._draw()
        self.refresh()

    def notify_style_update(self) -> None:
        """The theme changed."""
        super().notify_style_update()
        self._lines = []
        self._draw()
