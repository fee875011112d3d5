"""What the measurements of the work screens share: a filled practice, the keys, the table.

``insurance.py`` and ``referrals.py`` say what they fill a practice with and which keys are theirs.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from run import DOWN, NOW, PAGE_DOWN, Table, make_practice, measure_empty, open_app
from terminal import Terminal

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import keyfile
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.settings import read_settings

TODAY = date.fromisoformat(NOW[:10])
ELSEWHERE, FILTER, ESCAPE, FIRST = b"2", b"/", b"\x1b", b"g"


@dataclass(frozen=True)
class Measured:
    """A work screen and its keys. ``verb`` presses its keys once and returns the seconds of the last."""

    key: str
    choices_name: str  # what ``choices`` are called in the table
    choices: tuple[bytes, ...]  # keys that list other rows
    letters: bytes  # typed into the filter
    verb_name: str
    verb: Callable[[Terminal], float]

    @property
    def names(self) -> tuple[str, ...]:
        """The lines of the table."""
        return (
            self.first_open, self.open_again, "arrow key", "page down", self.choices_name, "filter letter",
            self.verb_name,
        )  # fmt: skip

    @property
    def first_open(self) -> str:
        """The first time; that imports the screen."""
        return f"open, the first time ({self.key})"

    @property
    def open_again(self) -> str:
        """Coming back to it."""
        return f"open again ({self.key})"


@contextmanager
def filling(folder: Path, label: str) -> Iterator[tuple[Practice, AuditedSession]]:
    """A practice of ``make_practice`` in one change."""
    paths = PracticePaths(folder)
    clock = RunningClock(parse_now(NOW, read_settings({}).zone))
    practice = open_practice(paths, keyfile.unlock(paths.keyfile, "demo"), clock)
    try:
        with practice.change(label, kind="system") as session:
            yield practice, session
    finally:
        practice.close()


def measure(table: Table, folder: Path, screen: Measured) -> None:
    """Open, move, other rows, filter, the verb."""
    with open_app(folder, unlocked=True) as terminal:
        terminal.wait_for("DO NOW|DUE")
        terminal.settle(10.0)
        terminal.read(2.0)
        table.add(screen.first_open, terminal.key(screen.key.encode())[0])
        for _ in range(4):
            terminal.key(ELSEWHERE)
            table.add(screen.open_again, terminal.key(screen.key.encode())[0])
        for _ in range(10):
            table.add("arrow key", terminal.key(DOWN)[0])
        for _ in range(4):
            table.add("page down", terminal.key(PAGE_DOWN)[0])
        for key in screen.choices:
            table.add(screen.choices_name, terminal.key(key)[0])
        _filter(table, terminal, screen.letters)
        terminal.key(FIRST)
        screen.verb(terminal)  # the first verb imports the store's actions
        for _ in range(6):
            table.add(screen.verb_name, screen.verb(terminal))


def _filter(table: Table, terminal: Terminal, letters: bytes) -> None:
    terminal.key(FILTER)
    for letter in letters:
        table.add("filter letter", terminal.key(bytes([letter]))[0])
    terminal.key(ESCAPE)


def run(screen: Measured, what: str, people: int, fill: Callable[[Path], None], rounds: int) -> None:
    """Make and fill a practice, measure in rounds beside the empty app, print the table."""
    os.environ.pop("CARECOORD_PASSPHRASE", None)
    table = Table()
    with tempfile.TemporaryDirectory() as work:
        folder = make_practice(Path(work) / "practice", people)
        fill(folder)
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            measure_empty(table)
            measure(table, folder, screen)
    key = table.median("empty: key")
    print(f"| {what} | ratio | figure |\n|---|---|---|")
    for name in screen.names:
        value = table.median(name)
        print(f"| {name} | {value / key:.1f} | {value * 1000:.1f} ms |")
