"""An input for the name of a file: ``~``, quotes of a dragged file, and tab completion."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

MAX_CANDIDATES = 200
HOME = "~/"
"""What the input usually starts with."""


class PathInput(Input):
    """``tab`` completes as far as it is clear and tells which names are possible."""

    DEFAULT_CSS = """
    PathInput { width: 1fr; height: 1; border: none; padding: 0 1; background: $surface; }
    PathInput:focus { border: none; background: $foreground 12%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", id="path.complete", show=False)
    ]

    class Candidates(Message):
        """``tab`` was pressed: the names that fit, none when nothing does."""

        def __init__(self, names: Sequence[str]) -> None:
            super().__init__()
            self.names = tuple(names)

    def __init__(self, value: str = "", *, suffixes: Sequence[str] = (), id: str | None = None) -> None:
        """``suffixes`` are the wanted kinds of files (``.csv``); empty for all."""
        super().__init__(value, id=id, select_on_focus=False)
        self._suffixes = tuple(suffixes)

    @property
    def path(self) -> Path:
        """The file that is meant."""
        return typed_path(self.value)

    class TablePasted(Message):
        """Not the name of a file but a table was pasted: several lines, or cells between tabs."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def _on_paste(self, event: events.Paste) -> None:
        """A table is handed on; anything else is a name, which the input takes after this."""
        lines = event.text.strip().splitlines()
        if len(lines) > 1 and any(mark in lines[0] for mark in "\t,;|"):
            event.stop()
            event.prevent_default()
            self.post_message(self.TablePasted(event.text))

    def replace(self, text: str, start: int, end: int) -> None:
        """Change the text; a whole path typed or pasted behind a lone ``~/`` takes its place."""
        if self.value == HOME and _starts_anew(text):
            start, end = 0, len(HOME)
        super().replace(text, start, end)

    def action_complete(self) -> None:
        """Complete what is typed."""
        completed, names = complete(self.value, self._suffixes)
        self.value = completed
        self.cursor_position = len(completed)
        self.post_message(self.Candidates(names))


def typed_path(text: str) -> Path:
    """The path of a typed, pasted or dragged name: quotes and escaped blanks taken off, ``~`` filled in."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    path = _expanded(text)
    if "\\ " in text and not path.exists():
        path = _expanded(text.replace("\\ ", " "))
    return path


def _starts_anew(text: str) -> bool:
    """True for what begins with the root, a home folder or a drive, in quotes or not."""
    bare = text.lstrip().lstrip("'\"")
    return bare.startswith("~") or PurePosixPath(bare).is_absolute() or PureWindowsPath(bare).is_absolute()


def _expanded(text: str) -> Path:
    return Path(os.path.expanduser(text))  # noqa: PTH111 - Path.expanduser raises for an unknown ~user


def complete(text: str, suffixes: Sequence[str] = ()) -> tuple[str, list[str]]:
    """``text`` completed as far as all fitting names agree, and these names (folders end in ``/``).

    Hidden names count only after a dot was typed. A folder that cannot be read has no names.
    """
    if text == "~":
        return "~/", []
    head, separator, start = text.rpartition("/")
    if os.sep != "/" and os.sep in text:
        head, separator, start = text.rpartition(os.sep)
    names = _names(_expanded(head + separator) if separator else Path(), start, suffixes)
    if not names:
        return text, []
    return f"{head}{separator}{_shared_start(names)}", names if len(names) > 1 else []


def _shared_start(names: Sequence[str]) -> str:
    """What all names begin with, whatever the case, written as in the first."""
    for length, letters in enumerate(zip(*names, strict=False)):
        if len({letter.casefold() for letter in letters}) > 1:
            return names[0][:length]
    return min(names, key=len)


def _names(folder: Path, start: str, suffixes: Sequence[str]) -> list[str]:
    try:
        entries = [(entry.name, entry.is_dir()) for entry in os.scandir(folder)]
    except OSError:
        return []  # the file itself will be refused with its reason
    wanted = [
        f"{name}/" if is_folder else name
        for name, is_folder in entries
        if name.casefold().startswith(start.casefold())
        and (start.startswith(".") or not name.startswith("."))
        and (is_folder or not suffixes or name.casefold().endswith(tuple(suffixes)))
    ]
    return sorted(wanted, key=str.casefold)[:MAX_CANDIDATES]
