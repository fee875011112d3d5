"""Which order a column of numeric dates is written in, from the whole column, never from one value."""

from __future__ import annotations

import calendar
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

MAX_EXAMPLES = 10

_SHORT = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_YEAR_FIRST = re.compile(r"[0-9]{4}([/.-])[0-9]{1,2}\1[0-9]{1,2}|(?:19|20)[0-9]{6}")
_TIME_OF_DAY = re.compile(r"[ T][0-9]{1,2}:[0-9]{2}.*$")


class DateOrder(StrEnum):
    """How a numeric date is written where the practice, or a file, comes from."""

    MDY = "mdy"
    DMY = "dmy"
    YMD = "ymd"

    @property
    def label(self) -> str:
        """Words for a setting or a question: ``month/day/year``."""
        return {"mdy": "month/day/year", "dmy": "day/month/year", "ymd": "year-month-day"}[self.value]


class OrderStatus(StrEnum):
    """What became of the question. Only the last two need a person's answer."""

    DECIDED = "decided"
    NOT_NEEDED = "not_needed"  # no value depends on the order
    UNDECIDABLE = "undecidable"  # several orders fit every value
    CONFLICTING = "conflicting"  # no order fits every value


@dataclass(frozen=True, slots=True)
class OrderGuess:
    """The answer for one column, with what it rests on. Indices count from 0 in the values given."""

    status: OrderStatus
    order: DateOrder | None  # set when decided
    reason: str  # one sentence, without any of the values
    counts: dict[DateOrder, int] = field(default_factory=dict)  # values that fit each order
    proofs: dict[DateOrder, tuple[int, ...]] = field(default_factory=dict)  # fit this order and no other
    conflicts: tuple[int, ...] = ()  # first values the best-supported order cannot read
    possible: tuple[DateOrder, ...] = ()  # orders to offer when a person must decide

    @property
    def needs_answer(self) -> bool:
        """True when the caller must ask."""
        return self.status in (OrderStatus.UNDECIDABLE, OrderStatus.CONFLICTING)


def infer_order(values: Iterable[str]) -> OrderGuess:
    """Infer the order of a column's numeric dates.

    Years in front and months in words speak for themselves and decide nothing about the others. A value
    that is a real date in no order is left to the row check and does not count here.
    """
    readings: dict[int, frozenset[DateOrder]] = {}
    year_first = 0
    for index, value in enumerate(values):
        text = _TIME_OF_DAY.sub("", value.strip())
        if _YEAR_FIRST.fullmatch(text):
            year_first += 1
        elif orders := _orders_of(text):
            readings[index] = orders
    if not readings:
        if year_first:
            return OrderGuess(OrderStatus.DECIDED, DateOrder.YMD, "Every date starts with its year.")
        return OrderGuess(OrderStatus.NOT_NEEDED, None, "No date in the column depends on the order.")
    return _decide(readings)


def _orders_of(text: str) -> frozenset[DateOrder]:
    match = _SHORT.fullmatch(text)
    if match is None:
        return frozenset()
    a, b, c = int(match[1]), int(match[3]), int(match[4])
    long_year = len(match[4]) == 4
    if a == b and long_year:
        return frozenset()  # the same day either way
    readings = {DateOrder.MDY: (c, a, b), DateOrder.DMY: (c, b, a)}
    if not long_year and len(match[1]) == 2:
        readings[DateOrder.YMD] = (a, b, c)
    return frozenset(
        order for order, parts in readings.items() if _is_real(*parts, century=0 if long_year else 2000)
    )


def _is_real(year: int, month: int, day: int, *, century: int) -> bool:
    return (
        1 <= month <= 12 and year + century > 0 and 1 <= day <= calendar.monthrange(year + century, month)[1]
    )


def _decide(readings: dict[int, frozenset[DateOrder]]) -> OrderGuess:
    counts = Counter(order for orders in readings.values() for order in orders)
    proofs = {
        order: tuple(index for index, orders in readings.items() if orders == {order})[:MAX_EXAMPLES]
        for order in DateOrder
    }
    possible = tuple(order for order in DateOrder if counts[order] == len(readings))
    total = len(readings)
    if len(possible) == 1:
        order = possible[0]
        only = sum(orders == {order} for orders in readings.values())
        reason = f"Numeric dates: {total}, all real as {order.label}, {only} of them in no other order."
        return OrderGuess(OrderStatus.DECIDED, order, reason, dict(counts), proofs, possible=possible)
    if possible:
        names = " and ".join(order.label for order in possible)
        reason = f"Numeric dates: {total}, all of which can be read as {names}: say which it is."
        return OrderGuess(OrderStatus.UNDECIDABLE, None, reason, dict(counts), proofs, possible=possible)
    return _conflict(readings, counts, proofs)


def _conflict(
    readings: dict[int, frozenset[DateOrder]],
    counts: Counter[DateOrder],
    proofs: dict[DateOrder, tuple[int, ...]],
) -> OrderGuess:
    ranked = tuple(order for order, _ in counts.most_common())
    best = ranked[0]
    misfits = [index for index, orders in readings.items() if best not in orders]
    reason = (
        f"The column mixes orders: {counts[best]} of {len(readings)} numeric dates fit {best.label}, "
        f"{len(misfits)} do not. Correct those or say which order it is."
    )
    conflicts = tuple(misfits[:MAX_EXAMPLES])
    return OrderGuess(OrderStatus.CONFLICTING, None, reason, dict(counts), proofs, conflicts, ranked)
