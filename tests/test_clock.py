"""The clock: UTC inside, the practice's zone where a date is needed, and a start that can be chosen."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from carecoord_tui.clock import RunningClock, SystemClock, clock_from, parse_now, today, zone_named

NEW_YORK = ZoneInfo("America/New_York")
EIGHT = datetime(2026, 11, 30, 13, 0, tzinfo=UTC)  # 8:00 in New York


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-30T08:00",
        "2026-11-30 08:00",
        " 2026-11-30T08:00:00 ",
        "2026-11-30T08:00-05:00",
        "2026-11-30T13:00Z",
        "2026-11-30T13:00:00+00:00",
    ],
)
def test_the_same_moment_in_each_form(text: str) -> None:
    moment = parse_now(text, NEW_YORK)
    assert moment == EIGHT
    assert moment.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-11-30",
        "08:00",
        "11/30/2026 08:00",
        "2026-13-30T08:00",
        "2026-11-31T08:00",
        "2026-11-30T25:00",
        "2026-W49-1T08:00",
        "20261130T0800",
        "2026-11-30T08:00+99:00",
        "٢٠٢٦-11-30T08:00",
        "0001-01-01T00:00+23:00",
        "9999-12-31T23:59",
    ],
)
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time; write it like 2026-11-30T08:00"):
        parse_now(text, NEW_YORK)


def test_a_skipped_hour_is_refused_and_a_doubled_one_is_the_first() -> None:
    with pytest.raises(ValueError, match="clocks go forward"):
        parse_now("2026-03-08T02:30", NEW_YORK)
    assert parse_now("2026-11-01T01:30", NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_running_clock_runs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([100.0, 100.0, 160.5])
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    clock = RunningClock(EIGHT.astimezone(NEW_YORK))
    assert clock.now() == EIGHT
    later = clock.now()
    assert later == EIGHT + timedelta(seconds=60.5)
    assert later.tzinfo is UTC


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        RunningClock(EIGHT.replace(tzinfo=None))


def test_the_system_clock_is_utc() -> None:
    moment = SystemClock().now()
    assert moment.tzinfo is UTC
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=10)


@pytest.mark.parametrize(
    ("zone", "day"),
    [("America/New_York", date(2026, 11, 29)), ("Europe/Berlin", date(2026, 11, 30))],
)
def test_today_is_the_practices(zone: str, day: date) -> None:
    late = RunningClock(datetime(2026, 11, 30, 4, 30, tzinfo=UTC))
    assert today(late, ZoneInfo(zone)) == day


def test_the_option_wins_then_the_variable_then_the_system() -> None:
    variable = {"CARECOORD_NOW": "2026-11-30T08:00"}
    assert today(clock_from("2025-01-02T08:00", variable, NEW_YORK), NEW_YORK) == date(2025, 1, 2)
    assert today(clock_from(None, variable, NEW_YORK), NEW_YORK) == date(2026, 11, 30)
    assert isinstance(clock_from(None, {}, NEW_YORK), SystemClock)
    assert isinstance(clock_from(None, {"CARECOORD_NOW": ""}, NEW_YORK), SystemClock)
    with pytest.raises(ValueError, match="is not a time"):
        clock_from(None, {"CARECOORD_NOW": "tomorrow"}, NEW_YORK)


def test_zones_by_name() -> None:
    assert zone_named("America/Chicago").key == "America/Chicago"
    for wrong in ("", "Chicago", "America", "../../etc/passwd", "/etc/localtime", "America/Chicago\x00"):
        with pytest.raises(ValueError, match="is not a time zone"):
            zone_named(wrong)
