"""Backups: one verified file each, that opens on any computer with the passphrase of its day.

A ``.ccbackup`` holds the encrypted database, the key file, the audit anchor and a manifest with their
hashes; nothing of the patients is readable without the passphrase. The copy is taken inside one read
transaction while the program goes on working, checked page by page and table by table, and only then
given its name: whatever has that name was good when it was written.
"""

from __future__ import annotations

import hmac
import json
import re
import tempfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from carecoord_tui import __version__
from carecoord_tui.store import bundle, dialect, keyfile, unlock_log
from carecoord_tui.store.dialect import translated
from carecoord_tui.store.engine import examine, offline_connection, raw_connection
from carecoord_tui.store.errors import BackupFailed, DamagedFile, ForeignFile, TooNew
from carecoord_tui.store.files import create_private, make_private_folder, read_bounded, sync_folder
from carecoord_tui.store.lock import file_lock

FORMAT = "carecoord-backup"
VERSION = 1
SUFFIX = ".ccbackup"
PART = ".part"

Progress = Callable[[float, str], None]
"""Told the share done (0 to 1) and what is being done; may raise to cancel."""

_NAME = re.compile(
    r"carecoord-(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)(?:-(\d+))?(?:-([a-z][a-z-]*))?" + re.escape(SUFFIX), re.ASCII
)
_LABEL = re.compile(r"[a-z][a-z-]*", re.ASCII)
_COPY_PAGES = 1024  # 4 MiB between two reports of progress
_COPY_SHARE = 0.6  # of the whole work, for the progress bar
_SMALL_FILE = 1 << 16
_LOCK_NAME = "work.lock"
_LOCK_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A backup by its name alone; day and time are the practice's, when it was made."""

    path: Path
    day: date
    at: time
    number: int = 1  # counts backups of the same minute
    label: str = ""  # "before-upgrade"; labelled backups are never pruned


@dataclass(frozen=True, slots=True)
class BackupInfo:
    """What a verified backup holds."""

    path: Path
    taken_at: datetime  # aware, with the practice's offset of that day
    practice_id: str
    schema_version: int
    program_version: str
    rows: dict[str, int]  # by table


# --- making -------------------------------------------------------------------------------------


def backup(
    db_path: Path,
    key_path: Path,
    anchor_path: Path,
    dest_dir: Path,
    data_key: bytes,
    stamp: datetime,
    progress: Progress | None = None,
    *,
    label: str = "",
) -> Path:
    """Make a verified backup in ``dest_dir`` (created 0700 if missing) and return its path.

    ``stamp`` is aware, in the practice's zone: it names the file. ``dest_dir`` may be a stick, a network
    or a synced folder, since the file is encrypted and written once. Leftovers of a killed backup are
    removed. Raises ``BackupFailed`` when the copy does not equal the practice, ``DamagedFile`` when the
    practice itself is not sound, ``DiskFull``, ``ReadOnly``, ``Busy``, or what ``examine`` raises.
    """
    if stamp.tzinfo is None:
        raise ValueError("A backup needs a time with a time zone.")
    if label and not _LABEL.fullmatch(label):
        raise ValueError("A backup's label is made of lower-case letters and dashes.")
    report = progress or _silent
    busy = "Another backup of this practice is being made; try again in a moment."
    with translated(), file_lock(db_path.with_name(_LOCK_NAME), wait=_LOCK_SECONDS, busy=busy):
        make_private_folder(dest_dir)
        remove_leftovers(dest_dir)
        target = _free_name(dest_dir, stamp, label)
        try:
            part = _build(db_path, key_path, anchor_path, target, data_key, stamp, report)
            part.replace(target)
            sync_folder(dest_dir)
        finally:
            remove_leftovers(dest_dir)
    report(1.0, "done")
    return target


def remove_leftovers(folder: Path) -> None:
    """Delete what a killed backup left in ``folder``; the caller must know that none is running."""
    for left in folder.glob(f"carecoord-*{PART}*"):
        left.unlink(missing_ok=True)


def _silent(share: float, step: str) -> None:
    """Report progress to nobody."""


