"""Carrying out the acts of ``domain.settle``: one item, one act, one change."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlmodel import col, select

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
from carecoord_tui.domain.work import ItemRef, WorkItem
from carecoord_tui.store.actions import (
    handoff,
    settle_billing,
    settle_denial,
    settle_insurance,
    settle_requirements,
)
from carecoord_tui.store.actions.base import Refused, existing, reset_check_in
from carecoord_tui.store.actions.chase import ask_office, promised_until
from carecoord_tui.store.actions.referral_steps import advance, advance_with_reports
from carecoord_tui.store.actions.visits import move_visit, rebooked, set_visit_status, start_ahead
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    Appointment,
    LedgerItem,
    Patient,
    Transition,
)

Act = Callable[[AuditedSession, Practice, ItemRef, str, When], None]
WordedAct = Callable[[AuditedSession, Practice, ItemRef, str, When, str], None]
"""An act that also takes the words a choice asked for."""
_SETTLED = "That was settled meanwhile; the list was out of date."


def settle(
    practice: Practice,
    refs: Sequence[ItemRef],
    choice: Choice,
    when: When | None = None,
    *,
    text: str = "",
    until: When | None = None,
    shown: Sequence[WorkItem] = (),
) -> None:
    """Carry out a choice on items, all in one change.

    ``when`` defaults to today, on a referral to the day its facts suggest; ``text`` is the reason, the name
    or the number a choice asks for, ``until`` the new day of an extension. ``shown`` are the items as they
    stood on screen: one that owes another step by now, such as the payment after the one shown, is refused.
    Raises Refused for a fact that is missing or out of order; then nothing changed.
    """
    if when is None and choice.need in (Need.TIME, Need.DAYS_VALID, Need.APPROVAL):
        raise Refused(f"{choice.prompt}: a date is needed.")
    if choice.need in (Need.REASON, Need.WHO, Need.NUMBER) and not text.strip():
        raise Refused(f"{choice.prompt}: a word or two is needed.")
    topic, _, what = choice.act.partition(":")
    count = f", {len(refs)} items" if len(refs) > 1 else ""
    day = when or When(practice.today(), None)
    with practice.change(f"{refs[0].kind.label}: {choice.label}{count}"[:200]) as session:
        _check_owed(session, refs)
        _check_unchanged(session, shown)
        for ref in refs:
            if topic == "stage":
                _stage(session, practice, ref, what, when, text.strip())
            elif choice.need is Need.EXTENSION:
                settle_insurance.extended(session, practice, ref, day, until)
            elif topic in _WORDED_ACTS:
                _WORDED_ACTS[topic](session, practice, ref, what, day, text.strip())
            else:
                _ACTS[topic](session, practice, ref, what, day)


def _check_owed(session: AuditedSession, refs: Sequence[ItemRef]) -> None:
    """Raise Refused for an item settled meanwhile; one that names no rule was never in the list."""
    for ref in refs:
        statement = select(LedgerItem.id).where(
            col(LedgerItem.kind) == ref.kind,
            col(LedgerItem.record_id) == ref.record_id,
            col(LedgerItem.rule_id) == ref.rule_id,
        )
        if ref.rule_id and session.exec(statement).first() is None:
            raise Refused(_SETTLED)


def _check_unchanged(session: AuditedSession, shown: Sequence[WorkItem]) -> None:
    """Raise Refused where a record owes another step under the same rule than the one shown."""
    for item in shown:
        statement = select(LedgerItem).where(
            col(LedgerItem.kind) == item.kind,
            col(LedgerItem.record_id) == item.record_id,
            col(LedgerItem.rule_id) == item.rule_id,
        )
        row = session.exec(statement).first()
        if row is None or (row.title, row.since_on) != (item.title, item.since_on):
            raise Refused(_SETTLED)


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
        set_visit_status(session, practice, visit, AppointmentStatus(what))
    session.add(visit)


def _rebook(session: AuditedSession, practice: Practice, visit: Appointment, when: When) -> None:
    starts_at = start_ahead(practice, when)
    if visit.status in (AppointmentStatus.BOOKED, AppointmentStatus.PROPOSED):
        move_visit(session, practice, visit, starts_at)
        visit.status, visit.booked_on = AppointmentStatus.BOOKED, practice.today()
    else:
        session.add(rebooked(session, practice, visit, starts_at))


def _transition(session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When) -> None:
    record = existing(session, Transition, ref.record_id)
    if what == "booked":
        session.add(
            Appointment(
                patient_id=record.patient_id,
                transition_id=record.id,
                title="Visit after hospital discharge",
                starts_at=start_ahead(practice, when),
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
    "handoff": handoff.settle_handoff,
}
