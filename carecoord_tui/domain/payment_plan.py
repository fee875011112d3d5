"""Payment plans: a bill in exact cents by month, what is paid of it, and what is overdue.

Days are practice-local; the day on which to look is always given by the caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from dateutil.relativedelta import relativedelta

from carecoord_tui.domain.money import CENT, ZERO, check_amount, format_money

MOST_PAYMENTS = 120  # ten years of months; more is a mistyped number


class PlanError(ValueError):
    """The plan cannot be made; the message is one sentence meant for the user."""


class InstalmentState(StrEnum):
    """Where an instalment stands on a day. The due day itself is not late."""

    PAID = "paid"
    OVERDUE = "overdue"
    DUE = "due"  # that day
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment that was agreed: the day it is due and the dollars."""

    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in, in dollars, on a day."""

    paid_on: date
    amount: Decimal


class Part(Protocol):
    """An instalment as stored; one that is paid by halves is stored as two of the same day."""

    @property
    def due_on(self) -> date:
        """The day it is due."""

    @property
    def amount(self) -> Decimal:
        """Dollars."""

    @property
    def paid_on(self) -> date | None:
        """The day the money came in; None while it is owed."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """An instalment as agreed, with the dollars of it that have not come in."""

    instalment: Instalment
    left: Decimal


@dataclass(frozen=True, slots=True)
class InstalmentRow:
    """An agreed payment with what has come in for it."""

    instalment: Instalment
    paid: Decimal
    state: InstalmentState

    @property
    def left(self) -> Decimal:
        """Dollars still owed of this instalment."""
        return self.instalment.amount - self.paid


@dataclass(frozen=True, slots=True)
class Standing:
    """A plan as of a day, in dollars. ``paid + left == total + credit``."""

    as_of: date
    rows: tuple[InstalmentRow, ...]
    total: Decimal
    paid: Decimal
    left: Decimal
    overdue: Decimal
    credit: Decimal  # paid beyond the total: to be given back
    overdue_since: date | None

    @property
    def coming(self) -> InstalmentRow | None:
        """The first one with money left that is due on or after the day."""
        states = (InstalmentState.DUE, InstalmentState.LATER)
        return next((row for row in self.rows if row.state in states), None)

    @property
    def is_paid_off(self) -> bool:
        """Nothing is left to pay."""
        return self.left == 0


def split(total: Decimal, parts: int, *, least: Decimal = CENT) -> tuple[Decimal, ...]:
    """``total`` dollars in equal ``parts``; odd cents go on the first ones: 100 in 3 is 33.34, 33.33, 33.33.

    Raises PlanError for fewer than one or too many parts and for instalments below ``least``, and
    MoneyError for a total that is not an amount of money above zero.
    """
    check_amount(total, "total of a payment plan")
    if total == 0:
        raise PlanError("There is nothing to pay in instalments: enter a total above zero.")
    if not 1 <= parts <= MOST_PAYMENTS:
        raise PlanError(f"A payment plan has 1 to {MOST_PAYMENTS} payments: check the number.")
    each, odd = divmod(int(total / CENT), parts)
    smallest = max(least, CENT)
    if each * CENT < smallest:
        raise PlanError(
            f"{format_money(total)} in {parts} comes to less than {format_money(smallest)} a payment: "
            "choose fewer payments."
        )
    return tuple((each + (1 if index < odd else 0)) * CENT for index in range(parts))


def schedule(total: Decimal, parts: int, first_on: date, *, least: Decimal = CENT) -> tuple[Instalment, ...]:
    """Monthly instalments from ``first_on``, each on its day of the month or that month's last day.

    The day is counted from the first one, so 31 Jan, 28 Feb is followed by 31 Mar. Raises as ``split``,
    and PlanError where the months run past the calendar's last year.
    """
    amounts = split(total, parts, least=least)
    try:
        days = [first_on + relativedelta(months=index) for index in range(parts)]
    except (ValueError, OverflowError) as error:
        raise PlanError(
            "The payment plan ends too far ahead: check the year of the first payment."
        ) from error
    return tuple(Instalment(day, amount) for day, amount in zip(days, amounts, strict=True))


def agreed(parts: Iterable[Part]) -> tuple[Agreed, ...]:
    """The instalments as agreed, the oldest first: what payments by halves split is put together again."""
    ordered = sorted(parts, key=attrgetter("due_on"))
    return tuple(_agreed(day, list(same)) for day, same in groupby(ordered, key=attrgetter("due_on")))


def _agreed(due_on: date, parts: Sequence[Part]) -> Agreed:
    total = sum((part.amount for part in parts), ZERO)
    left = sum((part.amount for part in parts if part.paid_on is None), ZERO)
    return Agreed(Instalment(due_on, total), left)


def standing(instalments: Sequence[Instalment], payments: Iterable[Payment], as_of: date) -> Standing:
    """What is paid, left and overdue at the end of ``as_of``; the oldest instalment is paid first.

    A payment dated later than ``as_of`` does not count yet. Raises PlanError without instalments and for
    a payment of nothing, MoneyError for a payment that is no amount of money.
    """
    if not instalments:
        raise PlanError("The payment plan has no payments: agree on at least one.")
    received = _received(payments, as_of)
    rows = _applied(sorted(instalments, key=lambda one: one.due_on), received, as_of)
    total = sum((row.instalment.amount for row in rows), ZERO)
    late = [row for row in rows if row.state is InstalmentState.OVERDUE]
    return Standing(
        as_of=as_of,
        rows=tuple(rows),
        total=total,
        paid=received,
        left=max(total - received, ZERO),
        overdue=sum((row.left for row in late), ZERO),
        credit=max(received - total, ZERO),
        overdue_since=late[0].instalment.due_on if late else None,
    )


def _received(payments: Iterable[Payment], as_of: date) -> Decimal:
    received = ZERO
    for payment in payments:
        check_amount(payment.amount, "payment")
        if payment.amount == 0:
            raise PlanError("A payment of nothing cannot be recorded: enter an amount above zero.")
        if payment.paid_on <= as_of:
            received += payment.amount
    return received


def _applied(instalments: Iterable[Instalment], received: Decimal, as_of: date) -> list[InstalmentRow]:
    rows = []
    for instalment in instalments:
        paid = min(instalment.amount, received)
        received -= paid
        rows.append(InstalmentRow(instalment, paid, _state(instalment, paid, as_of)))
    return rows


def _state(instalment: Instalment, paid: Decimal, as_of: date) -> InstalmentState:
    if paid == instalment.amount:
        return InstalmentState.PAID
    if instalment.due_on == as_of:
        return InstalmentState.DUE
    return InstalmentState.OVERDUE if instalment.due_on < as_of else InstalmentState.LATER
