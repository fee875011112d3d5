"""``backup`` and ``restore``: verified copies of the whole practice, out and back in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from carecoord_tui.cli.failures import OK, CommandError, UsageError
from carecoord_tui.cli.invocation import Invocation, confirmed, is_interactive
from carecoord_tui.cli.output import ProgressBar, note, say
from carecoord_tui.cli.parser import Group

if TYPE_CHECKING:
    from carecoord_tui.store.backup import BackupInfo

_COUNTED = {
    "patient": "patient",
    "follow_up": "follow-up",
    "referral": "referral",
    "appointment": "visit",
    "contact": "contact",
    "note": "note",
    "audit_event": "audit row",
}


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    backup = commands.add("backup", run_backup, "make a backup and read it back to prove it")
    backup.add_argument(
        "--to",
        metavar="DIR",
        help="the folder for it, also a stick or a network drive (else the data folder)",
    )
    restore = commands.add(
        "restore",
        run_restore,
        "bring a backup back",
        "Bring a backup back, with the passphrase of the day it was made. What is there is set aside and "
        "kept. Without FILE, finish a restore that was cut off.",
    )
    restore.add_argument("file", metavar="FILE", nargs="?", help="the backup, a .ccbackup file")
    restore.add_argument(
        "--replace",
        action="store_true",
        help="set the present practice aside and put the backup in its place",
    )
    restore.add_argument("--yes", action="store_true", help="do not ask before replacing")


def run_backup(invocation: Invocation) -> int:
    """Make a backup, open it again with the same secret, and say what it holds."""
    from carecoord_tui.store.backup import backup, verify_backup

    paths = invocation.paths
    paths.require()
    secret = invocation.secret()
    unlocked = invocation.unlock_for_changes(secret)
    target = Path(invocation.options.to) if invocation.options.to else paths.backups
    with ProgressBar("Backing up") as bar:
        made = backup(
            paths.database,
            paths.keyfile,
            paths.anchor,
            target,
            unlocked.data_key,
            datetime.now(unlocked.zone),
            bar.share,
        )
    info = verify_backup(made, secret)
    say(str(made))
    say(f"Verified: {_counts(info)}.")
    return OK


def run_restore(invocation: Invocation) -> int:
    """Put a backup in place of the practice, or finish a restore that was cut off."""
    from carecoord_tui.store.restore import finish_interrupted, restore

    options, paths = invocation.options, invocation.paths
    if options.file is None:
        if not finish_interrupted(paths):
            raise UsageError("Which backup? Give its file: carecoord restore FILE.")
        note("The restore that was cut off is now complete.")
        return OK
    from carecoord_tui.store.head import HEAD

    path = Path(options.file)
    if not path.is_file():
        raise CommandError(f"There is no backup file {path}.")
    if options.replace and paths.exists and not options.yes:
        _ask_to_replace(paths.root)
    done = restore(
        path,
        invocation.secret("Passphrase of the backup: "),
        paths,
        stamp=datetime.now().astimezone(),
        replace=options.replace,
        newest_version=HEAD,
    )
    say(f"Restored into {paths.root}: {_counts(done.info)}.")
    if done.set_aside is not None:
        say(f"What was there before is kept in {done.set_aside}.")
    return OK


def _ask_to_replace(root: Path) -> None:
    question = f"Set the practice in {root} aside and put the backup in its place?"
    if not is_interactive():
        raise CommandError(f"{question} Nobody can be asked here; add --yes.")
    if not confirmed(question, default=False):
        raise CommandError("Nothing was changed.")


def _counts(info: BackupInfo) -> str:
    """``2 patients, 1 follow-up, 9 audit rows, taken 2026-11-30 07:58``, without zeros."""
    counted = [
        f"{info.rows[table]:,} {word if info.rows[table] == 1 else f'{word}s'}"
        for table, word in _COUNTED.items()
        if info.rows.get(table)
    ]
    return ", ".join([*counted, f"taken {info.taken_at:%Y-%m-%d %H:%M}"])
