"""Finding people of a file in the store, reading what is stored of them, writing what the file changes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col, select

from carecoord_tui.domain.check_in import next_check_in
from carecoord_tui.domain.vocabulary import CoverageStatus, FollowUpStatus, Kind, PatientStatus
from carecoord_tui.store import bulk, facts
from carecoord_tui.store.codec import canonical, plain
from carecoord_tui.store.core_tables import COVERAGE, FOLLOW_UP, MOVED, PATIENT, PAYER, PHONE, table
from carecoord_tui.store.import_merge import (
    Merge,
    StoredCoverage,
    StoredPerson,
    StoredStep,
    written_after,
)
from carecoord_tui.store.importing import Payers, note_row, step_row
from carecoord_tui.store.incoming import (
    RECORD_SOURCE,
    VALUE_FIELDS,
    kind_of,
    last_contact_text,
    note_pieces,
    written_step,
)
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import Coverage, FollowUp, ImportRecord, Note, Patient, PatientPhone

RECORD, NOTE = table(ImportRecord), table(Note)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A stored person, as far as duplicates are looked for."""

    id: int
    family_name: str
    given_name: str
    birth_date: date | None
    mrn: str
    phones: tuple[str, ...]
    address_line: str
    postal_code: str


# --- finding and reading ---------------------------------------------------------------------------------


class Known:
    """Who is in the practice, by import key and by MRN."""

    def __init__(self, connection: sa.Connection) -> None:
        c = RECORD.c
        records = connection.execute(sa.select(c.key, c.patient_id).where(c.source == RECORD_SOURCE))
        self._by_key: dict[str, int] = {row[0]: row[1] for row in records}
        stays = sa.func.coalesce(PATIENT.c.merged_into_id, PATIENT.c.id)
        numbers = connection.execute(sa.select(PATIENT.c.mrn, stays).where(PATIENT.c.mrn.is_not(None)))
        self._by_mrn: dict[str, int] = {mrn.casefold(): patient_id for mrn, patient_id in numbers}

    def find(self, key: str, mrn: str) -> int | None:
        """The person an import wrote under this key, else the one with this MRN; None when new."""
        found = self._by_key.get(key)
        return found if found is not None or not mrn else self._by_mrn.get(mrn.casefold())


def known_people(connection: sa.Connection, *, with_merged: bool = True) -> Iterator[KnownPerson]:
    """Everybody in the practice, to match rows with.

    A record merged into another comes before all others, under the number of the one that stays: a row that
    names it is about that one. Without ``with_merged`` it is left out, for the search for duplicates.
    """
    phones: dict[int, list[str]] = defaultdict(list)
    for patient_id, number in connection.execute(sa.select(PHONE.c.patient_id, PHONE.c.number)):
        phones[patient_id].append(number)
    c = PATIENT.c
    stays = sa.func.coalesce(c.merged_into_id, c.id)
    columns = (stays, c.family_name, c.given_name, c.birth_date, c.mrn, c.address_line, c.postal_code)
    statement = sa.select(*columns).order_by(c.merged_into_id.is_(None), c.id)
    if not with_merged:
        statement = statement.where(c.merged_into_id.is_(None))
    for number, family, given, born, mrn, address, postal in connection.execute(statement):
        yield KnownPerson(number, family, given, born, mrn or "", tuple(phones[number]), address, postal)


def read_stored(connection: sa.Connection, keys: dict[int, str]) -> dict[int, StoredPerson]:
    """What is stored of people, given as number -> import key; at most a few hundred at a time.

    The selects ask for the people and nothing else, so that each takes the index on the person: with another
    condition SQLite may take that one's index and read the whole table for every portion.
    """
    ids = list(keys)
    records = _records(connection, ids)
    phones: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for patient_id, label, number in connection.execute(
        sa.select(PHONE.c.patient_id, PHONE.c.label, PHONE.c.number)
        .where(PHONE.c.patient_id.in_(ids))
        .order_by(PHONE.c.rank, PHONE.c.id)
    ):
        phones[patient_id].append((label, number))
    chosen = {patient_id: _chosen(records.get(patient_id, {}), key) for patient_id, key in keys.items()}
    coverages = _coverages(connection, ids)
    steps = _steps(connection, ids, {written.get("follow_up_id") for _, written in chosen.values()})
    notes = _notes(
        connection, [note for _, written in chosen.values() for note in written.get("note_ids", ())]
    )
    columns = [PATIENT.c[name] for name in VALUE_FIELDS]
    rows = connection.execute(sa.select(PATIENT.c.id, *columns).where(PATIENT.c.id.in_(ids))).mappings()
    found = {}
    for row in rows:
        number = row["id"]
        record_id, written = chosen[number]
        found[number] = StoredPerson(
            id=number,
            values={name: row[name] for name in VALUE_FIELDS},
            phones=tuple(phones[number]),
            coverage=coverages.get(number),
            steps=steps[number],
            notes={note: notes[note] for note in written.get("note_ids", ()) if note in notes},
            record_id=record_id,
            written=written,
        )
    return found


