"""``import_referrals`` from the log to the store: one undoable change, nothing guessed, safe to run twice."""

from __future__ import annotations

import csv
import stat
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.vocabulary import PatientStatus, ReferralStage
from carecoord_tui.exchange import import_steps
from carecoord_tui.exchange.import_referrals import (
    ImportCancelled,
    NeedsDateOrder,
    NeedsStatuses,
    ReferralImportReport,
    import_referrals,
)
from carecoord_tui.exchange.referral_columns import REFERRALS, is_referral_log
from carecoord_tui.exchange.referral_statuses import StatusError, parse_statuses, read_stage
from carecoord_tui.exchange.tabular import TableError
from carecoord_tui.store import audit, bulk, ledger, undo
from carecoord_tui.store.actions.referral_steps import take_step
from carecoord_tui.store.errors import ReadOnly
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.tables import Patient, PatientPhone, Provider

S = ReferralStage
HEAD = (
    "MRN,Patient name,DOB,Specialty,Referred to,Status,Referral date,Date sent,Appt date,Date seen,"
    "Report received\n"
)
LOG = f"""\
{HEAD}\
M1,"Alvarez, Rosa",3/14/1961,Cardiology,Silva Cardiology,Faxed,11/2/2026,11/3/2026,,,
M2,James Cole,7/4/1980,Dermatology,Dr. Ito,Appt made,10/20/2026,10/21/2026,12/15/2026,,
M3,"Okafor, Ada",12/31/1975,GI,Lakeside GI,Report received,9/1/2026,9/2/2026,10/1/2026,10/1/2026,10/9/2026
"""
TABLES = ("referral", "referral_stage", "provider", "import_record")
_OWED = "SELECT kind, record_id, rule_id, target_on, title FROM ledger ORDER BY kind, record_id, rule_id"


@pytest.fixture(autouse=True)
def people(practice: Practice) -> None:
    with practice.change("people") as session:
        session.add(Provider(name="Silva Cardiology", specialty="Cardiology", npi="1234567893"))
        rosa = Patient(mrn="M1", family_name="Álvarez", given_name="Rosa", birth_date=date(1961, 3, 14))
        session.add_all(
            [
                rosa,
                Patient(mrn="M2", family_name="Cole", given_name="James", birth_date=date(1980, 7, 4)),
                Patient(mrn="M3", family_name="Okafor", given_name="Ada", birth_date=date(1975, 12, 31)),
                Patient(family_name="Kim", given_name="Ann"),
                Patient(family_name="Twin", given_name="Bo", birth_date=date(1990, 1, 1)),
                Patient(family_name="Twin", given_name="Bo", birth_date=date(1990, 1, 1)),
            ]
        )
        session.flush()
        session.add(PatientPhone(patient_id=4, number="+15550100134"))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return write(tmp_path / "log.csv", LOG)


def bring(practice: Practice, path: Path, **options: Any) -> ReferralImportReport:
    """Import; American dates where a small file cannot tell."""
    return import_referrals(practice, path, date_order=DateOrder.MDY, **options)


