"""Papers on disk: private files (0600) in the practice's own ``papers`` folder (0700).

They are not encrypted, or nothing could print or fax them. Their names say which referral and which day,
never who; made again on the same day, the newer one takes the older one's place.
"""

from __future__ import annotations

import errno
from datetime import date
from pathlib import Path

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import files
from carecoord_tui.store.errors import DiskFull, ReadOnly, UnsafeFolder

_FULL = (errno.ENOSPC, errno.EDQUOT)


def papers_folder(paths: PracticePaths) -> Path:
    """Where papers of this practice lie; it need not exist."""
    return paths.root / "papers"


def referral_file_name(referral_id: int, on: date) -> str:
    """``referral-31-2026-11-30.pdf``."""
    return f"referral-{referral_id}-{on.isoformat()}.pdf"


def write_paper(paths: PracticePaths, name: str, content: bytes) -> Path:
    """Write a paper whole or not at all; returns where it is.

    Raises UnsafeFolder for a folder that is a link, DiskFull, or ReadOnly when it cannot be written.
    """
    folder = papers_folder(paths)
    if folder.is_symlink():
        raise UnsafeFolder(f"{folder} is a symbolic link; remove it, so that papers stay with the practice.")
    path = folder / name
    try:
        files.make_private_folder(folder)
        files.tighten(folder, files.PRIVATE_FOLDER)
        files.write_private(path, content)
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull from error
        raise ReadOnly(f"{path} cannot be written; check the folder's permissions.") from error
    return path
