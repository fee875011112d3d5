"""Rows into checked patients: what is read, what is warned about, what is rejected."""

from __future__ import annotations

import csv
import json
import stat
import time
import unicodedata
from dataclasses import fields
from datetime import date
from datetime import time as clock_time
from pathlib import Path

import openpyxl
import pytest

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.dates import DateError
from carecoord_tui.domain.vocabulary import PatientStatus, Risk, Sex
from carecoord_tui.exchange.import_plan import DateOrderNeeded, plan_import
from carecoord_tui.exchange.patient_columns import map_columns
from carecoord_tui.exchange.patient_rows import PatientRow, Rejected, read_patients, write_rejects
from carecoord_tui.exchange.row_values import read_file_date
from carecoord_tui.exchange.spreadsheet import TableError, open_table

TODAY = date(2026, 11, 30)


def write(folder: Path, text: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(
    path: Path, *, today: date = TODAY, date_order: DateOrder | None = None
) -> list[PatientRow | Rejected]:
    table = open_table(path)
    plan = plan_import(table, date_order=date_order)
    assert not plan.undecided
    return list(read_patients(table, plan.columns, today=today, date_order=plan.orders))


def one(folder: Path, header: str, row: str) -> PatientRow:
    found = read(write(folder, f"{header}\n{row}\n"))
    assert len(found) == 1
    assert isinstance(found[0], PatientRow), found[0]
    return found[0]


def warned(row: PatientRow) -> list[tuple[str, str]]:
    return [(warning.column, warning.reason) for warning in row.warnings]


# --- one row ---------------------------------------------------------------------------------------------


def test_every_field(tmp_path: Path) -> None:
    header = (
        "MRN|Last name|First name|Middle|Preferred name|Title|Suffix|DOB|Sex|Cell|Home phone|Email|Address|"
        "Apt|City|State|Zip|Language|Risk|Status|Insurance|Plan|Member ID|Group #|Next step|Due|Last contact|"
        "Notes|Comments|PCP"
    )
    row = (
        "00042|Alvarez|Rosa|M|Rosie|Ms.|Jr.|3/14/1961|F|(555) 010-0134|555.010.0135 x2|rosa@example.com|"
        "12 Oak St|3B|Salem|MA|01970|Spanish|High|on hold|Medicare|Part B|1EG4|G7|Call about labs|"
        "12/3/2026 2:30 pm|11/20/2026|Prefers mornings|Has a dog|Dr. Chen"
    )
    found = one(tmp_path, header, row)
    assert found == PatientRow(
        line=2,
        family_name="Alvarez",
        given_name="Rosa",
        middle_name="M",
        preferred_name="Rosie",
        prefix="Ms.",
        suffix="Jr.",
        birth_date=date(1961, 3, 14),
        sex=Sex.FEMALE,
        mrn="00042",
        phones=(("mobile", "+15550100134"), ("home", "+15550100135;ext=2")),
        email="rosa@example.com",
        address_line="12 Oak St, 3B",
        city="Salem",
        state="MA",
        postal_code="01970",
        language="Spanish",
        risk=Risk.HIGH,
        status=PatientStatus.ON_HOLD,
        payer_name="Medicare",
        plan_name="Part B",
        member_id="1EG4",
        group_number="G7",
        next_step="Call about labs",
        due_on=date(2026, 12, 3),
        due_at=clock_time(14, 30),
        last_contact_on=date(2026, 11, 20),
        notes="Prefers mornings\nHas a dog",
        primary_provider="Dr. Chen",
    )


@pytest.mark.parametrize(
    ("name", "family", "given"),
    [
        ('"Emily C,"', "C", "Emily"),
        ('"Alvarez, Rosa M."', "Alvarez", "Rosa"),
        ("Ludwig van Beethoven", "van Beethoven", "Ludwig"),
        ("None", "None", ""),
    ],
)
def test_full_name_is_taken_apart(tmp_path: Path, name: str, family: str, given: str) -> None:
    found = one(tmp_path, "Name,Sex", f"{name},F")
    assert (found.family_name, found.given_name) == (family, given)


def test_blank_words_are_nothing_but_not_in_names(tmp_path: Path) -> None:
    found = one(tmp_path, "Last,First,City,Notes,Risk,DOB,Phone", "Null,Na,N/A,none,-,unknown,TBD")
    assert (found.family_name, found.given_name) == ("Null", "Na")
    assert (found.city, found.notes, found.risk, found.phones) == ("", "", None, ())
    assert warned(found) == [("DOB", "no birth date: imported without one")]


def test_what_cannot_be_read_is_warned_about_and_kept_in_the_notes(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        "Name,Phone,Email,Sex,Risk,Status,Due,Last contact,Notes",
        "Ann Bo,call her son,ann at home,?!,tier 2,Submitted,next week,12/24/2026,dog",
    )
    assert found.phones == ()
    assert (found.sex, found.risk, found.status, found.due_on, found.last_contact_on) == (None,) * 5
    assert set(found.notes.split("\n")) == {
        "dog",
        "Phone as typed: call her son",
        "Email as typed: ann at home",
        "Sex as typed: ?!",
        "Risk as typed: tier 2",
        "Status as typed: Submitted",
        "Due as typed: next week",
        "Last contact as typed: 12/24/2026",
    }
    assert {column for column, _ in warned(found)} == {
        "Phone", "Email", "Sex", "Risk", "Status", "Due", "Last contact",
    }  # fmt: skip
    assert all(warning.line == 2 for warning in found.warnings)


def test_several_phones_in_one_cell(tmp_path: Path) -> None:
    found = one(tmp_path, "Name,Phone,Cell", "Ann Bo,555-010-0134 / 555-010-0135,(555) 010-0134")
    assert found.phones == (("mobile", "+15550100134"), ("phone", "+15550100135"))


def test_first_name_alone_is_filed_and_said(tmp_path: Path) -> None:
    found = one(tmp_path, "Last,First,Sex", ",Rosa,F")
    assert (found.family_name, found.given_name) == ("Rosa", "")
    assert warned(found) == [("Last", "no last name: filed under the first name")]


def test_overlong_text_is_shortened_and_kept_but_an_identifier_is_not(tmp_path: Path) -> None:
    found = one(tmp_path, "Name,MRN,City", f"Ann Bo,{'9' * 300},{'x' * 300}")
    assert found.mrn == ""
    assert found.city == "x" * 200
    assert "9" * 300 in found.notes
    assert "x" * 300 in found.notes


def test_control_characters_and_markup_are_harmless(tmp_path: Path) -> None:
    found = one(tmp_path, "Name,City,Notes", '\x1b[31mAnn\x07 [/b]Bo,a\u202eb,"one\n\x1b]0;two"')
    assert "\x1b" not in found.family_name + found.given_name + found.middle_name
    assert found.city == "ab"
    assert found.notes == "one\n]0;two"


# --- dates -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "read_as", "has_year"),
    [
        ("12/3/2026", date(2026, 12, 3), True),
        ("2026-12-03T00:00:00Z", date(2026, 12, 3), True),
        ("20261203", date(2026, 12, 3), True),
        ("3 Dec 2026", date(2026, 12, 3), True),
        ("1/5/2024", date(2024, 1, 5), True),
        ("11/20", date(2026, 11, 20), False),  # ten days overdue, not almost a year away
        ("1/5", date(2027, 1, 5), False),
    ],
)
def test_dates_of_a_file(text: str, read_as: date, has_year: bool) -> None:
    found = read_file_date(text, today=TODAY, order=DateOrder.MDY)
    assert (found.on, found.has_year) == (read_as, has_year)


