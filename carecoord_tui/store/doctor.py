"""``carecoord doctor``: prove that a practice is what it promises to be. Looks, never repairs.

Details are words and numbers for the user, with no patient data in them. Each check reads in its own
short transaction, so the doctor can run while another window works.
"""

from __future__ import annotations

import stat
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from carecoord_tui.domain.date_words import format_day
from carecoord_tui.domain.documents import size_words
from carecoord_tui.domain.next_actions import Context
from carecoord_tui.store import anchor, audit, derived, dialect, facts, keyfile, ledger, merged, triggers
from carecoord_tui.store.anchor import AnchorState
from carecoord_tui.store.backup import Progress, list_backups
from carecoord_tui.store.core_tables import PATIENT
from carecoord_tui.store.engine import raw_connection
from carecoord_tui.store.errors import DamagedFile, StoreError
from carecoord_tui.store.head import HEAD
from carecoord_tui.store.ledger import LedgerReport
from carecoord_tui.store.migrations import differences
from carecoord_tui.store.practice import SETTING, Practice
from carecoord_tui.store.queries.documents import orphaned_content, read_content
from carecoord_tui.store.ruling import ruling_of, ruling_rows
from carecoord_tui.store.settings import SettingError, read_settings, unused_counts

OTHERS = 0o077  # permission bits of group and world


