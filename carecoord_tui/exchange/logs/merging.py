"""Knowing a record of a log again, and what the file may change of it.

A value is taken over where the practice has none, or still has what an import wrote. What somebody entered
or changed since stays, and is reported; a silent cell never erases anything.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from carecoord_tui.domain.date_words import format_birth, format_time
from carecoord_tui.domain.folding import clean_text, fold
from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.logs.kind import LogKind, Values
from carecoord_tui.exchange.logs.plan import FieldDifference
from carecoord_tui.exchange.tabular import shown
from carecoord_tui.store import importing_logs as store
from carecoord_tui.store.codec import plain
from carecoord_tui.store.importing_logs import Remembered, StoredEntry
from carecoord_tui.store.practice import Practice

_SAYS_NOTHING = (None, "", "unknown")


@dataclass(frozen=True, slots=True)
class Merge:
    """What a row means for the record that is there."""

    stored: StoredEntry
    taken: Values
    differences: tuple[FieldDifference, ...]
    written: dict[str, Any]
    """What is remembered of the record afterwards."""

    @property
    def kept(self) -> int:
        """Values that differ and stay."""
        return sum(1 for one in self.differences if not one.is_taken)


class Known:
    """The practice's records of one kind, found by what an import wrote or by what they are."""

    def __init__(self, kind: LogKind, connection: sa.Connection, practice: Practice) -> None:
        self._kind, self._zone = kind, practice.zone
        self._entries: dict[int, StoredEntry] = {}
        self._by_alias: dict[Hashable, list[StoredEntry]] = defaultdict(list)
        for entry in kind.table.read(connection, practice):
            self._entries[entry.id] = entry
            for alias in self._aliases(entry.values, entry.patient_id):
                self._by_alias[alias].append(entry)
        self._by_key: dict[str, Remembered] = {}
        self._of_record: dict[int, tuple[str, Remembered]] = {}
        for key, remembered in store.read_remembered(connection, kind.table.source):
            if remembered.record_id in self._entries:
                self._by_key[key] = remembered
                self._of_record[remembered.record_id] = key, remembered

    def like(self, values: Values, key: str, patient_id: int | None) -> list[StoredEntry]:
        """Every record the row may be, the one an import wrote under this key alone if there is one."""
        remembered = self._by_key.get(key)
        if remembered is not None:
            return [self._entries[remembered.record_id]]
        found: dict[int, StoredEntry] = {}
        for alias in self._aliases(values, patient_id):
            for entry in self._by_alias.get(alias, ()):
                if self._kind.is_same(values, entry.values):
                    found[entry.id] = entry
        return list(found.values())

    def of(self, patient_id: int | None) -> Sequence[StoredEntry]:
        """Every record of one person."""
        return self._by_alias.get(patient_id, ())

    def key_of(self, entry: StoredEntry, key: str) -> str:
        """The key a record is remembered under; ``key`` for one that no import wrote."""
        known = self._of_record.get(entry.id)
        return known[0] if known else key

    def merge(self, values: Values, stored: StoredEntry) -> Merge:
        """What the file changes of a record, and what it would change if it might."""
        known = self._of_record.get(stored.id)
        before = known[1].written if known else {}
        taken: Values = {}
        kept: set[str] = set()
        for name in self._kind.compared:
            if name not in values or _is_same(values[name], stored.values.get(name)):
                continue
            if _text(values[name]) in _SAYS_NOTHING or _is_written(before, name, values[name]):
                continue
            if _text(stored.values.get(name)) in _SAYS_NOTHING or _is_written(
                before, name, stored.values.get(name)
            ):
                taken[name] = values[name]
            else:
                kept.add(name)
        held = self._kind.keeps(stored.values, taken) & taken.keys()
        kept |= held
        taken = {name: value for name, value in taken.items() if name not in held}
        differences = tuple(
            FieldDifference(
                self._kind.columns.label(name),
                value_text(values[name], self._zone),
                value_text(stored.values.get(name), self._zone) or "nothing",
                name in taken,
            )
            for name in self._kind.compared
            if name in taken or name in kept
        )
        written = {name: value for name, value in comparable(self._kind, values).items() if name not in kept}
        return Merge(stored, taken, differences, {**before, **written})

    def _aliases(self, values: Mapping[str, Any], patient_id: int | None) -> tuple[Hashable, ...]:
        return (patient_id,) if self._kind.has_patient else self._kind.aliases(values)


def comparable(kind: LogKind, values: Values) -> Values:
    """The part of a record that is remembered, and compared with the next file."""
    return {name: values[name] for name in kind.compared if name in values}


def key_of(kind: LogKind, values: Values, patient_id: int | None) -> str:
    """What an import remembers a record by; the same row in another file has the same."""
    parts = (kind.name, patient_id, *(_text(part) for part in kind.identity(values)))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def value_text(value: object, zone: ZoneInfo) -> str:
    """A value for people."""
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return f"{format_birth(local.date())}, {format_time(local.time())}"
    if isinstance(value, date):
        return format_birth(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Worded):
        return value.label
    return "" if value is None else shown(str(value))


def _is_written(before: Mapping[str, Any], name: str, value: object) -> bool:
    return name in before and _is_same(before[name], value)


def _is_same(first: object, second: object) -> bool:
    return _text(first) == _text(second)


def _text(value: object) -> object:
    """A value as it is compared: as JSON knows it, text without case, accents and line breaks."""
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    found = plain(value)
    if isinstance(found, str):
        return fold(clean_text(found, len(found)))
    return "" if found is None else found
