"""Logging an incoming call: who called about whom, what was read, who took it over, what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.incoming import NEVER_FOR_SAFETY, ON_A_CLINICIANS_WORD, NewPerson
from carecoord_tui.domain.people import authority
from carecoord_tui.domain.vocabulary import (
    Channel,
    Direction,
    Disposition,
    FollowUpKind,
    Outcome,
    PatientStatus,
)
from carecoord_tui.store.actions.base import Refused, existing, instant, reset_check_in
from carecoord_tui.store.actions.patients import PatientEntry, PhoneEntry, insert_patient
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Contact, FollowUp, IncomingCall, Patient, RelatedPerson

REASON_LIMIT, NOTE_LIMIT, TITLE_LIMIT = 1000, 4000, 200
NAME_LIMIT, RELATIONSHIP_LIMIT, CLINICIAN_LIMIT = 160, 60, 120
LOCATION_LIMIT, SAID_LIMIT = 200, 400
MINUTES_LIMIT = 24 * 60
NO_REASON = "Write the reason in the caller's words."
NO_ANSWER = "Answer the question first: symptom, medicine problem or danger, y or n?"
NOTHING_DONE = "Say what you did: one key in the line What I did."
HANDED_BEFORE = timedelta(hours=8)
"""How long before a call is logged it may have been handed over: a working day, less than am for pm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEntry:
    """A call as the form holds it. ``is_safety`` None is the question not answered.

    ``by_patient`` False with ``related_id`` is a related person on file, without one a ``caller`` by name.
    ``handed_at`` is aware, None for the time of saving. ``callback_number`` is E.164 or empty.
    """

    reason: str
    is_safety: bool | None
    disposition: Disposition | None
    by_patient: bool = True
    related_id: int | None = None
    caller: str = ""
    relationship: str = ""
    script_read: bool = False
    location: str = ""
    handed_to: str = ""
    handed_at: datetime | None = None
    clinician_said: str = ""
    callback_number: str = ""
    call_back: When | None = None
    minutes: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Caller:
    name: str
    relationship: str
    outcome: Outcome


def log_incoming_call(practice: Practice, person: int | NewPerson, entry: CallEntry) -> int:
    """Record a call in one change: the person if new, the contact, the call, the promise to call back.

    ``person`` is a patient's number, or somebody to add. Returns the call's number. Raises Refused with the
    reason; then nothing changed, and nobody was added.
    """
    disposition = _check(practice, entry)
    now = practice.clock.now()
    with practice.change("incoming call") as session:
        patient = _patient(session, practice, person, entry)
        patient_id = patient.id
        assert patient_id is not None  # noqa: S101 - stored or flushed
        caller = _caller(session, practice, patient, entry)
        contact = _contact(practice, patient_id, caller, entry, now)
        session.add(contact)
        session.flush()
        call = _call(patient_id, contact.id, caller, entry, disposition, now)
        session.add(call)
        if entry.call_back is not None:
            session.add(_promise(practice, patient, patient_id, caller, entry, entry.call_back))
        session.flush()
        if caller.outcome.is_reached and patient.status is PatientStatus.ACTIVE:
            reset_check_in(session, practice, patient_id, after=practice.today())
        number = call.id
    assert number is not None  # noqa: S101 - flushed above
    return number


# --- what must be said -----------------------------------------------------------------------------------


def _check(practice: Practice, entry: CallEntry) -> Disposition:
    if not entry.reason.strip():
        raise Refused(NO_REASON)
    if entry.is_safety is None:
        raise Refused(NO_ANSWER)
    if entry.disposition is None:
        raise Refused(NOTHING_DONE)
    if entry.is_safety:
        _check_safety(entry, entry.disposition)
    if entry.disposition is Disposition.HANDED_TO_CLINICIAN and not entry.handed_to.strip():
        raise Refused("Say which clinician it was handed to; m takes a message when nobody is there yet.")
    if entry.disposition is Disposition.TOLD_911 and not entry.is_safety:
        raise Refused(
            "Who is told to call 911 is in danger: answer the question with y or c, or say what else you did."
        )
    now = practice.clock.now()
    if entry.handed_at is not None:
        _check_handed_at(entry.handed_at, now)
    if entry.minutes is not None and not 0 <= entry.minutes <= MINUTES_LIMIT:
        raise Refused("The minutes of a call are a number from 0 to 1440.")
    if entry.call_back is not None:
        _check_call_back(practice, entry.call_back, now)
    return entry.disposition


def _check_safety(entry: CallEntry, disposition: Disposition) -> None:
    """Booking for a symptom is triage, and answering it is a clinician's (``domain.md``, Contact)."""
    if disposition in NEVER_FOR_SAFETY:
        raise Refused(
            "A symptom, medicine problem or danger is a clinician's to answer:"
            " hand it over, or take a message."
        )
    if disposition in ON_A_CLINICIANS_WORD and not (entry.clinician_said.strip() and entry.handed_to.strip()):
        raise Refused(
            "For a symptom a visit is booked only as a clinician said:"
            " write which clinician, and what they said."
        )


