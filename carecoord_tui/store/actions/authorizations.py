"""A prior authorization: asked for, decided item by item, used up, extended, renewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from carecoord_tui.domain.authorization_steps import GRANTED, Step
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.icd10 import parse_codes
from carecoord_tui.domain.identifiers import IdentifierError, normalize_npi, normalize_procedure
from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.store.actions.authorization_items import ItemEntry, add_items
from carecoord_tui.store.actions.authorization_moves import (
    CHANNEL_LIMIT,
    NOTE_LIMIT,
    NUMBER_LIMIT,
    answer_whole,
    check_whole,
    decide_items,
    number_of,
    of_patient,
    renewal,
    stamp,
    tell_patient,
    whole_units,
)
from carecoord_tui.store.actions.authorization_units import go_beyond, granted
from carecoord_tui.store.actions.base import Refused, as_shown, existing
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    Appointment,
    Authorization,
    Coverage,
    Patient,
    Referral,
)

TEXT_LIMIT = 160
_S = AuthorizationStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationEntry:
    """An authorization as the form holds it; the status and its dates are moved by steps only.

    ``appointment_id`` goes before ``service_on``: the visit's practice-local day is the day of service.
    ``valid_from`` to ``units_authorized`` are what the payer's letter says, and may be put right later;
    ``beyond`` is the word that more units than authorized need.
    """

    service: str
    service_code: str = ""
    coverage_id: int | None = None
    referral_id: int | None = None
    appointment_id: int | None = None
    service_on: date | None = None
    is_drug: bool = False
    is_expedited: bool = False
    diagnoses: str = ""
    requesting_npi: str = ""
    rendering_npi: str = ""
    site: str = ""
    channel: str = ""
    reference: str = ""
    number: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    units_authorized: int | None = None
    units_used: int | None = None
    beyond: str = ""
    peer_to_peer_by: date | None = None
    note: str = ""


# --- verbs ------------------------------------------------------------------------------------


def add_authorization(
    practice: Practice,
    patient_id: int,
    entry: AuthorizationEntry,
    *,
    taken: Sequence[Step] = (),
    submitted_at: datetime | None = None,
    items: Sequence[ItemEntry] = (),
) -> int:
    """A new authorization, needed since today or since its first step; returns its number.

    ``taken`` are the steps that happened already, the first one first; ``submitted_at`` is the aware time
    of a submission among them. All in one change. Raises Refused with what is missing or out of order.
    """
    with practice.change("new authorization") as session:
        existing(session, Patient, patient_id)
        days = [practice.today(), *(one.on for one in taken if one.on is not None)]
        if submitted_at is not None:
            days.append(practice.context.day_of(submitted_at))
        opened_on = min(days)
        record = Authorization(
            patient_id=patient_id, opened_on=opened_on, **_values(session, practice, patient_id, entry)
        )
        session.add(record)
        session.flush()
        stamp(session, practice, record, opened_on, "")
        add_items(session, record, items)
        for step in taken:
            answer_whole(session, practice, number_of(record), step, submitted_at=submitted_at)
        tell_patient(session, practice, record, _S.NEEDED)
        _count_units(session, practice, record, entry)
        check_whole(record, practice)
        return number_of(record)


def edit_authorization(
    practice: Practice,
    authorization_id: int,
    entry: AuthorizationEntry,
    *,
    version: int,
    step: Step | None = None,
    submitted_at: datetime | None = None,
    items: Sequence[ItemEntry] = (),
    decided: Mapping[int, AuthorizationStatus] | None = None,
    submitted_before_at: datetime | None = None,
) -> None:
    """Change an authorization and, with ``step``, move it on; all in one change.

    ``items`` are added; ``decided`` are decisions by the item's number, which decide the whole
    (:func:`decide_items`), so that ``step`` then only says the day. ``submitted_before_at`` puts the time
    of a submission recorded earlier right. ``version`` is that of the record the entry was filled from.
    Raises Refused, and Conflict when somebody else changed it since.
    """
    with practice.change("authorization edited") as session:
        record = as_shown(session, Authorization, authorization_id, version)
        for name, value in _values(session, practice, record.patient_id, entry).items():
            if getattr(record, name) != value:
                setattr(record, name, value)
        if submitted_before_at is not None and record.submitted_at is not None:
            _put_submission_right(practice, record, submitted_before_at)
        session.add(record)
        add_items(session, record, items)
        was = record.status
        if decided:
            decide_items(session, practice, authorization_id, decided, step)
            tell_patient(session, practice, record, was)
        elif step is not None:
            answer_whole(session, practice, authorization_id, step, submitted_at=submitted_at)
        _count_units(session, practice, record, entry)
        check_whole(record, practice)


def extend(
    practice: Practice, authorization_id: int, valid_to: date, *, units: int | None = None, note: str = ""
) -> None:
    """The payer made it last longer, and with ``units`` agreed to that many in all. Raises Refused."""
    with practice.change("authorization extended") as session:
        record = granted(session, authorization_id)
        if record.valid_to is not None and valid_to <= record.valid_to:
            raise Refused(f"It lasts until {format_day(record.valid_to)} already: type the new last day.")
        if units is not None and units < (record.units_used or 0):
            raise Refused(f"{record.units_used} units are used already: type all units, not the new ones.")
        record.valid_to = valid_to
        record.units_authorized = record.units_authorized if units is None else whole_units(units)
        session.add(record)
        words = clean_text(note, NOTE_LIMIT)
        said = f"Extended to {format_day(valid_to)}"
        stamp(session, practice, record, practice.today(), f"{said}: {words}" if words else said)
        check_whole(record, practice)


def renew(
    practice: Practice, authorization_id: int, *, submitted_at: datetime | None = None, channel: str = ""
) -> int:
    """A new request for the same service, which follows this one; returns its number.

    With ``submitted_at`` (aware) it is submitted already. Raises Refused when it was renewed before.
    """
    with practice.change("authorization renewed") as session:
        return number_of(
            renewal(session, practice, authorization_id, submitted_at=submitted_at, channel=channel)
        )


# --- parts ------------------------------------------------------------------------------------


def _values(
    session: AuditedSession, practice: Practice, patient_id: int, entry: AuthorizationEntry
) -> dict[str, Any]:
    """The entry's columns, cleaned and checked. Raises Refused."""
    service = clean_text(entry.service, TEXT_LIMIT)
    if not service:
        raise Refused("Say which service it is for, such as MRI lumbar spine.")
    for model, number in ((Coverage, entry.coverage_id), (Referral, entry.referral_id)):
        of_patient(session, model, number, patient_id)
    visit = of_patient(session, Appointment, entry.appointment_id, patient_id)
    service_on = entry.service_on
    if isinstance(visit, Appointment):
        service_on = practice.context.day_of(visit.starts_at)
    try:
        return {
            "service": service,
            "service_code": normalize_procedure(entry.service_code) if entry.service_code.strip() else "",
            "coverage_id": entry.coverage_id,
            "referral_id": entry.referral_id,
            "appointment_id": entry.appointment_id,
            "service_on": service_on,
            "is_drug": entry.is_drug,
            "is_expedited": entry.is_expedited,
            "diagnoses": ", ".join(parse_codes(entry.diagnoses)),
            "requesting_npi": normalize_npi(entry.requesting_npi) if entry.requesting_npi.strip() else "",
            "rendering_npi": normalize_npi(entry.rendering_npi) if entry.rendering_npi.strip() else "",
            "site": clean_text(entry.site, TEXT_LIMIT),
            "channel": clean_text(entry.channel, CHANNEL_LIMIT),
            "reference": clean_text(entry.reference, NUMBER_LIMIT),
            "number": clean_text(entry.number, NUMBER_LIMIT),
            "valid_from": entry.valid_from,
            "valid_to": entry.valid_to,
            "units_authorized": whole_units(entry.units_authorized),
            "peer_to_peer_by": entry.peer_to_peer_by,
            "note": clean_text(entry.note, NOTE_LIMIT),
        }
    except IdentifierError as error:
        raise Refused(str(error)) from error


def _put_submission_right(practice: Practice, record: Authorization, at: datetime) -> None:
    if at > practice.clock.now():
        raise Refused("That time is ahead: a submission was before now.")
    day = practice.context.day_of(at)
    if record.decided_on is not None and day > record.decided_on:
        raise Refused(f"The payer answered on {format_day(record.decided_on)}: it was submitted before.")
    if record.first_submitted_at in (None, record.submitted_at):  # information sent on is no submission
        record.first_submitted_at = at
    record.submitted_at, record.opened_on = at, min(record.opened_on, day)


def _count_units(
    session: AuditedSession, practice: Practice, record: Authorization, entry: AuthorizationEntry
) -> None:
    """The units used as the form says them, when it says another number."""
    used = whole_units(entry.units_used)
    if used == record.units_used:
        return
    if used is not None:
        if record.status not in (*GRANTED, _S.EXPIRED):
            raise Refused(f"Nothing can be used up: this authorization is {record.status.label}.")
        go_beyond(session, practice, record, used - (record.units_used or 0), entry.beyond)
    record.units_used, record.units_updated_on = used, practice.today()
    session.add(record)
