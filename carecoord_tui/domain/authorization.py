"""What an open authorization owes: submit, ask before the payer's clock ends, renew before it runs out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.facts import AppointmentFacts, AuthorizationFacts, PatientFacts
from carecoord_tui.domain.payer_clock import missed_clock_words, payer_clock, runs_while_pended
from carecoord_tui.domain.vocabulary import AppointmentStatus, AuthorizationStatus, Basis, Consequence, Kind
from carecoord_tui.domain.work import WorkItem

__all__ = ["missed_clock_words", "next_ask", "outside_window", "owed", "payer_clock", "units_are_low"]

_WEEKDAY = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NOT_SUBMITTED = (AuthorizationStatus.NEEDED, AuthorizationStatus.DRAFT)
_UNITS_RULE = "auth.units"


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """One item an open authorization: the next act of its status."""
    for stored in facts.authorizations:
        record = _with_visit(facts, stored)
        if record.status in _NOT_SUBMITTED:
            yield _submit(facts, record, context)
        elif record.status is AuthorizationStatus.SUBMITTED:
            yield _ask(facts, record, context)
        elif record.status is AuthorizationStatus.PENDED:
            yield _send_information(facts, record, context)
        elif record.status is AuthorizationStatus.DENIED and record.awaits_letter:
            yield _record_denial(facts, record, context)
        elif record.is_running:
            yield _watch(facts, record, context)


def units_are_low(record: AuthorizationFacts, context: Context) -> bool:
    """Two or fewer units left, or a fifth (rule ``auth.units``). Unknown is not low."""
    granted = record.units
    if granted is None or record.units_used is None:
        return False
    rule = context.pack.get(_UNITS_RULE)
    left = granted - record.units_used
    return left <= int(rule.param("units_left")) or left * 100 <= granted * int(rule.param("percent_left"))


def next_ask(record: AuthorizationFacts, context: Context, today: date) -> date:
    """When to ask again after asking on ``today`` and hearing "still pending".

    One business day before the payer's clock ends; where that day has come, is past, or no clock binds
    the payer, two working days on (rule ``auth.asked``), but never past the last day of a running clock.
    """
    clock = payer_clock(record, context)
    again = context.target("auth.asked", today)
    if clock is None or clock.legal_on is None or clock.legal_on < today:
        return again
    ask_on = _ask_on(clock.legal_on, context)
    return ask_on if ask_on > today else min(again, clock.legal_on)


def _ask_on(legal_on: date, context: Context) -> date:
    return context.last_chance(context.calendar.add_business_days(legal_on, -1))


def _with_visit(facts: PatientFacts, record: AuthorizationFacts) -> AuthorizationFacts:
    """The record with the day of the visit it is for: a visit that was moved takes its service along."""
    visit = _linked_visit(facts, record)
    return record if visit is None else replace(record, service_on=visit.starts_on)


def _linked_visit(facts: PatientFacts, record: AuthorizationFacts) -> AppointmentFacts | None:
    booked = (v for v in facts.appointments if v.status is AppointmentStatus.BOOKED)
    return next((v for v in booked if v.id == record.appointment_id), None)


def _booked_on(facts: PatientFacts, record: AuthorizationFacts) -> date | None:
    """The day the service was booked, as its visit says; None when no booked visit is known for it."""
    linked = _linked_visit(facts, record)
    if linked is not None:
        return linked.booked_on
    on_that_day = (
        v.booked_on
        for v in facts.appointments
        if v.status is AppointmentStatus.BOOKED and v.starts_on == record.service_on
    )
    return max(on_that_day, default=None)


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
    return _item(
        facts,
        record,
        rule_id=clock.rule_id,
        verb="contact",
        title=f"Ask {record.payer_name}: {record.service} decision due {_WEEKDAY[clock.legal_on.weekday()]}",
        target_on=max(_ask_on(clock.legal_on, context), submitted),
        legal_on=clock.legal_on,
        legal_at=clock.legal_at,
        why=f"{clock.why} The clock is the payer's: ask one business day before it ends. "
        + missed_clock_words(record, context),
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
    clock = payer_clock(record, context) if runs_while_pended(record, context) else None
    if clock is not None and clock.legal_on is not None:
        why += f" The payer's own clock goes on until {format_day(clock.legal_on)}. "
        why += missed_clock_words(record, context)
    if record.peer_to_peer_by is not None:
        target = min(target, context.last_chance(record.peer_to_peer_by))
        why += f" A peer-to-peer call is possible until {format_day(record.peer_to_peer_by)}."
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
    """An approved one: enter what is missing, mend a date outside it, renew it, or close it."""
    decided = record.decided_on or record.opened_on
    valid_to = record.last_valid_on
    if record.awaits_letter:
        return _record_denied_part(facts, record, decided, context)
    if valid_to is None:
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
    if record.is_renewed:
        return _item(
            facts,
            record,
            rule_id="auth.renewal",
            title=f"Close ended authorization: {record.service}",
            target_on=context.calendar.add_working_days(valid_to, 1),
            why=f"Ends {format_day(valid_to)}. Renewed by a later authorization; close this one when it has "
            "ended.",
            citation=context.cite("auth.renewal"),
            blocks_service=False,
        )
    outside = outside_window(record.service_on, record.valid_from, valid_to)
    if outside:
        noticed = max(decided, _booked_on(facts, record) or decided)
        return _item(
            facts,
            record,
            rule_id="auth.window",
            title=f"Date not covered: {record.service}",
            target_on=context.target("auth.window", noticed),
            why=f"{outside}: move the visit or extend the authorization.",
            citation=context.cite("auth.window"),
        )
    ends = _renew(facts, record, valid_to, context)
    if record.has_number:
        return ends
    number = _enter_number(facts, record, ends, context)
    return number if number.target_on <= ends.target_on else ends


def _enter_number(
    facts: PatientFacts, record: AuthorizationFacts, ends: WorkItem, context: Context
) -> WorkItem:
    """The office that gives the service, and its claim, need the number of the approval.

    ``ends`` is what the authorization owes after it; it is named, since one item stands for the record.
    """
    return _item(
        facts,
        record,
        rule_id="auth.number",
        title=f"Enter authorization number: {record.service}",
        target_on=context.target("auth.number", record.decided_on or record.opened_on),
        why=f"{record.payer_name} approved it, and its number was not entered: the claim needs it. "
        f"After it, by {format_day(ends.target_on)}: {ends.title}.",
        citation=context.cite("auth.number"),
        blocks_service=False,
    )


def outside_window(service: date | None, starts: date | None, valid_to: date | None) -> str:
    """How a service day lies outside the validity, in words; empty when it does not, or a day is unknown."""
    if service is None:
        return ""
    if valid_to is not None and service > valid_to:
        return (
            f"The service is on {format_day(service)}, after the authorization ends on {format_day(valid_to)}"
        )
    if starts is not None and service < starts:
        return (
            f"The service is on {format_day(service)}, before the authorization starts on "
            f"{format_day(starts)}"
        )
    return ""


def _renew(facts: PatientFacts, record: AuthorizationFacts, valid_to: date, context: Context) -> WorkItem:
    """What its end asks for: book what nobody used, close what is used up, else renew.

    14 days before the end, or sooner when the units run out.
    """
    renewal = context.deadline("auth.renewal", valid_to)
    rule_id, target = "auth.renewal", renewal.target_on or valid_to
    used, why = "", renewal.why
    if record.units is not None and record.units_used is not None:
        used = f"{record.units_used} of {record.units} used"
        why = f"{used}. {why}"
    title = f"Renew, {used}: {record.service}" if used else f"Renew authorization: {record.service}"
    if used and record.units_used == 0:
        title = f"Expires unused: {record.service}"
        ends = format_day(valid_to)
        why = f"{used}, and it ends {ends}: book the service, or tell the patient. {renewal.why}"
    elif used and record.units == 1:
        title = f"Used, close authorization: {record.service}"
        why = f"{used}: a single service is not renewed. {renewal.why}"
    elif units_are_low(record, context):
        why = f"Few units left: {why}"
        counted = record.units_updated_on or record.decided_on or record.opened_on
        units = context.target(_UNITS_RULE, counted)
        if units < target:
            rule_id, target = _UNITS_RULE, units
    return _item(
        facts,
        record,
        rule_id=rule_id,
        title=title,
        target_on=target,
        why=why,
        citation=context.cite(rule_id),
        blocks_service=False,
    )


def _record_denial(facts: PatientFacts, record: AuthorizationFacts, context: Context) -> WorkItem:
    """Denied, and the letter was not entered; a peer-to-peer call may be possible meanwhile."""
    decided = record.decided_on or record.opened_on
    target = context.target("denial.triage", decided)
    cut_off = record.peer_to_peer_by
    call = ""
    if cut_off is not None:
        target = min(target, context.last_chance(cut_off))
        call = f" A peer-to-peer call is possible until {format_day(cut_off)}."
    return _item(
        facts,
        record,
        rule_id="denial.triage",
        title=f"Enter denial letter: {record.service}",
        target_on=target,
        why=f"Denied {format_day(decided)}; the appeal clock starts with the letter, which was not entered."
        + call,
        citation=context.cite("denial.triage"),
    )


def _record_denied_part(
    facts: PatientFacts, record: AuthorizationFacts, decided: date, context: Context
) -> WorkItem:
    """Granted in part: the part that was denied has an appeal clock of its own."""
    denied = record.unanswered_items
    names = ", ".join(item.service or record.service for item in denied)
    return _item(
        facts,
        record,
        rule_id="auth.denied_part",
        title=f"Enter denial, {len(denied)} of {len(record.items)}: {record.service}",
        target_on=context.target("auth.denied_part", decided),
        why=f"Denied on {format_day(decided)}: {names}. Its appeal clock starts with the letter, which was "
        "not entered.",
        citation=context.cite("auth.denied_part"),
        blocks_service=False,
    )
