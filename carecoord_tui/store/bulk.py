"""Writing many rows at once, with their audit rows: for imports and the demo.

``executemany`` is ten times faster than adding objects, but bypasses the flush that audits; so this
module writes the audit rows itself, in the same transaction and chain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from carecoord_tui.store import rows as column_rows
from carecoord_tui.store.codec import audited_columns
from carecoord_tui.store.rows import Column, Same
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Record

_AT_ONCE = 5_000  # rows held as columns at a time


def insert(session: AuditedSession, model: type[Record], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert rows of one table inside a change; returns their numbers, in order.

    Rows give column values by name; absent ones take the model's defaults. Everybody named by
    ``patient_id`` is touched, so the ledger follows at commit. Raises ValueError for a column the table
    does not have or a word outside its vocabulary.
    """
    if not rows:
        return []
    session.flush()
    table: sa.Table = model.__table__  # type: ignore[attr-defined]
    start = _last_number(session.connection(), table) + 1
    for done in range(0, len(rows), _AT_ONCE):
        _insert(session, model, table, rows[done : done + _AT_ONCE], start + done)
    return list(range(start, start + len(rows)))


def _insert(
    session: AuditedSession,
    model: type[Record],
    table: sa.Table,
    rows: Sequence[Mapping[str, Any]],
    start: int,
) -> None:
    count = len(rows)
    columns = _columns(model, table, rows)
    numbers = range(start, start + count)
    columns["id"] = numbers
    owners = numbers if table.name == "patient" else columns.get("patient_id", Same(None))
    column_rows.write(session.connection(), table, columns, count)
    history = {column.name: columns[column.name] for column in audited_columns(table)}
    session.trail.write_inserts(table.name, numbers, owners, column_rows.canonical_rows(history, count))
    everybody: set[Any] = {owners.value} if isinstance(owners, Same) else set(owners)
    session.touched |= everybody - {None}


def _columns(model: type[Record], table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> dict[str, Column]:
    """The rows turned into columns, in the table's order."""
    named: set[str] = set().union(*rows)
    unknown = named.difference(table.columns.keys())
    if unknown:
        raise ValueError(f"{table.name} has no column {', '.join(sorted(unknown))}")
    defaults = _defaults(model)
    return {
        name: [row.get(name, default) for row in rows] if name in named else Same(default)
        for name, default in defaults.items()
    }


def _last_number(connection: sa.Connection, table: sa.Table) -> int:
    """The highest number ever given: an undone row's number is never given to another."""
    present = connection.execute(sa.select(sa.func.coalesce(sa.func.max(table.c.id), 0))).scalar_one()
    given = connection.exec_driver_sql(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?", (table.name,)
    ).scalar_one()
    return max(int(present), int(given))


@lru_cache(maxsize=64)
def _defaults(model: type[Record]) -> dict[str, Any]:
    return {
        name: (None if field.is_required() else field.get_default(call_default_factory=True))
        for name, field in model.model_fields.items()
    }
