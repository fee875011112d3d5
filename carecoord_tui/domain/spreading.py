"""More is due than a day holds: give each item one of the coming working days, by capacity.

Pure: what is planned already, the calendar and the day go in; a day for each item comes out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from carecoord_tui.domain.calendar import Calendar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class DayLoad:
    """One day of the plan: what comes to it, and what stands there already."""

    day: date
    coming: int
    already: int


@dataclass(frozen=True, slots=True)
class Spread(Generic[K]):
    """A day for each item, in the order of the items; ``loads`` are the days it touches, in order."""

    places: tuple[tuple[K, date], ...]
    loads: tuple[DayLoad, ...]


def spread_over(
    items: Sequence[tuple[K, date | None]],
    *,
    planned: Mapping[date, int],
    capacity: int,
    calendar: Calendar,
    today: date,
) -> Spread[K]:
    """Fill the working days after ``today`` up to ``capacity`` each, around what is ``planned``.

    ``items`` come with their last day, or None. Those with one choose first, the nearest first, and take a
    day at or before it, a full one where no other is left; one whose last day has passed or is ``today``
    stays on ``today`` or goes like any other. The rest keep their order.

    Raises ValueError for a capacity below one.
    """
    if capacity < 1:
        raise ValueError("a day must hold one item at least")
    load: Counter[date] = Counter(planned)
    chosen: dict[K, date] = {}
    first = calendar.next_working_day(today)
    bound = sorted((last, n) for n, (_, last) in enumerate(items) if last is not None and last >= today)
    for last, place in bound:
        day = _room(load, first, capacity, calendar)
        if day > last:
            day = max(today, calendar.previous_working_day_on_or_before(last))
        chosen[items[place][0]] = day
        load[day] += 1
    day = first
    for key, _ in items:
        if key not in chosen:
            day = _room(load, day, capacity, calendar)  # days before it are full
            chosen[key] = day
            load[day] += 1
    coming = Counter(chosen.values())
    return Spread(
        tuple((key, chosen[key]) for key, _ in items),
        tuple(DayLoad(one, coming[one], planned.get(one, 0)) for one in sorted(coming)),
    )


def _room(load: Mapping[date, int], day: date, capacity: int, calendar: Calendar) -> date:
    while load.get(day, 0) >= capacity:
        day = calendar.next_working_day(day)
    return day
