"""Good-faith estimates: the vectors of ``domain.md`` and the right to dispute."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carecoord_tui.domain.good_faith import DisputeRight, dispute, estimate_due
from carecoord_tui.domain.money import MoneyError
from carecoord_tui.domain.rulepack import RuleError
from tests.domain.make import CONTEXT, MONDAY, day

D = Decimal


@pytest.mark.parametrize(
    ("service", "due"),
    [
        ("2026-12-14", "2026-12-03"),  # ten business days ahead
        ("2026-12-11", "2026-12-01"),  # nine
        ("2026-12-03", "2026-12-01"),  # three
        ("2026-12-02", None),  # two
        ("2026-11-30", None),
    ],
)
def test_monday_step_13(service: str, due: str | None) -> None:
    deadline = estimate_due(CONTEXT, booked_on=MONDAY, service_on=day(service))
    assert deadline.rule_id == "gfe.scheduled"
    assert deadline.legal_on == (day(due) if due else None)
    assert deadline.why


def test_on_request_three_business_days() -> None:
    deadline = estimate_due(CONTEXT, requested_on=MONDAY)
    assert (deadline.rule_id, deadline.legal_on) == ("gfe.requested", day("2026-12-03"))


def test_a_request_for_a_visit_too_near_for_the_other_rule() -> None:
    asked = estimate_due(
        CONTEXT, booked_on=MONDAY, service_on=day("2026-12-02"), requested_on=day("2026-12-01")
    )
    assert (asked.rule_id, asked.legal_on) == ("gfe.requested", day("2026-12-04"))


def test_of_a_booking_and_a_request_the_earlier_clock_binds() -> None:
    both = estimate_due(CONTEXT, booked_on=MONDAY, service_on=day("2026-12-03"), requested_on=MONDAY)
    assert (both.rule_id, both.legal_on) == ("gfe.scheduled", day("2026-12-01"))


def test_holidays_are_not_counted() -> None:
    requested = estimate_due(CONTEXT, requested_on=day("2026-11-24"))  # Thanksgiving is the 26th
    assert requested.legal_on == day("2026-11-30")


@pytest.mark.parametrize(
    ("booked", "service", "words"),
    [
        (None, None, "enter one"),
        (MONDAY, None, "service date"),
        (MONDAY, day("2026-11-27"), "before the start date"),
    ],
)
def test_what_cannot_be_counted_is_refused(booked: date | None, service: date | None, words: str) -> None:
    with pytest.raises(RuleError, match=words):
        estimate_due(CONTEXT, booked_on=booked, service_on=service)


@given(st.integers(0, 400), st.integers(0, 400))
def test_a_clock_never_ends_before_it_starts_nor_on_or_after_a_visit(start: int, ahead: int) -> None:
    booked = MONDAY + timedelta(days=start)
    service = booked + timedelta(days=ahead)
    due = estimate_due(CONTEXT, booked_on=booked, service_on=service).legal_on
    assert due is None or booked < due < service


# --- Dispute ------------------------------------------------------------------------------------


def test_400_dollars_above_may_be_disputed_for_120_days() -> None:
    found = dispute(CONTEXT, estimated=D(600), billed=D(1000), received_on=MONDAY)
    assert found.right is DisputeRight.OPEN
    assert found.above == D(400)
    assert found.deadline is not None
    assert found.deadline.legal_on == MONDAY + timedelta(days=120)
    assert found.words.startswith("Billed $1,000.00, $400.00 above the estimate of $600.00: the patient may")


def test_a_cent_less_may_not() -> None:
    found = dispute(CONTEXT, estimated=D(600), billed=D("999.99"), received_on=MONDAY)
    assert (found.right, found.deadline) == (DisputeRight.NONE, None)
    assert found.words == (
        "Billed $999.99, $399.99 above the estimate of $600.00: no right to dispute below $400.00 above it."
    )


@pytest.mark.parametrize(("billed", "compared"), [(500, "$100.00 below"), (600, "the same as")])
def test_a_bill_not_above_its_estimate(billed: int, compared: str) -> None:
    found = dispute(CONTEXT, estimated=D(600), billed=D(billed), received_on=None)
    assert (found.right, found.above) == (DisputeRight.NONE, D(0))
    assert compared in found.words


def test_unknown_figures_are_not_zero() -> None:
    for estimated, billed, asked in ((None, D(1000), "estimate"), (D(600), None, "bill")):
        found = dispute(CONTEXT, estimated=estimated, billed=billed, received_on=MONDAY)
        assert (found.right, found.above) == (DisputeRight.UNKNOWN, None)
        assert found.words == f"Cannot tell: enter the amount of the {asked}."
    open_ended = dispute(CONTEXT, estimated=D(600), billed=D(1000), received_on=None)
    assert (open_ended.right, open_ended.deadline) == (DisputeRight.OPEN, None)
    assert "enter the day the bill was received" in open_ended.words


def test_negative_amounts_are_refused() -> None:
    with pytest.raises(MoneyError, match="bill"):
        dispute(CONTEXT, estimated=D(0), billed=D(-1), received_on=MONDAY)
