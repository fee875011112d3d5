"""Who is using a practice: a lock file that the operating system releases when a process dies.

An open practice is held *shared*; migration, restore and rekey hold it *exclusively*, so they never run
under another window. The file's existence means nothing (a killed process leaves it behind): only the
kernel's lock counts, so a lock can never be stale.

On Windows an open database file cannot be replaced anyway, so only the exclusive side takes a lock there.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.store.errors import Busy
from carecoord_tui.store.files import open_private

if sys.platform == "win32":
    import msvcrt

    def _try_lock(fd: int, *, shared: bool) -> bool:
        if shared:
            return True
        os.lseek(fd, 0, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(fd: int, *, shared: bool) -> bool:
        """Take, or change to, the wanted kind of lock without waiting."""
        try:
            fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


_POLL_SECONDS = 0.02


@contextlib.contextmanager
def file_lock(path: Path, *, wait: float = 10.0, busy: str = "") -> Iterator[None]:
    """Hold ``path`` alone, waiting up to ``wait`` seconds; then ``Busy`` with the sentence ``busy``."""
    fd = open_private(path, os.O_RDWR)
    try:
        deadline = time.monotonic() + wait
        while not _try_lock(fd, shared=False):
            if time.monotonic() >= deadline:
                raise Busy(busy)
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(fd)  # closing releases the lock


@dataclass(slots=True)
class _Held:
    """This process's one handle on a lock file: all its connections share it."""

    fd: int
    present: int = 0
    exclusive: bool = False


_held: dict[Path, _Held] = {}
# Reentrant, because collecting a forgotten connection may release its presence at any moment.
_guard = threading.RLock()


class Presence:
    """This process has the practice open. ``release`` may be called more than once."""

    def __init__(self, path: Path) -> None:
        """Hold the lock file at ``path`` shared; ``Busy`` while another process restores or migrates."""
        self._path: Path | None = None
        key = path.absolute()
        with _guard:
            held = _held.get(key)
            if held is None:
                held = _acquire(key, shared=True)
                _held[key] = held
            held.present += 1
        self._path = key

    def release(self) -> None:
        """Say that this use has ended."""
        key, self._path = self._path, None
        if key is None:
            return
        with _guard:
            held = _held[key]
            held.present -= 1
            _drop_if_unused(key, held)


def present_here(path: Path) -> int:
    """How many connections of this very process have the practice of this lock file open."""
    with _guard:
        held = _held.get(path.absolute())
        return held.present if held else 0


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a practice's lock file against every other process; ``Busy`` when one has it open.

    Connections of this process may be open (migration upgrades its own); restore checks ``present_here``.
    """
    key = path.absolute()
    with _guard:
        held = _held.get(key)
        if held is None:
            held = _acquire(key, shared=False)
            _held[key] = held
        elif held.exclusive:
            raise Busy(_IN_MAINTENANCE)
        held.exclusive = True  # from here on nobody drops the handle
        if held.present and not _try_lock(held.fd, shared=False):
            held.exclusive = False
            _try_lock(held.fd, shared=True)  # changing a lock gave the old one up
            _drop_if_unused(key, held)
            raise Busy(_OPEN_ELSEWHERE)
    try:
        yield
    finally:
        with _guard:
            held.exclusive = False
            if held.present:
                _try_lock(held.fd, shared=True)
            _drop_if_unused(key, held)


_OPEN_ELSEWHERE = "This practice is open in another carecoord window; close it there and try again."
_IN_MAINTENANCE = "Another carecoord window is restoring or upgrading this practice; try again in a moment."


def _acquire(path: Path, *, shared: bool) -> _Held:
    fd = open_private(path, os.O_RDWR)
    try:
        if not _try_lock(fd, shared=shared):
            raise Busy(_IN_MAINTENANCE if shared else _OPEN_ELSEWHERE)
    except BaseException:
        os.close(fd)
        raise
    return _Held(fd)


def _drop_if_unused(path: Path, held: _Held) -> None:
    if not held.present and not held.exclusive:
        os.close(held.fd)
        del _held[path]
