"""Lines of the list of referrals, grouped by stage, and the bar of its views."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from rich.text import Text
from textual import events
from textual.message import Message

from carecoord_tui.domain.context import Context
from carecoord_tui.domain.dates import due_label, format_day
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.referral_ageing import Age, age_of, authorization_of, is_quiet, quiet_days
from carecoord_tui.domain.referral_rows import LOOP_ORDER, AuthorizationState, ReferralListRow, View
from carecoord_tui.domain.vocabulary import ReferralStage, Urgency
from carecoord_tui.widgets.bars import OneLine
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row

Groups = Mapping[ReferralStage, Sequence[int]]

REFERRAL_COLUMNS = (
    Column("patient", "Patient", min_width=14, max_width=26, grow=2, style="strong"),
    Column("specialty", "Specialty", min_width=10, max_width=20, grow=2, priority=97),
    Column("office", "Office", min_width=10, max_width=26, priority=60, style="dim"),
    Column("age", " In stage", width=13, priority=99),
    Column("due", "Next", width=11, priority=90),
    Column("next", "", min_width=18, max_width=48, grow=3, priority=55),
    Column("flags", "", min_width=12, max_width=38, grow=3, priority=95),
)


@dataclass(frozen=True, slots=True)
class Paint:
    """What the lines need beside their rows."""

    context: Context
    moment: Moment
    name: Callable[[str], str]


def heading_id(stage: ReferralStage) -> tuple[str, str]:
    """The id of a stage's heading."""
    return ("stage", stage.value)


def referral_row(line: ReferralListRow, group: ReferralStage, paint: Paint) -> Row:
    """One referral under the heading of ``group``; one that moved on since says where it is now."""
    today = paint.moment.today
    cells = (
        paint.name(line.patient_name),
        line.specialty,
        line.office,
        age_text(age_of(line, paint.context, today)),
        _due(line, paint),
        _next(line),
        flags(line, paint, moved=line.stage is not group),
    )
    return Row(line.id, cells, style="" if line.stage.is_open else "dim")


def age_text(age: Age | None) -> Text:
    """``9d of 7``; ``!`` before it when it is over its limit."""
    if age is None:
        return Text("")
    return Text(f"!{age.words}", style="alarm") if age.is_over else Text(f" {age.words}")


def _due(line: ReferralListRow, paint: Paint) -> Text:
    """The day of the next action; an ended one says when it ended."""
    today = paint.moment.today
    if line.next_on is None:
        return Text("" if line.stage.is_open else format_day(line.stage_on, today), style="dim")
    late = max(0, paint.context.calendar.business_days_between(line.next_on, today))
    style = "alarm" if line.next_on < today else "waiting" if line.waiting_on else ""
    return Text(due_label(line.next_on, today, late), style=style)


def _next(line: ReferralListRow) -> Text:
    """What is owed, and by whom when it is somebody else."""
    text = Text(line.next_title)
    if line.waiting_on:
        text.append(f" · {line.waiting_on}", style="waiting")
    return text


def flags(line: ReferralListRow, paint: Paint, *, moved: bool) -> Text:
    """What is out of the ordinary, in a word or two each."""
    today = paint.moment.today
    authorization = authorization_of(line)
    words = Text()
    for is_so, word, style in (
        (moved, f"now {line.stage.label}", "accent"),
        (line.urgency is not Urgency.ROUTINE, line.urgency.label, "alarm"),
        (authorization is AuthorizationState.MISSING, "no auth.", "alarm"),
        (authorization is AuthorizationState.ENDS_EARLY, "auth. ends", "alarm"),
        (is_quiet(line, paint.context, today), f"quiet {quiet_days(line, today)}d", "waiting"),
        (line.is_confidential, "private", "alarm"),
        (line.interpreter_needed, "interp.", "waiting"),
        (line.transport_needed, "transport", "waiting"),
    ):
        if is_so:
            words.append(f"{' · ' if words else ''}{word}", style=style)
    return words


class StandingOrder:
    """The order as it was listed first. While somebody works, a row keeps its place and its group.

    A row that left the view is left out, and comes back to its place when the step is undone; a new one
    joins the end of its own group.
    """

    def __init__(self) -> None:
        self._places: dict[ReferralStage, list[int]] = {}

    def forget(self) -> None:
        """The next list is taken as it comes."""
        self._places = {}

    def settle(self, now: Groups) -> dict[ReferralStage, Sequence[int]]:
        """The groups of ``now`` in the standing order."""
        if not self._places:
            self._places = {stage: list(ids) for stage, ids in now.items()}
            return dict(now)
        there = set().union(*now.values())
        known = set().union(*self._places.values())
        for stage, ids in now.items():
            self._places.setdefault(stage, []).extend(one for one in ids if one not in known)
        shown = {
            stage: [one for one in self._places[stage] if one in there]
            for stage in LOOP_ORDER
            if stage in self._places
        }
        return {stage: ids for stage, ids in shown.items() if ids}