_Remembered = tuple[int | None, dict[str, Any]]


def _records(connection: sa.Connection, ids: list[int]) -> dict[int, dict[str, _Remembered]]:
    """Import records by person and key: number and what was written."""
    c = RECORD.c
    found: dict[int, dict[str, _Remembered]] = defaultdict(dict)
    for row in connection.execute(
        sa.select(c.patient_id, c.source, c.key, c.id, c.written).where(c.patient_id.in_(ids)).order_by(c.id)
    ):
        if row.source == RECORD_SOURCE:
            found[row.patient_id][row.key] = (row.id, json.loads(row.written))
    return found


def _chosen(records: dict[str, _Remembered], key: str) -> _Remembered:
    """The record of this key; another one when the person was found by an MRN given since."""
    return records.get(key) or next(iter(records.values()), (None, {}))


def _coverages(connection: sa.Connection, ids: list[int]) -> dict[int, StoredCoverage]:
    c = COVERAGE.c
    rows = connection.execute(
        sa.select(c.patient_id, c.id, PAYER.c.name, c.plan_name, c.member_id, c.group_number)
        .join(PAYER, PAYER.c.id == c.payer_id)
        .where(c.patient_id.in_(ids), c.status != CoverageStatus.CANCELLED)
        .order_by(c.rank.desc(), c.id.desc())
    )
    return {row[0]: StoredCoverage(*row[1:]) for row in rows}  # the last one wins: the lowest rank


def _steps(
    connection: sa.Connection, ids: list[int], imported: set[int | None]
) -> dict[int, dict[int, StoredStep]]:
    c = FOLLOW_UP.c
    moves = connection.execute(sa.select(MOVED.c.kind, MOVED.c.record_id).where(MOVED.c.patient_id.in_(ids)))
    moved = {number for kind, number in moves if kind is Kind.FOLLOW_UP}
    rows = connection.execute(
        sa.select(c.patient_id, c.id, c.title, c.status, c.due_on, c.due_at).where(c.patient_id.in_(ids))
    )
    found: dict[int, dict[int, StoredStep]] = defaultdict(dict)
    for row in rows:
        if row.status is not FollowUpStatus.OPEN and row.id not in imported:
            continue
        due_at = plain(row.due_at)
        found[row.patient_id][row.id] = StoredStep(
            id=row.id,
            title=row.title,
            status=row.status,
            due_on=row.due_on,
            due_at=due_at if isinstance(due_at, str) else None,
            is_moved=row.id in moved,
        )
    return found


def _notes(connection: sa.Connection, ids: list[int]) -> dict[int, str]:
    if not ids:
        return {}
    return {
        number: text
        for chunk in facts.chunks(ids)
        for number, text in connection.execute(sa.select(NOTE.c.id, NOTE.c.text).where(NOTE.c.id.in_(chunk)))
    }


# --- writing ---------------------------------------------------------------------------------------------


