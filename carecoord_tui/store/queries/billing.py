"""Reads about what care costs a patient: estimates, good-faith estimates, cases, plans, assistance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.domain.billing_rows import (
    AssistanceRow,
    BenefitRow,
    BenefitsRead,
    BillingCaseRow,
    CoverageRow,
    DenialChoice,
    EstimateRow,
    GoodFaithRow,
    PartRow,
    PaymentPlanRow,
    VisitToCome,
)
from carecoord_tui.domain.vocabulary import (
    AssistanceStatus,
    BenefitKind,
    BenefitLevel,
    BenefitPeriod,
    BillingStatus,
    CopayMode,
    CoverageStatus,
    Network,
    PayerClass,
)
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.tables.base import utc_text

_MOST = 9  # of anything a form lets choose from: one key each


def coverages_of(execute: Execute, patient_id: int) -> list[CoverageRow]:
    """The plans of a patient that are not cancelled, in order of payment."""
    return [
        CoverageRow(
            id=r[0],
            payer=r[1],
            payer_class=PayerClass(r[2]),
            plan_name=r[3],
            member_id=r[4],
            rank=r[5],
            status=CoverageStatus(r[6]),
        )
        for r in execute(
            "SELECT c.id, p.name, p.payer_class, c.plan_name, c.member_id, c.rank, c.status"
            " FROM coverage c JOIN payer p ON p.id = c.payer_id"
            " WHERE c.patient_id = ? AND c.status <> 'cancelled' ORDER BY c.rank, c.id",
            [patient_id],
        )
    ]


def newest_benefits(execute: Execute, coverage_id: int) -> BenefitsRead | None:
    """The last time anybody read the benefits of a plan; None when nobody did."""
    checks = execute(
        "SELECT id, coalesce(benefits_read_on, checked_on), copay FROM eligibility_check k"
        " WHERE coverage_id = ? AND (benefits_read_on IS NOT NULL"
        "  OR EXISTS (SELECT 1 FROM benefit b WHERE b.check_id = k.id))"
        " ORDER BY 2 DESC, id DESC LIMIT 1",
        [coverage_id],
    )
    for check_id, read_on, copay in checks:
        rows = execute(
            "SELECT kind, amount, percent, network, level, period FROM benefit"
            " WHERE check_id = ? ORDER BY id",
            [check_id],
        )
        return BenefitsRead(
            read_on=date.fromisoformat(read_on),
            copay=_money(copay),
            benefits=tuple(map(_benefit, rows)),
        )
    return None


def _benefit(r: Sequence[Any]) -> BenefitRow:
    return BenefitRow(
        kind=BenefitKind(r[0]),
        amount=_money(r[1]),
        percent=_money(r[2]),
        network=Network(r[3]),
        level=BenefitLevel(r[4]),
        period=BenefitPeriod(r[5]),
    )


def visit_of(execute: Execute, appointment_id: int, zone: ZoneInfo) -> VisitToCome | None:
    """One visit; None when it is no longer there."""
    for row in execute(f"{_VISIT} WHERE id = ?", [appointment_id]):
        return _visit(row, zone)
    return None


def visits_to_come(execute: Execute, patient_id: int, today: date, zone: ZoneInfo) -> list[VisitToCome]:
    """The next booked visits of a patient from ``today`` on (practice-local), at most nine."""
    start = datetime.combine(today, time(0), tzinfo=zone)
    rows = execute(
        f"{_VISIT} WHERE patient_id = ? AND starts_at >= ? AND status IN ('proposed', 'booked')"
        " ORDER BY starts_at, id LIMIT ?",
        [patient_id, utc_text(start), _MOST],
    )
    return [_visit(row, zone) for row in rows]


_VISIT = "SELECT id, title, starts_at, booked_on FROM appointment"


def _visit(r: Sequence[Any], zone: ZoneInfo) -> VisitToCome:
    starts_at = datetime.fromisoformat(r[2]).astimezone(zone)
    return VisitToCome(id=r[0], title=r[1], visit_on=starts_at.date(), booked_on=date.fromisoformat(r[3]))


def estimates_of(execute: Execute, patient_id: int) -> list[EstimateRow]:
    """The estimates a patient was given, the newest first."""
    return [
        EstimateRow(
            id=r[0],
            service=r[1],
            made_on=date.fromisoformat(r[2]),
            copay_mode=CopayMode(r[3]) if r[3] else None,
            low=_money(r[4]),
            high=_money(r[5]),
        )
        for r in execute(
            "SELECT id, service, made_on, copay_mode, low, high FROM estimate WHERE patient_id = ?"
            " ORDER BY made_on DESC, id DESC",
            [patient_id],
        )
    ]


def good_faith_of(execute: Execute, patient_id: int) -> list[GoodFaithRow]:
    """A patient's good-faith estimates, the newest first; billed ones last."""
    return [
        GoodFaithRow(
            id=r[0],
            appointment_id=r[1],
            service=r[2],
            scheduled_on=_day(r[3]),
            requested_on=_day(r[4]),
            service_on=_day(r[5]),
            given_on=_day(r[6]),
            amount=_money(r[7]),
            billed=_money(r[8]),
            billed_on=_day(r[9]),
            note=r[10],
        )
        for r in execute(
            "SELECT id, appointment_id, service, scheduled_on, requested_on, service_on, given_on, amount,"
            " billed, billed_on, note FROM good_faith WHERE patient_id = ?"
            " ORDER BY billed IS NOT NULL, id DESC",
            [patient_id],
        )
    ]


