"""Upgrading an earlier version's practice: nothing lost, nothing half done, the schema of a new one."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import Outcome, PayerClass
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import anchor, audit, dialect, keyfile, migrations, schema, triggers, undo
from carecoord_tui.store.actions.contacts import log_contact
from carecoord_tui.store.actions.follow_ups import add_follow_up, add_note
from carecoord_tui.store.actions.patients import (
    CoverageEntry,
    PatientEntry,
    PhoneEntry,
    add_patient,
    put_related_person,
)
from carecoord_tui.store.backup import list_backups, verify_backup
from carecoord_tui.store.creating import NewPractice, create_practice
from carecoord_tui.store.engine import create_database, open_engine, raw_connection, write_engine
from carecoord_tui.store.errors import Busy, DamagedFile, StoreError, TooNew
from carecoord_tui.store.head import HEAD
from carecoord_tui.store.keyfile import audit_key
from carecoord_tui.store.migrations import differences, upgrade
from carecoord_tui.store.practice import Practice, open_practice
from tests.conftest import FAST_KDF, MONDAY, PASSPHRASE, ZONE
from tests.store.filelayer import run_python

PEOPLE = 40
ROOT = Path(__file__).parents[2]
CLOCK = RunningClock(parse_now(MONDAY, ZONE))

Rows = dict[str, list[tuple[object, ...]]]


# --- a practice as version 1 wrote it -------------------------------------------------------------


def fill(practice: Practice) -> None:
    """People with phones, a plan, a relative, calls, notes and follow-ups; the last person undone again."""
    for number in range(PEOPLE):
        patient_id = add_patient(
            practice,
            PatientEntry(
                family_name=f"O'Neil [{number}]",
                given_name="Ana",
                mrn=f"M{number}" if number % 3 else None,
                birth_date=date(1950, 1, 1 + number % 28),
            ),
            phones=[PhoneEntry(number=f"+1212555{number:04}")],
            coverage=CoverageEntry(
                payer_name="Aetna", payer_class=PayerClass.MEDICARE_ADVANTAGE, member_id=f"W{number}"
            ),
        )
        if number < 10:
            add_follow_up(
                practice, patient_id=patient_id, title="call back", due=When(date(2026, 12, 2), None)
            )
            put_related_person(practice, patient_id, name="Rosa", phone="+12125550000")
            add_note(practice, patient_id=patient_id, text="prefers mornings")
            log_contact(practice, patient_id=patient_id, outcome=Outcome.NO_ANSWER, note="rang out")
    undone = add_patient(practice, PatientEntry(family_name="Typed twice"))
    assert undone == PEOPLE + 1
    undo.undo(practice)


def write_version_1(paths: PracticePaths, data_key: bytes, source: sa.Engine) -> None:
    """Make a database with the baseline alone and the rows of ``source``, as far as version 1 knew them."""
    create_database(paths.database, data_key)
    baseline = importlib.import_module("carecoord_tui.store.migrations.versions.0001_baseline")
    engine = open_engine(paths.database, data_key)
    with (
        source.connect() as old,
        write_engine(engine).connect() as new,
        new.begin(),
        Operations.context(MigrationContext.configure(new)),
    ):
        baseline.upgrade()
        triggers.install(new)
        tables = sa.MetaData()
        tables.reflect(new, only=lambda name, _: not name.startswith("patient_search"))
        for table in tables.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            rows = old.exec_driver_sql(f'SELECT {names} FROM "{table.name}"').all()  # noqa: S608
            if rows:
                marks = ", ".join("?" * len(table.columns))
                new.exec_driver_sql(
                    f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})',  # noqa: S608
                    [tuple(row) for row in rows],
                )
        for name, seq in old.exec_driver_sql("SELECT name, seq FROM sqlite_sequence").all():
            new.exec_driver_sql("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (seq, name))
        new.exec_driver_sql("PRAGMA user_version = 1")
    engine.dispose()


@pytest.fixture(scope="module")
def version_1(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a version-1 practice, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    new, old = PracticePaths(folder / "new"), PracticePaths(folder / "old")
    wanted = NewPractice(user_name="Dana Reyes", timezone="America/New_York", is_clinical=True)
    create_practice(new, PASSPHRASE, wanted, CLOCK, kdf=FAST_KDF)
    data_key = keyfile.unlock(new.keyfile, PASSPHRASE)
    practice = open_practice(new, data_key, CLOCK)
    fill(practice)
    old.root.mkdir(mode=0o700)
    write_version_1(old, data_key, practice.engine)
    practice.close()
    shutil.copy(new.keyfile, old.keyfile)
    shutil.copy(new.anchor, old.anchor)
    return old.root


@pytest.fixture
def paths(version_1: Path, tmp_path: Path) -> PracticePaths:
    """A version-1 practice of this test's own."""
    shutil.copytree(version_1, tmp_path / "practice")
    return PracticePaths(tmp_path / "practice")


