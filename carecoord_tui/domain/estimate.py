"""What a patient will owe, line by line. Unknown is not zero: it makes a range, or "unknown".

The formula of ``domain.md``, in dollars::

    ded   = min(allowed, deductible_remaining)
    coins = (allowed - ded) * rate
    owed  = min(copay + ded + coins, oop_remaining) + noncovered

Every input is a figure or None, "nobody has read it". A None stands for the whole interval of what it
could be, and the formula is worked out at the ends of the intervals, so that an estimate never leaves
out what the patient may really owe. Only coinsurance is ever rounded (``money.cents``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from carecoord_tui.domain.money import (
    ZERO,
    MoneyError,
    Percent,
    cents,
    check_amount,
    format_money,
    format_percent,
    parse_money,
    parse_percent,
)
from carecoord_tui.domain.vocabulary import CopayMode

__all__ = [
    "NO_LIMIT",
    "Amount",
    "Certainty",
    "CopayMode",
    "Estimate",
    "EstimateInputs",
    "Line",
    "MoneyError",
    "Percent",
    "estimate",
    "format_money",
    "format_percent",
    "parse_money",
    "parse_percent",
]

NO_LIMIT = Decimal("Infinity")
"""``oop_remaining`` of a plan without an out-of-pocket maximum: known, and different from None."""

_ONE = Decimal(1)


class Certainty(StrEnum):
    """What the headline may say."""

    EXACT = "exact"
    RANGE = "range"  # both ends rest on known figures
    UNKNOWN = "unknown"  # a missing figure leaves no floor or no ceiling


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateInputs:
    """What is known, in dollars; None is unknown. ``rate`` is the coinsurance as a share, 0 to 1.

    Raises MoneyError, one sentence naming the figure, for what is negative, absurd or not in whole cents.
    """

    allowed: Decimal | None
    deductible_remaining: Decimal | None
    rate: Decimal | None
    oop_remaining: Decimal | None  # NO_LIMIT where the plan has no maximum
    copay_mode: CopayMode | None
    copay: Decimal | None
    noncovered: Decimal | None

    def __post_init__(self) -> None:
        amounts = (
            ("allowed amount", self.allowed),
            ("deductible remaining", self.deductible_remaining),
            ("copay", self.copay),
            ("amount not covered", self.noncovered),
            ("out-of-pocket remaining", None if self.oop_remaining == NO_LIMIT else self.oop_remaining),
        )
        for what, amount in amounts:
            if amount is not None:
                check_amount(amount, what)
        if self.rate is not None and not (self.rate.is_finite() and 0 <= self.rate <= 1):
            raise MoneyError("The coinsurance must be from 0 to 100 %: check the percentage.")


@dataclass(frozen=True, slots=True)
class Amount:
    """Dollars from ``low`` to ``high``, both included; ``high`` None: no ceiling is known."""

    low: Decimal
    high: Decimal | None

    @property
    def is_exact(self) -> bool:
        """One figure."""
        return self.low == self.high

    @property
    def words(self) -> str:
        """``$410.00``, ``$200.00 to $900.00``, ``at most $410.00``, ``at least $20.00`` or ``unknown``."""
        if self.high is None:
            return f"at least {format_money(self.low)}" if self.low else "unknown"
        if self.is_exact:
            return format_money(self.low)
        if not self.low:
            return f"at most {format_money(self.high)}"
        return f"{format_money(self.low)} to {format_money(self.high)}"


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the arithmetic: what it is, and the dollars it comes to."""

    words: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class Estimate:
    """The answer with its working. ``missing`` names the unknown figures that keep it from being exact."""

    certainty: Certainty
    owed: Amount
    lines: tuple[Line, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def headline(self) -> str:
        """``$410.00``, ``$270.00 to $900.00`` or ``unknown``."""
        return "unknown" if self.certainty is Certainty.UNKNOWN else self.owed.words

    @property
    def bound(self) -> str:
        """Beside an unknown headline what is known all the same, ``at most $410.00``; else empty."""
        is_bounded = self.certainty is Certainty.UNKNOWN and self.owed != Amount(ZERO, None)
        return self.owed.words if is_bounded else ""

    @property
    def ask(self) -> str:
        """The sentence naming what to find out; empty when nothing is missing."""
        return f"Not known: {', '.join(self.missing)}." if self.missing else ""


def estimate(inputs: EstimateInputs) -> Estimate:
    """What the patient will owe, with every line of the arithmetic and what is missing.

    A range has two known ends. Where a missing figure leaves no floor above what is not covered anyway
    (a blank out-of-pocket) or no ceiling, the headline is "unknown" and ``bound`` says what is certain.
    """
    low, high = _ends(inputs)
    owed = Amount(low, _ceiling(high))
    certainty = _certainty(owed, floor=inputs.noncovered or ZERO)
    return Estimate(
        certainty=certainty,
        owed=owed,
        lines=tuple(_lines(inputs, owed)),
        missing=() if certainty is Certainty.EXACT else tuple(_missing(inputs)),
        notes=tuple(_notes(inputs)),
    )


def _certainty(owed: Amount, floor: Decimal) -> Certainty:
    if owed.is_exact:
        return Certainty.EXACT
    if owed.high is None or owed.low <= floor:
        return Certainty.UNKNOWN
    return Certainty.RANGE


# --- The formula --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Figures:
    """One completion of the inputs. Amounts may be infinite: an end of an interval without a ceiling."""

    allowed: Decimal
    deductible: Decimal
    rate: Decimal
    limit: Decimal
    mode: CopayMode
    copay: Decimal
    noncovered: Decimal


def _deductible(f: _Figures) -> Decimal:
    return ZERO if f.mode is CopayMode.INSTEAD else min(f.allowed, f.deductible)


def _coinsurance(f: _Figures) -> Decimal:
    """The share of what the deductible leaves."""
    if f.mode is CopayMode.INSTEAD or f.rate == 0 or f.allowed <= f.deductible:
        return ZERO
    rest = f.allowed - f.deductible
    return cents(rest * f.rate) if rest.is_finite() else rest


def _copay(f: _Figures) -> Decimal:
    is_not_owed = f.mode is CopayMode.AFTER and f.allowed <= f.deductible
    return ZERO if f.mode is CopayMode.NONE or is_not_owed else f.copay


def _share(f: _Figures) -> Decimal:
    """What the patient owes of the covered part before the out-of-pocket limit."""
    return _copay(f) + _deductible(f) + _coinsurance(f)


def _owed(f: _Figures) -> Decimal:
    return min(_share(f), f.limit) + f.noncovered


# --- Ends of the intervals ----------------------------------------------------------------------


def _modes(inputs: EstimateInputs) -> tuple[CopayMode, ...]:
    """The modes that are possible; a copay that was entered rules out "none"."""
    if inputs.copay_mode is not None:
        return (inputs.copay_mode,)
    return tuple(mode for mode in CopayMode if mode is not CopayMode.NONE or not inputs.copay)


def _figures(inputs: EstimateInputs, mode: CopayMode, *, is_high: bool) -> _Figures:
    """Every unknown at its low or its high end; the formula rises with all of them (see ``_corners``)."""

    def end(known: Decimal | None, most: Decimal = NO_LIMIT) -> Decimal:
        if known is not None:
            return known
        return most if is_high else ZERO

    return _Figures(
        allowed=end(inputs.allowed),
        deductible=end(inputs.deductible_remaining),
        rate=end(inputs.rate, _ONE),
        limit=end(inputs.oop_remaining),
        mode=mode,
        copay=end(inputs.copay),
        noncovered=end(inputs.noncovered),
    )


def _corners(inputs: EstimateInputs) -> Iterator[tuple[_Figures, _Figures]]:
    """For each possible mode the completions that give the least and the most.

    The formula rises with every figure, with one exception: in mode "after" a deductible that takes all
    of the allowed amount does away with the copay. So with an unknown deductible both of its ends are
    tried for the least, and the copay is counted in full for the most.
    """
    for mode in _modes(inputs):
        low, high = (_figures(inputs, mode, is_high=is_high) for is_high in (False, True))
        if mode is CopayMode.AFTER and inputs.deductible_remaining is None:
            yield replace(low, deductible=low.allowed), replace(high, mode=CopayMode.BEFORE)
        yield low, high


def _ends(inputs: EstimateInputs) -> tuple[Decimal, Decimal]:
    corners = list(_corners(inputs))
    return min(_owed(low) for low, _ in corners), max(_owed(high) for _, high in corners)


def _ceiling(high: Decimal) -> Decimal | None:
    return high if high.is_finite() else None


# --- The working, in words ----------------------------------------------------------------------


def _lines(inputs: EstimateInputs, owed: Amount) -> Iterator[Line]:
    """The arithmetic from the allowed amount to what is owed; lines that do not apply are left out."""
    corners = list(_corners(inputs))
    together = Amount(
        min(_share(low) for low, _ in corners), _ceiling(max(_share(high) for _, high in corners))
    )
    yield Line("Allowed amount", _known(inputs.allowed))
    if inputs.copay_mode is not CopayMode.INSTEAD:
        yield _deductible_line(inputs)
        yield _coinsurance_line(inputs)
    if inputs.copay_mode is not CopayMode.NONE:
        yield _copay_line(inputs)
    yield Line("Together", together)
    yield _limit_line(inputs, together)
    yield Line("Not covered, owed in full", _known(inputs.noncovered))
    yield Line("Patient owes", owed)


def _known(amount: Decimal | None) -> Amount:
    return Amount(ZERO, None) if amount is None else Amount(amount, amount)


def _deductible_ends(inputs: EstimateInputs) -> tuple[Decimal, Decimal]:
    """The deductible taken, least and most, whichever of the modes with a deductible it is."""
    low, high = (_figures(inputs, CopayMode.BEFORE, is_high=is_high) for is_high in (False, True))
    return _deductible(low), _deductible(high)


def _deductible_line(inputs: EstimateInputs) -> Line:
    low, high = _deductible_ends(inputs)
    if inputs.copay_mode is None:
        low = ZERO  # it may be a copay only
    words = f"Deductible: the smaller of allowed {_say(inputs.allowed)} and remaining " + _say(
        inputs.deductible_remaining
    )
    return Line(words, Amount(low, _ceiling(high)))


def _coinsurance_line(inputs: EstimateInputs) -> Line:
    """The more the deductible takes, the less coinsurance: its ends are crossed."""
    low, high = (_figures(inputs, CopayMode.BEFORE, is_high=is_high) for is_high in (False, True))
    least = _coinsurance(replace(low, deductible=high.deductible))
    most = _coinsurance(replace(high, deductible=low.deductible))
    if inputs.copay_mode is None:
        least = ZERO
    rate = "rate unknown" if inputs.rate is None else format_percent(inputs.rate)
    rest = "what the deductible leaves"
    if inputs.allowed is not None and inputs.deductible_remaining is not None:
        rest = format_money(max(inputs.allowed - inputs.deductible_remaining, ZERO))
    return Line(f"Coinsurance: {rate} of {rest}", Amount(least, _ceiling(most)))


_COPAY_WORDS = {
    CopayMode.INSTEAD: "Copay instead of deductible and coinsurance",
    CopayMode.BEFORE: "Copay, besides deductible and coinsurance",
    CopayMode.AFTER: "Copay, owed once the deductible is met",
}


def _copay_line(inputs: EstimateInputs) -> Line:
    corners = list(_corners(inputs))
    least = min(_copay(low) for low, _ in corners)
    most = max(_copay(high) for _, high in corners)
    words = "Copay, not known how it meets the deductible"
    if inputs.copay_mode is not None:
        words = _COPAY_WORDS[inputs.copay_mode]
    return Line(words, Amount(least, _ceiling(most)))


def _limit_line(inputs: EstimateInputs, together: Amount) -> Line:
    limit = inputs.oop_remaining
    if limit == NO_LIMIT:
        return Line("No out-of-pocket limit", together)
    low = min(together.low, limit or ZERO)
    ends = [end for end in (together.high, limit) if end is not None]
    words = f"Not more than out-of-pocket remaining, {_say(limit)}"
    return Line(words, Amount(low, min(ends) if ends else None))


def _say(amount: Decimal | None) -> str:
    return "unknown" if amount is None else format_money(amount)


def _missing(inputs: EstimateInputs) -> Iterator[str]:
    """The unknown figures the answer depends on, in the order of the form."""
    mode, allowed, deductible = inputs.copay_mode, inputs.allowed, inputs.deductible_remaining
    takes_all = allowed is not None and deductible is not None and allowed <= deductible
    if mode is not CopayMode.INSTEAD:
        if allowed is None:
            yield "allowed amount"
        if deductible is None:
            yield "deductible remaining"
        if inputs.rate is None and not takes_all:
            yield "coinsurance"
    if mode is None:
        yield "how the copay meets the deductible"
    is_copay_owed = mode is not CopayMode.NONE and not (mode is CopayMode.AFTER and takes_all)
    if inputs.copay is None and is_copay_owed:
        yield "copay"
    if inputs.oop_remaining is None:
        yield "out-of-pocket remaining"
    if inputs.noncovered is None:
        yield "amount not covered"


def _notes(inputs: EstimateInputs) -> Iterator[str]:
    if inputs.allowed is None or inputs.copay is None or inputs.copay_mode is CopayMode.NONE:
        return
    if inputs.copay > inputs.allowed:
        yield "The copay is more than the allowed amount: ask the payer which of the two is owed."
