"""Blocks as Markdown that a person can read: only what would be taken for a sign is escaped.

The opposite of ``markdown.parse``: reading what is written here gives the same blocks again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from carecoord_tui.documents.markdown import (
    NEW_PAGE,
    Block,
    Heading,
    Item,
    Line,
    NewPage,
    Paragraph,
    Rule,
    Table,
)

_SIGN = re.compile(
    r"(?<=[^\W_])_+(?=[^\W_])|(?<=\S )(?:_+|\*)(?= )"  # inside a word, between blanks: no sign, left alone
    r"|(?P<sign>[\\`*_\[\]|~]|<(?=[A-Za-z/!?])|&(?=#?\w+;))"
)
_AT_START = re.compile(r"^(\s*)([#+=>-]|\d+(?=[.)]))", re.MULTILINE)


def render(blocks: Sequence[Block]) -> str:
    """Markdown; ends with a line break."""
    paragraphs: list[str] = []
    before: Block | None = None
    for block in blocks:
        is_close = isinstance(before, Item) and isinstance(block, Item)
        paragraphs += [] if before is None or is_close else [""]
        paragraphs += _lines(block)
        before = block
    return "\n".join(paragraphs) + "\n"


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * block.level} {_text(block.line)}"
    elif isinstance(block, Paragraph):
        yield from _text(block.line).split("\n")
    elif isinstance(block, Item):
        indent = "  " * block.depth
        mark = "-" if block.mark == "•" else block.mark or " "
        first, *rest = _text(block.line).split("\n")
        yield f"{indent}{mark} {first}"
        yield from (f"{indent}{' ' * len(mark)} {line}" for line in rest)
    elif isinstance(block, Table):
        columns = max(map(len, [block.head, *block.rows]), default=0)
        yield _row(block.head or ((),) * columns)
        yield f"|{'---|' * columns}"
        yield from map(_row, block.rows)
    elif isinstance(block, Rule):
        yield "---"
    elif isinstance(block, NewPage):
        yield NEW_PAGE


def _row(cells: Sequence[Line]) -> str:
    return f"| {' | '.join(_text(cell) for cell in cells)} |"


def _text(line: Line) -> str:
    """A line with its bold face, its line breaks as backslashes, and its signs escaped."""
    parts = []
    for span in line:
        text = _SIGN.sub(_escaped_sign, span.text)
        strong = text.strip()
        parts.append(text.replace(strong, f"**{strong}**", 1) if span.strong and strong else text)
    joined = "".join(parts)
    return _AT_START.sub(_escaped_start, joined).replace("\n", "\\\n")


def _escaped_sign(match: re.Match[str]) -> str:
    return f"\\{match[0]}" if match["sign"] else match[0]


def _escaped_start(match: re.Match[str]) -> str:
    """A line that begins like a heading, a list or a rule; a number's dot is escaped, not the number."""
    space, sign = match.groups()
    return f"{space}{sign}\\" if sign.isdigit() else f"{space}\\{sign}"
