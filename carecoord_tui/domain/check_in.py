"""An active person with nothing else open has a check-in by risk tier; a held one a review date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

from carecoord_tui.domain import outreach
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.deadlines import compute
from carecoord_tui.domain.facts import PatientFacts
from carecoord_tui.domain.outreach import OutreachState, Step
from carecoord_tui.domain.rulepack import RulePack
from carecoord_tui.domain.vocabulary import Basis, Consequence, Kind, PatientStatus, Risk
from carecoord_tui.domain.work import WorkItem

RULE = "caseload.review"
FIRST_GROUP = "first_check_in"
ROUND_LEAD = timedelta(days=7)  # a try this long before the due day still belongs to it
UNDATED = date(2000, 1, 1)  # nobody set a date: due at once


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
    capacity within ``horizon_days`` working days fills those days evenly, none above another by more
    than one person unless ``taken`` already was.
    """
    days: list[date] = []
    for _ in range(max(1, horizon_days)):
        days.append(calendar.add_working_days(days[-1] if days else start, 1))
    load = [(taken or {}).get(day, 0) for day in days]
    places = _places(load, daily_capacity, len(risks))
    order = sorted(range(len(risks)), key=lambda i: -risks[i].rank)  # stable: as given within a tier
    result = [start] * len(risks)
    free = (day for day, count in zip(days, places, strict=True) for _ in range(count))
    for index, day in zip(order, free, strict=False):
        result[index] = day
    return result


def _places(load: Sequence[int], capacity: int, people: int) -> list[int]:
    """Places to give on each day: what the capacity leaves, or the even level that takes everybody."""

    def room(level: int) -> list[int]:
        return [max(0, level - held) for held in load]

    if sum(room(capacity)) >= people:
        return room(capacity)
    low, high = capacity, max(load) + people  # room(high) is enough
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if sum(room(middle)) >= people else (middle, high)
    places, left = room(low), people - sum(room(low))
    for day, held in enumerate(load):  # the rest: one more on the earliest days below the level
        if left and held <= low:
            places[day] += 1
            left -= 1
    return places


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """The check-in of a person with nothing else open, the look at a hold; nothing for anybody else."""
    if facts.status is PatientStatus.ON_HOLD:
        yield _hold(facts, context)
    elif facts.status is PatientStatus.ACTIVE:
        yield _check_in(facts, context)


def _hold(facts: PatientFacts, context: Context) -> WorkItem:
    until = facts.hold_until or facts.check_in_on or facts.added_on or UNDATED
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
        why=f"On hold until {format_day(until)}." if facts.hold_until else "On hold, without a date.",
        citation=context.cite("caseload.hold"),
    )


def _check_in(facts: PatientFacts, context: Context) -> WorkItem:
    due = facts.check_in_on or facts.added_on or UNDATED
    state = _state(facts, due, context)
    first = facts.is_first_check_in and not state.attempts
    if first:
        why = "Nothing else is open; new to the caseload, so a first check-in was planned."
    else:
        why = f"Nothing else is open; the check-in of a {facts.risk.label}-risk person is due."
    return WorkItem(
        kind=Kind.PATIENT,
        record_id=facts.id,
        rule_id=RULE,
        patient_id=facts.id,
        verb="contact",
        title={
            Step.ATTEMPT: "First check-in" if first else "Check-in",
            Step.LETTER: "Send letter: check-in",
            Step.SIGN_OFF: "Ask clinician: not reached, close?",
        }[state.step],
        target_on=state.next_on or due,
        target_at=state.next_at,
        basis=Basis.CHECK_IN,
        consequence=Consequence.CARE if facts.risk is Risk.HIGH else Consequence.PAPERWORK,
        why=f"{why} {state.words}".rstrip(),
        citation=context.cite(RULE),
        progress=state.progress,
        group_key=f"{FIRST_GROUP}:{due.isoformat()}" if first else "",
    )


def _state(facts: PatientFacts, due: date, context: Context) -> OutreachState:
    """The protocol of this round only.

    Speaking with the person about anything ends a round and sets the next due day weeks ahead; what was
    tried before must not make the new check-in due at once.
    """
    since = datetime.min.replace(tzinfo=UTC)
    if due - ROUND_LEAD > UNDATED:
        since = context.start_of(due - ROUND_LEAD)
    spoken = [c.at for c in facts.contacts if c.outcome.is_reached]
    return outreach.state_about(
        facts, context, Kind.PATIENT, facts.id, since=max((since, *spoken), default=since)
    )
