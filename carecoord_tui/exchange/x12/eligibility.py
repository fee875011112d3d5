"""X12 271, the payer's answer about eligibility (005010X279A1, and 004010X092A1 as far as it is the same)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.payer_answers import (
    BenefitKind,
    BenefitLine,
    Dated,
    MemberAnswer,
    MemberLevel,
    Network,
    Party,
    Problem,
    Reject,
    Where,
)
from carecoord_tui.exchange.x12.reading import AnswerReader
from carecoord_tui.exchange.x12.segments import Progress, Segment
from carecoord_tui.exchange.x12.values import Values, party, quoted

KIND_BY_CODE = {
    **dict.fromkeys("12345", BenefitKind.ACTIVE),
    **dict.fromkeys("678", BenefitKind.INACTIVE),
    "A": BenefitKind.COINSURANCE,
    "B": BenefitKind.COPAY,
    "C": BenefitKind.DEDUCTIBLE,
    "D": BenefitKind.DESCRIPTION,
    "F": BenefitKind.LIMIT,
    "G": BenefitKind.OUT_OF_POCKET,
    "I": BenefitKind.NONCOVERED,
    "L": BenefitKind.PRIMARY_CARE,
    "R": BenefitKind.OTHER_PAYER,
}
NETWORK_BY_CODE = {
    "Y": Network.IN,
    "N": Network.OUT,
    "W": Network.EITHER,
    "U": Network.UNKNOWN,
    "": Network.NOT_STATED,
}
LEVEL_BY_CODE = {"22": MemberLevel.SUBSCRIBER, "23": MemberLevel.DEPENDENT}

_GROUP_NUMBER = ("6P", "1L")
_MESSAGE_LIMIT = 2000


def read_eligibility(path: Path, progress: Progress | None = None) -> AnswerReader[MemberAnswer]:
    """Each member of each 271 in the file, then the end of each transaction.

    Raises:
        AnswerFileError: while iterating, with the place; nothing that came before it should be kept.
    """
    return AnswerReader(path, {"271": EligibilityCollector}, progress)


class EligibilityCollector:
    """The members of one 271. Segments after a benefit line belong to that line."""

    def __init__(self, transaction: int) -> None:
        self._transaction = transaction
        self._level = ""
        self._source = self._receiver = Party()
        self._subscriber = Party()
        self._member: _Member | None = None
        self._all_rejects: list[Reject] = []
        self.rejects: list[Reject] = []
        self.problems: list[Problem] = []

    def feed(self, segment: Segment) -> MemberAnswer | None:
        """Take a segment; a new level ends the member before it."""
        if segment.id == "HL":
            return self._new_level(segment)
        if segment.id == "AAA":
            self._reject(segment)
        elif self._member is not None:
            self._member.feed(segment)
        elif segment.id == "NM1" and self._level == "20":
            self._source = party(segment)
        elif segment.id == "NM1" and self._level == "21":
            self._receiver = party(segment)
        return None

    def _new_level(self, segment: Segment) -> MemberAnswer | None:
        done = self.last()
        self._level = segment.text(3)
        level = LEVEL_BY_CODE.get(self._level)
        if level is MemberLevel.SUBSCRIBER:
            self._subscriber = Party()
        if level is not None:
            self._member = _Member(self._transaction, level, segment.where)
        return done

    def _reject(self, segment: Segment) -> None:
        found = Reject(segment.text(1), segment.text(3), segment.text(4), self._level, segment.where)
        self._all_rejects.append(found)
        (self._member or self).rejects.append(found)

    def last(self) -> MemberAnswer | None:
        """The member that is being read, done."""
        if self._member is None:
            return None
        if self._member.level is MemberLevel.SUBSCRIBER:
            self._subscriber = self._member.person
        done, self._member = self._member.done(self._subscriber), None
        return done

    def summary(self) -> dict[str, Any]:
        """Who answered whom, and every reject."""
        return {
            "source": self._source.name or None,
            "receiver": self._receiver.name or None,
            "aaa": [
                {"valid": one.valid, "reason": one.reason, "follow_up": one.follow_up, "level": one.level}
                for one in self._all_rejects
            ],
        }


class _Member:
    """One person while it is being read."""

    def __init__(self, transaction: int, level: MemberLevel, where: Where) -> None:
        self.level = level
        self.person = Party()
        self.rejects: list[Reject] = []
        self._transaction, self._where = transaction, where
        self._values = Values()
        self._dob, self._sex, self._relationship, self._group = "", "", "", ""
        self._born_on: date | None = None
        self._traces: list[str] = []
        self._dates: list[Dated] = []
        self._lines: list[BenefitLine] = []
        self._line: _Line | None = None

    def feed(self, segment: Segment) -> None:
        if segment.id == "EB":
            self._end_line()
            self._line = _Line(segment, self._values)
        elif self._line is not None:
            self._line.feed(segment)
        else:
            self._about_the_person(segment)

    def _about_the_person(self, segment: Segment) -> None:
        if segment.id == "NM1" and self.person.where is None:
            self.person = party(segment)
        elif segment.id == "DMG":
            self._dob, self._sex = segment.words(2), segment.words(3)
            self._born_on = self._values.day(segment, 2, "birth date")
        elif segment.id == "INS":
            self._relationship = segment.text(2)
        elif segment.id == "REF" and segment.text(1) in _GROUP_NUMBER:
            self._group = self._group or segment.words(2)
        elif segment.id == "TRN":
            self._traces.append(segment.words(2))
        elif segment.id == "DTP":
            self._dates.append(self._values.dated(segment, form=2, value=3))

    def _end_line(self) -> None:
        if self._line is not None:
            self._lines.append(self._line.done())
            self._line = None

    def done(self, subscriber: Party) -> MemberAnswer:
        self._end_line()
        return MemberAnswer(
            transaction=self._transaction,
            level=self.level,
            person=self.person,
            subscriber=subscriber,
            dob=self._dob,
            born_on=self._born_on,
            sex=self._sex,
            relationship=self._relationship,
            group_number=self._group,
            traces=tuple(self._traces),
            dates=tuple(self._dates),
            rejects=tuple(self.rejects),
            lines=tuple(self._lines),
            problems=tuple(self._values.problems),
            where=self._where,
        )


class _Line:
    """One benefit line with what follows it."""

    def __init__(self, segment: Segment, values: Values) -> None:
        self._segment, self._values = segment, values
        self._related: list[Party] = []
        self._dates: list[Dated] = []
        self._messages: list[str] = []

    def feed(self, segment: Segment) -> None:
        if segment.id == "MSG":
            self._messages.append(segment.words(1))
        elif segment.id == "DTP":
            self._dates.append(self._values.dated(segment, form=2, value=3))
        elif segment.id == "NM1":
            self._related.append(party(segment))

    def done(self) -> BenefitLine:
        segment, values = self._segment, self._values
        code = segment.text(1)
        return BenefitLine(
            kind=KIND_BY_CODE.get(code, BenefitKind.OTHER),
            code=code,
            amount=values.amount(segment, 7, "amount"),
            percent=self._percent(),
            quantity=values.number(segment, 10, "quantity"),
            quantity_kind=segment.text(9),
            network=self._network(),
            level=segment.text(2),
            period=segment.text(6),
            service_types=self._service_types(),
            insurance=segment.text(4),
            plan=segment.words(5),
            authorization_needed=segment.text(11),
            procedure=clean_text(":".join(segment.parts(13)), 80),
            related=tuple(self._related),
            dates=tuple(self._dates),
            text=clean_text(" ".join(self._messages), _MESSAGE_LIMIT),
            where=segment.where,
        )

    def _percent(self) -> Decimal | None:
        value = self._values.number(self._segment, 8, "percentage")
        if value is not None and not 0 <= value <= 1:
            text = quoted(self._segment.text(8))
            self._values.problem(
                self._segment, f"the percentage {text} is no share of 1 (0.2 is 20 %): ask the payer."
            )
        return value

    def _network(self) -> Network:
        code = self._segment.text(12)
        if code not in NETWORK_BY_CODE:
            self._values.problem(self._segment, f"the network {quoted(code)} is not Y, N, W or U; not taken.")
        return NETWORK_BY_CODE.get(code, Network.NOT_STATED)

    def _service_types(self) -> tuple[str, ...]:
        """Codes of two or three characters; one that is longer was joined by an undeclared separator."""
        found = self._segment.repeats(3)
        for code in found:
            if len(code) > 3 or not code.isalnum():
                self._values.problem(self._segment, f"the service type {quoted(code)} is no code.")
        return found
