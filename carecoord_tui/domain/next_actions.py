"""What one person's open records owe. Pure: facts, rule pack and calendar in, work items out.

A new kind of work is a table, a rule, a function ``owed(facts, record, context)`` in its own
module, and a line in :data:`OWED`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from carecoord_tui.domain import (
    appointment,
    authorization,
    billing,
    check_in,
    denial,
    eligibility,
    follow_up,
    good_faith_items,
    incoming,
    payer_requirements,
    referral,
    transition,
)
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.facts import MoveFacts, PatientFacts
from carecoord_tui.domain.vocabulary import AssistanceStatus, Basis, Kind, PatientStatus
from carecoord_tui.domain.work import WorkItem

__all__ = ["Context", "MissingAction", "next_actions", "without_action"]

Owed = Callable[[PatientFacts, Context], Iterator[WorkItem]]

OWED: tuple[Owed, ...] = (
    follow_up.owed,
    referral.owed,
    authorization.owed,
    denial.owed,
    eligibility.owed,
    payer_requirements.owed,
    appointment.owed,
    transition.owed,
    good_faith_items.owed,
    billing.owed,
    incoming.owed,
)

OUTREACH_KINDS = frozenset({Kind.TRANSITION, Kind.APPOINTMENT, Kind.ELIGIBILITY, Kind.REFERRAL})
"""Stops for a person who died: outreach and visits. Appeals and billing go on."""


@dataclass(frozen=True, slots=True)
class MissingAction:
    """An open record that owes nothing: a hole in the promise."""

    kind: Kind
    record_id: int
    patient_id: int


def next_actions(facts: PatientFacts, context: Context) -> list[WorkItem]:
    """Every act owed for this person, moved dates applied, unique by (kind, record, rule).

    An active person with nothing else open owes a check-in and a held one always the look at the hold,
    so that neither is ever without a date.
    """
    items = [item for owed in OWED for item in owed(facts, context)]
    if facts.status is PatientStatus.DECEASED:
        stopped = _stopped_by_death(facts)
        items = [i for i in items if i.kind not in OUTREACH_KINDS and (i.kind, i.record_id) not in stopped]
    if not items or facts.status is PatientStatus.ON_HOLD:
        items.extend(check_in.owed(facts, context))
    moves = {(m.kind, m.record_id, m.rule_id): m for m in facts.moves}
    return [_moved(item, moves) for item in items]


def _stopped_by_death(facts: PatientFacts) -> set[tuple[Kind, int]]:
    """Open records that only outreach or a visit settles; they come back if the death was an error."""
    stopped = {(kind, number) for kind, number in facts.open_records() if kind in OUTREACH_KINDS}
    stopped |= {(Kind.FOLLOW_UP, f.id) for f in facts.follow_ups if f.kind in follow_up.OUTREACH}
    stopped |= {(Kind.AUTHORIZATION, a.id) for a in facts.authorizations if a.is_running}
    stopped |= {(Kind.ASSISTANCE, a.id) for a in facts.assistance if a.status is AssistanceStatus.APPROVED}
    return stopped


def _moved(item: WorkItem, moves: dict[tuple[Kind, int, str], MoveFacts]) -> WorkItem:
    """The item on the date somebody gave it.

    A deadline learned after the move still holds; once it has passed, any later date is allowed.
    """
    move = moves.get((item.kind, item.record_id, item.rule_id))
    if move is None:
        return item
    until_on, until_at = move.until_on, move.until_at
    was_ahead = item.legal_on is not None and move.moved_on is not None and move.moved_on <= item.legal_on
    if item.basis is Basis.LEGAL and item.legal_on is not None and was_ahead and until_on > item.legal_on:
        until_on, until_at = item.legal_on, None
    is_promise = until_at is not None and item.basis in (Basis.OWN, Basis.CHECK_IN)
    return replace(
        item,
        target_on=until_on,
        target_at=until_at,
        moved_from=move.original_on,
        waiting_on=move.waiting_on or (move.event.label if move.event else ""),
        basis=Basis.PROMISE if is_promise else item.basis,
        group_key="",  # it has its own date now
    )


def without_action(facts: PatientFacts, items: list[WorkItem]) -> list[MissingAction]:
    """Open records of this person that no item names; empty when the promise holds.

    A deceased person's visits and outreach are stopped on purpose and do not count; an active or
    held person with no item at all does.
    """
    named = {(item.kind, item.record_id) for item in items}
    if facts.status is PatientStatus.DECEASED:
        named |= _stopped_by_death(facts)
    missing = [
        MissingAction(kind, record_id, facts.id)
        for kind, record_id in facts.open_records()
        if (kind, record_id) not in named
    ]
    if not items and facts.status in (PatientStatus.ACTIVE, PatientStatus.ON_HOLD):
        missing.append(MissingAction(Kind.PATIENT, facts.id, facts.id))
    return missing
