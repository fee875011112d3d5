"""Which of a payer's figures an estimate may start from. What is not said plainly stays unknown.

The patient's own in-network figures count; where several different ones remain (by service, by plan)
none is chosen: the coordinator reads them and types the one that is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.eligibility_rows import BenefitRow, CoverageBenefits, Group
from carecoord_tui.domain.money import format_money, format_percent
from carecoord_tui.domain.vocabulary import BenefitKind, BenefitLevel, Network

GROUPS: tuple[Group, ...] = tuple(
    (network, level)
    for network in (Network.IN, Network.UNKNOWN)
    for level in (BenefitLevel.INDIVIDUAL, BenefitLevel.UNKNOWN)
)
"""Whose figures may stand for the patient's own at a network office; said ones before unsaid ones."""
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure to start from, with the day it was read; without ``row`` it is unknown, ``why`` says so.

    ``why`` is empty where nobody ever named one.
    """

    row: BenefitRow | None = None
    why: str = ""

    @property
    def value(self) -> Decimal | None:
        """Dollars; of a coinsurance the percentage, 20 for 20 %."""
        return None if self.row is None else _value(self.row)


@dataclass(frozen=True, slots=True)
class Figures:
    """What an estimate starts from."""

    copay: Figure = Figure()
    coinsurance: Figure = Figure()
    deductible_left: Figure = Figure()
    out_of_pocket_left: Figure = Figure()


def figures_for(plan: CoverageBenefits, *, service_on: date, today: date) -> Figures:
    """What is known of a plan for a service on a day; what is left of another year is unknown.

    The yearly amount itself says nothing of what is left of it. Source: ``domain.md``, Eligibility.
    """

    def find(kind: BenefitKind, *, remaining: bool = False) -> Figure:
        return _figure(plan, kind, remaining=remaining, on=service_on, today=today)

    return Figures(
        copay=find(BenefitKind.COPAY),
        coinsurance=find(BenefitKind.COINSURANCE),
        deductible_left=find(BenefitKind.DEDUCTIBLE, remaining=True),
        out_of_pocket_left=find(BenefitKind.OUT_OF_POCKET, remaining=True),
    )


def _figure(plan: CoverageBenefits, kind: BenefitKind, *, remaining: bool, on: date, today: date) -> Figure:
    """The figure of the first group that has one."""
    for group in GROUPS:
        named = [
            row
            for row in plan.figures
            if row.kind is kind
            and row.group == group
            and row.is_accumulator is remaining
            and _value(row) is not None
        ]
        if named:
            row = plan.figure(kind, group=group, remaining=remaining, on=on)
            return Figure(why=_why(named, on, today)) if row is None else Figure(row)
    return Figure()


def _why(named: Iterable[BenefitRow], on: date, today: date) -> str:
    """Why none of these is the figure: its year is over, or they differ."""
    known = [row for row in named if row.is_known_on(on)]
    if not known:
        past = max(named, key=lambda row: row.stood_on)
        return f"unknown from 1 Jan: was {_words(past)}, {format_day(past.stood_on, today)}"
    said = list(dict.fromkeys(_words(row) for row in sorted(known, key=lambda row: _value(row) or 0)))
    return f"several named: {', '.join(said)}" if len(said) > 1 else f"{said[0]} only in part: read it anew"


def _value(row: BenefitRow) -> Decimal | None:
    return row.percent if row.kind is BenefitKind.COINSURANCE else row.amount


def _words(row: BenefitRow) -> str:
    value = _value(row) or Decimal(0)
    is_share = row.kind is BenefitKind.COINSURANCE
    return format_percent(value / _HUNDRED) if is_share else format_money(value)
