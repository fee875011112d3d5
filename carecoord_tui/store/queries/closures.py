"""The days on which the practice is closed."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from carecoord_tui.store.queries.today import Execute


class ClosedDay(NamedTuple):
    """A day, practice-local, and why; the reason may be empty."""

    on: date
    name: str


def read_closures(execute: Execute) -> list[ClosedDay]:
    """Every closure, the oldest first."""
    rows = execute("SELECT closed_on, name FROM closure ORDER BY closed_on", ())
    return [ClosedDay(date.fromisoformat(day), name) for day, name in rows]
