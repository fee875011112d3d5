"""What an import found and did: eight counts for scripts, everything else for the preview.

The texts quote the file. They are for the screen of the person who imports it and must not be logged; each
is one line without control characters, but may hold markup characters: show it as plain text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from carecoord_tui.domain.date_order import OrderStatus
from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.names import display
from carecoord_tui.exchange.import_plan import DateColumn, ImportPlan
from carecoord_tui.exchange.patient_columns import label
from carecoord_tui.exchange.patient_row import PatientRow, RowWarning
from carecoord_tui.exchange.rejects import Rejected
from carecoord_tui.exchange.spreadsheet import Table
from carecoord_tui.exchange.tabular import cell_text, shown

if TYPE_CHECKING:
    from carecoord_tui.exchange.logs.plan import Candidate

FIRST_ROWS = 5
LISTED = 20
_EXAMPLE_ROWS = 50
ODD_TITLE = "Odd rows, held back (--accept-odd takes them as they stand)"
BY_NAME_TITLE = "On file already, by name and birth date"
_DOUBTFUL_TITLE = "Doubtful, held back (the import screen asks who they are)"
_BESIDES = ("odd", "doubtful", "left_out", "by_name")
"""Counts that only the words of a report hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportCounts:
    """Every data row is counted once as created, updated, unchanged, conflicts or rejected.

    A row with a conflict counts there even where other values of it were taken over. ``rejected`` includes
    the ``odd``, the ``doubtful`` and the ``left_out`` ones. ``active`` are the file's people who stand in
    the caseload afterwards (active or on hold).
    """

    rows: int
    created: int
    updated: int
    unchanged: int
    conflicts: int
    rejected: int
    possible_duplicates: int
    active: int
    odd: int = 0
    """Rejected rows that can be read and look wrong."""
    doubtful: int = 0
    """Rejected rows of which a person must say whom they are about."""
    left_out: int = 0
    """Rejected rows that a person said are not wanted."""
    by_name: int = 0
    """Rows whose person was found by name and birth date alone; they are counted above as well."""

    @property
    def refused(self) -> int:
        """Rejected rows that cannot be taken at all."""
        return self.rejected - self.odd - self.doubtful - self.left_out


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column that is imported. ``example`` is its first value, as it stands in the file."""

    field: str
    header: str
    example: str


@dataclass(frozen=True, slots=True)
class UsedDateOrder:
    """How the dates of a column were read, and why."""

    header: str
    order: str
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class LeftOutColumn:
    """A column that is not imported, and why."""

    header: str
    reason: str


@dataclass(frozen=True, slots=True)
class FirstRow:
    """One of the first people, as they were read."""

    line: int
    name: str
    birth_date: str
    mrn: str
    next_step: str


@dataclass(frozen=True, slots=True)
class RowConflict:
    """A value of the file that was not taken over."""

    line: int
    name: str
    field: str
    in_file: str
    stored: str


@dataclass(frozen=True, slots=True)
class FoundByName:
    """A row whose person was found by name and birth date alone."""

    line: int
    name: str
    stored_mrn: str


@dataclass(frozen=True, slots=True)
class DoubtfulRow:
    """A row of which a person must say whom it is about; held back until then."""

    line: int
    name: str
    birth_date: str
    mrn: str
    reason: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class DuplicateEntry:
    """Two people who may be one. A line of None: that one is in the practice already."""

    first: str
    first_line: int | None
    second: str
    second_line: int | None
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What :func:`import_patients` found and did; with ``dry_run`` what it would do."""

    path: Path
    dry_run: bool
    counts: ImportCounts
    notes: tuple[str, ...]
    """What was detected (encoding, delimiter or sheet, header line, date orders), one sentence each."""
    columns: tuple[MappedColumn, ...]
    date_orders: tuple[UsedDateOrder, ...]
    left_out: tuple[LeftOutColumn, ...]
    first_rows: tuple[FirstRow, ...]
    rejected: tuple[Rejected, ...]
    odd: tuple[Rejected, ...]
    """Rows held back because they look wrong: taken as they stand with ``accept_odd``."""
    doubtful: tuple[DoubtfulRow, ...]
    """Rows held back until somebody says whom they are about."""
    by_name: tuple[FoundByName, ...]
    conflicts: tuple[RowConflict, ...]
    duplicates: tuple[DuplicateEntry, ...]
    warnings: tuple[RowWarning, ...]
    rejects_path: Path | None
    """Where the rejected rows were written; None when there are none or nothing was written."""

    def to_json(self) -> dict[str, int]:
        """The counts, for ``--json``: exactly the eight keys scripts rely on."""
        return {name: getattr(self.counts, name) for name in ImportCounts.__slots__ if name not in _BESIDES}

    def lines(self, *, listed: int = LISTED) -> list[str]:
        """The whole report as plain lines; of long lists the first ``listed`` entries and how many follow."""
        return [*self._found(), *self._problems(listed), *self._outcome()]

    def _found(self) -> Iterator[str]:
        yield from found_lines(self, label)
        if self.first_rows:
            yield "First rows:"
        for row in self.first_rows:
            parts = (row.name, row.birth_date, f"MRN {row.mrn}" if row.mrn else "", row.next_step)
            yield f"  line {row.line}: {' · '.join(part for part in parts if part)}"

    def _problems(self, listed: int) -> Iterator[str]:
        yield from not_taken(self.rejected, self.odd, listed)
        doubtful = [place(one.line, "") + f"{one.name}: {one.reason}" for one in self.doubtful]
        yield from listing(_DOUBTFUL_TITLE, doubtful, listed)
        yield from listing(BY_NAME_TITLE, list(map(_by_name_line, self.by_name)), listed)
        yield from listing("Conflicts, left as they are", [_conflict_line(c) for c in self.conflicts], listed)
        yield from listing(
            "Possible duplicates, not merged", [_pair_line(d) for d in self.duplicates], listed
        )
        notes = [place(note.line, note.column) + note.reason for note in grouped(self.warnings)]
        yield from listing("Notes on rows", notes, listed)

    def _outcome(self) -> Iterator[str]:
        counts = self.counts
        yield (
            f"{counts.rows:,} rows: {counts.created:,} created, {counts.updated:,} updated, "
            f"{counts.unchanged:,} unchanged, {counts.conflicts:,} with conflicts, "
            f"{counts.refused:,} refused{also(counts)}."
        )
        yield f"{counts.active:,} people of this file are in the caseload{' then' if self.dry_run else ''}."
        if self.rejects_path is not None:
            yield handed_back_words(self.rejects_path)
        if self.dry_run:
            yield "This was a trial run; nothing was written."


