"""The unlock log: when the practice was opened or tried, and nothing else.

Plain text, because it must be written before anything is unlocked: a UTC time and a result on each line.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from carecoord_tui.domain.unlock_delay import wait_left
from carecoord_tui.store.dialect import translated
from carecoord_tui.store.errors import MissingFile, TryLater
from carecoord_tui.store.files import open_private, read_bounded, write_private

SIZE_LIMIT = 64 * 1024  # some 2,000 lines; then the older half goes
_READ_LIMIT = 16 * SIZE_LIMIT
_STAMP = "%Y-%m-%dT%H:%M:%SZ"


class Unlock(StrEnum):
    """How an attempt ended."""

    OK = "ok"
    RECOVERY = "recovery"  # opened with the recovery code
    FAILED = "failed"


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
    count = 0
    for attempt in reversed(read(path)):
        if attempt.result is not Unlock.FAILED:
            break
        count += 1
    return count


def require_patience(path: Path, *, now: datetime | None = None) -> None:
    """Raise ``TryLater`` while the wait after the last failures runs (``domain.unlock_delay``).

    ``now`` is aware and the system's when not given. The log outlives the program, so leaving and
    starting again does not shorten the wait.
    """
    failed = failures_since_unlock(path)
    if not failed:
        return
    last = read(path)[-1].at
    left = wait_left(failed, last, now or datetime.now(UTC))
    if left > timedelta(0):
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
