"""Bringing an older practice up to the present schema, one numbered step at a time.

The steps in ``versions`` are Alembic scripts; the number of each is the schema version it leads to. The
version itself is ``PRAGMA user_version`` in the file's header, so there is no version table, and a
practice that is up to date never imports Alembic. There is no way down: the backup made before is.

Rules for a step: a new column is nullable or has a server default (redo inserts rows of an older
audit); a rebuilt table is given ``sqlite_autoincrement`` and its check constraints again, which
SQLite does not report; a step that changes what the ledger holds empties ``ledger_state.fingerprint``,
so that the ledger is rebuilt on opening; no step takes rows away. Triggers are not its business.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlcipher3 import dbapi2

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import anchor, dialect, triggers
from carecoord_tui.store.audit import Trail
from carecoord_tui.store.backup import Progress, backup
from carecoord_tui.store.engine import examine, open_engine, raw_connection, write_engine
from carecoord_tui.store.errors import DamagedFile, StoreError, TooNew
from carecoord_tui.store.head import HEAD
from carecoord_tui.store.keyfile import audit_key
from carecoord_tui.store.lock import exclusive
from carecoord_tui.store.settings import parse_zone

BACKUP_LABEL = "before-upgrade"
_BACKUP_SHARE = 0.6  # of the whole work, for the progress bar


def upgrade(paths: PracticePaths, data_key: bytes, progress: Progress | None = None) -> Path | None:
    """Back the practice up, bring it to schema version ``HEAD`` and return the backup's path.

    Holds the practice's lock alone, so another window waits outside or is told. None when another
    window did the work meanwhile. On any error the practice is as it was. Raises ``Busy`` when it is
    open elsewhere, ``TooNew``, ``DamagedFile``, what ``backup`` raises, or a ``StoreError`` that says the
    upgrade failed.
    """
    report = progress or _silent
    with dialect.translated(), exclusive(paths.lock):
        found = examine(paths.database, data_key)  # again: it may have changed before the lock was ours
        if found == HEAD:
            return None
        if found > HEAD:
            raise TooNew
        if found < 1:
            raise DamagedFile(
                f"Setting up the practice in {paths.root} was interrupted, so it holds nothing; move that "
                "folder away and run `carecoord init` again, or restore a backup."
            )
        stamp = datetime.now(UTC).astimezone(parse_zone(_zone_name(paths, data_key)))
        copy = backup(
            paths.database,
            paths.keyfile,
            paths.anchor,
            paths.backups,
            data_key,
            stamp,
            lambda share, step: report(_BACKUP_SHARE * share, f"backup: {step}"),
            label=BACKUP_LABEL,
        )
        try:
            trail = _migrate(paths, data_key, found, report)
        except Exception as error:
            raise _explained(error, copy) from error
        anchor.write(paths.anchor, trail.seq, trail.mac)
    report(1.0, "done")
    return copy


def differences(connection: sa.Connection) -> list[str]:
    """What Alembic's autogenerate would still change to reach the tables; empty when nothing."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from carecoord_tui.store.tables import metadata

    options = {"include_name": _is_ours, "compare_type": True, "target_metadata": metadata}
    context = MigrationContext.configure(connection, opts=options)
    return [repr(difference) for difference in compare_metadata(context, metadata)]


def _silent(share: float, step: str) -> None:
    """Report progress to nobody."""


def _is_ours(name: str | None, kind: str, _: Any) -> bool:
    """Whether autogenerate should look at this: not at the search table, nor at what FTS5 keeps for it."""
    return not (kind == "table" and (name or "").startswith("patient_search"))


def _zone_name(paths: PracticePaths, data_key: bytes) -> str:
    conn = raw_connection(paths.database, data_key, read_only=True)
    try:
        row = conn.execute("SELECT value FROM setting WHERE key = 'timezone'").fetchone()
    finally:
        conn.close()
    return str(row[0]) if row else "UTC"


def _explained(error: Exception, copy: Path) -> StoreError:
    """One sentence for an upgrade that was rolled back."""
    return dialect.translate(error) or StoreError(
        f"The practice could not be upgraded and is as it was before (a backup is at {copy}); "
        "go on with the earlier version of carecoord and report this."
    )


def _migrate(paths: PracticePaths, data_key: bytes, found: int, report: Progress) -> Trail:
    """Run the steps in one transaction and prove the result; returns the audit's trail."""
    engine = open_engine(paths.database, data_key)
    # Before any transaction, where it would be ignored: with keys on, rebuilding a table deletes its rows'
    # children or fails.
    sa.event.listen(engine, "connect", _foreign_keys_off)
    try:
        with write_engine(engine).connect() as connection, connection.begin():
            driver: dbapi2.Connection = connection.connection.driver_connection  # type: ignore[assignment]
            rows, sequences = dialect.row_counts(driver), _sequences(connection)
            _run_steps(connection, found, report)
            report(0.9, "checking")
            _keep_sequences(connection, sequences)
            triggers.install(connection)
            dialect.set_user_version(driver, HEAD)
            _prove(connection, driver, rows)
            trail = Trail(connection, audit_key(data_key), None, f"upgraded to version {HEAD}", "system")
            trail.write([{"action": "event"}])
    finally:
        engine.dispose()
    return trail


def _foreign_keys_off(conn: dbapi2.Connection, _: Any) -> None:
    conn.execute("PRAGMA foreign_keys = OFF")


def _run_steps(connection: sa.Connection, found: int, report: Progress) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(Path(__file__).parent)
    steps = list(scripts.iterate_revisions(_revision(HEAD), _revision(found)))
    with Operations.context(MigrationContext.configure(connection)):
        for done, step in enumerate(reversed(steps)):
            share = _BACKUP_SHARE + (0.9 - _BACKUP_SHARE) * done / len(steps)
            report(share, f"upgrading to version {int(step.revision)}")
            step.module.upgrade()


def _revision(version: int) -> str:
    return f"{version:04}"


def _sequences(connection: sa.Connection) -> dict[str, int]:
    """The highest number each table has ever given, by table."""
    rows = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
    return {str(name): int(seq) for name, seq in rows}


def _keep_sequences(connection: sa.Connection, before: dict[str, int]) -> None:
    """Put the counters back that a rebuild lost: the number of an undone row is never given again."""
    now = _sequences(connection)
    tables = set(sa.inspect(connection).get_table_names())
    for name, seq in before.items():
        if name not in tables or now.get(name, -1) >= seq:
            continue
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
        connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, seq))


def _prove(connection: sa.Connection, driver: dbapi2.Connection, rows: dict[str, int]) -> None:
    """Raise RuntimeError, which rolls everything back, unless the upgraded practice is whole."""
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        raise RuntimeError("rows without their parent")
    now = dialect.row_counts(driver)
    lost = [name for name, count in rows.items() if now.get(name, count) < count]
    if lost:
        raise RuntimeError(f"rows lost from {', '.join(lost)}")
    if missing := triggers.missing(connection):
        raise RuntimeError(f"triggers missing: {', '.join(missing)}")
