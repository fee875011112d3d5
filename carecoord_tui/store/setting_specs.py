"""Every setting of a practice: its name, what it means, how it is typed and shown.

The settings screen and ``carecoord settings`` are both made of :data:`SPECS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from carecoord_tui.store.settings import RULE_KEYS, PracticeSettings, SettingError, parse_zone

TEXT_LIMIT = 120


class Section(StrEnum):
    """What belongs together, in the order of the screen."""

    PRACTICE = "Practice"
    DAY = "The day"
    OUTREACH = "Outreach protocol"
    HOURS = "Calling hours"


@dataclass(frozen=True, slots=True)
class Spec:
    """One setting. ``read`` makes the stored text of what was typed, in one sentence of SettingError or well;
    ``value`` gives the text a field and the command line show; ``words`` what the screen's list shows.
    """

    key: str
    section: Section
    label: str  # on screen
    meaning: str
    read: Callable[[str], str]
    value: Callable[[PracticeSettings], str]
    words: Callable[[str], str] = str
    needs_value: bool = False

    def checked(self, text: str) -> str:
        """The text to store for what was typed; raises SettingError. Empty goes back to the default."""
        from carecoord_tui.domain.folding import clean_text

        typed = clean_text(text, TEXT_LIMIT)
        if not typed:
            if self.needs_value:
                raise SettingError("This needs a value.")
            return ""
        return self.read(typed)


def _text(typed: str) -> str:
    return typed


def _phone(typed: str) -> str:
    from carecoord_tui.domain.identifiers import IdentifierError, parse_phone

    try:
        return parse_phone(typed)
    except IdentifierError as error:
        raise SettingError(str(error)) from error


def _phone_words(stored: str) -> str:
    from carecoord_tui.domain.identifiers import format_phone

    return format_phone(stored) if stored else ""


def _zone(typed: str) -> str:
    """An IANA name as it is, or from what people say: ``eastern``, ``chicago``."""
    from carecoord_tui.time_zones import find_zone

    try:
        return parse_zone(typed).key
    except SettingError as unknown:
        try:
            return find_zone(typed)
        except ValueError:
            raise unknown from None


def _date_order(typed: str) -> str:
    from carecoord_tui.domain.date_order import DateOrder

    if typed.lower() not in set(DateOrder):
        raise SettingError("The order of a typed date is one of mdy, dmy and ymd.")
    return typed.lower()


def _number(least: int, most: int) -> Callable[[str], str]:
    def read(typed: str) -> str:
        digits = typed.lstrip("0") or "0"
        if not (typed.isascii() and typed.isdigit()) or len(digits) > 6 or not least <= int(digits) <= most:
            raise SettingError(f"Type a whole number from {least} to {most}.")
        return digits

    return read


def _hour(typed: str) -> str:
    from carecoord_tui.domain.calling_hours import parse_hour
    from carecoord_tui.domain.dates import DateError

    try:
        at = parse_hour(typed)
    except DateError as error:
        raise SettingError(str(error)) from error
    return at.isoformat("minutes") if at else ""


def _hour_words(stored: str) -> str:
    from carecoord_tui.domain.date_words import format_time

    return format_time(time.fromisoformat(stored)) if stored else ""


def _rule(rule_id: str, name: str, label: str, meaning: str, read: Callable[[str], str]) -> Spec:
    """The practice's own count of a rule; empty goes back to the rule pack's."""

    def value(settings: PracticeSettings) -> str:
        rule = settings.pack.get(rule_id)
        return str(rule.n if name == "n" else rule.param(name))

    return Spec(f"{RULE_KEYS}{rule_id}.{name}", Section.OUTREACH, label, meaning, read, value)


_P, _D, _H = Section.PRACTICE, Section.DAY, Section.HOURS

SPECS: tuple[Spec, ...] = (
    Spec(
        "practice_name", _P, "Name", "of the practice", _text, lambda s: s.practice_name
    ),
    Spec(
        "callback_number", _P, "Callback number", "left for a call back",
        _phone, lambda s: s.callback_number, _phone_words,
    ),
    Spec(
        "timezone", _P, "Time zone", "e.g. America/Chicago, or central",
        _zone, lambda s: s.zone.key, needs_value=True,
    ),
    Spec(
        "date_order", _P, "Date order", "numeric dates: mdy, dmy or ymd",
        _date_order, lambda s: s.date_order.value, needs_value=True,
    ),
    Spec(
        "check_in_capacity", _D, "First check-ins", "planned for a working day",
        _number(1, 500), lambda s: str(s.check_in_capacity), needs_value=True,
    ),
    Spec(
        "people_shown", _D, "People on Today", "people on Today; the rest waits under K",
        _number(1, 500), lambda s: str(s.people_shown), needs_value=True,
    ),
    Spec(
        "idle_lock_minutes", _D, "Minutes to lock", "minutes without a key",
        _number(1, 480), lambda s: str(s.idle_lock_minutes), needs_value=True,
    ),
    _rule("outreach.next_attempt", "attempts", "Attempts", "attempts before the letter", _number(1, 20)),
    _rule(
        "outreach.next_attempt", "n", "Working days apart", "from one attempt to the next",
        _number(1, 60),
    ),
    _rule(
        "outreach.next_attempt", "same_day_hours", "Hours on last day",
        "hours apart where the last day is today", _number(1, 12),
    ),
    _rule(
        "outreach.letter", "n", "Days to the letter", "working days after the last attempt",
        _number(1, 60),
    ),
    _rule(
        "outreach.close", "n", "Days to sign-off",
        "days from the letter to closing", _number(1, 180),
    ),
    Spec(
        "call_from", _H, "Calls from", "for people without hours of their own",
        _hour, lambda s: _iso(s.call_from), _hour_words,
    ),
    Spec(
        "call_until", _H, "Calls until", "until when; empty: 8pm",
        _hour, lambda s: _iso(s.call_until), _hour_words,
    ),
)  # fmt: skip
BY_KEY: dict[str, Spec] = {spec.key: spec for spec in SPECS}


def _iso(at: time | None) -> str:
    return at.isoformat("minutes") if at else ""
