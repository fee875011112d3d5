"""Measures of insurance against vectors worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from carecoord_tui.domain.facts import EligibilityFacts
from carecoord_tui.domain.insurance_measure_words import insurance_lines
from carecoord_tui.domain.insurance_measures import (
    AppealRow,
    AuthorizationRow,
    DenialRow,
    InsuranceMeasures,
    InsuranceRows,
    VisitRow,
    as_json,
    measure_insurance,
)
from carecoord_tui.domain.measure_words import WIDTH
from carecoord_tui.domain.measures import Share, Spread
from carecoord_tui.domain.period import Period
from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    AuthorizationStatus,
    EligibilityResult,
    PayerClass,
)
from tests.domain.make import CONTEXT, at, authorization

TODAY = date(2026, 11, 30)
A, O = AuthorizationStatus, AppealOutcome  # noqa: E741
SENT = at("2026-11-02T11:10")  # a Monday; the federal standard clock ends 9 November, expedited 5 November


def row(decided: str | None = None, *, was_denied: bool = False, **values: Any) -> AuthorizationRow:
    values = {"submitted_at": SENT, "status": A.APPROVED, **values}
    facts = authorization(decided_on=date.fromisoformat(decided) if decided else None, **values)
    return AuthorizationRow(facts=facts, was_denied=was_denied)


def measured(**rows: Any) -> InsuranceMeasures:
    return measure_insurance(InsuranceRows(**rows), CONTEXT, today=TODAY)


def counts(share: Share) -> tuple[int, int]:
    return share.numerator, share.denominator


def apart(share: Share) -> dict[str, int]:
    return {one.key: one.count for one in share.apart}


AUTHORIZATIONS = (
    row("2026-11-05"),  # 3 days, inside
    row("2026-11-09"),  # 7 days, on the last day: inside
    row("2026-11-10", status=A.DENIED, was_denied=True),  # 8 days, outside
    row("2026-11-20", was_denied=True),  # 18 days, outside; an appeal turned it
    row("2026-11-03", is_expedited=True, status=A.PARTIAL),  # 1 day, inside 72 hours
    row("2026-11-06", is_expedited=True),  # 4 days, outside
    row("2026-11-04", payer_class=PayerClass.MEDICARE),  # 2 days, no clock
    row("2026-11-04", submitted_at=None),  # not dated
    row("2026-11-01"),  # decided before it was sent: not dated
    row("2026-11-04", status=A.CANCELLED),  # withdrawn: not decided
    row("2025-11-30"),  # a day before the period
    row(status=A.SUBMITTED),  # waits, three weeks past its clock
    row(status=A.SUBMITTED, submitted_at=at("2026-11-27T09:00")),  # waits inside its clock
)


def test_turnaround_keeps_expedited_requests_apart() -> None:
    found = measured(authorizations=AUTHORIZATIONS).turnaround
    assert found.standard == Spread(5, 7.0, 18, 18)  # 2 3 7 8 18
    assert found.expedited == Spread(2, 2.5, 4, 4)  # 1 4
    assert found.undated == 2


def test_inside_the_clock_is_of_decisions_that_a_clock_bound() -> None:
    share = measured(authorizations=AUTHORIZATIONS).inside_clock
    assert counts(share) == (3, 6)
    assert apart(share) == {"no_clock": 1, "undated": 2, "late_waiting": 1}
    assert share.result == "3 of 6"  # below ten no percentage


def test_a_request_that_is_pended_waits_and_was_not_decided() -> None:
    """``decided_on`` of a pended request is the day the payer asked for information."""
    found = measured(authorizations=[row("2026-11-05", status=A.PENDED)])
    assert found.turnaround.standard.n == found.inside_clock.denominator == 0
    assert found.denial_rate.denominator == 0
    assert apart(found.inside_clock)["late_waiting"] == 1, "the payer's clock ended on 9 November"


@pytest.mark.parametrize(("sent", "late"), [("2026-11-23T09:00", 0), ("2026-11-22T09:00", 1)])
def test_a_clock_that_ends_today_is_not_past(sent: str, late: int) -> None:
    share = measured(authorizations=[row(status=A.SUBMITTED, submitted_at=at(sent))]).inside_clock
    assert apart(share)["late_waiting"] == late


def test_turnaround_runs_from_the_first_submission_to_the_first_decision() -> None:
    """What came later replaced both in the record: information sent on, and an appeal that was won."""
    facts = row("2026-11-20").facts
    one = AuthorizationRow(
        facts=replace(facts, submitted_at=at("2026-11-16T09:00")),
        first_submitted_at=SENT,
        first_decided_on=date(2026, 11, 5),
    )
    found = measured(authorizations=[one])
    assert found.turnaround.standard == Spread(1, 3, 3, 3)
    assert counts(found.inside_clock) == (1, 1)


def test_a_denial_that_was_turned_was_a_denial() -> None:
    share = measured(authorizations=AUTHORIZATIONS).denial_rate
    assert counts(share) == (2, 9)
    assert apart(share) == {"in_part": 1}


def test_appeals_of_denials_and_outcomes_of_appeals() -> None:
    told = date(2026, 10, 1)
    denials = [*(DenialRow(told, n < 3) for n in range(12)), DenialRow(date(2025, 11, 30), True)]
    outcomes = [*[O.OVERTURNED] * 6, *[O.PARTLY] * 2, *[O.UPHELD] * 3, O.DISMISSED]
    appeals = [
        *(AppealRow(told, outcome) for outcome in outcomes),
        AppealRow(None, None),
        AppealRow(None, O.UPHELD),
        AppealRow(date(2025, 1, 1), O.OVERTURNED),
    ]
    found = measured(denials=denials, appeals=appeals)
    assert (counts(found.appeal_rate), found.appeal_rate.percent) == ((3, 12), 25.0)
    assert (counts(found.overturn_rate), found.overturn_rate.percent) == ((8, 12), 66.7)
    assert apart(found.overturn_rate) == {"in_part": 2, "dismissed": 1, "undated": 1}


def check(checked: str, as_of: str, result: EligibilityResult = EligibilityResult.ACTIVE) -> EligibilityFacts:
    return EligibilityFacts(
        coverage_id=1,
        checked_on=date.fromisoformat(checked),
        as_of=date.fromisoformat(as_of),
        result=result,
    )


def visit(day: str, *checks: EligibilityFacts, plan: PayerClass | None = PayerClass.COMMERCIAL) -> VisitRow:
    return VisitRow(day=date.fromisoformat(day), payer_class=plan, checks=checks)


def test_a_visit_is_verified_by_an_answer_that_was_fresh_on_its_day() -> None:
    share = measured(
        visits=[
            visit("2026-11-20", check("2026-11-02", "2026-11-02")),  # same month, 18 days: verified
            visit("2026-11-20", check("2026-11-19", "2026-11-20", EligibilityResult.INACTIVE)),  # verified
            visit("2026-11-20", check("2026-11-19", "2026-11-20", EligibilityResult.UNABLE)),
            visit("2026-11-20", check("2026-10-30", "2026-10-30")),  # another month
            visit("2026-11-20", check("2026-11-21", "2026-11-20")),  # after the visit
            visit(
                "2026-11-20", check("2026-11-02", "2026-11-02"), plan=PayerClass.MEDICAID_MCO
            ),  # its day only
            visit("2026-11-20", plan=None),
            visit("2026-11-20", plan=PayerClass.SELF_PAY),
            visit("2026-12-01", check("2026-11-30", "2026-12-01")),  # its day has not come
        ]
    ).eligibility
    assert counts(share) == (2, 7)
    assert apart(share) == {"self_pay": 1, "no_plan": 1}


def test_nothing_is_said_as_nothing_and_a_year_narrows() -> None:
    empty = measured()
    assert [counts(share) for share in empty.shares] == [(0, 0)] * 5
    assert empty.turnaround.standard == Spread(0)
    assert as_json(empty)["inside_clock"]["percent"] is None
    assert InsuranceRows().first_year is None
    rows = InsuranceRows(authorizations=AUTHORIZATIONS)
    assert rows.first_year == 2025
    past = measure_insurance(rows, CONTEXT, today=TODAY, period=Period.of_year(2025))
    assert counts(past.denial_rate) == (0, 1)


def test_lines_fit_eighty_columns() -> None:
    many = [DenialRow(TODAY - timedelta(days=n % 300), n % 2 == 0) for n in range(12_000)]
    lines = insurance_lines(measured(authorizations=AUTHORIZATIONS, denials=many))
    assert max(len(line.text) for line in lines) <= WIDTH
    assert any("6,000 of 12,000, 50.0 %" in line.text for line in lines)
