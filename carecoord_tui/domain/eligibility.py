"""Coverage must be known before a visit: which checks are fresh, and what a stale one owes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import Enum, auto

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.facts import AppointmentFacts, CoverageFacts, EligibilityFacts, PatientFacts
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
CHECK_RULE, RESOLVE_RULE = "eligibility.before_visit", "eligibility.resolve"
GROUP = "check_eligibility"


class Staleness(Enum):
    """Why a check is not good for a visit."""

    MADE_AFTER = auto()
    OTHER_DAY = auto()  # Medicaid: eligibility is a matter of the day
    TOO_OLD = auto()
    OTHER_MONTH = auto()


def staleness_of(check: EligibilityFacts, visit_on: date, payer_class: PayerClass) -> Staleness | None:
    """What makes a check no good for a visit (``domain.md``, Eligibility); None while it is fresh.

    Fresh when ``as_of`` falls in the visit's month and it was made at most 30 days before the
    visit; for Medicaid only when ``as_of`` is the visit's day.
    """
    if check.checked_on > visit_on:
        return Staleness.MADE_AFTER
    if payer_class.is_medicaid and check.as_of != visit_on:
        return Staleness.OTHER_DAY
    if (visit_on - check.checked_on).days > FRESH_DAYS:
        return Staleness.TOO_OLD
    if (check.as_of.year, check.as_of.month) != (visit_on.year, visit_on.month):
        return Staleness.OTHER_MONTH
    return None


def is_fresh(check: EligibilityFacts, visit_on: date, payer_class: PayerClass) -> bool:
    """Whether a check is good for a visit."""
    return staleness_of(check, visit_on, payer_class) is None


def stale_words(check: EligibilityFacts, visit_on: date, payer_class: PayerClass) -> str:
    """Which rule makes a check stale for a visit, in one sentence; empty while it is fresh."""
    made, asked = format_day(check.checked_on), format_day(check.as_of)
    match staleness_of(check, visit_on, payer_class):
        case Staleness.MADE_AFTER:
            return f"The check of {made} was made after the visit."
        case Staleness.OTHER_DAY:
            return f"Medicaid must be checked as of the visit's date; the check of {made} was for {asked}."
        case Staleness.TOO_OLD:
            return f"A check is good for {FRESH_DAYS} days; the last was on {made}."
        case Staleness.OTHER_MONTH:
            return f"A check is good for one month; the check of {made} was for {asked}."
    return ""


def latest_fresh(facts: PatientFacts, coverage: CoverageFacts, visit_on: date) -> EligibilityFacts | None:
    """The newest check of this plan that is good for the visit, if any; of one day's, the last recorded."""
    newest = None
    for check in facts.checks:
        is_good = check.coverage_id == coverage.id and is_fresh(check, visit_on, coverage.payer_class)
        if is_good and (newest is None or check.checked_on >= newest.checked_on):
            newest = check
    return newest


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """A check for every booked visit without a fresh one, and a repair where coverage is in question."""
    coverage = facts.primary_coverage
    if coverage is not None and coverage.payer_class is PayerClass.SELF_PAY:
        return
    for visit in facts.appointments:
        if visit.status is not AppointmentStatus.BOOKED:
            continue
        if coverage is None:
            yield _ask_for_insurance(facts, visit, context)
            continue
        check = latest_fresh(facts, coverage, visit.starts_on)
        if check is None:
            yield _check(facts, coverage, visit, context)
        elif check.result is not EligibilityResult.ACTIVE:
            yield _settle(facts, coverage, visit, check, context)


def _item(
    facts: PatientFacts,
    visit: AppointmentFacts,
    *,
    rule_id: str,
    title: str,
    target_on: date,
    why: str,
    citation: str,
    group_key: str = "",
) -> WorkItem:
    return WorkItem(
        kind=Kind.ELIGIBILITY,
        record_id=visit.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb="insurance",
        title=title,
        target_on=target_on,
        basis=Basis.VISIT,
        consequence=Consequence.MONEY,
        why=why,
        citation=citation,
        visit_on=visit.starts_on,
        group_key=group_key,
    )


def _check(
    facts: PatientFacts, coverage: CoverageFacts, visit: AppointmentFacts, context: Context
) -> WorkItem:
    before = context.deadline(CHECK_RULE, visit.starts_on)
    return _item(
        facts,
        visit,
        rule_id=CHECK_RULE,
        title=f"Check eligibility: {coverage.payer_name}",
        target_on=before.target_on or visit.starts_on,
        why=f"{_no_fresh_check(facts, coverage, visit.starts_on)} {before.why}",
        citation=context.cite(before),
        group_key=f"{GROUP}:{visit.starts_on.isoformat()}",
    )


def _no_fresh_check(facts: PatientFacts, coverage: CoverageFacts, visit_on: date) -> str:
    """That a check is missing, and by which rule the last one does not count."""
    mine = [check for check in facts.checks if check.coverage_id == coverage.id]
    newest = max(mine, key=lambda check: check.checked_on, default=None)
    missing = f"No check is fresh for the visit on {format_day(visit_on)}."
    if newest is None:
        return missing
    return f"{missing} {stale_words(newest, visit_on, coverage.payer_class)}"


def _ask_for_insurance(facts: PatientFacts, visit: AppointmentFacts, context: Context) -> WorkItem:
    before = context.deadline(CHECK_RULE, visit.starts_on)
    return _item(
        facts,
        visit,
        rule_id=CHECK_RULE,
        title="No coverage on file: ask who pays",
        target_on=before.target_on or visit.starts_on,
        why=f"No plan on file pays for the visit on {format_day(visit.starts_on)}. {before.why}",
        citation=context.cite(before),
    )


def _settle(
    facts: PatientFacts,
    coverage: CoverageFacts,
    visit: AppointmentFacts,
    check: EligibilityFacts,
    context: Context,
) -> WorkItem:
    """The payer's answer left a question: settle it the next working day, and before the visit."""
    resolve = context.deadline(RESOLVE_RULE, check.checked_on)
    target = resolve.target_on or check.checked_on
    is_inactive = check.result is EligibilityResult.INACTIVE
    answer = "said inactive" if is_inactive else "could not say"
    return _item(
        facts,
        visit,
        rule_id=RESOLVE_RULE,
        title=f"{'Coverage inactive' if is_inactive else 'Ask again, unclear'}: {coverage.payer_name}",
        target_on=min(target, visit.starts_on),
        why=f"On {format_day(check.checked_on)} {coverage.payer_name} {answer} for the visit on "
        f"{format_day(visit.starts_on)}. "
        + ("Ask about other insurance." if is_inactive else "Ask again, or ask the patient."),
        citation=context.cite(resolve),
    )
