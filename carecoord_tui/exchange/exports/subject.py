"""A table of an export as one statement: what it holds, whose it is, how stored values become cells.

A subject names the columns people look for, under headers the importers recognise. Every other column of
its table follows by itself (``remaining``), so that nothing that was entered stays behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.domain.day_papers import Record
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.exports.kinds import READ_BACK, As, Column
from carecoord_tui.exchange.exports.remaining import remaining_columns
from carecoord_tui.exchange.quoting import Holds
from carecoord_tui.exchange.tabular import Cell
from carecoord_tui.store.queries.today import Execute

BY_NAME = "p.sort_name, p.id"
_PERSON: tuple[Column, ...] = (
    ("Last name", "p.family_name", As.PERSON),
    ("First name", "p.given_name", As.PERSON),
    ("Date of birth", "p.birth_date", As.DAY),
    ("MRN", "p.mrn", As.TEXT),
)
_HOLDS: Mapping[object, Holds] = {As.PERSON: Holds.PERSON, As.NAME: Holds.NAME}


@dataclass(frozen=True)
class Subject:
    """A table of an export. ``source`` follows FROM and must hold patient as ``p`` where ``of_people``.

    ``about`` are the expressions for the kind and number of the record a row is about, and ``marked`` says
    whether the row itself is a record marked Part 2 or sensitive: what is withheld is told by them.
    """

    name: str
    source: str
    columns: Sequence[Column]
    order: str
    of_people: bool = True
    about: tuple[str, str] = ("NULL", "NULL")
    marked: str = "0"
    where: str = "1"
    is_whole: bool = True  # the columns that are not named follow by themselves

    @property
    def table(self) -> str:
        """The table its rows are of."""
        return self.source.split()[0]

    @cached_property
    def all_columns(self) -> tuple[Column, ...]:
        """The person, the columns people look for, and the rest of the table."""
        own = (*(_PERSON if self.of_people else ()), *self.columns)
        if not self.is_whole:
            return own
        alias = self.source.split()[1]
        named = set(re.findall(rf"\b{alias}\.(\w+)", " ".join(expression for _, expression, _ in own)))
        return (*own, *remaining_columns(self.table, alias, named, {header for header, _, _ in own}))

    @property
    def headers(self) -> list[str]:
        """The header row."""
        return [header for header, _, _ in self.all_columns]

    @property
    def holds(self) -> list[Holds]:
        """What each column holds, for whoever writes it."""
        return [_HOLDS.get(kind, Holds.ANYTHING) for _, _, kind in self.all_columns]

    @property
    def is_read_back(self) -> bool:
        """True when an importer reads the table."""
        return self.name in READ_BACK

    def statement(self, patient_id: int | None = None) -> tuple[str, list[object]]:
        """The statement for everybody's rows or one person's, and its parameters."""
        expressions = ", ".join(expression for _, expression, _ in self.all_columns)
        leading = f"{self.about[0]}, {self.about[1]}, {self.marked}"
        of_one = "" if patient_id is None else " AND p.id = ?"
        # Every part of it is a constant of this package.
        sql = (
            f"SELECT {leading}, {expressions} FROM {self.source}"  # noqa: S608
            f" WHERE {self.where}{of_one} ORDER BY {self.order}"
        )
        return sql, [] if patient_id is None else [patient_id]

    def read(
        self,
        found: Iterable[Sequence[Any]],
        zone: ZoneInfo,
        withheld: Collection[Record] = (),
        with_marked: bool = False,
    ) -> Iterator[list[Cell]]:
        """Rows of the statement as cells, times in ``zone``, without those about a record of ``withheld``.

        ``with_marked``: rows that are marked themselves go along.
        """
        readers = [_reader(kind) for _, _, kind in self.all_columns]
        for kind, number, is_marked, *values in found:
            if (kind, number) in withheld or (is_marked and not with_marked):
                continue
            yield [read(value, zone) for read, value in zip(readers, values, strict=True)]

    def rows(
        self,
        execute: Execute,
        zone: ZoneInfo,
        patient_id: int | None = None,
        withheld: Collection[Record] = (),
        with_marked: bool = False,
    ) -> list[list[Cell]]:
        """Every row, or one person's, in memory; takes what :meth:`read` takes."""
        return list(self.read(execute(*self.statement(patient_id)), zone, withheld, with_marked))


_Read = Callable[[Any, ZoneInfo], Cell]


def _reader(kind: As | type[Worded]) -> _Read:
    if isinstance(kind, As):
        return _CELLS[kind]
    words = {member.value: member.label for member in kind}
    return lambda value, _: words[value] if value is not None else ""


def _text(value: Any, _: ZoneInfo) -> Cell:
    return "" if value is None else str(value)


def _day(value: Any, _: ZoneInfo) -> Cell:
    return date.fromisoformat(value[:10]) if value else ""


def _time(value: Any, zone: ZoneInfo) -> Cell:
    return datetime.fromisoformat(value).astimezone(zone) if value else ""


def _day_or_time(value: Any, zone: ZoneInfo) -> Cell:
    return _day(value, zone) if value and len(value) == len("2026-11-30") else _time(value, zone)


def _clock(value: Any, _: ZoneInfo) -> Cell:
    return value[:5] if value else ""


def _phone(value: Any, _: ZoneInfo) -> Cell:
    return format_phone(value) if value else ""


def _phones(value: Any, _: ZoneInfo) -> Cell:
    return "; ".join(map(format_phone, value.split("\n"))) if value else ""


def _yes_no(value: Any, _: ZoneInfo) -> Cell:
    return "" if value is None else "yes" if value else "no"


_CELLS: Mapping[As, _Read] = {
    As.TEXT: _text,
    As.PERSON: _text,
    As.NAME: _text,
    As.DAY: _day,
    As.TIME: _time,
    As.DAY_OR_TIME: _day_or_time,
    As.CLOCK: _clock,
    As.PHONE: _phone,
    As.PHONES: _phones,
    As.AMOUNT: _text,
    As.YES_NO: _yes_no,
}


def of(table: str, alias: str, *joins: str) -> str:
    """A table of people's records with its patient."""
    return " ".join([f"{table} {alias} JOIN patient p ON p.id = {alias}.patient_id", *joins])
