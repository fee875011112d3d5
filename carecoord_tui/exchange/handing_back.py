"""Rejected rows go back to whoever sent them: a private file, in the practice's folder unless told where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from carecoord_tui.exchange.rejects import Rejected, write_rejects
from carecoord_tui.exchange.spreadsheet import Table
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.files import make_private_folder
from carecoord_tui.store.practice import Practice


class RejectsNotWritten(StoreError):
    """The rejected rows could not be handed back; nothing was imported."""


def hand_back(
    practice: Practice, table: Table, rejected: Sequence[Rejected], wanted: Path | None
) -> Path | None:
    """Write the rejected rows of a table to a private file and say where; None when there are none.

    Raises:
        RejectsNotWritten: the file cannot be written.
    """
    if not rejected:
        return None
    path = wanted
    try:
        path = path or _new_path(practice, table.path.stem)
        write_rejects(path, table.headers, rejected)
    except OSError as error:
        raise RejectsNotWritten(
            f"The rejected rows cannot be written to {path or practice.paths.rejects} "
            f"({error.strerror}); nothing was imported. Choose another place for them."
        ) from error
    return path


def _new_path(practice: Practice, stem: str) -> Path:
    folder = practice.paths.rejects
    make_private_folder(folder)
    stamp = practice.clock.now().astimezone(practice.zone).strftime("%Y%m%d-%H%M%S")
    path = folder / f"{stem}-{stamp}.csv"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{stamp}-{number}.csv"
    return path
