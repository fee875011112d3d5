"""Which of a payer's figures an estimate may start from. What is not said plainly stays unknown.

The patient's own in-network figures count; where several different ones remain (by service, by plan)
none is chosen: the coordinator reads them and types the one that is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from carecoord_tui.domain.billing_rows import BenefitRow, BenefitsRead
from carecoord_tui.domain.estimate import accumulator_for
from carecoord_tui.domain.money import format_money
from carecoord_tui.domain.vocabulary import BenefitKind, BenefitLevel, BenefitPeriod, Network

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure to start from, or None with ``why`` it is unknown (empty: nobody named one)."""

    value: Decimal | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """Dollars; ``coinsurance`` is a percentage, 20 for 20 %."""

    copay: Figure = Figure()
    coinsurance: Figure = Figure()
    deductible_left: Figure = Figure()
    out_of_pocket_left: Figure = Figure()


def figures_for(read: BenefitsRead, *, service_on: date) -> Figures:
    """What the newest reading says for a service on a day; accumulators of another year are unknown.

    Source: ``domain.md``, Eligibility.
    """
    copays = _amounts(_of(read.benefits, BenefitKind.COPAY))
    return Figures(
        copay=_only(copays) if copays else Figure(read.copay),
        coinsurance=_only(_percents(_of(read.benefits, BenefitKind.COINSURANCE)), money=False),
        deductible_left=_left(read, BenefitKind.DEDUCTIBLE, service_on),
        out_of_pocket_left=_left(read, BenefitKind.OUT_OF_POCKET, service_on),
    )


def _left(read: BenefitsRead, kind: BenefitKind, service_on: date) -> Figure:
    """What remains of a yearly amount; the yearly amount itself says nothing of what is left."""
    remaining = [row for row in read.benefits if row.period is BenefitPeriod.REMAINING]
    found = _only(_amounts(_of(remaining, kind)))
    if found.value is None:
        return found
    if accumulator_for(found.value, read_on=read.read_on, service_on=service_on) is None:
        return Figure(why=f"{format_money(found.value)} was read for {read.read_on.year}: ask again")
    return found


def _of(rows: Iterable[BenefitRow], kind: BenefitKind) -> list[BenefitRow]:
    """Figures of a kind that are about this patient at a network office; said ones before unsaid ones."""
    own = [row for row in rows if row.kind is kind]
    own = [row for row in own if row.network is Network.IN] or [
        row for row in own if row.network is Network.UNKNOWN
    ]
    return [row for row in own if row.level is BenefitLevel.INDIVIDUAL] or [
        row for row in own if row.level is BenefitLevel.UNKNOWN
    ]


def _amounts(rows: Sequence[BenefitRow]) -> list[Decimal]:
    return sorted({row.amount for row in rows if row.amount is not None})


def _percents(rows: Sequence[BenefitRow]) -> list[Decimal]:
    return sorted({row.percent for row in rows if row.percent is not None and 0 <= row.percent <= _HUNDRED})


def _only(values: Sequence[Decimal], *, money: bool = True) -> Figure:
    if len(values) == 1:
        return Figure(values[0])
    if not values:
        return Figure()
    said = ", ".join(format_money(value) if money else f"{value:f} %" for value in values)
    return Figure(why=f"several named: {said}")
