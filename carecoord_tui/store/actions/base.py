"""What verbs share: refusing with words, the practice's day, and the check-in every touch resets."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TypeVar

import sqlalchemy as sa
from sqlmodel import col, select

from carecoord_tui.domain.calling_hours import hours_problem, zone_of
from carecoord_tui.domain.check_in import next_check_in
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import PatientStatus
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.errors import Conflict, MergedAway
from carecoord_tui.store.ledger import LEDGER
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import MovedDate, Patient, Record

R = TypeVar("R", bound=Record)


class Refused(ValueError):
    """A verb that cannot be done; the text says why and what to do instead. Nothing has changed."""


def existing(session: AuditedSession, model: type[R], record_id: int) -> R:
    """The record, or Refused when another window or an undo removed it or merged that person away."""
    record = session.get(model, record_id)
    if record is None:
        raise Refused(f"That {model.__tablename__} is no longer there; the list was out of date.")
    if isinstance(record, Patient) and record.merged_into_id is not None:
        raise Refused(MergedAway.default)
    return record


def as_shown(session: AuditedSession, model: type[R], record_id: int, version: int) -> R:
    """The record a form was filled from, ``version`` as the form read it.

    A form writes every field, so what somebody else changed meanwhile would be lost without a word. Raises
    Conflict then, and what :func:`existing` does.
    """
    record = existing(session, model, record_id)
    if record.version != version:
        raise Conflict
    return record


def instant(practice: Practice, when: When) -> datetime | None:
    """The aware time of a typed date with a time; None for a date alone."""
    if when.at is None:
        return None
    return datetime.combine(when.on, when.at, tzinfo=practice.zone)


def check_hours(start: time | None, end: time | None, zone: str) -> None:
    """Raises Refused for calling hours that end before they begin, and for a zone that is none."""
    if hours_problem(start, end):
        raise Refused("Calls end before they begin: check the calling hours.")
    if zone and zone_of(zone) is None:
        raise Refused("That time zone is not known: use a name such as America/Chicago.")


def ledger_row(session: AuditedSession, ref: ItemRef) -> sa.RowMapping | None:
    """The ledger's row of an item; None when it was settled meanwhile."""
    return (
        session.connection()
        .execute(
            sa.select(LEDGER).where(
                LEDGER.c.kind == ref.kind,
                LEDGER.c.record_id == ref.record_id,
                LEDGER.c.rule_id == ref.rule_id,
            )
        )
        .mappings()
        .first()
    )


def active_move(session: AuditedSession, ref: ItemRef) -> MovedDate | None:
    """The moved date of an item, if it has one."""
    return session.exec(
        select(MovedDate).where(
            col(MovedDate.kind) == ref.kind,
            col(MovedDate.record_id) == ref.record_id,
            col(MovedDate.rule_id) == ref.rule_id,
        )
    ).first()


def reset_check_in(session: AuditedSession, practice: Practice, patient_id: int, *, after: date) -> None:
    """After a touch the next check-in counts from it; an already later one stays."""
    patient = existing(session, Patient, patient_id)
    due = next_check_in(practice.context.pack, practice.context.calendar, patient.risk, after=after)
    if patient.status is PatientStatus.ACTIVE and (patient.check_in_on is None or patient.check_in_on < due):
        patient.check_in_on = due
    patient.is_first_check_in = False
    session.add(patient)
