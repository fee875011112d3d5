"""``settings``, ``closures`` and ``keys``."""

from __future__ import annotations

from pathlib import Path

import pytest

from carecoord_tui.clock import SystemClock
from carecoord_tui.commands import COMMANDS
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile
from carecoord_tui.store.practice import open_practice
from carecoord_tui.store.tables import Setting
from tests.cli_running import Run, in_child, made, run
from tests.conftest import PASSPHRASE

__all__ = ["made", "run"]


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("timezone", "America/Los_Angeles", "America/Los_Angeles"),
        ("date_order", "dmy", "dmy"),
        ("check_in_capacity", "25", "25"),
        ("idle_lock_minutes", "3", "3"),
        ("practice_name", "Maple \x1b[1mStreet", "Maple [1mStreet"),
        ("callback_number", "(555) 010-0199", "+15550100199"),
        ("callback_number", "", ""),
        ("timezone", "central", "America/Chicago"),
        ("people_shown", "40", "40"),
        ("call_from", "9am", "09:00"),
        ("call_until", "17:30", "17:30"),
        ("rule.outreach.next_attempt.attempts", "5", "5"),
        ("rule.outreach.letter.n", "2", "2"),
        ("rule.outreach.letter.n", "", "1"),
    ],
)
def test_a_setting_is_changed_and_kept(
    run: Run, made: PracticePaths, key: str, value: str, shown: str
) -> None:
    assert run("settings", key, value).code == 0
    assert run("settings", key).out == f"{shown}\n"
    assert key in run("settings").out
    assert run("doctor").code == 0


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("timezone", "Mars/Base", "Mars/Base"),
        ("timezone", "", "timezone"),
        ("date_order", "ydm", "mdy, dmy and ymd"),
        ("check_in_capacity", "0", "check_in_capacity"),
        ("idle_lock_minutes", "never", "idle_lock_minutes"),
        ("callback_number", "12", ""),
        ("idle_lock_minutes", "9" * 5000, "idle_lock_minutes"),
        ("people_shown", "-1", "people_shown"),
        ("call_from", "2:30", "call_from"),
        ("rule.outreach.next_attempt.attempts", "0", "from 1 to 20"),
    ],
)
def test_a_value_the_program_could_not_use_is_refused(
    run: Run, made: PracticePaths, key: str, value: str, words: str
) -> None:
    before = run("settings").out
    run("settings", key, value).refused(words)
    assert run("settings").out == before


def test_the_zone_decides_the_day(run: Run, made: PracticePaths) -> None:
    late = ("today", "--json", "--now", "2026-12-01T03:00Z")
    assert run(*late).json["date"] == "2026-11-30"
    assert run("settings", "timezone", "UTC").code == 0
    assert run(*late).json["date"] == "2026-12-01"


def test_calls_never_end_before_they_begin(run: Run, made: PracticePaths) -> None:
    assert run("settings", "call_from", "9am").code == 0
    run("settings", "call_until", "8am").refused("call_until", "end before they begin")
    assert run("settings", "call_until").out == "\n"


def test_json_of_settings_closures_and_keys(run: Run, made: PracticePaths) -> None:
    run("closures", "add", "2026-12-24", "Staff", "training")
    assert run("closures", "--json").json == [{"date": "2026-12-24", "name": "Staff training"}]
    settings = run("settings", "--json").json
    assert settings["rule.outreach.next_attempt.attempts"] == "3"
    assert run("settings", "date_order", "--json").json == {"date_order": "mdy"}
    keys = {one["id"]: one["keys"] for one in run("keys", "--json").json}
    assert keys["app.jump"] == ["ctrl+k", "f3"]


def test_a_count_that_no_longer_fits_is_named_by_doctor_and_the_practice_opens(
    run: Run, made: PracticePaths
) -> None:
    practice = open_practice(made, keyfile.unlock(made.keyfile, PASSPHRASE), SystemClock())
    with practice.change("older settings") as session:
        session.add(Setting(key="rule.gone.by.n", value="2"))
    practice.close()
    assert run("today").code == 0
    result = run("doctor")
    assert result.code == 1
    assert "gone.by" in result.out


def test_closures_are_added_listed_and_removed(run: Run, made: PracticePaths) -> None:
    empty = run("closures")
    assert (empty.code, empty.out) == (0, "")
    assert run("closures", "add", "2026-12-24", "Staff", "training").out == "Closed on Thu 24 Dec 2026.\n"
    assert run("closures", "add", "12/23/2026").code == 0
    assert run("closures").out.splitlines() == ["Wed 23 Dec 2026", "Thu 24 Dec 2026  Staff training"]
    run("closures", "add", "2026-12-24").refused("already")
    assert run("closures", "remove", "2026-12-24").code == 0
    run("closures", "remove", "2026-12-24").refused("not a closure")
    run("closures", "add", "some day").refused("some day")
    run("closures", "add", "2026-12-24 2pm").refused("whole day", code=2)
    assert run("closures").out.splitlines() == ["Wed 23 Dec 2026"]
    assert run("doctor").code == 0


def test_a_set_clock_is_ignored_for_changes(run: Run, made: PracticePaths) -> None:
    result = run("settings", "practice_name", "Maple Street", "--now", "2020-01-06T08:00")
    assert result.code == 0
    assert "ignored" in result.err
    assert run("settings", "practice_name").out == "Maple Street\n"


def test_keys_lists_every_command_as_remapped(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[keys]\n"verb.contact" = "f7"\n', encoding="utf-8")
    done = in_child("keys", CARECOORD_CONFIG=str(config))
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert set(lines) == {command.id for command in COMMANDS}
    assert " F7 " in lines["verb.contact"]
    config.write_text('[keys]\n"verb.nonsense" = "f7"\n', encoding="utf-8")
    done = in_child("keys", CARECOORD_CONFIG=str(config))
    assert done.returncode == 0
    assert "verb.nonsense" in done.stderr


# --- the settings file -----------------------------------------------------------------------------


def test_a_sound_settings_file_has_no_problem(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theme = "carecoord-light"\n')
    result = run("config", "check", str(file))
    assert result.code == 0
    assert result.out == f"{file}: no problem.\n"


def test_what_cannot_be_used_is_said_with_its_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theme = "carecoord-light"\nascii = "yes"\n')
    result = run("config", "check", str(file))
    assert result.code == 1
    assert f"{file}: line 2: ascii: write true or false" in result.out
    answer = run("config", "check", str(file), "--json")
    assert answer.code == 1
    assert answer.json["is_there"]
    assert len(answer.json["problems"]) == 1


def test_the_file_that_counts_is_named(run: Run) -> None:
    assert run("config").out.endswith(".toml\n")
