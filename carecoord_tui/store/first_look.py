"""The first list without SQLAlchemy: plain statements over one connection, while the rest still loads.

Importing SQLModel costs more than everything else at start. A screen can read through this object
at once; it offers what reads need of a ``Practice`` (``execute``, ``moment``, ``settings``, ``user``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.clock import Clock
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import dialect
from carecoord_tui.store.engine import raw_connection
from carecoord_tui.store.fingerprint import fingerprint
from carecoord_tui.store.head import HEAD
from carecoord_tui.store.ruling import Ruling, ruling_of, ruling_rows


class FirstLook:
    """A read-only view of a practice that is up to date; see :func:`first_look`."""

    def __init__(self, connection: Any, ruling: Ruling, clock: Clock) -> None:
        self._connection = connection
        self.settings, self.user, self.context = ruling.settings, ruling.user, ruling.context
        self.clock = clock

    @property
    def zone(self) -> ZoneInfo:
        """The practice's time zone."""
        return self.settings.zone

    def moment(self) -> Moment:
        """Now on the screens' clock, in the practice."""
        settings = self.settings
        return Moment(
            self.clock.now(), self.zone, self.context.calendar, settings.call_from, settings.call_until
        )

    def today(self) -> date:
        """The practice's date on the screens' clock."""
        return self.moment().today

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of one statement."""
        with dialect.translated():
            return list(self._connection.execute(sql, tuple(parameters)))

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def first_look(paths: PracticePaths, data_key: bytes, clock: Clock) -> FirstLook | None:
    """A first look at a practice; None when it must be migrated or its ledger rebuilt first.

    Raises the StoreErrors of ``engine.raw_connection``.
    """
    connection = raw_connection(paths.database, data_key, read_only=True)
    try:
        ruling = _current_ruling(connection)
    except BaseException:
        connection.close()
        raise
    if ruling is None:
        connection.close()
        return None
    return FirstLook(connection, ruling, clock)


def _current_ruling(connection: Any) -> Ruling | None:
    """What rules the practice; None when its tables or its ledger are of another time."""
    if dialect.user_version(connection) != HEAD:
        return None
    ruling = ruling_of(ruling_rows(connection.execute))
    built_from = connection.execute("SELECT fingerprint FROM ledger_state").fetchone()
    return ruling if built_from is not None and built_from[0] == fingerprint(ruling.context) else None
