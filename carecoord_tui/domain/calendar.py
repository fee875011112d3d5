"""Business days: the federal calendar that legal clocks run on, and a practice's own closures.

Two counts that must never be mixed. *Business days* are Monday to Friday without the federal
holidays; laws count in them. *Working days* also leave out the days the practice is closed; only
the practice's own targets count in them, because a closure never extends somebody else's clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from functools import lru_cache
from types import MappingProxyType

from dateutil.relativedelta import MO, TH, relativedelta

_ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6
_HOLIDAY_LAW = "5 USC 6103, 11 holidays"  # part of the fingerprint: change it when the table changes
_JUNETEENTH_SINCE = 2021

_FIXED = (
    (6, 19, "Juneteenth National Independence Day"),
    (7, 4, "Independence Day"),
    (11, 11, "Veterans Day"),
    (12, 25, "Christmas Day"),
)
_FLOATING = (  # counted from that day of the year to the named weekday
    (1, 1, MO(+3), "Birthday of Martin Luther King, Jr."),
    (2, 1, MO(+3), "Washington's Birthday"),
    (5, 31, MO(-1), "Memorial Day"),
    (9, 1, MO(+1), "Labor Day"),
    (10, 1, MO(+2), "Columbus Day"),
    (11, 1, TH(+4), "Thanksgiving Day"),
)
_NEW_YEAR = "New Year's Day"


def _observed(day: date) -> date:
    """The day off in place of ``day``: Friday before a Saturday, Monday after a Sunday."""
    if day.weekday() == _SATURDAY:
        return day - _ONE_DAY
    if day.weekday() == _SUNDAY:
        return day + _ONE_DAY
    return day


@lru_cache(maxsize=256)
def _holidays(year: int) -> Mapping[date, str]:
    days = {_observed(date(year, month, day)): name for month, day, name in _FIXED}
    if year < _JUNETEENTH_SINCE:
        del days[_observed(date(year, 6, 19))]
    for month, day, weekday, name in _FLOATING:
        days[date(year, month, day) + relativedelta(weekday=weekday)] = name
    for new_year in (year, min(year + 1, MAXYEAR)):
        observed = _observed(date(new_year, 1, 1))
        if observed.year == year:
            days[observed] = _NEW_YEAR
    return MappingProxyType(dict(sorted(days.items())))


def federal_holidays(year: int) -> dict[date, str]:
    """Federal holidays of 5 USC 6103 *observed* in ``year``: date -> name, in date order.

    A Saturday holiday is observed on the Friday before, a Sunday one on the Monday after. So a year
    whose successor starts on a Saturday has twelve entries (2027-12-31 is New Year's Day 2028) and
    the successor ten. Juneteenth counts from 2021; otherwise today's law is applied to every year.
    """
    return dict(_holidays(year))


@dataclass(frozen=True)
class Calendar:
    """The federal calendar plus the days one practice is closed. All dates are practice-local."""

    closures: frozenset[date] = frozenset()

    def holiday(self, day: date) -> str | None:
        """The name of the federal holiday observed on ``day``, or None."""
        return _holidays(day.year).get(day)

    def is_business_day(self, day: date, *, closures: bool = False) -> bool:
        """True on Monday to Friday outside federal holidays; with ``closures`` the practice is open too."""
        if day.weekday() >= _SATURDAY or day in _holidays(day.year):
            return False
        return not (closures and day in self.closures)

    def is_working_day(self, day: date) -> bool:
        """True on a business day on which the practice is open."""
        return self.is_business_day(day, closures=True)

    def add_business_days(self, day: date, n: int) -> date:
        """The ``n``-th business day after ``day``, before it when ``n`` is negative.

        Day 0 is excluded and ``n == 0`` returns ``day`` itself, whatever it is. Closures are ignored.
        """
        return _step(day, n, self.is_business_day)

    def add_working_days(self, day: date, n: int) -> date:
        """As :meth:`add_business_days`, but practice closures are skipped too: for own targets only."""
        return _step(day, n, self.is_working_day)

    def previous_business_day_on_or_before(self, day: date) -> date:
        """``day`` when it is a business day, else the nearest one before it."""
        return _nearest(day, -_ONE_DAY, self.is_business_day)

    def previous_working_day_on_or_before(self, day: date) -> date:
        """``day`` when the practice works then, else the nearest working day before it."""
        return _nearest(day, -_ONE_DAY, self.is_working_day)

    def next_working_day_on_or_after(self, day: date) -> date:
        """``day`` when the practice works then, else the nearest working day after it."""
        return _nearest(day, _ONE_DAY, self.is_working_day)

    def next_working_day(self, day: date) -> date:
        """The first working day strictly after ``day``."""
        return self.add_working_days(day, 1)

    def business_days_between(self, start: date, end: date) -> int:
        """Business days from ``start`` (excluded) to ``end`` (included); negative when ``end`` is earlier.

        The inverse of :meth:`add_business_days`: ``business_days_between(d, add_business_days(d, n)) == n``.
        Constant time per year of the span.
        """
        if end < start:
            return -_business_days(end, start - _ONE_DAY)
        return _business_days(start + _ONE_DAY, end) if end > start else 0

    def holidays_between(self, start: date, end: date) -> list[tuple[date, str]]:
        """Federal holidays observed from ``start`` to ``end``, both included, in date order."""
        years = range(start.year, end.year + 1)
        return [(day, name) for year in years for day, name in _holidays(year).items() if start <= day <= end]

    def fingerprint(self) -> str:
        """SHA-256 (hex) of everything a computed date can depend on: the holiday law and the closures."""
        parts = [_HOLIDAY_LAW, *(day.isoformat() for day in sorted(self.closures))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _step(day: date, n: int, counts: Callable[[date], bool]) -> date:
    """Walk ``n`` days for which ``counts`` holds, forward or back."""
    step = _ONE_DAY if n > 0 else -_ONE_DAY
    left = abs(n)
    while left:
        day += step
        left -= counts(day)
    return day


def _nearest(day: date, step: timedelta, counts: Callable[[date], bool]) -> date:
    while not counts(day):
        day += step
    return day


@lru_cache(maxsize=1024)  # the items of a day are late since few different days
def _business_days(first: date, last: date) -> int:
    """Business days from ``first`` to ``last``, both included; ``first`` is not after ``last`` + 1 day."""
    weeks, rest = divmod((last - first).days + 1, 7)
    odd_days = sum((first.weekday() + i) % 7 < _SATURDAY for i in range(rest))
    years = range(first.year, last.year + 1)
    holidays = sum(first <= day <= last for year in years for day in _holidays(year))
    return weeks * 5 + odd_days - holidays
