"""Tables as sheets of one .xlsx workbook (ECMA-376), row by row into the file itself.

Libraries that write large workbooks collect each sheet in the system's folder for temporary files first,
where it would lie unencrypted and outlive a kill; here nothing is written but the file that was asked for,
and memory holds a row at a time.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import count
from typing import IO, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from carecoord_tui.exchange.exports.writing import NotExported, Stream, cell_words, holds_of, plain
from carecoord_tui.exchange.quoting import Holds
from carecoord_tui.exchange.tabular import Cell

MAX_CELL = 32_767  # characters of a cell, as Excel allows
MAX_ROWS = 1_048_576
CUT = " [cut here: the whole text is in an export to CSV files]"
_LONGEST_NAME = 31
_EPOCH = date(1899, 12, 30)  # day 0 of Excel, for every day after its false 29 February 1900
_FIRST = date(1900, 3, 1)
_DAY_STYLE, _TIME_STYLE = 1, 2
_BETWEEN_WRITES = 200  # rows
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def write_workbook(out: BinaryIO, tables: Iterable[Stream]) -> dict[str, int]:
    """Write every table as a sheet, its header frozen; returns the rows of each.

    Raises NotExported for more rows than a sheet holds.
    """
    rows: dict[str, int] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
        for number, table in enumerate(tables, 1):
            place = f"xl/worksheets/sheet{number}.xml"
            with archive.open(place, "w", force_zip64=True) as sheet:
                rows[table.name] = _write_sheet(sheet, table)
        for name, text in _frame(list(rows)):
            archive.writestr(name, text)
    return rows


def _write_sheet(sheet: IO[bytes], table: Stream) -> int:
    sheet.write(
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        "<sheetData>".encode()
    )
    holds = holds_of(table)
    letters = [_letters(place) for place in range(len(table.headers))]
    parts = [_row(1, letters, table.headers, [None] * len(letters))]
    line = 1
    for line, row in zip(count(2), table.rows, strict=False):
        if line > MAX_ROWS:
            raise NotExported(f"{table.name}: more rows than a sheet holds; export to a folder of CSV files.")
        parts.append(_row(line, letters, row, holds))
        if len(parts) >= _BETWEEN_WRITES:
            sheet.write("".join(parts).encode())
            parts.clear()
    sheet.write("".join([*parts, "</sheetData></worksheet>"]).encode())
    return line - 1


def _row(line: int, letters: list[str], cells: Iterable[Cell], holds: Iterable[Holds | None]) -> str:
    found = [
        _cell(f"{letter}{line}", plain(cell), kind)
        for letter, cell, kind in zip(letters, cells, holds, strict=True)
        if cell != ""
    ]
    return f'<row r="{line}">{"".join(found)}</row>'


def _cell(place: str, cell: Cell, holds: Holds | None) -> str:
    if isinstance(cell, date) and not isinstance(cell, str):
        moment = cell if isinstance(cell, datetime) else None
        day = moment.date() if moment else cell
        if day >= _FIRST:
            value = (day - _EPOCH).days + (_part_of_day(moment) if moment else 0)
            style = _TIME_STYLE if moment else _DAY_STYLE
            return f'<c r="{place}" s="{style}"><v>{value:.15g}</v></c>'
    text = escape(_NOT_XML.sub("", _fitting(cell_words(cell, holds))))
    space = ' xml:space="preserve"' if "\n" in text else ""
    return f'<c r="{place}" t="inlineStr"><is><t{space}>{text}</t></is></c>'


def _part_of_day(moment: datetime) -> float:
    return (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400


def _fitting(text: str) -> str:
    """Text of at most as many characters as Excel counts (UTF-16), a longer one cut and said so."""
    if len(text) <= MAX_CELL // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * MAX_CELL:
        return text
    return units[: 2 * (MAX_CELL - len(CUT))].decode("utf-16-le", errors="ignore") + CUT


def _letters(place: int) -> str:
    """The name of a column, from 0: A ... Z, AA ..."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _frame(names: list[str]) -> Iterator[tuple[str, str]]:
    """The parts of the package around the sheets."""
    numbers = range(1, len(names) + 1)
    sheets = "".join(
        f'<sheet name={quoteattr(name[:_LONGEST_NAME])} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in zip(numbers, names, strict=True)
    )
    yield (
        "xl/workbook.xml",
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets></workbook>",
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    styles = f'<Relationship Id="rId{len(names) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    yield (
        "xl/_rels/workbook.xml.rels",
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{links}{styles}</Relationships>',
    )
    yield "xl/styles.xml", _STYLES
    yield (
        "_rels/.rels",
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    )
    parts = "".join(
        f'<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        for number in numbers
    )
    yield (
        "[Content_Types].xml",
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>{parts}</Types>',
    )
