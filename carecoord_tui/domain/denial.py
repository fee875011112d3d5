"""What an open denial owes: decide what to do, file before the appeal window closes, walk the other roads.

Up to three roads (tracks) are walked side by side: appeal, covered alternative, assistance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from carecoord_tui.domain import payer_limit
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day, format_full_day
from carecoord_tui.domain.deadlines import Deadline, entered
from carecoord_tui.domain.facts import DenialFacts, PatientFacts, TrackFacts
from carecoord_tui.domain.late_appeal import ways_left
from carecoord_tui.domain.rulepack import FiledWhen, Rule, TriggerDateKind
from carecoord_tui.domain.vocabulary import (
    Basis,
    Consequence,
    DenialStatus,
    Kind,
    PayerClass,
    TrackKind,
    TrackStatus,
)
from carecoord_tui.domain.work import WorkItem

LETTER_RULE = "denial.letter"  # a payer whose rule is not known: only the letter sets the date
TRIAGE_RULE, PEER_TO_PEER_RULE = "denial.triage", "denial.peer_to_peer"
WAIT_RULE, PART_D_WAIT_RULE = "denial.appealed", "denial.appealed.partd"
EXPEDITED_WAIT_RULE = "denial.appealed.expedited"  # payers decide these within 72 hours
WAIT_RULES = (WAIT_RULE, PART_D_WAIT_RULE, EXPEDITED_WAIT_RULE)
TRACK_RULES = {
    TrackKind.ALTERNATIVE: "denial.alternative",
    TrackKind.ASSISTANCE: "denial.assistance",
}
_TRACK_TITLES = {
    TrackKind.ALTERNATIVE: "Covered alternative",
    TrackKind.ASSISTANCE: "Find assistance",
}
OVERTURN_FACT = (  # KFF: Medicare Advantage prior authorization determinations, 2023
    "In 2023, 11.7 % of Medicare Adv. denials were appealed and 81.7 % of those overturned at least in part "
    "(KFF); no forecast for this case."
)
"""Said on a denial of a Medicare Advantage plan, to encourage the appeal."""


def appeal_deadline(record: DenialFacts, context: Context) -> Deadline | None:
    """The appeal window from the rule, the payer's contract, or the date on the letter, which overrides both.

    For an upheld denial that of the next level, counted from the decision. None when no rule is known
    and the letter's date was not entered.
    """
    computed = rule_deadline(record, context)
    printed = record.letter_deadline_on
    if printed is None or printed <= _notice_on(record):  # an older one belongs to the lost level
        return computed
    rule = _window_rule(record, context) or context.pack.get(LETTER_RULE)
    found = entered(rule, printed, calendar=context.calendar, source="the denial letter")
    if computed is None or computed.legal_on is None:
        return found
    instead = f"By the rule it would be {format_full_day(computed.legal_on)} ({context.cite(computed)})."
    return replace(found, why=f"{found.why} {instead}")


def rule_deadline(record: DenialFacts, context: Context) -> Deadline | None:
    """The appeal window as rule and contract give it, whatever the letter says; None where neither does.

    A window that runs from receipt runs from the letter's date while nobody entered the receipt: at worst
    too early.
    """
    rule = _window_rule(record, context)
    if rule is None:
        return None
    trigger = _notice_on(record)
    if rule.trigger_date_kind is TriggerDateKind.RECEIPT and record.status is not DenialStatus.UPHELD:
        trigger = record.received_on or trigger
    return payer_limit.deadline(context, rule, trigger, record.limits, payer_class=record.payer_class)


def runs_from_receipt(record: DenialFacts, context: Context) -> bool:
    """True where the window that is open runs from the day the letter came, not from its date."""
    rule = _window_rule(record, context)
    return rule is not None and rule.trigger_date_kind is TriggerDateKind.RECEIPT


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
        return named or _rule_of_level(record, 1, record.notice_on, context)
    lost = int(dict(named.when).get("level", 1)) if named else 1
    return _rule_of_level(record, lost + 1, _notice_on(record), context)


def _rule_of_level(record: DenialFacts, level: int, on: date, context: Context) -> Rule | None:
    """The rule of the payer's class, else the one its contract names."""
    drug = record.is_drug
    return context.pack.appeal(
        record.payer_class, on=on, level=level, is_drug=drug
    ) or payer_limit.rule_of_contract(
        context.pack, "appeal", record.limits, on=on, facts={"level": level, "drug": drug}
    )


def owed(facts: PatientFacts, context: Context) -> Iterator[WorkItem]:
    """The next act of an open denial, the window that closes, the peer-to-peer cut-off, the other roads."""
    for record in facts.denials:
        if not record.status.is_open:
            continue
        roads = _open_roads(record)
        if record.status is DenialStatus.APPEALED:
            yield _ask(facts, record, context)
        elif not _has_left_appeal(record):
            yield from _open(facts, record, context)
        elif not roads:
            yield _end(facts, record, context)
        cut_off = _peer_cut_off(record)
        if cut_off is not None:
            yield _peer_to_peer(facts, record, cut_off, context)
        for track in roads:
            yield _walk(facts, record, track, context)


def _open_roads(record: DenialFacts) -> list[TrackFacts]:
    """Roads beside the appeal that are being walked, one of a kind."""
    tracks = (record.track(kind) for kind in TRACK_RULES)
    return [track for track in tracks if track is not None and track.status is TrackStatus.OPEN]