class Cancelled(Exception):
    """The examination was stopped by the user."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. ``name`` is stable; ``detail`` is a sentence with numbers."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """Everything looked at, in order."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """True when every check passed."""
        return all(check.ok for check in self.checks)

    def to_json(self) -> dict[str, Any]:
        """``{ok, checks: [{name, ok, detail}]}``."""
        checks = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in self.checks]
        return {"ok": self.ok, "checks": checks}


def examine(
    practice: Practice,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> DoctorReport:
    """Run every check on an open practice, read-only or not; changes nothing.

    ``progress`` gets the share done (0 to 1) and the check at work. Raises ``Cancelled`` soon after
    ``cancelled`` answers True. A check that cannot be made fails with the reason.
    """
    examination = _Examination(practice, progress or _silent, cancelled or _never)
    report = DoctorReport(tuple(_made(examination, place) for place in range(len(_CHECKS))))
    examination.report(1.0, "done")
    return report


def _silent(share: float, step: str) -> None:
    """Report progress to nobody."""


def _never() -> bool:
    return False


@dataclass(slots=True)
class _Examination:
    """A practice under examination, and what two checks share."""

    practice: Practice
    report: Progress
    cancelled: Callable[[], bool]
    step: int = 0
    ledger: LedgerReport | None = field(default=None)

    def tell(self, done: int, total: int) -> None:
        """Report how far the present check is; the place to stop when cancelled."""
        if self.cancelled():
            raise Cancelled
        share = (self.step + min(done / total, 1.0) if total else self.step) / len(_CHECKS)
        self.report(share, _CHECKS[self.step][0])


_Result = tuple[bool, str]


def _made(examination: _Examination, place: int) -> Check:
    name, look = _CHECKS[place]
    examination.step = place
    examination.tell(0, 1)
    try:
        with dialect.translated():
            ok, detail = look(examination)
    except (StoreError, SettingError) as error:
        ok, detail = False, str(error)
    except (DBAPIError, dbapi2.Error) as error:  # the text of these may name data: only the kind is told
        ok, detail = False, f"The database could not be read for this ({type(error).__name__})."
    return Check(name, ok, detail)


def _count(number: int, one: str, several: str = "") -> str:
    """``1 row``, ``2,345 rows``."""
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def _whole_number(connection: sa.Connection, sql: str) -> int:
    return int(connection.exec_driver_sql(sql).scalar_one())


# --- the file --------------------------------------------------------------------------------------


def _integrity(examination: _Examination) -> _Result:
    practice = examination.practice
    conn = raw_connection(practice.paths.database, practice.data_key, read_only=True)
    try:
        problems = dialect.integrity_problems(conn)
        pages = int(conn.execute("PRAGMA page_count").fetchone()[0])
    finally:
        conn.close()
    if problems:
        found = "at least 10 problems" if len(problems) >= 10 else _count(len(problems), "problem")
        return False, f"{found} found, the first: {problems[0]}. Restore the last good backup."
    return True, f"{_count(pages, 'page')} decrypted and checked."


def _foreign_keys(examination: _Examination) -> _Result:
    with examination.practice.read() as connection:
        rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if not rows:
        return True, "Every record has the one it belongs to."
    tables = ", ".join(f"{count:,} in {name}" for name, count in sorted(Counter(r[0] for r in rows).items()))
    return False, f"{_count(len(rows), 'row')} without the record they belong to: {tables}."


def _schema(examination: _Examination) -> _Result:
    with examination.practice.read() as connection:
        version = _whole_number(connection, "PRAGMA user_version")
        found = differences(connection)
    if version != HEAD:
        return False, f"The database says version {version}; this program writes version {HEAD}."
    if found:
        return False, f"Version {version}, but {_count(len(found), 'difference')} from its tables."
    return True, f"Version {version}, with the tables of that version."


def _triggers(examination: _Examination) -> _Result:
    with examination.practice.read() as connection:
        missing = triggers.missing(connection)
    if missing:
        return False, f"Missing or altered: {', '.join(missing)}."
    return True, f"All {len(triggers.TRIGGERS)} stand as installed."


def _key_file(examination: _Examination) -> _Result:
    paths = examination.practice.paths
    keyfile.practice_id(paths.keyfile)  # reads and checks both slots
    open_to_others = [] if sys.platform == "win32" else _too_open(paths.root, paths.database, paths.keyfile)
    if open_to_others:
        return False, f"Others can open {', '.join(open_to_others)}; close them with chmod go-rwx."
    return True, "Passphrase and recovery slot are there; folder and files are the owner's alone."


def _too_open(root: Path, database: Path, key: Path) -> list[str]:
    files = [root, key, *sorted(root.glob(f"{database.name}*")), *sorted(root.glob("*.anchor"))]
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in files}
    return [f"{path} ({mode:04o})" for path, mode in modes.items() if mode & OTHERS]


# --- the audit -------------------------------------------------------------------------------------


def _chain(examination: _Examination) -> _Result:
    practice = examination.practice
    with practice.read() as connection:
        total = _whole_number(connection, "SELECT count(*) FROM audit_event")
        report = audit.verify(connection, practice.audit_key(), lambda done: examination.tell(done, total))
    if report.broken_at is not None:
        return False, f"Row {report.broken_at:,} of {total:,} was altered, or the rows before it were."
    return True, f"{_count(report.rows, 'row')}, unbroken from the first to the last."


_ANCHOR_WORDS = {
    AnchorState.MATCHES: "The audit ends with the row remembered outside the database.",
    AnchorState.AHEAD: "The audit goes on from the row remembered outside the database.",
    AnchorState.ABSENT: "No row is remembered outside the database yet; the next change writes it.",
    AnchorState.BEHIND: "Rows are missing at the end of the audit.",
    AnchorState.DIFFERENT: "The row remembered outside the database is another one in the audit.",
}


def _anchor(examination: _Examination) -> _Result:
    practice = examination.practice
    known = anchor.read(practice.paths.anchor)  # before the database, which may move on meanwhile
    with practice.read() as connection:
        last = _whole_number(connection, "SELECT coalesce(max(seq), 0) FROM audit_event")
        mac = connection.execute(
            sa.select(audit.events.c.mac).where(audit.events.c.seq == (known.seq if known else 0))
        ).scalar()
    state = anchor.check(known, last, mac)
    numbers = f" (row {known.seq:,} remembered, row {last:,} is the last)" if known else ""
    return state.ok, f"{_ANCHOR_WORDS[state].removesuffix('.')}{numbers}."


# --- what follows from the records -------------------------------------------------------------------

_SEARCH_BESIDE = """
CREATE VIRTUAL TABLE temp.expected USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2')
"""
_WORDS_DIFFER = """
SELECT count(DISTINCT doc) FROM (
    SELECT * FROM (SELECT term, doc FROM found_words EXCEPT SELECT term, doc FROM expected_words)
    UNION ALL
    SELECT * FROM (SELECT term, doc FROM expected_words EXCEPT SELECT term, doc FROM found_words)
)
"""


def _search(examination: _Examination) -> _Result:
    with examination.practice.read() as connection:
        ids = list(connection.execute(sa.select(PATIENT.c.id)).scalars())
        stale, zone = 0, _context(connection, examination.practice).zone
        for done, chunk in enumerate(facts.chunks(ids)):
            examination.tell(done * facts.CHUNK, len(ids))
            stale += derived.count_stale(connection, chunk, zone)
    differing = _differently_indexed(examination.practice)
    if stale or differing:
        return False, (
            f"{_count(stale, 'person', 'people')} with outdated search text, name order or last contact, "
            f"{differing:,} found by other words than theirs."
        )
    return True, f"{_count(len(ids), 'person', 'people')} found by exactly the words of their records."


def _differently_indexed(practice: Practice) -> int:
    """How many people the index knows by other words than their search text has.

    The index keeps no text, so a second one is made beside it, in memory, and their words compared.
    """
    conn = raw_connection(practice.paths.database, practice.data_key, read_only=True)
    try:
        conn.execute("PRAGMA query_only = OFF")  # for temporary tables; the file stays read-only
        conn.execute(_SEARCH_BESIDE)
        conn.execute(dialect.begin_statement(write=False))
        conn.execute("INSERT INTO temp.expected (rowid, text) SELECT id, search_text FROM main.patient")
        conn.execute("CREATE VIRTUAL TABLE temp.expected_words USING fts5vocab(temp, expected, instance)")
        conn.execute("CREATE VIRTUAL TABLE temp.found_words USING fts5vocab(main, patient_search, instance)")
        return int(conn.execute(_WORDS_DIFFER).fetchone()[0])
    finally:
        conn.close()


def _context(connection: sa.Connection, practice: Practice) -> Context:
    """What rules by the file itself: another window may have changed it since this one looked."""
    try:
        return ruling_of(ruling_rows(connection.exec_driver_sql)).context
    except SettingError:  # which a check of its own names
        return practice.context


def _ledger_report(examination: _Examination) -> LedgerReport:
    if examination.ledger is None:
        practice = examination.practice
        with practice.read() as connection:
            total = _whole_number(connection, "SELECT count(*) FROM patient")
            examination.ledger = ledger.differences(
                connection, _context(connection, practice), lambda done: examination.tell(done, total)
            )
    return examination.ledger


def _ledger(examination: _Examination) -> _Result:
    report = _ledger_report(examination)
    of = f"{_count(report.items, 'next action')} of {_count(report.people, 'person', 'people')}"
    if report.is_equal:
        return True, f"{of}: a rebuild changes nothing."
    return False, (
        f"{of}: a rebuild would add {report.absent:,}, change {report.changed:,} and remove {report.stale:,}."
    )


def _next_actions(examination: _Examination) -> _Result:
    report = _ledger_report(examination)
    if not report.missing:
        return True, f"Every open record of {_count(report.people, 'person', 'people')} has one."
    kinds = Counter(hole.kind.label for hole in report.missing)
    tally = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    return False, f"{_count(len(report.missing), 'open record')} without one: {tally}."


def _merged(examination: _Examination) -> _Result:
    """A record that was merged away has nothing left of its own, and points at one that stays."""
    with examination.practice.read() as connection:
        number, left = merged.count(connection), merged.leftovers(connection)
        astray = merged.astray(connection)
    if left or astray:
        tally = ", ".join(f"{count:,} {name}" for name, count in left.items()) or "nothing"
        return False, (
            f"Left on records that were merged away: {tally}; "
            f"{_count(astray, 'of them points', 'of them point')} at no record that stays. "
            "Undo that merge and repeat it, or restore a backup."
        )
    return True, f"{_count(number, 'record')} merged away, with nothing left on it."


# --- documents ---------------------------------------------------------------------------------------


def _documents(examination: _Examination) -> _Result:
    """Every content hashes to its name, and every document has one of the size it says."""
    execute = examination.practice.execute
    names = [str(row[0]) for row in execute("SELECT sha256 FROM document_content")]
    damaged = 0
    for done, sha256 in enumerate(names):
        examination.tell(done, len(names))
        try:
            read_content(execute, sha256)
        except DamagedFile:
            damaged += 1
    ((number, lost, of_another_size),) = execute(
        "SELECT count(*), coalesce(sum(c.sha256 IS NULL), 0), coalesce(sum(length(c.content) <> d.size), 0)"
        " FROM document d LEFT JOIN document_content c ON c.sha256 = d.sha256"
    )
    if damaged or lost or of_another_size:
        return False, (
            f"{_count(damaged, 'content')} damaged, {_count(lost, 'document')} without content, "
            f"{_count(of_another_size, 'document')} of another size than recorded: "
            "restore the last good backup, or attach these files again."
        )
    unused, size = orphaned_content(execute)
    kept = f"; {_count(unused, 'detached file')} ({size_words(size)}) kept for undo" if unused else ""
    return True, f"{_count(number, 'document')}, each as it was attached{kept}."


# --- the practice ------------------------------------------------------------------------------------


def _settings(examination: _Examination) -> _Result:
    with examination.practice.read() as connection:
        values = {row.key: row.value for row in connection.execute(sa.select(SETTING))}
    if "timezone" not in values:
        return False, "No time zone is stored."
    settings = read_settings(values)
    if unused := unused_counts(settings.rule_counts):
        return False, f"A count of the practice is not used: {' '.join(unused)}"
    return True, f"Times are those of {settings.zone.key}; {_count(len(values), 'setting')} can be read."


def _last_backup(examination: _Examination) -> _Result:
    practice = examination.practice
    kept = list_backups(practice.paths.backups)
    if not kept:
        return True, "There is none yet in this practice's folder."
    day = format_day(kept[0].day, practice.today())
    return True, f"{day} {kept[0].at:%H:%M}; {len(kept):,} kept in {practice.paths.backups}."


_CHECKS: tuple[tuple[str, Callable[[_Examination], _Result]], ...] = (
    ("database integrity", _integrity),
    ("foreign keys", _foreign_keys),
    ("schema version", _schema),
    ("triggers", _triggers),
    ("key file", _key_file),
    ("audit chain", _chain),
    ("audit anchor", _anchor),
    ("search index", _search),
    ("ledger rebuilt and equal", _ledger),
    ("every open record has a next action", _next_actions),
    ("merged records", _merged),
    ("documents", _documents),
    ("time zone and settings", _settings),
    ("last backup", _last_backup),
)
