"""Opening the encrypted database: what opens, what is refused, and what is left untouched."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from carecoord_tui.store import dialect
from carecoord_tui.store.engine import (
    create_database,
    examine,
    open_engine,
    raw_connection,
    translate,
    translated,
    write_engine,
)
from carecoord_tui.store.errors import (
    AlreadyThere,
    Busy,
    Conflict,
    DamagedFile,
    DiskFull,
    ForeignFile,
    MissingFile,
    NoPractice,
    ReadOnly,
    StoreError,
    TooNew,
)
from tests.store.filelayer import SECRET_WORD, SmallPractice, contents, make_practice, mode, run_python

OTHER_KEY = b"z" * 32


@pytest.fixture
def practice(tmp_path: Path) -> SmallPractice:
    return make_practice(tmp_path / "p")


@pytest.fixture
def engine(practice: SmallPractice) -> Iterator[sa.Engine]:
    engine = open_engine(practice.paths.database, practice.data_key)
    yield engine
    engine.dispose()


def _pragma(conn: sa.Connection, name: str) -> object:
    return conn.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_reads_and_writes(engine: sa.Engine) -> None:
    with write_engine(engine).begin() as conn:
        conn.execute(sa.text("INSERT INTO person (name) VALUES ('Ada')"))
    with engine.connect() as conn:
        assert conn.scalar(sa.text("SELECT count(*) FROM person")) == 501


def test_pragmas_hold_on_every_connection_of_the_pool(engine: sa.Engine) -> None:
    assert engine.dialect.name == "sqlite"
    assert isinstance(engine.pool, sa.QueuePool)
    assert engine.pool.size() == 2
    expected = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "temp_store": 2,
        "cache_size": -24_576,
        "busy_timeout": 5000,
        "application_id": dialect.APPLICATION_ID,
    }
    with engine.connect() as one, engine.connect() as two, engine.connect() as three:
        for conn in (one, two, three):
            assert {name: _pragma(conn, name) for name in expected} == expected


def test_parameters_never_reach_an_error_message(engine: sa.Engine) -> None:
    with pytest.raises(IntegrityError) as caught, write_engine(engine).begin() as conn:
        conn.execute(sa.text("INSERT INTO person VALUES (1, :name)"), {"name": SECRET_WORD})
    assert SECRET_WORD not in str(caught.value)


def test_the_key_is_no_part_of_the_engine(engine: sa.Engine, practice: SmallPractice) -> None:
    shown = f"{engine!r} {engine.url!r} {engine.pool.status()}"
    assert practice.data_key.hex() not in shown


def test_schema_changes_roll_back(engine: sa.Engine) -> None:
    with pytest.raises(RuntimeError), write_engine(engine).begin() as conn:
        conn.exec_driver_sql("CREATE TABLE half (x)")
        conn.exec_driver_sql("PRAGMA user_version = 9")
        raise RuntimeError
    with engine.connect() as conn:
        assert not sa.inspect(conn).has_table("half")
        assert _pragma(conn, "user_version") == 3


def test_a_writer_waits_for_its_turn(engine: sa.Engine) -> None:
    """With a deferred begin, the second of two read-then-write transactions would fail at once."""
    started = threading.Event()

    def first() -> None:
        with write_engine(engine).begin() as conn:
            started.set()
            time.sleep(0.1)
            conn.execute(sa.text("UPDATE person SET name = name || '!' WHERE id = 1"))

    thread = threading.Thread(target=first)
    thread.start()
    started.wait()
    with write_engine(engine).begin() as conn:
        before = conn.scalar(sa.text("SELECT name FROM person WHERE id = 1"))
        conn.execute(sa.text("UPDATE person SET name = :name WHERE id = 1"), {"name": f"{before}?"})
    thread.join()
    with engine.connect() as conn:
        assert str(conn.scalar(sa.text("SELECT name FROM person WHERE id = 1"))).endswith("!?")


def test_a_reader_does_not_wait_for_a_writer(engine: sa.Engine) -> None:
    with write_engine(engine).begin() as writer:
        writer.execute(sa.text("DELETE FROM person"))
        with engine.connect() as reader:
            assert reader.scalar(sa.text("SELECT count(*) FROM person")) == 500


def test_a_single_connection_can_ask_to_write(engine: sa.Engine) -> None:
    with engine.connect().execution_options(carecoord_write=True) as conn, conn.begin():
        conn.execute(sa.text("SELECT 1"))
        other = engine.raw_connection()
        try:
            other.cursor().execute("PRAGMA busy_timeout = 0")
            with pytest.raises(Exception, match="locked"):
                other.cursor().execute("BEGIN IMMEDIATE")
        finally:
            other.cursor().execute("PRAGMA busy_timeout = 5000")
            other.close()


def test_read_only_engine_cannot_write(practice: SmallPractice) -> None:
    engine = open_engine(practice.paths.database, practice.data_key, read_only=True)
    with engine.connect() as conn:
        assert conn.scalar(sa.text("SELECT count(*) FROM person")) == 500
        with pytest.raises(ReadOnly), translated():
            conn.execute(sa.text("DELETE FROM person"))
    engine.dispose()


# --- private files ------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_files_are_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    (tmp_path / "p").mkdir(mode=0o700)
    old = os.umask(umask)
    try:
        practice = make_practice(tmp_path / "p")
        conn = raw_connection(practice.paths.database, practice.data_key)
        conn.execute("INSERT INTO person (name) VALUES ('Ada')")
    finally:
        os.umask(old)
    found = {path.name: mode(path) for path in practice.paths.root.iterdir()}
    conn.close()
    assert {"practice.db", "practice.db-wal", "practice.db-shm", "practice.key", "practice.anchor"} <= set(
        found
    )
    assert set(found.values()) == {0o600}


def test_opening_takes_others_access_away(practice: SmallPractice) -> None:
    practice.paths.database.chmod(0o644)
    open_engine(practice.paths.database, practice.data_key).dispose()
    assert mode(practice.paths.database) == 0o600


def test_nothing_readable_lies_in_any_file(practice: SmallPractice) -> None:
    conn = raw_connection(practice.paths.database, practice.data_key)
    conn.execute("UPDATE person SET name = name || ' again'")
    files = contents(practice.paths.root)
    conn.close()
    assert len(files["practice.db-wal"]) > 4096
    for name, data in files.items():
        for encoding in ("utf-8", "utf-16-le"):
            assert SECRET_WORD.encode(encoding) not in data, name
        assert practice.data_key not in data, name
        assert practice.data_key.hex().encode() not in data.lower(), name


def test_a_new_database_is_encrypted_and_empty(tmp_path: Path) -> None:
    path = tmp_path / "practice.db"
    create_database(path, OTHER_KEY)
    assert not path.read_bytes().startswith(dialect.PLAIN_HEADER)
    assert examine(path, OTHER_KEY) == 0
    assert mode(path) == 0o600


def test_a_database_is_never_made_over_another(practice: SmallPractice) -> None:
    before = practice.paths.database.read_bytes()
    with pytest.raises(AlreadyThere):
        create_database(practice.paths.database, OTHER_KEY)
    assert practice.paths.database.read_bytes() == before


# --- what is refused, untouched -----------------------------------------------------------------


def _refused(path: Path, key: bytes, kind: type[StoreError], words: str) -> None:
    """Every way in raises ``kind`` and no byte of data changes."""
    before = contents(path.parent)
    for way_in in (examine, raw_connection, open_engine):
        with pytest.raises(kind, match=words):
            way_in(path, key)
    after = contents(path.parent)
    # A read-only look may leave SQLite's index of the log (-shm) and a log without content.
    for files in (before, after):
        files.pop(f"{path.name}-shm", None)
        if not files.get(f"{path.name}-wal"):
            files.pop(f"{path.name}-wal", None)
    assert after == before


def test_missing(tmp_path: Path) -> None:
    _refused(tmp_path / "practice.db", OTHER_KEY, NoPractice, "There is no practice database")


def test_wrong_key(practice: SmallPractice) -> None:
    _refused(practice.paths.database, OTHER_KEY, ForeignFile, "does not open with this practice's key")


def test_wrong_key_does_not_move_a_pending_log(practice: SmallPractice, tmp_path: Path) -> None:
    """A killed program leaves a -wal: opening for writing, even with a wrong key, would checkpoint it."""
    conn = raw_connection(practice.paths.database, practice.data_key)
    conn.execute("INSERT INTO person (name) VALUES ('in the log')")
    killed = tmp_path / "killed"
    killed.mkdir()
    for path in practice.paths.root.iterdir():
        shutil.copy(path, killed)
    conn.close()
    assert (killed / "practice.db-wal").stat().st_size
    _refused(killed / "practice.db", OTHER_KEY, ForeignFile, "Nothing was changed")
    recovered = raw_connection(killed / "practice.db", practice.data_key)
    assert recovered.execute("SELECT count(*) FROM person").fetchone() == (501,)
    recovered.close()


def test_plain_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "practice.db"
    plain = sqlite3.connect(path)
    plain.execute("CREATE TABLE t (x)")
    plain.close()
    _refused(path, OTHER_KEY, ForeignFile, "unencrypted database")


@pytest.mark.parametrize("size", [1, 100, 4095, 4096, 40_960, 50_001])
def test_random_bytes(tmp_path: Path, size: int) -> None:
    path = tmp_path / "practice.db"
    path.write_bytes(os.urandom(size))
    _refused(path, OTHER_KEY, StoreError, "practice.db .*damaged")


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "practice.db"
    path.touch()
    _refused(path, OTHER_KEY, DamagedFile, "is empty")


def test_a_folder_where_the_database_should_be(tmp_path: Path) -> None:
    path = tmp_path / "practice.db"
    path.mkdir()
    with pytest.raises(ForeignFile, match="is not a file"):
        examine(path, OTHER_KEY)


@pytest.mark.parametrize("keep", [1, 4096, 5000, 8192, -4096, -1])
def test_truncated(practice: SmallPractice, keep: int) -> None:
    path = practice.paths.database
    path.write_bytes(path.read_bytes()[:keep])
    _refused(path, practice.data_key, DamagedFile, "damaged or cut short")


def test_another_programs_encrypted_database(practice: SmallPractice) -> None:
    conn = raw_connection(practice.paths.database, practice.data_key)
    conn.execute("PRAGMA application_id = 1")
    conn.close()
    _refused(practice.paths.database, practice.data_key, ForeignFile, "not made by carecoord")


def test_a_newer_schema(practice: SmallPractice) -> None:
    open_engine(practice.paths.database, practice.data_key, newest_version=3).dispose()
    with pytest.raises(TooNew, match="newer version"):
        open_engine(practice.paths.database, practice.data_key, newest_version=2)


def test_a_flipped_byte_is_found(practice: SmallPractice) -> None:
    path = practice.paths.database
    data = bytearray(path.read_bytes())
    data[4096 * 5 + 100] ^= 1
    path.write_bytes(data)
    conn = raw_connection(path, practice.data_key)
    try:
        assert dialect.integrity_problems(conn)
    finally:
        conn.close()


def test_a_sound_database_has_no_problems(practice: SmallPractice) -> None:
    conn = raw_connection(practice.paths.database, practice.data_key)
    assert dialect.integrity_problems(conn) == []
    assert dialect.row_counts(conn)["person"] == 500
    conn.close()


# --- two windows --------------------------------------------------------------------------------


def test_the_watcher_sees_other_connections_only(practice: SmallPractice) -> None:
    watching = raw_connection(practice.paths.database, practice.data_key)
    working = raw_connection(practice.paths.database, practice.data_key)
    watcher = dialect.ChangeWatcher(watching)
    assert not watcher.changed()
    watching.execute("INSERT INTO person (name) VALUES ('own')")
    assert not watcher.changed()
    working.execute("INSERT INTO person (name) VALUES ('other')")
    assert watcher.changed()
    assert not watcher.changed()
    working.execute("INSERT INTO person (name) VALUES ('known')")
    watcher.seen()
    assert not watcher.changed()
    watching.close()
    working.close()


def test_what_was_acknowledged_survives_a_kill(practice: SmallPractice) -> None:
    code = """
