"""Opening a table: CSV, TSV, semicolon or pipe separated text, or an .xlsx workbook.

``open_table`` detects everything once; ``Table.rows`` then streams the records and may be called as
often as needed. Nothing is written and nothing of the file is kept in memory but its header.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TypeAlias

from carecoord_tui.exchange.delimited import DELIMITERS, read_delimited
from carecoord_tui.exchange.exports.read_back import comes_out_only, refusal
from carecoord_tui.exchange.header_row import find_header, trim_header
from carecoord_tui.exchange.pasted import as_path
from carecoord_tui.exchange.patient_columns import is_known_header
from carecoord_tui.exchange.sheet_xml import Merge
from carecoord_tui.exchange.tabular import (
    HEADER_SEARCH_ROWS,
    MAX_COLUMNS,
    MAX_FILE_BYTES,
    Cell,
    KnownHeader,
    Progress,
    RawRow,
    TableError,
    cell_text,
)
from carecoord_tui.exchange.workbook import Sheet, open_sheet, sheet_tops

__all__ = [
    "Cell",
    "ComesOutOnly",
    "Progress",
    "RawRow",
    "SheetChoice",
    "Table",
    "TableError",
    "TableKind",
    "open_table",
    "sheet_choices",
]

_Records: TypeAlias = Callable[[Progress | None], Iterator[RawRow]]
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")


class TableKind(StrEnum):
    """How the file stores its table."""

    TEXT = "text"
    WORKBOOK = "workbook"


class ComesOutOnly(TableError):
    """A table of our own exports that nobody reads back."""


class SheetChoice(NamedTuple):
    """A worksheet one may choose. ``comes_out_only``: it is of our own export and nobody reads it back."""

    name: str
    comes_out_only: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table on disk, understood as far as its header."""

    path: Path
    kind: TableKind
    headers: tuple[str, ...]
    header_line: int
    """Line of the file, or row of the sheet, on which the header starts; from 1."""
    encoding: str
    """``UTF-8``, ``Windows-1252`` ...; empty for a workbook."""
    delimiter: str
    """``","``, a tab, ``";"`` or ``"|"``; empty for a workbook."""
    sheet: str
    """Name of the sheet; empty for a text file."""
    notes: tuple[str, ...]
    """What was detected, one sentence each."""
    _records: _Records
    _data_after: int
    _stamp: tuple[int, int]

    def rows(self, progress: Progress | None = None) -> Iterator[RawRow]:
        """The records below the header, without blank ones; may be called again for another pass.

        Raises:
            TableError: the file cannot be read on, or changed since it was opened.
        """
        if _stamp(self.path) != self._stamp:
            raise TableError(self.path, "changed while it was being read; start the import again")
        try:
            for row in self._records(progress):
                if row.line > self._data_after:
                    yield row
        except OSError as error:
            raise _unreadable(self.path, error) from error

    def same_content(self, first: int, second: int) -> bool:
        """True if two columns (indexes from 0) hold the same text in every row. Reads the whole file."""
        return all(_at(row, first) == _at(row, second) for row in self.rows())


def open_table(
    path: Path | str, *, sheet: str | None = None, is_known: KnownHeader = is_known_header
) -> Table:
    """Open a table and find its encoding, delimiter, sheet and header row.

    Args:
        path: the file. What it is is told from its content; the name only words the messages.
        sheet: name of the worksheet, for a workbook with several.
        is_known: tells the headers of the wanted table from other text.

    Raises:
        TableError: one sentence that names the file, the place where known, and what to do.
    """
    path = as_path(path)
    try:
        return _open(path, sheet, is_known)
    except OSError as error:
        raise _unreadable(path, error) from error


def sheet_choices(path: Path | str) -> tuple[SheetChoice, ...]:
    """The worksheets one may choose from; none for a text file.

    Raises:
        TableError: as ``open_table``.
    """
    path = as_path(path)
    try:
        tops = sheet_tops(path) if _checked_head(path).startswith(_ZIP_MAGIC) else {}
    except OSError as error:
        raise _unreadable(path, error) from error
    return tuple(
        SheetChoice(name, bool(comes_out_only(trim_header(top.cells), name))) for name, top in tops.items()
    )


def _open(path: Path, sheet: str | None, is_known: KnownHeader) -> Table:
    head = _checked_head(path)
    if head.startswith(_ZIP_MAGIC):
        return _open_workbook(path, open_sheet(path, sheet, is_known), is_known)
    if sheet is not None:
        raise TableError(path, "is a text file and has no sheets; leave out --sheet")
    _refuse_other_formats(path, head)
    text = read_delimited(path, is_known)
    top = list(islice(text.records(), HEADER_SEARCH_ROWS))
    _refuse_listing(path, top, path.stem)
    header = top[_header_index(path, top, is_known)]
    notes = [
        f"{text.encoding.label}, separated by {DELIMITERS[text.delimiter]}, header on line {header.line}."
    ]
    if text.encoding.note:
        notes.append(text.encoding.note)
    return Table(
        path=path,
        kind=TableKind.TEXT,
        headers=trim_header(header.cells),
        header_line=header.line,
        encoding=text.encoding.label,
        delimiter=text.delimiter,
        sheet="",
        notes=tuple(notes),
        _records=text.records,
        _data_after=header.line,
        _stamp=_stamp(path),
    )


