"""Good-faith estimates for people who pay themselves: when one is due, and when a bill may be disputed.

45 CFR 149.610(b)(1) and 149.620; the counts are rules ``gfe.*`` of the pack. Days are practice-local.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.deadlines import Deadline, compute
from carecoord_tui.domain.money import ZERO, check_amount, format_money
from carecoord_tui.domain.rulepack import RuleError

SCHEDULED_RULE, REQUESTED_RULE, DISPUTE_RULE = "gfe.scheduled", "gfe.requested", "gfe.dispute"


class DisputeRight(StrEnum):
    """Whether a self-pay bill may be taken to the patient-provider dispute process."""

    OPEN = "open"
    NONE = "none"
    UNKNOWN = "unknown"  # a figure is missing; unknown is not zero


@dataclass(frozen=True, slots=True)
class Dispute:
    """The answer for one bill. ``deadline`` is set only when the right is open and the receipt is known."""

    right: DisputeRight
    above: Decimal | None  # dollars billed above the estimate; zero when at or below it
    deadline: Deadline | None
    words: str


def estimate_due(
    context: Context,
    *,
    booked_on: date | None = None,
    service_on: date | None = None,
    requested_on: date | None = None,
) -> Deadline:
    """When the estimate must be given: for a booked visit, on request, or the earlier of the two.

    ``legal_on`` is None when nothing is due: a visit fewer than 3 business days ahead, and nobody asked.
    Raises RuleError (one sentence) when there is neither a booking nor a request, for a booking without
    the date of the visit, and for a visit before its booking.
    """
    clocks = []
    if booked_on is not None:
        clocks.append(_clock(context, SCHEDULED_RULE, booked_on, service_on))
    if requested_on is not None:
        clocks.append(_clock(context, REQUESTED_RULE, requested_on))
    if not clocks:
        raise RuleError("A good-faith estimate needs the day of booking or of the request: enter one.")
    return min(clocks, key=lambda clock: clock.legal_on or date.max)


def dispute(
    context: Context, *, estimated: Decimal | None, billed: Decimal | None, received_on: date | None
) -> Dispute:
    """Whether one provider's bill is so far above its estimate that the patient may dispute it.

    The right exists when the bill is at least $400 above the estimate (rule ``gfe.dispute``), for 120 days
    from the day the patient received the bill. Both are the totals of one provider or facility, in
    dollars. Raises MoneyError for amounts below zero or absurd.
    """
    if estimated is None or billed is None:
        missing = "estimate" if estimated is None else "bill"
        return Dispute(DisputeRight.UNKNOWN, None, None, f"Cannot tell: enter the amount of the {missing}.")
    check_amount(estimated, "estimate")
    check_amount(billed, "bill")
    rule = context.pack.get(DISPUTE_RULE, on=received_on)
    threshold = Decimal(int(rule.param("at_least_dollars_above")))
    above = max(billed - estimated, ZERO)
    compared = f"Billed {format_money(billed)}, {_compared(billed, estimated)}"
    if above < threshold:
        words = f"{compared}: no right to dispute below {format_money(threshold)} above it."
        return Dispute(DisputeRight.NONE, above, None, words)
    compared = f"{compared}: the patient may dispute it, being at least {format_money(threshold)} above."
    if received_on is None:
        words = f"{compared} Last day not known: enter the day the bill was received."
        return Dispute(DisputeRight.OPEN, above, None, words)
    deadline = _clock(context, DISPUTE_RULE, received_on)
    return Dispute(DisputeRight.OPEN, above, deadline, f"{compared} {deadline.why}")


def _clock(context: Context, rule_id: str, trigger: date, service_on: date | None = None) -> Deadline:
    """The deadline of the version in force on the day of the trigger."""
    rule = context.pack.get(rule_id, on=trigger)
    return compute(rule, trigger, calendar=context.calendar, service=service_on, tz=context.zone)


def _compared(billed: Decimal, estimated: Decimal) -> str:
    if billed == estimated:
        return f"the same as the estimate of {format_money(estimated)}"
    side = "above" if billed > estimated else "below"
    return f"{format_money(abs(billed - estimated))} {side} the estimate of {format_money(estimated)}"