def content(practice: Practice) -> dict[str, list[tuple[Any, ...]]]:
    found = {table: practice.execute(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES}  # noqa: S608
    return {**found, "owed": practice.execute(_OWED)}


def assert_sound(practice: Practice) -> None:
    with practice.read() as connection:
        report = ledger.differences(connection, practice.context)
        assert report.is_equal and not report.missing
        assert audit.verify(connection, practice.audit_key()).broken_at is None


def counts(report: ReferralImportReport) -> tuple[int, int, int, int]:
    found = report.counts
    not_taken = found.rejected + found.left_out + found.odd + found.asked
    assert found.rows == found.created + found.unchanged + found.conflicts + not_taken
    return found.created, found.unchanged, found.conflicts, found.rejected


def one_row(tmp_path: Path, cells: str, head: str = HEAD) -> Path:
    return write(tmp_path / "one.csv", head + cells + "\n")


def only_reason(report: ReferralImportReport) -> tuple[int, str, str]:
    [row] = report.rejected
    return row.line, row.column, row.reason


# --- what is written -------------------------------------------------------------------------------------


def test_a_log_becomes_referrals_with_their_stamps(practice: Practice, log: Path) -> None:
    report = bring(practice, log)
    assert counts(report) == (3, 0, 0, 0)
    assert (report.counts.open, report.counts.new_providers) == (3, 2)
    assert practice.execute(
        "SELECT patient_id, provider_id, specialty, stage, stage_on, ordered_on, sent_on, visit_on,"
        " report_received_on, touched_on FROM referral ORDER BY id"
    ) == [
        (1, 1, "Cardiology", "sent", "2026-11-03", "2026-11-02", "2026-11-03", None, None, "2026-11-03"),
        (2, 2, "Dermatology", "scheduled", "2026-10-21", "2026-10-20", "2026-10-21", "2026-12-15", None,
         "2026-10-21"),
        (3, 3, "GI", "report_received", "2026-10-09", "2026-09-01", "2026-09-02", "2026-10-01", "2026-10-09",
         "2026-10-09"),
    ]  # fmt: skip
    assert practice.execute(
        "SELECT stage, from_stage, happened_on FROM referral_stage WHERE referral_id = 3 ORDER BY id"
    ) == [
        ("sent", "draft", "2026-09-02"),
        ("seen", "sent", "2026-10-01"),
        ("report_received", "seen", "2026-10-09"),
    ]
    assert_sound(practice)
    owed = practice.execute(
        "SELECT record_id, rule_id FROM ledger WHERE kind = 'referral' ORDER BY record_id"
    )
    assert owed == [(1, "referral.acknowledge"), (2, "appointment.outcome"), (3, "referral.reviewed")]
    label = practice.execute("SELECT label FROM audit_event WHERE table_name = 'referral' LIMIT 1")
    assert label == [("import of 3 referrals",)]


def test_a_second_run_changes_nothing(practice: Practice, log: Path) -> None:
    bring(practice, log)
    before = content(practice)
    again = bring(practice, log)
    assert counts(again) == (0, 3, 0, 0)
    assert content(practice) == before


def test_undo_takes_all_of_it_back(practice: Practice, log: Path) -> None:
    before = content(practice)
    bring(practice, log)
    undone = undo.undo(practice)
    assert undone is not None and undone.label == "import of 3 referrals"
    assert content(practice) == before
    assert_sound(practice)
    assert counts(bring(practice, log)) == (3, 0, 0, 0)


def test_a_dry_run_writes_nothing(practice: Practice, log: Path) -> None:
    before = content(practice)
    report = bring(practice, log, dry_run=True)
    assert counts(report) == (3, 0, 0, 0)
    assert content(practice) == before
    assert [(one.words, one.rows, one.stage) for one in report.statuses] == [
        ("Faxed", 1, S.SENT),
        ("Appt made", 1, S.SCHEDULED),
        ("Report received", 1, S.REPORT_RECEIVED),
    ]
    assert "nothing was written" in report.lines()[-1]
    assert report.first_rows[0].office == "Silva Cardiology"


@pytest.mark.parametrize("suffix", ["tsv", "xlsx"])
def test_other_formats_read_the_same(practice: Practice, tmp_path: Path, log: Path, suffix: str) -> None:
    rows = list(csv.reader(LOG.splitlines()))
    path = tmp_path / f"log.{suffix}"
    if suffix == "tsv":
        write(path, "\n".join("\t".join(row) for row in rows))
    else:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(["Referral log 2026"])
        for row in rows:
            sheet.append(row)
        sheet["H3"] = date(2026, 11, 3)
        book.save(path)
    assert counts(bring(practice, path)) == (3, 0, 0, 0)
    assert counts(bring(practice, log)) == (0, 3, 0, 0)


def test_what_has_no_place_is_kept_in_the_note(practice: Practice, tmp_path: Path) -> None:
    head = (
        "MRN,Specialty,Status,Referral date,Priority,Type,Dx code,Diagnosis,Insurance,Auth number,Notes,"
        "Status reason,Referring provider\n"
    )
    row = (
        'M1,GI,Rejected,11/2/2026,STAT,eval and treat,"k50.90, e119",Crohn,Humana,A-77,call am,not taken,'
        "Dr. Vo"
    )
    bring(practice, one_row(tmp_path, row, head))
    assert practice.execute(
        "SELECT urgency, service_type, diagnoses, reason, note, stage, stage_reason, ordered_by,"
        " needs_authorization, provider_id FROM referral"
    ) == [
        ("stat", "evaluate_and_treat", "K50.90, E11.9", "Crohn",
         "call am Authorization no. A-77 (from the log). Insurance Humana (from the log).", "rejected",
         "not taken", "Dr. Vo", 1, None)
    ]  # fmt: skip
    assert_sound(practice)


@pytest.mark.parametrize(
    ("dates", "stage"),
    [
        ("11/2/2026,,,,", S.DRAFT),
        ("11/2/2026,11/3/2026,,,", S.SENT),
        ("11/2/2026,11/3/2026,12/20/2026,,", S.SCHEDULED),
        ("11/2/2026,,,11/10/2026,", S.SEEN),
        ("11/2/2026,,,11/10/2026,11/12/2026", S.REPORT_RECEIVED),
    ],
)
def test_without_a_status_column_the_furthest_day_decides(
    practice: Practice, tmp_path: Path, dates: str, stage: ReferralStage
) -> None:
    head = "MRN,Specialty,Referral date,Date sent,Appt date,Date seen,Report received\n"
    report = bring(practice, one_row(tmp_path, f"M1,GI,{dates}", head))
    assert practice.execute("SELECT stage FROM referral") == [(stage.value,)]
    assert any("stands where its dates say" in note for note in report.notes)
    assert_sound(practice)


@pytest.mark.parametrize("words", ["no show", "On Hold", "patient declined", "withdrawn", "appt cancelled"])
def test_every_stage_off_the_line_is_whole(practice: Practice, tmp_path: Path, words: str) -> None:
    row = f'M1,"Alvarez, Rosa",,GI,Lakeside GI,{words},10/2/2026,10/3/2026,11/3/2026,,'
    assert counts(bring(practice, one_row(tmp_path, row))) == (1, 0, 0, 0)
    assert_sound(practice)


# --- statuses --------------------------------------------------------------------------------------------


def test_unknown_statuses_are_asked_and_answered(practice: Practice, tmp_path: Path) -> None:
    log = write(tmp_path / "log.csv", LOG.replace("Faxed", "Pending").replace("Appt made", "LMOM x2"))
    preview = bring(practice, log, dry_run=True)
    assert preview.counts.asked == 2 and [one.words for one in preview.asked] == ["Pending", "LMOM x2"]
    before = content(practice)
    with pytest.raises(NeedsStatuses) as caught:
        bring(practice, log)
    assert "“Pending” (1 row)" in str(caught.value) and "--status" in str(caught.value)
    assert content(practice) == before
    answers = parse_statuses(["pending=sent", "lmom X2=leave-out"])
    report = bring(practice, log, statuses=answers)
    assert counts(report) == (2, 0, 0, 0) and report.counts.left_out == 1
    assert only_reason(report) == (3, "Status", "rows with this status are left out, as you answered")
    meanings = [one.meaning for one in report.statuses]
    assert meanings == ["sent", "left out, as you answered", "report received"]
    said = "\n".join(report.lines())
    assert "Left out by your answer: 1" in said and "Refused" not in said and "ejected" not in said


def test_status_words() -> None:
    for words, stage in (
        ("FAXED ", S.SENT), ("Appt. made", S.SCHEDULED), ("No-Show", S.NO_SHOW),
        ("Seen, report pending", S.SEEN), ("patient told, closed", S.CLOSED),
        ("Appointment canceled", S.VISIT_CANCELLED),
        ("on_hold", S.ON_HOLD), ("Pt scheduled", S.SCHEDULED), ("Patient scheduled", S.SCHEDULED),
        ("Appt. scheduled", S.SCHEDULED), ("Loop closed", S.CLOSED),
    ):  # fmt: skip
        assert read_stage(words, {}) is stage
    for words in (
        "pending",
        "completed",
        "declined",
        "cancelled",
        "in process",
        "sent?maybe",
        "open",
        "done",
        "closed",
        "Referral closed",
    ):
        assert read_stage(words, {}) is None, words
    for stage in ReferralStage:
        assert read_stage(stage.label, {}) is stage
    for wrong in (["pending"], ["=sent"], ["pending=later"], ["pending=sent", "Pending=draft"]):
        with pytest.raises(StatusError):
            parse_statuses(wrong)


# --- people ----------------------------------------------------------------------------------------------

WHO = "MRN,Last name,First name,DOB,Phone,Specialty,Referral date\n"


@pytest.mark.parametrize(
    ("who", "found"),
    [
        ("m1,,,,", 1),
        ("M1,Alvarez,Rosa,,", 1),
        ("M1,Alvares,Rosa,3/14/1961,", 1),
        (",ALVAREZ,Rosa,3/14/1961,", 1),
        (",Kim,Ann,,555-010-0134", 4),
        ("X9,Kim,Ann,,555-010-0134", 4),
    ],
)
def test_people_are_found_by_what_identifies(
    practice: Practice, tmp_path: Path, who: str, found: int
) -> None:
    bring(practice, one_row(tmp_path, f"{who},GI,11/2/2026", WHO))
    assert practice.execute("SELECT patient_id FROM referral") == [(found,)]


@pytest.mark.parametrize(
    ("who", "column", "words"),
    [
        ("M1,Cole,Jane,1/1/1990,", "MRN", "belongs to somebody else"),
        ("X9,Alvarez,Rosa,3/14/1961,", "MRN", "under another MRN"),
        (",Alvarez,Rosa,3/15/1961,", "DOB", "born on another day"),
        ("M1,Alvarez,Rosa,3/15/1961,", "DOB", "with this MRN is born on another day"),
        ("M1,,,3/15/1961,", "DOB", "with this MRN is born on another day"),
        (",Nobody,Here,1/1/1990,", "Last name", "nobody of this name"),
        (",Twin,Bo,1/1/1990,", "Last name", "2 people of the caseload"),
        (",Kim,Ann,,", "Last name", "only the name agrees"),
        (",Kim,Ann,,555-010-9999", "Last name", "only the name agrees"),
        ("X9,,,,", "MRN", "not in the caseload"),
        (",,,,", "Last name", "no name"),
    ],
)
def test_doubtful_people_are_never_taken(
    practice: Practice, tmp_path: Path, who: str, column: str, words: str
) -> None:
    report = bring(practice, one_row(tmp_path, f"{who},GI,11/2/2026", WHO))
    line, where, reason = only_reason(report)
    assert (line, where) == (2, column) and words in reason
    assert practice.execute("SELECT count(*) FROM referral") == [(0,)]


def test_nothing_is_opened_for_somebody_who_died(practice: Practice, tmp_path: Path) -> None:
    with practice.change("died") as session:
        rosa = session.get(Patient, 1)
        assert rosa is not None
        rosa.status = PatientStatus.DECEASED
        session.add(rosa)
    head = "MRN,Specialty,Status,Referral date\n"
    file = write(tmp_path / "f.csv", f"{head}M1,GI,Faxed,11/2/2026\nM1,Cardiology,Withdrawn,11/2/2026\n")
    report = bring(practice, file)
    line, column, reason = only_reason(report)
    assert (line, column) == (2, "Status") and "has died" in reason
    assert practice.execute("SELECT patient_id, specialty, stage FROM referral") == [
        (1, "Cardiology", "withdrawn")
    ]
    assert_sound(practice)


def test_a_name_alone_is_taken_only_on_request(practice: Practice, tmp_path: Path) -> None:
    file = write(tmp_path / "f.csv", f"{WHO},Kim,Ann,,,GI,11/2/2026\n,Twin,Bo,,,GI,11/2/2026\n")
    report = bring(practice, file, accept_name_only=True)
    assert counts(report) == (1, 0, 0, 1)
    assert practice.execute("SELECT patient_id FROM referral") == [(4,)]


# --- rows that cannot be right ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ("GI,,sent,11/2/2026,11/1/2026,,,", "Date sent", "sent lies before the day of the order"),
        ("GI,,seen,11/2/2026,11/5/2026,,11/4/2026,", "Date seen", "seen lies before the day it was sent"),
        (
            "GI,,report received,11/2/2026,,,11/9/2026,11/8/2026",
            "Report received",
            "before the day the patient",
        ),
        ("GI,,sent,12/2/2026,,,,", "Referral date", "still ahead"),
        ("GI,,sent,11/2/2026,,,,11/20/2026", "Status", "but the day the report came is filled in"),
        ("GI,,no show,11/2/2026,,12/20/2026,,", "Status", "the appointment is still ahead"),
        ("GI,,on hold,11/2/2026,,,11/20/2026,", "Status", "the day the patient was seen is filled in"),
        ("GI,,sent,2/30/2026,,,,", "Referral date", "not a calendar date"),
        ("GI,,sent,11/2,,,,", "Referral date", "no year"),
        ("GI,,sent,,,,,", "Referral date", "neither the day of the referral"),
        ("GI,,sent,11/2/2026,,,,yes", "Report received", "says yes, not the day"),
        ("GI,,sent,11/2/2026,#N/A,,,", "Date sent", "Excel error"),
        (",,sent,11/2/2026,,,,", "Specialty", "no specialty"),
    ],
)
def test_malformed_rows_are_reported_with_line_and_column(
    practice: Practice, tmp_path: Path, row: str, column: str, words: str
) -> None:
    good = "M2,James Cole,,GI,Lakeside GI,sent,11/2/2026,11/3/2026,,,\n"
    file = write(tmp_path / "f.csv", f'{HEAD}{good}M1,"Alvarez, Rosa",,{row}\n')
    report = bring(practice, file)
    line, where, reason = only_reason(report)
    assert (line, where) == (3, column) and words in reason
    assert counts(report) == (1, 0, 0, 1)
    assert_sound(practice)


