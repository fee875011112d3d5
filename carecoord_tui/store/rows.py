"""Many rows of one table as columns of values: bound, written and put into canonical JSON together.

The driver's own ``executemany`` is several times faster than SQLAlchemy's insert, and working column by
column lets a value that stands in every row (most columns of an import) be worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from itertools import chain
from itertools import count as counting
from json.encoder import encode_basestring
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from carecoord_tui.store.codec import plain
from carecoord_tui.store.tables.base import Word

_DIALECT = sqlite.dialect()
_ROWS_TOGETHER = 500
_MAX_VARIABLES = 30_000  # SQLite's own limit is 32,766 a statement
_JSON_WORDS = {None: "null", True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class Same:
    """A column that holds one value in every row."""

    value: object


Column = Sequence[Any] | Same


def write(connection: sa.Connection, table: sa.Table, columns: Mapping[str, Column], count: int) -> None:
    """Insert ``count`` rows, each value bound by its column's type as SQLAlchemy would bind it.

    Raises what the driver raises for a row that breaks a constraint, and ValueError for a value outside a
    column's vocabulary.
    """
    names = tuple(columns)
    processors = _processors(table, names)
    constants: list[object] = []
    varying: list[Sequence[Any]] = []
    places: list[int | None] = []
    for values, process in zip(columns.values(), processors, strict=True):
        bound = _bound(values, process)
        if isinstance(bound, Same) or bound.count(bound[0]) == count:
            places.append(len(constants))
            constants.append(bound.value if isinstance(bound, Same) else bound[0])
        else:
            places.append(None)
            varying.append(bound)
    # Many rows in one statement: full-text search flushes what it gathered at the start of every statement,
    # and a value that all rows share is bound once.
    together = max(1, min(_ROWS_TOGETHER, (_MAX_VARIABLES - len(constants)) // max(1, len(varying))))
    rows = list(zip(*varying, strict=True)) if varying else [()] * count
    for size, first, last in ((together, 0, count - count % together), (1, count - count % together, count)):
        portions = [
            (*constants, *chain.from_iterable(rows[at : at + size])) for at in range(first, last, size)
        ]
        if portions:
            statement = _statement(table.name, names, tuple(places), len(constants), size)
            connection.exec_driver_sql(statement, portions)


def canonical_rows(columns: Mapping[str, Column], count: int) -> list[str]:
    """``codec.canonical`` of each row."""
    pieces: list[str] = []
    varying: list[list[str]] = []
    for name in sorted(columns):
        values = columns[name]
        key = f"{encode_basestring(name)}:".replace("%", "%%")
        if isinstance(values, Same) or _is_one_text(values):
            value = values.value if isinstance(values, Same) else values[0]
            pieces.append(key + _json(value).replace("%", "%%"))
        else:
            pieces.append(key + "%s")
            varying.append(_json_column(values))
    template = "{" + ",".join(pieces) + "}"
    if not varying:
        return [template % ()] * count
    return [template % row for row in zip(*varying, strict=True)]


@lru_cache(maxsize=64)
def _statement(
    table: str, names: tuple[str, ...], places: tuple[int | None, ...], constants: int, rows: int
) -> str:
    """An INSERT of some rows. ``places`` gives the parameter a column shares in all rows, from 0."""
    columns = ", ".join(f'"{name}"' for name in names)
    number = counting(constants + 1)
    marks = (
        ", ".join(f"?{next(number) if place is None else place + 1}" for place in places) for _ in range(rows)
    )
    values = ", ".join(f"({row})" for row in marks)
    return f'INSERT INTO "{table}" ({columns}) VALUES {values}'  # noqa: S608 - our own names


@lru_cache(maxsize=64)
def _processors(table: sa.Table, names: tuple[str, ...]) -> list[Callable[[Any], Any] | None]:
    """What binds each column's values; None where they go to the driver as they are."""
    processors = []
    for name in names:
        kind = table.columns[name].type
        process = kind.dialect_impl(_DIALECT).bind_processor(_DIALECT)
        processors.append(_remembering(process) if isinstance(kind, Word | sa.Date) else process)
    return processors


def _remembering(process: Callable[[Any], Any] | None) -> Callable[[Any], Any] | None:
    """Words and dates repeat; times and amounts do not, and equal ones may be written differently."""
    return lru_cache(maxsize=4096)(process) if process is not None else None


def _bound(values: Column, process: Callable[[Any], Any] | None) -> Column:
    if process is None:
        return values
    return Same(process(values.value)) if isinstance(values, Same) else list(map(process, values))


def _is_one_text(values: Sequence[Any]) -> bool:
    """One text, or nothing, in every row. Of other types equal values may be written differently."""
    first = values[0]
    return (first is None or isinstance(first, str)) and values.count(first) == len(values)


def _json_column(values: Sequence[Any]) -> list[str]:
    types = set(map(type, values))
    if types == {str}:
        return list(map(encode_basestring, values))
    if types == {int}:
        return list(map(str, values))
    known: dict[Any, str] = {}
    texts = []
    for value in values:
        if isinstance(value, Decimal):  # 1.5 and 1.50 are equal and written differently
            texts.append(_json(value))
            continue
        key = (type(value), value)  # 1 and True are one key of a dict
        text = known.get(key)
        if text is None:
            text = known[key] = _json(value)
        texts.append(text)
    return texts


def _json(value: object) -> str:
    if isinstance(value, StrEnum):
        value = value.value
    if isinstance(value, str):
        return str(encode_basestring(value))
    if value is None or isinstance(value, bool):
        return _JSON_WORDS[value]
    simple = plain(value)
    if isinstance(simple, str):
        return str(encode_basestring(simple))
    if isinstance(simple, int):
        return int.__repr__(simple)
    raise TypeError(f"a column cannot hold a {type(value).__name__}")
