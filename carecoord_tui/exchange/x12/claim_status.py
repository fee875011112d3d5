"""X12 277: what a payer says about claims before it pays (005010X212), and whether it took them in (X214)."""

from __future__ import annotations

from collections import Counter
from typing import Any

from carecoord_tui.domain.payer_answers import (
    Dated,
    Party,
    Problem,
    Reject,
    Where,
)
from carecoord_tui.domain.payer_claims import ClaimStatusAnswer, ClaimStatusLine
from carecoord_tui.exchange.x12.segments import Segment
from carecoord_tui.exchange.x12.values import Values, party

PATIENT_LEVELS = ("22", "23", "PT")
_PATIENT_NAMES = ("IL", "QC", "03", "74")
_PAYER_NUMBER = "1K"


class ClaimStatusCollector:
    """The claims of one 277; each begins with its trace number (TRN)."""

    def __init__(self, transaction: int) -> None:
        self._transaction = transaction
        self._level = ""
        self._payer = self._patient = Party()
        self._claim: _Claim | None = None
        self._count = self._claim_level = 0
        self._categories: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.rejects: list[Reject] = []

    def feed(self, segment: Segment) -> ClaimStatusAnswer | None:
        """Take a segment; a level or a trace ends the claim before it."""
        if segment.id == "HL":
            self._level, self._patient = segment.text(3), Party()
            return self.last()
        if segment.id == "TRN":
            done = self.last()
            self._claim = _Claim(segment.words(2), segment.where)
            return done
        if segment.id == "NM1":
            self._name(segment)
        elif segment.id == "STC":
            self._status(segment)
        elif self._claim is not None:
            self._claim.feed(segment)
        return None

    def _name(self, segment: Segment) -> None:
        if segment.text(1) == "PR":
            self._payer = party(segment)
        elif segment.text(1) in _PATIENT_NAMES and self._level in PATIENT_LEVELS:
            self._patient = party(segment)

    def _status(self, segment: Segment) -> None:
        if self._claim is None:  # a payer that sends no trace
            self._claim = _Claim("", segment.where)
        self._claim.status(segment, self._level, self._patient)
        self._count += 1
        self._claim_level += self._level in PATIENT_LEVELS
        self._categories[(segment.parts(1) or ("",))[0]] += 1

    def last(self) -> ClaimStatusAnswer | None:
        """The claim that is being read, if it has a status."""
        claim, self._claim = self._claim, None
        return (
            claim.done(self._transaction, self._payer.name) if claim is not None and claim.statuses else None
        )

    def summary(self) -> dict[str, Any]:
        """Who answered, and how many statuses of each category."""
        return {
            "payer": self._payer.name or None,
            "stc_count": self._count,
            "claim_level": self._claim_level,
            "categories": dict(self._categories),
        }


class _Claim:
    """One claim while it is read."""

    def __init__(self, trace: str, where: Where) -> None:
        self.statuses: list[ClaimStatusLine] = []
        self._trace, self._where, self._values = trace, where, Values()
        self._payer_number = ""
        self._references: list[tuple[str, str]] = []
        self._dates: list[Dated] = []
        self._in_service = False

    def feed(self, segment: Segment) -> None:
        if segment.id == "SVC":
            self._in_service = True
        elif segment.id == "REF":
            self._references.append((segment.text(1), segment.words(2)))
            if segment.text(1) == _PAYER_NUMBER:
                self._payer_number = self._payer_number or segment.words(2)
        elif segment.id == "DTP":
            self._dates.append(self._values.dated(segment, form=2, value=3))

    def status(self, segment: Segment, level: str, patient: Party) -> None:
        self.statuses.append(
            ClaimStatusLine(
                level=level,
                patient=patient,
                status=segment.parts(1),
                more=tuple(parts for index in (10, 11) if (parts := segment.parts(index))),
                text_on=segment.words(2),
                on=self._values.day(segment, 2, "status date"),
                action=segment.text(3),
                amount=self._values.amount(segment, 4, "charge", signed=True),
                paid=self._values.amount(segment, 5, "payment", signed=True),
                message=segment.words(12),
                is_service=self._in_service,
                where=segment.where,
            )
        )

    def done(self, transaction: int, payer: str) -> ClaimStatusAnswer:
        return ClaimStatusAnswer(
            transaction=transaction,
            payer=payer,
            trace=self._trace,
            payer_number=self._payer_number,
            references=tuple(self._references),
            dates=tuple(self._dates),
            statuses=tuple(self.statuses),
            problems=tuple(self._values.problems),
            where=self._where,
        )
