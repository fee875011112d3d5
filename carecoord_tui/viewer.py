"""A document in the system's viewer: a private copy with a neutral name, removed soon.

The copies of one window lie in a folder of its own below ``opened`` in the practice's folder, never in a
place others can look into. The window holds a lock there while it runs: a folder nobody holds was left
by a killed program and is removed by the next one. A copy lives until the screen is locked or the
program left, and never longer than ``KEPT_SECONDS``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from carecoord_tui.store.errors import Busy, StoreError

KEPT_SECONDS = 15 * 60.0
FOLDER = "opened"
_LOCK = ".lock"
_START_SECONDS = 1.0  # in which a viewer that cannot start says so

Launcher = Callable[[Path], None]

_windows: dict[Path, tuple[Path, contextlib.ExitStack]] = {}  # by practice folder: ours, and its lock


class NoViewer(StoreError):
    """There is nothing to open a file with; the sentence names the way out."""

    default = "Nothing on this computer opens such a file: x exports a copy."


def system_launcher(
    environ: Mapping[str, str] | None = None,
    platform: str = sys.platform,
    which: Callable[[str], str | None] = shutil.which,
) -> Launcher:
    """What opens a file here. Raises NoViewer without a screen of one's own (SSH) or without a program."""
    env = os.environ if environ is None else environ
    if platform == "win32":
        return _start_file
    over_ssh = bool(env.get("SSH_CONNECTION") or env.get("SSH_TTY"))
    has_display = bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")) or platform == "darwin"
    if not has_display or (over_ssh and platform == "darwin"):
        where = "Over SSH there is" if over_ssh else "There is"
        raise NoViewer(f"{where} no display to open it on: x exports a copy.")
    command = which("open" if platform == "darwin" else "xdg-open")
    if command is None:
        raise NoViewer
    return lambda path: _run(command, path)


def _start_file(path: Path) -> None:
    try:
        os.startfile(path)  # type: ignore[attr-defined,unused-ignore]  # noqa: S606 - Windows only, a path of ours
    except OSError as error:
        raise NoViewer from error


def _run(command: str, path: Path) -> None:
    """Start the viewer apart from this terminal; a quick failure is told, a running one is left alone."""
    try:
        started = subprocess.Popen(  # noqa: S603 - an absolute program of the system, a path of ours
            [command, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise NoViewer from error
    with contextlib.suppress(subprocess.TimeoutExpired):
        if started.wait(_START_SECONDS) != 0:
            raise NoViewer


def open_copy(root: Path, name: str, content: bytes, launch: Launcher) -> Path:
    """Write a copy called ``name`` (neutral: no patient) for the viewer and start it; returns the copy.

    ``root`` is the practice's folder. Raises NoViewer, or a StoreError of the file; then there is no copy.
    """
    from carecoord_tui.store import files
    from carecoord_tui.store.dialect import translated

    with translated():
        path = _own_folder(root) / name
        files.write_private(path, content, durable=False)
    try:
        launch(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _own_folder(root: Path) -> Path:
    """This window's folder, made and held when it is first needed."""
    from carecoord_tui.store import files
    from carecoord_tui.store.lock import file_lock

    held = _windows.get(root.absolute())
    if held is None or not held[0].is_dir():
        files.make_private_folder(root / FOLDER)
        folder = Path(tempfile.mkdtemp(prefix="", dir=root / FOLDER))  # 0700
        lock = contextlib.ExitStack()
        lock.enter_context(file_lock(folder / _LOCK))
        held = _windows[root.absolute()] = folder, lock
    return held[0]


def clean(root: Path) -> None:
    """Remove every copy of this window, and what killed programs left behind. Cheap when there is none."""
    own = _windows.pop(root.absolute(), None)
    if own is not None:
        own[1].close()
    folder = root / FOLDER
    if not folder.is_dir() or folder.is_symlink():
        return
    for left in _inside(folder):
        if left.is_dir() and not left.is_symlink():
            _remove_unless_held(left)
        else:
            _remove(left)
    with contextlib.suppress(OSError):  # not empty: another window's copies lie there
        folder.rmdir()


def _remove_unless_held(folder: Path) -> None:
    from carecoord_tui.store.lock import file_lock

    lock = folder / _LOCK
    if lock.is_symlink() or lock.is_dir():  # no window made that, so none holds it
        _remove(folder)
        return
    try:
        with file_lock(lock, wait=0):
            _remove_copies(folder)
    except (Busy, OSError):  # held by another window, or somebody else's: the next start tries again
        return
    with contextlib.suppress(OSError):  # not empty: a viewer on Windows keeps its copy
        lock.unlink()
        folder.rmdir()


def _inside(folder: Path) -> list[Path]:
    """What lies in a folder; nothing when it is gone or cannot be read."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _remove_copies(folder: Path, oldest: float = float("inf")) -> None:
    """Remove the copies written at or before ``oldest``, a POSIX time."""
    for copy in _inside(folder):
        with contextlib.suppress(FileNotFoundError):  # its viewer removed it
            if copy.name != _LOCK and copy.lstat().st_mtime <= oldest:
                _remove(copy)


def _remove(copy: Path) -> None:
    """Remove a file, a link as such, or a folder with what is in it.

    What cannot be removed stays for the next start, which tries again: a viewer on Windows holds its file,
    and neither the lock nor the way out may fail over it.
    """
    if copy.is_dir() and not copy.is_symlink():
        shutil.rmtree(copy, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        copy.unlink()


def clean_old(root: Path, now: float | None = None) -> None:
    """Remove this window's copies that are ``KEPT_SECONDS`` old; ``now`` is a POSIX time, None for now."""
    own = _windows.get(root.absolute())
    if own is not None and own[0].is_dir():
        _remove_copies(own[0], (time.time() if now is None else now) - KEPT_SECONDS)
