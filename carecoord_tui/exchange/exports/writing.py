"""Tables to private files: CSV or .xlsx, whole or not at all, formulas neutralised (OWASP).

A file holds patient data outside the encrypted practice: readable by its owner only (0600).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.exchange.rejects import shielded
from carecoord_tui.exchange.tabular import Cell, cell_text
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.files import make_private_folder, write_private

SUFFIXES = (".csv", ".xlsx")
_MAX_CELL = 5_000


class NotExported(StoreError):
    """The export could not be written; there is no file, or the older one still stands."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its name (a sheet, or a file), its header, its rows."""

    name: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv_bytes(table: Table) -> bytes:
    """The table as CSV; the byte order mark makes Excel read accents right."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(table.headers)
    writer.writerows([_text(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def workbook_bytes(tables: Iterable[Table]) -> bytes:
    """Every table as a sheet of one workbook, its header frozen."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    for table in tables:
        sheet = workbook.create_sheet(table.name[:31])
        sheet.freeze_panes = "A2"
        sheet.append(list(table.headers))
        for row in table.rows:
            sheet.append([_text(cell) if isinstance(cell, str) else cell for cell in row])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    return shielded(clean_text(cell_text(cell), _MAX_CELL))


def write_file(path: Path, content: bytes) -> None:
    """Write a private file. Raises NotExported when it cannot be written; an older one then stands."""
    try:
        write_private(path, content)
    except OSError as error:
        raise _not_written(path, error) from error


def write_folder(folder: Path, tables: Sequence[Table]) -> list[Path]:
    """A CSV file for each table in a private folder (0700). Raises NotExported."""
    try:
        make_private_folder(folder)
    except OSError as error:
        raise _not_written(folder, error) from error
    paths = []
    for table in tables:
        path = folder / f"{table.name.lower().replace(' ', '-')}.csv"
        write_file(path, csv_bytes(table))
        paths.append(path)
    return paths


def _not_written(path: Path, error: OSError) -> NotExported:
    return NotExported(
        f"{path} cannot be written ({error.strerror or 'output error'}); choose another place."
    )