def test_a_past_date_without_year_is_the_latest_before_today() -> None:
    assert read_file_date("12/3", today=TODAY, order=DateOrder.MDY, past=True).on == date(2025, 12, 3)


@pytest.mark.parametrize(
    "text", ["tomorrow", "thu 2pm", "+3bd", "in 2 weeks", "2/30/2026", "2/29", "soon", "5"]
)
def test_relative_and_impossible_dates_are_refused(text: str) -> None:
    with pytest.raises(DateError):
        read_file_date(text, today=TODAY, order=DateOrder.MDY)


def test_due_without_year_and_with_unclear_time_is_warned_about(tmp_path: Path) -> None:
    found = one(tmp_path, "Name,Due", "Ann Bo,11/20")
    assert found.due_on == date(2026, 11, 20)
    assert warned(found) == [("Due", "due has no year: read as 2026")]
    found = one(tmp_path, "Name,Due", "Ann Bo,12/13/2026 2:30")
    assert (found.due_on, found.due_at) == (date(2026, 12, 13), None)
    assert warned(found) == [("Due", "due: only the date is understood, the rest is kept in the notes")]
    assert found.notes == "Due as typed: 12/13/2026 2:30"


def test_order_comes_from_the_whole_column(tmp_path: Path) -> None:
    path = write(tmp_path, "Name,DOB\nAnn Bo,03/04/1961\nCy Do,25/12/1950\n")
    assert [row.birth_date for row in read(path) if isinstance(row, PatientRow)] == [
        date(1961, 4, 3),
        date(1950, 12, 25),
    ]


