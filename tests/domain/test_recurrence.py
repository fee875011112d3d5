"""Recurrence: words to rules and back, and the dates they give, checked against dateutil."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.recurrence import RecurrenceError, describe, next_after, parse_recurrence

MONDAY = date(2026, 11, 30)
HOLIDAYS = {date(2026, 11, 26), date(2026, 12, 25), date(2027, 1, 1), date(2027, 1, 18)}
DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
BASES = [
    *(
        "daily",
        "weekly",
        "monthly",
        "quarterly",
        "yearly",
        "every 2 days",
        "every other week",
        "every 3 weeks",
    ),
    *("every 3 months", "every 2 years", "every mon", "every mon and thu", "every business day"),
    *("every 2 weeks on tue", "monthly on the 31st", "every 2 months on the 15th", "yearly on 29 feb"),
]


def is_open(day: date) -> bool:
    return day.weekday() < 5 and day not in HOLIDAYS


@pytest.mark.parametrize(
    ("words", "rule", "described"),
    [
        ("daily", "FREQ=DAILY", "daily"),
        ("every day", "FREQ=DAILY", "daily"),
        ("weekly", "FREQ=WEEKLY;BYDAY=MO", "every Mon"),
        ("Every 2 weeks", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Mon"),
        ("every other week on thu", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "every 2 weeks on Thu"),
        ("every mon, wed", "FREQ=WEEKLY;BYDAY=MO,WE", "every Mon and Wed"),
        ("every business day", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every business day"),
        ("monthly on the 15th", "FREQ=MONTHLY;BYMONTHDAY=15", "monthly on the 15th"),
        ("monthly", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", "monthly on the 30th or last day"),
        ("every 3 months on the 1st", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1", "every 3 months on the 1st"),
        ("quarterly on the 2nd", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=2", "every 3 months on the 2nd"),
        ("yearly on 3 dec", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=3", "yearly on 3 Dec"),
        ("annually", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=28,29,30;BYSETPOS=-1", "yearly on 30 Nov"),
    ],
)
def test_words_and_rules(words: str, rule: str, described: str) -> None:
    assert parse_recurrence(words, first_due=MONDAY) == rule
    assert describe(rule) == described
    assert parse_recurrence(described) == rule


@pytest.mark.parametrize(
    "words",
    [
        *("", "sometimes", "biweekly", "bimonthly", "every 0 weeks", "every 100 weeks", "every 5", "every"),
        *("on mon", "daily on mon", "weekly on the 15th", "monthly on the 32nd", "yearly on 30 feb"),
        "every mon on tue",
    ],
)
def test_words_refused(words: str) -> None:
    with pytest.raises(RecurrenceError):
        parse_recurrence(words)


@pytest.mark.parametrize(
    "rule",
    [
        *("", "x", "FREQ=SECONDLY", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=3"),
        *("FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=DAILY;INTERVAL=٣"),
        *(
            "FREQ=DAILY;BYDAY=MO",
            "FREQ=WEEKLY;BYMONTHDAY=3",
            "FREQ=YEARLY;BYMONTH=2",
            "FREQ=WEEKLY;BYDAY=TU,MO",
        ),
        *("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31,32;BYSETPOS=-1", "FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=1"),
    ],
)
def test_rules_outside_the_subset_are_refused(rule: str) -> None:
    with pytest.raises(RecurrenceError):
        describe(rule)
    with pytest.raises(RecurrenceError):
        next_after(rule, MONDAY, is_open)


@pytest.mark.parametrize(
    ("words", "last", "expected"),
    [
        ("daily", date(2026, 11, 27), date(2026, 11, 30)),  # over a weekend
        ("every business day", date(2026, 11, 25), date(2026, 11, 27)),  # over Thanksgiving
        ("every thu", date(2026, 11, 19), date(2026, 11, 25)),  # the day before, same week
        ("every thu", date(2026, 11, 25), date(2026, 12, 3)),  # and no drift after it
        ("every mon", date(2027, 1, 11), date(2027, 1, 19)),  # a Monday holiday: not the week before
        ("every mon", date(2027, 1, 19), date(2027, 1, 25)),
        ("monthly on the 31st", date(2027, 1, 29), date(2027, 2, 26)),  # 31 Jan and 28 Feb are Sundays
        ("monthly on the 1st", date(2026, 12, 1), date(2027, 1, 4)),
        ("every 3 months on the 15th", date(2026, 11, 13), date(2027, 2, 15)),
        ("yearly on 29 feb", date(2026, 2, 27), date(2027, 2, 26)),
    ],
)
def test_next_after(words: str, last: date, expected: date) -> None:
    assert next_after(parse_recurrence(words), last, is_open) == expected


def test_done_late_skips_what_was_missed_and_keeps_the_rhythm() -> None:
    rule = parse_recurrence("every 2 weeks on mon")
    assert next_after(rule, date(2026, 11, 2), is_open) == date(2026, 11, 16)
    assert next_after(rule, date(2026, 11, 2), is_open, after=date(2026, 11, 18)) == MONDAY


def test_a_calendar_that_is_never_open_is_refused() -> None:
    with pytest.raises(RecurrenceError):
        next_after("FREQ=DAILY", MONDAY, lambda _: False)


@given(st.sampled_from(BASES), DAYS)
def test_dates_agree_with_dateutil_where_every_day_is_open(words: str, start: date) -> None:
    rule = parse_recurrence(words, first_due=start)
    due = next_after(rule, start, lambda _: True)
    begin = datetime.combine(start, time())
    expected = rrulestr(rule, dtstart=begin).after(begin)
    assert expected is not None
    assert due == expected.date()


@given(st.sampled_from(BASES), DAYS)
def test_dates_are_open_rise_and_never_skip_a_period(words: str, start: date) -> None:
    rule = parse_recurrence(words, first_due=start)
    dates = [start]
    for _ in range(5):
        dates.append(next_after(rule, dates[-1], is_open))
    assert all(earlier < later for earlier, later in pairwise(dates))
    assert all(is_open(day) for day in dates[1:])
    if words in ("weekly", "every mon"):
        mondays = [day - timedelta(days=day.weekday()) for day in dates[1:]]
        assert all(later - earlier == timedelta(days=7) for earlier, later in pairwise(mondays))
    if words in ("monthly", "monthly on the 31st"):
        months = [day.year * 12 + day.month for day in dates[1:]]
        assert all(later - earlier == 1 for earlier, later in pairwise(months))


@given(st.sampled_from(BASES), DAYS)
def test_a_description_reads_back(words: str, first_due: date) -> None:
    rule = parse_recurrence(words, first_due=first_due)
    assert parse_recurrence(describe(rule)) == rule


@given(st.text() | st.text("every ontwkmhdayubsi0123 ,", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_recurrence, describe):
        try:
            parse(text)
        except RecurrenceError as error:
            assert str(error).endswith(".")
