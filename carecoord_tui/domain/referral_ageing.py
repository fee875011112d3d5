"""How long a referral has stood in its stage, against its limit, and which exceptions it belongs to.

Pure. The limit is the one that dates its next action (``domain.referral``): the rule of the stage's duty,
brought forward by urgency. Days are counted as the rule counts: calendar days, or working days of the
practice (``bd``), which leave out weekends, federal holidays and the practice's closures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.referral import (
    OURS_TO_DO,
    URGENT_RULE,
    WAITING_FOR_DATE,
    Standing,
    clock_start,
    duty_of,
)
from carecoord_tui.domain.referral_rows import AuthorizationState, View
from carecoord_tui.domain.rulepack import Unit
from carecoord_tui.domain.vocabulary import ReferralStage, Urgency

STALLED_RULE = "referral.stalled"
SAME_DAY = "same_day"  # no rule of the pack: urgent work that is ours is done the day it arises

_VISIT_IS_OVER = (ReferralStage.SEEN, ReferralStage.REPORT_RECEIVED, ReferralStage.REVIEWED)


@dataclass(frozen=True, slots=True)
class Age:
    """Days since the clock started, and the limit. ``limit`` None: there is none while a visit lies ahead."""

    days: int
    limit: int | None
    rule_id: str
    in_working_days: bool = False
    visit_on: date | None = None  # the visit that lies ahead

    @property
    def is_over(self) -> bool:
        """True when it stood longer than its limit."""
        return self.limit is not None and self.days > self.limit

    @property
    def words(self) -> str:
        """``9d of 7``, ``3bd of 2``, ``same day``; the visit's day while it lies ahead."""
        if self.limit is None:
            return f"visit {_short(self.visit_on)}" if self.visit_on is not None else f"{self.days}d"
        unit = "bd" if self.in_working_days else "d"
        if self.limit == 0:
            return f"{self.days}{unit} late" if self.days else "same day"
        return f"{self.days}{unit} of {self.limit}"


def _short(day: date) -> str:
    """``2 Dec``: a list shows many."""
    return format_day(day).partition(" ")[2]


@dataclass(frozen=True, slots=True)
class _Limit:
    """A clock: the day it started and how much it allows."""

    rule_id: str
    since: date
    n: int
    in_working_days: bool
    ends_on: date


def age_of(record: Standing, context: Context, today: date) -> Age | None:
    """How long an open referral stands in its stage; None on an ended one, which owes nothing."""
    duty = duty_of(record)
    if duty is None:
        return None
    if record.stage is ReferralStage.SCHEDULED and record.visit_on is not None and record.visit_on >= today:
        return Age((today - record.stage_on).days, None, duty.rule_id, visit_on=record.visit_on)
    limit = min(_limits(record, duty.rule_id, context), key=lambda one: one.ends_on)
    days = _days(limit.since, today, context.calendar, in_working_days=limit.in_working_days)
    return Age(days, limit.n, limit.rule_id, limit.in_working_days)


def _limits(record: Standing, rule_id: str, context: Context) -> Iterator[_Limit]:
    """The stage's own limit, and those that urgency adds (``domain.md``, Referrals)."""
    yield _limit(rule_id, clock_start(record), context)
    if record.urgency is Urgency.ROUTINE:
        return
    waits = record.stage in WAITING_FOR_DATE
    if record.stage in OURS_TO_DO or (waits and record.urgency is Urgency.STAT):
        at_once = context.calendar.next_working_day_on_or_after(record.stage_on)
        yield _Limit(SAME_DAY, at_once, 0, True, at_once)
    if waits:
        yield _limit(URGENT_RULE, record.ordered_on, context)


def _limit(rule_id: str, since: date, context: Context) -> _Limit:
    rule = context.pack.get(rule_id)
    deadline = context.deadline(rule, since)
    ends_on = deadline.target_on or since
    if rule.unit in (Unit.WORKING_DAY, Unit.BUSINESS_DAY):
        return _Limit(rule_id, since, rule.n, True, ends_on)
    days = rule.n if rule.unit is Unit.CALENDAR_DAY else (ends_on - since).days
    return _Limit(rule_id, since, days, False, ends_on)


def _days(since: date, today: date, calendar: Calendar, *, in_working_days: bool) -> int:
    """Days from ``since`` (excluded) to ``today`` (included); 0 when it lies ahead."""
    if today <= since:
        return 0
    if not in_working_days:
        return (today - since).days
    closed = sum(since < day <= today and calendar.is_business_day(day) for day in calendar.closures)
    return calendar.business_days_between(since, today) - closed


# --- the exceptions -------------------------------------------------------------------------------


class Watched(Standing, Protocol):
    """What decides beside the stage whether a referral is an exception."""

    @property
    def touched_on(self) -> date | None: ...
    @property
    def needs_authorization(self) -> bool | None: ...
    @property
    def has_approval(self) -> bool: ...
    @property
    def approval_covers(self) -> bool: ...


def stalled_days(context: Context) -> int:
    """Calendar days without a step, a contact or a move after which a referral counts as quiet."""
    return context.pack.get(STALLED_RULE).n


def quiet_days(record: Watched, today: date) -> int:
    """Calendar days since anything was done about it."""
    return max(0, (today - (record.touched_on or record.stage_on)).days)


def authorization_of(record: Watched) -> AuthorizationState:
    """Whether the payer's permission is there and lasts; after the visit nobody asks any more."""
    if not record.needs_authorization or not record.stage.is_open or record.stage in _VISIT_IS_OVER:
        return AuthorizationState.COVERED
    if not record.has_approval:
        return AuthorizationState.MISSING
    return AuthorizationState.COVERED if record.approval_covers else AuthorizationState.ENDS_EARLY


def is_quiet(record: Watched, context: Context, today: date) -> bool:
    """Nothing done for longer than allowed, and not waiting for a visit that is still ahead."""
    waits = (
        record.stage is ReferralStage.SCHEDULED and record.visit_on is not None and record.visit_on >= today
    )
    return record.stage.is_open and not waits and quiet_days(record, today) > stalled_days(context)


def views_of(record: Watched, context: Context, today: date) -> frozenset[View]:
    """Every view an open referral is listed in; none for an ended one."""
    if not record.stage.is_open:
        return frozenset()
    told = {
        View.ALL: True,
        View.NO_DATE: record.stage in WAITING_FOR_DATE,
        View.QUIET: is_quiet(record, context, today),
        View.NO_REPORT: record.stage is ReferralStage.SEEN and record.expects_report,
        View.URGENT: record.urgency is not Urgency.ROUTINE,
        View.AUTHORIZATION: authorization_of(record) is not AuthorizationState.COVERED,
    }
    return frozenset(view for view, is_so in told.items() if is_so)
