"""Facts for the tests of the rules: small builders on the Monday of ``domain.md`` section 4."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.facts import (
    AppointmentFacts,
    AssistanceFacts,
    AuthorizationFacts,
    AuthorizationItemFacts,
    BillingCaseFacts,
    ContactFacts,
    CoverageFacts,
    DenialFacts,
    EligibilityFacts,
    FollowUpFacts,
    GoodFaithFacts,
    InstallmentFacts,
    LimitFacts,
    MoveFacts,
    PatientFacts,
    PaymentPlanFacts,
    ReferralFacts,
    TrackFacts,
    TransitionFacts,
)
from carecoord_tui.domain.next_actions import next_actions
from carecoord_tui.domain.ranking import Moment, Person, Ranked, rank_item
from carecoord_tui.domain.rulepack import Unit, load_pack
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AssistanceStatus,
    AuthorizationStatus,
    Basis,
    Consequence,
    CoverageStatus,
    DenialStatus,
    EligibilityResult,
    FollowUpKind,
    Kind,
    Outcome,
    PatientStatus,
    PayerClass,
    Priority,
    ReferralStage,
    Risk,
    TrackKind,
    TrackStatus,
    TransitionComplexity,
    Urgency,
)
from carecoord_tui.domain.work import WorkItem

ZONE = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 30)
ISO = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")
PATIENT = 7  # the number of every person made here, unless told otherwise
CONTEXT = Context(load_pack(), Calendar(), ZONE, user_is_clinical=True)


def day(text: str) -> date:
    """``2026-12-04`` as a date."""
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    """``2026-11-30T08:00`` in New York, as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def moment(text: str = "2026-11-30T08:00") -> Moment:
    """An instant in the practice."""
    return Moment(at(text), ZONE, CONTEXT.calendar)


def _made(cls: type[Any], defaults: dict[str, Any], changes: dict[str, Any]) -> Any:
    """A fact; fields of dates and times may be given as ISO text."""
    values = {**defaults, **changes}
    for name, value in values.items():
        if isinstance(value, str) and ISO.fullmatch(value):
            values[name] = at(value) if "T" in value else day(value)
    return cls(**values)


def patient(**changes: Any) -> PatientFacts:
    """An active person with nothing open."""
    defaults = {"id": PATIENT, "status": PatientStatus.ACTIVE, "risk": Risk.RISING, "added_on": MONDAY}
    return _made(PatientFacts, defaults, changes)


def contact(when: str, outcome: Outcome = Outcome.NO_ANSWER, **changes: Any) -> ContactFacts:
    """An attempt; about nothing unless told."""
    defaults = {"at": when, "outcome": outcome, "about_kind": None, "about_id": None}
    return _made(ContactFacts, defaults, changes)


def tries(kind: Kind, record_id: int, *days: str, outcome: Outcome = Outcome.NO_ANSWER) -> list[ContactFacts]:
    """Failed attempts about a record at these times."""
    return [contact(when, outcome, about_kind=kind, about_id=record_id) for when in days]


def moved(item: WorkItem, until_on: str, **changes: Any) -> MoveFacts:
    """An item's date, moved."""
    defaults = {
        "kind": item.kind,
        "record_id": item.record_id,
        "rule_id": item.rule_id,
        "until_on": until_on,
        "until_at": None,
        "original_on": item.target_on,
    }
    return _made(MoveFacts, defaults, changes)


def coverage(payer_class: PayerClass = PayerClass.MEDICARE_ADVANTAGE, **changes: Any) -> CoverageFacts:
    """Humana, active, first."""
    defaults = {
        "id": 1,
        "payer_name": "Humana",
        "payer_class": payer_class,
        "rank": 1,
        "status": CoverageStatus.ACTIVE,
    }
    return _made(CoverageFacts, defaults, changes)


def check(checked_on: str, as_of: str, **changes: Any) -> EligibilityFacts:
    """A check of coverage 1 that says active."""
    defaults = {
        "coverage_id": 1,
        "checked_on": checked_on,
        "as_of": day(as_of),
        "result": EligibilityResult.ACTIVE,
    }
    return _made(EligibilityFacts, defaults, changes)


def follow_up(**changes: Any) -> FollowUpFacts:
    """A call due on the Monday."""
    defaults = {
        "id": 1,
        "title": "Call: CGM supply order",
        "kind": FollowUpKind.CALL,
        "priority": Priority.NORMAL,
        "due_on": MONDAY,
    }
    return _made(FollowUpFacts, defaults, changes)


def referral(stage: ReferralStage = ReferralStage.SENT, **changes: Any) -> ReferralFacts:
    """A routine cardiology referral ordered on the Monday before."""
    defaults = {
        "id": 1,
        "specialty": "cardiology",
        "provider_name": "Heart Center",
        "urgency": Urgency.ROUTINE,
        "stage": stage,
        "stage_on": "2026-11-23",
        "ordered_on": "2026-11-23",
    }
    return _made(ReferralFacts, defaults, changes)


def authorization(
    status: AuthorizationStatus = AuthorizationStatus.SUBMITTED, **changes: Any
) -> AuthorizationFacts:
    """Okafor's MRI: Medicare Advantage, submitted Tue 24 Nov."""
    defaults = {
        "id": 1,
        "service": "MRI",
        "payer_name": "Humana",
        "payer_class": PayerClass.MEDICARE_ADVANTAGE,
        "status": status,
        "opened_on": "2026-11-23",
        "submitted_at": "2026-11-24T11:10",
        "number": "A2611030",
    }
    return _made(AuthorizationFacts, defaults, changes)