import os, sys
from pathlib import Path
from carecoord_tui.store.engine import raw_connection
conn = raw_connection(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
for n in range(50):
    conn.execute("INSERT INTO person (name) VALUES ('acknowledged')")
conn.execute("BEGIN IMMEDIATE")
conn.execute("INSERT INTO person (name) VALUES ('never committed')")
os.kill(os.getpid(), 9)
"""
    done = run_python(code, practice.paths.database, practice.data_key.hex())
    assert done.returncode == -9, done.stderr
    conn = raw_connection(practice.paths.database, practice.data_key)
    rows = conn.execute("SELECT name, count(*) FROM person WHERE id > 500 GROUP BY name").fetchall()
    conn.close()
    assert rows == [("acknowledged", 50)]


def test_nothing_is_written_to_stderr(practice: SmallPractice) -> None:
    """SQLCipher's own log would garble the screen."""
    code = """
import sys
from pathlib import Path
from carecoord_tui.store import engine, errors
try:
    engine.examine(Path(sys.argv[1]), bytes(32))
except errors.ForeignFile:
    print("refused")
"""
    done = run_python(code, practice.paths.database)
    assert (done.stdout, done.stderr) == ("refused\n", "")


def test_a_plain_connection_does_not_load_sqlalchemy(practice: SmallPractice) -> None:
    code = """
import sys
from pathlib import Path
from carecoord_tui.store.engine import raw_connection
raw_connection(Path(sys.argv[1]), bytes.fromhex(sys.argv[2])).close()
print(sorted({"sqlalchemy", "sqlmodel", "textual", "cryptography"} & set(sys.modules)))
"""
    done = run_python(code, practice.paths.database, practice.data_key.hex())
    assert done.stdout == "[]\n", done.stderr


# --- errors -------------------------------------------------------------------------------------


def test_a_busy_database(practice: SmallPractice) -> None:
    writing = raw_connection(practice.paths.database, practice.data_key)
    waiting = raw_connection(practice.paths.database, practice.data_key)
    writing.execute("BEGIN IMMEDIATE")
    waiting.execute("PRAGMA busy_timeout = 0")
    with pytest.raises(Busy, match="Another carecoord window"), translated():
        waiting.execute("BEGIN IMMEDIATE")
    writing.close()
    waiting.close()


def test_a_full_disk(engine: sa.Engine) -> None:
    with pytest.raises(DiskFull, match="disk is full"), translated(), write_engine(engine).begin() as conn:
        conn.exec_driver_sql("PRAGMA max_page_count = 1")
        conn.exec_driver_sql("CREATE TABLE big AS SELECT randomblob(500000)")
    with engine.connect() as conn:
        assert conn.scalar(sa.text("SELECT count(*) FROM person")) == 500


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX error numbers")
@pytest.mark.parametrize(
    ("exc", "kind"),
    [
        (OSError(28, "No space left on device"), DiskFull),
        (PermissionError(13, "Permission denied", "/x"), ReadOnly),
        (OSError(30, "Read-only file system"), ReadOnly),
        (FileNotFoundError(2, "No such file", "/x"), MissingFile),
        (StaleDataError("x"), Conflict),
        (sa.exc.TimeoutError("no connection"), Busy),
        (Conflict(), Conflict),
    ],
)
def test_translate(exc: BaseException, kind: type[StoreError]) -> None:
    assert type(translate(exc)) is kind


def test_a_bug_is_not_translated(engine: sa.Engine) -> None:
    assert translate(KeyError("x")) is None
    with pytest.raises(OperationalError), translated(), engine.connect() as conn:
        conn.execute(sa.text("SELECT * FROM no_such_table"))
    with pytest.raises(DBAPIError) as caught, write_engine(engine).begin() as conn:
        conn.execute(sa.text("INSERT INTO person VALUES (1, 'x')"))
    assert translate(caught.value) is None
