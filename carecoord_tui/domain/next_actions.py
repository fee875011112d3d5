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
    check_in,
    denial,
    eligibility,
    follow_up,
    referral,
    transition,
)
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.facts import MoveFacts, PatientFacts
from carecoord_tui.domain.vocabulary import Basis, Kind, PatientStatus
from carecoord_tui.domain.work import WorkItem

__all__ = ["Context", "MissingAction", "next_actions", "without_action"]

Owed = Callable[[PatientFacts, Context], Iterator[WorkItem]]

OWED: tuple[Owed, ...] = (
    follow_up.owed,
    referral.owed,
    authorization.owed,
    denial.owed,
    eligibility.owed,
    appointment.owed,
    transition.owed,
)

OUTREACH_KINDS = frozenset({Kind.TRANSITION, Kind.APPOINTMENT, Kind.ELIGIBILITY})
"""Stops for a person who died: outreach and visits. Appeals and billing go on."""


@dataclass(frozen=True, slots=True)
class MissingAction:
    """An open record that owes nothing: a hole in the promise."""

    kind: Kind
    record_id: int
    patient_id: int


def next_actions(facts: PatientFacts, context: Context) -> list[WorkItem]:
    """Every act owed for this person, moved dates applied, unique by (kind, record, rule).

    A person with nothing else open owes a check-in, so an active patient is never without a date.
    """
    items = [item for owed in OWED for item in owed(facts, context)]
    if facts.status is PatientStatus.DECEASED:
        items = [item for item in items if item.kind not in OUTREACH_KINDS]
    if not items:
        items = list(check_in.owed(facts, context))
    moves = {(m.kind, m.record_id, m.rule_id): m for m in facts.moves}
    return [_moved(_marked(item, context), moves) for item in items]


def _marked(item: WorkItem, context: Context) -> WorkItem:
    """A rule that was not checked against its primary text says so wherever it is cited."""
    if item.citation and not context.pack.get(item.rule_id).confirmed:
        return replace(item, citation=f"{item.citation}, unconfirmed")
    return item


def _moved(item: WorkItem, moves: dict[tuple[Kind, int, str], MoveFacts]) -> WorkItem:
    move = moves.get((item.kind, item.record_id, item.rule_id))
    if move is None:
        return item
    waiting = move.waiting_on or (move.event.label if move.event else "")
    return replace(
        item,
        target_on=move.until_on,
        target_at=move.until_at,
        moved_from=move.original_on,
        waiting_on=waiting,
        basis=Basis.PROMISE if move.until_at and item.basis is Basis.OWN else item.basis,
    )


def without_action(facts: PatientFacts, items: list[WorkItem]) -> list[MissingAction]:
    """Open records of this person that no item names; empty when the promise holds.

    A deceased person's visits and outreach are stopped on purpose and do not count; an active or
    held person with no item at all does.
    """
    named = {(item.kind, item.record_id) for item in items}
    missing = [
        MissingAction(kind, record_id, facts.id)
        for kind, record_id in facts.open_records()
        if (kind, record_id) not in named
        and not (facts.status is PatientStatus.DECEASED and kind in OUTREACH_KINDS)
    ]
    if not items and facts.status in (PatientStatus.ACTIVE, PatientStatus.ON_HOLD):
        missing.append(MissingAction(Kind.PATIENT, facts.id, facts.id))
    return missing
