"""``carecoord export all`` and ``X``: everything as one workbook or a folder of CSV files.

What is exported stands in the audit first: what cannot be recorded does not leave. Records marked as
substance-use records (42 CFR Part 2) or sensitive leave only when somebody said so, with the notice that
goes along (42 CFR 2.32), although the practice moves its own data: a file may be handed on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from carecoord_tui.domain.day_papers import Record
from carecoord_tui.domain.packet import PART2_NOTICE
from carecoord_tui.domain.release import marked_words
from carecoord_tui.exchange.exports import people
from carecoord_tui.exchange.exports.kinds import NOTICES, NOTICES_HEADERS
from carecoord_tui.exchange.exports.listings import LISTINGS
from carecoord_tui.exchange.exports.staging import private_file, staged_file, staged_folder
from carecoord_tui.exchange.exports.streaming import execute_on, streamed
from carecoord_tui.exchange.exports.subject import Subject
from carecoord_tui.exchange.exports.tables import SUBJECTS
from carecoord_tui.exchange.exports.writing import NotExported, Stream, Table, write_csv_bytes
from carecoord_tui.exchange.exports.xlsx import write_workbook
from carecoord_tui.exchange.import_steps import ImportCancelled
from carecoord_tui.exchange.referral_export import referral_stream
from carecoord_tui.exchange.tabular import Cell
from carecoord_tui.store.actions.disclosures import check_may_leave
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.withheld import count_marked, withheld_records

REMINDER = "It leaves the encrypted file: only you can read it, delete it when you are done."
_AT_ONCE = 200  # rows between two questions whether to stop
Progress = Callable[[int, int, str], None]
"""Tables done, tables in all, and the one that is being read."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written where: rows by table."""

    paths: tuple[Path, ...]
    rows: dict[str, int]
    withheld: int = 0  # marked records that were left out

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())


def export_everything(
    practice: Practice,
    path: Path | str,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
    with_part2: bool = False,
) -> Exported:
    """Write every table: one ``.xlsx`` workbook, or a folder of CSV files for a name without an ending.

    ``with_part2``: the records marked Part 2 or sensitive go along; somebody checked the consent.

    Raises NotExported for another ending or a place that cannot be written, ReadOnly where the export
    cannot be recorded, ImportCancelled when it was stopped; then nothing was written.
    """
    check_may_leave(practice)
    target = Path(path)
    if target.suffix.lower() not in ("", ".xlsx"):
        raise NotExported(f"{target.name}: give a name that ends in .xlsx, or a folder for CSV files.")
    reading = _Reading(practice, with_part2, progress or _silent, cancelled or _never)
    if target.suffix:
        with staged_file(target) as out:
            rows = write_workbook(out, reading.tables())
            _record(practice, reading)
        return Exported((target,), rows, reading.withheld_count)
    rows = {}
    with staged_folder(target) as folder:
        for table in reading.tables():
            with private_file(folder, _file_name(table.name)) as out:
                rows[table.name] = write_csv_bytes(out, table)
        _record(practice, reading)
    return Exported(tuple(target / _file_name(name) for name in rows), rows, reading.withheld_count)


def _record(practice: Practice, reading: _Reading) -> None:
    """Put it into the audit, before the file takes its place: what cannot be recorded does not leave."""
    words = marked_words(reading.marked_count, with_part2=reading.with_part2)
    practice.record_event(f"export of everything{words}", kind="export")


def _file_name(table: str) -> str:
    return f"{table.lower().replace(' ', '-')}.csv"


class _Reading:
    """Every table inside one look at the practice, row by row; what is withheld is told by the same look."""

    def __init__(
        self, practice: Practice, with_part2: bool, progress: Progress, cancelled: Callable[[], bool]
    ) -> None:
        self.practice, self.with_part2 = practice, with_part2
        self._progress, self._cancelled = progress, cancelled
        self._withheld: frozenset[Record] = frozenset()
        self.marked_count = 0  # known once the tables are read

    @property
    def withheld_count(self) -> int:
        """Marked records that were left out."""
        return 0 if self.with_part2 else self.marked_count

    def tables(self) -> Iterator[Stream]:
        """Each table once; its rows must be read before the next one is asked for.

        Raises ImportCancelled between any two rows.
        """
        subjects = (*SUBJECTS, *LISTINGS)
        count = len(subjects) + 2
        with self.practice.read() as connection:
            execute = execute_on(connection)
            self.marked_count = count_marked(execute)
            if not self.with_part2:
                self._withheld = withheld_records(execute)
            for number, subject in enumerate(subjects):
                self._progress(number, count, subject.name)
                yield self._stopping(self._of_subject(connection, subject))
            self._progress(count - 2, count, people.NAME)
            yield self._stopping(people.people_table(execute, self.practice.today()))
            self._progress(count - 1, count, "Referrals")
            yield self._stopping(referral_stream(connection, self.practice.today(), withheld=self._withheld))
        if self.with_part2 and self.marked_count:
            yield Table(NOTICES, NOTICES_HEADERS, [[PART2_NOTICE]], is_read_back=False)

    def _of_subject(self, connection: sa.Connection, subject: Subject) -> Stream:
        found = streamed(connection, *subject.statement())
        rows = subject.read(found, self.practice.zone, self._withheld, self.with_part2)
        return Stream(subject.name, subject.headers, rows, subject.holds, subject.is_read_back)

    def _stopping(self, table: Stream) -> Stream:
        return replace(table, rows=self._stopping_rows(table.rows))

    def _stopping_rows(self, rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
        for number, row in enumerate(rows):
            if number % _AT_ONCE == 0:
                self._stop()
            yield row
        self._stop()

    def _stop(self) -> None:
        if self._cancelled():
            raise ImportCancelled


def table_of(
    practice: Practice,
    subject: Subject,
    patient_id: int | None = None,
    *,
    withheld: Collection[Record] = (),
    with_marked: bool = False,
) -> Table:
    """One table, of everybody or of one person, without the records that are withheld.

    ``with_marked``: rows that are marked themselves go along.
    """
    rows = subject.rows(practice.execute, practice.zone, patient_id, withheld, with_marked)
    return Table(subject.name, subject.headers, rows, subject.holds, subject.is_read_back)


def _silent(done: int, of: int, name: str) -> None:
    """Nobody looks on."""


def _never() -> bool:
    return False
