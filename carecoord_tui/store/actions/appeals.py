"""Appeals of a denial: filed at a level, confirmed as received, decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlmodel import col, select

from carecoord_tui.domain.appeals import FilingMethod, late_warning, level_rule, mail_warning
from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.denial import appeal_deadline
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    AuthorizationStatus,
    DenialStatus,
    Kind,
    TrackKind,
)
from carecoord_tui.store.actions.authorization_moves import advance, decide_items, items_of
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.denial_tracks import NOTE_LIMIT, end_tracks, open_track_in
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.denials import read_denial
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Appeal, Authorization, Denial, MovedDate

REFERENCE_LIMIT = 80


class NeedsConfirmation(Refused):
    """It can be done, and is probably not meant; asked again with ``is_confirmed``, it is done.

    ``act`` is the act of ``domain.settle`` that does it all the same, where an act was refused.
    """

    def __init__(self, message: str, *, act: str = "") -> None:
        super().__init__(message)
        self.act = act


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """An appeal that went out. ``on`` defaults to today; ``how`` None: nobody said."""

    how: FilingMethod | None = None
    on: date | None = None
    reference: str = ""
    is_expedited: bool | None = None  # None: as the denial
    note: str = ""
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is known of the appeal that waits: since when the payer has it, and its outcome once decided."""

    outcome: AppealOutcome | None = None
    on: date | None = None
    received_on: date | None = None
    reference: str = ""
    letter_deadline_on: date | None = None


# --- verbs ------------------------------------------------------------------------------------


def file_appeal(practice: Practice, denial_id: int, filing: Filing) -> int:
    """File the level that is open now; returns the appeal's number. Raises as :func:`file_in`."""
    with practice.change("appeal filed") as session:
        appeal = file_in(session, practice, denial_id, filing)
        assert appeal.id is not None  # noqa: S101 - flushed by file_in
        return appeal.id


# --- inside a change -----------------------------------------------------------------------------


def file_in(session: AuditedSession, practice: Practice, denial_id: int, filing: Filing) -> Appeal:
    """File an appeal inside a change; returns it.

    Raises Refused when the denial cannot be appealed now, and NeedsConfirmation for mail that may arrive
    too late where only arrival counts, and for a day after the last one.
    """
    record = existing(session, Denial, denial_id)
    if record.status not in (DenialStatus.OPEN, DenialStatus.UPHELD):
        raise Refused(_cannot_file(record.status))
    on, today = filing.on or practice.today(), practice.today()
    if on > today:
        raise Refused("That day is ahead: record the appeal when it was filed.")
    since = record.decided_on if record.status is DenialStatus.UPHELD else record.notice_on
    if since is not None and on < since:
        raise Refused(f"The decision appealed is of {format_day(since)}: it cannot be filed before.")
    session.flush()
    detail = read_denial(partial(_execute, session), denial_id)
    assert detail is not None  # noqa: S101 - found above, in the same transaction
    facts = detail.facts
    window = appeal_deadline(facts, practice.context)
    warning = late_warning(window, on)
    if filing.how is not None:
        warning = warning or mail_warning(window, filing.how, on, practice.context.calendar)
    if warning and not filing.is_confirmed:
        raise NeedsConfirmation(warning)
    rule_id = level_rule(facts, practice.context)
    appeal = Appeal(
        patient_id=record.patient_id,
        denial_id=denial_id,
        rule_id=rule_id,
        filed_on=on,
        filed_how="" if filing.how is None else filing.how.value,
        is_expedited=record.is_expedited if filing.is_expedited is None else filing.is_expedited,
        reference=clean_text(filing.reference, REFERENCE_LIMIT),
        note=clean_text(filing.note, NOTE_LIMIT),
    )
    session.add(appeal)
    record.status, record.filed_on = DenialStatus.APPEALED, on
    record.level = rule_id or record.level
    record.triaged_on = record.triaged_on or on
    session.add(record)
    forget_moves(session, denial_id)
    open_track_in(session, practice, denial_id, TrackKind.APPEAL)
    session.flush()
    return appeal


def confirm_in(
    practice: Practice, session: AuditedSession, record: Appeal, on: date, reference: str = ""
) -> None:
    """The payer has it since ``on``, inside a change. Raises Refused."""
    if on > practice.today():
        raise Refused("That day is ahead: record it when the payer has confirmed it.")
    if on < record.filed_on:
        raise Refused(f"It was filed on {format_day(record.filed_on)}: it cannot arrive before.")
    record.received_on = on
    record.reference = clean_text(reference, REFERENCE_LIMIT) or record.reference
    session.add(record)


def answer_in(session: AuditedSession, practice: Practice, denial_id: int, answer: Decision) -> None:
    """Record what the payer said of the appeal that waits, inside a change. Raises Refused."""
    appeal = waiting_appeal(session, denial_id)
    if appeal is not None and answer.received_on is not None:
        confirm_in(practice, session, appeal, answer.received_on, answer.reference)
    elif appeal is not None and answer.reference:
        appeal.reference = clean_text(answer.reference, REFERENCE_LIMIT)
        session.add(appeal)
    if answer.outcome is not None:
        decide_in(
            session,
            practice,
            denial_id,
            answer.outcome,
            on=answer.on,
            letter_deadline_on=answer.letter_deadline_on,
        )


