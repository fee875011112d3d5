"""Patients out of table rows: each row becomes a checked ``PatientRow`` or a ``Rejected`` with its reason.

A row is rejected when its name or birth date cannot be right: a wrong person is worse than a missing one.
Any other field that cannot be read costs only itself: the patient is imported without it, a warning names
line and column, and the text is kept in the notes (``Phone as typed: ...``). Reasons never repeat values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.names import NameParts, split_full_name
from carecoord_tui.domain.vocabulary import PatientStatus
from carecoord_tui.exchange.contact_cells import CONTACT_FIELDS, address, contact_values, email, postal_code
from carecoord_tui.exchange.import_plan import DateOrderNeeded, infer_date_orders, is_midnight
from carecoord_tui.exchange.odd_rows import Odd, OddRows
from carecoord_tui.exchange.patient_columns import ColumnMap, label
from carecoord_tui.exchange.patient_row import PatientRow, RowWarning
from carecoord_tui.exchange.quoting import Verbatim, unquoted
from carecoord_tui.exchange.rejects import Refused, Rejected, write_rejects
from carecoord_tui.exchange.row_values import (
    BLANK_NAME_WORDS,
    BLANK_WORDS,
    MAX_NOTES,
    FileDate,
    Remembered,
    clean_texts,
    read_birth,
    read_date,
    read_flag,
    read_phones,
    read_risk,
    read_sex,
    read_status,
)
from carecoord_tui.exchange.spreadsheet import Table, TableKind
from carecoord_tui.exchange.tabular import EXCEL_ERRORS, Cell, Progress, RawRow, shown

__all__ = ["PatientRow", "Rejected", "RowWarning", "read_patients", "write_rejects"]

T = TypeVar("T")

MAX_NAME = 100
MAX_TEXT = 200
MAX_STEP = 500
_IDENTIFIERS = ("mrn", "member_id", "group_number")
_LONGEST_BLANK_WORD = max(map(len, BLANK_WORDS))
_PHONES = (
    ("mobile_phone", "mobile"),
    ("home_phone", "home"),
    ("phone", "phone"),
    ("work_phone", "work"),
    ("other_phone", "other"),
)
_LONG_TEXTS = frozenset(("next_step", "safe_contact", "minor_consent", "status_note"))
_NAME_FIELDS = ("family_name", "given_name", "middle_name", "full_name")
_UNREADABLE = "\ufffd"


def read_patients(
    table: Table,
    column_map: ColumnMap,
    *,
    today: date,
    date_order: DateOrder | Mapping[str, DateOrder] | None = None,
    progress: Progress | None = None,
    odd: OddRows | None = None,
) -> Iterator[PatientRow | Rejected | Odd[PatientRow]]:
    """Read all rows, streaming.

    Args:
        table: the opened file.
        column_map: which column is what (``ImportPlan.columns``).
        today: the practice's date; birth dates after it are refused.
        date_order: one order for all columns, or one a field (``ImportPlan.orders``); None infers it, which
            reads the file once more.
        progress: called with what is done and the total, in bytes or sheet rows.
        odd: looks for rows that can be read and are odd all the same; None takes them as they stand.

    Raises:
        DateOrderNeeded: no order was given and a column fits several.
        TableError: the file cannot be read to its end.
    """
    orders = _orders(table, column_map, date_order)
    reader = _Reader(table, column_map, today, orders)
    for row in table.rows(progress):
        found = reader.read(row)
        misfits = odd.look(row.cells) if odd is not None and not isinstance(found, Rejected) else ()
        if misfits and not isinstance(found, Rejected):
            yield Odd(found, row.line, row.cells, misfits)
        else:
            yield found


def _orders(
    table: Table, columns: ColumnMap, given: DateOrder | Mapping[str, DateOrder] | None
) -> Mapping[str, DateOrder]:
    if isinstance(given, DateOrder):
        return dict.fromkeys(columns.fields, given)
    if given is not None:
        return given
    found = infer_date_orders(table, columns)
    undecided = tuple(column for column in found if column.order is None)
    if undecided:
        raise DateOrderNeeded(table, undecided)
    return {column.field: column.order for column in found if column.order is not None}


class _Reader:
    """What is the same for all rows of one file."""

    def __init__(
        self, table: Table, columns: ColumnMap, today: date, orders: Mapping[str, DateOrder]
    ) -> None:
        self._is_workbook = table.kind is TableKind.WORKBOOK
        self._width = len(columns.headers)
        self._columns = columns
        self.index = columns.fields
        self.columns_by_place = sorted((index, field) for field, index in columns.fields.items())
        self.tells_contact = not self.index.keys().isdisjoint(CONTACT_FIELDS)
        self.today = today
        self.sex = Remembered(read_sex)
        self.risk = Remembered(read_risk)
        self.status = Remembered(read_status)
        self.flag = Remembered(read_flag)
        self.phone = Remembered(read_phones)
        self.birth = Remembered(partial(read_birth, today, orders.get("birth_date", DateOrder.MDY)))
        self.date = {
            field: Remembered(partial(read_date, today, orders.get(field, DateOrder.MDY), past))
            for field, past in (
                ("deceased_on", True),
                ("due_on", False),
                ("last_contact_on", True),
                ("hold_until", False),
            )
        }

    def header(self, field: str) -> str:
        return self._columns.header(field) if field in self.index else label(field)

    def read(self, row: RawRow) -> PatientRow | Rejected:
        cells = row.cells
        extra = len(cells) - self._width
        record = _Row(self, row.line, cells)
        try:
            if extra > 0 and any(map(_has_content, cells[self._width :])):
                if not self._is_workbook:
                    raise Refused("", f"{len(cells)} cells where the header has {self._width}")
                record.warn("", "cells to the right of the header were left out")
            elif extra < 0 and not self._is_workbook:
                record.warn("", f"{len(cells)} cells where the header has {self._width}: the rest is blank")
            return record.patient()
        except Refused as refused:
            column = self.header(refused.field) if refused.field else ""
            kind = label(refused.field) if refused.field else "row"
            return Rejected(row.line, column, kind, str(refused), tuple(cells))


class _Row:
    """One row while it is read."""

    __slots__ = ("_cells", "_kept", "_line", "_reader", "_texts", "_warnings")

    def __init__(self, reader: _Reader, line: int, cells: tuple[Cell, ...]) -> None:
        self._reader = reader
        self._line = line
        self._cells = cells
        self._texts = clean_texts(reader.columns_by_place, cells)
        self._warnings: list[RowWarning] = []
        self._kept: list[str] = []

    def patient(self) -> PatientRow:
        name, preferred = self._name(), self.text("preferred_name")
        birth_date = self._birth_date()
        deceased, deceased_on = self._death(birth_date)
        status = self.word("status", self._reader.status)
        deceased = deceased or status is PatientStatus.DECEASED
        phones = self._phones()
        due = self._date("due_on")
        last_contact = self._date("last_contact_on")
        if last_contact is not None and last_contact.on > self._reader.today:
            self.keep("last_contact_on", "the last contact lies in the future")
            last_contact = None
        return PatientRow(
            line=self._line,
            family_name=name.family,
            given_name=name.given,
            middle_name=name.middle,
            preferred_name=preferred,
            prefix=self.text("prefix") or name.prefix,
            suffix=self.text("suffix") or name.suffix,
            name_certain=name.certain,
            birth_date=birth_date,
            deceased=deceased,
            deceased_on=deceased_on,
            sex=self.word("sex", self._reader.sex),
            mrn=self.text("mrn"),
            phones=phones,
            email=email(self),
            address_line=address(self),
            city=self.text("city"),
            state=self.text("state"),
            postal_code=postal_code(self),
            language=self.text("language"),
            risk=self.word("risk", self._reader.risk),
            status=PatientStatus.DECEASED if deceased else status,
            status_note=self.text("status_note"),
            hold_until=self._hold_until(status),
            deceased_told_by=self.text("deceased_told_by"),
            record=self.text("record"),
            **contact_values(self) if self._reader.tells_contact else {},
            payer_name=self.text("payer_name"),
            plan_name=self.text("plan_name"),
            member_id=self.text("member_id"),
            group_number=self.text("group_number"),
            next_step=self.text("next_step"),
            due_on=due.on if due else None,
            due_at=due.at if due else None,
            last_contact_on=last_contact.on if last_contact else None,
            primary_provider=self.text("primary_provider"),
            notes=self._notes(),  # after all that may add to them
            warnings=tuple(self._warnings),
        )

    def warn(self, field: str, reason: str) -> None:
        column = self._reader.header(field) if field else ""
        self._warnings.append(RowWarning(self._line, column, reason))

    # --- cells -------------------------------------------------------------------------------------------

    def _cell(self, field: str) -> Cell:
        index = self._reader.index.get(field)
        return self._cells[index] if index is not None and index < len(self._cells) else ""

    def text(self, field: str) -> str:
        """An optional text: blank words and failed formulas are nothing, what is too long goes to notes."""
        text = self._texts.get(field)
        if text is None:
            return ""
        is_verbatim = isinstance(text, Verbatim)
        if not is_verbatim and len(text) <= _LONGEST_BLANK_WORD and text.casefold() in BLANK_WORDS:
            return ""
        if not is_verbatim and text[0] == "#" and text in EXCEL_ERRORS:
            self.warn(field, "the cell holds an Excel error, read as blank")
            return ""
        if not text.isascii() and _UNREADABLE in text:
            self.warn(field, "holds characters that could not be read")
        limit = MAX_STEP if field in _LONG_TEXTS else MAX_TEXT
        if len(text) <= limit:
            return text
        if field in _IDENTIFIERS:
            self.keep(field, f"longer than {limit} characters: left blank, kept in the notes")
            return ""
        self.keep(field, f"longer than {limit} characters: shortened, the whole is in the notes")
        return clean_text(text, limit)

    def keep(self, field: str, reason: str) -> None:
        """Warn, and keep the cell's text in the notes."""
        self.warn(field, reason)
        typed = label(field)
        self._kept.append(f"{typed[:1].upper()}{typed[1:]} as typed: {self._texts[field]}")

    def word(self, field: str, read: Callable[[str], T | None]) -> T | None:
        text = self.text(field)
        if not text:
            return None
        value = read(text)
        if value is None:
            self.keep(
                field, f"{label(field)} “{shown(text, 30)}” not understood: left blank, kept in the notes"
            )
        return value

    # --- fields ------------------------------------------------------------------------------------------

    def _name(self) -> NameParts:
        family, given, middle, full = (self._name_text(field) for field in _NAME_FIELDS)
        if family or given:
            if not family:
                self.warn("family_name", "no last name: filed under the first name")
            return NameParts(given=given if family else "", middle=middle, family=family or given)
        if not full:
            raise Refused("full_name" if "full_name" in self._reader.index else "family_name", "no name")
        parts = split_full_name(full)
        if not parts.family:
            raise Refused("full_name", "the name has no readable last name")
        return parts

    def _name_text(self, field: str) -> str:
        if isinstance(self._cell(field), date):
            raise Refused(field, "the cell holds a date, not a name")
        text = self._texts.get(field, "")
        if isinstance(text, Verbatim) and len(text) <= MAX_NAME:
            return text
        text = text.strip(" ,;")
        if text.casefold() in BLANK_NAME_WORDS:
            return ""
        if text in EXCEL_ERRORS:
            raise Refused(field, "the cell holds an Excel error")
        if not text.isascii() and _UNREADABLE in text:
            raise Refused(field, "the name holds characters that could not be read")
        if len(text) > MAX_NAME:
            raise Refused(field, f"the name is longer than {MAX_NAME} characters")
        if not any(map(str.isalpha, text)):
            raise Refused(field, "the name has no letters")
        return text

    def _birth_date(self) -> date | None:
        if "birth_date" not in self._reader.index:
            return None
        text = self._texts.get("birth_date", "")
        if text.casefold() in BLANK_WORDS:
            self.warn("birth_date", "no birth date: imported without one")
            return None
        day, problem = self._reader.birth(text)
        if day is None:
            raise Refused("birth_date", problem)
        if problem:
            self.warn("birth_date", problem)
        return day

    def _death(self, birth_date: date | None) -> tuple[bool, date | None]:
        """Whether the person has died, and when. A death date that cannot be read still counts as died."""
        field, died = "deceased_on", self.text("deceased_on")
        if died and read_flag(died) is not False:
            dead, when = True, self._date(field)
        else:
            field = "deceased"
            dead, when = self._flag_or_date()
        if when is not None and (
            when.on > self._reader.today or (birth_date is not None and when.on < birth_date)
        ):
            self.keep(field, "the date of death cannot be right: recorded as deceased without it")
            when = None
        return dead, when.on if when else None

    def _hold_until(self, status: PatientStatus | None) -> date | None:
        """The day a hold is looked at again; one that is past is planned anew."""
        when = self._date("hold_until") if status is PatientStatus.ON_HOLD else None
        return when.on if when is not None and when.on > self._reader.today else None

    def _flag_or_date(self) -> tuple[bool, FileDate | None]:
        """The "deceased" column: yes, no, or the date of death. What is none of these does not count as
        died: a living person left out of the caseload would never be called."""
        text = self.text("deceased")
        flag = self._reader.flag(text) if text else False
        if flag is not None:
            return flag, None
        when = self._reader.date["deceased_on"](text)
        if when is None:
            self.keep("deceased", "deceased or not? Not understood: imported as living, kept in the notes")
        return when is not None, when

    def _date(self, field: str) -> FileDate | None:
        cell = self._cell(field)
        if isinstance(cell, date):
            at = cell.time() if isinstance(cell, datetime) and not is_midnight(cell) else None
            return FileDate(cell.date() if isinstance(cell, datetime) else cell, at, True)
        text = self.text(field)
        if not text:
            return None
        when = self._reader.date[field](text)
        if when is None:
            self.keep(field, f"{label(field)} not understood as a calendar date: kept in the notes")
        elif not when.is_whole:
            self.keep(field, f"{label(field)}: only the date is understood, the rest is kept in the notes")
        elif not when.has_year:
            self.warn(field, f"{label(field)} has no year: read as {when.on.year}")
        return when

    def _phones(self) -> tuple[tuple[str, str], ...]:
        phones: list[tuple[str, str]] = []
        for field, kind in _PHONES:
            text = self.text(field) if field in self._reader.index else ""
            if not text:
                continue
            numbers = self._reader.phone(text)
            if not numbers:
                self.keep(field, "phone number not understood: kept in the notes")
            known = {number for _, number in phones}
            phones += [(kind, number) for number in numbers if number not in known]
        return tuple(phones)

    def _notes(self) -> str:
        texts = []
        for field in ("notes", "comments"):
            text = self._texts.get(field, "")
            cell = self._cell(field)
            if isinstance(cell, str) and not cell.isprintable():  # may have line breaks
                text = unquoted(clean_text(cell, MAX_NOTES, multiline=True))
            if text.casefold() not in BLANK_WORDS and text not in EXCEL_ERRORS:
                texts.append(text)
        if len(texts) < 2 and not self._kept:
            return texts[0] if texts else ""
        return clean_text("\n".join([*texts, *self._kept]), MAX_NOTES, multiline=True)


def _has_content(cell: Cell) -> bool:
    return not isinstance(cell, str) or bool(cell.strip())