def test_undecidable_order_is_asked_for(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "Name,DOB\nAnn Bo,03/04/1961\n"))
    plan = plan_import(table)
    assert [(column.field, column.header) for column in plan.undecided] == [("birth_date", "DOB")]
    with pytest.raises(DateOrderNeeded, match=r"“DOB”.*--date-order dmy\|mdy"):
        list(read_patients(table, plan.columns, today=TODAY))
    for order, born in ((DateOrder.MDY, date(1961, 3, 4)), (DateOrder.DMY, date(1961, 4, 3))):
        plan = plan_import(table, date_order=order)
        found = next(read_patients(table, plan.columns, today=TODAY, date_order=plan.orders))
        assert isinstance(found, PatientRow)
        assert found.birth_date == born
        found = next(read_patients(table, plan.columns, today=TODAY, date_order=order))
        assert isinstance(found, PatientRow)
        assert found.birth_date == born


def test_header_or_the_other_columns_decide_an_undecidable_order(tmp_path: Path) -> None:
    named = plan_import(open_table(write(tmp_path, "Name,DOB (DD/MM/YYYY)\nAnn Bo,03/04/1961\n")))
    assert named.orders == {"birth_date": DateOrder.DMY}
    other = plan_import(open_table(write(tmp_path, "Name,DOB,Due\nAnn Bo,03/24/1961,12/03/2026\n")))
    assert other.orders == {"birth_date": DateOrder.MDY, "due_on": DateOrder.MDY}
    assert any("Due" in note and "other date columns" in note for note in other.notes)


def test_mixed_orders_are_asked_for_with_their_lines(tmp_path: Path) -> None:
    text = "Name,DOB\nAnn Bo,13/04/1961\nCy Do,04/13/1961\nEd Fo,04/14/1961\n"
    plan = plan_import(open_table(write(tmp_path, text)))
    assert plan.undecided[0].conflict_lines == (2,)


def test_follow_up_column_with_dates_is_the_due_date(tmp_path: Path) -> None:
    found = one(tmp_path, "Name,Follow up", "Ann Bo,12/13/2026")
    assert (found.due_on, found.next_step) == (date(2026, 12, 13), "")
    found = one(tmp_path, "Name,Follow up", "Ann Bo,call daughter")
    assert (found.due_on, found.next_step) == (None, "call daughter")


