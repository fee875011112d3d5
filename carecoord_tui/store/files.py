"""Private files, written whole or not at all.

POSIX modes are set explicitly after creation, so no umask can widen or narrow them. On Windows the
profile folder's own access list protects the files and the mode calls do nothing.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import threading
from pathlib import Path

from carecoord_tui.store.errors import DamagedFile, UnsafeFolder

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_BINARY = getattr(os, "O_BINARY", 0)


def _set_mode(fd: int, mode: int) -> None:
    if sys.platform != "win32":
        os.fchmod(fd, mode)


def create_private(path: Path) -> None:
    """Create an empty file that only its owner can read; ``FileExistsError`` if there is one."""
    fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _NOFOLLOW | _BINARY, PRIVATE_FILE)
    try:
        _set_mode(fd, PRIVATE_FILE)
    finally:
        os.close(fd)


def open_private(path: Path, flags: int) -> int:
    """Open a file for writing, created 0600 if missing, never through a symlink; returns the descriptor."""
    fd = os.open(path, flags | os.O_CREAT | _NOFOLLOW | _BINARY, PRIVATE_FILE)
    try:
        _set_mode(fd, PRIVATE_FILE)
    except BaseException:
        os.close(fd)
        raise
    return fd


def write_private(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace a file atomically: readers see the old bytes or the new ones, never a mix.

    ``durable`` also waits until the disk has it, so that a power cut cannot bring the old one back.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    fd = open_private(part, os.O_WRONLY | os.O_TRUNC)
    try:
        with os.fdopen(fd, "wb") as out:
            out.write(data)
            out.flush()
            if durable:
                os.fsync(out.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a small file of ours; ``DamagedFile`` when it is larger than it can be."""
    with os.fdopen(os.open(path, os.O_RDONLY | _NOFOLLOW | _BINARY), "rb") as source:
        data = source.read(limit + 1)
    if len(data) > limit:
        raise DamagedFile(f"{path.name} in {path.parent} is too large to be a file of carecoord.")
    return data


def sync_file(path: Path) -> None:
    """Wait until the disk holds the file's content."""
    fd = os.open(path, os.O_RDWR | _BINARY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def sync_folder(folder: Path) -> None:
    """Wait until the disk holds the folder's entries (a rename is lost in a power cut otherwise)."""
    if sys.platform == "win32":
        return
    fd = os.open(folder, os.O_RDONLY)
    try:
        # Some file systems (FAT on a stick) cannot sync a folder; the rename itself has succeeded.
        with contextlib.suppress(OSError):
            os.fsync(fd)
    finally:
        os.close(fd)


def make_private_folder(folder: Path) -> None:
    """Create a folder only its owner can enter, with any missing parents; an existing one is left alone."""
    if folder.is_dir():
        return
    if folder.is_symlink() or folder.exists():
        raise UnsafeFolder(f"{folder} is not a folder; choose another place.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=PRIVATE_FOLDER)
    tighten(folder, PRIVATE_FOLDER)


def tighten(path: Path, mode: int) -> None:
    """Take away access that others have; never gives any."""
    if sys.platform == "win32":
        return
    if stat.S_IMODE(path.stat().st_mode) != mode:
        path.chmod(mode)
