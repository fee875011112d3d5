"""What an import shows while somebody looks on (``z``): what becomes of each row, and no value that tells
who it is. Names are masked where they are drawn; all else here, once, before it is handed to what draws it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from carecoord_tui.domain.masking import MASK, masked_text
from carecoord_tui.exchange.import_report import DoubtfulRow, ImportReport, MappedColumn
from carecoord_tui.exchange.logs.plan import Candidate, LogLook, RowOutcome
from carecoord_tui.exchange.referral_report import ReferralImportReport
from carecoord_tui.screens.import_preview import NAME_FIELDS

Report = TypeVar("Report", ImportReport, ReferralImportReport)


def masked_report(report: Report) -> Report:
    """A report without what cells hold, but for names."""
    found = replace(
        report,
        columns=tuple(map(_masked_column, report.columns)),
        conflicts=tuple(replace(one, in_file=MASK, stored=MASK) for one in report.conflicts),
    )
    if isinstance(found, ImportReport):
        return replace(
            found,
            first_rows=tuple(
                replace(row, birth_date=masked_text(row.birth_date), mrn=masked_text(row.mrn))
                for row in found.first_rows
            ),
            by_name=tuple(replace(one, stored_mrn=masked_text(one.stored_mrn)) for one in found.by_name),
        )
    return found


def _masked_column(column: MappedColumn) -> MappedColumn:
    is_name = column.field in NAME_FIELDS
    return column if is_name else replace(column, example=masked_text(column.example))


def masked_look(look: LogLook) -> LogLook:
    """A file's columns without the values in them."""
    return replace(look, samples=tuple(tuple(map(masked_text, row)) for row in look.samples))


def masked_row(row: RowOutcome) -> RowOutcome:
    """A row of a log without what its cells hold, and without the numbers of whom it may be about."""
    return replace(
        row,
        candidates=tuple(map(_masked_candidate, row.candidates)),
        differences=tuple(replace(one, in_file=MASK, stored=MASK) for one in row.differences),
        cells=(),
    )


def masked_doubtful(row: DoubtfulRow) -> DoubtfulRow:
    """A row of a patient list that is asked about, without birth dates and MRNs."""
    return replace(
        row,
        birth_date=masked_text(row.birth_date),
        mrn=masked_text(row.mrn),
        candidates=tuple(map(_masked_candidate, row.candidates)),
    )


def _masked_candidate(one: Candidate) -> Candidate:
    return replace(one, birth_date=masked_text(one.birth_date), mrn=masked_text(one.mrn))
