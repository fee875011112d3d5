"""The span of days that measures look at. Pure: today is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Practice-local days, both ends included. Raises ValueError when it ends before it begins."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"The period ends {self.last} before it begins {self.first}.")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @classmethod
    def of_year(cls, year: int) -> Period:
        """1 January to 31 December."""
        return cls(date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def last_year_to(cls, today: date) -> Period:
        """The 365 days that end today."""
        return cls(today - timedelta(days=364), today)

    @classmethod
    def asked(cls, first: date | None, last: date | None, today: date) -> Period:
        """From a first day, to a last one, or both; what is not asked for is usual.

        Without a last day it ends today (or on the first day, where that is ahead), without a first one
        it is the 365 days to its last. Raises ValueError as ``Period``.
        """
        end = last or max(today, first or today)
        return cls(first or cls.last_year_to(end).first, end)
