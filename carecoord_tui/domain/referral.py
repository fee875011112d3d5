"""What an open referral owes at each stage of the closed loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from carecoord_tui.domain import outreach
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.facts import PatientFacts, ReferralFacts
from carecoord_tui.domain.outreach import OutreachState, Step
from carecoord_tui.domain.vocabulary import Basis, Consequence, Kind, ReferralStage, Urgency
from carecoord_tui.domain.work import WorkItem

URGENT_RULE = "referral.urgent"


class Standing(Protocol):
    """What decides the duty of a referral and its clock; days are practice-local."""

    @property
    def urgency(self) -> Urgency: ...
    @property
    def stage(self) -> ReferralStage: ...
    @property
    def stage_on(self) -> date: ...
    @property
    def ordered_on(self) -> date: ...
    @property
    def sent_on(self) -> date | None: ...
    @property
    def visit_on(self) -> date | None: ...
    @property
    def expects_report(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class StageDuty:
    """The act a stage waits for: the rule that dates it, and its words."""

    rule_id: str
    title: str  # {specialty} and {office} are filled in
    why: str
    calls_patient: bool = False  # the outreach protocol runs from the day the stage began


_NO_DATE = "Get {specialty} appointment date"
DUTIES: dict[ReferralStage, StageDuty] = {
    ReferralStage.DRAFT: StageDuty("referral.draft", "Send {specialty} referral", "Ordered, not sent."),
    ReferralStage.SENT: StageDuty(
        "referral.acknowledge", "Confirm receipt: {office}", "Sent is not received."
    ),
    ReferralStage.ACKNOWLEDGED: StageDuty("referral.schedule", _NO_DATE, "Received, no appointment date."),
    ReferralStage.ACCEPTED: StageDuty("referral.schedule", _NO_DATE, "Accepted, no appointment date."),
    ReferralStage.SCHEDULED: StageDuty(
        "appointment.outcome", "Record {specialty} visit: seen?", "The visit has a date."
    ),
    ReferralStage.SEEN: StageDuty("referral.report", "Chase {specialty} report", "Seen, no report yet."),
    ReferralStage.REPORT_RECEIVED: StageDuty(
        "referral.reviewed", "Clinician review: {specialty} report", "The report is in, not reviewed."
    ),
    ReferralStage.REVIEWED: StageDuty(
        "referral.inform", "Tell patient: {specialty} result", "Reviewed, the patient was not told.", True
    ),
    ReferralStage.REJECTED: StageDuty(
        "referral.redirect", "Send {specialty} referral elsewhere", "The office said no."
    ),
    ReferralStage.NO_SHOW: StageDuty(
        "referral.noshow", "Rebook no-show: {specialty}", "The patient did not come.", True
    ),
    ReferralStage.VISIT_CANCELLED: StageDuty(
        "referral.visit_cancelled", "Rebook cancelled visit: {specialty}", "The visit was cancelled.", True
    ),
    ReferralStage.ON_HOLD: StageDuty("referral.hold", "Review held {specialty} referral", "On hold."),
}
_NO_REPORT_COMES = StageDuty(
    "referral.inform", "Tell patient, close: {specialty}", "Received; no report is written here.", True
)
_DATE_UNKNOWN = StageDuty("referral.schedule", "Enter {specialty} visit date", "Booked, the date is unknown.")

ANSWERED = (ReferralStage.ACKNOWLEDGED, ReferralStage.ACCEPTED)
ASK_AGAIN_DAYS = 2  # working days: an answer that came today is not asked for again today
WAITING_FOR_DATE = (ReferralStage.SENT, ReferralStage.ACKNOWLEDGED, ReferralStage.ACCEPTED)
OURS_TO_DO = (
    ReferralStage.DRAFT,
    ReferralStage.REJECTED,
    ReferralStage.NO_SHOW,
    ReferralStage.VISIT_CANCELLED,
)


def office_owes(stage: ReferralStage, *, expects_report: bool = True) -> bool:
    """The next step is the receiving office's: a receipt, an answer, a date, a report."""
    return stage in WAITING_FOR_DATE or (stage is ReferralStage.SEEN and expects_report)


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """One item an open referral: what its stage waits for."""
    for record in facts.referrals:
        duty = duty_of(record)
        if duty is not None:
            yield _item(facts, record, duty, context)


