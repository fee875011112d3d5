"""Acts of ``domain.settle`` on what care costs, inside the change of ``actions.settle``."""

from __future__ import annotations

from datetime import date

from sqlmodel import col, select

from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.money import format_money
from carecoord_tui.domain.vocabulary import AssistanceStatus, BillingStatus, Kind
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.appeals import NeedsConfirmation
from carecoord_tui.store.actions.asking import ask_again
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.items import clear_move
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    Appointment,
    AssistanceProgram,
    BillingCase,
    GoodFaithEstimate,
    Installment,
    PaymentPlan,
)

_NOTE_LIMIT = 400


def good_faith(
    session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When, _: str
) -> None:
    """An estimate was given, for a visit or on request, or is not needed. Raises Refused."""
    if ref.kind is Kind.APPOINTMENT:
        record = _of_visit(session, practice, ref.record_id)
    else:
        record = existing(session, GoodFaithEstimate, ref.record_id)
    if what == "given":
        _not_ahead(practice, when.on)
        if record.requested_on is not None and when.on < record.requested_on:
            raise Refused(
                f"It was asked for on {format_day(record.requested_on)}: it cannot be given before."
            )
        record.given_on = when.on
    record.status = BillingStatus.CLOSED
    session.add(record)


def _of_visit(session: AuditedSession, practice: Practice, appointment_id: int) -> GoodFaithEstimate:
    """The estimate of a visit, or a new one: a visit has one. Its amount is unknown until it is entered."""
    visit = existing(session, Appointment, appointment_id)
    statement = select(GoodFaithEstimate).where(col(GoodFaithEstimate.appointment_id) == appointment_id)
    record = session.exec(statement).first() or GoodFaithEstimate(
        patient_id=visit.patient_id, appointment_id=appointment_id, service=visit.title
    )
    record.scheduled_on = visit.booked_on
    record.service_on = practice.context.day_of(visit.starts_at)
    return record


def billing_case(
    session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When, text: str
) -> None:
    """A question about a bill is answered, or the payer was asked and it is open still. Raises Refused."""
    record = existing(session, BillingCase, ref.record_id)
    if what == "asked":
        until = practice.context.target(ref.rule_id, practice.today())
        ask_again(session, practice, ref, until, payer_id=record.payer_id)
        return
    _not_ahead(practice, when.on)
    if when.on < record.opened_on:
        raise Refused("That is before the day of the question: check the day.")
    record.status, record.closed_on = BillingStatus.CLOSED, when.on
    record.note = clean_text(text, _NOTE_LIMIT) or record.note
    session.add(record)


def payment_plan(
    session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When, text: str
) -> None:
    """The next payment came in whole, or the plan ends; it closes with its last payment. Raises Refused.

    ``paid_ahead``: also one that is not due yet, on the day of another payment.
    """
    plan = existing(session, PaymentPlan, ref.record_id)
    if plan.status is BillingStatus.CLOSED:
        raise Refused("This payment plan is closed already.")
    _not_ahead(practice, when.on)
    statement = select(Installment).where(
        col(Installment.plan_id) == ref.record_id, col(Installment.paid_on).is_(None)
    )
    unpaid = session.exec(statement.order_by(col(Installment.due_on), col(Installment.id))).all()
    is_payment = what in ("paid", "paid_ahead")
    if is_payment:
        if not unpaid:
            raise Refused("Every payment of this plan is in; the list was out of date.")
        if when.on < plan.agreed_on:
            raise Refused(f"The plan was agreed on {format_day(plan.agreed_on)}: check the day.")
        if what == "paid":
            _warn_of_second(session, unpaid[0], when.on)
        unpaid[0].paid_on = when.on
        session.add(unpaid[0])
        clear_move(session, ref)  # its date was that of this payment
    if not is_payment or len(unpaid) == 1:
        plan.status, plan.closed_on = BillingStatus.CLOSED, when.on
        plan.note = clean_text(text, _NOTE_LIMIT) or plan.note
        session.add(plan)


def _warn_of_second(session: AuditedSession, part: Installment, on: date) -> None:
    """Raise NeedsConfirmation for a payment ahead on the day of another: most likely the key came twice."""
    statement = select(Installment.id).where(
        col(Installment.plan_id) == part.plan_id, col(Installment.paid_on) == on
    )
    if part.due_on > on and session.exec(statement).first() is not None:
        raise NeedsConfirmation(
            f"A payment of this plan is recorded for that day already; the next one, "
            f"{format_money(part.amount)}, is due on {format_day(part.due_on, on)}.",
            act="plan:paid_ahead",
        )


def assistance(
    session: AuditedSession, practice: Practice, ref: ItemRef, what: str, when: When, _: str
) -> None:
    """What a program said, or that it was asked again. Raises Refused."""
    record = existing(session, AssistanceProgram, ref.record_id)
    if what == "asked":
        until = practice.context.target(ref.rule_id, practice.today())
        ask_again(session, practice, ref, until)
        return
    status = AssistanceStatus(what)
    if status is AssistanceStatus.APPROVED:
        _approve(practice, record, when.on)
    elif status is AssistanceStatus.APPLIED:
        _not_ahead(practice, when.on)
        record.applied_on, record.decided_on = when.on, None
    elif status is AssistanceStatus.DECLINED:
        _not_ahead(practice, when.on)
        if when.on < record.applied_on:
            raise Refused("That is before the application was sent: check the day.")
        record.decided_on = when.on
    record.status = status
    session.add(record)
    clear_move(session, ref)  # it was of the step that is done


def _approve(practice: Practice, record: AssistanceProgram, renew_on: date) -> None:
    """Approved or renewed today, until a day that lies ahead and after the one known so far."""
    today = practice.today()
    if renew_on <= today or (record.renew_on is not None and renew_on <= record.renew_on):
        raise Refused("The renewal must lie ahead: enter the last day of the new period.")
    record.decided_on = today
    record.renew_on = renew_on


def _not_ahead(practice: Practice, day: date) -> None:
    if day > practice.today():
        raise Refused("That day is ahead: record it when it has happened.")