def denial(status: DenialStatus = DenialStatus.OPEN, **changes: Any) -> DenialFacts:
    """Brandt's rehab: a Medicare Advantage notice of Fri 27 Nov."""
    defaults = {
        "id": 1,
        "service": "Inpatient rehab",
        "payer_name": "Humana",
        "payer_class": PayerClass.MEDICARE_ADVANTAGE,
        "status": status,
        "notice_on": "2026-11-27",
    }
    return _made(DenialFacts, defaults, changes)


def auth_item(
    service: str = "MRI", status: AuthorizationStatus = AuthorizationStatus.APPROVED, **changes: Any
) -> AuthorizationItemFacts:
    """One service of an authorization, approved."""
    return _made(AuthorizationItemFacts, {"service": service, "status": status}, changes)


def track(
    kind: TrackKind = TrackKind.ALTERNATIVE, status: TrackStatus = TrackStatus.OPEN, **changes: Any
) -> TrackFacts:
    """A road out of a denial, taken on the Monday."""
    return _made(TrackFacts, {"kind": kind, "status": status, "opened_on": MONDAY}, changes)


def limit(rule_id: str, n: int, unit: Unit = Unit.CALENDAR_DAY, source: str = "Amendment 3") -> LimitFacts:
    """A count of the payer's contract."""
    return LimitFacts(rule_id=rule_id, n=n, unit=unit, source=source)


def good_faith(**changes: Any) -> GoodFaithFacts:
    """An estimate asked for on the Monday."""
    defaults = {"id": 1, "service": "Colonoscopy", "requested_on": MONDAY}
    return _made(GoodFaithFacts, defaults, changes)


def billing_case(**changes: Any) -> BillingCaseFacts:
    """A question of the Monday."""
    return _made(BillingCaseFacts, {"id": 1, "title": "Billed twice", "opened_on": MONDAY}, changes)


def installment(due_on: str, amount: str = "102.50", **changes: Any) -> InstallmentFacts:
    """A quarter of $410."""
    return _made(InstallmentFacts, {"due_on": due_on, "amount": Decimal(amount)}, changes)


def payment_plan(*installments: InstallmentFacts, **changes: Any) -> PaymentPlanFacts:
    """A plan agreed on the Monday."""
    defaults = {"id": 1, "title": "MRI", "agreed_on": MONDAY, "installments": installments}
    return _made(PaymentPlanFacts, defaults, changes)


def assistance(status: AssistanceStatus = AssistanceStatus.APPLIED, **changes: Any) -> AssistanceFacts:
    """A foundation's help, applied for on the Monday."""
    defaults = {"id": 1, "program": "HealthWell", "status": status, "applied_on": MONDAY}
    return _made(AssistanceFacts, defaults, changes)


def visit(
    starts: str = "2026-12-02T10:20",
    status: AppointmentStatus = AppointmentStatus.BOOKED,
    **changes: Any,
) -> AppointmentFacts:
    """A booked visit on Wed 2 Dec."""
    defaults = {
        "id": 1,
        "title": "Lab visit",
        "status": status,
        "starts_at": starts,
        "starts_on": starts[:10],
        "booked_on": "2026-11-16",
    }
    return _made(AppointmentFacts, defaults, changes)


def discharge(
    complexity: TransitionComplexity = TransitionComplexity.HIGH, **changes: Any
) -> TransitionFacts:
    """Alvarez: discharged Wed 25 Nov, the day before Thanksgiving."""
    defaults = {"id": 1, "discharged_on": "2026-11-25", "complexity": complexity}
    return _made(TransitionFacts, defaults, changes)


def items(facts: PatientFacts, context: Context = CONTEXT) -> dict[str, WorkItem]:
    """What the person owes, by rule id."""
    return {item.rule_id: item for item in next_actions(facts, context)}


def only(facts: PatientFacts, context: Context = CONTEXT) -> WorkItem:
    """The one item the person owes."""
    (item,) = next_actions(facts, context)
    return item


def person(number: int = PATIENT, **changes: Any) -> Person:
    """What ranking knows of a patient."""
    made = Person(
        id=number,
        name=f"Person {number}",
        mrn="",
        birth_date=None,
        sex_letter="F",
        risk=Risk.RISING,
        status=PatientStatus.ACTIVE,
    )
    return replace(made, **changes)


def work(number: int = 1, **changes: Any) -> WorkItem:
    """An own item due on the Monday."""
    defaults = {
        "kind": Kind.FOLLOW_UP,
        "record_id": number,
        "rule_id": "followup.due",
        "patient_id": PATIENT,
        "verb": "done",
        "title": f"Item {number}",
        "target_on": MONDAY,
        "basis": Basis.OWN,
        "consequence": Consequence.PAPERWORK,
    }
    return _made(WorkItem, defaults, changes)


def ranked(
    item: WorkItem, when: Moment | None = None, *, item_id: int = 1, who: Person | None = None
) -> Ranked:
    """An item placed at an instant, the Monday at 8:00 unless told."""
    return rank_item(item, item_id, who or person(), when or moment())


NOON_CLOSING = {"call_from": time(9, 0), "call_until": time(12, 0)}
