"""Rows of a log out of a table: each becomes a ``LogRow``, or is rejected or asked about with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.names import display, split_full_name
from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.columns import ColumnMap
from carecoord_tui.exchange.logs.cells import Cells, Here, Refused, Text
from carecoord_tui.exchange.logs.kind import LogKind, Values
from carecoord_tui.exchange.logs.plan import StatusExample, StatusUse
from carecoord_tui.exchange.logs.words import Answers
from carecoord_tui.exchange.odd_rows import IsOnFile, Odd, OddRows
from carecoord_tui.exchange.patient_match import Sought
from carecoord_tui.exchange.patient_row import RowWarning
from carecoord_tui.exchange.quoting import Verbatim
from carecoord_tui.exchange.referral_statuses import fold_status
from carecoord_tui.exchange.rejects import LeftOut, Rejected
from carecoord_tui.exchange.row_values import (
    BLANK_NAME_WORDS,
    BLANK_WORDS,
    Remembered,
    clean_texts,
    read_birth,
    read_phones,
)
from carecoord_tui.exchange.spreadsheet import Table, TableKind
from carecoord_tui.exchange.tabular import EXCEL_ERRORS, Cell, RawRow, shown

_EXAMPLES = 3  # rows shown with the question about a status
_MAX_MRN = 64
_MAX_NAME = 120
_MAX_STATUS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """A row that could be read, as the record it means."""

    line: int
    cells: tuple[Cell, ...]
    sought: Sought
    member_id: str
    name: str
    """What the row calls the person; empty without one."""
    values: Values
    warnings: tuple[RowWarning, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A row whose status words nobody has explained."""

    line: int
    cells: tuple[Cell, ...]
    name: str
    column: str


@dataclass(slots=True)
class Reading:
    """The file, read."""

    rows: list[LogRow] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    odd: list[Odd[LogRow]] = field(default_factory=list)
    """Rows that could be read and look wrong: taken only where a person says so."""
    statuses: tuple[StatusUse, ...] = ()

    @property
    def total(self) -> int:
        """Data rows of the file."""
        return len(self.rows) + len(self.rejected) + len(self.asked) + len(self.odd)


