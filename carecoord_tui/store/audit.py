"""The audit: one chained row for every row changed, written in the transaction that changed it.

The chain is HMAC-SHA256 under a key derived from the data key: ``mac = HMAC(previous mac + row)``.
Stamps are system time, whatever clock the screens run on.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from carecoord_tui.store import rows as column_rows
from carecoord_tui.store.codec import canonical
from carecoord_tui.store.rows import Column, Same
from carecoord_tui.store.tables import AuditEvent

GENESIS = "0" * 64
BATCH = 2000  # rows read at a time when the chain is walked
_CHAINED = (
    "seq",
    "at",
    "user_id",
    "change_id",
    "change_kind",
    "target",
    "label",
    "action",
    "table_name",
    "record_id",
    "patient_id",
    "before",
    "after",
)
events: sa.Table = AuditEvent.__table__  # type: ignore[attr-defined]


def mac_of(key: bytes, previous: str, row: dict[str, Any]) -> str:
    """The row's link in the chain, hex."""
    return _link(key, previous, canonical({name: row[name] for name in _CHAINED}))


def _link(key: bytes, previous: str, row: str) -> str:
    return hmac.digest(key, (previous + row).encode(), "sha256").hex()


@dataclass(slots=True)
class Trail:
    """The audit rows of one change, chained as they are written."""

    connection: sa.Connection
    key: bytes
    user_id: int | None
    label: str
    kind: str = "do"
    target: int | None = None
    seq: int = field(init=False)
    mac: str = field(init=False)
    change_id: int = field(init=False)
    rows: int = field(init=False, default=0)
    tables: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        last = self.connection.execute(
            sa.select(events.c.seq, events.c.mac).order_by(events.c.seq.desc()).limit(1)
        ).first()
        self.seq, self.mac = (last.seq, last.mac) if last else (0, GENESIS)
        self.change_id = self.seq + 1

    def write(self, entries: list[dict[str, Any]]) -> None:
        """Chain and insert entries: dicts of action, table_name, record_id, patient_id, before, after."""
        if not entries:
            return
        rows = []
        stamp = datetime.now(UTC)
        for entry in entries:
            self.seq += 1
            row = {
                "seq": self.seq,
                "at": stamp,
                "user_id": self.user_id,
                "change_id": self.change_id,
                "change_kind": self.kind,
                "target": self.target,
                "label": self.label,
                "action": entry["action"],
                "table_name": entry.get("table_name", ""),
                "record_id": entry.get("record_id"),
                "patient_id": entry.get("patient_id"),
                "before": entry.get("before"),
                "after": entry.get("after"),
            }
            self.mac = row["mac"] = mac_of(self.key, self.mac, row)
            rows.append(row)
            self.tables.add(row["table_name"])
        self.connection.execute(sa.insert(events), rows)
        self.rows += len(rows)

    def write_inserts(
        self, table_name: str, record_ids: Sequence[int], patient_ids: Column, after: Sequence[str]
    ) -> None:
        """Chain and insert the entries of new rows of one table; as :meth:`write`, many times faster."""
        count = len(record_ids)
        columns: dict[str, Column] = {
            "seq": range(self.seq + 1, self.seq + count + 1),
            "at": Same(datetime.now(UTC)),
            "user_id": Same(self.user_id),
            "change_id": Same(self.change_id),
            "change_kind": Same(self.kind),
            "target": Same(self.target),
            "label": Same(self.label),
            "action": Same("insert"),
            "table_name": Same(table_name),
            "record_id": record_ids,
            "patient_id": patient_ids,
            "before": Same(None),
            "after": after,
        }
        macs = []
        for text in column_rows.canonical_rows(columns, count):
            self.mac = _link(self.key, self.mac, text)
            macs.append(self.mac)
        column_rows.write(self.connection, events, {**columns, "mac": macs}, count)
        self.seq += count
        self.rows += count
        self.tables.add(table_name)


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What :func:`verify` found; ``broken_at`` is the first seq that does not fit, None when whole."""

    rows: int
    last_seq: int
    last_mac: str
    broken_at: int | None


def verify(
    connection: sa.Connection, key: bytes, progress: Callable[[int], None] | None = None
) -> ChainReport:
    """Walk the whole chain, streaming; every link is computed anew. ``progress`` gets the rows so far."""
    previous, count, last_seq = GENESIS, 0, 0
    for row in _stream(connection):
        values = dict(row._mapping)
        if values["seq"] != last_seq + 1 or mac_of(key, previous, values) != values["mac"]:
            return ChainReport(count, last_seq, previous, values["seq"])
        previous, last_seq = values["mac"], values["seq"]
        count += 1
        if progress is not None and count % BATCH == 0:
            progress(count)
    return ChainReport(count, last_seq, previous, None)


def _stream(connection: sa.Connection) -> Iterator[sa.Row[Any]]:
    statement = sa.select(events).order_by(events.c.seq).execution_options(yield_per=BATCH)
    yield from connection.execute(statement)
