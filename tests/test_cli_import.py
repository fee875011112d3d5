"""``import patients``: preview, questions, dry run, refusals."""

from __future__ import annotations

from pathlib import Path

import pytest

from carecoord_tui.paths import PracticePaths
from tests.cli_running import Run, answer, made, patient_file, run

__all__ = ["made", "patient_file", "run"]

COUNTS = {
    *("rows", "created", "updated", "unchanged", "conflicts", "rejected", "possible_duplicates", "active"),
}


def people(run: Run) -> int:
    count: int = run("today", "--json").json["counts"]["active_patients"]
    return count


def test_a_script_imports_without_a_question(run: Run, made: PracticePaths, patient_file: Path) -> None:
    result = run("import", "patients", str(patient_file), "--json")
    assert result.code == 0, result.err
    assert result.json.keys() == COUNTS
    assert (result.json["created"], result.json["rejected"]) == (2, 1)
    assert people(run) == 2
    again = run("import", "patients", str(patient_file), "--json").json
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 2)
    assert run("doctor").code == 0


def test_the_report_names_columns_and_rejects(
    run: Run, made: PracticePaths, patient_file: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    said = run("import", "patients", str(patient_file), "--rejects", str(rejects))
    assert "DOB -> birth date" in said.out
    assert "line 4" in said.out
    assert str(rejects) in said.out
    assert "13/45/1950" in rejects.read_text(encoding="utf-8-sig")
    assert "\x1b" not in said.out


def test_a_dry_run_writes_nothing(run: Run, made: PracticePaths, patient_file: Path) -> None:
    said = run("import", "patients", str(patient_file), "--dry-run")
    assert said.code == 0
    assert "nothing was written" in said.out
    assert run("import", "patients", str(patient_file), "--dry-run", "--json").json["created"] == 2
    assert people(run) == 0
    assert not made.rejects.exists()


def test_at_a_terminal_the_preview_is_asked_about(
    run: Run, made: PracticePaths, patient_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "n")
    refused = run("import", "patients", str(patient_file))
    assert refused.code == 1
    assert "Import these 2 people? [Y/n]" in refused.err
    assert "First rows:" in refused.out
    assert people(run) == 0
    answer(monkeypatch, "")
    done = run("import", "patients", str(patient_file))
    assert done.code == 0
    assert "Imported: 2 new, 0 updated, 1 refused." in done.out
    assert people(run) == 2


def test_an_unclear_date_order_is_asked_for_or_refused(
    run: Run, made: PracticePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unclear = tmp_path / "unclear.csv"
    unclear.write_text("Last name,First name,DOB\nCole,James,03/04/1955\n", encoding="utf-8")
    run("import", "patients", str(unclear)).refused("--date-order", "unclear.csv")
    assert run("import", "patients", str(unclear), "--date-order", "dmy", "--dry-run").code == 0
    answer(monkeypatch, "what", "mdy", "y")
    done = run("import", "patients", str(unclear))
    assert done.code == 0, done.err
    assert "Imported: 1 new" in done.out
    assert "4 Mar 1955" in done.out
    answer(monkeypatch, "")
    other = tmp_path / "other.csv"
    other.write_text("Last name,First name,DOB\nNguyen,Thi,05/06/1960\n", encoding="utf-8")
    assert run("import", "patients", str(other)).code == 1
    assert people(run) == 1


def test_columns_can_be_mapped_by_hand(run: Run, made: PracticePaths, tmp_path: Path) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("A,B,C\nCole,James,1955-04-13\n", encoding="utf-8")
    run("import", "patients", str(odd)).refused("odd.csv")
    mapped = ("--map", "family_name=A", "--map", "given_name=B", "--map", "birth_date=C")
    assert run("import", "patients", str(odd), *mapped, "--json").json["created"] == 1
    run("import", "patients", str(odd), "--map", "nonsense").refused("FIELD=HEADER", code=2)


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", b""), ("picture.xlsx", b"\x89PNG\r\n"), ("cut.xlsx", b"PK\x03\x04 and nothing more")],
)
def test_a_file_that_is_no_table_is_one_sentence(
    run: Run, made: PracticePaths, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    run("import", "patients", str(path)).refused(name)
    run("import", "patients", str(tmp_path / "none.csv")).refused("none.csv")
    run("import", "patients", str(tmp_path)).refused(tmp_path.name)
    assert people(run) == 0


def test_the_rejects_file_is_never_the_patient_list_itself(
    run: Run, made: PracticePaths, patient_file: Path, tmp_path: Path
) -> None:
    before = patient_file.read_bytes()
    link = tmp_path / "link.csv"
    link.hardlink_to(patient_file)
    for rejects in (patient_file, link):
        refused = run("import", "patients", str(patient_file), "--rejects", str(rejects))
        refused.refused("the imported file itself", code=2)
    assert patient_file.read_bytes() == before
    for rejects, word in ((tmp_path, "is a folder"), (tmp_path / "none" / "x.csv", "no folder")):
        run("import", "patients", str(patient_file), "--rejects", str(rejects)).refused(word)
    assert people(run) == 0


def test_the_folder_one_stands_in_is_named(
    run: Run, made: PracticePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("import", "patients", ".").refused(".: is a folder")


def test_one_person_is_asked_about_as_one(
    run: Run, made: PracticePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.csv"
    path.write_text("Last name,First name,DOB\nCole,James,1955-04-13\n", encoding="utf-8")
    answer(monkeypatch, "n")
    assert "Import this person? [Y/n]" in run("import", "patients", str(path)).err


def test_a_set_clock_is_ignored_with_a_note(run: Run, made: PracticePaths, patient_file: Path) -> None:
    result = run("import", "patients", str(patient_file), "--json", CARECOORD_NOW="2020-01-06T08:00")
    assert result.code == 0
    assert "ignored" in result.err
    assert result.json["created"] == 2
    quiet = run("import", "patients", str(patient_file), "--dry-run", CARECOORD_NOW="2027-01-06T08:00")
    assert (quiet.code, quiet.err) == (0, "")