class Writer:
    """Writes merges inside one change.

    ``now`` is aware, ``today`` its practice-local date; ``step_days`` gives the day of new steps that have
    none, by patient number.
    """

    def __init__(
        self,
        session: AuditedSession,
        payers: Payers,
        *,
        today: date,
        now: datetime,
        step_days: dict[int, date],
    ) -> None:
        self._session, self._payers = session, payers
        self._today, self._now, self._step_days = today, now, step_days

    def write(self, merges: Sequence[Merge]) -> None:
        """Write a few hundred merges and let go of their records."""
        session = self._session
        self._payers.add_missing(merge.new_coverage.payer_name for merge in merges if merge.new_coverage)
        people = self._records(Patient, [merge.stored.id for merge in merges])
        records = self._records(ImportRecord, [merge.stored.record_id for merge in merges])
        for merge in merges:
            patient = people[merge.stored.id]
            written = written_after(merge)
            self._put_values(patient, merge)
            self._put_phones(merge)
            self._put_coverage(merge, written)
            self._put_step(merge, written)
            self._put_notes(patient, merge, written)
            self._remember(records.get(merge.stored.record_id or 0), merge, written)
        session.flush()
        session.expunge_all()

    def _records(self, model: type[Any], ids: Sequence[int | None]) -> dict[int, Any]:
        wanted = [number for number in ids if number is not None]
        return {row.id: row for row in self._session.exec(select(model).where(col(model.id).in_(wanted)))}

    def _put_values(self, patient: Patient, merge: Merge) -> None:
        for name, value in merge.values.items():
            setattr(patient, name, value)
        if "status" in merge.values:
            patient.status_on = self._today
            if patient.status is not PatientStatus.DECEASED:
                patient.deceased_on = None
            if merge.is_open and (patient.check_in_on is None or patient.check_in_on < self._today):
                patient.check_in_on = self._check_in(patient, self._today)
            held = merge.values.get("hold_until") or patient.check_in_on
            patient.hold_until = held if patient.status is PatientStatus.ON_HOLD else None
        if "risk" in merge.values and merge.is_open:
            # Sooner when the risk has risen; never later, and no wave of moved check-ins on one day.
            due = self._check_in(patient, self._today)
            patient.check_in_on = min(patient.check_in_on or due, due)
        self._session.add(patient)

    def _check_in(self, patient: Patient, after: date) -> date:
        context = self._session.context
        return next_check_in(context.pack, context.calendar, patient.risk, after=after)

    def _put_phones(self, merge: Merge) -> None:
        if merge.phones is None and not merge.turns_confidential:
            return
        present = list(
            self._session.exec(
                select(PatientPhone)
                .where(col(PatientPhone.patient_id) == merge.stored.id)
                .order_by(col(PatientPhone.rank), col(PatientPhone.id))
            )
        )
        if merge.phones is not None:
            present = self._renumber(merge.stored.id, merge.phones, present)
        numbers = {number for _, number in merge.person.phones}
        if merge.turns_confidential and numbers:
            for phone in present:
                phone.is_permitted = phone.number in numbers

    def _renumber(
        self, patient_id: int, phones: Sequence[tuple[str, str]], present: list[PatientPhone]
    ) -> list[PatientPhone]:
        """Make the stored numbers those given, in their order; returns the records that stay."""
        kept = []
        for place, (label, number) in enumerate(phones, 1):
            fresh = place > len(present)
            phone = PatientPhone(patient_id=patient_id, number="") if fresh else present[place - 1]
            if phone.number != number:
                phone.is_permitted = False  # the permission was for the old number
            phone.number, phone.label, phone.rank = number, label, place
            self._session.add(phone)
            kept.append(phone)
        for phone in present[len(phones) :]:
            self._session.delete(phone)
        return kept

    def _put_coverage(self, merge: Merge, written: dict[str, Any]) -> None:
        stored = merge.stored.coverage
        if merge.new_coverage is not None:
            if stored is not None:
                old = self._session.get_one(Coverage, stored.id)
                old.status, old.rank = CoverageStatus.CANCELLED, old.rank + 1
                self._session.add(old)
            fresh = Coverage(
                patient_id=merge.stored.id,
                payer_id=self._payers.id_of(merge.new_coverage.payer_name),
                plan_name=merge.new_coverage.plan_name,
                member_id=merge.new_coverage.member_id,
                group_number=merge.new_coverage.group_number,
            )
            self._session.add(fresh)
            self._session.flush()
            written["coverage_id"] = fresh.id
        elif merge.coverage and stored is not None:
            coverage = self._session.get_one(Coverage, stored.id)
            for name, value in merge.coverage.items():
                setattr(coverage, name, value)
            self._session.add(coverage)

    def _put_step(self, merge: Merge, written: dict[str, Any]) -> None:
        if merge.step:
            record = self._session.get_one(FollowUp, written["follow_up_id"])
            for name, value in merge.step.items():
                setattr(record, name, value)
            if "title" in merge.step:
                record.kind = kind_of(record.title)
            self._session.add(record)
        if merge.new_step is not None:
            due = merge.new_step.due_on or self._step_days[merge.stored.id]
            fresh = FollowUp(**step_row(merge.stored.id, merge.new_step, due))
            self._session.add(fresh)
            self._session.flush()
            written.update(written_step(fresh.id or 0, fresh.title, fresh.due_on, fresh.due_at))

    def _put_notes(self, patient: Patient, merge: Merge, written: dict[str, Any]) -> None:
        rows = [note_row(merge.stored.id, piece, self._now) for piece in note_pieces(merge.new_notes)]
        if rows:
            written["note_ids"] = bulk.insert(self._session, Note, rows)
        if merge.note is not None:
            number, text = merge.note
            note = self._session.get_one(Note, number)
            note.text = text
            self._session.add(note)
        if merge.last_contact_on is not None:
            text = last_contact_text(merge.last_contact_on)
            bulk.insert(self._session, Note, [note_row(merge.stored.id, text, self._now)])
            self._contacted(patient, merge.last_contact_on)

    def _contacted(self, patient: Patient, day: date) -> None:
        """As after a contact of our own: the next check-in counts from it, a later one stays."""
        due = self._check_in(patient, day)
        if patient.status is PatientStatus.ACTIVE and due > self._today:
            if patient.check_in_on is None or patient.check_in_on < due:
                patient.check_in_on = due
            patient.is_first_check_in = False
            self._session.add(patient)

    def _remember(self, record: ImportRecord | None, merge: Merge, written: dict[str, Any]) -> None:
        text = canonical(written)
        if record is None:
            record = ImportRecord(
                source=RECORD_SOURCE, key=merge.person.key, patient_id=merge.stored.id, written=text
            )
        record.written = text
        self._session.add(record)


def compare_all(
    connection: sa.Connection,
    keys: dict[int, str],
    merge: Callable[[StoredPerson], Merge],
) -> Iterator[Merge]:
    """Merges of people given as number -> import key, read in portions."""
    for ids in facts.chunks(keys):
        stored = read_stored(connection, {number: keys[number] for number in ids})
        for number in ids:
            yield merge(stored[number])
