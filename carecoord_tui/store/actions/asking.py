"""Asked, and still pending: the call to a payer or program is logged, and the item comes back in time."""

from __future__ import annotations

from datetime import date

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import Outcome
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.items import place
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Contact, Coverage

STILL_PENDING = "Asked: still pending"


def log_asked(
    session: AuditedSession, practice: Practice, ref: ItemRef, *, payer_id: int | None = None
) -> None:
    """Put the question into the call log inside a change; the patient was not contacted by it."""
    session.add(
        Contact(
            patient_id=ref.patient_id,
            at=practice.clock.now(),
            outcome=Outcome.OFFICE_REACHED,
            about_kind=ref.kind,
            about_id=ref.record_id,
            about_rule=ref.rule_id,
            made_by=practice.user.name,
            by_clinical_staff=practice.user.is_clinical,
            payer_id=payer_id,
            note=STILL_PENDING,
        )
    )


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
    place(
        session,
        practice,
        ref,
        When(until, None),
        reason="asked: still pending",
        waiting_on=waiting_on if until == practice.today() else "",
    )


def payer_of(session: AuditedSession, coverage_id: int | None) -> int | None:
    """The number of the payer of a plan; None without a plan."""
    coverage = session.get(Coverage, coverage_id) if coverage_id is not None else None
    return coverage.payer_id if coverage is not None else None
