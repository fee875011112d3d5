"""Verbs of assistance programs: applied for, approved until a renewal, declined, renewed, ended."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.money import MoneyError, check_amount
from carecoord_tui.domain.vocabulary import AssistanceStatus, Kind
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.items import clear_moves_of
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import AssistanceProgram, Denial, Patient


def apply_for_assistance(
    practice: Practice,
    patient_id: int,
    program: str,
    *,
    applied_on: date | None = None,
    amount: Decimal | None = None,
    denial_id: int | None = None,
    note: str = "",
) -> int:
    """An application on its way; returns its number. ``denial_id`` is the denial it is a way out of.

    Raises Refused without a program, for a day ahead, a bad amount, and another patient's denial.
    """
    name = clean_text(program, 160)
    if not name:
        raise Refused("An application needs the name of the program.")
    applied = applied_on or practice.today()
    if applied > practice.today():
        raise Refused("The day of the application is ahead: record it when it was sent.")
    _check(amount)
    with practice.change("assistance applied for") as session:
        existing(session, Patient, patient_id)
        if denial_id is not None and existing(session, Denial, denial_id).patient_id != patient_id:
            raise Refused("That denial belongs to another patient: open the form again.")
        record = AssistanceProgram(
            patient_id=patient_id,
            denial_id=denial_id,
            program=name,
            applied_on=applied,
            amount=amount,
            note=clean_text(note, 400),
        )
        session.add(record)
        session.flush()
        assert record.id is not None  # noqa: S101 - flushed
        return record.id


def approve_assistance(
    practice: Practice,
    assistance_id: int,
    *,
    renew_on: date,
    on: date | None = None,
    amount: Decimal | None = None,
) -> None:
    """The program said yes; ``renew_on`` is the last day it helps without a renewal. Raises Refused."""
    decided_on = _happened(practice, on)
    _check(amount)
    with practice.change("assistance approved") as session:
        record = _in_state(session, assistance_id, AssistanceStatus.APPLIED, decided_on)
        _check_renewal(renew_on, decided_on)
        record.status, record.decided_on, record.renew_on = AssistanceStatus.APPROVED, decided_on, renew_on
        record.amount = record.amount if amount is None else amount
        session.add(record)
        clear_moves_of(session, Kind.ASSISTANCE, assistance_id)


def decline_assistance(
    practice: Practice, assistance_id: int, *, on: date | None = None, note: str = ""
) -> None:
    """The program said no. Raises Refused for one that is not waiting for an answer."""
    decided_on = _happened(practice, on)
    with practice.change("assistance declined") as session:
        record = _in_state(session, assistance_id, AssistanceStatus.APPLIED, decided_on)
        record.status, record.decided_on = AssistanceStatus.DECLINED, decided_on
        record.note = clean_text(note, 400) or record.note
        session.add(record)


def renew_assistance(
    practice: Practice, assistance_id: int, *, renew_on: date, amount: Decimal | None = None
) -> None:
    """An approved program goes on until ``renew_on``. Raises Refused for a day that is not later."""
    _check(amount)
    with practice.change("assistance renewed") as session:
        record = _in_state(session, assistance_id, AssistanceStatus.APPROVED, practice.today())
        _check_renewal(renew_on, max(record.renew_on or record.applied_on, practice.today()))
        record.renew_on = renew_on
        record.amount = record.amount if amount is None else amount
        session.add(record)
        clear_moves_of(session, Kind.ASSISTANCE, assistance_id)


def end_assistance(practice: Practice, assistance_id: int, *, note: str = "") -> None:
    """Withdrawn, run out or no longer needed: nothing is owed any more. Raises Refused for an ended one."""
    with practice.change("assistance ended") as session:
        record = existing(session, AssistanceProgram, assistance_id)
        if not record.status.is_open:
            raise Refused(f"This program is {record.status.label} already.")
        record.status = AssistanceStatus.ENDED
        record.note = clean_text(note, 400) or record.note
        session.add(record)


def _in_state(
    session: AuditedSession, assistance_id: int, state: AssistanceStatus, on: date
) -> AssistanceProgram:
    record = existing(session, AssistanceProgram, assistance_id)
    if record.status is not state:
        raise Refused(f"This program is {record.status.label}, not {state.label}: open the form again.")
    if on < record.applied_on:
        raise Refused("That is before the application was sent: check the day.")
    return record


def _happened(practice: Practice, on: date | None) -> date:
    day = on or practice.today()
    if day > practice.today():
        raise Refused("The day of the answer is ahead: record it when it has come.")
    return day


def _check_renewal(renew_on: date, after: date) -> None:
    if renew_on <= after:
        raise Refused("The renewal must be later than that: enter the last day of the new period.")


def _check(amount: Decimal | None) -> None:
    if amount is None:
        return
    try:
        check_amount(amount, "amount")
    except MoneyError as error:
        raise Refused(str(error)) from error
