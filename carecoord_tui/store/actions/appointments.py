"""Booking, changing and cancelling a visit: each one change that can be undone."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from sqlmodel import col, select

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.interpreter import ASKED_FOR, NOT_TOLD, Age, Companion, Verdict, judge
from carecoord_tui.domain.visit_rows import clash_words
from carecoord_tui.domain.vocabulary import AppointmentStatus, InterpreterMode, PatientStatus
from carecoord_tui.store.actions.authorization_moves import of_patient
from carecoord_tui.store.actions.base import Refused, as_shown, existing
from carecoord_tui.store.actions.visits import (
    check_step,
    move_visit,
    rebooked,
    schedule_referral,
    set_visit_status,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Appointment, Patient, Provider, Referral, RelatedPerson

_S = AppointmentStatus
_AHEAD = (_S.PROPOSED, _S.BOOKED)
_MISSED = (_S.NOSHOW, _S.CANCELLED)
_MOST_MINUTES = 24 * 60
_TITLE = "Visit"


class DoubleBooked(Refused):
    """The patient has another visit at that time; booking both must be meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentEntry:
    """A visit as the form holds it. ``starts_at`` is aware.

    ``booked_on`` None: today for a new visit and for one that moves, else as it was.
    """

    starts_at: datetime
    title: str = ""
    status: AppointmentStatus = _S.BOOKED
    minutes: int = 30
    provider_id: int | None = None
    referral_id: int | None = None
    location: str = ""
    booked_on: date | None = None
    interpreter_needed: bool = False
    interpreter_mode: InterpreterMode | None = None
    interpreter_name: str = ""
    interpreter_qualified: bool | None = None  # None: nobody asked
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterpreterFacts:
    """What was said of somebody of the family who is to interpret (45 CFR 92.201(e)).

    A birth date goes on file where the person is; an age in years serves this once.
    """

    age: Age = NOT_TOLD
    patient_asked: bool = False


_NOTHING_SAID = InterpreterFacts()
_PLAIN = tuple(
    one.name for one in fields(AppointmentEntry) if one.name not in ("starts_at", "status", "booked_on")
)


def book(
    practice: Practice,
    patient_id: int,
    entry: AppointmentEntry,
    *,
    interpreter: InterpreterFacts = _NOTHING_SAID,
    allow_overlap: bool = False,
) -> int:
    """A new visit; returns its number. Of a self-pay patient it starts the good-faith clock.

    A booked visit is the date its referral waits for. Raises Refused for a time that has passed, another
    person's referral, a person who has died, and an interpreter the law forbids; DoubleBooked while the
    patient has another visit at that time and ``allow_overlap`` is not given.
    """
    today = practice.today()
    with practice.change(f"visit {entry.status.label}") as session:
        patient = existing(session, Patient, patient_id)
        if patient.status is PatientStatus.DECEASED:
            raise Refused("This person has died: visits stopped.")
        check_step(practice, None, entry.status, entry.starts_at)
        _check_booked_on(practice, entry)
        visit = Appointment(
            patient_id=patient_id,
            starts_at=entry.starts_at,
            status=entry.status,
            status_on=today,
            booked_on=entry.booked_on or min(today, practice.context.day_of(entry.starts_at)),
        )
        _put(session, practice, visit, entry, interpreter)
        if not allow_overlap:
            _check_overlap(session, practice, visit)
        session.add(visit)
        session.flush()
        schedule_referral(session, practice, visit)
        number = visit.id
    assert number is not None  # noqa: S101 - flushed above
    return number


def edit(
    practice: Practice,
    appointment_id: int,
    entry: AppointmentEntry,
    *,
    version: int,
    interpreter: InterpreterFacts = _NOTHING_SAID,
    allow_overlap: bool = False,
) -> int:
    """Change a visit, ``version`` as the form read it; returns its number.

    Another time for one that was missed or cancelled books a new visit, whose number is returned, and
    settles the old one. Raises as :func:`book`, for a step that is not legal, and Conflict when the visit
    was changed meanwhile.
    """
    with practice.change("visit changed") as session:
        visit = as_shown(session, Appointment, appointment_id, version)
        moves = visit.starts_at != entry.starts_at
        if moves and visit.status in _MISSED and entry.status is visit.status:
            visit = rebooked(session, practice, visit, entry.starts_at)
        else:
            _take_step(session, practice, visit, entry, moves=moves)
        _check_booked_on(practice, entry)
        if entry.booked_on is not None:
            visit.booked_on = entry.booked_on
        _put(session, practice, visit, entry, interpreter)
        if not allow_overlap and visit.status in _AHEAD:
            _check_overlap(session, practice, visit)
        session.add(visit)
        session.flush()
        schedule_referral(session, practice, visit)
        number = visit.id
    assert number is not None  # noqa: S101 - flushed above
    return number


