"""Rows that were not imported, and the file they are handed back in."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.exchange.quoting import BLANK_WORDS, FORMULA_STARTS
from carecoord_tui.exchange.tabular import Cell, cell_text

HEADERS = ("Row of the file", "Column at fault", "Not taken because")
"""What stands in a rejects file before the columns of its source."""


class Refused(ValueError):
    """Stops a row; ``field`` is where to look, "" for the row as a whole. The text repeats no value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field

    @property
    def is_left_out(self) -> bool:
        """True where a person said that the row is not wanted."""
        return isinstance(self, LeftOut)


class LeftOut(Refused):
    """Stops a row that a person said is to be left out."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was not imported. ``reason`` repeats no value; ``cells`` hold the row as it was read."""

    line: int
    column: str
    """The file's own header; empty when the row as a whole is at fault."""
    value_kind: str
    """What could not be read: ``last name``, ``birth date``, ``row`` ..."""
    reason: str
    cells: tuple[Cell, ...]
    is_left_out: bool = False
    """A person said that it is not wanted; it is handed back all the same, so that nothing gets lost."""


def write_rejects(path: Path | str, headers: Sequence[str], rejected: Iterable[Rejected]) -> int:
    """Write rejected rows as CSV: line, column, reason and then the cells as they were.

    The file is readable by its owner only (0600) and replaces one of the same name. A cell that a
    spreadsheet would run as a formula gets a leading apostrophe (OWASP, CSV injection); the importer takes
    it off again, so the corrected file can be imported as it is.

    Returns:
        Number of rows written.

    Raises:
        OSError: the file cannot be written, or the path is a symbolic link.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    descriptor = os.open(path, flags, 0o600)
    count = 0
    # The byte order mark makes Excel read accents right.
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
        if hasattr(os, "fchmod"):
            os.fchmod(stream.fileno(), 0o600)  # an older file may have been open to others
        writer = csv.writer(stream)
        writer.writerow([*HEADERS, *map(shielded, headers)])
        for row in rejected:
            cells = [shielded(cell_text(cell)) for cell in row.cells]
            writer.writerow([row.line, shielded(row.column), row.reason, *cells])
            count += 1
    return count


def shielded(text: str) -> str:
    """Text that no spreadsheet runs as a formula; the importer takes the apostrophe off again.

    A lone dash is no formula: it goes back as it was, or it would come in as text instead of as nothing.
    """
    text = text.replace("\0", "")
    is_run = text.startswith(FORMULA_STARTS) and text.strip().casefold() not in BLANK_WORDS
    return f"'{text}" if is_run else text
