"""What is special to SQLCipher: pragmas, error codes, change watching, integrity checks.

The only module that knows them, so that another database could take its place. Imports nothing heavy:
the first list can be read through it before SQLAlchemy is loaded.
"""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from typing import TYPE_CHECKING

from carecoord_tui.store.errors import (
    Busy,
    Conflict,
    DamagedFile,
    DiskFull,
    MissingFile,
    ReadOnly,
    StoreError,
    UnsafeFolder,
)

if TYPE_CHECKING:
    from sqlcipher3 import dbapi2

APPLICATION_ID = 0x43434F52  # "CCOR", in the database header
PAGE_SIZE = 4096  # SQLCipher 4's own default, part of the file format
PLAIN_HEADER = b"SQLite format 3\x00"
BUSY_SECONDS = 5.0
WRITE_OPTION = "carecoord_write"

_CACHE_KIB = 24_576  # what a day of 50,000 open items touches; memory is taken as pages are read

_SQLITE_BUSY, _SQLITE_LOCKED, _SQLITE_READONLY, _SQLITE_IOERR, _SQLITE_CORRUPT = 5, 6, 8, 10, 11
_SQLITE_FULL, _SQLITE_CANTOPEN, _SQLITE_NOTADB = 13, 14, 26

_FULL_ERRNO = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_READ_ONLY_ERRNO = {errno.EROFS, errno.EACCES, errno.EPERM}


# --- connections --------------------------------------------------------------------------------


def set_key(conn: dbapi2.Connection, data_key: bytes) -> None:
    """Give a new connection its key, as raw bytes so that SQLCipher derives nothing."""
    if len(data_key) != 32:
        raise ValueError("A data key has 32 bytes.")
    conn.execute("PRAGMA cipher_log = off")  # it writes to stderr and would garble the screen
    conn.execute(f"PRAGMA key = \"x'{data_key.hex()}'\"")


def configure(conn: dbapi2.Connection, data_key: bytes, *, read_only: bool = False) -> None:
    """Prepare a new connection; the order matters. Must run before any statement of the caller."""
    set_key(conn, data_key)
    conn.execute("PRAGMA foreign_keys = ON")
    conn.execute("PRAGMA recursive_triggers = ON")  # REPLACE must fire the audit's delete trigger
    if read_only:
        conn.execute("PRAGMA query_only = ON")
    else:
        conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = FULL")
    conn.execute("PRAGMA temp_store = MEMORY")  # temporary files would hold plain text
    conn.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")


def begin_statement(*, write: bool) -> str:
    """How a transaction starts: a writer queues for its turn at once, a reader never waits."""
    return "BEGIN IMMEDIATE" if write else "BEGIN DEFERRED"


def _integer(conn: dbapi2.Connection, pragma: str) -> int:
    return int(conn.execute(f"PRAGMA {pragma}").fetchone()[0])


def user_version(conn: dbapi2.Connection) -> int:
    """The schema version in the database header; 0 before the first migration."""
    return _integer(conn, "user_version")


def set_user_version(conn: dbapi2.Connection, version: int) -> None:
    """Write the schema version; part of the transaction it is called in."""
    conn.execute(f"PRAGMA user_version = {int(version)}")


def application_id(conn: dbapi2.Connection) -> int:
    """The mark of the program that made the database: ``APPLICATION_ID`` for ours."""
    return _integer(conn, "application_id")


# --- watching for another window's changes ------------------------------------------------------


def data_version(conn: dbapi2.Connection) -> int:
    """A number that changes when any *other* connection has committed since; 3.5 µs."""
    return _integer(conn, "data_version")


