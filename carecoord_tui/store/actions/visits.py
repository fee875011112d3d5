"""The parts every verb on a visit shares: its start, its status, its move to another time."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from carecoord_tui.domain.appointment import step_problem
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.referral_loop import Step, allowed
from carecoord_tui.domain.vocabulary import AppointmentStatus, ReferralStage
from carecoord_tui.store.actions.base import Refused, existing, instant, reset_check_in
from carecoord_tui.store.actions.referral_steps import advance, loop_of
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Appointment, Authorization, Referral

TIME_NEEDED = "A visit needs its time too, such as 2 dec 10:20."


def start_ahead(practice: Practice, when: When) -> datetime:
    """The aware start of a visit to come. Raises Refused without a time, and for one that has passed."""
    starts_at = instant(practice, when)
    if starts_at is None:
        raise Refused(TIME_NEEDED)
    check_step(practice, AppointmentStatus.BOOKED, AppointmentStatus.BOOKED, starts_at)
    return starts_at


def check_step(
    practice: Practice, was: AppointmentStatus | None, to: AppointmentStatus, starts_at: datetime
) -> None:
    """Raises Refused with the words of ``domain.appointment.step_problem``."""
    if problem := step_problem(was, to, starts_at=starts_at, now=practice.clock.now()):
        raise Refused(problem)


def set_visit_status(
    session: AuditedSession, practice: Practice, visit: Appointment, to: AppointmentStatus
) -> None:
    """Record how a visit ended, today. A kept one is a touch; an offer nobody takes is settled with it.

    Raises Refused for a step that is not legal.
    """
    check_step(practice, visit.status, to, visit.starts_at)
    if to is AppointmentStatus.CANCELLED and visit.status is AppointmentStatus.PROPOSED:
        visit.settled_on = practice.today()
    visit.status, visit.status_on = to, practice.today()
    if to is AppointmentStatus.FULFILLED:
        visit.settled_on = None
        reset_check_in(session, practice, visit.patient_id, after=practice.today())
    session.add(visit)


def move_visit(session: AuditedSession, practice: Practice, visit: Appointment, starts_at: datetime) -> None:
    """Another start: what was confirmed for the old one is confirmed no more.

    The service day of an authorization asked for this visit goes along.
    """
    visit.starts_at = starts_at
    visit.confirmed_on = visit.interpreter_confirmed_on = None
    session.add(visit)
    asked = select(Authorization).where(col(Authorization.appointment_id) == visit.id)
    for record in session.exec(asked):
        record.service_on = practice.context.day_of(starts_at)
        session.add(record)


def rebooked(
    session: AuditedSession, practice: Practice, missed: Appointment, starts_at: datetime
) -> Appointment:
    """A new visit like a missed one, which is settled; the caller adds it.

    Raises Refused for a time that has passed, and where the missed one is settled already.
    """
    check_step(practice, AppointmentStatus.BOOKED, AppointmentStatus.BOOKED, starts_at)
    if missed.settled_on is not None:
        raise Refused("That visit is settled: leave it, and book a new one with a on the patient.")
    missed.settled_on = practice.today()
    session.add(missed)
    return Appointment(
        patient_id=missed.patient_id,
        provider_id=missed.provider_id,
        referral_id=missed.referral_id,
        transition_id=missed.transition_id,
        title=missed.title,
        starts_at=starts_at,
        minutes=missed.minutes,
        location=missed.location,
        booked_on=practice.today(),
        interpreter_needed=missed.interpreter_needed,
        interpreter_mode=missed.interpreter_mode,
    )


def schedule_referral(session: AuditedSession, practice: Practice, visit: Appointment) -> None:
    """A booked visit is the date its referral waits for; a referral that is past that stays as it is."""
    if visit.referral_id is None or visit.status is not AppointmentStatus.BOOKED:
        return
    referral = existing(session, Referral, visit.referral_id)
    local = visit.starts_at.astimezone(practice.zone)
    day, at = local.date(), local.time()
    known = (referral.stage, referral.visit_on, referral.visit_time)
    step = Step(to=ReferralStage.SCHEDULED, visit_on=day)
    if known != (step.to, day, at) and step.to in allowed(loop_of(referral)):
        advance(session, practice, visit.referral_id, step, visit_time=at)