def test_a_wrong_npi_or_code_or_width_rejects_the_row(practice: Practice, tmp_path: Path) -> None:
    head = "MRN,Specialty,Referral date,NPI,ICD-10\n"
    file = write(
        tmp_path / "f.csv",
        f"{head}M1,GI,11/2/2026,1234567890,\nM1,GI,11/2/2026,,not a code\nM1,GI,11/2/2026,,,x\n",
    )
    report = bring(practice, file)
    assert [(row.line, row.column) for row in report.rejected] == [(2, "NPI"), (3, "ICD-10"), (4, "")]


def test_rejected_rows_go_to_a_private_file_that_can_be_imported(practice: Practice, tmp_path: Path) -> None:
    file = write(
        tmp_path / "log.csv", LOG.replace("11/3/2026", "11/1/2026").replace("James Cole", "=James Cole")
    )
    report = bring(practice, file)
    assert counts(report) == (2, 0, 0, 1) and report.rejects_path is not None
    assert stat.S_IMODE(report.rejects_path.stat().st_mode) == 0o600
    corrected = report.rejects_path.read_text(encoding="utf-8-sig").replace("11/1/2026", "11/3/2026")
    again = bring(practice, write(tmp_path / "corrected.csv", corrected))
    assert counts(again) == (1, 0, 0, 0)


