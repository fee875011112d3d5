"""Dates and times as a coordinator types and reads them.

An explicit grammar, so that nothing is guessed: what is not in it is refused with words, and what is
understood is echoed with its weekday and year. Values are practice-local; "today" is always passed in.
English month and weekday names, whatever the locale.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time, timedelta

from carecoord_tui.domain.date_lean import Lean, read_ago, weekday_of, year_of
from carecoord_tui.domain.date_order import DateOrder, OrderGuess, OrderStatus, infer_order
from carecoord_tui.domain.date_words import (
    MONTH_BY_NAME,
    MONTHS,
    WEEKDAY_BY_NAME,
    age_on,
    due_label,
    format_birth,
    format_day,
    format_full_day,
    format_time,
)

__all__ = [
    "DateError",
    "DateOrder",
    "OrderGuess",
    "OrderStatus",
    "TooLongAgo",
    "When",
    "add_business_days",
    "add_months",
    "age_on",
    "due_label",
    "echo",
    "format_birth",
    "format_day",
    "format_full_day",
    "format_time",
    "infer_order",
    "is_weekday",
    "parse_birth_date",
    "parse_when",
    "quote",
    "read_time",
    "read_when",
]

MAX_YEARS_AHEAD = 20  # a due date beyond this is a mistyped year
MAX_AGE = 125
MAX_COUNT = 999  # of days, weeks or months in one offset

_UNITS = {
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("bd", "business day", "business days"), "business day"),
    **dict.fromkeys(("w", "week", "weeks"), "week"),
    **dict.fromkeys(("m", "month", "months"), "month"),
    **dict.fromkeys(("y", "year", "years"), "year"),
}


class DateError(ValueError):
    """The text is no date; the message is one sentence for the person who typed it."""


class TooLongAgo(DateError):
    """A real birth date, of somebody older than ``MAX_AGE``; ``day`` is that date."""

    def __init__(self, day: date) -> None:
        super().__init__(f"The birth date is more than {MAX_AGE} years ago: check the year.")
        self.day = day


@dataclass(frozen=True, slots=True)
class When:
    """A practice-local day and, if one was typed, a time of day."""

    on: date
    at: time | None = None

    def is_past(self, today: date) -> bool:
        """True for a day before ``today``; the time does not count."""
        return self.on < today


def echo(when: When) -> str:
    """What was understood, in full: ``Thu 3 Dec 2026, 2pm``."""
    day = format_full_day(when.on)
    return day if when.at is None else f"{day}, {format_time(when.at)}"


def is_weekday(day: date) -> bool:
    """Monday to Friday: the calendar used when no practice calendar is given."""
    return day.weekday() < 5


# --- reading ---------------------------------------------------------------------------------------------

_TIME = (
    r"(?:(?P<noon>noon)|(?P<hour12>[0-9]{1,2})(?::(?P<minute12>[0-9]{2}))? ?(?P<half>[ap])\.?m\.?"
    r"|(?P<hour24>[0-9]{1,2}):(?P<minute24>[0-9]{2})(?::00)?)"
)
_TIME_ONLY = re.compile(rf"(?:at )?{_TIME}")
_DAY_THEN_TIME = re.compile(rf"(?P<day>.+?) (?:at )?{_TIME}")
_TIME_THEN_DAY = re.compile(rf"(?:at )?{_TIME} (?P<day>.+)")
_OFFSET = re.compile(
    r"(?:\+ ?(?P<plus>[0-9]+)|in (?P<count>[0-9]+|an?))"
    r"(?: ?(?P<unit>bd|d|w|m|y|(?:business )?days?|weeks?|months?|years?))?"
)
_WEEKDAY_THEN_DAY = re.compile(r"(?P<weekday>[a-z]+) (?P<day>.+)")
_DAY_MONTH = re.compile(
    r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[ -]?(?P<month>[a-z]+)\.?(?:[ -](?P<year>[0-9]{4}|[0-9]{2}))?"
)
_MONTH_DAY = re.compile(
    r"(?P<month>[a-z]+)\.? ?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?: (?P<year>[0-9]{4}|[0-9]{2}))?"
)
_NUMERIC = re.compile(r"(?P<a>[0-9]{1,4})(?P<sep>[/.-])(?P<b>[0-9]{1,2})(?:(?P=sep)(?P<c>[0-9]{1,4}))?")


def _tidy(text: str) -> str:
    """Lower case, commas and runs of white space as single blanks; ISO ``T`` as a blank."""
    words = " ".join(text.replace(",", " ").lower().split())
    return re.sub(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})t(?=[0-9]{2}:)", r"\1 ", words)


def quote(text: str, limit: int = 40) -> str:
    """Typed text, safe and short enough to stand inside a message."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"“{shown if len(shown) <= limit else shown[: limit - 1] + '…'}”"


