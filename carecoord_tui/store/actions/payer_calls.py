"""A call to a payer: one hold, many patients, each thing asked about with a contact of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import Kind, Outcome, WaitingOn
from carecoord_tui.domain.waiting import Waiting
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.call_log import (
    NAME_LIMIT,
    NOTE_LIMIT,
    REFERENCE_LIMIT,
    check_minutes,
    log_call,
    shared_out,
)
from carecoord_tui.store.actions.chase import MISSED, SPOKEN, usual_look
from carecoord_tui.store.actions.eligibility import usable_plans
from carecoord_tui.store.actions.items import place, place_promised
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Authorization, Coverage, Denial, Payer


def log_payer_call(
    practice: Practice,
    payer_id: int,
    refs: Sequence[ItemRef],
    outcome: Outcome = Outcome.OFFICE_REACHED,
    *,
    reference: str = "",
    minutes: int | None = None,
    spoke_with: str = "",
    note: str = "",
    until: When | None = None,
    is_answered: bool = False,
) -> tuple[date, ...]:
    """Log one call to a payer about these items and date the next step of each; all in one change.

    The payer owes the answer until the day it named and is asked again the working day after; without one it
    is asked in ``PROMISE_DAYS`` working days. Nobody
    reached: the next call is ``NOBODY_DAYS`` on. Without a named day no item is moved past its last day,
    nor past the working day before its visit. ``is_answered``: the payer answered at once, so nothing is
    moved and the answers are recorded next. ``minutes`` is the length of the whole call and is shared out
    over the items, so that their sum stays the call's length.

    Returns the days of the next steps, each once, the earliest first; empty when answered. Raises Refused
    for an item another payer answers for, a past day, or a day after an item's last day.
    """
    wanted = list(dict.fromkeys(refs))
    _refuse_impossible(wanted, outcome, minutes)
    if is_answered and (outcome is not Outcome.OFFICE_REACHED or until is not None):
        raise Refused("A payer that answered was reached, and names no later day: leave the day empty.")
    shares = shared_out(minutes, len(wanted))
    words: dict[str, Any] = {
        "reference": clean_text(reference, REFERENCE_LIMIT),
        "spoke_with": clean_text(spoke_with, NAME_LIMIT),
        "note": clean_text(note, NOTE_LIMIT),
    }
    days: set[date] = set()
    count = f", {len(wanted)} items" if len(wanted) > 1 else ""
    at = practice.clock.now()  # one for all: by it the log knows that they were one call
    with practice.change(f"payer called: {outcome.label}{count}") as session:
        payer = existing(session, Payer, payer_id)
        for ref, share in zip(wanted, shares, strict=True):
            if _payer_of(session, ref) != payer_id:
                raise Refused("A call is to one payer: an item of another is chosen. Nothing was logged.")
            log_call(session, practice, ref, outcome, at=at, minutes=share, payer_id=payer_id, **words)
            if is_answered:
                continue
            waiting = Waiting(payer.name, WaitingOn.PAYER, payer_id=payer_id)
            if until is not None and outcome in SPOKEN:
                days.add(place_promised(session, practice, ref, waiting, until))
                continue
            day = until or usual_look(session, practice, ref, outcome)
            place(session, practice, ref, day, waiting_on=waiting if outcome in SPOKEN else "")
            days.add(day.on)
    return tuple(sorted(days))


def _refuse_impossible(refs: Sequence[ItemRef], outcome: Outcome, minutes: int | None) -> None:
    if not refs:
        raise Refused("Nothing is chosen to ask the payer about.")
    if outcome not in (*SPOKEN, *MISSED):
        raise Refused(f"“{outcome.label}” is not how a call to a payer ends.")
    check_minutes(minutes)


def _payer_of(session: AuditedSession, ref: ItemRef) -> int | None:
    """The payer that answers for an item; None where none does."""
    if ref.kind is Kind.ELIGIBILITY:
        plans = usable_plans(session, ref.patient_id)
        return plans[0].payer_id if plans else None
    if ref.kind is Kind.AUTHORIZATION:
        coverage_id = existing(session, Authorization, ref.record_id).coverage_id
    elif ref.kind is Kind.DENIAL:
        coverage_id = existing(session, Denial, ref.record_id).coverage_id
    else:
        return None
    return None if coverage_id is None else existing(session, Coverage, coverage_id).payer_id