def duty_of(record: Standing) -> StageDuty | None:
    """What the present stage waits for; None on an ended referral."""
    if record.stage is ReferralStage.SCHEDULED and record.visit_on is None:
        return _DATE_UNKNOWN
    if record.stage is ReferralStage.SEEN and not record.expects_report:
        return _NO_REPORT_COMES
    return DUTIES.get(record.stage)


def _item(facts: PatientFacts, record: ReferralFacts, duty: StageDuty, context: Context) -> WorkItem:
    rule_id, target_on, why = _due(record, duty, context)
    state = _outreach(facts, record, duty, context)
    office = f" Office: {record.provider_name}." if record.provider_name else ""
    reason = f"Reason: {record.stage_reason.rstrip('.')}." if record.stage_reason else ""
    return WorkItem(
        kind=Kind.REFERRAL,
        record_id=record.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb="advance",
        title=_title(record, duty, state),
        target_on=state.next_on or target_on,
        target_at=state.next_at,
        basis=Basis.OWN,
        consequence=Consequence.CARE,
        why=" ".join(
            filter(None, (duty.why, reason, f"Stage began {format_day(record.stage_on)}.", why, state.words))
        )
        + office,
        citation=context.cite(rule_id),
        progress=state.progress,
        since_on=record.stage_on,
    )


def _due(record: ReferralFacts, duty: StageDuty, context: Context) -> tuple[str, date, str]:
    """The rule that dates the act, its do-by day and its sentence; urgency brings it forward.

    Urgent: what is ours is done the same day, and an appointment is wanted within 3 days of the order.
    """
    deadline = context.deadline(duty.rule_id, clock_start(record))
    target = deadline.target_on or record.stage_on
    if record.urgency is Urgency.ROUTINE:
        asked_again = context.calendar.add_working_days(record.stage_on, ASK_AGAIN_DAYS)
        if record.stage in ANSWERED and asked_again > target:
            day = format_day(record.stage_on)
            return duty.rule_id, asked_again, f"{deadline.why} The office answered on {day}: ask again then."
        return duty.rule_id, target, deadline.why
    at_once = context.calendar.next_working_day_on_or_after(record.stage_on)
    is_stat = record.urgency is Urgency.STAT and record.stage in WAITING_FOR_DATE
    if (record.stage in OURS_TO_DO or is_stat) and at_once < target:
        return duty.rule_id, at_once, f"{record.urgency.label.capitalize()}: act the same day."
    if record.stage in WAITING_FOR_DATE:
        urgent = context.deadline(URGENT_RULE, record.ordered_on)
        if urgent.target_on is not None and urgent.target_on < target:
            return URGENT_RULE, urgent.target_on, urgent.why
    return duty.rule_id, target, deadline.why


def clock_start(record: Standing) -> date:
    """The day the clock of the stage's duty starts: a visit, the sending, else the stage itself."""
    if record.stage in (ReferralStage.SCHEDULED, ReferralStage.SEEN):  # a visit, or a delivery
        return record.visit_on or record.stage_on
    if record.stage in (ReferralStage.ACKNOWLEDGED, ReferralStage.ACCEPTED):
        return record.sent_on or record.stage_on
    return record.stage_on


def _outreach(facts: PatientFacts, record: ReferralFacts, duty: StageDuty, context: Context) -> OutreachState:
    """Where the protocol stands for a stage that calls the patient; calls to the office do not count."""
    if not duty.calls_patient:
        return OutreachState(0, 0, Step.ATTEMPT)
    since = context.start_of(record.stage_on)
    return outreach.state_about(facts, context, Kind.REFERRAL, record.id, since=since)


def _title(record: ReferralFacts, duty: StageDuty, state: OutreachState) -> str:
    office = record.provider_name or record.specialty
    urgent = "" if record.urgency is Urgency.ROUTINE else f"{record.urgency.label.capitalize()}: "
    title = urgent + duty.title.format(specialty=record.specialty, office=office)
    return {
        Step.ATTEMPT: title,
        Step.LETTER: f"Send letter: {record.specialty} referral",
        Step.SIGN_OFF: f"Ask clinician to close: {record.specialty}",
    }[state.step]
