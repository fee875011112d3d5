"""``carecoord export all`` and ``X``: everything as one workbook or a folder of CSV files.

What is exported stands in the audit first: what cannot be recorded does not leave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.exchange.exports.tables import SUBJECTS, Subject
from carecoord_tui.exchange.exports.writing import (
    NotExported,
    Table,
    workbook_bytes,
    write_file,
    write_folder,
)
from carecoord_tui.exchange.import_steps import ImportCancelled
from carecoord_tui.exchange.referral_export import referral_table
from carecoord_tui.store.actions.disclosures import check_may_leave
from carecoord_tui.store.practice import Practice

REMINDER = "It leaves the encrypted file: only you can read it, delete it when you are done."
BY_NAME: dict[str, Subject] = {subject.name.lower(): subject for subject in SUBJECTS}
Progress = Callable[[int, int, str], None]
"""Tables done, tables in all, and the one that is being read."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written where: rows by table."""

    paths: tuple[Path, ...]
    rows: dict[str, int]

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
) -> Exported:
    """Write every table: one ``.xlsx`` workbook, or a folder of CSV files for a name without an ending.

    Raises NotExported for another ending or a place that cannot be written, ReadOnly where the export
    cannot be recorded, ImportCancelled when it was stopped; then nothing was written.
    """
    check_may_leave(practice)
    target = Path(path)
    if target.suffix.lower() not in ("", ".xlsx"):
        raise NotExported(f"{target.name}: give a name that ends in .xlsx, or a folder for CSV files.")
    tables = list(_tables(practice, progress or _silent, cancelled or _never))
    practice.record_event("export of everything", kind="export")
    if target.suffix:
        write_file(target, workbook_bytes(tables))
        paths: tuple[Path, ...] = (target,)
    else:
        paths = tuple(write_folder(target, tables))
    return Exported(paths, {table.name: len(table.rows) for table in tables})


def _tables(practice: Practice, progress: Progress, cancelled: Callable[[], bool]) -> Iterator[Table]:
    """Every table, read inside one look at the practice each."""
    count = len(SUBJECTS) + 1
    for number, subject in enumerate(SUBJECTS):
        if cancelled():
            raise ImportCancelled
        progress(number, count, subject.name)
        yield table_of(practice, subject)
    progress(count - 1, count, "Referrals")
    yield referral_table(practice)


def table_of(practice: Practice, subject: Subject, patient_id: int | None = None) -> Table:
    """One table, of everybody or of one person."""
    return Table(subject.name, subject.headers, subject.rows(practice.execute, practice.zone, patient_id))


def _silent(done: int, of: int, name: str) -> None:
    """Nobody looks on."""


def _never() -> bool:
    return False
