"""What rules a practice: its settings, its closures, its user, and the rules' context made of them.

Read by plain statements, so that the first list needs no SQLAlchemy. The rows themselves are kept: comparing
them tells whether another window has changed what rules since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.next_actions import Context
from carecoord_tui.store.current_user import CurrentUser
from carecoord_tui.store.errors import DamagedFile
from carecoord_tui.store.settings import PracticeSettings, read_settings

TABLES = frozenset({"setting", "closure", "user"})
_STATEMENTS = (
    "SELECT key, value FROM setting ORDER BY key",
    "SELECT closed_on FROM closure ORDER BY closed_on",
    'SELECT id, name, role, is_clinical FROM "user" ORDER BY id LIMIT 1',
)
Rows = tuple[tuple[tuple[Any, ...], ...], ...]
Statement = Callable[[str], Iterable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What rules, and the rows it was read from."""

    rows: Rows
    settings: PracticeSettings
    user: CurrentUser
    context: Context


def ruling_rows(execute: Statement) -> Rows:
    """The rows that rule, in one order; ``execute`` runs one statement and gives its rows."""
    return tuple(tuple(tuple(row) for row in execute(sql)) for sql in _STATEMENTS)


def ruling_of(rows: Rows) -> Ruling:
    """What rules by these rows. Raises SettingError for a setting that cannot be read."""
    stored, closed, users = rows
    if not users:
        raise DamagedFile("This practice has no user; nothing was changed. Restore a backup.")
    settings = read_settings(dict(stored))
    number, name, role, is_clinical = users[0]
    context = Context(
        pack=settings.pack,
        calendar=Calendar(closures=frozenset(date.fromisoformat(day) for (day,) in closed)),
        zone=settings.zone,
        user_is_clinical=bool(is_clinical),
        call_from=settings.call_from,
        call_until=settings.call_until,
    )
    return Ruling(rows, settings, CurrentUser(number, name, role, bool(is_clinical)), context)
