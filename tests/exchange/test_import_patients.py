"""``import_patients`` from the file to the store: one undoable change, safe to run twice."""

from __future__ import annotations

import csv
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.vocabulary import Risk
from carecoord_tui.exchange import import_steps
from carecoord_tui.exchange.import_patients import (
    ImportCancelled,
    ImportReport,
    NeedsDateOrder,
    import_patients,
)
from carecoord_tui.exchange.tabular import TableError
from carecoord_tui.store import audit, doctor, importing, ledger, undo
from carecoord_tui.store.actions.items import complete
from carecoord_tui.store.actions.patients import PatientEntry, add_patient, edit_patient
from carecoord_tui.store.errors import ReadOnly, StoreError
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.queries.patients import list_ids
from carecoord_tui.store.queries.today import items_of

TODAY = date(2026, 11, 30)
COUNTS = ("rows", "created", "updated", "unchanged", "conflicts", "rejected", "possible_duplicates", "active")
LIST = """\
MRN,Last name,First name,DOB,Sex,Phone,City,Risk,Payer,Member ID,Next step,Due,Last contact,Notes,Died
M1,Alvarez,Rosa,1961-03-14,F,(617) 555-0123,Boston,high,Humana,W1,Call labs,2026-11-20,2026-11-03,By phone,
M2,Cole,James,1980-07-04,M,,Lynn,low,Medicare,W2,Fax order,,,,
M3,Okafor,Ada,1975-12-31,F,,Salem,,,,,,,,
M4,Petrov,Ivan,1944-01-15,M,,Salem,,,,Call son,2026-12-01,,,2026-10-01
"""
TABLES = (
    "patient", "patient_phone", "payer", "coverage", "follow_up", "note", "import_record", "ledger",
    "audit_event",
)  # fmt: skip


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "list.csv", LIST)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def content(practice: Practice) -> dict[str, list[tuple[Any, ...]]]:
    return {table: practice.execute(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES}  # noqa: S608


def counts(report: ImportReport) -> tuple[int, ...]:
    return tuple(report.to_json()[name] for name in COUNTS)


def assert_sound(practice: Practice) -> None:
    with practice.read() as connection:
        report = ledger.differences(connection, practice.context)
        assert report.is_equal and not report.missing
        assert audit.verify(connection, practice.audit_key()).broken_at is None


def notes_of(practice: Practice, patient_id: int) -> list[str]:
    rows = practice.execute(
        "SELECT text FROM note WHERE patient_id = ? AND source = 'import' ORDER BY id", [patient_id]
    )
    return [text for (text,) in rows]


# --- what is written -------------------------------------------------------------------------------------


def test_a_list_becomes_a_caseload(practice: Practice, file: Path) -> None:
    report = import_patients(practice, file)
    assert list(report.to_json()) == list(COUNTS)
    assert counts(report) == (4, 4, 0, 0, 0, 0, 0, 3)
    assert_sound(practice)
    assert practice.execute("SELECT mrn, status, deceased_on FROM patient ORDER BY id") == [
        ("M1", "active", None),
        ("M2", "active", None),
        ("M3", "active", None),
        ("M4", "deceased", "2026-10-01"),
    ]
    assert list_ids(practice.execute) == [1, 2, 3]
    assert list_ids(practice.execute, "alvar 3/14/1961") == list_ids(practice.execute, "5550123") == [1]
    assert practice.execute("SELECT name, payer_class FROM payer ORDER BY id") == [
        ("Humana", "unknown"),
        ("Medicare", "medicare"),
    ]
    assert practice.execute("SELECT DISTINCT label FROM audit_event WHERE change_id > 2") == [
        ("import of 4 people",)
    ]


def test_next_steps_become_follow_ups(practice: Practice, file: Path) -> None:
    import_patients(practice, file)
    steps = practice.execute("SELECT patient_id, title, kind, due_on, source FROM follow_up ORDER BY id")
    assert steps[0] == (1, "Call labs", "call", "2026-11-20", "import")  # past: overdue work
    assert steps[1][:3] == (2, "Fax order", "paperwork") and steps[1][3] > TODAY.isoformat()
    assert len(steps) == 2  # none for somebody who has died
    [overdue] = items_of(practice.execute, 1, practice.moment())
    assert overdue.item.title == "Call labs" and overdue.item.target_on == date(2026, 11, 20)
    assert notes_of(practice, 4) == ["Next step in the spreadsheet: Call son, due 1 Dec 2026"]
    assert practice.execute("SELECT count(*) FROM ledger WHERE patient_id = 4") == [(0,)]


def test_last_contact_and_notes_are_kept_as_notes(practice: Practice, file: Path) -> None:
    import_patients(practice, file)
    assert notes_of(practice, 1) == ["Last contact 3 Nov 2026 (from the spreadsheet)", "By phone"]
    assert practice.execute("SELECT count(*) FROM contact") == [(0,)]


def test_people_without_a_dated_step_are_spread_by_risk(practice: Practice, tmp_path: Path) -> None:
    rows = [f"{number},Name{number},{'high' if number % 2 else 'low'}" for number in range(60)]
    import_patients(practice, write(tmp_path / "list.csv", "MRN,Last name,Risk\n" + "\n".join(rows)))
    days = practice.execute("SELECT target_on, count(*) FROM ledger GROUP BY 1 ORDER BY 1")
    assert [count for _, count in days] == [12] * 5  # the daily capacity
    assert days[0][0] == "2026-12-01"
    last_high, first_low = practice.execute(
        "SELECT max(check_in_on) FILTER (WHERE risk = 'high'), min(check_in_on) FILTER (WHERE risk = 'low')"
        " FROM patient"
    )[0]
    assert last_high <= first_low
    import_patients(practice, write(tmp_path / "more.csv", "MRN,Last name\nX1,Later\n"))
    assert practice.execute("SELECT check_in_on FROM patient WHERE mrn = 'X1'") > [(days[-1][0],)]


def test_what_has_no_place_is_kept_in_the_notes(practice: Practice, tmp_path: Path) -> None:
    long = "Avenue of the very long name " * 9
    text = f'Last name,Member ID,City\nCole,W9,"{long}"\n'
    import_patients(practice, write(tmp_path / "list.csv", text))
    [note] = notes_of(practice, 1)
    assert "Member ID in the spreadsheet, without a payer: W9" in note
    assert practice.execute("SELECT length(city) <= 100 FROM patient") == [(1,)]


# --- twice -----------------------------------------------------------------------------------------------


def test_twice_changes_nothing(practice: Practice, file: Path) -> None:
    import_patients(practice, file)
    before = content(practice)
    assert counts(import_patients(practice, file)) == (4, 0, 0, 4, 0, 0, 0, 3)
    assert content(practice) == before


def test_without_mrn_people_are_known_by_name_and_birth_date(practice: Practice, tmp_path: Path) -> None:
    text = "Name,DOB,City\nRosa Alvarez,1961-03-14,Boston\nROSA ALVAREZ,1961-03-14,Lynn\nAda Okafor,,Salem\n"
    file = write(tmp_path / "list.csv", text)
    report = import_patients(practice, file)
    assert counts(report)[:3] == (3, 3, 0) and report.counts.possible_duplicates == 1
    assert counts(import_patients(practice, file))[:4] == (3, 0, 0, 3)
    changed = write(tmp_path / "next.csv", text.replace("Lynn", "Salem"))
    assert counts(import_patients(practice, changed))[:4] == (3, 0, 1, 2)
    assert practice.execute("SELECT city FROM patient ORDER BY id") == [("Boston",), ("Salem",), ("Salem",)]


def test_a_changed_file_changes_what_it_wrote(practice: Practice, file: Path, tmp_path: Path) -> None:
    import_patients(practice, file)
    text = LIST.replace("Boston,high,Humana,W1", "Lynn,high,Aetna,W7").replace("555-0123", "555-0199")
    text = text.replace("Call labs,2026-11-20,2026-11-03", "Call daughter,2026-12-09,2026-11-24")
    text = text.replace("By phone", "By phone and English").replace(
        "Salem,,,,,,,,\n", "Salem,high,,,,,,,\n", 1
    )
    report = import_patients(practice, write(tmp_path / "next.csv", text))
    assert counts(report) == (4, 0, 2, 2, 0, 0, 0, 3), report.conflicts
    assert_sound(practice)
    assert practice.execute("SELECT city, risk FROM patient WHERE id IN (1, 3) ORDER BY id") == [
        ("Lynn", "high"),
        ("Salem", "high"),
    ]
    assert practice.execute("SELECT number FROM patient_phone") == [("+16175550199",)]
    assert practice.execute("SELECT title, due_on FROM follow_up WHERE patient_id = 1") == [
        ("Call daughter", "2026-12-09")
    ]
    assert notes_of(practice, 1) == [
        "Last contact 3 Nov 2026 (from the spreadsheet)",
        "By phone and English",
        "Last contact 24 Nov 2026 (from the spreadsheet)",
    ]
    assert practice.execute(
        "SELECT p.name, c.status, c.rank, c.member_id FROM coverage c JOIN payer p ON p.id = c.payer_id"
        " WHERE c.patient_id = 1 ORDER BY c.rank"
    ) == [("Aetna", "unknown", 1, "W7"), ("Humana", "cancelled", 2, "W1")]
    again = import_patients(practice, tmp_path / "next.csv")
    assert counts(again) == (4, 0, 0, 4, 0, 0, 0, 3), again.conflicts
    undo.undo(practice)
    undo.undo(practice)
    assert practice.execute("SELECT count(*) FROM patient") == [(0,)]
    assert_sound(practice)


def test_what_was_changed_by_hand_is_a_conflict_and_stays(
    practice: Practice, file: Path, tmp_path: Path
) -> None:
    import_patients(practice, file)
    entry = PatientEntry(
        family_name="Cole", given_name="James", mrn="M2", birth_date=date(1980, 7, 4), city="Quincy"
    )
    edit_patient(practice, 2, entry)
    text = LIST.replace("Lynn,low", "Salem,high")
    report = import_patients(practice, write(tmp_path / "next.csv", text))
    assert counts(report) == (4, 0, 0, 3, 1, 0, 0, 3)
    [row] = practice.execute("SELECT city, risk FROM patient WHERE id = 2")
    assert row == ("Quincy", "high")  # the other value of the row is taken over
    conflict = next(conflict for conflict in report.conflicts if conflict.field == "city")
    assert (conflict.line, conflict.name, conflict.in_file, conflict.stored) == (
        3,
        "Cole, James",
        "Salem",
        "Quincy",
    )
    assert any("line 3, Cole, James, city: the file says Salem" in line for line in report.lines())


def test_a_step_done_meanwhile_stays_done(practice: Practice, file: Path) -> None:
    import_patients(practice, file)
    [item] = items_of(practice.execute, 1, practice.moment())
    complete(practice, [item.item.ref])
    assert counts(import_patients(practice, file)) == (4, 0, 0, 4, 0, 0, 0, 3)
    assert practice.execute("SELECT status FROM follow_up WHERE patient_id = 1") == [("done",)]


def test_an_undated_new_step_of_a_known_person_is_given_a_day(
    practice: Practice, file: Path, tmp_path: Path
) -> None:
    import_patients(practice, file)
    text = LIST.replace(
        "M3,Okafor,Ada,1975-12-31,F,,Salem,,,,,", "M3,Okafor,Ada,1975-12-31,F,,Salem,,,,Book MRI,"
    )
    import_patients(practice, write(tmp_path / "next.csv", text))
    [(due,)] = practice.execute("SELECT due_on FROM follow_up WHERE patient_id = 3")
    assert due > TODAY.isoformat()
    assert_sound(practice)


# --- people made by hand, duplicates, repeats ------------------------------------------------------------


def test_a_person_made_by_hand_is_only_filled_in(practice: Practice, file: Path) -> None:
    rosa = PatientEntry(
        family_name="Alvarez",
        given_name="Rosa",
        mrn="m1",
        birth_date=date(1961, 3, 14),
        city="Lynn",
        risk=Risk.HIGH,
    )
    add_patient(practice, rosa)
    report = import_patients(practice, file)
    assert counts(report) == (4, 3, 0, 0, 1, 0, 0, 3)
    [conflict] = report.conflicts
    assert (conflict.field, conflict.in_file, conflict.stored) == ("city", "Boston", "Lynn")
    assert practice.execute("SELECT mrn, sex, city FROM patient WHERE id = 1") == [("m1", "female", "Lynn")]
    assert practice.execute("SELECT number FROM patient_phone") == [("+16175550123",)]
    assert_sound(practice)
    before = content(practice)
    assert counts(import_patients(practice, file)) == (4, 0, 0, 3, 1, 0, 0, 3)
    assert content(practice) == before


def test_one_mrn_twice_in_a_file(practice: Practice, tmp_path: Path) -> None:
    text = (
        "MRN,Last name,First name,DOB,City\nM1,Alvarez,Rosa,1961-03-14,Boston\n"
        "m1,Alvarez,Rosa,1961-03-14,Boston\nM1,Alvarez,Rosa,1961-03-14,Lynn\nM1,Cole,James,1980-07-04,Lynn\n"
    )
    report = import_patients(practice, write(tmp_path / "list.csv", text))
    assert counts(report)[:6] == (4, 1, 0, 1, 1, 1)
    assert report.counts.possible_duplicates == 3
    [conflict] = [one for one in report.conflicts if one.field == "city"]
    assert (conflict.line, conflict.in_file, conflict.stored) == (4, "Lynn", "Boston (line 2)")
    [rejected] = report.rejected
    assert (rejected.line, rejected.column) == (5, "MRN") and "line 2" in rejected.reason
    assert rejected.cells == ("M1", "Cole", "James", "1980-07-04", "Lynn")


# --- refusing, stopping, trying --------------------------------------------------------------------------


def test_rejected_rows_are_handed_back(practice: Practice, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "Last name,DOB\nCole,1980-07-04\nOkafor,1980-13-45\n,1970-01-01\n")
    report = import_patients(practice, file)
    assert counts(report) == (3, 1, 0, 0, 0, 2, 0, 1)
    path = report.rejects_path
    assert path is not None and path.parent == practice.paths.rejects
    assert path.name == "list-20261130-080000.csv" or path.name.startswith("list-20261130-08")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert [row[:2] for row in rows[1:]] == [["3", "DOB"], ["4", "Last name"]]
    assert rows[1][3:] == ["Okafor", "1980-13-45"]
    wanted = tmp_path / "mine.csv"
    assert import_patients(practice, file, rejects_path=wanted).rejects_path == wanted
    again = import_patients(practice, file).rejects_path
    assert again is not None and again != path and path.exists()


def test_a_rejects_file_that_cannot_be_written_stops_the_import(practice: Practice, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "Last name,DOB\nCole,1980-07-04\nOkafor,1980-13-45\n")
    with pytest.raises(StoreError, match=r"mine\.csv \(No such file or directory\); nothing was imported"):
        import_patients(practice, file, rejects_path=tmp_path / "absent" / "mine.csv")
    assert practice.execute("SELECT count(*) FROM patient") == [(0,)]


def test_undecidable_dates_are_asked_for(practice: Practice, tmp_path: Path) -> None:
    file = write(tmp_path / "list.csv", "Last name,DOB\nCole,03/04/1980\nOkafor,05/06/1971\n")
    before = content(practice)
    with pytest.raises(NeedsDateOrder) as caught:
        import_patients(practice, file)
    assert caught.value.orders == (DateOrder.MDY, DateOrder.DMY)
    assert caught.value.columns[0].guess.counts == {DateOrder.MDY: 2, DateOrder.DMY: 2}
    assert "“DOB”" in str(caught.value) and "--date-order mdy|dmy" in str(caught.value)
    assert content(practice) == before
    report = import_patients(practice, file, date_order=DateOrder.DMY)
    assert practice.execute("SELECT birth_date FROM patient") == [("1980-04-03",), ("1971-06-05",)]
    assert report.date_orders[0].source == "--date-order"


def test_a_trial_run_tells_the_same_and_writes_nothing(practice: Practice, file: Path) -> None:
    before = content(practice)
    trial = import_patients(practice, file, dry_run=True)
    assert trial.dry_run and trial.rejects_path is None
    assert content(practice) == before and not practice.paths.rejects.exists()
    real = import_patients(practice, file)
    assert trial.to_json() == real.to_json()
    assert trial.columns == real.columns and trial.first_rows == real.first_rows


def test_a_read_only_practice_allows_a_trial_only(practice: Practice, file: Path) -> None:
    looking = open_practice(practice.paths, practice.data_key, practice.clock, is_read_only=True)
    try:
        assert import_patients(looking, file, dry_run=True).counts.created == 4
        with pytest.raises(ReadOnly):
            import_patients(looking, file)
    finally:
        looking.close()


@pytest.mark.parametrize(
    "phase", [import_steps.LOOKING, import_steps.READING, import_steps.COMPARING, import_steps.SAVING]
)
def test_stopping_leaves_nothing(
    practice: Practice, file: Path, phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK", 1)
    import_patients(practice, write(file.parent / "one.csv", LIST.split("M2")[0]))
    before = content(practice)
    seen: list[tuple[str, int]] = []

    def stop() -> bool:
        # In the middle of saving: one portion is written already.
        return bool(seen) and seen[-1] == (phase, 1 if phase == import_steps.SAVING else 0)

    with pytest.raises(ImportCancelled):
        import_patients(
            practice, file, progress=lambda name, done, _: seen.append((name, done)), cancelled=stop
        )
    assert content(practice) == before
    assert_sound(practice)


def test_progress_names_every_phase_in_order(practice: Practice, file: Path) -> None:
    phases: list[str] = []
    import_patients(practice, file, progress=lambda name, _done, _total: phases.append(name))
    assert list(dict.fromkeys(phases)) == [
        import_steps.LOOKING,
        import_steps.READING,
        import_steps.PAIRING,
        import_steps.SAVING,
    ]


def test_the_preview_shows_what_was_understood(practice: Practice, file: Path) -> None:
    report = import_patients(practice, file, dry_run=True)
    text = "\n".join(report.lines())
    for part in (
        "UTF-8, separated by comma, header on line 1.",
        "Last name -> family name (Alvarez)",
        "line 2: Alvarez, Rosa · 14 Mar 1961 · MRN M1 · Call labs, due 20 Nov 2026",
        "4 rows: 4 created",
        "This was a trial run; nothing was written.",
    ):
        assert part in text, text


def test_escapes_and_markup_never_leave_a_line(practice: Practice, tmp_path: Path) -> None:
    text = "Last \x1b[31mname,First name,[bold]Odd\nCole\x1b[2J,[red]James[/red],\x07x\n"
    report = import_patients(practice, write(tmp_path / "list.csv", text), overrides={"family_name": "#1"})
    assert all(line.isprintable() for line in report.lines())


# --- undo ------------------------------------------------------------------------------------------------


def test_undo_empties_the_practice_and_redo_fills_it(practice: Practice, file: Path) -> None:
    tables = [table for table in TABLES if table not in ("audit_event", "ledger")]
    empty = content(practice)
    import_patients(practice, file)
    full = content(practice)
    assert undo.undo(practice) is not None
    assert {table: content(practice)[table] for table in tables} == {table: empty[table] for table in tables}
    assert content(practice)["ledger"] == []
    assert list_ids(practice.execute, "alvarez", everybody=True) == []
    assert undo.redo(practice) is not None
    assert {table: content(practice)[table] for table in tables} == {table: full[table] for table in tables}
    assert list_ids(practice.execute, "alvarez") == [1]
    assert_sound(practice)


# --- files made by others --------------------------------------------------------------------------------


def test_synthea_1171(practice: Practice, sample_data: Path) -> None:
    file = sample_data / "synthea_ma_1171_csv" / "patients.csv"
    report = import_patients(practice, file)
    assert counts(report) == (1171, 1171, 0, 0, 0, 0, 0, 1000)
    assert practice.execute("SELECT given_name, family_name FROM patient WHERE id = 1") == [
        ("José Eduardo181", "Gómez206")
    ]
    assert len(list_ids(practice.execute)) == 1000
    assert practice.execute("SELECT count(*) FROM ledger") == [(1000,)]
    assert list_ids(practice.execute, "999-76-6866", everybody=True) == []  # identity numbers are left out
    before = content(practice)
    assert counts(import_patients(practice, file)) == (1171, 0, 0, 1171, 0, 0, 0, 1000)
    assert content(practice) == before
    assert_sound(practice)
    assert all(check.ok for check in doctor.examine(practice).checks)


@pytest.mark.parametrize(
    ("name", "rows", "rejected", "active"),
    [
        ("synthea_ca_59_csv/patients.csv", 59, 0, 50),
        ("medscheduler_A/patients.csv", 1526, 0, 1526),
        ("duplicates/febrl_dataset1.csv", 1000, 3, 997),
        ("coordinator_logs/airtable_intake_forms.csv", 4, 0, 4),
    ],
)
def test_other_lists(
    practice: Practice, sample_data: Path, name: str, rows: int, rejected: int, active: int
) -> None:
    report = import_patients(practice, sample_data / name)
    assert counts(report)[:6] == (rows, rows - rejected, 0, 0, 0, rejected)
    assert report.counts.active == active
    before = content(practice)
    assert counts(import_patients(practice, sample_data / name))[:6] == (
        rows,
        0,
        0,
        rows - rejected,
        0,
        rejected,
    )
    assert content(practice) == before
    assert_sound(practice)


def test_febrl_duplicates_are_found(practice: Practice, sample_data: Path) -> None:
    """500 people stand in the file twice, with slips of the pen; three of the rows are rejected."""
    report = import_patients(practice, sample_data / "duplicates" / "febrl_dataset1.csv", dry_run=True)
    assert report.counts.possible_duplicates >= 400


def test_every_spreadsheet_is_imported_or_refused_in_words(practice: Practice, sample_data: Path) -> None:
    files = sorted(path for path in (sample_data / "spreadsheets").rglob("*") if path.is_file())
    assert len(files) > 30
    for path in files:
        before = content(practice)
        try:
            report = import_patients(practice, path)
        except TableError as error:
            assert str(error).startswith(path.name) and str(error).isprintable()
            assert content(practice) == before
        else:
            assert sum(counts(report)[1:6]) == report.counts.rows
            assert all(line.isprintable() for line in report.lines())
    assert_sound(practice)


def test_a_file_taken_away_while_people_are_saved_is_no_failure(practice: Practice, tmp_path: Path) -> None:
    path = write(tmp_path / "list.csv", "First,Last,DOB\nRosa,Alvarez,1955-03-14\nOtto,Brandt,1944-06-03\n")

    def take_away(phase: str, _: int, __: int) -> None:
        if phase == import_steps.SAVING:
            path.unlink(missing_ok=True)

    report = import_patients(practice, path, progress=take_away)
    assert not path.exists()
    assert counts(report)[:2] == (2, 2)
    assert [column.example for column in report.columns] == ["Rosa", "Alvarez", "1955-03-14"]
    assert len(list_ids(practice.execute)) == 2
