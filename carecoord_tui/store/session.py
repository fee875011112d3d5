"""The one session every change goes through: audited, versioned, and followed by the ledger.

``after_flush`` writes the audit rows of what was flushed; ``before_commit`` refreshes the derived
columns and the ledger of everybody touched. Both happen in the transaction of the change, so no
verb can forget them. Bulk statements on records would bypass both and are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlmodel import Session

from carecoord_tui.domain.next_actions import Context
from carecoord_tui.store import derived, ledger
from carecoord_tui.store.audit import Trail
from carecoord_tui.store.codec import audited_columns, canonical
from carecoord_tui.store.core_tables import BILLING_CASE, COVERAGE, PATIENT, REFERRAL
from carecoord_tui.store.errors import MergedAway
from carecoord_tui.store.tables import BY_TABLE, Payer, PayerLimit, Provider, Record

_BYPASSES = "bulk statements bypass the audit: change records one by one, or use store.bulk"


class AuditedSession(Session):
    """A session with the trail and the context its events need."""

    def __init__(self, connection: sa.Connection, trail: Trail, context: Context) -> None:
        super().__init__(bind=connection, expire_on_commit=False, autoflush=True)
        self.trail = trail
        self.context = context
        self.touched: set[int] = set()

    def touch(self, patient_id: int | None) -> None:
        """Have this person's ledger refreshed at commit."""
        if patient_id is not None:
            self.touched.add(patient_id)

    def bulk_save_objects(self, *_: Any, **__: Any) -> NoReturn:
        """Refused: see :func:`_refuse_bulk`; these older methods pass it by."""
        raise RuntimeError(_BYPASSES)

    bulk_insert_mappings = bulk_update_mappings = bulk_save_objects

    def settle_ledger_of_new(self, patient_ids: Sequence[int]) -> None:
        """Write the ledger of people this change has added, now instead of at commit.

        For imports, which write their derived columns themselves and go through people in portions. All
        that these people bring must be written; who is touched again is looked at again at commit.
        """
        self.flush()
        ledger.add(self.connection(), patient_ids, self.context)
        self.touched.difference_update(patient_ids)


def _row_of(record: Record) -> tuple[sa.Table, list[sa.Column[Any]]]:
    table = BY_TABLE[str(record.__tablename__)].__table__  # type: ignore[attr-defined]
    return table, audited_columns(table)


def patient_of(table_name: str, record_id: int | None, values: dict[str, Any]) -> int | None:
    """The person a row belongs to; None for directory and system rows."""
    if table_name == "patient":
        return record_id
    owner = values.get("patient_id")
    return int(owner) if owner is not None else None


def _entry(record: Record, action: str) -> dict[str, Any] | None:
    table, columns = _row_of(record)
    state = sa.inspect(record)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for column in columns:
        history = state.attrs[column.key].history
        value = getattr(record, column.key)
        if action == "insert":
            after[column.name] = value
            continue
        old = (history.deleted[0] if history.deleted else None) if history.has_changes() else value
        if action == "delete":
            before[column.name] = old
        elif old != value:
            before[column.name], after[column.name] = old, value
    if action == "update" and not after:
        return None
    owner = patient_of(table.name, record.id, {"patient_id": getattr(record, "patient_id", None)})
    return {
        "action": action,
        "table_name": table.name,
        "record_id": record.id,
        "patient_id": owner,
        "before": canonical(before) if before else None,
        "after": canonical(after) if after else None,
    }


def _previous_owner(record: Record) -> int | None:
    """Whose record this was before the flush, when it changes hands: their items change too."""
    if not hasattr(record, "patient_id"):
        return None
    was = sa.inspect(record).attrs["patient_id"].history.deleted
    return int(was[0]) if was and was[0] is not None else None


_TABLE_ORDER = {name: place for place, name in enumerate(BY_TABLE)}


def _parents_first(record: Record) -> tuple[int, int]:
    """Undo walks the audit backwards, so children must stand after what they hang on."""
    return _TABLE_ORDER[str(record.__tablename__)], record.id or 0


@event.listens_for(AuditedSession, "before_flush")
def _refuse_new_work_of_merged(session: AuditedSession, _: UOWTransaction, __: Any) -> None:
    """Nothing new is hung on a record that was merged away: it would be in no list of anybody's."""
    owners = {getattr(record, "patient_id", None) for record in session.new} - {None}
    if not owners:
        return
    statement = sa.select(PATIENT.c.id).where(PATIENT.c.id.in_(owners), PATIENT.c.merged_into_id.is_not(None))
    with session.no_autoflush:
        if session.connection().execute(statement).first() is not None:
            raise MergedAway


@event.listens_for(AuditedSession, "after_flush")
def _audit_flush(session: AuditedSession, _: UOWTransaction) -> None:
    entries = []
    changed: list[tuple[Record, str]] = [
        *((record, "insert") for record in sorted(session.new, key=_parents_first)),
        *((record, "update") for record in sorted(session.dirty, key=_parents_first)),
        *((record, "delete") for record in sorted(session.deleted, key=_parents_first, reverse=True)),
    ]
    for record, action in changed:
        entry = _entry(record, action)
        if entry is None:
            continue
        entries.append(entry)
        session.touch(entry["patient_id"])
        session.touch(_previous_owner(record))
        for patient_id in dependents(session.connection(), record):
            session.touch(patient_id)
    session.trail.write(entries)


def dependents(connection: sa.Connection, record: Record) -> list[int]:
    """People whose items depend on a directory row: payer, limit -> coverage; provider -> referral."""
    if isinstance(record, PayerLimit):
        statement = sa.select(COVERAGE.c.patient_id).where(COVERAGE.c.payer_id == record.payer_id)
    elif isinstance(record, Payer):
        asked = sa.select(BILLING_CASE.c.patient_id).where(BILLING_CASE.c.payer_id == record.id)
        covered = sa.select(COVERAGE.c.patient_id).where(COVERAGE.c.payer_id == record.id)
        return list(connection.execute(sa.union(covered, asked)).scalars())
    elif isinstance(record, Provider):
        statement = sa.select(REFERRAL.c.patient_id).where(REFERRAL.c.provider_id == record.id)
    else:
        return []
    return list(connection.execute(statement.distinct()).scalars())


@event.listens_for(AuditedSession, "before_commit")
def _follow_up_commit(session: AuditedSession) -> None:
    session.flush()
    if session.touched:
        connection = session.connection()
        derived.refresh(connection, session.touched, session.context.zone)
        ledger.refresh(connection, session.touched, session.context)


@event.listens_for(AuditedSession, "do_orm_execute")
def _refuse_bulk(state: ORMExecuteState) -> None:
    if state.is_update or state.is_delete or state.is_insert:
        raise RuntimeError(_BYPASSES)
