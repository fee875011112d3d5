"""What an open authorization owes: submit, ask before the payer's clock ends, renew before it runs out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.deadlines import Deadline
from carecoord_tui.domain.facts import AuthorizationFacts, PatientFacts
from carecoord_tui.domain.rulepack import Unit
from carecoord_tui.domain.vocabulary import AuthorizationStatus, Basis, Consequence, Kind
from carecoord_tui.domain.work import WorkItem

_WEEKDAY = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNITS_LEFT = 2
UNITS_SHARE = 5  # one fifth


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """At least one item an open authorization."""
    for record in facts.authorizations:
        match record.status:
            case AuthorizationStatus.NEEDED | AuthorizationStatus.DRAFT:
                yield _submit(facts, record, context)
            case AuthorizationStatus.SUBMITTED:
                yield _ask(facts, record, context)
            case AuthorizationStatus.PENDED:
                yield _send_information(facts, record, context)
            case AuthorizationStatus.APPROVED | AuthorizationStatus.PARTIAL | AuthorizationStatus.MODIFIED:
                yield _watch(facts, record, context)
            case AuthorizationStatus.DENIED:
                yield _record_denial(facts, record, context)
            case _:
                pass


def units_are_low(record: AuthorizationFacts) -> bool:
    """Two or fewer units left, or a fifth (``domain.md``, alerts). Unknown is not low."""
    if record.units_authorized is None or record.units_used is None:
        return False
    left = record.units_authorized - record.units_used
    return left <= UNITS_LEFT or left * UNITS_SHARE <= record.units_authorized


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
    verb: str,
    title: str,
    target_on: date,
    why: str,
    citation: str,
    legal_on: date | None = None,
    basis: Basis = Basis.OWN,
    visit_on: date | None = None,
    after_legal: str = "",
) -> WorkItem:
    return WorkItem(
        kind=Kind.AUTHORIZATION,
        record_id=record.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb=verb,
        title=title,
        target_on=target_on,
        legal_on=legal_on,
        basis=basis,
        consequence=Consequence.COVERAGE,
        why=why,
        citation=citation,
        since_on=record.opened_on,
        visit_on=visit_on,
        after_legal=after_legal,
    )


def _submit(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    deadline = context.deadline("auth.needed", record.opened_on)
    visit = f" The service is on {format_day(record.service_on)}." if record.service_on else ""
    return _item(
        facts,
        record,
        rule_id="auth.needed",
        verb="insurance",
        title=f"Submit authorization: {record.service}",
        target_on=deadline.target_on or record.opened_on,
        why=f"Authorization needed, not submitted.{visit} {deadline.why}",
        citation=deadline.citation,
        basis=Basis.VISIT if record.service_on else Basis.OWN,
        visit_on=record.service_on,
    )


def _ask(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    clock = payer_clock(record, context)
    if clock is None or clock.legal_on is None:
        submitted = context.day_of(record.submitted_at) if record.submitted_at else record.opened_on
        own = context.deadline("auth.submitted.none", submitted)
        return _item(
            facts,
            record,
            rule_id="auth.submitted.none",
            verb="contact",
            title=f"Ask {record.payer_name}: {record.service} decision",
            target_on=own.target_on or submitted,
            why=f"Submitted {format_day(submitted)}. No clock is known for this payer. {own.why}",
            citation=own.citation,
            visit_on=record.service_on,
        )
    ask_on = context.calendar.add_business_days(clock.legal_on, -1)
    due = _WEEKDAY[clock.legal_on.weekday()]
    return _item(
        facts,
        record,
        rule_id=clock.rule_id,
        verb="contact",
        title=f"Ask {record.payer_name}: {record.service} decision due {due}",
        target_on=ask_on,
        legal_on=clock.legal_on,
        why=f"{clock.why} The clock is the payer's: ask one business day before it ends.",
        citation=clock.citation,
        visit_on=record.service_on,
        after_legal=f"{record.payer_name} missed its clock: {record.service}. Record and escalate",
    )


def _send_information(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    deadline = context.deadline("auth.pended", record.decided_on or record.opened_on)
    due = record.information_due_on
    return _item(
        facts,
        record,
        rule_id="auth.pended",
        verb="insurance",
        title=f"Send missing information: {record.service}",
        target_on=(
            context.calendar.previous_business_day_on_or_before(due)
            if due
            else deadline.target_on or record.opened_on
        ),
        legal_on=due,
        why=f"{record.payer_name} pended the request for information."
        + (f" It must be in by {format_day(due)} (from the letter)." if due else ""),
        citation="the payer's letter" if due else deadline.citation,
        basis=Basis.LEGAL if due else Basis.OWN,
        visit_on=record.service_on,
        after_legal=f"Too late, record and escalate: {record.service} information" if due else "",
    )


def _watch(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    if record.valid_to is None:
        decided = record.decided_on or record.opened_on
        return _item(
            facts,
            record,
            rule_id="auth.needed",
            verb="insurance",
            title=f"Enter validity dates: {record.service}",
            target_on=context.deadline("auth.needed", decided).target_on or decided,
            why="Approved, but the letter's validity dates were not entered.",
            citation="",
        )
    renewal = context.deadline("auth.renewal", record.valid_to)
    target = renewal.target_on or record.valid_to
    why = f"Ends {format_day(record.valid_to)}. {renewal.why}"
    if record.is_renewed:
        return _item(
            facts,
            record,
            rule_id="auth.renewal",
            verb="insurance",
            title=f"Close ended authorization: {record.service}",
            target_on=context.calendar.add_business_days(record.valid_to, 1),
            why="Renewed by a later authorization; close it when it has ended.",
            citation="",
        )
    units = ""
    if record.units_authorized is not None and record.units_used is not None:
        units = f", {record.units_used} of {record.units_authorized} used"
        if units_are_low(record) and record.units_updated_on and record.units_updated_on < target:
            target = record.units_updated_on
            why = f"Few units left: {record.units_used} of {record.units_authorized} used. {why}"
    return _item(
        facts,
        record,
        rule_id="auth.renewal",
        verb="insurance",
        title=f"Renew authorization: {record.service}{units}",
        target_on=target,
        legal_on=None,
        why=why,
        citation=renewal.citation,
        visit_on=None,
    )


def _record_denial(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    decided = record.decided_on or record.opened_on
    return _item(
        facts,
        record,
        rule_id="denial.triage",
        verb="insurance",
        title=f"Enter the denial letter: {record.service}",
        target_on=context.deadline("denial.triage", decided).target_on or decided,
        why="Denied, but no denial with its appeal clock was recorded.",
        citation="",
    )
