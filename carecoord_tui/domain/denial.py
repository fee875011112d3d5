"""What an open denial owes: decide what to do, then file before the appeal window closes."""

from __future__ import annotations

from collections.abc import Iterator

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.deadlines import Deadline, entered
from carecoord_tui.domain.facts import DenialFacts, PatientFacts
from carecoord_tui.domain.rulepack import FiledWhen, TriggerDateKind
from carecoord_tui.domain.vocabulary import Basis, Consequence, DenialStatus, Kind
from carecoord_tui.domain.work import WorkItem

LETTER_RULE = "denial.letter"  # a payer whose rule is not known: only the letter sets the date


def appeal_deadline(record: DenialFacts, context: Context) -> Deadline | None:
    """The appeal window from the rule, or the date printed on the letter, which overrides it.

    None when the payer's class is unknown and the letter's date was not entered.
    """
    rule = (
        context.pack.get(record.level, record.notice_on)
        if record.level
        else context.pack.appeal(record.payer_class, on=record.notice_on)
    )
    if record.letter_deadline_on is not None:
        return entered(
            rule or context.pack.get(LETTER_RULE),
            record.letter_deadline_on,
            calendar=context.calendar,
            source="the denial letter",
        )
    if rule is None:
        return None
    trigger = record.notice_on
    if rule.trigger_date_kind is TriggerDateKind.RECEIPT and record.received_on is not None:
        trigger = record.received_on
    return context.deadline(rule, trigger)


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """One or two items an open denial: the next act, and the window that closes."""
    for record in facts.denials:
        yield from _items(facts, record, context)


def _items(facts: PatientFacts, record: DenialFacts, context: Context) -> Iterator[WorkItem]:
    if record.status is DenialStatus.APPEALED:
        filed = record.filed_on or record.notice_on
        wait = context.deadline("denial.appealed", filed)
        yield WorkItem(
            kind=Kind.DENIAL,
            record_id=record.id,
            rule_id="denial.appealed",
            patient_id=facts.id,
            verb="contact",
            title=f"Ask {record.payer_name}: appeal decision, {record.service}",
            target_on=wait.target_on or filed,
            consequence=Consequence.COVERAGE,
            why=f"Appeal filed {format_day(filed)}. {wait.why}",
            citation=wait.citation,
            since_on=filed,
        )
        return
    window = appeal_deadline(record, context)
    start = record.received_on or record.notice_on
    if record.status is DenialStatus.UPHELD:
        start = record.decided_on or start
    if record.triaged_on is None or record.status is DenialStatus.UPHELD or window is None:
        triage = context.deadline("denial.triage", start)
        upheld = record.status is DenialStatus.UPHELD
        yield WorkItem(
            kind=Kind.DENIAL,
            record_id=record.id,
            rule_id="denial.triage",
            patient_id=facts.id,
            verb="insurance",
            title=(
                f"Decide next appeal level: {record.service}"
                if upheld
                else f"Gather appeal papers: {record.service}"
            ),
            target_on=triage.target_on or start,
            consequence=Consequence.COVERAGE,
            why=f"{record.payer_name} denied {record.service} on {format_day(record.notice_on)}. {triage.why}"
            + ("" if window else " Enter the last day from the letter: the payer's rule is not known."),
            citation=triage.citation,
            since_on=start,
        )
    if window is not None and record.status is DenialStatus.OPEN:
        arrives = " It must ARRIVE by then: fax, not mail." if window.filed_when is FiledWhen.RECEIVED else ""
        yield WorkItem(
            kind=Kind.DENIAL,
            record_id=record.id,
            rule_id=window.rule_id,
            patient_id=facts.id,
            verb="insurance",
            title=f"File appeal: {record.service}",
            target_on=window.target_on or start,
            legal_on=window.legal_on,
            warn_on=window.warn_on,
            basis=Basis.LEGAL,
            consequence=Consequence.COVERAGE,
            why=f"{window.why}{arrives}",
            citation=window.citation,
            since_on=start,
            after_legal=f"Appeal window closed: {record.service}. Record and escalate",
        )
