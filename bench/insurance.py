"""The insurance screen with many records, beside the empty Textual app: ``python bench/insurance.py``.

Options: ``--authorizations N`` (default 5000), ``--visits N`` (default 2000), ``--rounds N`` (default 5). The
practice is a demo with random authorizations, visits to check and a tenth as many denials added, in a
temporary folder. The table goes to bench/README.md by hand.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from run import DOWN, NOW, PAGE_DOWN, Table, make_practice, measure_empty, open_app
from terminal import Terminal

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import bulk, keyfile
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.settings import read_settings
from carecoord_tui.store.tables import Appointment, Authorization, Denial

A = AuthorizationStatus
TODAY = date.fromisoformat(NOW[:10])
PEOPLE = 2_500
MEASURED = (
    "open, the first time (4)", "open again (4)", "arrow key", "page down", "lane (A, D)", "filter letter",
    "settle (x x)",
)  # fmt: skip
SHARES = {A.NEEDED: 10, A.SUBMITTED: 30, A.PENDED: 5, A.APPROVED: 50, A.PARTIAL: 5}  # of a hundred
SERVICES = ("MRI knee", "CT chest", "Physical therapy", "Infusion", "Home oxygen", "Sleep study")


def fill(folder: Path, authorizations: int, visits: int) -> None:
    """Add authorizations of every open status, visits of the next four weeks, and denials."""
    paths = PracticePaths(folder)
    clock = RunningClock(parse_now(NOW, read_settings({}).zone))
    practice = open_practice(paths, keyfile.unlock(paths.keyfile, "demo"), clock)
    random = Random(1)
    try:
        with practice.change("insurance", kind="system") as session:
            plans = practice.execute("SELECT patient_id, id FROM coverage WHERE status <> 'cancelled'")
            bulk.insert(
                session, Authorization, [_authorization(random, plans) for _ in range(authorizations)]
            )
            bulk.insert(session, Appointment, [_visit(random, practice, plans) for _ in range(visits)])
            bulk.insert(session, Denial, [_denial(random, plans) for _ in range(authorizations // 10)])
    finally:
        practice.close()


def _whose(random: Random, plans: list[tuple[Any, ...]]) -> dict[str, Any]:
    patient_id, coverage_id = random.choice(plans)
    return {"patient_id": patient_id, "coverage_id": coverage_id}


def _authorization(random: Random, plans: list[tuple[Any, ...]]) -> dict[str, Any]:
    status = random.choices(list(SHARES), list(SHARES.values()))[0]
    opened_on = TODAY - timedelta(days=random.randint(1, 12))
    is_granted = status in (A.APPROVED, A.PARTIAL)
    return {
        **_whose(random, plans),
        "service": random.choice(SERVICES),
        "status": status,
        "opened_on": opened_on,
        "submitted_at": None if status is A.NEEDED else datetime.combine(opened_on, time(15), UTC),
        "decided_on": opened_on if is_granted else None,
        "valid_to": TODAY + timedelta(days=random.randint(5, 200)) if is_granted else None,
        "units_authorized": 24 if is_granted else None,
        "units_used": random.randint(0, 24) if is_granted else None,
        "number": f"PA{random.randint(10_000, 99_999)}",
    }


def _visit(random: Random, practice: Practice, plans: list[tuple[Any, ...]]) -> dict[str, Any]:
    day = practice.context.calendar.add_working_days(TODAY, random.randint(1, 20))
    return {
        "patient_id": random.choice(plans)[0],
        "starts_at": datetime.combine(day, time(random.randint(13, 21), random.choice([0, 20, 40])), UTC),
        "booked_on": TODAY - timedelta(days=20),
    }


def _denial(random: Random, plans: list[tuple[Any, ...]]) -> dict[str, Any]:
    return {
        **_whose(random, plans),
        "service": random.choice(SERVICES),
        "notice_on": TODAY - timedelta(days=random.randint(0, 50)),
    }


def measure(table: Table, folder: Path) -> None:
    """Open, move, lanes, filter, settle."""
    with open_app(folder, unlocked=True) as terminal:
        terminal.wait_for("DO NOW|DUE")
        terminal.settle(10.0)
        terminal.read(2.0)
        table.add("open, the first time (4)", terminal.key(b"4")[0])
        for _ in range(4):
            terminal.key(b"2")
            table.add("open again (4)", terminal.key(b"4")[0])
        for _ in range(10):
            table.add("arrow key", terminal.key(DOWN)[0])
        for _ in range(4):
            table.add("page down", terminal.key(PAGE_DOWN)[0])
        for key in (b"A", b"A", b"D", b"D"):
            table.add("lane (A, D)", terminal.key(key)[0])
        _filter(table, terminal)
        _settle(table, terminal)


def _filter(table: Table, terminal: Terminal) -> None:
    terminal.key(b"/")
    for letter in b"knee":
        table.add("filter letter", terminal.key(bytes([letter]))[0])
    terminal.key(b"\x1b")


def _settle(table: Table, terminal: Terminal) -> None:
    """Visits are checked: the second key records it."""
    terminal.key(b"g")
    terminal.key(b"x")  # the first verb imports the store's actions
    terminal.key(b"x")
    for _ in range(6):
        terminal.key(b"x")
        table.add("settle (x x)", terminal.key(b"x")[0])


def main() -> None:
    """Measure in interleaved rounds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--authorizations", type=int, default=5_000)
    parser.add_argument("--visits", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    os.environ.pop("CARECOORD_PASSPHRASE", None)
    table = Table()
    with tempfile.TemporaryDirectory() as work:
        folder = make_practice(Path(work) / "practice", PEOPLE)
        fill(folder, chosen.authorizations, chosen.visits)
        for number in range(chosen.rounds):
            print(f"round {number + 1} of {chosen.rounds}", file=sys.stderr)
            measure_empty(table)
            measure(table, folder)
    key = table.median("empty: key")
    size = f"{chosen.authorizations:,} authorizations, {chosen.visits:,} visits"
    print(f"| {size} | ratio | figure |\n|---|---|---|")
    for name in MEASURED:
        value = table.median(name)
        print(f"| {name} | {value / key:.1f} | {value * 1000:.1f} ms |")


if __name__ == "__main__":
    main()
