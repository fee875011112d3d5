"""Adding and changing people, their phones, the people around them, their coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, time
from typing import Any

from sqlmodel import col, select

from carecoord_tui.domain.check_in import next_check_in
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import (
    CoverageStatus,
    InterpreterMode,
    PatientStatus,
    PayerClass,
    Risk,
    Sex,
)
from carecoord_tui.store.actions.base import Refused, as_shown, existing
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Coverage, Patient, PatientPhone, Payer, RelatedPerson

TOLD_BY_LIMIT = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneEntry:
    """A number as the form holds it; E.164."""

    number: str
    label: str = "mobile"
    is_permitted: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageEntry:
    """The first plan as the form holds it; an empty ``payer_name`` means that there is none any more."""

    payer_name: str
    payer_class: PayerClass = PayerClass.UNKNOWN
    plan_name: str = ""
    member_id: str = ""
    group_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientEntry:
    """A person as the form holds it. Field names are the table's."""

    family_name: str
    given_name: str = ""
    middle_name: str = ""
    preferred_name: str = ""
    suffix: str = ""
    birth_date: date | None = None
    sex: Sex = Sex.UNKNOWN
    mrn: str | None = None
    risk: Risk = Risk.LOW
    language: str = ""
    interpreter_needed: bool = False
    interpreter_mode: InterpreterMode | None = None
    email: str = ""
    address_line: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    primary_provider: str = ""
    call_from: time | None = None
    call_until: time | None = None
    detailed_voicemail: bool | None = None
    confidential_channel: bool = False
    safe_contact: str = ""


_ENTRY_FIELDS = tuple(field.name for field in fields(PatientEntry))


def _values(entry: PatientEntry) -> dict[str, Any]:
    """The entry's columns. An empty MRN is an unknown one: many may be unknown, a number is given once."""
    return {**{name: getattr(entry, name) for name in _ENTRY_FIELDS}, "mrn": entry.mrn or None}


def add_patient(
    practice: Practice,
    entry: PatientEntry,
    *,
    phones: Sequence[PhoneEntry] = (),
    coverage: CoverageEntry | None = None,
) -> int:
    """A new active patient, with a check-in date by risk tier; returns its number.

    Raises Refused for a missing name or an MRN somebody has.
    """
    with practice.change("new patient") as session:
        number = insert_patient(session, practice, entry, phones=phones).id
        assert number is not None  # noqa: S101 - flushed there
        _put_coverage(session, number, coverage)
    return number


def insert_patient(
    session: AuditedSession, practice: Practice, entry: PatientEntry, *, phones: Sequence[PhoneEntry] = ()
) -> Patient:
    """A new active patient inside a change, flushed. Raises Refused as :func:`add_patient` does."""
    _check(session, entry, None)
    today, context = practice.today(), practice.context
    record = Patient(
        **_values(entry),
        status_on=today,
        check_in_on=next_check_in(context.pack, context.calendar, entry.risk, after=today),
    )
    session.add(record)
    session.flush()
    assert record.id is not None  # noqa: S101 - flushed above
    _put_phones(session, record.id, phones)
    return record


def edit_patient(
    practice: Practice,
    patient_id: int,
    entry: PatientEntry,
    *,
    phones: Sequence[PhoneEntry] | None = None,
    coverage: CoverageEntry | None = None,
) -> None:
    """Change a person; ``phones`` or ``coverage`` None leaves those alone, a list replaces the numbers.

    A changed risk tier moves the check-in. Raises Refused as :func:`add_patient` does.
    """
    with practice.change("patient edited") as session:
        _check(session, entry, patient_id)
        record = existing(session, Patient, patient_id)
        risk_changed = record.risk is not entry.risk
        for name, value in _values(entry).items():
            if getattr(record, name) != value:
                setattr(record, name, value)
        if risk_changed:
            context = practice.context
            record.check_in_on = next_check_in(
                context.pack, context.calendar, entry.risk, after=practice.today()
            )
        session.add(record)
        if phones is not None:
            _put_phones(session, patient_id, phones)
        _put_coverage(session, patient_id, coverage)


def set_status(
    practice: Practice,
    patient_id: int,
    status: PatientStatus,
    *,
    hold_until: date | None = None,
    deceased_on: date | None = None,
    note: str = "",
) -> None:
    """Put a person on hold, discharge, record a death, or take them up again.

    A hold needs its review date; a death its date when known. ``note`` is why, of a death who told of it.
    Raises Refused with the reason.
    """
    today = practice.today()
    if status is PatientStatus.ON_HOLD and (hold_until is None or hold_until <= today):
        raise Refused("A hold needs a day ahead on which it is looked at again.")
    if deceased_on is not None and deceased_on > today:
        raise Refused(f"{format_day(deceased_on, today)} is ahead.")
    with practice.change(f"patient: {status.label}") as session:
        record = existing(session, Patient, patient_id)
        if status is PatientStatus.ACTIVE and record.status is status:
            raise Refused("This person is active already.")
        has_died = status is PatientStatus.DECEASED
        record.status, record.status_on = status, today
        record.status_note = "" if has_died else clean_text(note, 400)
        record.deceased_told_by = clean_text(note, TOLD_BY_LIMIT) if has_died else ""
        record.hold_until = hold_until if status is PatientStatus.ON_HOLD else None
        record.deceased_on = deceased_on if has_died else None
        if status is PatientStatus.ACTIVE and (record.check_in_on is None or record.check_in_on < today):
            context = practice.context
            record.check_in_on = next_check_in(context.pack, context.calendar, record.risk, after=today)
        session.add(record)


