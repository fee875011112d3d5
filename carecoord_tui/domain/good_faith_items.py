"""What is owed to somebody who pays themselves: a good-faith estimate in time (45 CFR 149.610).

The clocks are those of ``good_faith``. Days are practice-local.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.deadlines import Deadline
from carecoord_tui.domain.facts import AppointmentFacts, GoodFaithFacts, PatientFacts
from carecoord_tui.domain.good_faith import REQUESTED_RULE, SCHEDULED_RULE, estimate_due
from carecoord_tui.domain.vocabulary import AppointmentStatus, Basis, Consequence, Kind, PayerClass
from carecoord_tui.domain.work import WorkItem

UNDATED_RULE = "billing.estimate"


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """An item each estimate that was not given, and each booked visit of a self-pay patient without one."""
    for record in facts.good_faith:
        if record.is_owed:
            yield _give(facts, record, context)
    if _pays_alone(facts):
        for visit in facts.appointments:
            yield from _for_visit(facts, visit, context)


def _pays_alone(facts: PatientFacts) -> bool:
    """Self-pay as recorded; a person without any plan on file is asked who pays first."""
    coverage = facts.primary_coverage
    return coverage is not None and coverage.payer_class is PayerClass.SELF_PAY


def _for_visit(facts: PatientFacts, visit: AppointmentFacts, context: Context) -> Iterator[WorkItem]:
    if visit.status is not AppointmentStatus.BOOKED or _has_estimate(facts, visit):
        return
    due = _due(context, booked_on=visit.booked_on, service_on=visit.starts_on)
    if due is None or due.legal_on is None:
        return
    yield _item(
        facts,
        Kind.APPOINTMENT,
        visit.id,
        rule_id=due.rule_id,
        title=f"Give estimate: {visit.title}",
        target_on=due.target_on or due.legal_on,
        deadline=due,
        why=f"Self-pay, and no estimate was given. {due.why}",
        citation=context.cite(due),
        since_on=visit.booked_on,
        after_legal=f"Too late: give estimate now, {visit.title}",
    )


def _has_estimate(facts: PatientFacts, visit: AppointmentFacts) -> bool:
    """Given for this visit or for a service on its day; one still owed for this visit has its own item."""
    return any(
        record.appointment_id == visit.id
        or (
            record.appointment_id is None
            and record.given_on is not None
            and record.service_on == visit.starts_on
        )
        for record in facts.good_faith
        if record.given_on is not None or not record.is_closed
    )


def _give(facts: PatientFacts, record: GoodFaithFacts, context: Context) -> WorkItem:
    """The estimate by the earlier of its clocks; by our own where the law sets none."""
    visit = next((v for v in facts.appointments if v.id == record.appointment_id), None)
    booked_on = record.scheduled_on or (visit.booked_on if visit else None)
    service_on = visit.starts_on if visit else record.service_on
    what = record.service or (visit.title if visit else "") or "self-pay service"
    due = _due(context, booked_on=booked_on, service_on=service_on, requested_on=record.requested_on)
    if due is None or due.legal_on is None:
        return _undated(facts, record, what, record.requested_on or booked_on or service_on, context)
    return _item(
        facts,
        Kind.GOOD_FAITH,
        record.id,
        rule_id=due.rule_id,
        title=f"Give estimate: {what}",
        target_on=due.target_on or due.legal_on,
        deadline=due,
        why=f"The estimate was not given. {due.why}",
        citation=context.cite(due),
        since_on=record.requested_on or booked_on,
        after_legal=f"Too late: give estimate now, {what}",
    )


def _undated(
    facts: PatientFacts, record: GoodFaithFacts, what: str, known_on: date | None, context: Context
) -> WorkItem:
    """Recorded, and nothing starts a clock. Without any day it counts from the start of the law: at once."""
    start = known_on or context.pack.get(REQUESTED_RULE).effective_from or date.min
    told = f"Recorded for {format_day(known_on)}." if known_on else "No day was entered."
    return _item(
        facts,
        Kind.GOOD_FAITH,
        record.id,
        rule_id=UNDATED_RULE,
        title=f"Give or close estimate: {what}",
        target_on=context.target(UNDATED_RULE, start),
        why=f"{told} The law sets no last day for it: give the estimate, or close it.",
        citation=context.cite(UNDATED_RULE),
        since_on=known_on,
    )


def _due(
    context: Context,
    *,
    booked_on: date | None = None,
    service_on: date | None = None,
    requested_on: date | None = None,
) -> Deadline | None:
    """The clock of the estimate; None where nothing starts one, or what was entered contradicts itself."""
    pack = context.pack
    if booked_on is not None and (
        service_on is None or service_on < booked_on or not pack.get(SCHEDULED_RULE).in_force(booked_on)
    ):
        booked_on = None
    if requested_on is not None and not pack.get(REQUESTED_RULE).in_force(requested_on):
        requested_on = None
    if booked_on is None and requested_on is None:
        return None
    return estimate_due(context, booked_on=booked_on, service_on=service_on, requested_on=requested_on)


def _item(
    facts: PatientFacts,
    kind: Kind,
    record_id: int,
    *,
    rule_id: str,
    title: str,
    target_on: date,
    why: str,
    citation: str,
    since_on: date | None,
    deadline: Deadline | None = None,
    after_legal: str = "",
) -> WorkItem:
    return WorkItem(
        kind=kind,
        record_id=record_id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb="insurance",
        title=title,
        target_on=target_on,
        legal_on=deadline.legal_on if deadline else None,
        basis=Basis.LEGAL if deadline else Basis.OWN,
        consequence=Consequence.MONEY,
        why=why,
        citation=citation,
        since_on=since_on,
        after_legal=after_legal,
    )
