"""What all tables share: column types, the version column, and the hardening of every mapper."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time kept as sortable ISO text in UTC; naive values are refused."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Aware time to text."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a time zone was given to the store")
        return utc_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Text to aware time."""
        return None if value is None else datetime.fromisoformat(value)


def utc_text(value: datetime) -> str:
    """The one text form of an aware time in the database: ``2026-11-30T13:00:00.000000+00:00``."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


class Money(TypeDecorator[Decimal]):
    """An exact amount kept as text; unknown stays NULL, never zero."""

    impl = sa.String(20)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """Decimal to text."""
        return None if value is None else str(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        """Text to Decimal."""
        return None if value is None else Decimal(value)


class Word(TypeDecorator[StrEnum]):
    """A vocabulary enum kept as its value, so that the file reads like the field's words."""

    impl = sa.String(40)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        """Enum to its value; a word outside the vocabulary raises ValueError."""
        return None if value is None else self.words(value).value

    def process_result_value(self, value: Any | None, dialect: Dialect) -> StrEnum | None:
        """Value to enum."""
        return None if value is None else self.words(value)


class Record(SQLModel):
    """A row people change: numbered once and for all, versioned against a second window."""

    id: int | None = Field(default=None, primary_key=True)
    version: int = Field(default=1)


# Columns added after version 1: the database fills them when a row of an older audit is brought back.
EMPTY = {"server_default": ""}
NO = {"server_default": "0"}
YES = {"server_default": "1"}

RECORD_ARGS = {"sqlite_autoincrement": True}  # an undone row's number is never given to another


def harden(models: list[type[SQLModel]]) -> None:
    """Give every record table optimistic locking and a complete *before* for the audit.

    Without ``active_history`` an expired instance forgets the value it had before a change.
    """
    for model in models:
        mapper = sa.inspect(model)
        for attribute in mapper.column_attrs:
            getattr(model, attribute.key).impl.active_history = True
        if "version" in mapper.local_table.c:
            mapper.version_id_col = mapper.local_table.c["version"]
