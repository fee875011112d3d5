"""The Insurance tab of the patient page: plans, authorizations, denials, and what care costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.text import Text

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.insurance_rows import AuthorizationRecord, DenialRecord, short_day, units_words
from carecoord_tui.domain.money import format_money
from carecoord_tui.domain.rows import CoverageRow
from carecoord_tui.domain.vocabulary import EligibilityResult, Kind
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row

if TYPE_CHECKING:
    from carecoord_tui.domain.billing_rows import EstimateRow, GoodFaithRow

PAGE_INSURANCE_COLUMNS = (
    Column("what", "", min_width=18, max_width=36, grow=2, style="strong"),
    Column("status", "", min_width=14, max_width=30, priority=95),
    Column("when", "", min_width=16, max_width=30, priority=90),
    Column("number", "", min_width=12, max_width=22, priority=60, style="dim"),
    Column("payer", "", min_width=12, max_width=24, priority=50, style="dim"),
)
COVERAGE, ESTIMATE = "coverage", "estimate"
"""Rows that owe nothing themselves; the others are named by their kind of item."""


def section(title: str, rows: Sequence[Row]) -> list[Row]:
    """Rows under their heading; nothing where there are none."""
    return [Row(("section", title), (title,), kind="header"), *rows] if rows else []


def coverage_row(plan: CoverageRow, today: date) -> Row:
    """A plan with the last thing its payer said; a cancelled one is dim."""
    is_over = plan.status == "cancelled"
    cells = (
        plan.plan_name or plan.payer_name,
        "cancelled" if is_over else f"pays {_ORDINAL.get(plan.rank, f'no. {plan.rank}')}",
        _last_check(plan, today),
        plan.member_id,
        plan.payer_name if plan.plan_name else plan.payer_class.label,
    )
    return Row((COVERAGE, plan.id), cells, style="dim" if is_over else "")


_ORDINAL = {1: "first", 2: "second", 3: "third"}


def _last_check(plan: CoverageRow, today: date) -> Text:
    if plan.last_checked_on is None:
        return Text("never checked", style="waiting")
    day = short_day(plan.last_checked_on, today)
    is_active = plan.last_result == EligibilityResult.ACTIVE
    return Text(
        f"active, {day}" if is_active else f"{EligibilityResult(plan.last_result).label}, {day}",
        style="" if is_active else "alarm",
    )


def authorization_row(record: AuthorizationRecord, today: date) -> Row:
    """A service with its status, its validity and what is used up."""
    units = units_words(record.units_used, record.units_authorized)
    status = f"{record.status.label}, {units}" if units else record.status.label
    when = f"opened {short_day(record.opened_on, today)}"
    if record.valid_to is not None:
        start = f"{short_day(record.valid_from, today)} " if record.valid_from else ""
        when = f"{start}to {short_day(record.valid_to, today)}"
    cells = (record.service, status, when, record.number, record.payer)
    style = "" if record.status.is_open else "dim"
    return Row((Kind.AUTHORIZATION.value, record.id), cells, style=style)


def denial_row(record: DenialRecord, today: date) -> Row:
    """What was denied, when, and what became of it."""
    status = Text(record.status.label, style="alarm" if record.status.is_open else "")
    when = f"letter {short_day(record.notice_on, today)}"
    number = format_money(record.amount) if record.amount is not None else record.claim_number
    cells = (record.service, status, when, number, record.payer)
    return Row((Kind.DENIAL.value, record.id), cells, style="" if record.status.is_open else "dim")


def estimate_row(record: EstimateRow, today: date) -> Row:
    """What the patient was told they may owe; no ceiling is said, not left out."""
    day = f"made {short_day(record.made_on, today)}"
    return Row((ESTIMATE, record.id), (record.service or "estimate", _range(record), day, "", ""))


def _range(record: EstimateRow) -> str:
    if record.low is None:
        return "not known"
    if record.high is None:
        return f"from {format_money(record.low)}"
    if record.low == record.high:
        return format_money(record.low)
    return f"{format_money(record.low)} to {format_money(record.high)}"


def good_faith_row(record: GoodFaithRow, today: date) -> Row:
    """A good-faith estimate: given, or owed."""
    given = record.given_on
    status = Text("not given yet", style="waiting") if given is None else Text(_money(record.amount))
    when = f"given {short_day(given, today)}" if given is not None else ""
    if given is None and record.service_on is not None:
        when = f"service {short_day(record.service_on, today)}"
    billed = f"billed {format_money(record.billed)}" if record.billed is not None else ""
    return Row(
        (Kind.GOOD_FAITH.value, record.id), (record.service or "self-pay service", status, when, billed, "")
    )


def _money(amount: Decimal | None) -> str:
    return "not known" if amount is None else format_money(amount)


def authorization_words(record: AuthorizationRecord, today: date) -> str:
    """What the columns of a narrow terminal leave out."""
    parts = (
        record.payer,
        f"no. {record.number}" if record.number else "",
        f"opened {format_day(record.opened_on, today)}",
        record.note,
    )
    return " · ".join(filter(None, parts))


def denial_words(record: DenialRecord) -> str:
    """The reason, the claim, the note."""
    parts = (record.payer, record.reason, record.claim_number and f"claim {record.claim_number}", record.note)
    return " · ".join(filter(None, parts))
