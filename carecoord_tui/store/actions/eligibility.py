"""Recording what a payer said about coverage: one check in full, or one answer for several visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.eligibility import CHECK_RULE, RESOLVE_RULE
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.money import MoneyError, cents, check_amount
from carecoord_tui.domain.vocabulary import (
    BenefitKind,
    BenefitLevel,
    BenefitPeriod,
    CoverageStatus,
    EligibilityResult,
    FollowUpKind,
    FollowUpStatus,
    Kind,
    Network,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import ledger
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.items import clear_move
from carecoord_tui.store.ledger import LEDGER
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    Appointment,
    Benefit,
    Contact,
    Coverage,
    EligibilityCheck,
    FollowUp,
    Patient,
    Payer,
)

NO_COVERAGE = "This patient has no coverage on file: add it with e on the patient page first."
_LIMITS = {"plan_said": 160, "reference": 80, "spoke_with": 160, "method": 40, "note": 400, "source": 40}
_BENEFIT_LIMITS = {"service_type": 80, "plan": 160, "text": 400, "trace": 80}
_TITLE_LIMIT = 200
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitEntry:
    """One figure the payer named. ``amount`` in dollars, ``percent`` 20 for 20 %; None is not said."""

    kind: BenefitKind
    amount: Decimal | None = None
    percent: Decimal | None = None
    network: Network = Network.IN
    level: BenefitLevel = BenefitLevel.INDIVIDUAL
    period: BenefitPeriod = BenefitPeriod.UNKNOWN
    service_type: str = ""
    plan: str = ""
    text: str = ""
    trace: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckEntry:
    """A check as a form or an import holds it. Benefits were read exactly when there are some.

    Without ``coverage_id`` it is about the plan that pays first; without ``as_of`` about the visit's day,
    or today where there is no visit. ``cancel_coverage`` ends the plan, which only the user decides.
    ``checked_on`` is the day the payer answered when that was not today: an old file is no fresh check.
    """

    patient_id: int
    result: EligibilityResult
    coverage_id: int | None = None
    appointment_id: int | None = None
    as_of: date | None = None
    checked_on: date | None = None
    benefits: tuple[BenefitEntry, ...] = ()
    plan_said: str = ""
    authorization_needed: bool | None = None  # None: not asked
    referral_needed: bool | None = None
    reference: str = ""
    spoke_with: str = ""
    method: str = ""
    note: str = ""
    source: str = ""
    cancel_coverage: bool = False
    ended_on: date | None = None  # the last day of the plan, when the payer named it


def record_check(practice: Practice, entry: CheckEntry) -> int:
    """Record a check made today with everything the payer said, in one change; returns its number.

    A check without benefits leaves every older figure with the day it was read. Coverage that is inactive
    raises a task. Raises Refused with the reason, a MoneyError's sentence for an impossible amount.
    """
    with practice.change(f"eligibility: {entry.result.label}") as session:
        return put_check(session, practice, entry)


def quick_check(practice: Practice, appointment_ids: Sequence[int], result: EligibilityResult) -> list[int]:
    """One answer for several visits, each as of its own day, benefits not read; all in one change.

    Returns the numbers of the checks. Raises Refused when a visit is gone or has no plan on file.
    """
    wanted = list(dict.fromkeys(appointment_ids))
    if not wanted:
        raise Refused("No visit is chosen.")
    count = f", {len(wanted)} visits" if len(wanted) > 1 else ""
    with practice.change(f"eligibility: {result.label}{count}") as session:
        return [check_visit(session, practice, number, result) for number in wanted]


def check_visit(
    session: AuditedSession, practice: Practice, appointment_id: int, result: EligibilityResult
) -> int:
    """A check of one visit as part of another change, benefits not read; returns its number.

    Reference number and name are those of today's call to the payer about this visit, if one was logged.
    Raises Refused as :func:`quick_check` does.
    """
    visit = existing(session, Appointment, appointment_id)
    call = _call_of_today(session, practice, appointment_id)
    entry = CheckEntry(
        patient_id=visit.patient_id,
        result=result,
        appointment_id=appointment_id,
        reference=call.reference if call else "",
        spoke_with=call.spoke_with if call else "",
        method=call.channel.label if call else "",
    )
    return put_check(session, practice, entry)


def put_check(session: AuditedSession, practice: Practice, entry: CheckEntry) -> int:
    """A check with its benefits, and the task an inactive one raises, inside another change.

    Returns its number. Raises Refused as :func:`record_check` does.
    """
    existing(session, Patient, entry.patient_id)
    coverage = _coverage(session, entry)
    assert coverage.id is not None  # noqa: S101 - read from the table
    _refuse_impossible(entry)
    checked_on = entry.checked_on or practice.today()
    if checked_on > practice.today():
        raise Refused(f"{format_day(checked_on)} is ahead: record a check when it was made.")
    is_newest = not _is_answered_since(session, coverage.id, checked_on)
    record = EligibilityCheck(
        patient_id=entry.patient_id,
        coverage_id=coverage.id,
        checked_on=checked_on,
        as_of=_as_of(session, practice, entry),
        result=entry.result,
        benefits_read_on=checked_on if entry.benefits else None,
        authorization_needed=entry.authorization_needed,
        referral_needed=entry.referral_needed,
        made_by=practice.user.name,
        **_texts(entry, _LIMITS),
    )
    session.add(record)
    session.flush()
    assert record.id is not None  # noqa: S101 - flushed above
    for benefit in entry.benefits:
        session.add(_benefit(entry.patient_id, record.id, benefit))
    if is_newest or entry.cancel_coverage:
        _mark_coverage(session, coverage, entry)
    if entry.appointment_id is not None:
        # A date given to the old question says nothing about the answer.
        for rule in (CHECK_RULE, RESOLVE_RULE):
            clear_move(session, ItemRef(Kind.ELIGIBILITY, entry.appointment_id, rule, entry.patient_id))
    if entry.result is EligibilityResult.INACTIVE and is_newest:
        _raise_task(session, practice, coverage, is_cancelled=entry.cancel_coverage)
    return record.id


# --- parts -----------------------------------------------------------------------------------------------


def _coverage(session: AuditedSession, entry: CheckEntry) -> Coverage:
    """The plan asked about: the one named, else the one that pays first."""
    if entry.coverage_id is not None:
        named = existing(session, Coverage, entry.coverage_id)
        if named.patient_id != entry.patient_id:
            raise Refused("That coverage is another patient's: nothing was recorded.")
        return named
    first = usable_plans(session, entry.patient_id)[:1]
    if not first:
        raise Refused(NO_COVERAGE)
    return first[0]


def usable_plans(session: AuditedSession, patient_id: int) -> Sequence[Coverage]:
    """The plans that were not cancelled, in the order in which they pay."""
    return session.exec(
        select(Coverage)
        .where(col(Coverage.patient_id) == patient_id, col(Coverage.status) != CoverageStatus.CANCELLED)
        .order_by(col(Coverage.rank), col(Coverage.id))
    ).all()


def _is_answered_since(session: AuditedSession, coverage_id: int, on: date) -> bool:
    """True when the payer answered a later check of this plan: an older answer changes nothing any more."""
    later = select(EligibilityCheck.id).where(
        col(EligibilityCheck.coverage_id) == coverage_id,
        col(EligibilityCheck.checked_on) > on,
        col(EligibilityCheck.result) != EligibilityResult.UNABLE,
    )
    return session.exec(later.limit(1)).first() is not None


def _as_of(session: AuditedSession, practice: Practice, entry: CheckEntry) -> date:
    visit_on = None
    if entry.appointment_id is not None:
        visit = existing(session, Appointment, entry.appointment_id)
        if visit.patient_id != entry.patient_id:
            raise Refused("That visit is another patient's: nothing was recorded.")
        visit_on = practice.context.day_of(visit.starts_at)
    return entry.as_of or visit_on or practice.today()


def _refuse_impossible(entry: CheckEntry) -> None:
    if entry.cancel_coverage and entry.result is not EligibilityResult.INACTIVE:
        raise Refused("Coverage is cancelled only when the payer says that it is inactive.")
    for benefit in entry.benefits:
        what = benefit.kind.label
        if benefit.amount is not None:
            try:
                check_amount(benefit.amount, what)
            except MoneyError as error:
                raise Refused(str(error)) from error
        percent = benefit.percent
        if percent is not None and not (percent.is_finite() and 0 <= percent <= _HUNDRED):
            raise Refused(f"The {what} is not between 0 and 100 %: check the number.")
        if benefit.amount is None and percent is None and not benefit.text.strip():
            raise Refused(f"The {what} has no amount: leave it out when the payer did not say it.")


def _texts(entry: CheckEntry | BenefitEntry, limits: dict[str, int]) -> dict[str, Any]:
    return {name: clean_text(getattr(entry, name), limit) for name, limit in limits.items()}


def _benefit(patient_id: int, check_id: int, entry: BenefitEntry) -> Benefit:
    return Benefit(
        patient_id=patient_id,
        check_id=check_id,
        kind=entry.kind,
        amount=None if entry.amount is None else cents(entry.amount),
        percent=entry.percent,
        network=entry.network,
        level=entry.level,
        period=entry.period,
        **_texts(entry, _BENEFIT_LIMITS),
    )


def _mark_coverage(session: AuditedSession, coverage: Coverage, entry: CheckEntry) -> None:
    """Unknown becomes active once the payer said so; a plan ends only when the user decided it."""
    if entry.cancel_coverage:
        coverage.status, coverage.ends_on = CoverageStatus.CANCELLED, entry.ended_on or coverage.ends_on
    elif entry.result is EligibilityResult.ACTIVE and coverage.status is CoverageStatus.UNKNOWN:
        coverage.status = CoverageStatus.ACTIVE
    else:
        return
    session.add(coverage)


def _call_of_today(session: AuditedSession, practice: Practice, appointment_id: int) -> Contact | None:
    """The last call to a payer about this visit, when it was today."""
    call = session.exec(
        select(Contact)
        .where(
            col(Contact.about_kind) == Kind.ELIGIBILITY,
            col(Contact.about_id) == appointment_id,
            col(Contact.payer_id).is_not(None),
        )
        .order_by(col(Contact.at).desc(), col(Contact.id).desc())
    ).first()
    is_today = call is not None and practice.context.day_of(call.at) == practice.today()
    return call if is_today else None


def _raise_task(
    session: AuditedSession, practice: Practice, coverage: Coverage, *, is_cancelled: bool
) -> None:
    """Inactive coverage is never only noted: where no visit asks about it, a follow-up does."""
    session.flush()
    plans = usable_plans(session, coverage.patient_id)
    if is_cancelled and plans:
        return  # the next plan pays now, and its visits ask for a check of it
    pays_first = is_cancelled or [plan.id for plan in plans[:1]] == [coverage.id]
    ledger.refresh(session.connection(), [coverage.patient_id], practice.context)
    if pays_first and _visit_asks(session, coverage.patient_id, CHECK_RULE if is_cancelled else RESOLVE_RULE):
        return
    payer = existing(session, Payer, coverage.payer_id)
    title = clean_text(f"Coverage inactive, ask who pays: {payer.name}", _TITLE_LIMIT)
    open_ones = select(FollowUp).where(
        col(FollowUp.patient_id) == coverage.patient_id,
        col(FollowUp.status) == FollowUpStatus.OPEN,
        col(FollowUp.title) == title,
    )
    if session.exec(open_ones).first() is None:
        session.add(
            FollowUp(
                patient_id=coverage.patient_id,
                title=title,
                kind=FollowUpKind.PAPERWORK,
                due_on=practice.context.target(RESOLVE_RULE, practice.today()),
            )
        )


def _visit_asks(session: AuditedSession, patient_id: int, rule_id: str) -> bool:
    """True when a visit of this person already asks about the coverage."""
    asking = sa.select(LEDGER.c.id).where(
        LEDGER.c.patient_id == patient_id,
        LEDGER.c.kind == Kind.ELIGIBILITY,
        LEDGER.c.rule_id == rule_id,
    )
    return session.connection().execute(asking.limit(1)).first() is not None
