"""Verbs of payment plans: agree on one, take a payment, end it. The oldest part is paid first."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlmodel import col, select

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.money import ZERO, MoneyError, check_amount, format_money
from carecoord_tui.domain.payment_plan import PlanError, schedule
from carecoord_tui.domain.vocabulary import BillingStatus, Kind
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.items import clear_moves_of
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Installment, Patient, PaymentPlan


def create_payment_plan(
    practice: Practice,
    patient_id: int,
    *,
    total: Decimal,
    parts: int,
    first_on: date,
    title: str = "",
    note: str = "",
) -> int:
    """``total`` dollars in monthly parts from ``first_on``, agreed today; returns the plan's number.

    Raises Refused for an amount or number of parts that makes no plan, and a first payment in the past.
    """
    today = practice.today()
    if first_on < today:
        raise Refused("The first payment lies in the past: choose today or a later day.")
    try:
        planned = schedule(total, parts, first_on)
    except (PlanError, MoneyError) as error:
        raise Refused(str(error)) from error
    with practice.change("payment plan") as session:
        existing(session, Patient, patient_id)
        plan = PaymentPlan(
            patient_id=patient_id,
            title=clean_text(title, 160),
            total=total,
            agreed_on=today,
            note=clean_text(note, 400),
        )
        session.add(plan)
        session.flush()
        assert plan.id is not None  # noqa: S101 - flushed
        for part in planned:
            session.add(
                Installment(patient_id=patient_id, plan_id=plan.id, due_on=part.due_on, amount=part.amount)
            )
        return plan.id


def record_payment(practice: Practice, plan_id: int, amount: Decimal, on: date | None = None) -> Decimal:
    """Money that came in, put to the oldest parts first; returns the dollars that are left to pay.

    A part that is paid in halves is kept as two of the same day. The plan closes with its last cent.
    Raises Refused for a closed plan, a day ahead, nothing, and more than is left.
    """
    paid_on = on or practice.today()
    if paid_on > practice.today():
        raise Refused("The day of the payment is ahead: record it when the money has come in.")
    try:
        check_amount(amount, "payment")
    except MoneyError as error:
        raise Refused(str(error)) from error
    if amount == 0:
        raise Refused("A payment of nothing cannot be recorded: enter an amount above zero.")
    with practice.change("payment recorded") as session:
        plan = _open_plan(session, plan_id)
        open_parts = _unpaid(session, plan_id)
        left = sum((part.amount for part in open_parts), ZERO)
        if amount > left:
            raise Refused(
                f"{format_money(amount)} is more than the {format_money(left)} left: give back the rest."
            )
        is_first_paid = amount >= _left_of_first(open_parts)
        _settle(session, open_parts, amount, paid_on)
        if is_first_paid:  # a moved date was that of this payment
            clear_moves_of(session, Kind.PAYMENT_PLAN, plan_id)
        if amount == left:
            plan.status, plan.closed_on = BillingStatus.CLOSED, paid_on
            session.add(plan)
        return left - amount


def close_payment_plan(practice: Practice, plan_id: int, *, reason: str) -> None:
    """End a plan before it is paid off; ``reason`` is kept as its note. Raises Refused without one."""
    words = clean_text(reason, 400)
    if not words:
        raise Refused("Say why the plan ends before it is paid, such as: balance forgiven.")
    with practice.change("payment plan closed") as session:
        plan = _open_plan(session, plan_id)
        plan.status, plan.closed_on, plan.note = BillingStatus.CLOSED, practice.today(), words
        session.add(plan)


def _open_plan(session: AuditedSession, plan_id: int) -> PaymentPlan:
    plan = existing(session, PaymentPlan, plan_id)
    if plan.status is BillingStatus.CLOSED:
        raise Refused("This payment plan is closed already.")
    return plan


def _unpaid(session: AuditedSession, plan_id: int) -> list[Installment]:
    statement = (
        select(Installment)
        .where(col(Installment.plan_id) == plan_id, col(Installment.paid_on).is_(None))
        .order_by(col(Installment.due_on), col(Installment.id))
    )
    return list(session.exec(statement))


def _left_of_first(parts: list[Installment]) -> Decimal:
    """What is still open of the payment that is due next; it may have been paid in part before."""
    first = parts[0].due_on
    return sum((part.amount for part in parts if part.due_on == first), ZERO)


def _settle(session: AuditedSession, parts: list[Installment], amount: Decimal, paid_on: date) -> None:
    """Mark parts as paid until the money is used up; what is left of the last one becomes a part anew."""
    for part in parts:
        if not amount:
            return
        if amount < part.amount:
            rest = part.amount - amount
            session.add(
                Installment(patient_id=part.patient_id, plan_id=part.plan_id, due_on=part.due_on, amount=rest)
            )
            part.amount = amount
        part.paid_on = paid_on
        session.add(part)
        amount -= part.amount
