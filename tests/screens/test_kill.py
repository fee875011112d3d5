"""What the program said was done is done: also after a closed window and a kill -9."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from carecoord_tui.cli import main
from carecoord_tui.cli.invocation import PASSPHRASE_VARIABLE
from carecoord_tui.clock import SystemClock
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import audit, keyfile
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.tables import Patient
from tests.conftest import PASSPHRASE

pty = pytest.importorskip("pty", reason="a pseudo-terminal needs POSIX")

LINE = "call Nguyen tomorrow CGM assistance"
SECONDS = 30.0


class Terminal:
    """A program in a terminal of its own, driven by bytes."""

    def __init__(self, process: subprocess.Popen[bytes], master: int) -> None:
        self.process = process
        self._master = master
        self._seen = b""

    def expect(self, text: str) -> None:
        """Read until ``text`` was written."""
        wanted, deadline = text.encode(), time.monotonic() + SECONDS
        while wanted not in self._seen:
            assert time.monotonic() < deadline, f"{text!r} was never shown"
            try:
                self._seen += os.read(self._master, 65536)
            except BlockingIOError:
                time.sleep(0.01)
        self._seen = b""

    def type(self, text: str) -> None:
        """Type as a person does, key by key."""
        for char in text:
            os.write(self._master, char.encode())
            time.sleep(0.01)

    def close_window(self) -> None:
        """What a terminal does when its window is closed: the program gets SIGHUP."""
        os.close(self._master)
        self._master = -1

    def leave(self) -> None:
        """End whatever is left."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self._master >= 0:
            os.close(self._master)


@contextmanager
def running(paths: PracticePaths) -> Iterator[Terminal]:
    """The real program on a practice, opened with the passphrase from the environment."""
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 110, 0, 0))
    environ = {**os.environ, PASSPHRASE_VARIABLE: PASSPHRASE, "TERM": "xterm-256color"}
    environ["CARECOORD_CONFIG"] = str(paths.root.parent / "config.toml")
    process = subprocess.Popen(
        [sys.executable, "-m", "carecoord_tui", "--data-dir", str(paths.root)],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env=environ,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(slave)
    os.set_blocking(master, False)
    terminal = Terminal(process, master)
    try:
        yield terminal
    finally:
        terminal.leave()


@pytest.fixture
def caseload(practice: Practice, paths: PracticePaths) -> PracticePaths:
    """A practice of one patient, closed."""
    with practice.change("patient added") as session:
        session.add(Patient(family_name="Nguyen", given_name="Thi", birth_date=date(1961, 3, 14)))
    practice.close()
    return paths


def reopened(paths: PracticePaths) -> Practice:
    return open_practice(paths, keyfile.unlock(paths.keyfile, PASSPHRASE), SystemClock())


@pytest.mark.slow
@pytest.mark.parametrize("end", ["window closed", "kill -9"])
def test_an_acknowledged_follow_up_survives(caseload: PracticePaths, end: str) -> None:
    with running(caseload) as terminal:
        terminal.expect("Patients")
        terminal.type("+")
        terminal.expect("esc back")
        terminal.type(LINE)
        terminal.expect("CGM assistance")
        terminal.type("\r")
        terminal.expect("u undoes it")
        if end == "kill -9":
            terminal.process.send_signal(signal.SIGKILL)
        else:
            terminal.close_window()
        assert terminal.process.wait(SECONDS) != 0
    practice = reopened(caseload)
    try:
        assert practice.execute("SELECT title, patient_id FROM follow_up") == [("Call: CGM assistance", 1)]
        with practice.read() as connection:
            assert audit.verify(connection, practice.audit_key()).broken_at is None
    finally:
        practice.close()


@pytest.mark.slow
def test_a_terminal_gone_in_the_middle_of_a_frame_leaves_nothing_running(
    caseload: PracticePaths,
) -> None:
    with running(caseload) as terminal:
        terminal.expect("Patients")
        for _ in range(60):  # nobody reads: the terminal's buffer fills, then the queue of frames before it
            terminal.type("21")
        time.sleep(1)
        terminal.close_window()
        assert terminal.process.wait(SECONDS) != 0


def test_the_passphrase_leaves_the_environment_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "a passphrase")
    assert main(["--data-dir", str(tmp_path / "none"), "path"]) == 0
    assert PASSPHRASE_VARIABLE not in os.environ
    assert "a passphrase" not in capsys.readouterr().out