def test_a_report_status_without_its_day_is_noted_not_dated(practice: Practice, tmp_path: Path) -> None:
    report = bring(
        practice, one_row(tmp_path, 'M1,"Alvarez, Rosa",,GI,,report received,11/2/2026,11/3/2026,,,')
    )
    assert practice.execute("SELECT report_received_on, stage_on FROM referral") == [(None, "2026-11-03")]
    assert [(w.line, w.column) for w in report.warnings] == [(2, "Report received")]
    assert "CMS50" in report.warnings[0].reason


def test_a_specialty_is_written_as_the_practice_writes_it(practice: Practice, tmp_path: Path) -> None:
    report = bring(
        practice,
        write(
            tmp_path / "log.csv",
            HEAD
            + "M1,,,CARDIOLOGY,Sent by hand,Sent,11/2/2026,11/3/2026,,,\n"
            + "M2,,,Podiatry,Foot Clinic,Sent,11/2/2026,11/3/2026,,,\n",
        ),
    )
    assert counts(report) == (2, 0, 0, 0)
    assert practice.execute("SELECT specialty FROM referral ORDER BY id") == [("Cardiology",), ("Podiatry",)]
    assert practice.execute("SELECT name, kind, specialty FROM provider WHERE id > 1 ORDER BY id") == [
        ("Sent by hand", "person", "Cardiology"),
        ("Foot Clinic", "organization", "Podiatry"),
    ]


