"""Frozen rows of referrals that queries, widgets and screens share. Dates are practice-local days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from carecoord_tui.domain.calling_hours import closed_words
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.vocabulary import AuthorizationStatus, ReferralStage, ReferralType, Urgency

S = ReferralStage

LOOP_ORDER = (
    S.DRAFT, S.SENT, S.ACKNOWLEDGED, S.ACCEPTED, S.REJECTED, S.SCHEDULED, S.NO_SHOW, S.VISIT_CANCELLED,
    S.SEEN, S.REPORT_RECEIVED, S.REVIEWED, S.ON_HOLD, S.CLOSED, S.DECLINED, S.WITHDRAWN, S.REDIRECTED,
)  # fmt: skip
"""Stages as a list groups them: along the loop, each detour after the stage it leaves."""

OPEN_STAGES = tuple(stage for stage in LOOP_ORDER if stage.is_open)
ENDED_STAGES = tuple(stage for stage in LOOP_ORDER if not stage.is_open)


class View(StrEnum):
    """Which referrals are listed. All but the first are exceptions somebody must look at."""

    ALL = "all"
    NO_DATE = "no_date"  # sent, no appointment date
    QUIET = "quiet"  # nothing done for longer than rule ``referral.stalled`` allows
    NO_REPORT = "no_report"  # seen, the report is not in
    URGENT = "urgent"
    AUTHORIZATION = "authorization"  # needed and missing, or ending before the visit


class AuthorizationState(StrEnum):
    """Whether the payer's permission covers the visit."""

    COVERED = "covered"  # or none is needed
    MISSING = "missing"
    ENDS_EARLY = "ends_early"  # it has run out, or will have before the visit


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralListRow:
    """One line of the list of referrals. ``next_*`` and ``waiting_on`` are its item in the ledger."""

    id: int
    patient_id: int
    patient_name: str
    specialty: str
    office: str  # empty where none is on file
    urgency: Urgency
    stage: ReferralStage
    stage_on: date
    ordered_on: date
    service_type: ReferralType
    sent_on: date | None
    visit_on: date | None
    visit_time: time | None
    touched_on: date | None
    needs_authorization: bool | None  # None: nobody asked the payer
    has_approval: bool  # an approved authorization, whatever its last day
    approval_covers: bool  # ... that lasts until the visit, or until today where no visit is booked
    interpreter_needed: bool
    transport_needed: bool
    is_confidential: bool
    next_title: str
    next_on: date | None
    waiting_on: str

    @property
    def expects_report(self) -> bool:
        """False for supplies and community services: nobody writes one."""
        return self.service_type.expects_report


# --- one referral in full -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class StampRow:
    """A step that was taken: the day it happened, when (aware UTC) and by whose word it was recorded."""

    id: int
    stage: ReferralStage
    happened_on: date
    recorded_at: datetime
    who: str
    note: str
    from_stage: ReferralStage | None
    visit_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedReferral:
    """The other end of a redirect."""

    id: int
    office: str  # empty where none is on file
    stage: ReferralStage


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRow:
    """An authorization requested for the referral."""

    id: int
    number: str
    status: AuthorizationStatus
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRow:
    """The receiving office of a referral."""

    id: int
    name: str
    organization: str
    specialty: str
    npi: str
    phone: str
    referral_phone: str  # the desk that takes referrals, when another
    fax: str
    address: str
    wants: str
    usual_wait_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralDetailRow:
    """Everything that is recorded of one referral."""

    id: int
    version: int
    patient_id: int
    patient_name: str
    birth_date: date | None
    mrn: str
    office: OfficeRow | None
    specialty: str
    service_type: ReferralType
    reason: str
    question: str
    diagnoses: str  # ICD-10-CM codes, comma-separated
    urgency: Urgency
    stage: ReferralStage
    stage_on: date
    stage_reason: str
    held_stage: ReferralStage | None
    ordered_on: date
    ordered_by: str
    sent_on: date | None
    sent_how: str
    sent_confirmation: str
    office_reference: str
    visit_on: date | None
    visit_time: time | None
    report_received_on: date | None
    report_source: str
    reviewed_on: date | None
    reviewed_by: str
    patient_informed_on: date | None
    informed_by: str
    needs_authorization: bool | None
    interpreter_needed: bool
    transport_needed: bool
    note: str
    touched_on: date | None
    stamps: tuple[StampRow, ...]  # in the order they were recorded
    redirected_from: LinkedReferral | None
    redirected_to: tuple[LinkedReferral, ...]  # one, unless sent elsewhere twice
    authorizations: tuple[AuthorizationRow, ...]
    document_count: int

    @property
    def office_name(self) -> str:
        """The receiving office; empty where none is on file."""
        return "" if self.office is None else self.office.name

    @property
    def expects_report(self) -> bool:
        """False for supplies and community services: nobody writes one."""
        return self.service_type.expects_report


@dataclass(frozen=True, slots=True, kw_only=True)
class OwingOffice:
    """An office and the numbers of the referrals it owes something on, the earliest due first."""

    provider_id: int | None
    name: str
    phone: str  # the desk that takes referrals, else the main number
    fax: str
    referral_ids: tuple[int, ...]
    call_from: time | None = None  # local to ``time_zone``
    call_until: time | None = None
    time_zone: str = ""  # IANA; empty: the practice's

    @property
    def numbers(self) -> list[str]:
        """The numbers to dial; words where there is none."""
        fax = [f"fax {format_phone(self.fax)}"] if self.fax else []
        return [format_phone(self.phone) if self.phone else "no phone on file", *fax]


def office_closed(office: OwingOffice, moment: Moment) -> str:
    """``closed, opens 8am their time (11am here)``; empty while the office takes calls, or said no hours."""
    return closed_words(office.call_from, office.call_until, office.time_zone, moment.local, moment.zone.key)
