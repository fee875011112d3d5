"""What care costs the patient: estimates, good-faith estimates, billing cases, payment plans, assistance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import AssistanceStatus, BillingStatus, CopayMode
from carecoord_tui.store.tables.base import RECORD_ARGS, Money, Record, Word


class Estimate(Record, table=True):
    """What a patient was told they may owe, with every figure it was made of; unknown stays NULL."""

    __tablename__ = "estimate"
    __table_args__ = (sa.Index("ix_estimate_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    coverage_id: int | None = Field(default=None, foreign_key="coverage.id")
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id")
    service: str = Field(default="", max_length=160)
    made_on: date
    allowed: Decimal | None = Field(default=None, sa_type=Money)
    copay: Decimal | None = Field(default=None, sa_type=Money)
    copay_mode: CopayMode | None = Field(default=None, sa_type=Word(CopayMode))  # None: not said
    deductible_left: Decimal | None = Field(default=None, sa_type=Money)
    coinsurance_percent: Decimal | None = Field(default=None, sa_type=Money)
    out_of_pocket_left: Decimal | None = Field(default=None, sa_type=Money)
    noncovered: Decimal | None = Field(default=None, sa_type=Money)
    low: Decimal | None = Field(default=None, sa_type=Money)
    high: Decimal | None = Field(default=None, sa_type=Money)
    note: str = Field(default="", max_length=400)


class GoodFaithEstimate(Record, table=True):
    """The estimate a self-pay patient must be given (45 CFR 149.610)."""

    __tablename__ = "good_faith"
    __table_args__ = (sa.Index("ix_good_faith_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id")
    service: str = Field(default="", max_length=160)
    scheduled_on: date | None = None
    requested_on: date | None = None
    service_on: date | None = None
    given_on: date | None = None
    amount: Decimal | None = Field(default=None, sa_type=Money)
    billed: Decimal | None = Field(default=None, sa_type=Money)
    billed_on: date | None = None
    status: BillingStatus = Field(default=BillingStatus.OPEN, sa_type=Word(BillingStatus))
    note: str = Field(default="", max_length=400)


class BillingCase(Record, table=True):
    """A question about a bill, open until it is answered."""

    __tablename__ = "billing_case"
    __table_args__ = (sa.Index("ix_billing_case_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    payer_id: int | None = Field(default=None, foreign_key="payer.id")
    title: str = Field(max_length=160)
    opened_on: date
    amount: Decimal | None = Field(default=None, sa_type=Money)
    status: BillingStatus = Field(default=BillingStatus.OPEN, sa_type=Word(BillingStatus))
    closed_on: date | None = None
    note: str = Field(default="", max_length=400)


class PaymentPlan(Record, table=True):
    """An amount paid off in parts."""

    __tablename__ = "payment_plan"
    __table_args__ = (sa.Index("ix_payment_plan_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    title: str = Field(default="", max_length=160)
    total: Decimal = Field(sa_type=Money)
    agreed_on: date
    status: BillingStatus = Field(default=BillingStatus.OPEN, sa_type=Word(BillingStatus))
    closed_on: date | None = None
    note: str = Field(default="", max_length=400)


class Installment(Record, table=True):
    """One part of a payment plan."""

    __tablename__ = "installment"
    __table_args__ = (
        sa.Index("ix_installment_patient", "patient_id"),
        sa.Index("ix_installment_plan", "plan_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    plan_id: int = Field(foreign_key="payment_plan.id")
    due_on: date
    amount: Decimal = Field(sa_type=Money)
    paid_on: date | None = None


class AssistanceProgram(Record, table=True):
    """Help from a manufacturer, a foundation or the practice itself, with the day it must be renewed."""

    __tablename__ = "assistance"
    __table_args__ = (sa.Index("ix_assistance_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    denial_id: int | None = Field(default=None, foreign_key="denial.id")
    program: str = Field(max_length=160)
    status: AssistanceStatus = Field(default=AssistanceStatus.APPLIED, sa_type=Word(AssistanceStatus))
    applied_on: date
    decided_on: date | None = None
    renew_on: date | None = None
    amount: Decimal | None = Field(default=None, sa_type=Money)
    note: str = Field(default="", max_length=400)
