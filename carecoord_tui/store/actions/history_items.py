"""Lines of a person's history, as far as a referral needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import IdentifierError, normalize_icd10cm, normalize_procedure
from carecoord_tui.domain.vocabulary import HistoryKind
from carecoord_tui.store.actions.base import Refused, as_shown, existing
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import HistoryItem, Patient

TEXT_LIMIT, NOTE_LIMIT = 240, 400
_CODES = {HistoryKind.CONDITION: normalize_icd10cm, HistoryKind.PROCEDURE: normalize_procedure}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """A line as entered. ``code`` is ICD-10-CM for a condition, CPT or HCPCS for a procedure."""

    kind: HistoryKind
    text: str
    code: str = ""
    noted_on: date | None = None
    is_active: bool = True
    is_part2: bool = False
    is_sensitive: bool = False
    note: str = ""


def read_code(kind: HistoryKind, text: str) -> str:
    """The code in its usual form; empty for none. Raises Refused for a code its kind does not have."""
    if not text.strip():
        return ""
    check = _CODES.get(kind)
    if check is None:
        raise Refused("A code belongs to a condition or a procedure: leave it empty here.")
    try:
        return check(text)
    except IdentifierError as error:
        raise Refused(str(error)) from error


def add_history_item(practice: Practice, patient_id: int, entry: HistoryEntry) -> int:
    """A new line; returns its number. Raises Refused for an empty text, a wrong code or a future date."""
    values = _values(practice, entry)
    with practice.change("history: added") as session:
        existing(session, Patient, patient_id)
        record = HistoryItem(patient_id=patient_id, kind=entry.kind, text="")
        _put(record, values)
        session.add(record)
        session.flush()
        number = record.id
    assert number is not None  # noqa: S101 - flushed above
    return number


def edit_history_item(practice: Practice, item_id: int, entry: HistoryEntry, *, version: int) -> None:
    """Change a line; ``version`` is the one the form read.

    Raises Refused as :func:`add_history_item` and when the line is gone, Conflict when another window changed
    it since.
    """
    values = _values(practice, entry)
    with practice.change("history: changed") as session:
        record = as_shown(session, HistoryItem, item_id, version)
        _put(record, values)
        session.add(record)


def remove_history_item(practice: Practice, item_id: int) -> None:
    """Take a line out; undo brings it back."""
    with practice.change("history: removed") as session:
        session.delete(existing(session, HistoryItem, item_id))


def _put(record: HistoryItem, values: dict[str, object]) -> None:
    for name, value in values.items():
        setattr(record, name, value)


def _values(practice: Practice, entry: HistoryEntry) -> dict[str, object]:
    text = clean_text(entry.text, TEXT_LIMIT)
    if not text:
        raise Refused("A line of the history needs its words, for example: heart failure.")
    if entry.noted_on is not None and entry.noted_on > practice.today():
        raise Refused(f"{format_full_day(entry.noted_on)} is ahead: history is what was.")
    return {
        "kind": entry.kind,
        "text": text,
        "code": read_code(entry.kind, entry.code),
        "noted_on": entry.noted_on,
        "is_active": entry.is_active,
        "is_part2": entry.is_part2,
        "is_sensitive": entry.is_sensitive,
        "note": clean_text(entry.note, NOTE_LIMIT),
    }
