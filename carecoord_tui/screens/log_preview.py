"""A record log as its preview shows it: a line for every row, and everything known of the one in question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from rich.text import Text
from textual.content import Content

from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.import_plan import BY_ITSELF
from carecoord_tui.exchange.logs.plan import Candidate, LogPlan, RowFate, RowOutcome, StatusUse
from carecoord_tui.exchange.odd_rows import WHAT_TO_DO
from carecoord_tui.exchange.tabular import shown
from carecoord_tui.screens.import_preview import Namer
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import ALARM, DIM, STRONG, WAITING, styled
from carecoord_tui.widgets.row_source import Row

COLUMNS = (
    Column("line", "Line", width=6, align="right", style="dim"),
    Column("state", "", width=9),
    Column("name", "Who", min_width=14, max_width=26, grow=2, style="strong"),
    Column("says", "What", min_width=18, grow=4),
)
_STATES = {
    RowFate.DOUBTFUL: ("who?", "waiting"),
    RowFate.ASKED: ("status?", "waiting"),
    RowFate.ODD: ("odd?", "waiting"),
    RowFate.REJECTED: ("refused", "alarm"),
    RowFate.LEFT_OUT: ("left out", "dim"),
    RowFate.CHANGED: ("changed", "accent"),
    RowFate.CREATED: ("new", "accent"),
    RowFate.UNCHANGED: ("on file", "dim"),
}
_WRITTEN = {RowFate.CREATED: "added", RowFate.DOUBTFUL: "not taken", RowFate.ODD: "not taken"}
_ORDER = tuple(_STATES)
_LEFT_OUT = ("left out", "dim")
LEAVE_OUT_KEY = "l"
_HALF = 30
_NAMED = 6
_BY = {"--date-order": "as you said"}


@dataclass
class LogRows:
    """The rows of a file in the order of the screen, which stands while one works; a source of rows.

    What only a person can decide comes first, then what is refused; of the new ones those with a remark. The
    id of a row is its line.
    """

    shown_name: Namer
    outcomes: list[RowOutcome] = field(default_factory=list)
    decided: dict[int, int | None] = field(default_factory=dict)
    """Line -> the person, or None for nobody."""
    taken: set[int] = field(default_factory=set)
    """Lines of odd rows that are taken as they stand."""
    is_written: bool = False
    _places: dict[int, int] = field(default_factory=dict)

    def show(self, plan: LogPlan) -> None:
        """Take a plan's rows, in the order of this screen; rows shown already keep their places."""
        if self._places and len(self._places) == len(plan.rows):
            self.outcomes = sorted(plan.rows, key=lambda row: self._places.get(row.line, 0))
        else:
            self.outcomes = sorted(
                plan.rows, key=lambda row: (_ORDER.index(row.fate), not row.remarks, row.line)
            )
        self._places = {row.line: place for place, row in enumerate(self.outcomes)}
        self.is_written = plan.is_written

    def start_over(self) -> None:
        """Forget the order and every decision: the file is read another way."""
        self.outcomes, self._places, self.decided, self.taken = [], {}, {}, set()

    def at(self, line: Hashable) -> RowOutcome | None:
        """The row of a line."""
        place = self.index_of(line)
        return None if place is None else self.outcomes[place]

    def is_open(self, row: RowOutcome) -> bool:
        """True while nobody has said whom a doubtful row is about, or taken an odd one as it stands."""
        if row.fate is RowFate.ODD:
            return row.line not in self.taken
        return row.fate is RowFate.DOUBTFUL and row.line not in self.decided

    def was_odd(self, row: RowOutcome) -> bool:
        """True for a row that looks odd, also once it is taken as it stands."""
        return row.fate is RowFate.ODD or row.line in self.taken

    def next_open(self, after: int) -> int | None:
        """Line of the next doubtful row, from the top again after the last."""
        count = len(self.outcomes)
        places = ((after + step) % count for step in range(1, count + 1))
        return next((self.outcomes[one].line for one in places if self.is_open(self.outcomes[one])), None)

    # --- the rows --------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.outcomes)

    def __getitem__(self, window: slice, /) -> Sequence[Row]:
        return [self._row(row) for row in self.outcomes[window]]

    def index_of(self, record_id: Hashable, /) -> int | None:
        return self._places.get(record_id) if isinstance(record_id, int) else None

    def _row(self, row: RowOutcome) -> Row:
        word, style = self._state(row)
        cells = (str(row.line), Text(word, style), self.shown_name(row.name), self._says(row))
        return Row(row.line, cells, style="dim" if style == "dim" else "")

    def _state(self, row: RowOutcome) -> tuple[str, str]:
        word, style = _STATES[row.fate]
        if row.line in self.decided and row.fate is RowFate.DOUBTFUL:
            return _LEFT_OUT if self.decided[row.line] is None else ("new", "accent")
        if row.line in self.taken and row.fate is RowFate.ODD:
            return "new", "accent"
        return (_WRITTEN.get(row.fate, word), style) if self.is_written else (word, style)

    def _says(self, row: RowOutcome) -> str:
        chosen = self.chosen(row)
        if chosen is not None:
            return f"is {self.shown_name(chosen.name)}, as you said"
        if row.reason:
            return f"{row.column}: {row.reason}" if row.column else row.reason
        return " · ".join((row.words, *row.remarks))

    def chosen(self, row: RowOutcome) -> Candidate | None:
        """The candidate that was said to be the one."""
        number = self.decided.get(row.line)
        return next((one for one in row.candidates if one.patient_id == number), None)


