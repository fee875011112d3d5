"""Records that are neither described on paper nor released unless somebody says so.

Substance-use records (42 CFR Part 2) and sensitive ones are marked where they are kept: on a document, or on
a line of the history. A referral is held back when such a document belongs to it; a referral or an
authorization when a diagnosis on it tells what such a line tells. Whatever is about the same care is held
back with it: requests, their authorizations and visits, and what came of those.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from carecoord_tui.domain.day_papers import Record
from carecoord_tui.domain.packet import category
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.store.queries.today import Execute

_MARKED = "(is_part2 OR is_sensitive)"
_AMONG = "IN (SELECT value FROM json_each(?))"
_REFERRAL, _VISIT, _ASKED = Kind.REFERRAL, Kind.APPOINTMENT, Kind.AUTHORIZATION
_SAME_CARE: tuple[tuple[Kind, Kind, str], ...] = (
    (_REFERRAL, _REFERRAL, "id, redirected_from_id FROM referral"),
    (_REFERRAL, _VISIT, "referral_id, id FROM appointment"),
    (_REFERRAL, _ASKED, "referral_id, id FROM authorization"),
    (_VISIT, _ASKED, "appointment_id, id FROM authorization"),
    (_VISIT, _ASKED, "appointment_id, authorization_id FROM authorization_use"),
    (_ASKED, _ASKED, "id, renewed_by_id FROM authorization"),
)
"""Two records that are about the same care: each names the other on paper, so neither is described alone."""


def withheld_records(execute: Execute, patient_id: int | None = None) -> frozenset[Record]:
    """The referrals, authorizations and visits held back, and what follows from them.

    That is their denials with the assistance sought instead, and their good-faith estimates; appeals and
    estimates have no line of their own and go with the denial and the visit. Everybody's records, or one
    person's. A visit stands twice: as itself, and as the eligibility to be checked.
    """
    telling = _with_documents(execute, patient_id)
    for kind in (Kind.REFERRAL, Kind.AUTHORIZATION):
        telling |= _with_telling_codes(execute, kind, patient_id)
    if not telling:
        return frozenset()
    same = _same_care(execute, telling)
    visits, asked = _numbers(same, _VISIT), _numbers(same, _ASKED)
    denials = _of(execute, "denial", "authorization_id", asked) | _of(
        execute, "authorization_item", "authorization_id", asked, wanted="denial_id"
    )
    followed = {
        Kind.ELIGIBILITY: visits,
        Kind.GOOD_FAITH: _of(execute, "good_faith", "appointment_id", visits),
        Kind.DENIAL: denials,
        Kind.ASSISTANCE: _of(execute, "assistance", "denial_id", denials),
    }
    return same | {(kind, number) for kind, numbers in followed.items() for number in numbers}


def withheld_next(execute: Execute, withheld: Collection[Record]) -> dict[int, Record]:
    """By patient the withheld item that stands next for them, as the list of patients words it."""
    keys = json.dumps([f"{kind.value}:{number}" for kind, number in withheld])
    first: dict[int, Record] = {}
    for patient_id, kind, number in execute(
        "SELECT patient_id, kind, record_id FROM ledger WHERE patient_id IN"
        f" (SELECT patient_id FROM ledger WHERE kind || ':' || record_id {_AMONG}) ORDER BY target_on, id",
        [keys],
    ):
        first.setdefault(patient_id, (Kind(kind), number))
    return {patient_id: record for patient_id, record in first.items() if record in withheld}


def count_records(records: Collection[Record]) -> int:
    """How many records these are: a visit counts once."""
    return sum(kind is not Kind.ELIGIBILITY for kind, _ in records)


def count_marked(execute: Execute, patient_id: int | None = None) -> int:
    """How many records an export of everything, or of one person, holds back.

    The marked ones, and what belongs to them.
    """
    own_one = "patient_id = coalesce(?1, patient_id)"
    counted = execute(
        f"SELECT (SELECT count(*) FROM document WHERE {_MARKED} AND {own_one})"
        f" + (SELECT count(*) FROM history_item WHERE {_MARKED} AND {own_one})"
        f" + (SELECT count(*) FROM disclosure WHERE has_part2 AND {own_one})",
        [patient_id],
    )
    (own,) = next(iter(counted))
    return count_records(withheld_records(execute, patient_id)) + int(own)


def _with_documents(execute: Execute, patient_id: int | None) -> set[Record]:
    rows = execute(
        "SELECT r.id FROM document d JOIN referral r ON r.id = d.referral_id"
        f" WHERE {_MARKED} AND r.patient_id = coalesce(?, r.patient_id)",
        [patient_id],
    )
    return {(Kind.REFERRAL, row[0]) for row in rows}


def _with_telling_codes(execute: Execute, kind: Kind, patient_id: int | None) -> set[Record]:
    """As the packet holds back a code: the same three-character category of ICD-10-CM."""
    rows = execute(
        f"SELECT r.id, r.diagnoses, h.code FROM history_item h JOIN {kind} r ON r.patient_id = h.patient_id"
        f" WHERE {_MARKED} AND h.code > '' AND r.diagnoses > '' AND r.patient_id = coalesce(?, r.patient_id)",
        [patient_id],
    )
    return {
        (kind, number)
        for number, codes, marked in rows
        if category(marked) in {category(code) for code in codes.split(",")}
    }


def _same_care(execute: Execute, telling: Collection[Record]) -> frozenset[Record]:
    """These, and all that is about the same care, however many references lie between."""
    beside = _beside(execute, telling)
    found, ahead = set(telling), list(telling)
    while ahead:
        new = beside.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return frozenset(found)


def _beside(execute: Execute, telling: Collection[Record]) -> Mapping[Record, set[Record]]:
    """Every two records about the same care of the people these are of."""
    people = _of(execute, "referral", "id", _numbers(telling, _REFERRAL), wanted="patient_id")
    people |= _of(execute, "authorization", "id", _numbers(telling, _ASKED), wanted="patient_id")
    beside: defaultdict[Record, set[Record]] = defaultdict(set)
    for first, second, columns in _SAME_CARE:
        for one, other in execute(f"SELECT {columns} WHERE patient_id {_AMONG}", [json.dumps(list(people))]):
            if one is not None and other is not None:
                beside[first, one].add((second, other))
                beside[second, other].add((first, one))
    return beside


def _numbers(records: Iterable[Record], kind: Kind) -> set[int]:
    return {number for one, number in records if one is kind}


def _of(execute: Execute, table: str, column: str, numbers: Iterable[int], *, wanted: str = "id") -> set[int]:
    rows = execute(f"SELECT {wanted} FROM {table} WHERE {column} {_AMONG}", [json.dumps(sorted(numbers))])
    return {row[0] for row in rows if row[0] is not None}
