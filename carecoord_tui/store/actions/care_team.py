"""Who cares for a patient: a role, a name, a number (FHIR CareTeam.participant)."""

from __future__ import annotations

from dataclasses import dataclass

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import IdentifierError, parse_phone
from carecoord_tui.store.actions.base import Refused, as_shown, existing
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import CareTeamMember, Patient, Provider

NAME_LIMIT, ROLE_LIMIT, NOTE_LIMIT = 160, 80, 400
_NUMBERS = {"phone": "phone", "fax": "fax"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEntry:
    """A member as the form holds it; phones as typed, field names the table's.

    ``is_active`` False: no longer cares for the patient, kept for the history.
    """

    name: str
    role: str = ""
    phone: str = ""
    fax: str = ""
    note: str = ""
    provider_id: int | None = None
    is_active: bool = True


def put_care_team_member(
    practice: Practice,
    patient_id: int,
    entry: MemberEntry,
    *,
    member_id: int | None = None,
    version: int | None = None,
) -> int:
    """Add or change a member of the care team; returns the number.

    A number that stays as it was stored is not read again. Raises Refused without a name, for a phone that
    cannot be, a member of another patient, and for a person or office that is gone; Conflict when another
    window changed the member since ``version``, which is the form's.
    """
    with practice.change("care team") as session:
        existing(session, Patient, patient_id)
        if entry.provider_id is not None:
            existing(session, Provider, entry.provider_id)
        record = (
            CareTeamMember(patient_id=patient_id, name="")
            if member_id is None
            else existing(session, CareTeamMember, member_id)
        )
        if member_id is not None and version is not None:
            record = as_shown(session, CareTeamMember, member_id, version)
        if record.patient_id != patient_id:
            raise Refused("That person cares for another patient.")
        record.name = clean_text(entry.name, NAME_LIMIT)
        if not record.name:
            raise Refused("Say who it is: a name.")
        record.role, record.note = clean_text(entry.role, ROLE_LIMIT), clean_text(entry.note, NOTE_LIMIT)
        for field, words in _NUMBERS.items():
            setattr(record, field, _number(getattr(entry, field), getattr(record, field), words))
        record.provider_id, record.is_active = entry.provider_id, entry.is_active
        session.add(record)
        session.flush()
        number = record.id
    assert number is not None  # noqa: S101 - flushed above
    return number


def _number(typed: str, stored: str, words: str) -> str:
    if typed == stored or not typed.strip():
        return stored if typed.strip() else ""
    try:
        return parse_phone(typed)
    except IdentifierError as error:
        raise Refused(f"The {words}: {error}") from error
