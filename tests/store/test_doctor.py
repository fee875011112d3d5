"""The doctor finds each thing that is really broken, names it, and finds nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2

from carecoord_tui.clock import RunningClock, parse_now
from carecoord_tui.domain import next_actions
from carecoord_tui.domain.facts import PatientFacts
from carecoord_tui.domain.next_actions import Context
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.domain.work import WorkItem
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import dialect, doctor, keyfile, ledger, triggers, undo
from carecoord_tui.store.actions.follow_ups import add_note
from carecoord_tui.store.backup import backup
from carecoord_tui.store.creating import NewPractice, create_practice
from carecoord_tui.store.engine import raw_connection, write_engine
from carecoord_tui.store.head import HEAD
from carecoord_tui.store.practice import Practice, open_practice
from tests.conftest import FAST_KDF, MONDAY, PASSPHRASE, ZONE
from tests.store.caseload import add_one_of_each, add_people

NAMES = [
    "database integrity",
    "foreign keys",
    "schema version",
    "triggers",
    "key file",
    "audit chain",
    "audit anchor",
    "search index",
    "ledger rebuilt and equal",
    "every open record has a next action",
    "merged records",
    "documents",
    "time zone and settings",
    "last backup",
]
PEOPLE = 12


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a practice with people, closed, to be copied."""
    paths = PracticePaths(tmp_path_factory.mktemp("made") / "practice")
    clock = RunningClock(parse_now(MONDAY, ZONE))
    wanted = NewPractice(user_name="Dana Reyes", timezone="America/New_York", is_clinical=True)
    create_practice(paths, PASSPHRASE, wanted, clock, kdf=FAST_KDF)
    practice = open_practice(paths, keyfile.unlock(paths.keyfile, PASSPHRASE), clock)
    first, *_ = add_people(practice, PEOPLE)
    add_one_of_each(practice, first)
    # Pages that nothing uses any more: damage there is seen by the integrity check alone.
    conn = raw_connection(paths.database, practice.data_key)
    conn.execute("CREATE TABLE spare (blob)")
    conn.execute("INSERT INTO spare VALUES (zeroblob(200000))")
    conn.execute("DROP TABLE spare")
    conn.close()
    practice.close()
    return paths.root


@pytest.fixture
def paths(healthy: Path, tmp_path: Path) -> PracticePaths:
    """A copy of this test's own."""
    shutil.copytree(healthy, tmp_path / "practice")
    return PracticePaths(tmp_path / "practice")


@pytest.fixture
def practice(paths: PracticePaths, clock: RunningClock) -> Iterator[Practice]:
    """It, open."""
    opened = open_practice(paths, keyfile.unlock(paths.keyfile, PASSPHRASE), clock)
    yield opened
    opened.close()


def failures(practice: Practice) -> dict[str, str]:
    """The checks that fail, with what they say."""
    report = doctor.examine(practice)
    assert [check.name for check in report.checks] == NAMES
    failed = {check.name: check.detail for check in report.checks if not check.ok}
    assert report.ok is not bool(failed)
    return failed


def break_with(practice: Practice, *statements: str, without: str = "") -> None:
    """Run statements past the program, with one trigger taken away and put back as it was."""
    conn = raw_connection(practice.paths.database, practice.data_key)
    conn.execute("PRAGMA foreign_keys = OFF")
    if without:
        conn.execute(f"DROP TRIGGER {without}")
    for statement in statements:
        conn.execute(statement)
    if without:
        conn.execute(triggers.TRIGGERS[without])
    conn.close()


# --- a healthy practice ---------------------------------------------------------------------------


def test_a_healthy_practice_passes_every_check(practice: Practice) -> None:
    report = doctor.examine(practice)
    assert [check.name for check in report.checks] == NAMES
    assert report.ok, [check for check in report.checks if not check.ok]
    details = {check.name: check.detail for check in report.checks}
    assert details["search index"] == f"{PEOPLE} people found by exactly the words of their records."
    assert details["last backup"] == "There is none yet in this practice's folder."
    assert details["time zone and settings"].startswith("Times are those of America/New_York")


def test_a_practice_under_another_clock_is_examined_read_only(
    practice: Practice, paths: PracticePaths, clock: RunningClock
) -> None:
    other = open_practice(paths, practice.data_key, clock, is_read_only=True)
    before = practice.execute("SELECT count(*), max(mac) FROM audit_event")
    assert failures(other) == {}
    assert practice.execute("SELECT count(*), max(mac) FROM audit_event") == before
    other.close()


def test_it_still_passes_after_work_undone_searches_and_an_empty_log(practice: Practice) -> None:
    add_note(practice, patient_id=1, text="prefers mornings")
    undo.undo(practice)
    practice.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert failures(practice) == {}


def test_the_report_as_json(practice: Practice) -> None:
    content = json.loads(json.dumps(doctor.examine(practice).to_json()))
    assert content["ok"] is True
    assert [check["name"] for check in content["checks"]] == NAMES
    assert {frozenset(check) for check in content["checks"]} == {frozenset({"name", "ok", "detail"})}


