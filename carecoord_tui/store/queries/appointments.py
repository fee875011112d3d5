"""Reads about visits: a person's list, one in full, what stands at the same time, what covers the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from carecoord_tui.domain.interpreter import Companion
from carecoord_tui.domain.visit_rows import VisitRow, Window
from carecoord_tui.domain.vocabulary import AppointmentStatus, AuthorizationStatus, InterpreterMode
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day

_AHEAD = (AppointmentStatus.BOOKED, AppointmentStatus.PROPOSED)
_GRANTED = (AuthorizationStatus.APPROVED, AuthorizationStatus.PARTIAL, AuthorizationStatus.MODIFIED)
_VISIT = (
    "SELECT a.id, a.version, a.patient_id, a.title, a.status, a.starts_at, a.minutes, a.provider_id,"
    " coalesce(p.name, ''), a.referral_id, coalesce(r.specialty, ''), a.location, a.booked_on,"
    " a.confirmed_on, a.interpreter_needed, a.interpreter_mode, a.interpreter_name,"
    " a.interpreter_qualified, a.interpreter_confirmed_on, a.settled_on, a.note"
    " FROM appointment a LEFT JOIN provider p ON p.id = a.provider_id"
    " LEFT JOIN referral r ON r.id = a.referral_id"
)


def visits_of_patient(execute: Execute, patient_id: int) -> list[VisitRow]:
    """Every visit: open ones first, the nearest in front; then what is over, the newest first."""
    found = [_visit(r) for r in execute(f"{_VISIT} WHERE a.patient_id = ? ORDER BY a.id", [patient_id])]
    found.sort(key=lambda visit: visit.starts_at, reverse=True)
    open_ones = [visit for visit in reversed(found) if visit.is_open]
    return open_ones + [visit for visit in found if not visit.is_open]


def count_open_visits(execute: Execute, patient_id: int) -> int:
    """Visits that still owe something."""
    return sum(visit.is_open for visit in visits_of_patient(execute, patient_id))


def read_visit(execute: Execute, appointment_id: int) -> VisitRow | None:
    """One visit; None when another window or an undo removed it."""
    return next((_visit(r) for r in execute(f"{_VISIT} WHERE a.id = ?", [appointment_id])), None)


def visits_at(
    execute: Execute, patient_id: int, starts_at: datetime, minutes: int, *, leave_out: int | None = None
) -> list[VisitRow]:
    """Visits ahead of this person that overlap the aware time given, the one in question left out."""
    ends_at = starts_at + timedelta(minutes=minutes)
    return [
        visit
        for visit in visits_of_patient(execute, patient_id)
        if visit.status in _AHEAD
        and visit.id != leave_out
        and visit.starts_at < ends_at
        and visit.starts_at + timedelta(minutes=visit.minutes) > starts_at
    ]


def windows_of(
    execute: Execute, patient_id: int, *, appointment_id: int | None, referral_id: int | None
) -> list[Window]:
    """What the payer granted and is not over: for this visit or its referral, and for no other visit."""
    rows = execute(
        "SELECT service, valid_from, valid_to, coalesce(appointment_id, 0), coalesce(referral_id, 0)"
        " FROM authorization WHERE patient_id = ? AND status IN (?, ?, ?)"
        " AND (valid_from IS NOT NULL OR valid_to IS NOT NULL) ORDER BY id",
        [patient_id, *(status.value for status in _GRANTED)],
    )
    found = []
    for service, starts, ends, visit, referral in rows:
        is_linked = bool(visit and visit == appointment_id) or bool(referral and referral == referral_id)
        if is_linked or not (visit or referral):
            window = Window(
                service=service, valid_from=read_day(starts), valid_to=read_day(ends), is_linked=is_linked
            )
            found.append(window)
    return found


def companions_of(execute: Execute, patient_id: int) -> list[Companion]:
    """The people around a patient, for the rule about interpreters."""
    rows = execute(
        "SELECT name, relationship, birth_date FROM related_person WHERE patient_id = ? ORDER BY id",
        [patient_id],
    )
    return [Companion(r[0], r[1], read_day(r[2])) for r in rows]


def _visit(r: Sequence[Any]) -> VisitRow:
    return VisitRow(
        id=r[0],
        version=r[1],
        patient_id=r[2],
        title=r[3],
        status=AppointmentStatus(r[4]),
        starts_at=datetime.fromisoformat(r[5]),
        minutes=r[6],
        provider_id=r[7],
        office=r[8],
        referral_id=r[9],
        specialty=r[10],
        location=r[11],
        booked_on=datetime.fromisoformat(r[12]).date(),
        confirmed_on=read_day(r[13]),
        interpreter_needed=bool(r[14]),
        interpreter_mode=InterpreterMode(r[15]) if r[15] else None,
        interpreter_name=r[16],
        interpreter_qualified=None if r[17] is None else bool(r[17]),
        interpreter_confirmed_on=read_day(r[18]),
        settled_on=read_day(r[19]),
        note=r[20],
    )
