"""Finding the header among the first rows of a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from carecoord_tui.exchange.tabular import Cell, KnownHeader, RawRow

_DATA_LIKE = re.compile(
    r"""[-+$(]?\s*[\d.,]+\s*[%)]?            # a number, an amount
      | \d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(\D.*)?  # a numeric date, perhaps with a time
      | [-+()\d\s./x]{7,}                     # a phone number
      | \S+@\S+\.\S+                          # an e-mail address
      | [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_MAX_LABEL_CHARS = 120


def known_headers(cells: Sequence[Cell], is_known: KnownHeader) -> int:
    """How many cells of a row read like headers the importer understands."""
    return sum(1 for cell in cells if isinstance(cell, str) and cell and is_known(cell))


def find_header(rows: Sequence[RawRow], is_known: KnownHeader) -> int | None:
    """Index in ``rows`` of the header row, or None when no row can be one.

    The earliest row with the most known headers wins; titles and printed-on lines above it lose. Without
    any known header the first row as wide as most rows counts, if each of its cells reads like a label:
    a row of numbers or dates is data.
    """
    scores = [known_headers(row.cells, is_known) for row in rows]
    best = max(scores, default=0)
    if best >= 2:
        return scores.index(best)
    if best == 1:
        index = scores.index(1)
        return index if _reads_like_labels(rows[index].cells) else None
    widths = Counter(_filled(row.cells) for row in rows)
    if not widths:
        return None
    usual = max(widths, key=lambda width: (widths[width], width))
    for index, row in enumerate(rows):
        if _filled(row.cells) >= usual:
            return index if _reads_like_labels(row.cells) else None
    return None


def trim_header(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Headers as single-line text, without the blank ones at the right end."""
    headers = [" ".join(str(cell).split()) for cell in cells]
    while headers and not headers[-1]:
        headers.pop()
    return tuple(headers)


def _filled(cells: Sequence[Cell]) -> int:
    """Number of cells up to the last one with content."""
    return max((index for index, cell in enumerate(cells, 1) if str(cell).strip()), default=0)


def _reads_like_labels(cells: Sequence[Cell]) -> bool:
    texts = [cell for cell in cells if not isinstance(cell, str) or cell.strip()]
    return bool(texts) and all(_is_label(cell) for cell in texts)


def _is_label(cell: Cell) -> bool:
    if not isinstance(cell, str):
        return False
    text = cell.strip()
    return len(text) <= _MAX_LABEL_CHARS and not _DATA_LIKE.fullmatch(text)
