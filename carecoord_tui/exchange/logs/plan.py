"""What reading a log found: the mapping, what becomes of every row, what must still be answered.

The texts quote the file. They are for the screen of the person who imports it and must not be logged; each
is one line without control characters, but may hold markup characters: show it as plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.import_report import LeftOutColumn, MappedColumn, UsedDateOrder
from carecoord_tui.exchange.patient_row import RowWarning
from carecoord_tui.exchange.referral_statuses import LEAVE_OUT
from carecoord_tui.exchange.tabular import TableError, shown

_NAMED = 8


class RowFate(StrEnum):
    """What becomes of a row. Every data row has exactly one."""

    CREATED = "created"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    REJECTED = "rejected"
    LEFT_OUT = "left_out"
    """A person said that it is not wanted; it is handed back all the same."""
    ODD = "odd"
    """It can be read and looks wrong; handed back unless a person takes it as it stands."""
    DOUBTFUL = "doubtful"
    """Whom it is about must be decided; until then it is handed back like a rejected one."""
    ASKED = "asked"
    """The meaning of its status must be answered; nothing is written before that."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a doubtful row may be about, and what agrees."""

    patient_id: int
    name: str
    birth_date: str
    mrn: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A value the file says otherwise than the practice. ``is_taken`` False: it stays as stored."""

    field: str
    in_file: str
    stored: str
    is_taken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowOutcome:
    """One row of the file. ``line`` is its line, or its row of the sheet."""

    line: int
    fate: RowFate
    name: str
    """Whom it is about: as on file once that is known, else as the row says."""
    words: str = ""
    """The record in one line."""
    column: str = ""
    """The file's own header of what is at fault."""
    reason: str = ""
    """Why it is rejected, doubtful or asked; repeats no value."""
    patient_id: int | None = None
    candidates: tuple[Candidate, ...] = ()
    differences: tuple[FieldDifference, ...] = ()
    cells: tuple[str, ...] = ()
    """The row as it stands, for what must be decided or corrected; empty for the others."""
    remarks: tuple[str, ...] = ()
    """What of a new row is taken otherwise than it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCounts:
    """Every data row is counted once, under its fate."""

    rows: int
    created: int
    unchanged: int
    changed: int
    rejected: int
    left_out: int
    odd: int
    doubtful: int
    asked: int
    kept: int
    """Unchanged or changed rows with a value that differs and stays as stored."""
    new_payers: int
    new_offices: int


@dataclass(frozen=True, slots=True)
class StatusExample:
    """A row with status words, by what the person who answers knows it by."""

    line: int
    name: str


@dataclass(frozen=True, slots=True)
class StatusUse:
    """Status words of the file, how many rows have them, and what they mean here."""

    words: str
    rows: int
    status: Worded | None
    is_left_out: bool = False
    examples: tuple[StatusExample, ...] = ()
    proposed: Worded | None = None
    """What the words most likely mean, for the question."""
    label: str = ""
    """What a person calls the status."""

    @property
    def is_asked(self) -> bool:
        """True while nobody has said what the words mean."""
        return self.status is None and not self.is_left_out

    @property
    def rows_text(self) -> str:
        """``1 row``, ``2,000 rows``."""
        return f"{self.rows:,} row{'' if self.rows == 1 else 's'}"

    @property
    def meaning(self) -> str:
        """What the preview says."""
        if self.status is not None:
            return self.label or self.status.label
        return "left out, as you answered" if self.is_left_out else "? which status is this"


class NeedsMeaning(TableError):
    """Status words that mean one thing here and another there; a person must say. Nothing was changed."""

    def __init__(self, path: Path, statuses: tuple[StatusUse, ...], example: str) -> None:
        self.statuses = statuses
        named = ", ".join(f"“{shown(one.words)}” ({one.rows_text})" for one in statuses[:_NAMED])
        more = f" and {len(statuses) - _NAMED:,} more" if len(statuses) > _NAMED else ""
        super().__init__(
            path,
            f"which status is {named}{more}? Say so with --status, for example "
            f'--status "{shown(statuses[0].words)}={statuses[0].proposed or example}", '
            f"or ={LEAVE_OUT} to hand those rows back.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLook:
    """A file before its rows are judged: enough to show the mapping and have it edited."""

    path: Path
    sheet: str
    headers: tuple[str, ...]
    mapping: Mapping[str, int]
    """Field -> index of its column, as proposed or as set."""
    missing: tuple[str, ...]
    """Fields without which nothing can be read: they must be mapped first."""
    samples: tuple[tuple[str, ...], ...]
    """The first rows, a text for each header."""
    notes: tuple[str, ...]
    signature: str
    """Equal for files with the same headers: what a saved mapping is recognised by."""
    of_rejects: int = 0
    """Columns in front that a rejects file has before those of its source; the signature is the source's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlan:
    """What would become of the file, or, with ``is_written``, what became of it."""

    kind: str
    look: LogLook
    is_written: bool
    counts: LogCounts
    notes: tuple[str, ...]
    columns: tuple[MappedColumn, ...]
    left_out: tuple[LeftOutColumn, ...]
    date_orders: tuple[UsedDateOrder, ...]
    statuses: tuple[StatusUse, ...]
    rows: tuple[RowOutcome, ...]
    """Every row, in the order of the file."""
    warnings: tuple[RowWarning, ...]
    rejects_path: Path | None = None
    """Where the rows that were not taken were written; None when there are none or nothing was written."""

    @property
    def path(self) -> Path:
        """The file."""
        return self.look.path

    @property
    def asked(self) -> tuple[StatusUse, ...]:
        """Status words that nobody has explained yet."""
        return tuple(one for one in self.statuses if one.is_asked)

    def of(self, fate: RowFate) -> tuple[RowOutcome, ...]:
        """The rows of one fate."""
        return tuple(row for row in self.rows if row.fate == fate)
