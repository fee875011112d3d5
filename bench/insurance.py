"""The insurance screen with many records, beside the empty Textual app: ``python bench/insurance.py``.

Options: ``--authorizations N`` (default 5000), ``--visits N`` (default 2000), ``--rounds N`` (default 5). The
practice is a demo with random authorizations, visits to check and a tenth as many denials added, in a
temporary folder. The table goes to bench/README.md by hand.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from terminal import Terminal
from work_screen import TODAY, Measured, filling, run

from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.store import bulk
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Appointment, Authorization, Denial

A = AuthorizationStatus
PEOPLE = 2_500
SHARES = {A.NEEDED: 10, A.SUBMITTED: 30, A.PENDED: 5, A.APPROVED: 50, A.PARTIAL: 5}  # of a hundred
SERVICES = ("MRI knee", "CT chest", "Physical therapy", "Infusion", "Home oxygen", "Sleep study")


def fill(folder: Path, authorizations: int, visits: int) -> None:
    """Add authorizations of every open status, visits of the next four weeks, and denials."""
    random = Random(1)
    with filling(folder, "insurance") as (practice, session):
        plans = practice.execute("SELECT patient_id, id FROM coverage WHERE status <> 'cancelled'")
        bulk.insert(
            session, Authorization, [random_authorization(random, plans) for _ in range(authorizations)]
        )
        bulk.insert(session, Appointment, [random_visit(random, practice, plans) for _ in range(visits)])
        bulk.insert(session, Denial, [random_denial(random, plans) for _ in range(authorizations // 10)])


def _whose(random: Random, plans: list[tuple[Any, ...]]) -> dict[str, Any]:
    patient_id, coverage_id = random.choice(plans)
    return {"patient_id": patient_id, "coverage_id": coverage_id}


def random_authorization(random: Random, plans: list[tuple[Any, ...]]) -> dict[str, Any]:
    """One of the open statuses, a few days old."""
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


def random_visit(random: Random, practice: Practice, plans: list[tuple[Any, ...]]) -> dict[str, Any]:
    """In office hours of the next twenty working days."""
    day = practice.context.calendar.add_working_days(TODAY, random.randint(1, 20))
    return {
        "patient_id": random.choice(plans)[0],
        "starts_at": datetime.combine(day, time(random.randint(13, 21), random.choice([0, 20, 40])), UTC),
        "booked_on": TODAY - timedelta(days=20),
    }


def random_denial(random: Random, plans: list[tuple[Any, ...]]) -> dict[str, Any]:
    """With a notice of the last seven weeks."""
    return {
        **_whose(random, plans),
        "service": random.choice(SERVICES),
        "notice_on": TODAY - timedelta(days=random.randint(0, 50)),
    }


def _settle(terminal: Terminal) -> float:
    """Visits are checked: the second key records it."""
    terminal.key(b"x")
    return terminal.key(b"x")[0]


SCREEN = Measured("4", "lane (A, D)", (b"A", b"D", b"A", b"D"), b"knee", "settle (x x)", _settle)


def main() -> None:
    """Measure in interleaved rounds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--authorizations", type=int, default=5_000)
    parser.add_argument("--visits", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    size = f"{chosen.authorizations:,} authorizations, {chosen.visits:,} visits"
    run(
        SCREEN, size, PEOPLE, lambda folder: fill(folder, chosen.authorizations, chosen.visits), chosen.rounds
    )


if __name__ == "__main__":
    main()
