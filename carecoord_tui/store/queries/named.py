"""Patients as a typed line names them; light enough to be asked at every key."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.names import display
from carecoord_tui.domain.patient_words import PatientRef
from carecoord_tui.domain.search_words import match_query
from carecoord_tui.domain.vocabulary import PatientStatus
from carecoord_tui.store.queries.today import Execute

NAMED_LIMIT = 500  # far more people than one word of a line can sensibly mean; a cut would hide a namesake
_COLUMNS = "p.id, p.family_name, p.given_name, p.suffix, p.preferred_name, p.birth_date, p.mrn, p.status"


def find_named(
    execute: Execute, text: str, *, order: DateOrder = DateOrder.MDY, limit: int = NAMED_LIMIT
) -> list[PatientRef]:
    """People whom words of a typed line may name, for ``domain.quick_add``.

    The open caseload; discharged and deceased people only where nobody of it matches.
    """
    query = match_query(text, order=order) if text.strip() else ""
    if not query:
        return []
    rows = list(
        execute(
            f"SELECT {_COLUMNS}, p.status IN ('active', 'on_hold') FROM patient_search s"
            " JOIN patient p ON p.id = s.rowid WHERE patient_search MATCH ?"
            " ORDER BY 9 DESC, p.sort_name, p.id LIMIT ?",
            [query, limit],
        )
    )
    is_open = any(row[8] for row in rows)
    return [_ref(row) for row in rows if row[8] or not is_open]


def read_named(execute: Execute, patient_id: int) -> tuple[PatientRef, PatientStatus] | None:
    """One patient and where they stand in the caseload; None when there is none."""
    for row in execute(f"SELECT {_COLUMNS} FROM patient p WHERE p.id = ?", [patient_id]):
        return _ref(row), PatientStatus(row[7])
    return None


def _ref(row: Sequence[Any]) -> PatientRef:
    birth = date.fromisoformat(row[5]) if row[5] else None
    return PatientRef(row[0], display(row[1], row[2], row[3], row[4]), birth, row[6] or "")
