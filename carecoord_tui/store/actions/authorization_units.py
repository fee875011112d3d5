"""Units of an authorization: a visit uses them, and more than authorized takes a word."""

from __future__ import annotations

from datetime import date

from sqlmodel import col, select

from carecoord_tui.domain import authorization_steps as steps
from carecoord_tui.domain.authorization_steps import GRANTED
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.store.actions.authorization_moves import NOTE_LIMIT, of_patient, stamp, whole_units
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Appointment, Authorization, AuthorizationUse


def use_units(
    practice: Practice,
    authorization_id: int,
    units: int = 1,
    *,
    appointment_id: int | None = None,
    used_on: date | None = None,
    beyond: str = "",
) -> int:
    """A visit used units, on its own day unless ``used_on`` says another; returns the use's number.

    Raises Refused before an approval, outside the validity, for a visit counted already, and for more than
    authorized without a word (``beyond``), which goes into the history.
    """
    with practice.change("authorization: units used") as session:
        record = granted(session, authorization_id)
        visit = of_patient(session, Appointment, appointment_id, record.patient_id)
        day = used_on or practice.today()
        if used_on is None and isinstance(visit, Appointment):
            day = practice.context.day_of(visit.starts_at)
        _check_use(session, practice, record, units, day, appointment_id)
        go_beyond(session, practice, record, units, beyond)
        use = AuthorizationUse(
            patient_id=record.patient_id,
            authorization_id=authorization_id,
            appointment_id=appointment_id,
            used_on=day,
            units=units,
        )
        session.add(use)
        record.units_used = (record.units_used or 0) + units
        record.units_updated_on = practice.today()
        session.add(record)
        session.flush()
        assert use.id is not None  # noqa: S101 - flushed above
        return use.id


def give_back_use(practice: Practice, use_id: int) -> None:
    """The visit did not use the units after all. Raises Refused when it is gone.

    A count put right to less than what visits used does not hold this use any more, and stays.
    """
    with practice.change("authorization: units given back") as session:
        use = existing(session, AuthorizationUse, use_id)
        record = existing(session, Authorization, use.authorization_id)
        statement = select(AuthorizationUse.units).where(
            col(AuthorizationUse.authorization_id) == use.authorization_id
        )
        used = record.units_used or 0
        if used >= sum(session.exec(statement)):
            record.units_used, record.units_updated_on = used - use.units, practice.today()
            session.add(record)
        session.delete(use)


def granted(session: AuditedSession, authorization_id: int) -> Authorization:
    """The record of an approval. Raises Refused for any other."""
    record = existing(session, Authorization, authorization_id)
    if record.status not in GRANTED:
        raise Refused(f"The payer has not approved it: this authorization is {record.status.label}.")
    return record


def go_beyond(
    session: AuditedSession, practice: Practice, record: Authorization, more: int, word: str
) -> None:
    """More units than authorized need a word, which the history keeps. Raises Refused."""
    refusal = steps.units_refusal(authorized=record.units_authorized, used=record.units_used or 0, more=more)
    said = clean_text(word, NOTE_LIMIT - 40)
    if refusal and not said:
        raise Refused(refusal)
    if refusal:
        stamp(session, practice, record, practice.today(), f"Beyond the authorized units: {said}")


def _check_use(
    session: AuditedSession,
    practice: Practice,
    record: Authorization,
    units: int,
    day: date,
    appointment_id: int | None,
) -> None:
    """Raise Refused unless the use is of a day that was, inside the validity, and counted once."""
    if whole_units(units) == 0:
        raise Refused("A visit uses at least one unit.")
    if day > practice.today():
        raise Refused("That visit is still ahead: count its units when it has happened.")
    if record.valid_from is not None and day < record.valid_from:
        raise Refused(
            f"{format_day(day)} is before the authorization begins ({format_day(record.valid_from)})."
        )
    if record.valid_to is not None and day > record.valid_to:
        raise Refused(f"{format_day(day)} is after the authorization ended ({format_day(record.valid_to)}).")
    counted = select(AuthorizationUse).where(
        col(AuthorizationUse.authorization_id) == record.id,
        col(AuthorizationUse.appointment_id) == appointment_id,
    )
    if appointment_id is not None and session.exec(counted).first() is not None:
        raise Refused("The units of that visit are counted already.")
