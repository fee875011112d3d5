"""Coverage is known before a visit: freshness, Medicaid's one day, inactive and unclear answers."""

from __future__ import annotations

import pytest

from carecoord_tui.domain.eligibility import is_fresh
from carecoord_tui.domain.facts import EligibilityFacts
from carecoord_tui.domain.next_actions import next_actions
from carecoord_tui.domain.ranking import Lane
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    CoverageStatus,
    EligibilityResult,
    Kind,
    PayerClass,
)
from carecoord_tui.domain.work import WorkItem
from tests.domain.make import CONTEXT, check, coverage, day, moment, patient, ranked, visit

MA, MEDICAID = PayerClass.MEDICARE_ADVANTAGE, PayerClass.MEDICAID_MCO


def owed(
    *checks: EligibilityFacts,
    payer_class: PayerClass = MA,
    starts: str = "2026-12-02T10:20",
    **changes: object,
) -> list[WorkItem]:
    facts = patient(
        coverages=changes.pop("coverages", (coverage(payer_class),)),
        checks=checks,
        appointments=(visit(starts, **changes),),  # type: ignore[arg-type]
    )
    return [item for item in next_actions(facts, CONTEXT) if item.kind is Kind.ELIGIBILITY]


@pytest.mark.parametrize(
    ("checked_on", "as_of", "payer_class", "fresh"),
    [
        ("2026-11-30", "2026-12-02", MA, True),
        ("2026-11-30", "2026-12-31", MA, True),  # another day of the same month
        ("2026-11-30", "2026-11-30", MA, False),  # November's answer
        ("2026-11-02", "2026-12-01", MA, True),  # 30 days before
        ("2026-11-01", "2026-12-01", MA, False),  # 31
        ("2026-12-03", "2026-12-02", MA, False),  # made after the visit
        ("2025-12-02", "2025-12-02", MA, False),  # the same month of another year
        ("2026-11-30", "2026-12-02", MEDICAID, True),
        ("2026-11-30", "2026-12-01", MEDICAID, False),  # good for one day only
        ("2026-11-20", "2026-11-20", MEDICAID, False),
        ("2026-11-30", "2026-12-01", PayerClass.MEDICAID_FFS, False),
        ("2026-10-30", "2026-12-02", MEDICAID, False),
    ],
)
def test_freshness(checked_on: str, as_of: str, payer_class: PayerClass, fresh: bool) -> None:
    assert is_fresh(check(checked_on, as_of), day("2026-12-02"), payer_class) is fresh


@pytest.mark.parametrize(
    ("checked_on", "as_of", "payer_class", "why"),
    [
        (
            "2026-11-20",
            "2026-11-20",
            MEDICAID,
            "Medicaid must be checked as of the visit's date; the check of Fri 20 Nov was for Fri 20 Nov.",
        ),
        (
            "2026-11-20",
            "2026-11-20",
            MA,
            "A check is good for one month; the check of Fri 20 Nov was for",
        ),
        ("2026-10-20", "2026-10-20", MA, "A check is good for 30 days; the last was on Tue 20 Oct."),
    ],
)
def test_why_says_which_rule_makes_the_last_check_stale(
    checked_on: str, as_of: str, payer_class: PayerClass, why: str
) -> None:
    (item,) = owed(check(checked_on, as_of), payer_class=payer_class)
    assert why in item.why


def test_a_booked_visit_without_a_fresh_check_owes_one() -> None:
    (item,) = owed()
    assert (item.rule_id, item.title, item.target_on) == (
        "eligibility.before_visit",
        "Check eligibility: Humana",
        day("2026-11-27"),
    )
    assert item.group_key == "check_eligibility:2026-12-02"
    assert ranked(item).lane is Lane.VISIT
    assert owed(check("2026-11-30", "2026-12-02")) == []


@pytest.mark.parametrize("status", [s for s in AppointmentStatus if s is not AppointmentStatus.BOOKED])
def test_only_booked_visits_count(status: AppointmentStatus) -> None:
    assert owed(status=status) == []


def test_an_inactive_answer_becomes_a_task() -> None:
    (item,) = owed(check("2026-11-30", "2026-12-02", result=EligibilityResult.INACTIVE))
    assert (item.rule_id, item.title) == ("eligibility.resolve", "Coverage inactive: Humana")
    assert item.target_on == day("2026-12-01")
    assert item.group_key == "", "it stands alone"
    (unclear,) = owed(check("2026-11-30", "2026-12-02", result=EligibilityResult.UNABLE))
    assert unclear.title == "Ask again, unclear: Humana"


def test_the_question_is_settled_before_the_visit() -> None:
    (item,) = owed(check("2026-12-02", "2026-12-02", result=EligibilityResult.UNABLE))
    assert item.target_on == day("2026-12-02")


def test_the_newest_answer_counts_also_within_a_day() -> None:
    inactive = check("2026-11-30", "2026-12-02", result=EligibilityResult.INACTIVE)
    active = check("2026-11-30", "2026-12-02")
    assert owed(inactive, active) == []
    assert owed(active, inactive)[0].rule_id == "eligibility.resolve"
    assert owed(active, check("2026-11-27", "2026-12-02", result=EligibilityResult.INACTIVE)) == []


def test_another_plans_check_says_nothing() -> None:
    assert owed(check("2026-11-30", "2026-12-02", coverage_id=2))[0].rule_id == "eligibility.before_visit"


def test_self_pay_has_nothing_to_check_and_an_unknown_payer_does() -> None:
    assert owed(payer_class=PayerClass.SELF_PAY) == []
    (item,) = owed(coverages=())
    assert (item.title, item.group_key) == ("No coverage on file: ask who pays", "")
    cancelled = coverage(status=CoverageStatus.CANCELLED)
    assert owed(coverages=(cancelled,))[0].title == "No coverage on file: ask who pays"


def test_the_plan_that_pays_first_is_asked() -> None:
    second = coverage(id=2, rank=2, payer_name="Aetna")
    old = coverage(id=3, rank=0, payer_name="Gone", status=CoverageStatus.CANCELLED)
    assert owed(coverages=(second, old, coverage()))[0].title == "Check eligibility: Humana"


def test_a_visit_that_passed_is_no_blocked_visit() -> None:
    assert ranked(owed()[0], moment("2026-12-03T08:00")).lane is Lane.OWN
