"""Counts of a payer's contract: they override the rule pack for that payer, and say so.

A contract names a rule of the pack and gives another count, also for a rule that is law: the contract and
what the rule says are then both shown (``docs/decisions/0010``). Where the pack knows no rule for the payer,
the rule the contract names supplies the clock. Days are practice-local.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.domain.deadlines import Deadline
from carecoord_tui.domain.facts import LimitFacts
from carecoord_tui.domain.rulepack import Anchor, OwedBy, Rule, RuleError, RulePack, Scalar, Unit
from carecoord_tui.domain.vocabulary import PayerClass

TOPICS = ("pa", "appeal", "filing")
"""What a contract can set: the payer's clock, appeal windows, timely filing."""
UNITS = (Unit.CALENDAR_DAY, Unit.BUSINESS_DAY, Unit.HOUR, Unit.MONTH)
FILING_RULE = "filing.contract"
CONTRACT = "the payer's contract"
_MOST_DAYS = 3660  # ten years; more is a mistyped number
_HOURS_A_DAY = 24
_DAYS = {
    Unit.CALENDAR_DAY: 1.0,
    Unit.BUSINESS_DAY: 1.4,
    Unit.WORKING_DAY: 1.4,
    Unit.HOUR: 1 / _HOURS_A_DAY,
    Unit.MONTH: 30.4,
}
_SAME = 0.5  # days: counts in two units that differ by less are one length


def check_limit(pack: RulePack, rule_id: str, n: int, unit: str) -> Unit:
    """The unit of a limit somebody enters. Raises RuleError with one sentence for one that makes no sense."""
    rule = pack.get(rule_id)
    if rule_id.split(".")[0] not in TOPICS:
        raise RuleError(f"A contract does not set {rule.title.lower()}: choose a payer's clock or window.")
    if unit not in UNITS:
        raise RuleError(f"A contract counts in {', '.join(_words(u) for u in UNITS)}s: not in {unit!r}.")
    found = Unit(unit)
    if found is Unit.HOUR and not rule_id.startswith("pa."):
        raise RuleError("Only a payer's decision is counted in hours: enter days.")
    if not 0 < _length(n, found) <= _MOST_DAYS:
        raise RuleError(f"{n} {_words(found)}s cannot be a limit of a contract: check the number.")
    return found


def rule_of_contract(
    pack: RulePack,
    topic: str,
    limits: Sequence[LimitFacts],
    *,
    on: date,
    facts: Mapping[str, Scalar] | None = None,
) -> Rule | None:
    """The rule of a topic that a limit names and that fits, for a payer the pack has no rule for."""
    named = {limit.rule_id for limit in limits}
    found = (rule for rule in pack.find(topic, on=on) if rule.id in named)
    return next((rule for rule in found if rule.fits(facts or {})), None)


def deadline(
    context: Context,
    rule: Rule,
    trigger: date | datetime,
    limits: Sequence[LimitFacts] = (),
    *,
    payer_class: PayerClass | None = None,
) -> Deadline:
    """The deadline of a rule, with the count of the payer's contract where there is one.

    Its citation then names both counts, and ``why`` the day the rule alone would give. With ``payer_class``
    a rule that does not bind this class says nothing of its own. An hour clock needs an aware ``trigger``;
    with a day alone the hours of a contract count as whole days.
    """
    limit = limit_on(rule, limits)
    if limit is None:
        return context.deadline(rule, _as_counted(rule, trigger, context))
    changed = _under_contract(rule, limit, trigger)
    found = context.deadline(changed, _as_counted(changed, trigger, context))
    return replace(
        found,
        citation=override_words(rule, limit, payer_class=payer_class),
        confirmed=True,  # a fact somebody entered
        why=f"{found.why} {_override_sentence(context, rule, limit, trigger, payer_class)}",
    )


def limit_on(rule: Rule, limits: Sequence[LimitFacts]) -> LimitFacts | None:
    """What the contract says of a rule; None where it says nothing."""
    return next((one for one in limits if one.rule_id == rule.id), None)


def filing_rule(pack: RulePack, payer_class: PayerClass, *, on: date) -> Rule:
    """The law on timely filing for a class, else the rule that only a contract fills."""
    found = pack.find("filing", payer_class=payer_class, on=on)
    return next((one for one in found if one.id != FILING_RULE), pack.get(FILING_RULE))


def filing_limit(
    rule: Rule, limits: Sequence[LimitFacts], contract_days: int | None = None
) -> LimitFacts | None:
    """What the contract says of timely filing, as a limit on ``rule``; None: "not entered".

    ``contract_days`` is the payer's own figure (calendar days from the service); a limit goes before it.
    """
    named = limit_on(rule, limits) or next((one for one in limits if one.rule_id == FILING_RULE), None)
    if named is not None:
        return replace(named, rule_id=rule.id)
    if contract_days is None:
        return None
    return LimitFacts(rule_id=rule.id, n=contract_days, unit=Unit.CALENDAR_DAY)


