"""A full practice for measurements: 10,000 people and 50,000 open items of every kind.

Built of a demo practice and rows of a fixed seed, in one change, so the ledger is written as the program
writes it. Half of what is the coordinator's own is past due: the worst Monday there can be.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

from insurance import random_authorization, random_denial, random_visit
from referrals import random_rows as random_referrals
from run import NOW
from work_screen import TODAY, filling

from carecoord_tui.clock import parse_now
from carecoord_tui.demo.build import build_demo
from carecoord_tui.domain.follow_up import RULE as FOLLOW_UP_RULE
from carecoord_tui.domain.vocabulary import FollowUpKind, Kind, Priority, WaitingOn
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import bulk, keyfile
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.settings import read_settings
from carecoord_tui.store.tables import Appointment, Authorization, Denial, FollowUp, MovedDate, Referral

FAST = keyfile.Kdf(memory_kib=8 * 1024, iterations=1, lanes=1)
"""Key derivation is measured elsewhere; here it would only hide the rest."""
WAITED_FOR = (WaitingOn.PATIENT, WaitingOn.PAYER, WaitingOn.OFFICE, WaitingOn.CLINICIAN)
TITLES = ("Call: lab result", "Fax: records", "Chase the report", "Ask about transport", "Gather papers")


def make_full_practice(folder: Path, people: int, items: int) -> Path:
    """A practice of that many people and open items, encrypted, with the passphrase of the demo."""
    build_demo(PracticePaths(folder), patients=people, now=parse_now(NOW, read_settings({}).zone), kdf=FAST)
    with filling(folder, "caseload") as (practice, session):
        _fill(practice, session, items)
    return folder


def open_items(practice: Practice) -> int:
    """How many items the ledger holds."""
    return int(practice.execute("SELECT count(*) FROM ledger")[0][0])


def _fill(practice: Practice, session: AuditedSession, items: int) -> None:
    """Shares of the items that are missing; follow-ups are more than half."""
    random = Random(1)
    kept = practice.execute("SELECT count(*) FROM ledger WHERE basis <> 'check_in'")[0][0]
    missing = items - int(kept)  # who has anything else needs no check-in
    people = [number for (number,) in practice.execute("SELECT id FROM patient WHERE status = 'active'")]
    plans = practice.execute("SELECT patient_id, id FROM coverage WHERE status <> 'cancelled'")

    def share(percent: int) -> range:
        return range(missing * percent // 100)

    bulk.insert(session, Referral, random_referrals(practice, len(share(16))))
    bulk.insert(session, Authorization, [random_authorization(random, plans) for _ in share(10)])
    bulk.insert(session, Denial, [random_denial(random, plans) for _ in share(1)])
    bulk.insert(session, Appointment, [random_visit(random, practice, plans) for _ in share(5)])
    overdue = [_follow_up(random, people, -random.randint(0, 60)) for _ in share(50)]
    ahead = [_follow_up(random, people, random.randint(1, 90)) for _ in share(12)]
    numbers = bulk.insert(session, FollowUp, [*overdue, *ahead])
    waited = random.sample(list(zip(numbers, [*overdue, *ahead], strict=True)), len(share(6)))
    payers = [number for (number,) in practice.execute("SELECT id FROM payer")]
    offices = [number for (number,) in practice.execute("SELECT id FROM provider")]
    waits = [_wait(random, payers, offices, number, row) for number, row in waited]
    bulk.insert(session, MovedDate, waits)


def _follow_up(random: Random, people: list[int], days: int) -> dict[str, Any]:
    return {
        "patient_id": random.choice(people),
        "title": random.choice(TITLES),
        "kind": random.choice(list(FollowUpKind)),
        "priority": random.choices(list(Priority), [1, 8, 1])[0],
        "due_on": TODAY + timedelta(days=days),
    }


def _wait(
    random: Random, payers: list[int], offices: list[int], number: int, row: dict[str, Any]
) -> dict[str, Any]:
    """Half of the promises are broken."""
    until: date = TODAY + timedelta(days=random.randint(-10, 10))
    kind = random.choice(WAITED_FOR)
    return {
        "patient_id": row["patient_id"],
        "kind": Kind.FOLLOW_UP,
        "record_id": number,
        "rule_id": FOLLOW_UP_RULE,
        "until_on": until,
        "promised_on": until,
        "waiting_on": {WaitingOn.PATIENT: "the patient"}.get(kind, f"{kind} desk {random.randint(1, 40)}"),
        "waiting_kind": kind,
        "waiting_since": TODAY - timedelta(days=20),
        "payer_id": random.choice(payers) if kind is WaitingOn.PAYER else None,
        "provider_id": random.choice(offices) if kind is WaitingOn.OFFICE else None,
        "original_on": row["due_on"],
        "moved_at": datetime.combine(TODAY - timedelta(days=20), time(15), UTC),
    }
