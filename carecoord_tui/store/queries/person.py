"""One person for the pane and the patient page: header facts, contacts, people, timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from carecoord_tui.domain.release import permitted
from carecoord_tui.domain.rows import (
    CareTeamRow,
    ContactRow,
    CoverageRow,
    PersonView,
    PhoneRow,
    RelatedRow,
)
from carecoord_tui.domain.vocabulary import (
    Channel,
    Direction,
    InterpreterMode,
    Outcome,
    PatientStatus,
    PayerClass,
    Risk,
    Sex,
)
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day, read_instant

_PERSON_COLUMNS = (
    "id", "family_name", "given_name", "middle_name", "preferred_name", "suffix", "mrn", "birth_date",
    "sex", "status", "status_on", "status_note", "hold_until", "deceased_on", "risk", "check_in_on",
    "language", "interpreter_needed", "email", "address_line", "city", "state", "postal_code",
    "primary_provider", "call_from", "call_until", "detailed_voicemail", "confidential_channel",
    "safe_contact", "version", "interpreter_mode", "time_zone", "minor_consent", "deceased_told_by",
    "last_contact_at",
)  # fmt: skip


def read_person(
    execute: Execute, patient_id: int, *, contacts: int = 5, unmasked: bool = False
) -> PersonView | None:
    """The person; None when there is none. ``unmasked`` is for the form that edits hidden numbers."""
    columns = ", ".join(_PERSON_COLUMNS)
    row = next(iter(execute(f"SELECT {columns} FROM patient WHERE id = ?", [patient_id])), None)
    if row is None:
        return None
    v = dict(zip(_PERSON_COLUMNS, row, strict=True))
    hidden = bool(v["confidential_channel"]) and not unmasked
    phones = _phones(execute, patient_id)
    shown = permitted(phones, is_confidential=hidden)
    if hidden:
        for field in ("address_line", "city", "state", "postal_code", "email"):
            v[field] = ""
    for field in ("birth_date", "status_on", "hold_until", "deceased_on", "check_in_on"):
        v[field] = read_day(v[field])
    for field in ("call_from", "call_until"):
        v[field] = time.fromisoformat(v[field]) if v[field] else None
    v["last_contact_at"] = read_instant(v["last_contact_at"])
    for field in ("interpreter_needed", "confidential_channel"):
        v[field] = bool(v[field])
    v["detailed_voicemail"] = None if v["detailed_voicemail"] is None else bool(v["detailed_voicemail"])
    v["mrn"] = v["mrn"] or ""
    v["interpreter_mode"] = InterpreterMode(v["interpreter_mode"]) if v["interpreter_mode"] else None
    v["sex"], v["status"], v["risk"] = Sex(v["sex"]), PatientStatus(v["status"]), Risk(v["risk"])
    return PersonView(
        **v,
        phones=shown,
        hidden_phones=len(phones) - len(shown),
        coverages=_coverages(execute, patient_id),
        contacts=read_contacts(execute, patient_id, limit=contacts),
        related=_related(execute, patient_id),
        care_team=_care_team(execute, patient_id),
    )


def read_minor_consent(execute: Execute, patient_id: int) -> str:
    """The service a minor consented to alone, and the state's rule; empty where there is none."""
    rows = execute("SELECT minor_consent FROM patient WHERE id = ?", [patient_id])
    return next((consent for (consent,) in rows), "")


def _phones(execute: Execute, patient_id: int) -> list[PhoneRow]:
    rows = execute(
        "SELECT id, number, label, is_permitted, note FROM patient_phone"
        " WHERE patient_id = ? ORDER BY rank, id",
        [patient_id],
    )
    return [PhoneRow(id=r[0], number=r[1], label=r[2], is_permitted=bool(r[3]), note=r[4]) for r in rows]


def _coverages(execute: Execute, patient_id: int) -> tuple[CoverageRow, ...]:
    rows = execute(
        """SELECT c.id, p.name, p.payer_class, c.plan_name, c.member_id, c.group_number, c.rank, c.status,
                  e.checked_on, e.result, c.starts_on, c.ends_on
           FROM coverage c JOIN payer p ON p.id = c.payer_id
           LEFT JOIN eligibility_check e ON e.id = (
               SELECT id FROM eligibility_check WHERE coverage_id = c.id
               ORDER BY checked_on DESC, id DESC LIMIT 1)
           WHERE c.patient_id = ? ORDER BY c.status = 'cancelled', c.rank, c.id""",
        [patient_id],
    )
    return tuple(
        CoverageRow(
            id=r[0],
            payer_name=r[1],
            payer_class=PayerClass(r[2]),
            plan_name=r[3],
            member_id=r[4],
            group_number=r[5],
            rank=r[6],
            status=r[7],
            last_checked_on=read_day(r[8]),
            last_result=r[9] or "",
            starts_on=read_day(r[10]),
            ends_on=read_day(r[11]),
        )
        for r in rows
    )


def read_contacts(execute: Execute, patient_id: int, *, limit: int) -> tuple[ContactRow, ...]:
    """The last contacts, newest first."""
    rows = execute(
        """SELECT id, at, direction, channel, outcome, made_by, spoke_with, note FROM contact
           WHERE patient_id = ? ORDER BY at DESC, id DESC LIMIT ?""",
        [patient_id, limit],
    )
    return tuple(_contact(r) for r in rows)


def _contact(r: Sequence[Any]) -> ContactRow:
    return ContactRow(
        id=r[0],
        at=datetime.fromisoformat(r[1]),
        direction=Direction(r[2]),
        channel=Channel(r[3]),
        outcome=Outcome(r[4]),
        made_by=r[5],
        spoke_with=r[6],
        note=r[7],
    )


def _related(execute: Execute, patient_id: int) -> tuple[RelatedRow, ...]:
    rows = execute(
        """SELECT id, name, relationship, phone, is_authorized, scope, scope_until, is_emergency_contact,
                  note, birth_date, language, email, is_guardian, version
           FROM related_person WHERE patient_id = ? ORDER BY id""",
        [patient_id],
    )
    return tuple(
        RelatedRow(
            id=r[0],
            name=r[1],
            relationship=r[2],
            phone=r[3],
            is_authorized=bool(r[4]),
            scope=r[5],
            scope_until=read_day(r[6]),
            is_emergency_contact=bool(r[7]),
            note=r[8],
            birth_date=read_day(r[9]),
            language=r[10],
            email=r[11],
            is_guardian=bool(r[12]),
            version=r[13],
        )
        for r in rows
    )


def _care_team(execute: Execute, patient_id: int) -> tuple[CareTeamRow, ...]:
    """Who cares for the patient; those who no longer do stand last."""
    rows = execute(
        """SELECT id, name, role, phone, fax, note, is_active, provider_id, version
           FROM care_team
           WHERE patient_id = ? ORDER BY NOT is_active, id""",
        [patient_id],
    )
    return tuple(
        CareTeamRow(
            id=r[0],
            name=r[1],
            role=r[2],
            phone=r[3],
            fax=r[4],
            note=r[5],
            is_active=bool(r[6]),
            provider_id=r[7],
            version=r[8],
        )
        for r in rows
    )
