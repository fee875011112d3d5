"""Opening the encrypted database: as a SQLAlchemy engine, or as a plain connection for speed.

Every way in first looks at the file read-only: opening a WAL database for writing, even with a wrong
key, would already move the log into the main file, and what we cannot read we must not touch.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlcipher3 import dbapi2

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import dialect
from carecoord_tui.store.dialect import WRITE_OPTION, translate, translated
from carecoord_tui.store.errors import (
    AlreadyThere,
    DamagedFile,
    ForeignFile,
    Locked,
    NoPractice,
    StoreError,
    TooNew,
)
from carecoord_tui.store.files import PRIVATE_FILE, create_private, tighten
from carecoord_tui.store.lock import Presence

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.pool import ConnectionPoolEntry

__all__ = [
    "close_for_good",
    "create_database",
    "examine",
    "offline_connection",
    "open_engine",
    "raw_connection",
    "sealed_engine",
    "translate",
    "translated",
    "write_engine",
]

_OPENER = "carecoord_opener"
_POOL_SIZE = 2  # the screen's reads and one worker; a write queues in SQLite anyway
_POOL_OVERFLOW = 2
_POOL_SECONDS = 10.0
_CORRUPT = 11  # SQLITE_CORRUPT: shorter than its own header says, or a broken page


class _PracticeConnection(dbapi2.Connection):
    """A connection that holds the practice's lock file shared for as long as it is open."""

    presence: Presence | None = None

    def close(self) -> None:
        super().close()
        self._leave()

    def __del__(self) -> None:
        self._leave()

    def _leave(self) -> None:
        if self.presence is not None:
            self.presence.release()
            self.presence = None


def create_database(db_path: Path, data_key: bytes) -> None:
    """Make a new, empty, encrypted database (schema version 0), readable by its owner alone.

    Raises ``AlreadyThere`` when the file exists, ``DiskFull`` or ``ReadOnly`` when it cannot be written.
    """
    with translated():
        try:
            create_private(db_path)  # before SQLite opens it: -wal and -shm take over the mode
        except FileExistsError:
            raise AlreadyThere(f"{db_path} is already there; nothing was changed.") from None
        conn = _connect(db_path, data_key)
        try:
            conn.execute(f"PRAGMA application_id = {dialect.APPLICATION_ID}")
        finally:
            conn.close()


def open_engine(
    db_path: Path, data_key: bytes, *, read_only: bool = False, newest_version: int | None = None
) -> Engine:
    """A SQLAlchemy engine on an existing database.

    Transactions read (``BEGIN DEFERRED``) unless the execution option ``carecoord_write=True`` is set on
    the connection, or the engine comes from ``write_engine``; then they start with ``BEGIN IMMEDIATE``.
    Raises what ``examine`` raises, and ``TooNew`` when the schema version exceeds ``newest_version``.
    """
    import sqlalchemy as sa

    found = examine(db_path, data_key)
    if newest_version is not None and found > newest_version:
        raise TooNew
    if not read_only:
        with translated():
            tighten(db_path, PRIVATE_FILE)
    opener = Opener(db_path, data_key, read_only=read_only)
    engine = sa.create_engine(
        "sqlite://",
        creator=opener,
        execution_options={_OPENER: opener},
        module=dbapi2,
        poolclass=sa.QueuePool,
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_OVERFLOW,
        pool_timeout=_POOL_SECONDS,
        pool_use_lifo=True,  # the connection used last has its pages in memory
        hide_parameters=True,  # a traceback must never print patient rows
    )

    @sa.event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        write = bool(conn.get_execution_options().get(WRITE_OPTION, False))
        conn.exec_driver_sql(dialect.begin_statement(write=write))

    @sa.event.listens_for(engine, "checkin")
    def _close_when_forgotten(_: dbapi2.Connection | None, record: ConnectionPoolEntry) -> None:
        if opener.is_forgotten:  # a read that was under way: ``dispose`` leaves its connection alone
            record.invalidate()

    return engine


class Opener:
    """Opens connections for as long as it has the key.

    An engine holds on to what opens its connections, and stands in reference cycles that may outlive the
    lock; so the key is taken out of it.
    """

    def __init__(self, db_path: Path, data_key: bytes, *, read_only: bool) -> None:
        self._db_path, self._read_only = db_path, read_only
        self._data_key = data_key

    def __call__(self) -> dbapi2.Connection:
        if self.is_forgotten:
            raise Locked
        return _open(self._db_path, self._data_key, read_only=self._read_only)

    @property
    def is_forgotten(self) -> bool:
        """True once the key is gone."""
        return not self._data_key

    def forget(self) -> None:
        """Drop the key for good."""
        self._data_key = b""


def close_for_good(engine: Engine) -> None:
    """Close what is idle, what is being read as soon as it is done, and forget the key."""
    opener = engine.get_execution_options().get(_OPENER)
    if isinstance(opener, Opener):
        opener.forget()
    engine.dispose()