def _check_handed_at(at: datetime, now: datetime) -> None:
    """A call is logged while it lasts or soon after; a morning hour typed for the afternoon is far off."""
    if at > now:
        raise Refused("The hand-over cannot be later than now: type when it was, or nothing for now.")
    if at < now - HANDED_BEFORE:
        raise Refused(
            f"The hand-over cannot be more than {HANDED_BEFORE // timedelta(hours=1)} hours before the call:"
            " type when it was with am or pm, or nothing for now."
        )


def _check_call_back(practice: Practice, when: When, now: datetime) -> None:
    at = instant(practice, when)
    if when.on < practice.today() or (at is not None and at <= now):
        raise Refused("That time to call back has passed: type one that is ahead.")


# --- the records -----------------------------------------------------------------------------------------


def _patient(
    session: AuditedSession, practice: Practice, person: int | NewPerson, entry: CallEntry
) -> Patient:
    if isinstance(person, int):
        return existing(session, Patient, person)
    known = PatientEntry(
        family_name=person.family_name,
        given_name=person.given_name,
        middle_name=person.middle_name,
        suffix=person.suffix,
        birth_date=person.birth_date,
    )
    own_number = entry.callback_number if entry.by_patient else ""
    phones = [PhoneEntry(number=own_number)] if own_number else []
    return insert_patient(session, practice, known, phones=phones)


def _caller(session: AuditedSession, practice: Practice, patient: Patient, entry: CallEntry) -> _Caller:
    """Who spoke, and whether it counts as reaching the patient: only with authority in force today."""
    if entry.by_patient:
        if patient.status is PatientStatus.DECEASED:
            raise Refused("This person died: say who called instead.")
        return _Caller("", "", Outcome.REACHED_PATIENT)
    if entry.related_id is not None:
        related = existing(session, RelatedPerson, entry.related_id)
        if related.patient_id != patient.id:
            raise Refused("That caller belongs to another patient.")
        found = authority(
            related, practice.today(), patient.birth_date, minor_consented=bool(patient.minor_consent)
        )
        outcome = Outcome.REACHED_PROXY if found.in_force else Outcome.CALLER_HEARD
        return _Caller(related.name, related.relationship, outcome)
    name, relationship = (
        clean_text(entry.caller, NAME_LIMIT),
        clean_text(entry.relationship, RELATIONSHIP_LIMIT),
    )
    if not (name or relationship):
        raise Refused("Say who called: a name, or what they are to the patient.")
    return _Caller(name, relationship, Outcome.CALLER_HEARD)


def _contact(
    practice: Practice, patient_id: int, caller: _Caller, entry: CallEntry, now: datetime
) -> Contact:
    return Contact(
        patient_id=patient_id,
        at=now,
        direction=Direction.INCOMING,
        channel=Channel.PHONE,
        outcome=caller.outcome,
        made_by=practice.user.name,
        by_clinical_staff=practice.user.is_clinical,
        spoke_with=caller.name or caller.relationship,
        minutes=entry.minutes,
        note=clean_text(entry.reason, REASON_LIMIT),
    )


def _call(
    patient_id: int,
    contact_id: int | None,
    caller: _Caller,
    entry: CallEntry,
    disposition: Disposition,
    now: datetime,
) -> IncomingCall:
    is_safety = bool(entry.is_safety)
    handed_to = clean_text(entry.handed_to, CLINICIAN_LIMIT)
    handed_at = (entry.handed_at or now) if handed_to else None
    said = clean_text(entry.clinician_said, SAID_LIMIT)
    has_spoken = is_safety and disposition in ON_A_CLINICIANS_WORD  # who said what to do has taken it on
    return IncomingCall(
        patient_id=patient_id,
        contact_id=contact_id,
        at=now,
        caller=caller.name,
        relationship=caller.relationship,
        callback_number=entry.callback_number,
        location=clean_text(entry.location, LOCATION_LIMIT) if is_safety else "",
        reason=clean_text(entry.reason, REASON_LIMIT),
        is_safety=is_safety,
        script_read=is_safety and entry.script_read,
        disposition=disposition,
        handed_to=handed_to,
        handed_at=handed_at,
        accepted_by=handed_to if has_spoken else "",
        accepted_at=handed_at if has_spoken else None,
        clinician_said=said,
        call_back_on=entry.call_back.on if entry.call_back else None,
        minutes=entry.minutes,
        note=clean_text(entry.note, NOTE_LIMIT, multiline=True),
    )


def _promise(
    practice: Practice, patient: Patient, patient_id: int, caller: _Caller, entry: CallEntry, when: When
) -> FollowUp:
    """The promised call back. After a death calls to the patient stop; this one is to somebody else."""
    has_died = patient.status is PatientStatus.DECEASED
    who = ", ".join(part for part in (caller.name, caller.relationship) if part)
    number = "" if patient.confidential_channel else entry.callback_number  # the call's record keeps it
    words = [f"call {who}" if who else "", number]
    return FollowUp(
        patient_id=patient_id,
        title=clean_text(f"Call back: {entry.reason}", TITLE_LIMIT),
        kind=FollowUpKind.OTHER if has_died else FollowUpKind.CALL,
        due_on=when.on,
        due_at=instant(practice, when),
        source="incoming call",
        note=clean_text(", ".join(word for word in words if word), REASON_LIMIT),
    )
