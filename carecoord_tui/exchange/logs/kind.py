"""What a kind of record log is: declared once, read, matched, shown and written by the same code for all."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from carecoord_tui.exchange.columns import WITHHELD, FieldSet
from carecoord_tui.exchange.logs.cells import Cells, Day, Here, Mark, Reader
from carecoord_tui.exchange.logs.lookups import Lookups
from carecoord_tui.exchange.logs.words import StatusWords
from carecoord_tui.exchange.referral_columns import NAMES as REFERRAL_NAMES
from carecoord_tui.store.importing_logs import LogTable, StoredEntry

Values = dict[str, Any]
"""Attribute of a record -> value, as ``LogTable`` takes them. Absent: the file does not say."""

WHO = ("family_name", "given_name", "full_name", "mrn", "birth_date", "phone")
"""The columns that say whom a row is about, read the same way in every log."""
_WHO_TOO = {"full_name": ("who",)}
"""How lists that people keep by hand head them besides."""
_PREFIXES = ("note", "notes", "comment", "comments")


@dataclass(frozen=True, slots=True)
class Field:
    """A column: how it may be headed (the clearest first, with commas between), and how it is read."""

    name: str
    headers: str
    reader: Reader
    label: str = ""


@dataclass(slots=True)
class Draft:
    """A new record on its way in."""

    line: int
    key: str
    patient_id: int | None
    values: Values
    written: Values
    """What the file said of it: compared with the next one."""


Remark = tuple[str, str]
"""(field, reason): something a row says that is taken otherwise than it stands."""


def _nothing(values: Values, patient_id: int | None, lookups: Lookups) -> Sequence[Remark]:
    """Most records name nobody else."""
    return ()


class Others(Protocol):
    """The records the practice has."""

    def of(self, patient_id: int | None) -> Sequence[StoredEntry]:
        """Every record of one person."""
        ...


def _no_order(drafts: Sequence[Draft], others: Others, today: date) -> None:
    """Most records stand for themselves."""


def _takes_all(stored: Mapping[str, Any], taken: Mapping[str, Any]) -> frozenset[str]:
    return frozenset()


@dataclass(frozen=True, eq=False)
class LogKind:
    """One kind of log. Functions get values, never cells; each raises Refused for a row that cannot be."""

    name: str
    """As the command says it: ``coverages``."""
    noun: str
    """One of them: ``coverage``."""
    fields: tuple[Field, ...]
    needs: tuple[tuple[str, ...], ...]
    """Of each group one column must be there."""
    table: LogTable
    record: Callable[[Cells, Here], Values]
    """The record a row means. Raises Refused for one that contradicts itself."""
    identity: Callable[[Values], tuple[Hashable, ...]]
    """What makes it this record among those of the same person; stays the same from file to file."""
    is_same: Callable[[Values, Mapping[str, Any]], bool]
    """Whether a stored record of the same person is the one a row is about."""
    compared: tuple[str, ...]
    """Attributes a later file may change."""
    words: Callable[[Mapping[str, Any]], str]
    """One line for the preview."""
    is_open: Callable[[Values], bool] = lambda values: False
    """Whether it owes a next step: nothing open is taken for somebody who died."""
    has_patient: bool = True
    statuses: StatusWords | None = None
    resolve: Callable[[Values, int | None, Lookups], Sequence[Remark]] = _nothing
    """Puts in whom else the record names (plan, office) and says what could not be. May raise NoMatch."""
    adds_payers: bool = False
    """Whether a payer that is named and unknown comes into the directory."""
    arrange: Callable[[Sequence[Draft], Others, date], None] = _no_order
    """Looks at all new records together, beside those of the practice, before they are written."""
    keeps: Callable[[Mapping[str, Any], Mapping[str, Any]], frozenset[str]] = _takes_all
    """Attributes of a change that must stay as stored, given the stored values and what would be taken."""
    aliases: Callable[[Mapping[str, Any]], tuple[Hashable, ...]] = field(default=lambda values: ())
    """Without a patient: what a stored record is looked up by."""

    @cached_property
    def columns(self) -> FieldSet:
        """The headers of this kind."""
        named = {name: (*REFERRAL_NAMES[name], *_WHO_TOO.get(name, ())) for name in WHO}
        who = named if self.has_patient else {}
        own = {one.name: tuple(part.strip() for part in one.headers.split(",")) for one in self.fields}
        dates = tuple(one.name for one in self.fields if isinstance(one.reader, Day | Mark))
        return FieldSet(
            names={**own, **{name: headers for name, headers in who.items() if name not in own}},
            dates=("birth_date", *dates) if self.has_patient else dates,
            labels={"mrn": "MRN", "npi": "NPI"} | {one.name: one.label for one in self.fields if one.label},
            notes=self._notes,
            required=(),
            withheld=WITHHELD,
            prefixes=dict.fromkeys(_PREFIXES, "note") if "note" in own else {},
        )

    def missing(self, fields: Mapping[str, int]) -> tuple[str, ...]:
        """The first field of each group of ``needs`` none of which has a column."""
        who = (self.who,) if self.has_patient else ()
        return tuple(group[0] for group in (*who, *self.needs) if not any(one in fields for one in group))

    @property
    def who(self) -> tuple[str, ...]:
        """The columns one of which must say whom a row is about."""
        own = ("member_id",) if any(one.name == "member_id" for one in self.fields) else ()
        return ("full_name", "family_name", "mrn", *own)

    def counted(self, number: int) -> str:
        """``1 coverage``, ``2,000 coverages``."""
        return f"{number:,} {self.noun if number == 1 else self.noun_plural}"

    @property
    def noun_plural(self) -> str:
        """Several of them."""
        return f"{self.noun}s"

    def _notes(self, fields: Mapping[str, int]) -> tuple[str, ...]:
        notes = []
        if self.statuses is not None and "status" not in fields:
            notes.append("No column with the status was recognised: each row stands as its dates say.")
        if self.has_patient and not {"mrn", "birth_date", "member_id"} & fields.keys():
            notes.append("Without MRN or birth date a name alone does not tell people apart.")
        return tuple(notes)
