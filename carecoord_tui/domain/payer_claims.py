"""What became of claims, as payers' files say it: frozen, with the place of each figure.

See ``payer_answers`` for what holds for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from carecoord_tui.domain.payer_answers import Dated, Party, Problem, Where
from carecoord_tui.domain.vocabulary import DenialReason

REASON_BY_NUMBER = {
    "15": DenialReason.NO_AUTHORIZATION,
    "16": DenialReason.MISSING_INFORMATION,
    "18": DenialReason.OTHER,
    "22": DenialReason.COORDINATION,
    "27": DenialReason.INACTIVE_COVERAGE,
    "29": DenialReason.LATE_FILING,
    "50": DenialReason.NOT_NECESSARY,
    "96": DenialReason.NOT_COVERED,
    "197": DenialReason.NO_AUTHORIZATION,
    "242": DenialReason.OUT_OF_NETWORK,
}
"""Only where the number can mean one thing; others stay numbers."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Why a payer paid less or more (CAS)."""

    group: str  # CO the contract, PR the patient owes it, OA other, PI the payer's own, CR a correction
    reason: str
    amount: Decimal | None  # dollars
    quantity: Decimal | None
    service: int  # the claim's line, counted from 1; 0: the whole claim
    where: Where

    @property
    def reason_word(self) -> DenialReason | None:
        """Our own word for the number, where it can mean only one thing."""
        return REASON_BY_NUMBER.get(self.reason)


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service of a claim (SVC)."""

    procedure: tuple[str, ...]
    charge: Decimal | None
    paid: Decimal | None
    units: Decimal | None
    dates: tuple[Dated, ...]
    remarks: tuple[str, ...]
    where: Where


CLAIM_DENIED = "4"
CLAIM_REVERSED = "22"


@dataclass(frozen=True, slots=True)
class ClaimAnswer:
    """What became of one claim in a remittance (CLP). Amounts in dollars, negative in a reversal."""

    transaction: int
    payer: str
    id: str  # the practice's own number of the claim
    status: str
    charge: Decimal | None
    paid: Decimal | None
    patient_owes: Decimal | None
    filing: str
    payer_number: str
    patient: Party
    dates: tuple[Dated, ...]
    adjustments: tuple[Adjustment, ...]
    services: tuple[ServiceLine, ...]
    remarks: tuple[str, ...]
    problems: tuple[Problem, ...]
    where: Where

    @property
    def is_denied(self) -> bool:
        """True where the payer says so; a claim that only paid nothing is not called denied."""
        return self.status == CLAIM_DENIED

    @property
    def is_reversal(self) -> bool:
        """True where an earlier payment is taken back."""
        return self.status == CLAIM_REVERSED


@dataclass(frozen=True, slots=True)
class ClaimStatusLine:
    """One status of a claim or of what it was sent in (STC)."""

    level: str  # 21 the whole submission, 22 and 23 the claim of a subscriber or dependent, PT a patient
    patient: Party
    status: tuple[str, ...]  # category, code, whom it is about
    more: tuple[tuple[str, ...], ...]
    text_on: str  # as written
    on: date | None
    action: str
    amount: Decimal | None
    paid: Decimal | None
    message: str
    is_service: bool
    where: Where

    @property
    def category(self) -> str:
        """Letter and digit: F2 denied, P pending, R something is asked for, A taken in or turned away."""
        return self.status[0] if self.status else ""

    @property
    def is_denied(self) -> bool:
        """True for a finished claim that was denied."""
        return self.category == "F2"

    @property
    def is_turned_away(self) -> bool:
        """True where the claim was never taken in, so that it must be sent again, not appealed."""
        return self.category in ("A3", "A6", "A7", "A8")


@dataclass(frozen=True, slots=True)
class ClaimStatusAnswer:
    """What a payer says about one claim before it pays (277)."""

    transaction: int
    payer: str
    trace: str
    payer_number: str
    references: tuple[tuple[str, str], ...]
    dates: tuple[Dated, ...]
    statuses: tuple[ClaimStatusLine, ...]
    problems: tuple[Problem, ...]
    where: Where
