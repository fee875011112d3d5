"""Rows to canonical JSON and back, for the audit and for undo."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from carecoord_tui.store.tables.base import Money, UtcDateTime, Word, utc_text

DERIVED: dict[str, frozenset[str]] = {
    "patient": frozenset({"sort_name", "search_text", "last_contact_at"}),
    "referral": frozenset({"touched_on"}),
}
"""Columns the store computes itself: never audited, recomputed after undo."""

_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_BOOKKEEPING = frozenset({"version"})


def audited_columns(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns whose changes are history."""
    hidden = DERIVED.get(table.name, frozenset()) | _BOOKKEEPING
    return [column for column in table.columns if column.name not in hidden]


def plain(value: object) -> object:
    """A column value as JSON knows it."""
    if value is None or type(value) is str:  # most values, and this is the innermost loop of an import
        return value
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def canonical(values: dict[str, object]) -> str:
    """One text for one set of values: sorted keys, no spaces, no escapes but JSON's own."""
    return _encode({key: plain(value) for key, value in values.items()})


def typed(table: sa.Table, values: dict[str, Any]) -> dict[str, Any]:
    """JSON values back to what the table's columns take."""
    return {key: _typed(table.columns[key].type, value) for key, value in values.items()}


def _typed(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Money):
        return Decimal(value)
    if isinstance(kind, Word):
        return kind.words(value)
    if isinstance(kind, sa.Date):
        return date.fromisoformat(value)
    if isinstance(kind, sa.Time):
        return time.fromisoformat(value)
    return value
