"""Payers' answers as the preview shows them: a line for each, and everything known of the one in question."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field

from rich.text import Text
from textual.content import Content

from carecoord_tui.domain.dates import format_birth
from carecoord_tui.domain.payer_answers import Problem
from carecoord_tui.exchange.answer_people import Candidate
from carecoord_tui.exchange.answer_report import AnswerImportReport, AnswerKind, AnswerLine, Fate
from carecoord_tui.screens.import_preview import Namer
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import ALARM, DIM, STRONG, WAITING, styled
from carecoord_tui.widgets.row_source import Row

COLUMNS = (
    Column("state", "", width=9),
    Column("name", "In the file", min_width=14, max_width=26, grow=2, style="strong"),
    Column("says", "Says", min_width=18, grow=4),
    Column("patient", "Patient", min_width=14, max_width=24, grow=2, priority=60),
)
HEADINGS = {
    AnswerKind.ELIGIBILITY: "Eligibility answers",
    AnswerKind.AUTHORIZATIONS: "Authorization decisions",
    AnswerKind.DENIALS: "Claim denials",
}
_WRITE, _ASK, _LEFT_OUT = "write", "who?", "left out"
_STATES = {
    Fate.NEW: (_WRITE, "accent"),
    Fate.UNCHANGED: ("on file", "dim"),
    Fate.NOT_TAKEN: ("not taken", "alarm"),
    Fate.LEFT_OUT: (_LEFT_OUT, "dim"),
}
_FATE_ORDER = (Fate.NEW, Fate.NOT_TAKEN, Fate.LEFT_OUT, Fate.UNCHANGED)


@dataclass
class AnswerList:
    """The answers of a file in the order of the screen, which stands while one works; a source of rows.

    What only a person can decide comes first, then what is written. The id of a row is its place.
    """

    shown_name: Namer
    shown_value: Callable[[str], str]
    """How an ID, a birth date or a text of the file may be shown: masked in privacy mode."""
    lines: list[AnswerLine] = field(default_factory=list)
    problems: Sequence[Problem] = ()
    left_out: set[int] = field(default_factory=set)
    is_written: bool = False

    def show(self, report: AnswerImportReport) -> None:
        """Take a report's answers, in the order of this screen."""
        self.lines = sorted(
            report.answers, key=lambda line: -1 if line.is_open else _FATE_ORDER.index(line.fate)
        )
        self.problems = report.problems

    def show_written(self, report: AnswerImportReport) -> None:
        """What became of each when they were written; the order stays."""
        fates = {line.number: line for line in report.answers if line.number >= 0}
        self.lines = [fates.get(line.number, line) for line in self.lines]
        self.is_written = True

    def at(self, record_id: Hashable) -> AnswerLine | None:
        """The answer of a row; None for a problem of the file, or no row."""
        is_answer = isinstance(record_id, int) and 0 <= record_id < len(self.lines)
        return self.lines[record_id] if is_answer and isinstance(record_id, int) else None

    def problem_at(self, record_id: Hashable) -> Problem | None:
        """The problem of a row below the answers."""
        place = record_id - len(self.lines) if isinstance(record_id, int) else -1
        return self.problems[place] if 0 <= place < len(self.problems) else None

    def is_wanted(self, line: AnswerLine) -> bool:
        """True for what will be written."""
        return line.fate is Fate.NEW and line.number not in self.left_out

    def wanted(self) -> int:
        """How many answers will be written."""
        return sum(map(self.is_wanted, self.lines))

    def next_open(self, after: int) -> int | None:
        """The next row that waits for the user to say who it is, from the top again after the last."""
        count = len(self.lines)
        places = ((after + step) % count for step in range(1, count + 1))
        return next((place for place in places if self.lines[place].is_open), None)

    def counts(self) -> list[tuple[int, str]]:
        """How many answers stand how, without what is zero."""
        new = sum(line.fate is Fate.NEW for line in self.lines)
        wanted, asked = self.wanted(), sum(line.is_open for line in self.lines)
        not_taken = sum(line.fate is Fate.NOT_TAKEN for line in self.lines)
        left_out = new - wanted + sum(line.fate is Fate.LEFT_OUT for line in self.lines)
        every = [
            (wanted, "written" if self.is_written else "to write"),
            (asked, "to say who it is"),
            (not_taken - asked, "not taken"),
            (left_out, "left out"),
            (sum(line.fate is Fate.UNCHANGED for line in self.lines), "on file already"),
        ]
        return [(count, words) for count, words in every if count]

    # --- the rows --------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.lines) + len(self.problems)

    def __getitem__(self, window: slice, /) -> Sequence[Row]:
        return [self._row(place) for place in range(*window.indices(len(self)))]

    def index_of(self, record_id: Hashable, /) -> int | None:
        """A row's id is its place."""
        return record_id if isinstance(record_id, int) and 0 <= record_id < len(self) else None

    def _row(self, place: int) -> Row:
        if (problem := self.problem_at(place)) is not None:
            return Row(place, (Text("look at", "waiting"), str(problem.where), problem.text, ""))
        line = self.lines[place]
        word, style = self._state(line)
        says = Text(line.words or line.reason, "alarm" if line.is_conflict else "")
        name = self.shown_name(line.name) or "nobody named"
        is_quiet = style == "dim"
        cells = (Text(word, style), name, says, self.shown_name(line.patient) if line.patient else "")
        return Row(place, cells, style="dim" if is_quiet else "")

    def _state(self, line: AnswerLine) -> tuple[str, str]:
        if line.is_open:
            return _ASK, "waiting"
        if line.fate is Fate.NEW and line.number in self.left_out:
            return _LEFT_OUT, "dim"
        if line.fate is Fate.NEW and self.is_written:
            return "written", "accent"
        return _STATES[line.fate]


