"""The unlock log: when the practice was opened or tried, and nothing else.

Plain text, because it must be written before anything is unlocked: a UTC time and a result on each line.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from carecoord_tui.domain.unlock_delay import wait_left
from carecoord_tui.store.dialect import translated
from carecoord_tui.store.errors import MissingFile, TryLater, WrongPassphrase
from carecoord_tui.store.files import open_private, read_bounded, write_private
from carecoord_tui.store.lock import file_lock

SIZE_LIMIT = 64 * 1024  # some 2,000 lines; then the older half goes
_READ_LIMIT = 16 * SIZE_LIMIT
_LOCK_NAME = "unlock.lock"  # beside the log, which is replaced when it grows
_LOCK_SECONDS = 10.0
_BUSY = "Another carecoord window is trying a passphrase; try again in a moment."
_SAME_MOMENT = timedelta(seconds=1)  # the log keeps whole seconds
_STAMP = "%Y-%m-%dT%H:%M:%SZ"


class Unlock(StrEnum):
    """How an attempt ended."""

    OK = "ok"
    RECOVERY = "recovery"  # opened with the recovery code
    FAILED = "failed"
    CLOCK = "clock"  # no try: the clock was found set back, and the wait began anew


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of the log; ``at`` is an aware UTC time."""

    at: datetime
    result: Unlock


def record(path: Path, result: Unlock, *, at: datetime | None = None) -> None:
    """Append one attempt (now, by the system clock, unless ``at`` is given).

    Raises ``DiskFull``, ``ReadOnly`` or ``MissingFile`` (no such folder): the caller decides whether that
    may keep someone out.
    """
    stamp = (at or datetime.now(UTC)).astimezone(UTC).strftime(_STAMP)
    with translated():
        fd = open_private(path, os.O_WRONLY | os.O_APPEND)
        try:
            os.write(fd, f"{stamp} {result}\n".encode("ascii"))  # one write: lines of two windows never mix
            size = os.fstat(fd).st_size
        finally:
            os.close(fd)
        if size > SIZE_LIMIT:
            _drop_older_half(path)


def read(path: Path) -> list[Attempt]:
    """All attempts, oldest first; lines that are not ours are left out. Empty when there is no log."""
    try:
        with translated():
            text = read_bounded(path, _READ_LIMIT).decode("ascii", "replace")
    except MissingFile:
        return []
    return [attempt for line in text.splitlines() if (attempt := _parse(line))]


def failures_since_unlock(path: Path) -> int:
    """How many attempts failed after the last one that succeeded, not counting the present one."""
    return _failures(read(path))


def _failures(attempts: Sequence[Attempt]) -> int:
    count = 0
    for attempt in reversed(attempts):
        if attempt.result in (Unlock.OK, Unlock.RECOVERY):
            break
        count += attempt.result is Unlock.FAILED
    return count


@contextmanager
def one_try(path: Path) -> Iterator[None]:
    """One try of a secret, alone: after the wait, and written down when it raises ``WrongPassphrase``.

    No second try begins before this one is judged, or many at once would all pass the same wait. Raises
    ``TryLater`` while the wait runs, ``Busy`` when others' tries take too long, and what :func:`record` does.
    The caller records what succeeded.
    """
    with translated(), file_lock(path.with_name(_LOCK_NAME), wait=_LOCK_SECONDS, busy=_BUSY):
        require_patience(path)
        try:
            yield
        except WrongPassphrase:
            record(path, Unlock.FAILED)
            raise


def require_patience(path: Path, *, now: datetime | None = None) -> None:
    """Raise ``TryLater`` while the wait after the last failures runs (``domain.unlock_delay``).

    ``now`` is aware and the system's when not given. The log outlives the program, so leaving and
    starting again does not shorten the wait; where the clock was set back since, the wait begins anew, once.
    """
    attempts = read(path)
    failed = _failures(attempts)
    if not failed:
        return
    now = now or datetime.now(UTC)
    last = attempts[-1].at
    left = wait_left(failed, last, now)
    if left <= timedelta(0):
        return
    if last > now + _SAME_MOMENT:
        record(path, Unlock.CLOCK, at=now)
    raise TryLater(math.ceil(left.total_seconds()))


def _parse(line: str) -> Attempt | None:
    stamp, _, result = line.partition(" ")
    try:
        return Attempt(datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC), Unlock(result))
    except ValueError:
        return None


def _drop_older_half(path: Path) -> None:
    lines = read_bounded(path, _READ_LIMIT).splitlines(keepends=True)
    write_private(path, b"".join(lines[len(lines) // 2 :]), durable=False)
