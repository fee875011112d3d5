"""The patients list: ids in order at once, rows by window; and the jump by a few letters or digits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.domain.identifiers import last4
from carecoord_tui.domain.names import display, fold
from carecoord_tui.domain.rows import PatientListRow
from carecoord_tui.domain.search_words import match_query
from carecoord_tui.domain.vocabulary import PatientStatus, PayerClass, Risk, Sex
from carecoord_tui.store.queries.phones import read_phones
from carecoord_tui.store.queries.today import Execute

JUMP_LIMIT = 12
_OPEN_KINDS = {"referral": 0, "authorization": 1, "denial": 1, "eligibility": 1, "follow_up": 2}
_OPEN = "('active', 'on_hold')"
_MERGED = "SELECT id FROM patient WHERE status = 'discharged' AND merged_into_id IS NOT NULL"
_AFTER_ANY_LETTER = "\U0010ffff"


def _ids(execute: Execute, sql: str, parameters: Sequence[object] = ()) -> list[int]:
    """Numbers of one statement as one text: fetching 100,000 rows one by one costs ten times as much."""
    (joined,) = next(iter(execute(f"SELECT group_concat(id) FROM ({sql})", parameters)))
    return [int(one) for one in joined.split(",")] if joined else []


class NameOrder:
    """Everybody's number in name order, and who is not on the open caseload.

    Read once after a change, then narrowed at every key: a filter is a lookup in the search index and
    a sort of what it found, whatever the size of the caseload.
    """

    def __init__(self, execute: Execute) -> None:
        everybody = _ids(execute, "SELECT id FROM patient ORDER BY sort_name, id")
        merged = frozenset(_ids(execute, _MERGED))
        self._everybody = [one for one in everybody if one not in merged] if merged else everybody
        self._closed = frozenset(_ids(execute, f"SELECT id FROM patient WHERE status NOT IN {_OPEN}"))
        self.on_hold = len(_ids(execute, "SELECT id FROM patient WHERE status = 'on_hold'"))

    @cached_property
    def _open(self) -> list[int]:
        return [one for one in self._everybody if one not in self._closed]

    @cached_property
    def _place(self) -> dict[int, int]:
        return {one: place for place, one in enumerate(self._everybody)}

    def ids(self, *, everybody: bool = False) -> list[int]:
        """The open caseload in name order, or ``everybody``."""
        return self._everybody if everybody else self._open

    def matching(
        self, execute: Execute, text: str, *, order: DateOrder = DateOrder.MDY, everybody: bool = False
    ) -> list[int]:
        """Those found by what was typed, in name order.

        Matching is by prefix of names, birth date in any usual form, MRN, phone digits and member ID.
        Blank text matches all; text with nothing to search for (``--``) matches nobody.
        """
        if not text.strip():
            return self.ids(everybody=everybody)
        query = match_query(text, order=order)
        if not query:
            return []
        sql = "SELECT rowid AS id FROM patient_search WHERE patient_search MATCH ?"
        place, closed = self._place, self._closed
        found = [one for one in _ids(execute, sql, [query]) if everybody or one not in closed]
        return sorted((one for one in found if one in place), key=place.__getitem__)


def list_ids(
    execute: Execute, text: str = "", *, order: DateOrder = DateOrder.MDY, everybody: bool = False
) -> list[int]:
    """Ids in name order that match what was typed (:meth:`NameOrder.matching`), in one call."""
    return NameOrder(execute).matching(execute, text, order=order, everybody=everybody)


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


# --- the jump --------------------------------------------------------------------------------------------


def jump(
    execute: Execute, text: str, *, order: DateOrder = DateOrder.MDY, limit: int = JUMP_LIMIT
) -> list[PatientListRow]:
    """The first people that match a few letters or digits, the best first.

    An MRN or the last four digits of a phone typed in full come before numbers that only begin so, a
    family name that begins so before a given name; the open caseload before everybody else.
    """
    query = match_query(text, order=order) if text.strip() else ""
    if not query:
        return []
    found: dict[int, None] = dict.fromkeys(whole_number(execute, text, limit=limit))
    for status in (f"IN {_OPEN}", f"NOT IN {_OPEN}"):
        for read in (_by_family_name, _by_any_word):
            if len(found) < limit:
                found.update(dict.fromkeys(read(execute, text, query, status, limit)))
    return read_rows(execute, list(found)[:limit])


def whole_number(execute: Execute, text: str, *, limit: int = JUMP_LIMIT) -> list[int]:
    """People with this very MRN, or a phone that ends in these four digits (hidden phones too)."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()):
        return []
    rows = execute(
        "SELECT p.id FROM patient_search s JOIN patient p ON p.id = s.rowid WHERE patient_search MATCH ?"
        f" ORDER BY p.status NOT IN {_OPEN}, p.sort_name, p.id LIMIT ?",
        [f'"{digits}"', limit],
    )
    return [row[0] for row in rows]


