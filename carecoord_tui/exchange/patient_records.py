"""Finding people by the number of their record, which only our own exports carry.

A number means nothing in another practice, so it counts only where the record on file agrees with the row:
the same name, no other birth date, no other MRN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from carecoord_tui.exchange.incoming_rows import People
from carecoord_tui.exchange.patient_match import name_key
from carecoord_tui.exchange.patient_row import PatientRow
from carecoord_tui.exchange.referral_columns import RECORD_HEADER
from carecoord_tui.store import facts
from carecoord_tui.store.core_tables import PATIENT
from carecoord_tui.store.reimporting import Known

_LISTED = 5
_LARGEST = 2**63 - 1  # what SQLite counts to


@dataclass(frozen=True, slots=True)
class _OnFile:
    """A record, under the number of the one that stays where it was merged."""

    id: int
    family_name: str
    given_name: str
    birth_date: date | None
    mrn: str


def find_by_record(
    connection: sa.Connection, people: People, known: Known, sure: Sequence[int | None]
) -> list[int | None]:
    """Whom each row is about, by its record number before ``sure``, which the key and the MRN told.

    ``people`` then says whose number is ignored, and has a key of its own for a person found so where the key
    of the row is another person's.
    """
    numbers = {number for row in people.rows if (number := _number(row)) is not None}
    on_file = _read(connection, numbers)
    found: list[int | None] = list(sure)
    ignored = []
    for place, row in enumerate(people.rows):
        if not row.record:
            continue
        stored = on_file.get(_number(row) or 0)
        if stored is not None and stored.id == sure[place]:
            continue
        by_mrn = known.find("", row.mrn)
        if stored is None or not _agrees(row, stored) or by_mrn not in (None, stored.id):
            ignored.append(row.line)
            continue
        found[place] = stored.id
        if known.find(people.keys[place], "") is not None:
            people.keys[place] = f"record:{stored.id}"
    people.ignored_records = ignored
    return found


def record_notes(people: People) -> tuple[str, ...]:
    """The remark on rows whose record number is of nobody they can be about."""
    lines = people.ignored_records
    if not lines:
        return ()
    named = ", ".join(f"{line:,}" for line in lines[:_LISTED])
    more = f" and {len(lines) - _LISTED:,} more" if len(lines) > _LISTED else ""
    word = "line" if len(lines) == 1 else "lines"
    return (
        f"“{RECORD_HEADER}” on {word} {named}{more} is no record of this person here: it was ignored; "
        "MRN, name and birth date decide.",
    )


def _number(row: PatientRow) -> int | None:
    text = row.record
    return int(text) if text.isascii() and text.isdecimal() and int(text) <= _LARGEST else None


def _agrees(row: PatientRow, stored: _OnFile) -> bool:
    is_named = name_key(row.family_name, row.given_name) == name_key(stored.family_name, stored.given_name)
    is_born = None in (row.birth_date, stored.birth_date) or row.birth_date == stored.birth_date
    has_number = not (row.mrn and stored.mrn) or row.mrn.casefold() == stored.mrn.casefold()
    return is_named and is_born and has_number


def _read(connection: sa.Connection, numbers: set[int]) -> dict[int, _OnFile]:
    c = PATIENT.c
    stays = sa.func.coalesce(c.merged_into_id, c.id)
    found = {}
    for ids in facts.chunks(sorted(numbers)):
        statement = sa.select(c.id, stays, c.family_name, c.given_name, c.birth_date, c.mrn)
        for number, remains, family, given, born, mrn in connection.execute(statement.where(c.id.in_(ids))):
            found[number] = _OnFile(remains, family, given, born, mrn or "")
    return found
