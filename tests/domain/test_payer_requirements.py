"""What a payer said a visit needs is owed until it is there or somebody said that it is not needed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.facts import PatientFacts
from carecoord_tui.domain.next_actions import next_actions
from carecoord_tui.domain.payer_requirements import AUTHORIZATION_RULE, REFERRAL_RULE
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AuthorizationStatus,
    Consequence,
    CoverageStatus,
    Kind,
    PayerClass,
)
from carecoord_tui.domain.work import WorkItem
from tests.domain.make import CONTEXT, authorization, check, coverage, patient, visit

RULES = {AUTHORIZATION_RULE, REFERRAL_RULE}
VISIT_ON = date(2026, 12, 9)


def needs(facts: PatientFacts) -> list[WorkItem]:
    return [item for item in next_actions(facts, CONTEXT) if item.rule_id in RULES]


def person(*checks: object, **changes: object) -> PatientFacts:
    """A visit on Wed 9 Dec with these checks."""
    booked = changes.pop("booked", None) or visit("2026-12-09T09:00", id=3, title="MRI")
    values = {"coverages": (coverage(),), "checks": checks, "appointments": (booked,), **changes}
    return patient(**values)


def said(on: str = "2026-11-30", as_of: str = "2026-12-09", **answers: object) -> object:
    return check(on, as_of, **answers)


def test_authorization_needed_is_owed_the_next_working_day_and_before_the_visit() -> None:
    (item,) = needs(person(said(authorization_needed=True)))
    assert (item.kind, item.record_id, item.rule_id) == (Kind.ELIGIBILITY, 3, "auth.required")
    assert (item.target_on, item.visit_on) == (date(2026, 12, 1), VISIT_ON)
    assert item.title == "Authorization needed: MRI"
    assert item.consequence is Consequence.COVERAGE
    assert "On Mon 30 Nov Humana said that the visit on Wed 9 Dec needs an authorization" in item.why
    (late,) = needs(person(said("2026-12-09", authorization_needed=True)))
    assert late.target_on == VISIT_ON


def test_a_referral_needed_is_owed_until_the_visit_has_one() -> None:
    (item,) = needs(person(said(referral_needed=True)))
    assert (item.rule_id, item.title) == ("referral.required", "Referral needed: MRI")
    linked = visit("2026-12-09T09:00", id=3, referral_id=5)
    assert needs(person(said(referral_needed=True), booked=linked)) == []


@pytest.mark.parametrize(
    "answer", [{}, {"authorization_needed": None}, {"authorization_needed": False, "referral_needed": False}]
)
def test_not_asked_and_not_needed_owe_nothing(answer: dict[str, object]) -> None:
    assert needs(person(said(**answer))) == []


def test_not_asked_later_leaves_the_answer_and_a_later_no_takes_it_back() -> None:
    yes, unasked = said(authorization_needed=True), said("2026-12-01")
    no = said("2026-12-01", authorization_needed=False)
    assert len(needs(person(yes, unasked))) == 1
    assert needs(person(yes, no)) == []
    assert len(needs(person(no, said("2026-12-02", authorization_needed=True)))) == 1


def test_a_check_of_long_before_still_counts_for_its_own_visit_day_only() -> None:
    assert len(needs(person(said("2026-10-01", "2026-12-09", authorization_needed=True)))) == 1
    assert needs(person(said("2026-10-01", "2026-10-09", authorization_needed=True))) == []


def test_one_for_the_visit_settles_it_whatever_its_status() -> None:
    demand = said(authorization_needed=True)
    for status in (AuthorizationStatus.NEEDED, AuthorizationStatus.SUBMITTED, AuthorizationStatus.APPROVED):
        record = authorization(status, appointment_id=3, valid_to=date(2026, 12, 31))
        assert needs(person(demand, authorizations=(record,))) == []
    other = authorization(appointment_id=99)
    assert len(needs(person(demand, authorizations=(other,)))) == 1
    denied = visit("2026-12-09T09:00", id=3, has_authorization=True)
    assert needs(person(demand, booked=denied)) == []


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "count"),
    [
        (None, None, 0),
        ("2026-11-01", "2026-12-09", 0),
        ("2026-11-01", "2026-12-08", 1),
        ("2026-12-10", None, 1),
    ],
)
def test_one_for_the_same_referral_covers_the_visits_inside_it(
    valid_from: str | None, valid_to: str | None, count: int
) -> None:
    series = authorization(
        AuthorizationStatus.APPROVED, referral_id=5, valid_from=valid_from, valid_to=valid_to
    )
    booked = visit("2026-12-09T09:00", id=3, referral_id=5)
    assert (
        len(needs(person(said(authorization_needed=True), booked=booked, authorizations=(series,)))) == count
    )


def test_who_said_that_none_is_needed_settles_it_until_the_payer_asks_again() -> None:
    booked = visit("2026-12-09T09:00", id=3, no_authorization_on="2026-12-01")
    assert needs(person(said(authorization_needed=True), booked=booked)) == []
    assert len(needs(person(said("2026-12-02", authorization_needed=True), booked=booked))) == 1


def test_only_booked_visits_and_plans_in_use_count() -> None:
    demand = said(authorization_needed=True)
    for status in AppointmentStatus:
        booked = visit("2026-12-09T09:00", id=3, status=status)
        assert len(needs(person(demand, booked=booked))) == (status is AppointmentStatus.BOOKED)
    ended = coverage(status=CoverageStatus.CANCELLED)
    assert needs(person(demand, coverages=(ended,))) == []
    second = coverage(PayerClass.COMMERCIAL, id=2, rank=2, payer_name="Aetna")
    (item,) = needs(person(said(coverage_id=2, authorization_needed=True), coverages=(coverage(), second)))
    assert "Aetna said" in item.why


ANSWERS = st.sampled_from([None, True, False])


@given(
    st.lists(st.tuples(st.integers(0, 39), ANSWERS), max_size=6),
    st.none() | st.integers(0, 39),
    st.booleans(),
)
def test_it_is_owed_exactly_when_the_last_answer_is_yes_and_nothing_settled_it(
    answers: list[tuple[int, bool | None]], not_needed: int | None, has_one: bool
) -> None:
    start = VISIT_ON - timedelta(days=39)
    checks = [
        check((start + timedelta(days=n)).isoformat(), "2026-12-09", authorization_needed=answer)
        for n, answer in answers
    ]
    waived = None if not_needed is None else start + timedelta(days=not_needed)
    booked = visit("2026-12-09T09:00", id=3, has_authorization=has_one, no_authorization_on=waived)
    told = [(n, place) for place, (n, answer) in enumerate(answers) if answer is not None]
    last = max(told, default=None)
    is_asked = last is not None and answers[last[1]][1] is True
    is_waived = last is not None and not_needed is not None and not_needed >= last[0]
    items = needs(person(*checks, booked=booked))
    assert len(items) == (is_asked and not is_waived and not has_one)
    assert all(item.target_on <= VISIT_ON for item in items)
