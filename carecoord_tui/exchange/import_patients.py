"""``carecoord import patients FILE``: a patient list into the caseload, in one undoable change.

The file is read and judged first; only then one transaction finds who is there already, writes, and is
taken back as a whole when anything fails or the user stops it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.exchange.import_job import Job, Reading
from carecoord_tui.exchange.import_plan import ImportPlan, NeedsDateOrder, plan_import
from carecoord_tui.exchange.import_report import ImportReport
from carecoord_tui.exchange.import_steps import (
    LOOKING,
    READING,
    ImportCancelled,
    PhaseProgress,
    Steps,
    collector_off,
)
from carecoord_tui.exchange.incoming_rows import People, fitted, gather
from carecoord_tui.exchange.patient_row import PatientRow, RowWarning
from carecoord_tui.exchange.patient_rows import read_patients
from carecoord_tui.exchange.rejects import Rejected
from carecoord_tui.exchange.spreadsheet import Table, open_table
from carecoord_tui.exchange.tabular import Cell
from carecoord_tui.store.practice import Practice

__all__ = ["ImportCancelled", "ImportReport", "NeedsDateOrder", "PhaseProgress", "import_patients"]


def import_patients(
    practice: Practice,
    path: Path | str,
    *,
    overrides: Mapping[str, str] | None = None,
    date_order: DateOrder | None = None,
    sheet: str | None = None,
    dry_run: bool = False,
    progress: PhaseProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
    rejects_path: Path | None = None,
) -> ImportReport:
    """Import a patient list (CSV, TSV or .xlsx) into the practice.

    Args:
        practice: an open practice; only a dry run may be made on a read-only one.
        path: the file.
        overrides: field -> header, from ``columns.parse_overrides``.
        date_order: the answer where the order of the dates cannot be told from the file.
        sheet: name of the worksheet, for a workbook with several.
        dry_run: work everything out and write nothing, no rejects file either.
        progress: called at the start of each phase and now and then within it.
        cancelled: asked at the same moments; True stops the import.
        rejects_path: where rejected rows go, instead of a new file in the practice's ``rejects`` folder.

    Raises:
        TableError: the file cannot be used. ``NeedsDateOrder`` is one of these.
        ImportCancelled: ``cancelled`` said so.
        StoreError: the practice or the rejects file cannot be written to.
        In all cases the practice is as it was.
    """
    steps = Steps(progress, cancelled)
    with collector_off():
        table = open_table(path, sheet=sheet)
        plan = plan_import(table, overrides=overrides, date_order=date_order, progress=steps.of(LOOKING))
        if plan.undecided:
            raise NeedsDateOrder(table.path, plan.undecided)
        job = Job(practice, table, plan, _read(practice, table, plan, steps), steps)
        # Nothing of the search for duplicates is written, so it runs beside the writing.
        with ThreadPoolExecutor(1) as beside:
            pairs = beside.submit(job.look_for_duplicates())
            if dry_run:
                with practice.read() as connection:
                    job.compare(connection)
            rejects = None if dry_run else _carry_out(practice, job, rejects_path)
            pairs.result()
        return job.report(dry_run=dry_run, rejects=rejects)


def _carry_out(practice: Practice, job: Job, rejects_path: Path | None) -> Path | None:
    """One change with everything; returns where the rejected rows are."""
    rejects = None
    try:
        with practice.change("import") as session:
            job.compare(session.connection())
            job.save(session)
            rejects = job.write_rejects(rejects_path)
    except BaseException:
        if rejects is not None:
            rejects.unlink(missing_ok=True)
        raise
    return rejects


def _read(practice: Practice, table: Table, plan: ImportPlan, steps: Steps) -> Reading:
    accepted: list[PatientRow] = []
    rejected: list[Rejected] = []
    warnings: list[RowWarning] = []
    for row in read_patients(
        table,
        plan.columns,
        today=practice.today(),
        date_order=plan.orders,
        progress=steps.of(READING),
    ):
        if isinstance(row, Rejected):
            rejected.append(row)
        else:
            accepted.append(fitted(row))
            warnings.extend(row.warnings)
    rows = len(accepted) + len(rejected)
    people = gather(accepted)
    rejected += _clashes(table, plan, people)
    rejected.sort(key=lambda one: one.line)
    return Reading(people, rejected, warnings, rows)


def _clashes(table: Table, plan: ImportPlan, people: People) -> list[Rejected]:
    """Rows under an MRN of somebody else, as rejected rows with their cells."""
    if not people.clashes:
        return []
    firsts = {clash.line: clash.first_line for clash in people.clashes}
    return [_clash(row.line, firsts[row.line], plan, row.cells) for row in table.rows() if row.line in firsts]


def _clash(line: int, other: int, plan: ImportPlan, cells: tuple[Cell, ...]) -> Rejected:
    reason = f"the MRN belongs to another person, on line {other}: name and birth date differ"
    return Rejected(line, plan.columns.header("mrn"), "MRN", reason, cells)
