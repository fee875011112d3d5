"""``carecoord export referrals FILE``: the referrals as a log, CSV or .xlsx, that this program reads back.

The file holds patient data: it is readable by its owner only (0600), written whole or not at all, and the
export stands in the audit. With records marked Part 2 or sensitive goes the notice of 42 CFR 2.32: as a sheet
of the workbook, or as a text file beside the CSV, which is read back as ever. A cell that a spreadsheet would
run as a formula gets an apostrophe (OWASP).
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import sqlalchemy as sa

from carecoord_tui.domain.day_papers import Record
from carecoord_tui.domain.identifiers import format_phone, npi_error
from carecoord_tui.domain.packet import PART2_NOTICE
from carecoord_tui.domain.release import marked_words
from carecoord_tui.domain.vocabulary import Kind, ProviderKind, ReferralStage
from carecoord_tui.exchange.exports.kinds import NOTICES, NOTICES_HEADERS
from carecoord_tui.exchange.exports.staging import staged_file
from carecoord_tui.exchange.exports.streaming import execute_on
from carecoord_tui.exchange.exports.writing import SUFFIXES, NotExported, Stream, Table, write_one
from carecoord_tui.exchange.referral_columns import RECORD_HEADER
from carecoord_tui.exchange.referral_standing import telling
from carecoord_tui.exchange.tabular import Cell
from carecoord_tui.store.actions.disclosures import check_may_leave
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.referral_log import LogRow, log_rows
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.withheld import withheld_records

_SHEET = "Referrals"
_NOTICE = Table(NOTICES, NOTICES_HEADERS, [[PART2_NOTICE]], is_read_back=False)
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


@dataclass(frozen=True, slots=True)
class ReferralLog:
    """What was written. ``notice`` is the file beside it that goes along; None where none is needed."""

    count: int
    withheld: int = 0  # marked referrals that were left out
    notice: Path | None = None


def export_referrals(
    practice: Practice, path: Path | str, *, view: Sequence[int] | None = None, with_part2: bool = False
) -> ReferralLog:
    """Write referrals to a CSV or .xlsx file, as its name ends.

    Args:
        practice: an open practice; a read-only one could not put the export into its audit.
        path: the file; one that is there is replaced, and so is the notice beside it.
        view: numbers of the referrals, in the order wanted; None for all of them, ended ones too.
        with_part2: those marked Part 2 or sensitive go along; somebody checked the consent. Else they are
            left out.

    Raises:
        NotExported: another ending, or the file cannot be written.
        ReadOnly: the export could not be recorded, so nothing leaves.
    """
    check_may_leave(practice)
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise NotExported(f"{path.name}: give the file a name that ends in .csv or .xlsx.")
    # Both files take their places together, the notice first; what fails before leaves neither.
    with contextlib.ExitStack() as placed:
        out = placed.enter_context(staged_file(path))
        with practice.read() as connection:
            marked = _marked(execute_on(connection), view)
            needs_notice = with_part2 and bool(marked)
            withheld = frozenset() if with_part2 else marked
            table = referral_stream(connection, practice.today(), view, withheld=withheld)
            count = write_one(out, path, table, [_NOTICE] if needs_notice else [])
        notice = notice_beside(path) if needs_notice and path.suffix.lower() == ".csv" else None
        if notice is not None:
            placed.enter_context(staged_file(notice)).write(f"{PART2_NOTICE}\n".encode())
        # Before the file takes its place: what cannot be recorded does not leave the program.
        label = f"export of {count:,} referral{'' if count == 1 else 's'}"
        practice.record_event(f"{label}{marked_words(len(marked), with_part2=with_part2)}", kind="export")
    return ReferralLog(count, len(withheld), notice)


def notice_beside(path: Path) -> Path:
    """Where the notice of a CSV file lies: ``log.csv`` -> ``log.notice.txt``."""
    return path.with_name(f"{path.stem}.notice.txt")


def _marked(execute: Execute, view: Sequence[int] | None) -> frozenset[Record]:
    """Those of ``view``, or of all, that leave only when somebody says so."""
    wanted = None if view is None else frozenset(view)
    return frozenset(
        (kind, number)
        for kind, number in withheld_records(execute)
        if kind is Kind.REFERRAL and (wanted is None or number in wanted)
    )


def referral_stream(
    connection: sa.Connection,
    today: date,
    view: Sequence[int] | None = None,
    *,
    withheld: Collection[Record] = (),
) -> Stream:
    """The referrals row by row: those of ``view`` in its order, or all, ended ones too; none withheld."""
    rows = (
        _cells(row, today) for row in log_rows(connection, view) if (Kind.REFERRAL, row.id) not in withheld
    )
    return Stream(_SHEET, HEADERS, rows)


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
