"""Counts of a payer's contract: they override the rule pack for that payer, and say so.

A contract names a rule of the pack and gives another count. Where the pack knows no rule for the payer,
the rule the contract names supplies the clock. Days are practice-local.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.deadlines import Deadline
from carecoord_tui.domain.facts import LimitFacts
from carecoord_tui.domain.rulepack import Anchor, Rule, RuleError, RulePack, Scalar, Unit
from carecoord_tui.domain.vocabulary import PayerClass

TOPICS = ("pa", "appeal", "filing")
"""What a contract can set: the payer's clock, appeal windows, timely filing."""
UNITS = (Unit.CALENDAR_DAY, Unit.BUSINESS_DAY, Unit.HOUR, Unit.MONTH)
FILING_RULE = "filing.contract"
CONTRACT = "the payer's contract"
_MOST_DAYS = 3660  # ten years; more is a mistyped number
_HOURS_A_DAY = 24
_DAYS = {Unit.CALENDAR_DAY: 1.0, Unit.BUSINESS_DAY: 1.5, Unit.HOUR: 1 / _HOURS_A_DAY, Unit.MONTH: 31.0}


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
    if not 0 < n * _DAYS[found] <= _MOST_DAYS:
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
    context: Context, rule: Rule, trigger: date | datetime, limits: Sequence[LimitFacts] = ()
) -> Deadline:
    """The deadline of a rule, with the count of the payer's contract where there is one.

    An hour clock needs an aware ``trigger``; with a day alone the hours of a contract count as whole days.
    """
    limit = next((one for one in limits if one.rule_id == rule.id), None)
    if limit is None:
        return context.deadline(rule, _as_counted(rule, trigger, context))
    changed = _under_contract(rule, limit, trigger)
    found = context.deadline(changed, _as_counted(changed, trigger, context))
    source = f" ({limit.source})" if limit.source else ""
    instead = f", not the rule's {_amount(rule.n, rule.unit)}" if rule.n else ""
    return replace(
        found,
        citation=f"From {CONTRACT}{source}",
        confirmed=True,  # a fact somebody entered
        why=f"{found.why} The {_amount(limit.n, limit.unit)} come from {CONTRACT}{source}{instead}.",
    )


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
    found = context.pack.find("filing", payer_class=payer_class, on=service_on)
    rule = next((one for one in found if one.id != FILING_RULE), None)
    if rule is not None and (contract_days is None or any(one.rule_id == rule.id for one in limits)):
        return deadline(context, rule, service_on, limits)
    by_contract = rule_of_contract(context.pack, FILING_RULE, limits, on=service_on)
    if by_contract is not None:
        return deadline(context, by_contract, service_on, limits)
    if contract_days is None:
        return None
    entered = LimitFacts(rule_id=FILING_RULE, n=contract_days, unit=Unit.CALENDAR_DAY)
    return deadline(context, context.pack.get(FILING_RULE), service_on, (entered,))


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


def _amount(n: int, unit: Unit) -> str:
    return f"{n} {_words(unit)}{'' if n == 1 else 's'}"
