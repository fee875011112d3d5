"""Reading .xlsx workbooks: choosing the sheet, cells as text and dates, hostile files refused."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from xml.etree.ElementTree import ParseError

from carecoord_tui.exchange.header_row import known_headers
from carecoord_tui.exchange.sheet_xml import SheetFacts, scan_sheet
from carecoord_tui.exchange.tabular import (
    HEADER_SEARCH_ROWS,
    MAX_FIELD_CHARS,
    PROGRESS_EVERY,
    Cell,
    KnownHeader,
    Progress,
    RawRow,
    TableError,
    check_width,
    shown,
)

if TYPE_CHECKING:
    from openpyxl.workbook.workbook import Workbook

    # The stubs type a read-only worksheet as if it were an ordinary one.
    ReadOnlyWorksheet: TypeAlias = Any

MAX_UNPACKED_BYTES = 400 * 1024 * 1024
MAX_PART_RATIO = 200
"""How much smaller than its content a large part of the zip may be; sheets come to 10-30."""
_RATIO_FROM_BYTES = 20 * 1024 * 1024
_MAX_PARTS = 10_000
_BATCH = 500
_SUFFIXES = (".xlsx", ".xlsm", ".xltx", ".xltm")
OLD_EPOCH = "Its dates count from 1904, as on old Macs, and are read so."

# What openpyxl and zipfile raise on damaged files, apart from OSError.
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, ParseError, EOFError, NotImplementedError,
    ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet of a workbook on disk."""

    path: Path
    name: str
    part: str
    """Path of the worksheet's XML inside the zip."""
    notes: tuple[str, ...] = ()

    def facts(self) -> SheetFacts:
        """Merged cells and uncalculated formulas.

        Raises:
            TableError: the sheet is damaged.
        """
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.part) as stream:
                return scan_sheet(stream)
        except _BROKEN as error:
            raise _damaged(self.path) from error

    def records(self, progress: Progress | None = None) -> Iterator[RawRow]:
        """All non-blank rows from the top, streaming, with formulas as their stored values.

        Raises:
            TableError: the sheet is damaged, or a row or cell is too large.
        """
        workbook = _load(self.path)
        try:
            sheet = workbook[self.name]
            total = sheet.max_row or 0
            for row in _rows(self.path, sheet):
                yield row
                if progress is not None and row.line % PROGRESS_EVERY == 0:
                    progress(row.line, max(total, row.line))
        finally:
            workbook.close()
        if progress is not None:
            progress(total, total)


def open_sheet(path: Path, wanted: str | None, is_known: KnownHeader) -> Sheet:
    """The worksheet to read: the one asked for, or the visible one that looks most like a patient list.

    Raises:
        TableError: not a workbook, damaged, hostile, no such sheet, or several sheets could be meant.
    """
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    _check_archive(path)
    workbook = _load(path)
    try:
        sheets = list(workbook.worksheets)
        if wanted is not None:
            found = _named(path, sheets, wanted)
        else:
            visible = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
            found = _most_recognisable(path, visible, len(sheets) - len(visible), is_known)
        if workbook.epoch == CALENDAR_MAC_1904:
            return replace(found, notes=(*found.notes, OLD_EPOCH))
        return found
    finally:
        workbook.close()


