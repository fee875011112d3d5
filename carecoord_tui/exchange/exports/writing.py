"""Tables as CSV: cells as text, formulas neutralised (OWASP), what importers would misread marked as text.

A file holds patient data outside the encrypted practice: readable by its owner only (0600).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import BinaryIO, TextIO

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.exchange.quoting import Holds, defused, quoted
from carecoord_tui.exchange.tabular import Cell, cell_text
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.files import write_private

SUFFIXES = (".csv", ".xlsx")
_LONGEST = 10_000_000  # characters of a cell: far more than any column holds


class NotExported(StoreError):
    """The export could not be written; there is no file, or the older one still stands."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One table: its name (a sheet, or a file), its header, its rows, which may be read only once."""

    name: str
    headers: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    holds: Sequence[Holds] = ()
    """What each column holds; empty where no importer is strict about it."""
    is_read_back: bool = True
    """An importer may read it: what it would misread is marked as text. Else a cell says what is stored."""


@dataclass(frozen=True, slots=True)
class Table(Stream):
    """One table whose rows are all there."""

    rows: Sequence[Sequence[Cell]]


def write_csv(out: TextIO, table: Stream) -> int:
    """Write the table as CSV and return how many rows it had."""
    writer = csv.writer(out)
    writer.writerow(table.headers)
    holds, count = holds_of(table), 0
    for row in table.rows:
        writer.writerow([_csv_words(plain(cell), kind) for cell, kind in zip(row, holds, strict=True)])
        count += 1
    return count


def holds_of(table: Stream) -> Sequence[Holds | None]:
    """What each column holds, for every column; None where nobody reads it back."""
    if not table.is_read_back:
        return [None] * len(table.headers)
    return table.holds or [Holds.ANYTHING] * len(table.headers)


def plain(cell: Cell) -> Cell:
    """An aware time as the naive local one a spreadsheet knows, or as text where that would not do.

    The hour that clocks pass twice is written with its offset. Midnight is written in words: a spreadsheet
    shows it as a day without a time.
    """
    if not isinstance(cell, datetime) or cell.tzinfo is None:
        return cell
    local = cell.replace(tzinfo=None)
    if cell.utcoffset() != cell.replace(fold=1 - cell.fold).utcoffset():
        return cell.isoformat(sep=" ", timespec=_precision(cell))
    return f"{local:%Y-%m-%d} 12:00 AM" if local.time() == time() else local


def cell_words(cell: Cell, holds: Holds | None = Holds.ANYTHING) -> str:
    """A cell as text, line breaks kept; what importers would misread is marked unless ``holds`` is None."""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec=_precision(cell))
    if not isinstance(cell, str):
        return cell_text(cell)
    text = clean_text(cell, _LONGEST, multiline="\n" in cell) if cell else ""
    return quoted(text, holds) if text and holds is not None else text


def _csv_words(cell: Cell, holds: Holds | None) -> str:
    """A cell of a text file, where a spreadsheet takes for a formula whatever begins like one."""
    words = cell_words(cell, holds)
    return defused(words) if holds is None and isinstance(cell, str) else words


def _precision(moment: datetime) -> str:
    return "seconds" if moment.second else "minutes"


def write_one(out: BinaryIO, path: Path, table: Stream, also: Iterable[Stream] = ()) -> int:
    """Write one table as the ending of ``path`` says and return how many rows it had.

    ``also`` are further sheets of a workbook; a text file holds one table alone.
    """
    if path.suffix.lower() == ".csv":
        return write_csv_bytes(out, table)
    from carecoord_tui.exchange.exports.xlsx import write_workbook

    return write_workbook(out, [table, *also])[table.name]


def write_csv_bytes(out: BinaryIO, table: Stream) -> int:
    """:func:`write_csv` into a binary file; the byte order mark makes Excel read accents right."""
    import io

    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    try:
        return write_csv(text, table)
    finally:
        text.detach()


def write_file(path: Path, content: bytes) -> None:
    """Write a private file. Raises NotExported when it cannot be written; an older one then stands."""
    try:
        write_private(path, content)
    except OSError as error:
        raise not_written(path, error) from error


def not_written(path: Path, error: OSError) -> NotExported:
    """The one sentence for a place that cannot be written."""
    return NotExported(
        f"{path} cannot be written ({error.strerror or 'output error'}); choose another place."
    )