def test_an_open_referral_that_is_there_already_is_warned_of(practice: Practice, tmp_path: Path) -> None:
    head = HEAD.replace("Referred to", "Sent to")
    bring(practice, one_row(tmp_path, "M1,,,Cardiology,Silva Cardiology,Sent,11/2/2026,11/3/2026,,,", head))
    more = one_row(
        tmp_path,
        "M1,,,cardiology,Other Clinic,Sent,11/9/2026,11/9/2026,,,\n"
        "M1,,,Cardiology,Silva Cardiology,Withdrawn,9/1/2026,9/2/2026,,,\n"
        "M1,,,Podiatry,Foot Clinic,Sent,11/9/2026,11/9/2026,,,\n"
        "M2,,,Cardiology,Silva Cardiology,Sent,11/9/2026,11/9/2026,,,",
        head,
    )
    preview = bring(practice, more, dry_run=True)
    assert [(one.line, one.specialty, one.stored) for one in preview.duplicates] == [
        (2, "Cardiology", "Silva Cardiology, sent, ordered 2 Nov 2026")
    ]
    assert "1 possible duplicate." in "\n".join(preview.lines())
    assert "line 2, MRN M1, Cardiology: on file Silva Cardiology" in "\n".join(preview.lines())
    assert counts(bring(practice, more)) == (4, 0, 0, 0)


