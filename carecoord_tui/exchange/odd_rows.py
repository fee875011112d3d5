"""Rows that look fine and are not: columns that slipped, two records on one line, two values in one cell.

Such a row can be read, so no reader stops it. What gives it away is a cell that holds something of another
nature than its column (a number where a payer belongs, a status where a type belongs) or several values
where one belongs. An odd row is held back with what is odd about it until a person says that it stands as
it should; it is never taken or dropped silently.

A cell with two readings (``cell_shapes``) is odd only in a row that is odd beside it, and a value that stands
on file in such a column is never odd. A whole column may hold what is odd elsewhere (an office that writes
plan numbers as payers): what most rows of a column have is not odd there, which ``OddRows.is_usual`` knows
once all rows were looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

from carecoord_tui.exchange import cell_shapes
from carecoord_tui.exchange.cell_shapes import Shape, shape_of
from carecoord_tui.exchange.columns import ColumnMap
from carecoord_tui.exchange.quoting import unquoted
from carecoord_tui.exchange.rejects import Rejected
from carecoord_tui.exchange.row_values import BLANK_WORDS, Remembered, read_phones
from carecoord_tui.exchange.tabular import Cell, shown

Read = TypeVar("Read")
IsOnFile = Callable[[str, str], bool]
"""Whether the practice has a text (second) in a field (first) already."""

WHAT_TO_DO = "Correct the row in the file, or take it as it stands."
_USUAL_ROWS = 5
_USUAL_SHARE = 0.5
_USUAL_FROM = 2  # rows, where the whole column is of one shape
_LEAST_FUSED = 4  # columns: in a narrower table a note may well have as many commas
_LEAST_BESIDE = 2  # cells of another record right of the table that read like the columns from the left

S = Shape
_NEVER_TEXT = frozenset((S.DATE, S.TIME, S.PHONE, S.EMAIL))


class Nature(StrEnum):
    """What a column holds; the value is what a message says belongs there."""

    PERSON = "the name of one person"
    NAME = "a name"
    LABEL = "a description"
    WORD = "a word"
    NUMBER = "one number"
    MARK = "a number of somebody else's"
    PHONE = "a phone number"
    DATE = "one date"
    FAX = "one fax number"
    ZIP = "a postal code"


N = Nature
_STRANGE: Mapping[Nature, frozenset[Shape]] = {
    N.PERSON: _NEVER_TEXT | {S.NUMBER, S.SEVERAL},
    N.NAME: _NEVER_TEXT | {S.NUMBER, S.STATUS},
    N.LABEL: _NEVER_TEXT | {S.STATUS},
    N.WORD: _NEVER_TEXT | {S.NUMBER},
    N.NUMBER: _NEVER_TEXT | {S.LETTERS, S.SEVERAL},
    N.MARK: _NEVER_TEXT | {S.SEVERAL},  # "not required" stands there as often as a number
    N.PHONE: frozenset((S.DATE,)),  # two numbers of one person are usual
    N.DATE: frozenset((S.PHONE, S.EMAIL, S.SEVERAL)),
    N.FAX: frozenset((S.DATE, S.EMAIL, S.SEVERAL)),
    N.ZIP: _NEVER_TEXT | {S.LETTERS},
}
"""What never stands in a column of each nature."""
_COUNTED = frozenset((N.NUMBER, N.MARK))
_HAS_SEVERAL: Mapping[Nature, Callable[[str], bool]] = {
    N.PERSON: cell_shapes.has_several_people,
    N.DATE: cell_shapes.has_several_days,
    N.FAX: cell_shapes.has_several_phones,
}

_NATURES: Mapping[Nature, str] = {
    N.PERSON: "family_name given_name full_name middle_name preferred_name",
    N.NAME: "payer payer_name insurance provider primary_provider specialty organization ordered_by "
    "reviewed_by city",
    N.LABEL: "title service office plan_name language service_type kind relationship",
    N.WORD: "status sex risk payer_class rank urgency priority state",
    N.NUMBER: "mrn member_id",
    N.MARK: "number reference authorization",
    N.PHONE: "phone mobile_phone home_phone work_phone other_phone office_phone",
    N.DATE: "birth_date deceased_on due_on last_contact_on date booked_on starts_on ends_on opened_on "
    "submitted_on decided_on valid_from valid_to done_on ordered_on sent_on acknowledged_on visit_on seen_on "
    "report_received_on reviewed_on closed_on status_on",
    N.FAX: "fax office_fax",
    N.ZIP: "postal_code",
}
NATURE_OF: Mapping[str, Nature] = {
    field: nature for nature, fields in _NATURES.items() for field in fields.split()
}
"""Field of an importer -> what its column holds. A field that is not here may hold anything: notes,
addresses, reasons."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A cell that is not what its column holds. ``field`` is empty for the row as a whole."""

    field: str
    shape: Shape | None
    words: str
    """What is odd, without the value."""
    is_in_doubt: bool = False
    """It may as well be what the column holds: odd only in a row with something that cannot be."""
    group: int = 0
    """Digits of each of the groups which may be one number; 0 for anything else."""


