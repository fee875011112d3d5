"""An active person with nothing else open has a check-in by risk tier; a held one a review date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from carecoord_tui.domain import outreach
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.deadlines import compute
from carecoord_tui.domain.facts import PatientFacts
from carecoord_tui.domain.rulepack import RulePack
from carecoord_tui.domain.vocabulary import Basis, Consequence, Kind, PatientStatus, Risk
from carecoord_tui.domain.work import WorkItem

RULE = "caseload.review"
FIRST_GROUP = "first_check_in"


def next_check_in(pack: RulePack, calendar: Calendar, risk: Risk, *, after: date) -> date:
    """The working day a person of this tier is due, counted from the last contact or review."""
    return compute(pack.get(RULE), after, calendar=calendar, risk=risk).target_on or after


def spread_first_check_ins(
    risks: Sequence[Risk],
    *,
    start: date,
    daily_capacity: int,
    calendar: Calendar,
    taken: dict[date, int] | None = None,
    horizon_days: int = 60,
) -> list[date]:
    """A first check-in day for each person, in the order given.

    Highest risk first, at most ``daily_capacity`` a working day after ``start``, beside what
    ``taken`` already holds, so that an import does not bury Monday. A caseload too large for the
    capacity within ``horizon_days`` working days gets the larger capacity it needs, evenly.
    """
    days = []
    day = start
    for _ in range(horizon_days):
        day = calendar.add_working_days(day, 1)
        days.append(day)
    load = {d: (taken or {}).get(d, 0) for d in days}
    capacity = max(daily_capacity, -(-(len(risks) + sum(load.values())) // len(days)))
    order = sorted(range(len(risks)), key=lambda i: (-risks[i].rank, i))
    result = [start] * len(risks)
    at = 0
    for index in order:
        while load[days[at]] >= capacity and at < len(days) - 1:
            at += 1
        result[index] = days[at]
        load[days[at]] += 1
    return result


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """The check-in of a person with nothing else open; nothing for discharged or deceased ones."""
    if facts.status is PatientStatus.ON_HOLD:
        yield _hold(facts, context)
    elif facts.status is PatientStatus.ACTIVE:
        yield _check_in(facts, context)


def _hold(facts: PatientFacts, context: Context) -> WorkItem:
    until = facts.hold_until or facts.check_in_on or facts.added_on or date.min
    return WorkItem(
        kind=Kind.PATIENT,
        record_id=facts.id,
        rule_id="caseload.hold",
        patient_id=facts.id,
        verb="edit",
        title="On hold: take up again?",
        target_on=until,
        basis=Basis.CHECK_IN,
        consequence=Consequence.PAPERWORK,
        why=f"On hold until {format_day(until)}.",
        citation=context.pack.get("caseload.hold").citation,
    )


def _check_in(facts: PatientFacts, context: Context) -> WorkItem:
    due = facts.check_in_on or facts.added_on or date.min
    state = outreach.state(
        facts.contacts_about(Kind.PATIENT, facts.id),
        deadline=None,
        pack=context.pack,
        zone=context.zone,
        calendar=context.calendar,
    )
    first = facts.is_first_check_in and not state.attempts
    return WorkItem(
        kind=Kind.PATIENT,
        record_id=facts.id,
        rule_id=RULE,
        patient_id=facts.id,
        verb="contact",
        title="First check-in" if first else "Check-in",
        target_on=state.next_on or due,
        target_at=state.next_at,
        basis=Basis.CHECK_IN,
        consequence=Consequence.CARE if facts.risk is Risk.HIGH else Consequence.PAPERWORK,
        why=(
            "Nothing else is open; new to the caseload, so a first check-in was planned."
            if first
            else f"Nothing else is open; the check-in of a {facts.risk.label}-risk person is due."
        ),
        citation=context.pack.get(RULE).citation,
        progress=state.progress,
        group_key=f"{FIRST_GROUP}:{due.isoformat()}" if first else "",
    )
