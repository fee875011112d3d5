"""The backup that makes itself: one, verified, at the first open of each of the practice's days.

The day is by the computer's clock, like every stamp: a screen clock set by ``--now`` neither makes nor
hides a backup.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from carecoord_tui.domain.date_words import format_day
from carecoord_tui.store.backup import backup, first_open_today, list_backups, prune
from carecoord_tui.store.errors import Busy

if TYPE_CHECKING:
    from carecoord_tui.paths import PracticePaths
    from carecoord_tui.store.practice import Practice


def backup_when_due(practice: Practice) -> Path | None:
    """Back the practice up if today has no backup yet, then remove the oldest; safe to run in a thread.

    Returns the new file, or None when there was nothing to do, also because another window was just
    doing it. Raises what ``backup.backup`` raises; the practice itself is then unharmed.
    """
    paths = practice.paths
    stamp = datetime.now(practice.zone)
    if practice.is_read_only or not first_open_today(paths.backups, stamp.date()):
        return None
    try:
        made = backup(paths.database, paths.keyfile, paths.anchor, paths.backups, practice.data_key, stamp)
    except Busy:
        if first_open_today(paths.backups, stamp.date()):
            raise
        return None
    prune(paths.backups)
    return made


def last_backup_words(paths: PracticePaths, today: date) -> str:
    """The newest backup in a few words: ``backup today 07:58``, ``last backup Fri 27 Nov``.

    ``today`` is the practice's date by the computer's clock. Reads file names only.
    """
    newest = next(iter(list_backups(paths.backups)), None)
    if newest is None:
        return "no backup yet"
    if newest.day == today:
        return f"backup today {newest.at:%H:%M}"
    return f"last backup {format_day(newest.day, today)}"
