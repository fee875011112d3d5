"""From when to when plans are in force: whether one is on a day of service, and the days nothing covers.

Days are practice-local. A day nobody entered says nothing: such a plan is taken as in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from carecoord_tui.domain.dates import format_day

_ONE_DAY = timedelta(days=1)
ENDING_DAYS = 60  # from then on a plan that ends with nothing after it is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A plan by its name with its first and last day, and what its payer said last."""

    name: str
    starts_on: date | None = None
    ends_on: date | None = None
    is_cancelled: bool = False
    inactive_said_on: date | None = None  # the last check, where it said inactive

    def covers(self, day: date) -> bool:
        """True where nothing known says otherwise. A cancelled plan covers up to its last day."""
        if self.is_cancelled and self.ends_on is None:
            return False
        return (self.starts_on is None or self.starts_on <= day) and (
            self.ends_on is None or self.ends_on >= day
        )


def not_in_force(span: Span, service_on: date, today: date) -> str:
    """Why a plan may not pay on the day of service, in a sentence; empty where nothing known says so."""
    day = format_day(service_on, today)
    if span.ends_on is not None and span.ends_on < service_on:
        return f"{span.name} ended {format_day(span.ends_on, today)}: it is not in force on {day}."
    if span.starts_on is not None and span.starts_on > service_on:
        return f"{span.name} starts {format_day(span.starts_on, today)}: it is not in force on {day}."
    if span.is_cancelled and span.ends_on is None:
        return f"{span.name} is cancelled: it is not in force on {day}."
    if span.inactive_said_on is not None:
        said = format_day(span.inactive_said_on, today)
        return f"{span.name} said inactive on {said}: check it for {day} before an amount is told."
    return ""


def gap_words(spans: Iterable[Span], today: date) -> str:
    """The first days from today on that no plan covers, in a sentence; empty where none are known.

    Between two plans at any distance; after the last one from ``ENDING_DAYS`` before its end on.
    """
    known = [span for span in spans if not (span.is_cancelled and span.ends_on is None)]
    day, last = today, _last_before(known, today)
    while covering := [span for span in known if span.covers(day)]:
        last = max(covering, key=lambda span: span.ends_on or date.max)
        if last.ends_on is None:
            return ""
        day = last.ends_on + _ONE_DAY
    following = min(
        (span for span in known if span.starts_on is not None and span.starts_on > day),
        key=lambda span: span.starts_on or date.max,
        default=None,
    )
    ended = f"{last.name} {_ends(last, today)}" if last is not None else ""
    if following is not None and following.starts_on is not None:
        before = following.starts_on - _ONE_DAY
        then = f"{following.name} starts {format_day(following.starts_on, today)}"
        return (
            f"Not covered {format_day(day, today)} to {format_day(before, today)}: "
            f"{', '.join(filter(None, (ended, then)))}."
        )
    if last is None or day > today + timedelta(days=ENDING_DAYS):
        return ""
    return f"Not covered from {format_day(day, today)} on: {ended}, no plan on file follows."


def ends_before_words(valid_to: date | None, visits: Sequence[date], today: date) -> str:
    """``ends before 2 booked visits, the first Wed 16 Dec``; empty where it covers them all."""
    after = sorted(day for day in visits if valid_to is not None and day > valid_to)
    if not after:
        return ""
    count = "a booked visit," if len(after) == 1 else f"{len(after)} booked visits, the first"
    return f"ends before {count} {format_day(after[0], today)}"


def _last_before(spans: Sequence[Span], today: date) -> Span | None:
    """The plan that ended last."""
    ended = [span for span in spans if span.ends_on is not None and span.ends_on < today]
    return max(ended, key=lambda span: span.ends_on or date.min, default=None)


def _ends(span: Span, today: date) -> str:
    last = span.ends_on
    if last is None:
        return ""
    return f"{'ended' if last < today else 'ends'} {format_day(last, today)}"
