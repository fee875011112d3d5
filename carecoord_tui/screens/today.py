"""Today: the one list that answers "what now?", ranked, complete, and saying why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.day_sections import SECTIONS
from carecoord_tui.domain.ranking import Lane, Ranked
from carecoord_tui.domain.rows import TodayView
from carecoord_tui.screens.base import Subject, read_counts
from carecoord_tui.screens.list_beside import PANE_FROM_WIDTH, ListBesidePerson
from carecoord_tui.store.queries.today import count_without_action, next_ahead, read_today
from carecoord_tui.widgets.bars import OneLine
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.today_rows import (
    COLUMNS,
    MORE_ID,
    WAITING_ID,
    RowId,
    Standing,
    TodayLines,
    put_items,
    row_id,
    standing_of,
)

EMPTY = "Nothing is waiting.\n+ adds a follow-up, 2 shows the caseload."

AT_THE_TOP = Standing(-1, "now", "")


class SummaryBar(OneLine):
    """The counts under the header."""

    DEFAULT_CSS = """
    SummaryBar {
        & > .bar--dim { color: $text-muted; }
        & > .bar--strong { text-style: bold; }
        & > .bar--alarm { color: $text-error; text-style: bold; }
        & > .bar--waiting { color: $text-warning; }
        & > .bar--accent { color: $text-accent; }
    }
    """


class TodayScreen(ListBesidePerson):
    """The ranked day. The order stands still while working; ``.`` ranks anew."""

    SCOPES = (Scope.ITEM, Scope.LIST, Scope.TODAY)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "today"

    def __init__(self) -> None:
        super().__init__()
        self._view: TodayView | None = None
        self._lines = TodayLines()
        self._standing: dict[RowId, Standing] = {}  # as ranked last; empty: rank anew
        self._new = 0
        self._arrived: RowId | None = None  # the first safety row that is new, after ranking the first of all
        self._opened: set[str] = set()

    def compose_body(self) -> ComposeResult:
        """Counts, list, pane, and the two lines of a narrow terminal."""
        yield SummaryBar(id="summary")
        yield from self.compose_list()

    def make_list(self) -> RecordList:
        """Lines without column titles: the sections say what they are."""
        return RecordList(COLUMNS, empty_text=EMPTY, show_header=False, id="list")

    # --- reading ---------------------------------------------------------------------------

    def reload(self) -> None:
        """Rank again; rows already on screen keep their order, new ones wait for ``.``."""
        reader = self.app.reader
        limit, known = reader.settings.people_shown, self.app.known_items
        self._view = read_today(reader.execute, reader.moment(), limit=limit, known=known)
        self._lines = self._compose_lines(self._view)
        listing = self.query_one(RecordList)
        if not self._lines.rows:
            listing.empty_text = self._empty_text()
        listing.set_source(self._lines.rows, keep_marks=True)
        if self._arrived is not None:
            listing.bring_into_view(self._arrived)
        self._show_summary()
        self.show_person()

    def _empty_text(self) -> str:
        """What comes next when nothing is due: after an import the first check-ins lie ahead."""
        reader = self.app.reader
        ahead = next_ahead(reader.execute, reader.today())
        if ahead is None:
            return EMPTY
        day, count = ahead
        things = "1 item" if count == 1 else f"{count} items"
        return f"Nothing is due. Next: {things} on {format_day(day, reader.today())}.\n{EMPTY}"

    def _compose_lines(self, view: TodayView) -> TodayLines:
        day = view.day
        due = self._in_standing_order(day.due)
        lines = TodayLines()
        moment, name = view.moment, self.app.shown_name
        for kind, title, _ in SECTIONS:
            group = [ranked for ranked in due if self._standing[row_id(ranked)].section == kind]
            if group:
                lines.heading(title)
                put_items(lines, group, moment, name, self._opened, self._fold)
        if view.more_due:
            self._put_more(lines, view)
        if day.upcoming:
            lines.heading("THIS WEEK")
            put_items(lines, day.upcoming, moment, name, self._opened)
        if view.waiting:
            self._put_waiting(lines, view)
        return lines

    def _put_more(self, lines: TodayLines, view: TodayView) -> None:
        lines.add(
            Row(MORE_ID, (Text(f"  {view.more_due} more due: decide", style="waiting"),), kind="line"),
            view.day.more_due,
        )

    def _put_waiting(self, lines: TodayLines, view: TodayView) -> None:
        broken = view.past_promise
        past = f" · {broken} past promise" if broken else ""
        text = f"WAITING {view.waiting}{past}"
        lines.add(Row(WAITING_ID, (Text(text, style="waiting"),), kind="line"))

    def _in_standing_order(self, due: Sequence[Ranked]) -> list[Ranked]:
        """Rows as they stood when ranked last; what came since is counted until ``.``.

        Place, section and fold all stand still, so that the next key hits the row that is seen.
        """
        safety = [row_id(ranked) for ranked in due if ranked.lane is Lane.SAFETY]
        self._arrived = next((one for one in safety if one not in self._standing), None)
        if not self._standing:
            self._standing = standing_of(due)
            self._new = 0
            return list(due)
        for one in safety:  # never waits for a key: it stands on top at once, in sight
            self._standing.setdefault(one, AT_THE_TOP)
        known = [ranked for ranked in due if row_id(ranked) in self._standing]
        self._new = len(due) - len(known)
        return sorted(known, key=lambda ranked: self._standing[row_id(ranked)].place)

    def _fold(self, ranked: Ranked) -> str:
        """The group a row is drawn in: in an opened one it stays, whatever became of it."""
        standing = self._standing.get(row_id(ranked))
        if standing is not None and standing.group_key in self._opened:
            return standing.group_key
        return ranked.item.group_key

    def forget_order(self) -> None:
        """Rank anew, with what came in meanwhile."""
        self._standing = {}

    # --- what is shown -----------------------------------------------------------------------

    def show_bars(self) -> None:
        """The counts too."""
        super().show_bars()
        self._show_summary()

    def _show_summary(self) -> None:
        view = self._view
        if view is None:
            return
        bar = self.query_one(SummaryBar)
        wide = self.size.width >= PANE_FROM_WIDTH
        late, missing = view.past_due, count_without_action(self.app.reader.execute)
        broken = f", {view.past_promise} past promise" if view.past_promise else ""
        room = wide or not self._new  # on a narrow line what is new goes before what can wait
        parts = (
            (f"{late} past due", "alarm" if late else "dim"),
            (f"{view.due_today} {'due today' if wide else 'today'}", "strong"),
            *([(f"{view.check_ins} check-ins", "dim")] if wide and view.check_ins else []),
            *([(f"{view.week_ahead} {'more this week' if wide else 'this week'}", "dim")] if room else []),
            (
                f"waiting {view.waiting}{broken if wide else broken.removesuffix(' promise')}",
                "waiting" if broken else "dim",
            ),
            *(
                [
                    (
                        f"{missing} without {'a next action' if wide else 'action'}",
                        "alarm" if missing else "dim",
                    )
                ]
                if room or missing
                else []
            ),
        )
        text = Text(" ")
        for number, (words, role) in enumerate(parts):
            text.append(" · " if number else "", style=bar.role("dim"))
            text.append(words, style=bar.role(role))
        note = Text(f"{self._new} new · . to re-rank ", style=bar.role("accent")) if self._new else None
        bar.show(text, note)

    def highlighted_person(self) -> tuple[int, Ranked | None] | None:
        """The item's person."""
        ranked = self._highlighted()
        return None if ranked is None else (ranked.item.patient_id, ranked)

    def counts(self) -> dict[str, str]:
        """From the view that is on screen."""
        if self._view is None:
            return super().counts()
        found = read_counts(self.app.reader.execute, self._view)
        self.app.kept_counts = (self._view.moment.today, found)
        return found

    # --- the subject -------------------------------------------------------------------------

    def _highlighted(self) -> Ranked | None:
        behind = self._lines.behind.get(self.query_one(RecordList).cursor_id, ())
        return behind[0] if behind else None

    def subject(self) -> Subject:
        """Marked rows, else the highlighted one; a folded group stands for all its members."""
        listing = self.query_one(RecordList)
        chosen = [row.id for row in self._lines.rows if row.id in listing.marks] or [listing.cursor_id]
        items: dict[int, Ranked] = {}
        for one in chosen:
            # "N more due" stands for what nobody sees here: that is decided on a screen of its own.
            for ranked in () if one == MORE_ID else self._lines.behind.get(one, ()):
                items.setdefault(ranked.item_id, ranked)
        found = tuple(items.values())
        if not found:
            return Subject()
        first = found[0]
        return Subject(found, first.item.patient_id, first.person.name)

    async def action_run(self) -> None:
        """Go through the rows card by card: the marked ones, else all, in the order they stand."""
        marks = self.query_one(RecordList).marks
        chosen = [row.id for row in self._lines.rows if row.id in marks or not marks]
        # What is counted in "more due" is decided first, on a screen of its own.
        behind = (self._lines.behind.get(one, ()) for one in chosen if one != MORE_ID)
        refs = list(dict.fromkeys(ranked.item.ref for several in behind for ranked in several))
        if not refs:
            self.say("There is nothing to go through here.")
            return
        await self.app.full_practice()
        from carecoord_tui.screens.run import RunScreen

        self.app.push_screen(RunScreen(refs, "Today"))

    @on(RecordList.Chosen)
    def _open(self, event: RecordList.Chosen) -> None:
        """A group opens or folds, the two counts open their screens; an item opens the patient page."""
        one = event.record_id
        if one == MORE_ID:
            self.app.action_decide()
            return
        if one == WAITING_ID:
            self.app.action_waiting_list()
            return
        if isinstance(one, tuple) and one[0] == "group":
            self._opened.symmetric_difference_update({str(one[1])})
            self.reload()
            return
        ranked = self._highlighted()
        if ranked is not None:
            self.app.open_patient(ranked.item.patient_id, ranked.item.ref)

    def action_back(self) -> None:
        """Close the pane, clear marks, then close what was opened."""
        listing = self.query_one(RecordList)
        if self.close_pane():
            return
        if listing.marks:
            listing.clear_marks()
        elif self._opened:
            self._opened.clear()
            self.reload()

    def action_filter(self) -> None:
        """Today is short by design; looking for somebody is the jump."""
        self.app.action_jump()

    def footer_note(self) -> str:
        """When the last backup was made."""
        practice = self.app.practice
        if practice is None or practice.settings.is_demo or self.size.width < PANE_FROM_WIDTH:
            return ""
        from carecoord_tui.store.daily_backup import last_backup_words

        return last_backup_words(practice.paths, practice.today())


SCREEN = TodayScreen
