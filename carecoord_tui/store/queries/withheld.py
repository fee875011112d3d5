"""Records that are neither described on paper nor released unless somebody says so.

Substance-use records (42 CFR Part 2) and sensitive ones are marked where they are kept: on a document, or on
a line of the history. A referral is held back when such a document belongs to it, or when a diagnosis on it
tells what such a line tells; what was done about the referral is held back with it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from carecoord_tui.domain.day_papers import Record
from carecoord_tui.domain.packet import category
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.store.queries.today import Execute

_MARKED = "(is_part2 OR is_sensitive)"
_AMONG = "IN (SELECT value FROM json_each(?))"


def withheld_records(execute: Execute, patient_id: int | None = None) -> frozenset[Record]:
    """The referrals, and the authorizations, visits, denials and assistance that follow from them.

    Everybody's, or one person's. A visit stands twice: as itself, and as the eligibility to be checked.
    """
    referrals = _with_documents(execute, patient_id) | _with_telling_codes(execute, patient_id)
    if not referrals:
        return frozenset()
    authorizations = _of(execute, "authorization", "referral_id", referrals)
    visits = _of(execute, "appointment", "referral_id", referrals)
    denials = _of(execute, "denial", "authorization_id", authorizations)
    found = {
        Kind.REFERRAL: referrals,
        Kind.AUTHORIZATION: authorizations,
        Kind.APPOINTMENT: visits,
        Kind.ELIGIBILITY: visits,
        Kind.DENIAL: denials,
        Kind.ASSISTANCE: _of(execute, "assistance", "denial_id", denials),
    }
    return frozenset((kind, number) for kind, numbers in found.items() for number in numbers)


def count_records(records: Collection[Record]) -> int:
    """How many records these are: a visit counts once."""
    return sum(kind is not Kind.ELIGIBILITY for kind, _ in records)


def count_marked(execute: Execute) -> int:
    """How many records an export of everything holds back: the marked ones, and what belongs to them."""
    counted = execute(
        f"SELECT (SELECT count(*) FROM document WHERE {_MARKED})"
        f" + (SELECT count(*) FROM history_item WHERE {_MARKED})"
        " + (SELECT count(*) FROM disclosure WHERE has_part2)",
        [],
    )
    (own,) = next(iter(counted))
    return count_records(withheld_records(execute)) + int(own)


def _with_documents(execute: Execute, patient_id: int | None) -> set[int]:
    rows = execute(
        "SELECT r.id FROM document d JOIN referral r ON r.id = d.referral_id"
        f" WHERE {_MARKED} AND r.patient_id = coalesce(?, r.patient_id)",
        [patient_id],
    )
    return {row[0] for row in rows}


def _with_telling_codes(execute: Execute, patient_id: int | None) -> set[int]:
    """As the packet holds back a code: the same three-character category of ICD-10-CM."""
    rows = execute(
        "SELECT r.id, r.diagnoses, h.code FROM history_item h JOIN referral r ON r.patient_id = h.patient_id"
        f" WHERE {_MARKED} AND h.code > '' AND r.diagnoses > '' AND r.patient_id = coalesce(?, r.patient_id)",
        [patient_id],
    )
    return {
        number
        for number, codes, marked in rows
        if category(marked) in {category(code) for code in codes.split(",")}
    }


def _of(execute: Execute, table: str, column: str, numbers: Iterable[int]) -> set[int]:
    rows = execute(f"SELECT id FROM {table} WHERE {column} {_AMONG}", [json.dumps(sorted(numbers))])
    return {row[0] for row in rows}