@pytest.fixture
def data_key(paths: PracticePaths) -> bytes:
    """What opens it."""
    return keyfile.unlock(paths.keyfile, PASSPHRASE)


@contextmanager
def reading(paths: PracticePaths, data_key: bytes) -> Iterator[sa.Connection]:
    """A connection that looks and changes nothing."""
    engine = open_engine(paths.database, data_key, read_only=True)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@cache
def version_1_columns() -> dict[str, list[str]]:
    """Every table of version 1 with its columns, from the baseline itself."""
    baseline = importlib.import_module("carecoord_tui.store.migrations.versions.0001_baseline")
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        baseline.upgrade()
        found = sa.inspect(connection)
        names = [name for name in found.get_table_names() if not name.startswith("patient_search")]
        names.remove("ledger_state")  # emptied where the ledger is to be rebuilt
        return {name: [column["name"] for column in found.get_columns(name)] for name in names}


def all_rows(paths: PracticePaths, data_key: bytes) -> Rows:
    """Every row of every table of version 1, by the columns version 1 had."""
    with reading(paths, data_key) as connection:
        found: Rows = {}
        for name, columns in sorted(version_1_columns().items()):
            known = ", ".join(f'"{column}"' for column in columns)
            rows = connection.exec_driver_sql(f'SELECT {known} FROM "{name}" ORDER BY 1')  # noqa: S608
            found[name] = [tuple(row) for row in rows]
    return found


def version(paths: PracticePaths, data_key: bytes) -> int:
    conn = raw_connection(paths.database, data_key, read_only=True)
    try:
        return dialect.user_version(conn)
    finally:
        conn.close()


def normal_schema(connection: sa.Connection) -> dict[str, list[str]]:
    """What ``sqlite_master`` says, without the spaces and quotes two writers differ in.

    A table is its columns in their order, then its constraints in any order.
    """
    found: dict[str, list[str]] = {}
    for kind, name, sql in connection.exec_driver_sql(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT GLOB 'sqlite_*'"
    ):
        text = " ".join(sql.replace('"', "").replace("(", " ( ").replace(")", " ) ").split())
        if kind == "table" and not text.startswith("CREATE VIRTUAL"):
            body = text[text.index("(") + 1 : text.rindex(")")]
            parts = [part.strip() for part in re.split(r",(?![^()]*\))", body)]
            for number, part in enumerate(parts):  # a reference beside its column is one below the columns
                if inline := re.match(r"(([a-z_]+) .*?) REFERENCES (.+)", part):
                    parts[number] = inline[1]
                    parts.append(f"FOREIGN KEY ( {inline[2]} ) REFERENCES {inline[3]}")
            is_constraint = re.compile(r"(UNIQUE|CONSTRAINT|FOREIGN KEY|PRIMARY KEY|CHECK)\b")
            found[name] = [part for part in parts if not is_constraint.match(part)]
            found[name] += sorted(part for part in parts if is_constraint.match(part))
        else:
            found[name] = [text]
    return found


# --- the upgrade ----------------------------------------------------------------------------------


