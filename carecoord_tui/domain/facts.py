"""The frozen aggregate of one person that every rule reads.

The store fills it (``store.facts``); nothing here knows how. Times are aware UTC, dates are
practice-local. "Attempts" are contacts that name the record they were about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal

from carecoord_tui.domain.rulepack import Unit
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AssistanceStatus,
    AuthorizationStatus,
    CoverageStatus,
    DenialStatus,
    Disposition,
    EligibilityResult,
    FollowUpKind,
    Kind,
    MoveEvent,
    Outcome,
    PatientStatus,
    PayerClass,
    Priority,
    ReferralStage,
    Risk,
    TrackKind,
    TrackStatus,
    TransitionComplexity,
    Urgency,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """One attempt or conversation about a record."""

    at: datetime
    outcome: Outcome
    about_kind: Kind | None
    about_id: int | None
    by_clinical_staff: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveFacts:
    """A date somebody moved, keyed like the item it moves."""

    kind: Kind
    record_id: int
    rule_id: str
    until_on: date
    until_at: datetime | None
    original_on: date
    event: MoveEvent | None = None
    waiting_on: str = ""
    moved_on: date | None = None  # the day somebody moved it: tells "too late already" from "not yet"
    promised_on: date | None = None  # what they who are waited for said


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageFacts:
    """A plan, with the payer's class that chooses the clocks."""

    id: int
    payer_name: str
    payer_class: PayerClass
    rank: int
    status: CoverageStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFacts:
    """A count of the payer's contract that stands in place of a rule's."""

    rule_id: str
    n: int
    unit: Unit
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityFacts:
    """A check made on one day about a service date."""

    coverage_id: int
    checked_on: date
    as_of: date
    result: EligibilityResult
    authorization_needed: bool | None = None  # None: not asked
    referral_needed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpFacts:
    """An open follow-up."""

    id: int
    title: str
    kind: FollowUpKind
    priority: Priority
    due_on: date
    due_at: datetime | None = None
    legal_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralFacts:
    """An open referral."""

    id: int
    specialty: str
    provider_name: str
    urgency: Urgency
    stage: ReferralStage
    stage_on: date
    ordered_on: date
    sent_on: date | None = None
    visit_on: date | None = None
    stage_reason: str = ""
    expects_report: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationItemFacts:
    """One service of an authorization, as the payer answered it."""

    service: str
    status: AuthorizationStatus
    number: str = ""
    units: int | None = None
    valid_to: date | None = None
    has_denial: bool = False  # its denial was entered