def sheet_tops(path: Path) -> dict[str, RawRow]:
    """The visible worksheets that hold data with their first row, in the order of the workbook.

    Raises:
        TableError: not a workbook, damaged or hostile.
    """
    _check_archive(path)
    workbook = _load(path)
    try:
        visible = (sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible")
        tops = ((sheet.title, next(_rows(path, sheet), None)) for sheet in visible)
        return {name: top for name, top in tops if top is not None}
    finally:
        workbook.close()


def _named(path: Path, sheets: list[ReadOnlyWorksheet], wanted: str) -> Sheet:
    folded = wanted.strip().casefold()
    exact = [sheet for sheet in sheets if sheet.title == wanted]
    for sheet in exact or [sheet for sheet in sheets if sheet.title.strip().casefold() == folded]:
        return Sheet(path, sheet.title, _part(sheet))
    titles = ", ".join(shown(sheet.title) for sheet in sheets)
    raise TableError(path, f"there is no sheet “{shown(wanted)}”; its sheets are: {titles}")


def _most_recognisable(
    path: Path, sheets: list[ReadOnlyWorksheet], hidden: int, is_known: KnownHeader
) -> Sheet:
    scores: list[tuple[int, ReadOnlyWorksheet]] = []
    for sheet in sheets:
        top = list(islice(_rows(path, sheet), HEADER_SEARCH_ROWS))
        if top:
            scores.append((max(known_headers(row.cells, is_known) for row in top), sheet))
    if not scores:
        raise TableError(path, "the workbook holds no data on a visible sheet")
    best = max(score for score, _ in scores)
    winners = [sheet for score, sheet in scores if score == best]
    if len(winners) > 1:
        titles = ", ".join(f"“{shown(sheet.title)}”" for sheet in winners)
        raise TableError(
            path, f"it is not clear which sheet holds the patients; choose one with --sheet: {titles}"
        )
    winner = winners[0]
    notes = []
    if len(sheets) > 1:
        notes.append(f"Sheet “{shown(winner.title)}” chosen of {len(sheets)}; --sheet reads another.")
    if hidden:
        notes.append(f"{hidden} hidden {'sheet' if hidden == 1 else 'sheets'} not read.")
    return Sheet(path, winner.title, _part(winner), tuple(notes))


def _check_archive(path: Path) -> None:
    """Refuse what is no workbook or would fill the memory; sizes are those the zip itself declares, and
    ``zipfile`` never reads beyond them."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                raise TableError(path, _what_zip(names))
            for part in parts:
                if (
                    part.file_size > _RATIO_FROM_BYTES
                    and part.file_size > MAX_PART_RATIO * part.compress_size
                ):
                    raise TableError(
                        path, "unpacks to far more than its size (a zip bomb); it was not opened"
                    )
            if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                limit = MAX_UNPACKED_BYTES // 1024 // 1024
                raise TableError(path, f"unpacks to more than {limit} MB; split it or save it as CSV UTF-8")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in _head(archive, part):
                    raise TableError(
                        path, "holds XML entity declarations, which Excel never writes; it was not opened"
                    )
    except _BROKEN as error:
        raise _damaged(path) from error


def _head(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    with archive.open(part) as stream:
        return stream.read(1024)


def _what_zip(names: set[str]) -> str:
    if "xl/workbook.bin" in names:
        return "is a binary workbook (.xlsb); open it in Excel and save it as .xlsx"
    if "content.xml" in names or any(name.endswith(".iwa") for name in names):
        return "is not an Excel workbook; save it as .xlsx or CSV UTF-8 and try again"
    return "is a zip archive, not a workbook; unpack it and import the table inside"


def _load(path: Path) -> Workbook:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns about features that do not matter for reading
            # openpyxl refuses other names; what the file is was told from its content.
            source = path if path.suffix.lower() in _SUFFIXES else io.BytesIO(path.read_bytes())
            return load_workbook(source, read_only=True, data_only=True, keep_links=False)
    except (*_BROKEN, InvalidFileException) as error:
        raise _damaged(path) from error


def _rows(path: Path, sheet: ReadOnlyWorksheet) -> Iterator[RawRow]:
    sheet.reset_dimensions()  # the declared size of a sheet is often wrong
    converter = _Converter(path)
    source = enumerate(sheet.iter_rows(), 1)
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                batch = list(islice(source, _BATCH))
                rows = [RawRow(line, converter.row(line, cells)) for line, cells in batch if cells]
        except _BROKEN as error:
            raise _damaged(path) from error
        for row in rows:
            if row.cells:
                check_width(path, row)
                yield row
        if not batch:
            return


class _Converter:
    """Turns openpyxl's cells into ``Cell`` values."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zeros: dict[str, int] = {}

    def row(self, line: int, cells: tuple[Any, ...]) -> tuple[Cell, ...]:
        """The row without blank cells at its right end; empty for a blank row."""
        values = ["" if cell.value is None else self._cell(line, cell) for cell in cells]
        while values and (values[-1] == "" or (isinstance(values[-1], str) and not values[-1].strip())):
            values.pop()
        return tuple(values)

    def _cell(self, line: int, cell: Any) -> Cell:
        value = cell.value
        if isinstance(value, str):
            if len(value) > MAX_FIELD_CHARS:
                raise TableError(
                    self._path, f"a cell is longer than {MAX_FIELD_CHARS:,} characters", line=line
                )
            return value
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, int):
            return str(value).zfill(self._shown_digits(cell.number_format))
        if isinstance(value, float):
            # Excel keeps 15 digits; whole numbers are shown without a point.
            return (
                str(int(value)).zfill(self._shown_digits(cell.number_format))
                if value.is_integer()
                else f"{value:.15g}"
            )
        if isinstance(value, datetime):
            return value.date() if value.time() == time() else value
        if isinstance(value, date):
            return value
        if isinstance(value, time):
            return value.isoformat(timespec="minutes")
        return str(value) if not isinstance(value, timedelta) else str(value.total_seconds())

    def _shown_digits(self, number_format: str | None) -> int:
        """How many digits a format such as ``00000`` (ZIP codes, chart numbers) always shows."""
        form = number_format or ""
        if form not in self._zeros:
            self._zeros[form] = len(form) if re.fullmatch(r"0{2,30}", form) else 0
        return self._zeros[form]


def _part(sheet: ReadOnlyWorksheet) -> str:
    return str(sheet._worksheet_path)


def _damaged(path: Path) -> TableError:
    return TableError(
        path, "is damaged or not a workbook; open it in Excel, save it again as .xlsx and try again"
    )
