"""Payment plans: exact cents, months, and what is overdue on a day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.billing_rows import PartRow, standing_of
from carecoord_tui.domain.money import MoneyError
from carecoord_tui.domain.payment_plan import (
    Instalment,
    InstalmentState,
    Payment,
    PlanError,
    agreed,
    schedule,
    split,
    standing,
)

D = Decimal
FIRST = date(2026, 12, 15)
PLAN = schedule(D(410), 4, FIRST)


def test_monday_step_26() -> None:
    assert split(D(410), 4) == (D("102.50"),) * 4
    assert [one.due_on for one in PLAN] == [
        date(2026, 12, 15), date(2027, 1, 15), date(2027, 2, 15), date(2027, 3, 15),
    ]  # fmt: skip


def test_odd_cents_go_on_the_first_payments() -> None:
    assert split(D(100), 3) == (D("33.34"), D("33.33"), D("33.33"))
    assert split(D("0.05"), 3) == (D("0.02"), D("0.02"), D("0.01"))


@pytest.mark.parametrize(
    ("first", "days"),
    [
        (date(2027, 1, 31), ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        (date(2027, 12, 31), ["2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]),
        (date(2028, 2, 29), ["2028-02-29", "2028-03-29", "2028-04-29", "2028-05-29"]),
    ],
)
def test_month_ends(first: date, days: list[str]) -> None:
    assert [one.due_on.isoformat() for one in schedule(D(100), 4, first)] == days


@pytest.mark.parametrize(
    ("total", "parts", "words"),
    [
        (D(0), 4, "above zero"),
        (D(410), 0, "1 to 120"),
        (D(410), -1, "1 to 120"),
        (D(410), 121, "1 to 120"),
        (D("0.02"), 3, "fewer payments"),
    ],
)
def test_plans_that_cannot_be_made(total: Decimal, parts: int, words: str) -> None:
    with pytest.raises(PlanError, match=words):
        split(total, parts)


@pytest.mark.parametrize("total", [D(-5), D("NaN"), D("1000000.01"), D("1.005")])
def test_totals_that_are_no_money(total: Decimal) -> None:
    with pytest.raises(MoneyError):
        split(total, 2)


def test_a_practice_may_ask_for_a_least_payment() -> None:
    assert split(D(100), 4, least=D(25)) == (D("25.00"),) * 4
    with pytest.raises(PlanError, match=r"\$100\.00 in 5 comes to less than \$25\.00"):
        split(D(100), 5, least=D(25))
    with pytest.raises(PlanError, match=r"less than \$0\.01"):
        split(D("0.01"), 2, least=D(0))


def test_a_plan_past_the_end_of_the_calendar() -> None:
    with pytest.raises(PlanError, match="too far ahead"):
        schedule(D(410), 4, date(9999, 11, 1))


# --- Standing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "overdue", "since", "states"),
    [
        ("2026-12-14", "0", None, "later later later later"),
        ("2026-12-15", "0", None, "due later later later"),  # the due day is not late
        ("2026-12-16", "102.50", "2026-12-15", "overdue later later later"),
        ("2027-01-20", "205.00", "2026-12-15", "overdue overdue later later"),
        ("2030-01-01", "410.00", "2026-12-15", "overdue overdue overdue overdue"),
    ],
)
def test_nothing_paid(as_of: str, overdue: str, since: str | None, states: str) -> None:
    now = standing(PLAN, [], date.fromisoformat(as_of))
    assert now.overdue == D(overdue)
    assert now.overdue_since == (date.fromisoformat(since) if since else None)
    assert [row.state.value for row in now.rows] == states.split()
    assert (now.paid, now.left, now.total) == (D(0), D(410), D(410))


def test_the_oldest_is_paid_first_and_a_part_payment_stays_overdue() -> None:
    now = standing(PLAN, [Payment(date(2026, 12, 20), D(150))], date(2027, 1, 16))
    assert [row.paid for row in now.rows] == [D("102.50"), D("47.50"), D(0), D(0)]
    assert now.rows[0].state is InstalmentState.PAID
    assert (now.overdue, now.overdue_since) == (D("55.00"), date(2027, 1, 15))
    assert now.coming is not None
    assert (now.coming.instalment, now.coming.left) == (PLAN[2], D("102.50"))
    assert now.rows[1].left == D("55.00")


def test_a_payment_after_the_day_does_not_count_yet() -> None:
    payments = [Payment(date(2026, 12, 20), D("102.50"))]
    assert standing(PLAN, payments, date(2026, 12, 19)).overdue == D("102.50")
    assert standing(PLAN, payments, date(2026, 12, 20)).overdue == D(0)


def test_paid_off_and_paid_too_much() -> None:
    done = standing(PLAN, [Payment(FIRST, D(410))], FIRST)
    assert (done.is_paid_off, done.left, done.credit, done.coming) == (True, D(0), D(0), None)
    over = standing(PLAN, [Payment(FIRST, D(500))], FIRST)
    assert (over.is_paid_off, over.left, over.credit) == (True, D(0), D(90))


def test_bad_payments_and_empty_plans_are_refused() -> None:
    with pytest.raises(PlanError, match="above zero"):
        standing(PLAN, [Payment(FIRST, D(0))], FIRST)
    with pytest.raises(MoneyError, match="payment"):
        standing(PLAN, [Payment(FIRST, D(-5))], FIRST)
    with pytest.raises(PlanError, match="no payments"):
        standing([], [], FIRST)


# --- Properties ---------------------------------------------------------------------------------

TOTALS = st.integers(120, 100_000_000).map(lambda number: D(number) / 100)
PARTS = st.integers(1, 120)


@given(TOTALS, PARTS)
def test_a_plan_adds_up_and_is_even(total: Decimal, parts: int) -> None:
    amounts = split(total, parts)
    assert sum(amounts) == total
    assert len(amounts) == parts
    assert max(amounts) - min(amounts) <= D("0.01")
    assert list(amounts) == sorted(amounts, reverse=True)


@given(TOTALS, PARTS, st.dates(date(2020, 1, 1), date(2060, 1, 1)))
def test_one_payment_each_month(total: Decimal, parts: int, first: date) -> None:
    plan = schedule(total, parts, first)
    months = [one.due_on.year * 12 + one.due_on.month for one in plan]
    assert months == list(range(months[0], months[0] + parts))
    assert all(one.due_on.day == first.day or (one.due_on + timedelta(days=1)).day == 1 for one in plan)


@given(
    TOTALS,
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 5_000_000)), max_size=8),
    st.integers(-10, 500),
    st.randoms(),
)
def test_money_is_neither_lost_nor_found(total, parts, paid, day, random) -> None:  # type: ignore[no-untyped-def]
    plan: list[Instalment] = list(schedule(total, parts, FIRST))
    payments = [Payment(FIRST + timedelta(days=when), D(amount) / 100) for when, amount in paid]
    as_of = FIRST + timedelta(days=day)
    now = standing(plan, payments, as_of)
    assert now.paid + now.left == now.total + now.credit
    assert sum(row.paid for row in now.rows) == now.paid - now.credit
    assert now.overdue == sum(row.left for row in now.rows if row.instalment.due_on < as_of)
    random.shuffle(plan)
    random.shuffle(payments)
    assert standing(plan, payments, as_of) == now


# --- stored parts -------------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 50_000), min_size=1, max_size=12),
    st.lists(st.integers(1, 60_000), max_size=8),
    st.randoms(use_true_random=False),
)
def test_however_payments_split_the_parts_the_agreement_stays(amounts, payments, random) -> None:  # type: ignore[no-untyped-def]
    """Parts are split as the store does, the oldest first; read in any order they are the plan again."""
    plan = [Instalment(FIRST + timedelta(days=30 * n), D(cents) / 100) for n, cents in enumerate(amounts)]
    parts = [PartRow(one.due_on, one.amount, None) for one in plan]
    received = []
    for cents in payments:
        money = min(D(cents) / 100, sum((part.amount for part in parts if part.paid_on is None), D(0)))
        if money:
            received.append(Payment(FIRST, money))
            parts = pay(parts, money)
    random.shuffle(parts)
    assert [one.instalment for one in agreed(parts)] == plan
    day = plan[-1].due_on
    assert standing_of(parts, day) == standing(plan, received, day)
    assert sum(one.left for one in agreed(parts)) == standing_of(parts, day).left


def pay(parts: list[PartRow], money: Decimal) -> list[PartRow]:
    """Money put to the oldest open parts; the one it does not cover becomes two."""
    after = []
    for part in sorted(parts, key=lambda one: one.due_on):
        taken = D(0) if part.paid_on else min(part.amount, money)
        money -= taken
        if taken:
            after.append(PartRow(part.due_on, taken, FIRST))
        if taken < part.amount:
            after.append(PartRow(part.due_on, part.amount - taken, part.paid_on))
    return after
