"""A referral and every stage it stood in (FHIR ServiceRequest with its Task)."""

from __future__ import annotations

from datetime import date, datetime, time

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency
from carecoord_tui.store.tables.base import EMPTY, NO, RECORD_ARGS, Record, UtcDateTime, Word


class Referral(Record, table=True):
    """One request to one receiving office."""

    __tablename__ = "referral"
    __table_args__ = (
        sa.Index("ix_referral_patient", "patient_id"),
        sa.Index("ix_referral_provider", "provider_id"),
        sa.Index("ix_referral_stage", "stage", "stage_on"),
        sa.Index("ix_referral_redirected", "redirected_from_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    provider_id: int | None = Field(default=None, foreign_key="provider.id")
    specialty: str = Field(max_length=80)
    reason: str = Field(default="", max_length=400)
    urgency: Urgency = Field(default=Urgency.ROUTINE, sa_type=Word(Urgency))
    stage: ReferralStage = Field(default=ReferralStage.DRAFT, sa_type=Word(ReferralStage))
    stage_on: date  # when the present stage began; its clock starts here
    ordered_on: date
    sent_on: date | None = None
    visit_on: date | None = None
    report_received_on: date | None = None
    reviewed_on: date | None = None
    patient_informed_on: date | None = None
    redirected_from_id: int | None = Field(default=None, foreign_key="referral.id")
    note: str = Field(default="", max_length=400)

    service_type: ReferralType = Field(
        default=ReferralType.CONSULT,
        sa_type=Word(ReferralType),
        sa_column_kwargs={"server_default": "consult"},
    )
    question: str = Field(
        default="", max_length=1000, sa_column_kwargs=EMPTY
    )  # the clinical question to the specialist
    diagnoses: str = Field(
        default="", max_length=200, sa_column_kwargs=EMPTY
    )  # ICD-10-CM codes, comma-separated
    ordered_by: str = Field(
        default="", max_length=120, sa_column_kwargs=EMPTY
    )  # the referring clinician: who reviews the report
    needs_authorization: bool | None = None  # None: nobody asked the payer
    interpreter_needed: bool = Field(default=False, sa_column_kwargs=NO)
    transport_needed: bool = Field(default=False, sa_column_kwargs=NO)
    visit_time: time | None = None  # practice-local, on visit_on
    report_source: str = Field(
        default="", max_length=80, sa_column_kwargs=EMPTY
    )  # where the report is: attached, on paper ...
    reviewed_by: str = Field(default="", max_length=120, sa_column_kwargs=EMPTY)
    informed_by: str = Field(default="", max_length=120, sa_column_kwargs=EMPTY)
    stage_reason: str = Field(
        default="", max_length=200, sa_column_kwargs=EMPTY
    )  # why rejected, on hold, declined, withdrawn
    held_stage: ReferralStage | None = Field(default=None, sa_type=Word(ReferralStage))  # where it goes on
    sent_how: str = Field(default="", max_length=40, sa_column_kwargs=EMPTY)
    sent_confirmation: str = Field(
        default="", max_length=80, sa_column_kwargs=EMPTY
    )  # a fax's time and pages, a portal's number
    office_reference: str = Field(default="", max_length=80, sa_column_kwargs=EMPTY)

    # Derived in the same transaction as every change (store.derived), never audited.
    touched_on: date | None = None  # the last step, contact or move about it: what "stalled" counts from


class ReferralStageEvent(Record, table=True):
    """One move of a referral: history is appended, never edited."""

    __tablename__ = "referral_stage"
    __table_args__ = (sa.Index("ix_referral_stage_referral", "referral_id"), RECORD_ARGS)

    referral_id: int = Field(foreign_key="referral.id")
    patient_id: int = Field(foreign_key="patient.id")
    stage: ReferralStage = Field(sa_type=Word(ReferralStage))
    happened_on: date
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    note: str = Field(default="", max_length=400)
    from_stage: ReferralStage | None = Field(default=None, sa_type=Word(ReferralStage))
    who: str = Field(default="", max_length=120, sa_column_kwargs=EMPTY)  # who reviewed, told, or said so
    visit_on: date | None = None  # the date that was booked with this step