def test_the_last_step_is_the_version_this_program_writes() -> None:
    scripts = ScriptDirectory(Path(migrations.__file__).parent)
    assert scripts.get_heads() == [f"{HEAD:04}"]
    numbers = [int(step.revision) for step in scripts.walk_revisions()]
    assert sorted(numbers) == list(range(1, HEAD + 1))


def test_no_row_is_lost_and_the_schema_is_that_of_a_new_practice(
    paths: PracticePaths, data_key: bytes, practice_of_today: sa.Connection
) -> None:
    before = all_rows(paths, data_key)
    assert len(before["patient"]) == len(before["patient_phone"]) == PEOPLE
    assert len(before["contact"]) == len(before["follow_up"]) == 10

    upgrade(paths, data_key)

    after = all_rows(paths, data_key)
    upgraded = after.pop("audit_event")
    assert upgraded[:-1] == before.pop("audit_event")  # the upgrade itself is in the audit
    assert after == before
    with reading(paths, data_key) as connection:
        assert normal_schema(connection) == normal_schema(practice_of_today)
        assert connection.exec_driver_sql("PRAGMA user_version").scalar_one() == HEAD
        assert triggers.missing(connection) == []
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM patient_search WHERE patient_search MATCH 'neil*'"
        ).scalar_one()
    assert found == PEOPLE


@pytest.fixture
def practice_of_today(tmp_path: Path) -> Iterator[sa.Connection]:
    """A database whose schema was made at once."""
    fresh = PracticePaths(tmp_path / "fresh")
    fresh.root.mkdir(mode=0o700)
    key = bytes(range(32))
    create_database(fresh.database, key)
    engine = open_engine(fresh.database, key)
    with write_engine(engine).connect() as connection:
        with connection.begin():
            schema.create(connection)
        yield connection
    engine.dispose()


def test_autogenerate_finds_nothing_left_to_do(
    paths: PracticePaths, data_key: bytes, practice_of_today: sa.Connection
) -> None:
    with reading(paths, data_key) as connection:
        assert any("minutes" in difference for difference in differences(connection))
    upgrade(paths, data_key)
    with reading(paths, data_key) as connection:
        assert differences(connection) == []
    assert differences(practice_of_today) == []


def test_the_backup_made_before_holds_version_1_and_verifies(paths: PracticePaths, data_key: bytes) -> None:
    copy = upgrade(paths, data_key)
    assert copy is not None
    assert [entry.path for entry in list_backups(paths.backups)] == [copy]
    assert list_backups(paths.backups)[0].label == migrations.BACKUP_LABEL
    info = verify_backup(copy, PASSPHRASE)
    assert (info.schema_version, info.rows["patient"]) == (1, PEOPLE)
    assert info.taken_at.utcoffset() is not None


def test_the_audit_stays_whole_and_the_anchor_moves_on(paths: PracticePaths, data_key: bytes) -> None:
    upgrade(paths, data_key)
    with reading(paths, data_key) as connection:
        report = audit.verify(connection, audit_key(data_key))
        label = connection.exec_driver_sql("SELECT label FROM audit_event ORDER BY seq DESC").scalar()
    assert report.broken_at is None
    assert label == f"upgraded to version {HEAD}"
    assert (
        anchor.check(anchor.read(paths.anchor), report.last_seq, report.last_mac)
        is anchor.AnchorState.MATCHES
    )


def test_the_number_of_an_undone_person_is_not_given_again(paths: PracticePaths, data_key: bytes) -> None:
    practice = open_practice(paths, data_key, CLOCK)
    assert add_patient(practice, PatientEntry(family_name="Next")) == PEOPLE + 2
    practice.close()


def test_an_empty_mrn_becomes_absent(paths: PracticePaths, data_key: bytes) -> None:
    conn = raw_connection(paths.database, data_key)
    conn.execute("UPDATE patient SET mrn = '' WHERE id = 1")
    conn.close()
    upgrade(paths, data_key)
    with reading(paths, data_key) as connection:
        assert connection.exec_driver_sql("SELECT mrn FROM patient WHERE id = 1").scalar() is None


