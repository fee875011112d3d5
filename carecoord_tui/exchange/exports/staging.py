"""A file or folder of an export that appears whole or not at all, and is its owner's alone from the start.

It is written beside its place under a hidden name and takes the place in the end: what fails or is stopped
leaves nothing behind, and what stood there before stands on. What a kill or a power cut left is removed by
the next export there; whoever still writes holds a lock, which ends with the process.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from carecoord_tui.exchange.exports.writing import not_written
from carecoord_tui.store.files import create_private, make_private_folder, sync_folder

_OURS = re.compile(r"\..+\.carecoord-[0-9a-f]{8}\.tmp", re.DOTALL)


@contextmanager
def staged_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of ``path`` when the block ends well.

    Raises NotExported when it cannot be written; an older file then stands.
    """
    try:
        _sweep(path.parent)
        with _part_beside(path, create_private) as part:
            try:
                with part.open("r+b") as out:
                    yield out
                    out.flush()
                    os.fsync(out.fileno())
                part.replace(path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
        sync_folder(path.parent)
    except OSError as error:
        raise not_written(path, error) from error


@contextmanager
def staged_folder(folder: Path) -> Iterator[Path]:
    """A private folder (0700) whose files stand in ``folder`` when the block ends well.

    A folder that is there keeps its other files, and loses none when the new ones cannot all be put there.
    Raises NotExported when they cannot be written.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        _sweep(folder.parent)
        with _part_beside(folder, make_private_folder) as part:
            try:
                yield part
                sync_folder(part)
                if folder.is_dir():
                    _move_into(part, folder)
                else:
                    part.rename(folder)
            finally:
                shutil.rmtree(part, ignore_errors=True)
        sync_folder(folder.parent)
    except OSError as error:
        raise not_written(folder, error) from error


def private_file(folder: Path, name: str) -> BinaryIO:
    """A new private file in a staged folder, open for writing."""
    create_private(folder / name)
    return (folder / name).open("r+b")


@contextmanager
def _part_beside(path: Path, make: Callable[[Path], None]) -> Iterator[Path]:
    """A new file or folder beside ``path`` that no other export takes for a remnant."""
    while True:
        part = path.with_name(f".{path.name}.carecoord-{secrets.token_hex(4)}.tmp")
        make(part)
        with _locked(part) as is_ours:
            if is_ours is not False and part.exists():  # else it was swept before the lock was taken
                yield part
                return


if sys.platform == "win32":  # a folder cannot be opened there, and the profile's access list is the guard

    @contextmanager
    def _locked(part: Path) -> Iterator[bool | None]:
        yield None

    def _sweep(folder: Path) -> None:
        """Nothing tells a remnant from what is being written."""

else:
    import fcntl

    @contextmanager
    def _locked(part: Path) -> Iterator[bool | None]:
        """Hold a file or folder against every other export; False where one holds it, None without locks."""
        fd = os.open(part, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:  # some network file systems have no locks
                yield False if isinstance(error, BlockingIOError) else None
            else:
                yield True
        finally:
            os.close(fd)  # closing releases the lock

    def _sweep(folder: Path) -> None:
        """Remove what exports of this user that were killed left in a folder: by name, owner and no lock."""
        with contextlib.suppress(OSError):  # a folder that cannot be read is said when it is written to
            for one in [one for one in folder.iterdir() if _OURS.fullmatch(one.name)]:
                with contextlib.suppress(OSError):
                    _sweep_one(one)

    def _sweep_one(remnant: Path) -> None:
        found = remnant.lstat()
        is_folder = stat.S_ISDIR(found.st_mode)
        if found.st_uid != os.geteuid() or not (is_folder or stat.S_ISREG(found.st_mode)):
            return
        with _locked(remnant) as is_free:
            if is_free and is_folder:
                shutil.rmtree(remnant)
            elif is_free:
                remnant.unlink()


def _move_into(part: Path, folder: Path) -> None:
    """Put every file of ``part`` into ``folder``; on a failure each older one is put back."""
    older = part / ".older"
    older.mkdir(mode=0o700)
    with contextlib.ExitStack() as undo:
        for new in [one for one in sorted(part.iterdir()) if one.is_file()]:
            place = folder / new.name
            if place.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if place.exists() or place.is_symlink():
                kept = place.rename(older / new.name)
                undo.callback(kept.replace, place)
            new.rename(place)
            if not (older / new.name).exists():
                undo.callback(place.unlink)
        undo.pop_all()
