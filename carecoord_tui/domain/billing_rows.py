"""Frozen rows of what care costs a patient, shared by queries and screens.

Amounts are exact dollars, None is unknown; days are practice-local.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from carecoord_tui.domain.payment_plan import Payment, Standing, agreed, standing
from carecoord_tui.domain.vocabulary import (
    AssistanceStatus,
    BillingStatus,
    CopayMode,
    CoverageStatus,
    PayerClass,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """A plan a patient has; ``rank`` 1 pays first."""

    id: int
    payer: str
    payer_class: PayerClass
    plan_name: str
    member_id: str
    rank: int
    status: CoverageStatus

    @property
    def name(self) -> str:
        """``Humana, Gold Plus``."""
        return ", ".join(filter(None, (self.payer, self.plan_name)))


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRow:
    """What a patient was told; the range is ``low`` to ``high``, None: no ceiling is known."""

    id: int
    service: str
    made_on: date
    copay_mode: CopayMode | None
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitToCome:
    """A visit an estimate may be for."""

    id: int
    title: str
    visit_on: date
    booked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodFaithRow:
    """A good-faith estimate from the request or booking to the bill."""

    id: int
    appointment_id: int | None
    service: str
    scheduled_on: date | None
    requested_on: date | None
    service_on: date | None
    given_on: date | None
    amount: Decimal | None
    billed: Decimal | None
    billed_on: date | None  # the day the patient received the bill
    note: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingCaseRow:
    """A question about a bill."""

    id: int
    title: str
    payer: str
    opened_on: date
    amount: Decimal | None
    status: BillingStatus
    closed_on: date | None
    note: str

    @property
    def is_open(self) -> bool:
        """Not answered yet."""
        return self.status is BillingStatus.OPEN


@dataclass(frozen=True, slots=True)
class PartRow:
    """A stored part of a payment plan; a part paid by halves is stored as two of the same day."""

    due_on: date
    amount: Decimal
    paid_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPlanRow:
    """A payment plan with its parts, the oldest first."""

    id: int
    title: str
    total: Decimal
    agreed_on: date
    status: BillingStatus
    closed_on: date | None
    note: str
    parts: tuple[PartRow, ...]

    @property
    def is_open(self) -> bool:
        """Neither paid off nor ended."""
        return self.status is BillingStatus.OPEN

    def standing_on(self, day: date) -> Standing:
        """What is paid, left and overdue at the end of ``day``."""
        return standing_of(self.parts, day)


def standing_of(parts: Sequence[PartRow], day: date) -> Standing:
    """A plan from its stored parts at the end of ``day``. Raises PlanError without any."""
    payments = [Payment(part.paid_on, part.amount) for part in parts if part.paid_on is not None]
    return standing([one.instalment for one in agreed(parts)], payments, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistanceRow:
    """Help from a manufacturer, a foundation or the practice."""

    id: int
    program: str
    status: AssistanceStatus
    applied_on: date
    decided_on: date | None
    renew_on: date | None
    amount: Decimal | None
    note: str

    @property
    def is_open(self) -> bool:
        """It waits for an answer or a renewal."""
        return self.status in (AssistanceStatus.APPLIED, AssistanceStatus.APPROVED)


class Closable(Protocol):
    """A record that is open until it is closed."""

    @property
    def is_open(self) -> bool:
        """Something is still to be done about it."""


Closing = TypeVar("Closing", bound=Closable)


def open_first(records: Sequence[Closing]) -> list[Closing]:
    """Open ones, the oldest in front, then closed ones, the newest in front; give them the oldest first."""
    still = [one for one in records if one.is_open]
    return [*still, *(one for one in reversed(records) if not one.is_open)]


@dataclass(frozen=True, slots=True, kw_only=True)
class DenialChoice:
    """A denial an assistance program may be a way out of."""

    id: int
    service: str
    notice_on: date
