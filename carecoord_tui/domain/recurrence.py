"""Recurring follow-ups: a few plain words, stored as an RFC 5545 recurrence rule.

Only the subset below is read and written: FREQ, INTERVAL, BYDAY (without numbers), BYMONTHDAY, BYMONTH, and
BYSETPOS=-1 for "the 31st, or the month's last day". The day is kept in the rule, so that a date moved off a
holiday does not shift the ones after it. Day arithmetic is small enough to do without dateutil's import.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import count

from carecoord_tui.domain.date_words import MONTH_BY_NAME, MONTHS, WEEKDAY_BY_NAME, WEEKDAYS

MAX_INTERVAL = 99
BUSINESS_DAYS = (0, 1, 2, 3, 4)
_DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_HORIZON = 2000  # occurrences looked at: five years of days


class RecurrenceError(ValueError):
    """The words or the rule are not understood; the message is one sentence."""


class _Freq(StrEnum):
    DAILY = "day"
    WEEKLY = "week"
    MONTHLY = "month"
    YEARLY = "year"


@dataclass(frozen=True, slots=True)
class _Rule:
    freq: _Freq
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    month_day: int | None = None  # above 28: or the month's last day
    month: int | None = None

    def is_sound(self) -> bool:
        """Parts in range, and only those that go with the frequency."""
        yearly, monthly = self.freq is _Freq.YEARLY, self.freq is _Freq.MONTHLY
        return (
            1 <= self.interval <= MAX_INTERVAL
            and (self.freq is _Freq.WEEKLY or not self.weekdays)
            and list(self.weekdays) == sorted(set(self.weekdays))
            and (self.month_day is None or ((monthly or yearly) and 1 <= self.month_day <= 31))
            and (self.month is None) == (not yearly or self.month_day is None)
            and (self.month is None or 1 <= self.month <= 12)
        )


# --- words -> rule ---------------------------------------------------------------------------------------

_SIMPLE = {
    "daily": _Rule(_Freq.DAILY),
    "weekly": _Rule(_Freq.WEEKLY),
    "biweekly": None,  # twice a week or every two weeks: refused with words
    "monthly": _Rule(_Freq.MONTHLY),
    "bimonthly": None,
    "quarterly": _Rule(_Freq.MONTHLY, 3),
    "yearly": _Rule(_Freq.YEARLY),
    "annually": _Rule(_Freq.YEARLY),
    "every business day": _Rule(_Freq.WEEKLY, weekdays=BUSINESS_DAYS),
    "every weekday": _Rule(_Freq.WEEKLY, weekdays=BUSINESS_DAYS),
}
_EVERY = re.compile(r"every (?:(?P<count>[0-9]{1,4}|other) )?(?P<unit>day|week|month|year)s?")
_MONTH_DAY = re.compile(r"(?:the )?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)(?: or (?:the )?last day)?")
_YEAR_DAY = re.compile(r"(?P<day>[0-9]{1,2}) (?P<month>[a-z]+)(?: or (?:the )?last day)?")


def parse_recurrence(text: str, *, first_due: date | None = None) -> str:
    """Words to a rule: ``weekly``, ``every 2 weeks``, ``every mon and thu``, ``monthly on the 15th``.

    ``first_due`` fixes the day where the words leave it open (``monthly`` due the 31st stays at month's
    end). Raises RecurrenceError for anything else.
    """
    words = " ".join(text.replace(",", " ").lower().split())
    base, _, on = words.partition(" on ")
    rule = _read_base(base)
    if on:
        rule = _read_on(rule, on)
    return _write(_anchored(rule, first_due))


def _read_base(words: str) -> _Rule:
    if words in _SIMPLE:
        rule = _SIMPLE[words]
        if rule is None:
            raise RecurrenceError(f"“{words.title()}” can mean two things: type “every 2 {words[2:-2]}s”.")
        return rule
    match = _EVERY.fullmatch(words)
    if match is not None:
        interval = {None: 1, "other": 2}.get(match["count"]) or int(match["count"])
        if not 1 <= interval <= MAX_INTERVAL:
            raise RecurrenceError(f"Use a number from 1 to {MAX_INTERVAL}.")
        return _Rule(_Freq(match["unit"]), interval)
    days = _weekdays(words.removeprefix("every ")) if words.startswith("every ") else ()
    if days:
        return _Rule(_Freq.WEEKLY, weekdays=days)
    raise RecurrenceError("Not understood: try “weekly”, “every 2 weeks”, “every 3 months” or “every mon”.")


def _read_on(rule: _Rule, words: str) -> _Rule:
    if rule.freq is _Freq.WEEKLY and not rule.weekdays and (days := _weekdays(words)):
        return replace(rule, weekdays=days)
    if rule.freq is _Freq.MONTHLY and (match := _MONTH_DAY.fullmatch(words)) and 1 <= int(match["day"]) <= 31:
        return replace(rule, month_day=int(match["day"]))
    if rule.freq is _Freq.YEARLY and (match := _YEAR_DAY.fullmatch(words)):
        month, day = MONTH_BY_NAME.get(match["month"], 0), int(match["day"])
        if month and 1 <= day <= calendar.monthrange(2000, month)[1]:
            return replace(rule, month=month, month_day=day)
    raise RecurrenceError(
        "The day is not understood: try “weekly on mon”, “monthly on the 15th” or “yearly on 3 dec”."
    )


def _weekdays(words: str) -> tuple[int, ...]:
    names = words.replace(" and ", " ").split()
    if not all(name in WEEKDAY_BY_NAME for name in names):
        return ()
    return tuple(sorted({WEEKDAY_BY_NAME[name] for name in names}))


def _anchored(rule: _Rule, first_due: date | None) -> _Rule:
    if first_due is None:
        return rule
    if rule.freq is _Freq.WEEKLY and not rule.weekdays:
        return replace(rule, weekdays=(first_due.weekday(),))
    if rule.freq is _Freq.MONTHLY and rule.month_day is None:
        return replace(rule, month_day=first_due.day)
    if rule.freq is _Freq.YEARLY and rule.month_day is None:
        return replace(rule, month=first_due.month, month_day=first_due.day)
    return rule


# --- the RFC 5545 form -----------------------------------------------------------------------------------


def _write(rule: _Rule) -> str:
    parts = [f"FREQ={rule.freq.name}"]
    if rule.interval > 1:
        parts.append(f"INTERVAL={rule.interval}")
    if rule.weekdays:
        parts.append("BYDAY=" + ",".join(_DAY_CODES[day] for day in rule.weekdays))
    if rule.month is not None:
        parts.append(f"BYMONTH={rule.month}")
    if rule.month_day is not None:
        first = min(rule.month_day, 28)
        parts.append("BYMONTHDAY=" + ",".join(str(day) for day in range(first, rule.month_day + 1)))
        if rule.month_day > 28:
            parts.append("BYSETPOS=-1")
    return ";".join(parts)


def _read(text: str) -> _Rule:
    """The rule of a stored string. Raises RecurrenceError for one outside the subset."""
    pairs = [part.partition("=") for part in text.upper().removeprefix("RRULE:").split(";")]
    values = {key: value for key, _, value in pairs}
    try:
        days = [int(day) for day in values.get("BYMONTHDAY", "").split(",") if day]
        rule = _Rule(
            _Freq[values["FREQ"]],
            int(values.get("INTERVAL", "1")),
            tuple(_DAY_CODES.index(code) for code in values.get("BYDAY", "").split(",") if code),
            max(days, default=None),
            int(values["BYMONTH"]) if "BYMONTH" in values else None,
        )
    except (KeyError, ValueError) as error:
        raise RecurrenceError("The stored recurrence is not one this program can follow.") from error
    given = ";".join(f"{key}={value}" for key, _, value in pairs if (key, value) != ("INTERVAL", "1"))
    if not rule.is_sound() or _write(rule) != given:
        raise RecurrenceError("The stored recurrence is not one this program can follow.")
    return rule


def describe(rule: str) -> str:
    """Words that ``parse_recurrence`` reads back: ``every 2 weeks on Mon``, ``monthly on the 15th``.

    Raises RecurrenceError for a rule outside the subset.
    """
    read = _read(rule)
    if read.freq is _Freq.WEEKLY and read.interval == 1 and read.weekdays:
        if read.weekdays == BUSINESS_DAYS:
            return "every business day"
        return f"every {_list_days(read.weekdays)}"
    base = {_Freq.DAILY: "daily", _Freq.WEEKLY: "weekly", _Freq.MONTHLY: "monthly", _Freq.YEARLY: "yearly"}
    words = base[read.freq] if read.interval == 1 else f"every {read.interval} {read.freq}s"
    if read.weekdays:
        return f"{words} on {_list_days(read.weekdays)}"
    if read.month_day is None:
        return words
    ending = " or last day" if read.month_day > 28 and read.month in (None, 2) else ""
    if read.month is not None:
        return f"{words} on {read.month_day} {MONTHS[read.month - 1]}{ending}"
    return f"{words} on the {_ordinal(read.month_day)}{ending}"


def _list_days(days: tuple[int, ...]) -> str:
    return " and ".join(WEEKDAYS[day] for day in days)


def _ordinal(day: int) -> str:
    ending = "th" if 11 <= day <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


# --- the next date ---------------------------------------------------------------------------------------


def next_after(
    rule: str, last_due: date, is_business_day: Callable[[date], bool], *, after: date | None = None
) -> date:
    """The first due date after ``last_due``, always on a business day.

    ``last_due`` is the date the last one was due by the rule, before anybody moved it; intervals count from
    it. ``after`` skips what has been missed: pass today when the last one was done late. A date on a closed
    day goes to the business day before it in the same week (or month), or else to the next one, so that an
    interval never slips into another week or month.
    Raises RecurrenceError for a rule outside the subset or a calendar without business days.
    """
    read = _read(rule)
    floor = last_due if after is None else max(last_due, after)
    for _, day in zip(range(_HORIZON), _occurrences(read, last_due), strict=False):
        due = _on_business_day(day, read.freq, is_business_day)
        if due > floor:
            return due
    raise RecurrenceError("No date of this recurrence is near: type a date.")


def _occurrences(rule: _Rule, start: date) -> Iterator[date]:
    """Rule dates after ``start``; intervals are counted from the day, week, month or year of ``start``."""
    for step in count(0, rule.interval):
        for day in _period_days(rule, start, step):
            if day > start:
                yield day


def _period_days(rule: _Rule, start: date, step: int) -> list[date]:
    if rule.freq is _Freq.DAILY:
        return [start + timedelta(days=step)]
    if rule.freq is _Freq.WEEKLY:
        monday = start + timedelta(days=7 * step - start.weekday())
        return [monday + timedelta(days=day) for day in rule.weekdays or (start.weekday(),)]
    months = step * (12 if rule.freq is _Freq.YEARLY else 1)
    first_month = rule.month or start.month
    year, month = divmod(start.year * 12 + first_month - 1 + months, 12)
    day = min(rule.month_day or start.day, calendar.monthrange(year, month + 1)[1])
    return [date(year, month + 1, day)]


def _on_business_day(day: date, freq: _Freq, is_business_day: Callable[[date], bool]) -> date:
    if is_business_day(day):
        return day
    if freq is not _Freq.DAILY:
        room = day.weekday() if freq is _Freq.WEEKLY else day.day - 1
        for back in range(1, room + 1):
            earlier = day - timedelta(days=back)
            if is_business_day(earlier):
                return earlier
    for ahead in range(1, 367):
        later = day + timedelta(days=ahead)
        if is_business_day(later):
            return later
    raise RecurrenceError("The practice calendar has no business day to put this on.")
