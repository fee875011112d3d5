"""Everything a referral packet could hold. A confidential channel is respected here, once for all of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from carecoord_tui.domain.packet import (
    PacketAuthorization,
    PacketCoverage,
    PacketData,
    PacketDocument,
    PacketOffice,
    PacketPatient,
    PacketPhone,
    PacketReferral,
)
from carecoord_tui.domain.release import postal_address
from carecoord_tui.domain.vocabulary import (
    CoverageStatus,
    DocumentKind,
    ReferralStage,
    ReferralType,
    Sex,
    Urgency,
)
from carecoord_tui.store.queries.history_items import read_history_items
from carecoord_tui.store.queries.phones import read_phones
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.store.queries.values import read_day

_REFERRAL = (
    "id", "patient_id", "provider_id", "specialty", "stage", "ordered_on", "reason", "question", "urgency",
    "service_type", "diagnoses", "ordered_by", "needs_authorization", "interpreter_needed",
    "transport_needed", "sent_on", "sent_how", "sent_confirmation",
)  # fmt: skip
_PATIENT = (
    "id", "family_name", "given_name", "middle_name", "suffix", "birth_date", "sex", "mrn", "language",
    "interpreter_needed", "address_line", "city", "state", "postal_code", "confidential_channel",
    "primary_provider", "safe_contact <> ''", "minor_consent",
)  # fmt: skip


def read_packet(execute: Execute, referral_id: int, today: date) -> PacketData | None:
    """What is on file for a packet of this referral ``today``; None when it is no longer there.

    Under a confidential channel only permitted numbers are read, and no address (45 CFR 164.522(b)). What
    the safe-contact instructions say is never read.
    """
    r = _one(execute, _REFERRAL, "referral", referral_id)
    if r is None:
        return None
    p = _one(execute, _PATIENT, "patient", r["patient_id"])
    if p is None:
        return None
    return PacketData(
        today=today,
        referral=_referral(r, p["primary_provider"]),
        patient=_patient(execute, p),
        office=_office(execute, r["provider_id"]),
        coverages=_coverages(execute, p["id"]),
        authorizations=_authorizations(execute, referral_id),
        history=read_history_items(execute, p["id"]),
        documents=_documents(execute, p["id"]),
    )


def _one(execute: Execute, columns: tuple[str, ...], table: str, number: object) -> dict[str, Any] | None:
    rows = execute(f"SELECT {', '.join(columns)} FROM {table} WHERE id = ?", [number])
    return next((dict(zip(columns, row, strict=True)) for row in rows), None)


def _referral(r: dict[str, Any], primary_provider: str) -> PacketReferral:
    codes = (code.strip() for code in r["diagnoses"].split(","))
    needs = r["needs_authorization"]
    return PacketReferral(
        id=r["id"],
        specialty=r["specialty"],
        stage=ReferralStage(r["stage"]),
        ordered_on=date.fromisoformat(r["ordered_on"]),
        reason=r["reason"],
        question=r["question"],
        urgency=Urgency(r["urgency"]),
        service_type=ReferralType(r["service_type"]),
        diagnoses=tuple(code for code in codes if code),
        ordered_by=r["ordered_by"] or primary_provider,
        needs_authorization=None if needs is None else bool(needs),
        interpreter_needed=bool(r["interpreter_needed"]),
        transport_needed=bool(r["transport_needed"]),
        sent_on=read_day(r["sent_on"]),
        sent_how=r["sent_how"],
        sent_confirmation=r["sent_confirmation"],
    )


def _patient(execute: Execute, p: dict[str, Any]) -> PacketPatient:
    hidden = bool(p["confidential_channel"])
    phones = read_phones(execute, [p["id"]]).get(p["id"], ())
    return PacketPatient(
        id=p["id"],
        family_name=p["family_name"],
        given_name=p["given_name"],
        middle_name=p["middle_name"],
        suffix=p["suffix"],
        birth_date=read_day(p["birth_date"]),
        sex=Sex(p["sex"]),
        mrn=p["mrn"] or "",
        language=p["language"],
        interpreter_needed=bool(p["interpreter_needed"]),
        phones=tuple(PacketPhone(phone.number, phone.label) for phone in phones),
        address=postal_address(
            p["address_line"], p["city"], p["state"], p["postal_code"], is_confidential=hidden
        ),
        confidential_channel=hidden,
        asks_discretion=bool(p["safe_contact <> ''"]),
        minor_consent=p["minor_consent"],
    )


def _office(execute: Execute, provider_id: int | None) -> PacketOffice | None:
    columns = (
        "name",
        "organization",
        "specialty",
        "npi",
        "phone",
        "referral_phone",
        "fax",
        "address",
        "wants",
    )
    if provider_id is None or (v := _one(execute, columns, "provider", provider_id)) is None:
        return None
    desk = v.pop("referral_phone")
    return PacketOffice(**{**v, "npi": v["npi"] or "", "phone": desk or v["phone"]})


def _coverages(execute: Execute, patient_id: int) -> tuple[PacketCoverage, ...]:
    rows = execute(
        """SELECT c.id, p.name, c.plan_name, c.member_id, c.group_number, c.rank, c.status,
                  c.starts_on, c.ends_on
           FROM coverage c JOIN payer p ON p.id = c.payer_id
           WHERE c.patient_id = ? AND c.status <> ? ORDER BY c.rank, c.id""",
        [patient_id, CoverageStatus.CANCELLED.value],
    )
    return tuple(
        PacketCoverage(
            id=r[0],
            payer_name=r[1],
            plan_name=r[2],
            member_id=r[3],
            group_number=r[4],
            rank=r[5],
            status=CoverageStatus(r[6]),
            starts_on=read_day(r[7]),
            ends_on=read_day(r[8]),
        )
        for r in rows
    )


def _authorizations(execute: Execute, referral_id: int) -> tuple[PacketAuthorization, ...]:
    rows = execute(
        "SELECT number, service, valid_from, valid_to FROM authorization"
        " WHERE referral_id = ? AND number <> '' AND status IN ('approved', 'partial', 'modified')"
        " ORDER BY id",
        [referral_id],
    )
    return tuple(
        PacketAuthorization(number=r[0], service=r[1], valid_from=read_day(r[2]), valid_to=read_day(r[3]))
        for r in rows
    )


def _documents(execute: Execute, patient_id: int) -> tuple[PacketDocument, ...]:
    rows = execute(
        "SELECT id, kind, title, media_type, size, received_on, referral_id, is_part2, is_sensitive"
        " FROM document WHERE patient_id = ? ORDER BY received_on DESC, id DESC",
        [patient_id],
    )
    return tuple(
        PacketDocument(
            id=r[0],
            kind=DocumentKind(r[1]),
            title=r[2],
            media_type=r[3],
            size=r[4],
            received_on=date.fromisoformat(r[5]),
            referral_id=r[6],
            is_part2=bool(r[7]),
            is_sensitive=bool(r[8]),
        )
        for r in rows
    )