def _build(
    db_path: Path,
    key_path: Path,
    anchor_path: Path,
    target: Path,
    data_key: bytes,
    stamp: datetime,
    report: Progress,
) -> Path:
    """Make and check the backup under a ``.part`` name; returns that."""
    # The key and the anchor are read first: the copied database may be ahead of the anchor, never behind.
    small = {bundle.KEYFILE: read_bounded(key_path, _SMALL_FILE), bundle.ANCHOR: b""}
    if anchor_path.exists():
        small[bundle.ANCHOR] = read_bounded(anchor_path, _SMALL_FILE)
    copy = target.with_name(f"{target.name}.db{PART}")
    schema_version = _copy_database(db_path, copy, data_key, report)
    report(0.85, "packing")
    members: dict[str, bundle.Member] = {bundle.DATABASE: copy, **small}
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "taken_at": stamp.isoformat(timespec="seconds"),
        "practice_id": keyfile.practice_id(key_path),
        "schema_version": schema_version,
        "program_version": __version__,
        "files": bundle.digests(members),
    }
    manifest["mac"] = _mac(manifest, data_key)
    part = target.with_name(f"{target.name}{PART}")
    bundle.pack(part, members, manifest)
    report(0.95, "reading it back")
    bundle.check(part)
    return part


def _copy_database(db_path: Path, copy: Path, data_key: bytes, report: Progress) -> int:
    """Copy the database as it is at one moment, and prove the copy; returns its schema version."""
    create_private(copy)
    source = raw_connection(db_path, data_key)
    try:
        target = _copy_target(copy, data_key)
        try:
            source.execute(dialect.begin_statement(write=False))
            rows = dialect.row_counts(source)
            version = dialect.user_version(source)
            source.backup(
                target,
                pages=_COPY_PAGES,
                progress=lambda status, left, total: report(
                    _COPY_SHARE * (total - left) / max(total, 1), "copying"
                ),
            )
            source.execute("COMMIT")
            report(_COPY_SHARE, "checking the copy")
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
            _prove(target, rows, version)
        finally:
            target.close()
    finally:
        source.close()
    with copy.open("rb") as written:
        if written.read(len(dialect.PLAIN_HEADER)) == dialect.PLAIN_HEADER:
            raise BackupFailed("The copy came out unencrypted and was deleted; please report this.")
    return version


def _copy_target(copy: Path, data_key: bytes) -> dbapi2.Connection:
    conn: dbapi2.Connection = dbapi2.connect(str(copy), isolation_level=None)
    try:
        dialect.set_key(conn, data_key)
        conn.execute("PRAGMA temp_store = MEMORY")
        # A copy that is cut short is thrown away, so it needs neither a journal nor a sync for each step.
        conn.execute("PRAGMA journal_mode = OFF")
        conn.execute("PRAGMA synchronous = OFF")
    except BaseException:
        conn.close()
        raise
    return conn


def _prove(conn: dbapi2.Connection, rows: dict[str, int], version: int) -> None:
    if dialect.integrity_problems(conn):
        raise DamagedFile(
            "The practice's database fails its integrity check, so no backup was made; keep the last good "
            "backup and run `carecoord doctor`."
        )
    if dialect.row_counts(conn) != rows or dialect.user_version(conn) != version:
        raise BackupFailed


def _mac(manifest: dict[str, Any], data_key: bytes) -> str:
    """Proof that the manifest was written by someone who could open the practice."""
    said = {name: value for name, value in manifest.items() if name != "mac"}
    text = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return hmac.digest(keyfile.subkey(data_key, "backup manifest"), text, "sha256").hex()


# --- checking -----------------------------------------------------------------------------------


def verify_backup(path: Path, secret: str) -> BackupInfo:
    """Open a backup in a private temporary folder, check all of it, and remove the folder again.

    ``secret`` is the passphrase or recovery code of the day it was made. Raises ``WrongPassphrase``,
    ``DamagedFile``, ``ForeignFile``, ``MissingFile`` or ``TooNew``.
    """
    with tempfile.TemporaryDirectory(prefix="carecoord-") as folder, translated():
        return unpack_verified(path, Path(folder), secret)


