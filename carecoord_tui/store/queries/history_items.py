"""A person's history, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from carecoord_tui.domain.packet import HistoryRow
from carecoord_tui.domain.vocabulary import HistoryKind
from carecoord_tui.store.queries.today import Execute

_COLUMNS = "id, kind, text, code, noted_on, is_active, is_part2, is_sensitive, note, version"


def read_history_items(execute: Execute, patient_id: int) -> tuple[HistoryRow, ...]:
    """Every line, what is active first, then in the order they were entered."""
    rows = execute(
        f"SELECT {_COLUMNS} FROM history_item WHERE patient_id = ? ORDER BY is_active DESC, id", [patient_id]
    )
    return tuple(_row(r) for r in rows)


def read_history_item(execute: Execute, item_id: int) -> HistoryRow | None:
    """One line; None when another window or an undo removed it."""
    rows = execute(f"SELECT {_COLUMNS} FROM history_item WHERE id = ?", [item_id])
    return next((_row(r) for r in rows), None)


def _row(r: Sequence[Any]) -> HistoryRow:
    return HistoryRow(
        id=r[0],
        kind=HistoryKind(r[1]),
        text=r[2],
        code=r[3],
        noted_on=date.fromisoformat(r[4]) if r[4] else None,
        is_active=bool(r[5]),
        is_part2=bool(r[6]),
        is_sensitive=bool(r[7]),
        note=r[8],
        version=r[9],
    )