def is_self_pay(execute: Execute, patient_id: int) -> bool:
    """True when the first plan is self-pay, and when no plan is on file that would pay."""
    for plan in coverages_of(execute, patient_id):
        return plan.payer_class is PayerClass.SELF_PAY
    return True


def open_cases_of(execute: Execute, patient_id: int) -> list[BillingCaseRow]:
    """A patient's open billing questions, the oldest first."""
    return [
        BillingCaseRow(
            id=r[0],
            title=r[1],
            payer=r[2] or "",
            opened_on=date.fromisoformat(r[3]),
            amount=_money(r[4]),
            status=BillingStatus(r[5]),
            closed_on=_day(r[6]),
            note=r[7],
        )
        for r in execute(
            "SELECT b.id, b.title, p.name, b.opened_on, b.amount, b.status, b.closed_on, b.note"
            " FROM billing_case b LEFT JOIN payer p ON p.id = b.payer_id"
            " WHERE b.patient_id = ? AND b.status = 'open' ORDER BY b.opened_on, b.id",
            [patient_id],
        )
    ]


def payers_of(execute: Execute, patient_id: int) -> list[tuple[int, str]]:
    """Number and name of the payers of a patient's plans, in order of payment."""
    rows = execute(
        "SELECT p.id, p.name FROM coverage c JOIN payer p ON p.id = c.payer_id"
        " WHERE c.patient_id = ? AND p.payer_class <> 'self_pay'"
        " GROUP BY p.id ORDER BY min(c.rank), p.id LIMIT ?",
        [patient_id, _MOST],
    )
    return [(r[0], r[1]) for r in rows]


def open_plans_of(execute: Execute, patient_id: int) -> list[PaymentPlanRow]:
    """A patient's open payment plans with their parts, the oldest first."""
    rows = execute(
        "SELECT id, title, total, agreed_on, status, note FROM payment_plan"
        " WHERE patient_id = ? AND status = 'open' ORDER BY agreed_on, id",
        [patient_id],
    )
    return [
        PaymentPlanRow(
            id=r[0],
            title=r[1],
            total=Decimal(r[2]),
            agreed_on=date.fromisoformat(r[3]),
            status=BillingStatus(r[4]),
            note=r[5],
            parts=_parts(execute, r[0]),
        )
        for r in rows
    ]


def _parts(execute: Execute, plan_id: int) -> tuple[PartRow, ...]:
    rows = execute(
        "SELECT due_on, amount, paid_on FROM installment WHERE plan_id = ? ORDER BY due_on, id", [plan_id]
    )
    return tuple(PartRow(date.fromisoformat(r[0]), Decimal(r[1]), _day(r[2])) for r in rows)


def open_assistance_of(execute: Execute, patient_id: int) -> list[AssistanceRow]:
    """A patient's assistance programs that wait for an answer or a renewal, the oldest first."""
    return [
        AssistanceRow(
            id=r[0],
            program=r[1],
            status=AssistanceStatus(r[2]),
            applied_on=date.fromisoformat(r[3]),
            decided_on=_day(r[4]),
            renew_on=_day(r[5]),
            amount=_money(r[6]),
            note=r[7],
        )
        for r in execute(
            "SELECT id, program, status, applied_on, decided_on, renew_on, amount, note FROM assistance"
            " WHERE patient_id = ? AND status IN ('applied', 'approved') ORDER BY applied_on, id",
            [patient_id],
        )
    ]


def open_denials_of(execute: Execute, patient_id: int) -> list[DenialChoice]:
    """The denials an assistance program may be a way out of, the newest first, at most nine."""
    rows = execute(
        "SELECT id, service, notice_on FROM denial WHERE patient_id = ?"
        " AND status IN ('open', 'appealed', 'upheld') ORDER BY notice_on DESC, id DESC LIMIT ?",
        [patient_id, _MOST],
    )
    return [DenialChoice(id=r[0], service=r[1], notice_on=date.fromisoformat(r[2])) for r in rows]


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
