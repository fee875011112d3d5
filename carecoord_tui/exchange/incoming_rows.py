"""From checked rows of a file to people for the store: what identifies them, what fits where.

A person is known from import to import by MRN, else by folded name, birth date and an occurrence number
(two people of one name and birth date stay two, in the order of the file).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.folding import clean_text, fold
from carecoord_tui.exchange.patient_columns import label
from carecoord_tui.exchange.patient_row import PatientRow
from carecoord_tui.store.import_merge import Difference, is_same_person
from carecoord_tui.store.incoming import (
    MRN_LENGTH,
    STEP_NOTE_LENGTH,
    TITLE_LENGTH,
    VALUE_FIELDS,
    Incoming,
    IncomingCoverage,
    IncomingStep,
    length_of,
)
from carecoord_tui.store.tables import Coverage, Patient, Payer

_IDENTIFIERS = {
    "mrn": MRN_LENGTH,
    **{name: length_of(Coverage, name) for name in ("member_id", "group_number")},
}
_NO_TEXTS = frozenset(
    (
        *("birth_date", "sex", "mrn", "status", "deceased_on", "risk", "hold_until"),
        *("interpreter_needed", "interpreter_mode", "confidential_channel", "detailed_voicemail"),
        *("call_from", "call_until"),
    )
)
_TEXTS = {
    **{name: length_of(Patient, name) for name in VALUE_FIELDS if name not in _NO_TEXTS},
    "payer_name": length_of(Payer, "name"),
    "plan_name": length_of(Coverage, "plan_name"),
}
_LIMITS = {**_IDENTIFIERS, **_TEXTS}
_LIMITED, _LONGEST_SAFE = attrgetter(*_LIMITS), min(_LIMITS.values())
_VALUES = attrgetter(*VALUE_FIELDS)
_NOT_COMPARED = ("line", "warnings", "name_certain", "mrn", "record")  # the MRN agrees but for its case


@dataclass(frozen=True, slots=True)
class Repeat:
    """A second row of one person: the same MRN, and name or birth date agree."""

    row: PatientRow
    first_line: int
    differences: tuple[Difference, ...]
    """What the first row says otherwise or not at all; empty when the rows agree."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A row whose MRN stands in an earlier row of somebody else."""

    line: int
    first_line: int


@dataclass(slots=True)
class People:
    """The people of a file, each once, with the key they are known by."""

    rows: list[PatientRow] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    repeats: list[Repeat] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    ignored_records: list[int] = field(default_factory=list)
    """Lines whose record number is of nobody they can be about."""


def gather(rows: Iterable[PatientRow]) -> People:
    """Give everybody a key and set rows apart whose MRN came before."""
    people = People()
    by_mrn: dict[str, PatientRow] = {}
    seen: Counter[str] = Counter()
    for row in rows:
        if not row.mrn:
            name = _name_key(row)
            seen[name] += 1
            people.keys.append(f"{name}|{seen[name]}")
            people.rows.append(row)
            continue
        mrn = row.mrn.casefold()
        first = by_mrn.setdefault(mrn, row)
        if first is row:
            people.keys.append(f"mrn:{mrn}")
            people.rows.append(row)
        elif is_same_person(_person(first), _person(row)):
            people.repeats.append(Repeat(row, first.line, _differences(first, row)))
        else:
            people.clashes.append(Clash(row.line, first.line))
    return people


def _name_key(row: PatientRow) -> str:
    born = row.birth_date.isoformat() if row.birth_date else ""
    return f"name:{fold(row.family_name)}|{fold(row.given_name)}|{born}"


def _person(row: PatientRow) -> dict[str, object]:
    return {"family_name": row.family_name, "given_name": row.given_name, "birth_date": row.birth_date}


def _differences(first: PatientRow, second: PatientRow) -> tuple[Difference, ...]:
    """Everything the second row gives that the first has not: else it would be lost without a word."""
    found = []
    for name in (one.name for one in fields(PatientRow) if one.name not in _NOT_COMPARED):
        ours, theirs = getattr(first, name), getattr(second, name)
        if theirs not in (None, "", (), False) and theirs != ours:
            found.append(Difference(name, _shown(theirs), _shown(ours)))
    return tuple(found)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(number for _, number in value) or "nothing"
    return str(value) if value not in (None, "") else "nothing"


# --- fitting ---------------------------------------------------------------------------------------------


def fitted(row: PatientRow) -> PatientRow:
    """The row with every text as long as its column allows; the whole of a longer one is in the notes.

    A longer identifier is left out rather than cut: two that begin alike would become one.
    """
    if max(map(len, _LIMITED(row))) <= _LONGEST_SAFE:
        return row
    changed: dict[str, Any] = {}
    kept = []
    for name, limit in _LIMITS.items():
        text = getattr(row, name)
        if len(text) > limit:
            kept.append(f"{label(name).capitalize()} as typed: {text}")
            changed[name] = "" if name in _IDENTIFIERS else clean_text(text, limit)
    if not changed:
        return row
    return replace(row, **changed, notes="\n".join(filter(None, (row.notes, *kept))))


def incoming(row: PatientRow, key: str, *, zone: ZoneInfo, has_death_column: bool) -> Incoming:
    """The person as the store takes it; ``zone`` is the practice's."""
    given = zip(VALUE_FIELDS, _VALUES(row), strict=True)
    values = {name: value for name, value in given if value is not None and value != ""}
    return Incoming(
        line=row.line,
        key=key,
        values=values,
        phones=tuple(row.phones),
        coverage=_coverage(row),
        step=None if row.deceased else _step(row, zone),
        last_contact_on=row.last_contact_on,
        notes=_notes(row),
        says_living=has_death_column and not row.deceased,
    )


def _coverage(row: PatientRow) -> IncomingCoverage | None:
    """A plan without a payer is filed under its own name; a number without either stays a note."""
    payer = row.payer_name or row.plan_name
    if not payer:
        return None
    return IncomingCoverage(payer, row.plan_name if row.payer_name else "", row.member_id, row.group_number)


def _step(row: PatientRow, zone: ZoneInfo) -> IncomingStep | None:
    if not row.next_step and row.due_on is None:
        return None
    title = clean_text(row.next_step, TITLE_LENGTH)
    return IncomingStep(
        title=title,
        due_on=row.due_on,
        due_at=datetime.combine(row.due_on, row.due_at, tzinfo=zone) if row.due_on and row.due_at else None,
        note="" if title == row.next_step else clean_text(row.next_step, STEP_NOTE_LENGTH),
    )


def _notes(row: PatientRow) -> str:
    """The notes, and what has no place of its own: nothing of the file is lost without a word."""
    lines = [row.notes]
    if row.deceased and (row.next_step or row.due_on):
        due = f"due {format_birth(row.due_on)}" if row.due_on else ""
        lines.append(f"Next step in the spreadsheet: {', '.join(filter(None, (row.next_step, due)))}")
    if not (row.payer_name or row.plan_name):
        lines += [
            f"{words} in the spreadsheet, without a payer: {text}"
            for words, text in (("Member ID", row.member_id), ("Group number", row.group_number))
            if text
        ]
    return "\n".join(filter(None, lines))
