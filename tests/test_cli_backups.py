"""``backup``, ``restore`` and ``doctor``, also on files that something has happened to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile, triggers
from carecoord_tui.store.backup import list_backups, verify_backup
from carecoord_tui.store.engine import raw_connection
from tests.cli_running import Run, answer, made, patient_file, run
from tests.conftest import PASSPHRASE

__all__ = ["made", "patient_file", "run"]


def people(run: Run) -> int:
    count: int = run("today", "--json").json["counts"]["active_patients"]
    return count


# --- backup and restore --------------------------------------------------------------------------------


def test_a_backup_is_verified_and_brought_back(
    run: Run, made: PracticePaths, patient_file: Path, tmp_path: Path
) -> None:
    assert run("import", "patients", str(patient_file)).code == 0
    result = run("backup", "--to", str(tmp_path / "stick"))
    assert result.code == 0, result.err
    path, verified = result.out.splitlines()
    assert Path(path).parent == tmp_path / "stick"
    assert verified.startswith("Verified: 2 patients, 1 follow-up,")
    other = tmp_path / "elsewhere"
    back = run("restore", path, "--data-dir", str(other))
    assert back.code == 0, back.err
    assert back.out.startswith(f"Restored into {other}: 2 patients")
    assert run("doctor", "--data-dir", str(other)).code == 0


def test_a_backup_goes_to_the_data_folder_by_default(run: Run, made: PracticePaths) -> None:
    assert run("backup").code == 0
    assert len(list_backups(made.backups)) == 1


def test_the_first_change_of_a_day_comes_after_the_backup_of_the_day(
    run: Run, made: PracticePaths, patient_file: Path, tmp_path: Path
) -> None:
    assert run("import", "patients", str(patient_file), "--dry-run").code == 0
    assert list_backups(made.backups) == []
    for _ in range(2):
        assert run("import", "patients", str(patient_file)).code == 0
    (entry,) = list_backups(made.backups)
    assert verify_backup(entry.path, PASSPHRASE).rows["patient"] == 0


def test_a_backup_of_the_day_that_fails_is_said_and_stops_nothing(
    run: Run, made: PracticePaths, patient_file: Path
) -> None:
    made.backups.write_text("a file where the folder should be")
    result = run("import", "patients", str(patient_file))
    assert result.code == 0
    assert "Today's backup failed: " in result.err
    assert people(run) == 2


def test_restore_sets_what_is_there_aside_only_when_told(
    run: Run, made: PracticePaths, patient_file: Path
) -> None:
    path = run("backup").out.splitlines()[0]
    assert run("import", "patients", str(patient_file)).code == 0
    run("restore", path).refused("--replace")
    run("restore", path, "--replace").refused("--yes")
    assert people(run) == 2
    result = run("restore", path, "--replace", "--yes")
    assert result.code == 0, result.err
    assert people(run) == 0
    aside = Path(result.out.splitlines()[1].removeprefix("What was there before is kept in ").rstrip("."))
    assert (aside / "practice.db").exists()


def test_restore_asks_before_it_replaces(
    run: Run, made: PracticePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = run("backup").out.splitlines()[0]
    answer(monkeypatch, "")
    assert run("restore", path, "--replace").code == 1
    assert not list(made.root.glob("replaced-*"))
    answer(monkeypatch, "y")
    assert run("restore", path, "--replace").code == 0
    assert len(list(made.root.glob("replaced-*"))) == 1


def test_what_cannot_be_restored_changes_nothing(run: Run, made: PracticePaths, tmp_path: Path) -> None:
    before = made.database.read_bytes()
    run("restore", str(tmp_path / "none")).refused("There is no backup file")
    run("restore").refused("carecoord restore FILE", code=2)
    foreign = tmp_path / "letter.txt"
    foreign.write_text("Dear Dana")
    run("restore", str(foreign), "--replace", "--yes").refused(str(foreign))
    path = run("backup").out.splitlines()[0]
    run("restore", path, "--replace", "--yes", passphrase="not the right one").refused("does not open")
    cut = tmp_path / "cut.ccbackup"
    cut.write_bytes(Path(path).read_bytes()[:-5000])
    run("restore", str(cut), "--replace", "--yes").refused("cut.ccbackup")
    assert made.database.read_bytes() == before


# --- doctor --------------------------------------------------------------------------------------------


def test_a_sound_practice_passes(run: Run, made: PracticePaths, patient_file: Path) -> None:
    assert run("import", "patients", str(patient_file)).code == 0
    said = run("doctor")
    assert said.code == 0
    assert said.out.endswith("Everything is as it should be.\n")
    report = run("doctor", "--json").json
    assert report["ok"] is True
    assert all(check.keys() == {"name", "ok", "detail"} for check in report["checks"])


def test_the_doctor_changes_nothing(run: Run, made: PracticePaths) -> None:
    before = made.database.read_bytes()
    assert run("doctor").code == 0
    assert run("doctor", "--now", "2026-11-30T08:00").code == 0
    assert made.database.read_bytes() == before


def test_a_failed_check_is_code_1(run: Run, made: PracticePaths) -> None:
    connection = raw_connection(made.database, keyfile.unlock(made.keyfile, PASSPHRASE))
    name = next(iter(triggers.TRIGGERS))
    connection.execute(f"DROP TRIGGER {name}")
    connection.close()
    said = run("doctor")
    assert said.code == 1
    assert "FAILED" in said.out
    report = run("doctor", "--json").json
    assert [check["name"] for check in report["checks"] if not check["ok"]] == ["triggers"]


def cut(path: Path, length: int) -> None:
    os.truncate(path, length)


def overwrite(path: Path, at: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(os.urandom(4096))


def drop_table(paths: PracticePaths, name: str) -> None:
    connection = raw_connection(paths.database, keyfile.unlock(paths.keyfile, PASSPHRASE))
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(f"DROP TABLE {name}")
    connection.close()


DAMAGE: dict[str, Callable[[PracticePaths], object]] = {
    "no database": lambda paths: paths.database.unlink(),
    "no key": lambda paths: paths.keyfile.unlink(),
    "empty database": lambda paths: cut(paths.database, 0),
    "half a database": lambda paths: cut(paths.database, paths.database.stat().st_size // 2 // 4096 * 4096),
    "broken first page": lambda paths: overwrite(paths.database, 0),
    "broken page": lambda paths: overwrite(paths.database, 5 * 4096),
    "foreign database": lambda paths: paths.database.write_bytes(b"SQLite format 3\0" + bytes(8176)),
    "text for a key": lambda paths: paths.keyfile.write_text("Dear Dana"),
    "half a key": lambda paths: cut(paths.keyfile, 200),
}
# Only somebody who has the key can do these; the doctor must still report them.
TAMPERING: dict[str, Callable[[PracticePaths], object]] = {
    "no settings": lambda paths: drop_table(paths, "setting"),
    "no ledger": lambda paths: drop_table(paths, "ledger"),
    "no users": lambda paths: drop_table(paths, '"user"'),
}


@pytest.mark.parametrize("damage", [*DAMAGE, *TAMPERING])
def test_damage_is_reported_and_never_a_crash(run: Run, made: PracticePaths, damage: str) -> None:
    (DAMAGE | TAMPERING)[damage](made)
    said = run("doctor")
    assert said.code == 1
    assert "Traceback" not in said.out + said.err
    assert "unexpected" not in said.out + said.err
    assert "FAILED" in said.out
    report = run("doctor", "--json").json
    assert report["ok"] is False
    assert not made.root.joinpath("crash.log").exists()


@pytest.mark.parametrize("damage", DAMAGE)
def test_other_commands_say_damage_in_one_sentence(run: Run, made: PracticePaths, damage: str) -> None:
    DAMAGE[damage](made)
    before = {path: path.read_bytes() for path in (made.database, made.keyfile) if path.exists()}
    commands: list[tuple[str, ...]] = [("backup",)]
    if damage != "broken page":  # a page that a command does not need does not stop it
        commands += [("today", "--json"), ("settings", "date_order", "dmy")]
    for command in commands:
        result = run(*command)
        result.refused()
        assert "unexpected" not in result.err
    assert {path: path.read_bytes() for path in before} == before
