"""Visits and hospital discharges (FHIR Appointment; transitions of care)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    InterpreterMode,
    TransitionComplexity,
    TransitionStatus,
)
from carecoord_tui.store.tables.base import EMPTY, RECORD_ARGS, Record, UtcDateTime, Word


class Appointment(Record, table=True):
    """A visit; open until its outcome is recorded and a missed one is settled."""

    __tablename__ = "appointment"
    __table_args__ = (
        sa.Index("ix_appointment_patient", "patient_id"),
        sa.Index("ix_appointment_start", "starts_at"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    provider_id: int | None = Field(default=None, foreign_key="provider.id")
    referral_id: int | None = Field(default=None, foreign_key="referral.id")
    transition_id: int | None = Field(default=None, foreign_key="transition.id")
    title: str = Field(default="Visit", max_length=120)
    status: AppointmentStatus = Field(
        default=AppointmentStatus.BOOKED,
        sa_type=Word(AppointmentStatus),
    )
    starts_at: datetime = Field(sa_type=UtcDateTime)
    minutes: int = 30
    booked_on: date
    confirmed_on: date | None = None
    interpreter_needed: bool = False
    interpreter_confirmed_on: date | None = None
    status_on: date | None = None  # the day the present status was recorded
    settled_on: date | None = None  # a no-show or cancelled visit was rebooked or let go
    note: str = Field(default="", max_length=400)
    interpreter_mode: InterpreterMode | None = Field(default=None, sa_type=Word(InterpreterMode))
    interpreter_name: str = Field(default="", max_length=160, sa_column_kwargs=EMPTY)
    interpreter_qualified: bool | None = None  # None: nobody asked
    location: str = Field(default="", max_length=160, sa_column_kwargs=EMPTY)


class Transition(Record, table=True):
    """A hospital discharge with its contact and visit clocks (TCM)."""

    __tablename__ = "transition"
    __table_args__ = (sa.Index("ix_transition_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    facility: str = Field(default="", max_length=160)
    discharged_on: date
    complexity: TransitionComplexity = Field(
        default=TransitionComplexity.MODERATE,
        sa_type=Word(TransitionComplexity),
    )
    status: TransitionStatus = Field(
        default=TransitionStatus.OPEN,
        sa_type=Word(TransitionStatus),
    )
    handed_to: str = Field(default="", max_length=120)
    closed_on: date | None = None
    note: str = Field(default="", max_length=400)
