"""What a payer said a visit needs: an authorization, a referral. Owed until it is there, or is not needed.

The answer is a fact of an eligibility check (``authorization_needed``, ``referral_needed``); "not asked" says
nothing and leaves an earlier answer standing. The do-by day is the practice's own target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.eligibility import is_fresh
from carecoord_tui.domain.facts import (
    AppointmentFacts,
    AuthorizationFacts,
    CoverageFacts,
    EligibilityFacts,
    PatientFacts,
)
from carecoord_tui.domain.vocabulary import AppointmentStatus, Basis, Consequence, CoverageStatus, Kind
from carecoord_tui.domain.work import WorkItem

AUTHORIZATION_RULE, REFERRAL_RULE = "auth.required", "referral.required"


@dataclass(frozen=True, slots=True)
class _Requirement:
    """One thing a payer can ask for: its rule, its name, what was said of it, whether it is there."""

    rule_id: str
    name: str
    act: str
    answer: Callable[[EligibilityFacts], bool | None]
    is_there: Callable[[PatientFacts, AppointmentFacts], bool]
    not_needed_on: Callable[[AppointmentFacts], date | None]


def covers(record: AuthorizationFacts, visit: AppointmentFacts) -> bool:
    """Whether an open authorization is for this visit: by its number, or by the referral both belong to.

    By the referral it covers a series of visits, as far as its validity is known to reach.
    """
    if record.appointment_id == visit.id:
        return True
    if record.referral_id is None or record.referral_id != visit.referral_id:
        return False
    starts, ends = record.valid_from, record.last_valid_on
    return (starts is None or starts <= visit.starts_on) and (ends is None or visit.starts_on <= ends)


def _is_authorized(facts: PatientFacts, visit: AppointmentFacts) -> bool:
    return visit.has_authorization or any(covers(record, visit) for record in facts.authorizations)


_REQUIREMENTS = (
    _Requirement(
        AUTHORIZATION_RULE,
        "authorization",
        "Open one",
        lambda check: check.authorization_needed,
        _is_authorized,
        lambda visit: visit.no_authorization_on,
    ),
    _Requirement(
        REFERRAL_RULE,
        "referral",
        "Link one",
        lambda check: check.referral_needed,
        lambda _, visit: visit.referral_id is not None,
        lambda visit: visit.no_referral_on,
    ),
)


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """An item each booked visit that lacks what a payer said it needs."""
    for visit in facts.appointments:
        if visit.status is not AppointmentStatus.BOOKED:
            continue
        for needed in _REQUIREMENTS:
            if needed.is_there(facts, visit):
                continue
            plan, check = _latest_demand(facts, visit, needed)
            if plan is not None and check is not None:
                yield _item(facts, visit, needed, plan, check, context)


def _latest_demand(
    facts: PatientFacts, visit: AppointmentFacts, needed: _Requirement
) -> tuple[CoverageFacts | None, EligibilityFacts | None]:
    """The check that asks for it, of the plan that pays first among those that do; (None, None) for none."""
    not_needed_on = needed.not_needed_on(visit)
    for plan in sorted(facts.coverages, key=lambda one: (one.rank, one.id)):
        if plan.status is CoverageStatus.CANCELLED:
            continue
        check = _latest_answer(facts, plan, visit, needed)
        if check is None or not needed.answer(check):
            continue
        if not_needed_on is None or not_needed_on < check.checked_on:
            return plan, check
    return None, None


def _latest_answer(
    facts: PatientFacts, plan: CoverageFacts, visit: AppointmentFacts, needed: _Requirement
) -> EligibilityFacts | None:
    """The newest check about this visit that answered; of one day's, the last recorded."""
    newest = None
    for check in facts.checks:
        if check.coverage_id != plan.id or needed.answer(check) is None:
            continue
        is_about = check.as_of == visit.starts_on or is_fresh(check, visit.starts_on, plan.payer_class)
        if is_about and (newest is None or check.checked_on >= newest.checked_on):
            newest = check
    return newest


def _item(
    facts: PatientFacts,
    visit: AppointmentFacts,
    needed: _Requirement,
    plan: CoverageFacts,
    check: EligibilityFacts,
    context: Context,
) -> WorkItem:
    deadline = context.deadline(needed.rule_id, check.checked_on)
    return WorkItem(
        kind=Kind.ELIGIBILITY,
        record_id=visit.id,
        rule_id=needed.rule_id,
        patient_id=facts.id,
        verb="insurance",
        title=f"{needed.name.capitalize()} needed: {visit.title}",
        target_on=min(deadline.target_on or check.checked_on, visit.starts_on),
        basis=Basis.VISIT,
        consequence=Consequence.COVERAGE,
        why=f"On {format_day(check.checked_on)} {plan.payer_name} said that the visit on "
        f"{format_day(visit.starts_on)} needs a{'n' if needed.name[0] in 'aeiou' else ''} {needed.name}; "
        f"none is on file. {needed.act}, or record who said that none is needed.",
        citation=context.cite(deadline),
        since_on=check.checked_on,
        visit_on=visit.starts_on,
    )