def test_opening_upgrades_once_and_the_practice_works(paths: PracticePaths, data_key: bytes) -> None:
    practice = open_practice(paths, data_key, CLOCK)
    log_contact(practice, patient_id=1, outcome=Outcome.NO_ANSWER, minutes=7)
    assert practice.execute("SELECT minutes FROM contact ORDER BY id DESC LIMIT 1") == [(7,)]
    change = undo.undo(practice)
    assert change is not None and change.label.startswith("contact")
    practice.close()
    open_practice(paths, data_key, CLOCK).close()
    assert len(list_backups(paths.backups)) == 1


def test_what_version_1_did_can_be_undone_and_redone_after_the_upgrade(
    paths: PracticePaths, data_key: bytes
) -> None:
    practice = open_practice(paths, data_key, CLOCK)
    for _ in range(8):
        assert undo.undo(practice) is not None
    for _ in range(8):
        assert undo.redo(practice) is not None
    assert practice.execute("SELECT count(*) FROM patient") == [(PEOPLE,)]
    practice.close()


def test_undo_finds_the_last_changes_by_the_new_index(paths: PracticePaths, data_key: bytes) -> None:
    upgrade(paths, data_key)
    with reading(paths, data_key) as connection:
        connection.exec_driver_sql("SELECT 1")  # begins the transaction
        seen: list[tuple[str, tuple[object, ...]]] = []
        sa.event.listen(connection, "before_cursor_execute", lambda *args: seen.append((args[2], args[3])))
        undo._stacks(connection, 1)
        (statement, parameters), *_ = seen
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert "ix_audit_event_head" in str(plan)


def test_an_up_to_date_practice_is_left_alone(paths: PracticePaths, data_key: bytes) -> None:
    assert upgrade(paths, data_key) is not None
    assert upgrade(paths, data_key) is None
    assert len(list_backups(paths.backups)) == 1


def test_an_up_to_date_practice_opens_without_alembic(paths: PracticePaths, data_key: bytes) -> None:
    upgrade(paths, data_key)
    code = """
        import sys
        from pathlib import Path
        from carecoord_tui.clock import SystemClock
        from carecoord_tui.paths import PracticePaths
        from carecoord_tui.store.practice import open_practice
        open_practice(PracticePaths(Path(sys.argv[1])), bytes.fromhex(sys.argv[2]), SystemClock()).close()
        print("alembic" in sys.modules)
    """
    result = run_python(textwrap.dedent(code), paths.root, data_key.hex())
    assert result.stdout.strip() == "False", result.stderr