def test_workbook_dates_need_no_order(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Name", "DOB", "Due", "Phone", "Zip"])
    book.active.append(["Ann Bo", date(1961, 4, 3), date(2026, 12, 3), 5550100134, "02134"])
    book.active.append(["Cy Do", date(2061, 4, 3), None, None, None])
    book.save(tmp_path / "list.xlsx")
    good, future = read(tmp_path / "list.xlsx")
    assert isinstance(good, PatientRow)
    assert (good.birth_date, good.due_on, good.due_at) == (date(1961, 4, 3), date(2026, 12, 3), None)
    assert good.phones == (("phone", "+15550100134"),)
    assert isinstance(future, Rejected)
    assert (future.line, future.column) == (3, "DOB")


# --- deceased --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "cell", "deceased", "died"),
    [
        ("Date of death", "12/24/2020", True, date(2020, 12, 24)),
        ("Date of death", "", False, None),
        ("Date of death", "sometime in spring", True, None),
        ("Date of death", "12/24/2030", True, None),
        ("Date of death", "12/24/1930", True, None),
        ("Deceased", "Yes", True, None),
        ("Deceased", "FALSE", False, None),
        ("Deceased", "12/24/2020", True, date(2020, 12, 24)),
        ("Deceased", "ask family", False, None),
        ("Status", "Deceased", True, None),
        ("Status", "Active", False, None),
    ],
)
def test_deceased(tmp_path: Path, header: str, cell: str, deceased: bool, died: date | None) -> None:
    found = one(tmp_path, f"Name,DOB,{header}", f"Ann Bo,1961-03-14,{cell}")
    assert (found.deceased, found.deceased_on) == (deceased, died)
    assert (found.status is PatientStatus.DECEASED) is deceased
    if died is None and cell not in ("", "Yes", "FALSE", "Deceased", "Active"):
        assert cell in found.notes
        assert len(found.warnings) == 1


# --- rejected --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "kind", "reason"),
    [
        (",,1/20/1960,", "Last", "family name", "no name"),
        ("12345,,1/20/1960,", "Last", "family name", "no letters"),
        ("Bo,????x?\ufffd,1/20/1960,", "First", "given name", "could not be read"),
        (f"{'x' * 101},Ann,1/20/1960,", "Last", "family name", "longer than 100"),
        ("#REF!,Ann,1/20/1960,", "Last", "family name", "Excel error"),
        ("Bo,Ann,2/30/1960,", "DOB", "birth date", "a day its month does not have"),
        ("Bo,Ann,1/20/60,", "DOB", "birth date", "four digits"),
        ("Bo,Ann,1/20/2060,", "DOB", "birth date", "in the future"),
        ("Bo,Ann,1/20/1760,", "DOB", "birth date", "no real year"),
        ("Bo,Ann,#VALUE!,", "DOB", "birth date", "Excel error"),
        ("Bo,Ann,1/20/1960,F,extra", "", "row", "5 cells where the header has 4"),
    ],
)
def test_rejected_with_line_column_and_reason(
    tmp_path: Path, row: str, column: str, kind: str, reason: str
) -> None:
    path = write(tmp_path, f"Last,First,DOB,Sex\n{row}\nChen,Wei,1/21/1960,F\n")
    rejected, good = read(path)
    assert isinstance(rejected, Rejected)
    assert (rejected.line, rejected.column, rejected.value_kind) == (2, column, kind)
    assert reason in rejected.reason
    assert rejected.cells == tuple(row.split(","))
    assert isinstance(good, PatientRow)
    assert good.line == 3


def test_an_age_above_125_is_a_warning(tmp_path: Path) -> None:
    (row,) = read(write(tmp_path, "Last,First,DOB\nBo,Ann,1/20/1895\n"))
    assert isinstance(row, PatientRow)
    assert row.birth_date == date(1895, 1, 20)
    assert warned(row) == [("DOB", "The birth date is more than 125 years ago: check the year.")]


