"""Eligibility read: visits ahead whose coverage is not known, and what is known of a person's benefits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.domain.eligibility_rows import (
    BenefitRow,
    CheckRow,
    CoverageBenefits,
    Said,
    VisitState,
    VisitToCheck,
    newest_figures,
    state_for,
)
from carecoord_tui.domain.facts import EligibilityFacts
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.vocabulary import (
    BenefitKind,
    BenefitLevel,
    BenefitPeriod,
    CoverageStatus,
    EligibilityResult,
    Kind,
    Network,
    PayerClass,
)
from carecoord_tui.store.queries.today import Execute, items_about
from carecoord_tui.store.queries.values import read_amount, read_day

_AT_ONCE = 500  # values bound to one statement
_CANCELLED = CoverageStatus.CANCELLED.value


def visits_to_check(
    execute: Execute,
    moment: Moment,
    *,
    last_day: date | None = None,
    appointments: Sequence[int] | None = None,
) -> list[VisitToCheck]:
    """Booked visits from today on without a fresh active check as of their day, by day and hour.

    The plan is the one that pays first. Which visits owe a check is the ledger's; ``state`` says why.
    ``last_day`` leaves out visits after it, ``appointments`` all but these (500 at most).
    """
    only = "" if appointments is None else f" AND l.record_id IN ({', '.join('?' * len(appointments))})"
    rows = list(
        execute(
            "SELECT a.id, a.starts_at, a.title, l.visit_on, c.id, c.plan_name, c.member_id,"
            " y.id, y.name, y.payer_class"
            " FROM ledger l JOIN appointment a ON a.id = l.record_id"
            " LEFT JOIN coverage c ON c.id = (SELECT id FROM coverage"
            f" WHERE patient_id = l.patient_id AND status <> '{_CANCELLED}' ORDER BY rank, id LIMIT 1)"
            " LEFT JOIN payer y ON y.id = c.payer_id"
            f" WHERE l.kind = ? AND l.visit_on BETWEEN ? AND ?{only} ORDER BY l.visit_on, a.starts_at, a.id",
            [
                Kind.ELIGIBILITY.value,
                moment.today.isoformat(),
                (last_day or date.max).isoformat(),
                *(appointments or ()),
            ],
        )
    )
    items = items_about(execute, Kind.ELIGIBILITY, [row[0] for row in rows], moment)
    checks = checks_of(execute, [row[4] for row in rows if row[4] is not None])
    return [_visit(row, items[row[0]], checks.get(row[4], ())) for row in rows if row[0] in items]


def _visit(row: Sequence[Any], ranked: Ranked, checks: Sequence[EligibilityFacts]) -> VisitToCheck:
    number, starts_at, title, visit_on, coverage_id, plan, member_id, payer_id, payer_name, word = row
    day = date.fromisoformat(visit_on)
    payer_class = PayerClass(word) if word else PayerClass.UNKNOWN
    state, check = VisitState.NO_COVERAGE, None
    if coverage_id is not None:
        state, check = state_for(checks, day, payer_class)
    return VisitToCheck(
        appointment_id=number,
        visit_on=day,
        starts_at=datetime.fromisoformat(starts_at),
        title=title,
        state=state,
        ranked=ranked,
        coverage_id=coverage_id,
        payer_id=payer_id,
        payer_name=payer_name or "",
        payer_class=payer_class,
        plan_name=plan or "",
        member_id=member_id or "",
        check=check,
    )


def checks_of(execute: Execute, coverage_ids: Sequence[int]) -> dict[int, list[EligibilityFacts]]:
    """The checks of each plan in the order of recording."""
    wanted = list(dict.fromkeys(coverage_ids))
    found: dict[int, list[EligibilityFacts]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        portion = wanted[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(portion))
        for coverage_id, checked_on, as_of, result in execute(
            "SELECT coverage_id, checked_on, as_of, result FROM eligibility_check"
            f" WHERE coverage_id IN ({marks}) ORDER BY id",
            portion,
        ):
            found.setdefault(coverage_id, []).append(
                EligibilityFacts(
                    coverage_id=coverage_id,
                    checked_on=date.fromisoformat(checked_on),
                    as_of=date.fromisoformat(as_of),
                    result=EligibilityResult(result),
                )
            )
    return found


def visit_day(execute: Execute, appointment_id: int, zone: ZoneInfo) -> date | None:
    """The practice-local day of a visit; None when it is gone."""
    for (starts_at,) in execute("SELECT starts_at FROM appointment WHERE id = ?", [appointment_id]):
        return datetime.fromisoformat(starts_at).astimezone(zone).date()
    return None


def read_birth_date(execute: Execute, patient_id: int) -> date | None:
    """A patient's birth date: payers ask for it first. None when it is not on file."""
    rows = execute("SELECT birth_date FROM patient WHERE id = ?", [patient_id])
    return next((read_day(text) for (text,) in rows), None)


