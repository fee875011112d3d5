"""What every table reader shares: cells, rows, limits and the one error a user sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, TypeAlias

Cell: TypeAlias = str | date
"""Text as written, or a ``date``/``datetime`` where a workbook stores one. Never None: blank is ``""``."""

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (done, total), in bytes for text files and in rows for workbooks; total 0 is unknown."""

KnownHeader: TypeAlias = Callable[[str], bool]
"""Says whether a cell reads like the header of a column the importer understands."""

MAX_FILE_BYTES = 200 * 1024 * 1024
MAX_FIELD_CHARS = 100_000
MAX_COLUMNS = 500
HEADER_SEARCH_ROWS = 50
"""How many rows at the top are searched for the header."""

PROGRESS_EVERY = 2_000
"""Rows between two calls of a ``Progress``."""

EXCEL_ERRORS = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!")
)
"""What Excel shows, and exports, where a formula failed."""


class RawRow(NamedTuple):
    """One record as it stands in the file."""

    line: int
    """Line of the file on which the record starts, or row number of the sheet; from 1."""
    cells: tuple[Cell, ...]


class TableError(Exception):
    """The file cannot be used as a table. ``str()`` is one sentence for the user.

    The sentence names the file and, when known, line and column; it quotes headers and sheet names
    but never the content of a data row, so that it may be logged.
    """

    def __init__(
        self, path: Path | str, reason: str, *, line: int | None = None, column: int | None = None
    ) -> None:
        self.path = Path(path)
        self.reason = reason
        self.line = line
        self.column = column
        place = self.path.name or str(self.path)  # "." and "/" have no name
        if line is not None:
            place += f", line {line}"
        if column is not None:
            place += f", column {column}"
        super().__init__(f"{shown(place)}: {reason}")


def shown(text: str, limit: int = 60) -> str:
    """``text`` made safe for one line of a message: no control characters, bounded length."""
    flat = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def cell_text(cell: Cell) -> str:
    """A cell as text; dates in ISO form."""
    if isinstance(cell, str):
        return cell
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()


def check_width(path: Path, row: RawRow) -> None:
    """Refuse a row with more than ``MAX_COLUMNS`` columns.

    Raises:
        TableError: naming the line.
    """
    if len(row.cells) > MAX_COLUMNS:
        raise TableError(
            path,
            f"{len(row.cells):,} columns, at most {MAX_COLUMNS} are read; delete unused columns",
            line=row.line,
        )
