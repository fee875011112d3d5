"""Which way a typed day without a year leans: a due date ahead, what happened into the past.

Pure; "today" is passed in.
"""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from enum import StrEnum


class Lean(StrEnum):
    """How ``25 nov`` or ``fri`` is understood when no year says it."""

    AHEAD = "ahead"  # a due date: the next one
    NEAREST = "nearest"  # a visit that may lie on either side
    PAST = "past"  # what happened: the last one, today included


_AGO = re.compile(
    r"(?:(?P<count>[0-9]{1,3}|an?) (?P<unit>day|week|month)s? ago|-(?P<minus>[0-9]{1,3})(?P<short>[dw]))"
)
_LAST = re.compile(r"last (?P<weekday>[a-z]+)")


def year_of(month: int, day: int, today: date, lean: Lean) -> int:
    """The year a day and month without one stand in. 29 February counts as the 28th for the comparison."""
    days = {
        year: date(year, month, min(day, calendar.monthrange(year, month)[1]))
        for year in (today.year - 1, today.year, today.year + 1)
    }
    if lean is Lean.PAST:
        return max(year for year, one in days.items() if one <= today)
    if lean is Lean.NEAREST:
        return min(days, key=lambda year: (abs(days[year] - today), -year))
    return min(year for year, one in days.items() if one >= today)


def weekday_of(weekday: int, today: date, lean: Lean) -> date:
    """The weekday (0 is Monday) meant by its name alone: the next after today, or the last up to today."""
    if lean is Lean.PAST:
        return today - timedelta(days=(today.weekday() - weekday) % 7)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def read_ago(words: str, today: date, weekdays: dict[str, int]) -> date | None:
    """``3 days ago``, ``-3d``, ``a week ago``, ``last fri``; None when it is none of these."""
    last = _LAST.fullmatch(words)
    if last is not None and last["weekday"] in weekdays:
        return today - timedelta(days=(today.weekday() - weekdays[last["weekday"]] - 1) % 7 + 1)
    match = _AGO.fullmatch(words)
    if match is None:
        return None
    count = match["minus"] or match["count"]
    number = int(count) if count.isdecimal() else 1
    days = {"day": 1, "d": 1, "week": 7, "w": 7, "month": 30}[match["unit"] or match["short"]]
    return today - timedelta(days=number * days)
