"""What an open authorization owes: submit, ask before the payer's clock ends, renew before it runs out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.deadlines import Deadline
from carecoord_tui.domain.facts import AuthorizationFacts, PatientFacts
from carecoord_tui.domain.rulepack import Unit
from carecoord_tui.domain.vocabulary import AuthorizationStatus, Basis, Consequence, Kind
from carecoord_tui.domain.work import WorkItem

_WEEKDAY = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NOT_SUBMITTED = (AuthorizationStatus.NEEDED, AuthorizationStatus.DRAFT)
_UNITS_RULE = "auth.units"


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """One item an open authorization: the next act of its status."""
    for record in facts.authorizations:
        if record.status in _NOT_SUBMITTED:
            yield _submit(facts, record, context)
        elif record.status is AuthorizationStatus.SUBMITTED:
            yield _ask(facts, record, context)
        elif record.status is AuthorizationStatus.PENDED:
            yield _send_information(facts, record, context)
        elif record.status is AuthorizationStatus.DENIED:
            yield _record_denial(facts, record, context)
        elif record.is_running:
            yield _watch(facts, record, context)


def units_are_low(record: AuthorizationFacts, context: Context) -> bool:
    """Two or fewer units left, or a fifth (rule ``auth.units``). Unknown is not low."""
    if record.units_authorized is None or record.units_used is None:
        return False
    rule = context.pack.get(_UNITS_RULE)
    left = record.units_authorized - record.units_used
    share = int(rule.param("percent_left"))
    return left <= int(rule.param("units_left")) or left * 100 <= record.units_authorized * share


def payer_clock(record: AuthorizationFacts, context: Context) -> Deadline | None:
    """When the payer must have decided; None where no clock binds it (Original Medicare, drugs)."""
    if record.submitted_at is None:
        return None
    submitted_on = context.day_of(record.submitted_at)
    rule = context.pack.pa_decision(
        record.payer_class, expedited=record.is_expedited, on=submitted_on, is_drug=record.is_drug
    )
    if rule is None:
        return None
    return context.deadline(rule, record.submitted_at if rule.unit is Unit.HOUR else submitted_on)


def _item(
    facts: PatientFacts,
    record: AuthorizationFacts,
    *,
    rule_id: str,
    title: str,
    target_on: date,
    why: str,
    citation: str,
    verb: str = "insurance",
    legal_on: date | None = None,
    legal_at: datetime | None = None,
    basis: Basis | None = None,
    blocks_service: bool = True,
    after_legal: str = "",
) -> WorkItem:
    """An item of this record. The service waits for it unless ``blocks_service`` is False."""
    visit_on = record.service_on if blocks_service else None
    return WorkItem(
        kind=Kind.AUTHORIZATION,
        record_id=record.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb=verb,
        title=title,
        target_on=target_on,
        legal_on=legal_on,
        legal_at=legal_at,
        basis=basis or (Basis.VISIT if visit_on else Basis.OWN),
        consequence=Consequence.CARE if record.is_expedited else Consequence.COVERAGE,
        why=why,
        citation=citation,
        since_on=record.opened_on,
        visit_on=visit_on,
        after_legal=after_legal,
    )


def _submit(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    deadline = context.deadline("auth.needed", record.opened_on)
    target = deadline.target_on or record.opened_on
    visit = ""
    if record.service_on is not None:
        visit = f" The service is on {format_day(record.service_on)}."
        before = context.calendar.add_working_days(record.service_on, -1)
        target = min(target, max(before, record.opened_on))
    return _item(
        facts,
        record,
        rule_id="auth.needed",
        title=f"Submit authorization: {record.service}",
        target_on=target,
        why=f"Authorization needed, not submitted.{visit} {deadline.why}",
        citation=context.cite(deadline),
    )


def _ask(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    submitted = context.day_of(record.submitted_at) if record.submitted_at else record.opened_on
    clock = payer_clock(record, context)
    if clock is None or clock.legal_on is None:
        own = context.deadline("auth.submitted.none", submitted)
        return _item(
            facts,
            record,
            rule_id="auth.submitted.none",
            verb="contact",
            title=f"Ask {record.payer_name}: {record.service} decision",
            target_on=own.target_on or submitted,
            why=f"No decision clock is known for this payer and service. {own.why}",
            citation=context.cite(own),
        )
    ask_on = context.last_chance(context.calendar.add_business_days(clock.legal_on, -1))
    return _item(
        facts,
        record,
        rule_id=clock.rule_id,
        verb="contact",
        title=f"Ask {record.payer_name}: {record.service} decision due {_WEEKDAY[clock.legal_on.weekday()]}",
        target_on=max(ask_on, submitted),
        legal_on=clock.legal_on,
        legal_at=clock.legal_at,
        why=f"{clock.why} The clock is the payer's: ask one business day before it ends.",
        citation=context.cite(clock),
        after_legal=f"{record.payer_name} late: record and escalate {record.service}",
    )


def _send_information(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    deadline = context.deadline("auth.pended", record.decided_on or record.opened_on)
    target = deadline.target_on or record.opened_on
    due = record.information_due_on
    asked = f"{record.payer_name} pended the request: information is missing."
    if due is None:
        why, citation = f"{asked} {deadline.why}", context.cite(deadline)
    else:
        target = min(target, context.last_chance(due))
        why, citation = f"{asked} It must be in by {format_day(due)} (from the letter).", "The payer's letter"
    return _item(
        facts,
        record,
        rule_id="auth.pended",
        title=f"Send missing information: {record.service}",
        target_on=target,
        legal_on=due,
        basis=Basis.LEGAL if due else None,
        why=why,
        citation=citation,
        after_legal=f"Too late: record and escalate {record.service} information" if due else "",
    )


def _watch(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    """An approved one: enter its validity, mend a date outside it, renew it, or close it."""
    decided = record.decided_on or record.opened_on
    if record.valid_to is None:
        return _item(
            facts,
            record,
            rule_id="auth.validity",
            title=f"Enter validity dates: {record.service}",
            target_on=context.target("auth.validity", decided),
            why="Approved, but the last day of validity in the letter was not entered.",
            citation=context.cite("auth.validity"),
            blocks_service=False,
        )
    ends = f"Ends {format_day(record.valid_to)}."
    if record.is_renewed:
        return _item(
            facts,
            record,
            rule_id="auth.renewal",
            title=f"Close ended authorization: {record.service}",
            target_on=context.calendar.add_working_days(record.valid_to, 1),
            why=f"{ends} Renewed by a later authorization; close this one when it has ended.",
            citation=context.cite("auth.renewal"),
            blocks_service=False,
        )
    if record.service_on is not None and record.service_on > record.valid_to:
        return _item(
            facts,
            record,
            rule_id="auth.window",
            title=f"Date not covered: {record.service}",
            target_on=context.target("auth.window", decided),
            why=f"The service is on {format_day(record.service_on)}, after the authorization ends on "
            f"{format_day(record.valid_to)}: move the visit or extend the authorization.",
            citation=context.cite("auth.window"),
        )
    return _renew(facts, record, record.valid_to, context)


def _renew(facts: PatientFacts, record: AuthorizationFacts, valid_to: date, context: Context) -> WorkItem:
    """Renewal 14 days before the end, or sooner when the units run out."""
    renewal = context.deadline("auth.renewal", valid_to)
    rule_id, target = "auth.renewal", renewal.target_on or valid_to
    used = ""
    if record.units_authorized is not None and record.units_used is not None:
        used = f"{record.units_used} of {record.units_authorized} used"
    why = renewal.why
    if units_are_low(record, context):
        why = f"Few units left: {used}. {why}"
        counted = record.units_updated_on or record.decided_on or record.opened_on
        units = context.target(_UNITS_RULE, counted)
        if units < target:
            rule_id, target = _UNITS_RULE, units
    elif used:
        why = f"{used}. {why}"
    return _item(
        facts,
        record,
        rule_id=rule_id,
        title=f"Renew, {used}: {record.service}" if used else f"Renew authorization: {record.service}",
        target_on=target,
        why=why,
        citation=context.cite(rule_id),
        blocks_service=False,
    )


def _record_denial(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    decided = record.decided_on or record.opened_on
    return _item(
        facts,
        record,
        rule_id="denial.triage",
        title=f"Enter denial letter: {record.service}",
        target_on=context.target("denial.triage", decided),
        why=f"Denied {format_day(decided)}; the appeal clock starts with the letter, which was not entered.",
        citation=context.cite("denial.triage"),
    )
