"""A file or folder of an export that appears whole or not at all, and is its owner's alone from the start.

It is written beside its place under a hidden name and takes the place in the end: what fails or is stopped
leaves nothing behind, and what stood there before stands on.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from carecoord_tui.exchange.exports.writing import not_written
from carecoord_tui.store.files import create_private, make_private_folder, sync_folder


@contextmanager
def staged_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of ``path`` when the block ends well.

    Raises NotExported when it cannot be written; an older file then stands.
    """
    part = _beside(path)
    try:
        create_private(part)
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
    part = _beside(folder)
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        make_private_folder(part)
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


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")


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
