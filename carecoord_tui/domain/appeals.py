"""Filing an appeal: by which road, whether it still arrives, and the levels of one denial in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.deadlines import Deadline
from carecoord_tui.domain.denial import LETTER_RULE, appeal_deadline
from carecoord_tui.domain.facts import DenialFacts
from carecoord_tui.domain.late_appeal import ways_left
from carecoord_tui.domain.rulepack import FiledWhen, Rule
from carecoord_tui.domain.vocabulary import AppealOutcome, DenialStatus, PayerClass

MAIL_DAYS = 5
"""Business days a letter may take; within them only what arrives at once is safe."""
_TOPIC = "appeal."
_MOST_LEVELS = 5  # Medicare has five


class FilingMethod(StrEnum):
    """How an appeal goes out."""

    FAX = "fax"
    MAIL = "mail"
    PORTAL = "portal"
    COURIER = "courier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A level that was filed. Days are practice-local."""

    id: int
    rule_id: str
    filed_on: date
    filed_how: str = ""
    received_on: date | None = None
    decided_on: date | None = None
    outcome: AppealOutcome | None = None
    is_expedited: bool = False
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """One level of appeal as the screen lists it: filed, open now with its dates, or possible later."""

    title: str
    rule_id: str
    filed: Filed | None = None
    window: Deadline | None = None


def filing_advice(window: Deadline, today: date) -> str:
    """How the request must travel, from what stops the rule's clock.

    Empty where no rule says, and once the last day is past: :func:`late_warning` says what is left then.
    """
    if window.filed_when is None or window.legal_on is None or window.legal_on < today:
        return ""
    last = format_day(window.legal_on, today)
    if window.filed_when is FiledWhen.RECEIVED:
        by = format_day(window.target_on or window.legal_on, today)
        return f"It counts as filed when RECEIVED: it must ARRIVE by {by}. Send a fax, not mail."
    return f"It counts as filed when sent: mail postmarked by {last} is in time; keep the proof."


def mail_warning(window: Deadline | None, how: FilingMethod, on: date, calendar: Calendar) -> str:
    """Why mail sent on ``on`` may come too late; empty where it may not, or the last day is past."""
    if window is None or how is not FilingMethod.MAIL or window.filed_when is not FiledWhen.RECEIVED:
        return ""
    last = window.legal_on
    if last is None or last < on or calendar.business_days_between(on, last) > MAIL_DAYS:
        return ""
    return f"Mail may come too late. Fax it: it must ARRIVE by {format_day(window.target_on or last)}."


def late_warning(window: Deadline | None, on: date) -> str:
    """That the last day is past on ``on``, and what can still be done; empty while it is not."""
    if window is None or window.legal_on is None or window.legal_on >= on:
        return ""
    last = format_day(window.legal_on, on)
    return f"The last day was {last}. What can still be done: {ways_left(window.rule_id)}."


def level_rule(record: DenialFacts, context: Context) -> str:
    """The rule id of the level that can be filed now; empty where only the letter sets the date."""
    window = appeal_deadline(record, context)
    rule_id = window.rule_id if window is not None else ""
    return "" if rule_id == LETTER_RULE else rule_id


def next_rule(rule_id: str, payer_class: PayerClass, *, on: date, context: Context) -> Rule | None:
    """The level after the one of ``rule_id`` for a decision of ``on``; None when there is no further rule."""
    known = next((rule for rule in context.pack.find("appeal") if rule.id == rule_id), None)
    when = dict(known.when) if known is not None else {}
    is_drug = bool(when.get("drug", False))
    return context.pack.appeal(payer_class, on=on, level=int(when.get("level", 1)) + 1, is_drug=is_drug)


def levels(record: DenialFacts, filed: Sequence[Filed], context: Context) -> tuple[Level, ...]:
    """What was filed, the level that can be filed now with its dates, and those a further "no" would open."""
    done = [Level(title=_title(one.rule_id, context), rule_id=one.rule_id, filed=one) for one in filed]
    last_id = filed[-1].rule_id if filed else ""
    present: list[Level] = []
    if record.status in (DenialStatus.OPEN, DenialStatus.UPHELD):
        window = appeal_deadline(record, context)
        last_id = level_rule(record, context)
        present = [Level(title=_title(last_id, context), rule_id=last_id, window=window)]
    if not record.status.is_open or not last_id:
        return (*done, *present)
    on = record.decided_on or record.notice_on
    return (*done, *present, *_later(last_id, record.payer_class, on, context))


def _later(rule_id: str, payer_class: PayerClass, on: date, context: Context) -> Iterator[Level]:
    for _ in range(_MOST_LEVELS):
        rule = next_rule(rule_id, payer_class, on=on, context=context)
        if rule is None:
            return
        yield Level(title=rule.title, rule_id=rule.id)
        rule_id = rule.id


def _title(rule_id: str, context: Context) -> str:
    """The name of a level; an appeal whose rule is not known is just one."""
    return context.pack.get(rule_id).title if rule_id.startswith(_TOPIC) else "Appeal"
