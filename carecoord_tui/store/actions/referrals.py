"""A new referral, a changed one, and one that goes to another office instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.icd10 import parse_codes
from carecoord_tui.domain.identifiers import IdentifierError
from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.vocabulary import (
    AuthorizationStatus,
    CoverageStatus,
    DocumentKind,
    PatientStatus,
    ReferralStage,
    ReferralType,
    Urgency,
)
from carecoord_tui.store.actions.base import Refused, as_shown, existing
from carecoord_tui.store.actions.documents import add_document, read_file
from carecoord_tui.store.actions.providers import ProviderEntry, new_provider
from carecoord_tui.store.actions.referral_steps import REASON_LIMIT, advance
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    Authorization,
    Coverage,
    Document,
    Patient,
    Provider,
    Referral,
    ReferralStageEvent,
)

_NOT_SUBMITTED = (AuthorizationStatus.NEEDED, AuthorizationStatus.DRAFT)
_OF_THE_OFFICE = (DocumentKind.REPORT, DocumentKind.FAX_CONFIRMATION)
"""Documents that belong to the office a referral was with; the next one is sent everything else."""
_AMEND = "The payer may have to change the former office's authorization to this one."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralEntry:
    """A referral as the form holds it; stages and their dates are moved by ``referral_steps`` only.

    ``diagnoses`` are ICD-10-CM codes with commas between. ``new_office`` goes before ``provider_id``.
    """

    specialty: str
    provider_id: int | None = None
    new_office: ProviderEntry | None = None
    service_type: ReferralType = ReferralType.CONSULT
    urgency: Urgency = Urgency.ROUTINE
    reason: str = ""
    question: str = ""
    diagnoses: str = ""
    ordered_by: str = ""
    needs_authorization: bool | None = None
    interpreter_needed: bool = False
    transport_needed: bool = False
    note: str = ""


# --- verbs ------------------------------------------------------------------------------------


def create_referral(
    practice: Practice, patient_id: int, entry: ReferralEntry, *, document_paths: Sequence[Path] = ()
) -> int:
    """A draft, ordered today (practice-local), with its first stamp; returns its number.

    ``needs_authorization`` opens the authorization on the first plan, so that it is owed too. A new office
    goes into the directory and the files are attached, all in one change. Raises Refused for a missing
    specialty, a person who died, codes or an NPI of the wrong shape, and a file that is not kept.
    """
    files = [read_file(path) for path in document_paths]
    with practice.change("new referral") as session:
        record = _draft(session, practice, patient_id, entry)
        _settle_authorization(session, practice, record)
        for file in files:
            add_document(session, practice, patient_id, file, referral_id=record.id)
        return _number(record)


def edit_referral(practice: Practice, referral_id: int, entry: ReferralEntry, *, version: int) -> None:
    """Change what is asked for.

    Raises Refused for an ended one, and for another office after sending; Conflict when it is no longer at
    ``version``, which the entry was read with.
    """
    with practice.change("referral edited") as session:
        record = as_shown(session, Referral, referral_id, version)
        if not record.stage.is_open:
            raise Refused(f"This referral is ended ({record.stage.label}): r starts a new one.")
        values = _values(session, entry)
        is_with_office = record.stage is not ReferralStage.DRAFT and record.provider_id is not None
        if is_with_office and values["provider_id"] != record.provider_id:
            raise Refused("It is with that office already: x, then e sends it elsewhere and keeps both.")
        asked_before = record.needs_authorization
        for name, value in values.items():
            if getattr(record, name) != value:
                setattr(record, name, value)
        session.add(record)
        if record.needs_authorization is not asked_before:
            _settle_authorization(session, practice, record)


def redirect(
    practice: Practice,
    referral_id: int,
    *,
    provider_id: int | None,
    reason: str,
    entry_changes: Mapping[str, Any] | None = None,
) -> int:
    """Send a referral to another office: the old one ends, a new draft carries the request; its number.

    One change. The new one carries the day of the order, so that its clocks run on, and knows the old one;
    it takes over every fact of the entry, except for ``entry_changes`` (fields of ReferralEntry;
    ``new_office`` for one that is not in the directory), copies of the attached documents, and
    authorizations not submitted yet. Raises Refused with the machine's words, or when there is no new office.
    """
    with practice.change("referral sent elsewhere") as session:
        old = existing(session, Referral, referral_id)
        office = session.get(Provider, old.provider_id) if old.provider_id is not None else None
        entry = replace(entry_of(old), provider_id=provider_id, **(entry_changes or {}))
        if entry.new_office is None:
            if entry.provider_id is None:
                raise Refused("Say which office it goes to now.")
            if entry.provider_id == old.provider_id:
                raise Refused("It is with that office already: choose another one.")
        why = clean_text(reason, REASON_LIMIT)
        advance(session, practice, referral_id, Step(to=ReferralStage.REDIRECTED, reason=why))
        note = f"Instead of {office.name}: {why}" if office is not None else why
        record = _draft(session, practice, old.patient_id, entry, redirected_from_id=referral_id, note=note)
        record.ordered_on = old.ordered_on  # the same order, another office: its clocks run on
        kept_by_old = _move_unsubmitted(session, referral_id, _number(record))
        _settle_authorization(session, practice, record, note=_AMEND if kept_by_old else "")
        _copy_documents(session, practice, referral_id, _number(record))
        return _number(record)


def entry_of(record: Referral) -> ReferralEntry:
    """What a referral asks for, as the form holds it."""
    return ReferralEntry(
        specialty=record.specialty,
        provider_id=record.provider_id,
        service_type=record.service_type,
        urgency=record.urgency,
        reason=record.reason,
        question=record.question,
        diagnoses=record.diagnoses,
        ordered_by=record.ordered_by,
        needs_authorization=record.needs_authorization,
        interpreter_needed=record.interpreter_needed,
        transport_needed=record.transport_needed,
        note=record.note,
    )


# --- parts ------------------------------------------------------------------------------------


def _number(record: Referral) -> int:
    assert record.id is not None  # noqa: S101 - flushed by _draft
    return record.id


def _draft(
    session: AuditedSession,
    practice: Practice,
    patient_id: int,
    entry: ReferralEntry,
    *,
    redirected_from_id: int | None = None,
    note: str = "",
) -> Referral:
    """The record with its first stamp, flushed."""
    if existing(session, Patient, patient_id).status is PatientStatus.DECEASED:
        raise Refused("This person has died: outreach and visits stopped, so there is nothing to refer.")
    today = practice.today()
    record = Referral(
        patient_id=patient_id,
        stage=ReferralStage.DRAFT,
        stage_on=today,
        ordered_on=today,
        redirected_from_id=redirected_from_id,
        **_values(session, entry),
    )
    session.add(record)
    session.flush()
    session.add(
        ReferralStageEvent(
            referral_id=_number(record),
            patient_id=patient_id,
            stage=ReferralStage.DRAFT,
            happened_on=today,
            recorded_at=practice.clock.now(),
            who=practice.user.name,
            note=clean_text(note, 400),
        )
    )
    return record


def _values(session: AuditedSession, entry: ReferralEntry) -> dict[str, Any]:
    """The entry's columns, cleaned; a new office is put into the directory. Raises Refused."""
    specialty = clean_text(entry.specialty, 80)
    if not specialty:
        raise Refused("A referral needs a specialty, such as cardiology.")
    try:
        diagnoses = ", ".join(parse_codes(entry.diagnoses))
    except IdentifierError as error:
        raise Refused(str(error)) from error
    return {
        "specialty": specialty,
        "provider_id": _office(session, entry, specialty),
        "service_type": entry.service_type,
        "urgency": entry.urgency,
        "reason": clean_text(entry.reason, 400),
        "question": clean_text(entry.question, 1000),
        "diagnoses": diagnoses,
        "ordered_by": clean_text(entry.ordered_by, 120),
        "needs_authorization": entry.needs_authorization,
        "interpreter_needed": entry.interpreter_needed,
        "transport_needed": entry.transport_needed,
        "note": clean_text(entry.note, 400),
    }


