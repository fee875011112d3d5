"""``import referrals`` and ``export referrals``: preview, questions, refusals, and back again."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from carecoord_tui.paths import PracticePaths
from tests.cli_running import Run, answer, made, patient_file, run

__all__ = ["made", "patient_file", "run"]

LOG = (
    "MRN,Patient name,DOB,Specialty,Referred to,Status,Referral date,Date sent\n"
    'A1,"Alvarez, Rosa",3/14/1955,Cardiology,Silva,Faxed,9/14/2026,9/15/2026\n'
    "A9,Nobody,3/14/1955,GI,Ito,sent,9/14/2026,9/15/2026\n"
)


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


@pytest.fixture
def unclear(tmp_path: Path) -> Path:
    path = tmp_path / "unclear.csv"
    path.write_text(LOG.replace("Faxed", "Pending"), encoding="utf-8")
    return path


def test_a_script_imports_without_a_question(run: Run, caseload: PracticePaths, log: Path) -> None:
    result = run("import", "referrals", str(log), "--json")
    assert result.code == 0, result.err
    assert result.json == {
        "rows": 2, "created": 1, "unchanged": 0, "conflicts": 0, "rejected": 1, "left_out": 0, "odd": 0,
        "asked": 0,
        "new_providers": 1, "open": 1, "possible_duplicates": 0,
        "statuses": [
            {"words": "Faxed", "rows": 1, "stage": "sent"}, {"words": "sent", "rows": 1, "stage": "sent"},
        ],
    }  # fmt: skip
    again = run("import", "referrals", str(log), "--json").json
    assert (again["created"], again["unchanged"]) == (0, 1)
    assert run("doctor").code == 0


def test_the_report_names_statuses_and_rejects(
    run: Run, caseload: PracticePaths, log: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    said = run("import", "referrals", str(log), "--rejects", str(rejects)).out
    assert "Faxed (1 row) -> sent" in said and "Referred to -> referred to (Silva)" in said
    assert "line 3, “Patient name”: nobody of this name is in the caseload" in said
    assert "2 rows: 1 added · 1 refused. 1 of the new ones are open. 1 new office for the directory." in said
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600


def test_a_dry_run_writes_nothing_and_lists_what_is_unclear(
    run: Run, caseload: PracticePaths, unclear: Path
) -> None:
    said = run("import", "referrals", str(unclear), "--dry-run")
    assert said.code == 0
    assert "Pending (1 row) -> ? which stage is this" in said.out and "nothing was written" in said.out
    assert run("import", "referrals", str(unclear), "--dry-run", "--json").json["asked"] == 1


def test_unclear_statuses_are_refused_in_a_script_until_answered(
    run: Run, caseload: PracticePaths, unclear: Path
) -> None:
    run("import", "referrals", str(unclear)).refused("“Pending” (1 row)", "--status")
    run("import", "referrals", str(unclear), "--status", "pending=later").refused("no stage", code=2)
    run("import", "referrals", str(unclear), "--status", "pending").refused("WORDS=STAGE", code=2)
    done = run("import", "referrals", str(unclear), "--status", "pending=draft", "--json")
    assert done.json["rejected"] == 2  # a draft has not been sent on any day
    done = run("import", "referrals", str(unclear), "--status", "pending=sent", "--json")
    assert done.json["created"] == 1


def test_at_a_terminal_unclear_statuses_are_asked(
    run: Run, caseload: PracticePaths, unclear: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "")
    assert run("import", "referrals", str(unclear)).code == 1
    answer(monkeypatch, "what", "sent", "n")
    refused = run("import", "referrals", str(unclear))
    assert refused.code == 1 and "Import this referral? [Y/n]" in refused.err and "no stage" in refused.err
    assert "Status “Pending”, 1 row: which stage is it?" in refused.out
    answer(monkeypatch, "sent", "y")
    done = run("import", "referrals", str(unclear))
    assert done.code == 0, done.err
    assert "Imported. 2 rows: 1 added · 1 refused." in done.out


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_what_is_exported_is_imported_as_unchanged(
    run: Run, caseload: PracticePaths, log: Path, tmp_path: Path, name: str
) -> None:
    run("import", "referrals", str(log), "--json")
    out = tmp_path / name
    said = run("export", "referrals", str(out))
    assert said.out == f"1 referral written to {out}.\n"
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    back = run("import", "referrals", str(out), "--json").json
    assert (back["rows"], back["unchanged"]) == (1, 1)
    run("export", "referrals", str(out)).refused("--replace")
    assert run("export", "referrals", str(out), "--replace", "--json").json == {"referrals": 1}
    run("export", "referrals", str(tmp_path)).refused("is a folder")
    run("export", "referrals", str(tmp_path / "no" / "x.csv")).refused("no folder")
    run("export", "referrals", str(tmp_path / "x.pdf")).refused(".csv or .xlsx")
