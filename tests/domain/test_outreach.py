"""The outreach protocol: three tries, a letter, a clinician; and never a proposal past a deadline."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain import outreach
from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.facts import ContactFacts
from carecoord_tui.domain.outreach import CallHours, NextTry, OutreachState, Step
from carecoord_tui.domain.rulepack import load_pack
from carecoord_tui.domain.vocabulary import Outcome
from tests.domain.make import ZONE, at, contact, day

PACK, CALENDAR = load_pack(), Calendar()
FAILED = [outcome for outcome in Outcome if outcome.is_failed_attempt]
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(lambda d: d.replace(tzinfo=ZONE))
HOURS = st.builds(
    CallHours,
    st.none() | st.times(time(7), time(11)),
    st.none() | st.times(time(11, 30), time(20)),
)


def state_of(
    contacts: list[ContactFacts],
    deadline: date | None = None,
    *,
    keep_trying: bool = False,
    calendar: Calendar = CALENDAR,
    hours: CallHours = outreach.ANY_TIME,
) -> OutreachState:
    return outreach.state(
        contacts,
        deadline=deadline,
        pack=PACK,
        zone=ZONE,
        calendar=calendar,
        keep_trying=keep_trying,
        hours=hours,
    )


def propose(
    outcome: Outcome,
    now: str,
    *,
    attempts: int = 0,
    deadline: date | None = None,
    keep_trying: bool = False,
    hours: CallHours = outreach.ANY_TIME,
) -> NextTry:
    return outreach.propose(
        outcome,
        now=at(now),
        attempts=attempts,
        deadline=deadline,
        pack=PACK,
        zone=ZONE,
        calendar=CALENDAR,
        keep_trying=keep_trying,
        hours=hours,
    )


# --- the next attempt ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tried", "deadline", "day_expected", "time_expected"),
    [
        ("2026-11-24T09:00", None, "2026-11-25", "2026-11-25T14:00"),  # morning, then afternoon
        ("2026-11-24T13:00", None, "2026-11-25", "2026-11-25T09:30"),  # and the other way round
        ("2026-11-25T16:00", None, "2026-11-27", "2026-11-27T09:30"),  # Thanksgiving is skipped
        ("2026-11-28T11:00", None, "2026-11-30", "2026-11-30T14:00"),  # tried on a Saturday
        ("2026-11-27T08:05", "2026-11-30", "2026-11-30", "2026-11-30T14:00"),
        ("2026-11-30T08:05", "2026-11-30", "2026-11-30", "2026-11-30T11:05"),  # the last day: 3 hours on
        ("2026-11-30T17:30", "2026-11-30", "2026-11-30", None),  # too late for another hour today
        ("2026-11-30T23:30", "2026-11-30", "2026-11-30", None),  # never into the next day
        ("2027-01-29T09:00", "2027-01-31", "2027-01-29", "2027-01-29T12:00"),  # legal Sunday: today counts
        ("2027-01-28T09:00", "2027-01-31", "2027-01-29", "2027-01-29T14:00"),
        ("2026-12-01T09:00", "2026-11-30", "2026-12-02", "2026-12-02T14:00"),  # past it: the usual rhythm
    ],
)
def test_the_next_attempt(
    tried: str, deadline: str | None, day_expected: str, time_expected: str | None
) -> None:
    found = outreach.next_attempt(
        at(tried), deadline=day(deadline) if deadline else None, zone=ZONE, calendar=CALENDAR
    )
    assert found == (day(day_expected), at(time_expected) if time_expected else None)


@pytest.mark.parametrize(
    ("tried", "deadline", "hours", "expected"),
    [
        ("2026-11-30T13:30", "2026-11-30", CallHours(None, time(17)), "2026-11-30T16:30"),
        ("2026-11-30T14:30", "2026-11-30", CallHours(None, time(17)), None),  # 3 hours on is past her hours
        ("2026-11-24T09:30", None, CallHours(None, time(12)), "2026-11-25T09:30"),  # never in the afternoon
        ("2026-11-24T15:00", None, CallHours(time(13), None), "2026-11-25T14:00"),
        ("2026-11-24T15:00", None, CallHours(time(16), time(18)), "2026-11-25T16:00"),
        ("2026-11-24T09:00", None, CallHours(None, time(9)), None),
    ],
)
def test_attempts_keep_to_the_hours_of_the_person(
    tried: str, deadline: str | None, hours: CallHours, expected: str | None
) -> None:
    _, found = outreach.next_attempt(
        at(tried),
        deadline=day(deadline) if deadline else None,
        zone=ZONE,
        calendar=CALENDAR,
        hours=hours,
    )
    assert found == (at(expected) if expected else None)


def test_a_practice_closure_is_no_day_for_a_try() -> None:
    closed = Calendar(frozenset({day("2026-12-01")}))
    found, _ = outreach.next_attempt(at("2026-11-30T09:00"), deadline=None, zone=ZONE, calendar=closed)
    assert found == day("2026-12-02")
    found, _ = outreach.next_attempt(
        at("2026-11-30T09:00"), deadline=day("2026-12-01"), zone=ZONE, calendar=closed
    )
    assert found == day("2026-11-30"), "tomorrow is the last day, and nobody is there"


@given(MOMENTS, st.integers(-5, 40), HOURS)
def test_a_proposal_never_passes_a_deadline_nor_comes_too_soon(
    tried: datetime, ahead: int, hours: CallHours
) -> None:
    deadline = tried.date() + timedelta(days=ahead)
    found, hour = outreach.next_attempt(tried, deadline=deadline, zone=ZONE, calendar=CALENDAR, hours=hours)
    if ahead >= 0:
        assert tried.date() <= found <= deadline
    else:
        assert found > tried.date(), "what is late is tried on, another day"
    assert CALENDAR.is_working_day(found) or found == tried.date()
    if hour is not None:
        local = hour.astimezone(ZONE)
        assert local.date() == found
        assert hours.allow(local)
        if found == tried.date():
            assert hour.astimezone(UTC) - tried.astimezone(UTC) >= timedelta(hours=3), (
                "also when clocks change"
            )
            assert ahead >= 0
            assert not CALENDAR.business_days_between(tried.date(), deadline), (
                "only when no other day is left"
            )


# --- where the protocol stands ------------------------------------------------------------------


def test_three_tries_then_a_letter_then_the_clinician() -> None:
    assert state_of([]) == OutreachState(0, 3, Step.ATTEMPT)
    run = [contact("2026-11-16T09:00"), contact("2026-11-17T14:00", Outcome.LEFT_MINIMAL)]
    second = state_of(run)
    assert (second.step, second.progress, second.next_on) == (Step.ATTEMPT, "2/3", day("2026-11-18"))
    run.append(contact("2026-11-18T09:30", Outcome.MAILBOX_FULL))
    third = state_of(run)
    assert (third.step, third.progress, third.next_on) == (Step.LETTER, "3/3", day("2026-11-19"))
    run.append(contact("2026-11-19T09:00", Outcome.LETTER_SENT))
    last = state_of(run)
    assert (last.step, last.next_on) == (Step.SIGN_OFF, day("2026-11-30")), "10 days on, Sunday rolls on"
    assert "letter" in last.words


def test_a_letter_sent_early_still_gives_the_last_try_its_day() -> None:
    run = [
        contact("2026-10-01T09:00"),
        contact("2026-10-02T09:00", Outcome.LETTER_SENT),
        contact("2026-11-23T09:00"),
        contact("2026-11-24T14:00"),
    ]
    assert (state_of(run).step, state_of(run).next_on) == (Step.SIGN_OFF, day("2026-11-25"))


@pytest.mark.parametrize("spoken", [Outcome.REACHED_PATIENT, Outcome.REACHED_PROXY, Outcome.REFUSED])
def test_speaking_with_the_person_starts_the_count_anew(spoken: Outcome) -> None:
    run = [contact("2026-11-16T09:00"), contact("2026-11-17T09:00", spoken), contact("2026-11-18T09:00")]
    assert state_of(run).progress == "1/3"
    assert state_of(list(reversed(run))).progress == "1/3", "in whatever order they are given"


@pytest.mark.parametrize("other", [Outcome.OFFICE_REACHED, Outcome.PORTAL_SENT, Outcome.CALLBACK])
def test_what_is_no_attempt_does_not_count(other: Outcome) -> None:
    assert state_of([contact("2026-11-16T09:00", other)]).attempts == 0


def test_tcm_keeps_trying_after_the_third() -> None:
    run = [contact(f"2026-11-{n}T09:00") for n in (16, 17, 18, 19)]
    found = state_of(run, keep_trying=True)
    assert (found.step, found.progress, found.next_on) == (Step.ATTEMPT, "4/3", day("2026-11-20"))


def test_a_number_that_does_not_work_is_said() -> None:
    assert "find another" in state_of([contact("2026-11-16T09:00", Outcome.DISCONNECTED)]).words
    assert "find another" not in state_of([contact("2026-11-16T09:00")]).words


@given(st.lists(st.tuples(MOMENTS, st.sampled_from(Outcome)), max_size=7), st.integers(0, 30), st.booleans())
def test_no_step_passes_a_deadline_that_can_be_met(
    made: list[tuple[datetime, Outcome]], ahead: int, keep_trying: bool
) -> None:
    contacts = [contact("2026-11-16T09:00", outcome) for _, outcome in made]
    contacts = [
        ContactFacts(at=moment, outcome=c.outcome, about_kind=None, about_id=None)
        for (moment, _), c in zip(made, contacts, strict=True)
    ]
    last = max((c.at for c in contacts), default=datetime(2026, 11, 30, 9, tzinfo=ZONE))
    deadline = last.astimezone(ZONE).date() + timedelta(days=ahead)
    found = state_of(contacts, deadline, keep_trying=keep_trying)
    assert (found.next_on is None) == (found.attempts == 0)
    assert found.next_on is None or found.next_on <= deadline


# --- what the screen proposes -------------------------------------------------------------------


def test_what_each_outcome_leads_to() -> None:
    monday = "2026-11-30T09:00"
    assert propose(Outcome.REACHED_PATIENT, monday).on is None
    assert propose(Outcome.REFUSED, monday).on is None
    chase = propose(Outcome.OFFICE_REACHED, monday)
    assert (chase.on, chase.at, chase.words) == (day("2026-12-03"), None, "chase in 3 business days")
    assert propose(Outcome.PORTAL_SENT, monday).on == day("2026-12-03")
    first = propose(Outcome.NO_ANSWER, monday)
    assert (first.on, first.at, first.words) == (day("2026-12-01"), at("2026-12-01T14:00"), "try 2")
    assert propose(Outcome.NO_ANSWER, monday, attempts=2).words == "letter"
    closing = propose(Outcome.LETTER_SENT, monday, attempts=3)
    assert (closing.on, closing.words) == (day("2026-12-10"), "clinician decides")


def test_chasing_an_office_never_passes_the_deadline() -> None:
    assert propose(Outcome.OFFICE_REACHED, "2026-11-30T09:00", deadline=day("2026-12-01")).on == day(
        "2026-12-01"
    )
    assert propose(Outcome.OFFICE_REACHED, "2027-01-28T09:00", deadline=day("2027-01-31")).on == day(
        "2027-01-29"
    )
    late = propose(Outcome.OFFICE_REACHED, "2026-12-02T09:00", deadline=day("2026-12-01"))
    assert late.on == day("2026-12-07"), "a missed clock is chased at the usual pace"


@given(MOMENTS, st.integers(0, 4), st.sampled_from(FAILED), st.integers(-3, 20), st.booleans(), HOURS)
def test_the_proposal_is_what_the_ledger_says_afterwards(
    now: datetime, attempts: int, outcome: Outcome, ahead: int, keep_trying: bool, hours: CallHours
) -> None:
    deadline = now.date() + timedelta(days=ahead)
    shown = outreach.propose(
        outcome,
        now=now,
        attempts=attempts,
        deadline=deadline,
        pack=PACK,
        zone=ZONE,
        calendar=CALENDAR,
        keep_trying=keep_trying,
        hours=hours,
    )
    earlier = [
        ContactFacts(
            at=now - timedelta(days=n + 1), outcome=Outcome.NO_ANSWER, about_kind=None, about_id=None
        )
        for n in range(attempts)
    ]
    after = state_of(
        [*earlier, ContactFacts(at=now, outcome=outcome, about_kind=None, about_id=None)],
        deadline,
        keep_trying=keep_trying,
        hours=hours,
    )
    assert (shown.on, shown.at) == (after.next_on, after.next_at)
