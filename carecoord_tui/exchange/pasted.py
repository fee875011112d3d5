"""A table out of the clipboard: a private file in the practice's own folder while it is imported."""

from __future__ import annotations

from pathlib import Path

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.files import write_private

NAME = "pasted-table.txt"


def keep_pasted(paths: PracticePaths, text: str) -> Path:
    """Write the table (0600) in the place of an older one; whoever asked removes it when done.

    Raises:
        OSError: the folder cannot be written to.
    """
    path = paths.root / NAME
    path.unlink(missing_ok=True)
    write_private(path, text.encode(), durable=False)
    return path
