"""One step of a referral: the pure machine decides, this records it with its stamp."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

from sqlmodel import col, select

from carecoord_tui.domain import referral_loop
from carecoord_tui.domain.referral_loop import IllegalMove, Loop, Step
from carecoord_tui.domain.vocabulary import DocumentKind, Kind, ReferralStage
from carecoord_tui.store.actions.base import Refused, existing
from carecoord_tui.store.actions.items import clear_moves_of
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Document, Patient, Referral, ReferralStageEvent

NOT_ATTACHED = "on paper or in a portal, not attached"
"""Where a report is when nobody said: it was received, and this program does not hold it."""
REASON_LIMIT = 200
_OFF_THE_LINE = (
    ReferralStage.REJECTED,
    ReferralStage.ON_HOLD,
    ReferralStage.DECLINED,
    ReferralStage.WITHDRAWN,
    ReferralStage.REDIRECTED,
)


def loop_of(record: Referral) -> Loop:
    """The facts a move depends on."""
    return Loop(
        stage=record.stage,
        stage_on=record.stage_on,
        ordered_on=record.ordered_on,
        service_type=record.service_type,
        sent_on=record.sent_on,
        visit_on=record.visit_on,
        report_received_on=record.report_received_on,
        reviewed_on=record.reviewed_on,
        patient_informed_on=record.patient_informed_on,
        held_stage=record.held_stage,
    )


def advance(
    session: AuditedSession,
    practice: Practice,
    referral_id: int,
    step: Step,
    *,
    visit_time: time | None = None,
    note: str = "",
) -> Referral:
    """Move a referral inside a change and append the stamp; returns the record.

    A report without a place is ``NOT_ATTACHED``; a review without a name is the ordering clinician's; the
    patient was told by the user unless somebody else is named. Raises Refused with the machine's words.
    """
    record = existing(session, Referral, referral_id)
    before = loop_of(record)
    step = _with_usual_facts(session, practice, record, step)
    try:
        after = referral_loop.move(before, step, today=practice.today())
    except IllegalMove as error:
        raise Refused(str(error)) from error
    record.stage, record.stage_on, record.held_stage = after.stage, after.stage_on, after.held_stage
    record.sent_on, record.visit_on = after.sent_on, after.visit_on
    record.report_received_on, record.reviewed_on = after.report_received_on, after.reviewed_on
    record.patient_informed_on = after.patient_informed_on
    record.stage_reason = step.reason[:REASON_LIMIT] if step.to in _OFF_THE_LINE else ""
    if step.to is ReferralStage.SCHEDULED:
        record.visit_time = visit_time
    elif after.visit_on != before.visit_on:
        record.visit_time = None
    if step.to is ReferralStage.REPORT_RECEIVED:
        record.report_source = step.report
    elif step.to is ReferralStage.REVIEWED:
        record.reviewed_by = step.who
    elif step.to is ReferralStage.CLOSED:
        record.informed_by = step.who
    session.add(record)
    clear_moves_of(session, Kind.REFERRAL, referral_id)  # they belong to the stage they were chosen in
    session.add(
        ReferralStageEvent(
            referral_id=referral_id,
            patient_id=record.patient_id,
            stage=after.stage,
            happened_on=after.stage_on,
            recorded_at=practice.clock.now(),
            from_stage=before.stage,
            who=step.who or practice.user.name,
            visit_on=after.visit_on if step.to in (ReferralStage.SCHEDULED, ReferralStage.SEEN) else None,
            note=step.reason or note,
        )
    )
    return record


def advance_with_reports(session: AuditedSession, practice: Practice, referral_id: int, step: Step) -> None:
    """:func:`advance`; whoever reviewed the report reviewed what of it had come by then."""
    record = advance(session, practice, referral_id, step)
    if step.to is not ReferralStage.REVIEWED:
        return
    statement = select(Document).where(
        col(Document.referral_id) == referral_id,
        col(Document.kind) == DocumentKind.REPORT,
        col(Document.reviewed_on).is_(None),
        col(Document.received_on) <= record.stage_on,
    )
    for document in session.exec(statement):
        document.reviewed_on, document.reviewed_by = record.stage_on, record.reviewed_by
        session.add(document)


def _with_usual_facts(session: AuditedSession, practice: Practice, record: Referral, step: Step) -> Step:
    if step.to is ReferralStage.REPORT_RECEIVED and not step.report:
        return replace(step, report=NOT_ATTACHED)
    if step.to is ReferralStage.REVIEWED and not step.who:
        return replace(step, who=reviewer_of(session, record))
    if step.to is ReferralStage.CLOSED and not step.who:
        return replace(step, who=practice.user.name)
    return step


def reviewer_of(session: AuditedSession, record: Referral) -> str:
    """Who reviews the report: the ordering clinician, else the patient's own; empty when neither is known."""
    return record.ordered_by or existing(session, Patient, record.patient_id).primary_provider


def take_step(
    practice: Practice,
    referral_id: int,
    step: Step,
    *,
    visit_time: time | None = None,
    note: str = "",
) -> None:
    """One step of one referral as a change of its own. Raises Refused; then nothing has changed."""
    with practice.change(f"referral: {step.to.label}") as session:
        advance(session, practice, referral_id, step, visit_time=visit_time, note=note)


def schedule(practice: Practice, referral_id: int, visit_on: date, visit_time: time | None = None) -> None:
    """Record the specialist's date, from any earlier stage."""
    step = Step(to=ReferralStage.SCHEDULED, visit_on=visit_on)
    take_step(practice, referral_id, step, visit_time=visit_time)