def test_short_row_is_padded_and_said_and_blank_extra_cells_do_not_matter(tmp_path: Path) -> None:
    short, long = read(write(tmp_path, "Name,DOB,Sex\nAnn Bo,1961-03-14\nCy Do,1961-03-14,F,,\n"))
    assert isinstance(short, PatientRow)
    assert warned(short) == [("", "2 cells where the header has 3: the rest is blank")]
    assert isinstance(long, PatientRow)
    assert long.warnings == ()


def test_columns_that_cannot_be_mapped_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"list\.csv, line 1: no column with the patient's name"):
        plan_import(open_table(write(tmp_path, "a,b\n1,2\n")))


def test_rejects_file_is_private_and_runs_no_formula(tmp_path: Path) -> None:
    path = write(
        tmp_path, 'Last,First,DOB,Phone\n"=HYPERLINK(""x"")",Ann,1/20/60,+1 555 010 0134\n-,,@x,"\t=1"\n'
    )
    target = tmp_path / "rejects.csv"
    target.write_text("old and longer than the new one" * 100)
    target.chmod(0o644)
    found = [row for row in read(path, date_order=DateOrder.MDY) if isinstance(row, Rejected)]
    assert write_rejects(target, ("Last", "First", "DOB", "Phone"), found) == 2
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    lines = list(csv.reader(target.read_text(encoding="utf-8-sig").splitlines()))
    assert lines[0] == [
        "Row of the file",
        "Column at fault",
        "Not taken because",
        "Last",
        "First",
        "DOB",
        "Phone",
    ]
    assert lines[1][:2] == ["2", "DOB"]
    assert lines[1][3:] == ['\'=HYPERLINK("x")', "Ann", "1/20/60", "'+1 555 010 0134"]
    assert lines[2][3:] == ["-", "", "'@x", "'\t=1"]


def test_corrected_rejects_file_can_be_imported_as_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, "Last,First,DOB,Phone\nBo,Ann,1/20/60,+1 555 010 0134\n")
    found = [row for row in read(path) if isinstance(row, Rejected)]
    target = tmp_path / "rejects.csv"
    write_rejects(target, ("Last", "First", "DOB", "Phone"), found)
    target.write_text(target.read_text(encoding="utf-8").replace("1/20/60", "1/20/1960"), encoding="utf-8")
    again = read(target)
    assert isinstance(again[0], PatientRow)
    assert again[0].phones == (("phone", "+15550100134"),)
    assert again[0].family_name == "Bo"


