"""A program in a real pseudo-terminal, timed: start to a text on screen, key to paint, bytes, memory.

Needs ``pyte`` (in the ``dev`` extra). Times are seconds. Linux and macOS.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte

QUIET = 0.06  # no output for this long: the program has finished drawing
IDLE = 0.0005  # and not more of the processor than this
_CLOCK_OF_PROCESS = 2  # as clock_getcpuclockid(3) makes a process's clock of its number
ANSWERS = {  # what a modern terminal answers to the questions Textual asks
    b"\x1b[c": b"\x1b[?62;22c",
    b"\x1b[?2026$p": b"\x1b[?2026;2$y",
    b"\x1b[?2048$p": b"\x1b[?2048;0$y",
    b"\x1b[6n": b"\x1b[1;1R",
}


class Terminal:
    """One run of one program."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
    ) -> None:
        columns, lines = size
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        variables = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            list(command),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=variables,
            start_new_session=True,
            close_fds=True,
        )
        os.close(slave)
        self.bytes_read = 0

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(3)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self.master)

    def read(self, wait: float) -> bool:
        """Take what the program wrote within ``wait`` seconds; False when it wrote nothing."""
        ready, _, _ = select.select([self.master], [], [], wait)
        if not ready:
            return False
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:
            return False
        self.bytes_read += len(data)
        for question, answer in ANSWERS.items():
            if question in data:
                os.write(self.master, answer)
        self.stream.feed(re.sub(rb"\x1b\[\?[0-9;]*\$p|\x1b\[>[0-9;]*[a-z]", b"", data))
        return bool(data)

    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.screen.display)

    def wait_for(self, pattern: str, timeout: float = 60.0) -> float:
        """Seconds from the start of the program until the pattern stands on the screen."""
        end = time.perf_counter() + timeout
        while time.perf_counter() < end:
            self.read(0.02)
            if re.search(pattern, self.text()):
                return time.perf_counter() - self.started
            if self.process.poll() is not None:
                break
        raise TimeoutError(f"{pattern!r} never stood on the screen:\n{self.text()}")

    def settle(self, timeout: float = 5.0) -> None:
        """Wait until the program is quiet."""
        end = time.perf_counter() + timeout
        while time.perf_counter() < end and self.read(QUIET):
            pass

    def key(self, keys: bytes, timeout: float = 2.0) -> tuple[float, float, int]:
        """Send keys: seconds to the first and to the last paint they cause, and the bytes written."""
        self.settle()
        before = self.bytes_read
        sent = time.perf_counter()
        os.write(self.master, keys)
        if not self.read(timeout):
            raise TimeoutError(f"{keys!r} painted nothing")
        first = last = time.perf_counter() - sent
        while self.read(QUIET):
            last = time.perf_counter() - sent
        return first, last, self.bytes_read - before

    def key_cost(self, keys: bytes, timeout: float = 5.0) -> tuple[float, float]:
        """Send keys: processor seconds until the first paint they cause, and until all is quiet.

        Unlike the times of :meth:`key` they hold on a busy machine (Linux).
        """
        self.rest()
        before = self.processor_seconds()
        os.write(self.master, keys)
        if not self.read(timeout):
            raise TimeoutError(f"{keys!r} painted nothing:\n{self.text()}")
        first = self.processor_seconds() - before
        self.rest()
        return first, self.processor_seconds() - before

    def press(self, keys: bytes, timeout: float = 1.0) -> None:
        """Send keys and wait until all is quiet; they may paint nothing."""
        self.rest()
        os.write(self.master, keys)
        self.read(timeout)
        self.rest()

    def rest(self, timeout: float = 20.0) -> None:
        """Wait until the program writes nothing and hardly computes: silence alone may be a busy machine."""
        end = time.perf_counter() + timeout
        while time.perf_counter() < end:
            before = self.processor_seconds()
            if not self.read(QUIET) and self.processor_seconds() - before < IDLE:
                return

    def processor_seconds(self) -> float:
        """Processor time of all threads of the program so far, to the nanosecond (Linux)."""
        return time.clock_gettime(~self.process.pid << 3 | _CLOCK_OF_PROCESS)

    def memory_mb(self) -> float:
        """Resident memory of the program, MB (Linux)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    def cpu_seconds(self) -> float:
        """CPU time the program used so far (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
