"""Verbs about what care costs: estimates, good-faith estimates, billing cases, the order of plans.

Payment plans and assistance programs have modules of their own. Every verb is one change; when it
raises Refused nothing has changed. Days are practice-local, amounts exact dollars, None is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from sqlmodel import col, select

from carecoord_tui.domain.estimate import EstimateInputs, estimate
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.good_faith import estimate_due
from carecoord_tui.domain.money import MoneyError, check_amount
from carecoord_tui.domain.rulepack import RuleError
from carecoord_tui.domain.vocabulary import BillingStatus, CopayMode, CoverageStatus
from carecoord_tui.store.actions.assistance import (
    apply_for_assistance,
    approve_assistance,
    decline_assistance,
    end_assistance,
    renew_assistance,
)
from carecoord_tui.store.actions.base import Refused, as_shown, existing
from carecoord_tui.store.actions.payment_plans import close_payment_plan, create_payment_plan, record_payment
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    Appointment,
    BillingCase,
    Coverage,
    Estimate,
    GoodFaithEstimate,
    Patient,
    Payer,
    Record,
)

__all__ = [
    "BillingCaseEntry",
    "EstimateEntry",
    "GoodFaithEntry",
    "apply_for_assistance",
    "approve_assistance",
    "close_billing_case",
    "close_payment_plan",
    "create_payment_plan",
    "decline_assistance",
    "end_assistance",
    "open_billing_case",
    "record_payment",
    "renew_assistance",
    "save_estimate",
    "save_good_faith",
    "set_coverage_order",
]

Owned = TypeVar("Owned", Coverage, Appointment, GoodFaithEstimate)
_HUNDRED = Decimal(100)


# --- Estimates ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateEntry:
    """Every figure an estimate is made of. ``coinsurance_percent`` 30 is 30 %; ``out_of_pocket_left`` is
    ``estimate.NO_LIMIT`` for a plan without a maximum.
    """

    service: str = ""
    coverage_id: int | None = None
    appointment_id: int | None = None
    allowed: Decimal | None = None
    copay: Decimal | None = None
    copay_mode: CopayMode | None = None
    deductible_left: Decimal | None = None
    coinsurance_percent: Decimal | None = None
    out_of_pocket_left: Decimal | None = None
    noncovered: Decimal | None = None
    note: str = ""

    def inputs(self) -> EstimateInputs:
        """The figures as the formula takes them. Raises MoneyError."""
        percent = self.coinsurance_percent
        return EstimateInputs(
            allowed=self.allowed,
            deductible_remaining=self.deductible_left,
            rate=None if percent is None else percent / _HUNDRED,
            oop_remaining=self.out_of_pocket_left,
            copay_mode=self.copay_mode,
            copay=self.copay,
            noncovered=self.noncovered,
        )


def save_estimate(practice: Practice, patient_id: int, entry: EstimateEntry) -> int:
    """Keep what the patient is told today, with its figures and what they come to; returns its number.

    Raises Refused for figures that are negative or absurd, for a copay of a service that has none, and
    for one without any figure.
    """
    if entry.copay_mode is CopayMode.NONE and entry.copay:
        raise Refused("The service has no copay, and one is entered: clear it or choose how it meets.")
    try:
        answer = estimate(entry.inputs())
    except MoneyError as error:
        raise Refused(str(error)) from error
    figures = (
        entry.allowed,
        entry.copay,
        entry.deductible_left,
        entry.coinsurance_percent,
        entry.out_of_pocket_left,
    )
    if all(figure is None for figure in figures):
        raise Refused("An estimate needs a figure: enter the allowed amount or the copay.")
    with practice.change("estimate") as session:
        existing(session, Patient, patient_id)
        if entry.coverage_id is not None:
            _of_patient(session, Coverage, entry.coverage_id, patient_id)
        if entry.appointment_id is not None:
            _of_patient(session, Appointment, entry.appointment_id, patient_id)
        values = asdict(entry) | {
            "service": clean_text(entry.service, 160),
            "note": clean_text(entry.note, 400),
        }
        return _added(
            session,
            Estimate(
                patient_id=patient_id,
                made_on=practice.today(),
                low=answer.owed.low,
                high=answer.owed.high,
                **values,
            ),
        )


# --- Good-faith estimates -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodFaithEntry:
    """A good-faith estimate as the form holds it; booking and service days of a visit are the visit's.

    ``billed_on`` is the day the patient received the bill.
    """

    service: str = ""
    appointment_id: int | None = None
    requested_on: date | None = None
    given_on: date | None = None
    amount: Decimal | None = None
    billed: Decimal | None = None
    billed_on: date | None = None
    note: str = ""


def save_good_faith(
    practice: Practice,
    patient_id: int,
    entry: GoodFaithEntry,
    *,
    good_faith_id: int | None = None,
    version: int | None = None,
) -> int:
    """Record an estimate as asked for, given or billed: a new one, or the one of ``good_faith_id``.

    It is settled from the day it is given. ``version`` is the record's as the form read it: Conflict when
    another window changed it since. Raises Refused for days ahead or out of order, an estimate
    given without its amount, and one that neither a visit nor a request calls for.
    """
    _check_good_faith(entry, practice.today())
    with practice.change(_good_faith_label(entry)) as session:
        record = _good_faith_record(session, patient_id, entry.appointment_id, good_faith_id)
        if good_faith_id is not None and version is not None:
            record = as_shown(session, GoodFaithEstimate, good_faith_id, version)
        if entry.appointment_id is not None:
            visit = _of_patient(session, Appointment, entry.appointment_id, patient_id)
            record.scheduled_on = visit.booked_on
            record.service_on = visit.starts_at.astimezone(practice.zone).date()
        record.appointment_id = entry.appointment_id
        record.requested_on, record.given_on, record.amount = entry.requested_on, entry.given_on, entry.amount
        record.billed, record.billed_on = entry.billed, entry.billed_on
        record.service, record.note = clean_text(entry.service, 160), clean_text(entry.note, 400)
        if entry.given_on is not None:  # one that was closed without is not opened by another note
            record.status = BillingStatus.CLOSED
        try:
            estimate_due(
                practice.context,
                booked_on=record.scheduled_on,
                service_on=record.service_on,
                requested_on=record.requested_on,
            )
        except RuleError as error:
            raise Refused(str(error)) from error
        return _added(session, record)


def _check_good_faith(entry: GoodFaithEntry, today: date) -> None:
    dated = (("request", entry.requested_on), ("estimate", entry.given_on), ("bill", entry.billed_on))
    for what, day in dated:
        if day is not None and day > today:
            raise Refused(f"The day of the {what} is ahead: record it when it has happened.")
    if entry.given_on is not None and entry.amount is None:
        raise Refused("An estimate that was given has an amount: enter what the patient was told.")
    if entry.amount is not None and entry.given_on is None:
        raise Refused("Enter the day the estimate was given, or clear its amount.")
    if entry.given_on and entry.requested_on and entry.given_on < entry.requested_on:
        raise Refused("The estimate was given before it was asked for: check the two days.")
    if entry.billed_on is not None and entry.billed is None:
        raise Refused("A bill has an amount: enter it, or clear the day it was received.")
    for what, amount in (("estimate", entry.amount), ("bill", entry.billed)):
        _check_money(amount, what)


def _good_faith_label(entry: GoodFaithEntry) -> str:
    done = "requested" if entry.given_on is None else "given"
    return f"good-faith estimate {'billed' if entry.billed is not None else done}"


def _good_faith_record(
    session: AuditedSession, patient_id: int, appointment_id: int | None, good_faith_id: int | None
) -> GoodFaithEstimate:
    """The one that is changed, or a new one; a visit has one estimate."""
    if good_faith_id is not None:
        return _of_patient(session, GoodFaithEstimate, good_faith_id, patient_id)
    existing(session, Patient, patient_id)
    if appointment_id is not None:
        same = select(GoodFaithEstimate).where(col(GoodFaithEstimate.appointment_id) == appointment_id)
        if session.exec(same).first() is not None:
            raise Refused("An estimate for this visit is on file already: change that one.")
    return GoodFaithEstimate(patient_id=patient_id)


# --- Billing cases ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingCaseEntry:
    """A question about a bill as the form holds it."""

    title: str
    opened_on: date
    payer_id: int | None = None
    amount: Decimal | None = None
    note: str = ""


def open_billing_case(practice: Practice, patient_id: int, entry: BillingCaseEntry) -> int:
    """A question about a bill that is open until it is answered; returns its number. Raises Refused."""
    title = clean_text(entry.title, 160)
    if not title:
        raise Refused("A billing question needs words, such as: billed twice for 12 Oct.")
    if entry.opened_on > practice.today():
        raise Refused("The day of the question is ahead: record it when it was asked.")
    _check_money(entry.amount, "amount")
    with practice.change("billing question") as session:
        existing(session, Patient, patient_id)
        if entry.payer_id is not None:
            existing(session, Payer, entry.payer_id)
        record = BillingCase(
            patient_id=patient_id,
            payer_id=entry.payer_id,
            title=title,
            opened_on=entry.opened_on,
            amount=entry.amount,
            note=clean_text(entry.note, 400),
        )
        return _added(session, record)


def close_billing_case(practice: Practice, case_id: int, *, answer: str, on: date | None = None) -> None:
    """The question is answered; ``answer`` is kept as its note. Raises Refused without one."""
    words = clean_text(answer, 400)
    if not words:
        raise Refused("Say how the question was answered, such as: second bill cancelled.")
    closed_on = on or practice.today()
    with practice.change("billing question closed") as session:
        record = existing(session, BillingCase, case_id)
        if record.status is BillingStatus.CLOSED:
            raise Refused("This billing question is closed already.")
        if not record.opened_on <= closed_on <= practice.today():
            raise Refused("The answer is from the day of the question to today: check the day.")
        record.status, record.closed_on, record.note = BillingStatus.CLOSED, closed_on, words
        session.add(record)


# --- Who pays first -----------------------------------------------------------------------------


def set_coverage_order(practice: Practice, patient_id: int, coverage_ids: Sequence[int]) -> None:
    """Number a patient's plans in order of payment, 1 first; cancelled ones come behind.

    Raises Refused when these are not the plans on file (another window changed them), or nothing changes.
    """
    with practice.change("order of coverage") as session:
        statement = select(Coverage).where(col(Coverage.patient_id) == patient_id)
        plans = {plan.id: plan for plan in session.exec(statement.order_by(col(Coverage.rank))).all()}
        present = [number for number, plan in plans.items() if plan.status is not CoverageStatus.CANCELLED]
        if sorted(coverage_ids) != sorted(number for number in present if number is not None):
            raise Refused("The plans on file have changed meanwhile: ask again who pays first.")
        behind = [number for number in plans if number not in coverage_ids]
        moved = 0
        for rank, number in enumerate((*coverage_ids, *behind), 1):
            if plans[number].rank != rank:
                plans[number].rank = rank
                session.add(plans[number])
                moved += 1
        if not moved:
            raise Refused("The plans stand in this order already.")


# --- Parts --------------------------------------------------------------------------------------


def _added(session: AuditedSession, record: Record) -> int:
    session.add(record)
    session.flush()
    assert record.id is not None  # noqa: S101 - flushed
    return record.id


def _of_patient(session: AuditedSession, model: type[Owned], record_id: int, patient_id: int) -> Owned:
    """The record, which must be this patient's."""
    record = existing(session, model, record_id)
    if record.patient_id != patient_id:
        raise Refused("That belongs to another patient: open the form again.")
    return record


def _check_money(amount: Decimal | None, what: str) -> None:
    if amount is None:
        return
    try:
        check_amount(amount, what)
    except MoneyError as error:
        raise Refused(str(error)) from error
