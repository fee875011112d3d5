"""A payer's no: entered with its dates, walked on up to three roads, appealed level by level, ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from carecoord_tui.domain.denial_days import DenialDays, day_problems
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.money import MoneyError, check_amount
from carecoord_tui.domain.vocabulary import DenialReason, TrackKind, TrackStatus
from carecoord_tui.store.actions.appeals import Decision, Filing, answer_in, file_in
from carecoord_tui.store.actions.base import Refused, as_shown, existing
from carecoord_tui.store.actions.denial_endings import Close, close_in
from carecoord_tui.store.actions.denial_tracks import (
    decide_to_appeal_in,
    leave_appeal_in,
    put_track_in,
    track_of,
)
from carecoord_tui.store.actions.request_denials import answer_for_items
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Authorization, Coverage, Denial, Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """One road as a form has it. ``note`` says which drug or program; None leaves what is on file."""

    status: TrackStatus
    next_on: date | None = None
    note: str | None = None


Tracks = Mapping[TrackKind, Road]
"""Roads as a form has them, by kind."""
TEXT_LIMIT, NUMBER_LIMIT, NAME_LIMIT, NOTE_LIMIT = 160, 80, 120, 400


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialEntry:
    """A denial as the form holds it. Days are practice-local.

    ``notice_on`` is the date of the letter, ``received_on`` the day it came, ``letter_deadline_on`` the last
    day printed on it, which overrides the rule.
    """

    service: str
    notice_on: date
    received_on: date | None = None
    letter_deadline_on: date | None = None
    coverage_id: int | None = None
    authorization_id: int | None = None
    reason_kind: DenialReason | None = None
    reason: str = ""
    is_expedited: bool = False
    is_drug: bool = False
    amount: Decimal | None = None
    claim_number: str = ""
    who_appeals: str = ""
    representative_needed: bool | None = None
    representative_form_on: date | None = None
    peer_to_peer_by: date | None = None
    peer_to_peer_on: date | None = None
    note: str = ""

    @property
    def days(self) -> DenialDays:
        """Its days, to be checked against each other."""
        return DenialDays(
            notice_on=self.notice_on,
            received_on=self.received_on,
            letter_deadline_on=self.letter_deadline_on,
            representative_form_on=self.representative_form_on,
            peer_to_peer_by=self.peer_to_peer_by,
            peer_to_peer_on=self.peer_to_peer_on,
        )


def add_denial(
    practice: Practice,
    patient_id: int,
    entry: DenialEntry,
    *,
    filing: Filing | None = None,
    tracks: Tracks | None = None,
) -> int:
    """A new denial, with ``filing`` its appeal and with ``tracks`` its other roads; returns its number.

    Raises Refused with what is missing or out of order, and NeedsConfirmation as ``file_in``.
    """
    with practice.change("new denial") as session:
        existing(session, Patient, patient_id)
        record = Denial(patient_id=patient_id, **_values(session, practice, patient_id, entry))
        session.add(record)
        session.flush()
        assert record.id is not None  # noqa: S101 - flushed above
        answer_for_items(session, record)
        _put_tracks(session, practice, record.id, tracks)
        if filing is not None:
            file_in(session, practice, record.id, filing)
        return record.id


def edit_denial(
    practice: Practice,
    denial_id: int,
    entry: DenialEntry,
    *,
    version: int,
    filing: Filing | None = None,
    tracks: Tracks | None = None,
    decision: Decision | None = None,
    close: Close | None = None,
) -> None:
    """Change a denial, its roads and its appeal, all in one change.

    ``filing`` files the level that is open, ``decision`` is the payer's answer to the one that was filed,
    ``close`` ends the denial with its outcome.

    ``version`` is that of the record the entry was filled from. Raises Refused, NeedsConfirmation as
    ``file_in``, and Conflict when somebody else changed it since.
    """
    with practice.change("denial edited") as session:
        record = as_shown(session, Denial, denial_id, version)
        for name, value in _values(session, practice, record.patient_id, entry).items():
            if getattr(record, name) != value:
                setattr(record, name, value)
        session.add(record)
        session.flush()
        _put_tracks(session, practice, denial_id, tracks)
        if filing is not None:
            file_in(session, practice, denial_id, filing)
        if decision is not None:
            answer_in(session, practice, denial_id, decision)
        if close is not None:
            close_in(session, practice, denial_id, close)


# --- parts ------------------------------------------------------------------------------------


def _put_tracks(session: AuditedSession, practice: Practice, denial_id: int, tracks: Tracks | None) -> None:
    for kind, road in (tracks or {}).items():
        if kind is TrackKind.APPEAL:
            _put_appeal(session, practice, denial_id, road.status)
        else:
            put_track_in(
                session, practice, denial_id, kind, road.status, next_on=road.next_on, note=road.note
            )


def _put_appeal(session: AuditedSession, practice: Practice, denial_id: int, status: TrackStatus) -> None:
    """Whether it will be appealed; filing and decisions move this road by themselves."""
    track = track_of(session, denial_id, TrackKind.APPEAL)
    if track is not None and track.status is status:
        return
    if status is TrackStatus.OPEN:
        decide_to_appeal_in(session, practice, denial_id, practice.today())
    elif status is TrackStatus.DROPPED:
        leave_appeal_in(session, practice, denial_id)
    else:
        raise Refused("How an appeal ended is its outcome: record the decision of its level.")


def _values(
    session: AuditedSession, practice: Practice, patient_id: int, entry: DenialEntry
) -> dict[str, Any]:
    """The entry's columns, cleaned and checked. Raises Refused."""
    service = clean_text(entry.service, TEXT_LIMIT)
    if not service:
        raise Refused("Say which service was denied, such as inpatient rehab.")
    _check_days(practice, entry)
    if entry.amount is not None:
        try:
            check_amount(entry.amount, "denied amount")
        except MoneyError as error:
            raise Refused(str(error)) from error
    request = _of_patient(session, Authorization, entry.authorization_id, patient_id)
    _of_patient(session, Coverage, entry.coverage_id, patient_id)
    coverage_id = entry.coverage_id
    if coverage_id is None and isinstance(request, Authorization):
        coverage_id = request.coverage_id
    return {
        "service": service,
        "notice_on": entry.notice_on,
        "received_on": entry.received_on,
        "letter_deadline_on": entry.letter_deadline_on,
        "coverage_id": coverage_id,
        "authorization_id": entry.authorization_id,
        "reason_kind": entry.reason_kind,
        "reason": clean_text(entry.reason, TEXT_LIMIT),
        "is_expedited": entry.is_expedited,
        "is_drug": entry.is_drug,
        "amount": entry.amount,
        "claim_number": clean_text(entry.claim_number, NUMBER_LIMIT),
        "who_appeals": clean_text(entry.who_appeals, NAME_LIMIT),
        "representative_needed": entry.representative_needed,
        "representative_form_on": entry.representative_form_on,
        "peer_to_peer_by": entry.peer_to_peer_by,
        "peer_to_peer_on": entry.peer_to_peer_on,
        "note": clean_text(entry.note, NOTE_LIMIT),
    }


def _check_days(practice: Practice, entry: DenialEntry) -> None:
    """Raise Refused unless the days lie in their order; a day that happened is not ahead."""
    for problem in day_problems(entry.days, practice.today()).values():
        raise Refused(problem)


def _of_patient(
    session: AuditedSession,
    model: type[Authorization | Coverage],
    number: int | None,
    patient_id: int,
) -> Authorization | Coverage | None:
    if number is None:
        return None
    record = existing(session, model, number)
    if record.patient_id != patient_id:
        raise Refused(f"That {model.__tablename__} is another person's: choose one of this patient's.")
    return record
