"""How days and times are written on screen: one form, English names whatever the locale."""

from __future__ import annotations

from datetime import date, time, timedelta

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
WEEKDAY_BY_NAME = {  # 0 is Monday, as in ``date.weekday``
    **{name: index for index, name in enumerate(_WEEKDAY_NAMES)},
    **{name[:3]: index for index, name in enumerate(_WEEKDAY_NAMES)},
    "tues": 1,
    "weds": 2,
    "thur": 3,
    "thurs": 3,
}
MONTH_BY_NAME = {
    **{name: index for index, name in enumerate(_MONTH_NAMES, start=1)},
    **{name[:3]: index for index, name in enumerate(_MONTH_NAMES, start=1)},
    "sept": 9,
}

_LATE_BY_WEEKDAY = timedelta(days=6)  # within it a weekday alone names one past day


def format_day(day: date, today: date | None = None) -> str:
    """``Mon 30 Nov``; with the year, ``Tue 30 Nov 2027``, when ``today`` is given and in another year."""
    words = f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"
    return words if today is None or today.year == day.year else f"{words} {day.year}"


def format_full_day(day: date) -> str:
    """``Thu 3 Dec 2026``: for an echo, where the year must show."""
    return f"{format_day(day)} {day.year}"


def format_birth(day: date) -> str:
    """``14 Mar 1961``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def format_time(at: time) -> str:
    """``2pm``, ``2:30pm``, ``noon``, ``12am`` for midnight; seconds are not shown."""
    if (at.hour, at.minute) == (12, 0):
        return "noon"
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def due_label(day: date, today: date, business_days_late: int = 0) -> str:
    """A due date beside a row: ``today``, ``tomorrow``, ``Wed 2 Dec``, or for a past one ``Fri, 1d``.

    The number is business days late, counted by the caller's calendar. A day more than six days back is
    ``13 Nov, 10d``, since its weekday alone would not say which week.
    """
    if day == today:
        return "today"
    if day == today + timedelta(days=1):
        return "tomorrow"
    if day > today or business_days_late < 1:
        return format_day(day, today)
    if today - day <= _LATE_BY_WEEKDAY:
        return f"{WEEKDAYS[day.weekday()]}, {business_days_late}d"
    year = "" if day.year == today.year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}, {business_days_late}d"


def age_on(birth: date, day: date) -> int:
    """Completed years on ``day``; born on 29 February, a year is completed on 1 March.

    Raises ValueError when ``day`` is before the birth.
    """
    if day < birth:
        raise ValueError("the day is before the birth")
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
