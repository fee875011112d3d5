"""What writing a payer's answer does, in words, for whoever looks at it first."""

from __future__ import annotations

from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.domain.money import format_money
from carecoord_tui.domain.vocabulary import EligibilityResult
from carecoord_tui.store.actions.eligibility import CheckEntry
from carecoord_tui.store.importing_answers import DecisionPlan, IncomingDecision, IncomingDenial


def check_effects(entry: CheckEntry) -> tuple[str, ...]:
    """``eligibility check recorded: active as of Sun 1 Nov 2026``, and what follows from it."""
    as_of = f" as of {format_full_day(entry.as_of)}" if entry.as_of else ""
    asked = f", asked {format_full_day(entry.checked_on)}" if entry.checked_on else ""
    count = len(entry.benefits)
    figures = f" with {count} figure{'' if count == 1 else 's'}" if count else ", no figures"
    first = f"eligibility check recorded: {entry.result.label}{as_of}{asked}{figures}"
    if entry.result is EligibilityResult.INACTIVE:
        return first, "a task to ask who pays, unless a visit asks already or a later answer is on file"
    return (first,)


def decision_effects(plan: DecisionPlan, decision: IncomingDecision) -> tuple[str, ...]:
    """How the request moves, item by item, and the denial that opens."""
    moved = (
        f"authorization {plan.service} stays {plan.after.label}"
        if plan.after is plan.before
        else f"authorization {plan.service} moved from {plan.before.label} to {plan.after.label}"
    )
    items = tuple(
        f"  {one.service}: {one.status.label if one.status else one.note or 'not decided'}"
        for one in decision.items
    )
    if plan.is_entered:
        return (moved, *items, "its denial is on file already")
    if not plan.denied:
        return (moved, *items)
    return (
        moved,
        *items,
        f"denial opened, letter of {format_full_day(decision.on)}: {', '.join(plan.denied)}",
    )


def denial_effects(denial: IncomingDenial) -> tuple[str, ...]:
    """``denial opened: 99213 (claim 77), $250.00, denied Sun 1 Nov 2026``."""
    number = denial.claim_number
    what = denial.service if not number or number in denial.service else f"{denial.service} (claim {number})"
    amount = "amount unknown" if denial.amount is None else format_money(denial.amount)
    return (f"denial opened: {what}, {amount}, denied {format_full_day(denial.notice_on)}",)
