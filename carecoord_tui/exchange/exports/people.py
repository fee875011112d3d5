"""The people around the patients: whether each may be told something as of the day, and how to reach them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.people import Authority, authority
from carecoord_tui.exchange.exports.writing import Table
from carecoord_tui.exchange.referral_columns import RECORD_HEADER
from carecoord_tui.exchange.tabular import Cell
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day

NAME = "People"
HEADERS = (
    "Last name", "First name", "Date of birth", "MRN", "Name", "Relationship", "Phone", "Email",
    "Authorized person", "Authority", "May be told", "Until", "Parent or guardian", "Emergency contact",
    "Language", "Note", "Birth date", RECORD_HEADER,
)  # fmt: skip
_SQL = (
    "SELECT p.family_name, p.given_name, p.birth_date, p.mrn, p.confidential_channel, p.minor_consent <> '',"
    " r.name, r.relationship, r.phone, r.email, r.is_authorized, r.is_guardian, r.scope, r.scope_until,"
    " r.is_emergency_contact, r.language, r.note, r.birth_date, r.id"
    " FROM related_person r JOIN patient p ON p.id = r.patient_id WHERE p.merged_into_id IS NULL"
    " AND p.id = coalesce(?, p.id)"
    " ORDER BY p.sort_name, p.id, r.id"
)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What ``domain.people`` judges by."""

    is_authorized: bool
    is_guardian: bool
    scope: str
    scope_until: date | None


def people_table(execute: Execute, today: date, patient_id: int | None = None) -> Table:
    """Everybody around the patients, or one of them; "Authorized person" says if it is in force ``today``.

    Under a confidential channel neither a number nor an email of theirs leaves (``domain.release``).
    """
    rows = [_cells(row, today) for row in execute(_SQL, [patient_id])]
    return Table(NAME, HEADERS, rows, is_read_back=False)


def _cells(row: Sequence[Any], today: date) -> list[Cell]:
    (family, given, born, mrn, is_confidential, minor_consented, name, relationship, phone, email,
     is_authorized, is_guardian, scope, until, is_emergency, language, note, own_birth,
     number) = row  # fmt: skip
    birth = read_day(born)
    judged = _Scope(bool(is_authorized), bool(is_guardian), scope, read_day(until))
    found = authority(judged, today, birth, minor_consented=bool(minor_consented))
    return [
        family,
        given,
        birth or "",
        mrn or "",
        name,
        relationship,
        "" if is_confidential else format_phone(phone),
        "" if is_confidential else email,
        _yes_no(found.in_force),
        _standing(judged, found),
        scope,
        judged.scope_until or "",
        _yes_no(is_guardian),
        _yes_no(is_emergency),
        language,
        note,
        read_day(own_birth) or "",
        str(number),
    ]


def _yes_no(value: object) -> str:
    return "yes" if value else "no"


def _standing(judged: _Scope, found: Authority) -> str:
    """``in force``, ``expired Fri 20 Nov``, ``lapsed …``; empty where there never was any."""
    if not judged.is_authorized:
        return ""
    return "in force" if found.in_force else found.words
