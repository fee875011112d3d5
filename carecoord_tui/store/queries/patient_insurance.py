"""Authorizations and denials of one person, for the patient page: open ones first, then the newest."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from carecoord_tui.domain.insurance_rows import AuthorizationRecord, DenialRecord
from carecoord_tui.domain.vocabulary import AppointmentStatus, AuthorizationStatus, DenialReason, DenialStatus
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day


def authorizations_of(execute: Execute, patient_id: int, zone: ZoneInfo) -> list[AuthorizationRecord]:
    """Every authorization of a patient, with the days in ``zone`` of the visits booked under it."""
    visits = _booked_under(execute, patient_id, zone)
    rows = execute(
        "SELECT a.id, p.name, a.service, a.status, a.number, a.opened_on, a.valid_from, a.valid_to,"
        " a.units_authorized, a.units_used, a.note FROM authorization a"
        " LEFT JOIN coverage c ON c.id = a.coverage_id LEFT JOIN payer p ON p.id = c.payer_id"
        " WHERE a.patient_id = ? ORDER BY a.opened_on DESC, a.id DESC",
        [patient_id],
    )
    found = [
        AuthorizationRecord(
            id=r[0],
            payer=r[1] or "",
            service=r[2],
            status=AuthorizationStatus(r[3]),
            number=r[4],
            opened_on=date.fromisoformat(r[5]),
            valid_from=read_day(r[6]),
            valid_to=read_day(r[7]),
            units_authorized=r[8],
            units_used=r[9],
            note=r[10],
            visits_on=tuple(sorted(visits[r[0]])),
        )
        for r in rows
    ]
    return sorted(found, key=lambda one: not one.status.is_open)


def _booked_under(execute: Execute, patient_id: int, zone: ZoneInfo) -> defaultdict[int, set[date]]:
    """The days of booked visits by authorization: the visit it is for, and the others of its referral."""
    days: defaultdict[int, set[date]] = defaultdict(set)
    for number, starts_at in execute(
        "SELECT a.id, v.starts_at FROM authorization a JOIN appointment v ON v.patient_id = a.patient_id"
        " AND (v.id = a.appointment_id OR v.referral_id = a.referral_id)"
        " WHERE a.patient_id = ? AND v.status = ?",
        [patient_id, AppointmentStatus.BOOKED.value],
    ):
        days[number].add(datetime.fromisoformat(starts_at).astimezone(zone).date())
    return days


def denials_of(execute: Execute, patient_id: int) -> list[DenialRecord]:
    """Every denial of a patient. The reason is our own word for it, else the payer's."""
    rows = execute(
        "SELECT d.id, p.name, d.service, d.status, d.reason_kind, d.reason, d.notice_on, d.amount,"
        " d.claim_number, d.note FROM denial d"
        " LEFT JOIN coverage c ON c.id = d.coverage_id LEFT JOIN payer p ON p.id = c.payer_id"
        " WHERE d.patient_id = ? ORDER BY d.notice_on DESC, d.id DESC",
        [patient_id],
    )
    found = [
        DenialRecord(
            id=r[0],
            payer=r[1] or "",
            service=r[2],
            status=DenialStatus(r[3]),
            reason=DenialReason(r[4]).label if r[4] else r[5],
            notice_on=date.fromisoformat(r[6]),
            amount=None if r[7] is None else Decimal(r[7]),
            claim_number=r[8],
            note=r[9],
        )
        for r in rows
    ]
    return sorted(found, key=lambda one: not one.status.is_open)