@dataclass(frozen=True, slots=True)
class Odd(Generic[Read]):
    """A row that was read and is held back; ``row`` is what it becomes if a person takes it as it stands."""

    row: Read
    line: int
    cells: tuple[Cell, ...]
    misfits: tuple[Misfit, ...]


class OddRows:
    """Looks at the rows of one file; what it saw of each column says in the end what is usual there."""

    def __init__(
        self,
        columns: ColumnMap,
        *,
        delimiter: str = "",
        is_status: Callable[[str], bool] = lambda text: False,
        free: frozenset[str] = frozenset(),
        is_on_file: IsOnFile = lambda field, text: False,
    ) -> None:
        """What is the same for all rows of one file.

        Args:
            columns: which column holds which field.
            delimiter: of a text file; empty for a workbook.
            is_status: whether a cell reads like a status of this kind of list.
            free: fields of ``NATURE_OF`` that may hold anything in this kind of list.
            is_on_file: whether the practice has this text in such a column already.
        """
        self._width = len(columns.headers)
        self._columns, self._delimiter = columns, delimiter
        self._is_status = Remembered(is_status)
        self._is_on_file = is_on_file
        self._shape = Remembered(shape_of)
        self._watched = [
            (index, field, NATURE_OF[field], _STRANGE[NATURE_OF[field]])
            for field, index in sorted(columns.fields.items(), key=lambda one: one[1])
            if field in NATURE_OF and field not in free
        ]
        self._filled: Counter[str] = Counter()
        self._seen: Counter[tuple[str, Shape]] = Counter()
        self._whole: set[tuple[str, int]] = set()  # lengths of the plain numbers of a column

    def look(self, cells: Sequence[Cell]) -> tuple[Misfit, ...]:
        """Everything odd about a row; empty for nearly every row."""
        found = []
        for index, field, nature, strange in self._watched:
            cell = cells[index] if index < len(cells) else ""
            if not cell:
                continue
            text = cell.strip() if isinstance(cell, str) else ""
            if isinstance(cell, str) and (not text or text.casefold() in BLANK_WORDS):
                continue
            self._filled[field] += 1
            if nature in _COUNTED and text.isdecimal():
                self._whole.add((field, len(text)))
            shape = self._misfit(cell, text, nature, strange)
            if shape is not None and not (text and self._is_on_file(field, unquoted(text))):
                self._seen[field, shape] += 1
                found.append(self._named(field, nature, shape, text))
        if words := self._fused(cells):
            found.append(Misfit("", None, words))
        if any(one.is_in_doubt and one.shape is S.PHONE for one in found) and self._lost_phone(cells):
            found = [replace(one, is_in_doubt=False) for one in found]
        return () if all(one.is_in_doubt for one in found) else tuple(found)

    @staticmethod
    def is_certain(misfits: Sequence[Misfit]) -> bool:
        """True where a row is odd whatever the rows after it say."""
        return any(not one.is_in_doubt and not one.group for one in misfits)

    def is_usual(self, misfit: Misfit, *, is_alone: bool = False) -> bool:
        """True, once all rows were looked at, for what most rows of that column have.

        ``is_alone``: nothing else in its row is odd; then two rows are enough where all rows have it. Numbers
        in even groups are one number, unless such a group stands alone in another row.
        """
        field, shape = misfit.field, misfit.shape
        if shape is None:
            return False
        if misfit.group and (field, misfit.group) not in self._whole:
            return True
        seen, filled = self._seen[field, shape], self._filled[field]
        if is_alone and shape is not S.SEVERAL and seen == filled >= _USUAL_FROM:
            return True
        return seen >= _USUAL_ROWS and seen >= _USUAL_SHARE * filled

    def settle(self, odd: Sequence[Odd[Read]]) -> tuple[list[Odd[Read]], list[Read]]:
        """The rows that stay odd, and those with nothing but what is usual in its column."""
        held, usual = [], []
        for one in odd:
            if not self._held(one):
                usual.append(one.row)
            else:
                held.append(one)
        return held, usual

    def _held(self, odd: Odd[Read]) -> list[Misfit]:
        """What a row is held back for; nothing where all of it is usual or in doubt."""
        is_alone = len(odd.misfits) == 1
        found = [one for one in odd.misfits if not self.is_usual(one, is_alone=is_alone)]
        return [] if all(one.is_in_doubt for one in found) else found

    def refusal(self, odd: Odd[Read]) -> Rejected:
        """The row as it is handed back, with everything that is odd about it."""
        misfits = self._held(odd) or odd.misfits
        first = next((one.field for one in misfits if one.field), "")
        words = "; ".join(one.words for one in misfits)
        slipped = sum(one.shape not in (None, S.SEVERAL) for one in misfits)
        moved = "have the cells moved to another column?" if slipped else "are there two records in one?"
        column = self._columns.header(first) if first else ""
        return Rejected(odd.line, column, "row", f"looks odd: {words}; {moved}", odd.cells)

    # --- one cell ----------------------------------------------------------------------------------------

    def _misfit(self, cell: Cell, text: str, nature: Nature, strange: frozenset[Shape]) -> Shape | None:
        if isinstance(cell, date):
            return S.DATE if S.DATE in strange else None
        shape = self._shape(text)
        if shape is not None and shape in strange:
            return shape
        if S.STATUS in strange and self._is_status(text):
            return S.STATUS
        if S.SEVERAL in strange and _is_several(text, nature):
            return S.SEVERAL
        return None

    def _named(self, field: str, nature: Nature, shape: Shape, text: str) -> Misfit:
        words = self._words(field, nature, shape)
        group = cell_shapes.group_length(text) if shape is S.SEVERAL and nature in _COUNTED else 0
        return Misfit(field, shape, words, _may_belong(text, nature, shape), group)

    def _words(self, field: str, nature: Nature, shape: Shape) -> str:
        header = shown(self._columns.header(field))
        if shape is S.LETTERS:
            return f"“{header}” holds no digit, where {nature.value} belongs"
        return f"“{header}” holds {shape.value} where {nature.value} belongs"

    # --- the row -----------------------------------------------------------------------------------------

    def _lost_phone(self, cells: Sequence[Cell]) -> bool:
        """True where a phone column holds something else: then a phone number elsewhere is this one."""
        texts = (
            cells[index] for index, _, nature, _ in self._watched if nature is N.PHONE if index < len(cells)
        )
        filled = (text.strip() for text in texts if isinstance(text, str))
        return any(text and text.casefold() not in BLANK_WORDS and not read_phones(text) for text in filled)

    def _fused(self, cells: Sequence[Cell]) -> str:
        if not self._delimiter:
            return self._beside(cells)
        if self._width < _LEAST_FUSED:
            return ""
        for cell in cells:
            if isinstance(cell, str) and "\n" in cell and self._holds_row(cell):
                return "another row is inside a cell: a quotation mark is missing"
        return ""

    def _holds_row(self, cell: str) -> bool:
        return any(line.count(self._delimiter) == self._width - 1 for line in cell.splitlines()[1:])

    def _beside(self, cells: Sequence[Cell]) -> str:
        """Another record to the right of the table: its cells read like the columns from the left."""
        if len(cells) <= self._width:
            return ""
        found = 0
        for index, field, nature, _ in self._watched:
            place = self._width + index
            cell = cells[place] if place < len(cells) else ""
            found += _reads_like(cell, nature) if field else 0
        return "another record stands to the right of it" if found >= _LEAST_BESIDE else ""


def hold_back(
    checks: OddRows, odd: Sequence[Odd[Read]], *, takes_all: bool
) -> tuple[list[Read], list[Rejected]]:
    """What is taken of the odd rows of a file once all were read, and the rest as it is handed back."""
    held, usual = checks.settle(odd)
    if takes_all:
        return [*usual, *(one.row for one in held)], []
    return usual, [checks.refusal(one) for one in held]


def _is_several(text: str, nature: Nature) -> bool:
    return _HAS_SEVERAL.get(nature, cell_shapes.has_several_numbers)(text)


def _may_belong(text: str, nature: Nature, shape: Shape) -> bool:
    """True for a cell whose other reading is what the column holds."""
    if nature in _COUNTED:
        return shape in (S.DATE, S.PHONE) and cell_shapes.may_be_number(text)
    return nature is N.NAME and shape is S.NUMBER and cell_shapes.may_be_name(text)


def _reads_like(cell: Cell, nature: Nature) -> bool:
    if isinstance(cell, date):
        return nature is N.DATE
    shape = shape_of(cell.strip())
    return (nature is N.DATE and shape is S.DATE) or (nature is N.NUMBER and shape is S.NUMBER)
