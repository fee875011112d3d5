"""What care costs the people of the Monday: what payers named, what patients were told, owe and asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from carecoord_tui.demo.drafts import Chart, Row
from carecoord_tui.domain.estimate import estimate
from carecoord_tui.domain.vocabulary import BenefitKind, BenefitLevel, BenefitPeriod, Network
from carecoord_tui.store import tables as t
from carecoord_tui.store.actions.billing import EstimateEntry


@dataclass(frozen=True, slots=True)
class Named:
    """A figure a payer named for the patient in network: dollars, or a percentage where ``is_share``."""

    kind: BenefitKind
    figure: int
    period: BenefitPeriod = BenefitPeriod.UNKNOWN
    is_share: bool = False


USUAL = (
    Named(BenefitKind.COPAY, 30, BenefitPeriod.VISIT),
    Named(BenefitKind.DEDUCTIBLE, 1_500, BenefitPeriod.YEAR),
    Named(BenefitKind.DEDUCTIBLE, 200, BenefitPeriod.REMAINING),
    Named(BenefitKind.COINSURANCE, 20, is_share=True),
    Named(BenefitKind.OUT_OF_POCKET, 6_000, BenefitPeriod.YEAR),
    Named(BenefitKind.OUT_OF_POCKET, 3_100, BenefitPeriod.REMAINING),
)
"""What an eligibility call asks for."""


def read_benefits(chart: Chart, plan: Row, read_on: date, figures: Sequence[Named] = USUAL) -> Row:
    """A check of a plan on a day, with every figure the payer named."""
    check = chart.check(plan, read_on, read_on, benefits_read_on=read_on)
    for one in figures:
        figure = Decimal(one.figure)
        chart.add(
            t.Benefit,
            check_id=check,
            kind=one.kind,
            network=Network.IN,
            level=BenefitLevel.INDIVIDUAL,
            period=one.period,
            amount=None if one.is_share else figure,
            percent=figure if one.is_share else None,
        )
    return check


def told(chart: Chart, plan: Row, made_on: date, entry: EstimateEntry) -> Row:
    """An estimate as the patient was told it, with what its figures come to."""
    owed = estimate(entry.inputs()).owed
    return chart.add(
        t.Estimate,
        **asdict(entry) | {"coverage_id": plan, "made_on": made_on, "low": owed.low, "high": owed.high},
    )


def payment_plan(
    chart: Chart, title: str, agreed_on: date, dues: Sequence[date], amount: Decimal, *, paid: int
) -> Row:
    """Equal payments on these days, the first ``paid`` of them in on their day."""
    plan = chart.add(t.PaymentPlan, title=title, total=amount * len(dues), agreed_on=agreed_on)
    for number, due_on in enumerate(dues):
        chart.add(
            t.Installment,
            plan_id=plan,
            due_on=due_on,
            amount=amount,
            paid_on=due_on if number < paid else None,
        )
    return plan
