"""Everything means everything: each table and column leaves, or stands in a list with the reason why not."""

from __future__ import annotations

import csv
import errno
import os
import re
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import SQLModel

from carecoord_tui.domain import vocabulary as v
from carecoord_tui.exchange.exports import everything, people, staging
from carecoord_tui.exchange.exports.everything import export_everything
from carecoord_tui.exchange.exports.listings import LISTINGS
from carecoord_tui.exchange.exports.remaining import BOOKKEEPING, LEFT_OUT_COLUMNS, LEFT_OUT_TABLES
from carecoord_tui.exchange.exports.subject import Subject
from carecoord_tui.exchange.exports.tables import MERGED, SUBJECTS
from carecoord_tui.exchange.exports.writing import NotExported, Table
from carecoord_tui.exchange.exports.xlsx import write_workbook
from carecoord_tui.exchange.import_patients import import_patients
from carecoord_tui.exchange.import_steps import ImportCancelled
from carecoord_tui.exchange.logs import LogJob
from carecoord_tui.store import tables as t
from carecoord_tui.store.practice import Practice

WHOLE = [subject for subject in (*SUBJECTS, *LISTINGS) if subject is not MERGED]
NOON = datetime(2026, 11, 20, 17, tzinfo=UTC)
DAY = date(2026, 11, 20)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def of_people_around() -> set[str]:
    """The columns of ``related_person`` that the table of people reads."""
    return set(re.findall(r"\br\.(\w+)", people._SQL))


@pytest.mark.parametrize("table", sorted(SQLModel.metadata.tables))
def test_every_table_and_column_leaves_or_has_a_reason(table: str) -> None:
    columns = {column.name for column in SQLModel.metadata.tables[table].columns}
    if table in LEFT_OUT_TABLES:
        assert LEFT_OUT_TABLES[table]
        assert table not in {subject.table for subject in WHOLE}
        return
    subjects = [subject for subject in WHOLE if subject.table == table]
    assert subjects or table == "related_person", f"{table} is neither exported nor left out with a reason"
    found = of_people_around() if table == "related_person" else set()
    for subject in subjects:
        alias = subject.source.split()[1]
        expressions = " ".join(expression for _, expression, _ in subject.all_columns)
        found |= set(re.findall(rf"\b{alias}\.(\w+)", expressions))
    known = {column for name, column in LEFT_OUT_COLUMNS if name == table} | {BOOKKEEPING, "patient_id", "id"}
    assert columns - known == found & columns - known


def test_reasons_are_given_for_nothing_that_is_gone() -> None:
    assert set(LEFT_OUT_TABLES) <= set(SQLModel.metadata.tables)
    assert all(column in SQLModel.metadata.tables[table].columns for table, column in LEFT_OUT_COLUMNS)


@pytest.mark.parametrize("subject", [*WHOLE, MERGED], ids=lambda one: one.name)
def test_no_two_columns_of_a_table_share_a_header(subject: Subject) -> None:
    assert len(set(subject.headers)) == len(subject.headers)


