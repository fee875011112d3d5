"""From when to when plans are in force: on the day of service, between two plans, before booked visits."""

from __future__ import annotations

import pytest

from carecoord_tui.domain.coverage_span import Span, ends_before_words, gap_words, not_in_force
from tests.domain.make import day

TODAY = day("2026-11-30")
VISIT = day("2026-12-02")


def span(name: str = "Humana", starts: str = "", ends: str = "", **more: object) -> Span:
    return Span(
        name=name,
        starts_on=day(starts) if starts else None,
        ends_on=day(ends) if ends else None,
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (span(), ""),
        (span(starts="2026-01-01", ends="2026-12-02"), ""),
        (span(ends="2026-12-01"), "Humana ended Tue 1 Dec: it is not in force on Wed 2 Dec."),
        (span(starts="2026-12-03"), "Humana starts Thu 3 Dec: it is not in force on Wed 2 Dec."),
        (span(is_cancelled=True), "Humana is cancelled: it is not in force on Wed 2 Dec."),
        (span(ends="2026-12-31", is_cancelled=True), ""),  # it pays up to its last day
        (
            span(inactive_said_on=day("2026-11-27")),
            "Humana said inactive on Fri 27 Nov: check it for Wed 2 Dec before an amount is told.",
        ),
    ],
)
def test_a_plan_that_does_not_pay_on_the_day_says_why(plan: Span, words: str) -> None:
    assert not_in_force(plan, VISIT, TODAY) == words


@pytest.mark.parametrize(
    ("plans", "words"),
    [
        ([], ""),
        ([span()], ""),
        ([span(ends="2026-12-31"), span("Aetna", starts="2027-01-01")], ""),
        (
            [span(ends="2026-12-31"), span("Aetna", starts="2027-02-01")],
            "Not covered Fri 1 Jan 2027 to Sun 31 Jan 2027: Humana ends Thu 31 Dec,"
            " Aetna starts Mon 1 Feb 2027.",
        ),
        ([span(ends="2026-12-31"), span("Aetna")], ""),  # the other one goes on
        (
            [span(ends="2026-12-31")],
            "Not covered from Fri 1 Jan 2027 on: Humana ends Thu 31 Dec, no plan on file follows.",
        ),
        ([span(ends="2027-12-31")], ""),  # a year ahead: nobody renews yet
        (
            [span(ends="2026-11-15"), span("Aetna", starts="2026-12-15")],
            "Not covered Mon 30 Nov to Mon 14 Dec: Humana ended Sun 15 Nov, Aetna starts Tue 15 Dec.",
        ),
        (
            [span(ends="2026-11-15", is_cancelled=True)],
            "Not covered from Mon 30 Nov on: Humana ended Sun 15 Nov, no plan on file follows.",
        ),
        ([span(is_cancelled=True)], ""),  # since when is not known
        (  # end to end with a third one behind
            [
                span(ends="2026-12-31"),
                span("Aetna", starts="2027-01-01", ends="2027-01-31"),
                span("Cigna", starts="2027-03-01"),
            ],
            "Not covered Mon 1 Feb 2027 to Sun 28 Feb 2027: Aetna ends Sun 31 Jan 2027,"
            " Cigna starts Mon 1 Mar 2027.",
        ),
    ],
)
def test_days_nothing_covers_are_said(plans: list[Span], words: str) -> None:
    assert gap_words(plans, TODAY) == words


def test_visits_after_the_last_day_are_counted() -> None:
    visits = [day("2026-12-16"), day("2026-12-11"), day("2026-12-23")]
    assert ends_before_words(day("2026-12-11"), visits, TODAY) == (
        "ends before 2 booked visits, the first Wed 16 Dec"
    )
    assert ends_before_words(day("2026-12-16"), visits, TODAY) == "ends before a booked visit, Wed 23 Dec"
    assert ends_before_words(day("2026-12-23"), visits, TODAY) == ""
    assert ends_before_words(None, visits, TODAY) == ""