def test_the_question_about_a_status_shows_the_first_rows(practice: Practice, tmp_path: Path) -> None:
    log = one_row(
        tmp_path,
        'M1,"Alvarez, Rosa",,Cardiology,Silva Cardiology,Closed,11/2/2026,11/3/2026,,,\n'
        "M2,James Cole,,GI,,closed,11/2/2026,11/3/2026,,,\n"
        "M3,,,GI,Lakeside,closed,11/2/2026,11/3/2026,,,\n"
        "M3,,,Podiatry,Lakeside,closed,11/2/2026,11/3/2026,,,",
    )
    [asked] = bring(practice, log, dry_run=True).asked
    assert (asked.words, asked.rows) == ("Closed", 4)
    assert [(one.line, one.name, one.specialty, one.office) for one in asked.examples] == [
        (2, "Alvarez, Rosa", "Cardiology", "Silva Cardiology"),
        (3, "Cole, James", "GI", ""),
        (4, "MRN M3", "GI", "Lakeside"),
    ]


def test_a_row_twice_in_one_file_is_taken_once(practice: Practice, tmp_path: Path) -> None:
    row = 'M1,"Alvarez, Rosa",,GI,Lakeside GI,sent,11/2/2026,11/3/2026,,,\n'
    file = write(tmp_path / "f.csv", HEAD + row + row)
    for created, unchanged in ((1, 0), (0, 1)):
        report = bring(practice, file)
        assert counts(report) == (created, unchanged, 0, 1)
        assert only_reason(report)[0] == 3 and "stands on line 2" in only_reason(report)[2]


# --- what the practice has already -----------------------------------------------------------------------


def test_what_moved_on_in_the_practice_stays(practice: Practice, log: Path) -> None:
    bring(practice, log)
    take_step(practice, 1, Step(to=S.ACKNOWLEDGED))
    before = content(practice)
    report = bring(practice, log)
    assert counts(report) == (0, 2, 1, 0)
    [conflict] = report.conflicts
    assert (conflict.line, conflict.field, conflict.in_file, conflict.stored) == (
        2, "stage", "sent", "acknowledged",
    )  # fmt: skip
    assert content(practice) == before


def test_an_edited_referral_is_known_again(practice: Practice, log: Path) -> None:
    from carecoord_tui.store.tables import Referral

    bring(practice, log)
    with practice.change("edit") as session:
        record = session.get(Referral, 2)
        office = session.get(Provider, 2)
        assert record is not None and office is not None
        record.specialty, office.name = "Skin", "Ito Dermatology PC"
    report = bring(practice, log)
    assert counts(report) == (0, 2, 1, 0)
    assert [one.field for one in report.conflicts] == ["specialty", "referred to"]


def test_offices_are_matched_by_npi_and_name(practice: Practice, tmp_path: Path) -> None:
    head = "MRN,Specialty,Referred to,NPI,Referral date\n"
    rows = (
        "M1,Cardiology,Somebody at Silva,1234567893,11/2/2026\n"
        "M1,Cardiology,SILVA cardiology,,11/3/2026\n"
        "M1,GI,Dr. Ito,,11/2/2026\n"
        "M2,GI,dr ito,,11/2/2026\n"
        "M2,Dermatology,Dr. Ito,,11/2/2026\n"
    )
    bring(practice, write(tmp_path / "f.csv", head + rows))
    assert practice.execute("SELECT provider_id FROM referral ORDER BY id") == [(1,), (1,), (2,), (2,), (3,)]
    assert practice.execute("SELECT name, specialty FROM provider WHERE id > 1 ORDER BY id") == [
        ("Dr. Ito", "GI"),
        ("Dr. Ito", "Dermatology"),
    ]


# --- the file as a whole ---------------------------------------------------------------------------------