def decide_in(
    session: AuditedSession,
    practice: Practice,
    denial_id: int,
    outcome: AppealOutcome,
    *,
    on: date | None = None,
    letter_deadline_on: date | None = None,
    note: str = "",
) -> Denial:
    """Record what the payer decided about the appeal that waits, inside a change; returns the denial.

    Overturned ends the denial, and what it denied is approved. Upheld or overturned in part leaves it open
    at the next level, counted from this decision. Dismissed decides nothing: the same level is open again,
    counted as before. ``letter_deadline_on`` is the last day printed on the new letter. Raises Refused.
    """
    record = existing(session, Denial, denial_id)
    if record.status is not DenialStatus.APPEALED:
        raise Refused(f"No appeal waits for a decision: this denial is {record.status.label}.")
    day = on or practice.today()
    if day > practice.today():
        raise Refused("That day is ahead: record the decision when it was made.")
    if record.filed_on is not None and day < record.filed_on:
        raise Refused(f"It was filed on {format_day(record.filed_on)}: it cannot be decided before.")
    if letter_deadline_on is not None and letter_deadline_on <= day:
        raise Refused("The last day printed on the letter must be after the decision.")
    appeal = waiting_appeal(session, denial_id)
    if appeal is not None:
        appeal.decided_on, appeal.outcome = day, outcome
        appeal.note = clean_text(note, NOTE_LIMIT) or appeal.note
        session.add(appeal)
    if outcome is not AppealOutcome.DISMISSED or letter_deadline_on is not None:
        record.letter_deadline_on = letter_deadline_on  # one printed before was that of the level decided now
    if outcome is AppealOutcome.DISMISSED:
        _open_again(session, record)
    else:
        record.decided_on = day
    if outcome is AppealOutcome.OVERTURNED:
        record.status = DenialStatus.OVERTURNED
        end_tracks(session, practice, denial_id, won=TrackKind.APPEAL)
    elif outcome is not AppealOutcome.DISMISSED:
        record.status = DenialStatus.UPHELD
    session.add(record)
    forget_moves(session, denial_id)
    if outcome in (AppealOutcome.OVERTURNED, AppealOutcome.PARTLY):
        grant(session, practice, record, outcome, day)
    return record


def waiting_appeal(session: AuditedSession, denial_id: int) -> Appeal | None:
    """The appeal the payer has not decided; None for a denial appealed before appeals were kept."""
    statement = select(Appeal).where(col(Appeal.denial_id) == denial_id, col(Appeal.outcome).is_(None))
    return session.exec(statement.order_by(col(Appeal.id).desc())).first()


# --- parts ------------------------------------------------------------------------------------


def _open_again(session: AuditedSession, record: Denial) -> None:
    """A dismissed appeal decided nothing: its level is open again, counted from the decision before it."""
    statement = select(Appeal).where(
        col(Appeal.denial_id) == record.id,
        col(Appeal.outcome).in_((AppealOutcome.UPHELD, AppealOutcome.PARTLY)),
    )
    lost = session.exec(statement.order_by(col(Appeal.id).desc())).first()
    record.triaged_on = None
    if lost is None:
        record.status, record.filed_on, record.decided_on = DenialStatus.OPEN, None, None
    else:
        record.status, record.level = DenialStatus.UPHELD, lost.rule_id
        record.filed_on, record.decided_on = lost.filed_on, lost.decided_on


def _execute(session: AuditedSession, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
    """A read inside the change, for ``store.queries``."""
    return [tuple(row) for row in session.connection().exec_driver_sql(sql, tuple(parameters))]


def _cannot_file(status: DenialStatus) -> str:
    if status is DenialStatus.APPEALED:
        return "An appeal was filed already: record its decision before the next level."
    return f"This denial has ended ({status.label}): there is nothing to appeal."


def grant(
    session: AuditedSession,
    practice: Practice,
    record: Denial,
    outcome: AppealOutcome,
    on: date,
    *,
    note: str = "After the appeal",
) -> None:
    """The denied authorization is granted after all; its validity is owed from the new letter."""
    request = session.get(Authorization, record.authorization_id) if record.authorization_id else None
    if request is None or request.id is None:
        return
    is_whole = outcome is AppealOutcome.OVERTURNED
    granted = _denied_items(session, record, request.id) if is_whole else []
    if granted and (request.status.is_open or request.status is AuthorizationStatus.DENIED):
        decided = dict.fromkeys(granted, AuthorizationStatus.APPROVED)
        step = Step(to=AuthorizationStatus.APPROVED, on=on)
        decide_items(session, practice, request.id, decided, step, note=note)
    elif request.status is AuthorizationStatus.DENIED:
        to = AuthorizationStatus.APPROVED if is_whole else AuthorizationStatus.PARTIAL
        advance(session, practice, request.id, Step(to=to, on=on), note=note)


def _denied_items(session: AuditedSession, record: Denial, authorization_id: int) -> list[int]:
    """The numbers of the denied items this denial answers for; all, where it was linked to none."""
    denied = [one for one in items_of(session, authorization_id) if one.status is AuthorizationStatus.DENIED]
    own = [one.id for one in denied if one.denial_id == record.id]
    open_ones = [one.id for one in denied if one.denial_id is None]
    return [number for number in own or open_ones if number is not None]


def forget_moves(session: AuditedSession, denial_id: int) -> None:
    """A date somebody chose belongs to the level it was chosen in."""
    statement = select(MovedDate).where(
        col(MovedDate.kind) == Kind.DENIAL, col(MovedDate.record_id) == denial_id
    )
    for moved in session.exec(statement):
        session.delete(moved)
