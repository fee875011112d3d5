"""The date grammar: what is understood, what is refused, and how dates are shown."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.date_lean import Lean
from carecoord_tui.domain.dates import (
    DateError,
    DateOrder,
    OrderStatus,
    When,
    add_business_days,
    age_on,
    due_label,
    echo,
    format_birth,
    format_day,
    format_full_day,
    format_time,
    infer_order,
    parse_birth_date,
    parse_when,
    read_time,
    read_when,
)
from tests.domain.naughty import naughty_strings

MONDAY = date(2026, 11, 30)
THANKSGIVING = date(2026, 11, 26)
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
ANY_TEXT = st.text() | st.text("0123456789/:-+. adeimnopuwy,thrfsTZ\x1b\u202e", max_size=20)


def when(text: str, today: date = MONDAY, **options: object) -> str:
    return echo(parse_when(text, today=today, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", "Mon 30 Nov 2026"),
        ("Tomorrow", "Tue 1 Dec 2026"),
        ("mon", "Mon 7 Dec 2026"),
        ("thursday", "Thu 3 Dec 2026"),
        ("by thurs", "Thu 3 Dec 2026"),
        ("next week", "Mon 7 Dec 2026"),
        ("+3", "Thu 3 Dec 2026"),
        ("+3d", "Thu 3 Dec 2026"),
        ("+2w", "Mon 14 Dec 2026"),
        ("+1m", "Wed 30 Dec 2026"),
        ("+1y", "Tue 30 Nov 2027"),
        ("in a week", "Mon 7 Dec 2026"),
        ("in 2 weeks", "Mon 14 Dec 2026"),
        ("in 3 business days", "Thu 3 Dec 2026"),
        ("in 10 days", "Thu 10 Dec 2026"),
        ("in 1 month", "Wed 30 Dec 2026"),
        ("3 dec", "Thu 3 Dec 2026"),
        ("3dec", "Thu 3 Dec 2026"),
        ("dec 3", "Thu 3 Dec 2026"),
        ("December 3rd, 2026", "Thu 3 Dec 2026"),
        ("3 dec 2027", "Fri 3 Dec 2027"),
        ("thu 3 dec", "Thu 3 Dec 2026"),
        ("12/3", "Thu 3 Dec 2026"),
        ("12/3/26", "Thu 3 Dec 2026"),
        ("12/3/2026", "Thu 3 Dec 2026"),
        ("12-3-2026", "Thu 3 Dec 2026"),
        ("2026-12-03", "Thu 3 Dec 2026"),
        ("2026/12/3", "Thu 3 Dec 2026"),
        ("30 nov", "Mon 30 Nov 2026"),  # today is not past
        ("29 nov", "Mon 29 Nov 2027"),
        ("11/27/2026", "Fri 27 Nov 2026"),
        ("3 dec 2pm", "Thu 3 Dec 2026, 2pm"),
        ("thu 2pm", "Thu 3 Dec 2026, 2pm"),
        ("thu at 2:30 p.m.", "Thu 3 Dec 2026, 2:30pm"),
        ("2pm thu", "Thu 3 Dec 2026, 2pm"),
        ("tomorrow 9:30", "Tue 1 Dec 2026, 9:30am"),
        ("dec 3 14:00", "Thu 3 Dec 2026, 2pm"),
        ("2026-12-03T14:00", "Thu 3 Dec 2026, 2pm"),
        ("2026-12-03 08:00:00", "Thu 3 Dec 2026, 8am"),
        ("12/3 noon", "Thu 3 Dec 2026, noon"),
        ("fri 12am", "Fri 4 Dec 2026, 12am"),
        ("fri 12pm", "Fri 4 Dec 2026, noon"),
        ("fri 02:30", "Fri 4 Dec 2026, 2:30am"),
    ],
)
def test_understood(text: str, expected: str) -> None:
    assert when(text) == expected


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "Type a date"),
        ("5", "could be a day"),
        ("20261203", "could be a day"),
        ("2pm", "no day"),
        ("next mon", "two dates"),
        ("yesterday", "past"),
        ("30 feb", "no 30 Feb"),
        ("29 feb", "no 29 Feb 2027"),
        ("25/12/2026", "no month 25"),
        ("thu 4 dec", "not a Thu"),
        ("3 dec 61", "20 years"),
        ("+0", "from 1 to 999"),
        ("+99999999999999999999", "from 1 to 999"),
        ("thu 25:00", "no time"),
        ("thu 13pm", "no time"),
        ("thu 2:30", "night or afternoon"),
        ("in 3", "not understood"),
        ("soon", "not understood"),
        ("1.2", "not understood"),
        ("٣ dec", "not understood"),
    ],
)
def test_refused_with_words(text: str, word: str) -> None:
    with pytest.raises(DateError, match=word):
        parse_when(text, today=MONDAY)


def test_a_message_never_carries_an_escape_sequence() -> None:
    with pytest.raises(DateError) as refused:
        parse_when("\x1b[31mred\u202e", today=MONDAY)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("order", "text", "expected"),
    [
        (DateOrder.DMY, "3/12", "Thu 3 Dec 2026"),
        (DateOrder.DMY, "3.12.2026", "Thu 3 Dec 2026"),
        (DateOrder.DMY, "2026-12-03", "Thu 3 Dec 2026"),
        (DateOrder.YMD, "26/12/3", "Thu 3 Dec 2026"),
        (DateOrder.YMD, "12/3", "Thu 3 Dec 2026"),
    ],
)
def test_numeric_dates_follow_the_setting(order: DateOrder, text: str, expected: str) -> None:
    assert when(text, order=order) == expected


def test_the_year_must_lead_where_the_setting_says_so() -> None:
    with pytest.raises(DateError, match="start with the year"):
        parse_when("12/3/2026", today=MONDAY, order=DateOrder.YMD)


def test_business_days_use_the_given_calendar() -> None:
    wednesday = date(2026, 11, 25)

    def open_day(day: date) -> bool:
        return day.weekday() < 5 and day != THANKSGIVING

    assert when("+2bd", wednesday, is_business_day=open_day) == "Mon 30 Nov 2026"
    assert when("+2bd", wednesday) == "Fri 27 Nov 2026"
    with pytest.raises(DateError, match="too few business days"):
        add_business_days(wednesday, 1, lambda _: False)


def test_yesterday_and_past_dates() -> None:
    assert when("yesterday", allow_past=True) == "Sun 29 Nov 2026"
    assert parse_when("11/27/2026", today=MONDAY).is_past(MONDAY)
    assert not When(MONDAY).is_past(MONDAY)


def test_month_ends() -> None:
    assert when("+1m", date(2027, 1, 31)) == "Sun 28 Feb 2027"
    assert when("29 feb", date(2027, 3, 1)) == "Tue 29 Feb 2028"


def test_reading_tells_no_date_from_an_impossible_one() -> None:
    assert read_when("CGM supplies", today=MONDAY) is None
    assert read_when("CGM 25:00", today=MONDAY) is None
    assert read_time("at 2pm") == time(14)
    assert read_time("thu") is None
    with pytest.raises(DateError):
        read_when("feb 30", today=MONDAY)


@given(DAYS)
def test_a_weekday_is_the_next_one_never_today(today: date) -> None:
    found = parse_when(f"{today:%A}", today=today).on
    assert found == today + timedelta(days=7)


@given(today=DAYS, ahead=st.integers(0, 365), at=st.none() | st.times())
def test_an_echo_reads_back(today: date, ahead: int, at: time | None) -> None:
    meant = When(
        today + timedelta(days=ahead), at.replace(second=0, microsecond=0, tzinfo=None) if at else None
    )
    assert parse_when(echo(meant), today=today) == meant
    assert parse_when(format_day(meant.on, today), today=today).on == meant.on


@given(day=DAYS, order=st.sampled_from(DateOrder))
def test_numeric_forms_read_back_in_every_order(day: date, order: DateOrder) -> None:
    form = {"mdy": "{0.month}/{0.day}/{0.year}", "dmy": "{0.day}/{0.month}/{0.year}", "ymd": "{0}"}[order]
    assert parse_when(form.format(day), today=day, order=order).on == day


@given(text=ANY_TEXT, today=DAYS, order=st.sampled_from(DateOrder))
def test_any_text_is_read_or_refused(text: str, today: date, order: DateOrder) -> None:
    for parse in (parse_when, parse_birth_date):
        try:
            parse(text, today=today, order=order)
        except DateError as error:
            assert str(error).endswith(".")


def test_naughty_strings_are_refused() -> None:
    for text in naughty_strings():
        if text.strip() == "1/2":  # which is 2 January
            continue
        for parse in (parse_when, parse_birth_date):
            with pytest.raises(DateError):
                parse(text, today=MONDAY)


# --- birth dates


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1961-03-14",
            "1961/3/14",
            "3/14/1961",
            "03-14-1961",
            "14 Mar 1961",
            "14-Mar-1961",
            "March 14, 1961",
        ),
        *("19610314", "1961-03-14 00:00:00", "1961-03-14T00:00:00Z", "3/14/1961 0:00"),
    ],
)
def test_birth_dates(text: str) -> None:
    assert parse_birth_date(text, today=MONDAY) == date(1961, 3, 14)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("3/14/61", "four digits"),
        ("14 mar 61", "four digits"),
        ("14 mar", "four digits"),
        ("03141961", "year, month, day"),
        ("19610230", "its month"),
        ("14/3/1961", "no real month, read as month/day/year"),
        ("2026-12-01", "future"),
        ("1901-11-29", "125 years"),
        ("mar", "not understood"),
        ("", "not understood"),
    ],
)
def test_birth_dates_refused_without_repeating_them(text: str, word: str) -> None:
    with pytest.raises(DateError, match=word) as refused:
        parse_birth_date(text, today=MONDAY)
    assert not text or text not in str(refused.value)


@given(st.dates(date(1905, 1, 1), date(2026, 11, 30)))
def test_a_shown_birth_date_reads_back(day: date) -> None:
    assert parse_birth_date(format_birth(day), today=MONDAY) == day
    assert parse_birth_date(f"{day:%Y%m%d}", today=MONDAY) == day


# --- the order of a column


@pytest.mark.parametrize(
    ("values", "status", "order"),
    [
        (["3/4/2020", "3/14/2020"], OrderStatus.DECIDED, DateOrder.MDY),
        (["3/4/2020", "14/3/2020 0:00"], OrderStatus.DECIDED, DateOrder.DMY),
        (["61/03/14", "60/01/02"], OrderStatus.DECIDED, DateOrder.YMD),
        (["1961-03-14", "19610314"], OrderStatus.DECIDED, DateOrder.YMD),
        (["1961-03-14", "3/14/1961"], OrderStatus.DECIDED, DateOrder.MDY),
        (["14 Mar 1961", "", "n/a"], OrderStatus.NOT_NEEDED, None),
        (["5/5/2020"], OrderStatus.NOT_NEEDED, None),
        ([], OrderStatus.NOT_NEEDED, None),
        (["3/4/2020", "5/6/2021"], OrderStatus.UNDECIDABLE, None),
        (["3/14/2020", "14/3/2020"], OrderStatus.CONFLICTING, None),
    ],
)
def test_infer_order(values: list[str], status: OrderStatus, order: DateOrder | None) -> None:
    guess = infer_order(values)
    assert (guess.status, guess.order) == (status, order)
    assert guess.needs_answer == (status in (OrderStatus.UNDECIDABLE, OrderStatus.CONFLICTING))


def test_a_conflict_names_the_offenders() -> None:
    guess = infer_order(["", "3/14/2020", "5/6/2021", "4/15/2020", "14/3/2020"])
    assert guess.conflicts == (4,)
    assert guess.counts == {DateOrder.MDY: 3, DateOrder.DMY: 2}
    assert guess.proofs[DateOrder.MDY] == (1, 3)
    assert guess.possible == (DateOrder.MDY, DateOrder.DMY)


@given(st.lists(DAYS, min_size=1, max_size=30), st.sampled_from((DateOrder.MDY, DateOrder.DMY)))
def test_a_decided_order_is_the_one_it_was_written_in(days: list[date], order: DateOrder) -> None:
    form = "{0.month}/{0.day}/{0.year}" if order is DateOrder.MDY else "{0.day}/{0.month}/{0.year}"
    guess = infer_order(form.format(day) for day in days)
    assert guess.status is not OrderStatus.CONFLICTING
    assert guess.order in (order, None)
    if any(day.day > 12 for day in days):
        assert guess.order is order


# --- showing


def test_day_forms() -> None:
    assert format_day(MONDAY) == format_day(MONDAY, MONDAY) == "Mon 30 Nov"
    assert format_day(date(2027, 11, 30), MONDAY) == "Tue 30 Nov 2027"
    assert format_full_day(MONDAY) == "Mon 30 Nov 2026"
    assert format_birth(date(1961, 3, 14)) == "14 Mar 1961"


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (time(14), "2pm"),
        (time(14, 30), "2:30pm"),
        (time(9, 5), "9:05am"),
        (time(12), "noon"),
        (time(0), "12am"),
    ],
)
def test_time_forms(at: time, shown: str) -> None:
    assert format_time(at) == shown


@pytest.mark.parametrize(
    ("day", "late", "shown"),
    [
        (date(2026, 11, 30), 0, "today"),
        (date(2026, 12, 1), 0, "tomorrow"),
        (date(2026, 12, 2), 0, "Wed 2 Dec"),
        (date(2027, 1, 29), 0, "Fri 29 Jan 2027"),
        (date(2026, 11, 27), 1, "Fri, 1d"),
        (date(2026, 11, 28), 0, "Sat 28 Nov"),
        (date(2026, 11, 13), 10, "13 Nov, 10d"),
        (date(2025, 12, 1), 251, "1 Dec 2025, 251d"),
    ],
)
def test_due_label(day: date, late: int, shown: str) -> None:
    assert due_label(day, MONDAY, late) == shown


def test_age() -> None:
    assert age_on(date(1955, 3, 14), MONDAY) == 71
    assert age_on(date(2004, 2, 29), date(2026, 2, 28)) == 21
    assert age_on(date(2004, 2, 29), date(2026, 3, 1)) == 22
    with pytest.raises(ValueError, match="before the birth"):
        age_on(MONDAY, date(2026, 11, 29))


MONDAY_30 = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "ahead", "nearest", "past"),
    [
        ("25 nov", "2027-11-25", "2026-11-25", "2026-11-25"),
        ("12/9", "2026-12-09", "2026-12-09", "2025-12-09"),
        ("nov 30", "2026-11-30", "2026-11-30", "2026-11-30"),
        ("fri", "2026-12-04", "2026-12-04", "2026-11-27"),
        ("mon", "2026-12-07", "2026-12-07", "2026-11-30"),
        ("jan 5", "2027-01-05", "2027-01-05", "2026-01-05"),
        ("11/25/2025", "2025-11-25", "2025-11-25", "2025-11-25"),
        ("29 feb", None, None, None),
    ],
)
def test_a_day_without_a_year_leans_as_its_field_does(
    text: str, ahead: str | None, nearest: str | None, past: str | None
) -> None:
    for lean, wanted in ((Lean.AHEAD, ahead), (Lean.NEAREST, nearest), (Lean.PAST, past)):
        if wanted is None:
            with pytest.raises(DateError):
                parse_when(text, today=MONDAY_30, lean=lean)
        else:
            assert parse_when(text, today=MONDAY_30, lean=lean).on == date.fromisoformat(wanted), lean


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("3 days ago", "2026-11-27"),
        ("-3d", "2026-11-27"),
        ("a week ago", "2026-11-23"),
        ("last fri", "2026-11-27"),
        ("last mon", "2026-11-23"),
        ("yesterday", "2026-11-29"),
    ],
)
def test_what_happened_is_said_as_people_say_it(text: str, day: str) -> None:
    assert parse_when(text, today=MONDAY_30, lean=Lean.PAST).on == date.fromisoformat(day)
    with pytest.raises(DateError):
        parse_when(text, today=MONDAY_30)