def _has_left_appeal(record: DenialFacts) -> bool:
    """Somebody decided against the appeal. A failed one of an upheld denial goes on at the next level."""
    appeal = record.track(TrackKind.APPEAL)
    if appeal is None:
        return False
    is_undecided = record.status is DenialStatus.OPEN
    return appeal.status is TrackStatus.DROPPED or (is_undecided and appeal.status is not TrackStatus.OPEN)


def _peer_cut_off(record: DenialFacts) -> date | None:
    """Until when a call may be held. One before a later decision belonged to the level that was lost."""
    cut_off = record.peer_to_peer_by
    if cut_off is None or record.peer_to_peer_on is not None:
        return None
    is_of_lost_level = record.status is DenialStatus.UPHELD and cut_off < _notice_on(record)
    return None if is_of_lost_level else cut_off


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
    after_legal: str = "",
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
        after_legal=after_legal,
    )


def _ask(facts: PatientFacts, record: DenialFacts, context: Context) -> WorkItem:
    filed = record.filed_on or record.notice_on
    rule_id = _wait_rule(record, filed, context)
    wait = context.deadline(rule_id, filed)
    return _item(
        facts,
        record,
        rule_id=rule_id,
        verb="contact",
        title=f"Ask {record.payer_name}: {record.service} appeal",
        target_on=wait.target_on or filed,
        why=wait.why,
        citation=context.cite(wait),
        since_on=filed,
    )


def _wait_rule(record: DenialFacts, filed: date, context: Context) -> str:
    """How soon the payer is asked about its decision: at once of an expedited appeal, sooner under Part D."""
    if record.is_appeal_expedited:
        return EXPEDITED_WAIT_RULE
    part_d = context.pack.find(PART_D_WAIT_RULE, payer_class=record.payer_class, on=filed)
    return PART_D_WAIT_RULE if record.is_drug and part_d else WAIT_RULE


def _triage(facts: PatientFacts, record: DenialFacts, window: Deadline | None, context: Context) -> WorkItem:
    is_upheld = record.status is DenialStatus.UPHELD
    start = _notice_on(record) if is_upheld else record.received_on or record.notice_on
    triage = context.deadline("denial.triage", start)
    verdict = "upheld its denial of" if is_upheld else "denied"
    why = f"{record.payer_name} {verdict} {record.service} on {format_day(_notice_on(record))}. {triage.why}"
    if window is None:
        why += " No rule gives the last day: enter it from the letter."
    if record.payer_class is PayerClass.MEDICARE_ADVANTAGE and not is_upheld:
        why += f" {OVERTURN_FACT}"
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
        why=f"{window.why}{' In time only by fax, not by mail.' if must_arrive else ''} After the last day: "
        f"{ways_left(window.rule_id)}.",
        citation=context.cite(window),
        since_on=start,
        window=window,
        after_legal=f"Too late: late appeal or other way, {record.service}",
    )


def _end(facts: PatientFacts, record: DenialFacts, context: Context) -> WorkItem:
    """No appeal and no other road: somebody must say that this is the end of it."""
    days = [track.closed_on or track.opened_on for track in record.tracks]
    start = max(days, default=record.notice_on)
    return _item(
        facts,
        record,
        rule_id=TRIAGE_RULE,
        title=f"Close denial: {record.service}",
        target_on=context.target(TRIAGE_RULE, start),
        why="No appeal is wanted and no other way is open: close it, or choose another way.",
        citation=context.cite(TRIAGE_RULE),
        since_on=start,
    )


def _peer_to_peer(facts: PatientFacts, record: DenialFacts, cut_off: date, context: Context) -> WorkItem:
    """A clinician may talk to the payer's clinician until the day in the letter."""
    until = entered(
        context.pack.get(PEER_TO_PEER_RULE), cut_off, calendar=context.calendar, source="the denial letter"
    )
    return _item(
        facts,
        record,
        rule_id=PEER_TO_PEER_RULE,
        title=f"Peer-to-peer call: {record.service}",
        target_on=until.target_on or cut_off,
        why=f"A clinician may call {record.payer_name} about {record.service}. {until.why} An appeal stays "
        "possible after it.",
        citation=context.cite(until),
        since_on=record.received_on or record.notice_on,
        window=until,
        after_legal=f"Too late for peer-to-peer, appeal: {record.service}",
    )


def _walk(facts: PatientFacts, record: DenialFacts, track: TrackFacts, context: Context) -> WorkItem:
    """The next step of a road beside the appeal: on the day somebody named, else by the rule."""
    rule_id = TRACK_RULES[track.kind]
    by_rule = context.deadline(rule_id, track.opened_on)
    why = f"{record.payer_name} denied {record.service} on {format_day(record.notice_on)}. "
    if track.next_on is None:
        target, why = by_rule.target_on or track.opened_on, f"{why}{by_rule.why}"
    else:
        target, why = track.next_on, f"{why}The next step was planned for {format_day(track.next_on)}."
    return _item(
        facts,
        record,
        rule_id=rule_id,
        title=f"{_TRACK_TITLES[track.kind]}: {record.service}",
        target_on=target,
        why=why,
        citation=context.cite(rule_id),
        since_on=track.opened_on,
    )
