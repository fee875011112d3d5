"""The tables on one patient's paper: all that the record holds and may leave, in columns that fit a page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from carecoord_tui.domain.date_words import format_birth, format_time
from carecoord_tui.domain.day_papers import Record
from carecoord_tui.exchange.exports import people
from carecoord_tui.exchange.exports import tables as t
from carecoord_tui.exchange.exports.everything import table_of
from carecoord_tui.exchange.exports.listings import LISTINGS
from carecoord_tui.exchange.exports.writing import Table
from carecoord_tui.exchange.tabular import Cell, cell_text
from carecoord_tui.store.practice import Practice

_LISTED = {subject.name: subject for subject in LISTINGS}
_PEOPLE = ("Name", "Relationship", "Phone", "May be told", "Authority", "Until")
_SHOWN: tuple[tuple[str, t.Subject, tuple[str, ...]], ...] = (
    ("Care team", _LISTED["Care team"], ("Name", "Role", "Phone", "Active")),
    ("Coverages", t.COVERAGES, ("Payer", "Plan name", "Member ID", "Coverage status", "Effective to")),
    (
        "Eligibility checks",
        _LISTED["Eligibility checks"],
        ("Coverage", "Checked on", "Result", "Plan said", "Note"),
    ),
    ("History", _LISTED["History"], ("Kind", "Text", "Code", "Noted on", "Active")),
    (
        "Referrals",
        _LISTED["Referral details"],
        ("Ordered on", "Specialty", "Provider", "Stage", "Stage on", "Reason"),
    ),
    (
        "Appointments",
        t.APPOINTMENTS,
        ("Appointment date", "Appointment type", "Provider", "Appointment status", "Notes"),
    ),
    (
        "Authorizations",
        t.AUTHORIZATIONS,
        ("Service", "Authorization status", "Authorization number", "Valid to", "Notes"),
    ),
    ("Denials", t.DENIALS, ("Service", "Reason", "Notice dated", "Status", "Notes")),
    ("Appeals", _LISTED["Appeals"], ("Denial", "Filed on", "Decided on", "Outcome", "Note")),
    ("Bills", t.BILLS, ("Question", "Payer", "Amount", "Status", "Note")),
    ("Payments", t.PAYMENTS, ("Payment plan", "Due on", "Amount", "Paid on")),
    ("Assistance", _LISTED["Assistance"], ("Program", "Status", "Applied on", "Decided on", "Note")),
    (
        "Estimates",
        _LISTED["Estimates"],
        ("Service", "Made on", "Low", "High", "Note"),
    ),
    (
        "Good-faith estimates",
        _LISTED["Good-faith estimates"],
        ("Service", "Service on", "Given on", "Amount", "Status"),
    ),
    (
        "Hospital discharges",
        _LISTED["Transitions"],
        ("Facility", "Discharged on", "Status", "Handed to", "Note"),
    ),
    ("Follow-ups", t.FOLLOW_UPS, ("Follow up", "Due date", "Status", "Notes")),
    (
        "Incoming calls",
        _LISTED["Incoming calls"],
        ("At", "Caller", "Reason", "Disposition", "Clinician said", "Note"),
    ),
    (
        "Handed to a clinician",
        _LISTED["Incoming calls"],
        ("Reason", "Handed to", "Handed at", "Accepted by", "Accepted at"),
    ),
    ("Contacts", t.CONTACTS, ("When", "Outcome", "Spoke with", "Note")),
    ("Notes", t.NOTES, ("When", "Note")),
    ("Documents", _LISTED["Documents"], ("Title", "Kind", "File name", "Received on")),
    ("Disclosures", _LISTED["Disclosures"], ("At", "Recipient", "What", "Purpose")),
)
"""Heading, the export's table, and of its columns those that fit; the headers are the export's own."""
_NEEDED = {"Handed to a clinician": "Handed to"}
"""A row without a value in this column is left out."""


def patient_tables(
    practice: Practice, patient_id: int, withheld: Collection[Record], *, with_marked: bool
) -> Iterator[Table]:
    """Every table that has a row; nothing of the records of ``withheld``.

    ``with_marked``: rows that are marked Part 2 or sensitive themselves are in it.
    """
    around = people.people_table(practice.execute, practice.today(), patient_id)
    every = [_cut("People", around, _PEOPLE)]
    for name, subject, headers in _SHOWN:
        whole = table_of(practice, subject, patient_id, withheld=withheld, with_marked=with_marked)
        every.append(_cut(name, whole, headers))
    return (table for table in every if table.rows)


def _cut(name: str, table: Table, headers: Sequence[str]) -> Table:
    """The wanted columns of a table, in words."""
    places = [list(table.headers).index(header) for header in headers]
    rows = [[_words(row[place]) for place in places] for row in table.rows]
    if name in _NEEDED:
        needed = list(headers).index(_NEEDED[name])
        rows = [row for row in rows if row[needed]]
    return Table(name, headers, rows)


def _words(cell: Cell) -> str:
    """A cell in words; line breaks would end the row of a table."""
    if isinstance(cell, datetime):
        return f"{format_birth(cell.date())}, {format_time(cell.time())}"
    if isinstance(cell, date):
        return format_birth(cell)
    return " ".join(cell_text(cell).split())