def parse_when(
    text: str,
    *,
    today: date,
    order: DateOrder = DateOrder.MDY,
    is_business_day: Callable[[date], bool] | None = None,
    allow_past: bool = False,
    lean: Lean = Lean.AHEAD,
) -> When:
    """Read a date, with or without a time.

    Leaning ahead, weekdays are the next one after today and a day without a year that is past rolls to
    next year; ``lean`` PAST takes the last ones instead, NEAREST the closer. A past day with its year is
    returned as it is (ask ``When.is_past``). ``allow_past`` adds ``yesterday``, any other lean also
    ``3 days ago`` and ``last fri``.
    Raises DateError for anything that is not in the grammar or names no real day.
    """
    when = read_when(
        text, today=today, order=order, is_business_day=is_business_day, allow_past=allow_past, lean=lean
    )
    if when is not None:
        return when
    words = _tidy(text)
    if not words:
        raise DateError("Type a date, such as “3 dec”, “thu 2pm” or “+3bd”.")
    if words.isdecimal():
        raise DateError(
            f"{quote(text)} could be a day, a date or a time: type “+5” for days, “5 dec” or “5pm”."
        )
    if words == "yesterday":
        raise DateError("“Yesterday” is past: type today or a later day.")
    if read_time(words) is not None:
        raise DateError(f"{quote(text)} has no day: type it with one, such as “today {words}”.")
    if words.startswith("next "):
        raise DateError(f"{quote(text)} can mean two dates: type “next week”, the weekday alone, or a date.")
    raise DateError(
        f"{quote(text)} is not understood as a date: try “3 dec”, “thu 2pm”, “+3bd” or “in 2 weeks”."
    )


def read_when(
    text: str,
    *,
    today: date,
    order: DateOrder = DateOrder.MDY,
    is_business_day: Callable[[date], bool] | None = None,
    allow_past: bool = False,
    lean: Lean = Lean.AHEAD,
) -> When | None:
    """Like ``parse_when``, but None when the text is not a date at all.

    Still raises DateError when it is one that cannot be (30 feb, 25:00): for finding a date in a line.
    """
    words = re.sub(r"^(?:on|by) ", "", _tidy(text))
    reader = _DayReader(today, order, is_business_day or is_weekday, allow_past, lean)
    day = reader.read(words)
    if day is not None:
        return When(day)
    for pattern in (_DAY_THEN_TIME, _TIME_THEN_DAY):
        match = pattern.fullmatch(words)
        if match is not None:
            day = reader.read(re.sub(r"^(?:on|by) ", "", match["day"]))
            if day is not None:
                return When(day, _time_of(match))
    return None


def read_time(text: str) -> time | None:
    """A time standing alone (``2pm``, ``at 14:00``), None when it is none.

    Raises DateError for an hour that is not on the clock and for ``2:30``, which may be night or afternoon.
    """
    match = _TIME_ONLY.fullmatch(_tidy(text))
    return None if match is None else _time_of(match)


def _time_of(match: re.Match[str]) -> time:
    if match["noon"]:
        return time(12)
    if match["half"]:
        hour, minute = int(match["hour12"]), int(match["minute12"] or 0)
        if not 1 <= hour <= 12 or minute > 59:
            raise DateError(
                f"There is no time “{hour}:{minute:02d} {match['half']}m”: type 2pm, 2:30pm or 14:30."
            )
        return time(hour % 12 + (12 if match["half"] == "p" else 0), minute)
    hour, minute = int(match["hour24"]), int(match["minute24"])
    typed = f"{hour}:{minute:02d}"
    if hour > 23 or minute > 59:
        raise DateError(f"There is no time “{typed}”: type 2pm, 2:30pm or 14:30.")
    if len(match["hour24"]) == 1 and 1 <= hour <= 6:
        raise DateError(f"“{typed}” may be night or afternoon: type {typed}pm or 0{typed}.")
    return time(hour, minute)