def test_no_patient_is_named(practice: Practice) -> None:
    break_with(
        practice,
        "DELETE FROM ledger",
        "UPDATE patient SET search_text = 'wrong', sort_name = 'wrong'",
        "INSERT INTO patient_phone (version, patient_id, number, label, rank, is_permitted, note) "
        "VALUES (1, 9999, '+12125550000', '', 1, 0, '')",
    )
    report = doctor.examine(practice)
    text = json.dumps(report.to_json())
    assert not report.ok
    assert "Neil" not in text and "+1212555" not in text and "wrong" not in text


def test_the_last_backup_is_told(practice: Practice, paths: PracticePaths) -> None:
    stamp = practice.clock.now().astimezone(practice.zone)
    key = practice.data_key
    backup(paths.database, paths.keyfile, paths.anchor, paths.backups, key, stamp)
    detail = doctor.examine(practice).checks[-1].detail
    assert detail == f"Mon 30 Nov 08:00; 1 kept in {paths.backups}."


# --- broken for real ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failing", "statements", "without", "words"),
    [
        (
            "foreign keys",
            [
                "INSERT INTO patient_phone (version, patient_id, number, label, rank, is_permitted, note) "
                "VALUES (1, 9999, '+12125550000', '', 1, 0, '')"
            ],
            "",
            "1 row without the record they belong to: 1 in patient_phone.",
        ),
        (
            "schema version",
            ["PRAGMA user_version = 1"],
            "",
            f"version 1; this program writes version {HEAD}",
        ),
        ("schema version", ["DROP INDEX ix_ledger_lane"], "", "1 difference from its tables"),
        ("schema version", ["ALTER TABLE note ADD COLUMN mood TEXT"], "", "1 difference from its tables"),
        ("triggers", ["DROP TRIGGER audit_event_no_delete"], "", "altered: audit_event_no_delete."),
        (
            "triggers",
            [
                "DROP TRIGGER audit_event_no_update",
                "CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT 1; END",
            ],
            "",
            "altered: audit_event_no_update.",
        ),
        (
            "audit chain",
            ["UPDATE audit_event SET label = 'something else' WHERE seq = 20"],
            "audit_event_no_update",
            "Row 20 of",
        ),
        (
            "audit chain",
            ["DELETE FROM audit_event WHERE seq = 20"],
            "audit_event_no_delete",
            "was altered",
        ),
        (
            "audit anchor",
            ["DELETE FROM audit_event WHERE seq > (SELECT max(seq) - 3 FROM audit_event)"],
            "audit_event_no_delete",
            "Rows are missing at the end",
        ),
        ("search index", ["DELETE FROM patient_search WHERE rowid = 3"], "", "1 found by other words"),
        (
            "search index",
            ["INSERT INTO patient_search (rowid, text) VALUES (777, 'nobody')"],
            "",
            "0 people with outdated search text, name order or last contact, 1 found by other words",
        ),
        (
            "search index",
            ["UPDATE patient SET search_text = search_text || ' more' WHERE id IN (2, 5)"],
            "",
            "2 people with outdated search text",
        ),
        (
            "search index",
            ["UPDATE patient SET search_text = search_text || ' more' WHERE id = 4"],
            "patient_search_update",
            "1 person with outdated search text, name order or last contact, 1 found by other words",
        ),
        ("search index", ["UPDATE patient SET sort_name = 'zz' WHERE id = 2"], "", "1 person with outdated"),
        (
            "search index",
            ["UPDATE patient SET last_contact_at = '2026-11-01T00:00:00.000000+00:00' WHERE id = 2"],
            "",
            "1 person with outdated",
        ),
        (
            "ledger rebuilt and equal",
            ["DELETE FROM ledger WHERE patient_id = 2"],
            "",
            "a rebuild would add 1, change 0 and remove 0.",
        ),
        (
            "ledger rebuilt and equal",
            ["UPDATE ledger SET target_on = '2027-01-01' WHERE patient_id IN (2, 3)"],
            "",
            "a rebuild would add 0, change 2 and remove 0.",
        ),
        (
            "ledger rebuilt and equal",
            ["UPDATE ledger SET record_id = 4321 WHERE patient_id = 2"],
            "",
            "a rebuild would add 1, change 0 and remove 1.",
        ),
        (
            "time zone and settings",
            ["UPDATE setting SET value = 'Mars/Olympus' WHERE key = 'timezone'"],
            "",
            "No time zone is called 'Mars/Olympus'",
        ),
        (
            "time zone and settings",
            ["DELETE FROM setting WHERE key = 'timezone'"],
            "",
            "No time zone is stored",
        ),
        (
            "time zone and settings",
            ["INSERT INTO setting (version, key, value) VALUES (1, 'idle_lock_minutes', 'never')"],
            "",
            "idle_lock_minutes must be a whole number",
        ),
    ],
)
def test_what_is_broken_in_the_database(
    practice: Practice, failing: str, statements: list[str], without: str, words: str
) -> None:
    break_with(practice, *statements, without=without)
    failed = failures(practice)
    assert list(failed) == [failing], failed
    assert words in failed[failing]


