"""How each kind of record log is read from the practice and written to it; see ``importing_logs``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import col, select

from carecoord_tui.domain.authorization_steps import DECIDED
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AuthorizationStatus,
    DenialStatus,
    FollowUpStatus,
    NetworkStatus,
)
from carecoord_tui.store import bulk
from carecoord_tui.store.core_tables import (
    APPOINTMENT,
    AUTHORIZATION,
    COVERAGE,
    FOLLOW_UP,
    PAYER,
    PROVIDER,
)
from carecoord_tui.store.importing import note_row
from carecoord_tui.store.importing_logs import (
    ChangedEntry,
    NewEntry,
    StoredEntry,
    Values,
    Writing,
    set_columns,
)
from carecoord_tui.store.incoming import SOURCE
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    Appointment,
    Authorization,
    AuthorizationEvent,
    AuthorizationItem,
    Coverage,
    Denial,
    FollowUp,
    Note,
    Provider,
    ProviderNetwork,
)

FROM_LOG: Final = "from the authorization log"
_A = AuthorizationStatus


def _picked(values: Values, names: Sequence[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _rows(
    connection: sa.Connection, statement: sa.Select[Any], names: Sequence[str]
) -> Iterator[StoredEntry]:
    """Entries of a select of (id, patient_id, then the attributes in this order)."""
    for number, patient_id, *values in connection.execute(statement):
        yield StoredEntry(number, patient_id, dict(zip(names, values, strict=True)))


# --- coverages -------------------------------------------------------------------------------------------


class CoverageLog:
    """Plans of patients; ``payer`` is a name."""

    source = "log_coverages"
    _names = ("plan_name", "member_id", "group_number", "rank", "status", "starts_on", "ends_on")

    def read(self, connection: sa.Connection, practice: Practice) -> Iterator[StoredEntry]:
        """Every plan, ended ones too."""
        columns = [COVERAGE.c[name] for name in self._names]
        statement = (
            sa.select(COVERAGE.c.id, COVERAGE.c.patient_id, PAYER.c.name, *columns)
            .join(PAYER, PAYER.c.id == COVERAGE.c.payer_id)
            .order_by(COVERAGE.c.id)
        )
        return _rows(connection, statement, ("payer", *self._names))

    def create(self, writing: Writing, entries: Sequence[NewEntry]) -> list[int]:
        """Plans, and a note for whoever is insured through somebody else."""
        rows = [
            {
                "patient_id": one.patient_id,
                "payer_id": writing.payer(one.values["payer"]),
                **_picked(one.values, self._names),
            }
            for one in entries
        ]
        numbers = bulk.insert(writing.session, Coverage, rows)
        notes = [
            note_row(one.patient_id, text, writing.now)
            for one in entries
            if one.patient_id is not None and (text := one.values.get("relationship_note"))
        ]
        bulk.insert(writing.session, Note, notes)
        return numbers

    def change(self, writing: Writing, entry: ChangedEntry) -> None:
        """Columns of the plan; its payer stays."""
        set_columns(writing.session, Coverage, entry.id, _picked(entry.taken, self._names))


# --- authorizations --------------------------------------------------------------------------------------


class AuthorizationLog:
    """Prior authorizations with their history; ``submitted_on`` is a practice-local day."""

    source = "log_authorizations"
    _names = (
        *("service", "service_code", "status", "decided_on", "number", "reference", "valid_from", "valid_to"),
        *("units_authorized", "units_used", "is_expedited", "is_drug", "diagnoses", "note"),
    )

    def read(self, connection: sa.Connection, practice: Practice) -> Iterator[StoredEntry]:
        """Every authorization, closed ones too."""
        c = AUTHORIZATION.c
        columns = [c[name] for name in self._names]
        statement = sa.select(c.id, c.patient_id, c.submitted_at, *columns).order_by(c.id)
        for entry in _rows(connection, statement, ("submitted_on", *self._names)):
            at = entry.values["submitted_on"]
            day = at.astimezone(practice.zone).date() if at is not None else None
            yield StoredEntry(entry.id, entry.patient_id, {**entry.values, "submitted_on": day})

    def create(self, writing: Writing, entries: Sequence[NewEntry]) -> list[int]:
        """Authorizations with their steps, their services, and a closed denial for what was denied."""
        rows = [
            {
                "patient_id": one.patient_id,
                "coverage_id": one.values.get("coverage_id"),
                "opened_on": one.values["opened_on"],
                **self._columns(one.values, writing),
            }
            for one in entries
        ]
        numbers = bulk.insert(writing.session, Authorization, rows)
        numbered = list(zip(numbers, entries, strict=True))
        items = [row for number, one in numbered for row in _items(number, one)]
        steps = [row for number, one in numbered for row in _steps(number, one, writing)]
        denied = [
            _denial(number, one.patient_id, one.values)
            for number, one in numbered
            if one.values["status"] is _A.DENIED
        ]
        bulk.insert(writing.session, AuthorizationItem, items)
        bulk.insert(writing.session, AuthorizationEvent, steps)
        bulk.insert(writing.session, Denial, denied)
        return numbers

    def change(self, writing: Writing, entry: ChangedEntry) -> None:
        """Columns, the step that was taken, and a closed denial when it is denied now."""
        session = writing.session
        record = set_columns(session, Authorization, entry.id, self._columns(entry.taken, writing))
        assert isinstance(record, Authorization)  # noqa: S101 - as asked for
        if "status" not in entry.taken:
            return
        on = record.decided_on if record.status in DECIDED else None
        step = _step(entry.id, entry.patient_id, record.status, on or writing.today, writing)
        session.add(AuthorizationEvent(**step))
        if record.status is _A.DENIED and not _has_denial(session, entry.id):
            values = {
                name: getattr(record, name) for name in ("service", "decided_on", "opened_on", "coverage_id")
            }
            reason = entry.taken.get("denial_reason", "")
            row = _denial(entry.id, entry.patient_id, {**values, "denial_reason": reason})
            session.add(Denial(**row))

    def _columns(self, values: Values, writing: Writing) -> dict[str, Any]:
        columns = _picked(values, self._names)
        if "submitted_on" in values:
            at = _moment(values["submitted_on"], writing)
            columns |= {"submitted_at": at, "first_submitted_at": at}
        if values.get("units_used") is not None:
            columns["units_updated_on"] = writing.today
        return columns


def _moment(on: date | None, writing: Writing) -> datetime | None:
    """When it was submitted if only the day is known: now, or the start of an earlier day."""
    if on is None or on == writing.today:
        return writing.now if on else None
    return _local(on, time(0), writing.zone)


def _local(on: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, at, tzinfo=zone)


def _items(number: int, one: NewEntry) -> Iterator[dict[str, Any]]:
    """Its services, where the log names several codes."""
    codes: Sequence[str] = one.values.get("codes", ())
    for code in codes if len(codes) > 1 else ():
        yield {
            "patient_id": one.patient_id,
            "authorization_id": number,
            "code": code,
            "status": one.values["status"],
        }


def _steps(number: int, one: NewEntry, writing: Writing) -> Iterator[dict[str, Any]]:
    values, status = one.values, one.values["status"]
    submitted_on, opened_on = values.get("submitted_on"), values["opened_on"]
    if submitted_on is not None and status is not _A.SUBMITTED:
        yield _step(number, one.patient_id, _A.SUBMITTED, submitted_on, writing)
    reached = values.get("decided_on") or submitted_on or opened_on
    yield _step(number, one.patient_id, status, reached, writing)


def _step(
    number: int, patient_id: int | None, status: AuthorizationStatus, on: date, writing: Writing
) -> dict[str, Any]:
    return {
        "patient_id": patient_id,
        "authorization_id": number,
        "status": status,
        "happened_on": on,
        "recorded_at": writing.now,
        "who": writing.user,
        "note": FROM_LOG,
    }


def _has_denial(session: AuditedSession, number: int) -> bool:
    statement = select(Denial.id).where(col(Denial.authorization_id) == number)
    return session.exec(statement).first() is not None


def _denial(number: int, patient_id: int | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """A denial of the past: on file, and nothing is owed for it."""
    on = values.get("decided_on") or values["opened_on"]
    return {
        "patient_id": patient_id,
        "coverage_id": values.get("coverage_id"),
        "authorization_id": number,
        "service": values["service"],
        "reason": values.get("denial_reason", ""),
        "status": DenialStatus.CLOSED,
        "notice_on": on,
        "decided_on": on,
        "note": FROM_LOG,
    }


# --- appointments ----------------------------------------------------------------------------------------


class AppointmentLog:
    """Visits; ``provider`` is a name, ``provider_id`` may be the place of a new office.

    ``is_confirmed`` is True where the patient said that they will come, else nothing.
    """

    source = "log_appointments"
    _names = ("title", "status", "starts_at", "minutes", "booked_on", "note")
    _missed = (AppointmentStatus.NOSHOW, AppointmentStatus.CANCELLED)

    def read(self, connection: sa.Connection, practice: Practice) -> Iterator[StoredEntry]:
        """Every visit."""
        c = APPOINTMENT.c
        name = sa.func.coalesce(PROVIDER.c.name, "")
        statement = (
            sa.select(c.id, c.patient_id, c.confirmed_on, name, *(c[name] for name in self._names))
            .outerjoin(PROVIDER, PROVIDER.c.id == c.provider_id)
            .order_by(c.id)
        )
        for entry in _rows(connection, statement, ("is_confirmed", "provider", *self._names)):
            is_confirmed = True if entry.values["is_confirmed"] is not None else None
            yield StoredEntry(entry.id, entry.patient_id, {**entry.values, "is_confirmed": is_confirmed})

    def create(self, writing: Writing, entries: Sequence[NewEntry]) -> list[int]:
        """Visits; ``is_history`` ones owe nothing however they ended."""
        return bulk.insert(writing.session, Appointment, [self._row(one, writing) for one in entries])

    def change(self, writing: Writing, entry: ChangedEntry) -> None:
        """Columns; a visit moved to another time is no longer confirmed, a missed one asks to be rebooked."""
        columns = _picked(entry.taken, self._names)
        if "provider_id" in entry.taken:
            columns["provider_id"] = writing.provider(entry.taken["provider_id"])
        if "starts_at" in columns:
            columns["confirmed_on"] = None
        if entry.taken.get("is_confirmed"):
            columns["confirmed_on"] = writing.today
        if "status" in columns:
            columns.update(status_on=writing.today, settled_on=None)
        set_columns(writing.session, Appointment, entry.id, columns)

    def _row(self, one: NewEntry, writing: Writing) -> dict[str, Any]:
        values = one.values
        day = values["starts_at"].astimezone(writing.zone).date()
        status = values["status"]
        is_over = status in (*self._missed, AppointmentStatus.FULFILLED)
        settled = is_over and status in self._missed and values.get("is_history", False)
        return {
            "booked_on": min(day, writing.today),
            **_picked(values, self._names),
            "patient_id": one.patient_id,
            "provider_id": writing.provider(values.get("provider_id")),
            "confirmed_on": min(day, writing.today) if values.get("is_confirmed") else None,
            "status_on": min(day, writing.today) if is_over else None,
            "settled_on": writing.today if settled else None,
        }


# --- follow-ups ------------------------------------------------------------------------------------------


class FollowUpLog:
    """What is owed to patients on a day."""

    source = "log_follow_ups"
    _names = ("title", "kind", "priority", "status", "due_on", "due_at", "done_on", "note")

    def read(self, connection: sa.Connection, practice: Practice) -> Iterator[StoredEntry]:
        """Every follow-up, done ones too."""
        c = FOLLOW_UP.c
        statement = sa.select(c.id, c.patient_id, *(c[name] for name in self._names)).order_by(c.id)
        return _rows(connection, statement, self._names)

    def create(self, writing: Writing, entries: Sequence[NewEntry]) -> list[int]:
        """Follow-ups as an import brings them."""
        rows = [
            {"patient_id": one.patient_id, "source": SOURCE, **_picked(one.values, self._names)}
            for one in entries
        ]
        return bulk.insert(writing.session, FollowUp, rows)

    def change(self, writing: Writing, entry: ChangedEntry) -> None:
        """Columns; one that is done now is done today where the file does not say when."""
        columns = _picked(entry.taken, self._names)
        if columns.get("status") is FollowUpStatus.DONE and not columns.get("done_on"):
            columns["done_on"] = writing.today
        set_columns(writing.session, FollowUp, entry.id, columns)


# --- offices ---------------------------------------------------------------------------------------------


class ProviderLog:
    """The directory of offices. They belong to nobody, so nothing is remembered beside them."""

    source = ""
    _names = (
        *("name", "organization", "specialty", "npi", "phone", "fax", "address", "taxonomy", "note", "kind"),
    )

    def read(self, connection: sa.Connection, practice: Practice) -> Iterator[StoredEntry]:
        """The whole directory, offices no longer offered too."""
        c = PROVIDER.c
        statement = sa.select(c.id, sa.null(), *(c[name] for name in self._names)).order_by(c.id)
        return _rows(connection, statement, self._names)

    def create(self, writing: Writing, entries: Sequence[NewEntry]) -> list[int]:
        """Offices with the plans they are said to take."""
        rows = [_picked(one.values, self._names) for one in entries]
        numbers = bulk.insert(writing.session, Provider, rows)
        networks = [
            {
                "provider_id": number,
                "payer_id": payer_id,
                "status": NetworkStatus.IN_NETWORK,
                "checked_on": writing.today,
                "source": "the directory that was imported",
            }
            for number, one in zip(numbers, entries, strict=True)
            for payer_id in one.values.get("payer_ids", ())
        ]
        bulk.insert(writing.session, ProviderNetwork, networks)
        return numbers

    def change(self, writing: Writing, entry: ChangedEntry) -> None:
        """Columns of the office."""
        set_columns(writing.session, Provider, entry.id, _picked(entry.taken, self._names))
