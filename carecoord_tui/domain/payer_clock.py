"""The clock a payer decides by: from law or its contract, with the extension it took, and what a miss means.

Days are practice-local, hour clocks aware UTC.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

from carecoord_tui.domain import payer_limit
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.deadlines import Deadline
from carecoord_tui.domain.facts import AuthorizationFacts
from carecoord_tui.domain.rulepack import Rule, TriggerDateKind


def payer_clock(record: AuthorizationFacts, context: Context) -> Deadline | None:
    """When the payer must have decided; None where no clock binds it (Original Medicare, most drugs)."""
    rule = _rule(record, context)
    if rule is None or record.submitted_at is None:
        return None
    clock = payer_limit.deadline(
        context, rule, record.submitted_at, record.limits, payer_class=record.payer_class
    )
    return _extended(record, rule, clock, context)


def runs_while_pended(record: AuthorizationFacts, context: Context) -> bool:
    """True where the clock goes on while the payer waits for information; one from receipt starts with it."""
    rule = _rule(record, context)
    return rule is not None and rule.trigger_date_kind is not TriggerDateKind.RECEIPT


def missed_clock_words(record: AuthorizationFacts, context: Context) -> str:
    """What it means when the payer's clock passes without a decision; empty where no clock binds it."""
    rule = _rule(record, context)
    if rule is None:
        return ""
    effects = dict(rule.params)
    if effects.get("missed_is_denial_for") == record.payer_class:
        source = effects["missed_citation"]
        return f"A missed clock counts as a denial that can be appealed ({source})."
    return "If it is missed: record it and escalate to the payer."


def _rule(record: AuthorizationFacts, context: Context) -> Rule | None:
    """The rule of the payer's class in force on the day of submission, else the one its contract names."""
    if record.submitted_at is None:
        return None
    submitted_on = context.day_of(record.submitted_at)
    urgent, drug = record.is_expedited, record.is_drug
    return context.pack.pa_decision(
        record.payer_class, expedited=urgent, on=submitted_on, is_drug=drug
    ) or payer_limit.rule_of_contract(
        context.pack, "pa", record.limits, on=submitted_on, facts={"expedited": urgent, "drug": drug}
    )


def _extended(record: AuthorizationFacts, rule: Rule, clock: Deadline, context: Context) -> Deadline:
    """The clock with the extension the payer took, if the rule lets it take one and it came in time."""
    taken, last = record.extended_on, clock.legal_on
    if taken is None or last is None:
        return clock
    terms = dict(rule.params)
    said = f"{clock.why} The payer said on {format_day(taken)} that it takes more time"
    if terms.get("extension_for") != record.payer_class:
        return replace(clock, why=f"{said}; no rule known here lets it, so the clock stands.")
    if taken > last:
        return replace(clock, why=f"{said}, after its clock had ended: the clock stands.")
    days = timedelta(days=int(terms["extension_days"]))
    ends_at = None
    if clock.legal_at is not None:  # the same hour of the day, also across a change of the clocks
        ends_at = clock.legal_at.astimezone(context.zone) + days
    ends_on = ends_at.date() if ends_at else last + days
    return replace(
        clock,
        legal_on=ends_on,
        legal_at=ends_at.astimezone(UTC) if ends_at else None,
        target_on=context.last_chance(ends_on),
        why=f"{said}, {days.days} days at most: the last day is now {format_day(ends_on)}.",
    )
