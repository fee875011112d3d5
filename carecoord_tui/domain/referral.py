"""What an open referral owes at each stage of the closed loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.facts import PatientFacts, ReferralFacts
from carecoord_tui.domain.vocabulary import Basis, Consequence, Kind, ReferralStage, Urgency
from carecoord_tui.domain.work import WorkItem


@dataclass(frozen=True, slots=True)
class StageDuty:
    """The act a stage waits for: the rule that dates it, and its words."""

    rule_id: str
    title: str  # {office} and {specialty} are filled in
    why: str
    verb: str = "advance"


DUTIES: dict[ReferralStage, StageDuty] = {
    ReferralStage.DRAFT: StageDuty("referral.draft", "Send {specialty} referral", "Ordered, not sent."),
    ReferralStage.SENT: StageDuty(
        "referral.acknowledge", "Confirm {office} has the referral", "Sent is not received."
    ),
    ReferralStage.ACKNOWLEDGED: StageDuty(
        "referral.schedule", "Get {specialty} appointment date", "Received, no appointment date."
    ),
    ReferralStage.ACCEPTED: StageDuty(
        "referral.schedule", "Get {specialty} appointment date", "Accepted, no appointment date."
    ),
    ReferralStage.SCHEDULED: StageDuty(
        "appointment.outcome", "Record {specialty} visit: seen?", "The visit has a date."
    ),
    ReferralStage.SEEN: StageDuty("referral.report", "Chase {specialty} report", "Seen, no report yet."),
    ReferralStage.REPORT_RECEIVED: StageDuty(
        "referral.reviewed", "Have clinician review {specialty} report", "The report is in, not reviewed."
    ),
    ReferralStage.REVIEWED: StageDuty(
        "referral.inform", "Tell patient: {specialty} result", "Reviewed, the patient was not told."
    ),
    ReferralStage.REJECTED: StageDuty(
        "referral.redirect", "Send {specialty} referral elsewhere", "The office said no."
    ),
    ReferralStage.NO_SHOW: StageDuty(
        "referral.noshow", "Rebook {specialty} visit", "The patient did not come."
    ),
    ReferralStage.VISIT_CANCELLED: StageDuty(
        "referral.noshow", "Rebook {specialty} visit", "The visit was cancelled."
    ),
    ReferralStage.ON_HOLD: StageDuty("referral.hold", "Review held {specialty} referral", "On hold."),
}

_URGENT_WAITING = (ReferralStage.SENT, ReferralStage.ACKNOWLEDGED, ReferralStage.ACCEPTED)


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """One item an open referral: what its stage waits for."""
    for record in facts.referrals:
        duty = DUTIES.get(record.stage)
        if duty is not None:
            yield _item(facts, record, duty, context)


def _item(facts: PatientFacts, record: ReferralFacts, duty: StageDuty, context: Context) -> WorkItem:
    trigger = record.stage_on
    if record.stage in (ReferralStage.SCHEDULED, ReferralStage.SEEN):
        trigger = record.visit_on or record.stage_on
    elif record.stage in (ReferralStage.ACKNOWLEDGED, ReferralStage.ACCEPTED):
        trigger = record.sent_on or record.stage_on
    deadline = context.deadline(duty.rule_id, trigger)
    rule_id = duty.rule_id
    if record.urgency is not Urgency.ROUTINE and record.stage in _URGENT_WAITING:
        urgent = context.deadline("referral.urgent", record.sent_on or record.stage_on)
        if urgent.target_on is not None and (
            deadline.target_on is None or urgent.target_on < deadline.target_on
        ):
            deadline, rule_id = urgent, "referral.urgent"
    office = record.provider_name or record.specialty
    return WorkItem(
        kind=Kind.REFERRAL,
        record_id=record.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb=duty.verb,
        title=duty.title.format(office=office, specialty=record.specialty),
        target_on=deadline.target_on or trigger,
        basis=Basis.OWN,
        consequence=Consequence.CARE,
        why=f"{duty.why} Stage began {format_day(record.stage_on)}. {deadline.why}".strip(),
        citation=deadline.citation,
        since_on=record.stage_on,
    )
