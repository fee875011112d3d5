"""The backup of the day: once, verified, and said in few words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import daily_backup
from carecoord_tui.store.backup import list_backups, verify_backup
from carecoord_tui.store.daily_backup import backup_when_due, last_backup_words
from carecoord_tui.store.errors import Busy, DiskFull
from carecoord_tui.store.practice import Practice
from tests.conftest import PASSPHRASE, ZONE


def put(paths: PracticePaths, day: date, at: str = "0758") -> Path:
    """A file with the name of a backup."""
    paths.backups.mkdir(mode=0o700, exist_ok=True)
    path = paths.backups / f"carecoord-{day.isoformat()}-{at}.ccbackup"
    path.write_bytes(b"")
    return path


def today() -> date:
    return datetime.now(ZONE).date()


def test_the_first_open_of_a_day_makes_one_that_opens(practice: Practice) -> None:
    made = backup_when_due(practice)
    assert made is not None
    assert verify_backup(made, PASSPHRASE).rows["user"] == 1
    assert backup_when_due(practice) is None
    assert [entry.path for entry in list_backups(practice.paths.backups)] == [made]


def test_the_day_is_the_computers_not_the_screens(practice: Practice) -> None:
    assert practice.today() == date(2026, 11, 30)
    made = backup_when_due(practice)
    assert made is not None
    assert list_backups(practice.paths.backups)[0].day == today()


def test_a_backup_of_yesterday_does_not_count_and_old_ones_go(practice: Practice) -> None:
    old = [put(practice.paths, today() - timedelta(days=number)) for number in range(1, 120)]
    made = backup_when_due(practice)
    assert made is not None
    left = {entry.path for entry in list_backups(practice.paths.backups)}
    assert made in left
    assert old[0] in left
    assert len(left) < 30


def test_a_read_only_practice_makes_none(practice: Practice) -> None:
    practice.is_read_only = True
    assert backup_when_due(practice) is None
    assert not practice.paths.backups.exists()


def test_another_window_that_was_quicker_is_no_error(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*args: object) -> Path:
        put(practice.paths, today())
        raise Busy

    monkeypatch.setattr(daily_backup, "backup", busy)
    assert backup_when_due(practice) is None


@pytest.mark.parametrize("error", [Busy, DiskFull])
def test_a_failure_is_raised(
    practice: Practice, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def fail(*args: object) -> Path:
        raise error

    monkeypatch.setattr(daily_backup, "backup", fail)
    with pytest.raises(error):
        backup_when_due(practice)


def test_the_words(paths: PracticePaths) -> None:
    paths.root.mkdir()
    day = date(2026, 11, 30)
    assert last_backup_words(paths, day) == "no backup yet"
    put(paths, date(2025, 12, 31))
    assert last_backup_words(paths, day) == "last backup Wed 31 Dec 2025"
    put(paths, date(2026, 11, 27))
    assert last_backup_words(paths, day) == "last backup Fri 27 Nov"
    put(paths, day)
    put(paths, day, "0642")
    assert last_backup_words(paths, day) == "backup today 07:58"
