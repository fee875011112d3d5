"""Coverage, eligibility checks, authorizations, denials (FHIR Coverage, Claim)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlmodel import Field

from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    AuthorizationStatus,
    BenefitKind,
    BenefitLevel,
    BenefitPeriod,
    CoverageStatus,
    DenialReason,
    DenialStatus,
    EligibilityResult,
    Network,
    TrackKind,
    TrackStatus,
)
from carecoord_tui.store.tables.base import EMPTY, NO, RECORD_ARGS, Money, Record, UtcDateTime, Word


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
    made_by: str = Field(default="", max_length=120, sa_column_kwargs=EMPTY)
    spoke_with: str = Field(default="", max_length=160, sa_column_kwargs=EMPTY)
    plan_said: str = Field(default="", max_length=160, sa_column_kwargs=EMPTY)  # the plan the payer named
    authorization_needed: bool | None = None  # None: not asked
    referral_needed: bool | None = None
    source: str = Field(default="", max_length=40, sa_column_kwargs=EMPTY)  # "271" for an imported answer


class Benefit(Record, table=True):
    """One figure a payer named, with everything that tells it from its neighbours."""

    __tablename__ = "benefit"
    __table_args__ = (
        sa.Index("ix_benefit_patient", "patient_id"),
        sa.Index("ix_benefit_check", "check_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    check_id: int = Field(foreign_key="eligibility_check.id")
    kind: BenefitKind = Field(sa_type=Word(BenefitKind))
    amount: Decimal | None = Field(default=None, sa_type=Money)
    percent: Decimal | None = Field(default=None, sa_type=Money)  # 20 is 20 %
    network: Network = Field(default=Network.UNKNOWN, sa_type=Word(Network))
    level: BenefitLevel = Field(default=BenefitLevel.UNKNOWN, sa_type=Word(BenefitLevel))
    period: BenefitPeriod = Field(default=BenefitPeriod.UNKNOWN, sa_type=Word(BenefitPeriod))
    service_type: str = Field(default="", max_length=80)
    plan: str = Field(default="", max_length=160)
    text: str = Field(default="", max_length=400)  # what the payer said beside it
    trace: str = Field(default="", max_length=80)  # "EB, segment 27" of an imported answer


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
    appointment_id: int | None = None  # the visit it is for: its number
    diagnoses: str = Field(default="", max_length=200, sa_column_kwargs=EMPTY)
    requesting_npi: str = Field(default="", max_length=10, sa_column_kwargs=EMPTY)
    rendering_npi: str = Field(default="", max_length=10, sa_column_kwargs=EMPTY)
    site: str = Field(default="", max_length=160, sa_column_kwargs=EMPTY)
    peer_to_peer_by: date | None = None
    extended_on: date | None = None  # the payer took its extension (42 CFR 422.568: 14 days)
    denial_reason: DenialReason | None = Field(default=None, sa_type=Word(DenialReason))
    first_submitted_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  # turnaround counts from here; ``submitted_at`` is where the running clock starts


class AuthorizationItem(Record, table=True):
    """One service of an authorization: a payer answers item by item."""

    __tablename__ = "authorization_item"
    __table_args__ = (
        sa.Index("ix_authorization_item_patient", "patient_id"),
        sa.Index("ix_authorization_item_authorization", "authorization_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    authorization_id: int = Field(foreign_key="authorization.id")
    service: str = Field(default="", max_length=160)
    code: str = Field(default="", max_length=20)
    status: AuthorizationStatus = Field(sa_type=Word(AuthorizationStatus))
    number: str = Field(default="", max_length=80)
    units: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    trace: str = Field(default="", max_length=80)
    note: str = Field(default="", max_length=400)
    denial_id: int | None = None  # the denial entered since it was last denied: its number


class AuthorizationEvent(Record, table=True):
    """One step of an authorization: history is appended, never edited."""

    __tablename__ = "authorization_event"
    __table_args__ = (sa.Index("ix_authorization_event_authorization", "authorization_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    authorization_id: int = Field(foreign_key="authorization.id")
    status: AuthorizationStatus = Field(sa_type=Word(AuthorizationStatus))
    happened_on: date
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    who: str = Field(default="", max_length=120)
    note: str = Field(default="", max_length=400)


class AuthorizationUse(Record, table=True):
    """Units a visit used up."""

    __tablename__ = "authorization_use"
    __table_args__ = (sa.Index("ix_authorization_use_authorization", "authorization_id"), RECORD_ARGS)

    patient_id: int = Field(foreign_key="patient.id")
    authorization_id: int = Field(foreign_key="authorization.id")
    appointment_id: int | None = Field(default=None, foreign_key="appointment.id")
    used_on: date
    units: int = 1


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
    reason_kind: DenialReason | None = Field(default=None, sa_type=Word(DenialReason))
    claim_number: str = Field(default="", max_length=80, sa_column_kwargs=EMPTY)
    amount: Decimal | None = Field(default=None, sa_type=Money)
    who_appeals: str = Field(default="", max_length=120, sa_column_kwargs=EMPTY)
    representative_needed: bool | None = None
    representative_form_on: date | None = None
    peer_to_peer_by: date | None = None
    peer_to_peer_on: date | None = None
    is_drug: bool = Field(default=False, sa_column_kwargs=NO)
    trace: str = Field(default="", max_length=80, sa_column_kwargs=EMPTY)


class DenialTrack(Record, table=True):
    """One road out of a denial; up to three are walked side by side."""

    __tablename__ = "denial_track"
    __table_args__ = (
        sa.UniqueConstraint("denial_id", "kind"),
        sa.Index("ix_denial_track_patient", "patient_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    denial_id: int = Field(foreign_key="denial.id")
    kind: TrackKind = Field(sa_type=Word(TrackKind))
    status: TrackStatus = Field(default=TrackStatus.OPEN, sa_type=Word(TrackStatus))
    opened_on: date
    next_on: date | None = None  # what was promised or is planned next
    closed_on: date | None = None
    note: str = Field(default="", max_length=400)


class Appeal(Record, table=True):
    """One level of appeal that was filed."""

    __tablename__ = "appeal"
    __table_args__ = (
        sa.Index("ix_appeal_patient", "patient_id"),
        sa.Index("ix_appeal_denial", "denial_id"),
        RECORD_ARGS,
    )

    patient_id: int = Field(foreign_key="patient.id")
    denial_id: int = Field(foreign_key="denial.id")
    rule_id: str = Field(default="", max_length=60)  # the level, by its rule
    filed_on: date
    filed_how: str = Field(default="", max_length=40)
    received_on: date | None = None  # the payer has it, as confirmed
    is_expedited: bool = False
    decided_on: date | None = None
    outcome: AppealOutcome | None = Field(default=None, sa_type=Word(AppealOutcome))
    reference: str = Field(default="", max_length=80)
    note: str = Field(default="", max_length=400)
