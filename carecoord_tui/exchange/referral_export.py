"""``carecoord export referrals FILE``: the referrals as a log, CSV or .xlsx, that this program reads back.

The file holds patient data: it is readable by its owner only (0600), written whole or not at all, and the
export stands in the audit. A cell that a spreadsheet would run as a formula gets an apostrophe (OWASP).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import format_phone, npi_error
from carecoord_tui.domain.vocabulary import ProviderKind, ReferralStage
from carecoord_tui.exchange.referral_columns import RECORD_HEADER
from carecoord_tui.exchange.referral_standing import telling
from carecoord_tui.exchange.rejects import shielded
from carecoord_tui.exchange.tabular import Cell, cell_text
from carecoord_tui.store.actions.disclosures import check_may_leave
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.files import write_private
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.referral_log import LogRow, log_rows

SUFFIXES = (".csv", ".xlsx")
_MAX_CELL = 5_000
_SHEET = "Referrals"
_SEEN = (ReferralStage.SEEN, ReferralStage.REPORT_RECEIVED, ReferralStage.REVIEWED, ReferralStage.CLOSED)
_ENDED_EARLY = (ReferralStage.DECLINED, ReferralStage.WITHDRAWN, ReferralStage.REDIRECTED)

HEADERS = (
    RECORD_HEADER, "Last name", "First name", "Date of birth", "MRN", "Patient phone", "Specialty",
    "Referred to", "Office", "NPI", "Office phone", "Office fax", "Status", "Status since", "Referral date",
    "Date sent", "Receipt confirmed", "Appointment made", "Appointment date", "Date seen", "Report received",
    "Reviewed", "Patient notified", "Status reason", "Urgency", "Referral type", "Reason for referral",
    "Clinical question", "ICD-10 codes", "Ordered by", "Reviewed by", "Insurance", "Authorization number",
    "Notes",
)  # fmt: skip
"""The columns, as ``referral_columns`` recognises them."""


class NotExported(StoreError):
    """The export could not be written; there is no file, or the older one still stands."""


def export_referrals(practice: Practice, path: Path | str, *, view: Sequence[int] | None = None) -> int:
    """Write referrals to a CSV or .xlsx file, as its name ends.

    Args:
        practice: an open practice; a read-only one could not put the export into its audit.
        path: the file; one that is there is replaced.
        view: numbers of the referrals, in the order wanted; None for all of them, ended ones too.

    Returns:
        How many referrals were written.

    Raises:
        NotExported: another ending, or the file cannot be written.
        ReadOnly: the export could not be recorded, so nothing leaves.
    """
    check_may_leave(practice)
    path = Path(path)
    write = _writer(path)
    today = practice.today()
    with practice.read() as connection:
        rows = [_cells(row, today) for row in log_rows(connection, view)]
    content, count = write(rows), len(rows)
    # First: what cannot be recorded does not leave the program.
    practice.record_event(f"export of {count:,} referral{'' if count == 1 else 's'}", kind="export")
    try:
        write_private(path, content)
    except OSError as error:
        raise NotExported(
            f"{path} cannot be written ({error.strerror or 'output error'}); choose another place."
        ) from error
    return count


def _writer(path: Path) -> Callable[[Iterable[Sequence[Cell]]], bytes]:
    match path.suffix.lower():
        case ".csv":
            return _csv
        case ".xlsx":
            return _workbook
        case _:
            raise NotExported(f"{path.name}: give the file a name that ends in .csv or .xlsx.")


def _csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADERS)
    writer.writerows([_text(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")  # the byte order mark makes Excel read accents right


def _workbook(rows: Iterable[Sequence[Cell]]) -> bytes:
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(_SHEET)
    sheet.freeze_panes = "A2"
    sheet.append(list(HEADERS))
    for row in rows:
        sheet.append([_text(cell) if isinstance(cell, str) else cell for cell in row])
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    return shielded(clean_text(cell_text(cell), _MAX_CELL))


def _cells(row: LogRow, today: date) -> list[Cell]:
    days = _days(row, today)
    is_office = row.provider_kind is ProviderKind.ORGANIZATION
    visit: Cell = days.get("visit_on", "")
    if row.visit_time is not None and "visit_on" in days:
        visit = datetime.combine(days["visit_on"], row.visit_time)
    return [
        str(row.id),
        row.family_name,
        row.given_name,
        row.birth_date or "",
        row.mrn,
        format_phone(row.phone),
        row.specialty,
        "" if is_office else row.provider,
        row.provider if is_office else row.organization,
        "" if npi_error(row.npi) else row.npi,
        format_phone(row.office_phone),
        format_phone(row.office_fax),
        row.stage.label,
        days.get("status_on", ""),
        row.ordered_on,
        days.get("sent_on", ""),
        days.get("acknowledged_on", ""),
        days.get("booked_on", ""),
        visit,
        days.get("seen_on", ""),
        days.get("report_received_on", ""),
        days.get("reviewed_on", ""),
        days.get("closed_on", ""),
        row.stage_reason,
        row.urgency.label,
        row.service_type.label,
        row.reason,
        row.question,
        row.diagnoses,
        row.ordered_by,
        row.reviewed_by,
        row.insurance,
        row.authorization,
        row.note,
    ]


def _days(row: LogRow, today: date) -> dict[str, date]:
    found = {
        "ordered_on": row.ordered_on,
        "sent_on": row.sent_on,
        "acknowledged_on": row.acknowledged_on,
        "booked_on": row.booked_on,
        "visit_on": row.visit_on,
        "seen_on": row.visit_on if row.stage in _SEEN else None,
        "report_received_on": row.report_received_on,
        "reviewed_on": row.reviewed_on,
        "closed_on": row.stage_on if row.stage in _ENDED_EARLY else row.patient_informed_on,
        "status_on": row.stage_on,
    }
    return telling(row.stage, {name: day for name, day in found.items() if day is not None}, today=today)