def sealed_engine() -> Engine:
    """An engine without a key: whoever asks it for a connection gets ``Locked``."""
    import sqlalchemy as sa

    def refuse() -> dbapi2.Connection:
        raise Locked

    return sa.create_engine("sqlite://", creator=refuse, module=dbapi2, poolclass=sa.NullPool)


def write_engine(engine: Engine) -> Engine:
    """The same engine and pool, whose transactions are writes from the start."""
    return engine.execution_options(**{WRITE_OPTION: True})


def raw_connection(db_path: Path, data_key: bytes, *, read_only: bool = False) -> dbapi2.Connection:
    """A plain DB-API connection with the same pragmas, in autocommit mode: begin transactions yourself.

    For the first list, bulk work and change watching. Usable from any thread, by one at a time.
    Raises what ``examine`` raises.
    """
    examine(db_path, data_key)
    return _open(db_path, data_key, read_only=read_only)


def offline_connection(db_path: Path, data_key: bytes) -> dbapi2.Connection:
    """A read-only connection to a copy that no window has open, such as an unpacked backup; takes no lock."""
    return _connect(db_path, data_key, mode="ro")


def examine(db_path: Path, data_key: bytes) -> int:
    """Look at a database without changing it; returns its schema version.

    Raises ``NoPractice`` (no such file), ``DamagedFile`` (empty, cut short, broken pages), ``ForeignFile``
    (not encrypted, another program's, or not with this key), ``ReadOnly`` (not permitted).
    """
    _check_size(db_path)
    try:
        conn = _connect(db_path, data_key, mode="ro")
        try:
            conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
            mark = dialect.application_id(conn)
            version = dialect.user_version(conn)
        finally:
            conn.close()
    except dbapi2.Error as exc:
        raise _unreadable(db_path, exc) from None
    if mark != dialect.APPLICATION_ID:
        raise ForeignFile(f"{db_path} was not made by carecoord; nothing was changed.")
    return version


def _check_size(db_path: Path) -> None:
    try:
        found = db_path.stat()
    except FileNotFoundError:
        raise NoPractice(f"There is no practice database at {db_path}.") from None
    if not stat.S_ISREG(found.st_mode):
        raise ForeignFile(f"{db_path} is not a file; nothing was changed. Restore a backup.")
    size = found.st_size
    if size == 0:
        raise DamagedFile(f"{db_path} is empty; nothing was changed. Restore a backup.")
    # While a log is pending the main file may rightly be incomplete: SQLite repairs it from the log.
    log = db_path.with_name(db_path.name + "-wal")
    if size % dialect.PAGE_SIZE and not (log.exists() and log.stat().st_size):
        raise _not_ours(db_path) or _cut_short(db_path)


def _unreadable(db_path: Path, exc: dbapi2.Error) -> StoreError:
    """The error for a database that could not be read, by what the file looks like."""
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    if code == _CORRUPT:
        return _cut_short(db_path)
    ours = translate(exc)
    if ours is not None and not isinstance(ours, DamagedFile):
        return ours
    return _not_ours(db_path) or ForeignFile(
        f"{db_path} does not open with this practice's key: it belongs to another practice or its beginning "
        "is damaged. Nothing was changed; restore a backup."
    )


def _cut_short(db_path: Path) -> DamagedFile:
    return DamagedFile(f"{db_path} is damaged or cut short; nothing was changed. Restore a backup.")


def _not_ours(db_path: Path) -> ForeignFile | None:
    """An error when the file is recognisably something else.

    Reads the file past SQLite, which is safe only because no connection of this process has it open
    (closing any descriptor would drop that connection's locks): called after opening has failed.
    """
    with db_path.open("rb") as file:
        start = file.read(len(dialect.PLAIN_HEADER))
    if start == dialect.PLAIN_HEADER:
        return ForeignFile(
            f"{db_path} is an unencrypted database, not a carecoord practice; it was not touched."
        )
    return None


def _open(db_path: Path, data_key: bytes, *, read_only: bool) -> dbapi2.Connection:
    """A configured connection that counts as having the practice open."""
    with translated():
        presence = Presence(PracticePaths(db_path.parent).lock)
        try:
            conn = _connect(db_path, data_key, mode="ro" if read_only else "rw")
        except BaseException:
            presence.release()
            raise
    conn.presence = presence
    return conn


def _connect(db_path: Path, data_key: bytes, *, mode: str = "rw") -> _PracticeConnection:
    # A URI with mode=rw or ro never creates a file: a missing database must not turn into an empty one.
    options: dict[str, Any] = {"uri": True, "isolation_level": None, "check_same_thread": False}
    conn = dbapi2.connect(
        f"{db_path.absolute().as_uri()}?mode={mode}",
        timeout=dialect.BUSY_SECONDS,
        factory=_PracticeConnection,
        **options,
    )
    try:
        dialect.configure(conn, data_key, read_only=mode == "ro")
    except BaseException:
        conn.close()
        raise
    return conn