def _office(session: AuditedSession, entry: ReferralEntry, specialty: str) -> int | None:
    """The receiving office's number; a new one is added."""
    if entry.new_office is None:
        if entry.provider_id is not None and session.get(Provider, entry.provider_id) is None:
            raise Refused("That office is no longer in the directory: choose another one.")
        return entry.provider_id
    office = entry.new_office
    return new_provider(session, replace(office, specialty=office.specialty or specialty))


def _authorizations(session: AuditedSession, referral_id: int) -> list[Authorization]:
    """Those of a referral that are not closed."""
    statement = select(Authorization).where(col(Authorization.referral_id) == referral_id)
    return [one for one in session.exec(statement) if one.status.is_open]


def _settle_authorization(
    session: AuditedSession, practice: Practice, record: Referral, *, note: str = ""
) -> None:
    """Needed: one is open, on the first plan. Not needed: what was not submitted yet is cancelled."""
    number = _number(record)
    present = _authorizations(session, number)
    if not record.needs_authorization:
        for one in present:
            if one.status in _NOT_SUBMITTED:
                one.status = AuthorizationStatus.CANCELLED
                session.add(one)
    elif not present:
        plan = session.exec(
            select(Coverage)
            .where(
                col(Coverage.patient_id) == record.patient_id,
                col(Coverage.status) != CoverageStatus.CANCELLED,
            )
            .order_by(col(Coverage.rank), col(Coverage.id))
        ).first()
        session.add(
            Authorization(
                patient_id=record.patient_id,
                coverage_id=plan.id if plan is not None else None,
                referral_id=number,
                service=f"{record.specialty}: {record.service_type.label}",
                status=AuthorizationStatus.NEEDED,
                opened_on=practice.today(),
                note=note,
            )
        )


def _move_unsubmitted(session: AuditedSession, old_id: int, new_id: int) -> bool:
    """Authorizations nobody submitted yet go on with the request; True when the payer has others.

    A submitted one names the former office, so it stays with the referral it was asked for.
    """
    present = _authorizations(session, old_id)
    for one in present:
        if one.status in _NOT_SUBMITTED:
            one.referral_id = new_id
            session.add(one)
    return any(one.status not in _NOT_SUBMITTED for one in present)


def _copy_documents(session: AuditedSession, practice: Practice, old_id: int, new_id: int) -> None:
    """The attached documents once more, of the same bytes: both referrals stay complete by themselves."""
    statement = select(Document).where(col(Document.referral_id) == old_id).order_by(col(Document.id))
    for document in session.exec(statement).all():
        if document.kind not in _OF_THE_OFFICE:
            kept = document.model_dump(exclude={"id", "version", "referral_id", "added_at"})
            session.add(Document(**kept, referral_id=new_id, added_at=practice.clock.now()))
