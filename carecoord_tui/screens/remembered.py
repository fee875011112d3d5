"""How a source was read last time, for the import screens: recognised by its header, remembered after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.dates import format_day
from carecoord_tui.exchange.import_kinds import ImportKind
from carecoord_tui.exchange.logs.plan import LogLook
from carecoord_tui.store.actions.import_mappings import keep_mapping
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.import_mappings import KeptMapping, read_mapping


def recognise(practice: Practice, kind: ImportKind, look: LogLook) -> KeptMapping | None:
    """What is kept of a file with these headers, where every field and column is still known."""
    kept = read_mapping(practice.execute, kind.name, look.signature)
    if kept is None:
        return None
    kept = replace(kept, columns={field: index + look.of_rejects for field, index in kept.columns.items()})
    is_usable = all(
        field in kind.columns.names and index < len(look.headers) for field, index in kept.columns.items()
    )
    return kept if is_usable and not kind.missing(kept.columns) else None


def remember(
    practice: Practice,
    kind: ImportKind,
    look: LogLook,
    columns: Mapping[str, int],
    statuses: Mapping[str, str | None],
    date_order: DateOrder | None,
) -> str:
    """Keep how a file was read; returns why it could not be kept, empty when it was.

    Of a file of rows handed back it is kept for their source.
    """
    try:
        keep_mapping(
            practice,
            kind=kind.name,
            header_hash=look.signature,
            name=look.path.name,
            columns={
                field: index - look.of_rejects for field, index in columns.items() if index >= look.of_rejects
            },
            statuses=statuses,
            date_order=date_order,
        )
    except StoreError as error:
        return f"How this file is read was not remembered: {error}"
    return ""


def as_on(kept: KeptMapping, today: date) -> str:
    """``Read as on Thu 12 Nov: 9 columns, 2 status words.``"""
    parts = [_count(len(kept.columns), "column")]
    if kept.statuses:
        parts.append(_count(len(kept.statuses), "status word"))
    if kept.date_order is not None:
        parts.append(f"dates {kept.date_order.label}")
    return f"Read as on {format_day(kept.used_on, today)}: {', '.join(parts)}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
