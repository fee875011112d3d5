"""Settings of the practice, typed. Kept in the database, so that they travel with a backup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from carecoord_tui.domain.dates import DateOrder


class SettingError(ValueError):
    """A setting with a value the program cannot use; the text says which and what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSettings:
    """What a practice decides once. ``zone`` rules every practice-local date."""

    zone: ZoneInfo
    practice_name: str = ""
    callback_number: str = ""
    date_order: DateOrder = DateOrder.MDY
    check_in_capacity: int = 12  # first check-ins planned a working day
    idle_lock_minutes: int = 10
    is_demo: bool = False


def parse_zone(name: str) -> ZoneInfo:
    """An IANA time zone by name; raises SettingError with an example when there is none."""
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingError(
            f"No time zone is called {name.strip()!r}; use a name such as America/New_York."
        ) from error


def read_settings(values: Mapping[str, str]) -> PracticeSettings:
    """Settings from stored text; an absent key has its default, a broken one raises SettingError."""
    try:
        return PracticeSettings(
            zone=parse_zone(values.get("timezone", "America/New_York")),
            practice_name=values.get("practice_name", ""),
            callback_number=values.get("callback_number", ""),
            date_order=DateOrder(values.get("date_order", DateOrder.MDY.value)),
            check_in_capacity=_positive(values, "check_in_capacity", 12),
            idle_lock_minutes=_positive(values, "idle_lock_minutes", 10),
            is_demo=values.get("is_demo", "") == "yes",
        )
    except SettingError:
        raise
    except ValueError as error:
        raise SettingError(f"A stored setting cannot be read: {error}") from error


def _positive(values: Mapping[str, str], key: str, default: int) -> int:
    text = values.get(key, "")
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise SettingError(f"The setting {key} must be a whole number above zero, not {text!r}.")
    return int(text)
