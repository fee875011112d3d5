"""Check-ins: spread over days after an import, by risk afterwards, one round at a time; holds."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.check_in import next_check_in, spread_first_check_ins
from carecoord_tui.domain.facts import PatientFacts
from carecoord_tui.domain.ranking import Lane
from carecoord_tui.domain.rulepack import load_pack
from carecoord_tui.domain.vocabulary import Consequence, Kind, Outcome, PatientStatus, Risk
from tests.domain.make import (
    MONDAY,
    PATIENT,
    contact,
    day,
    follow_up,
    items,
    moment,
    moved,
    only,
    patient,
    ranked,
    tries,
)

PACK, CALENDAR = load_pack(), Calendar()
RISKS = st.lists(st.sampled_from(Risk), max_size=120)


def spread(
    risks: list[Risk],
    capacity: int = 10,
    taken: dict[date, int] | None = None,
    horizon: int = 60,
    calendar: Calendar = CALENDAR,
) -> list[date]:
    return spread_first_check_ins(
        risks, start=MONDAY, daily_capacity=capacity, calendar=calendar, taken=taken, horizon_days=horizon
    )


# --- spreading ----------------------------------------------------------------------------------


def test_the_highest_risk_comes_first_and_no_day_is_buried() -> None:
    risks = [Risk.LOW, Risk.HIGH, Risk.RISING, Risk.HIGH, Risk.LOW]
    assert spread(risks, 2) == [
        day("2026-12-02"),
        day("2026-12-01"),
        day("2026-12-02"),
        day("2026-12-01"),
        day("2026-12-03"),
    ]


def test_what_is_planned_already_takes_its_place() -> None:
    taken = {day("2026-12-01"): 2, day("2026-12-02"): 1}
    assert spread([Risk.LOW] * 3, 2, taken) == [day("2026-12-02"), day("2026-12-03"), day("2026-12-03")]
    assert taken == {day("2026-12-01"): 2, day("2026-12-02"): 1}, "the caller's counts are not touched"


def test_holidays_closures_and_weekends_get_nobody() -> None:
    closed = Calendar(frozenset({day("2026-12-01"), day("2026-12-24")}))
    days = set(spread([Risk.LOW] * 50, 2, calendar=closed))
    assert day("2026-12-01") not in days
    assert all(closed.is_working_day(one) for one in days)


def test_nobody_is_spread_over_no_days() -> None:
    assert spread([]) == []


@given(RISKS, st.integers(-1, 6), st.integers(0, 12), st.lists(st.integers(0, 15), max_size=12))
def test_every_person_gets_a_day_and_the_days_are_even(
    risks: list[Risk], capacity: int, horizon: int, held: list[int]
) -> None:
    window = [CALENDAR.add_working_days(MONDAY, n + 1) for n in range(max(1, horizon))]
    taken = dict(zip(window, held, strict=False))
    days = spread(risks, capacity, taken, horizon)
    assert len(days) == len(risks)
    assert set(days) <= set(window)
    given_to = Counter(days)
    load = {one: taken.get(one, 0) + given_to[one] for one in window}
    room = sum(max(0, capacity - taken.get(one, 0)) for one in window)
    if room >= len(risks):
        assert all(load[one] <= max(capacity, taken.get(one, 0)) for one in window)
    else:
        lowest = min(load.values())
        assert all(load[one] <= lowest + 1 for one in window if given_to[one]), "evenly over the horizon"
    by_risk = sorted(zip(days, risks, strict=True), key=lambda pair: pair[0])
    for (earlier, risk), (later, other) in pairwise(by_risk):
        assert earlier == later or risk.rank >= other.rank


def test_an_import_of_a_thousand_is_quick_and_even() -> None:
    days = Counter(spread([Risk.RISING] * 1000, 12))
    assert len(days) == 60
    assert set(days.values()) == {16, 17}


@pytest.mark.parametrize(
    ("risk", "due"), [(Risk.HIGH, "2026-12-14"), (Risk.RISING, "2026-12-30"), (Risk.LOW, "2027-03-01")]
)
def test_the_next_one_goes_by_risk(risk: Risk, due: str) -> None:
    assert next_check_in(PACK, CALENDAR, risk, after=MONDAY) == day(due)


# --- what is owed -------------------------------------------------------------------------------


def person(**changes: object) -> PatientFacts:
    return patient(**{"check_in_on": MONDAY, **changes})


def test_a_person_with_nothing_open_has_a_check_in() -> None:
    item = only(person(risk=Risk.HIGH))
    assert (item.title, item.kind, item.record_id) == ("Check-in", Kind.PATIENT, PATIENT)
    assert (item.target_on, item.consequence) == (MONDAY, Consequence.CARE)
    assert ranked(item).lane is Lane.CHECK_IN


def test_first_check_ins_are_grouped_and_never_late() -> None:
    item = only(person(is_first_check_in=True))
    assert (item.title, item.group_key) == ("First check-in", "first_check_in:2026-11-30")
    later = ranked(item, moment("2027-01-20T08:00"))
    assert (later.days_late, later.consequence_rank, later.is_past_due) == (0, 3, False)
    regular = ranked(only(person()), moment("2027-01-20T08:00"))
    assert (regular.days_late > 0, regular.is_past_due) == (True, False)


def test_one_that_was_moved_leaves_its_group() -> None:
    item = only(person(is_first_check_in=True))
    assert only(person(is_first_check_in=True, moves=(moved(item, "2026-12-04"),))).group_key == ""


def test_three_tries_a_letter_and_the_clinician() -> None:
    run = tries(Kind.PATIENT, PATIENT, "2026-11-30T09:00", "2026-12-01T14:00")
    second = only(person(is_first_check_in=True, contacts=tuple(run)))
    assert (second.title, second.progress, second.target_on) == ("Check-in", "2/3", day("2026-12-02"))
    run += tries(Kind.PATIENT, PATIENT, "2026-12-02T09:00")
    assert only(person(contacts=tuple(run))).title == "Send letter: check-in"
    run += tries(Kind.PATIENT, PATIENT, "2026-12-03T09:00", outcome=Outcome.LETTER_SENT)
    assert only(person(contacts=tuple(run))).title == "Ask clinician: not reached, close?"


def test_a_new_round_forgets_the_tries_of_the_last() -> None:
    old = tries(Kind.PATIENT, PATIENT, "2026-10-30T09:00", "2026-11-02T09:00")
    assert only(person(contacts=tuple(old))).target_on == MONDAY, "weeks before the day that is due now"
    about_labs = contact("2026-11-25T09:00", Outcome.REACHED_PATIENT, about_kind=Kind.FOLLOW_UP, about_id=3)
    recent = tries(Kind.PATIENT, PATIENT, "2026-11-24T09:00")
    assert only(person(contacts=(*recent, about_labs))).progress == "", (
        "they were reached about something else"
    )
    assert only(person(contacts=tuple(recent))).progress == "1/3"


def test_a_person_without_any_date_is_due_at_once() -> None:
    item = only(patient(added_on=None))
    assert item.target_on < MONDAY - timedelta(days=3650)
    assert ranked(item).lane is Lane.CHECK_IN


def test_a_hold_is_looked_at_also_beside_open_items() -> None:
    held = person(status=PatientStatus.ON_HOLD, hold_until=day("2026-12-20"))
    item = only(held)
    assert (item.title, item.target_on, item.why) == (
        "On hold: take up again?",
        day("2026-12-20"),
        "On hold until Sun 20 Dec.",
    )
    both = items(person(status=PatientStatus.ON_HOLD, follow_ups=(follow_up(),)))
    assert set(both) == {"followup.due", "caseload.hold"}
    undated = only(person(status=PatientStatus.ON_HOLD, check_in_on=None, added_on=None))
    assert undated.why == "On hold, without a date."


@pytest.mark.parametrize("status", [PatientStatus.DISCHARGED, PatientStatus.DECEASED])
def test_who_left_the_caseload_owes_no_check_in(status: PatientStatus) -> None:
    assert items(person(status=status)) == {}
