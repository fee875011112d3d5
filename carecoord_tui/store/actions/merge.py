"""Two records of one person made one: every record moves, nothing is lost, one undoable change."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlmodel import col, select

from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.domain.merging import BY_NAME, MergePreview, note_of
from carecoord_tui.domain.vocabulary import Kind, PatientStatus
from carecoord_tui.store.actions.base import Refused, as_shown
from carecoord_tui.store.merged import OWNED
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    BY_TABLE,
    Contact,
    Coverage,
    ItemCover,
    MovedDate,
    Note,
    Patient,
    PatientPhone,
    Record,
)

SOURCE = "merge"
MERGED = "Merged with another record of this person."
_SAFE_LIMIT, _PHONE_NOTE_LIMIT = 400, 200
_KEPT_TOGETHER = {
    "safe_contact": "safe contact",
    "safe_contact_reason": "safe contact",
    "minor_consent": "the minor's consent",
}


def merge_patients(practice: Practice, preview: MergePreview, take: Collection[str]) -> None:
    """Merge the record that goes into the one that stays, as the preview shows it.

    Every row of the record that goes is moved; it stays behind itself, discharged, pointing to the one that
    stays (FHIR Patient.link ``replaced-by``), so that its MRN leads there. A confidential channel of either
    binds the person, and numbers that were not permitted there stay hidden. What is on neither record
    afterwards, a note says.

    Args:
        practice: an open practice.
        preview: as shown, with the versions it was read at.
        take: names of the fields taken from the record that goes.

    Raises:
        Refused: one of them is merged already, a field is unknown, or the words on safe contact do not fit.
        Conflict: one of them was changed since it was shown.
    """
    if preview.our_id == preview.their_id:
        raise Refused("These are one record already: choose another person.")
    with practice.change("people merged") as session:
        ours = as_shown(session, Patient, preview.our_id, preview.versions[0])
        theirs = as_shown(session, Patient, preview.their_id, preview.versions[1])
        dropped = _move_everything(session, ours, theirs, takes_status="status" in take)
        _take(session, ours, theirs, take)
        _keep_safe(ours, theirs)
        text = note_of(preview, take, dropped)
        session.add(Note(patient_id=preview.our_id, at=practice.clock.now(), text=text, source=SOURCE))
        for merged in session.exec(select(Patient).where(col(Patient.merged_into_id) == theirs.id)):
            merged.merged_into_id = ours.id
            session.add(merged)
        _end(theirs, ours, practice)
        session.add_all([ours, theirs])


def _end(theirs: Patient, ours: Patient, practice: Practice) -> None:
    theirs.status, theirs.status_on, theirs.status_note = PatientStatus.DISCHARGED, practice.today(), MERGED
    theirs.hold_until = theirs.check_in_on = theirs.deceased_on = None
    theirs.deceased_told_by = ""
    theirs.merged_into_id = ours.id


def _take(session: AuditedSession, ours: Patient, theirs: Patient, take: Collection[str]) -> None:
    for name in take:
        if name not in BY_NAME:
            raise Refused(f"There is no field {name} to take over.")
        if name != "mrn":
            for column in BY_NAME[name].columns:
                setattr(ours, column, getattr(theirs, column))
    if "mrn" in take:
        number, other = theirs.mrn, ours.mrn
        for patient, value in ((theirs, None), (ours, number), (theirs, other)):  # each number once at a time
            patient.mrn = value
            session.add(patient)
            session.flush()


def _keep_safe(ours: Patient, theirs: Patient) -> None:
    """What protects a person holds for the one record as for the two."""
    ours.confidential_channel = ours.confidential_channel or theirs.confidential_channel
    for name, what in _KEPT_TOGETHER.items():
        text = _both((getattr(ours, name), getattr(theirs, name)), _SAFE_LIMIT, what)
        setattr(ours, name, text)


def _both(words: Iterable[str], limit: int, what: str) -> str:
    """Words of both in one, each once. Raises Refused when they are longer than their place."""
    text = " · ".join(dict.fromkeys(filter(None, words)))
    if len(text) > limit:
        raise Refused(f"The words on {what} of both do not fit in one: shorten one of them first.")
    return text


# --- their records ---------------------------------------------------------------------------------------


def _move_everything(
    session: AuditedSession, ours: Patient, theirs: Patient, *, takes_status: bool
) -> list[tuple[str, str]]:
    """Move every row; returns (label, words) of what ends instead."""
    assert ours.id is not None and theirs.id is not None  # noqa: S101 - both are stored
    known = _permit_as_theirs(session, ours, theirs)
    stays_hidden = ours.confidential_channel and not theirs.confidential_channel
    dropped = _end_check_in_of(session, ours if takes_status else theirs)
    tried, paying = (_last_rank(session, name, ours.id) for name in ("patient_phone", "coverage"))
    for name in OWNED:
        for record in _of(session, BY_TABLE[name], theirs.id):
            if isinstance(record, PatientPhone) and record.number in known:
                _join(known[record.number], record)
                session.add(known[record.number])
                session.delete(record)
                continue
            if isinstance(record, PatientPhone):
                record.rank += tried
                record.is_permitted = record.is_permitted and not stays_hidden
            elif isinstance(record, Coverage):
                record.rank += paying
            elif isinstance(record, Contact | Note) and record.about_kind is Kind.PATIENT:
                record.about_id = ours.id
            elif isinstance(record, MovedDate | ItemCover) and record.kind is Kind.PATIENT:
                record.record_id = ours.id
            record.patient_id = ours.id
            session.add(record)
    session.flush()
    return dropped


def _join(kept: PatientPhone, double: PatientPhone) -> None:
    """One number of both records: what theirs says of it stands in its note."""
    label = double.label if double.label != kept.label else ""
    kept.note = _both((kept.note, label, double.note), _PHONE_NOTE_LIMIT, "a number")


def _end_check_in_of(session: AuditedSession, patient: Patient) -> list[tuple[str, str]]:
    """A moved check-in, or a mark on one, ends with the record whose standing ends; says what ended."""
    assert patient.id is not None  # noqa: S101 - stored
    ended = []
    for model in (MovedDate, ItemCover):
        for record in _of(session, model, patient.id):
            if isinstance(record, MovedDate | ItemCover) and record.kind is Kind.PATIENT:
                ended.append(_check_in_words(record))
                session.delete(record)
    session.flush()  # before another takes their place
    return ended


def _check_in_words(record: MovedDate | ItemCover) -> tuple[str, str]:
    day = format_full_day(record.until_on)
    if isinstance(record, ItemCover):
        return "check-in", " ".join(filter(None, (f"marked {record.mark.label} until {day}", record.note)))
    words = (f"moved to {day}", record.waiting_on and f"waiting on {record.waiting_on}", record.reason)
    return "check-in", ", ".join(filter(None, words))


def _permit_as_theirs(session: AuditedSession, ours: Patient, theirs: Patient) -> dict[str, PatientPhone]:
    """The numbers the person has; where the confidential channel comes from theirs, so do the permissions."""
    assert ours.id is not None and theirs.id is not None  # noqa: S101 - both are stored
    present = _phones(session, ours.id)
    if theirs.confidential_channel and not ours.confidential_channel:
        permitted = {phone.number for phone in _phones(session, theirs.id) if phone.is_permitted}
        for phone in present:
            phone.is_permitted = phone.number in permitted
            session.add(phone)
    return {phone.number: phone for phone in reversed(present)}


def _phones(session: AuditedSession, patient_id: int) -> list[PatientPhone]:
    return [one for one in _of(session, PatientPhone, patient_id) if isinstance(one, PatientPhone)]


def _of(session: AuditedSession, model: type[Record], patient_id: int) -> list[Record]:
    owner = model.patient_id  # type: ignore[attr-defined]
    return list(session.exec(select(model).where(owner == patient_id).order_by(col(model.id))))


def _last_rank(session: AuditedSession, name: str, patient_id: int) -> int:
    table: sa.Table = BY_TABLE[name].__table__  # type: ignore[attr-defined]
    statement = sa.select(sa.func.coalesce(sa.func.max(table.c.rank), 0))
    return int(session.connection().execute(statement.where(table.c.patient_id == patient_id)).scalar_one())