_GRANTED = (AuthorizationStatus.APPROVED, AuthorizationStatus.PARTIAL, AuthorizationStatus.MODIFIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationFacts:
    """An open authorization."""

    id: int
    service: str
    payer_name: str
    payer_class: PayerClass
    status: AuthorizationStatus
    opened_on: date
    is_drug: bool = False
    is_expedited: bool = False
    submitted_at: datetime | None = None
    information_due_on: date | None = None
    decided_on: date | None = None
    service_on: date | None = None
    appointment_id: int | None = None  # the visit it is for
    referral_id: int | None = None
    number: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    units_authorized: int | None = None
    units_used: int | None = None
    units_updated_on: date | None = None
    is_renewed: bool = False
    extended_on: date | None = None  # the payer took more time to decide
    peer_to_peer_by: date | None = None
    has_denial: bool = False  # a denial of the whole is on file, and no later grant used it up
    items: tuple[AuthorizationItemFacts, ...] = ()
    limits: tuple[LimitFacts, ...] = ()

    @property
    def is_open(self) -> bool:
        """A denied one is open here until its denial was entered, which is open instead of it then."""
        return self.status.is_open or (self.status is AuthorizationStatus.DENIED and self.awaits_letter)

    @property
    def is_running(self) -> bool:
        """True when the payer agreed, in full or in part: services can be used up and it can be renewed."""
        return self.status in _GRANTED

    @property
    def has_number(self) -> bool:
        """True when the payer's number is known: its own, or of a granted item."""
        return bool(self.number) or any(item.number for item in self.items if item.status in _GRANTED)

    @property
    def last_valid_on(self) -> date | None:
        """The last day it may be used: its own, else that of the granted item that ends first."""
        ends = [item.valid_to for item in self.items if item.status in _GRANTED and item.valid_to is not None]
        return self.valid_to or min(ends, default=None)

    @property
    def units(self) -> int | None:
        """Units that may be used: its own, else those of its granted items; unknown while one is."""
        granted = [item.units for item in self.items if item.status in _GRANTED]
        if self.units_authorized is not None or not granted or None in granted:
            return self.units_authorized
        return sum(units for units in granted if units is not None)

    @property
    def denied_items(self) -> tuple[AuthorizationItemFacts, ...]:
        """Services the payer denied."""
        return tuple(item for item in self.items if item.status is AuthorizationStatus.DENIED)

    @property
    def unanswered_items(self) -> tuple[AuthorizationItemFacts, ...]:
        """Denied services whose denial nobody entered: one of the whole is also theirs."""
        return () if self.has_denial else tuple(item for item in self.denied_items if not item.has_denial)

    @property
    def awaits_letter(self) -> bool:
        """The payer said no, to the whole or to a part, and the denial of it was not entered."""
        if self.status is AuthorizationStatus.DENIED and not self.denied_items:
            return not self.has_denial
        is_answered = self.is_running or self.status is AuthorizationStatus.DENIED
        return is_answered and bool(self.unanswered_items)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackFacts:
    """One road out of a denial."""

    kind: TrackKind
    status: TrackStatus
    opened_on: date
    next_on: date | None = None
    closed_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialFacts:
    """An open denial."""

    id: int
    service: str
    payer_name: str
    payer_class: PayerClass
    status: DenialStatus
    notice_on: date
    received_on: date | None = None
    level: str = ""
    letter_deadline_on: date | None = None
    is_expedited: bool = False
    is_appeal_expedited: bool = False  # of the appeal that waits
    is_drug: bool = False  # of a Medicare plan: Part D
    triaged_on: date | None = None
    filed_on: date | None = None
    decided_on: date | None = None
    peer_to_peer_by: date | None = None
    peer_to_peer_on: date | None = None
    tracks: tuple[TrackFacts, ...] = ()
    limits: tuple[LimitFacts, ...] = ()

    def track(self, kind: TrackKind) -> TrackFacts | None:
        """The road of a kind; None while nobody took it."""
        return next((track for track in self.tracks if track.kind is kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppointmentFacts:
    """A visit that is not settled yet."""

    id: int
    title: str
    status: AppointmentStatus
    starts_at: datetime
    starts_on: date  # practice-local day of the visit
    booked_on: date
    confirmed_on: date | None = None
    interpreter_needed: bool = False
    interpreter_confirmed_on: date | None = None
    referral_id: int | None = None
    transition_id: int | None = None
    status_on: date | None = None
    has_authorization: bool = False  # one was asked for this very visit, and it was not given up
    no_authorization_on: date | None = None  # the day somebody said that none is needed
    no_referral_on: date | None = None

    @property
    def is_open(self) -> bool:
        """A kept visit owes nothing; it is loaded because its discharge asks about it."""
        return self.status is not AppointmentStatus.FULFILLED


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionFacts:
    """An open hospital discharge."""

    id: int
    discharged_on: date
    complexity: TransitionComplexity
    facility: str = ""
    handed_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingCallFacts:
    """A call about a symptom, medicine problem or danger that no clinician accepted yet."""

    id: int
    at: datetime
    reason: str
    disposition: Disposition
    handed_to: str = ""
    handed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodFaithFacts:
    """An estimate for somebody who pays themselves: asked for, given."""

    id: int
    service: str
    is_closed: bool = False
    appointment_id: int | None = None
    scheduled_on: date | None = None
    requested_on: date | None = None
    service_on: date | None = None
    given_on: date | None = None

    @property
    def is_owed(self) -> bool:
        """The estimate was not given yet."""
        return not self.is_closed and self.given_on is None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingCaseFacts:
    """An open question about a bill."""

    id: int
    title: str
    opened_on: date
    payer_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallmentFacts:
    """One agreed payment, in dollars."""

    due_on: date
    amount: Decimal
    paid_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPlanFacts:
    """An open payment plan."""

    id: int
    title: str
    agreed_on: date
    installments: tuple[InstallmentFacts, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistanceFacts:
    """Help with the cost: applied for, or running until it must be renewed."""

    id: int
    program: str
    status: AssistanceStatus
    applied_on: date
    decided_on: date | None = None
    renew_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFacts:
    """One person and everything of theirs that can owe a next action."""

    id: int
    status: PatientStatus
    risk: Risk
    check_in_on: date | None = None
    is_first_check_in: bool = False
    hold_until: date | None = None
    added_on: date | None = None
    call_from: time | None = None  # hours in which the person takes calls, local to ``time_zone``
    call_until: time | None = None
    time_zone: str = ""  # IANA; empty: the practice's
    coverages: tuple[CoverageFacts, ...] = ()
    checks: tuple[EligibilityFacts, ...] = ()
    follow_ups: tuple[FollowUpFacts, ...] = ()
    referrals: tuple[ReferralFacts, ...] = ()
    authorizations: tuple[AuthorizationFacts, ...] = ()
    denials: tuple[DenialFacts, ...] = ()
    appointments: tuple[AppointmentFacts, ...] = ()
    transitions: tuple[TransitionFacts, ...] = ()
    good_faith: tuple[GoodFaithFacts, ...] = ()
    billing_cases: tuple[BillingCaseFacts, ...] = ()
    payment_plans: tuple[PaymentPlanFacts, ...] = ()
    assistance: tuple[AssistanceFacts, ...] = ()
    calls: tuple[IncomingCallFacts, ...] = ()
    contacts: tuple[ContactFacts, ...] = ()
    moves: tuple[MoveFacts, ...] = ()

    @property
    def primary_coverage(self) -> CoverageFacts | None:
        """The plan that pays first; None for a person without coverage on file."""
        usable = [c for c in self.coverages if c.status is not CoverageStatus.CANCELLED]
        return min(usable, key=lambda c: (c.rank, c.id), default=None)

    def contacts_about(
        self, kind: Kind, record_id: int, *, since: datetime | None = None
    ) -> list[ContactFacts]:
        """Contacts that name this record, oldest first; ``since`` (aware) leaves out earlier ones."""
        return sorted(
            (
                c
                for c in self.contacts
                if c.about_kind is kind and c.about_id == record_id and (since is None or c.at >= since)
            ),
            key=lambda c: c.at,
        )

    def open_records(self) -> Iterable[tuple[Kind, int]]:
        """Every open record; each must owe an item (the invariant the doctor proves)."""
        for kind, records in (
            (Kind.FOLLOW_UP, self.follow_ups),
            (Kind.REFERRAL, [r for r in self.referrals if r.stage.is_open]),
            (Kind.AUTHORIZATION, [a for a in self.authorizations if a.is_open]),
            (Kind.DENIAL, [d for d in self.denials if d.status.is_open]),
            (Kind.APPOINTMENT, [a for a in self.appointments if a.is_open]),
            (Kind.TRANSITION, self.transitions),
            (Kind.GOOD_FAITH, [g for g in self.good_faith if g.is_owed]),
            (Kind.BILLING, self.billing_cases),
            (Kind.PAYMENT_PLAN, self.payment_plans),
            (Kind.ASSISTANCE, [a for a in self.assistance if a.status.is_open]),
            (Kind.HANDOFF, self.calls),
        ):
            for record in records:
                yield kind, record.id