def test_no_two_tables_share_a_name_a_sheet_can_have() -> None:
    names = [subject.name[:31].lower() for subject in (*SUBJECTS, *LISTINGS)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[\w -]+", name) for name in names)


@pytest.mark.parametrize("subject", WHOLE, ids=lambda one: one.name)
def test_no_way_to_reach_a_person_leaves_unchecked(subject: Subject) -> None:
    """A new column with a number or an address must be bound by the channel, or be an office's."""
    if not subject.of_people or subject.table == "care_team":
        return
    for _, expression, _ in subject.all_columns:
        if re.search(r"\.(phone|fax|email|callback_number|location|address\w*|postal_code)\b", expression):
            is_office = subject.table == "appointment"
            assert is_office or "confidential_channel" in expression, expression


@pytest.fixture
def whole(practice: Practice) -> int:
    """A person with a row in the tables nobody read before, and a second, confidential one."""
    with practice.change("people") as session:
        payer = t.Payer(name="Humana")
        silva = t.Provider(name="Silva Cardiology", call_from=time(9), call_until=time(16, 30))
        rosa = t.Patient(family_name="Alvarez", given_name="Rosa", mrn="A1", birth_date=date(1955, 3, 14))
        ivy = t.Patient(family_name="Quiet", given_name="Ivy", mrn="Q1", confidential_channel=True)
        session.add_all([payer, silva, rosa, ivy])
        session.flush()
        gone = t.Patient(
            family_name="Alvarez",
            given_name="Rosy",
            mrn="OLD7",
            status=v.PatientStatus.DISCHARGED,
            merged_into_id=rosa.id,
        )
        coverage = t.Coverage(patient_id=rosa.id, payer_id=payer.id, member_id="H123")
        follow_up = t.FollowUp(
            patient_id=rosa.id,
            title="Call",
            due_on=date(2026, 12, 3),
            due_at=datetime(2026, 12, 3, 19, 15, tzinfo=UTC),
            recurrence="FREQ=WEEKLY;COUNT=4",
        )
        session.add_all([gone, coverage, follow_up])
        session.flush()
        denial = t.Denial(patient_id=rosa.id, coverage_id=coverage.id, service="MRI", notice_on=DAY)
        check = t.EligibilityCheck(
            patient_id=rosa.id,
            coverage_id=coverage.id,
            checked_on=DAY,
            as_of=DAY,
            result=v.EligibilityResult.ACTIVE,
            copay=Decimal("20.00"),
        )
        session.add_all([denial, check])
        session.flush()
        session.add_all(
            [
                t.CareTeamMember(
                    patient_id=rosa.id, name="Dr. Ode", role="Nephrologist", provider_id=silva.id
                ),
                t.IncomingCall(
                    patient_id=ivy.id,
                    at=NOON,
                    callback_number="+15550100222",
                    location="12 Shelter Lane",
                    reason="A bill",
                ),
                t.Appeal(patient_id=rosa.id, denial_id=denial.id, filed_on=DAY, reference="AP-9"),
                t.Benefit(
                    patient_id=rosa.id, check_id=check.id, kind=v.BenefitKind.COPAY, amount=Decimal("35.50")
                ),
                t.Snippet(word="vm", text="First line\nSecond line"),
                t.Closure(closed_on=date(2026, 12, 24), name="Christmas Eve"),
                t.Note(patient_id=rosa.id, at=NOON, text=f"One\nTwo\n\n{'x' * 6_000}"),
                t.PatientPhone(patient_id=rosa.id, number="+15550100134"),
                t.PatientPhone(patient_id=rosa.id, number="+15550100135", rank=2),
                t.PatientPhone(
                    patient_id=rosa.id, number="+15550100136", label="daughter", rank=3, note="pm"
                ),
            ]
        )
        return int(rosa.id or 0)


def test_what_was_lost_leaves_now(practice: Practice, whole: int, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export_everything(practice, out)
    (person,) = [row for row in read(out / "patients.csv") if row["MRN"] == "A1"]
    assert person["Mobile phone"] == "(555) 010-0134; (555) 010-0135"
    assert person["Other phone"] == "(555) 010-0136"
    third = read(out / "phones.csv")[2]
    assert (third["Number"], third["Label"], third["Note"]) == ("(555) 010-0136", "daughter", "pm")
    (step,) = read(out / "follow-ups.csv")
    assert (step["Due date"], step["Repeats"]) == ("2026-12-03 14:15", "FREQ=WEEKLY;COUNT=4")
    assert read(out / "notes.csv")[0]["Note"] == f"One\nTwo\n\n{'x' * 6_000}"
    (team,) = read(out / "care-team.csv")
    assert (team["MRN"], team["Name"], team["Role"], team["Provider"]) == (
        *("A1", "Dr. Ode", "Nephrologist", "Silva Cardiology"),
    )
    (appeal,) = read(out / "appeals.csv")
    assert (appeal["Denial"], appeal["Reference"]) == ("MRI, notice of 2026-11-20", "AP-9")
    assert appeal["Denial record"] == read(out / "denials.csv")[0]["Carecoord record"]
    (benefit,) = read(out / "benefits.csv")
    assert (benefit["Kind"], benefit["Amount"], benefit["Check"]) == ("copay", "35.50", "as of 2026-11-20")
    (call,) = read(out / "incoming-calls.csv")
    assert (call["At"], call["Reason"], call["Callback number"]) == ("2026-11-20 12:00", "A bill", "")
    assert read(out / "snippets.csv")[0]["Text"] == "First line\nSecond line"
    assert read(out / "closures.csv")[0]["Closed on"] == "2026-12-24"
    assert read(out / "providers.csv")[0]["Call until"] == "16:30"
    (merged,) = read(out / "merged-records.csv")
    assert (merged["MRN"], merged["Merged MRN"]) == ("A1", "OLD7")
    text = "".join(path.read_text("utf-8-sig") for path in out.iterdir())
    assert "0222" not in text and "Shelter" not in text


def test_the_workbook_holds_the_same(practice: Practice, whole: int, tmp_path: Path) -> None:
    done = export_everything(practice, tmp_path / "all.xlsx")
    book = load_workbook(tmp_path / "all.xlsx")
    assert book.sheetnames == list(done.rows)
    notes = book["Notes"]
    assert notes.freeze_panes == "A2"
    assert f"One\nTwo\n\n{'x' * 6_000}" in [cell.value for cell in notes[2]]
    follow_ups = book["Follow-ups"]
    due = [cell.value for cell in follow_ups[1]].index("Due date")
    assert follow_ups[2][due].value == datetime(2026, 12, 3, 14, 15)
    assert {sheet.title: sheet.max_row - 1 for sheet in book} == done.rows


def test_each_importer_finds_its_sheet_and_changes_nothing(
    practice: Practice, whole: int, tmp_path: Path
) -> None:
    export_everything(practice, tmp_path / "all.xlsx")
    for kind, sheet in (
        *(("coverages", "Coverages"), ("appointments", "Appointments")),
        *(("follow-ups", "Follow-ups"), ("providers", "Providers")),
    ):
        counts = LogJob(practice, kind, tmp_path / "all.xlsx", sheet=sheet).read().counts
        assert counts.unchanged == counts.rows, kind
    report = import_patients(practice, tmp_path / "all.xlsx", dry_run=True)
    assert (report.counts.unchanged, report.counts.rows) == (2, 2), report.conflicts


# --- whole or not at all ---------------------------------------------------------------------------------


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that is full from the tenth file on."""
    private_file, made = staging.private_file, []

    def fails(folder: Path, name: str) -> object:
        made.append(name)
        if len(made) > 9:
            raise OSError(errno.ENOSPC, "No space left on device")
        return private_file(folder, name)

    monkeypatch.setattr(everything, "private_file", fails)
    yield
    assert len(made) > 9


@pytest.mark.usefixtures("full_disk")
def test_a_folder_that_cannot_be_finished_is_not_there(
    practice: Practice, whole: int, tmp_path: Path
) -> None:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(NotExported, match="No space left"):
        export_everything(practice, tmp_path / "out")
    assert sorted(tmp_path.iterdir()) == before
    label = "SELECT count(*) FROM audit_event WHERE change_kind = 'export'"
    assert practice.execute(label, []) == [(0,)]


def test_an_older_folder_keeps_its_files_until_all_new_ones_are_there(
    practice: Practice, whole: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    export_everything(practice, out)
    (out / "mine.txt").write_text("kept")
    (out / "patients.csv").write_text("older")
    (out / "users.csv").unlink()
    (out / "users.csv").mkdir()
    names = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(NotExported):
        export_everything(practice, out)
    assert (out / "patients.csv").read_text() == "older"
    (out / "users.csv").rmdir()
    export_everything(practice, out)
    assert (out / "mine.txt").read_text() == "kept"
    assert (out / "patients.csv").read_text() != "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == names


@pytest.mark.parametrize("name", ["out", "all.xlsx"])
def test_a_stop_in_the_middle_leaves_nothing(
    practice: Practice, whole: int, tmp_path: Path, name: str
) -> None:
    before, asked = sorted(tmp_path.iterdir()), []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 30

    with pytest.raises(ImportCancelled):
        export_everything(practice, tmp_path / name, cancelled=stop)
    assert sorted(tmp_path.iterdir()) == before
    assert export_everything(practice, tmp_path / name).total


def _peak(practice: Practice, path: Path) -> int:
    """The most memory an export held, in bytes."""
    tracemalloc.start()
    export_everything(practice, path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


@pytest.mark.slow
@pytest.mark.parametrize("name", ["out", "all.xlsx"])
def test_memory_does_not_grow_with_the_practice(practice: Practice, tmp_path: Path, name: str) -> None:
    """Notes of 4 kB: what 500 of them take, 1,500 take as well, though they are 4 MB more."""
    with practice.change("person") as session:
        session.add(t.Patient(family_name="Kim", given_name="Ann"))
    export_everything(practice, tmp_path / f"first{name}")  # loads modules
    peaks = []
    for count in (500, 1_000):
        with practice.change("notes") as session:
            session.add_all(t.Note(patient_id=1, at=NOON, text="lorem ipsum " * 330) for _ in range(count))
        peaks.append(_peak(practice, tmp_path / f"{count}{name}"))
    few, many = peaks
    assert many < few + 1_000_000


@pytest.mark.parametrize("is_read_back", [True, False])
def test_a_character_that_no_workbook_may_hold_leaves_the_workbook_readable(
    tmp_path: Path, is_read_back: bool
) -> None:
    """XML 1.0 knows neither control characters nor U+FFFE and U+FFFF; one of them spoils the whole file."""
    odd = "".join(map(chr, (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)))
    told = f"be{odd}fore & <after>\nsecond\tline"
    with (tmp_path / "all.xlsx").open("w+b") as out:
        write_workbook(out, [Table("Notes", ("Note",), [[told]], is_read_back=is_read_back)])
    sheet = load_workbook(tmp_path / "all.xlsx")["Notes"]
    found = sheet["A2"].value
    assert not set(odd) & set(found)
    assert "".join(found.split()) == "before&<after>secondline"


# --- what a kill left -------------------------------------------------------------------------------------


def remnants(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name.startswith("."))


def test_the_next_export_removes_what_a_killed_one_left(practice: Practice, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    killed = out / ".csvs.carecoord-0123abcd.tmp"
    (killed / ".older").mkdir(parents=True)
    (killed / "patients.csv").write_text("Alvarez")
    (out / ".all.xlsx.carecoord-0123abcd.tmp").write_text("Alvarez")
    others = {".csvs.0123abcd.tmp", ".x.carecoord-0123abc.tmp", ".x.carecoord-0123abcd.tmp.old", ".link"}
    for name in others:
        (out / name).write_text("not ours")
    aimed = tmp_path / "aimed"
    aimed.mkdir()
    (aimed / "kept.txt").write_text("kept")
    link = out / ".y.carecoord-0123abcd.tmp"
    link.symlink_to(aimed)
    export_everything(practice, out / "all.xlsx")
    assert remnants(out) == sorted({*others, link.name})
    assert (aimed / "kept.txt").read_text() == "kept"


def test_an_export_that_still_runs_is_no_remnant(practice: Practice, tmp_path: Path) -> None:
    with staging.staged_folder(tmp_path / "one") as part, staging.staged_file(tmp_path / "two") as two:
        (part / "patients.csv").write_text("mine")
        two.write(b"mine")
        export_everything(practice, tmp_path / "all.xlsx")
        assert len(remnants(tmp_path)) == 2
    assert (tmp_path / "one" / "patients.csv").read_text() == "mine"
    assert (tmp_path / "two").read_bytes() == b"mine"
    assert remnants(tmp_path) == []


def test_a_remnant_of_somebody_else_is_left_alone(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / ".csvs.carecoord-0123abcd.tmp"
    theirs.mkdir()
    own = os.geteuid()
    monkeypatch.setattr("os.geteuid", lambda: own + 1)
    with staging.staged_file(tmp_path / "two") as two:
        two.write(b"mine")
    assert theirs.is_dir()


def test_where_the_file_system_has_no_locks_exports_work_and_sweep_nothing(
    practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = tmp_path / ".csvs.carecoord-0123abcd.tmp"
    killed.mkdir()

    def none(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", none)
    with staging.staged_file(tmp_path / "two") as two:
        two.write(b"mine")
    assert remnants(tmp_path) == [killed.name]
