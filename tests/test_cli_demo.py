"""``demo`` and the app as a user starts it: in a terminal of its own."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from carecoord_tui.demo import DEMO_PASSPHRASE
from carecoord_tui.paths import PracticePaths
from tests.cli_running import MONDAY, Run, made, run
from tests.conftest import PASSPHRASE

pty = pytest.importorskip("pty", reason="pseudo-terminals are POSIX")

__all__ = ["made", "run"]

CTRL_Q = b"\x11"
SECONDS = 30.0


class Terminal:
    """The program in a pseudo-terminal of 100 by 30."""

    def __init__(self, process: int, screen: int) -> None:
        self.process, self.screen, self.said = process, screen, ""

    def expect(self, pattern: str) -> None:
        """Read until the pattern was written; fails after ``SECONDS``."""
        end = time.monotonic() + SECONDS
        while not re.search(pattern, self.said):
            assert time.monotonic() < end, f"{pattern!r} never came: {self.said[-2000:]!r}"
            assert self._read(), f"the program ended before {pattern!r}: {self.said[-2000:]!r}"

    def press(self, keys: bytes) -> None:
        """Send keys."""
        os.write(self.screen, keys)

    def ended(self) -> int:
        """Wait for the end; the exit code."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            self._read()
            process, status = os.waitpid(self.process, os.WNOHANG)
            if process:
                self.process = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError("the program did not end")

    def _read(self) -> bool:
        if not select.select([self.screen], [], [], 0.05)[0]:
            return True
        try:
            data = os.read(self.screen, 1 << 16)
        except OSError:  # Linux: the other side has closed
            time.sleep(0.02)
            return False
        self.said += data.decode("utf-8", "replace")
        return bool(data)


@contextmanager
def terminal(*arguments: str, **environ: str) -> Iterator[Terminal]:
    """Start the program in a terminal; it is gone afterwards."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CARECOORD_")}
    process, screen = pty.fork()
    if process == 0:  # pragma: no cover - the child
        command = [sys.executable, "-m", "carecoord_tui", *arguments]
        size = {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
        os.execve(sys.executable, command, {**kept, **size, **environ})  # noqa: S606
    shown = Terminal(process, screen)
    try:
        yield shown
    finally:
        if shown.process:
            os.kill(shown.process, signal.SIGKILL)
            os.waitpid(shown.process, 0)
        os.close(screen)


# --- the demo ------------------------------------------------------------------------------------------


def test_the_demo_opens_without_a_question_and_leaves_nothing(tmp_path: Path) -> None:
    arguments = ("demo", "--patients", "20", "--now", MONDAY)
    with terminal(*arguments, TMPDIR=str(tmp_path)) as shown:
        shown.expect("Alvarez, Rosa")
        assert [path.stat().st_mode & 0o777 for path in tmp_path.glob("carecoord-demo-*")] == [0o700]
        shown.press(CTRL_Q)
        assert shown.ended() == 0
    assert list(tmp_path.glob("carecoord-demo-*")) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_window_leaves_nothing_either(tmp_path: Path, number: signal.Signals) -> None:
    with terminal("demo", "--patients", "20", "--now", MONDAY, TMPDIR=str(tmp_path)) as shown:
        shown.expect("Alvarez, Rosa")
        os.kill(shown.process, number)
        assert shown.ended() == 128 + number
        assert shown.said.rstrip().endswith("l")  # the terminal's modes are switched off again
    assert list(tmp_path.glob("carecoord-demo-*")) == []


def test_a_kept_demo_is_opened_with_its_passphrase(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "my demo"
    made = run("demo", "--patients", "3", "--keep", str(folder), "--no-open", "--now", MONDAY)
    assert made.code == 0, made.err
    assert made.out == f"carecoord --data-dir '{folder}' --now {MONDAY}\n"
    assert DEMO_PASSPHRASE in made.err
    opened = ("--data-dir", str(folder), "--now", MONDAY)
    assert run("today", "--json", *opened, passphrase=DEMO_PASSPHRASE).json["counts"]["active_patients"] == 3
    changed = run("settings", "date_order", "dmy", *opened, passphrase=DEMO_PASSPHRASE)
    assert (changed.code, changed.err) == (0, "")  # only a demo may be changed under a set clock
    again = run("demo", "--patients", "3", "--keep", str(folder), "--no-open")
    again.refused("already")


# --- the app -------------------------------------------------------------------------------------------


def test_with_the_passphrase_given_the_app_opens_on_today(made: PracticePaths, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('colour = 1\nascii = "yes"\n')
    given = {"CARECOORD_PASSPHRASE": PASSPHRASE, "CARECOORD_CONFIG": str(config)}
    with terminal("--data-dir", str(made.root), **given) as shown:
        shown.expect("no setting of that name")  # in full, before the screen
        shown.expect("Dana Reyes")
        shown.expect("2 settings of the config file")  # and in the footer
        shown.press(CTRL_Q)
        assert shown.ended() == 0


def test_without_it_the_app_asks(made: PracticePaths) -> None:
    with terminal(CARECOORD_DATA_DIR=str(made.root)) as shown:
        shown.expect("Passphrase")
        shown.press(PASSPHRASE.encode() + b"\r")
        shown.expect("Dana Reyes")
        shown.press(CTRL_Q)
        assert shown.ended() == 0


def test_an_unknown_theme_is_refused_before_the_screen_is_touched(made: PracticePaths) -> None:
    with terminal("--theme", "plaid", CARECOORD_DATA_DIR=str(made.root)) as shown:
        assert shown.ended() == 2
        assert "no theme called 'plaid'" in shown.said
        assert "\x1b" not in shown.said
