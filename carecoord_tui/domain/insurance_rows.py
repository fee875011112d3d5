"""Frozen rows of the insurance screen that queries, widgets and screens share: four lanes, one line a record.

Days are practice-local, amounts exact dollars; None is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from enum import StrEnum

from carecoord_tui.domain.date_words import MONTHS, format_day
from carecoord_tui.domain.eligibility_rows import VisitState
from carecoord_tui.domain.facts import EligibilityFacts
from carecoord_tui.domain.good_faith import SCHEDULED_RULE
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    DenialReason,
    DenialStatus,
    Kind,
    TrackKind,
)


class InsuranceLane(StrEnum):
    """The four lanes, in the order in which they stand below each other."""

    ELIGIBILITY = "eligibility"
    AUTHORIZATIONS = "authorizations"
    DENIALS = "denials"
    BILLING = "billing"


LANES = tuple(InsuranceLane)
SELF_PAY_RULE = SCHEDULED_RULE
"""A visit nobody's plan pays for owes a good-faith estimate: the only item of a visit that is billing."""

BILLING_KINDS = (Kind.GOOD_FAITH, Kind.BILLING, Kind.PAYMENT_PLAN, Kind.ASSISTANCE)
Key = str
"""A record in the list: ``authorization:12``. It outlives the item it owes, so the cursor stays on it."""


def key_of(kind: Kind, record_id: int) -> Key:
    """The key of a record; the number of an eligibility check or a self-pay visit is the visit's."""
    return f"{kind.value}:{record_id}"


def record_of(key: Key) -> tuple[Kind, int]:
    """What a key names."""
    kind, _, number = key.partition(":")
    return Kind(kind), int(number)


def lane_of(kind: Kind, rule_id: str) -> InsuranceLane | None:
    """The lane an item stands in; None for one that is not about insurance."""
    if kind in BILLING_KINDS or (kind is Kind.APPOINTMENT and rule_id == SELF_PAY_RULE):
        return InsuranceLane.BILLING
    return _LANE.get(kind)


_LANE = {
    Kind.ELIGIBILITY: InsuranceLane.ELIGIBILITY,
    Kind.AUTHORIZATION: InsuranceLane.AUTHORIZATIONS,
    Kind.DENIAL: InsuranceLane.DENIALS,
}


@dataclass(frozen=True, slots=True)
class LaneGroup:
    """What a heading stands for: a lane, and of eligibility one day of visits. Ordered as on screen."""

    lane: InsuranceLane
    day: date | None = None

    def __lt__(self, other: LaneGroup) -> bool:
        """Lanes in their order, days in theirs."""
        return self._place < other._place

    @property
    def _place(self) -> tuple[int, date]:
        return LANES.index(self.lane), self.day or date.min


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityDetail:
    """The visit, how it stands with the payer, and the check that says so."""

    visit_on: date
    visit_time: time
    state: VisitState
    check: EligibilityFacts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationDetail:
    """Where an authorization stands."""

    service: str
    status: AuthorizationStatus
    is_expedited: bool
    service_on: date | None
    information_due_on: date | None
    valid_to: date | None
    units_authorized: int | None
    units_used: int | None


@dataclass(frozen=True, slots=True)
class Road:
    """One of the three roads out of a denial: whether it is walked, and what day it asks for something."""

    kind: TrackKind
    is_open: bool
    next_on: date | None  # of an appeal not filed yet the last day; None: no day is known


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialDetail:
    """Where a denial stands. ``last_on`` and ``level_rule`` are of the level that can be filed now."""

    service: str
    status: DenialStatus
    reason: DenialReason | None
    is_expedited: bool
    last_on: date | None
    level_rule: str
    is_from_letter: bool  # the last day is the one printed on the letter
    roads: tuple[Road, ...]  # all three


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingDetail:
    """What a billing record is about. ``left`` and ``overdue`` are of a payment plan."""

    subject: str
    amount: Decimal | None = None
    left: Decimal | None = None
    overdue: Decimal | None = None
    status: str = ""


Detail = EligibilityDetail | AuthorizationDetail | DenialDetail | BillingDetail


@dataclass(frozen=True, slots=True)
class InsuranceRow:
    """One line: the most urgent item of a record, its payer, and where the record stands."""

    key: Key
    ranked: Ranked
    payer: str  # empty where none is on file
    detail: Detail


# --- what is on file about one patient ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRecord:
    """An authorization on file, ended ones too."""

    id: int
    payer: str
    service: str
    status: AuthorizationStatus
    number: str
    opened_on: date
    valid_from: date | None
    valid_to: date | None
    units_authorized: int | None
    units_used: int | None
    note: str
    visits_on: tuple[date, ...] = ()  # booked for it, or for its referral


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialRecord:
    """A denial on file, ended ones too."""

    id: int
    payer: str
    service: str
    status: DenialStatus
    reason: str
    notice_on: date
    amount: Decimal | None
    claim_number: str
    note: str


# --- words -------------------------------------------------------------------------------------------


def units_words(used: int | None, authorized: int | None) -> str:
    """``3 of 10 used``; what nobody counted is ``?``. Empty where no units were set."""
    if authorized is None:
        return ""
    return f"{'?' if used is None else used} of {authorized} used"


def staleness(detail: EligibilityDetail, today: date) -> str:
    """``never checked``, ``stale 20 Nov``, ``inactive 30 Nov``, ``no plan on file``: with the check's day."""
    if detail.state is VisitState.NO_COVERAGE:
        return "no plan on file"
    if detail.check is None:
        return "never checked"
    words = "payer could not say" if detail.state is VisitState.UNABLE else detail.state.label
    return f"{words} {short_day(detail.check.checked_on, today)}"


def subject_of(row: InsuranceRow) -> str:
    """What a record is about: the service, the bill, the payer that is asked about a visit."""
    match row.detail:
        case AuthorizationDetail() | DenialDetail() as detail:
            return detail.service
        case BillingDetail() as billing:
            return billing.subject
    return row.payer


def record_words(row: InsuranceRow, today: date) -> str:
    """``MRI lumbar, Humana``, ``visit Wed 2 Dec, Humana``: a record by its own name."""
    about = subject_of(row)
    if isinstance(row.detail, EligibilityDetail):
        about = f"visit {format_day(row.detail.visit_on, today)}"
    return ", ".join(filter(None, (about, row.payer)))


def short_day(day: date, today: date) -> str:
    """``20 Nov``, with its year when that is another."""
    words = f"{day.day} {MONTHS[day.month - 1]}"
    return words if day.year == today.year else f"{words} {day.year}"
