"""The unlock log: time and result, private, bounded."""

from __future__ import annotations

import sys
import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from carecoord_tui.domain.unlock_delay import FREE_TRIES
from carecoord_tui.store import unlock_log
from carecoord_tui.store.errors import MissingFile, StoreError, TryLater, UnsafeFolder, WrongPassphrase
from carecoord_tui.store.unlock_log import (
    Attempt,
    Unlock,
    failures_since_unlock,
    one_try,
    read,
    record,
    require_patience,
)
from tests.store.filelayer import mode

AT = datetime(2026, 11, 30, 13, 58, 2, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "unlock.log"


def test_a_line_holds_time_and_result(path: Path) -> None:
    record(path, Unlock.OK, at=AT.astimezone(timezone(timedelta(hours=-5))))
    assert path.read_text() == "2026-11-30T13:58:02Z ok\n"
    assert mode(path) == 0o600


def test_attempts_come_back_in_order(path: Path) -> None:
    for result in Unlock:
        record(path, result, at=AT)
    assert read(path) == [Attempt(AT, result) for result in Unlock]


def test_the_system_clock_is_used(path: Path) -> None:
    record(path, Unlock.FAILED)
    assert abs(datetime.now(UTC) - read(path)[0].at) < timedelta(seconds=30)


def test_failures_since_the_last_unlock(path: Path) -> None:
    assert failures_since_unlock(path) == 0
    for result in (Unlock.FAILED, Unlock.RECOVERY, Unlock.FAILED, Unlock.FAILED):
        record(path, result)
    assert failures_since_unlock(path) == 2
    record(path, Unlock.OK)
    assert failures_since_unlock(path) == 0


def test_strange_lines_are_left_out(path: Path) -> None:
    path.write_bytes(b"\xff\x1b[2J\nyesterday ok\n2026-11-30T13:58:02Z maybe\n\n2026-11-30T13:58:02Z ok")
    assert read(path) == [Attempt(AT, Unlock.OK)]


def test_it_stays_small_and_keeps_the_newest(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlock_log, "SIZE_LIMIT", 1000)
    for n in range(200):
        record(path, Unlock.FAILED, at=AT + timedelta(seconds=n))
        assert path.stat().st_size <= 1030
    kept = [attempt.at for attempt in read(path)]
    assert kept == [AT + timedelta(seconds=n) for n in range(200 - len(kept), 200)]
    assert mode(path) == 0o600


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingFile):
        record(tmp_path / "nowhere" / "unlock.log", Unlock.OK)


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege on Windows")
def test_a_planted_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    path.symlink_to(victim)
    with pytest.raises(UnsafeFolder, match="symbolic link"):
        record(path, Unlock.OK)
    assert victim.read_text() == "untouched"


def test_after_three_wrong_tries_each_further_one_waits_twice_as_long(path: Path) -> None:
    waits = []
    for count in range(1, 14):
        record(path, Unlock.FAILED, at=AT)
        try:
            require_patience(path, now=AT)
        except TryLater as error:
            waits.append(error.seconds)
        else:
            waits.append(0)
        assert count == failures_since_unlock(path)
    assert waits == [0, 0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_the_wait_ends_and_a_right_answer_forgets_the_wrong_ones(path: Path) -> None:
    for _ in range(5):
        record(path, Unlock.FAILED, at=AT)
    with pytest.raises(TryLater, match="in 1 second"):
        require_patience(path, now=AT + timedelta(seconds=3))
    require_patience(path, now=AT + timedelta(seconds=4))
    record(path, Unlock.OK, at=AT + timedelta(seconds=5))
    record(path, Unlock.FAILED, at=AT + timedelta(seconds=6))
    require_patience(path, now=AT + timedelta(seconds=6))


def test_a_clock_set_back_never_makes_the_wait_longer(path: Path) -> None:
    for _ in range(4):
        record(path, Unlock.FAILED, at=AT)
    with pytest.raises(TryLater, match="in 2 seconds"):
        require_patience(path, now=AT - timedelta(days=400))


def test_a_wait_ends_although_the_clock_was_set_back(path: Path) -> None:
    for _ in range(6):
        record(path, Unlock.FAILED, at=AT)
    now = AT - timedelta(days=400)
    for passed, left in ((0, 8), (3, 5), (7, 1)):
        with pytest.raises(TryLater, match=f"in {left} second"):
            require_patience(path, now=now + timedelta(seconds=passed))
    require_patience(path, now=now + timedelta(seconds=8))
    assert failures_since_unlock(path) == 6
    record(path, Unlock.FAILED, at=now + timedelta(seconds=9))
    with pytest.raises(TryLater, match="in 16 seconds"):  # the streak goes on
        require_patience(path, now=now + timedelta(seconds=9))
    record(path, Unlock.OK, at=now + timedelta(minutes=1))
    assert failures_since_unlock(path) == 0


def test_tries_at_the_same_time_wait_for_each_other(path: Path) -> None:
    """Else a hundred at once would all find the wait of the first over."""
    for _ in range(FREE_TRIES):
        record(path, Unlock.FAILED)
    judged: list[str] = []
    start = threading.Barrier(8)

    def wrong() -> None:
        start.wait()
        try:
            with one_try(path):
                time.sleep(0.05)  # what deriving the key takes
                raise WrongPassphrase
        except StoreError as error:
            judged.append(type(error).__name__)

    tries = [threading.Thread(target=wrong) for _ in range(8)]
    for one in tries:
        one.start()
    for one in tries:
        one.join()
    assert sorted(judged) == ["TryLater"] * 7 + ["WrongPassphrase"]
    assert failures_since_unlock(path) == FREE_TRIES + 1


def test_a_right_try_and_another_failure_leave_no_wrong_one_behind(path: Path) -> None:
    with one_try(path):
        pass
    with pytest.raises(MissingFile), one_try(path):
        raise MissingFile
    assert read(path) == []
