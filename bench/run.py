"""All measurements of one run, as ratios to the empty Textual app: ``python bench/run.py``.

Options: ``--rounds N`` (default 5), ``--patients N,N`` (default 214,10000), ``--import N`` (default 20000;
0 leaves the import out). Practices are made in a temporary folder. The table goes to bench/README.md by hand.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from terminal import Terminal

HERE = Path(__file__).parent
NOW = "2026-11-30T08:00"
DOWN, PAGE_DOWN, END, HOME = b"\x1b[B", b"\x1b[6~", b"\x1b[F", b"\x1b[H"
EMPTY = [sys.executable, str(HERE / "empty_app.py")]
PROGRAM = [sys.executable, "-m", "carecoord_tui"]


class Table:
    """Figures by name, collected over rounds."""

    def __init__(self) -> None:
        self.figures: dict[str, list[float]] = {}

    def add(self, name: str, value: float) -> None:
        """One more value of a figure."""
        self.figures.setdefault(name, []).append(value)

    def median(self, name: str) -> float:
        """The figure of the run."""
        return statistics.median(self.figures[name])


def make_practice(folder: Path, patients: int) -> Path:
    """A demo practice of that size."""
    subprocess.run(
        [*PROGRAM, "demo", "--patients", str(patients), "--keep", str(folder), "--no-open", "--now", NOW],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return folder


def open_app(folder: Path, *, unlocked: bool) -> Terminal:
    """The program on a practice, with the passphrase from the environment or not."""
    env = {"CARECOORD_DATA_DIR": str(folder), "CARECOORD_NOW": NOW}
    if unlocked:
        env["CARECOORD_PASSPHRASE"] = "demo"
    return Terminal(PROGRAM, env=env)


def measure_empty(table: Table) -> None:
    """First frame, key and memory of the yardstick."""
    with Terminal(EMPTY) as terminal:
        table.add("empty: first frame", terminal.wait_for("Hello"))
        terminal.settle()
        for _ in range(10):
            table.add("empty: key", terminal.key(b"x")[0])
        table.add("empty: memory", terminal.memory_mb())


def measure_prompt(table: Table, folder: Path) -> None:
    """First frame of the unlock prompt."""
    with open_app(folder, unlocked=False) as terminal:
        table.add("prompt: first frame", terminal.wait_for("(?i)passphrase"))


def measure_app(table: Table, folder: Path, name: str) -> None:
    """Usable Today, keys in the lists, a verb, filter, jump, memory, idle."""
    with open_app(folder, unlocked=True) as terminal:
        table.add(f"{name}: usable Today", terminal.wait_for("DO NOW|DUE"))
        terminal.settle(8.0)
        _wait_loaded(terminal)
        for _ in range(10):
            first, _, size = terminal.key(DOWN)
            table.add(f"{name}: arrow, Today", first)
            table.add(f"{name}: bytes an arrow", size)
        terminal.key(HOME)
        table.add(f"{name}: first verb (c n)", _verb(terminal))
        for _ in range(4):
            terminal.key(DOWN)
            table.add(f"{name}: verb (c n)", _verb(terminal))
        terminal.key(b"2")
        terminal.settle()
        for _ in range(10):
            table.add(f"{name}: arrow, Patients", terminal.key(DOWN)[0])
        for _ in range(4):
            table.add(f"{name}: page down", terminal.key(PAGE_DOWN)[0])
        terminal.key(b"/")
        for letter in b"smi":
            table.add(f"{name}: filter letter", terminal.key(bytes([letter]))[0])
        terminal.key(b"\x1b")
        terminal.settle()
        terminal.key(b"\x0b")
        for letter in b"alv":
            table.add(f"{name}: jump letter", terminal.key(bytes([letter]))[0])
        table.add(f"{name}: memory", terminal.memory_mb())
        terminal.key(b"\x1b")
        terminal.settle()
        start = terminal.cpu_seconds()
        terminal.read(0.0)
        _idle(terminal, 5.0)
        table.add(f"{name}: idle CPU %", (terminal.cpu_seconds() - start) / 5.0 * 100)


def _wait_loaded(terminal: Terminal) -> None:
    _idle(terminal, 2.0)


def _idle(terminal: Terminal, seconds: float) -> None:
    import time

    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        terminal.read(end - time.perf_counter())


def _verb(terminal: Terminal) -> float:
    terminal.key(b"c")
    return terminal.key(b"n")[0]


def rows(table: Table, names: list[str]) -> list[tuple[str, str, str]]:
    """The printed table: what, ratio, figure."""
    frame, key = table.median("empty: first frame"), table.median("empty: key")
    memory = table.median("empty: memory")
    result = [
        ("empty app: first frame", "1", f"{frame * 1000:.0f} ms"),
        ("empty app: key", "1", f"{key * 1000:.1f} ms"),
    ]

    def line(name: str, base: float, show: Callable[[float], str]) -> None:
        value = table.median(name)
        result.append((name, f"{value / base:.2f}" if base else "", show(value)))

    def ms(value: float) -> str:
        return f"{value * 1000:.1f} ms"

    line("prompt: first frame", frame, ms)
    for name in names:
        line(f"{name}: usable Today", frame, ms)
        for what in ("arrow, Today", "arrow, Patients", "page down", "filter letter", "jump letter"):
            line(f"{name}: {what}", key, ms)
        line(f"{name}: first verb (c n)", key, ms)
        line(f"{name}: verb (c n)", key, ms)
        line(f"{name}: bytes an arrow", 0, lambda v: f"{v:.0f} bytes")
        line(f"{name}: memory", memory, lambda v: f"{v:.0f} MB")
        line(f"{name}: idle CPU %", 0, lambda v: f"{v:.2f} %")
    return result


def main() -> None:
    """Measure in interleaved rounds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--patients", default="214,10000")
    parser.add_argument("--import", dest="import_rows", type=int, default=20000)
    chosen = parser.parse_args()
    os.environ.pop("CARECOORD_PASSPHRASE", None)
    sizes = [int(size) for size in chosen.patients.split(",")]
    table = Table()
    with tempfile.TemporaryDirectory() as work:
        practices = {size: make_practice(Path(work) / str(size), size) for size in sizes}
        for number in range(chosen.rounds):
            print(f"round {number + 1} of {chosen.rounds}", file=sys.stderr)
            measure_empty(table)
            measure_prompt(table, practices[sizes[0]])
            for size in sizes:
                measure_app(table, practices[size], f"{size:,} patients")
    print("| what | ratio | figure |\n|---|---|---|")
    for what, ratio, figure in rows(table, [f"{size:,} patients" for size in sizes]):
        print(f"| {what} | {ratio} | {figure} |")
    if chosen.import_rows:
        subprocess.run([sys.executable, str(HERE / "import_speed.py"), str(chosen.import_rows)], check=True)


if __name__ == "__main__":
    main()
