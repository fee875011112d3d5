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
from carecoord_tui.exchange.import_plan import ImportPlan, NeedsDateOrder
from carecoord_tui.exchange.import_report import ImportReport
from carecoord_tui.exchange.import_steps import (
    READING,
    ImportCancelled,
    PhaseProgress,
    Steps,
    collector_off,
)
from carecoord_tui.exchange.incoming_rows import People, fitted, gather
from carecoord_tui.exchange.odd_rows import Odd, OddRows, hold_back
from carecoord_tui.exchange.patient_columns import PATIENTS
from carecoord_tui.exchange.patient_known import Answers
from carecoord_tui.exchange.patient_row import PatientRow
from carecoord_tui.exchange.patient_rows import read_patients
from carecoord_tui.exchange.rejects import Rejected
from carecoord_tui.exchange.row_values import read_status
from carecoord_tui.exchange.spreadsheet import Table
from carecoord_tui.exchange.table_import import carry_out, open_planned
from carecoord_tui.exchange.tabular import Cell
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.on_file import OnFile

__all__ = ["ImportCancelled", "ImportReport", "NeedsDateOrder", "PhaseProgress", "import_patients"]


def import_patients(
    practice: Practice,
    path: Path | str,
    *,
    overrides: Mapping[str, str] | None = None,
    date_order: DateOrder | None = None,
    sheet: str | None = None,
    accept_odd: bool = False,
    answers: Answers | None = None,
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
        accept_odd: take rows that look odd (``odd_rows``) as they stand, instead of handing them back.
        answers: line of a doubtful row -> whom it is about; the others are handed back.
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
        table, plan = open_planned(
            practice, path, PATIENTS, steps, sheet=sheet, overrides=overrides, date_order=date_order
        )
        reading = _read(practice, table, plan, steps, accept_odd=accept_odd)
        job = Job(practice, table, plan, reading, steps, answers or {})
        # Nothing of the search for duplicates is written, so it runs beside the writing.
        with ThreadPoolExecutor(1) as beside:
            pairs = beside.submit(job.look_for_duplicates())
            if dry_run:
                with practice.read() as connection:
                    job.compare(connection)
            rejects = None if dry_run else carry_out(practice, "import", job, rejects_path)
            pairs.result()
        return job.report(dry_run=dry_run, rejects=rejects)


def _read(practice: Practice, table: Table, plan: ImportPlan, steps: Steps, *, accept_odd: bool) -> Reading:
    accepted: list[PatientRow] = []
    rejected: list[Rejected] = []
    odd: list[Odd[PatientRow]] = []
    checks = OddRows(
        plan.columns,
        delimiter=table.delimiter,
        is_status=is_status_word,
        is_on_file=OnFile(practice.execute),
    )
    for row in read_patients(
        table,
        plan.columns,
        today=practice.today(),
        date_order=plan.orders,
        progress=steps.of(READING),
        odd=checks,
    ):
        if isinstance(row, Rejected):
            rejected.append(row)
        elif isinstance(row, Odd):
            odd.append(row)
        else:
            accepted.append(row)
    rows = len(accepted) + len(rejected) + len(odd)
    taken, held = hold_back(checks, odd, takes_all=accept_odd)
    accepted = sorted([*accepted, *taken], key=lambda row: row.line) if taken else accepted
    people = gather(map(fitted, accepted))
    rejected += _clashes(table, plan, people)
    rejected.sort(key=lambda one: one.line)
    warnings = [warning for row in accepted for warning in row.warnings]
    return Reading(people, rejected, held, warnings, rows)


def is_status_word(text: str) -> bool:
    """Words of the columns for status and sex that are neither a payer, a place nor a language."""
    return read_status(text) is not None or text.casefold() in ("female", "male")


def _clashes(table: Table, plan: ImportPlan, people: People) -> list[Rejected]:
    """Rows under an MRN of somebody else, as rejected rows with their cells."""
    if not people.clashes:
        return []
    firsts = {clash.line: clash.first_line for clash in people.clashes}
    return [_clash(row.line, firsts[row.line], plan, row.cells) for row in table.rows() if row.line in firsts]


def _clash(line: int, other: int, plan: ImportPlan, cells: tuple[Cell, ...]) -> Rejected:
    reason = f"the MRN belongs to another person, on line {other}: name and birth date differ"
    return Rejected(line, plan.columns.header("mrn"), "MRN", reason, cells)
