"""When somebody is asked again: never after the last day, and the words say when that cut it short."""

from __future__ import annotations

from datetime import date

import pytest

from carecoord_tui.domain.asking_again import NextLook, looks_words, next_look
from tests.domain.make import CONTEXT

TODAY = date(2026, 11, 30)  # a Monday


@pytest.mark.parametrize(
    ("legal_on", "visit_on", "wanted"),
    [
        (None, None, NextLook(date(2026, 12, 3), is_cut=False)),
        (date(2026, 12, 3), None, NextLook(date(2026, 12, 3), is_cut=False)),
        (date(2026, 12, 1), None, NextLook(date(2026, 12, 1), is_cut=True)),
        (TODAY, None, NextLook(TODAY, is_cut=True)),
        (date(2026, 11, 27), None, NextLook(date(2026, 12, 3), is_cut=False)),  # past: nothing left to keep
        (None, date(2026, 12, 2), NextLook(date(2026, 12, 1), is_cut=True)),
        (None, TODAY, NextLook(TODAY, is_cut=True)),
        (None, date(2026, 11, 20), NextLook(date(2026, 12, 3), is_cut=False)),
    ],
)
def test_the_last_day_and_the_visit_cut_it(
    legal_on: date | None, visit_on: date | None, wanted: NextLook
) -> None:
    found = next_look(3, TODAY, CONTEXT.calendar, legal_on=legal_on, visit_on=visit_on)
    assert found == wanted


def test_a_last_day_on_a_weekend_is_the_friday_before() -> None:
    friday = date(2026, 12, 4)
    found = next_look(3, date(2026, 12, 3), CONTEXT.calendar, legal_on=date(2026, 12, 6))
    assert found == NextLook(friday, is_cut=True)


def test_the_words_give_the_days_and_say_that_one_was_cut() -> None:
    usual, cut = NextLook(date(2026, 12, 3), is_cut=False), NextLook(date(2026, 12, 1), is_cut=True)
    assert looks_words([usual], TODAY) == "Thu 3 Dec"
    assert looks_words([cut], TODAY) == "Tue 1 Dec, cut to the last day"
    assert looks_words([usual, cut], TODAY) == "Tue 1 Dec to Thu 3 Dec, cut to the last day"
