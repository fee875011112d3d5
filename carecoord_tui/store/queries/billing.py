"""Reads about what care costs a patient: estimates, good-faith estimates, cases, plans, assistance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.domain.billing_rows import (
    AssistanceRow,
    BillingCaseRow,
    CoverageRow,
    DenialChoice,
    EstimateRow,
    GoodFaithRow,
    PartRow,
    PaymentPlanRow,
    VisitToCome,
    open_first,
)
from carecoord_tui.domain.vocabulary import (
    AssistanceStatus,
    BillingStatus,
    CopayMode,
    CoverageStatus,
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
            version=r[11],
        )
        for r in execute(
            "SELECT id, appointment_id, service, scheduled_on, requested_on, service_on, given_on, amount,"
            " billed, billed_on, note, version FROM good_faith WHERE patient_id = ?"
            " ORDER BY billed IS NOT NULL, id DESC",
            [patient_id],
        )
    ]


def is_self_pay(execute: Execute, patient_id: int) -> bool:
    """True when the first plan is self-pay, and when no plan is on file that would pay."""
    for plan in coverages_of(execute, patient_id):
        return plan.payer_class is PayerClass.SELF_PAY
    return True


def cases_of(execute: Execute, patient_id: int) -> list[BillingCaseRow]:
    """Every billing question of a patient: open ones first, the oldest in front; then the last closed."""
    found = [
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
            " WHERE b.patient_id = ? ORDER BY b.opened_on, b.id",
            [patient_id],
        )
    ]
    return open_first(found)


def open_cases_of(execute: Execute, patient_id: int) -> list[BillingCaseRow]:
    """A patient's open billing questions, the oldest first."""
    return [one for one in cases_of(execute, patient_id) if one.is_open]


def payers_of(execute: Execute, patient_id: int) -> list[tuple[int, str]]:
    """Number and name of the payers of a patient's plans, in order of payment."""
    rows = execute(
        "SELECT p.id, p.name FROM coverage c JOIN payer p ON p.id = c.payer_id"
        " WHERE c.patient_id = ? AND p.payer_class <> 'self_pay'"
        " GROUP BY p.id ORDER BY min(c.rank), p.id LIMIT ?",
        [patient_id, _MOST],
    )
    return [(r[0], r[1]) for r in rows]


def plans_of(execute: Execute, patient_id: int) -> list[PaymentPlanRow]:
    """Every payment plan of a patient with its parts, in the order of ``cases_of``."""
    parts: defaultdict[int, list[PartRow]] = defaultdict(list)
    for plan_id, due_on, amount, paid_on in execute(
        "SELECT plan_id, due_on, amount, paid_on FROM installment WHERE patient_id = ? ORDER BY due_on, id",
        [patient_id],
    ):
        parts[plan_id].append(PartRow(date.fromisoformat(due_on), Decimal(amount), _day(paid_on)))
    rows = execute(
        "SELECT id, title, total, agreed_on, status, closed_on, note FROM payment_plan"
        " WHERE patient_id = ? ORDER BY agreed_on, id",
        [patient_id],
    )
    return open_first(
        [
            PaymentPlanRow(
                id=r[0],
                title=r[1],
                total=Decimal(r[2]),
                agreed_on=date.fromisoformat(r[3]),
                status=BillingStatus(r[4]),
                closed_on=_day(r[5]),
                note=r[6],
                parts=tuple(parts[r[0]]),
            )
            for r in rows
        ]
    )


def open_plans_of(execute: Execute, patient_id: int) -> list[PaymentPlanRow]:
    """A patient's open payment plans, the oldest first."""
    return [one for one in plans_of(execute, patient_id) if one.is_open]


def assistance_of(execute: Execute, patient_id: int) -> list[AssistanceRow]:
    """Every assistance program of a patient, in the order of ``cases_of``."""
    found = [
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
            " WHERE patient_id = ? ORDER BY applied_on, id",
            [patient_id],
        )
    ]
    return open_first(found)


def open_assistance_of(execute: Execute, patient_id: int) -> list[AssistanceRow]:
    """A patient's assistance programs that wait for an answer or a renewal, the oldest first."""
    return [one for one in assistance_of(execute, patient_id) if one.is_open]


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
