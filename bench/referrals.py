"""The referrals screen with many referrals, beside the empty Textual app: ``python bench/referrals.py``.

Options: ``--referrals N`` (default 20000), ``--rounds N`` (default 5). The practice is a demo of half as
many people with random referrals added, a fifth of them ended, in a temporary folder. The table goes to
bench/README.md by hand.
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from run import DOWN
from terminal import Terminal
from work_screen import TODAY, Measured, filling, run

from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency
from carecoord_tui.store import bulk
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Referral

S = ReferralStage
SHARES = {  # of a hundred referrals
    S.DRAFT: 4, S.SENT: 16, S.ACKNOWLEDGED: 8, S.ACCEPTED: 12, S.SCHEDULED: 20, S.SEEN: 10,
    S.REPORT_RECEIVED: 3, S.REVIEWED: 3, S.REJECTED: 1, S.NO_SHOW: 1, S.ON_HOLD: 2, S.CLOSED: 20,
}  # fmt: skip


def fill(folder: Path, referrals: int) -> None:
    """Add referrals of every stage, a few days to three weeks old."""
    with filling(folder, "referrals") as (practice, session):
        bulk.insert(session, Referral, random_rows(practice, referrals))


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


def _advance(terminal: Terminal) -> float:
    """Drafts are sent: a day is all that needs."""
    terminal.key(DOWN)
    return terminal.key(b">")[0]


SCREEN = Measured("3", "view (Q, U)", (b"Q", b"Q", b"U", b"U"), b"card", "advance (>)", _advance)


def main() -> None:
    """Measure in interleaved rounds and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--referrals", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    people = max(250, chosen.referrals // 2)
    what = f"{chosen.referrals:,} referrals"
    run(SCREEN, what, people, lambda folder: fill(folder, chosen.referrals), chosen.rounds)


if __name__ == "__main__":
    main()
