"""``carecoord import referrals FILE``: a referral log onto the caseload, in one undoable change.

The file is read and judged first; only then one transaction finds people, offices and referrals that are
there already, writes what is new, and is taken back as a whole when anything fails or the user stops it.
A referral the practice has already is never overwritten: what the log says otherwise is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.exchange.import_plan import NeedsDateOrder
from carecoord_tui.exchange.import_steps import (
    READING,
    ImportCancelled,
    PhaseProgress,
    Steps,
    collector_off,
)
from carecoord_tui.exchange.odd_rows import Odd, hold_back
from carecoord_tui.exchange.patient_columns import PATIENTS
from carecoord_tui.exchange.referral_columns import REFERRALS, is_referral_log
from carecoord_tui.exchange.referral_job import Reading, ReferralJob
from carecoord_tui.exchange.referral_report import NeedsStatuses, ReferralImportReport
from carecoord_tui.exchange.referral_row import ReferralRow
from carecoord_tui.exchange.referral_rows import ReferralReader, StatusAsked
from carecoord_tui.exchange.referral_statuses import fold_status
from carecoord_tui.exchange.rejects import Rejected
from carecoord_tui.exchange.spreadsheet import Table, open_table
from carecoord_tui.exchange.table_import import carry_out, open_planned
from carecoord_tui.exchange.tabular import TableError
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.on_file import OnFile

__all__ = [
    "ImportCancelled",
    "NeedsDateOrder",
    "NeedsStatuses",
    "ReferralImportReport",
    "import_referrals",
    "is_referral_file",
]


def import_referrals(
    practice: Practice,
    path: Path | str,
    *,
    overrides: Mapping[str, str] | None = None,
    date_order: DateOrder | None = None,
    statuses: Mapping[str, ReferralStage | None] | None = None,
    sheet: str | None = None,
    accept_name_only: bool = False,
    accept_odd: bool = False,
    dry_run: bool = False,
    progress: PhaseProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
    rejects_path: Path | None = None,
) -> ReferralImportReport:
    """Import a referral log (CSV, TSV or .xlsx) for people of the caseload.

    Args:
        practice: an open practice; only a dry run may be made on a read-only one.
        path: the file.
        overrides: field -> header, from ``columns.parse_overrides``.
        date_order: the answer where the order of the dates cannot be told from the file.
        statuses: status words -> stage, or None to hand their rows back; see ``parse_statuses``.
        sheet: name of the worksheet, for a workbook with several.
        accept_name_only: take a person for a name alone where exactly one has it.
        accept_odd: take rows that look odd (``odd_rows``) as they stand, instead of handing them back.
        dry_run: work everything out and write nothing, no rejects file either. Statuses nobody has
            explained are listed in the report then.
        progress: called at the start of each phase and now and then within it.
        cancelled: asked at the same moments; True stops the import.
        rejects_path: where rejected rows go, instead of a new file in the practice's ``rejects`` folder.

    Raises:
        TableError: the file cannot be used. ``NeedsDateOrder`` and ``NeedsStatuses`` are two of these.
        ImportCancelled: ``cancelled`` said so.
        StoreError: the practice or the rejects file cannot be written to.
        In all cases the practice is as it was.
    """
    steps = Steps(progress, cancelled)
    answers = {fold_status(words): stage for words, stage in (statuses or {}).items()}
    with collector_off():
        table, plan = open_planned(
            practice, path, REFERRALS, steps, sheet=sheet, overrides=overrides, date_order=date_order
        )
        reader = ReferralReader(
            table,
            plan.columns,
            today=practice.today(),
            orders=plan.orders,
            answers=answers,
            is_on_file=OnFile(practice.execute),
        )
        reading = _read(table, reader, steps, accept_odd=accept_odd)
        if reading.asked and not dry_run:
            raise NeedsStatuses(table.path, tuple(one for one in reader.uses() if one.is_asked))
        job = ReferralJob(practice, table, plan, reading, steps, accept_name_only=accept_name_only)
        if dry_run:
            with practice.read() as connection:
                job.compare(connection)
            return job.report(dry_run=True, rejects=None)
        rejects = carry_out(practice, "import of referrals", job, rejects_path)
        return job.report(dry_run=False, rejects=rejects)


def is_referral_file(path: Path | str) -> bool:
    """True when a file has the columns of a referral log; False for anything else, unreadable files too."""

    def is_known(text: str) -> bool:
        return REFERRALS.is_known_header(text) or PATIENTS.is_known_header(text)

    try:
        return is_referral_log(open_table(path, is_known=is_known).headers)
    except TableError:  # the import that follows says what is wrong with it
        return False


def _read(table: Table, reader: ReferralReader, steps: Steps, *, accept_odd: bool) -> Reading:
    reading = Reading(reader)
    odd: list[Odd[ReferralRow]] = []
    for row in table.rows(steps.of(READING)):
        reading.total += 1
        try:
            found = reader.read(row)
        except StatusAsked:
            reading.asked += 1
            continue
        if isinstance(found, Rejected):
            reading.rejected.append(found)
        elif isinstance(found, Odd):
            odd.append(found)
        else:
            reading.rows.append(found)
    taken, reading.odd = hold_back(reader.odd, odd, takes_all=accept_odd)
    reading.rows = sorted([*reading.rows, *taken], key=lambda row: row.line)
    return reading
