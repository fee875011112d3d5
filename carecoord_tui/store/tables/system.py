"""What the program keeps about itself: users, settings, closures, imports, audit, the ledger."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from carecoord_tui.domain.vocabulary import Basis, Consequence, Kind
from carecoord_tui.store.tables.base import RECORD_ARGS, Record, UtcDateTime, Word


class User(Record, table=True):
    """A named user (45 CFR 164.312(a)(2)(i))."""

    __tablename__ = "user"
    __table_args__ = RECORD_ARGS

    name: str = Field(max_length=120, unique=True)
    role: str = Field(default="", max_length=80)
    is_clinical: bool = False


class Setting(Record, table=True):
    """A setting of the practice, by key; see ``store.settings`` for the typed reading."""

    __tablename__ = "setting"
    __table_args__ = RECORD_ARGS

    key: str = Field(max_length=60, unique=True)
    value: str = Field(sa_type=sa.Text)


class Closure(Record, table=True):
    """A day the practice is closed. It moves own targets, never a legal clock."""

    __tablename__ = "closure"
    __table_args__ = RECORD_ARGS

    closed_on: date = Field(unique=True)
    name: str = Field(default="", max_length=80)


class ImportRecord(Record, table=True):
    """What the last import wrote for a person: only that may a later import overwrite."""

    __tablename__ = "import_record"
    __table_args__ = (
        sa.UniqueConstraint("source", "key"),
        sa.Index("ix_import_record_patient", "patient_id"),
        RECORD_ARGS,
    )

    source: str = Field(max_length=40)
    key: str = Field(max_length=300)
    patient_id: int = Field(foreign_key="patient.id")
    written: str = Field(sa_type=sa.Text)  # canonical JSON of field -> value


class ImportMapping(Record, table=True):
    """How the columns and status words of a source were read last time: recognised by its header."""

    __tablename__ = "import_mapping"
    __table_args__ = (sa.UniqueConstraint("kind", "header_hash"), RECORD_ARGS)

    kind: str = Field(max_length=40)  # patients, referrals, coverages ...
    header_hash: str = Field(max_length=64)  # of the folded header cells, in order
    name: str = Field(default="", max_length=120)
    columns: str = Field(sa_type=sa.Text)  # canonical JSON of field -> column number
    statuses: str = Field(default="{}", sa_type=sa.Text)  # canonical JSON of word -> status
    used_on: date


class AuditEvent(SQLModel, table=True):
    """One row of one change, chained by HMAC; UPDATE and DELETE are refused by triggers."""

    __tablename__ = "audit_event"
    __table_args__ = (
        sa.Index("ix_audit_event_change", "change_id"),
        sa.Index("ix_audit_event_record", "table_name", "record_id"),
        sa.Index("ix_audit_event_patient", "patient_id"),
        sa.Index(  # the last changes of a user, for undo
            "ix_audit_event_head",
            "user_id",
            "seq",
            sqlite_where=sa.text("seq = change_id"),
            postgresql_where=sa.text("seq = change_id"),
        ),
    )

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    user_id: int | None = None
    change_id: int  # seq of the first row of the change
    change_kind: str = Field(max_length=10)  # do, undo, redo, system, view
    target: int | None = None  # change_id an undo or redo is about
    label: str = Field(max_length=200)  # what the screen calls the change; never patient text
    action: str = Field(max_length=10)  # insert, update, delete, event
    table_name: str = Field(default="", max_length=40)
    record_id: int | None = None
    patient_id: int | None = None
    before: str | None = Field(default=None, sa_type=sa.Text)
    after: str | None = Field(default=None, sa_type=sa.Text)
    mac: str = Field(max_length=64)


class LedgerItem(SQLModel, table=True):
    """One owed next action: a projection of the source tables, rebuilt at will (``store.ledger``)."""

    __tablename__ = "ledger"
    __table_args__ = (
        sa.UniqueConstraint("kind", "record_id", "rule_id"),
        sa.Index("ix_ledger_lane", "basis", "target_on"),
        sa.Index("ix_ledger_visit", "visit_on"),
        sa.Index("ix_ledger_waiting", "waiting_on", "target_on"),
        sa.Index("ix_ledger_patient", "patient_id", "target_on"),
        sa.Index(  # the lanes' keys and counts, read from the index alone
            "ix_ledger_keys", "kind", "record_id", "rule_id", "target_on", "legal_on", "visit_on"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: Kind = Field(sa_type=Word(Kind))
    record_id: int
    rule_id: str = Field(max_length=60)
    patient_id: int = Field(foreign_key="patient.id")
    verb: str = Field(max_length=40)
    title: str = Field(max_length=300)
    target_on: date
    target_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    legal_on: date | None = None
    legal_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    warn_on: date | None = None
    basis: Basis = Field(sa_type=Word(Basis))
    consequence: Consequence = Field(sa_type=Word(Consequence))
    why: str = Field(default="", sa_type=sa.Text)
    citation: str = Field(default="", max_length=300)
    progress: str = Field(default="", max_length=20)
    since_on: date | None = None
    visit_on: date | None = None
    waiting_on: str = Field(default="", max_length=120)
    moved_from: date | None = None
    after_legal: str = Field(default="", max_length=300)
    group_key: str = Field(default="", max_length=60)


class LedgerState(SQLModel, table=True):
    """Which rule pack, calendar and practice facts the ledger was built from."""

    __tablename__ = "ledger_state"

    id: int = Field(default=1, primary_key=True)
    fingerprint: str = Field(max_length=64)
