"""The order of the day: lanes, the tuple, people together, the limit, and reasons in plain English."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.ranking import (
    ALWAYS_SHOWN,
    PEOPLE_LIMIT,
    Lane,
    Ranked,
    lane_of,
    rank_day,
    rank_item,
    rank_reasons,
    still_owed,
)
from carecoord_tui.domain.vocabulary import Basis, Consequence, Kind, Risk
from carecoord_tui.domain.work import WorkItem
from tests.domain.make import MONDAY, at, day, moment, person, ranked, work

NOW = moment("2026-11-30T08:00")
PROMISE = {"basis": Basis.PROMISE, "target_at": "2026-11-30T14:00"}
LEGAL = {"basis": Basis.LEGAL, "legal_on": "2026-12-02"}
BLOCKED = {"basis": Basis.VISIT, "target_on": "2026-11-27"}
WAITING = {"waiting_on": "cardiology office"}


@pytest.mark.parametrize(
    ("changes", "lane"),
    [
        ({"basis": Basis.SAFETY, "target_on": "2026-12-24"}, Lane.SAFETY),
        ({**LEGAL}, Lane.DEADLINE),
        ({**LEGAL, "target_on": "2026-11-20"}, Lane.DEADLINE),  # late and still curable
        ({**LEGAL, "legal_on": "2026-11-30"}, Lane.DEADLINE),  # the last day itself
        ({**LEGAL, "legal_on": "2026-11-29"}, Lane.OWN),  # too late: record and escalate
        ({**LEGAL, "target_on": "2026-12-01"}, Lane.UPCOMING),
        ({**LEGAL, "target_on": "2026-12-02", "warn_on": "2026-11-30"}, Lane.OWN),
        ({**LEGAL, "target_on": "2026-12-02", "warn_on": "2026-12-01"}, Lane.UPCOMING),
        ({**LEGAL, **WAITING}, Lane.DEADLINE),  # waiting does not stop a clock
        ({**LEGAL, **WAITING, "target_on": "2026-12-01"}, Lane.WAITING),
        ({**BLOCKED, "visit_on": "2026-11-30"}, Lane.VISIT),
        ({**BLOCKED, "visit_on": "2026-12-02"}, Lane.VISIT),  # two business days ahead
        ({**BLOCKED, "visit_on": "2026-12-03"}, Lane.OWN),
        ({**BLOCKED, "visit_on": "2026-11-27"}, Lane.OWN),  # it has passed
        ({**BLOCKED, "visit_on": "2026-12-02", "target_on": "2026-12-09"}, Lane.VISIT),
        ({"visit_on": "2026-12-01", "target_on": "2026-12-09"}, Lane.VISIT),
        (
            {**BLOCKED, "visit_on": "2026-12-02", "target_on": "2026-12-01", "moved_from": day("2026-11-27")},
            Lane.UPCOMING,
        ),
        (
            {**BLOCKED, "visit_on": "2026-12-02", "target_on": "2026-12-04", "moved_from": day("2026-11-27")},
            Lane.VISIT,
        ),
        ({**BLOCKED, "visit_on": "2026-12-02", **WAITING, "target_on": "2026-12-01"}, Lane.WAITING),
        ({**BLOCKED, "visit_on": "2026-12-02", **WAITING}, Lane.VISIT),  # they let us down: it blocks again
        ({}, Lane.OWN),
        ({"target_on": "2026-12-01"}, Lane.UPCOMING),
        ({**WAITING, "target_on": "2026-11-27"}, Lane.BROKEN_PROMISE),
        ({**WAITING}, Lane.BROKEN_PROMISE),  # the day to ask again itself
        ({**WAITING, "target_on": "2026-12-01"}, Lane.WAITING),
        ({**WAITING, "target_on": "2026-12-04"}, Lane.WAITING),
        ({**WAITING, "target_at": "2026-11-30T07:00"}, Lane.BROKEN_PROMISE),  # their hour is
        ({"basis": Basis.CHECK_IN}, Lane.CHECK_IN),
        ({"basis": Basis.CHECK_IN, "target_on": "2026-12-01"}, Lane.UPCOMING),
    ],
)
def test_the_lane_of_an_item(changes: dict[str, object], lane: Lane) -> None:
    assert lane_of(work(**changes), NOW) is lane


@pytest.mark.parametrize(
    ("now", "lane"),
    [
        ("2026-11-29T15:00", Lane.UPCOMING),
        ("2026-11-30T08:00", Lane.OWN),
        ("2026-11-30T13:44:59", Lane.OWN),
        ("2026-11-30T13:45", Lane.PROMISE),
        ("2026-11-30T14:00", Lane.PROMISE),
        ("2026-11-30T17:00", Lane.PROMISE),  # missed
        ("2026-12-02T08:00", Lane.PROMISE),
    ],
)
def test_a_promised_time_within_fifteen_minutes_or_missed(now: str, lane: Lane) -> None:
    assert lane_of(work(**PROMISE), moment(now)) is lane


def test_two_business_days_skip_the_weekend() -> None:
    visit = work(**BLOCKED, visit_on="2026-12-08")
    assert lane_of(visit, moment("2026-12-03T08:00")) is Lane.OWN
    assert lane_of(visit, moment("2026-12-04T08:00")) is Lane.VISIT


def test_an_hour_clock_ends_within_its_day() -> None:
    item = work(
        kind=Kind.AUTHORIZATION, legal_on="2026-11-30", legal_at="2026-11-30T11:10", after_legal="Late"
    )
    assert ranked(item, moment("2026-11-30T11:10")).title == "Item 1"
    assert ranked(item, moment("2026-11-30T11:11")).title == "Late"


# --- the tuple ----------------------------------------------------------------------------------


def test_the_order_tuple_is_the_one_of_the_interface() -> None:
    touched = at("2026-11-27T16:00")
    row = ranked(
        work(verb="contact", target_at="2026-11-30T14:00", consequence=Consequence.CARE),
        item_id=42,
        who=person(3, risk=Risk.HIGH, last_contact_at=touched),
    )
    assert row.sort_key == (4, 1, 0, at("2026-11-30T14:00"), -2, touched, 3, 42)
    bare = ranked(work(target_on="2026-11-27"), item_id=9, who=person(5, risk=Risk.LOW))
    midnight = at("2026-11-27T00:00")
    assert bare.sort_key == (4, 0, 3, midnight, 0, datetime.min.replace(tzinfo=UTC), 5, 9)


@pytest.mark.parametrize(("late", "rank"), [(0, 3), (4, 3), (5, 2), (9, 2), (10, 1), (15, 0), (40, 0)])
def test_each_five_business_days_late_lift_the_consequence_a_step(late: int, rank: int) -> None:
    row = ranked(work(target_on=NOW.calendar.add_business_days(MONDAY, -late)))
    assert (row.days_late, row.consequence_rank) == (late, rank)


def test_a_weekend_is_one_day_late_at_least() -> None:
    saturday = moment("2026-11-28T08:00")
    assert ranked(work(target_on="2026-11-27"), saturday).days_late == 1


@pytest.mark.parametrize(
    ("clock", "callable_now"),
    [("08:59", False), ("09:00", True), ("16:59", True), ("17:00", False)],
)
def test_calls_keep_to_the_hours_of_the_person(clock: str, callable_now: bool) -> None:
    who = person(call_from=time(9), call_until=time(17))
    when = moment(f"2026-11-30T{clock}")
    assert ranked(work(verb="contact"), when, who=who).not_callable_now is not callable_now
    assert not ranked(work(verb="done"), when, who=who).not_callable_now, "no call, no hours"
    payer = work(verb="contact", kind=Kind.AUTHORIZATION)
    assert not ranked(payer, when, who=who).not_callable_now, "the payer is called, not the person"


def test_a_promised_call_is_never_put_off_by_its_own_hour() -> None:
    row = ranked(work(verb="contact", **PROMISE))
    assert (row.lane, row.not_callable_now) == (Lane.OWN, False)


# --- the day ------------------------------------------------------------------------------------

DAYS = st.integers(-12, 12).map(lambda n: MONDAY + timedelta(days=n))
ITEMS = st.builds(
    lambda **values: WorkItem(
        kind=Kind.FOLLOW_UP, record_id=1, rule_id="r", patient_id=1, title="t", **values
    ),
    verb=st.sampled_from(["contact", "done"]),
    target_on=DAYS,
    target_at=st.none() | st.just(at("2026-11-30T14:00")),
    legal_on=st.none() | DAYS,
    warn_on=st.none() | DAYS,
    basis=st.sampled_from(Basis),
    consequence=st.sampled_from(Consequence),
    visit_on=st.none() | DAYS,
    waiting_on=st.sampled_from(["", "the office"]),
    moved_from=st.none() | DAYS,
    group_key=st.sampled_from(["", "first_check_in"]),
)
PEOPLE = [person(n, risk=list(Risk)[n % 3]) for n in range(1, 41)]
ROWS = st.lists(st.tuples(ITEMS, st.sampled_from(PEOPLE)), max_size=60).map(
    lambda pairs: [ranked(item, item_id=n, who=who) for n, (item, who) in enumerate(pairs, 1)]
)


@given(ROWS, st.integers(0, 30), st.randoms(use_true_random=False))
def test_the_day(rows: list[Ranked], limit: int, dice: random.Random) -> None:
    found = rank_day(rows, limit=limit)
    everything = [*found.due, *found.more_due, *found.upcoming, *found.waiting]
    assert sorted(r.item_id for r in everything) == sorted(r.item_id for r in rows), (
        "nothing lost, nothing twice"
    )
    shuffled = list(rows)
    dice.shuffle(shuffled)
    assert rank_day(shuffled, limit=limit) == found, "the order read does not matter"
    due = [*found.due, *found.more_due]
    assert all(r.lane not in ALWAYS_SHOWN for r in found.more_due), "lanes 0 to 3 are never cut"
    shown = {r.person.id for r in found.due}
    pressing = {r.person.id for r in due if r.lane in ALWAYS_SHOWN}
    assert len(shown) <= max(limit, len(pressing))
    assert shown.isdisjoint({r.person.id for r in found.more_due})
    heads = [rows_of[0] for rows_of in _by_person(found.due)]
    assert len({r.person.id for r in heads}) == len(heads), "a person stands in one place"
    assert heads == sorted(heads, key=lambda r: r.sort_key), "at the rank of the best item"
    for rows_of in _by_person(found.due):
        assert rows_of == sorted(rows_of, key=lambda r: r.sort_key)
    assert found.past_due + found.due_today + found.to_ask_again + found.check_ins == len(due)
    assert all(r.lane <= Lane.CHECK_IN for r in due)


def _by_person(rows: tuple[Ranked, ...]) -> list[list[Ranked]]:
    blocks: list[list[Ranked]] = []
    for row in rows:
        if blocks and blocks[-1][0].person.id == row.person.id:
            blocks[-1].append(row)
        else:
            blocks.append([row])
    return blocks


def test_twenty_five_people_are_shown() -> None:
    rows = [ranked(work(), item_id=n, who=person(n)) for n in range(1, 41)]
    found = rank_day(rows)
    assert (len(found.due), len(found.more_due)) == (PEOPLE_LIMIT, 15)
    urgent = [ranked(work(**LEGAL), item_id=n, who=person(n)) for n in range(1, 41)]
    assert len(rank_day(urgent).due) == 40


def test_a_lesser_item_stands_with_its_persons_best_one() -> None:
    first, second = person(1), person(2)
    rows = [
        ranked(work(1, basis=Basis.CHECK_IN), item_id=1, who=first),
        ranked(work(2, consequence=Consequence.CARE), item_id=2, who=second),
        ranked(work(3, **LEGAL), item_id=3, who=first),
    ]
    assert [r.item_id for r in rank_day(rows).due] == [3, 1, 2]


def test_what_is_asked_again_and_check_ins_are_not_past_due() -> None:
    rows = [
        ranked(work(1, target_on="2026-11-27"), item_id=1),
        ranked(work(2, target_on="2026-11-27", **WAITING), item_id=2),
        ranked(work(3, target_on="2026-11-27", basis=Basis.CHECK_IN), item_id=3),
        ranked(work(4), item_id=4),
    ]
    found = rank_day(rows)
    assert (found.past_due, found.due_today, found.to_ask_again, found.check_ins) == (1, 1, 1, 1)


# --- reasons ------------------------------------------------------------------------------------


def test_reasons_in_the_order_of_the_tuple() -> None:
    item = work(
        verb="contact",
        target_on="2026-11-20",
        moved_from=day("2026-11-16"),
        legal_on="2026-12-02",
        basis=Basis.LEGAL,
        consequence=Consequence.COVERAGE,
    )
    who = person(risk=Risk.HIGH, call_until=time(7, 30), last_contact_at=at("2026-11-25T09:00"))
    assert rank_reasons(ranked(item, who=who), NOW) == [
        "Someone else's deadline: do by today",
        "Not now: outside the hours this person takes calls (until 7:30am)",
        "Coverage or an appeal is lost if it slips; raised 1 step for being 5 business days late",
        "Do by Fri 20 Nov: 5 business days late",
        "Last day Wed 2 Dec",
        "Moved here from Mon 16 Nov",
        "High risk",
        "Last contact Wed 25 Nov",
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"target_on": "2026-11-27"}, "Do by Fri 27 Nov: 1 business day late"),
        ({**PROMISE}, "Do by Mon 30 Nov, 2pm"),
        ({"target_on": "2027-01-04"}, "Do by Mon 4 Jan 2027"),
        ({**LEGAL, "legal_on": "2026-11-27"}, "Last day was Fri 27 Nov"),
        ({"kind": Kind.AUTHORIZATION, "legal_on": "2026-12-01"}, "The payer's clock ends Tue 1 Dec"),
        ({"kind": Kind.AUTHORIZATION, "legal_on": "2026-11-27"}, "The payer's clock ended Fri 27 Nov"),
        (
            {"kind": Kind.AUTHORIZATION, "legal_on": "2026-12-01", "legal_at": "2026-12-01T11:10"},
            "The payer's clock ends Tue 1 Dec, 11:10am",
        ),
        ({**WAITING}, "Waiting for cardiology office"),
        ({"waiting_on": "until the report is in"}, "Waiting until the report is in"),
        ({"verb": "contact", "target_at": "2026-11-30T11:05"}, "Not now: next try Mon 30 Nov, 11:05am"),
        ({}, "Never contacted"),
    ],
)
def test_each_reason(changes: dict[str, object], reason: str) -> None:
    assert reason in rank_reasons(ranked(work(**changes)), NOW)


@given(ITEMS)
def test_reasons_never_stumble(item: WorkItem) -> None:
    row = ranked(replace(item, kind=Kind.AUTHORIZATION))
    reasons = rank_reasons(row, NOW)
    assert reasons[0].casefold() == row.lane.label.casefold()
    assert all(reason and reason[0].isupper() and " 1 business days" not in reason for reason in reasons)


@pytest.mark.parametrize(("now", "is_owed"), [("2026-11-30T09:59", True), ("2026-11-30T10:00", False)])
def test_nothing_is_prepared_for_a_visit_that_has_begun(now: str, is_owed: bool) -> None:
    item = work(1, kind=Kind.APPOINTMENT, rule_id="appointment.confirm", target_on="2026-11-27")
    row = rank_item(item, 1, person(), moment(now), visit_at=at("2026-11-30T10:00"))
    other = ranked(work(2), moment(now), item_id=2)
    assert still_owed([row, other]) == ([row, other] if is_owed else [other])
    assert rank_day([row, other]).past_due == (1 if is_owed else 0)
