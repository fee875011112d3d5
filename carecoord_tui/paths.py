"""Where files live. Looking creates nothing; only ``ensure_private_folder`` makes a folder.

Imports the standard library and platformdirs only, so that ``carecoord path`` stays instant.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.store.errors import InterruptedRestore, MissingFile, NoPractice, UnsafeFolder

APP_NAME = "carecoord"
DATA_DIR_VARIABLE = "CARECOORD_DATA_DIR"


@dataclass(frozen=True, slots=True)
class PracticePaths:
    """The files of one practice, all in one private folder."""

    root: Path

    @property
    def database(self) -> Path:
        """The encrypted database; SQLite keeps ``-wal`` and ``-shm`` beside it."""
        return self.root / "practice.db"

    @property
    def keyfile(self) -> Path:
        """The wrapped data key: passphrase slot and recovery slot."""
        return self.root / "practice.key"

    @property
    def anchor(self) -> Path:
        """The last audit row known outside the database."""
        return self.root / "practice.anchor"

    @property
    def unlock_log(self) -> Path:
        """When the practice was opened or tried."""
        return self.root / "unlock.log"

    @property
    def backups(self) -> Path:
        """Where automatic backups go."""
        return self.root / "backups"

    @property
    def rejects(self) -> Path:
        """Where an import writes the rows it could not take."""
        return self.root / "rejects"

    @property
    def lock(self) -> Path:
        """Held shared while the practice is open, exclusively for migration, restore and rekey."""
        return self.root / "practice.lock"

    @property
    def work_lock(self) -> Path:
        """Held for one backup or key change at a time."""
        return self.root / "work.lock"

    @property
    def restore_journal(self) -> Path:
        """Exists only while a restore is swapping files."""
        return self.root / "restore.json"

    @property
    def exists(self) -> bool:
        """Whether any part of a practice is here (then the first-run screen must not open)."""
        return self.database.exists() or self.keyfile.exists() or self.restore_journal.exists()

    def require(self) -> None:
        """Raise ``NoPractice``, ``MissingFile`` or ``InterruptedRestore`` unless all files are here."""
        if self.restore_journal.exists():
            raise InterruptedRestore
        if not self.exists:
            raise NoPractice(
                f"There is no practice in {self.root} yet; run `carecoord init` or `carecoord` to make one."
            )
        for path, meaning in ((self.database, "the database"), (self.keyfile, "the key")):
            if not path.exists():
                raise MissingFile(
                    f"{path.name} ({meaning}) is missing from {self.root}; put it back or restore a backup."
                )


def resolve_data_dir(option: str | None, environ: Mapping[str, str]) -> Path:
    """The practice's folder: ``--data-dir``, else ``CARECOORD_DATA_DIR``, else the platform's data folder."""
    chosen = option or environ.get(DATA_DIR_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def config_file() -> Path:
    """The settings file in the platform's configuration folder; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_config_dir(APP_NAME, appauthor=False)) / "config.toml"


# --- which folders are safe ---------------------------------------------------------------------

# A sync client copies a live database file by file, out of step with its -wal: both copies break.
_SYNCED = re.compile(
    r"(onedrive|dropbox|google ?drive|icloud ?drive|nextcloud|owncloud|pcloud ?drive)( \(.*\)| - .*)?"
    r"|my drive|synologydrive|box sync|(?-i:Box)|mobile documents|com~apple~clouddocs|cloudstorage",
    re.IGNORECASE,
)
# SQLite's shared memory and locks do not work across machines.
_NETWORK_TYPES = frozenset(
    {
        *(
            "nfs",
            "nfs4",
            "cifs",
            "smb",
            "smb2",
            "smb3",
            "smbfs",
            "afs",
            "ncpfs",
            "ceph",
            "glusterfs",
            "davfs",
        ),
        *("fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.davfs2", "fuse.s3fs", "fuse.gvfsd-fuse"),
        *("fuse.onedriver", "fuse.google-drive-ocamlfuse"),
    }
)
_MOUNTS = Path("/proc/mounts")
_OCTAL = re.compile(r"\\([0-7]{3})")


def ensure_private_folder(path: Path) -> None:
    """Make the practice's folder, readable by its owner alone (0700).

    Raises ``UnsafeFolder``, before anything is created, for a symlink, another user's folder, a network
    or cloud-synced folder, or an existing folder of other files that others can read.
    """
    refuse_unsafe(path)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700)
        path.chmod(0o700)
    elif sys.platform != "win32" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        _close_to_others(path)


def refuse_unsafe(path: Path) -> None:
    """Raise ``UnsafeFolder`` with the reason when a practice must not live in ``path``; creates nothing."""
    if path.is_symlink():
        raise UnsafeFolder(f"{path} is a symbolic link; give the folder it points to instead.")
    if path.exists() and not path.is_dir():
        raise UnsafeFolder(f"{path} is not a folder; choose another place.")
    resolved = path.resolve()
    synced = next((part for part in resolved.parts if _SYNCED.fullmatch(part)), None)
    if synced:
        raise UnsafeFolder(
            f"{path} is synced by {synced}, which would damage an open database; "
            "choose a folder on this computer's own disk (a backup may go there)."
        )
    network = _network_type(resolved)
    if network:
        raise UnsafeFolder(
            f"{path} is on a network drive ({network}), where an open database can be damaged; "
            "choose a folder on this computer's own disk (a backup may go there)."
        )
    if sys.platform != "win32" and path.exists() and path.stat().st_uid != os.geteuid():
        raise UnsafeFolder(f"{path} belongs to another user; choose a folder of your own.")


def _close_to_others(path: Path) -> None:
    """Take others' access away from a folder that is ours to change; refuse one that holds other things."""
    names = {entry.name for entry in path.iterdir()}
    if names and "practice.key" not in names and "practice.db" not in names:
        raise UnsafeFolder(
            f"{path} holds other files and other users can read it; choose an empty folder, "
            "or close it with `chmod 700` first."
        )
    path.chmod(0o700)


def _network_type(path: Path) -> str:
    """The kind of network file system ``path`` is on, or an empty string."""
    if sys.platform == "win32":
        return _windows_network_type(path)
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""  # no /proc (macOS, BSD): only the names can tell
    return _mounted_network_type(path, mounts)


def _mounted_network_type(path: Path, mounts: str) -> str:
    """The network file system type of the mount that holds ``path``, by the text of /proc/mounts."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = Path(_OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1]))
        # A later mount of the same point hides the earlier one, hence >=.
        if len(point.parts) >= best and path.is_relative_to(point):
            best, kind = len(point.parts), fields[2]
    return kind if kind in _NETWORK_TYPES else ""


def _windows_network_type(path: Path) -> str:
    if path.drive.startswith("\\\\"):
        return "a shared folder"
    if sys.platform == "win32":
        import ctypes

        drive_remote = 4  # DRIVE_REMOTE of GetDriveTypeW
        if ctypes.windll.kernel32.GetDriveTypeW(path.anchor) == drive_remote:
            return "a mapped drive"
    return ""
