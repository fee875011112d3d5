"""Amounts, numbers and dates out of elements; what cannot be one becomes a problem, never a guess."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from carecoord_tui.domain.payer_answers import Dated, Party, Problem
from carecoord_tui.exchange.tabular import shown
from carecoord_tui.exchange.x12.segments import Segment

MOST_DOLLARS = Decimal(100_000_000)
"""Beyond this an amount is a filler such as 999999999.99, not money."""

_NUMBER = re.compile(r"-?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_CENTS = Decimal("0.01")
_DAY = re.compile(r"\d{8}", re.ASCII)
_SPAN = re.compile(r"(\d{8})-(\d{8})", re.ASCII)
_YEARS = range(1880, 2100)
_NAME_LIMIT_NOTE = 40


def quoted(text: str) -> str:
    """What the file says, made safe and short, between quotation marks."""
    return f"“{shown(text, _NAME_LIMIT_NOTE)}”"


class Values:
    """Reads elements of one answer and collects what could not be read."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, segment: Segment, text: str) -> None:
        """Say something about a segment."""
        self.problems.append(Problem(segment.where, text))

    def number(self, segment: Segment, index: int, what: str) -> Decimal | None:
        """A plain decimal number; None where it is empty, or none."""
        text = segment.text(index)
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            self.problem(segment, f"the {what} {quoted(text)} is no plain number and was not taken.")
            return None
        return Decimal(text)

    def amount(self, segment: Segment, index: int, what: str, *, signed: bool = False) -> Decimal | None:
        """Dollars and cents, as exact as they are written. ``signed``: less than nothing is possible."""
        value = self.number(segment, index, what)
        if value is None:
            return None
        if value < 0 and not signed:
            reason = "is less than nothing"
        elif abs(value) >= MOST_DOLLARS:
            reason = "is too much to be one"
        elif value != value.quantize(_CENTS):
            reason = "has parts of a cent"
        else:
            return value
        self.problem(segment, f"the {what} {quoted(segment.text(index))} {reason} and was not taken.")
        return None

    def day(self, segment: Segment, index: int, what: str) -> date | None:
        """A day written as year, month, day (D8); None where it is empty, or none."""
        text = segment.text(index)
        found = _as_day(text)
        if text and found is None:
            self.problem(segment, f"the {what} {quoted(text)} is no possible date and was not taken.")
        return found

    def dated(self, segment: Segment, *, form: int, value: int) -> Dated:
        """A date or span with its form (D8, RD8) in one element and itself in another; form 0: always D8."""
        text, qualifier = segment.words(value), segment.text(1)
        kind = segment.text(form) if form else "D8"
        starts_on = ends_on = None
        if kind == "RD8" and (span := _SPAN.fullmatch(text)):
            starts_on, ends_on = _as_day(span[1]), _as_day(span[2])
        elif kind != "RD8":
            starts_on = ends_on = _as_day(text[:8] if kind == "DT" else text)
        if starts_on is None or ends_on is None:
            self.problem(segment, f"the date {quoted(text)} is not possible and was not taken.")
            starts_on = ends_on = None
        elif ends_on < starts_on:
            self.problem(segment, f"the dates {quoted(text)} end before they begin.")
        return Dated(qualifier, text, starts_on, ends_on, segment.where)


def _as_day(text: str) -> date | None:
    if not _DAY.fullmatch(text):
        return None
    try:
        found = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def party(segment: Segment) -> Party:
    """The person or organization of an NM1."""
    return Party(
        last=segment.words(3),
        first=segment.words(4),
        middle=segment.words(5),
        suffix=segment.words(7),
        id=segment.words(9),
        id_kind=segment.text(8),
        where=segment.where,
    )
