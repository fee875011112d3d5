"""Since when, promised when, asked again when; and a day for each item when more is due than a day holds."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.spreading import spread_over
from carecoord_tui.domain.vocabulary import WaitingOn
from carecoord_tui.domain.waiting import Waiting, WaitingFacts, chase_day

TODAY = date(2026, 11, 30)  # a Monday
CALENDAR = Calendar()
HUMANA = Waiting("Humana", WaitingOn.PAYER, payer_id=1)
DAYS = st.dates(TODAY - timedelta(days=5), TODAY + timedelta(days=60))


@pytest.mark.parametrize(
    ("promised", "last", "asked"),
    [
        (date(2026, 12, 2), None, date(2026, 12, 3)),
        (date(2026, 12, 4), None, date(2026, 12, 7)),  # over the weekend
        (date(2026, 12, 24), None, date(2026, 12, 28)),  # over Christmas
        (date(2026, 12, 2), date(2026, 12, 2), date(2026, 12, 2)),  # the last day itself
        (date(2026, 12, 2), date(2026, 11, 20), date(2026, 12, 3)),  # a last day that is past binds nobody
    ],
)
def test_the_working_day_after_the_promise(promised: date, last: date | None, asked: date) -> None:
    assert chase_day(promised, CALENDAR, TODAY, last) == asked


def test_past_promise_is_by_what_they_said_first() -> None:
    assert WaitingFacts(None, date(2026, 11, 27), date(2026, 12, 4)).is_past(TODAY)
    assert not WaitingFacts(None, TODAY, TODAY).is_past(TODAY), "their day is not over"
    assert WaitingFacts(None, None, date(2026, 11, 27)).is_past(TODAY)


def test_the_same_party() -> None:
    assert HUMANA.is_same_party(Waiting("Humana Inc.", WaitingOn.PAYER, payer_id=1, promised_on=TODAY))
    assert not HUMANA.is_same_party(Waiting("Humana", WaitingOn.PAYER, payer_id=2))
    assert HUMANA.is_same_party(Waiting("humana")), "a bare name noted before"
    assert not Waiting("Cole", WaitingOn.FAMILY).is_same_party(Waiting("Cole", WaitingOn.CLINICIAN))


@given(
    st.lists(st.none() | DAYS, max_size=60),
    st.dictionaries(DAYS, st.integers(0, 9), max_size=20),
    st.integers(1, 8),
)
def test_spread(last_days: list[date | None], planned: dict[date, int], capacity: int) -> None:
    items = list(enumerate(last_days))
    plan = spread_over(items, planned=planned, capacity=capacity, calendar=CALENDAR, today=TODAY)
    assert [key for key, _ in plan.places] == [key for key, _ in items], "each has a day, in order"
    for (_, last), (_, day) in zip(items, plan.places, strict=True):
        assert day >= TODAY
        if last is not None and last >= TODAY:
            assert day <= last
        else:
            assert day > TODAY
            assert CALENDAR.is_working_day(day)
    assert sum(load.coming for load in plan.loads) == len(items)
    bound = {day for (_, last), (_, day) in zip(items, plan.places, strict=True) if last is not None}
    for load in plan.loads:
        if load.day not in bound:
            assert load.coming + load.already <= capacity


def test_a_full_day_is_gone_around_and_order_is_kept() -> None:
    tuesday, wednesday = date(2026, 12, 1), date(2026, 12, 2)
    plan = spread_over(
        [("a", None), ("b", None), ("c", tuesday)],
        planned={tuesday: 1},
        capacity=2,
        calendar=CALENDAR,
        today=TODAY,
    )
    assert plan.places == (("a", wednesday), ("b", wednesday), ("c", tuesday))
    with pytest.raises(ValueError, match="one item"):
        spread_over([("a", None)], planned={}, capacity=0, calendar=CALENDAR, today=TODAY)


def test_on_a_day_off_a_last_day_before_work_begins_again_stays_today() -> None:
    saturday, sunday = date(2026, 12, 5), date(2026, 12, 6)
    plan = spread_over(
        [("a", sunday), ("b", saturday)], planned={}, capacity=9, calendar=CALENDAR, today=saturday
    )
    assert plan.places == (("a", saturday), ("b", saturday)), "never the Friday that is past"