def reading_words(plan: LogPlan) -> list[str]:
    """What the preview says of how the file is read, where its columns do not speak for themselves.

    How dates are read whose column fits several orders, which columns are left out, and how many rows are
    taken otherwise than they stand.
    """
    by_order: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for used in plan.date_orders:
        if used.source != BY_ITSELF:
            by_order[used.order, used.source].append(f"“{used.header}”")
    said = [
        f"Dates in {' and '.join(of)} are {order}, {_BY.get(by, f'says {by}')}."
        for (order, by), of in by_order.items()
    ]
    if plan.left_out:
        named = ", ".join(f"“{one.header}”" for one in plan.left_out[:_NAMED])
        more = f" and {len(plan.left_out) - _NAMED} more" if len(plan.left_out) > _NAMED else ""
        said.append(f"Columns left out: {named}{more}.")
    remarked = sum(1 for row in plan.rows if row.remarks)
    if remarked:
        said.append(f"Rows with a remark, not taken just as they stand: {remarked:,}.")
    return said


def row_details(row: RowOutcome, rows: LogRows) -> Content:
    """All of one row: what becomes of it, who it may be, what differs, and how it stands in the file."""
    name = rows.shown_name(row.name) or "nobody named"
    parts = [Content.assemble(styled(name, STRONG), styled(f" · line {row.line}", DIM))]
    if row.reason:
        where = f"“{row.column}”: " if row.column else ""
        style = ALARM if row.fate is RowFate.REJECTED else WAITING
        parts.append(styled(f"{where}{row.reason}", style))
    if row.candidates and not rows.is_written:
        parts += [styled("Who is it?", WAITING)]
        parts += [_candidate(key, one, rows) for key, one in enumerate(row.candidates, 1)]
        parts.append(styled("  n  nobody of these: leave the row out", DIM))
    if rows.was_odd(row) and not rows.is_written:
        held = "  a  hold it back again" if row.line in rows.taken else "  a  take it as it stands"
        parts += [styled(WHAT_TO_DO, WAITING), styled(held, STRONG)]
    if row.words:
        parts.append(styled(row.words))
    parts += [styled(remark, WAITING) for remark in row.remarks]
    for one in row.differences:
        fate = "taken from the file" if one.is_taken else "stays as it is"
        parts.append(
            styled(f"{one.field}: the file says {one.in_file}, the practice has {one.stored}; {fate}")
        )
    if row.cells:
        parts.append(styled(" · ".join(filter(None, row.cells)), DIM))
    return Content("\n").join(parts)


def _candidate(key: int, one: Candidate, rows: LogRows) -> Content:
    facts = (one.birth_date or "no birth date", one.mrn, ", ".join(one.reasons))
    tail = "".join(f" · {shown(fact)}" for fact in facts if fact)
    return Content.assemble(
        styled(f"  {key}  ", STRONG), styled(rows.shown_name(one.name)), styled(tail, DIM)
    )


# --- the question about a status ---------------------------------------------------------------------------


def status_keys(members: type[Worded], label_of: Callable[[Worded], str]) -> dict[str, Worded]:
    """A key for each status: the first free letter of what it is called, else any free one."""
    keys: dict[str, Worded] = {}
    for member in members:
        letters = [char for char in label_of(member).lower() if char.isascii() and char.isalpha()]
        free = (
            char for char in [*letters, *"abcdefghijkmnopqrstuvwxyz"] if char not in {*keys, LEAVE_OUT_KEY}
        )
        keys[next(free)] = member
    return keys


def status_question(
    asked: StatusUse,
    keys: dict[str, Worded],
    number: int,
    total: int,
    shown_name: Namer,
    label_of: Callable[[Worded], str],
) -> list[str]:
    """The question that only a person can answer: rows it is about, and a key for each status."""
    place = f" ({number} of {total})" if total > 1 else ""
    answers = [f"{key}  {label_of(status)}" for key, status in keys.items()]
    answers.append(f"{LEAVE_OUT_KEY}  leave these rows out")
    half = (len(answers) + 1) // 2
    pairs = zip(answers[:half], [*answers[half:], ""], strict=False)
    proposed = f"enter  {label_of(asked.proposed)}, as in most offices" if asked.proposed else ""
    return [
        f"Status “{shown(asked.words)}” · {asked.rows_text}{place}. Which status is it?",
        *(f"  line {one.line}: {shown_name(shown(one.name))}" for one in asked.examples),
        "",
        *([f"  {proposed}"] if proposed else []),
        *(f"  {left:<{_HALF}}{right}".rstrip() for left, right in pairs),
    ]
