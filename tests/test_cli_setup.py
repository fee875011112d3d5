"""``init``, ``path``, ``passphrase``, ``recovery-code``, and how the secret reaches a command."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from carecoord_tui.clock import SystemClock
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile, unlock_log
from carecoord_tui.store.practice import open_practice
from tests.cli_running import Run, answer, in_child, made, run
from tests.conftest import PASSPHRASE

__all__ = ["made", "run"]

INIT = ("init", "--user", "Dana Reyes", "--timezone", "America/Chicago")
CODE = re.compile(r"(?:[0-9A-Z]{5}-){5}[0-9A-Z]{5}")
NEW = "quite another secret"


def secret_file(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


# --- init --------------------------------------------------------------------------------------------


def test_init_makes_a_practice_and_shows_the_code_once(run: Run, paths: PracticePaths) -> None:
    result = run(*INIT, "--clinical", "--role", "Nurse", "--practice", "Maple Street")
    assert result.code == 0, result.err
    (code,) = CODE.findall(result.out)
    assert keyfile.unlock(paths.keyfile, code) == keyfile.unlock(paths.keyfile, PASSPHRASE)
    assert paths.root.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in paths.root.iterdir()} == {0o600}
    assert run("settings", "timezone").out == "America/Chicago\n"
    assert run("settings", "practice_name").out == "Maple Street\n"
    assert run("today", "--json").json["counts"]["active_patients"] == 0
    assert run("doctor").code == 0


def test_init_stores_no_control_characters(run: Run, paths: PracticePaths) -> None:
    assert run(*INIT, "--role", "\x1b[31mNurse", "--practice", "Maple\x1b[2J\nStreet").code == 0
    practice = open_practice(paths, keyfile.unlock(paths.keyfile, PASSPHRASE), SystemClock())
    stored = (practice.user.role, practice.settings.practice_name)
    practice.close()
    assert stored == ("[31mNurse", "Maple[2J Street")


def test_init_writes_the_code_to_a_private_file(run: Run, paths: PracticePaths, tmp_path: Path) -> None:
    file = tmp_path / "code.txt"
    result = run(*INIT, "--recovery-file", str(file))
    assert result.code == 0
    assert not CODE.search(result.out + result.err)
    assert file.stat().st_mode & 0o777 == 0o600
    assert keyfile.unlock(paths.keyfile, file.read_text().strip())


def test_init_overwrites_nothing(run: Run, paths: PracticePaths, tmp_path: Path) -> None:
    file = tmp_path / "code.txt"
    file.write_text("mine")
    run(*INIT, "--recovery-file", str(file)).refused("already there", str(file))
    assert file.read_text() == "mine"
    assert not paths.exists
    assert run(*INIT).code == 0
    before = paths.keyfile.read_bytes()
    run(*INIT, "--recovery-file", str(tmp_path / "other.txt")).refused("already")
    assert paths.keyfile.read_bytes() == before
    assert not (tmp_path / "other.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "passphrase", "words"),
    [
        (INIT, "short", "8 characters"),
        (("init", "--user", "Dana", "--timezone", "Mars/Base"), PASSPHRASE, "Mars/Base"),
        (("init", "--user", " ", "--timezone", "UTC"), PASSPHRASE, "--user"),
    ],
)
def test_init_refusals_leave_nothing_behind(
    run: Run, paths: PracticePaths, tmp_path: Path, arguments: tuple[str, ...], passphrase: str, words: str
) -> None:
    file = tmp_path / "code.txt"
    run(*arguments, "--recovery-file", str(file), passphrase=passphrase).refused(words)
    assert not paths.root.exists()
    assert not file.exists()


def test_init_asks_twice(run: Run, paths: PracticePaths, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, secrets=(PASSPHRASE, PASSPHRASE + "x"))
    run(*INIT, passphrase=None).refused("not the same")
    assert not paths.exists
    prompts = answer(monkeypatch, secrets=(PASSPHRASE, PASSPHRASE))
    assert run(*INIT, passphrase=None).code == 0
    assert prompts == ["Passphrase: ", "The same again: "]
    assert keyfile.unlock(paths.keyfile, PASSPHRASE)


# --- where the secret comes from ---------------------------------------------------------------------


def test_the_passphrase_leaves_the_environment_before_any_command_runs(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from carecoord_tui import cli\n"
        "from carecoord_tui.cli import setup\n"
        "setup.run_path = lambda invocation: print(os.environ.get('CARECOORD_PASSPHRASE'),"
        " invocation.environ.get('CARECOORD_PASSPHRASE'), invocation.given_secret) or 0\n"
        "raise SystemExit(cli.main(['path']))"
    )
    done = in_child(code=code, CARECOORD_PASSPHRASE="sesame", CARECOORD_DATA_DIR=str(tmp_path))
    assert done.stdout == "None None sesame\n"


def test_without_a_terminal_the_ways_to_give_it_are_named(made: PracticePaths) -> None:
    done = in_child("today", "--json", CARECOORD_DATA_DIR=str(made.root))
    assert (done.returncode, done.stdout) == (1, "")
    assert "CARECOORD_PASSPHRASE" in done.stderr
    assert "--passphrase-file" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_passphrase_file_wins_over_the_environment(run: Run, made: PracticePaths, tmp_path: Path) -> None:
    file = secret_file(tmp_path / "secret", f"\ufeff{PASSPHRASE}\r\nsecond line\n")
    assert run("today", "--passphrase-file", file, passphrase="wrong wrong").code == 0
    assert run("--passphrase-file", file, "today", passphrase=None).code == 0


@pytest.mark.parametrize(
    ("text", "mode", "words"), [(PASSPHRASE, 0o644, "chmod 600"), ("\n", 0o600, "empty")]
)
def test_a_bad_passphrase_file_is_refused(
    run: Run, made: PracticePaths, tmp_path: Path, text: str, mode: int, words: str
) -> None:
    run("today", "--passphrase-file", secret_file(tmp_path / "secret", text, mode)).refused(words)
    run("today", "--passphrase-file", str(tmp_path / "none")).refused("cannot be read")


def test_a_wrong_passphrase_is_one_sentence_and_logged(run: Run, made: PracticePaths) -> None:
    run("today", passphrase="not the right one").refused("does not open")
    assert [attempt.result for attempt in unlock_log.read(made.unlock_log)] == [unlock_log.Unlock.FAILED]


def test_it_is_asked_for_at_a_terminal(
    run: Run, made: PracticePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = answer(monkeypatch, secrets=(PASSPHRASE,))
    assert run("today", passphrase=None).code == 0
    assert prompts == ["Passphrase: "]


def test_without_a_practice_nothing_is_asked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    prompts = answer(monkeypatch)
    for command in (("today",), ("doctor",), ("backup",), ("passphrase",), ("settings",), ("closures",)):
        result = run(*command, passphrase=None)
        assert result.code == 1
        assert "carecoord init" in result.err + result.out
    assert prompts == []


# --- path --------------------------------------------------------------------------------------------


def test_path_says_what_is_there_and_no_secret(run: Run, made: PracticePaths) -> None:
    result = run("path")
    lines = dict(line.split("  ", 1) for line in result.out.splitlines())
    assert lines["database"].split() == ["there", str(made.database)]
    assert "not there" in next(line for line in result.out.splitlines() if line.startswith("backups"))
    assert PASSPHRASE not in result.out
    other = run("path", "--data-dir", str(made.root / "other"))
    assert str(made.root / "other" / "practice.db") in other.out


# --- changing the keys -------------------------------------------------------------------------------


def test_a_changed_passphrase_opens_and_the_old_one_does_not(
    run: Run, made: PracticePaths, tmp_path: Path
) -> None:
    file = secret_file(tmp_path / "new", NEW)
    assert run("passphrase", "--new-passphrase-file", file).code == 0
    run("today").refused("does not open")
    assert run("today", passphrase=NEW).code == 0
    assert run("doctor", passphrase=NEW).code == 0


def test_changing_the_passphrase_asks_for_both(
    run: Run, made: PracticePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompts = answer(monkeypatch, secrets=(PASSPHRASE, NEW, NEW))
    assert run("passphrase", passphrase=None).code == 0
    assert len(prompts) == 3
    assert keyfile.unlock(made.keyfile, NEW)
    answer(monkeypatch, secrets=(NEW, "short", "short"))
    run("passphrase", passphrase=None).refused("8 characters")
    assert keyfile.unlock(made.keyfile, NEW)


def test_a_new_recovery_code_replaces_the_old_one(run: Run, made: PracticePaths, tmp_path: Path) -> None:
    (first,) = CODE.findall(run("recovery-code").out)
    file = tmp_path / "code.txt"
    result = run("recovery-code", "--recovery-file", str(file), passphrase=first)
    assert result.code == 0
    assert result.out == ""
    run("today", passphrase=first).refused("does not open")
    assert run("today", passphrase=file.read_text().strip()).code == 0
    run("recovery-code", "--recovery-file", str(file)).refused("already there")
    assert keyfile.unlock(made.keyfile, file.read_text().strip())


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may")
def test_a_folder_that_may_not_be_read_is_one_sentence(run: Run, made: PracticePaths) -> None:
    made.root.chmod(0)
    try:
        run("today").refused("Permission denied")
    finally:
        made.root.chmod(0o700)
