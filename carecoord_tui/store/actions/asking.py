"""Asked, and still pending: the call to a payer or program is logged, and the item comes back in time."""

from __future__ import annotations

from datetime import date

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import Outcome, WaitingOn
from carecoord_tui.domain.waiting import Waiting
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.call_log import log_call
from carecoord_tui.store.actions.items import place
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Coverage

STILL_PENDING = "Asked: still pending"


def log_asked(
    session: AuditedSession, practice: Practice, ref: ItemRef, *, payer_id: int | None = None
) -> None:
    """Put the question into the call log inside a change; the patient was not contacted by it."""
    log_call(session, practice, ref, Outcome.OFFICE_REACHED, payer_id=payer_id, note=STILL_PENDING)


def ask_again(
    session: AuditedSession,
    practice: Practice,
    ref: ItemRef,
    until: date,
    *,
    payer_id: int | None = None,
    waiting_on: str = "",
) -> None:
    """Log the question and bring the item back on ``until``; inside a change. Raises Refused as ``place``.

    On the last day of the other side's clock there is no later day: ``waiting_on`` says who has the rest
    of today.
    """
    log_asked(session, practice, ref, payer_id=payer_id)
    kind = WaitingOn.OTHER if payer_id is None else WaitingOn.PAYER
    place(
        session,
        practice,
        ref,
        When(until, None),
        reason="asked: still pending",
        waiting_on=Waiting(waiting_on, kind, payer_id=payer_id) if until == practice.today() else "",
    )


def payer_of(session: AuditedSession, coverage_id: int | None) -> int | None:
    """The number of the payer of a plan; None without a plan."""
    coverage = session.get(Coverage, coverage_id) if coverage_id is not None else None
    return coverage.payer_id if coverage is not None else None
