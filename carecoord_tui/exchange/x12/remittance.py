"""X12 835 (005010X221A1): what a payer paid for each claim, and why not more."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.payer_answers import (
    Dated,
    Party,
    Problem,
    Reject,
    Where,
)
from carecoord_tui.domain.payer_claims import CLAIM_REVERSED, Adjustment, ClaimAnswer, ServiceLine
from carecoord_tui.exchange.x12.segments import Segment
from carecoord_tui.exchange.x12.values import Values, party

_PATIENT = "QC"
_ADJUSTMENT_STARTS = range(2, 20, 3)
"""CAS holds up to six triples of reason, amount and quantity."""
_REMARK_ELEMENTS = {"MOA": range(3, 8), "MIA": (5, 20, 21, 22, 23)}


class RemittanceCollector:
    """The claims of one 835, and its totals."""

    def __init__(self, transaction: int) -> None:
        self._transaction = transaction
        self._values = Values()
        self.rejects: list[Reject] = []
        self._claim: _Claim | None = None
        self._totals = _Totals()
        self._payer = self._payee = ""
        self._payment: Decimal | None = None
        self._method = self._paid_on = self._trace = ""
        self._provider_adjustments: list[list[str]] = []

    @property
    def problems(self) -> list[Problem]:
        """Of the payment itself."""
        return self._values.problems

    def feed(self, segment: Segment) -> ClaimAnswer | None:
        """Take a segment; the next claim or block of claims ends the one before it."""
        if segment.id == "CLP":
            done = self.last()
            self._claim = _Claim(segment)
            return done
        if segment.id in ("LX", "PLB", "SE"):
            if segment.id == "PLB":
                self._provider_adjustments.append([text.strip() for text in segment.elements[1:]])
            return self.last()
        if self._claim is not None:
            self._claim.feed(segment)
        else:
            self._about_the_payment(segment)
        return None

    def _about_the_payment(self, segment: Segment) -> None:
        if segment.id == "BPR":
            self._payment = self._values.amount(segment, 2, "payment", signed=True)
            self._method, self._paid_on = segment.text(4), segment.words(16)
            self._values.day(segment, 16, "payment date")
        elif segment.id == "TRN":
            self._trace = segment.words(2)
        elif segment.id == "N1" and segment.text(1) == "PR":
            self._payer = segment.words(2)
        elif segment.id == "N1" and segment.text(1) == "PE":
            self._payee = segment.words(2)

    def last(self) -> ClaimAnswer | None:
        """The claim that is being read, done."""
        if self._claim is None:
            return None
        done, self._claim = self._claim.done(self._transaction, self._payer), None
        self._totals.add(done)
        return done

    def summary(self) -> dict[str, Any]:
        """The payment, and what the claims add up to."""
        found = {
            "payment": _text(self._payment),
            "method": self._method or None,
            "pay_date": self._paid_on or None,
            "trace": self._trace or None,
            "payer": self._payer or None,
            "payee": self._payee or None,
            **self._totals.as_json(),
        }
        return found | ({"plb": self._provider_adjustments} if self._provider_adjustments else {})


class _Totals:
    """Sums over the claims, without keeping them."""

    def __init__(self) -> None:
        self._count = self._paid_zero = 0
        self._status: Counter[str] = Counter()
        self._denied: list[str] = []
        self._paid = self._charge = Decimal(0)
        self._reasons: Counter[str] = Counter()

    def add(self, claim: ClaimAnswer) -> None:
        self._count += 1
        self._status[claim.status] += 1
        if claim.is_denied:
            self._denied.append(claim.id)
        self._paid_zero += claim.paid is not None and not claim.paid
        self._paid += claim.paid or 0
        self._charge += claim.charge or 0
        self._reasons.update(f"{one.group}-{one.reason}" for one in claim.adjustments)

    def as_json(self) -> dict[str, Any]:
        return {
            "claim_count": self._count,
            "claim_status": dict(self._status),
            "denied(status 4)": self._denied,
            "paid_zero": self._paid_zero,
            "sum_paid": str(self._paid),
            "sum_charge": str(self._charge),
            "cas_by_group_reason": dict(self._reasons),
        }


class _Claim:
    """One claim while it is read. Segments after a service line belong to that line."""

    def __init__(self, segment: Segment) -> None:
        self._segment, self._values = segment, Values()
        self._patient = Party()
        self._dates: list[Dated] = []
        self._adjustments: list[Adjustment] = []
        self._services: list[_Service] = []
        self._remarks: list[str] = []

    def feed(self, segment: Segment) -> None:
        service = self._services[-1] if self._services else None
        if segment.id == "SVC":
            self._services.append(_Service(segment, self._values))
        elif segment.id == "CAS":
            self._adjust(segment)
        elif segment.id == "DTM":
            dates = self._dates if service is None else service.dates
            dates.append(self._values.dated(segment, form=0, value=2))
        elif segment.id == "LQ" and service is not None:
            service.remarks.append(segment.text(2))
        elif segment.id in _REMARK_ELEMENTS:
            found = (segment.text(index) for index in _REMARK_ELEMENTS[segment.id])
            self._remarks += [code for code in found if code]
        elif segment.id == "NM1" and segment.text(1) == _PATIENT:
            self._patient = party(segment)

    def _adjust(self, segment: Segment) -> None:
        for start in _ADJUSTMENT_STARTS:
            if start >= len(segment.elements):
                break
            reason = segment.text(start)
            if not reason and not segment.text(start + 1):
                continue
            if not reason:
                self._values.problem(segment, "an amount without its reason.")
            self._adjustments.append(
                Adjustment(
                    group=segment.text(1),
                    reason=reason,
                    amount=self._values.amount(segment, start + 1, "adjustment", signed=True),
                    quantity=self._values.number(segment, start + 2, "quantity"),
                    service=len(self._services),
                    where=segment.where,
                )
            )

    def done(self, transaction: int, payer: str) -> ClaimAnswer:
        segment, values = self._segment, self._values
        charge = values.amount(segment, 3, "charge", signed=True)
        paid = values.amount(segment, 4, "payment", signed=True)
        owes = values.amount(segment, 5, "patient's share", signed=True)
        self._doubt(charge, paid)
        return ClaimAnswer(
            transaction=transaction,
            payer=payer,
            id=segment.words(1),
            status=segment.text(2),
            charge=charge,
            paid=paid,
            patient_owes=owes,
            filing=segment.text(6),
            payer_number=segment.words(7),
            patient=self._patient,
            dates=tuple(self._dates),
            adjustments=tuple(self._adjustments),
            services=tuple(service.done() for service in self._services),
            remarks=tuple(self._remarks),
            problems=tuple(values.problems),
            where=segment.where,
        )

    def _doubt(self, charge: Decimal | None, paid: Decimal | None) -> None:
        """Say what does not fit together; the figures stay as the payer sent them."""
        segment, values = self._segment, self._values
        if not segment.text(1) or not segment.text(2):
            values.problem(segment, "a claim without its number or its status.")
        if charge is None or paid is None:
            values.problem(segment, "a claim without its charge or its payment.")
        for name, value in (("charge", charge), ("payment", paid)):
            if value is not None and value < 0 and segment.text(2) != CLAIM_REVERSED:
                values.problem(segment, f"the {name} is less than nothing, but it is no reversal.")


class _Service:
    """One service line while it is read."""

    def __init__(self, segment: Segment, values: Values) -> None:
        self.dates: list[Dated] = []
        self.remarks: list[str] = []
        self._where: Where = segment.where
        self._procedure = tuple(clean_text(part, 40) for part in segment.parts(1))
        self._charge = values.amount(segment, 2, "charge", signed=True)
        self._paid = values.amount(segment, 3, "payment", signed=True)
        self._units = values.number(segment, 5, "number of units")

    def done(self) -> ServiceLine:
        return ServiceLine(
            procedure=self._procedure,
            charge=self._charge,
            paid=self._paid,
            units=self._units,
            dates=tuple(self.dates),
            remarks=tuple(self.remarks),
            where=self._where,
        )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)
