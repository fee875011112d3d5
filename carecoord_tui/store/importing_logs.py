"""Record logs out of spreadsheets: what the practice has of them, and writing what a file brings or changes.

A log is a table of one kind of record: coverages, authorizations, appointments, follow-ups, offices. What is
the same for all of them stands here; ``importing_log_tables`` says how each is read and written. What an
import wrote is remembered beside the record, so that the same file again changes nothing and a later one may
change only what nobody has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import sqlalchemy as sa
from sqlmodel import col, select

from carecoord_tui.domain.vocabulary import CoverageStatus, PayerClass
from carecoord_tui.store import bulk, derived, facts, ledger
from carecoord_tui.store.actions.base import existing
from carecoord_tui.store.codec import canonical
from carecoord_tui.store.core_tables import COVERAGE, PAYER, table
from carecoord_tui.store.importing import Payers
from carecoord_tui.store.importing_referrals import NewProvider, create_providers
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import ImportRecord, Payer, Record

RECORD = table(ImportRecord)
CHUNK = 1_000
"""Records written, and people settled, at a time."""

Values = Mapping[str, Any]
"""Attribute of a record -> typed value; references go by name (``payer``), days are practice-local."""
Step = Callable[[int, int], None]
"""Called with (done, total); raising stops the import and takes everything back."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A record of the practice in the attributes a log may compare."""

    id: int
    patient_id: int | None
    values: Values


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an import last wrote of a record: ``written`` as JSON knows it."""

    record_id: int
    written: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A record a log brings; ``key`` knows it again."""

    key: str
    patient_id: int | None
    values: Values
    written: Values
    """The part of ``values`` a later import may compare."""


@dataclass(frozen=True, slots=True)
class ChangedEntry:
    """What a log changes of a stored record: ``taken`` only, and what is remembered of it afterwards."""

    key: str
    id: int
    patient_id: int | None
    taken: Values
    written: Values


@dataclass(frozen=True, slots=True)
class StoredPlan:
    """A plan of somebody, as far as a log can name it."""

    id: int
    patient_id: int
    payer_name: str
    member_id: str
    is_ended: bool


class Writing:
    """What the tables need while they write: the change, the day, and who is named by name."""

    def __init__(
        self,
        session: AuditedSession,
        practice: Practice,
        payers: Mapping[str, PayerClass | None],
        providers: Sequence[NewProvider],
    ) -> None:
        self.session = session
        self.today: date = practice.today()
        self.now: datetime = practice.clock.now()
        self.zone, self.user = practice.zone, practice.user.name
        self._payers = _with_payers(session, payers)
        self._providers = create_providers(session, providers)

    def payer(self, name: str) -> int:
        """The number of a payer that was named to the constructor or is in the directory."""
        return self._payers.id_of(name)

    def provider(self, number: int | None) -> int | None:
        """The number of an office; a negative one is the new office of this place, -1 the first."""
        return self._providers[-number - 1] if number is not None and number < 0 else number


class LogTable(Protocol):
    """How one kind of record is read and written."""

    source: str
    """Of ``import_record``; empty for records that belong to no person."""

    def read(self, connection: sa.Connection, practice: Practice) -> Iterator[StoredEntry]:
        """Every record of the kind, oldest first."""
        ...

    def create(self, writing: Writing, entries: Sequence[NewEntry]) -> list[int]:
        """Write new records with all that belongs to them; returns their numbers, in order."""
        ...

    def change(self, writing: Writing, entry: ChangedEntry) -> None:
        """Change one record."""
        ...


# --- reading ---------------------------------------------------------------------------------------------


def read_remembered(connection: sa.Connection, source: str) -> Iterator[tuple[str, Remembered]]:
    """What earlier imports wrote, by key."""
    if not source:
        return
    statement = sa.select(RECORD.c.key, RECORD.c.written).where(RECORD.c.source == source)
    for key, written in connection.execute(statement.order_by(RECORD.c.id)):
        said = json.loads(written)
        yield key, Remembered(int(said["record_id"]), said["values"])