def _open_workbook(path: Path, sheet: Sheet, is_known: KnownHeader) -> Table:
    facts = sheet.facts()
    top = list(islice(sheet.records(), HEADER_SEARCH_ROWS))
    if not top:
        raise TableError(path, f"the sheet “{sheet.name}” holds no data")
    _refuse_listing(path, top, sheet.name)
    header = top[_header_index(path, top, is_known)]
    headers, first, last = _joined_header(header, top, facts.merges)
    notes = [f"Sheet “{sheet.name}”, header in row {first}.", *sheet.notes]
    below = sum(1 for merge in facts.merges if merge.top > last)
    if below:
        notes.append(f"{below:,} merged cells below the header: only their first row holds the value.")
    if facts.uncalculated:
        notes.append(
            f"{facts.uncalculated:,} formulas have no stored value and read as blank; "
            "open the file in Excel and save it to calculate them."
        )
    return Table(
        path=path,
        kind=TableKind.WORKBOOK,
        headers=headers,
        header_line=first,
        encoding="",
        delimiter="",
        sheet=sheet.name,
        notes=tuple(notes),
        _records=sheet.records,
        _data_after=last,
        _stamp=_stamp(path),
    )


def _refuse_listing(path: Path, top: list[RawRow], name: str) -> None:
    """Refuse a table of our own exports that nobody reads back: it would be taken for another list."""
    found = comes_out_only(trim_header(top[0].cells), name) if top else ""
    if found:
        raise ComesOutOnly(path, refusal(found))


def _header_index(path: Path, top: list[RawRow], is_known: KnownHeader) -> int:
    if not top:
        raise TableError(path, "is empty; there is nothing to import")
    index = find_header(top, is_known)
    if index is None:
        raise TableError(
            path,
            "no header row found: the first rows hold data; add a first line with the names of the columns",
            line=top[0].line,
        )
    return index


def _joined_header(
    header: RawRow, top: list[RawRow], merges: tuple[Merge, ...]
) -> tuple[tuple[str, ...], int, int]:
    """Header texts, first and last header row, where merged cells make a header of several rows.

    The header reaches as far up and down as the merged cells that touch it; the texts above each other in
    a column are joined, and a merged text counts for each column it covers.
    """
    first = min(
        [merge.top for merge in merges if merge.top < header.line <= merge.bottom], default=header.line
    )
    last = header.line
    while reach := [merge.bottom for merge in merges if first <= merge.top <= last < merge.bottom]:
        last = max(reach)
    if first == last:
        return trim_header(header.cells), first, last
    rows = {row.line: row.cells for row in top if first <= row.line <= last}
    covers = [merge for merge in merges if first <= merge.top <= last]
    width = max([len(cells) for cells in rows.values()] + [merge.right + 1 for merge in covers])
    columns: list[list[str]] = [[] for _ in range(min(width, MAX_COLUMNS))]
    for line, cells in sorted(rows.items()):
        for index, texts in enumerate(columns):
            source = next((m.left for m in covers if m.top == line and m.left <= index <= m.right), index)
            text = cell_text(cells[source]).strip() if source < len(cells) else ""
            if text and text not in texts:
                texts.append(text)
    return trim_header([" ".join(texts) for texts in columns]), first, last


def _checked_head(path: Path) -> bytes:
    """The first bytes of a file that exists, is a file, and is neither empty nor too large."""
    if path.is_dir():
        raise TableError(path, "is a folder; name the file to import")
    if path.exists() and not path.is_file():
        raise TableError(path, "is not an ordinary file; save the table as a file first")
    size = path.stat().st_size
    if size == 0:
        raise TableError(path, "is empty; there is nothing to import")
    if size > MAX_FILE_BYTES:
        raise TableError(
            path,
            f"is larger than {MAX_FILE_BYTES // 1024 // 1024} MB; split it and import the parts",
        )
    with path.open("rb") as stream:
        return stream.read(4096)


def _refuse_other_formats(path: Path, head: bytes) -> None:
    if head.startswith(_OLE_MAGIC):
        raise TableError(
            path, "is an old .xls or a password-protected workbook; open it in Excel and save it as .xlsx"
        )
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        raise TableError(path, "is not an Excel workbook, whatever its name says; save it again as .xlsx")
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"%pdf"):
        raise TableError(path, "is a PDF; export the table as CSV or .xlsx and import that")
    if text.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml")):
        raise TableError(path, "is a web page or XML, not a table; open it in Excel and save it as .xlsx")
    if text.startswith((b"[", b"{")) and (
        path.suffix.lower() == ".json" or text[1:].lstrip()[:1] in (b'"', b"{", b"[")
    ):
        raise TableError(path, "is a JSON file, not a table; export the table as CSV or .xlsx")


def _unreadable(path: Path, error: OSError) -> TableError:
    if isinstance(error, FileNotFoundError):
        return TableError(path, "there is no such file; check the name and the folder")
    if isinstance(error, PermissionError):
        return TableError(path, "may not be read by you; check its permissions")
    if error.errno == errno.EINVAL:  # a zip directory that points outside its file
        return TableError(path, "is damaged; open it in Excel, save it again as .xlsx and try again")
    return TableError(path, f"cannot be read ({error.strerror or 'input error'})")


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise _unreadable(path, error) from error
    return status.st_size, status.st_mtime_ns


def _at(row: RawRow, index: int) -> str:
    return cell_text(row.cells[index]).strip() if index < len(row.cells) else ""
