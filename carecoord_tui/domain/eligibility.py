"""Coverage must be known before a visit: which checks are fresh, and what a stale one owes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.facts import CoverageFacts, EligibilityFacts, PatientFacts
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    Basis,
    Consequence,
    EligibilityResult,
    Kind,
    PayerClass,
)
from carecoord_tui.domain.work import WorkItem

FRESH_DAYS = 30
GROUP = "check_eligibility"


def is_fresh(check: EligibilityFacts, visit_on: date, payer_class: PayerClass) -> bool:
    """Whether a check is good for a visit (``domain.md``, Eligibility).

    Fresh when ``as_of`` falls in the visit's month and it was made at most 30 days before the
    visit; for Medicaid only when ``as_of`` is the visit's day.
    """
    if check.checked_on > visit_on or (visit_on - check.checked_on).days > FRESH_DAYS:
        return False
    if payer_class.is_medicaid:
        return check.as_of == visit_on
    return (check.as_of.year, check.as_of.month) == (visit_on.year, visit_on.month)


def latest_fresh(facts: PatientFacts, coverage: CoverageFacts, visit_on: date) -> EligibilityFacts | None:
    """The newest check of this plan that is good for the visit, if any."""
    fresh = [
        check
        for check in facts.checks
        if check.coverage_id == coverage.id and is_fresh(check, visit_on, coverage.payer_class)
    ]
    return max(fresh, key=lambda check: check.checked_on, default=None)


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """A check for every booked visit without a fresh one, and a repair where coverage is inactive."""
    coverage = facts.primary_coverage
    if coverage is None or coverage.payer_class is PayerClass.SELF_PAY:
        return
    for visit in facts.appointments:
        if visit.status is not AppointmentStatus.BOOKED:
            continue
        check = latest_fresh(facts, coverage, visit.starts_on)
        if check is not None and check.result is EligibilityResult.ACTIVE:
            continue
        before = context.deadline("eligibility.before_visit", visit.starts_on)
        inactive = check is not None and check.result is EligibilityResult.INACTIVE
        yield WorkItem(
            kind=Kind.ELIGIBILITY,
            record_id=visit.id,
            rule_id="eligibility.before_visit",
            patient_id=facts.id,
            verb="insurance",
            title=(
                f"Coverage inactive: ask about other insurance ({coverage.payer_name})"
                if inactive
                else f"Check eligibility: {coverage.payer_name}"
            ),
            target_on=before.target_on or visit.starts_on,
            basis=Basis.VISIT,
            consequence=Consequence.MONEY,
            why=(
                f"{coverage.payer_name} said inactive for the visit on {format_day(visit.starts_on)}."
                if inactive
                else f"No check is fresh for the visit on {format_day(visit.starts_on)}. {before.why}"
            ),
            citation=before.citation,
            visit_on=visit.starts_on,
            group_key="" if inactive else f"{GROUP}:{visit.starts_on.isoformat()}",
        )
