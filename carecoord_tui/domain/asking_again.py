"""When somebody who was called is asked again: some working days on, and never after the last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.dates import format_day


@dataclass(frozen=True, slots=True, order=True)
class NextLook:
    """The day somebody is asked again. ``is_cut``: the last day, or the visit, comes before the usual one."""

    on: date
    is_cut: bool


def next_look(
    working_days: int,
    today: date,
    calendar: Calendar,
    *,
    legal_on: date | None = None,
    visit_on: date | None = None,
) -> NextLook:
    """The look after ``working_days``, unless a last day or a visit that is still ahead comes first.

    Then it is the last working day up to ``legal_on``, or before ``visit_on``; today at the earliest.
    """
    usual = day = calendar.add_working_days(today, working_days)
    if legal_on is not None and legal_on >= today:
        day = min(day, calendar.previous_working_day_on_or_before(legal_on))
    if visit_on is not None and visit_on >= today:
        day = min(day, calendar.add_working_days(visit_on, -1))
    return NextLook(max(day, today), is_cut=day < usual)


def looks_words(looks: Sequence[NextLook], today: date) -> str:
    """``Thu 3 Dec``; ``Tue 1 Dec, cut to the last day``; ``Tue 1 Dec to Thu 3 Dec, cut to the last day``."""
    days = sorted({look.on for look in looks})
    words = " to ".join(format_day(day, today) for day in dict.fromkeys((days[0], days[-1])))
    return f"{words}, cut to the last day" if any(look.is_cut for look in looks) else words
