"""Which of a payer's figures an estimate starts from; nothing is guessed, nothing outlives its year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from carecoord_tui.domain.benefit_figures import Figures, figures_for
from carecoord_tui.domain.eligibility_rows import BenefitRow, CoverageBenefits
from carecoord_tui.domain.vocabulary import BenefitKind, BenefitLevel, BenefitPeriod, Network, PayerClass

D = Decimal
TODAY, DECEMBER, JANUARY = date(2026, 11, 30), date(2026, 12, 31), date(2027, 1, 1)
READ = date(2026, 11, 3)


def named(kind: BenefitKind, amount: int | None = None, **about: Any) -> BenefitRow:
    """What is left of a figure for the patient in network, unless told otherwise."""
    usual: dict[str, Any] = {
        "id": 1,
        "check_id": 1,
        "network": Network.IN,
        "level": BenefitLevel.INDIVIDUAL,
        "period": BenefitPeriod.REMAINING,
        "read_on": READ,
        "as_of": READ,
        "amount": None if amount is None else D(amount),
    }
    return BenefitRow(kind=kind, **(usual | about))


def known(*rows: BenefitRow, on: date = DECEMBER) -> Figures:
    plan = CoverageBenefits(
        coverage_id=1, payer_name="Humana", payer_class=PayerClass.COMMERCIAL, plan_name="", rank=1,
        is_cancelled=False, figures=rows,
    )  # fmt: skip
    return figures_for(plan, service_on=on, today=TODAY)


VISIT = {"period": BenefitPeriod.VISIT}
DEDUCTIBLE, COPAY, COINSURANCE = BenefitKind.DEDUCTIBLE, BenefitKind.COPAY, BenefitKind.COINSURANCE


def test_nothing_named_is_unknown_without_a_reason() -> None:
    assert known() == Figures()
    assert known().copay.value is None


def test_the_patients_own_figures_in_network() -> None:
    found = known(
        named(DEDUCTIBLE, 200),
        named(DEDUCTIBLE, 1500, period=BenefitPeriod.YEAR),
        named(DEDUCTIBLE, 700, level=BenefitLevel.FAMILY),
        named(DEDUCTIBLE, 4000, network=Network.OUT),
        named(BenefitKind.OUT_OF_POCKET, 3100),
        named(COINSURANCE, percent=D(20), period=BenefitPeriod.UNKNOWN),
        named(COPAY, 30, **VISIT),
    )
    assert found.deductible_left.value == D(200)
    assert found.out_of_pocket_left.value == D(3100)
    assert (found.coinsurance.value, found.copay.value) == (D(20), D(30))
    assert found.copay.row is not None
    assert found.copay.row.read_on == READ


def test_the_yearly_amount_and_other_peoples_figures_are_not_what_is_left() -> None:
    found = known(
        named(DEDUCTIBLE, 1500, period=BenefitPeriod.YEAR),
        named(DEDUCTIBLE, 700, level=BenefitLevel.FAMILY),
        named(BenefitKind.OUT_OF_POCKET, 4000, network=Network.OUT),
    )
    assert found == Figures()


def test_a_figure_whose_network_was_not_said_stands_behind_one_that_was() -> None:
    unsaid = named(DEDUCTIBLE, 900, network=Network.UNKNOWN, level=BenefitLevel.UNKNOWN)
    assert known(unsaid).deductible_left.value == D(900)
    assert known(unsaid, named(DEDUCTIBLE, 200)).deductible_left.value == D(200)


@pytest.mark.parametrize(("on", "left"), [(DECEMBER, D(200)), (JANUARY, None)])
def test_an_accumulator_is_unknown_again_on_1_january(on: date, left: Decimal | None) -> None:
    """domain.md, Eligibility."""
    found = known(named(DEDUCTIBLE, 200), named(COPAY, 30, **VISIT), on=on)
    assert found.deductible_left.value == left
    assert found.copay.value == D(30), "a copay has no year"
    why = "" if left else "unknown from 1 Jan: was $200.00, Tue 3 Nov"
    assert found.deductible_left.why == why


def test_what_was_left_of_last_year_is_not_of_this_one_although_it_was_read_in_it() -> None:
    found = known(
        named(DEDUCTIBLE, 0, read_on=date(2026, 1, 4), as_of=date(2025, 12, 30)), on=date(2026, 1, 20)
    )
    assert found.deductible_left.value is None
    assert found.deductible_left.why == "unknown from 1 Jan: was $0.00, Tue 30 Dec 2025"


def test_of_several_none_is_chosen() -> None:
    rows = [named(COPAY, amount, service_type=code, **VISIT) for amount, code in ((40, "UC"), (20, "98"))]
    assert known(*rows).copay.value is None
    assert known(*rows).copay.why == "several named: $20.00, $40.00"
    shares = [named(COINSURANCE, percent=D(share), plan=str(share), **VISIT) for share in (30, 0)]
    assert known(*shares).coinsurance.why == "several named: 0 %, 30 %"
    same = [named(COPAY, 20, service_type=code, **VISIT) for code in ("UC", "98")]
    assert known(*same).copay.value == D(20), "two services of one figure"


def test_a_figure_with_words_beside_it_is_read_by_a_person() -> None:
    rows = [named(COPAY, 20, **VISIT), named(COPAY, text="waived for preventive care", plan="B", **VISIT)]
    assert known(*rows).copay.value is None
    assert known(*rows).copay.why == "$20.00 only in part: read it anew"
    assert known(rows[1]).copay == Figures().copay


def test_a_zero_is_a_figure() -> None:
    found = known(named(DEDUCTIBLE, 0))
    assert found.deductible_left.value == D(0)
