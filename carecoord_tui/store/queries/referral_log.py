"""Referrals as a log: one row each with its person, office and coverage, for the export."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time
from typing import Any

import sqlalchemy as sa

from carecoord_tui.domain.vocabulary import (
    CoverageStatus,
    ProviderKind,
    ReferralStage,
    ReferralType,
    Urgency,
)
from carecoord_tui.store.core_tables import (
    AUTHORIZATION,
    COVERAGE,
    PATIENT,
    PAYER,
    PROVIDER,
    REFERRAL,
    table,
)
from carecoord_tui.store.queries.phones import read_phones
from carecoord_tui.store.tables import ReferralStageEvent

STAMP = table(ReferralStageEvent)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class LogRow:
    """One referral as a log shows it. Days are practice-local; empty text and None are "not recorded"."""

    id: int
    family_name: str
    given_name: str
    birth_date: date | None
    mrn: str
    phone: str
    """The first number that may be shown: under a confidential channel only a permitted one."""
    specialty: str
    provider: str
    provider_kind: ProviderKind | None
    organization: str
    npi: str
    office_phone: str
    office_fax: str
    stage: ReferralStage
    stage_on: date
    stage_reason: str
    ordered_on: date
    sent_on: date | None
    acknowledged_on: date | None
    booked_on: date | None
    visit_on: date | None
    visit_time: time | None
    report_received_on: date | None
    reviewed_on: date | None
    patient_informed_on: date | None
    urgency: Urgency
    service_type: ReferralType
    reason: str
    question: str
    diagnoses: str
    ordered_by: str
    reviewed_by: str
    insurance: str
    authorization: str
    note: str


def log_rows(connection: sa.Connection, numbers: Sequence[int] | None = None) -> Iterator[LogRow]:
    """The referrals of these numbers in this order, unknown ones left out; or all, oldest first."""
    if numbers is None:
        numbers = connection.execute(sa.select(REFERRAL.c.id).order_by(REFERRAL.c.id)).scalars().all()

    def execute(sql: str, parameters: Sequence[object]) -> Iterable[Sequence[Any]]:
        return connection.exec_driver_sql(sql, tuple(parameters))

    statement = sa.select(*_columns(), REFERRAL.c.patient_id).select_from(
        REFERRAL.join(PATIENT, PATIENT.c.id == REFERRAL.c.patient_id).outerjoin(
            PROVIDER, PROVIDER.c.id == REFERRAL.c.provider_id
        )
    )
    for start in range(0, len(numbers), _AT_ONCE):
        portion = numbers[start : start + _AT_ONCE]
        found = {row.id: row for row in connection.execute(statement.where(REFERRAL.c.id.in_(portion)))}
        phones = read_phones(execute, {row.patient_id for row in found.values()})
        for row in (found[number] for number in portion if number in found):
            shown = phones.get(row.patient_id)
            *values, _ = row
            yield replace(LogRow(*values), phone=shown[0].number if shown else "")


def _columns() -> list[Any]:
    r, p, o = REFERRAL.c, PATIENT.c, PROVIDER.c
    found: dict[str, Any] = {
        "mrn": sa.func.coalesce(p.mrn, ""),
        "phone": sa.literal(""),  # read by the rule of release for the whole portion
        "provider": sa.func.coalesce(o.name, ""),
        "provider_kind": o.kind,
        "organization": sa.func.coalesce(o.organization, ""),
        "npi": sa.func.coalesce(o.npi, ""),
        "office_phone": sa.func.coalesce(o.phone, ""),
        "office_fax": sa.func.coalesce(o.fax, ""),
        "acknowledged_on": _reached(ReferralStage.ACKNOWLEDGED),
        "booked_on": _reached(ReferralStage.SCHEDULED),
        "insurance": sa.func.coalesce(_insurance(), ""),
        "authorization": sa.func.coalesce(_authorization(), ""),
    }
    for field in dataclasses.fields(LogRow):
        if field.name not in found:
            found[field.name] = r[field.name] if field.name in r else p[field.name]
    return [found[field.name].label(field.name) for field in dataclasses.fields(LogRow)]


def _reached(stage: ReferralStage) -> sa.ScalarSelect[Any]:
    """The last day a stage was reached."""
    return (
        sa.select(sa.func.max(STAMP.c.happened_on))
        .where(STAMP.c.referral_id == REFERRAL.c.id, STAMP.c.stage == stage)
        .correlate(REFERRAL)
        .scalar_subquery()
    )


def _insurance() -> sa.ScalarSelect[Any]:
    c = COVERAGE.c
    return (
        sa.select(PAYER.c.name)
        .join(COVERAGE, c.payer_id == PAYER.c.id)
        .where(c.patient_id == REFERRAL.c.patient_id, c.status != CoverageStatus.CANCELLED)
        .order_by(c.rank, c.id)
        .limit(1)
        .correlate(REFERRAL)
        .scalar_subquery()
    )


def _authorization() -> sa.ScalarSelect[Any]:
    c = AUTHORIZATION.c
    return (
        sa.select(c.number)
        .where(c.referral_id == REFERRAL.c.id, c.number != "")
        .order_by(c.id.desc())
        .limit(1)
        .correlate(REFERRAL)
        .scalar_subquery()
    )
