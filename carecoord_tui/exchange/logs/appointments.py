"""Appointment books: who comes when, to whom, and how past visits went."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import UTC, date, time, timedelta
from typing import Any

from carecoord_tui.domain.appointment import STATUS_WORDS
from carecoord_tui.domain.date_words import format_birth, format_time
from carecoord_tui.domain.vocabulary import AppointmentStatus, Worded
from carecoord_tui.exchange.logs.cells import (
    Cells,
    Clock,
    Day,
    Here,
    Holds,
    Moment,
    Refused,
    Text,
    Whole,
)
from carecoord_tui.exchange.logs.kind import Draft, Field, LogKind, Others, Remark, Values
from carecoord_tui.exchange.logs.lookups import Lookups, OfficeWords
from carecoord_tui.exchange.logs.words import StatusWords
from carecoord_tui.exchange.provider_match import folded_name
from carecoord_tui.store.importing_log_tables import AppointmentLog

_S = AppointmentStatus
_MISSED = (_S.NOSHOW, _S.CANCELLED)
RECENT = timedelta(days=14)
"""A visit missed longer ago, or followed by another one, is history: nobody is asked to rebook it."""


class BookStatus(Worded):
    """What a book says of a visit: its status, and whether the person said that they will come."""

    PROPOSED = _S.PROPOSED.value
    BOOKED = _S.BOOKED.value
    CONFIRMED = "booked_confirmed"
    FULFILLED = _S.FULFILLED.value
    NOSHOW = _S.NOSHOW.value
    CANCELLED = _S.CANCELLED.value

    @property
    def status(self) -> AppointmentStatus:
        """What the visit is; a confirmed one is booked."""
        return _S.BOOKED if self is BookStatus.CONFIRMED else AppointmentStatus(self.value)


_STATUSES = StatusWords(
    BookStatus,
    {
        _S.PROPOSED: "to be scheduled, to schedule, requested, needs appointment, waitlist, wait list",
        _S.BOOKED: ("scheduled, unconfirmed, appt made, appointment made, upcoming, not confirmed"),
        _S.FULFILLED: (
            "attended, kept, seen, completed, complete, checked out, done, visit completed, "
            "patient seen, show, fulfilled"
        ),
        _S.CANCELLED: (
            "canceled, cancelled by patient, cancelled by provider, cancelled by office, "
            "canceled by patient, "
            "canceled by provider, cx, cxl"
        ),
        _S.NOSHOW: (
            "no show, noshow, did not attend, did not come, dna, missed, did not show, no showed, ns, "
            "absent, no call no show"
        ),
    },
    # The patient said yes, or the office did; some books write it of visits that were kept.
    likely={
        BookStatus.CONFIRMED: "confirmed, patient confirmed, pt confirmed, confirmed by patient, conf",
        _S.BOOKED: "rescheduled, arriving",
    },
    labels={
        **STATUS_WORDS,
        _S.NOSHOW: "did not come",
        BookStatus.CONFIRMED: "booked, and the patient confirmed",
    },
)
_FIELDS = (
    Field(
        "date",
        "appointment date, appt date, date of appointment, visit date, date, date of visit, date of service, "
        "dos, scheduled date, scheduled for, start date, appointment, appt, appointment date time, appt date "
        "time, date time, start, starts at, datetime, appointment datetime",
        Day(with_time=True),
        "date",
    ),
    Field(
        "time",
        "appointment time, appt time, time, visit time, scheduled time, start time, time of appointment",
        Clock(),
        "time",
    ),
    Field(
        "provider",
        "provider, provider name, doctor, physician, clinician, rendering provider, appointment provider, "
        "seen by, resource, with, specialist, practitioner",
        Text(160, Holds.NAME, is_id_left_out=True),
    ),
    Field(
        "office",
        "office, location, clinic, facility, practice, department, site, organization, place",
        Text(160),
        "location",
    ),
    Field(
        "title",
        "type, appointment type, appt type, visit type, reason, reason for visit, visit reason, purpose, "
        "service, description, event type, appointment reason, type of visit, type of appointment, "
        "kind of visit",
        Text(120),
        "type",
    ),
    Field("status", "status, appointment status, appt status, visit status, state, outcome, stat", Text(60)),
    Field(
        "minutes",
        "minutes, duration minutes, duration min, length, appt length, appointment length, duration",
        Whole("minutes", 24 * 60, least=1),
        "minutes",
    ),
    Field(
        "booked_on",
        "booked on, date booked, booked, scheduling date, date made, created, created on, date created, "
        "scheduled on, made on",
        Day(past=True),
        "booked",
    ),
    Field(
        "reference",
        "appointment id, appt id, visit id, appointment number, appt no, encounter id, event id, booking id, "
        "confirmation number",
        Text(80, Holds.NUMBER),
        "appointment number",
    ),
    Field("note", "notes, note, comments, comment, remarks, details, appointment notes", Text(400), "notes"),
)


def _record(cells: Cells, here: Here) -> Values:
    """A visit at a practice-local time; without a status one that is ahead is booked."""
    on: Moment | None = cells.get("date")
    if on is None:
        raise Refused("date", "no date")
    at: time | None = cells.get("time") or on.at
    is_ahead = on.on >= here.today
    if cells.status is None and not is_ahead:
        raise Refused("status", "no status, and the day is past: say how the visit went")
    said = BookStatus(cells.status) if cells.status is not None else BookStatus.BOOKED
    status = said.status
    if at is None:
        if status in (_S.BOOKED, _S.PROPOSED) and is_ahead:
            raise Refused("time", "no time")
        at = time(0)
    if status in (_S.FULFILLED, _S.NOSHOW) and on.on > here.today:
        raise Refused("status", "the visit is ahead: it cannot have been kept or missed yet")
    booked = cells.get("booked_on")
    if booked is not None and booked > on.on:
        raise Refused("booked_on", "booked after the visit")
    confirmed = {"is_confirmed": True} if said is BookStatus.CONFIRMED else {}
    return {
        **cells.picked("provider", "office", "title", "minutes", "booked_on", "reference", "note"),
        **confirmed,
        "status": status,
        "starts_at": here.instant(on.on, at),
    }


def _resolve(values: Values, patient_id: int | None, lookups: Lookups) -> Sequence[Remark]:
    words = OfficeWords(provider=values.get("provider", ""), office=values.get("office", ""))
    found = lookups.office(words)
    if found is not None:
        values["provider_id"] = found.id
    return ()


def _identity(values: Values) -> tuple[Hashable, ...]:
    if reference := values.get("reference"):
        return "number", reference
    return values["starts_at"].isoformat(), _who(values)


def _is_same(values: Values, stored: Mapping[str, Any]) -> bool:
    """At the same time, and not to see somebody else."""
    if values["starts_at"].astimezone(UTC) != stored["starts_at"].astimezone(UTC):  # a repeated hour: PEP 495
        return False
    known = folded_name(stored["provider"])
    return not (_who(values) and known) or _who(values) == known


def _who(values: Values) -> str:
    return folded_name(values.get("provider") or values.get("office") or "")


def _arrange(drafts: Sequence[Draft], others: Others, today: date) -> None:
    """Missed visits that nobody needs to rebook any more come in as history."""
    last: dict[int | None, Any] = {}
    for draft in drafts:
        if draft.values["status"] not in _MISSED:
            start = draft.values["starts_at"]
            last[draft.patient_id] = max(start, last.get(draft.patient_id, start))
    for draft in drafts:
        if draft.values["status"] not in _MISSED:
            continue
        start = draft.values["starts_at"]
        later = [last[draft.patient_id]] if draft.patient_id in last else []
        later += [
            entry.values["starts_at"]
            for entry in others.of(draft.patient_id)
            if entry.values["status"] not in _MISSED
        ]
        is_old = start.date() < today - RECENT
        draft.values["is_history"] = is_old or any(other > start for other in later)


def _words(values: Mapping[str, Any]) -> str:
    start = values["starts_at"]
    who = values.get("provider") or values.get("office") or ""
    when = f"{format_birth(start.date())}, {format_time(start.timetz())}"
    status = "booked and confirmed" if values.get("is_confirmed") else _STATUSES.label(values["status"])
    return ", ".join(filter(None, (when, values.get("title", ""), who, status)))


def _keeps(stored: Mapping[str, Any], taken: Mapping[str, Any]) -> frozenset[str]:
    """A visit that was kept stays kept; one that is over is not booked again by an older file."""
    is_over = stored["status"] is _S.FULFILLED
    return frozenset({"status", "starts_at"}) if is_over else frozenset()


APPOINTMENTS = LogKind(
    name="appointments",
    noun="appointment",
    fields=_FIELDS,
    needs=(("date",),),
    table=AppointmentLog(),
    record=_record,
    identity=_identity,
    is_same=_is_same,
    compared=("starts_at", "status", "is_confirmed", "title", "minutes", "note"),
    words=_words,
    is_open=lambda values: values["status"] in (_S.BOOKED, _S.PROPOSED),
    statuses=_STATUSES,
    resolve=_resolve,
    arrange=_arrange,
    keeps=_keeps,
)
