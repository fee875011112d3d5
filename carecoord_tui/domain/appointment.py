"""What an unsettled visit owes: confirm it, record how it went, rebook what was missed."""

from __future__ import annotations

from collections.abc import Iterator

from carecoord_tui.domain import outreach
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day, format_time
from carecoord_tui.domain.facts import AppointmentFacts, PatientFacts
from carecoord_tui.domain.outreach import Step
from carecoord_tui.domain.vocabulary import AppointmentStatus, Basis, Consequence, Kind
from carecoord_tui.domain.work import WorkItem


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """Items of every visit that is booked, proposed, or missed and not settled."""
    for visit in facts.appointments:
        match visit.status:
            case AppointmentStatus.BOOKED:
                yield from _booked(facts, visit, context)
            case AppointmentStatus.PROPOSED:
                yield _simple(facts, visit, context, "appointment.proposed", f"Book {visit.title}", "advance")
            case AppointmentStatus.NOSHOW | AppointmentStatus.CANCELLED:
                yield _missed(facts, visit, context)
            case AppointmentStatus.FULFILLED:
                pass


def _booked(facts: PatientFacts, visit: AppointmentFacts, context: Context) -> Iterator[WorkItem]:
    confirm = context.deadline("appointment.confirm", visit.starts_on)
    clock = format_time(visit.starts_at.astimezone(context.zone).time())
    if visit.interpreter_needed and visit.interpreter_confirmed_on is None:
        yield WorkItem(
            kind=Kind.APPOINTMENT,
            record_id=visit.id,
            rule_id="appointment.interpreter",
            patient_id=facts.id,
            verb="done",
            title=f"Confirm interpreter, {clock}",
            target_on=context.deadline("appointment.interpreter", visit.starts_on).target_on
            or visit.starts_on,
            basis=Basis.VISIT,
            consequence=Consequence.CARE,
            why=f"The visit on {format_day(visit.starts_on)} needs an interpreter; none is confirmed.",
            citation=context.pack.get("appointment.interpreter").citation,
            visit_on=visit.starts_on,
        )
    if visit.confirmed_on is None:
        yield WorkItem(
            kind=Kind.APPOINTMENT,
            record_id=visit.id,
            rule_id="appointment.confirm",
            patient_id=facts.id,
            verb="contact",
            title=f"Confirm visit {format_day(visit.starts_on)}, {clock}",
            target_on=confirm.target_on or visit.starts_on,
            consequence=Consequence.CARE,
            why=f"{visit.title} is not confirmed. {confirm.why}",
            citation=confirm.citation,
        )
    outcome = context.deadline("appointment.outcome", visit.starts_on)
    yield WorkItem(
        kind=Kind.APPOINTMENT,
        record_id=visit.id,
        rule_id="appointment.outcome",
        patient_id=facts.id,
        verb="advance",
        title=f"Record visit of {format_day(visit.starts_on)}: kept?",
        target_on=outcome.target_on or visit.starts_on,
        consequence=Consequence.PAPERWORK,
        why=f"{visit.title} on {format_day(visit.starts_on)}, {clock}. {outcome.why}",
        citation=outcome.citation,
    )


def _simple(
    facts: PatientFacts, visit: AppointmentFacts, context: Context, rule_id: str, title: str, verb: str
) -> WorkItem:
    deadline = context.deadline(rule_id, visit.booked_on)
    return WorkItem(
        kind=Kind.APPOINTMENT,
        record_id=visit.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb=verb,
        title=title,
        target_on=deadline.target_on or visit.booked_on,
        consequence=Consequence.CARE,
        why=deadline.why,
        citation=deadline.citation,
        since_on=visit.booked_on,
    )


def _missed(facts: PatientFacts, visit: AppointmentFacts, context: Context) -> WorkItem:
    missed_on = visit.status_on or visit.starts_on
    state = outreach.state(
        facts.contacts_about(Kind.APPOINTMENT, visit.id),
        deadline=None,
        pack=context.pack,
        zone=context.zone,
        calendar=context.calendar,
    )
    what = "no-show" if visit.status is AppointmentStatus.NOSHOW else "cancelled visit"
    deadline = context.deadline("appointment.noshow", missed_on)
    title = {
        Step.ATTEMPT: f"Rebook after {what}: {visit.title}",
        Step.LETTER: f"Send letter after {what}: {visit.title}",
        Step.SIGN_OFF: f"Ask clinician to close {what}: {visit.title}",
    }[state.step]
    return WorkItem(
        kind=Kind.APPOINTMENT,
        record_id=visit.id,
        rule_id="appointment.noshow",
        patient_id=facts.id,
        verb="contact",
        title=title,
        target_on=state.next_on or deadline.target_on or missed_on,
        target_at=state.next_at,
        consequence=Consequence.CARE,
        why=f"{visit.title} on {format_day(visit.starts_on)}: {what}. {deadline.why}",
        citation=deadline.citation,
        progress=state.progress,
        since_on=missed_on,
    )
