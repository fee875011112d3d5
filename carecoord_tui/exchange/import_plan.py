"""The first pass over a table: which column is what, and in which order its dates are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from carecoord_tui.domain.date_order import DateOrder, OrderGuess, infer_order
from carecoord_tui.exchange.columns import ColumnError, ColumnMap, FieldSet
from carecoord_tui.exchange.patient_columns import PATIENTS
from carecoord_tui.exchange.spreadsheet import Table
from carecoord_tui.exchange.tabular import Progress, TableError, shown

_MAX_DISTINCT = 200_000
"""Distinct dates of a column that are looked at; the rest cannot change the answer by much."""
_MAX_DATE_CHARS = 40
_DATE_SHAPE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[ T].*)?|(?:19|20)\d{6}")
_MOSTLY = 0.8
BY_ITSELF = "the column"
"""Source of an order that the dates of the column alone decide."""
_ORDER_IN_HEADER = {
    "mmddyyyy": DateOrder.MDY, "mmddyy": DateOrder.MDY, "mdy": DateOrder.MDY, "mdyyyy": DateOrder.MDY,
    "ddmmyyyy": DateOrder.DMY, "ddmmyy": DateOrder.DMY, "dmy": DateOrder.DMY, "dmyyyy": DateOrder.DMY,
    "yyyymmdd": DateOrder.YMD, "yymmdd": DateOrder.YMD, "ymd": DateOrder.YMD,
}  # fmt: skip


class DateOrderNeeded(TableError):
    """Columns whose dates can be read in several orders; somebody must say which (``--date-order``)."""

    def __init__(self, table: Table, columns: tuple[DateColumn, ...]) -> None:
        self.columns = columns
        names = " and ".join(f"“{column.header}”" for column in columns)
        options = sorted({order.value for column in columns for order in column.guess.possible})
        super().__init__(
            table.path,
            f"the dates in {names} can be read in more than one order; "
            f"say which with --date-order {'|'.join(options or [order.value for order in DateOrder])}",
        )


class NeedsDateOrder(TableError):
    """Dates that can be read in several orders; a person must say which. Nothing was changed."""

    def __init__(self, path: Path, columns: tuple[DateColumn, ...]) -> None:
        self.columns = columns
        possible = {order for column in columns for order in column.guess.possible}
        self.orders = tuple(order for order in DateOrder if order in possible) or tuple(DateOrder)
        """What may be answered."""
        said = " ".join(f"“{shown(column.header)}”: {column.guess.reason}" for column in columns)
        options = "|".join(order.value for order in self.orders)
        super().__init__(path, f"{said} Pass --date-order {options}.")


@dataclass(frozen=True, slots=True)
class DateColumn:
    """One column of dates: what its values say about their order, and the order that is used."""

    field: str
    header: str
    guess: OrderGuess
    order: DateOrder | None
    """None when it must be asked; any order will do when ``guess`` says none is needed."""
    source: str
    """Where the order comes from, for the preview: ``the column``, ``its header`` ..."""
    conflict_lines: tuple[int, ...] = ()
    """First lines that the best-supported order cannot read, when the column mixes orders."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """Everything decided about a file before its rows are read."""

    columns: ColumnMap
    dates: tuple[DateColumn, ...]
    rows: int
    """Non-blank rows below the header, rejected ones included."""
    notes: tuple[str, ...]
    """What was detected, one sentence each, for the preview."""

    @property
    def orders(self) -> dict[str, DateOrder]:
        """The order of each date column that has one."""
        return {column.field: column.order for column in self.dates if column.order is not None}

    @property
    def undecided(self) -> tuple[DateColumn, ...]:
        """Columns whose order must be asked."""
        return tuple(column for column in self.dates if column.order is None)


def plan_import(
    table: Table,
    *,
    overrides: Mapping[str, str] | None = None,
    date_order: DateOrder | None = None,
    usual_order: DateOrder | None = None,
    progress: Progress | None = None,
    known: FieldSet = PATIENTS,
) -> ImportPlan:
    """Map the columns to the fields of ``known`` and infer the date orders, reading the whole file once.

    ``date_order`` is what a person said of this file; ``usual_order`` what the practice writes: it decides
    where a column fits several orders throughout, never where it contradicts itself.

    Raises:
        TableError: the columns cannot be mapped, or the file cannot be read to its end.
    """
    try:
        columns = known.map_columns(table.headers, overrides, same_content=table.same_content)
    except ColumnError as error:
        raise TableError(table.path, str(error), line=table.header_line) from error
    survey = _survey(table, columns, known.dates, progress)
    columns = _dates_under_next_step(columns, survey)
    dates = _decide(columns, survey, known.dates, date_order, usual_order)
    return ImportPlan(columns, dates, survey.rows, (*table.notes, *columns.notes, *_date_notes(dates)))


def infer_date_orders(
    table: Table, columns: ColumnMap, date_order: DateOrder | None = None
) -> tuple[DateColumn, ...]:
    """The date columns of a patient list with their orders; see ``plan_import`` for all in one pass.

    Raises:
        TableError: the file cannot be read to its end.
    """
    return _decide(columns, _survey(table, columns, PATIENTS.dates, None), PATIENTS.dates, date_order)


@dataclass(slots=True)
class _Survey:
    rows: int
    texts: dict[str, dict[str, int]]
    """Field -> distinct texts, each with the line it first stood on."""
    dated: dict[str, int]
    """Field -> number of date cells a workbook stores as dates."""


def _survey(table: Table, columns: ColumnMap, dates: Sequence[str], progress: Progress | None) -> _Survey:
    wanted = [(field, columns.fields[field]) for field in (*dates, "next_step") if field in columns.fields]
    survey = _Survey(0, {field: {} for field, _ in wanted}, {field: 0 for field, _ in wanted})
    for row in table.rows(progress):
        survey.rows += 1
        cells = row.cells
        for field, index in wanted:
            cell = cells[index] if index < len(cells) else ""
            if isinstance(cell, date):
                survey.dated[field] += 1
            elif cell and len(cell) <= _MAX_DATE_CHARS:
                texts = survey.texts[field]
                if cell not in texts and len(texts) < _MAX_DISTINCT:
                    texts[cell] = row.line
    return survey


def _dates_under_next_step(columns: ColumnMap, survey: _Survey) -> ColumnMap:
    """A "Follow up" column may hold dates, not steps: then it is the due date."""
    if "due_on" in columns.fields or "next_step" not in columns.fields:
        return columns
    texts = [text.strip() for text in survey.texts["next_step"] if text.strip()]
    dated = survey.dated["next_step"]
    shaped = sum(1 for text in texts if _DATE_SHAPE.fullmatch(text))
    if (not texts and not dated) or dated + shaped < _MOSTLY * (dated + len(texts)):
        return columns
    fields = dict(columns.fields)
    fields["due_on"] = fields.pop("next_step")
    survey.texts["due_on"] = survey.texts.pop("next_step")
    survey.dated["due_on"] = survey.dated.pop("next_step")
    note = f"“{columns.header('next_step')}” holds dates: read as the due date."
    return replace(columns, fields=fields, notes=(*columns.notes, note))


def _decide(
    columns: ColumnMap,
    survey: _Survey,
    dates: Sequence[str],
    given: DateOrder | None,
    usual: DateOrder | None = None,
) -> tuple[DateColumn, ...]:
    found = []
    for field in dates:
        if field not in columns.fields:
            continue
        texts = survey.texts[field]
        guess = infer_order(texts)
        lines = list(texts.values())
        found.append(
            DateColumn(
                field,
                columns.header(field),
                guess,
                guess.order if not guess.needs_answer else None,
                BY_ITSELF,
                tuple(lines[index] for index in guess.conflicts),
            )
        )
    return tuple(_answered(column, found, given, usual) for column in found)


def _answered(
    column: DateColumn, all_columns: list[DateColumn], given: DateOrder | None, usual: DateOrder | None
) -> DateColumn:
    """The column with an order from, in this turn: the user, itself, its header, the other columns, the
    practice's setting."""
    if given is not None and column.guess.needs_answer:
        return replace(column, order=given, source="--date-order")
    if column.order is not None:
        return column
    if not column.guess.needs_answer:
        return replace(column, order=given or DateOrder.MDY, source="no date depends on it")
    hint = _ORDER_IN_HEADER.get("".join(re.findall("[dmy]", _in_parentheses(column.header))))
    if hint in column.guess.possible:
        return replace(column, order=hint, source="its header")
    others = {
        other.order for other in all_columns if other.order is not None and other.order is not DateOrder.YMD
    }
    if len(others) == 1 and others <= set(column.guess.possible) and not column.conflict_lines:
        return replace(column, order=others.pop(), source="the other date columns")
    if usual in column.guess.possible and not column.conflict_lines and not others:
        return replace(column, order=usual, source="the practice's setting")
    return column


def _in_parentheses(header: str) -> str:
    match = re.search(r"[(\[]([dmy/.\-\s]+)[)\]]", header.lower())
    return match[1] if match else ""


def _date_notes(dates: tuple[DateColumn, ...]) -> list[str]:
    return [
        f"Dates in “{column.header}” are {column.order.label}, says {column.source}."
        for column in dates
        if column.guess.counts and column.order is not None
    ]


def is_midnight(moment: datetime) -> bool:
    """True where a workbook's ``datetime`` is only a date."""
    return not (moment.hour or moment.minute or moment.second)
