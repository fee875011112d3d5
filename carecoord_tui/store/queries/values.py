"""Values as SQLite holds them, as text, read back; nothing on file is None."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal


def read_day(text: str | None) -> date | None:
    """A day, practice-local."""
    return date.fromisoformat(text) if text else None


def read_instant(text: str | None) -> datetime | None:
    """An instant, aware."""
    return datetime.fromisoformat(text) if text else None


def read_time(text: str | None) -> time | None:
    """A time of day, practice-local."""
    return time.fromisoformat(text) if text else None


def read_amount(text: str | None) -> Decimal | None:
    """Exact dollars, or a share."""
    return Decimal(text) if text else None