def also(counts: ImportCounts) -> str:
    """What is held back or left out, where there is any: the end of a list of counts."""
    parts = (
        (counts.odd, "held back as odd"),
        (counts.doubtful, "doubtful"),
        (counts.left_out, "left out"),
    )
    return "".join(f", {number:,} {words}" for number, words in parts if number)


def grouped(warnings: Sequence[RowWarning]) -> list[RowWarning]:
    """One note for what is said of many rows: at the first of them, with how many there are."""
    counts = Counter((one.column, one.reason) for one in warnings)
    firsts: dict[tuple[str, str], RowWarning] = {}
    for one in warnings:
        firsts.setdefault((one.column, one.reason), one)
    return [
        one if counts[said] == 1 else replace(one, reason=f"{one.reason} ({counts[said]:,} times)")
        for said, one in firsts.items()
    ]


def place(line: int, column: str) -> str:
    """Where something stands in the file."""
    return f"line {line}, “{shown(column)}”: " if column else f"line {line}: "


def rejected_line(row: Rejected) -> str:
    """A rejected row: where, and why."""
    return place(row.line, row.column) + row.reason


class ReadTable(Protocol):
    """What every report says of the table itself."""

    @property
    def path(self) -> Path: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    @property
    def columns(self) -> tuple[MappedColumn, ...]: ...
    @property
    def left_out(self) -> tuple[LeftOutColumn, ...]: ...
    @property
    def date_orders(self) -> tuple[UsedDateOrder, ...]: ...


