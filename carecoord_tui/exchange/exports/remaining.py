"""The columns of a table nobody declared by hand: told from the mapped table, references made readable.

A reference becomes two columns: the number of the record in its own table of the export, and what people
call that record. What does not leave stands here with its reason, column by column and table by table.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import sqlalchemy as sa

from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.exports.kinds import As, Column
from carecoord_tui.exchange.referral_columns import RECORD_HEADER
from carecoord_tui.store.tables import metadata
from carecoord_tui.store.tables.base import UtcDateTime, Word

BOOKKEEPING = "version"
"""Counts changes for a second window; every record has it and nobody entered it."""

LEFT_OUT_TABLES: Mapping[str, str] = {
    "audit_event": "the signed history proves itself only inside the encrypted file; a backup takes it along",
    "ledger": "worked out anew from the records that leave",
    "ledger_state": "says what the ledger was worked out from",
    "document_content": "the files themselves: each is saved from the patient's page; their data leave",
    "import_record": "what imports remember of cells that leave with their records",
}
LEFT_OUT_COLUMNS: Mapping[tuple[str, str], str] = {
    ("patient", "safe_contact_reason"): "sealed: shown on request alone, printed and exported never",
    ("patient", "sort_name"): "worked out from the name",
    ("patient", "search_text"): "worked out from what leaves",
    ("patient", "merged_into_id"): "people who were merged stand in a table of their own",
    ("referral", "touched_on"): "worked out from steps, contacts and moves that leave",
}

_CAPTIONS: Mapping[str, str] = {
    "appointment": "z.title",
    "authorization": "z.service || CASE WHEN z.number > '' THEN ', ' || z.number ELSE '' END",
    "contact": "",
    "coverage": "(SELECT w.name FROM payer w WHERE w.id = z.payer_id) || ' ' || z.member_id",
    "denial": "z.service || ', notice of ' || z.notice_on",
    "eligibility_check": "'as of ' || z.as_of",
    "follow_up": "z.title",
    "payer": "z.name",
    "payment_plan": "z.title",
    "provider": "z.name",
    "referral": "z.specialty || ', ordered ' || z.ordered_on",
    "transition": "z.facility || ', ' || z.discharged_on",
}
"""What a record is called where another one names it."""
_WRITTEN_OUT = {"check_id": "eligibility_check", "plan_id": "payment_plan"}
_NUMBER_ALONE = frozenset({"redirected_from_id", "renewed_by_id"})
"""References to another record of the same kind: that one may be withheld where this one is not."""
_BOUND = frozenset(
    {
        ("related_person", "phone"),
        ("related_person", "email"),
        ("incoming_call", "callback_number"),
        ("incoming_call", "location"),
    }
)
"""What a confidential channel keeps back (``domain.release``): nothing but permitted numbers."""
_PHONES = frozenset(
    {"phone", "fax", "referral_phone", "authorization_phone", "appeal_fax", "callback_number"}
)
_HEADERS = {
    "npi": "NPI",
    "requesting_npi": "Requesting NPI",
    "rendering_npi": "Rendering NPI",
    "record_id": "Item",
    "is_part2": "Part 2",
    "has_part2": "Holds Part 2",
}
_KINDS: tuple[tuple[type[sa.types.TypeEngine[object]], As], ...] = (
    (UtcDateTime, As.TIME),
    (sa.Date, As.DAY),
    (sa.Time, As.CLOCK),
    (sa.Boolean, As.YES_NO),
)


def remaining_columns(
    name: str, alias: str, named: Collection[str], taken: Collection[str]
) -> Iterator[Column]:
    """Every column of a table that leaves and is not ``named`` yet, the number of the record last.

    ``alias`` is the table's in the statement; ``taken`` are the headers that are there already.
    """
    for column in metadata.tables[name].columns:
        is_left_out = column.name == BOOKKEEPING or (name, column.name) in LEFT_OUT_COLUMNS
        if not (is_left_out or column.name in named or column.name in ("id", "patient_id")):
            yield from _columns(column, alias, taken)
    yield RECORD_HEADER, f"{alias}.id", As.TEXT


def header_of(name: str) -> str:
    """``interpreter_confirmed_on`` -> ``Interpreter confirmed on``."""
    words = name.removeprefix("is_").removesuffix("_id").replace("_", " ")
    return _HEADERS.get(name, words.capitalize())


def _columns(column: sa.Column[object], alias: str, taken: Collection[str]) -> Iterator[Column]:
    header, expression = header_of(column.name), f"{alias}.{column.name}"
    target = _target(column)
    if target:
        yield f"{header} record", expression, As.TEXT
        caption = _CAPTIONS[target]
        if caption and header not in taken and column.name not in _NUMBER_ALONE:
            # Every part of it is a constant of this module.
            yield header, f"(SELECT {caption} FROM {target} z WHERE z.id = {expression})", As.TEXT  # noqa: S608
        return
    if (column.table.name, column.name) in _BOUND:
        expression = f"CASE WHEN p.confidential_channel THEN '' ELSE {expression} END"
    is_number = column.name.endswith("_id") and isinstance(column.type, sa.Integer)
    yield f"{header} record" if is_number else header, expression, _kind(column)


def _target(column: sa.Column[object]) -> str:
    """The table a column names a record of, also where the database does not hold it to that."""
    for key in column.foreign_keys:
        table = key.column.table.name
        return table if table in _CAPTIONS else ""
    name = _WRITTEN_OUT.get(column.name, column.name.removesuffix("_id"))
    return name if column.name.endswith("_id") and name in _CAPTIONS else ""


def _kind(column: sa.Column[object]) -> As | type[Worded]:
    if isinstance(column.type, Word):
        assert issubclass(column.type.words, Worded)  # noqa: S101 - every vocabulary is
        return column.type.words
    if column.name in _PHONES or (column.table.name, column.name) == ("patient_phone", "number"):
        return As.PHONE
    return next((kind for known, kind in _KINDS if isinstance(column.type, known)), As.TEXT)
