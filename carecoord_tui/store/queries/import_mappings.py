"""How a source was read last time, recognised by its header."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.store.queries.today import Execute

DATE_ORDER = "#dates"
"""Stands among the columns for the order of the dates; no field is called so."""


@dataclass(frozen=True, slots=True)
class KeptMapping:
    """The columns and status words of a source, as they were read when it was last imported."""

    id: int
    name: str
    """The file's name then."""
    columns: Mapping[str, int]
    """Field -> index of its column."""
    statuses: Mapping[str, str | None]
    """Folded status words -> status by its value; None leaves their rows out."""
    used_on: date
    date_order: DateOrder | None
    """How its dates are written, where somebody had to say so."""
    version: int = field(compare=False)


def read_mapping(execute: Execute, kind: str, header_hash: str) -> KeptMapping | None:
    """What is kept of a source with these headers; None for one that was never imported."""
    rows = execute(
        "SELECT id, name, columns, statuses, used_on, version FROM import_mapping"
        " WHERE kind = ? AND header_hash = ?",
        [kind, header_hash],
    )
    for number, name, columns, statuses, used_on, version in rows:
        day = date.fromisoformat(used_on)
        fields = json.loads(columns)
        order = DateOrder(fields.pop(DATE_ORDER)) if DATE_ORDER in fields else None
        return KeptMapping(number, name, fields, json.loads(statuses), day, order, version)
    return None
