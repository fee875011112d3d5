"""Blocks as plain text for a portal's message box."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from carecoord_tui.documents.markdown import (
    Block,
    Heading,
    Item,
    Line,
    NewPage,
    Paragraph,
    Rule,
    Table,
    plain,
)

WIDTH = 78
_UNDERLINE = {1: "=", 2: "-"}


def render(blocks: Sequence[Block], width: int = WIDTH) -> str:
    """Text of lines at most ``width`` characters long, longer words whole; ends with a line break."""
    paragraphs: list[str] = []
    before: Block | None = None
    for block in blocks:
        lines = list(_lines(block, width))
        if lines:
            close = isinstance(before, Item) and isinstance(block, Item)
            paragraphs += [] if close or before is None else [""]
            paragraphs += lines
            before = block
    return "\n".join(paragraphs) + "\n"


def _lines(block: Block, width: int) -> Iterator[str]:
    if isinstance(block, Heading):
        text = plain(block.line)
        yield from _wrap(text, width)
        if sign := _UNDERLINE.get(block.level):
            yield sign * min(width, len(text))
    elif isinstance(block, Paragraph):
        yield from _wrap(plain(block.line), width)
    elif isinstance(block, Item):
        indent = "  " * block.depth
        mark = "-" if block.mark == "•" else block.mark
        yield from _wrap(
            plain(block.line), width, first=f"{indent}{mark} ", rest=f"{indent}{' ' * len(mark)} "
        )
    elif isinstance(block, Table):
        for row in block.rows:
            yield from _row(block.head, row, width)
    elif isinstance(block, Rule):
        yield "-" * width
    elif isinstance(block, NewPage):
        return


def _row(head: Sequence[Line], row: Sequence[Line], width: int) -> Iterator[str]:
    """``name: value`` for a table of two columns without titles, else ``- Title: value; Title: value``."""
    cells = [plain(cell).strip() for cell in row]
    if head:
        titled = zip((plain(cell).strip() for cell in head), cells, strict=False)
        text = "; ".join(f"{title}: {cell}" if title else cell for title, cell in titled if cell)
        yield from _wrap(text, width, first="- ", rest="  ")
        return
    name, *values = cells
    name = name if not name or name.endswith((":", "?")) else f"{name}:"
    yield from _wrap(" ".join([name, *values]).strip(), width, rest="  ")


def _wrap(text: str, width: int, *, first: str = "", rest: str = "") -> Iterator[str]:
    for number, line in enumerate(text.split("\n")):
        yield from textwrap.wrap(
            line,
            width,
            initial_indent=rest if number else first,
            subsequent_indent=rest,
            break_long_words=False,
            break_on_hyphens=False,
        )