# --- one answer in full ----------------------------------------------------------------------------------


def problem_details(problem: Problem) -> Content:
    """Something odd in the file, with the byte it stands at."""
    place = (
        f"{problem.where} at byte {problem.where.position:,}" if problem.where.segment else str(problem.where)
    )
    return Content("\n").join([styled("To look at in the file", STRONG), styled(f"{place}: {problem.text}")])


def answer_details(line: AnswerLine, shown: AnswerList) -> Content:
    """All of one answer: whose it is, what is written, who it may be, and what the file says, with places."""
    parts = [_person(line, shown)]
    if line.is_conflict:
        parts.append(styled("Conflict: active and inactive together. Ask the payer which holds.", ALARM))
    parts += [Content(""), *_outcome(line, shown)]
    if line.candidates and not shown.is_written:
        parts += [Content(""), styled("Who is it?", WAITING)]
        parts += [_candidate(key, one, shown) for key, one in enumerate(line.candidates, 1)]
        if line.is_chosen:
            parts.append(styled("  0  nobody of these", DIM))
    if line.said:
        parts += [Content(""), styled(f"The file says ({line.where})", STRONG)]
        parts += [styled(said) for said in shown.shown_value(line.said).splitlines()]
    if line.left_out:
        parts += [
            Content(""),
            styled("Figures not taken", WAITING),
            *(styled(f"  {one}") for one in line.left_out),
        ]
    return Content("\n").join(parts)


def _person(line: AnswerLine, shown: AnswerList) -> Content:
    facts = [
        shown.shown_value(line.member_id),
        f"born {shown.shown_value(format_birth(line.born_on))}" if line.born_on else "",
        f"through {shown.shown_name(line.through)}" if line.through else "",
    ]
    name = shown.shown_name(line.name) or "nobody named"
    tail = "".join(f" · {fact}" for fact in facts if fact)
    return Content.assemble(styled(name, STRONG), styled(tail, DIM))


def _outcome(line: AnswerLine, shown: AnswerList) -> list[Content]:
    if line.fate is Fate.NOT_TAKEN:
        return [styled(f"Not taken: {line.reason}", WAITING if line.candidates else ALARM)]
    if line.fate is Fate.UNCHANGED:
        return [styled("On file already: nothing is written.", DIM)]
    if line.fate is Fate.LEFT_OUT or line.number in shown.left_out:
        return [styled("Left out: nothing is written.", DIM)]
    head = f"{'Written' if shown.is_written else 'Writes'} for {shown.shown_name(line.patient)}"
    chosen = styled(", as you said", DIM) if line.is_chosen else Content("")
    return [Content.assemble(styled(head, STRONG), chosen), *(styled(f"  {one}") for one in line.does)]


def _candidate(key: int, one: Candidate, shown: AnswerList) -> Content:
    born = shown.shown_value(format_birth(one.birth_date)) if one.birth_date else "no birth date"
    facts = [born, shown.shown_value(one.mrn)]
    tail = "".join(f" · {fact}" for fact in facts if fact)
    agrees = f" · same {one.agrees}" if one.agrees else ""
    return Content.assemble(
        styled(f"  {key}  ", STRONG), styled(shown.shown_name(one.name)), styled(tail + agrees, DIM)
    )
