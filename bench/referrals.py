"""The referrals screen with many referrals, beside the empty Textual app: ``python bench/referrals.py``.

Options: ``--referrals N`` (default 20000), ``--rounds N`` (default 5). The practice is a demo of half as
many people with random referrals added, a fifth of them ended, in a temporary folder. The table goes to
bench/README.md by hand.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from run import DOWN, NOW, PAGE_DOWN, Table, make_practice, measure_empty, open_app
from terminal import Terminal

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import bulk, keyfile
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.settings import read_settings
from carecoord_tui.store.tables import Referral

S = ReferralStage
TODAY = date.fromisoformat(NOW[:10])
MEASURED = (
    "open, the first time (3)", "open again (3)", "arrow key", "page down", "view (Q, U)", "filter letter",
    "advance (>)",
)  # fmt: skip
SHARES = {  # of a hundred referrals
    S.DRAFT: 4, S.SENT: 16, S.ACKNOWLEDGED: 8, S.ACCEPTED: 12, S.SCHEDULED: 20, S.SEEN: 10,
    S.REPORT_RECEIVED: 3, S.REVIEWED: 3, S.REJECTED: 1, S.NO_SHOW: 1, S.ON_HOLD: 2, S.CLOSED: 20,
}  # fmt: skip


def fill(folder: Path, referrals: int) -> None:
    """Add referrals of every stage, a few days to three weeks old."""
    paths = PracticePaths(folder)
    unlocked = keyfile.unlock(paths.keyfile, "demo")
    clock = RunningClock(parse_now(NOW, read_settings({}).zone))
    practice = open_practice(paths, unlocked, clock)
    try:
        with practice.change("referrals", kind="system") as session:
            bulk.insert(session, Referral, random_rows(practice, referrals))
    finally:
        practice.close()


def random_rows(practice: Practice, count: int) -> list[dict[str, Any]]:
    """Referrals drawn from a fixed seed."""
    random = Random(1)
    people = [number for (number,) in practice.execute("SELECT id FROM patient WHERE status = 'active'")]
    offices = practice.execute("SELECT id, specialty FROM provider")
    stages = random.choices(list(SHARES), list(SHARES.values()), k=count)
    return [_row(random, stage, random.choice(people), *random.choice(offices)) for stage in stages]


def _row(random: Random, stage: S, patient_id: int, office: int, specialty: str) -> dict[str, Any]:
    stage_on = TODAY - timedelta(days=random.randint(0, 20))
    ahead = TODAY + timedelta(days=random.randint(-2, 25))
    return {
        "patient_id": patient_id,
        "provider_id": office,
        "specialty": specialty,
        "stage": stage,
        "stage_on": stage_on,
        "ordered_on": stage_on - timedelta(days=15),
        "sent_on": None if stage is S.DRAFT else stage_on - timedelta(days=13),
        "visit_on": {S.SCHEDULED: ahead, S.SEEN: stage_on}.get(stage),
        "urgency": random.choices(list(Urgency), [90, 9, 1])[0],
        "service_type": random.choice(list(ReferralType)),
        "diagnoses": random.choice(["E11.9", "I10, E78.5", "M54.50", "Z12.11"]),
        "needs_authorization": random.choice([None, None, True, False, False]),
        "office_reference": f"R{random.randint(10_000, 99_999)}",
    }


def measure(table: Table, folder: Path) -> None:
    """Open, move, views, filter, advance."""
    with open_app(folder, unlocked=True) as terminal:
        terminal.wait_for("DO NOW|DUE")
        terminal.settle(10.0)
        terminal.read(2.0)
        table.add("open, the first time (3)", terminal.key(b"3")[0])
        for _ in range(4):
            terminal.key(b"2")
            table.add("open again (3)", terminal.key(b"3")[0])
        for _ in range(10):
            table.add("arrow key", terminal.key(DOWN)[0])
        for _ in range(4):
            table.add("page down", terminal.key(PAGE_DOWN)[0])
        for key in (b"Q", b"Q", b"U", b"U"):
            table.add("view (Q, U)", terminal.key(key)[0])
        _filter(table, terminal)
        _advance(table, terminal)


def _filter(table: Table, terminal: Terminal) -> None:
    terminal.key(b"/")
    for letter in b"card":
        table.add("filter letter", terminal.key(bytes([letter]))[0])
    terminal.key(b"\x1b")


def _advance(table: Table, terminal: Terminal) -> None:
    """Drafts are sent: a day is all that needs."""
    terminal.key(b"g")
    terminal.key(b">")  # the first verb imports the store's actions
    for _ in range(6):
        terminal.key(DOWN)
        table.add("advance (>)", terminal.key(b">")[0])


def main() -> None:
    """Measure in interleaved rounds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    os.environ.pop("CARECOORD_PASSPHRASE", None)
    table = Table()
    with tempfile.TemporaryDirectory() as work:
        folder = make_practice(Path(work) / "practice", max(250, chosen.referrals // 2))
        fill(folder, chosen.referrals)
        for number in range(chosen.rounds):
            print(f"round {number + 1} of {chosen.rounds}", file=sys.stderr)
            measure_empty(table)
            measure(table, folder)
    key = table.median("empty: key")
    print(f"| {chosen.referrals:,} referrals | ratio | figure |\n|---|---|---|")
    for name in MEASURED:
        value = table.median(name)
        print(f"| {name} | {value / key:.1f} | {value * 1000:.1f} ms |")


if __name__ == "__main__":
    main()
