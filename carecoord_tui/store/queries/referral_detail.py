"""One referral in full: its fields, office, stamps, both ends of its chain, authorizations, documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from carecoord_tui.domain.names import display
from carecoord_tui.domain.referral_rows import (
    AuthorizationRow,
    LinkedReferral,
    OfficeRow,
    ReferralDetailRow,
    StampRow,
)
from carecoord_tui.domain.vocabulary import AuthorizationStatus, ReferralStage, ReferralType, Urgency
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day

_TEXTS = (
    "specialty", "reason", "question", "diagnoses", "stage_reason", "ordered_by", "sent_how",
    "sent_confirmation", "office_reference", "report_source", "reviewed_by", "informed_by", "note",
)  # fmt: skip
_DAYS = (
    "stage_on", "ordered_on", "sent_on", "visit_on", "report_received_on", "reviewed_on",
    "patient_informed_on", "touched_on",
)  # fmt: skip
_FLAGS = ("interpreter_needed", "transport_needed")
_OTHERS = (
    "id", "version", "patient_id", "provider_id", "service_type", "urgency", "stage", "held_stage",
    "visit_time", "needs_authorization", "redirected_from_id",
)  # fmt: skip
_COLUMNS = (*_OTHERS, *_TEXTS, *_DAYS, *_FLAGS)
_PERSON = ("family_name", "given_name", "suffix", "preferred_name", "mrn", "birth_date")


def read_referral(execute: Execute, referral_id: int) -> ReferralDetailRow | None:
    """One referral; None when an undo or another window removed it."""
    columns = ", ".join([*(f"r.{name}" for name in _COLUMNS), *(f"p.{name}" for name in _PERSON)])
    sql = f"SELECT {columns} FROM referral r JOIN patient p ON p.id = r.patient_id WHERE r.id = ?"
    row = next(iter(execute(sql, [referral_id])), None)
    return None if row is None else _detail(execute, dict(zip((*_COLUMNS, *_PERSON), row, strict=True)))


def _detail(execute: Execute, v: Mapping[str, Any]) -> ReferralDetailRow:
    number = v["id"]
    needed = v["needs_authorization"]
    return ReferralDetailRow(
        id=number,
        version=v["version"],
        patient_id=v["patient_id"],
        patient_name=display(v["family_name"], v["given_name"], v["suffix"], v["preferred_name"]),
        birth_date=read_day(v["birth_date"]),
        mrn=v["mrn"] or "",
        office=_office(execute, v["provider_id"]),
        service_type=ReferralType(v["service_type"]),
        urgency=Urgency(v["urgency"]),
        stage=ReferralStage(v["stage"]),
        held_stage=ReferralStage(v["held_stage"]) if v["held_stage"] else None,
        visit_time=time.fromisoformat(v["visit_time"]) if v["visit_time"] else None,
        needs_authorization=None if needed is None else bool(needed),
        stamps=_stamps(execute, number),
        redirected_from=next(iter(_linked(execute, "r.id = ?", v["redirected_from_id"])), None),
        redirected_to=_linked(execute, "r.redirected_from_id = ?", number),
        authorizations=_authorizations(execute, v["patient_id"], number),
        document_count=_count_documents(execute, number),
        **_plain(v),
    )


def _plain(v: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are taken as they are named."""
    return {
        **{name: v[name] for name in _TEXTS},
        **{name: read_day(v[name]) for name in _DAYS},
        **{name: bool(v[name]) for name in _FLAGS},
    }


def _office(execute: Execute, provider_id: int | None) -> OfficeRow | None:
    rows = execute(
        "SELECT id, name, organization, specialty, npi, phone, referral_phone, fax, address, wants,"
        " usual_wait_days FROM provider WHERE id = ?",
        [provider_id],
    )
    for r in rows:
        return OfficeRow(
            id=r[0],
            name=r[1],
            organization=r[2],
            specialty=r[3],
            npi=r[4] or "",
            phone=r[5],
            referral_phone=r[6],
            fax=r[7],
            address=r[8],
            wants=r[9],
            usual_wait_days=r[10],
        )
    return None


def _stamps(execute: Execute, referral_id: int) -> tuple[StampRow, ...]:
    rows = execute(
        "SELECT id, stage, happened_on, recorded_at, who, note, from_stage, visit_on FROM referral_stage"
        " WHERE referral_id = ? ORDER BY recorded_at, id",
        [referral_id],
    )
    return tuple(_stamp(r) for r in rows)


def _stamp(r: Sequence[Any]) -> StampRow:
    return StampRow(
        id=r[0],
        stage=ReferralStage(r[1]),
        happened_on=date.fromisoformat(r[2]),
        recorded_at=datetime.fromisoformat(r[3]),
        who=r[4],
        note=r[5],
        from_stage=ReferralStage(r[6]) if r[6] else None,
        visit_on=read_day(r[7]),
    )


def _linked(execute: Execute, where: str, number: int | None) -> tuple[LinkedReferral, ...]:
    rows = execute(
        "SELECT r.id, coalesce(o.name, ''), r.stage FROM referral r"
        f" LEFT JOIN provider o ON o.id = r.provider_id WHERE {where} ORDER BY r.id",
        [number],
    )
    return tuple(LinkedReferral(id=r[0], office=r[1], stage=ReferralStage(r[2])) for r in rows)


def _authorizations(execute: Execute, patient_id: int, referral_id: int) -> tuple[AuthorizationRow, ...]:
    rows = execute(
        "SELECT id, number, status, valid_from, valid_to FROM authorization"
        " WHERE patient_id = ? AND referral_id = ? ORDER BY opened_on DESC, id DESC",
        [patient_id, referral_id],
    )
    return tuple(
        AuthorizationRow(
            id=r[0],
            number=r[1],
            status=AuthorizationStatus(r[2]),
            valid_from=read_day(r[3]),
            valid_to=read_day(r[4]),
        )
        for r in rows
    )


def _count_documents(execute: Execute, referral_id: int) -> int:
    sql = "SELECT count(*) FROM document WHERE referral_id = ?"
    return int(next(iter(execute(sql, [referral_id])))[0])
