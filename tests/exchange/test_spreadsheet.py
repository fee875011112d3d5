"""Opening tables: detection, bounds, and a clear sentence for everything that cannot be read."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from carecoord_tui.exchange import delimited, spreadsheet, tabular, workbook
from carecoord_tui.exchange.spreadsheet import RawRow, Table, TableError, TableKind, open_table

HEADER = "Last name,First name,DOB\n"
ROW = "Alvarez,Rosa,3/14/1961\n"


def write(folder: Path, content: str | bytes, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(table: Table) -> list[tuple[int, tuple[object, ...]]]:
    return [(row.line, row.cells) for row in table.rows()]


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(TableError) as caught:
        list(open_table(path, **options).rows())
    message = str(caught.value)
    assert path.name in message
    assert message.isprintable()
    return message


def book(folder: Path, *sheets: tuple[str, list[list[object]]], name: str = "list.xlsx") -> Path:
    result = openpyxl.Workbook()
    result.remove(result.active)
    for title, content in sheets:
        sheet = result.create_sheet(title)
        for line in content:
            sheet.append(line)
    result.save(folder / name)
    return folder / name


# --- delimiter, encoding, line ends ----------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiter_is_found_although_cells_hold_other_ones(tmp_path: Path, delimiter: str) -> None:
    lines = ["Name|DOB|Notes", '"Alvarez, Rosa"|1961-03-14|"labs; call, then mail"']
    path = write(tmp_path, "\n".join(line.replace("|", delimiter) for line in lines))
    table = open_table(path)
    assert table.delimiter == delimiter
    assert rows(table) == [(2, ("Alvarez, Rosa", "1961-03-14", "labs; call, then mail"))]


def test_excel_delimiter_line_is_obeyed_and_skipped(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "sep=;\nName;DOB\nRosa Alvarez;1961-03-14\n"))
    assert table.headers == ("Name", "DOB")
    assert rows(table) == [(3, ("Rosa Alvarez", "1961-03-14"))]


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("cp1252", "Windows-1252"),
    ],
)
def test_encoding_is_found(tmp_path: Path, codec: str, label: str) -> None:
    path = write(tmp_path, "Last name,First name,City\nGómez,José,Cañón\n".encode(codec))
    table = open_table(path)
    assert table.encoding == label
    assert table.headers == ("Last name", "First name", "City")
    assert rows(table) == [(2, ("Gómez", "José", "Cañón"))]


def test_old_code_page_is_guessed_and_said(tmp_path: Path) -> None:
    text = "Last name,First name\n" + "Gómez,José\nPérez,Ångström\nMuñoz,Zoë\n" * 30
    table = open_table(write(tmp_path, text.encode("mac_roman")))
    assert rows(table)[0] == (2, ("Gómez", "José"))
    assert any("guessed" in note for note in table.notes)


def test_encoding_after_the_first_megabyte_counts(tmp_path: Path) -> None:
    path = write(tmp_path, (HEADER + ROW * 60_000).encode() + "Gómez,José,1\n".encode("cp1252"))
    assert open_table(path).encoding == "Windows-1252"


def test_mostly_utf8_stays_utf8_and_names_the_line(tmp_path: Path) -> None:
    path = write(tmp_path, b"Name\n" + "Gómez Peña\n".encode() * 5 + b"Mu\xf1oz Ana\n")
    table = open_table(path)
    assert rows(table)[-1] == (7, ("Mu\ufffdoz Ana",))
    assert any("line 7" in note for note in table.notes)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_count_as_in_the_file_with_any_line_end(tmp_path: Path, end: str) -> None:
    lines = ["Name,Notes", 'Ann Bo,"two', 'lines"', "", "Cy Do,x"]
    table = open_table(write(tmp_path, end.join(lines)))
    assert rows(table) == [(2, ("Ann Bo", f"two{end}lines")), (5, ("Cy Do", "x"))]


def test_short_rows_come_as_they_are_and_blank_ones_not_at_all(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "Name,DOB,Sex\nAnn Bo\n,,\n  , ,\nCy Do,1961-03-14,F,extra\n"))
    assert rows(table) == [(2, ("Ann Bo",)), (5, ("Cy Do", "1961-03-14", "F", "extra"))]


# --- header ----------------------------------------------------------------------------------------------


def test_title_and_printed_on_lines_above_the_header_are_skipped(tmp_path: Path) -> None:
    text = "\n\nCaseload of Dr. Smith\nPrinted 11/30/2026,page 1\n\n" + HEADER + ROW
    table = open_table(write(tmp_path, text))
    assert table.header_line == 6
    assert table.headers == ("Last name", "First name", "DOB")
    assert rows(table) == [(7, ("Alvarez", "Rosa", "3/14/1961"))]


@pytest.mark.parametrize("text", ["1,2,3\n", "Alvarez,Rosa,3/14/1961\nChen,Wei,4/2/1950\n", "5550100134\n"])
def test_data_without_header_is_told_apart(tmp_path: Path, text: str) -> None:
    assert "no header row found" in refusal(write(tmp_path, text))


def test_header_keeps_blank_places_and_loses_blank_ends(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "Name,,DOB,,\nAnn Bo,x,1961-03-14,,\n"))
    assert table.headers == ("Name", "", "DOB")


# --- refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "is empty"),
        ("blank.csv", b"\n \n,,\n", "is empty"),
        ("binary.csv", HEADER.encode() + b"Al\0varez,Rosa,\n", "line 2"),
        ("noise.csv", bytes(range(256)) * 20, "NUL"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"x" * 600, "save it as .xlsx"),
        ("wrong.xlsx", HEADER.encode(), "is not an Excel workbook"),
        ("broken.xlsx", b"PK\x03\x04" + b"x" * 600, "is damaged"),
        ("report.pdf", b"%PDF-1.7\n" + b"x" * 50, "PDF"),
        ("page.csv", b"<html><table><tr><td>Name</td></tr></table></html>", "web page"),
        ("list.json", b'[{"name": "Ann"}]', "JSON"),
        ("quote.csv", (HEADER + 'Alvarez,"Rosa,3/14/1961\nChen,Wei,4/2/1950\n').encode(), "line 2"),
        ("utf16.csv", b"\xff\xfe" + "Name\n".encode("utf-16-le") + b"\x00\xd8", "UTF-16"),
    ],
)
def test_unusable_content_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    assert said in refusal(write(tmp_path, content, name))


def test_missing_file_and_folder_are_refused(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "gone.csv")
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    assert "is a folder" in refusal(folder)


def test_bounds_are_refused_with_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MAX_FIELD_CHARS", 50)
    long_cell = write(tmp_path, HEADER + ROW + f"Chen,{'x' * 51},\n")
    assert "line 3, column 2" in refusal(long_cell)
    many_lines = write(tmp_path, HEADER + 'Chen,"' + "x\n" * 30 + '",\n', "many.csv")
    assert "line 2, column 2" in refusal(many_lines)
    monkeypatch.setattr(tabular, "MAX_COLUMNS", 5)
    assert "line 3: 7 columns" in refusal(write(tmp_path, HEADER + ROW + "a,b,c,d,e,f,g\n", "wide.csv"))
    monkeypatch.setattr(spreadsheet, "MAX_FILE_BYTES", 20)
    assert "is larger than" in refusal(long_cell)


def test_runaway_quote_beyond_the_parser_limit_names_its_line(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + ROW + 'Chen,"Wei,4/2/1950\n' + ROW * 10_000)
    assert "line 3" in refusal(path)


def test_control_characters_of_a_file_name_do_not_reach_the_message(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        open_table(tmp_path / "evil\x1b[31m.csv")
    assert str(caught.value).startswith("evil [31m.csv: ")


def test_file_changed_between_two_passes_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + ROW)
    table = open_table(path)
    path.write_text(HEADER + ROW + ROW)
    with pytest.raises(TableError, match="changed while"):
        list(table.rows())


# --- passes ----------------------------------------------------------------------------------------------


def test_rows_can_be_read_again_and_report_progress(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + ROW * 5_000)
    table = open_table(path)
    seen: list[tuple[int, int]] = []
    assert len(list(table.rows(lambda done, total: seen.append((done, total))))) == 5_000
    assert len(list(table.rows())) == 5_000
    size = path.stat().st_size
    assert seen[-1] == (size, size)
    assert seen == sorted(seen)
    assert len(seen) >= 2


def test_same_content_compares_whole_columns(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "Name,DOB,DOB\nAnn Bo,1/2/1960,1/2/1960 \nCy Do,1/3/1960,1/4/1960\n"))
    assert not table.same_content(1, 2)
    table = open_table(write(tmp_path, "Name,DOB,DOB\nAnn Bo,1/2/1960,1/2/1960 \n"))
    assert table.same_content(1, 2)


# --- workbooks -------------------------------------------------------------------------------------------


def test_workbook_cells_become_text_and_dates(tmp_path: Path) -> None:
    result = openpyxl.Workbook()
    sheet = result.active
    sheet.append(["MRN", "Name", "DOB", "Zip", "Deceased", "Due", "Score"])
    sheet.append([1001, "Ann Bo", date(1961, 3, 14), 2134, True, datetime(2026, 12, 3, 14, 0), 0.1 + 0.2])
    sheet.append(["00042", "Cy Do", "3/14/1961", 2134.0, False, datetime(2026, 12, 3), 12.0])
    sheet["D2"].number_format = "00000"
    result.save(tmp_path / "list.xlsx")
    table = open_table(tmp_path / "list.xlsx")
    assert table.kind is TableKind.WORKBOOK
    assert rows(table) == [
        (2, ("1001", "Ann Bo", date(1961, 3, 14), "02134", "TRUE", datetime(2026, 12, 3, 14, 0), "0.3")),
        (3, ("00042", "Cy Do", "3/14/1961", "2134", "FALSE", date(2026, 12, 3), "12")),
    ]


def test_sheet_with_the_known_headers_is_chosen(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        ("Summary", [["Month", "Calls"], ["May", 4]]),
        ("Caseload", [["Title"], ["Last name", "First name", "DOB"], ["Alvarez", "Rosa", "3/14/1961"]]),
    )
    table = open_table(path)
    assert (table.sheet, table.header_line) == ("Caseload", 2)
    assert any("chosen of 2" in note for note in table.notes)


def test_undecidable_sheets_are_listed_and_can_be_named(tmp_path: Path) -> None:
    people = [["Last name", "DOB"], ["Alvarez", "3/14/1961"]]
    path = book(tmp_path, ("East", people), ("West", people))
    message = refusal(path)
    assert "“East”" in message
    assert "“West”" in message
    assert "--sheet" in message
    assert open_table(path, sheet="west ").sheet == "West"
    assert "East, West" in refusal(path, sheet="North")


def test_hidden_sheets_are_read_only_when_named(tmp_path: Path) -> None:
    people = [["Last name", "DOB"], ["Alvarez", "3/14/1961"]]
    path = book(tmp_path, ("Old", people), ("Now", people))
    result = openpyxl.load_workbook(path)
    result["Old"].sheet_state = "hidden"
    result.save(path)
    table = open_table(path)
    assert table.sheet == "Now"
    assert any("1 hidden sheet not read" in note for note in table.notes)
    assert open_table(path, sheet="Old").sheet == "Old"


def test_merged_header_rows_are_joined(tmp_path: Path) -> None:
    path = book(
        tmp_path,
        (
            "List",
            [
                ["Caseload of Dr. Smith"],
                ["Patient", None, "Due", "Emergency contact", None],
                ["last name", "first name", None, "name", "phone"],
                ["Alvarez", "Rosa", "12/3/2026", "Luis", "555-010-0134"],
            ],
        ),
    )
    result = openpyxl.load_workbook(path)
    for cells in ("A1:E1", "A2:B2", "C2:C3", "D2:E2"):
        result["List"].merge_cells(cells)
    result.save(path)
    table = open_table(path)
    assert table.header_line == 2
    assert table.headers == (
        "Patient last name",
        "Patient first name",
        "Due",
        "Emergency contact name",
        "Emergency contact phone",
    )
    assert [line for line, _ in rows(table)] == [4]


def test_dates_that_count_from_1904_are_read_so_and_said(tmp_path: Path) -> None:
    result = openpyxl.Workbook()
    result.epoch = CALENDAR_MAC_1904
    result.active.append(["Last name", "DOB"])
    result.active.append(["Alvarez", date(1961, 3, 14)])
    result.save(tmp_path / "old.xlsx")
    table = open_table(tmp_path / "old.xlsx")
    assert rows(table) == [(2, ("Alvarez", date(1961, 3, 14)))]
    assert [note for note in table.notes if "1904" in note] == [
        "Its dates count from 1904, as on old Macs, and are read so."
    ]


def test_a_workbook_under_another_name_is_read_by_its_content(tmp_path: Path) -> None:
    path = book(tmp_path, ("List", [["Last name", "DOB"], ["Alvarez", date(1961, 3, 14)]]))
    for name in ("list.csv", "list.xls", "list"):
        table = open_table(path.rename(tmp_path / name))
        assert table.kind is TableKind.WORKBOOK and len(rows(table)) == 1
        path = tmp_path / name


def test_formulas_without_stored_value_are_said(tmp_path: Path) -> None:
    path = book(tmp_path, ("List", [["Last name", "DOB"], ["Alvarez", "=DATE(1961,3,14)"]]))
    assert any("1 formulas have no stored value" in note for note in open_table(path).notes)


def test_zip_bomb_and_foreign_zip_are_not_opened(tmp_path: Path) -> None:
    path = book(tmp_path, ("List", [["Last name"], ["Alvarez"]]))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.bin", b"\0" * (workbook._RATIO_FROM_BYTES + 1))
    assert "zip bomb" in refusal(path)
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("list.csv", HEADER)
    assert "is a zip archive" in refusal(other)


def test_unpacked_size_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_UNPACKED_BYTES", 100)
    assert "unpacks to more than" in refusal(book(tmp_path, ("List", [["Last name"], ["Alvarez"]])))


def test_entity_declarations_are_refused(tmp_path: Path) -> None:
    path = book(tmp_path, ("List", [["Last name"], ["Alvarez"]]))
    evil = tmp_path / "evil.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(evil, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "xl/workbook.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "b">]>' + content
            target.writestr(name, content)
    assert "entity declarations" in refusal(evil)


def test_damaged_sheet_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path, ("List", [["Last name"], ["Alvarez"]]))
    damaged = tmp_path / "damaged.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(damaged, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:-60] if name.endswith("sheet1.xml") else content)
    assert "is damaged" in refusal(damaged)


def test_text_file_has_no_sheets(tmp_path: Path) -> None:
    assert "has no sheets" in refusal(write(tmp_path, HEADER + ROW), sheet="List")


# --- anything at all -------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='ab1é",;|\t\r\n\x1b= ', max_size=200).map(str.encode),
    )
)
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content)
    try:
        found = list(open_table(path).rows())
    except TableError as error:
        assert str(error).isprintable()
    else:
        assert all(isinstance(row, RawRow) and row.line >= 1 for row in found)


# --- the sample files ------------------------------------------------------------------------------------

READ = {
    "csv_spectrum/csvs/comma_in_quotes.csv": (2, ("John", "Doe", "120 any st.", "Anytown, WW", "08123")),
    "csv_spectrum/csvs/empty.csv": (3, ("2", "3", "4")),
    "csv_spectrum/csvs/empty_crlf.csv": (3, ("2", "3", "4")),
    "csv_spectrum/csvs/escaped_quotes.csv": (3, ("3", "4")),
    "csv_spectrum/csvs/json.csv": (2, ("1", '{"type": "Point", "coordinates": [102.0, 0.5]}')),
    "csv_spectrum/csvs/location_coordinates.csv": (
        2,
        ("2095257564", "37\ufffd36'37.8\"N 121\ufffd2'17.9\"W", "Modesto", "Stanislaus"),
    ),
    "csv_spectrum/csvs/newlines.csv": (5, ("7", "8", "9")),
    "csv_spectrum/csvs/newlines_crlf.csv": (5, ("7", "8", "9")),
    "csv_spectrum/csvs/quotes_and_newlines.csv": (5, ("3", "4")),
    "csv_spectrum/csvs/simple.csv": (2, ("1", "2", "3")),
    "csv_spectrum/csvs/simple_crlf.csv": (2, ("1", "2", "3")),
    "csv_spectrum/csvs/utf8.csv": (3, ("4", "5", "ʤ")),
    "csvkit_blanks.csv": (2, ("", "NA", "N/A", "NONE", "NULL", ".")),
    "csvkit_dummy.xlsx": (2, ("1", "2", "3")),
    "csvkit_mac_newlines.csv": (3, ("Once upon\ra time", "5", "6")),
    "csvkit_test_date_format.csv": (3, ("31/12/2012",)),
    "csvkit_test_date_format_converted.csv": (3, ("2012-12-31",)),
    "csvkit_test_extra_header.csv": (2, ("1", "2", "3")),
    "csvkit_test_header_newline.csv": (8, ("d", "e", "f")),
    "csvkit_test_ignore_case.csv": (6, ("3", "2009-01-01", "d")),
    "csvkit_test_latin1.csv": (3, ("4", "5", "©")),
    "csvkit_test_skip_lines.csv": (5, ("1", "2", "3")),
    "csvkit_test_skip_lines.xlsx": (9, ("Unicode! Σ",)),
    "csvkit_test_utf8_bom.csv": (3, ("4", "5", "ʤ")),
    "frictionless_blank-headers.csv": (3, ("1102", "Julie", "26")),
    "frictionless_blank-rows.csv": (3, ("1102", "Julie", "26")),
    "frictionless_delimiter.csv": (3, ("2", "中国人")),
    "frictionless_duplicate-headers.csv": (3, ("1102", "Julie", "0", "26", "001102")),
    "frictionless_leading-zeros.csv": (4, ("00003",)),
    "frictionless_merged-cells.xlsx": None,
    "frictionless_multiline-headers.xlsx": (6, ("A", "B", "C", "D")),
}
REFUSED = {
    "csvkit_no_header_row.csv": "line 1: no header row found",
    "csvkit_sheets.xlsx": "“data”, “ʤ”",
}


@pytest.mark.parametrize("name", sorted(READ))
def test_sample_is_read(sample_data: Path, name: str) -> None:
    found = rows(open_table(sample_data / "spreadsheets" / name))
    assert (found[-1] if found else None) == READ[name]


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_sample_is_refused(sample_data: Path, name: str) -> None:
    assert REFUSED[name] in refusal(sample_data / "spreadsheets" / name)


def test_every_other_sample_is_a_json_file_and_refused(sample_data: Path) -> None:
    folder = sample_data / "spreadsheets"
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    others = files - set(READ) - set(REFUSED)
    assert len(others) == 12
    for name in others:
        assert "JSON" in refusal(folder / name)
    assert "JSON" in refusal(sample_data / "strings" / "blns.json")


def test_sample_1904_dates_and_chosen_sheet(sample_data: Path) -> None:
    path = sample_data / "spreadsheets" / "csvkit_sheets.xlsx"
    found = rows(open_table(path, sheet="data"))
    assert found[0] == (
        2,
        ("Chicago Reader", date(1971, 1, 1), "40", "TRUE", "1", datetime(1971, 1, 1, 4, 14)),
    )
    assert found[1][1][-1] == "Extra data beyond headers will be trimmed"


def test_sample_multiline_header_is_joined(sample_data: Path) -> None:
    table = open_table(sample_data / "spreadsheets" / "frictionless_multiline-headers.xlsx")
    cost = "Cumulative impact of changes on cost of food basket"
    assert table.headers == (
        "Region",
        "Caloric contribution (%)",
        f"{cost} from previous quarter",
        f"{cost} from baseline (%)",
    )


def test_spectrum_files_equal_their_published_answers(sample_data: Path) -> None:
    folder = sample_data / "spreadsheets" / "csv_spectrum"
    for answer in sorted((folder / "json").glob("*.json")):
        table = open_table(folder / "csvs" / f"{answer.stem}.csv")
        # The published CSV of this one lost its degree signs to U+FFFD; its JSON kept them.
        if answer.stem == "location_coordinates":
            continue
        found = [dict(zip(table.headers, row.cells, strict=True)) for row in table.rows()]
        expected = json.loads(answer.read_text(encoding="utf-8"))
        assert [_line_ends(record) for record in found] == [_line_ends(record) for record in expected]


def _line_ends(record: dict[str, object]) -> dict[str, str]:
    return {key: str(value).replace("\r\n", "\n") for key, value in record.items()}
