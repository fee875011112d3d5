"""The ledger of next actions: a projection of the source tables, refreshed with every change.

Only what is owed stands here. :func:`refresh` brings the rows of some people up to date inside the
caller's transaction; :func:`rebuild` does it for everybody; :func:`differences` proves them equal.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import sqlalchemy as sa

from carecoord_tui.domain.facts import PatientFacts
from carecoord_tui.domain.next_actions import Context, MissingAction, next_actions, without_action
from carecoord_tui.domain.work import WorkItem
from carecoord_tui.store import derived, facts
from carecoord_tui.store import rows as column_rows
from carecoord_tui.store.core_tables import PATIENT
from carecoord_tui.store.fingerprint import fingerprint
from carecoord_tui.store.tables import LedgerItem, LedgerState

LEDGER: sa.Table = LedgerItem.__table__  # type: ignore[attr-defined]
STATE: sa.Table = LedgerState.__table__  # type: ignore[attr-defined]
FIELDS = tuple(field.name for field in dataclasses.fields(WorkItem))
Key = tuple[str, int, str]
_ITEM = attrgetter(*FIELDS)
_RECORD_ID, _PATIENT_ID = FIELDS.index("record_id"), FIELDS.index("patient_id")
_RECORDS = [field.name for field in dataclasses.fields(PatientFacts) if field.default == ()]
_HAS_RECORDS, _NOTHING = attrgetter(*_RECORDS), ((),) * len(_RECORDS)
_SHAPE = attrgetter(
    *(field.name for field in dataclasses.fields(PatientFacts) if field.name not in ("id", *_RECORDS))
)


def _values(item: WorkItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in FIELDS}


def _key(row: Any) -> Key:
    return (row["kind"], row["record_id"], row["rule_id"])


def _owed(
    connection: sa.Connection, ids: list[int], context: Context
) -> tuple[dict[Key, dict[str, Any]], list[MissingAction]]:
    """What these people owe by the rules, and open records that owe nothing."""
    owed: dict[Key, dict[str, Any]] = {}
    missing: list[MissingAction] = []
    for person in facts.load(connection, ids, context.zone):
        items = next_actions(person, context)
        missing.extend(without_action(person, items))
        for item in items:
            values = _values(item)
            owed[_key(values)] = values
    return owed, missing


def _present(connection: sa.Connection, ids: list[int]) -> dict[Key, tuple[int, dict[str, Any]]]:
    """What the ledger holds for these people."""
    rows = connection.execute(sa.select(LEDGER).where(LEDGER.c.patient_id.in_(ids))).mappings()
    return {_key(row): (row["id"], {name: row[name] for name in FIELDS}) for row in rows}


def refresh(connection: sa.Connection, patient_ids: Iterable[int], context: Context) -> None:
    """Bring these people's rows up to date; rows that stay the same keep their number."""
    for ids in facts.chunks(sorted(set(patient_ids))):
        owed, _ = _owed(connection, ids, context)
        present = _present(connection, ids)
        gone = [row_id for key, (row_id, _) in present.items() if key not in owed]
        if gone:
            connection.execute(sa.delete(LEDGER).where(LEDGER.c.id.in_(gone)))
        for key, values in owed.items():
            if key in present and present[key][1] != values:
                connection.execute(sa.update(LEDGER).where(LEDGER.c.id == present[key][0]).values(**values))
        _insert(connection, [tuple(values.values()) for key, values in owed.items() if key not in present])


def add(connection: sa.Connection, patient_ids: Iterable[int], context: Context) -> None:
    """Write the rows of people who have none yet: :func:`refresh` for new people, without comparing.

    Most new people bring nothing but themselves. What two of them owe who agree in every fact differs only in
    their number, so it is worked out once.
    """
    known: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
    for ids in facts.chunks(sorted(set(patient_ids))):
        rows: list[tuple[Any, ...]] = []
        for person in facts.load(connection, ids, context.zone):
            if _HAS_RECORDS(person) != _NOTHING:
                rows += map(_ITEM, next_actions(person, context))
                continue
            shape = _SHAPE(person)
            if shape not in known:
                known[shape] = [_ITEM(item) for item in next_actions(person, context)]
            rows += (_for_person(row, person.id) for row in known[shape])
        _insert(connection, rows)


def _for_person(row: tuple[Any, ...], patient_id: int) -> tuple[Any, ...]:
    """The item of somebody without records, made out to another person."""
    values = list(row)
    values[_RECORD_ID] = values[_PATIENT_ID] = patient_id
    return tuple(values)


def _insert(connection: sa.Connection, rows: list[tuple[Any, ...]]) -> None:
    """Insert items given as tuples of ``FIELDS``."""
    if rows:
        columns = dict(zip(FIELDS, zip(*rows, strict=True), strict=True))
        column_rows.write(connection, LEDGER, columns, len(rows))


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What :func:`differences` found; ``is_whole`` when the promise holds."""

    people: int
    items: int
    stale: int  # rows the rules do not owe
    absent: int  # items owed and not in the ledger
    changed: int  # rows whose values differ
    missing: tuple[MissingAction, ...]  # open records without any next action

    @property
    def is_equal(self) -> bool:
        """True when a rebuild would change nothing."""
        return not (self.stale or self.absent or self.changed)


def differences_of_first(connection: sa.Connection, context: Context) -> None:
    """Go through one person as a change does, without writing: see ``Practice.warm_up``."""
    first = connection.execute(sa.select(sa.func.min(PATIENT.c.id))).scalar()
    if first is not None:
        _owed(connection, [first], context)
        _present(connection, [first])


def _all_people(connection: sa.Connection) -> Iterator[list[int]]:
    ids = connection.execute(sa.select(PATIENT.c.id).order_by(PATIENT.c.id)).scalars().all()
    yield from facts.chunks(ids)


def differences(
    connection: sa.Connection, context: Context, progress: Callable[[int], None] | None = None
) -> LedgerReport:
    """Rebuild in memory and compare; writes nothing. ``progress`` gets the people done so far."""
    people = items = stale = absent = changed = 0
    missing: list[MissingAction] = []
    for ids in _all_people(connection):
        owed, holes = _owed(connection, ids, context)
        present = _present(connection, ids)
        people += len(ids)
        items += len(owed)
        missing.extend(holes)
        stale += sum(1 for key in present if key not in owed)
        absent += sum(1 for key in owed if key not in present)
        changed += sum(1 for key in owed if key in present and present[key][1] != owed[key])
        if progress is not None:
            progress(people)
    return LedgerReport(people, items, stale, absent, changed, tuple(missing))


def rebuild(
    connection: sa.Connection, context: Context, progress: Callable[[int], None] | None = None
) -> int:
    """Write the whole ledger anew inside the caller's transaction, and the derived columns, which the time
    zone rules; returns the people done.
    """
    done = 0
    for ids in _all_people(connection):
        derived.refresh(connection, ids, context.zone)
        refresh(connection, ids, context)
        done += len(ids)
        if progress is not None:
            progress(done)
    remember(connection, context)
    return done


def is_current(connection: sa.Connection, context: Context) -> bool:
    """False when the rule pack, the calendar or the practice changed since the ledger was built."""
    return connection.execute(sa.select(STATE.c.fingerprint)).scalar() == fingerprint(context)


def remember(connection: sa.Connection, context: Context) -> None:
    """Store what the ledger was built from."""
    connection.execute(sa.delete(STATE))
    connection.execute(sa.insert(STATE).values(id=1, fingerprint=fingerprint(context)))
