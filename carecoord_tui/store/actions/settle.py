"""Carrying out the acts of ``domain.settle``: one item, one act, one change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.referral_loop import FACTS, Fact, Step
from carecoord_tui.domain.settle import Choice, Need
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    Outcome,
    PatientStatus,
    ReferralStage,
    TransitionStatus,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions import settle_billing, settle_denial, settle_insurance, settle_requirements
from carecoord_tui.store.actions.base import Refused, existing, instant, reset_check_in
from carecoord_tui.store.actions.chase import ask_office, promised_until
from carecoord_tui.store.actions.referral_steps import advance, advance_with_reports
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    Appointment,
    Patient,
    Transition,
)

Act = Callable[[AuditedSession, Practice, ItemRef, str, When], None]
WordedAct = Callable[[AuditedSession, Practice, ItemRef, str, When, str], None]
"""An act that also takes the words a choice asked for."""


def settle(
    practice: Practice,
    refs: Sequence[ItemRef],
    choice: Choice,
    when: When | None = None,
    *,
    text: str = "",
) -> None:
    """Carry out a choice on items, all in one change.

    ``when`` defaults to today, on a referral to the day its facts suggest; ``text`` is the reason or the
    name a choice asks for. Raises Refused for a fact that is missing or out of order; then nothing changed.
    """
    if when is None and choice.need in (Need.TIME, Need.DAYS_VALID):
        raise Refused(f"{choice.prompt}: a date is needed.")
    if choice.need in (Need.REASON, Need.WHO) and not text.strip():
        raise Refused(f"{choice.prompt}: a word or two is needed.")
    topic, _, what = choice.act.partition(":")
    count = f", {len(refs)} items" if len(refs) > 1 else ""
    day = when or When(practice.today(), None)
    with practice.change(f"{refs[0].kind.label}: {choice.label}{count}"[:200]) as session:
        for ref in refs:
            if topic == "stage":
                _stage(session, practice, ref, what, when, text.strip())
            elif topic in _WORDED_ACTS:
                _WORDED_ACTS[topic](session, practice, ref, what, day, text.strip())
            else:
                _ACTS[topic](session, practice, ref, what, day)


def _stage(
    session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When | None, text: str
) -> None:
    stage = ReferralStage(what)
    if stage is ReferralStage.SCHEDULED and when is not None:
        step = Step(to=stage, visit_on=when.on)
        advance(session, practice, ref.record_id, step, visit_time=when.at)
        return
    names_somebody = Fact.WHO in FACTS.get(stage, ())
    step = Step(
        to=stage,
        on=when.on if when else None,
        reason="" if names_somebody else text,
        who=text if names_somebody else "",
    )
    advance_with_reports(session, practice, ref.record_id, step)


def _office(session: AuditedSession, practice: Practice, ref: ItemRef, what: str, _: When) -> None:
    ask_office(session, practice, ref, Outcome.OFFICE_REACHED, promised_until(practice))


def _visit(session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When) -> None:
    visit = existing(session, Appointment, ref.record_id)
    today = practice.today()
    if what == "confirmed":
        visit.confirmed_on = today
    elif what == "interpreter":
        visit.interpreter_confirmed_on = today
    elif what == "settled":
        visit.settled_on = today
        if visit.status is AppointmentStatus.PROPOSED:
            visit.status = AppointmentStatus.CANCELLED
    elif what == "rebooked":
        _rebook(session, practice, visit, when)
    else:
        status = AppointmentStatus(what)
        if status is not AppointmentStatus.CANCELLED and visit.starts_at > practice.clock.now():
            raise Refused("That visit is still ahead; record it when it has happened.")
        visit.status, visit.status_on = status, today
        if status is AppointmentStatus.FULFILLED:
            reset_check_in(session, practice, visit.patient_id, after=today)
    session.add(visit)


def _rebook(session: AuditedSession, practice: Practice, visit: Appointment, when: When) -> None:
    starts_at = _start(practice, when)
    if visit.status in (AppointmentStatus.BOOKED, AppointmentStatus.PROPOSED):
        visit.starts_at, visit.status = starts_at, AppointmentStatus.BOOKED
        visit.booked_on, visit.confirmed_on = practice.today(), None
        visit.interpreter_confirmed_on = None
        return
    visit.settled_on = practice.today()
    session.add(
        Appointment(
            patient_id=visit.patient_id,
            provider_id=visit.provider_id,
            referral_id=visit.referral_id,
            transition_id=visit.transition_id,
            title=visit.title,
            starts_at=starts_at,
            minutes=visit.minutes,
            booked_on=practice.today(),
            interpreter_needed=visit.interpreter_needed,
        )
    )


def _start(practice: Practice, when: When) -> datetime:
    starts_at = instant(practice, when)
    if starts_at is None:
        raise Refused("A visit needs its time too, such as 2 dec 10:20.")
    if starts_at <= practice.clock.now():
        raise Refused("A visit is booked ahead; that time has passed.")
    return starts_at


def _transition(session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When) -> None:
    record = existing(session, Transition, ref.record_id)
    if what == "booked":
        session.add(
            Appointment(
                patient_id=record.patient_id,
                transition_id=record.id,
                title="Visit after hospital discharge",
                starts_at=_start(practice, when),
                booked_on=practice.today(),
            )
        )
    else:
        record.status, record.closed_on = TransitionStatus.CLOSED, when.on
        session.add(record)


def _patient(session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When) -> None:
    record = existing(session, Patient, ref.record_id)
    record.status, record.status_on, record.hold_until = PatientStatus(what), when.on, None
    session.add(record)
    session.flush()
    reset_check_in(session, practice, ref.patient_id, after=when.on)


_ACTS: dict[str, Act] = {
    "office": _office,
    "check": settle_insurance.check,
    "visit": _visit,
    "track": settle_denial.track,
    "transition": _transition,
    "patient": _patient,
}
_WORDED_ACTS: dict[str, WordedAct] = {
    "denial": settle_denial.denial,
    "auth": settle_insurance.authorization,
    "need": settle_requirements.requirement,
    "gfe": settle_billing.good_faith,
    "billing": settle_billing.billing_case,
    "plan": settle_billing.payment_plan,
    "assistance": settle_billing.assistance,
}
