"""What an open follow-up owes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from carecoord_tui.domain import outreach
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.facts import FollowUpFacts, PatientFacts
from carecoord_tui.domain.outreach import Step
from carecoord_tui.domain.vocabulary import Basis, Consequence, FollowUpKind, Kind, Priority
from carecoord_tui.domain.work import WorkItem

RULE = "followup.due"
OUTREACH = frozenset({FollowUpKind.CALL, FollowUpKind.VISIT, FollowUpKind.EDUCATION})
"""Kinds that speak with the person: they stop when the person died."""
OFFICE = frozenset({FollowUpKind.CHASE, FollowUpKind.PAPERWORK})
"""Kinds whose calls go to offices: no letter and no closing as unreachable after three tries."""

_CONSEQUENCE = {
    FollowUpKind.CALL: Consequence.CARE,
    FollowUpKind.VISIT: Consequence.CARE,
    FollowUpKind.CHASE: Consequence.CARE,
    FollowUpKind.EDUCATION: Consequence.CARE,
    FollowUpKind.ASSISTANCE: Consequence.MONEY,
    FollowUpKind.PAPERWORK: Consequence.PAPERWORK,
    FollowUpKind.OTHER: Consequence.PAPERWORK,
}
_BY_RANK = sorted(Consequence, key=lambda c: c.rank)
_PRIORITY_STEP = {Priority.HIGH: -1, Priority.NORMAL: 0, Priority.LOW: 1}


def consequence_of(kind: FollowUpKind, priority: Priority) -> Consequence:
    """What is lost when it slips: by kind, one step up for high priority, one down for low."""
    rank = _CONSEQUENCE[kind].rank + _PRIORITY_STEP[priority]
    return _BY_RANK[max(0, min(rank, len(_BY_RANK) - 1))]


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """One item a follow-up: the act itself, the next attempt, the letter, or the sign-off."""
    for record in facts.follow_ups:
        yield _item(facts, record, context)


def _item(facts: PatientFacts, record: FollowUpFacts, context: Context) -> WorkItem:
    state = outreach.state_about(
        facts,
        context,
        Kind.FOLLOW_UP,
        record.id,
        deadline=record.legal_on,
        keep_trying=record.kind in OFFICE,
    )
    title, rule_id = record.title, RULE
    verb = "contact" if record.kind is FollowUpKind.CALL else "done"
    why = state.words or f"You set this for {format_day(record.due_on)}."
    if state.step is Step.LETTER:
        title, verb, rule_id = f"Send letter: {record.title}", "contact", "outreach.letter"
    elif state.step is Step.SIGN_OFF:
        title, verb, rule_id = f"Ask clinician to close: {record.title}", "done", "outreach.close"
    elif state.attempts:
        rule_id = "outreach.next_attempt"
    target_on, target_at = _when(record, state, context)
    basis = Basis.OWN
    if record.legal_on is not None:
        basis = Basis.LEGAL
        why += f" The last day is {format_day(record.legal_on)}."
    elif target_at is not None and not state.attempts:
        basis = Basis.PROMISE
    return WorkItem(
        kind=Kind.FOLLOW_UP,
        record_id=record.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb=verb,
        title=title,
        target_on=target_on,
        target_at=target_at,
        legal_on=record.legal_on,
        basis=basis,
        consequence=consequence_of(record.kind, record.priority),
        why=why,
        citation=context.cite(rule_id),
        progress=state.progress,
        after_legal=f"Too late: record and escalate {record.title}" if record.legal_on else "",
    )


def _when(
    record: FollowUpFacts, state: outreach.OutreachState, context: Context
) -> tuple[date, datetime | None]:
    """The next attempt's time, else the one that was set, never past a legal date that was set."""
    if state.next_on is not None:
        return state.next_on, state.next_at
    if record.legal_on is not None and record.due_on > record.legal_on:
        return context.last_chance(record.legal_on), None
    return record.due_on, record.due_at
