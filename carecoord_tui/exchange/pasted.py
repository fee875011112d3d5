"""A table out of the clipboard: read like a file and never one. It is kept in memory alone."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    _Base = Path
else:
    _Base = type(Path())

NAME = "pasted table"
_CODEC = "utf-8"


class PastedTable(_Base):
    """A path whose content is the pasted text; nothing of it is written to a disk.

    Every reader of tables asks a path for ``stat`` and ``open`` only, so it takes this one for a file.
    """

    _content: bytes

    @classmethod
    def of(cls, text: str) -> PastedTable:
        """The text as a table, named ``pasted table`` in messages."""
        made = cls(NAME)
        made._content = text.encode(_CODEC, "replace")
        return made

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
        """As of a private file of this length."""
        return os.stat_result((stat.S_IFREG | 0o600, 0, 0, 1, 0, 0, len(self._content), 0, 0, 0))

    def exists(self, *args: Any, **options: Any) -> bool:
        """Always."""
        return True

    def is_file(self, *args: Any, **options: Any) -> bool:
        """Always."""
        return True

    def is_dir(self, *args: Any, **options: Any) -> bool:
        """Never."""
        return False

    def open(  # type: ignore[override]
        self,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
    ) -> IO[Any]:
        """The content, for reading."""
        content = io.BytesIO(self._content)
        if "b" in mode:
            return content
        return io.TextIOWrapper(content, encoding=encoding or _CODEC, errors=errors, newline=newline)


def as_path(path: Path | str) -> Path:
    """A path out of what a caller gave; a pasted table stays what it is."""
    return path if isinstance(path, Path) else Path(path)
