"""Every screen at 10,000 patients and 50,000 open items, beside the empty app: ``python bench/full_day.py``.

Options: ``--people N``, ``--items N``, ``--rounds N`` (default 3), ``--keep FOLDER`` (the practice is made
there once and used again; else in a temporary folder), ``--only TEXT`` (parts whose name holds it).

Processor time, so that the figures hold on a busy machine (Linux): until the first paint, and until all is
quiet. The table goes to bench/README.md by hand.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from caseload import make_full_practice
from run import DOWN, EMPTY, PAGE_DOWN, Table, open_app
from terminal import Terminal

ESCAPE, ENTER, FIRST, F2, JUMP = b"\x1b", b"\r", b"g", b"\x1bOQ", b"\x0b"
KEY, START = "empty app: key", "empty app: first frame"
USABLE = "usable Today"


@dataclass(frozen=True)
class Step:
    """Keys pressed one after another; the last one is measured, ``times`` over, under a name."""

    name: str
    keys: Sequence[bytes]
    times: int = 1
    before: Sequence[bytes] = ()  # pressed once, not measured
    after: Sequence[bytes] = ()  # pressed each time, not measured


def _screen(
    name: str, key: bytes, away: bytes, choices: Sequence[bytes] = (), letters: bytes = b""
) -> list[Step]:
    steps = [
        Step(f"{name}: open, the first time", [key]),
        Step(f"{name}: open again", [away, key], 4),
        Step(f"{name}: arrow key", [DOWN], 8),
        Step(f"{name}: page down", [PAGE_DOWN], 4),
    ]
    steps += [Step(f"{name}: other rows ({choice.decode()})", [choice]) for choice in (*choices, *choices)]
    if letters:
        typed = [Step(f"{name}: filter letter", [bytes([letter])]) for letter in letters]
        steps += [Step("", [b"/"]), *typed, Step("", [ESCAPE])]
    return steps


TODAY_STEPS = [
    Step("Today: arrow key", [DOWN], 10),
    *[Step("Today: jump letter", [bytes([letter])], before=before) for letter, before in
      ((b"a"[0], [JUMP]), (b"l"[0], []), (b"v"[0], []))],
    Step("", [ESCAPE]),
    *[Step("Incoming call: first letters", [bytes([letter])], before=before) for letter, before in
      ((b"a"[0], [F2]), (b"l"[0], []), (b"v"[0], []))],
    Step("", [ESCAPE], 2),  # a draft is asked about
]  # fmt: skip
OVERDUE = [b".", FIRST, *[DOWN] * 7]  # ranked anew: follow-ups that are past due


def _verbs(name: str, row: Sequence[bytes]) -> list[Step]:
    found = []
    for verb, opens, takes in (("c n", b"c", b"n"), ("s enter", b"s", ENTER), ("x x", b"x", b"x")):
        found += [
            Step("", [opens], before=row, after=[takes]),  # the first verb imports its sheet and actions
            Step(f"{name}: verb {verb}: sheet", [opens], 4, after=[ESCAPE]),
            Step(f"{name}: verb {verb}: recorded", [opens, takes], 3),
        ]
    return found


PARTS: dict[str, list[Step]] = {
    "Today": [*TODAY_STEPS, *_verbs("Today", OVERDUE)],
    "Patients": _screen("Patients", b"2", b"1", letters=b"smi"),
    "Referrals": [*_screen("Referrals", b"3", b"2", (b"Q", b"U"), b"card"),
                  Step("Referrals: advance", [DOWN, b">"], 6, before=[FIRST])],
    "Insurance": [*_screen("Insurance", b"4", b"2", (b"A", b"D"), b"knee"),
                  Step("Insurance: settle x x", [b"x", b"x"], 6, before=[b"E", FIRST])],
    "Waiting": [*_screen("Waiting", b"W", b"\x1b", (b"v",), b"desk"), Step("", [ESCAPE])],
    "Decide": [Step("Decide: open, the first time", [b"K"]), Step("Decide: open again", [ESCAPE, b"K"], 4),
               Step("Decide: arrow key", [DOWN], 8), Step("Decide: page down", [PAGE_DOWN], 4),
               Step("Decide: verb s enter", [b"s", ENTER], 5, before=[FIRST]),
               Step("Decide: mark all, spread: the plan", [b"A", b"E"], after=[ESCAPE, ESCAPE])],
}  # fmt: skip


def measure_start(table: Table, folder: Path) -> None:
    """Processor time from the start of both programs to their first usable frame."""
    with Terminal(EMPTY) as terminal:
        terminal.wait_for("Hello")
        table.add(START, terminal.processor_seconds())
        terminal.settle()
        for _ in range(10):
            table.add(KEY, terminal.key_cost(b"x")[0])
    with open_app(folder, unlocked=True) as terminal:
        terminal.wait_for("DO NOW|DUE")
        table.add(USABLE, terminal.processor_seconds())


def measure_part(table: Table, folder: Path, steps: Sequence[Step]) -> None:
    """The steps of a part on a program of its own."""
    with open_app(folder, unlocked=True) as terminal:
        terminal.wait_for("DO NOW|DUE")
        terminal.settle(10.0)
        terminal.read(2.0)
        terminal.settle(10.0)
        for step in steps:
            _press(terminal, step.before)
            for _ in range(step.times):
                _press(terminal, step.keys[:-1])
                first, whole = terminal.key_cost(step.keys[-1])
                _press(terminal, step.after)
                if step.name:
                    table.add(step.name, first)
                    table.add(f"{step.name}/whole", whole)


def _press(terminal: Terminal, keys: Sequence[bytes]) -> None:
    for key in keys:
        terminal.press(key)


def show(table: Table) -> None:
    """The table: what, ratio to the empty app's key, processor milliseconds to first paint and to quiet."""
    key, start = table.median(KEY), table.median(START)
    print("| what | ratio | first paint, ms | until quiet, ms |\n|---|---|---|---|")
    print(f"| {KEY} | 1 | {key * 1000:.1f} | |")
    print(f"| {USABLE} (to the empty app's first frame) | {table.median(USABLE) / start:.2f} "
          f"| {table.median(USABLE) * 1000:.0f} | |")  # fmt: skip
    for name in table.figures:
        if name not in (KEY, START, USABLE) and not name.endswith("/whole"):
            first, whole = table.median(name), table.median(f"{name}/whole")
            print(f"| {name} | {first / key:.1f} | {first * 1000:.1f} | {whole * 1000:.1f} |")


def main() -> None:
    """Measure in rounds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--items", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    os.environ.pop("CARECOORD_PASSPHRASE", None)
    table = Table()
    with tempfile.TemporaryDirectory() as work:
        kept: Path = chosen.keep or Path(work) / "kept"
        if not kept.exists():
            make_full_practice(kept, chosen.people, chosen.items)
        run_rounds(table, kept, Path(work) / "used", chosen.rounds, chosen.only)
    show(table)


def run_rounds(table: Table, kept: Path, used: Path, rounds: int, only: str) -> None:
    """Each part in each round on a fresh copy: the verbs write."""
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        measure_start(table, kept)
        for name, steps in PARTS.items():
            if only in name:
                print(f"  {name}", file=sys.stderr)
                shutil.rmtree(used, ignore_errors=True)
                shutil.copytree(kept, used)
                measure_part(table, used, steps)


if __name__ == "__main__":
    main()