def found_lines(report: ReadTable, label_of: Callable[[str], str]) -> Iterator[str]:
    """The file, what was detected, its columns as they are read, and the order of its dates."""
    yield shown(report.path.name)
    yield from report.notes
    yield "Columns:"
    for column in report.columns:
        example = f" ({column.example})" if column.example else ""
        yield f"  {column.header} -> {label_of(column.field)}{example}"
    for left in report.left_out:
        yield f"  {left.header or '(no header)'}: left out, {left.reason}"
    for order in report.date_orders:
        yield f"Dates in “{order.header}” are {order.order}, says {order.source}. {order.reason}".rstrip()


def handed_back_words(path: Path) -> str:
    """Where the rows are that were not taken, and what to do with them."""
    return f"The rows not taken are in {path}; correct them there and import that file."


def not_taken(rejected: Sequence[Rejected], odd: Sequence[Rejected], listed: int) -> Iterator[str]:
    """Odd rows, refused ones and those left out on demand, each with where and why."""
    yield from listing(ODD_TITLE, list(map(rejected_line, odd)), listed)
    refused = [row for row in rejected if not row.is_left_out]
    yield from listing("Refused rows", list(map(rejected_line, refused)), listed)
    left_out = [row for row in rejected if row.is_left_out]
    yield from listing("Left out by your answer", list(map(rejected_line, left_out)), listed)


def _by_name_line(found: FoundByName) -> str:
    mrn = f", MRN {found.stored_mrn}" if found.stored_mrn else ""
    return f"line {found.line}, {found.name}{mrn}"


def _conflict_line(conflict: RowConflict) -> str:
    return (
        f"line {conflict.line}, {conflict.name}, {label(conflict.field)}: "
        f"the file says {shown(conflict.in_file)}, the practice has {shown(conflict.stored)}"
    )


def _pair_line(pair: DuplicateEntry) -> str:
    def who(name: str, line: int | None) -> str:
        return f"{name} (line {line})" if line is not None else f"{name} (in the practice)"

    both = f"{who(pair.first, pair.first_line)} and {who(pair.second, pair.second_line)}"
    return f"{both}: {', '.join(pair.reasons)}"


def listing(title: str, entries: Sequence[str], listed: int) -> Iterator[str]:
    """A titled list, of which the first ``listed`` entries are shown."""
    if entries:
        yield f"{title}: {len(entries):,}"
        yield from (f"  {entry}" for entry in entries[:listed])
    if len(entries) > listed:
        yield f"  and {len(entries) - listed:,} more"


def first_row(row: PatientRow) -> FirstRow:
    """The preview of one person."""
    step = ", ".join(filter(None, (row.next_step, f"due {format_birth(row.due_on)}" if row.due_on else "")))
    return FirstRow(
        row.line,
        display(row.family_name, row.given_name, row.suffix, row.preferred_name),
        format_birth(row.birth_date) if row.birth_date else "",
        row.mrn,
        step,
    )


def used_order(column: DateColumn) -> UsedDateOrder | None:
    """How a column's dates are read; None where nothing depended on it."""
    if column.order is None or not column.guess.counts:
        return None
    guess = column.guess
    reason = "" if guess.status is OrderStatus.UNDECIDABLE else guess.reason  # it asks what is answered here
    return UsedDateOrder(shown(column.header), column.order.label, column.source, reason)


def mapped_columns(table: Table, plan: ImportPlan) -> tuple[MappedColumn, ...]:
    """The columns in the order of the file, each with the first value it holds."""
    examples: dict[str, str] = {}
    for row in islice(table.rows(), _EXAMPLE_ROWS):
        for field, index in plan.columns.fields.items():
            text = shown(cell_text(row.cells[index]), 30) if index < len(row.cells) else ""
            if text:
                examples.setdefault(field, text)
    return tuple(
        MappedColumn(field, shown(plan.columns.header(field)), examples.get(field, ""))
        for field, _ in sorted(plan.columns.fields.items(), key=lambda one: one[1])
    )
