"""What is kept of an unexpected error: where it happened, never what it was about.

The report names exception types, files and lines. Values and messages are left out, because they
may hold patient data.
"""

from __future__ import annotations

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path

FILE_NAME = "crash.log"
LIMIT = 256 * 1024


def describe(error: BaseException) -> str:
    """Types, files, lines and source text of an error and its causes; no values, no messages."""
    parts = []
    seen: BaseException | None = error
    while seen is not None:
        parts.append(f"{type(seen).__module__}.{type(seen).__qualname__}\n")
        parts.extend(traceback.format_tb(seen.__traceback__))
        seen = getattr(seen, "error", None) or seen.__cause__ or seen.__context__  # WorkerFailed.error
        if seen is not None:
            parts.append("caused by\n")
    return "".join(parts)


def keep_report(folder: Path, error: BaseException | None) -> str:
    """Append a report to ``crash.log`` (0600) in the data folder; says where it is.

    Returns words instead of a path when it cannot be written: the end of a broken program must not
    raise.
    """
    if error is None or not folder.is_dir():
        return "no file, there is no data folder"
    path = folder / FILE_NAME
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        if path.exists() and path.stat().st_size > LIMIT:
            flags |= os.O_TRUNC
        with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(f"--- {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n{describe(error)}\n")
    except OSError as problem:
        return f"no file ({problem.strerror})"
    return str(path)