def unpack_verified(path: Path, folder: Path, secret: str, *, tries: Path | None = None) -> BackupInfo:
    """Unpack a backup into an empty private ``folder`` and check all of it; raises as ``verify_backup``.

    ``tries`` is the unlock log that keeps and delays wrong secrets, ``TryLater``; none where the secret has
    opened the practice already.
    """
    manifest = bundle.read_manifest(path)
    if manifest.get("format") != FORMAT:
        raise ForeignFile(f"{path} is not a carecoord backup.")
    if manifest.get("version") != VERSION:
        raise TooNew(f"{path} was made by a newer version of carecoord; update the program.")
    damaged = DamagedFile(f"The backup {path} is damaged; use another one.")
    manifest = bundle.unpack(path, folder)
    key_path, db_path = folder / bundle.KEYFILE, folder / bundle.DATABASE
    with nullcontext() if tries is None else unlock_log.one_try(tries):
        data_key = keyfile.unlock(key_path, secret)
    if not hmac.compare_digest(str(manifest.get("mac")).encode(), _mac(manifest, data_key).encode()):
        raise damaged
    version = examine(db_path, data_key)
    conn = offline_connection(db_path, data_key)
    try:
        if dialect.integrity_problems(conn):
            raise damaged
        rows = dialect.row_counts(conn)
    finally:
        conn.close()
    if version != manifest["schema_version"] or manifest["practice_id"] != keyfile.practice_id(key_path):
        raise damaged
    taken_at = datetime.fromisoformat(manifest["taken_at"])
    return BackupInfo(path, taken_at, manifest["practice_id"], version, manifest["program_version"], rows)


# --- keeping ------------------------------------------------------------------------------------


def list_backups(folder: Path) -> list[BackupFile]:
    """The finished backups in ``folder`` by their names, newest first; opens none of them."""
    if not folder.is_dir():
        return []
    found = [entry for path in folder.iterdir() if (entry := _by_name(path))]
    return sorted(found, key=lambda entry: (entry.day, entry.at, entry.number), reverse=True)


def first_open_today(backups_dir: Path, today: date) -> bool:
    """Whether no backup of the practice-local day ``today`` exists yet."""
    return all(entry.day != today for entry in list_backups(backups_dir))


def prune(folder: Path, *, daily: int = 14, weekly: int = 8) -> list[Path]:
    """Delete old backups and return their paths.

    Kept: the newest backup, the newest of each of the last ``daily`` days and of each of the last
    ``weekly`` ISO weeks that have one, and every labelled backup. The present date plays no part, so
    a wrong clock deletes nothing that counting would keep.
    """
    plain = [entry for entry in list_backups(folder) if not entry.label]
    by_day: dict[date, BackupFile] = {}
    by_week: dict[tuple[int, int], BackupFile] = {}
    for entry in plain:  # newest first: the first of a day is the one to keep
        by_day.setdefault(entry.day, entry)
        by_week.setdefault(entry.day.isocalendar()[:2], entry)
    kept = {*plain[:1], *list(by_day.values())[:daily], *list(by_week.values())[:weekly]}
    removed = [entry.path for entry in plain if entry not in kept]
    with translated():
        for path in removed:
            path.unlink(missing_ok=True)
    return removed


def _by_name(path: Path) -> BackupFile | None:
    match = _NAME.fullmatch(path.name)
    if match is None or not path.is_file():
        return None
    day, hour, minute, number, label = match.groups()
    try:
        return BackupFile(
            path, date.fromisoformat(day), time(int(hour), int(minute)), int(number or 1), label or ""
        )
    except ValueError:
        return None


def _free_name(folder: Path, stamp: datetime, label: str) -> Path:
    """A name that is not taken: a backup never replaces another."""
    ending = f"-{label}{SUFFIX}" if label else SUFFIX
    number = 1
    while True:
        count = f"-{number}" if number > 1 else ""
        path = folder / f"carecoord-{stamp:%Y-%m-%d-%H%M}{count}{ending}"
        if not path.exists():
            return path
        number += 1