def cancel(practice: Practice, appointment_id: int, *, version: int, note: str | None = None) -> None:
    """A visit will not take place; it owes a new date. ``note`` None leaves the note as it is.

    An offer nobody takes is settled with it. Raises Refused for a visit that is over, and Conflict when it
    was changed meanwhile.
    """
    with practice.change("visit cancelled") as session:
        visit = as_shown(session, Appointment, appointment_id, version)
        set_visit_status(session, practice, visit, _S.CANCELLED)
        if note is not None:
            visit.note = clean_text(note, 400)


# --- parts ------------------------------------------------------------------------------------


def _take_step(
    session: AuditedSession, practice: Practice, visit: Appointment, entry: AppointmentEntry, *, moves: bool
) -> None:
    """The new time, then the new status, each checked; a visit that gets its date is booked today."""
    if not moves and entry.status is visit.status:
        return
    check_step(practice, visit.status, entry.status, entry.starts_at)
    if moves:
        move_visit(session, practice, visit, entry.starts_at)
    books = entry.status is _S.BOOKED and visit.status is not _S.BOOKED
    if entry.status in _AHEAD and (moves or books):
        visit.booked_on = practice.today()
    if entry.status is not visit.status:
        set_visit_status(session, practice, visit, entry.status)


def _check_booked_on(practice: Practice, entry: AppointmentEntry) -> None:
    day = entry.booked_on
    if day is None:
        return
    if day > practice.today():
        raise Refused(f"Booked on {format_day(day, practice.today())} is ahead: it was today or earlier.")
    if day > practice.context.day_of(entry.starts_at):
        raise Refused("A visit is booked before it takes place: check the day it was booked.")


def _put(
    session: AuditedSession,
    practice: Practice,
    visit: Appointment,
    entry: AppointmentEntry,
    facts: InterpreterFacts,
) -> None:
    """The entry's plain columns, cleaned and checked; the visit has its start and status already."""
    if not 0 < entry.minutes <= _MOST_MINUTES:
        raise Refused("Minutes are a whole number above 0: type 30 for half an hour.")
    if entry.provider_id is not None:
        existing(session, Provider, entry.provider_id)
    of_patient(session, Referral, entry.referral_id, visit.patient_id)
    values = {name: getattr(entry, name) for name in _PLAIN}
    values["title"] = clean_text(entry.title, 120) or _TITLE
    values["location"], values["note"] = clean_text(entry.location, 160), clean_text(entry.note, 400)
    values["interpreter_name"] = clean_text(entry.interpreter_name, 160)
    if not entry.interpreter_needed:
        values |= {"interpreter_mode": None, "interpreter_name": "", "interpreter_qualified": None}
    before = visit.interpreter_name
    for name, value in values.items():
        setattr(visit, name, value)
    if before and before != visit.interpreter_name:
        visit.interpreter_confirmed_on = None  # somebody else was confirmed
    _check_interpreter(session, practice, visit, facts, is_new=before != visit.interpreter_name)


def _check_interpreter(
    session: AuditedSession,
    practice: Practice,
    visit: Appointment,
    facts: InterpreterFacts,
    *,
    is_new: bool,
) -> None:
    """Raises Refused with the rule's words. A request and a birth date that were told go on file.

    Of a visit that is over it is recorded who interpreted, whoever it was.
    """
    if not visit.interpreter_name or visit.status not in _AHEAD:
        return
    around = session.exec(
        select(RelatedPerson).where(col(RelatedPerson.patient_id) == visit.patient_id)
    ).all()
    people = {Companion(one.name, one.relationship, one.birth_date): one for one in around}
    ruling = judge(
        visit.interpreter_name,
        list(people),
        on=practice.context.day_of(visit.starts_at),
        told=facts.age,
        is_qualified=bool(visit.interpreter_qualified),
        patient_asked=facts.patient_asked,
    )
    if ruling.verdict is Verdict.REFUSED or (is_new and ruling.verdict is not Verdict.FREE):
        raise Refused(ruling.words)
    person = people.get(ruling.who) if ruling.who is not None else None
    if person is not None and person.birth_date is None and facts.age.born is not None:
        person.birth_date = facts.age.born
        session.add(person)
    if facts.patient_asked and ruling.who is not None and ASKED_FOR not in visit.note:
        visit.note = clean_text(f"{ASKED_FOR} {visit.note}", 400)


def _check_overlap(session: AuditedSession, practice: Practice, visit: Appointment) -> None:
    """Raises DoubleBooked with the other visit's words."""
    ends_at = visit.starts_at + timedelta(minutes=visit.minutes)
    others = session.exec(
        select(Appointment).where(
            col(Appointment.patient_id) == visit.patient_id,
            col(Appointment.status).in_(_AHEAD),
            col(Appointment.starts_at) < ends_at,
            col(Appointment.starts_at) > visit.starts_at - timedelta(minutes=_MOST_MINUTES),
        )
    )
    for other in others:
        if other.id != visit.id and other.starts_at + timedelta(minutes=other.minutes) > visit.starts_at:
            local = other.starts_at.astimezone(practice.zone)
            raise DoubleBooked(clash_words(other.title, local, practice.today()))