def read_plans(connection: sa.Connection) -> Iterator[StoredPlan]:
    """Every plan of everybody, in the order in which those of a person pay."""
    c = COVERAGE.c
    statement = (
        sa.select(c.id, c.patient_id, PAYER.c.name, c.member_id, c.status)
        .join(PAYER, PAYER.c.id == c.payer_id)
        .order_by(c.rank, c.id)
    )
    for number, patient_id, payer_name, member_id, status in connection.execute(statement):
        is_ended = status is CoverageStatus.CANCELLED
        yield StoredPlan(number, patient_id, payer_name, member_id, is_ended)


def read_payer_names(connection: sa.Connection) -> dict[int, str]:
    """The payer directory."""
    return {row[0]: row[1] for row in connection.execute(sa.select(PAYER.c.id, PAYER.c.name))}


# --- writing ---------------------------------------------------------------------------------------------


def create(log: LogTable, writing: Writing, entries: Sequence[NewEntry], step: Step) -> None:
    """Write new records in portions, each with what knows it again."""
    for start in range(0, len(entries), CHUNK):
        step(start, len(entries))
        portion = entries[start : start + CHUNK]
        numbers = log.create(writing, portion)
        if log.source:
            records = [
                {
                    "source": log.source,
                    "key": entry.key,
                    "patient_id": entry.patient_id,
                    "written": _written(number, entry.written),
                }
                for entry, number in zip(portion, numbers, strict=True)
            ]
            bulk.insert(writing.session, ImportRecord, records)


def change(log: LogTable, writing: Writing, entries: Sequence[ChangedEntry], step: Step) -> None:
    """Change stored records one by one, each with what is remembered of it."""
    for done, entry in enumerate(entries):
        if done % CHUNK == 0:
            writing.session.flush()
            step(done, len(entries))
        log.change(writing, entry)
        if log.source:
            _remember(writing.session, log.source, entry)
    writing.session.flush()


def settle(session: AuditedSession, step: Step) -> None:
    """Bring derived columns and ledger of everybody touched up to date now, in portions that can be stopped.

    All the change writes must be written; the commit then has nobody left to look at.
    """
    session.flush()
    connection = session.connection()
    everybody = sorted(session.touched)
    done = 0
    for ids in facts.chunks(everybody):
        step(done, len(everybody))
        derived.refresh(connection, ids, session.context.zone)
        ledger.refresh(connection, ids, session.context)
        done += len(ids)
    session.touched.clear()


def set_columns(session: AuditedSession, model: type[Record], number: int, values: Values) -> Record:
    """Set columns of one record inside the change. Raises Refused when it is gone."""
    record = existing(session, model, number)
    for name, value in values.items():
        setattr(record, name, value)
    session.add(record)
    return record


def _remember(session: AuditedSession, source: str, entry: ChangedEntry) -> None:
    statement = select(ImportRecord).where(
        col(ImportRecord.source) == source, col(ImportRecord.key) == entry.key
    )
    record = session.exec(statement).first()
    written = _written(entry.id, entry.written)
    if record is None:
        assert entry.patient_id is not None  # noqa: S101 - only records of people are remembered
        record = ImportRecord(source=source, key=entry.key, patient_id=entry.patient_id, written=written)
    record.written = written
    session.add(record)


def _written(number: int, values: Values) -> str:
    return canonical({"record_id": number, "values": json.loads(canonical(dict(values)))})


def _with_payers(session: AuditedSession, wanted: Mapping[str, PayerClass | None]) -> Payers:
    """The directory with those that were missing; a class in the file counts for new payers only."""
    before = _payer_numbers(session)
    payers = Payers(session)
    payers.add_missing(wanted)
    for name, payer_class in wanted.items():
        if payer_class is not None and payers.id_of(name) not in before:
            set_columns(session, Payer, payers.id_of(name), {"payer_class": payer_class})
    session.flush()
    return payers


def _payer_numbers(session: AuditedSession) -> frozenset[int]:
    rows: Iterable[int] = session.connection().execute(sa.select(PAYER.c.id)).scalars()
    return frozenset(rows)
