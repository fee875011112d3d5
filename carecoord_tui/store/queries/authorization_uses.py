"""The visits that can use units of an authorization, and those counted already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from carecoord_tui.store.queries.today import Execute

_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitUse:
    """A visit that was, or a use counted without one. ``on`` is practice-local."""

    appointment_id: int | None
    use_id: int | None  # None: not counted yet
    on: date
    title: str
    units: int  # 0 while not counted


def visit_uses(
    execute: Execute, authorization_id: int, patient_id: int, *, now: datetime, zone: ZoneInfo
) -> list[VisitUse]:
    """Visits of the patient up to ``now`` (aware), the newest first, and every use that is counted.

    Missed and cancelled visits use nothing and are left out, as is what lies outside the validity.
    """
    found = _uses(execute, authorization_id)
    done = {one.appointment_id for one in found}
    ((first, last),) = execute(
        "SELECT coalesce(valid_from, ''), coalesce(valid_to, '9999') FROM authorization WHERE id = ?",
        [authorization_id],
    ) or [("", "9999")]
    for number, title, starts_at in execute(
        "SELECT id, title, starts_at FROM appointment WHERE patient_id = ?"
        " AND status IN ('booked', 'fulfilled') ORDER BY starts_at DESC LIMIT ?",
        [patient_id, _MOST],
    ):
        at = datetime.fromisoformat(starts_at)
        day = at.astimezone(zone).date()
        if at <= now and first <= day.isoformat() <= last and number not in done:
            found.append(VisitUse(appointment_id=number, use_id=None, on=day, title=title, units=0))
    return sorted(found, key=lambda one: (one.on, one.appointment_id or 0), reverse=True)


def _uses(execute: Execute, authorization_id: int) -> list[VisitUse]:
    rows = execute(
        "SELECT u.appointment_id, u.id, u.used_on, coalesce(v.title, 'without a visit'), u.units"
        " FROM authorization_use u LEFT JOIN appointment v ON v.id = u.appointment_id"
        " WHERE u.authorization_id = ?",
        [authorization_id],
    )
    return [
        VisitUse(appointment_id=r[0], use_id=r[1], on=date.fromisoformat(r[2]), title=r[3], units=r[4])
        for r in rows
    ]
