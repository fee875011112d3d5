"""What an open hospital discharge owes (TCM): contact in two business days, a visit in 7 or 14 days.

The contact counts only when clinical staff reach the patient or caregiver; a hospital planner is
not "reached". For a user who is not clinical staff the act is to hand it over. 77 FR 68978 [U].
"""

from __future__ import annotations

from collections.abc import Iterator

from carecoord_tui.domain import outreach
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.facts import AppointmentFacts, PatientFacts, TransitionFacts
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
        visit = _visit_booked(facts, record)
        if visit is None:
            yield _book(facts, record, context)
        yield _close(facts, record, context)


def _visit_booked(facts: PatientFacts, record: TransitionFacts) -> AppointmentFacts | None:
    kept = (AppointmentStatus.BOOKED, AppointmentStatus.FULFILLED)
    return next((a for a in facts.appointments if a.transition_id == record.id and a.status in kept), None)


def _contact(facts: PatientFacts, record: TransitionFacts, context: Context) -> WorkItem:
    deadline = context.deadline(CONTACT_RULE, record.discharged_on)
    state = outreach.state(
        facts.contacts_about(Kind.TRANSITION, record.id),
        deadline=deadline.legal_on,
        pack=context.pack,
        zone=context.zone,
        calendar=context.calendar,
        keep_trying=True,
    )
    title = "Reach after hospital discharge"
    if not context.user_is_clinical:
        to = f" to {record.handed_to}" if record.handed_to else ""
        title = f"Hand{to or ' to clinical staff'}: reach after hospital discharge"
    why = deadline.why
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
        citation=deadline.citation,
        progress=f"{state.attempts}/{state.attempts_wanted}",
        since_on=record.discharged_on,
        after_legal="Contact window closed: record the tries, keep trying",
    )


def _book(facts: PatientFacts, record: TransitionFacts, context: Context) -> WorkItem:
    rule_id = VISIT_RULE[record.complexity]
    deadline = context.deadline(rule_id, record.discharged_on)
    book = context.deadline("tcm.book", record.discharged_on)
    return WorkItem(
        kind=Kind.TRANSITION,
        record_id=record.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb="appointment",
        title=f"Book {VISIT_LABEL[record.complexity]} visit",
        target_on=min(filter(None, (book.target_on, deadline.target_on)), default=record.discharged_on),
        legal_on=deadline.legal_on,
        basis=Basis.LEGAL,
        consequence=Consequence.CARE,
        why=deadline.why,
        citation=deadline.citation,
        since_on=record.discharged_on,
        after_legal=f"{VISIT_LABEL[record.complexity]} visit window closed: record and escalate",
    )


def _close(facts: PatientFacts, record: TransitionFacts, context: Context) -> WorkItem:
    period = context.deadline("tcm.period", record.discharged_on)
    return WorkItem(
        kind=Kind.TRANSITION,
        record_id=record.id,
        rule_id="tcm.period",
        patient_id=facts.id,
        verb="advance",
        title="Close hospital discharge",
        target_on=period.target_on or record.discharged_on,
        consequence=Consequence.PAPERWORK,
        why=f"Discharged {format_day(record.discharged_on)}. {period.why}",
        citation=period.citation,
        since_on=record.discharged_on,
    )