class GroupedReferrals:
    """The list as a row source: ids by stage are known at once, lines are read by window."""

    def __init__(
        self,
        groups: Groups,
        read: Callable[[Sequence[int]], Sequence[ReferralListRow]],
        paint: Callable[[ReferralListRow, ReferralStage], Row],
    ) -> None:
        self._groups = [(stage, ids) for stage, ids in groups.items() if ids]
        self._read, self._paint = read, paint
        sizes = [len(ids) + 1 for _, ids in self._groups]
        self._starts = [0, *accumulate(sizes)]

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, window: slice, /) -> list[Row]:
        start, stop, _ = window.indices(len(self))
        wanted: list[tuple[ReferralStage, int | None]] = []  # None: the heading
        for first, (stage, ids) in zip(self._starts, self._groups, strict=False):
            if first >= stop or first + len(ids) < start:
                continue
            if first >= start:
                wanted.append((stage, None))
            wanted.extend((stage, one) for one in ids[max(0, start - first - 1) : stop - first - 1])
        lines = {line.id: line for line in self._read([one for _, one in wanted if one is not None])}
        return [self._row(stage, one, lines) for stage, one in wanted]

    def _row(self, stage: ReferralStage, one: int | None, lines: Mapping[int, ReferralListRow]) -> Row:
        if one is None:
            count = len(dict(self._groups)[stage])
            return Row(heading_id(stage), (f"{stage.label.upper()}  {count:,}",), kind="header")
        line = lines.get(one)
        if line is None:  # another window removed it since the ids were read; the next reload closes the gap
            return Row(one, ("no longer there", *[""] * (len(REFERRAL_COLUMNS) - 1)), style="dim")
        return self._paint(line, stage)

    def header_at(self, index: int, /) -> int | None:
        """The heading that a row stands under."""
        return self._starts[bisect_right(self._starts, index) - 1] if self._groups else None

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {
            one: first + 1 + place
            for first, (_, ids) in zip(self._starts, self._groups, strict=False)
            for place, one in enumerate(ids)
        }

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where a referral stands in the list."""
        return self._places.get(record_id)


# --- the bar of the views ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ViewTab:
    """One view: its key, its words for a wide and for a narrow terminal."""

    view: View
    key: str
    words: str
    short: str


class ViewBar(OneLine):
    """``All 38  D no date 9  Q quiet 4``; the one shown stands in brackets too. A click picks."""

    DEFAULT_CSS = """
    ViewBar {
        & > .bar--dim { color: $text-muted; }
        & > .bar--strong { text-style: bold; }
        & > .bar--accent { color: $text-accent; text-style: bold; }
        & > .bar--alarm { color: $text-error; text-style: bold; }
        & > .bar--waiting { color: $text-warning; }
    }
    """

    class Picked(Message):
        """A view was clicked."""

        def __init__(self, view: View) -> None:
            super().__init__()
            self.view = view

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._ends: list[tuple[int, View]] = []

    def show_views(
        self, tabs: Sequence[ViewTab], counts: Mapping[View, int], current: View, note: str = ""
    ) -> None:
        """Draw the views with their counts; ``note`` stands at the right."""
        right = Text(f"{note} ", style=self.role("dim")) if note else Text()
        line = self._line(tabs, counts, current, is_short=False)
        if line.cell_len + right.cell_len + 2 > self.size.width:
            line = self._line(tabs, counts, current, is_short=True)
        self.show(line, right)

    def _line(
        self, tabs: Sequence[ViewTab], counts: Mapping[View, int], current: View, *, is_short: bool
    ) -> Text:
        line = Text()
        self._ends = []
        gap = "" if is_short else " "
        for tab in tabs:
            line.append(gap if self._ends else "", style=self.role("dim"))
            count = counts.get(tab.view, 0)
            chosen = tab.view is current
            line.append("[" if chosen else " ", style=self.role("accent"))
            line.append(f"{tab.key} " if tab.key else "", style=self.role("accent"))
            style = "accent" if chosen else "strong" if count and tab.view is not View.ALL else "dim"
            line.append(f"{tab.short if is_short else tab.words} {count:,}", style=self.role(style))
            line.append("]" if chosen else " ", style=self.role("accent"))
            self._ends.append((line.cell_len, tab.view))
        return line

    def on_click(self, event: events.Click) -> None:
        """The view under the mouse."""
        for end, view in self._ends:
            if event.x < end:
                self.post_message(self.Picked(view))
                return
