"""Bringing a backup back, without ever destroying what is there.

The backup is unpacked beside the practice and verified first. Then the present files are moved into a
dated folder and the restored ones take their place. A small journal makes the swap of several files
survive a kill: ``finish_interrupted`` completes it, each step being harmless to repeat.
"""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from carecoord_tui.paths import PracticePaths, ensure_private_folder
from carecoord_tui.store import bundle
from carecoord_tui.store.backup import BackupInfo, unpack_verified
from carecoord_tui.store.dialect import translated
from carecoord_tui.store.errors import AlreadyThere, Busy, DamagedFile, TooNew
from carecoord_tui.store.files import make_private_folder, read_bounded, sync_folder, write_private
from carecoord_tui.store.lock import exclusive, present_here

_STAGED = "restore.part"
_SET_ASIDE = re.compile(r"replaced-[0-9-]+", re.ASCII)
_JOURNAL_LIMIT = 1024
_PLACED = (bundle.KEYFILE, bundle.ANCHOR, bundle.DATABASE)
# The log belongs to the database: it moves first, so that no other database ever meets it.
_MOVED_ASIDE = (f"{bundle.DATABASE}-wal", f"{bundle.DATABASE}-shm", *_PLACED)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did; ``set_aside`` is the folder with the files that were there before, if any."""

    info: BackupInfo
    set_aside: Path | None


def restore(
    path: Path,
    secret: str,
    target: PracticePaths,
    *,
    stamp: datetime,
    replace: bool = False,
    newest_version: int | None = None,
) -> Restored:
    """Verify the backup at ``path`` and make it the practice in ``target``.

    ``secret`` is the passphrase or recovery code of the day it was made, and opens the practice from
    then on. ``stamp`` names the folder of what was there, which is moved and kept, and only with
    ``replace``. Close this process's connections first. Raises ``AlreadyThere``, ``Busy`` (open in a
    window), ``TooNew``, ``UnsafeFolder``, ``TryLater`` after several wrong secrets, or what ``verify_backup``
    raises; then nothing was changed. Wrong secrets stand in the target's unlock log.
    """
    ensure_private_folder(target.root)
    with translated(), exclusive(target.lock):
        if present_here(target.lock):
            raise Busy("This practice is open; close it before restoring a backup.")
        if target.restore_journal.exists():
            _swap(target)
        if target.exists and not replace:
            raise AlreadyThere(
                f"There is already a practice in {target.root}; nothing was changed. "
                "Restore with --replace to set it aside and keep it."
            )
        info = _stage(path, secret, target, newest_version)
        aside = _free_aside(target.root, stamp)
        write_private(target.restore_journal, json.dumps({"set_aside": aside.name, "step": 1}).encode())
        _swap(target)
    return Restored(info, aside if aside.exists() else None)


def finish_interrupted(target: PracticePaths) -> bool:
    """Complete a restore that was cut off half way; returns whether there was one.

    Call before opening a practice. Raises ``Busy`` while the restore is still running elsewhere.
    """
    if not target.restore_journal.exists():
        return False
    with translated(), exclusive(target.lock):
        if target.restore_journal.exists():
            _swap(target)
    return True


def _stage(path: Path, secret: str, target: PracticePaths, newest_version: int | None) -> BackupInfo:
    """Unpack and verify beside the practice, on the same disk, so that placing it is only a rename."""
    staged = target.root / _STAGED
    shutil.rmtree(staged, ignore_errors=True)
    make_private_folder(staged)
    try:
        info = unpack_verified(path, staged, secret, tries=target.unlock_log)
        if newest_version is not None and info.schema_version > newest_version:
            raise TooNew(f"{path} was made by a newer version of carecoord; update the program.")
        sync_folder(staged)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return info


def _free_aside(root: Path, stamp: datetime) -> Path:
    name = f"replaced-{stamp:%Y-%m-%d-%H%M}"
    number = 1
    while (root / name).exists():
        number += 1
        name = f"replaced-{stamp:%Y-%m-%d-%H%M}-{number}"
    return root / name


def _swap(target: PracticePaths) -> None:
    """Carry out what the journal says, from wherever it stopped, and remove the journal."""
    aside_name, step = _read_journal(target.restore_journal)
    aside, staged = target.root / aside_name, target.root / _STAGED
    if step == 1:
        for name in _MOVED_ASIDE:
            if (target.root / name).exists():
                make_private_folder(aside)
                (target.root / name).replace(aside / name)
        sync_folder(target.root)
        write_private(target.restore_journal, json.dumps({"set_aside": aside_name, "step": 2}).encode())
    for name in _PLACED:
        if (staged / name).exists():
            (staged / name).replace(target.root / name)
    sync_folder(target.root)
    target.restore_journal.unlink()
    shutil.rmtree(staged, ignore_errors=True)


def _read_journal(path: Path) -> tuple[str, int]:
    try:
        content = json.loads(read_bounded(path, _JOURNAL_LIMIT))
        name, step = content["set_aside"], content["step"]
        if not _SET_ASIDE.fullmatch(name) or step not in (1, 2):
            raise ValueError(name)
    except (ValueError, KeyError, TypeError):
        raise DamagedFile(
            f"{path} is damaged; the practice's files are in {path.parent}, in its folders "
            f"{_STAGED} and replaced-*."
        ) from None
    return name, step
