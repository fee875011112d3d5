"""From a rule and the date that triggers it to the days that matter, and the sentences that say why.

``legal_on`` is the last day ("last day"), ``legal_at`` the moment when the clock counts hours,
``target_on`` the day to do it by ("do by"), ``warn_on`` the day from which to press. A rule that
nobody else enforces has a target only. Nothing here reads a clock: the same trigger gives the same
deadline on any day.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

from dateutil.relativedelta import relativedelta

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.date_words import format_day, format_full_day, format_time
from carecoord_tui.domain.rulepack import (
    Anchor,
    Direction,
    FiledWhen,
    MonthOverflow,
    Roll,
    Rule,
    RuleError,
    RulePack,
    Sense,
    Unit,
)
from carecoord_tui.domain.vocabulary import Risk

_ONE_DAY = timedelta(days=1)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?)?")
_YEARS = range(1900, 2201)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """What a rule asks for. Dates are practice-local, ``legal_at`` is aware UTC; None: does not apply.

    All dates are None when the rule asks for nothing here (a visit too near for an estimate).
    """

    rule_id: str
    legal_on: date | None = None
    legal_at: datetime | None = None
    target_on: date | None = None
    warn_on: date | None = None
    citation: str
    confirmed: bool
    filed_when: FiledWhen | None
    why: str

    def as_dict(self) -> dict[str, str | bool | None]:
        """The seven fields scripts rely on, as JSON values: ISO dates, ISO UTC time, null."""
        return {
            "rule_id": self.rule_id,
            "legal_on": _iso(self.legal_on),
            "legal_at": _iso(self.legal_at),
            "target_on": _iso(self.target_on),
            "warn_on": _iso(self.warn_on),
            "citation": self.citation,
            "confirmed": self.confirmed,
        }


def compute(
    rule: Rule,
    trigger: date | datetime,
    *,
    calendar: Calendar,
    service: date | None = None,
    tz: tzinfo | None = None,
    risk: Risk | None = None,
) -> Deadline:
    """The deadline ``rule`` sets when its trigger happened on (or, as a time, at) ``trigger``.

    ``trigger`` is a practice-local date or an aware time; ``tz`` is the practice's zone, in which a
    time becomes a date (without it: the time's own zone). ``service`` is the date of service, for
    rules that depend on the lead time; ``risk`` picks a tier. Raises ``RuleError`` (a ``ValueError``)
    for an hour clock without a time, a time without a zone, and a missing or earlier ``service``.
    """
    if not isinstance(trigger, datetime):
        return _compute_from_day(rule, trigger, calendar, service, risk)
    return _compute(rule, trigger, calendar, service, risk, tz)


def _compute(
    rule: Rule,
    trigger: date | datetime,
    calendar: Calendar,
    service: date | None,
    risk: Risk | None,
    tz: tzinfo | None = None,
) -> Deadline:
    started_at = _local_time(rule, trigger, tz)
    started_on = started_at.date() if started_at else _plain(trigger)
    lead = _lead(rule, started_on, service, calendar)
    n = _count(rule, lead, risk)
    if n is None:
        return _nothing_due(rule, started_on, service or started_on, lead or 0)
    counted_from = _counted_from(rule, started_on)
    if rule.unit is Unit.HOUR and started_at:
        end_at = (started_at.astimezone(UTC) + timedelta(hours=n)).astimezone(started_at.tzinfo)
        end = end_at.date()
    else:
        end_at, end = None, _count_to(rule, counted_from, n, calendar)
    target = (
        _last_open_day(end, started_on, calendar)
        if rule.binding
        else _rolled(rule, end, started_on, calendar)
    )
    working = _Working(
        rule=rule, calendar=calendar, n=n, lead=lead, service=service, started_on=started_on,
        started_at=started_at, counted_from=counted_from, end=end, end_at=end_at, target=target,
        warn_on=None if rule.warn_n is None else _count_to(rule, counted_from, rule.warn_n, calendar),
    )  # fmt: skip
    return Deadline(
        rule_id=rule.id,
        legal_on=end if rule.binding else None,
        legal_at=end_at.astimezone(UTC) if end_at else None,
        target_on=target,
        warn_on=working.warn_on,
        citation=rule.citation,
        confirmed=rule.confirmed,
        filed_when=rule.filed_when,
        why=_why(working),
    )


# A caseload's records share a few hundred trigger days: most deadlines are computed once. Times are
# left out, because equal moments in two zones are one key and yet two days.
_compute_from_day = lru_cache(maxsize=8192)(_compute)


def entered(rule: Rule, last_day: date, *, calendar: Calendar, source: str = "the letter") -> Deadline:
    """The deadline somebody read off a letter or contract; it overrides what ``rule`` would compute.

    ``source`` goes into the sentence and stands in place of the citation.
    """
    target = calendar.previous_working_day_on_or_before(last_day)
    say = _Dates(last_day, target)
    why = f"The last day is {say(last_day)}, as entered from {source}"
    if target != last_day:
        why += f"; it {_closed_because(last_day, calendar)}: do by {say(target)}"
    return Deadline(
        rule_id=rule.id,
        legal_on=last_day,
        target_on=target,
        citation=f"Entered from {source}",
        confirmed=True,
        filed_when=rule.filed_when,
        why=f"{why}.{_must_arrive(rule)}",
    )


def due(
    pack: RulePack,
    rule_id: str,
    from_text: str,
    service: str | None = None,
    tz: tzinfo | None = None,
    calendar: Calendar | None = None,
    *,
    risk: Risk | None = None,
) -> dict[str, str | bool | None]:
    """What ``carecoord rules due`` prints: the deadline of a rule for dates given as text.

    ``from_text`` and ``service`` are ``YYYY-MM-DD`` or ``YYYY-MM-DDTHH:MM`` with an optional offset; a
    time without one is in ``tz``. The version of the rule in force on that day is used. Raises
    ``RuleError`` with one sentence for an unknown rule, a bad date, or an hour clock without a time.
    """
    pack.get(rule_id)  # an unknown rule is reported before a bad date
    trigger = _parse(from_text, "start date")
    if isinstance(trigger, datetime) and tz:
        trigger = trigger.astimezone(tz) if trigger.tzinfo else trigger.replace(tzinfo=tz)
    rule = pack.get(rule_id, on=_plain(trigger))
    if rule.unit is not Unit.HOUR:
        trigger = _plain(trigger)
    service_on = None if service is None else _plain(_parse(service, "service date"))
    deadline = compute(rule, trigger, calendar=calendar or Calendar(), service=service_on, tz=tz, risk=risk)
    return deadline.as_dict()


# --- Counting ---------------------------------------------------------------------------------


def _plain(day: date | datetime) -> date:
    return day.date() if isinstance(day, datetime) else day


def _local_time(rule: Rule, trigger: date | datetime, tz: tzinfo | None) -> datetime | None:
    """The trigger as a practice-local time, None when only its day is known."""
    if not isinstance(trigger, datetime):
        if rule.unit is Unit.HOUR:
            raise RuleError(
                f"Rule {rule.id} counts {rule.n} hours: give the time too, for example {trigger}T09:30."
            )
        return None
    if trigger.tzinfo is None:
        raise RuleError(f"The time {trigger:%H:%M} has no time zone: rule {rule.id} needs to know which one.")
    return trigger.astimezone(tz or trigger.tzinfo)


def _lead(rule: Rule, started_on: date, service: date | None, calendar: Calendar) -> int | None:
    """Business days from the trigger to the service; None for rules that do not depend on it."""
    if all(tier.lead_business_days is None for tier in rule.tiers):
        return None
    if service is None:
        raise RuleError(f"Rule {rule.id} depends on when the visit is: give the service date (--service).")
    if service < started_on:
        raise RuleError(f"The service date {service} is before the start date {started_on}.")
    return calendar.business_days_between(started_on, service)


def _count(rule: Rule, lead: int | None, risk: Risk | None) -> int | None:
    """How many units to count; None when the lead time is too short for the rule to ask for anything."""
    if lead is not None:
        fitting = (tier for tier in rule.tiers if lead >= (tier.lead_business_days or 0))
        return next((tier.n for tier in fitting), None)
    if risk is not None:
        return next((tier.n for tier in rule.tiers if tier.risk is risk), rule.n)
    return rule.n


def _counted_from(rule: Rule, started_on: date) -> date:
    """Day 0: the trigger, the day its letter counts as received, or the first of the next month."""
    start = started_on + timedelta(days=rule.presumed_receipt_days)
    if rule.anchor is Anchor.FIRST_OF_NEXT_MONTH:
        return start + relativedelta(day=1, months=1)
    return start


def _count_to(rule: Rule, start: date, n: int, calendar: Calendar) -> date:
    """The day ``n`` units (not hours) from ``start``, in the direction of the rule."""
    steps = -n if rule.direction is Direction.BEFORE else n
    if rule.unit is Unit.BUSINESS_DAY:
        return calendar.add_business_days(start, steps)
    if rule.unit is Unit.WORKING_DAY:
        return calendar.add_working_days(start, steps)
    if rule.unit is Unit.CALENDAR_DAY:
        return start + timedelta(days=steps)
    end = start + relativedelta(months=steps)  # stops at the last day of a shorter month
    if end.day != start.day and rule.month_overflow is MonthOverflow.FIRST_OF_FOLLOWING:
        return end + _ONE_DAY
    return end


def _last_open_day(legal_on: date, started_on: date, calendar: Calendar) -> date:
    """The last day on or before the legal one on which somebody is there to do it.

    A closure only ever brings the target forward, and not to before the clock started.
    """
    target = calendar.previous_working_day_on_or_before(legal_on)
    return target if target >= started_on else calendar.previous_business_day_on_or_before(legal_on)


def _rolled(rule: Rule, end: date, started_on: date, calendar: Calendar) -> date:
    """An own target moved off a closed day as the rule says, never to before the trigger."""
    if rule.roll is Roll.NONE:
        return end
    earlier = calendar.previous_working_day_on_or_before(end)
    too_early = rule.direction is Direction.AFTER and earlier < started_on
    if rule.roll is Roll.FORWARD or too_early:
        return calendar.next_working_day_on_or_after(end)
    return earlier


# --- Saying why -------------------------------------------------------------------------------


class _Dates:
    """Says dates as ``Mon 30 Nov``, with the year on all of them when they lie in different years."""

    def __init__(self, *days: date | None) -> None:
        self._with_year = len({day.year for day in days if day}) > 1

    def __call__(self, day: date) -> str:
        return format_full_day(day) if self._with_year else format_day(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Working:
    """One computation with its steps: all that the sentences are told from."""

    rule: Rule
    calendar: Calendar
    n: int
    lead: int | None
    service: date | None
    started_on: date
    started_at: datetime | None
    counted_from: date
    end: date
    end_at: datetime | None
    target: date
    warn_on: date | None


def _why(w: _Working) -> str:
    """One to three sentences: the trigger, the count with the days it skipped, the day it comes to."""
    rule = w.rule
    say = _Dates(w.started_on, w.counted_from, w.end, w.target, w.warn_on)
    told = f"{rule.trigger} {say(w.started_on)}"
    if w.end_at and w.started_at:
        told += f" {format_time(w.started_at.time())}"
    if rule.presumed_receipt_days:
        told += f", presumed received {say(w.counted_from)}"
    if w.lead is not None and w.service:
        told += f". Service {say(w.service)} is {_amount(w.lead, Unit.BUSINESS_DAY)} ahead"
    told += f". {rule.act} {_span(rule, w.n)}{_skipped(w, say)}{_outcome(w, say)}.{_must_arrive(rule)}"
    return f"{told} Warning from {say(w.warn_on)}." if w.warn_on else told


def _span(rule: Rule, n: int) -> str:
    """The count in words: ``within 2 business days``, ``3 business days before``, ``2 years later``."""
    if n == 0:
        return "that day"
    if rule.anchor is Anchor.FIRST_OF_NEXT_MONTH:
        return f"{n} full months later"
    amount = _amount(n, rule.unit)
    if rule.direction is Direction.BEFORE:
        return f"{amount} before"
    return {
        Sense.WITHIN: f"within {amount}",
        Sense.AFTER: f"after {amount}",
        Sense.FROM: f"{amount} later",
    }[rule.sense]


def _amount(n: int, unit: Unit) -> str:
    if unit is Unit.MONTH and n % 12 == 0:
        n, word = n // 12, "year"
    elif unit is Unit.WORKING_DAY:
        word = "business day"  # the screen has one word; closures are named when they matter
    else:
        word = unit.value.replace("_", " ")
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


def _skipped(w: _Working, say: _Dates) -> str:
    """The weekdays the count jumped over, each with its reason; or the day a month does not have."""
    if w.rule.unit in (Unit.BUSINESS_DAY, Unit.WORKING_DAY):
        first, last = sorted((w.counted_from, w.end))
        open_on = w.calendar.is_working_day if w.rule.unit is Unit.WORKING_DAY else w.calendar.is_business_day
        days = (first + timedelta(days=i) for i in range(1, (last - first).days))
        closed = [day for day in days if day.weekday() < 5 and not open_on(day)]
        reasons = " and ".join(f"{say(day)} {_closed_because(day, w.calendar)}" for day in closed)
        return f"; {reasons}" if reasons else ""
    if w.rule.unit is Unit.MONTH and w.end.day != w.counted_from.day:
        return f"; that month has no day {w.counted_from.day}"
    return ""


def _outcome(w: _Working, say: _Dates) -> str:
    if not w.rule.binding:
        if w.n == 0:
            return ""
        moved = f"; {say(w.end)} {_closed_because(w.end, w.calendar)}" if w.target != w.end else ""
        word = "from" if w.rule.sense is Sense.FROM else "do by"
        return f"{moved}: {word} {say(w.target)}"
    moved = ""
    if w.target != w.end:
        moved = f", which {_closed_because(w.end, w.calendar)}: do by {say(w.target)}"
    if w.end_at:
        return f", so the last moment is {say(w.end)} {format_time(w.end_at.time())}{moved}"
    return f", so the last day is {say(w.end)}{moved}"


def _closed_because(day: date, calendar: Calendar) -> str:
    if day.weekday() >= 5:
        return "falls on a weekend"
    name = calendar.holiday(day)
    return f"is a holiday ({name})" if name else "is a practice closure"


def _must_arrive(rule: Rule) -> str:
    return " It must ARRIVE by then." if rule.filed_when is FiledWhen.RECEIVED else ""


def _nothing_due(rule: Rule, started_on: date, service: date, lead: int) -> Deadline:
    """A deadline without dates, for a service too near for the rule to ask for anything."""
    say = _Dates(started_on, service)
    least = min(tier.lead_business_days or 0 for tier in rule.tiers)
    ahead = _amount(lead, Unit.BUSINESS_DAY)
    why = (
        f"{rule.trigger} {say(started_on)}. Service {say(service)} is {ahead} ahead, fewer than {least}: "
        f"nothing is due unless the patient asks."
    )
    return Deadline(
        rule_id=rule.id,
        citation=rule.citation,
        confirmed=rule.confirmed,
        filed_when=rule.filed_when,
        why=why,
    )


# --- Text in, text out ------------------------------------------------------------------------


def _parse(text: str, what: str) -> date | datetime:
    """Read ``YYYY-MM-DD`` or ``YYYY-MM-DDTHH:MM``; ``what`` names it in the ``RuleError``."""
    text = text.strip()
    try:
        if not _ISO.fullmatch(text):
            raise ValueError("not in ISO form")
        value = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
    except ValueError as error:
        raise RuleError(
            f"The {what} {text!r} is not a date: write it as 2026-11-24 or 2026-11-24T09:30."
        ) from error
    if value.year not in _YEARS:
        raise RuleError(f"The {what} {text} is out of range: years {_YEARS[0]} to {_YEARS[-1]}.")
    return value


def _iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value else None