def timely_filing(
    context: Context,
    payer_class: PayerClass,
    service_on: date,
    limits: Sequence[LimitFacts] = (),
    *,
    contract_days: int | None = None,
) -> Deadline | None:
    """The last day on which a claim for a service may be filed; None: no rule, and "not entered".

    ``contract_days`` is the payer's own figure (calendar days from the service); a limit goes before it.
    """
    rule = filing_rule(context.pack, payer_class, on=service_on)
    limit = filing_limit(rule, limits, contract_days)
    if limit is None and rule.id == FILING_RULE:
        return None
    return deadline(context, rule, service_on, () if limit is None else (limit,), payer_class=payer_class)


# --- words ------------------------------------------------------------------------------------


def amount_words(n: int, unit: Unit) -> str:
    """``72 hours``, ``5 business days``, ``1 month``."""
    return f"{n} {_words(unit)}{'' if n == 1 else 's'}"


def override_words(rule: Rule, limit: LimitFacts, *, payer_class: PayerClass | None = None) -> str:
    """``contract (4.2): 15 calendar days · the rule says 7, 42 CFR 422.568``; the first half alone where no
    rule binds the payer.
    """
    said = rule_words(rule, limit, payer_class=payer_class)
    contract = f"contract ({limit.source})" if limit.source else "contract"
    return f"{contract}: {amount_words(limit.n, limit.unit)}{f' · {said}' if said else ''}"


def rule_words(rule: Rule, limit: LimitFacts, *, payer_class: PayerClass | None = None) -> str:
    """``the rule says 7, 42 CFR 422.568``: what a contract's count stands in place of; empty for nothing."""
    if not _binds(rule, payer_class):
        return ""
    own = str(rule.n) if rule.unit is limit.unit else amount_words(rule.n, rule.unit)
    if rule.presumed_receipt_days:
        own = f"{rule.presumed_receipt_days} + {own}"
    return ", ".join(filter(None, (f"the rule says {own}", rule.citation, _unconfirmed(rule))))


def law_words(rule: Rule, limit: LimitFacts, *, payer_class: PayerClass | None = None) -> str:
    """That a contract's count is not what the law gives, where that harms somebody; empty where it does not.

    A payer may decide sooner than the law asks, not later. A window to appeal or file may be longer than the
    law gives, which the payer then grants; a shorter one takes days away. An unconfirmed rule is no law.
    """
    if rule.overridable or not _binds(rule, payer_class):
        return ""
    difference = _length(limit.n, limit.unit) - _length(rule.n, rule.unit) - rule.presumed_receipt_days
    if rule.unit is not limit.unit and abs(difference) < _SAME:
        return ""
    if rule.owed_by is OwedBy.PAYER:
        return "longer than the law allows this payer; both shown" if difference > 0 else ""
    return "shorter than the law gives; both shown" if difference < 0 else ""


def _override_sentence(
    context: Context,
    rule: Rule,
    limit: LimitFacts,
    trigger: date | datetime,
    payer_class: PayerClass | None,
) -> str:
    """Where the count comes from, what the rule says instead and comes to, and how the law takes it."""
    source = f" ({limit.source})" if limit.source else ""
    told = f"The {amount_words(limit.n, limit.unit)} come from {CONTRACT}{source}"
    if not _binds(rule, payer_class):
        return f"{told}."
    told += f", not the rule's {amount_words(rule.n, rule.unit)}"
    if rule.unit is not Unit.HOUR or isinstance(trigger, datetime):
        own = context.deadline(rule, _as_counted(rule, trigger, context)).legal_on
        told += f", which would end on {format_full_day(own)}" if own is not None else ""
    law = law_words(rule, limit, payer_class=payer_class).partition(";")[0]
    return f"{told}.{f' That is {law} ({rule.citation}).' if law else ''}"


def _binds(rule: Rule, payer_class: PayerClass | None) -> bool:
    """True where the rule gives a count of its own to this payer; without a class it is taken to."""
    return rule.n > 0 and (payer_class is None or rule.applies_to(payer_class))


def _unconfirmed(rule: Rule) -> str:
    return "" if rule.confirmed else "unconfirmed"


def _length(n: int, unit: Unit) -> float:
    """The usual number of days of a count."""
    return n * _DAYS[unit]


def _under_contract(rule: Rule, limit: LimitFacts, trigger: date | datetime) -> Rule:
    """The rule with the contract's count; what the law presumes or warns of is not the contract's."""
    n, unit = limit.n, limit.unit
    if unit is Unit.HOUR and not isinstance(trigger, datetime):
        n, unit = n // _HOURS_A_DAY, Unit.CALENDAR_DAY
    return replace(rule, n=n, unit=unit, presumed_receipt_days=0, warn_n=None, anchor=Anchor.NONE, tiers=())


def _as_counted(rule: Rule, trigger: date | datetime, context: Context) -> date | datetime:
    """The moment for an hour clock, the practice's day for all others."""
    if isinstance(trigger, datetime) and rule.unit is not Unit.HOUR:
        return context.day_of(trigger)
    return trigger


def _words(unit: Unit) -> str:
    return unit.value.replace("_", " ")
