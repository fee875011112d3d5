"""Corrupt rows that look fine are held back with the reason, by every importer."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.exchange.cell_shapes import Shape, shape_of
from carecoord_tui.exchange.columns import ColumnError, FieldSet
from carecoord_tui.exchange.exports.everything import export_everything
from carecoord_tui.exchange.import_kinds import BY_NAME
from carecoord_tui.exchange.import_patients import import_patients, is_status_word
from carecoord_tui.exchange.import_referrals import import_referrals
from carecoord_tui.exchange.logs import KINDS, LogJob, NeedsMeaning, RowFate, kind_named
from carecoord_tui.exchange.logs.reading import LogRow, RowReader
from carecoord_tui.exchange.odd_rows import NATURE_OF, Odd, OddRows
from carecoord_tui.exchange.patient_columns import PATIENTS
from carecoord_tui.exchange.patient_rows import PatientRow, read_patients
from carecoord_tui.exchange.referral_statuses import read_stage
from carecoord_tui.exchange.spreadsheet import open_table
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.on_file import OnFile
from carecoord_tui.store.tables import Authorization, Coverage, FollowUp, Patient, Payer

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(text: str) -> Path:
        path = tmp_path / "list.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return put


@pytest.fixture
def people(practice: Practice) -> None:
    with practice.change("people") as session:
        session.add_all(
            [
                Patient(mrn="M1001", family_name="Alvarez", given_name="Rosa", birth_date=date(1961, 3, 14)),
                Patient(mrn="M1002", family_name="Cole", given_name="James", birth_date=date(1980, 7, 4)),
            ]
        )


LOGS = {
    "coverages": (
        "MRN,Patient,Payer,Member ID,Plan,Effective from",
        "M1002,James Cole,Aetna,W99887766,Gold,2026-01-01",
    ),
    "authorizations": (
        "MRN,Patient,Payer,Service,Status,Submitted,Auth number",
        "M1002,James Cole,Aetna,CT,Approved,2026-10-15,A-1",
    ),
    "appointments": (
        "MRN,Patient,Date,Time,Type,Provider,Status",
        "M1002,James Cole,2026-12-16,9:00 AM,Follow-up,Dr Wu,Booked",
    ),
    "follow-ups": ("MRN,Patient,Task,Due,Status,Notes", "M1002,James Cole,Call the lab,2026-12-14,Open,"),
}


@pytest.mark.parametrize(
    ("kind", "row", "said"),
    [
        (
            "coverages",
            "M1001,Rosa Alvarez,W123456789,Aetna,Gold,2026-01-01",
            "“Payer” holds an identification",
        ),
        ("coverages", "M1001,Rosa Alvarez,Aetna,Medicare,Gold,2026-01-01", "“Member ID” holds no digit"),
        ("coverages", "M1001,Rosa Alvarez,Active,W123456789,Gold,2026-01-01", "“Payer” holds a status"),
        ("coverages", "M1001,Rosa Alvarez,Aetna,W123456789,Gold,2026-01-01 / 2026-06-01", "several values"),
        (
            "coverages",
            "M1001 M1002,Rosa Alvarez,Aetna,W123456789,Gold,2026-01-01",
            "“MRN” holds several values",
        ),
        (
            "authorizations",
            "M1001,Rosa Alvarez,Aetna,Approved,Approved,2026-11-02,A-2",
            "“Service” holds a status",
        ),
        (
            "authorizations",
            "M1001,Rosa Alvarez,Aetna,MRI,Approved,2026-11-02,(555) 010-0199",
            "a phone number",
        ),
        ("authorizations", "M1001,Rosa Alvarez,Aetna,MRI,Approved,2026-11-02,A-17 / A-18", "several values"),
        (
            "appointments",
            "M1001,Rosa Alvarez,2026-12-15,8:30 AM,booked,Dr Wu,Booked",
            "“Type” holds a status",
        ),
        ("appointments", "M1001,Rosa Alvarez,2026-12-15,8:30 AM,Confirmed,Dr Wu,", "“Type” holds a status"),
        (
            "appointments",
            "M1001,Rosa Alvarez,2026-12-15 2026-12-22,8:30 AM,Follow-up,Dr Wu,Booked",
            "“Date” holds several values where one date belongs",
        ),
        (
            "appointments",
            "M1001,Rosa Alvarez / James Cole,2026-12-15,8:30 AM,Follow-up,Dr Wu,Booked",
            "“Patient” holds several values",
        ),
        ("follow-ups", "M1001,Rosa Alvarez,Done,2026-12-14,Open,", "“Task” holds a status"),
        ("follow-ups", "M1001,rosa@example.org,Call,2026-12-14,Open,", "“Patient” holds an e-mail address"),
        (
            "follow-ups",
            'M1001,Rosa Alvarez,Call,2026-12-14,Open,"x\nM1002,James Cole,Call,2026-12-15,Open,y"',
            "another row is inside a cell",
        ),
    ],
)
def test_a_log_holds_odd_rows_back_until_somebody_takes_them(
    practice: Practice, people: None, write: Write, kind: str, row: str, said: str
) -> None:
    header, good = LOGS[kind]
    job = LogJob(practice, kind, write(f"{header}\n{row}\n{good}\n"))
    plan = job.read()
    assert (plan.counts.odd, plan.counts.created, plan.counts.rows) == (1, 1, 2)
    (odd,) = plan.of(RowFate.ODD)
    assert odd.line == 2 and said in odd.reason and odd.cells
    written = job.write()
    assert (written.counts.odd, written.counts.created) == (1, 1)
    assert written.rejects_path is not None
    assert said in written.rejects_path.read_text(encoding="utf-8-sig")


def test_a_row_is_taken_as_it_stands_and_held_back_again(
    practice: Practice, people: None, write: Write
) -> None:
    header, good = LOGS["appointments"]
    row = "M1001,Rosa Alvarez,2026-12-15,8:30 AM,booked,Dr Wu,Booked"
    job = LogJob(practice, "appointments", write(f"{header}\n{row}\n{good}\n"))
    job.take_odd(2)
    assert (job.read().counts.odd, job.read().counts.created) == (0, 2)
    job.hold_odd(2)
    assert job.read().counts.odd == 1
    takes_all = LogJob(practice, "appointments", write(f"{header}\n{row}\n{good}\n"), accept_odd=True)
    assert takes_all.write().counts.created == 2
    assert practice.execute("SELECT count(*) FROM appointment") == [(2,)]


def test_a_slipped_row_asks_nothing_about_its_status(practice: Practice, people: None, write: Write) -> None:
    header, good = LOGS["appointments"]
    row = "M1001,Rosa Alvarez,2026-12-15,8:30 AM,booked,Dr Wu,Room 4"
    plan = LogJob(practice, "appointments", write(f"{header}\n{row}\n{good}\n")).read()
    assert plan.asked == () and plan.counts.asked == 0 and plan.counts.rejected == 1
    assert "“Type” holds a status" in plan.of(RowFate.REJECTED)[0].reason


def test_offices_with_a_number_for_a_name(practice: Practice, write: Write) -> None:
    text = "Provider name,Specialty,Fax,NPI\nDr Ann Wu,Cardiology,555-010-0100,\n"
    text += "Q12345678,Imaging,555-010-0101,\nDr Bo Ray,Active Care,(555) 010-0102 / (555) 010-0103,\n"
    plan = LogJob(practice, "providers", write(text)).read()
    assert {row.line: row.reason.split(";")[0] for row in plan.of(RowFate.ODD)} == {
        4: "looks odd: “Fax” holds several values where one fax number belongs",
    }
    assert plan.counts.created == 2  # a name of letters and digits may be an office's


def test_a_patient_list_holds_odd_rows_back(practice: Practice, write: Write) -> None:
    text = (
        "MRN,Last,First,DOB,City,ZIP,Payer,Member ID\n"
        "M2001,Hale,Ann,1970-01-02,Salem,01970,Aetna,W11112222\n"
        "M2002,Hart,Bea,1971-01-02,Salem,01970,W33334444,Aetna\n"
        "M2003 M2004,Hill,Cy,1972-01-02,Salem,01970,Aetna,W55556666\n"
        "M2005,Holt; Howe,Di,1973-01-02,Salem,01970,Aetna,W77778888\n"
        "M2006,Hunt,Ed,1974-01-02,01970,Salem,Aetna,W99990000\n"
        "(555) 010-0100,Hurd,Flo,1975-01-02,Salem,01970,Aetna,W99991111\n"
    )
    report = import_patients(practice, write(text))
    found = report.counts
    assert (found.created, found.odd, found.rejected, found.refused) == (1, 5, 5, 0)
    assert {one.line for one in report.odd} == {3, 4, 5, 6, 7} and report.rejects_path is not None
    assert "“Payer” holds an identification number" in report.odd[0].reason
    assert "“Member ID” holds no digit" in report.odd[0].reason
    assert set(report.to_json()) == {
        *("rows", "created", "updated", "unchanged", "conflicts"),
        *("rejected", "possible_duplicates", "active"),
    }
    corrected = import_patients(practice, write(text), accept_odd=True)
    assert (corrected.counts.created, corrected.counts.odd) == (5, 0)


def test_a_referral_log_holds_odd_rows_back(practice: Practice, people: None, write: Write) -> None:
    text = (
        "MRN,Patient,DOB,Specialty,Referred to,Referral date,Status,Insurance\n"
        "M1001,Rosa Alvarez,1961-03-14,Cardiology,Dr Wu,2026-11-02,Sent,Aetna\n"
        "M1001,Rosa Alvarez,1961-03-14,Sent,Cardiology,2026-11-02,Sent,Aetna\n"
        "M1002,James Cole,1980-07-04,Imaging,Dr Ray,2026-11-02 2026-11-09,Sent,Aetna\n"
        "M1002,James Cole,1980-07-04,Neurology,Dr Ray,2026-11-02,Sent,W123456789\n"
        "M1002,James Cole,1980-07-04,Sent,Dr Ray,2026-11-02,Cardiology,Aetna\n"
    )
    report = import_referrals(practice, write(text), dry_run=True)
    assert (report.counts.created, report.counts.odd, report.counts.rejected) == (1, 3, 1)
    assert report.asked == ()  # the words of a slipped row are no question
    said = "\n".join(report.lines())
    assert "Odd rows, held back (--accept-odd takes them as they stand): 3" in said
    assert "line 3, “Specialty”: looks odd: “Specialty” holds a status" in said
    assert import_referrals(practice, write(text), accept_odd=True).counts.odd == 0


def test_another_record_beside_a_table_of_a_workbook(
    practice: Practice, people: None, tmp_path: Path
) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["MRN", "Patient", "Task", "Due", "Status"])
    second = ["M1002", "James Cole", "Fax", date(2026, 12, 15)]
    sheet.append(["M1001", "Rosa Alvarez", "Call", date(2026, 12, 14), "Open", *second])
    sheet.append(["M1002", "James Cole", "Call", date(2026, 12, 14), "Open", "see me first"])
    book.save(tmp_path / "tasks.xlsx")
    plan = LogJob(practice, "follow-ups", tmp_path / "tasks.xlsx").read()
    assert {row.line: row.reason for row in plan.of(RowFate.ODD)} == {
        2: "looks odd: another record stands to the right of it; are there two records in one?"
    }
    assert plan.counts.created == 1  # a remark beside the table is no record


def test_what_most_rows_of_a_column_hold_is_not_odd(practice: Practice, people: None, write: Write) -> None:
    rows = "".join(
        f"M1001,Rosa Alvarez,PLAN{number},W1234567{number},2026-01-{number - 1000:02}\n"
        for number in range(1001, 1009)
    )
    plan = LogJob(practice, "coverages", write(f"MRN,Patient,Payer,Member ID,Effective from\n{rows}")).read()
    assert plan.counts.odd == 0 and plan.counts.created == 8


# --- clean lists that look odd ---------------------------------------------------------------------------

_PLANS = "MRN,Last name,First name,DOB,Phone,Payer,Member ID"


@pytest.mark.parametrize(
    "rows",
    [
        # chart numbers filed by terminal digits, days of the calendar among them
        ["12-34-56,Hale,Ann,1970-01-02,,,", "98-76-54,Hart,Bea,1971-01-02,,,"],
        ["12-04-56,Hale,Ann,1970-01-02,,,", "M2002,Hart,Bea,1971-01-02,,,"],
        # payers with digits in their names
        ["M2001,Hale,Ann,1970-01-02,,1199SEIU,W11112222", "M2002,Hart,Bea,1971-01-02,,Aetna,W33334444"],
        ["M2001,Hale,Ann,1970-01-02,,CVS1234,W11112222", "M2002,Hart,Bea,1971-01-02,,Aetna,W33334444"],
        # member IDs in groups
        ["M2001,Hale,Ann,1970-01-02,,Aetna,1234 5678 9012", "M2002,Hart,Bea,1971-01-02,,Aetna,W33334444"],
        ["M2001,Hale,Ann,1970-01-02,,Aetna,123-456-7890", "M2002,Hart,Bea,1971-01-02,,Aetna,W33334444"],
        ["M2001,Hale,Ann,1970-01-02,555-010-0100,Aetna,123-456-7890"],
        # two rows, and both have it
        ["M2001,Hale,Ann,1970-01-02,,W12345678,", "M2002,Hart,Bea,1971-01-02,,W12345679,"],
    ],
)
def test_a_clean_list_is_taken(practice: Practice, write: Write, rows: list[str]) -> None:
    report = import_patients(practice, write("\n".join([_PLANS, *rows])))
    assert [one.reason for one in (*report.odd, *report.rejected)] == []
    assert report.counts.created == len(rows)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("1001 1002,Hale,Ann,1970-01-02,,Aetna,W11112222", "“MRN” holds several values"),
        ("12/04/1956,Hale,Ann,1970-01-02,,Aetna,W11112222", "“MRN” holds a date"),
        ("1956-04-12,Hale,Ann,1970-01-02,,Aetna,W11112222", "“MRN” holds a date"),
        ("M2001,Hale,Ann,1970-01-02,,(555) 010-0100,Aetna", "“Payer” holds a phone number"),
        ("M2001,Hale,Ann,1970-01-02,,1199SEIU,Aetna", "“Payer” holds an identification number"),
        ("M2001,Hale,Ann,1970-01-02,W11112222,Aetna,555-010-0100", "“Member ID” holds a phone number"),
        ("M2001,Hale,Ann,1970-01-02,,W11112222,123-456-7890", "“Member ID” holds a phone number"),
        ("M2001,Hale,Ann,1970-01-02,,Aetna,W11112222 W11112223", "“Member ID” holds several values"),
    ],
)
def test_what_has_two_readings_is_odd_beside_what_is_odd(
    practice: Practice, write: Write, row: str, said: str
) -> None:
    good = "1003,Hart,Bea,1971-01-02,,Aetna,W33334444"
    report = import_patients(practice, write("\n".join([_PLANS, row, good])))
    assert (report.counts.created, report.counts.odd) == (1, 1)
    assert said in report.odd[0].reason


def test_a_number_in_groups_does_not_stop_the_question_about_its_status(
    practice: Practice, people: None, write: Write
) -> None:
    text = "MRN,Patient,Payer,Service,Status,Submitted,Auth number\n"
    text += "M1001,Rosa Alvarez,Aetna,CT,Zzz,2026-10-15,1234 5678 9012\n"
    plan = LogJob(practice, "authorizations", write(text)).read()
    assert [one.words for one in plan.asked] == ["Zzz"] and plan.counts.rejected == 0


def test_our_own_export_is_taken_back_unchanged(practice: Practice, tmp_path: Path) -> None:
    with practice.change("odd and true") as session:
        rosa = Patient(mrn="12/34/5678", family_name="Holt; Howe", birth_date=date(1961, 3, 14), city="1770")
        plain = Patient(mrn="12-04-56", family_name="Cole", given_name="Jo", birth_date=date(1961, 3, 15))
        payers = [Payer(name="1199SEIU"), Payer(name="W1234567890")]
        session.add_all([rosa, plain, *payers])
        session.flush()
        rows = [(payers[0], "123-456-7890"), (payers[1], "ABCDEFGH")]
        for rank, (payer, number) in enumerate(rows, 1):
            session.add(Coverage(patient_id=rosa.id, payer_id=payer.id, member_id=number, rank=rank))
        session.add(FollowUp(patient_id=rosa.id, title="(555) 010-1234", due_on=date(2026, 12, 14)))
        session.add(
            Authorization(
                patient_id=rosa.id, service="Approved", opened_on=date(2026, 11, 2), number="A-17 / A-18"
            )
        )
    export_everything(practice, tmp_path / "out")
    patients = import_patients(practice, tmp_path / "out/patients.csv").counts
    assert (patients.rejected, patients.conflicts, patients.unchanged) == (0, 0, 2)
    for kind in ("coverages", "follow-ups", "authorizations"):
        counts = LogJob(practice, kind, tmp_path / f"out/{kind}.csv").read().counts
        assert (counts.odd, counts.rejected, counts.created) == (0, 0, 0), kind
        assert counts.unchanged == counts.rows > 0, kind


def test_only_the_same_column_of_the_practice_vouches_for_a_text(practice: Practice) -> None:
    with practice.change("payer") as session:
        session.add(Payer(name="W1234567890"))
    on_file = OnFile(practice.execute)
    assert on_file("payer_name", "w1234567890")
    assert not on_file("member_id", "W1234567890") and not on_file("sex", "W1234567890")


@pytest.mark.parametrize("text", ["98-76-54", "12-34-56", "13/13/2020", "2020-02-30", "1-2-0007"])
def test_no_day_of_the_calendar(text: str) -> None:
    assert shape_of(text) is not Shape.DATE


@pytest.mark.parametrize("text", ["2020-02-29", "3/14/61", "14.3.1961", "1961/3/14", "2026-11-02 08:30:00"])
def test_a_day_of_the_calendar(text: str) -> None:
    assert shape_of(text) is Shape.DATE


@pytest.mark.parametrize(
    "text",
    [
        "Holt-Howe",
        "O'Neil, Ann",
        "1EG4-TE5-MK73",
        "123 456 789",
        "yrb 123456789",
        "Dr. Smith",
        "",
        "Room 1204",
        "A1",
    ],
)
def test_usual_texts_have_no_other_shape(text: str) -> None:
    assert shape_of(text) in (None, Shape.NUMBER, Shape.LETTERS)


def test_every_watched_field_is_a_field_of_some_importer() -> None:
    known = {field for kind in BY_NAME.values() for field in kind.columns.fields}
    assert set(NATURE_OF) <= known


# --- confirmed ---------------------------------------------------------------------------------------------


def test_confirmed_is_asked_once_with_an_answer_proposed(
    practice: Practice, people: None, write: Write
) -> None:
    header, good = LOGS["appointments"]
    path = write(f"{header}\n{good.replace('Booked', 'Confirmed')}\n")
    job = LogJob(practice, "appointments", path)
    (asked,) = job.read().asked
    assert (asked.words, str(asked.proposed)) == ("Confirmed", "booked_confirmed")
    with pytest.raises(NeedsMeaning, match='--status "Confirmed=booked_confirmed"'):
        job.write()
    job.set_status("Confirmed", "booked_confirmed")
    assert job.write().counts.created == 1


@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("fulfilled", "kept"),
        ("Fulfilled", "kept"),
        ("noshow", "did not come"),
        ("Did not come", "did not come"),
    ],
)
def test_words_of_fhir_are_known(
    practice: Practice, people: None, write: Write, words: str, means: str
) -> None:
    header, good = LOGS["appointments"]
    text = f"{header}\n{good.replace('Booked', words).replace('2026-12-16', '2026-11-16')}\n"
    plan = LogJob(practice, "appointments", write(text)).read()
    assert [one.meaning for one in plan.statuses] == [means] and plan.counts.created == 1
    assert plan.rows[0].words.endswith(means)


# --- whole files -------------------------------------------------------------------------------------------


def odd_rows_of(path: Path, kind: str, is_status: Callable[[str], bool]) -> int | None:
    """How many rows are held back; None where the file is none of this kind."""
    known: FieldSet = BY_NAME[kind].columns
    table = open_table(path, is_known=known.is_known_header)
    try:
        columns = known.map_columns(table.headers, None, same_content=table.same_content)
    except ColumnError:
        return None
    if BY_NAME[kind].missing(columns.fields):
        return None
    checks = OddRows(columns, delimiter=table.delimiter, is_status=is_status)
    found: list[Odd[Any]] = [
        Odd(row, row.line, row.cells, misfits) for row in table.rows() if (misfits := checks.look(row.cells))
    ]
    return len(checks.settle(found)[0])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("synthea_ma_1171_csv/patients.csv", "patients"),
        ("synthea_ca_59_csv/patients.csv", "patients"),
        ("medscheduler_A/patients.csv", "patients"),
        ("duplicates/febrl_dataset1.csv", "patients"),
        ("coordinator_logs/airtable_intake_forms.csv", "patients"),
        ("medscheduler_A/appointments.csv", "appointments"),
        ("synthea_ma_1171_csv/payer_transitions.csv", "coverages"),
        ("synthea_ca_59_csv/payer_transitions.csv", "coverages"),
        ("synthea_ma_1171_csv/organizations.csv", "providers"),
        ("synthea_ca_59_csv/organizations.csv", "providers"),
        ("synthea_ma_1171_csv/providers.csv", "providers"),
        ("synthea_ca_59_csv/providers.csv", "providers"),
        ("synthea_ca_59_csv/encounters.csv", "appointments"),
        ("synthea_ca_59_csv/encounters.csv", "referrals"),
    ],
)
def test_no_row_of_other_peoples_clean_files_is_odd(sample_data: Path, name: str, kind: str) -> None:
    statuses = {one.name: one.statuses for one in KINDS}
    words = statuses.get(kind)

    def is_status(text: str) -> bool:
        if kind == "patients":
            return is_status_word(text)
        return read_stage(text, {}) is not None if kind == "referrals" else bool(words and words.knows(text))

    assert odd_rows_of(sample_data / name, kind, is_status) == 0


def moved_by_one(source: Path, target: Path, first: int) -> set[int]:
    """Copy a table, every tenth row with its cells moved one column on from column ``first``."""
    with source.open(encoding="utf-8") as stream:
        header, *rows = list(csv.reader(stream))
    moved = set(range(0, len(rows), 10))
    for number in moved:
        row = rows[number]
        rows[number] = [*row[:first], "", *row[first:-1]]
    with target.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return {number + 2 for number in moved}


@pytest.mark.parametrize("first", [0, 1, 2, 3])
def test_no_moved_row_of_a_real_appointment_book_is_taken(
    sample_data: Path, tmp_path: Path, first: int
) -> None:
    path = tmp_path / "moved.csv"
    moved = moved_by_one(sample_data / "medscheduler_A/appointments.csv", path, first)
    kind = kind_named("appointments")
    table = open_table(path, is_known=kind.columns.is_known_header)
    columns = kind.columns.map_columns(table.headers)
    orders = dict.fromkeys(columns.fields, DateOrder.YMD)
    today, zone = date(2026, 11, 30), ZoneInfo("America/New_York")
    reader = RowReader(kind, table, columns, today=today, zone=zone, orders=orders, answers={"unknown": None})
    taken = {row.line for row in table.rows() if isinstance(reader.read(row), LogRow)}
    assert not taken & moved and len(taken) > 1000


@pytest.mark.parametrize(
    ("name", "first"), [("medscheduler_A", 0), ("medscheduler_A", 1), ("synthea_ca_59_csv", 1)]
)
def test_no_moved_row_of_a_real_patient_list_is_taken(
    sample_data: Path, tmp_path: Path, name: str, first: int
) -> None:
    path = tmp_path / "moved.csv"
    moved = moved_by_one(sample_data / name / "patients.csv", path, first)
    table = open_table(path)
    columns = PATIENTS.map_columns(table.headers)
    checks = OddRows(columns, delimiter=table.delimiter, is_status=is_status_word)
    found = read_patients(table, columns, today=date(2026, 11, 30), date_order=DateOrder.YMD, odd=checks)
    taken = {row.line for row in found if isinstance(row, PatientRow)}
    assert not taken & moved and taken
