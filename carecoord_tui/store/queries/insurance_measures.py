"""What the measures of insurance are worked out from: one statement a table, whatever their number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.domain.facts import AuthorizationFacts, EligibilityFacts, LimitFacts
from carecoord_tui.domain.insurance_measures import (
    AppealRow,
    AuthorizationRow,
    DenialRow,
    InsuranceRows,
    VisitRow,
)
from carecoord_tui.domain.vocabulary import (
    AppealOutcome,
    AuthorizationStatus,
    EligibilityResult,
    PayerClass,
)
from carecoord_tui.store.queries.payers import limits_by_payer
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day

_AUTHORIZATIONS = """
    SELECT a.id, a.status, a.opened_on, a.is_drug, a.is_expedited, a.submitted_at, a.decided_on,
           a.extended_on, p.id, p.payer_class,
           a.status = 'denied' OR EXISTS (SELECT 1 FROM authorization_event e
                                          WHERE e.authorization_id = a.id AND e.status = 'denied'),
           a.first_submitted_at,
           (SELECT CASE WHEN count(*) > 1 THEN min(e.happened_on) END FROM authorization_event e
            WHERE e.authorization_id = a.id
                  AND e.status IN ('approved', 'partial', 'modified', 'denied'))
    FROM authorization a
    LEFT JOIN coverage c ON c.id = a.coverage_id
    LEFT JOIN payer p ON p.id = c.payer_id
"""
_DENIALS = """
    SELECT notice_on, filed_on IS NOT NULL OR status = 'appealed'
                      OR EXISTS (SELECT 1 FROM appeal a WHERE a.denial_id = denial.id)
    FROM denial
"""
_VISITS = """
    SELECT v.starts_at, c.id, p.payer_class
    FROM appointment v
    LEFT JOIN coverage c ON c.id = (SELECT f.id FROM coverage f
        WHERE f.patient_id = v.patient_id AND f.status <> 'cancelled' ORDER BY f.rank, f.id LIMIT 1)
    LEFT JOIN payer p ON p.id = c.payer_id
    WHERE v.status IN ('booked', 'fulfilled', 'noshow')
"""
_CHECKS = "SELECT coverage_id, checked_on, as_of, result FROM eligibility_check"


def read_insurance_rows(execute: Execute, zone: ZoneInfo) -> InsuranceRows:
    """Every authorization, denial, appeal and uncancelled visit; days are those of ``zone``."""
    return InsuranceRows(
        authorizations=_authorizations(execute),
        denials=[
            DenialRow(date.fromisoformat(day), bool(is_appealed))
            for day, is_appealed in execute(_DENIALS, [])
        ],
        appeals=[
            AppealRow(read_day(decided_on), AppealOutcome(outcome) if outcome else None)
            for decided_on, outcome in execute("SELECT decided_on, outcome FROM appeal", [])
        ],
        visits=_visits(execute, zone),
    )


def _authorizations(execute: Execute) -> list[AuthorizationRow]:
    limits = limits_by_payer(execute)
    return [_authorization(row, limits.get(row[8], ())) for row in execute(_AUTHORIZATIONS, [])]


def _authorization(r: Sequence[Any], limits: tuple[LimitFacts, ...]) -> AuthorizationRow:
    facts = AuthorizationFacts(
        id=r[0],
        service="",  # a measure needs neither
        payer_name="",
        status=AuthorizationStatus(r[1]),
        opened_on=date.fromisoformat(r[2]),
        is_drug=bool(r[3]),
        is_expedited=bool(r[4]),
        submitted_at=datetime.fromisoformat(r[5]) if r[5] else None,
        decided_on=read_day(r[6]),
        extended_on=read_day(r[7]),
        payer_class=PayerClass(r[9]) if r[9] else PayerClass.UNKNOWN,
        limits=limits,
    )
    return AuthorizationRow(
        facts=facts,
        was_denied=bool(r[10]),
        first_submitted_at=datetime.fromisoformat(r[11]) if r[11] else None,
        first_decided_on=read_day(r[12]),  # None where it was decided once: the record says when
    )


def _visits(execute: Execute, zone: ZoneInfo) -> list[VisitRow]:
    checks: dict[int, tuple[EligibilityFacts, ...]] = {}
    for coverage_id, checked_on, as_of, result in execute(_CHECKS, []):
        check = EligibilityFacts(
            coverage_id=coverage_id,
            checked_on=date.fromisoformat(checked_on),
            as_of=date.fromisoformat(as_of),
            result=EligibilityResult(result),
        )
        checks[coverage_id] = (*checks.get(coverage_id, ()), check)
    return [
        VisitRow(
            day=datetime.fromisoformat(starts_at).astimezone(zone).date(),
            payer_class=PayerClass(payer_class) if payer_class else None,
            checks=checks.get(coverage_id, ()),
        )
        for starts_at, coverage_id, payer_class in execute(_VISITS, [])
    ]
