"""What a patient will owe: the vectors of ``domain.md``, unknowns, the lines, typed amounts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from carecoord_tui.domain.estimate import (
    NO_LIMIT,
    Amount,
    Certainty,
    CopayMode,
    EstimateInputs,
    MoneyError,
    estimate,
    format_money,
    format_percent,
    parse_money,
    parse_percent,
)
from carecoord_tui.domain.money import cents

D = Decimal


def inputs(**changes: Any) -> EstimateInputs:
    """Step 12 of the Monday: allowed 900, deductible left 200, 30 %; plenty of out-of-pocket left."""
    known: dict[str, Any] = {
        "allowed": D(900),
        "deductible_remaining": D(200),
        "rate": D("0.30"),
        "oop_remaining": D(3000),
        "copay_mode": CopayMode.NONE,
        "copay": None,
        "noncovered": D(0),
    }
    return EstimateInputs(**{**known, **changes})


def lines(made: EstimateInputs) -> dict[str, str]:
    return {line.words: line.amount.words for line in estimate(made).lines}


# --- Vectors and modes --------------------------------------------------------------------------


def test_monday_step_12() -> None:
    answer = estimate(inputs())
    assert answer.headline == "$410.00"
    assert answer.certainty is Certainty.EXACT
    assert (answer.missing, answer.ask, answer.bound, answer.notes) == ((), "", "", ())


def test_copay_only() -> None:
    made = inputs(allowed=D(150), copay_mode=CopayMode.INSTEAD, copay=D(30))
    assert estimate(made).headline == "$30.00"
    blank = replace(made, allowed=None, deductible_remaining=None, rate=None)
    assert estimate(blank).headline == "$30.00"  # what a copay replaces is not asked for


def test_a_blank_out_of_pocket_is_unknown_and_still_says_at_most() -> None:
    answer = estimate(inputs(oop_remaining=None))
    assert answer.headline == "unknown"
    assert answer.bound == "at most $410.00"
    assert answer.missing == ("out-of-pocket remaining",)
    assert answer.ask == "Not known: out-of-pocket remaining."
    assert answer.lines[-1].words == "Patient owes"
    assert answer.lines[-1].amount.words == "at most $410.00"


def test_no_limit_is_known_and_differs_from_unknown() -> None:
    assert estimate(inputs(oop_remaining=NO_LIMIT)).headline == "$410.00"
    assert lines(inputs(oop_remaining=NO_LIMIT))["No out-of-pocket limit"] == "$410.00"


@pytest.mark.parametrize(
    ("changes", "owed"),
    [
        ({"copay_mode": CopayMode.BEFORE, "copay": D(25)}, "$435.00"),
        ({"copay_mode": CopayMode.AFTER, "copay": D(25)}, "$435.00"),
        ({"copay_mode": CopayMode.AFTER, "copay": D(25), "deductible_remaining": D(900)}, "$900.00"),
        ({"copay_mode": CopayMode.BEFORE, "copay": D(25), "deductible_remaining": D(900)}, "$925.00"),
        ({"copay_mode": CopayMode.NONE, "copay": D(25)}, "$410.00"),
        ({"oop_remaining": D(100)}, "$100.00"),
        ({"oop_remaining": D(0), "noncovered": D(60)}, "$60.00"),  # what is not covered has no limit
        ({"deductible_remaining": D(0)}, "$270.00"),
        ({"deductible_remaining": D(5000)}, "$900.00"),
        ({"rate": D(0)}, "$200.00"),
        ({"allowed": D(0)}, "$0.00"),
        ({"allowed": D("0.05"), "deductible_remaining": D(0), "rate": D("0.30")}, "$0.02"),  # 1.5 cents
        ({"allowed": D("100.01"), "deductible_remaining": D(0), "rate": D("0.125")}, "$12.50"),
    ],
)
def test_modes_limits_and_cents(changes: dict[str, Any], owed: str) -> None:
    assert estimate(inputs(**changes)).headline == owed


@pytest.mark.parametrize(("exact", "rounded"), [("0.125", "0.13"), ("0.135", "0.14"), ("0.1249", "0.12")])
def test_half_a_cent_is_rounded_up(exact: str, rounded: str) -> None:
    """Never to the even cent: 0.125 would be 0.12."""
    assert cents(Decimal(exact)) == Decimal(rounded)


# --- Unknown is not zero ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "headline", "bound", "missing"),
    [
        ({"deductible_remaining": None}, "$270.00 to $900.00", "", "deductible remaining"),
        ({"rate": None}, "$200.00 to $900.00", "", "coinsurance"),
        ({"rate": None, "deductible_remaining": D(900)}, "$900.00", "", ""),
        ({"allowed": None}, "unknown", "at most $3,000.00", "allowed amount"),
        ({"allowed": None, "oop_remaining": NO_LIMIT}, "unknown", "", "allowed amount"),
        ({"noncovered": None}, "unknown", "at least $410.00", "amount not covered"),
        ({"copay_mode": CopayMode.BEFORE}, "$410.00 to $3,000.00", "", "copay"),
        (
            {"copay_mode": CopayMode.BEFORE, "oop_remaining": NO_LIMIT},
            "unknown",
            "at least $410.00",
            "copay",
        ),
        (
            {"copay_mode": None, "copay": D(700)},
            "$700.00 to $1,110.00",  # a copay that was entered is owed in every mode
            "",
            "how the copay meets the deductible",
        ),
        (
            {"copay_mode": None, "copay": D(25)},
            "$25.00 to $435.00",
            "",
            "how the copay meets the deductible",
        ),
        (
            {"oop_remaining": None, "noncovered": D(60)},
            "unknown",
            "$60.00 to $470.00",
            "out-of-pocket remaining",
        ),
        (
            {"copay_mode": CopayMode.AFTER, "copay": D(700), "deductible_remaining": None},
            "$900.00 to $1,600.00",  # a deductible that takes all does away with the copay
            "",
            "deductible remaining",
        ),
    ],
)
def test_unknowns(changes: dict[str, Any], headline: str, bound: str, missing: str) -> None:
    answer = estimate(inputs(**changes))
    assert (answer.headline, answer.bound, ", ".join(answer.missing)) == (headline, bound, missing)


def test_every_missing_figure_is_named() -> None:
    blank = EstimateInputs(
        allowed=None, deductible_remaining=None, rate=None, oop_remaining=None,
        copay_mode=None, copay=None, noncovered=None,
    )  # fmt: skip
    answer = estimate(blank)
    assert (answer.headline, answer.bound) == ("unknown", "")
    assert len(answer.missing) == 7
    assert {line.amount.words for line in answer.lines} == {"unknown"}


# --- Lines and notes ----------------------------------------------------------------------------


def test_the_arithmetic_line_by_line() -> None:
    made = inputs(copay_mode=CopayMode.BEFORE, copay=D(25), oop_remaining=D(400), noncovered=D(10))
    assert lines(made) == {
        "Allowed amount": "$900.00",
        "Deductible: the smaller of allowed $900.00 and remaining $200.00": "$200.00",
        "Coinsurance: 30 % of $700.00": "$210.00",
        "Copay, besides deductible and coinsurance": "$25.00",
        "Together": "$435.00",
        "Not more than out-of-pocket remaining, $400.00": "$400.00",
        "Not covered, owed in full": "$10.00",
        "Patient owes": "$410.00",
    }


def test_lines_with_an_unknown_deductible() -> None:
    shown = lines(inputs(deductible_remaining=None))
    assert shown["Deductible: the smaller of allowed $900.00 and remaining unknown"] == "at most $900.00"
    assert shown["Coinsurance: 30 % of what the deductible leaves"] == "at most $270.00"
    assert shown["Together"] == "$270.00 to $900.00"


def test_a_copay_above_the_allowed_amount_is_remarked_on() -> None:
    made = inputs(allowed=D(20), copay_mode=CopayMode.INSTEAD, copay=D(30))
    assert estimate(made).notes == (
        "The copay is more than the allowed amount: ask the payer which of the two is owed.",
    )


# --- Properties ---------------------------------------------------------------------------------

AMOUNTS = st.integers(0, 200_000).map(lambda number: D(number) / 100)
FIGURES = {
    "allowed": AMOUNTS,
    "deductible_remaining": AMOUNTS,
    "rate": st.integers(0, 1000).map(lambda number: D(number) / 1000),
    "oop_remaining": AMOUNTS | st.just(NO_LIMIT),
    "copay_mode": st.sampled_from(CopayMode),
    "copay": AMOUNTS,
    "noncovered": AMOUNTS,
}
COMPLETE = st.fixed_dictionaries(FIGURES)


def formula(f: dict[str, Any]) -> Decimal:
    """The formula of ``domain.md``, written down a second time."""
    copay, ded = D(0), min(f["allowed"], f["deductible_remaining"])
    coins = cents((f["allowed"] - ded) * f["rate"])
    if f["copay_mode"] is CopayMode.INSTEAD:
        copay, ded, coins = f["copay"], D(0), D(0)
    elif f["copay_mode"] is CopayMode.BEFORE or (
        f["copay_mode"] is CopayMode.AFTER and f["allowed"] > f["deductible_remaining"]
    ):
        copay = f["copay"]
    return min(copay + ded + coins, f["oop_remaining"]) + f["noncovered"]


def contains(amount: Amount, value: Decimal) -> bool:
    return amount.low <= value and (amount.high is None or value <= amount.high)


@given(COMPLETE)
def test_known_figures_give_the_formula(figures: dict[str, Any]) -> None:
    answer = estimate(EstimateInputs(**figures))
    assert answer.owed == Amount(formula(figures), formula(figures))
    assert answer.owed.low <= figures["oop_remaining"] + figures["noncovered"]
    assert all(line.amount.is_exact for line in answer.lines)


@given(COMPLETE, st.sets(st.sampled_from(sorted(FIGURES))))
def test_a_range_holds_every_completion_of_its_unknowns(figures: dict[str, Any], unknown: set[str]) -> None:
    asked = {name: None if name in unknown else value for name, value in figures.items()}
    # A copay that was typed tells that there is one.
    if figures["copay_mode"] is CopayMode.NONE and asked["copay_mode"] is None and figures["copay"]:
        asked["copay"] = None
    partial, whole = estimate(EstimateInputs(**asked)), estimate(EstimateInputs(**figures))
    assert contains(partial.owed, whole.owed.low)
    if asked["oop_remaining"] is not None and asked["noncovered"] is not None:
        most = asked["oop_remaining"] + asked["noncovered"]
        assert (partial.owed.high or D(0)) <= most
    assert partial.certainty is Certainty.EXACT or partial.missing
    exact = {line.words: line.amount.low for line in whole.lines}
    for line in partial.lines:
        assert line.words not in exact or contains(line.amount, exact[line.words])


@given(COMPLETE, st.sampled_from(sorted(FIGURES)))
def test_what_is_not_missing_does_not_matter(figures: dict[str, Any], name: str) -> None:
    """An unknown figure that is not named changes nothing. A copay entered rules out "no copay"."""
    assume(figures["copay_mode"] is not CopayMode.NONE or not figures["copay"])
    partial = estimate(EstimateInputs(**{**figures, name: None}))
    if not partial.missing:
        assert partial.owed.low == formula(figures)


# --- Text ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("", None), ("   ", None), ("0", "0"), ("410", "410"), ("$1,234.50", "1234.50"), ("$ 12.5", "12.50"),
        (" 1234.50 ", "1234.50"), (".50", "0.50"), ("1,000,000", "1000000"), ("007", "7"),
    ],
)  # fmt: skip
def test_amounts_read(text: str, amount: str | None) -> None:
    assert parse_money(text) == (None if amount is None else D(amount))


@pytest.mark.parametrize("text", ["-5", "$-5", "(5.00)", "−5", "5-", "$ -1,000"])
def test_a_negative_amount_is_refused(text: str) -> None:
    with pytest.raises(MoneyError, match="cannot be negative"):
        parse_money(text)


@pytest.mark.parametrize(
    "text",
    [
        "12,5",
        "1.234,50",
        "12.345",
        "1e3",
        "1,23,456",
        "12 34",
        "NaN",
        "Infinity",
        "€5",
        "٣",
        "five",
        "5 USD",
        ".",
    ],
)
def test_an_amount_that_could_be_two_things_is_refused(text: str) -> None:
    with pytest.raises(MoneyError, match="not understood"):
        parse_money(text)


def test_an_absurd_amount_is_echoed_and_refused() -> None:
    with pytest.raises(MoneyError, match=r"\$12,345,678\.00 is more than \$1,000,000\.00"):
        parse_money("12345678")
    with pytest.raises(MoneyError, match="too long"):
        parse_money("9" * 5000)


@given(AMOUNTS)
def test_an_amount_shown_reads_back(amount: Decimal) -> None:
    assert parse_money(format_money(amount)) == amount


@pytest.mark.parametrize(
    ("text", "share", "echo"),
    [
        ("30 %", "0.3", "30 %"),
        ("30%", "0.3", "30 %"),
        ("30", "0.3", "30 %"),
        ("12.5", "0.125", "12.5 %"),
        ("0", "0", "0 %"),
        ("100", "1", "100 %"),
        ("0.3 %", "0.003", "0.3 %"),
        ("1 %", "0.01", "1 %"),
    ],
)
def test_percentages_read(text: str, share: str, echo: str) -> None:
    read = parse_percent(text)
    assert read is not None
    assert (read.share, read.echo, read.is_ambiguous) == (D(share), echo, False)


def test_a_percentage_that_could_be_two_things_is_echoed() -> None:
    read = parse_percent("0.3")
    assert read is not None
    assert read.is_ambiguous
    assert read.share == D("0.3")
    assert read.echo == "30 % (0.3 read as a share; type 0.3 % for that)"
    one = parse_percent("1")
    assert one is not None
    assert one.echo == "100 % (1 read as a share; type 1 % for that)"
    assert parse_percent(" ") is None


@pytest.mark.parametrize("text", ["130", "130 %", "-5", "thirty", "1e1", "30 % %"])
def test_a_percentage_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        parse_percent(text)


@pytest.mark.parametrize(
    "changes",
    [
        {"allowed": D(-1)},
        {"deductible_remaining": D("-0.01")},
        {"copay": D("NaN")},
        {"noncovered": D("1000000.01")},
        {"allowed": NO_LIMIT},
        {"oop_remaining": D("-Infinity")},
        {"allowed": D("1.005")},
        {"rate": D("1.01")},
        {"rate": D("-0.1")},
        {"rate": D("NaN")},
    ],
)
def test_impossible_figures_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(MoneyError):
        inputs(**changes)


def test_percent_words() -> None:
    assert [format_percent(D(share)) for share in ("0.3", "0.125", "1", "0", "0.20")] == [
        "30 %", "12.5 %", "100 %", "0 %", "20 %",
    ]  # fmt: skip
