"""The days on a denial against each other: one sentence at each day that cannot be."""

from __future__ import annotations

from datetime import date

import pytest

from carecoord_tui.domain.denial_days import DenialDays, day_problems

TODAY = date(2026, 11, 30)
LETTER = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("name", "day", "words"),
    [
        ("notice_on", date(2026, 12, 1), "The letter cannot be dated Tue 1 Dec, a day that is still ahead."),
        ("received_on", date(2026, 11, 19), "cannot arrive before its own date, Fri 20 Nov"),
        ("received_on", date(2026, 12, 1), "a day that is still ahead"),
        ("letter_deadline_on", date(1900, 1, 1), "must be after its date, Fri 20 Nov: it is not used."),
        ("letter_deadline_on", LETTER, "it is not used"),
        ("peer_to_peer_by", date(2026, 11, 19), "cut-off cannot be before the letter's date"),
        ("peer_to_peer_on", date(2026, 11, 19), "call cannot be before the letter's date"),
        ("representative_form_on", date(2026, 12, 1), "a day that is still ahead"),
    ],
)
def test_a_day_that_cannot_be_says_why(name: str, day: date, words: str) -> None:
    found = day_problems(DenialDays(**{"notice_on": LETTER, name: day}), TODAY)
    assert list(found) == [name]
    assert words in found[name]


def test_days_in_their_order_are_silent_and_a_year_is_said_when_it_is_another() -> None:
    fine = DenialDays(
        notice_on=LETTER, received_on=LETTER, letter_deadline_on=date(2027, 1, 20), peer_to_peer_by=TODAY
    )
    assert day_problems(fine, TODAY) == {}
    assert day_problems(DenialDays(notice_on=None, received_on=LETTER), TODAY) == {}
    old = day_problems(DenialDays(notice_on=date(2025, 11, 20), received_on=date(2025, 11, 1)), TODAY)
    assert "20 Nov 2025" in old["received_on"]