def test_rejects_file_does_not_follow_a_link(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("keep")
    (tmp_path / "rejects.csv").symlink_to(tmp_path / "victim")
    with pytest.raises(OSError, match=r"."):
        write_rejects(tmp_path / "rejects.csv", ("Name",), [])
    assert (tmp_path / "victim").read_text() == "keep"


# --- the sample files ------------------------------------------------------------------------------------


def test_synthea_ma(sample_data: Path) -> None:
    found = read(sample_data / "synthea_ma_1171_csv" / "patients.csv")
    people = [row for row in found if isinstance(row, PatientRow)]
    assert len(people) == len(found) == 1171
    assert sum(row.deceased for row in people) == 171
    assert all(row.deceased_on for row in people if row.deceased)
    assert len({row.mrn for row in people}) == 1171
    births = [row.birth_date for row in people if row.birth_date]
    assert (min(births), max(births)) == (date(1909, 12, 22), date(2020, 3, 22))
    assert sum(row.sex is Sex.FEMALE for row in people) == 609
    assert sum(not row.postal_code for row in people) == 543
    assert not any(row.warnings for row in people)
    assert (people[0].family_name, people[0].given_name) == ("Gómez206", "José Eduardo181")


def test_synthea_ca(sample_data: Path) -> None:
    people = [
        row for row in read(sample_data / "synthea_ca_59_csv" / "patients.csv") if isinstance(row, PatientRow)
    ]
    assert (len(people), sum(row.deceased for row in people)) == (59, 9)


def test_medscheduler_keeps_leading_zeros(sample_data: Path) -> None:
    people = [
        row for row in read(sample_data / "medscheduler_A" / "patients.csv") if isinstance(row, PatientRow)
    ]
    assert len(people) == 1526
    assert all(row.mrn.startswith("0") for row in people)
    assert people[0].sex is Sex.FEMALE
    assert (people[0].family_name, people[0].given_name) == ("Carter", "Kelly")


def test_febrl_rejects_the_three_impossible_birth_dates(sample_data: Path) -> None:
    found = read(sample_data / "duplicates" / "febrl_dataset1.csv", today=date(2026, 11, 30))
    rejected = [row for row in found if isinstance(row, Rejected)]
    people = [row for row in found if isinstance(row, PatientRow)]
    assert sum("125 years" in reason for row in people for _, reason in warned(row)) == 17
    assert (len(people), len(rejected)) == (997, 3)
    assert all(row.value_kind == "birth date" and row.column == "date_of_birth" for row in rejected)
    assert sum(row.birth_date is None for row in people) == 41


def test_coordinator_log(sample_data: Path) -> None:
    path = sample_data / "coordinator_logs" / "airtable_intake_forms.csv"
    people = [row for row in read(path) if isinstance(row, PatientRow)]
    assert [(row.given_name, row.family_name) for row in people[:2]] == [("Emily", "C"), ("Michael", "N.")]
    assert all(row.status is None and "Status as typed: " in row.notes for row in people)
    assert all(row.email for row in people)


def test_naughty_strings_are_imported_or_rejected_and_never_dangerous(
    sample_data: Path, tmp_path: Path
) -> None:
    strings = json.loads((sample_data / "strings" / "blns.json").read_text(encoding="utf-8"))
    headers = ["Last name", "First name", "DOB", "Phone", "Email", "City", "Next step", "Due", "Notes"]
    with (tmp_path / "naughty.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(headers)
        for text in strings:
            writer.writerow([text, "", "1960-01-20", *[text] * 6])
            writer.writerow(["Smith", text, "", *[text] * 6])
    found = read(tmp_path / "naughty.csv")
    assert len(found) == 2 * len(strings)
    people = [row for row in found if isinstance(row, PatientRow)]
    assert len(people) > len(strings)
    for row in people:
        for field in fields(row):
            value = getattr(row, field.name)
            if isinstance(value, str):
                allowed = "\n" if field.name == "notes" else ""
                assert not [
                    char
                    for char in value
                    if unicodedata.category(char) in ("Cc", "Cs") and char not in allowed
                ]


def test_map_columns_and_rows_agree_without_a_plan(tmp_path: Path) -> None:
    table = open_table(write(tmp_path, "Name,DOB\nAnn Bo,13/04/1961\n"))
    found = list(read_patients(table, map_columns(table.headers), today=TODAY))
    assert isinstance(found[0], PatientRow)
    assert found[0].birth_date == date(1961, 4, 13)


@pytest.mark.slow
def test_a_hundred_thousand_rows_take_seconds(tmp_path: Path) -> None:
    lines = [
        f"{index:06d},Alvarez{index},Rosa,{index % 12 + 1}/{index % 28 + 1}/19{index % 70 + 20},F,"
        f"(555) {index % 800 + 200}-{index % 10_000:04d},12 Oak St,High,Call about labs,"
        f"12/{index % 28 + 1}/2026"
        for index in range(100_000)
    ]
    header = "MRN,Last,First,DOB,Sex,Phone,Address,Risk,Next step,Due"
    path = write(tmp_path, "\n".join([header, *lines]))
    started = time.process_time()
    found = read(path)
    assert time.process_time() - started < 30
    assert sum(isinstance(row, PatientRow) for row in found) == 100_000
