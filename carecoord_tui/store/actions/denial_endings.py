"""Closing a denial with its outcome, inside a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import col, select

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.denial_ending import APPEAL_OUTCOMES, Ending, ending_note, ending_problem
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import AppealOutcome, DenialStatus, TrackKind
from carecoord_tui.store.actions.appeals import decide_in, forget_moves, grant
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.denial_tracks import NOTE_LIMIT, end_tracks
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Appeal, Denial

REASON_LIMIT = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """How a denial ended. ``on`` defaults to today; a reason is needed where nobody appealed."""

    ending: Ending
    on: date | None = None
    reason: str = ""


def close_in(session: AuditedSession, practice: Practice, denial_id: int, close: Close) -> Denial:
    """End a denial inside a change; returns it.

    An appeal that waits is decided with it (withdrawn: dismissed), open roads are dropped, and a denied
    authorization is granted when the payer gave in. The note keeps outcome and reason. Raises Refused for
    an ending that cannot be, a reason that is missing, or a day out of order.
    """
    record = existing(session, Denial, denial_id)
    reason = clean_text(close.reason, REASON_LIMIT)
    problem = ending_problem(
        close.ending, record.status, was_appealed=_was_appealed(session, record), reason=reason
    )
    if problem:
        raise Refused(problem)
    on = _checked_day(practice, record, close.on)
    outcome = APPEAL_OUTCOMES.get(close.ending)
    if record.status is DenialStatus.APPEALED and outcome is not None:
        decide_in(session, practice, denial_id, outcome, on=on)
    _end(session, practice, record, close.ending, on)
    note = ending_note(close.ending, reason)
    record.note = clean_text(f"{record.note} {note}".strip(), NOTE_LIMIT)
    session.add(record)
    return record


def _end(session: AuditedSession, practice: Practice, record: Denial, ending: Ending, on: date) -> None:
    """Its last status, what becomes of the authorization, and the roads that were open."""
    assert record.id is not None  # noqa: S101 - it came from the database
    is_won = ending is Ending.OVERTURNED
    if record.status is not DenialStatus.OVERTURNED:  # unless the decision above ended it
        record.status = DenialStatus.OVERTURNED if is_won else DenialStatus.CLOSED
        record.decided_on = on
        if ending in (Ending.OVERTURNED, Ending.PARTLY):
            grant(session, practice, record, APPEAL_OUTCOMES[ending], on)
    end_tracks(session, practice, record.id, won=TrackKind.APPEAL if is_won else None)
    forget_moves(session, record.id)


def _checked_day(practice: Practice, record: Denial, on: date | None) -> date:
    day, today = on or practice.today(), practice.today()
    if day > today:
        raise Refused("That day is ahead: close the denial when it has ended.")
    since = max(filter(None, (record.notice_on, record.filed_on)))
    if day < since:
        raise Refused(f"It cannot end before {format_day(since, today)}: check the day.")
    return day


def _was_appealed(session: AuditedSession, record: Denial) -> bool:
    """True when a level waits or was decided; a dismissed one decided nothing."""
    if record.status in (DenialStatus.APPEALED, DenialStatus.UPHELD):
        return True
    statement = select(Appeal.outcome).where(col(Appeal.denial_id) == record.id)
    return any(one is not AppealOutcome.DISMISSED for one in session.exec(statement))
