"""What time it is: the one place that asks the computer, so that a demo or a test can say otherwise.

A clock answers in UTC; the practice's time zone is applied where a date is needed. Audit stamps do not
come from here: they are always system time.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NOW_VARIABLE = "CARECOORD_NOW"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


class Clock(Protocol):
    """Anything that knows the time."""

    def now(self) -> datetime:
        """This moment, as an aware UTC datetime."""
        ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        """This moment, as an aware UTC datetime."""
        return datetime.now(UTC)


class RunningClock:
    """A clock set to another moment that runs on from there, whatever happens to the system clock."""

    def __init__(self, start: datetime) -> None:
        """Start at ``start`` (aware); ``ValueError`` for a naive datetime."""
        if start.tzinfo is None:
            raise ValueError("A clock needs a start time with a time zone.")
        self._start = start.astimezone(UTC)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """This moment on this clock, as an aware UTC datetime."""
        return self._start + timedelta(seconds=time.monotonic() - self._began)


def zone_named(name: str) -> ZoneInfo:
    """The time zone of an IANA name such as ``America/Chicago``; ``ValueError`` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is not a time zone; use a name such as America/New_York or America/Chicago."
        ) from None


def parse_now(text: str, zone: ZoneInfo) -> datetime:
    """Read ``2026-11-30T08:00``, in ``zone`` unless it ends in ``Z`` or an offset; returns UTC.

    ``ValueError`` with one sentence for anything else, and for a local time that the change to summer
    time skips. Of a local time that happens twice, the first is meant.
    """
    cleaned = text.strip()
    problem = f"{text!r} is not a time; write it like 2026-11-30T08:00, with an offset if needed (-05:00)."
    if not _INSTANT.fullmatch(cleaned):
        raise ValueError(problem)
    try:
        given = datetime.fromisoformat(cleaned)
    except ValueError:
        raise ValueError(problem) from None
    try:
        if given.tzinfo is not None:
            return given.astimezone(UTC)
        local = given.replace(tzinfo=zone)
        moment = local.astimezone(UTC)
        skipped = moment.astimezone(zone).replace(tzinfo=None) != given
    except OverflowError:
        raise ValueError(problem) from None
    if skipped:
        raise ValueError(f"{text!r} does not exist in {zone.key}: the clocks go forward then.")
    return moment


def today(clock: Clock, zone: ZoneInfo) -> date:
    """The calendar date in the practice's zone."""
    return clock.now().astimezone(zone).date()


def clock_from(option: str | None, environ: Mapping[str, str], zone: ZoneInfo) -> Clock:
    """The clock to use: ``--now``, else ``CARECOORD_NOW``, else the system's; may raise ``ValueError``."""
    chosen = option or environ.get(NOW_VARIABLE)
    return RunningClock(parse_now(chosen, zone)) if chosen else SystemClock()
