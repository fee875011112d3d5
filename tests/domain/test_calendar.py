"""Business days against a frozen table of observed holidays and a plain day-by-day count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carecoord_tui.domain.calendar import Calendar, federal_holidays

NAMES = {
    "new year": "New Year's Day",
    "king": "Birthday of Martin Luther King, Jr.",
    "washington": "Washington's Birthday",
    "memorial": "Memorial Day",
    "juneteenth": "Juneteenth National Independence Day",
    "independence": "Independence Day",
    "labor": "Labor Day",
    "columbus": "Columbus Day",
    "veterans": "Veterans Day",
    "thanksgiving": "Thanksgiving Day",
    "christmas": "Christmas Day",
}

# Observed dates, month-day in the order of NAMES, as published by the Office of Personnel Management.
# Where New Year's Day is observed in the year before, that year has it a second time at the end.
OBSERVED = {
    2021: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2022: "      01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26",
    2023: "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
    2024: "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
    2025: "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25",
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2028: "      01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
    2029: "01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25",
    2030: "01-01 01-21 02-18 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25",
}

CALENDAR = Calendar()
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))
COUNTS = st.integers(-60, 60)
CLOSURES = st.frozensets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=30)
PLAN_DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize("year", OBSERVED)
def test_observed_holidays_match_the_published_table(year: int) -> None:
    names = list(NAMES.values())
    dates = OBSERVED[year].split()
    if OBSERVED[year].startswith(" "):
        names = names[1:]
    if len(dates) > len(names):
        names = [*names, NAMES["new year"]]
    expected = [(day(f"{year}-{text}"), name) for text, name in zip(dates, names, strict=True)]
    assert list(federal_holidays(year).items()) == expected


def test_a_saturday_new_year_is_observed_in_the_year_before() -> None:
    assert federal_holidays(2027)[day("2027-12-31")] == "New Year's Day"
    assert "New Year's Day" not in federal_holidays(2028).values()


def test_juneteenth_was_no_holiday_before_2021() -> None:
    assert NAMES["juneteenth"] not in federal_holidays(2020).values()
    assert CALENDAR.is_business_day(day("2020-06-19"))


def test_changing_the_returned_table_changes_no_calendar() -> None:
    federal_holidays(2026).clear()
    assert not CALENDAR.is_business_day(day("2026-11-26"))


@pytest.mark.parametrize("year", [1, 9999])
def test_the_first_and_last_year_of_the_calendar_work(year: int) -> None:
    assert all(observed.year == year for observed in federal_holidays(year))


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-11-25", 2, "2026-11-30"),  # Thanksgiving and a weekend between
        ("2026-07-02", 2, "2026-07-07"),  # Saturday 4 July observed on the Friday
        ("2026-12-02", -3, "2026-11-27"),  # the Friday after Thanksgiving is a business day
        ("2026-11-28", 1, "2026-11-30"),  # from a Saturday
        ("2026-11-28", -1, "2026-11-27"),
        ("2027-12-30", 1, "2028-01-03"),  # New Year's Day 2028 observed on 31 December
        ("2026-11-28", 0, "2026-11-28"),  # nothing to count: even a Saturday stays
    ],
)
def test_add_business_days(start: str, n: int, end: str) -> None:
    assert CALENDAR.add_business_days(day(start), n) == day(end)


def test_closures_stop_working_days_and_never_business_days() -> None:
    closed = Calendar(frozenset({day("2026-11-27")}))
    assert closed.add_business_days(day("2026-11-25"), 1) == day("2026-11-27")
    assert closed.add_working_days(day("2026-11-25"), 1) == day("2026-11-30")
    assert closed.next_working_day(day("2026-11-25")) == day("2026-11-30")
    assert closed.is_business_day(day("2026-11-27"))
    assert not closed.is_business_day(day("2026-11-27"), closures=True)
    assert closed.previous_business_day_on_or_before(day("2026-11-28")) == day("2026-11-27")
    assert closed.previous_working_day_on_or_before(day("2026-11-28")) == day("2026-11-25")
    assert closed.next_working_day_on_or_after(day("2026-11-26")) == day("2026-11-30")


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-11-30", "2026-12-14", 10),
        ("2026-11-30", "2026-12-03", 3),
        ("2026-11-30", "2026-12-02", 2),
        ("2026-11-30", "2026-11-30", 0),
        ("2026-11-27", "2026-11-29", 0),
        ("2026-12-02", "2026-11-27", -3),
        ("2026-01-01", "2027-01-01", 250),
    ],
)
def test_business_days_between(start: str, end: str, count: int) -> None:
    assert CALENDAR.business_days_between(day(start), day(end)) == count


def test_holidays_between_includes_both_ends_and_crosses_years() -> None:
    assert CALENDAR.holidays_between(day("2026-12-25"), day("2027-01-01")) == [
        (day("2026-12-25"), "Christmas Day"),
        (day("2027-01-01"), "New Year's Day"),
    ]
    assert CALENDAR.holidays_between(day("2026-12-26"), day("2026-12-31")) == []
    assert CALENDAR.holiday(day("2026-11-26")) == "Thanksgiving Day"
    assert CALENDAR.holiday(day("2026-11-27")) is None


def test_fingerprint_depends_on_the_closures_and_not_on_their_order() -> None:
    days = [day("2026-12-24"), day("2026-12-31"), day("2027-07-02")]
    assert Calendar(frozenset(days)).fingerprint() == Calendar(frozenset(reversed(days))).fingerprint()
    assert Calendar(frozenset(days)).fingerprint() != Calendar(frozenset(days[:2])).fingerprint()
    assert len(Calendar().fingerprint()) == 64


@given(DAYS, COUNTS)
def test_adding_lands_on_a_business_day_and_counting_gives_the_number_back(start: date, n: int) -> None:
    end = CALENDAR.add_business_days(start, n)
    assert CALENDAR.business_days_between(start, end) == n
    assert n == 0 or CALENDAR.is_business_day(end)


@given(DAYS, COUNTS, COUNTS)
def test_adding_is_strictly_monotone_in_the_count(start: date, a: int, b: int) -> None:
    first, second = CALENDAR.add_business_days(start, a), CALENDAR.add_business_days(start, b)
    assert (first < second) == (a < b)


@given(DAYS, DAYS, st.integers(0, 30))
def test_adding_is_monotone_in_the_start(a: date, b: date, n: int) -> None:
    early, late = sorted((a, b))
    assert CALENDAR.add_business_days(early, n) <= CALENDAR.add_business_days(late, n)


@given(DAYS, COUNTS)
def test_adding_and_taking_away_returns_to_a_business_day(start: date, n: int) -> None:
    start = CALENDAR.previous_business_day_on_or_before(start)
    assert CALENDAR.add_business_days(CALENDAR.add_business_days(start, n), -n) == start


@settings(max_examples=50)
@given(DAYS, st.integers(0, 800))
def test_counting_equals_looking_at_every_day(start: date, span: int) -> None:
    days = [start + timedelta(days=i) for i in range(1, span + 1)]
    end = start + timedelta(days=span)
    assert CALENDAR.business_days_between(start, end) == sum(map(CALENDAR.is_business_day, days))


@given(CLOSURES, PLAN_DAYS, st.integers(-10, 10))
def test_closures_move_working_days_outward_and_leave_business_days_alone(
    closures: frozenset[date], start: date, n: int
) -> None:
    calendar = Calendar(closures)
    business, working = calendar.add_business_days(start, n), calendar.add_working_days(start, n)
    assert business == CALENDAR.add_business_days(start, n)
    assert working >= business if n >= 0 else working <= business
    assert n == 0 or calendar.is_working_day(working)