# --- when it cannot be done -----------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["a step", "the triggers", "the audit row"])
def test_an_error_in_the_middle_leaves_version_1_as_it_was(
    paths: PracticePaths, data_key: bytes, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a name that must not be shown")

    before = all_rows(paths, data_key)
    with monkeypatch.context() as patch:
        if stage == "a step":
            patch.setattr(Operations, "create_index", fail)  # after both rebuilds
        elif stage == "the triggers":
            patch.setattr(triggers, "install", fail)
        else:
            patch.setattr(audit.Trail, "write", fail)
        with pytest.raises(StoreError, match="could not be upgraded and is as it was before") as caught:
            upgrade(paths, data_key)
    assert "must not be shown" not in str(caught.value)
    assert version(paths, data_key) == 1
    assert all_rows(paths, data_key) == before
    with reading(paths, data_key) as connection:
        assert triggers.missing(connection) == []
    assert upgrade(paths, data_key) is not None  # and nothing stands in the way of another try


def test_a_step_that_loses_rows_is_rolled_back(
    paths: PracticePaths, data_key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_steps = migrations._run_steps

    def lossy(connection: sa.Connection, *rest: object) -> None:
        run_steps(connection, *rest)  # type: ignore[arg-type]
        connection.exec_driver_sql("DELETE FROM patient_phone WHERE id = 1")

    monkeypatch.setattr(migrations, "_run_steps", lossy)
    with pytest.raises(StoreError, match="as it was before"):
        upgrade(paths, data_key)
    assert len(all_rows(paths, data_key)["patient_phone"]) == PEOPLE


def test_a_practice_with_orphans_is_not_upgraded(paths: PracticePaths, data_key: bytes) -> None:
    conn = raw_connection(paths.database, data_key)
    conn.execute("PRAGMA foreign_keys = OFF")
    conn.execute("DELETE FROM patient WHERE id = 3")
    conn.close()
    with pytest.raises(StoreError, match="as it was before"):
        upgrade(paths, data_key)
    assert version(paths, data_key) == 1


def test_being_killed_in_the_middle_leaves_version_1(paths: PracticePaths, data_key: bytes) -> None:
    before = all_rows(paths, data_key)
    code = """
        import os, signal, sys
        from pathlib import Path
        from carecoord_tui.paths import PracticePaths
        from carecoord_tui.store import migrations, triggers
        triggers.install = lambda _: os.kill(os.getpid(), signal.SIGKILL)
        migrations.upgrade(PracticePaths(Path(sys.argv[1])), bytes.fromhex(sys.argv[2]))
    """
    result = run_python(textwrap.dedent(code), paths.root, data_key.hex())
    assert result.returncode == -9, result.stderr
    assert version(paths, data_key) == 1
    assert all_rows(paths, data_key) == before
    assert upgrade(paths, data_key) is not None
    assert version(paths, data_key) == HEAD


HOLD = """
    import sys
    from pathlib import Path
    from carecoord_tui.paths import PracticePaths
    from carecoord_tui.store.engine import raw_connection
    from carecoord_tui.store.lock import exclusive
    paths = PracticePaths(Path(sys.argv[1]))
    if sys.argv[3] == "open":
        held = raw_connection(paths.database, bytes.fromhex(sys.argv[2]))
    else:
        held = exclusive(paths.lock)
        held.__enter__()
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_window(paths: PracticePaths, data_key: bytes, how: str) -> Iterator[None]:
    """Another process that has the practice open, or is upgrading it."""
    command = [sys.executable, "-c", textwrap.dedent(HOLD), str(paths.root), data_key.hex(), how]
    window = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    with window:
        assert window.stdout is not None and window.stdout.readline() == "held\n"
        yield
        window.communicate("")


def test_an_open_window_elsewhere_is_named_and_nothing_happens(paths: PracticePaths, data_key: bytes) -> None:
    with (
        another_window(paths, data_key, "open"),
        pytest.raises(Busy, match="open in another carecoord window; close it there"),
    ):
        upgrade(paths, data_key)
    assert version(paths, data_key) == 1
    assert list_backups(paths.backups) == []


def test_a_window_opened_during_an_upgrade_is_told(paths: PracticePaths, data_key: bytes) -> None:
    with (
        another_window(paths, data_key, "upgrading"),
        pytest.raises(Busy, match="restoring or upgrading this practice; try again"),
    ):
        open_practice(paths, data_key, CLOCK)


def test_read_only_opening_says_what_to_do(paths: PracticePaths, data_key: bytes) -> None:
    with pytest.raises(StoreError, match="must be opened once without --now"):
        open_practice(paths, data_key, CLOCK, is_read_only=True)
    assert version(paths, data_key) == 1


@pytest.mark.parametrize(
    ("stored", "error", "words"),
    [(0, DamagedFile, "Setting up the practice .* was interrupted"), (HEAD + 1, TooNew, "newer version")],
)
def test_versions_that_cannot_be_upgraded(
    paths: PracticePaths, data_key: bytes, stored: int, error: type[StoreError], words: str
) -> None:
    conn = raw_connection(paths.database, data_key)
    dialect.set_user_version(conn, stored)
    conn.close()
    with pytest.raises(error, match=words):
        upgrade(paths, data_key)
    assert version(paths, data_key) == stored


def test_progress_rises_to_the_end(paths: PracticePaths, data_key: bytes) -> None:
    seen: list[tuple[float, str]] = []
    upgrade(paths, data_key, lambda share, step: seen.append((share, step)))
    shares = [share for share, _ in seen]
    assert shares == sorted(shares)
    assert seen[-1] == (1.0, "done")
    assert f"upgrading to version {HEAD}" in [step for _, step in seen]
