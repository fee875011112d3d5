"""``import coverages`` and its siblings, and ``import authorizations`` with a spreadsheet."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from carecoord_tui.paths import PracticePaths
from tests.cli_running import Run, answer, made, patient_file, run

__all__ = ["made", "patient_file", "run"]

LOG = (
    "MRN,Patient name,Payer,Service,Status,Submitted,Decided,Valid to\n"
    'A1,"Alvarez, Rosa",Aetna,MRI,Approved,9/14/2026,9/21/2026,3/21/2027\n'
    "A9,Nobody,Aetna,CT,Denied,9/14/2026,9/21/2026,\n"
)
FILES = {
    "coverages": "MRN,Payer,Member ID\nA1,Aetna,W1\n",
    "appointments": "MRN,Appt date,Appt time,Status\nA1,1/15/2016,9:00 AM,Kept\n",
    "follow-ups": "MRN,To do,Due\nA1,Call,1/13/2027\n",
    "providers": "Name,Specialty,NPI\nKen Ito,Dermatology,1234567893\n",
}


@pytest.fixture
def caseload(run: Run, made: PracticePaths, patient_file: Path) -> PracticePaths:
    """A practice of two people."""
    assert run("import", "patients", str(patient_file), "--yes").code == 0
    return made


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(LOG, encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", FILES)
def test_a_script_imports_without_a_question(
    run: Run, caseload: PracticePaths, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(FILES[kind], encoding="utf-8")
    said = run("import", kind, str(path), "--json").json
    assert (said["kind"], said["rows"], said["created"], said["problems"]) == (kind, 1, 1, [])
    again = run("import", kind, str(path), "--json").json
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 1)
    assert run("doctor").code == 0


def test_an_authorization_log_is_told_from_a_payers_answer(
    run: Run, caseload: PracticePaths, log: Path, tmp_path: Path
) -> None:
    said = run("import", "authorizations", str(log), "--json").json
    assert (said["created"], said["rejected"]) == (1, 1)
    assert said["problems"] == [
        {
            "line": 3,
            "fate": "rejected",
            "column": "Patient name",
            "reason": "nobody of this name is in the caseload",
        }
    ]
    text = tmp_path / "log.txt"
    text.write_text(LOG.replace(",", "\t"), encoding="utf-8")
    assert run("import", "authorizations", str(text), "--json").json["kind"] == "authorizations"
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam", encoding="utf-8")
    run("import", "authorizations", str(letter), "--dry-run").refused("letter.txt")


def test_the_report_names_columns_rejects_and_the_file_for_them(
    run: Run, caseload: PracticePaths, log: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    said = run("import", "authorizations", str(log), "--rejects", str(rejects)).out
    assert "Decided -> decided (9/21/2026)" in said
    assert "line 2: Alvarez, Rosa, MRI, approved, until 21 Mar 2027" in said
    assert "line 3, “Patient name”: nobody of this name is in the caseload" in said
    assert "2 rows: 1 added · 1 refused." in said
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600


def test_a_dry_run_writes_nothing(run: Run, caseload: PracticePaths, log: Path) -> None:
    said = run("import", "authorizations", str(log), "--dry-run")
    assert said.code == 0 and "nothing was written" in said.out
    assert run("import", "authorizations", str(log), "--json").json["created"] == 1


def test_unclear_statuses_are_refused_in_a_script_until_answered(
    run: Run, caseload: PracticePaths, log: Path
) -> None:
    log.write_text(LOG.replace("Approved", "Closed"), encoding="utf-8")
    run("import", "authorizations", str(log)).refused("“Closed” (1 row)", "--status")
    run("import", "authorizations", str(log), "--status", "closed=later").refused("no status", code=2)
    run("import", "authorizations", str(log), "--status", "closed").refused("WORDS=STATUS", code=2)
    done = run("import", "authorizations", str(log), "--status", "closed=expired", "--json")
    assert done.json["statuses"][0] == {"words": "Closed", "rows": 1, "status": "expired"}
    assert done.json["created"] == 1


def test_at_a_terminal_unclear_statuses_are_asked(
    run: Run, caseload: PracticePaths, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.write_text(LOG.replace("Approved", "Closed"), encoding="utf-8")
    answer(monkeypatch, "")
    assert run("import", "authorizations", str(log)).code == 1
    answer(monkeypatch, "what", "expired", "y")
    done = run("import", "authorizations", str(log))
    assert done.code == 0, done.err
    assert "Status “Closed”, 1 row: what does it mean?" in done.out and "no status here" in done.err
    assert "Import 1 authorization? [Y/n]" in done.err
    assert "Imported. 2 rows: 1 added · 1 refused." in done.out


def test_columns_can_be_named(run: Run, caseload: PracticePaths, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("Chart,Thing,Wann\nA1,Call,02/01/2027\n", encoding="utf-8")
    run("import", "follow-ups", str(path)).refused("what is to be done", "--map title=HEADER")
    options = ("--map", "title=Thing", "--map", "due_on=Wann")
    run("import", "follow-ups", str(path), *options).refused("--date-order")
    done = run("import", "follow-ups", str(path), *options, "--date-order", "dmy", "--json")
    assert done.json["created"] == 1
    run("import", "providers", str(path), "--status", "a=b").refused("no status", code=2)
