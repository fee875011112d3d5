"""The day's papers: read one, mark a day off, write it as text, Markdown or PDF, copy it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Label, Static

from carecoord_tui.documents.day_papers import (
    PaperFormat,
    PaperKind,
    Wanted,
    rows_of,
)
from carecoord_tui.domain.cover import Away, AwayError, CoverRow, last_day
from carecoord_tui.domain.date_words import format_day
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.day_sections import due_words
from carecoord_tui.domain.huddle import huddle_days
from carecoord_tui.domain.vocabulary import CoverMark
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.screens.paper_making import PaperMaking
from carecoord_tui.screens.papers_days import hold_notice, hold_refusal, proposed_away, put_back_words
from carecoord_tui.store.actions.cover import mark_items
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.boss_line import read_boss_line
from carecoord_tui.store.queries.day_papers import next_visits
from carecoord_tui.store.queries.today import read_today
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import styled
from carecoord_tui.widgets.progress_line import ProgressLine
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.scrolling import scroll

COLUMNS = (
    Column("mark", width=8, style="accent"),
    Column("due", width=14),
    Column("who", min_width=14, max_width=22, style="strong"),
    Column("what", min_width=20, grow=3),
    Column("last", width=14, style="dim", priority=50),
)
KINDS = {"1": PaperKind.TODAY, "2": PaperKind.HUDDLE, "3": PaperKind.HANDOFF}
TITLES = {PaperKind.TODAY: "Today", PaperKind.HUDDLE: "Huddle sheet", PaperKind.HANDOFF: "Handoff sheet"}


class PapersSheet(PaperMaking):
    """Stays open after a paper was made, so that it says where the paper lies."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "papers.tcss"]
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"choose({key!r})", TITLES[kind], show=False) for key, kind in KINDS.items()),
        Binding("p", "write('pdf')", "PDF", id="papers.pdf", show=False),
        Binding("m", "write('md')", "Markdown", id="papers.markdown", show=False),
        Binding("x", "write('txt')", "Text file", id="papers.text", show=False),
        Binding("t", "copy", "Copy", id="papers.copy", show=False),
        Binding("l", "copy_line", "Copy the line", id="papers.line", show=False),
        Binding("left", "day(-1)", "Day before", show=False),
        Binding("right", "day(1)", "Day after", show=False),
        Binding("n", "next_visits", "Next day with visits", id="papers.next", show=False),
        Binding("b", "mark('before')", "Before", id="papers.before", show=False),
        Binding("c", "mark('cover')", "Cover", id="papers.cover", show=False),
        Binding("h", "mark('hold')", "Hold", id="papers.hold", show=False),
        Binding("d", "days", "Days off", id="papers.days", show=False),
        Binding("v", "view", "List or sheet", id="papers.view", show=False),
        Binding("space", "tick", "Tick", show=False),
        Binding("u", "undo", "Undo", id="papers.undo", show=False),
        Binding("ctrl+s", "save", "Save the marks", id="papers.save", show=False, priority=True),
        Binding("j,down", "scroll('down')", "Down", show=False),
        Binding("k,up", "scroll('up')", "Up", show=False),
        Binding("pagedown", "scroll('page_down')", "Page down", show=False),
        Binding("pageup", "scroll('page_up')", "Page up", show=False),
        Binding("g,home", "scroll('home')", "Top", show=False),
        Binding("G,end", "scroll('end')", "Bottom", show=False),
    ]
    asks_before_leaving = True
    unsaved_words = "The marks are not saved: ctrl+s saves them, esc again leaves without."

    def __init__(self, practice: Practice, away: Away | None = None) -> None:
        """``away`` are the days off as typed earlier in this session."""
        super().__init__()
        self.practice = practice
        self.kind = PaperKind.TODAY
        self.huddle_day = practice.today()
        self.away = proposed_away(practice, away)
        self.is_list = True  # of the handoff: its items, else the sheet
        self._rows: dict[ItemRef, CoverRow] = {}
        self._marks: dict[ItemRef, CoverMark] = {}  # changed here and not saved yet
        view = read_today(practice.execute, practice.moment(), limit=practice.settings.people_shown)
        self._line = read_boss_line(practice.execute, view).words

    # --- what stands there ----------------------------------------------------------------------

    def heading(self) -> str:
        """Which paper, of which day."""
        if self.kind is PaperKind.HUDDLE:
            return f"Huddle sheet, {self._day(self.huddle_day)} and the next working day"
        if self.kind is PaperKind.HANDOFF:
            days = f"Handoff: off from {self._day(self.away.off)}, back on {self._day(self.away.back)}"
            unsaved = f"{len(self._marks)} mark{'' if len(self._marks) == 1 else 's'} not saved, ctrl+s"
            return f"{days} · {unsaved}" if self._marks else days
        return f"Today on paper · {self._line}"

    def _day(self, day: date) -> str:
        return format_day(day, self.practice.today())

    def hint(self) -> str:
        """The keys of this paper."""
        made = "p PDF · m md · x text · t copy · esc"
        if self.kind is PaperKind.TODAY:
            return f"1 2 3 paper · {made} · l copy the line"
        if self.kind is PaperKind.HUDDLE:
            return f"1 2 3 · left right day · n next visits · {made}"
        return f"b c h mark · d days · v sheet · {made}" if self.is_list else f"v list · d days · {made}"

    def compose_body(self) -> ComposeResult:
        """The days off, the items to mark, the paper, what was made."""
        yield Static(self._choices(), id="papers-kinds")
        with Horizontal(id="papers-days"):
            for label, name, day in (("Off from", "off", self.away.off), ("Back on", "back", self.away.back)):
                yield Label(label)
                yield DateInput(
                    today=self.practice.today(),
                    order=self.practice.settings.date_order,
                    is_business_day=self.practice.context.calendar.is_working_day,
                    proposal=When(day, None),
                    id=name,
                )
        yield RecordList(
            COLUMNS, show_header=False, empty_text="Nothing is open in these days.", id="papers-list"
        )
        with VerticalScroll(id="papers-scroll", can_focus=False):
            yield Static("", id="papers-text", markup=False)
        yield ProgressLine(id="papers-progress")
        yield Static("", id="papers-made", markup=False)

    def _choices(self) -> Content:
        """The papers with their keys; the chosen one is bold."""
        parts = []
        for key, kind in KINDS.items():
            look = "bold" if kind is self.kind else ""
            parts += [styled(f"{key} ", "$text-accent"), styled(TITLES[kind], look), styled("   ")]
        return Content.assemble(*parts)

    def on_mount(self) -> None:
        """Today's paper."""
        super().on_mount()
        self.query_one("#papers-days").display = False
        self.query_one(ProgressLine).display = False
        self._show()

    @property
    def wanted(self) -> Wanted:
        """The paper in front."""
        return Wanted(self.kind, day=self.huddle_day, away=self.away)

    @property
    def _lists_items(self) -> bool:
        return self.kind is PaperKind.HANDOFF and self.is_list

    def _show(self) -> None:
        """Draw what is in front."""
        self.problem("")
        self.said("")
        listing, paper = self.query_one(RecordList), self.query_one("#papers-scroll")
        listing.display, paper.display = self._lists_items, not self._lists_items
        self.query_one("#papers-kinds", Static).update(self._choices())
        self.query_one("#sheet-hint", Static).update(Content(self.hint()))
        self.show_heading()
        if self._lists_items:
            self._read_rows()
            self.problem(put_back_words(self._rows.values()))
            listing.focus()
            return
        self.set_focus(None)
        self.show_paper()

    def action_choose(self, key: str) -> None:
        """Another paper."""
        self.kind = KINDS[key]
        self._show()

    def action_day(self, by: int) -> None:
        """The huddle of the working day before or after."""
        if self.kind is PaperKind.HUDDLE:
            self.huddle_day = self.practice.context.calendar.add_working_days(self.huddle_day, by)
            self._show()

    def action_next_visits(self) -> None:
        """The huddle of the next day with visits, past the two days in front."""
        if self.kind is not PaperKind.HUDDLE:
            return
        last = huddle_days(self.huddle_day, self.practice.context.calendar)[-1]
        ahead = next_visits(self.practice.execute, self.practice.moment(), last)
        if ahead is None:
            self.said("No visit is booked after these days.")
            return
        self.huddle_day = ahead[0]
        self._show()

    def action_view(self) -> None:
        """The handoff's items, or its sheet; unsaved marks are saved first, so that both say the same."""
        if self.kind is PaperKind.HANDOFF and self._saved():
            self.is_list = not self.is_list
            self._show()

    def action_scroll(self, where: str) -> None:
        """Through the paper."""
        scroll(self.query_one("#papers-scroll", VerticalScroll), where)

    # --- days off -------------------------------------------------------------------------------

    def action_days(self) -> None:
        """Type the days off."""
        if self.kind is PaperKind.HANDOFF:
            self.query_one("#papers-days").display = True
            self.query_one("#off Input", Input).focus()

    @on(DateInput.Submitted)
    def _typed(self, event: DateInput.Submitted) -> None:
        """Enter in the first goes to the second; in the second the days are taken."""
        event.stop()
        if event.date_input.id == "off":
            self.query_one("#back Input", Input).focus()
            return
        off = self.query_one("#off", DateInput)
        first = off.value.on if off.value is not None else self.away.off
        if event.value is None or (off.text and off.value is None):
            self.problem("Type a day, such as tomorrow, fri or 12/4.")
            return
        back = event.value.on
        if not event.date_input.text and back <= first:
            back = self.practice.context.calendar.next_working_day(first)
        try:
            away = Away(first, back)
        except AwayError as error:
            self.problem(str(error))
            event.date_input.query_one(Input).select_all()
            return
        if self._saved():
            self.away = self.app.away_days = away
            self.query_one("#papers-days").display = False
            self._show()

    # --- marks ----------------------------------------------------------------------------------

    def _read_rows(self) -> None:
        self._rows = {row.ref: row for row in rows_of(self.practice, self.away)}
        self._marks = {ref: mark for ref, mark in self._marks.items() if ref in self._rows}
        self._show_rows()

    def _show_rows(self) -> None:
        self.show_heading()
        self.query_one(RecordList).set_source([self._row(row) for row in self._rows.values()])

    def _row(self, row: CoverRow) -> Row:
        """One line; a star stands at a mark that is not the proposal, ``!`` where a hold was put back."""
        ranked, moment = row.ranked, self.practice.moment()
        mark = self._marks.get(row.ref, row.mark)
        sign = " !" if row.was_held and row.ref not in self._marks else "" if mark is row.proposed else " *"
        last_on = last_day(ranked.item, moment)
        last = f"by {self._day(last_on)}" if last_on is not None else ""
        return Row(
            row.ref,
            (
                f"{mark.value}{sign}",
                due_words(ranked, moment),
                safe_text(self.app.shown_name(ranked.person.name)),
                safe_text(ranked.title),
                last,
            ),
        )

    def action_mark(self, word: str) -> None:
        """Mark the highlighted item, or every ticked one, and go to the next."""
        listing = self.query_one(RecordList)
        if not self._lists_items or not self._rows:
            return
        chosen = listing.marks or {listing.cursor_id}
        rows = [row for row in self._rows.values() if row.ref in chosen]
        mark = CoverMark(word)
        self.problem("")
        if mark is CoverMark.HOLD:
            moment = self.practice.moment()
            refusal = hold_refusal(rows, self.away, moment)
            if refusal:
                self.problem(safe_text(refusal))
                return
            self.tell(safe_text(hold_notice(rows, self.away, moment)))
        for row in rows:
            self._mark(row.ref, mark)
        listing.clear_marks()
        self._show_rows()
        listing.action_cursor_down()

    def action_tick(self) -> None:
        """Tick the item, so that a mark goes to several; on a paper a page down."""
        if self._lists_items:
            self.query_one(RecordList).toggle_mark()
        else:
            self.action_scroll("page_down")

    async def action_undo(self) -> None:
        """The newest change, as everywhere; it may ask first."""
        await self.app.action_undo()
        self._read_again()

    def on_screen_resume(self) -> None:
        """In front again: what was asked above may have changed the marks."""
        super().on_screen_resume()
        self._read_again()

    def _read_again(self) -> None:
        if self.is_mounted and self._lists_items and not self.app.is_locked:
            self._read_rows()

    def _mark(self, ref: ItemRef, mark: CoverMark) -> None:
        if mark is self._rows[ref].mark and not self._rows[ref].was_held:
            self._marks.pop(ref, None)
        else:
            self._marks[ref] = mark

    def has_draft(self) -> bool:
        """Marks that are not saved."""
        return bool(self._marks)

    def texts(self) -> dict[str, str]:
        """The unsaved marks: what a second esc would lose."""
        return {str(ref.record_id) + ref.rule_id: mark.value for ref, mark in self._marks.items()}

    def action_save(self) -> None:
        """Keep the marks, all in one change."""
        if self.kind is PaperKind.HANDOFF and self._marks and self._saved():
            self._show()
            self.said("Marks saved.  u undoes it")

    def _saved(self) -> bool:
        """True when no mark is unsaved any more."""
        if not self._marks:
            return True
        changed = {
            ref: None if mark is self._rows[ref].proposed else mark for ref, mark in self._marks.items()
        }
        if not self.attempt(lambda: mark_items(self.practice, changed, self.away)):
            return False
        self._marks = {}
        return True

    # --- making -----------------------------------------------------------------------------------

    def action_write(self, form: str) -> None:
        """Into the papers folder."""
        if self._is_ready():
            self.start_file(self.wanted, PaperFormat(form))

    def action_copy(self) -> None:
        """The paper as text to the terminal's clipboard; logged first."""
        if self._is_ready():
            self.start_copy(self.wanted)

    def action_copy_line(self) -> None:
        """The boss's line; it holds numbers only."""
        self.app.copy_to_clipboard(self._line)
        self.said(f"Sent to the terminal's clipboard: {self._line}")

    def _is_ready(self) -> bool:
        """A paper is made of what stands there: unsaved marks are saved first."""
        self.problem("")
        if not self._saved():
            return False
        if self._lists_items:
            self._read_rows()
        return True

    # --- leaving ----------------------------------------------------------------------------------

    def action_cancel(self) -> None:
        """Stop what is being made; from the days back to the list; from there away."""
        if self.stop_making():
            return
        days = self.query_one("#papers-days")
        if days.display:
            days.display = False
            self._show()
        else:
            super().action_cancel()


SCREEN = PapersSheet