def test_a_flipped_byte_on_a_page_nobody_reads(paths: PracticePaths, clock: RunningClock) -> None:
    data = bytearray(paths.database.read_bytes())
    data[-dialect.PAGE_SIZE // 2] ^= 1
    paths.database.write_bytes(data)
    practice = open_practice(paths, keyfile.unlock(paths.keyfile, PASSPHRASE), clock)
    failed = failures(practice)
    practice.close()
    assert list(failed) == ["database integrity"]
    assert "1 problem found" in failed["database integrity"]


def test_a_table_gone_is_told_by_every_check_that_reads_it(practice: Practice) -> None:
    break_with(practice, "ALTER TABLE contact RENAME TO elsewhere")
    failed = failures(practice)
    assert {"schema version", "search index", "ledger rebuilt and equal"} <= set(failed)
    assert failed["ledger rebuilt and equal"].startswith("The database could not be read for this")
    assert "SELECT" not in json.dumps(failed)


Harm = Callable[[PracticePaths], object]


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda paths: paths.keyfile.chmod(0o644), "practice.key (0644)"),
        (lambda paths: paths.database.chmod(0o640), "practice.db (0640)"),
        (lambda paths: paths.root.chmod(0o755), "(0755)"),
        (lambda paths: paths.keyfile.unlink(), "is missing; put it back or restore a backup"),
        (lambda paths: paths.keyfile.write_text(_one_slot(paths.keyfile)), "is damaged or not ours"),
    ],
    ids=["key file", "database", "folder", "no key file", "one slot"],
)
def test_what_is_wrong_with_the_files(practice: Practice, harm: Harm, words: str) -> None:
    harm(practice.paths)
    failed = failures(practice)
    assert list(failed) == ["key file"]
    assert words in failed["key file"]


def _one_slot(key: Path) -> str:
    content = json.loads(key.read_text())
    del content["slots"]["recovery"]
    return json.dumps(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"seq": 3, "mac": "%s"}' % ("0" * 64), "is another one in the audit (row 3 remembered"),
        ('{"seq": 99999, "mac": "%s"}' % ("0" * 64), "missing at the end of the audit (row 99,999"),
        ("nonsense", "is damaged"),
    ],
)
def test_an_anchor_that_does_not_fit(practice: Practice, content: str, words: str) -> None:
    practice.paths.anchor.write_text(content)
    failed = failures(practice)
    assert list(failed) == ["audit anchor"]
    assert words in failed["audit anchor"]


def test_a_database_ahead_of_its_anchor_is_sound(practice: Practice) -> None:
    remembered = practice.paths.anchor.read_bytes()
    add_note(practice, patient_id=1, text="written, then the power went")
    practice.paths.anchor.write_bytes(remembered)
    assert failures(practice) == {}
    details = {check.name: check.detail for check in doctor.examine(practice).checks}
    assert details["audit anchor"].startswith("The audit goes on from the row remembered")


def test_rules_that_forget_a_kind_of_record(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(facts: PatientFacts, context: Context) -> list[WorkItem]:
        items = next_actions.next_actions(facts, context)
        return [item for item in items if item.kind not in (Kind.DENIAL, Kind.PATIENT)]

    monkeypatch.setattr(ledger, "next_actions", forgetful)
    with write_engine(practice.engine).connect() as connection, connection.begin():
        ledger.rebuild(connection, practice.context)
    failed = failures(practice)
    assert list(failed) == ["every open record has a next action"]
    assert failed["every open record has a next action"] == (
        f"{PEOPLE} open records without one: {PEOPLE - 1} check-in, 1 denial."
    )


# --- progress and stopping ------------------------------------------------------------------------


def test_progress_rises_through_every_check(practice: Practice) -> None:
    seen: list[tuple[float, str]] = []
    doctor.examine(practice, lambda share, step: seen.append((share, step)))
    assert [share for share, _ in seen] == sorted(share for share, _ in seen)
    assert list(dict.fromkeys(step for _, step in seen)) == [*NAMES, "done"]
    assert seen[-1] == (1.0, "done")


def test_it_stops_when_cancelled(practice: Practice) -> None:
    steps: list[str] = []
    with pytest.raises(doctor.Cancelled):
        doctor.examine(practice, lambda _, step: steps.append(step), lambda: len(steps) >= 3)
    assert steps == NAMES[:3]
    assert failures(practice) == {}


def test_the_connection_for_searching_cannot_write(practice: Practice) -> None:
    conn = raw_connection(practice.paths.database, practice.data_key, read_only=True)
    conn.execute("PRAGMA query_only = OFF")
    with pytest.raises(dbapi2.OperationalError, match="readonly"):
        conn.execute("DELETE FROM patient")
    conn.close()
