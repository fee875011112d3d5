"""A payer's no to a prior authorization as a denial of its own: the letter's date starts the appeal clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlmodel import col, select

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Authorization, AuthorizationItem, Denial

SERVICE_LIMIT, REASON_LIMIT, TRACE_LIMIT = 160, 160, 80


def open_denial(
    session: AuditedSession,
    record: Authorization,
    notice_on: date,
    *,
    services: Iterable[str] = (),
    reason: str = "",
    trace: str = "",
) -> Denial:
    """Open the denial of a request, or of these ``services`` of it, inside a change.

    ``notice_on`` is the date of the letter or file, a practice-local day; ``reason`` the payer's own words or
    codes; ``trace`` where in a file it was read.
    """
    denial = Denial(
        patient_id=record.patient_id,
        coverage_id=record.coverage_id,
        authorization_id=record.id,
        service=clean_text(", ".join(filter(None, services)), SERVICE_LIMIT) or record.service,
        notice_on=notice_on,
        is_expedited=record.is_expedited,
        is_drug=record.is_drug,
        reason=clean_text(reason, REASON_LIMIT),
        reason_kind=record.denial_reason,
        peer_to_peer_by=record.peer_to_peer_by,
        trace=clean_text(trace, TRACE_LIMIT),
    )
    session.add(denial)
    answer_for_items(session, denial)
    return denial


def answer_for_items(session: AuditedSession, denial: Denial) -> None:
    """The items its request has denied and no denial answers for yet are what this denial is about."""
    session.flush()
    statement = select(AuthorizationItem).where(
        col(AuthorizationItem.authorization_id) == denial.authorization_id,
        col(AuthorizationItem.status) == AuthorizationStatus.DENIED,
        col(AuthorizationItem.denial_id).is_(None),
    )
    for item in session.exec(statement):
        item.denial_id = denial.id
        session.add(item)