class RowReader:
    """What is the same for all rows of one file."""

    def __init__(
        self,
        kind: LogKind,
        table: Table,
        columns: ColumnMap,
        *,
        today: date,
        zone: ZoneInfo,
        orders: Mapping[str, DateOrder],
        answers: Answers,
        is_on_file: IsOnFile = lambda field, text: False,
    ) -> None:
        self.kind, self.columns, self.answers = kind, columns, answers
        self.delimiter = table.delimiter if table.kind is TableKind.TEXT else ""
        self.places = sorted((index, name) for name, index in columns.fields.items())
        self.here = Here(today, zone, orders, self._warn)
        self.birth = Remembered(partial(read_birth, today, orders.get("birth_date", DateOrder.MDY)))
        self.phone = Remembered(read_phones)
        self.odd = OddRows(
            columns, delimiter=self.delimiter, is_status=self._is_status, is_on_file=is_on_file
        )
        self.warnings: list[RowWarning] = []
        self._line = 0
        self._uses: Counter[str] = Counter()
        self._shown: dict[str, str] = {}
        self._examples: dict[str, list[StatusExample]] = {}

    def read(self, row: RawRow) -> LogRow | Rejected | Asked | Odd[LogRow]:
        """One row. An odd one whose status is not known either cannot be taken as it stands: rejected."""
        self._line, self.warnings = row.line, []
        try:
            self._check_shape(row.cells)
            misfits = self.odd.look(row.cells)
            found = self._read(row, is_odd=self.odd.is_certain(misfits))
        except Refused as refused:
            return self.rejected(
                row.line, row.cells, refused.field, str(refused), is_left_out=refused.is_left_out
            )
        if not misfits or (isinstance(found, Asked) and not self.odd.is_certain(misfits)):
            return found
        if isinstance(found, Asked):
            return self.odd.refusal(Odd(found, row.line, row.cells, misfits))
        return Odd(found, row.line, row.cells, misfits)

    def uses(self) -> tuple[StatusUse, ...]:
        """Every status of the file so far with its meaning, the most frequent first."""
        found = []
        for words, rows in self._uses.most_common():
            is_left_out = words in self.answers and self.answers[words] is None
            status = None if is_left_out else self._meaning(words)
            examples = tuple(self._examples[words])
            proposed = self.kind.statuses.proposal(words) if self.kind.statuses else None
            label = self.kind.statuses.label(status) if self.kind.statuses and status else ""
            found.append(StatusUse(self._shown[words], rows, status, is_left_out, examples, proposed, label))
        return tuple(found)

    def called(self, cells: tuple[Cell, ...]) -> str:
        """What a row calls the person, however little else of it can be read; empty where it names nobody."""
        if not self.kind.has_patient:
            return ""
        texts = clean_texts(self.places, cells)
        mrn = texts.get("mrn", "")
        try:
            family, given = self._names(texts)
        except Refused:
            family = given = ""
        return display(family, given) if family else f"MRN {shown(mrn)}" if mrn else ""

    def warning(self, line: int, name: str, reason: str) -> RowWarning:
        """Something of a row that is taken otherwise than it stands; ``name`` is the field, or ""."""
        return RowWarning(line, self.columns.header(name) if name in self.columns.fields else "", reason)

    def rejected(
        self, line: int, cells: tuple[Cell, ...], name: str, reason: str, *, is_left_out: bool = False
    ) -> Rejected:
        """A row handed back; ``name`` is the field to look at, "" for the row as a whole."""
        if name in ("family_name", "mrn") and name not in self.columns.fields:
            name = next((one for one in self.kind.who if one in self.columns.fields), name)
        known = name in self.columns.fields
        kind = self.kind.columns.label(name) if name else "row"
        column = self.columns.header(name) if known else ""
        return Rejected(line, column, kind, reason, cells, is_left_out)

    def _check_shape(self, cells: tuple[Cell, ...]) -> None:
        """Raise Refused for a row of another width than the header."""
        width = len(self.columns.headers)
        extra = any(not isinstance(cell, str) or cell.strip() for cell in cells[width:])
        if not self.delimiter:
            if extra:  # a sheet often has remarks beside its table
                self._warn("", "cells beside the table are left out")
        elif extra or len(cells) < width:
            raise Refused("", f"{len(cells)} cells where the header has {width}")

    def _read(self, row: RawRow, *, is_odd: bool) -> LogRow | Asked:
        texts = clean_texts(self.places, row.cells)
        sought, name = self._who(texts)
        values = self._values(row.cells, texts)
        status, words = self._status(texts)
        if words:
            if not is_odd:
                self._count(words, texts["status"], row.line, name)
            if status is None:
                return Asked(row.line, row.cells, name, self.columns.header("status"))
        record = self.kind.record(Cells(values, status), self.here)
        member_id = values.get("member_id", "")
        return LogRow(
            line=row.line,
            cells=row.cells,
            sought=sought,
            member_id=member_id,
            name=name,
            values=record,
            warnings=tuple(self.warnings),
        )

    # --- cells -------------------------------------------------------------------------------------------

    def _values(self, cells: tuple[Cell, ...], texts: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for one in self.kind.fields:
            text = _said(one.name, texts)
            if not text or one.name == "status":
                continue
            found = one.reader.read(one.name, cells[self.columns.fields[one.name]], text, self.here)
            if found is not None:
                values[one.name] = found
        return values

    def _warn(self, name: str, reason: str) -> None:
        self.warnings.append(self.warning(self._line, name, reason))

    # --- who ---------------------------------------------------------------------------------------------

    def _who(self, texts: Mapping[str, str]) -> tuple[Sought, str]:
        if not self.kind.has_patient:
            return Sought(), ""
        family, given = self._names(texts)
        mrn = _said("mrn", texts)
        if mrn:
            Text(_MAX_MRN).read("mrn", mrn, mrn, self.here)
        member_id = _said("member_id", texts)
        if not (family or mrn or member_id):
            raise Refused("family_name", "no name")
        phones = self.phone(_said("phone", texts)) if _said("phone", texts) else ()
        numbers = tuple(number.partition(";")[0] for number in phones)
        name = display(family, given) if family else f"MRN {shown(mrn)}" if mrn else "no name"
        return Sought(family, given, self._birth(texts), mrn, numbers), name

    def _names(self, texts: Mapping[str, str]) -> tuple[str, str]:
        """Last and first name. Raises Refused."""
        family, given = self._name("family_name", texts), self._name("given_name", texts)
        if not family and (full := self._name("full_name", texts)):
            parts = split_full_name(full)
            family, given = parts.family, given or parts.given
        return family, given

    def _name(self, name: str, texts: Mapping[str, str]) -> str:
        text = texts.get(name, "")
        if isinstance(text, Verbatim) and len(text) <= _MAX_NAME:
            return text
        text = text.strip(" ,;")
        if text.casefold() in BLANK_NAME_WORDS:
            return ""
        if text in EXCEL_ERRORS:
            raise Refused(name, "the cell holds an Excel error")
        if len(text) > _MAX_NAME:
            raise Refused(name, f"the name is longer than {_MAX_NAME} characters")
        if not any(char.isalpha() for char in text):
            raise Refused(name, "no letters where a name belongs")
        return text

    def _birth(self, texts: Mapping[str, str]) -> date | None:
        text = _said("birth_date", texts)
        if not text:
            return None
        day, problem = self.birth(text)
        if day is None:
            raise Refused("birth_date", problem)
        return day

    # --- status ------------------------------------------------------------------------------------------

    def _status(self, texts: Mapping[str, str]) -> tuple[Worded | None, str]:
        """The status and its folded words; no words where the row says nothing. Raises Refused."""
        text = texts.get("status", "")
        words = fold_status(text)
        if self.kind.statuses is None or not words or text.casefold() in BLANK_NAME_WORDS:
            return None, ""
        if text in EXCEL_ERRORS:
            raise Refused("status", "the cell holds an Excel error")
        if len(text) > _MAX_STATUS:
            raise Refused("status", f"longer than {_MAX_STATUS} characters: no status")
        if not any(char.isalpha() for char in words):
            raise Refused("status", "a number or date stands where a status belongs")
        if words in self.answers and self.answers[words] is None:
            self._count(words, text, self._line, "")
            raise LeftOut("status", "rows with this status are left out, as you answered")
        return self._meaning(words), words

    def _is_status(self, text: str) -> bool:
        return self.kind.statuses is not None and self.kind.statuses.knows(text)

    def _meaning(self, words: str) -> Worded | None:
        if words in self.answers:
            return self.answers[words]
        return self.kind.statuses.meaning(words) if self.kind.statuses else None

    def _count(self, words: str, text: str, line: int, name: str) -> None:
        self._uses[words] += 1
        self._shown.setdefault(words, shown(text))
        examples = self._examples.setdefault(words, [])
        if len(examples) < _EXAMPLES:
            examples.append(StatusExample(line, shown(name)))


def _said(name: str, texts: Mapping[str, str]) -> str:
    """The text of a cell; words for "nothing here" are nothing, a failed formula refuses the row."""
    text = texts.get(name, "")
    if isinstance(text, Verbatim):
        return text
    if text in EXCEL_ERRORS:
        raise Refused(name, "the cell holds an Excel error")
    return "" if text.casefold() in BLANK_WORDS else text
