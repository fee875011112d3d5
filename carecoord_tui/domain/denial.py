"""What an open denial owes: decide what to do, then file before the appeal window closes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.deadlines import Deadline, entered
from carecoord_tui.domain.facts import DenialFacts, PatientFacts
from carecoord_tui.domain.rulepack import FiledWhen, Rule, TriggerDateKind
from carecoord_tui.domain.vocabulary import Basis, Consequence, DenialStatus, Kind, PayerClass
from carecoord_tui.domain.work import WorkItem

LETTER_RULE = "denial.letter"  # a payer whose rule is not known: only the letter sets the date
_OVERTURNED_OFTEN = (  # KFF: Medicare Advantage prior authorization determinations, 2023
    " In 2023, 11.7 % of Medicare Adv. denials were appealed and 81.7 % of those overturned at least in "
    "part (KFF); no forecast for this case."
)


def appeal_deadline(record: DenialFacts, context: Context) -> Deadline | None:
    """The appeal window from the rule, or the date printed on the letter, which overrides it.

    For an upheld denial that of the next level, counted from the decision. None when no rule is known
    and the letter's date was not entered.
    """
    rule = _window_rule(record, context)
    printed = record.letter_deadline_on
    if printed is not None and printed > _notice_on(record):  # an older one belongs to the lost level
        return entered(
            rule or context.pack.get(LETTER_RULE),
            printed,
            calendar=context.calendar,
            source="the denial letter",
        )
    if rule is None:
        return None
    trigger = _notice_on(record)
    if rule.trigger_date_kind is TriggerDateKind.RECEIPT and record.status is not DenialStatus.UPHELD:
        trigger = record.received_on or trigger  # without it the notice: at worst too early
    return context.deadline(rule, trigger)


def _notice_on(record: DenialFacts) -> date:
    """The day the decision that can be appealed now was made."""
    if record.status is DenialStatus.UPHELD:
        return record.decided_on or record.filed_on or record.notice_on
    return record.notice_on


def _window_rule(record: DenialFacts, context: Context) -> Rule | None:
    """The rule of the level that can be filed now."""
    found = context.pack.find("appeal", on=record.notice_on) if record.level else ()
    named = next((rule for rule in found if rule.id == record.level), None)
    if record.status is not DenialStatus.UPHELD:
        return named or context.pack.appeal(record.payer_class, on=record.notice_on)
    lost = int(dict(named.when).get("level", 1)) if named else 1
    return context.pack.appeal(record.payer_class, on=_notice_on(record), level=lost + 1)


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """One or two items an open denial: the next act, and the window that closes."""
    for record in facts.denials:
        if record.status is DenialStatus.APPEALED:
            yield _ask(facts, record, context)
        elif record.status.is_open:
            yield from _open(facts, record, context)


def _open(facts: PatientFacts, record: DenialFacts, context: Context) -> Iterator[WorkItem]:
    """Nothing filed at the level that is open now: what to decide, and the last day."""
    is_upheld = record.status is DenialStatus.UPHELD
    window = appeal_deadline(record, context)
    decided = record.triaged_on
    if decided is None or (is_upheld and decided < _notice_on(record)):
        yield _triage(facts, record, window, context)
    elif window is None:
        yield _enter_last_day(facts, record, context)
    if window is not None:
        yield _file(facts, record, window, context)


def _item(
    facts: PatientFacts,
    record: DenialFacts,
    *,
    rule_id: str,
    title: str,
    target_on: date,
    why: str,
    citation: str,
    since_on: date,
    verb: str = "insurance",
    window: Deadline | None = None,
) -> WorkItem:
    return WorkItem(
        kind=Kind.DENIAL,
        record_id=record.id,
        rule_id=rule_id,
        patient_id=facts.id,
        verb=verb,
        title=title,
        target_on=target_on,
        legal_on=window.legal_on if window else None,
        legal_at=window.legal_at if window else None,
        warn_on=window.warn_on if window else None,
        basis=Basis.LEGAL if window else Basis.OWN,
        consequence=Consequence.CARE if record.is_expedited else Consequence.COVERAGE,
        why=why,
        citation=citation,
        since_on=since_on,
        after_legal=f"Too late: record and escalate appeal, {record.service}" if window else "",
    )


def _ask(facts: PatientFacts, record: DenialFacts, context: Context) -> WorkItem:
    filed = record.filed_on or record.notice_on
    wait = context.deadline("denial.appealed", filed)
    return _item(
        facts,
        record,
        rule_id="denial.appealed",
        verb="contact",
        title=f"Ask {record.payer_name}: {record.service} appeal",
        target_on=wait.target_on or filed,
        why=wait.why,
        citation=context.cite(wait),
        since_on=filed,
    )


def _triage(facts: PatientFacts, record: DenialFacts, window: Deadline | None, context: Context) -> WorkItem:
    is_upheld = record.status is DenialStatus.UPHELD
    start = _notice_on(record) if is_upheld else record.received_on or record.notice_on
    triage = context.deadline("denial.triage", start)
    verdict = "upheld its denial of" if is_upheld else "denied"
    why = f"{record.payer_name} {verdict} {record.service} on {format_day(_notice_on(record))}. {triage.why}"
    if window is None:
        why += " No rule gives the last day: enter it from the letter."
    if record.payer_class is PayerClass.MEDICARE_ADVANTAGE and not is_upheld:
        why += _OVERTURNED_OFTEN
    return _item(
        facts,
        record,
        rule_id="denial.triage",
        title=f"{'Decide next appeal' if is_upheld else 'Gather appeal papers'}: {record.service}",
        target_on=triage.target_on or start,
        why=why,
        citation=context.cite(triage),
        since_on=start,
    )


def _enter_last_day(facts: PatientFacts, record: DenialFacts, context: Context) -> WorkItem:
    """Decided to appeal, and nobody knows until when: the letter does."""
    start = record.triaged_on or record.notice_on
    return _item(
        facts,
        record,
        rule_id=LETTER_RULE,
        title=f"File appeal, enter last day: {record.service}",
        target_on=context.target("denial.triage", start),
        why="No rule gives the last day to appeal for this payer: enter it from the letter, then file.",
        citation=context.cite(LETTER_RULE),
        since_on=start,
    )


def _file(facts: PatientFacts, record: DenialFacts, window: Deadline, context: Context) -> WorkItem:
    must_arrive = window.filed_when is FiledWhen.RECEIVED
    start = record.received_on or record.notice_on
    if record.status is DenialStatus.UPHELD:
        start = _notice_on(record)
    return _item(
        facts,
        record,
        rule_id=window.rule_id,
        title=f"File appeal{' by fax' if must_arrive else ''}: {record.service}",
        target_on=window.target_on or start,
        why=f"{window.why} Fax it, do not mail it." if must_arrive else window.why,
        citation=context.cite(window),
        since_on=start,
        window=window,
    )