class ChangeWatcher:
    """Tells whether someone else has committed, on an idle connection of its own.

    This process's other connections count as someone else: call ``seen`` after a commit of one's own.
    """

    def __init__(self, conn: dbapi2.Connection) -> None:
        """Watch through ``conn``, which must stay outside any transaction."""
        self._conn = conn
        self._last = data_version(conn)

    def changed(self) -> bool:
        """Whether there was a commit since the last call of ``changed`` or ``seen``."""
        previous, self._last = self._last, data_version(self._conn)
        return self._last != previous

    def seen(self) -> None:
        """Take everything committed so far as known."""
        self._last = data_version(self._conn)

    def close(self) -> None:
        """Give the connection back."""
        self._conn.close()


# --- integrity ----------------------------------------------------------------------------------


def integrity_problems(conn: dbapi2.Connection) -> list[str]:
    """What SQLite and SQLCipher find wrong with the file, at most ten lines; empty when it is sound."""
    # Page authentication first: the structure of pages that fail it means nothing.
    pages = [str(row[0]) for row in conn.execute("PRAGMA cipher_integrity_check").fetchmany(10)]
    if pages:
        return pages
    structure = [str(row[0]) for row in conn.execute("PRAGMA integrity_check(10)").fetchall()]
    return [] if structure == ["ok"] else structure


def row_counts(conn: dbapi2.Connection) -> dict[str, int]:
    """How many rows each stored table holds (virtual tables through their own storage tables)."""
    names = [
        str(row[0])
        for row in conn.execute(
            "SELECT name FROM pragma_table_list "
            "WHERE schema = 'main' AND type IN ('table', 'shadow') AND name NOT GLOB 'sqlite_*' ORDER BY name"
        )
    ]
    counts: dict[str, int] = {}
    for name in names:
        quoted = name.replace('"', '""')
        counts[name] = int(conn.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608
    return counts


# --- errors -------------------------------------------------------------------------------------


def translate(exc: BaseException) -> StoreError | None:
    """Our error for a database or file error the user can act on; None for anything else (a bug)."""
    if isinstance(exc, StoreError):
        return exc
    # By name, because SQLAlchemy may not be loaded and should not be for this.
    name = f"{type(exc).__module__}.{type(exc).__name__}"
    if name == "sqlalchemy.orm.exc.StaleDataError":
        return Conflict()
    if name == "sqlalchemy.exc.TimeoutError":  # no connection of the pool came free
        return Busy()
    cause = getattr(exc, "orig", None) or exc  # SQLAlchemy wraps the driver's error
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _from_sqlite(code & 0xFF)  # the low byte is the primary code
    if isinstance(cause, OSError):
        return _from_os(cause)
    return None


def _from_sqlite(code: int) -> StoreError | None:
    if code in (_SQLITE_BUSY, _SQLITE_LOCKED):
        return Busy("Another carecoord window is saving; nothing was saved here. Try again in a moment.")
    if code == _SQLITE_FULL:
        return DiskFull()
    if code in (_SQLITE_READONLY, _SQLITE_CANTOPEN):
        return ReadOnly()
    if code in (_SQLITE_CORRUPT, _SQLITE_NOTADB):
        return DamagedFile("The practice's database is damaged; nothing was changed. Restore a backup.")
    if code == _SQLITE_IOERR:
        return StoreError("The disk reported an error; nothing was saved. Check the disk and its space.")
    return None


def _from_os(error: OSError) -> StoreError | None:
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in _FULL_ERRNO:
        return DiskFull()
    if error.errno in _READ_ONLY_ERRNO:
        return ReadOnly(f"The practice's folder cannot be written to{where}; check its permissions.")
    if error.errno == errno.ENOENT:
        return MissingFile(f"A file of this practice is missing{where}; put it back or restore a backup.")
    if error.errno == errno.ELOOP:  # O_NOFOLLOW met a link that someone put in place of our file
        return UnsafeFolder(f"A symbolic link is in the place of one of this practice's files{where}.")
    return None


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise our error in place of any that ``translate`` knows; others pass as they are."""
    try:
        yield
    except StoreError:
        raise
    except Exception as exc:
        ours = translate(exc)
        if ours is None:
            raise
        raise ours from exc
