"""Two people side by side, and what would move from one to the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from carecoord_tui.domain.date_words import format_birth, format_full_day
from carecoord_tui.domain.merging import FIELDS, MergeField, MergeLine, MergePreview, says
from carecoord_tui.domain.names import display
from carecoord_tui.domain.vocabulary import InterpreterMode, PatientStatus
from carecoord_tui.store.merged import OWNED
from carecoord_tui.store.queries.today import Execute

_QUIET = ("import_record",)
_COLUMNS = tuple(dict.fromkeys(column for field in FIELDS for column in field.columns))


def read_merge(execute: Execute, our_id: int, their_id: int) -> MergePreview | None:
    """What merging ``their_id`` into ``our_id`` would do; None when one of them is gone or merged already."""
    ours, theirs = _values(execute, our_id), _values(execute, their_id)
    if ours is None or theirs is None or our_id == their_id:
        return None
    counts = {name: _count(execute, name, their_id) for name in OWNED if name not in _QUIET}
    return MergePreview(
        our_id=our_id,
        their_id=their_id,
        our_name=_name(ours),
        their_name=_name(theirs),
        versions=(ours["version"], theirs["version"]),
        lines=tuple(MergeLine(field, _words(field, ours), _words(field, theirs)) for field in FIELDS),
        moves=tuple((name.replace("_", " "), count) for name, count in counts.items() if count),
        makes_confidential=bool(theirs["confidential_channel"]) and not ours["confidential_channel"],
        is_bound=any(one["confidential_channel"] or one["safe_contact"] for one in (ours, theirs)),
    )


def _values(execute: Execute, patient_id: int) -> dict[str, Any] | None:
    columns = (*_COLUMNS, "version", "confidential_channel", "safe_contact")
    sql = f"SELECT {', '.join(columns)} FROM patient WHERE id = ? AND merged_into_id IS NULL"
    for row in execute(sql, [patient_id]):
        return dict(zip(columns, row, strict=True))
    return None


def _count(execute: Execute, table: str, patient_id: int) -> int:
    ((count,),) = execute(f"SELECT count(*) FROM {table} WHERE patient_id = ?", [patient_id])
    return int(count)


def _name(values: Mapping[str, Any]) -> str:
    return display(values["family_name"], values["given_name"], values["suffix"], values["preferred_name"])


def _words(field: MergeField, values: Mapping[str, Any]) -> str:
    """A field in one line; empty when the record does not say."""
    value = values[field.name]
    if field.name == "birth_date":
        return format_birth(date.fromisoformat(value)) if value else ""
    if field.name == "status":
        return " · ".join(filter(None, _standing(values)))
    if field.name == "detailed_voicemail":
        return "" if value is None else "in detail" if value else "name and number only"
    if field.name == "call_from":
        times = [str(values[name] or "")[:5] for name in ("call_from", "call_until")]
        return ", ".join(filter(None, (" to ".join(times) if any(times) else "", values["time_zone"])))
    if field.name == "language":
        needs = "interpreter" if values["interpreter_needed"] else ""
        mode = InterpreterMode(values["interpreter_mode"]).label if values["interpreter_mode"] else ""
        return ", ".join(filter(None, (value, needs, mode)))
    return ", ".join(filter(None, (says(str(values[name] or "")) for name in field.columns)))


def _standing(values: Mapping[str, Any]) -> Iterator[str]:
    yield PatientStatus(values["status"]).label
    for name, words in (("status_on", "since"), ("hold_until", "until"), ("deceased_on", "died")):
        if values[name]:
            yield f"{words} {format_full_day(date.fromisoformat(values[name]))}"
    if values["deceased_told_by"]:
        yield f"told by {values['deceased_told_by']}"
    yield values["status_note"]
