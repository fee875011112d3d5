"""The sections of the ranked day and the words of its lines: the same on screen, in pipes and on paper."""

from __future__ import annotations

from datetime import date
from typing import Literal

from carecoord_tui.domain.dates import due_label, format_day, format_time
from carecoord_tui.domain.ranking import Lane, Moment, Ranked
from carecoord_tui.domain.rows import TodayView

SectionKind = Literal["now", "visits", "due"]
SECTIONS: tuple[tuple[SectionKind, str, frozenset[Lane]], ...] = (
    ("now", "DO NOW", frozenset({Lane.SAFETY, Lane.DEADLINE, Lane.PROMISE})),
    ("visits", "VISITS IN 2 DAYS", frozenset({Lane.VISIT})),
    ("due", "DUE", frozenset({Lane.OWN, Lane.BROKEN_PROMISE, Lane.CHECK_IN})),
)


def section_of(best: Lane) -> SectionKind:
    """The section a person's lines stand in: that of their best item."""
    return next(kind for kind, _, lanes in SECTIONS if best in lanes)


def due_words(ranked: Ranked, moment: Moment) -> str:
    """``! today``, ``Fri, 1d``, ``today 2pm``, ``Wed 2 Dec``; the mark stands before the pressing lanes."""
    item = ranked.item
    if ranked.lane is Lane.VISIT and item.visit_on is not None:
        label = format_day(item.visit_on, moment.today)
    else:
        label = due_label(item.target_on, moment.today, ranked.days_late)
    if item.target_at is not None and item.target_on >= moment.today:
        label += f" {format_time(item.target_at.astimezone(moment.zone).time())}"
    return f"! {label}" if ranked.lane <= Lane.PROMISE else f"  {label}"


def age_words(ranked: Ranked, today: date) -> str:
    """``1/3`` attempts, else days since the stage began."""
    item = ranked.item
    if item.progress:
        return item.progress
    if item.since_on is not None and item.since_on < today:
        return f"{(today - item.since_on).days}d"
    return ""


def summary_words(view: TodayView, without_action: int) -> str:
    """``3 past due · 9 due today · 7 more this week · waiting 31 · 0 without a next action``."""
    promise = f", {view.past_promise} past promise" if view.past_promise else ""
    return " · ".join(
        (
            f"{view.past_due} past due",
            f"{view.due_today} due today",
            *([f"{view.check_ins} check-ins"] if view.check_ins else []),
            f"{view.week_ahead} more this week",
            f"waiting {view.waiting}{promise}",
            f"{without_action} without a next action",
        )
    )
