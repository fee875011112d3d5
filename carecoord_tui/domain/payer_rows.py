"""The payer directory as queries and widgets share it, and the clocks that run for a payer, in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, time

from carecoord_tui.domain.facts import LimitFacts
from carecoord_tui.domain.payer_limit import (
    FILING_RULE,
    TOPICS,
    UNITS,
    amount_words,
    filing_limit,
    filing_rule,
    law_words,
    rule_words,
)
from carecoord_tui.domain.rulepack import Rule, RulePack, Unit
from carecoord_tui.domain.vocabulary import PayerClass

NOT_ENTERED = "not entered"
FROM_CONTRACT = "from the contract"
MAX_FILING_DAYS = 3660  # ten years; more is a mistyped number
_FILING = "filing"
_CLOCK_TOPICS = tuple(topic for topic in TOPICS if topic != _FILING)
_LIMIT = re.compile(r"(\d{1,5})\s*([a-z][a-z ]*)?", re.ASCII | re.IGNORECASE)
_UNIT_WORDS = {
    "": Unit.CALENDAR_DAY,
    "d": Unit.CALENDAR_DAY,
    "day": Unit.CALENDAR_DAY,
    "calendar day": Unit.CALENDAR_DAY,
    "bd": Unit.BUSINESS_DAY,
    "business day": Unit.BUSINESS_DAY,
    "h": Unit.HOUR,
    "hour": Unit.HOUR,
    "m": Unit.MONTH,
    "month": Unit.MONTH,
}


class PayerWordsError(ValueError):
    """What was typed is no limit; the message says what to type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRow:
    """An insurer as it is on file. Phones are E.164, or as an import brought them."""

    id: int
    name: str
    payer_class: PayerClass = PayerClass.UNKNOWN
    phone: str = ""
    authorization_phone: str = ""
    fax: str = ""
    appeal_fax: str = ""
    portal: str = ""
    timely_filing_days: int | None = None  # calendar days from the service; None: not entered
    note: str = ""
    active_coverages: int = 0
    limits: tuple[LimitFacts, ...] = ()
    call_from: time | None = None  # local to ``time_zone``
    call_until: time | None = None
    time_zone: str = ""  # IANA; empty: the practice's
    version: int | None = field(default=None, compare=False)  # None: not on file yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A clock that runs for a payer: its count, and where the count comes from."""

    rule_id: str
    title: str
    amount: str  # "7 calendar days"
    source: str  # a citation, or the contract as somebody named it
    from_contract: bool = False
    instead_of: str = (
        ""  # what the rule says with its citation, where the contract's count stands in its place
    )
    against_law: str = ""  # that the contract is longer, or shorter, than a law that binds
    runs: bool = True  # False: a limit of the contract whose rule does not bind this class


def clocks_of(pack: RulePack, payer: PayerRow, *, on: date) -> list[Clock]:
    """The payer's decision and appeal clocks in force on a day, then what its contract sets in vain.

    As ``domain.payer_limit`` has it: a limit stands in place of its rule's count, and where the pack has
    no rule of the topic for this class, the rule the limit names supplies the clock.
    """
    return [clock for topic in _CLOCK_TOPICS for clock in _clocks(pack, payer, topic, on)]


def filing_clock(pack: RulePack, payer: PayerRow, *, on: date) -> Clock | None:
    """Timely filing: the contract's limit, else the payer's own figure, else the law; None: not entered."""
    rule = filing_rule(pack, payer.payer_class, on=on)
    limit = filing_limit(rule, payer.limits, payer.timely_filing_days)
    if limit is None and rule.id == FILING_RULE:
        return None
    return _clock(rule, limit, payer.payer_class)


def settable_rules(pack: RulePack, payer_class: PayerClass) -> list[Rule]:
    """Clocks of this class that a contract may set, timely filing apart: it has a field of its own.

    Those that are law too: the contract goes before a rule, and both are shown.
    """
    return [rule for topic in _CLOCK_TOPICS for rule in pack.find(topic, payer_class=payer_class)]


def _clocks(pack: RulePack, payer: PayerRow, topic: str, on: date) -> Iterator[Clock]:
    limits = {limit.rule_id: limit for limit in payer.limits if limit.rule_id.split(".")[0] == topic}
    bound = _bound(pack, payer, topic, on)
    for rule in bound:
        yield _clock(rule, limits.pop(rule.id, None), payer.payer_class)
    for rule in pack.find(topic, on=on):
        if rule.id in limits:
            yield _clock(rule, limits[rule.id], payer.payer_class, runs=not _decides(bound, rule))


def _decides(bound: Sequence[Rule], named: Rule) -> bool:
    """Whether a rule of the payer's own class already answers the question the named rule answers."""
    return any(rule.fits(dict(named.when)) for rule in bound)


def _bound(pack: RulePack, payer: PayerRow, topic: str, on: date) -> tuple[Rule, ...]:
    return pack.find(topic, payer_class=payer.payer_class, on=on)


def _clock(rule: Rule, limit: LimitFacts | None, payer_class: PayerClass, *, runs: bool = True) -> Clock:
    if limit is None:
        source = rule.citation if rule.confirmed or not rule.citation else f"{rule.citation}, unconfirmed"
        own = amount_words(rule.n, rule.unit) if rule.n else ""
        return Clock(rule_id=rule.id, title=rule.title, amount=own, source=source, runs=runs)
    return Clock(
        rule_id=rule.id,
        title=rule.title,
        amount=amount_words(limit.n, limit.unit),
        source=limit.source,
        from_contract=True,
        instead_of=rule_words(rule, limit, payer_class=payer_class),
        against_law=law_words(rule, limit, payer_class=payer_class),
        runs=runs,
    )


# --- words -----------------------------------------------------------------------------------------------


def filing_words(clock: Clock | None) -> str:
    """``365 days``, ``12 months``, ``not entered``: timely filing for a narrow column."""
    return NOT_ENTERED if clock is None else clock.amount.replace("calendar ", "")


def parse_limit(text: str) -> tuple[int, Unit] | None:
    """``72 hours``, ``5 business days``, ``4 months``; a bare number is calendar days, blank is None.

    Raises PayerWordsError for anything else.
    """
    if not text.strip():
        return None
    found = _LIMIT.fullmatch(text.strip())
    word = " ".join((found[2] or "").lower().split()) if found else ""
    unit = _UNIT_WORDS.get(word) or _UNIT_WORDS.get(word.removesuffix("s"))
    if found is None or unit is None or unit not in UNITS:
        raise PayerWordsError("Type a number and what it counts, e.g. 72 hours, 5 business days, 4 months.")
    return int(found[1]), unit


def parse_filing_days(text: str) -> int | None:
    """Calendar days from the service; blank is None. Raises PayerWordsError."""
    typed = text.strip().lower().removesuffix("days").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit()) or not 0 < int(typed[:9]) <= MAX_FILING_DAYS:
        raise PayerWordsError("Timely filing is a number of days, e.g. 95 or 365; leave it empty if unknown.")
    return int(typed)
