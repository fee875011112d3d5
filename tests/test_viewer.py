"""The system's viewer gets a private copy with a neutral name, and no copy stays."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from carecoord_tui import viewer
from carecoord_tui.viewer import FOLDER, KEPT_SECONDS, NoViewer, clean, clean_old, open_copy, system_launcher

NAME = "document-12.pdf"


def nothing(_: str) -> None:
    return None


def at(folder: str) -> Callable[[str], str]:
    return lambda name: f"{folder}/{name}"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o700)
    return str(path)


def test_the_copy_is_private_and_goes(tmp_path: Path) -> None:
    seen: list[Path] = []
    old = os.umask(0)
    try:
        copy = open_copy(tmp_path, NAME, b"bytes", seen.append)
    finally:
        os.umask(old)
    assert seen == [copy]
    assert (copy.name, copy.read_bytes()) == (NAME, b"bytes")
    assert mode(copy) == 0o600
    assert copy.parent.parent == tmp_path / FOLDER
    assert mode(copy.parent) == mode(copy.parent.parent) == 0o700
    assert open_copy(tmp_path, NAME, b"newer", seen.append) == copy
    assert copy.read_bytes() == b"newer"
    clean(tmp_path)
    assert not (tmp_path / FOLDER).exists()
    again = open_copy(tmp_path, NAME, b"bytes", seen.append)
    assert again.exists()
    clean(tmp_path)
    assert not (tmp_path / FOLDER).exists()


def test_a_copy_lives_fifteen_minutes_at_most(tmp_path: Path) -> None:
    copy = open_copy(tmp_path, NAME, b"bytes", lambda _: None)
    clean_old(tmp_path, time.time() + KEPT_SECONDS - 5)
    assert copy.exists()
    clean_old(tmp_path, time.time() + KEPT_SECONDS + 5)
    assert not copy.exists()
    clean(tmp_path)
    clean_old(tmp_path)  # nothing is open: nothing to do


def test_a_viewer_that_fails_leaves_no_copy(tmp_path: Path) -> None:
    def fails(_: Path) -> None:
        raise NoViewer

    with pytest.raises(NoViewer):
        open_copy(tmp_path, NAME, b"bytes", fails)
    assert [path for path in (tmp_path / FOLDER).rglob("*") if path.name == NAME] == []
    clean(tmp_path)


def test_a_killed_program_s_copies_go_at_the_next_start_and_a_running_one_s_stay(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from carecoord_tui.viewer import open_copy;"
        f"print(open_copy(Path(sys.argv[1]), {NAME!r}, b'bytes', lambda _: None), flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    with other, other.stdout:
        copy = Path(other.stdout.readline().strip())
        assert copy.exists()
        clean(tmp_path)
        assert copy.exists()
        other.kill()
        other.wait()
        assert copy.exists()
        clean(tmp_path)
    assert not (tmp_path / FOLDER).exists()


def test_a_link_in_the_folder_is_removed_and_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "kept").touch()
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "link").symlink_to(precious)
    clean(tmp_path)
    assert (precious / "kept").exists()
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.parametrize(
    ("environ", "platform", "which", "words"),
    [
        ({}, "linux", at("/usr/bin"), "There is no display to open it on: x exports a copy."),
        ({"SSH_CONNECTION": "1 2"}, "linux", at("/usr/bin"), "Over SSH there is no display"),
        ({"SSH_TTY": "/dev/pts/1"}, "darwin", at("/usr/bin"), "Over SSH there is no display"),
        (
            {"DISPLAY": ":0"},
            "linux",
            nothing,
            "Nothing on this computer opens such a file: x exports a copy.",
        ),
    ],
)
def test_without_a_viewer_the_way_out_is_named(
    environ: dict[str, str], platform: str, which: Callable[[str], str | None], words: str
) -> None:
    with pytest.raises(NoViewer) as caught:
        system_launcher(environ, platform, which)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "platform", "program"),
    [
        ({"DISPLAY": ":0"}, "linux", "xdg-open"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "freebsd", "xdg-open"),
        ({"DISPLAY": "localhost:10.0", "SSH_TTY": "/dev/pts/1"}, "linux", "xdg-open"),  # forwarded
        ({}, "darwin", "open"),
    ],
)
def test_the_system_s_own_program_gets_the_file(
    tmp_path: Path, environ: dict[str, str], platform: str, program: str
) -> None:
    script(tmp_path / program, f'printf %s "$1" > "{tmp_path}/given"')
    system_launcher(environ, platform, at(str(tmp_path)))(tmp_path / NAME)
    assert (tmp_path / "given").read_text() == str(tmp_path / NAME)


def test_a_viewer_that_cannot_open_it_says_so(tmp_path: Path) -> None:
    script(tmp_path / "xdg-open", "exit 3")
    with pytest.raises(NoViewer):
        system_launcher({"DISPLAY": ":0"}, "linux", at(str(tmp_path)))(tmp_path / NAME)
    with pytest.raises(NoViewer):
        system_launcher({"DISPLAY": ":0"}, "linux", at("/nowhere"))(tmp_path / NAME)


def test_a_viewer_that_stays_open_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "_START_SECONDS", 0.05)
    script(tmp_path / "xdg-open", "sleep 2")
    before = time.monotonic()
    system_launcher({"DISPLAY": ":0"}, "linux", at(str(tmp_path)))(tmp_path / NAME)
    assert time.monotonic() - before < 1.5


def test_folders_and_what_cannot_be_removed_stop_nothing(tmp_path: Path) -> None:
    copy = open_copy(tmp_path, NAME, b"bytes", lambda _: None)
    made_by_a_viewer = copy.parent / "thumbnails"
    (made_by_a_viewer / "small").mkdir(parents=True)
    (made_by_a_viewer / "small" / "page-1.png").touch()
    clean_old(tmp_path, time.time() + KEPT_SECONDS + 5)
    assert not made_by_a_viewer.exists()
    odd = tmp_path / FOLDER / "left"
    (odd / ".lock").mkdir(parents=True)
    (odd / NAME).touch()
    clean(tmp_path)
    assert not (tmp_path / FOLDER).exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="modes mean nothing here")
def test_a_folder_that_cannot_be_changed_is_left_for_the_next_time(tmp_path: Path) -> None:
    copy = open_copy(tmp_path, NAME, b"bytes", lambda _: None)
    copy.parent.chmod(0o500)
    clean(tmp_path)
    assert copy.exists()
    copy.parent.chmod(0o700)
    clean(tmp_path)
    assert not (tmp_path / FOLDER).exists()
