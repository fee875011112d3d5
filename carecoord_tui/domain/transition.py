"""What an open hospital discharge owes (TCM): contact in two business days, a visit in 7 or 14 days.

The contact counts only when clinical staff reach the patient or caregiver; a hospital planner is
not "reached". For a user who is not clinical staff the act is to hand it over. 77 FR 68978 [U].
"""

from __future__ import annotations

from collections.abc import Iterator

from carecoord_tui.domain import outreach
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.facts import PatientFacts, TransitionFacts
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    Basis,
    Consequence,
    Kind,
    TransitionComplexity,
)
from carecoord_tui.domain.work import WorkItem

CONTACT_RULE = "tcm.contact"
VISIT_RULE = {
    TransitionComplexity.HIGH: "tcm.visit.high",
    TransitionComplexity.MODERATE: "tcm.visit.moderate",
}
VISIT_LABEL = {TransitionComplexity.HIGH: "TCM-7", TransitionComplexity.MODERATE: "TCM-14"}


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """The contact until it counts, the visit until it is booked in time, and the end of the period."""
    for record in facts.transitions:
        contacts = facts.contacts_about(Kind.TRANSITION, record.id)
        if not any(c.outcome.is_reached and c.by_clinical_staff for c in contacts):
            yield _contact(facts, record, context)
        yield from _visit(facts, record, context)
        yield _close(facts, record, context)


def _contact(facts: PatientFacts, record: TransitionFacts, context: Context) -> WorkItem:
    deadline = context.deadline(CONTACT_RULE, record.discharged_on)
    state = outreach.state_about(
        facts, context, Kind.TRANSITION, record.id, deadline=deadline.legal_on, keep_trying=True
    )
    title, why = "Reach after hospital discharge", deadline.why
    if not context.user_is_clinical:
        title = f"Hand to {record.handed_to or 'clinical staff'}: discharge call"
        why += " It counts only when clinical staff reach the patient or caregiver."
    if state.attempts:
        why += f" Tried {state.attempts}; two timely tries that failed still count, keep trying."
    return WorkItem(
        kind=Kind.TRANSITION,
        record_id=record.id,
        rule_id=CONTACT_RULE,
        patient_id=facts.id,
        verb="contact",
        title=title,
        target_on=state.next_on or deadline.target_on or record.discharged_on,
        target_at=state.next_at,
        legal_on=deadline.legal_on,
        warn_on=deadline.warn_on,
        basis=Basis.LEGAL,
        consequence=Consequence.CARE,
        why=why,
        citation=context.cite(deadline),
        progress=f"{state.attempts}/{state.attempts_wanted}",
        since_on=record.discharged_on,
        after_legal="Too late: record and escalate, keep trying",
    )


def _visit(facts: PatientFacts, record: TransitionFacts, context: Context) -> Iterator[WorkItem]:
    """The visit clock, until a visit is kept, or booked for a day that is in time."""
    rule_id, label = VISIT_RULE[record.complexity], VISIT_LABEL[record.complexity]
    deadline = context.deadline(rule_id, record.discharged_on)
    last_day = deadline.legal_on or record.discharged_on
    visits = [a for a in facts.appointments if a.transition_id == record.id]
    if any(a.status is AppointmentStatus.FULFILLED for a in visits):
        return
    booked = [a.starts_on for a in visits if a.status is AppointmentStatus.BOOKED]
    if any(day <= last_day for day in booked):
        return
    too_late = f" Booked for {format_day(min(booked))}, after the last day." if booked else ""
    book_by = context.target("tcm.book", record.discharged_on)
    yield WorkItem(
        kind=Kind.TRANSITION,
        record_id=record.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb="appointment",
        title=f"{'Move up' if booked else 'Book'} {label} visit",
        target_on=min(book_by, deadline.target_on or last_day),
        legal_on=deadline.legal_on,
        basis=Basis.LEGAL,
        consequence=Consequence.CARE,
        why=f"{deadline.why}{too_late}",
        citation=context.cite(deadline),
        since_on=record.discharged_on,
        after_legal=f"Too late: record and escalate {label}",
    )


def _close(facts: PatientFacts, record: TransitionFacts, context: Context) -> WorkItem:
    """Close the record when the period is over, not on its last day."""
    period = context.deadline("tcm.period", record.discharged_on)
    ends = period.legal_on or record.discharged_on
    return WorkItem(
        kind=Kind.TRANSITION,
        record_id=record.id,
        rule_id="tcm.period",
        patient_id=facts.id,
        verb="advance",
        title="Close hospital discharge",
        target_on=context.calendar.next_working_day_on_or_after(ends),
        consequence=Consequence.PAPERWORK,
        why=f"Discharged {format_day(record.discharged_on)}; the period ends {format_day(ends)}.",
        citation=context.cite(period),
        since_on=record.discharged_on,
    )