# --- one person ------------------------------------------------------------------------------------------


def read_benefits(execute: Execute, patient_id: int) -> tuple[CoverageBenefits, ...]:
    """What is known of each plan of a person, the one that pays first in front, cancelled ones last.

    Every figure carries the day it was read: a later check that did not read it leaves that day alone.
    """
    figures = _figures_of(execute, patient_id)
    checks = _all_checks(execute, patient_id)
    plans = execute(
        "SELECT c.id, y.name, y.payer_class, c.plan_name, c.rank, c.status, c.member_id, y.phone,"
        " c.starts_on, c.ends_on FROM coverage c"
        " JOIN payer y ON y.id = c.payer_id WHERE c.patient_id = ?"
        f" ORDER BY c.status = '{_CANCELLED}', c.rank, c.id",
        [patient_id],
    )
    return tuple(
        CoverageBenefits(
            coverage_id=r[0],
            payer_name=r[1],
            payer_class=PayerClass(r[2]),
            plan_name=r[3],
            rank=r[4],
            is_cancelled=r[5] == _CANCELLED,
            member_id=r[6],
            payer_phone=r[7],
            starts_on=read_day(r[8]),
            ends_on=read_day(r[9]),
            check=_check(checks[r[0]][0]) if r[0] in checks else None,
            figures=newest_figures(figures.get(r[0], ())),
            authorization=_said(checks.get(r[0], ()), _AUTHORIZATION),
            referral=_said(checks.get(r[0], ()), _REFERRAL),
        )
        for r in plans
    )


_AUTHORIZATION, _REFERRAL = 12, 13  # columns below


def _all_checks(execute: Execute, patient_id: int) -> dict[int, list[Sequence[Any]]]:
    """The checks of a person by plan, newest first."""
    found: dict[int, list[Sequence[Any]]] = {}
    for row in execute(
        "SELECT coverage_id, id, checked_on, as_of, result, plan_said, reference, spoke_with, method,"
        " made_by, note, source, authorization_needed, referral_needed FROM eligibility_check"
        " WHERE patient_id = ? ORDER BY checked_on DESC, id DESC",
        [patient_id],
    ):
        found.setdefault(row[0], []).append(row)
    return found


def _check(row: Sequence[Any]) -> CheckRow:
    return CheckRow(
        id=row[1],
        checked_on=date.fromisoformat(row[2]),
        as_of=date.fromisoformat(row[3]),
        result=EligibilityResult(row[4]),
        plan_said=row[5],
        reference=row[6],
        spoke_with=row[7],
        method=row[8],
        made_by=row[9],
        note=row[10],
        source=row[11],
    )


def _said(checks: Sequence[Sequence[Any]], column: int) -> Said | None:
    """The newest answer; a check that did not ask leaves the older one with its day."""
    for row in checks:
        if row[column] is not None:
            return Said(bool(row[column]), date.fromisoformat(row[2]))
    return None


def _figures_of(execute: Execute, patient_id: int) -> dict[int, list[BenefitRow]]:
    """The figures of a person by plan, newest check first."""
    found: dict[int, list[BenefitRow]] = {}
    for coverage_id, row in _figures(execute, patient_id):
        found.setdefault(coverage_id, []).append(row)
    return found


def _figures(execute: Execute, patient_id: int) -> Iterator[tuple[int, BenefitRow]]:
    rows = execute(
        "SELECT e.coverage_id, b.id, e.id, b.kind, b.network, b.level, b.period,"
        " coalesce(e.benefits_read_on, e.checked_on), e.as_of, b.amount, b.percent,"
        " b.service_type, b.plan, b.text, b.trace"
        " FROM benefit b JOIN eligibility_check e ON e.id = b.check_id WHERE b.patient_id = ?"
        " ORDER BY e.checked_on DESC, e.id DESC, b.id",
        [patient_id],
    )
    for r in rows:
        yield (
            r[0],
            BenefitRow(
                id=r[1],
                check_id=r[2],
                kind=BenefitKind(r[3]),
                network=Network(r[4]),
                level=BenefitLevel(r[5]),
                period=BenefitPeriod(r[6]),
                read_on=date.fromisoformat(r[7]),
                as_of=date.fromisoformat(r[8]),
                amount=read_amount(r[9]),
                percent=read_amount(r[10]),
                service_type=r[11],
                plan=r[12],
                text=r[13],
                trace=r[14],
            ),
        )
