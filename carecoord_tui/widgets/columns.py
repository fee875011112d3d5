"""Which columns fit a width, where they stand, and how a cell is cut to its place.

Everything is measured in terminal cells: a Chinese character takes two, a combining accent none.
Column places depend on the columns and the width alone, never on what the rows contain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from rich.cells import cell_len, get_character_cell_size
from rich.style import Style
from rich.text import Text

from carecoord_tui.widgets.safe_text import UNICODE, Glyphs, safe_text, to_ascii

Align = Literal["left", "right"]
Cell = str | Text
StyleKey = tuple[str | Style, ...]
"""Names of roles (``"dim"``, ``"alarm"``) or rich styles, the later winning."""
Run = tuple[str, StyleKey]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    ``width`` fixes the cells it takes; without it the column is flexible: at least ``min_width``, at most
    ``max_width``, sharing what is left by ``grow``. When the terminal is too narrow the column with the
    lowest ``priority`` goes first (of equals, the rightmost). ``style`` is the role its plain cells take.
    """

    key: str
    title: str = ""
    width: int | None = None
    min_width: int = 4
    max_width: int | None = None
    grow: int = 1
    align: Align = "left"
    priority: int = 100
    style: str = ""

    @property
    def least(self) -> int:
        """The fewest cells with which the column is worth showing."""
        return self.min_width if self.width is None else self.width


@dataclass(frozen=True, slots=True)
class Slot:
    """A column's place: ``index`` is its cell in the row, ``x`` its first terminal cell."""

    index: int
    x: int
    width: int
    align: Align
    style: str


def lay_out(columns: Sequence[Column], width: int, gap: int = 2) -> tuple[Slot, ...]:
    """Places for the columns that fit into ``width`` cells with ``gap`` blanks between them."""
    if width <= 0 or not columns:
        return ()
    shown = _drop_to_fit(columns, width, gap)
    widths = _share([columns[index] for index in shown], width - gap * (len(shown) - 1))
    slots: list[Slot] = []
    x = 0
    for index, cells in zip(shown, widths, strict=True):
        slots.append(Slot(index, x, cells, columns[index].align, columns[index].style))
        x += cells + gap
    return tuple(slots)


def _drop_to_fit(columns: Sequence[Column], width: int, gap: int) -> list[int]:
    shown = list(range(len(columns)))
    while len(shown) > 1:
        needed = sum(columns[index].least for index in shown) + gap * (len(shown) - 1)
        if needed <= width:
            break
        shown.remove(min(shown, key=lambda index: (columns[index].priority, -index)))
    return shown


def _share(columns: Sequence[Column], width: int) -> list[int]:
    """Widths for ``columns``: the fixed as asked, the flexible sharing the rest by ``grow``."""
    if len(columns) == 1 and columns[0].least > width:
        return [width]
    widths = [column.least for column in columns]
    rest = width - sum(widths)
    open_columns = [index for index, column in enumerate(columns) if column.width is None]
    while rest > 0 and open_columns:
        weight = sum(columns[index].grow for index in open_columns)
        if weight == 0:
            break
        filled, given = [], 0
        for index in open_columns:
            share = max(1, rest * columns[index].grow // weight) if columns[index].grow else 0
            most = columns[index].max_width
            room = share if most is None else max(0, most - widths[index])
            take = min(share, room, rest - given)
            widths[index] += take
            given += take
            if most is not None and widths[index] >= most:
                filled.append(index)
        rest -= given
        open_columns = [index for index in open_columns if index not in filled]
        if given == 0 and not filled:
            break
    return widths


def take_cells(text: str, width: int) -> str:
    """The longest start of ``text`` that fits ``width`` cells, combining marks kept."""
    used = 0
    for position, char in enumerate(text):
        used += get_character_cell_size(char)
        if used > width:
            return text[:position]
    return text


def clean(text: str, glyphs: Glyphs = UNICODE) -> str:
    """``text`` safe to draw with this glyph set."""
    text = safe_text(text)
    return to_ascii(text) if glyphs.ascii_only else text


@lru_cache(maxsize=16384)
def fit(text: str, width: int, align: Align = "left", glyphs: Glyphs = UNICODE) -> str:
    """``text`` made safe and exactly ``width`` cells wide: padded, or cut with an ellipsis."""
    text = clean(text, glyphs)
    length = cell_len(text)
    if length > width:
        room = width - cell_len(glyphs.ellipsis)
        text = take_cells(text, room).rstrip() + glyphs.ellipsis if room >= 0 else ""
        length = cell_len(text)
    blanks = " " * (width - length)
    return blanks + text if align == "right" else text + blanks


def cell_runs(cell: Cell, width: int, align: Align, style: str, glyphs: Glyphs = UNICODE) -> list[Run]:
    """A cell as pieces of one style each, together exactly ``width`` cells wide."""
    base: StyleKey = (style,) if style else ()
    if isinstance(cell, str):
        return [(fit(cell, width, align, glyphs), base)]
    runs = [(clean(piece, glyphs), key) for piece, key in split_styles(cell, base)]
    return _fit_runs(runs, width, align, base, glyphs)


def split_styles(text: Text, base: StyleKey = ()) -> list[Run]:
    """The runs of a rich text. Its spans are read as they are; its characters are never read as markup."""
    whole = (*base, text.style) if text.style else base
    plain = text.plain
    if not text.spans:
        return [(plain, whole)]
    edges = sorted({0, len(plain), *(min(edge, len(plain)) for span in text.spans for edge in span[:2])})
    return [
        (
            plain[start:end],
            (*whole, *(span.style for span in text.spans if span.start <= start and end <= span.end)),
        )
        for start, end in pairwise(edges)
    ]


def _fit_runs(runs: list[Run], width: int, align: Align, base: StyleKey, glyphs: Glyphs) -> list[Run]:
    length = sum(cell_len(piece) for piece, _ in runs)
    if length > width:
        runs = _cut_runs(runs, width - cell_len(glyphs.ellipsis), glyphs)
        length = sum(cell_len(piece) for piece, _ in runs)
    if length < width:
        blanks: Run = (" " * (width - length), base)
        runs = [blanks, *runs] if align == "right" else [*runs, blanks]
    return runs


def _cut_runs(runs: list[Run], room: int, glyphs: Glyphs) -> list[Run]:
    if room < 0:
        return []
    kept: list[Run] = []
    for piece, key in runs:
        length = cell_len(piece)
        if length > room:
            kept.append((take_cells(piece, room) + glyphs.ellipsis, key))
            break
        kept.append((piece, key))
        room -= length
    return kept
