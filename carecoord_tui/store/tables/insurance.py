"""Coverage, eligibility checks, authorizations, denials (FHIR Coverage, Claim)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    CoverageStatus,
    DenialStatus,
    EligibilityResult,
)
from carecoord_tui.store.tables.base import RECORD_ARGS, Money, Record, UtcDateTime, Word


class Coverage(Record, table=True):
    """A plan a patient has; ``rank`` 1 pays first."""

    __tablename__ = "coverage"
    __table_args__ = (
        sa.Index("ix_coverage_patient", "patient_id"),
        sa.Index("ix_coverage_payer", "payer_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    payer_id: int = Field(foreign_key="payer.id")
    plan_name: str = Field(default="", max_length=160)
    member_id: str = Field(default="", max_length=80)
    group_number: str = Field(default="", max_length=80)
    rank: int = 1
    status: CoverageStatus = Field(default=CoverageStatus.UNKNOWN, sa_type=Word(CoverageStatus))
    starts_on: date | None = None
    ends_on: date | None = None


class EligibilityCheck(Record, table=True):
    """What a payer said: ``checked_on`` the day of asking, ``as_of`` the service date asked about."""

    __tablename__ = "eligibility_check"
    __table_args__ = (
        sa.Index("ix_eligibility_check_patient", "patient_id"),
        sa.Index("ix_eligibility_check_coverage", "coverage_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    coverage_id: int = Field(foreign_key="coverage.id")
    checked_on: date
    as_of: date
    result: EligibilityResult = Field(sa_type=Word(EligibilityResult))
    copay: Decimal | None = Field(default=None, sa_type=Money)
    benefits_read_on: date | None = None  # None: this check did not read benefits
    reference: str = Field(default="", max_length=80)
    method: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=400)


class Authorization(Record, table=True):
    """A prior authorization from "needed?" to expired."""

    __tablename__ = "authorization"
    __table_args__ = (
        sa.Index("ix_authorization_patient", "patient_id"),
        sa.Index("ix_authorization_coverage", "coverage_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    coverage_id: int | None = Field(default=None, foreign_key="coverage.id")
    referral_id: int | None = Field(default=None, foreign_key="referral.id")
    service: str = Field(max_length=160)
    service_code: str = Field(default="", max_length=20)
    service_on: date | None = None
    is_drug: bool = False
    is_expedited: bool = False
    status: AuthorizationStatus = Field(
        default=AuthorizationStatus.NEEDED,
        sa_type=Word(AuthorizationStatus),
    )
    opened_on: date
    submitted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    channel: str = Field(default="", max_length=40)
    reference: str = Field(default="", max_length=80)
    information_due_on: date | None = None
    decided_on: date | None = None
    number: str = Field(default="", max_length=80)
    valid_from: date | None = None
    valid_to: date | None = None
    units_authorized: int | None = None
    units_used: int | None = None
    units_updated_on: date | None = None
    renewed_by_id: int | None = Field(default=None, foreign_key="authorization.id")
    note: str = Field(default="", max_length=400)


class Denial(Record, table=True):
    """A payer's no, and the clock it starts."""

    __tablename__ = "denial"
    __table_args__ = (sa.Index("ix_denial_patient", "patient_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    coverage_id: int | None = Field(default=None, foreign_key="coverage.id")
    authorization_id: int | None = Field(default=None, foreign_key="authorization.id")
    service: str = Field(max_length=160)
    reason: str = Field(default="", max_length=160)
    status: DenialStatus = Field(default=DenialStatus.OPEN, sa_type=Word(DenialStatus))
    notice_on: date
    received_on: date | None = None
    level: str = Field(default="", max_length=60)  # rule id of the appeal level when not the first
    letter_deadline_on: date | None = None  # printed on the letter: overrides the rule
    is_expedited: bool = False
    triaged_on: date | None = None
    filed_on: date | None = None
    decided_on: date | None = None
    note: str = Field(default="", max_length=400)