def test_an_open_date_order_is_asked(practice: Practice, tmp_path: Path) -> None:
    file = one_row(tmp_path, 'M1,"Alvarez, Rosa",,GI,,sent,03/04/2026,05/06/2026,,,')
    with pytest.raises(NeedsDateOrder):
        import_referrals(practice, file)
    import_referrals(practice, file, date_order=DateOrder.DMY)
    assert practice.execute("SELECT ordered_on, sent_on FROM referral") == [("2026-04-03", "2026-06-05")]


def test_a_column_may_be_chosen_or_left_out(practice: Practice, tmp_path: Path) -> None:
    head = "MRN,Dept,Referral date,Report received\n"
    file = one_row(tmp_path, "M1,GI,11/2/2026,yes", head)
    overrides = {"specialty": "Dept", "report_received_on": ""}
    assert counts(bring(practice, file, overrides=overrides)) == (1, 0, 0, 0)
    with pytest.raises(TableError, match="no field"):
        bring(practice, file, overrides={"colour": "Dept"})


def test_a_list_without_patients_is_refused(practice: Practice, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="patient's name"):
        bring(practice, write(tmp_path / "f.csv", "Specialty,Status\nGI,sent\n"))


def test_a_read_only_practice_is_only_looked_at(practice: Practice, log: Path) -> None:
    looking = open_practice(practice.paths, practice.data_key, practice.clock, is_read_only=True)
    try:
        assert counts(import_referrals(looking, log, dry_run=True)) == (3, 0, 0, 0)
        with pytest.raises(ReadOnly):
            import_referrals(looking, log)
    finally:
        looking.close()


@pytest.mark.parametrize(
    "phase", [import_steps.LOOKING, import_steps.READING, import_steps.COMPARING, import_steps.SAVING]
)
def test_stopping_leaves_nothing(practice: Practice, log: Path, phase: str) -> None:
    before = content(practice)
    seen: list[str] = []
    with pytest.raises(ImportCancelled):
        import_referrals(
            practice, log, progress=lambda name, *_: seen.append(name), cancelled=lambda: seen[-1:] == [phase]
        )
    assert content(practice) == before
    assert counts(bring(practice, log)) == (3, 0, 0, 0)


def test_a_log_is_told_from_a_patient_list() -> None:
    assert is_referral_log(HEAD.strip().split(","))
    assert is_referral_log(["Name", "Specialty", "Office", "Sent"])
    for place in ("Sent to", "Ref to", "Consultant", "Office", "Facility"):
        assert is_referral_log(["Patient", "DOB", "Specialty", place, "Referral date"])
        assert REFERRALS.field_of(place) == ("office" if place in ("Office", "Facility") else "provider")
    for header in (
        "MRN,Last name,First name,DOB,Phone,Insurance,Status,Provider,Notes",
        "Id,BIRTHDATE,FIRST,LAST,ADDRESS,CITY",
        "Last name,First name,DOB,PCP,Next step,Due,Reason,Location",
    ):
        assert not is_referral_log(header.split(","))


def test_no_header_names_two_fields() -> None:
    seen: dict[str, str] = {}
    for field, names in REFERRALS.names.items():
        for name in names:
            assert seen.setdefault(name, field) == field, name


def test_what_is_no_log_is_refused_with_words(practice: Practice, sample_data: Path) -> None:
    for path in sorted((sample_data / "coordinator_logs").iterdir()):
        before = content(practice)
        try:
            report = bring(practice, path)
        except TableError as error:
            assert path.name in str(error)
        else:
            assert counts(report)[0] == 0
        assert content(practice) == before


@pytest.mark.slow
def test_twenty_thousand_rows(practice: Practice, tmp_path: Path) -> None:
    count = 20_000
    with practice.change("many people") as session:
        bulk.insert(
            session,
            Patient,
            [{"mrn": f"B{n}", "family_name": f"Person{n}", "given_name": "Al"} for n in range(count)],
        )
    path = tmp_path / "large.csv"
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["MRN", "Specialty", "Referred to", "Status", "Referral date", "Date sent"])
        for n in range(count):
            writer.writerow([f"B{n}", "GI", f"Office {n % 300}", "sent", "11/2/2026", "11/3/2026"])
    started = time.monotonic()
    report = bring(practice, path)
    took = time.monotonic() - started
    assert counts(report) == (count, 0, 0, 0) and report.counts.new_providers == 300
    assert took < 120, f"{took:.0f} s"
    assert counts(bring(practice, path)) == (0, count, 0, 0)
    assert_sound(practice)
