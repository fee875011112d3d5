"""Settings of the practice, typed. Kept in the database, so that they travel with a backup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.store.errors import StoreError

if TYPE_CHECKING:
    from carecoord_tui.domain.rulepack import RulePack

PEOPLE_SHOWN = 25

RULE_KEYS = "rule."
"""A setting ``rule.<id>.<count>`` is the practice's own count of a rule that is no law."""


class SettingError(StoreError, ValueError):
    """A setting with a value the program cannot use; the text says which and what is allowed."""


class RuleCount(NamedTuple):
    """The practice's own count of a rule: ``name`` as ``RulePack.with_overrides`` takes it."""

    rule_id: str
    name: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PracticeSettings:
    """What a practice decides once. ``zone`` rules every practice-local date."""

    zone: ZoneInfo
    practice_name: str = ""
    callback_number: str = ""
    date_order: DateOrder = DateOrder.MDY
    own_date_order: DateOrder | None = None  # the same where the practice chose it; files are read by it
    check_in_capacity: int = 12  # first check-ins planned a working day
    people_shown: int = PEOPLE_SHOWN  # on Today, before "N more due: decide"
    idle_lock_minutes: int = 10
    call_from: time | None = None  # when people who gave no hours of their own may be called
    call_until: time | None = None
    rule_counts: tuple[RuleCount, ...] = ()
    is_demo: bool = False

    @property
    def pack(self) -> RulePack:
        """The rules with the practice's own counts."""
        return _pack_with(self.rule_counts)


def parse_zone(name: str) -> ZoneInfo:
    """An IANA time zone by name; raises SettingError with an example when there is none."""
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingError(
            f"No time zone is called {name.strip()!r}; use a name such as America/New_York."
        ) from error


def read_settings(values: Mapping[str, str]) -> PracticeSettings:
    """Settings from stored text; an absent or empty key has its default, a broken one raises SettingError."""
    try:
        return PracticeSettings(
            zone=parse_zone(values.get("timezone", "America/New_York")),
            practice_name=values.get("practice_name", ""),
            callback_number=values.get("callback_number", ""),
            date_order=DateOrder(values.get("date_order", DateOrder.MDY.value)),
            own_date_order=DateOrder(values["date_order"]) if values.get("date_order") else None,
            check_in_capacity=_positive(values, "check_in_capacity", 12),
            people_shown=_positive(values, "people_shown", PEOPLE_SHOWN),
            idle_lock_minutes=_positive(values, "idle_lock_minutes", 10),
            call_from=_hour(values, "call_from"),
            call_until=_hour(values, "call_until"),
            rule_counts=_rule_counts(values),
            is_demo=values.get("is_demo", "") == "yes",
        )
    except SettingError:
        raise
    except ValueError as error:
        raise SettingError(f"A stored setting cannot be read: {error}") from error


def unused_counts(counts: Iterable[RuleCount]) -> list[str]:
    """Why a stored count is not used: its rule went, or became law, with a newer version of the program."""
    from carecoord_tui.domain.rulepack import RuleError, load_pack

    problems = []
    for count in counts:
        try:
            _overridden(load_pack(), count)
        except RuleError as error:
            problems.append(str(error))
    return problems


@lru_cache(maxsize=4)
def _pack_with(counts: tuple[RuleCount, ...]) -> RulePack:
    """Counts that no longer fit are left out (``doctor`` names them): the practice must still open."""
    from carecoord_tui.domain.rulepack import RuleError, load_pack

    pack = load_pack()
    for count in counts:
        try:
            pack = _overridden(pack, count)
        except RuleError:
            continue
    return pack


def _overridden(pack: RulePack, count: RuleCount) -> RulePack:
    return pack.with_overrides({count.rule_id: {count.name: count.n}})


def _rule_counts(values: Mapping[str, str]) -> tuple[RuleCount, ...]:
    found = []
    for key in sorted(values):
        if key.startswith(RULE_KEYS) and values[key]:
            rule_id, _, name = key.removeprefix(RULE_KEYS).rpartition(".")
            found.append(RuleCount(rule_id, name, _positive(values, key, 0)))
    return tuple(found)


def _hour(values: Mapping[str, str], key: str) -> time | None:
    """An ISO time of day; the setting is checked when it is typed."""
    text = values.get(key, "")
    return time.fromisoformat(text) if text else None


def _positive(values: Mapping[str, str], key: str, default: int) -> int:
    text = values.get(key, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise SettingError(f"The setting {key} must be a whole number above zero, not {text!r}.")
    return int(text)
