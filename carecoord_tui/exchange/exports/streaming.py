"""Statements inside one read transaction: what an export reads belongs to one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from carecoord_tui.store.queries.today import Execute

_AT_ONCE = 200  # rows


def streamed(
    connection: sa.Connection, sql: str, parameters: Sequence[object] = ()
) -> Iterator[Sequence[Any]]:
    """Rows of a statement, some at a time."""
    cursor = connection.connection.cursor()
    cursor.execute(sql, tuple(parameters))
    while found := cursor.fetchmany(_AT_ONCE):
        yield from found


def execute_on(connection: sa.Connection) -> Execute:
    """What ``store.queries`` take, inside the transaction of ``connection``."""

    def execute(sql: str, parameters: Sequence[object]) -> Iterable[Sequence[Any]]:
        return list(streamed(connection, sql, parameters))

    return execute
