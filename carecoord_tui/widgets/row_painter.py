"""From a row to a strip of styled cells: the look of a list line, without its behaviour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.errors import StyleSyntaxError
from rich.segment import Segment
from rich.style import Style

from carecoord_tui.widgets.columns import Cell, Column, StyleKey, cell_runs, clean, fit, lay_out
from carecoord_tui.widgets.lean_strip import LeanStrip
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import Glyphs

GUTTER = 3
"""Cells before the first column: the cursor bar, the mark, a blank."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The styles of a list, read once from its CSS.

    ``roles`` are foregrounds and attributes by name. ``finish`` applies the app's line filters (NO_COLOR) to
    a combined style, once for each instead of on every line.
    """

    base: Style
    cursor: Style
    roles: dict[str, Style]
    finish: Callable[[Style], Style]


class _Line:
    """Pieces of one line, joined where they look alike.

    Blanks take the style of their neighbour: the ground is the same, and fewer pieces are fewer bytes.
    """

    __slots__ = ("_parts", "_style", "segments")

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self._parts: list[str] = []
        self._style: Style | None = None

    def blank(self, count: int) -> None:
        self._parts.append(" " * count)

    def add(self, text: str, style: Style) -> None:
        if style is self._style or text.isspace():
            self._parts.append(text)
        elif self._style is None:
            self._style = style
            self._parts.append(text)
        else:
            self.segments.append(Segment("".join(self._parts), self._style))
            self._style = style
            self._parts = [text]

    def end(self, ground: Style) -> list[Segment]:
        if text := "".join(self._parts):
            self.segments.append(Segment(text, self._style or ground))
        return self.segments


class RowPainter:
    """Draws lines of one width with one palette. Make a new one when either changes."""

    def __init__(
        self, palette: Palette, columns: Sequence[Column], width: int, gap: int, glyphs: Glyphs
    ) -> None:
        self.width = width
        self._room = max(0, width - GUTTER - 1)  # the last cell is the scrollbar's
        self.slots = lay_out(columns, self._room, gap)
        self._columns = columns
        self._palette = palette
        self._glyphs = glyphs
        self._styles: dict[tuple[bool, StyleKey], Style] = {}

    def titles(self, thumb: bool) -> LeanStrip:
        """The line of column titles."""
        cells = tuple(column.title for column in self._columns)
        line = _Line()
        line.blank(GUTTER)
        return self._finish(
            line, self._draw_cells(line, cells, ("header",), False, titles=True), False, thumb
        )

    def row(self, row: Row, cursor: bool, marked: bool, thumb: bool) -> LeanStrip:
        """The line of a record, a heading or a full-width line."""
        line = _Line()
        if cursor:
            line.add(self._glyphs.bar, self._style(True, ("bar",)))
        else:
            line.blank(1)
        if marked:
            line.add(self._glyphs.mark, self._style(cursor, ("mark",)))
        else:
            line.blank(1)
        line.blank(1)
        if row.kind == "row":
            used = self._draw_cells(line, row.cells, (row.style,) if row.style else (), cursor)
        else:
            used = self._draw_across(line, row, cursor)
        return self._finish(line, used, cursor, thumb)

    def message(self, text: str) -> LeanStrip:
        """One centred line of the empty state."""
        text = clean(text, self._glyphs)
        length = min(cell_len(text), self._room)
        left = max(0, (self.width - length) // 2 - GUTTER)
        line = _Line()
        line.blank(GUTTER + left)
        line.add(fit(text, length, "left", self._glyphs), self._style(False, ("dim",)))
        return self._finish(line, left + length, False, False)

    def blank(self, thumb: bool) -> LeanStrip:
        """An empty line."""
        line = _Line()
        line.blank(GUTTER)
        return self._finish(line, 0, False, thumb)

    def _draw_cells(
        self, line: _Line, cells: Sequence[Cell], base: StyleKey, cursor: bool, titles: bool = False
    ) -> int:
        """Cells at their columns' places; returns the terminal cells used."""
        used = 0
        for slot in self.slots:
            if slot.x > used:
                line.blank(slot.x - used)
            used = slot.x + slot.width
            cell = cells[slot.index] if slot.index < len(cells) else ""
            role = "" if titles else slot.style
            if isinstance(cell, str):
                key = (*base, role) if role else base
                line.add(fit(cell, slot.width, slot.align, self._glyphs), self._style(cursor, key))
                continue
            for text, piece_key in cell_runs(cell, slot.width, slot.align, role, self._glyphs):
                line.add(text, self._style(cursor, (*base, *piece_key)))
        return used

    def _draw_across(self, line: _Line, row: Row, cursor: bool) -> int:
        """The cells of a heading or full-width line one after the other; returns the terminal cells used."""
        role = "group" if row.kind == "header" else "line"
        base: StyleKey = (role, row.style) if row.style else (role,)
        used = 0
        for place, cell in enumerate(row.cells):
            gap = 2 if place else 0
            text = clean(cell if isinstance(cell, str) else cell.plain, self._glyphs)
            width = min(self._room - used - gap, cell_len(text))
            if width <= 0:
                break
            line.blank(gap)
            for piece, key in cell_runs(cell, width, "left", "", self._glyphs):
                line.add(piece, self._style(cursor, (*base, *key)))
            used += gap + width
        return used

    def _finish(self, line: _Line, used: int, cursor: bool, thumb: bool) -> LeanStrip:
        """The line as a strip of exactly the painter's width, the scrollbar's cell last."""
        ground = self._style(cursor, ())
        if self.width <= GUTTER:
            segments = line.end(ground)
            return LeanStrip.of(LeanStrip(segments).crop(0, self.width))
        line.blank(self._room - used)
        if thumb:
            line.add(self._glyphs.thumb, self._style(False, ("scrollbar",)))
        else:
            line.blank(1)
        return LeanStrip(line.end(ground), self.width)

    def _style(self, cursor: bool, key: StyleKey) -> Style:
        found = self._styles.get((cursor, key))
        if found is None:
            found = self._styles[cursor, key] = self._palette.finish(self._combine(cursor, key))
        return found

    def _combine(self, cursor: bool, key: StyleKey) -> Style:
        style = self._palette.cursor if cursor else self._palette.base
        for name in key:
            if cursor and name == "dim":
                continue  # the line being worked on is read, so it is at full strength
            style += self._resolve(name)
        return style

    def _resolve(self, name: str | Style) -> Style:
        if isinstance(name, Style):
            return name
        role = self._palette.roles.get(name)
        if role is not None:
            return role
        try:
            return Style.parse(name)
        except StyleSyntaxError:
            return Style.null()  # an unknown role is a plain cell, never a broken screen
