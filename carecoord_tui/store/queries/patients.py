"""The patients list: ids in order at once, rows by window; and the jump by a few letters or digits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.names import display
from carecoord_tui.domain.rows import PatientListRow
from carecoord_tui.domain.search_words import match_query
from carecoord_tui.domain.vocabulary import PatientStatus, Risk, Sex
from carecoord_tui.store.queries.today import Execute

JUMP_LIMIT = 12
_OPEN_KINDS = {"referral": 0, "authorization": 1, "denial": 1, "eligibility": 1, "follow_up": 2}


def list_ids(
    execute: Execute, text: str = "", *, order: DateOrder = DateOrder.MDY, everybody: bool = False
) -> list[int]:
    """Ids in name order that match what was typed; the open caseload unless ``everybody``.

    Matching is by prefix of names, birth date in any usual form, MRN, phone digits and member ID;
    text that has nothing to search for matches everybody.
    """
    status = "" if everybody else " AND p.status IN ('active', 'on_hold')"
    query = match_query(text, order=order) if text.strip() else ""
    if text.strip() and not query:
        return []
    if query:
        sql = (
            "SELECT p.id FROM patient p"
            " WHERE p.id IN (SELECT rowid FROM patient_search WHERE patient_search MATCH ?)"
            f"{status} ORDER BY p.sort_name, p.id"
        )
        return [row[0] for row in execute(sql, [query])]
    sql = f"SELECT p.id FROM patient p WHERE 1{status} ORDER BY p.sort_name, p.id"
    return [row[0] for row in execute(sql, [])]


def read_rows(execute: Execute, ids: Sequence[int]) -> list[PatientListRow]:
    """The lines of these ids, in their order; ids that are gone are left out. A screenful at a time."""
    if not ids:
        return []
    marks = ",".join("?" * len(ids))
    counts: dict[int, list[int]] = {}
    upcoming: dict[int, tuple[str, str]] = {}
    for patient_id, kind, title, target_on in execute(
        f"SELECT patient_id, kind, title, target_on FROM ledger WHERE patient_id IN ({marks})"
        " ORDER BY target_on, id",
        list(ids),
    ):
        upcoming.setdefault(patient_id, (title, target_on))
        place = _OPEN_KINDS.get(kind)
        if place is not None:
            counts.setdefault(patient_id, [0, 0, 0])[place] += 1
    plans: dict[int, str] = {}
    for patient_id, payer in execute(
        "SELECT c.patient_id, p.name FROM coverage c JOIN payer p ON p.id = c.payer_id"
        f" WHERE c.patient_id IN ({marks}) AND c.status <> 'cancelled' ORDER BY c.rank, c.id",
        list(ids),
    ):
        plans.setdefault(patient_id, payer)
    rows = {row.id: row for row in _rows(execute, ids, marks, counts, upcoming, plans)}
    return [rows[one] for one in ids if one in rows]


def _rows(
    execute: Execute,
    ids: Sequence[int],
    marks: str,
    counts: dict[int, list[int]],
    upcoming: dict[int, tuple[str, str]],
    plans: dict[int, str],
) -> Iterable[PatientListRow]:
    for r in execute(
        "SELECT id, family_name, given_name, suffix, preferred_name, mrn, birth_date, sex, risk, status,"
        " last_contact_at, confidential_channel, interpreter_needed"
        f" FROM patient WHERE id IN ({marks})",
        list(ids),
    ):
        title, target = upcoming.get(r[0], ("", None))
        open_counts = counts.get(r[0], (0, 0, 0))
        yield PatientListRow(
            id=r[0],
            name=display(r[1], r[2], r[3], r[4]),
            mrn=r[5] or "",
            birth_date=date.fromisoformat(r[6]) if r[6] else None,
            sex=Sex(r[7]),
            risk=Risk(r[8]),
            status=PatientStatus(r[9]),
            next_title=title,
            next_on=date.fromisoformat(target) if target else None,
            last_contact_at=datetime.fromisoformat(r[10]) if r[10] else None,
            open_referrals=open_counts[0],
            open_insurance=open_counts[1],
            open_follow_ups=open_counts[2],
            coverage=plans.get(r[0], ""),
            is_confidential=bool(r[11]),
            interpreter_needed=bool(r[12]),
        )


def jump(
    execute: Execute, text: str, *, order: DateOrder = DateOrder.MDY, limit: int = JUMP_LIMIT
) -> list[PatientListRow]:
    """The first people that match a few letters or digits, open caseload first, then the others."""
    query = match_query(text, order=order) if text.strip() else ""
    if not query:
        return []
    found = execute(
        "SELECT p.id FROM patient_search s JOIN patient p ON p.id = s.rowid WHERE patient_search MATCH ?"
        " ORDER BY p.status NOT IN ('active', 'on_hold'), p.sort_name, p.id LIMIT ?",
        [query, limit],
    )
    return read_rows(execute, [row[0] for row in found])