def _real_date(year: int, month: int, day: int, hint: str = "") -> date:
    """The date, or DateError naming what is wrong with it; ``hint`` ends the sentence."""
    if not 1 <= month <= 12:
        raise DateError(f"There is no month {month}{hint or ': check the date'}.")
    if not 1900 <= year <= 2199:
        raise DateError(f"The year {year} is out of range: check the date.")
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise DateError(f"There is no {day} {MONTHS[month - 1]} {year}{hint or ': check the date'}.")
    return date(year, month, day)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day. Raises DateError past the calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise DateError("That is beyond the calendar: use a smaller number.")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def add_business_days(day: date, count: int, is_business_day: Callable[[date], bool]) -> date:
    """The ``count``-th business day after ``day``, which is day 0. Raises DateError if there are too few."""
    for step in range(1, 366 + 7 * count):
        later = day + timedelta(days=step)
        count -= is_business_day(later)
        if count == 0:
            return later
    raise DateError("The practice calendar has too few business days: type a date.")


@dataclass(frozen=True, slots=True)
class _DayReader:
    """The day part of the grammar: each reader returns a date, or None for "not my form"."""

    today: date
    order: DateOrder
    is_business_day: Callable[[date], bool]
    allow_past: bool
    lean: Lean

    def read(self, words: str) -> date | None:
        return (
            self._named(words)
            or self._offset(words)
            or self._calendar(words)
            or self._checked(words)
            or (read_ago(words, self.today, WEEKDAY_BY_NAME) if self.lean is not Lean.AHEAD else None)
        )

    def _named(self, words: str) -> date | None:
        if words in WEEKDAY_BY_NAME:
            return weekday_of(WEEKDAY_BY_NAME[words], self.today, self.lean)
        steps = {"today": 0, "tomorrow": 1, "next week": 7 - self.today.weekday()}
        if self.allow_past or self.lean is not Lean.AHEAD:
            steps["yesterday"] = -1
        return self.today + timedelta(days=steps[words]) if words in steps else None

    def _offset(self, words: str) -> date | None:
        match = _OFFSET.fullmatch(words)
        if match is None or (match["count"] and not match["unit"]):
            return None
        text = match["plus"] or match["count"]
        count = int(text[:5]) if text.isdecimal() else 1
        if not 1 <= count <= MAX_COUNT:
            raise DateError(f"{quote(words)} is out of range: use a number from 1 to {MAX_COUNT}.")
        unit = _UNITS[match["unit"] or "d"]
        if unit == "business day":
            return self._near(add_business_days(self.today, count, self.is_business_day))
        if unit in ("month", "year"):
            return self._near(add_months(self.today, count * (12 if unit == "year" else 1)))
        return self._near(self.today + timedelta(days=count * (7 if unit == "week" else 1)))

    def _checked(self, words: str) -> date | None:
        """A calendar date after its weekday (``thu 3 dec``); the two must agree."""
        match = _WEEKDAY_THEN_DAY.fullmatch(words)
        if match is None or match["weekday"] not in WEEKDAY_BY_NAME:
            return None
        day = self._calendar(match["day"])
        if day is not None and day.weekday() != WEEKDAY_BY_NAME[match["weekday"]]:
            raise DateError(
                f"{format_full_day(day)} is not a {match['weekday'][:3].title()}: check the date."
            )
        return day

    def _calendar(self, words: str) -> date | None:
        return self._worded(words) or self._numeric(words)

    def _worded(self, words: str) -> date | None:
        match = _DAY_MONTH.fullmatch(words) or _MONTH_DAY.fullmatch(words)
        month = MONTH_BY_NAME.get(match["month"]) if match is not None else None
        if match is None or month is None:
            return None
        return self._with_year(match["year"], month, int(match["day"]), "")

    def _numeric(self, words: str) -> date | None:
        match = _NUMERIC.fullmatch(words)
        if match is None or (match["c"] is None and (match["sep"] != "/" or len(match["a"]) > 2)):
            return None
        parts = _ordered(match, self.order)
        if parts is None:
            return None
        year, month, day = parts
        spoken = {"mdy": "month/day", "dmy": "day/month", "ymd": "month/day"}[self.order]
        hint = ": check the date" if len(match["a"]) == 4 else f" in “{words}”, read as {spoken}"
        return self._with_year(year, month, day, hint)

    def _with_year(self, year: str | None, month: int, day: int, hint: str) -> date:
        if year is not None:
            return self._near(_real_date(int(year) + (2000 if len(year) == 2 else 0), month, day, hint))
        _real_date(2000, month, day, hint)  # a leap year: says what is wrong with month and day
        return _real_date(year_of(month, day, self.today, self.lean), month, day, hint)

    def _near(self, day: date) -> date:
        if day.year > self.today.year + MAX_YEARS_AHEAD:
            raise DateError(
                f"{format_full_day(day)} is more than {MAX_YEARS_AHEAD} years away: check the year."
            )
        return day


