"""The Insurance tab of the patient page: plans, authorizations, denials, and what care costs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.text import Text

from carecoord_tui.domain.coverage_span import Span, ends_before_words, gap_words
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.insurance_rows import AuthorizationRecord, DenialRecord, short_day, units_words
from carecoord_tui.domain.money import format_money
from carecoord_tui.domain.rows import CoverageRow
from carecoord_tui.domain.vocabulary import AssistanceStatus, EligibilityResult, Kind
from carecoord_tui.widgets.columns import Cell, Column
from carecoord_tui.widgets.row_source import Row

if TYPE_CHECKING:
    from carecoord_tui.domain.billing_rows import (
        AssistanceRow,
        BillingCaseRow,
        EstimateRow,
        GoodFaithRow,
        PaymentPlanRow,
    )

PAGE_INSURANCE_COLUMNS = (
    Column("what", "", min_width=18, max_width=36, grow=2, style="strong"),
    Column("status", "", min_width=14, max_width=30, priority=95),
    Column("when", "", min_width=16, max_width=30, priority=90),
    Column("number", "", min_width=12, max_width=22, priority=60, style="dim"),
    Column("payer", "", min_width=12, max_width=24, priority=50, style="dim"),
)
COVERAGE, ESTIMATE = "coverage", "estimate"
"""Rows that owe nothing themselves; the others are named by their kind of item."""
GAP = ("gap", 0)  # the days no plan covers: no record


def section(title: str, rows: Sequence[Row]) -> list[Row]:
    """Rows under their heading; nothing where there are none."""
    return [Row(("section", title), (title,), kind="header"), *rows] if rows else []


def coverage_rows(plans: Sequence[CoverageRow], today: date) -> list[Row]:
    """The plans, and below them the days that none of them covers."""
    rows = [coverage_row(plan, today) for plan in plans]
    if gap := gap_words([_span(plan) for plan in plans], today):
        rows.append(Row(GAP, (Text(f"! {gap}", style="alarm"),), kind="line"))
    return rows


def _span(plan: CoverageRow) -> Span:
    return Span(
        name=plan.payer_name,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        is_cancelled=plan.status == "cancelled",
    )


def coverage_row(plan: CoverageRow, today: date) -> Row:
    """A plan with its last day and the last thing its payer said; a cancelled one is dim."""
    is_over = plan.status == "cancelled"
    place, short = _ORDINAL.get(plan.rank, (f"no. {plan.rank}",) * 2)
    status = "cancelled" if is_over else f"pays {place}"
    if not is_over and plan.starts_on is not None and plan.starts_on > today:
        status = f"{short} from {short_day(plan.starts_on, today)}"
    elif not is_over and plan.ends_on is not None:
        status = f"{short} to {short_day(plan.ends_on, today)}"
    is_past = not is_over and plan.ends_on is not None and plan.ends_on < today
    cells = (
        plan.plan_name or plan.payer_name,
        Text(status, style="alarm" if is_past else ""),
        _last_check(plan, today),
        plan.member_id,
        plan.payer_name if plan.plan_name else plan.payer_class.label,
    )
    return Row((COVERAGE, plan.id), cells, style="dim" if is_over else "")


_ORDINAL = {1: ("first", "1st"), 2: ("second", "2nd"), 3: ("third", "3rd")}


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
    is_short = record.status.is_open and bool(ends_before_words(record.valid_to, record.visits_on, today))
    cells = (
        record.service,
        status,
        Text(when, style="alarm" if is_short else ""),
        record.number,
        record.payer,
    )
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
    when = ""
    if given is not None:
        when = f"given {short_day(given, today)}"
    elif record.service_on is not None:
        when = f"service {short_day(record.service_on, today)}"
    elif record.requested_on is not None:
        when = f"asked {short_day(record.requested_on, today)}"
    billed = f"billed {format_money(record.billed)}" if record.billed is not None else ""
    return Row(
        (Kind.GOOD_FAITH.value, record.id), (record.service or "self-pay service", status, when, billed, "")
    )


def _money(amount: Decimal | None) -> str:
    return "not known" if amount is None else format_money(amount)


def billing_case_row(record: BillingCaseRow, today: date) -> Row:
    """A question about a bill: open, or answered."""
    status = Text("open", style="waiting") if record.is_open else Text("answered")
    when = f"asked {short_day(record.opened_on, today)}"
    if record.closed_on is not None:
        when = f"answered {short_day(record.closed_on, today)}"
    amount = "" if record.amount is None else format_money(record.amount)
    return _closable(Kind.BILLING, record, (record.title, status, when, amount, record.payer))


def payment_plan_row(record: PaymentPlanRow, today: date) -> Row:
    """A payment plan: what is overdue, else what is left of it."""
    status, when = _standing(record, today)
    cells = (record.title or "payment plan", status, when, f"of {format_money(record.total)}", "")
    return _closable(Kind.PAYMENT_PLAN, record, cells)


def _standing(record: PaymentPlanRow, today: date) -> tuple[Text, str]:
    agreed = f"agreed {short_day(record.agreed_on, today)}"
    if not record.parts:
        return Text("no payments agreed", style="waiting"), agreed
    now = record.standing_on(today)
    left = f"{format_money(now.left)} left"
    if record.closed_on is not None:
        return Text("paid off" if now.is_paid_off else f"ended, {left}"), (
            f"closed {short_day(record.closed_on, today)}"
        )
    if now.overdue_since is not None:
        overdue = Text(f"{format_money(now.overdue)} overdue", style="alarm")
        return overdue, f"since {short_day(now.overdue_since, today)}"
    return Text(left), f"next {short_day(now.coming.instalment.due_on, today)}" if now.coming else agreed


def assistance_row(record: AssistanceRow, today: date) -> Row:
    """An assistance program: waiting for its answer, running until a day, or over."""
    is_waiting = record.status is AssistanceStatus.APPLIED
    when = f"applied {short_day(record.applied_on, today)}"
    if record.decided_on is not None:
        when = f"answered {short_day(record.decided_on, today)}"
    if record.status is AssistanceStatus.APPROVED:
        when = f"renew {short_day(record.renew_on, today)}" if record.renew_on else "renewal not entered"
    amount = "" if record.amount is None else format_money(record.amount)
    status = Text(record.status.label, style="waiting" if is_waiting else "")
    return _closable(Kind.ASSISTANCE, record, (record.program, status, when, amount, ""))


def _closable(
    kind: Kind, record: BillingCaseRow | PaymentPlanRow | AssistanceRow, cells: tuple[Cell, ...]
) -> Row:
    """A line of a record that is dim once it is closed."""
    return Row((kind.value, record.id), cells, style="" if record.is_open else "dim")


def authorization_words(record: AuthorizationRecord, today: date) -> str:
    """That it ends before visits it is for; what the columns of a narrow terminal leave out."""
    ends = ends_before_words(record.valid_to, record.visits_on, today) if record.status.is_open else ""
    return _joined(
        f"! {ends}" if ends else "",
        record.payer,
        f"no. {record.number}" if record.number else "",
        f"opened {format_day(record.opened_on, today)}",
        record.note,
    )


def denial_words(record: DenialRecord) -> str:
    """The reason, the claim, the note."""
    claim = f"claim {record.claim_number}" if record.claim_number else ""
    return _joined(record.payer, record.reason, claim, record.note)


def good_faith_words(record: GoodFaithRow, today: date) -> str:
    """When it was asked for or booked, for which visit; the note."""
    return _joined(
        f"asked for {format_day(record.requested_on, today)}" if record.requested_on else "",
        f"booked {format_day(record.scheduled_on, today)}" if record.scheduled_on else "",
        f"service {format_day(record.service_on, today)}" if record.service_on else "",
        f"bill received {format_day(record.billed_on, today)}" if record.billed_on else "",
        record.note,
    )


def billing_case_words(record: BillingCaseRow, today: date) -> str:
    """Who sent the bill, since when it is asked; the note, which is the answer once there is one."""
    return _joined(record.payer, f"asked {format_day(record.opened_on, today)}", record.note)


def payment_plan_words(record: PaymentPlanRow, today: date) -> str:
    """What came in, the next payment, the note."""
    if not record.parts:
        return record.note
    now = record.standing_on(today)
    coming = now.coming if record.is_open else None
    due = format_day(coming.instalment.due_on, today) if coming else ""
    return _joined(
        f"paid {format_money(now.paid)} of {format_money(now.total)}",
        f"next {format_money(coming.left)} on {due}" if coming else "",
        f"agreed {format_day(record.agreed_on, today)}",
        record.note,
    )


def assistance_words(record: AssistanceRow, today: date) -> str:
    """Applied, answered, the note."""
    return _joined(
        f"applied {format_day(record.applied_on, today)}",
        f"answered {format_day(record.decided_on, today)}" if record.decided_on else "",
        record.note,
    )


def _joined(*parts: str) -> str:
    return " · ".join(filter(None, parts))
