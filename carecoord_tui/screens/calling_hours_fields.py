"""The fields of calling hours: the same three lines for a patient, a payer and an office."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Protocol, TypedDict

from carecoord_tui.domain.calling_hours import (
    ZoneError,
    hours_problem,
    parse_hour,
    parse_zone,
    time_there,
)
from carecoord_tui.domain.dates import DateError, format_time, read_time

HOURS = ("call_from", "call_until")
FIELDS = (
    ("Calls from", "call_from", "e.g. 9am, where they are"),
    ("Calls until", "call_until", "e.g. 5pm"),
    ("Time zone", "time_zone", "empty: ours; CT, America/Chicago"),
)
"""Label, control and placeholder of each line."""


class HasHours(Protocol):
    """A row with calling hours."""

    @property
    def call_from(self) -> time | None: ...

    @property
    def call_until(self) -> time | None: ...

    @property
    def time_zone(self) -> str: ...


class Hours(TypedDict):
    """What was typed, as entries take it."""

    call_from: time | None
    call_until: time | None
    time_zone: str


def hours_texts(row: HasHours) -> dict[str, str]:
    """What the three fields show."""
    return {
        "call_from": format_time(row.call_from) if row.call_from else "",
        "call_until": format_time(row.call_until) if row.call_until else "",
        "time_zone": row.time_zone,
    }


def read_hours(texts: Mapping[str, str], problems: dict[str, str]) -> Hours:
    """The three fields; what is wrong goes to ``problems`` by its control."""
    found: dict[str, time | None] = {}
    for name in HOURS:
        try:
            found[name] = parse_hour(texts[name])
        except DateError as error:
            problems[name] = str(error)
    start, end = found.get("call_from"), found.get("call_until")
    if problem := hours_problem(start, end):
        problems.setdefault("call_until", problem)
    zone = ""
    try:
        zone = parse_zone(texts["time_zone"])
    except ZoneError as error:
        problems["time_zone"] = str(error)
    return Hours(call_from=start, call_until=end, time_zone=zone)


def hours_echo(name: str, typed: str, local: datetime) -> str:
    """What was understood, beside its field: ``= 9am``, ``= America/Chicago, 7:02am there now``."""
    if not typed:
        return ""
    if name in HOURS:
        at = read_time(typed)
        return f"= {format_time(at)}" if at else ""
    if name == "time_zone":
        try:
            zone = parse_zone(typed)
        except ZoneError:
            return ""  # half typed; saving says what is wrong
        return f"= {zone}, {time_there(zone, local)}"
    return ""
