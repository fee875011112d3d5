"""Undo and redo from the audit: a change is taken back row by row, and that is itself audited.

A change is undone only while every row still holds what the change wrote; otherwise it was
superseded, the later change is named, and nothing happens. A new change clears redo. Changes of
another kind than ``do`` record what happened outside the program, such as a disclosure: they stay.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from carecoord_tui.store.audit import events
from carecoord_tui.store.codec import canonical, typed
from carecoord_tui.store.errors import Superseded
from carecoord_tui.store.ledger import LEDGER
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession, dependents
from carecoord_tui.store.tables import BY_TABLE

LOOK_BACK = 400  # changes of this user; older ones are history, not a slip of the hand
_KINDS = ("do", "undo", "redo")
_REVERSE = {"insert": "delete", "delete": "insert", "update": "update"}


@dataclass(frozen=True, slots=True)
class UndoableChange:
    """A change that can be taken back or brought back."""

    change_id: int
    label: str
    at: datetime
    patient_ids: frozenset[int]
    rows: int


def next_undo(practice: Practice) -> UndoableChange | None:
    """The newest change of this user that still stands; None when there is none."""
    with practice.read() as connection:
        done, _ = _stacks(connection, practice.user.id)
        return _describe(connection, done[-1]) if done else None


def next_redo(practice: Practice) -> UndoableChange | None:
    """The change the next redo brings back; None after any new change."""
    with practice.read() as connection:
        _, undone = _stacks(connection, practice.user.id)
        return _describe(connection, undone[-1]) if undone else None


def undo(practice: Practice) -> UndoableChange | None:
    """Take back the newest change of this user; None when nothing is left.

    Raises Superseded, naming what came after, when a row no longer holds what the change wrote.
    """
    change = next_undo(practice)
    if change is None:
        return None
    with practice.change(f"undo: {change.label}"[:200], kind="undo", target=change.change_id) as session:
        for row in reversed(_rows(session.connection(), change.change_id)):
            _apply(session, row, change, reverse=True)
    return change


def redo(practice: Practice) -> UndoableChange | None:
    """Bring back the change undone last; None when there is none. Raises Superseded as undo does."""
    change = next_redo(practice)
    if change is None:
        return None
    with practice.change(f"redo: {change.label}"[:200], kind="redo", target=change.change_id) as session:
        for row in _rows(session.connection(), change.change_id):
            _apply(session, row, change, reverse=False)
    return change


def _stacks(connection: sa.Connection, user_id: int) -> tuple[list[int], list[int]]:
    """Change ids that stand and that are undone, oldest first, from this user's recent history."""
    recent = connection.execute(
        sa.select(events.c.change_id, events.c.change_kind, events.c.target)
        .where(
            events.c.seq == events.c.change_id,
            events.c.user_id == user_id,
            events.c.change_kind.in_(_KINDS),
        )
        .order_by(events.c.seq.desc())
        .limit(LOOK_BACK)
    ).all()
    done: list[int] = []
    undone: list[int] = []
    for change_id, kind, target in reversed(recent):
        if kind == "do":
            done.append(change_id)
            undone.clear()
        elif kind == "undo":
            if target in done:
                done.remove(target)
            undone.append(target)
        else:
            if target in undone:
                undone.remove(target)
            done.append(target)
    return done, undone


def _rows(connection: sa.Connection, change_id: int) -> list[sa.Row[Any]]:
    return list(
        connection.execute(
            sa.select(events)
            .where(events.c.change_id == change_id, events.c.action != "event")
            .order_by(events.c.seq)
        )
    )


def _describe(connection: sa.Connection, change_id: int) -> UndoableChange:
    rows = _rows(connection, change_id)
    return UndoableChange(
        change_id=change_id,
        label=rows[0].label,
        at=rows[0].at,
        patient_ids=frozenset(row.patient_id for row in rows if row.patient_id is not None),
        rows=len(rows),
    )


def _apply(session: AuditedSession, row: sa.Row[Any], change: UndoableChange, *, reverse: bool) -> None:
    """Put one row back (or forward) after checking that it stands as the change left it."""
    table: sa.Table = BY_TABLE[row.table_name].__table__  # type: ignore[attr-defined]
    before = json.loads(row.before) if row.before else {}
    after = json.loads(row.after) if row.after else {}
    action = _REVERSE[row.action] if reverse else row.action
    expected, wanted = (after, before) if reverse else (before, after)
    connection = session.connection()
    current = connection.execute(sa.select(table).where(table.c.id == row.record_id)).mappings().first()
    if action == "insert":
        if current is not None:
            raise _superseded(connection, row, change)
        _execute(connection, sa.insert(table).values(**typed(table, wanted), version=1), row, change)
    else:
        stands = current is not None and canonical({name: current[name] for name in expected}) == canonical(
            expected
        )
        if not stands:
            raise _superseded(connection, row, change)
        if action == "delete":
            if row.table_name == "patient":
                connection.execute(sa.delete(LEDGER).where(LEDGER.c.patient_id == row.record_id))
            _execute(connection, sa.delete(table).where(table.c.id == row.record_id), row, change)
        else:
            values = {**typed(table, wanted), "version": table.c.version + 1}
            _execute(
                connection, sa.update(table).where(table.c.id == row.record_id).values(**values), row, change
            )
    session.trail.write(
        [
            {
                "action": action,
                "table_name": row.table_name,
                "record_id": row.record_id,
                "patient_id": row.patient_id,
                "before": canonical(expected) if expected else None,
                "after": canonical(wanted) if wanted else None,
            }
        ]
    )
    if not (row.table_name == "patient" and action == "delete"):
        for owner in (row.patient_id, expected.get("patient_id"), wanted.get("patient_id")):
            session.touch(owner)
    standing = typed(table, wanted) if current is None else dict(current)
    for patient_id in dependents(connection, BY_TABLE[row.table_name](**standing)):
        session.touch(patient_id)


def _execute(
    connection: sa.Connection, statement: sa.Executable, row: sa.Row[Any], change: UndoableChange
) -> None:
    try:
        connection.execute(statement)
    except IntegrityError as error:  # something was hung on this row since
        raise _superseded(connection, row, change) from error


def _superseded(connection: sa.Connection, row: sa.Row[Any], change: UndoableChange) -> Superseded:
    later = connection.execute(
        sa.select(events.c.label)
        .where(
            events.c.table_name == row.table_name,
            events.c.record_id == row.record_id,
            events.c.change_id > change.change_id,
        )
        .order_by(events.c.seq.desc())
        .limit(1)
    ).scalar()
    by = f"by “{later}”" if later else "by something added since"
    return Superseded(f"“{change.label}” cannot be taken back: it was superseded {by}. Nothing was changed.")