def _ordered(match: re.Match[str], order: DateOrder) -> tuple[str | None, int, int] | None:
    """Year (as written), month and day of a numeric date; None where the order does not cover it."""
    a, b, c = match["a"], match["b"], match["c"]
    if c is None:
        month, day = (b, a) if order is DateOrder.DMY else (a, b)
        return None, int(month), int(day)
    if len(a) == 4:
        return (a, int(b), int(c)) if len(c) <= 2 else None
    if order is DateOrder.YMD:
        if len(c) == 4:
            raise DateError(f"{quote(match[0])} does not start with the year: type it as 2026-12-03.")
        return (a, int(b), int(c)) if len(a) == 2 and len(c) <= 2 else None
    if len(a) > 2 or len(c) not in (2, 4):
        return None
    month, day = (b, a) if order is DateOrder.DMY else (a, b)
    return c, int(month), int(day)


# --- birth dates -----------------------------------------------------------------------------------------


def parse_birth_date(text: str, *, today: date, order: DateOrder = DateOrder.MDY) -> date:
    """Read a birth date: 1961-03-14, 3/14/1961 (by ``order``), 14 Mar 1961, March 14, 1961, 19610314.

    A time of midnight after it, as spreadsheets add, is ignored. Raises DateError without repeating the
    typed value (it is patient data) for a year of two digits and the future, TooLongAgo for an age
    above 125.
    """
    words = re.sub(r" 0?0:00(?::00(?:\.0+)?)?z?$", "", _tidy(text))
    day = _read_birth(words, order)
    if day > today:
        raise DateError("The birth date is in the future: check the year.")
    if day < add_months(today, -12 * MAX_AGE):
        raise TooLongAgo(day)
    return day


def _read_birth(words: str, order: DateOrder) -> date:
    worded = _DAY_MONTH.fullmatch(words) or _MONTH_DAY.fullmatch(words)
    numeric = _NUMERIC.fullmatch(words)
    if re.fullmatch(r"(?:19|20)[0-9]{6}", words):
        return _real_birth(words[:4], int(words[4:6]), int(words[6:]))
    if words.isdecimal():
        raise DateError("A birth date in digits alone is year, month, day: type 1961-03-14 or 19610314.")
    if worded is not None and worded["month"] in MONTH_BY_NAME:
        return _real_birth(worded["year"], MONTH_BY_NAME[worded["month"]], int(worded["day"]))
    if numeric is not None and numeric["c"] is not None:
        if 4 not in (len(numeric["a"]), len(numeric["c"])):
            raise DateError("A birth date needs a year of four digits, such as 14 Mar 1961.")
        if order is DateOrder.YMD and len(numeric["c"]) == 4:
            raise DateError("The birth date does not start with the year: type it as 1961-03-14.")
        parts = _ordered(numeric, order)
        if parts is not None:
            hint = "" if len(numeric["a"]) == 4 else f", read as {order.label}"
            return _real_birth(*parts, hint)
    raise DateError("The birth date is not understood: type it as 14 Mar 1961 or 1961-03-14.")


def _real_birth(year: str | None, month: int, day: int, hint: str = "") -> date:
    if year is None or len(year) != 4:
        raise DateError("A birth date needs a year of four digits, such as 14 Mar 1961.")
    if not 1 <= month <= 12 or not 1800 <= int(year) <= 2199:
        raise DateError(f"The birth date has no real {'month' if not 1 <= month <= 12 else 'year'}{hint}.")
    if not 1 <= day <= calendar.monthrange(int(year), month)[1]:
        raise DateError(f"The birth date has a day its month does not have{hint}.")
    return date(int(year), month, day)
