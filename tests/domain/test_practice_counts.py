"""What a practice sets for itself: calling hours for people without their own, and counts of a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

from carecoord_tui.domain import outreach
from carecoord_tui.domain.ranking import takes_calls
from carecoord_tui.domain.rulepack import load_pack
from carecoord_tui.domain.vocabulary import Kind
from tests.domain.make import CONTEXT, moment, patient, person, tries

EARLY = moment("2026-11-30T08:00")


def test_the_practices_hours_hold_for_who_gave_none() -> None:
    late_start = replace(EARLY, call_from=time(9), call_until=time(17))
    assert takes_calls(person(), EARLY)
    assert not takes_calls(person(), late_start)
    assert takes_calls(person(call_from=time(7)), late_start)
    assert takes_calls(person(), replace(late_start, now=moment("2026-11-30T09:00").now))


def test_they_are_by_the_clock_where_the_person_is() -> None:
    at_nine = replace(moment("2026-11-30T09:30"), call_from=time(9))
    assert takes_calls(person(), at_nine)
    assert not takes_calls(person(time_zone="America/Chicago"), at_nine)


def test_the_next_try_is_within_them() -> None:
    facts = patient(contacts=tries(Kind.FOLLOW_UP, 1, "2026-11-30T10:00"))
    usual = outreach.state_about(facts, CONTEXT, Kind.FOLLOW_UP, 1).next_at
    closing_early = replace(CONTEXT, call_until=time(13))
    bounded = outreach.state_about(facts, closing_early, Kind.FOLLOW_UP, 1).next_at
    assert usual is not None
    assert usual.time() == time(14)
    assert bounded is not None
    assert bounded.time() == time(9, 30)


def test_attempts_of_the_practice_put_the_letter_off() -> None:
    facts = patient(
        contacts=tries(Kind.FOLLOW_UP, 1, "2026-11-25T10:00", "2026-11-27T15:00", "2026-11-30T10:00")
    )
    assert outreach.state_about(facts, CONTEXT, Kind.FOLLOW_UP, 1).step is outreach.Step.LETTER
    five = load_pack().with_overrides({"outreach.next_attempt": {"attempts": 5}})
    after = outreach.state_about(facts, replace(CONTEXT, pack=five), Kind.FOLLOW_UP, 1)
    assert (after.step, after.progress) == (outreach.Step.ATTEMPT, "3/5")