def _check(session: AuditedSession, entry: PatientEntry, patient_id: int | None) -> None:
    if not entry.family_name.strip():
        raise Refused("A patient needs a family name.")
    if entry.mrn:
        other = session.exec(select(Patient).where(col(Patient.mrn) == entry.mrn)).first()
        if other is not None and other.id != patient_id:
            raise Refused(f"MRN {entry.mrn} belongs to another patient; an MRN is given once.")


def _put_phones(session: AuditedSession, patient_id: int, phones: Sequence[PhoneEntry]) -> None:
    present = list(
        session.exec(
            select(PatientPhone)
            .where(col(PatientPhone.patient_id) == patient_id)
            .order_by(col(PatientPhone.rank), col(PatientPhone.id))
        )
    )
    for place, wanted in enumerate(phones, 1):
        record = (
            present[place - 1] if place <= len(present) else PatientPhone(patient_id=patient_id, number="")
        )
        record.number, record.label, record.rank = wanted.number, wanted.label, place
        record.is_permitted, record.note = wanted.is_permitted, wanted.note
        session.add(record)
    for record in present[len(phones) :]:
        session.delete(record)


def find_or_add_payer(session: AuditedSession, name: str, payer_class: PayerClass) -> int:
    """The payer of this name, made when new; an unknown class is filled in when it becomes known."""
    record = session.exec(select(Payer).where(col(Payer.name) == name)).first()
    if record is None:
        record = Payer(name=name, payer_class=payer_class)
        session.add(record)
        session.flush()
    elif record.payer_class is PayerClass.UNKNOWN and payer_class is not PayerClass.UNKNOWN:
        record.payer_class = payer_class
        session.add(record)
    assert record.id is not None  # noqa: S101 - flushed above
    return record.id


def _put_coverage(session: AuditedSession, patient_id: int, wanted: CoverageEntry | None) -> None:
    """Write the plan that pays first; None leaves coverage alone. Another payer cancels the old plan."""
    if wanted is None:
        return
    record = session.exec(
        select(Coverage)
        .where(col(Coverage.patient_id) == patient_id, col(Coverage.status) != CoverageStatus.CANCELLED)
        .order_by(col(Coverage.rank), col(Coverage.id))
    ).first()
    name = wanted.payer_name.strip()
    payer_id = find_or_add_payer(session, name, wanted.payer_class) if name else None
    if record is not None and record.payer_id != payer_id:
        record.status = CoverageStatus.CANCELLED
        session.add(record)
    if payer_id is None:
        return
    if record is None or record.payer_id != payer_id:
        record = Coverage(patient_id=patient_id, payer_id=payer_id, rank=record.rank if record else 1)
    record.plan_name, record.member_id = wanted.plan_name, wanted.member_id
    record.group_number = wanted.group_number
    session.add(record)


def put_related_person(
    practice: Practice,
    patient_id: int,
    *,
    related_id: int | None = None,
    version: int | None = None,
    name: str,
    relationship: str = "",
    phone: str = "",
    is_authorized: bool = False,
    scope: str = "",
    scope_until: date | None = None,
    is_emergency_contact: bool = False,
    note: str = "",
    birth_date: date | None = None,
    language: str = "",
    email: str = "",
    is_guardian: bool = False,
) -> int:
    """Add or change a person around the patient; returns the number.

    ``is_guardian`` is a parent or guardian of a minor, whose authority lapses at 18. ``version`` is the one
    the form read. Raises Refused without a name, for a birth date ahead, when authority is given without
    saying what for, and for somebody around another patient; Conflict when another window changed this person
    since.
    """
    if not name.strip():
        raise Refused("That person needs a name.")
    if is_authorized and not scope.strip():
        raise Refused("Say what this person may be told (scope), for example: appointments, results.")
    if birth_date is not None and birth_date > practice.today():
        raise Refused("That birth date is ahead: check the year.")
    with practice.change("related person") as session:
        existing(session, Patient, patient_id)
        record = (
            RelatedPerson(patient_id=patient_id, name="")
            if related_id is None
            else existing(session, RelatedPerson, related_id)
            if version is None
            else as_shown(session, RelatedPerson, related_id, version)
        )
        if record.patient_id != patient_id:
            raise Refused("That person belongs to another patient.")
        record.name, record.relationship, record.phone = name.strip(), relationship, phone
        record.is_authorized, record.scope, record.scope_until = is_authorized, scope, scope_until
        record.is_emergency_contact, record.note = is_emergency_contact, note
        record.birth_date, record.language = birth_date, language
        record.email, record.is_guardian = email, is_guardian
        session.add(record)
        session.flush()
        number = record.id
    assert number is not None  # noqa: S101 - flushed above
    return number
