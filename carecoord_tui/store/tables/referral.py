"""A referral and every stage it stood in (FHIR ServiceRequest with its Task)."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import ReferralStage, Urgency
from carecoord_tui.store.tables.base import RECORD_ARGS, Record, UtcDateTime, Word


class Referral(Record, table=True):
    """One request to one receiving office."""

    __tablename__ = "referral"
    __table_args__ = (
        sa.Index("ix_referral_patient", "patient_id"),
        sa.Index("ix_referral_provider", "provider_id"),
        sa.Index("ix_referral_stage", "stage"),
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