def _by_family_name(execute: Execute, text: str, _query: str, status: str, limit: int) -> list[int]:
    """A stretch of the name index."""
    start = " ".join(fold(text).replace(",", " ").split())
    rows = execute(
        "SELECT id FROM patient INDEXED BY ix_patient_sort"
        f" WHERE sort_name >= ? AND sort_name < ? AND status {status} AND merged_into_id IS NULL"
        " ORDER BY sort_name, id LIMIT ?",
        [start, start + _AFTER_ANY_LETTER, limit],
    )
    return [row[0] for row in rows]


def _by_any_word(execute: Execute, _text: str, query: str, status: str, limit: int) -> list[int]:
    """Through the search index. Many matches are found early by walking in name order, few by number."""
    found = _ids(execute, "SELECT rowid AS id FROM patient_search WHERE patient_search MATCH ?", [query])
    walk = "INDEXED BY ix_patient_sort" if len(found) > limit * limit else "NOT INDEXED"
    rows = execute(
        f"SELECT id FROM patient {walk} WHERE id IN (SELECT value FROM json_each(?)) AND status {status}"
        " ORDER BY sort_name, id LIMIT ?",
        [f"[{','.join(map(str, found))}]", limit],
    )
    return [row[0] for row in rows]


def phone_endings(execute: Execute, ids: Sequence[int]) -> dict[int, str]:
    """The last four digits of each person's first number that may be shown."""
    return {owner: last4(phones[0].number) for owner, phones in read_phones(execute, ids).items()}


# --- what the form asks ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameSake:
    """Somebody already there who may be the person being added."""

    id: int
    name: str
    birth_date: date | None
    mrn: str


def possible_duplicates(
    execute: Execute, family: str, given: str, birth_date: date | None, *, limit: int = 3
) -> list[NameSake]:
    """People of the same folded name and birth date; one without a birth date matches any."""
    query = match_query(f"{family} {given}")
    if not query:
        return []
    wanted_family, wanted_given = fold(family.strip()), fold(given.strip())
    found = []
    for r in execute(
        "SELECT p.id, p.family_name, p.given_name, p.preferred_name, p.suffix, p.birth_date, p.mrn"
        " FROM patient_search s JOIN patient p ON p.id = s.rowid WHERE patient_search MATCH ?"
        " ORDER BY p.sort_name, p.id LIMIT 200",
        [query],
    ):
        born = date.fromisoformat(r[5]) if r[5] else None
        same_name = fold(r[1]) == wanted_family and wanted_given in (fold(r[2]), fold(r[3]))
        if same_name and (born is None or birth_date is None or born == birth_date):
            found.append(NameSake(r[0], display(r[1], r[2], r[4], r[3]), born, r[6] or ""))
    return found[:limit]


def mrn_owner(execute: Execute, mrn: str) -> int | None:
    """Whose MRN this is, also by a record merged into theirs; None when nobody has it."""
    for (patient_id,) in execute("SELECT coalesce(merged_into_id, id) FROM patient WHERE mrn = ?", [mrn]):
        return int(patient_id)
    return None


def payer_class(execute: Execute, name: str) -> PayerClass | None:
    """The class of a payer already known by this name; None for a new payer or an unknown class."""
    for (value,) in execute("SELECT payer_class FROM payer WHERE name = ?", [name.strip()]):
        known = PayerClass(value)
        return None if known is PayerClass.UNKNOWN else known
    return None
