"""What ``export all`` writes, read back: by the same practice and by an empty one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from carecoord_tui.clock import RunningClock
from carecoord_tui.domain.vocabulary import InterpreterMode, PatientStatus
from carecoord_tui.exchange.exports.everything import export_everything
from carecoord_tui.exchange.exports.read_back import comes_out_only, goes_back_in
from carecoord_tui.exchange.import_kinds import fitting
from carecoord_tui.exchange.import_patients import import_patients
from carecoord_tui.exchange.import_report import ImportReport
from carecoord_tui.exchange.logs import LogJob
from carecoord_tui.exchange.spreadsheet import sheet_choices
from carecoord_tui.exchange.tabular import TableError
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile
from carecoord_tui.store.actions.contact_rules import ContactRules, put_contact_rules
from carecoord_tui.store.actions.patients import PatientEntry, PhoneEntry, add_patient, set_status
from carecoord_tui.store.creating import NewPractice, create_practice
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.tables import Note, Patient, Setting
from tests.conftest import FAST_KDF, PASSPHRASE

OPEN, CLOSED = "+16175550123", "+16175550999"
RULES = (
    "confidential_channel, safe_contact, minor_consent, interpreter_needed, interpreter_mode, language,"
    " detailed_voicemail, call_from, call_until, time_zone"
)


@pytest.fixture
def empty(tmp_path: Path, clock: RunningClock) -> Iterator[Practice]:
    """A second practice, without anybody."""
    paths = PracticePaths(tmp_path / "empty")
    new = NewPractice(user_name="Dana Reyes", timezone="America/New_York", is_clinical=True)
    create_practice(paths, PASSPHRASE, new, clock, kdf=FAST_KDF)
    opened = open_practice(paths, keyfile.unlock(paths.keyfile, PASSPHRASE), clock)
    yield opened
    opened.close()


def _add(practice: Practice, family: str, *, mrn: str | None = None, **values: Any) -> int:
    phones = values.pop("phones", [])
    entry = PatientEntry(family_name=family, given_name="Ann", mrn=mrn, **values)
    return add_patient(practice, entry, phones=phones)


def _confidential(practice: Practice, **rules: Any) -> int:
    """Somebody who is called at one of two numbers alone."""
    patient_id = _add(
        practice,
        "Kim",
        mrn="M1",
        birth_date=date(2010, 5, 4),
        language="Korean",
        interpreter_needed=True,
        interpreter_mode=InterpreterMode.PHONE,
        phones=[PhoneEntry(number=CLOSED, label="home"), PhoneEntry(number=OPEN, label="mobile")],
    )
    [(version,)] = practice.execute("SELECT version FROM patient WHERE id = ?", [patient_id])
    [(number,)] = practice.execute("SELECT id FROM patient_phone WHERE number = ?", [OPEN])
    said = {
        "confidential_channel": True,
        "permitted": frozenset([number]),
        "safe_contact": "Text first. " + "Say it is the library. " * 12,
        "reason": "Shares a phone with her parents",
        "minor_consent": "Counselling, under the state's rule",
        "detailed_voicemail": False,
        "call_from": time(9),
        "call_until": time(15, 30),
        "time_zone": "America/Chicago",
    }
    put_contact_rules(practice, patient_id, ContactRules(**(said | rules)), version=version)
    return patient_id


def _exported(practice: Practice, tmp_path: Path, suffix: str = ".xlsx") -> Path:
    export_everything(practice, tmp_path / f"all{suffix}")
    return tmp_path / f"all{suffix}"


def _read(practice: Practice, path: Path, **options: Any) -> ImportReport:
    if path.is_dir():
        return import_patients(practice, path / "patients.csv", **options)
    return import_patients(practice, path, sheet="Patients", **options)


def _patients(path: Path, practice: Practice) -> list[dict[str, str]]:
    export_everything(practice, path)
    with (path / "patients.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


# --- who a row is about ----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".xlsx", ""])
def test_the_own_export_changes_nothing(practice: Practice, tmp_path: Path, suffix: str) -> None:
    _confidential(practice)
    _add(practice, "Caller")  # neither MRN nor birth date, as a call leaves somebody
    _add(practice, "Caller")
    held = _add(practice, "Held", mrn="M2")
    set_status(practice, held, PatientStatus.ON_HOLD, hold_until=date(2026, 12, 20), note="travels")
    dead = _add(practice, "Dead", mrn="M3")
    set_status(practice, dead, PatientStatus.DECEASED, deceased_on=date(2026, 11, 2), note="her son")
    report = _read(practice, _exported(practice, tmp_path, suffix))
    assert (report.counts.rows, report.counts.unchanged, report.counts.created) == (5, 5, 0), report.conflicts
    assert not [note for note in report.notes if "Carecoord record" in note]


def test_the_record_finds_whom_nothing_else_tells_apart(practice: Practice, tmp_path: Path) -> None:
    first, second = _add(practice, "Caller"), _add(practice, "Caller")
    rows = [one | {"City": "Salem"} for one in _patients(tmp_path / "out", practice)]
    rows = [one for one in rows if one["Carecoord record"] == str(second)]
    report = import_patients(practice, _write(tmp_path / "list.csv", rows))
    assert report.counts.updated == 1
    assert practice.execute("SELECT id, city FROM patient ORDER BY id") == [(first, ""), (second, "Salem")]


def test_two_of_one_name_keep_what_imports_remember_of_each(practice: Practice, tmp_path: Path) -> None:
    plain = [{"Last name": "Caller", "First name": "Ann"}] * 2
    import_patients(practice, _write(tmp_path / "plain.csv", plain))
    rows = _patients(tmp_path / "out", practice)
    turned = [one | {"City": f"Town {one['Carecoord record']}"} for one in reversed(rows)]
    for _ in range(2):
        import_patients(practice, _write(tmp_path / "list.csv", turned))
    assert practice.execute("SELECT id, city FROM patient ORDER BY id") == [(1, "Town 1"), (2, "Town 2")]


@pytest.mark.parametrize(
    "changed",
    [
        {"Last name": "Other"},
        {"Date of birth": "1950-01-01"},
        {"MRN": "M9"},
        {"Carecoord record": "4711"},
        {"Carecoord record": "none of ours"},
    ],
)
def test_a_record_that_disagrees_is_ignored_with_a_remark(
    practice: Practice, tmp_path: Path, changed: dict[str, str]
) -> None:
    _add(practice, "Caller", mrn="M5" if "MRN" in changed else None, birth_date=date(1961, 3, 14))
    rows = [one | changed for one in _patients(tmp_path / "out", practice)]
    sql = "SELECT family_name, birth_date, mrn FROM patient WHERE id = 1"
    before = practice.execute(sql)
    report = import_patients(practice, _write(tmp_path / "list.csv", rows))
    assert practice.execute(sql) == before
    [note] = [note for note in report.notes if "Carecoord record" in note]
    assert "line 2" in note


def test_an_mrn_of_somebody_else_beats_the_record(practice: Practice, tmp_path: Path) -> None:
    _add(practice, "Caller")
    _add(practice, "Caller", mrn="M7")
    rows = _patients(tmp_path / "out", practice)
    rows = [one | {"MRN": "M7", "City": "Salem"} for one in rows if not one["MRN"]]
    import_patients(practice, _write(tmp_path / "list.csv", rows))
    assert practice.execute("SELECT mrn, city FROM patient ORDER BY id") == [(None, ""), ("M7", "Salem")]


# --- what only comes out ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sheet", ["Notes", "Good-faith estimates", "Denials", "People", "Settings"])
@pytest.mark.parametrize("suffix", [".xlsx", ""])
def test_a_listing_is_refused_as_whatever_it_is_read(
    practice: Practice, tmp_path: Path, sheet: str, suffix: str
) -> None:
    with practice.change("note") as session:
        session.add(Patient(family_name="Kim", given_name="Ann"))
        session.flush()
        session.add(Note(patient_id=1, at=practice.clock.now(), text="Called"))
    path = _exported(practice, tmp_path, suffix)
    if path.is_dir():
        path, name = path / f"{sheet.lower().replace(' ', '-')}.csv", None
    else:
        name = sheet
    for kind in fitting(path, name):
        with pytest.raises(TableError, match=f"{sheet} come out only: "):
            if kind.is_log:
                LogJob(practice, kind.name, path, sheet=name).read()
            else:
                import_patients(practice, path, sheet=name)
    assert practice.execute("SELECT count(*) FROM note") == [(1,)]


def test_every_sheet_says_whether_it_can_be_read(practice: Practice, tmp_path: Path) -> None:
    choices = {one.name: one.comes_out_only for one in sheet_choices(_exported(practice, tmp_path))}
    readable = {name for name, only in choices.items() if not only}
    assert readable == {
        "Patients", "Coverages", "Appointments", "Follow-ups", "Authorizations", "Providers", "Referrals",
    }  # fmt: skip


def test_a_list_of_somebody_else_is_none_of_ours() -> None:
    assert comes_out_only(["Last name", "First name", "Date of birth", "MRN", "When", "Note"]) == ""
    assert comes_out_only(["Name", "Role"]) == ""
    assert comes_out_only([]) == ""
    rest = [
        "When",
        "Note",
        "About kind",
        "About record",
        "Source",
        "A column of tomorrow",
        "Carecoord record",
    ]
    theirs = ["Last name", "First name", "Date of birth", "MRN", *rest]
    assert comes_out_only(theirs, "notes") == "Notes"
    assert comes_out_only(theirs, "list") == ""
    cut = ["Last name", "First name", "Date of birth", "MRN", "Mobile phone", "Carecoord record"]
    assert comes_out_only(cut, "notes") == ""
    assert goes_back_in("Patients") and not goes_back_in("Notes")


# --- confidentiality -------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".xlsx", ""])
def test_confidentiality_moves_along(
    practice: Practice, empty: Practice, tmp_path: Path, suffix: str
) -> None:
    _confidential(practice)
    wanted = practice.execute(f"SELECT {RULES} FROM patient")  # noqa: S608 - a constant
    report = _read(empty, _exported(practice, tmp_path, suffix))
    assert report.counts.created == 1
    assert empty.execute(f"SELECT {RULES} FROM patient") == wanted  # noqa: S608 - a constant
    assert empty.execute("SELECT number, is_permitted FROM patient_phone") == [(OPEN, 1)]
    assert empty.execute("SELECT safe_contact_reason FROM patient") == [("",)]
    assert empty.execute("SELECT text FROM note") == []
    assert _read(empty, _exported(practice, tmp_path, suffix)).counts.unchanged == 1


def test_hold_and_death_move_along(practice: Practice, empty: Practice, tmp_path: Path) -> None:
    held = _add(practice, "Held", mrn="M2")
    set_status(practice, held, PatientStatus.ON_HOLD, hold_until=date(2026, 12, 20), note="travels")
    dead = _add(practice, "Dead", mrn="M3")
    set_status(practice, dead, PatientStatus.DECEASED, deceased_on=date(2026, 11, 2), note="her son")
    _read(empty, _exported(practice, tmp_path))
    sql = "SELECT status, hold_until, status_note, deceased_told_by FROM patient ORDER BY mrn"
    assert empty.execute(sql) == practice.execute(sql)


def test_an_import_sets_a_confidential_channel_on_somebody_known(
    practice: Practice, empty: Practice, tmp_path: Path
) -> None:
    _confidential(practice)
    phones = [PhoneEntry(number=CLOSED, label="home"), PhoneEntry(number=OPEN, label="mobile")]
    _add(empty, "Kim", mrn="M1", birth_date=date(2010, 5, 4), phones=phones)
    assert _read(empty, _exported(practice, tmp_path)).counts.updated == 1
    assert empty.execute("SELECT confidential_channel FROM patient") == [(1,)]
    found = empty.execute("SELECT number, is_permitted FROM patient_phone ORDER BY id")
    assert found == [(CLOSED, 0), (OPEN, 1)]


def test_an_import_weakens_nothing_and_says_so(practice: Practice, tmp_path: Path) -> None:
    _confidential(practice)
    rows = _patients(tmp_path / "out", practice)
    [row] = rows
    row |= {"Contact only at permitted numbers": "no", "Detailed voicemail": "yes"}
    report = import_patients(practice, _write(tmp_path / "list.csv", rows))
    assert {one.field: (one.in_file, one.stored) for one in report.conflicts} == {
        "confidential_channel": ("no", "yes"),
        "detailed_voicemail": ("yes", "no"),
    }
    found = practice.execute("SELECT confidential_channel, detailed_voicemail FROM patient")
    assert found == [(1, 0)]


def test_not_even_what_an_import_had_set(practice: Practice, empty: Practice, tmp_path: Path) -> None:
    _confidential(practice)
    rows = _patients(tmp_path / "out", practice)
    import_patients(empty, _write(tmp_path / "list.csv", rows))
    rows[0] |= {"Contact only at permitted numbers": "no", "Detailed voicemail": "yes"}
    report = import_patients(empty, _write(tmp_path / "list.csv", rows))
    assert {one.field for one in report.conflicts} == {"confidential_channel", "detailed_voicemail"}
    assert empty.execute("SELECT confidential_channel, detailed_voicemail FROM patient") == [(1, 0)]


def test_a_confidential_channel_that_cannot_be_read_counts_as_one(empty: Practice, tmp_path: Path) -> None:
    row = {"Last name": "Kim", "Contact only at permitted numbers": "ask first", "Phone": OPEN}
    report = import_patients(empty, _write(tmp_path / "list.csv", [row]))
    assert [one.reason for one in report.warnings if "permitted" in one.reason]
    assert empty.execute("SELECT confidential_channel FROM patient") == [(1,)]


# --- apostrophes -----------------------------------------------------------------------------------------


def test_listings_show_no_apostrophe_in_a_workbook_and_run_nothing_in_csv(
    practice: Practice, tmp_path: Path
) -> None:
    with practice.change("settings") as session:
        session.add(Setting(key="test.plus", value="+15550100100"))
        session.add(Setting(key="test.none", value="n/a"))
        session.add(Setting(key="test.run", value="=1+1"))
    book = load_workbook(_exported(practice, tmp_path))
    shown = {row[0].value: (row[1].value, row[1].data_type) for row in book["Settings"].iter_rows(min_row=2)}
    assert shown["test.plus"] == ("+15550100100", "s")
    assert shown["test.run"] == ("=1+1", "s")
    assert shown["test.none"] == ("n/a", "s")
    folder = _exported(practice, tmp_path, "")
    with (folder / "settings.csv").open(encoding="utf-8-sig", newline="") as file:
        written = {row["Key"]: row["Value"] for row in csv.DictReader(file)}
    assert written["test.plus"] == "'+15550100100"
    assert written["test.run"] == "'=1+1"
    assert written["test.none"] == "n/a"
