"""An open practice: one user, one encrypted file, one way to read and one way to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from carecoord_tui.clock import Clock
from carecoord_tui.domain.next_actions import Context
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import anchor, dialect, ledger, ruling
from carecoord_tui.store.audit import Trail
from carecoord_tui.store.current_user import CurrentUser
from carecoord_tui.store.engine import close_for_good, open_engine, sealed_engine, write_engine
from carecoord_tui.store.errors import Conflict, ReadOnly, StoreError
from carecoord_tui.store.head import HEAD
from carecoord_tui.store.keyfile import audit_key
from carecoord_tui.store.ruling import Rows, ruling_of, ruling_rows
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.settings import PracticeSettings
from carecoord_tui.store.tables import Setting

SETTING: sa.Table = Setting.__table__  # type: ignore[attr-defined]
SET_CLOCK = (
    "The clock was set with --now: this practice is open for reading only. Nothing was changed;"
    " open it without --now to work."
)


class Practice:
    """The store's one handle. Reads give connections, changes give audited sessions.

    ``listeners`` are told after every committed change; the screens re-query then.
    """

    def __init__(
        self,
        *,
        paths: PracticePaths,
        engine: sa.Engine,
        data_key: bytes,
        clock: Clock,
        is_read_only: bool = False,
    ) -> None:
        self.paths = paths
        self.engine = engine
        self.data_key = data_key
        self.clock = clock
        self.is_read_only = is_read_only
        self.listeners: list[Callable[[], None]] = []
        self.anchor_problem = ""
        self._writes = write_engine(engine)
        self._audit_key = audit_key(data_key)
        self._ruling_rows: Rows = ()
        self.settings: PracticeSettings
        self.user: CurrentUser
        self.context: Context
        self.reload_settings()

    # --- what the practice is ---------------------------------------------------------------

    def reload_settings(self) -> None:
        """Read user, settings and closures again; the ledger follows with the next change.

        Raises SettingError for a setting that cannot be read; then all stays as it was known.
        """
        with self.read() as connection:
            self._rule_by(ruling_rows(connection.exec_driver_sql))

    def _rule_by(self, rows: Rows) -> None:
        if rows == self._ruling_rows:
            return
        found = ruling_of(rows)
        self.settings, self.user, self.context = found.settings, found.user, found.context
        self._ruling_rows = rows

    @property
    def zone(self) -> ZoneInfo:
        """The practice's time zone; every local date is in it."""
        return self.settings.zone

    def moment(self) -> Moment:
        """Now, as the screens' clock has it, in the practice."""
        settings = self.settings
        return Moment(
            self.clock.now(), self.zone, self.context.calendar, settings.call_from, settings.call_until
        )

    def today(self) -> date:
        """The practice's date on the screens' clock."""
        return self.moment().today

    # --- reading and changing ---------------------------------------------------------------

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection in a read transaction."""
        with dialect.translated(), self.engine.connect() as connection, connection.begin():
            yield connection

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of one read statement in its own short transaction; what ``store.queries`` take."""
        with self.read() as connection:
            cursor = connection.connection.cursor()  # the driver's own: its rows are tuples already
            cursor.execute(sql, tuple(parameters))
            return list(cursor.fetchall())

    @contextmanager
    def change(self, label: str, *, kind: str = "do", target: int | None = None) -> Iterator[AuditedSession]:
        """One change: one transaction, its audit rows, the ledger of everybody touched.

        A change of what rules brings the whole ledger with it, and so does one that another window made:
        settings, closures and user are compared first, for the ledger must follow one context.
        ``label`` is what undo calls it and never holds patient text. Raises ReadOnly, Conflict
        (another window changed the record first), Busy or DiskFull; then nothing has changed.
        """
        if self.is_read_only:
            raise ReadOnly(SET_CLOCK)
        try:
            with dialect.translated(), self._writes.connect() as connection, connection.begin():
                context = self._follow_other_windows(connection)
                trail = Trail(connection, self._audit_key, self.user.id, label, kind, target)
                with AuditedSession(connection, trail, context) as session:
                    yield session
                    session.commit()
                if trail.tables & ruling.TABLES:
                    _make_current(connection, ruling_of(ruling_rows(connection.exec_driver_sql)).context)
        except StaleDataError as error:
            raise Conflict from error
        except DBAPIError as error:
            ours = dialect.translate(error.orig) if isinstance(error.orig, Exception) else None
            raise (ours or error) from error
        self._committed(trail)

    def _follow_other_windows(self, connection: sa.Connection) -> Context:
        """Rule by what is stored now, under the write lock; whoever comes second rebuilds nothing.

        The context is the caller's to keep: a thread that reads the settings anew may replace this
        practice's own before the change is written.
        """
        self._rule_by(ruling_rows(connection.exec_driver_sql))
        context = self.context
        _make_current(connection, context)
        return context

    def _committed(self, trail: Trail) -> None:
        """After a commit: the anchor, what depends on settings, and whoever listens.

        The change stands whatever happens here, so nothing here may look like its failure: an
        anchor that cannot be written is kept in ``anchor_problem`` for the screen, and the next
        change tries again (the database may be ahead of its anchor, never behind).
        """
        if trail.rows:
            try:
                anchor.write(self.paths.anchor, trail.seq, trail.mac)
                self.anchor_problem = ""
            except (StoreError, OSError) as error:
                self.anchor_problem = f"The audit anchor could not be written: {error}"
        if trail.tables & ruling.TABLES:
            self.reload_settings()
        for listener in self.listeners:
            listener()

    def record_event(self, label: str, *, kind: str = "view", patient_id: int | None = None) -> None:
        """Put something that changed no record into the audit: a view, an export, an unlock.

        Silently does nothing in a read-only practice, which cannot write its own audit.
        """
        if self.is_read_only:
            return
        with dialect.translated(), self._writes.connect() as connection, connection.begin():
            trail = Trail(connection, self._audit_key, self.user.id, label, kind)
            trail.write([{"action": "event", "patient_id": patient_id}])
        self._committed(trail)

    # --- the ledger --------------------------------------------------------------------------

    def ensure_ledger(self, progress: Callable[[int], None] | None = None) -> bool:
        """Rebuild the ledger when rules, calendar or practice changed since; True when it was done."""
        with self.read() as connection:
            if ledger.is_current(connection, self.context):
                return False
        if self.is_read_only:
            return False
        with dialect.translated(), self._writes.connect() as connection, connection.begin():
            self._rule_by(ruling_rows(connection.exec_driver_sql))
            return _make_current(connection, self.context, progress)

    def warm_up(self) -> None:
        """Compile what the first verb needs, by looking at one person; nothing is written.

        SQLAlchemy turns each statement into text once; that would be felt on the first key.
        """
        with self.read() as connection:
            ledger.differences_of_first(connection, self.context)

    def audit_key(self) -> bytes:
        """The key of the audit chain."""
        return self._audit_key

    # --- the key -----------------------------------------------------------------------------

    @property
    def is_sealed(self) -> bool:
        """True while the key is not in memory."""
        return not self.data_key

    def seal(self) -> None:
        """Close the file and forget the keys; every read and change raises ``Locked`` from now on.

        Whoever holds this practice, a parked form for one, holds it still and goes on after ``unseal``.
        """
        close_for_good(self.engine)
        self.engine = sealed_engine()
        self._writes = write_engine(self.engine)
        self.data_key = self._audit_key = b""

    def unseal(self, data_key: bytes) -> None:
        """Open the file again with its key, all or nothing.

        Raises what ``open_engine`` raises, and SettingError; then it is sealed as before.
        """
        engine = open_engine(self.paths.database, data_key, read_only=self.is_read_only, newest_version=HEAD)
        try:
            self.engine, self._writes = engine, write_engine(engine)
            self.data_key, self._audit_key = data_key, audit_key(data_key)
            self.reload_settings()
        except BaseException:
            self.seal()
            raise

    def close(self) -> None:
        """Give the file back."""
        self.engine.dispose()


def _make_current(
    connection: sa.Connection, context: Context, progress: Callable[[int], None] | None = None
) -> bool:
    """Build the ledger anew inside the caller's transaction unless it is this context's; True when done."""
    if ledger.is_current(connection, context):
        return False
    ledger.rebuild(connection, context, progress)
    return True


def open_practice(
    paths: PracticePaths, data_key: bytes, clock: Clock, *, is_read_only: bool = False
) -> Practice:
    """Open an existing practice with its data key, migrating it first when it is behind.

    Raises the StoreErrors of ``engine.open_engine``.
    """
    engine = open_engine(paths.database, data_key, read_only=is_read_only, newest_version=HEAD)
    with engine.connect() as connection:
        behind = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one()) < HEAD
    if behind:
        if is_read_only:
            engine.dispose()
            raise StoreError("This practice must be opened once without --now so that it can be upgraded.")
        from carecoord_tui.store.migrations import upgrade

        engine.dispose()
        upgrade(paths, data_key)
        engine = open_engine(paths.database, data_key, newest_version=HEAD)
    practice = Practice(paths=paths, engine=engine, data_key=data_key, clock=clock, is_read_only=is_read_only)
    practice.ensure_ledger()
    return practice
