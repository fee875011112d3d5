"""Hospital discharge: contact in two business days, the visit in 7 or 14 days, then the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from carecoord_tui.domain.ranking import Lane
from carecoord_tui.domain.vocabulary import AppointmentStatus, Kind, Outcome, TransitionComplexity
from carecoord_tui.domain.work import WorkItem
from tests.domain.make import (
    CONTEXT,
    at,
    contact,
    day,
    discharge,
    items,
    moment,
    patient,
    ranked,
    tries,
    visit,
)

CLERK = replace(CONTEXT, user_is_clinical=False)


def owed(*contacts: object, visits: tuple[object, ...] = (), **changes: object) -> dict[str, WorkItem]:
    facts = patient(
        transitions=(discharge(**changes),),  # type: ignore[arg-type]
        contacts=contacts,
        appointments=visits,
    )
    return {rule: item for rule, item in items(facts).items() if item.kind is Kind.TRANSITION}


def reached(**changes: object) -> object:
    about = {"about_kind": Kind.TRANSITION, "about_id": 1}
    return contact("2026-11-30T13:00", Outcome.REACHED_PATIENT, **about, **changes)


def test_alvarez() -> None:
    item = owed()["tcm.contact"]
    assert (item.title, item.progress) == ("Reach after hospital discharge", "0/3")
    assert (item.legal_on, item.target_on) == (day("2026-11-30"), day("2026-11-30"))
    assert "Thanksgiving" in item.why
    assert ranked(item).lane is Lane.DEADLINE


def test_a_failed_try_on_the_last_day_offers_later_today() -> None:
    item = owed(*tries(Kind.TRANSITION, 1, "2026-11-30T08:05"))["tcm.contact"]
    assert (item.target_on, item.target_at, item.progress) == (
        day("2026-11-30"),
        at("2026-11-30T11:05"),
        "1/3",
    )
    placed = ranked(item, moment("2026-11-30T08:10"))
    assert (placed.lane, placed.not_callable_now) == (Lane.DEADLINE, True)
    assert not ranked(item, moment("2026-11-30T11:05")).not_callable_now


def test_after_the_last_day_it_is_recorded_escalated_and_tried_on() -> None:
    run = tries(
        Kind.TRANSITION, 1, "2026-11-27T09:00", "2026-11-30T09:00", "2026-11-30T14:00", "2026-12-01T09:00"
    )
    item = owed(*run)["tcm.contact"]
    assert item.target_on == day("2026-12-02")
    assert ranked(item, moment("2026-12-02T15:00")).title == "Too late: record and escalate, keep trying"


@pytest.mark.parametrize(
    ("contacts", "is_settled"),
    [
        ([reached(by_clinical_staff=True)], True),
        ([reached()], False),  # not clinical staff
        (
            [contact("2026-11-30T13:00", Outcome.OFFICE_REACHED, about_kind=Kind.TRANSITION, about_id=1)],
            False,
        ),
        (
            [contact("2026-11-30T13:00", Outcome.REACHED_PATIENT, by_clinical_staff=True)],
            False,
        ),  # about what?
    ],
)
def test_only_clinical_staff_reaching_the_person_counts(contacts: list[object], is_settled: bool) -> None:
    assert ("tcm.contact" not in owed(*contacts)) is is_settled


def test_who_is_not_clinical_hands_it_over() -> None:
    facts = patient(transitions=(discharge(),))
    assert items(facts, CLERK)["tcm.contact"].title == "Hand to clinical staff: discharge call"
    named = patient(transitions=(discharge(handed_to="Kim RN"),))
    assert items(named, CLERK)["tcm.contact"].title == "Hand to Kim RN: discharge call"


@pytest.mark.parametrize(
    ("complexity", "rule_id", "legal", "label"),
    [
        (TransitionComplexity.HIGH, "tcm.visit.high", "2026-12-02", "TCM-7"),
        (TransitionComplexity.MODERATE, "tcm.visit.moderate", "2026-12-09", "TCM-14"),
    ],
)
def test_the_visit_is_booked_soon_for_a_day_in_time(
    complexity: TransitionComplexity, rule_id: str, legal: str, label: str
) -> None:
    item = owed(complexity=complexity)[rule_id]
    assert (item.title, item.target_on, item.legal_on) == (
        f"Book {label} visit",
        day("2026-11-30"),
        day(legal),
    )
    in_time = visit(f"{legal}T10:00", transition_id=1)
    assert rule_id not in owed(complexity=complexity, visits=(in_time,))


def test_a_visit_booked_too_late_does_not_settle_the_clock() -> None:
    late = visit("2026-12-08T10:00", transition_id=1)
    item = owed(visits=(late,))["tcm.visit.high"]
    assert item.title == "Move up TCM-7 visit"
    assert "Booked for Tue 8 Dec, after the last day." in item.why
    kept = visit("2026-12-08T10:00", AppointmentStatus.FULFILLED, transition_id=1)
    assert "tcm.visit.high" not in owed(visits=(kept,)), "nothing more can be done"


@pytest.mark.parametrize(
    "status", [AppointmentStatus.NOSHOW, AppointmentStatus.CANCELLED, AppointmentStatus.PROPOSED]
)
def test_a_visit_that_did_not_happen_does_not_count(status: AppointmentStatus) -> None:
    assert "tcm.visit.high" in owed(visits=(visit("2026-12-01T10:00", status, transition_id=1),))


def test_another_visit_does_not_count() -> None:
    assert "tcm.visit.high" in owed(visits=(visit("2026-12-01T10:00"),))


def test_the_record_is_closed_after_the_period() -> None:
    assert owed()["tcm.period"].target_on == day("2026-12-24")
    item = owed(discharged_on="2026-11-27")["tcm.period"]
    assert (item.title, item.target_on) == ("Close hospital discharge", day("2026-12-28"))
    assert "the period ends Sat 26 Dec" in item.why
