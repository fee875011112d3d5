"""When somebody may be called: hours in their own time zone, and whether that is now.

A time zone is an IANA name; empty means the practice's. Nothing here knows "now": instants are given.
"""

from __future__ import annotations

from datetime import datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from carecoord_tui.domain.dates import DateError, format_time, quote, read_time

US_ZONES = {
    "America/New_York": "ET",
    "America/Chicago": "CT",
    "America/Denver": "MT",
    "America/Phoenix": "MST",
    "America/Los_Angeles": "PT",
    "America/Anchorage": "AKT",
    "Pacific/Honolulu": "HST",
    "America/Puerto_Rico": "AST",
}
"""The zones of the United States by the letters people use."""
_SPOKEN = {
    **{letters.lower(): name for name, letters in US_ZONES.items()},
    **dict.fromkeys(("eastern", "est", "edt"), "America/New_York"),
    **dict.fromkeys(("central", "cst", "cdt"), "America/Chicago"),
    **dict.fromkeys(("mountain", "mdt"), "America/Denver"),
    **dict.fromkeys(("arizona",), "America/Phoenix"),
    **dict.fromkeys(("pacific", "pst", "pdt"), "America/Los_Angeles"),
    **dict.fromkeys(("alaska", "akst", "akdt"), "America/Anchorage"),
    **dict.fromkeys(("hawaii", "hawaii time"), "Pacific/Honolulu"),
    **dict.fromkeys(("atlantic", "puerto rico"), "America/Puerto_Rico"),
}
LONGEST_NAME = 60


class ZoneError(ValueError):
    """What was typed is no time zone; the message says what to type."""


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo | None:
    """The zone of an IANA name; None for an empty or an unknown one: the practice's stands in."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name is a folder of the database
        return None


def parse_zone(text: str) -> str:
    """An IANA name from what was typed: ``America/Chicago``, ``america/chicago``, ``CT``, ``central``.

    Empty stays empty: the practice's. Raises ZoneError.
    """
    typed = " ".join(text.split())
    if not typed:
        return ""
    if name := _SPOKEN.get(typed.lower()):
        return name
    tidy = typed.replace(" ", "_")
    parts = ["_".join(word.capitalize() for word in part.split("_")) for part in tidy.split("/")]
    for name in (tidy, "/".join(parts)):
        if len(name) <= LONGEST_NAME and "/" in name and zone_of(name) is not None:
            return name
    raise ZoneError(
        f"{quote(typed)} is no time zone: type ET, CT, MT, PT, or a name such as America/Chicago."
    )


def zone_label(name: str) -> str:
    """``ET`` for ``America/New_York``; elsewhere the city; empty for the practice's."""
    return US_ZONES.get(name) or name.rpartition("/")[2].replace("_", " ")


def parse_hour(text: str) -> time | None:
    """A time of the day as typed; None when empty. Raises DateError."""
    if not text:
        return None
    found = read_time(text)
    if found is None:
        raise DateError("A time is typed as 9am or 14:30.")
    return found


def hours_problem(start: time | None, end: time | None) -> str:
    """Why these hours cannot be; empty when they can."""
    if start is not None and end is not None and start >= end:
        return "This is not after the hour calls may begin."
    return ""


def hours_words(start: time | None, end: time | None, zone: str = "") -> str:
    """``8am to 5pm``, ``until 5pm CT``; empty where nobody said any."""
    if start and end:
        words = f"{format_time(start)} to {format_time(end)}"
    elif end:
        words = f"until {format_time(end)}"
    elif start:
        words = f"from {format_time(start)}"
    else:
        return ""
    return f"{words} {zone_label(zone)}".rstrip()


def clock_at(local: datetime, zone: str) -> time:
    """The time of the day in ``zone`` at ``local``, an aware instant of the practice."""
    there = zone_of(zone)
    return (local if there is None else local.astimezone(there)).time()


def is_open(start: time | None, end: time | None, clock: time) -> bool:
    """True within the hours; the end itself is too late."""
    return (start is None or clock >= start) and (end is None or clock < end)


def closed_words(start: time | None, end: time | None, zone: str, local: datetime, home: str) -> str:
    """``closed, opens 9am their time (noon here)``; empty while it is open.

    ``local`` is an aware instant, ``home`` the practice's zone by name; where its clock says the same, the
    hour stands alone. After the last hour: ``closed since 5pm their time (8pm here)``.
    """
    clock = clock_at(local, zone)
    if is_open(start, end, clock):
        return ""
    before = start is not None and clock < start
    hour = start if before else end
    if hour is None:
        return ""
    here = local.astimezone(zone_of(home) or local.tzinfo)
    there = here.astimezone(zone_of(zone) or here.tzinfo)
    words = f"closed, opens {format_time(hour)}" if before else f"closed since {format_time(hour)}"
    at = there.replace(hour=hour.hour, minute=hour.minute, second=0, microsecond=0).astimezone(here.tzinfo)
    return words if at.time() == hour else f"{words} their time ({format_time(at.time())} here)"


def own_or_usual(
    own: tuple[time | None, time | None], usual: tuple[time | None, time | None]
) -> tuple[time | None, time | None]:
    """Somebody's own hours, else the practice's for people who gave none; by the clock where they are."""
    return usual if own == (None, None) else own


def now_words(start: time | None, end: time | None, zone: str, local: datetime, home: str) -> str:
    """``open now, 8am to 5pm CT``, ``closed, opens 8am``, ``hours not entered``: before a call."""
    if start is None and end is None:
        return "hours not entered"
    closed = closed_words(start, end, zone, local, home)
    return closed or f"open now, {hours_words(start, end, zone)}"


def time_there(zone: str, local: datetime) -> str:
    """``9:12am there now``; empty for the practice's own zone."""
    there = zone_of(zone)
    if there is None:
        return ""
    return f"{format_time(local.astimezone(there).time().replace(second=0, microsecond=0))} there now"
