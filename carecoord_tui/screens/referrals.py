"""Referrals: every open one by stage with its age against its limit, and the exceptions by one key each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.referral_ageing import stalled_days
from carecoord_tui.domain.referral_rows import ReferralListRow, View
from carecoord_tui.domain.settle import Need
from carecoord_tui.domain.vocabulary import Kind, ReferralStage
from carecoord_tui.screens.base import UNDO_OFFER, Subject
from carecoord_tui.screens.filtering import FilteredScreen
from carecoord_tui.screens.list_beside import ListBesidePerson, moved_words
from carecoord_tui.store.queries.referral_filter import ReferralFilter
from carecoord_tui.store.queries.referral_views import Days, count_views
from carecoord_tui.store.queries.referrals import list_ids, read_refs, read_rows
from carecoord_tui.store.queries.today import items_about
from carecoord_tui.widgets.board import BoardView
from carecoord_tui.widgets.grouped_rows import GroupedRows
from carecoord_tui.widgets.person_pane import PersonLines, PersonPane
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.referral_cards import board_columns
from carecoord_tui.widgets.referral_rows import (
    REFERRAL_COLUMNS,
    Paint,
    ViewBar,
    gone_row,
    heading_row,
    referral_row,
    standing_order,
)
from carecoord_tui.widgets.tab_bar import Tab

TABS = (
    Tab(View.ALL, "", "All", "All", is_all=True),
    Tab(View.NO_DATE, "D", "no date", "no date"),
    Tab(View.QUIET, "Q", "quiet", "quiet"),
    Tab(View.NO_REPORT, "R", "no report", "no report"),
    Tab(View.URGENT, "U", "urgent", "urgent"),
    Tab(View.AUTHORIZATION, "B", "authorization", "auth."),
)
TITLES = {
    View.ALL: "Open referrals",
    View.NO_DATE: "Sent, no appointment date",
    View.QUIET: "Nothing done for a while",
    View.NO_REPORT: "Seen, no report",
    View.URGENT: "Urgent referrals",
    View.AUTHORIZATION: "Authorization missing or ending",
}
EMPTY = "No referral is open.\nr on a patient starts one, I brings a referral log in."
NOTHING_HERE = {
    View.ALL: EMPTY,
    View.NO_DATE: "Every referral that was sent has an appointment date.",
    View.QUIET: "Something was done about every open referral lately.",
    View.NO_REPORT: "There is a report for everybody who was seen.",
    View.URGENT: "No urgent referral is open.",
    View.AUTHORIZATION: "No visit waits for an authorization.",
}
NO_MATCH = "No referral matches.\nesc clears the filter, E looks among ended ones too."
FILTER_HINT = "patient, specialty, office, diagnosis code or reference"


class ReferralsScreen(ListBesidePerson, FilteredScreen):
    """The list of referrals. The order stands still while working; another view lists it anew."""

    SCOPES = (Scope.ITEM, Scope.LIST, Scope.REFERRALS)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "referrals"

    def __init__(self) -> None:
        super().__init__()
        self._shown = View.ALL
        self._ended = False
        self._narrow: ReferralFilter | None = None
        self._order = standing_order()
        self._groups: Mapping[ReferralStage, Sequence[int]] = {}
        self._counts: dict[View, int] = {}
        self._displaced = 0  # rows that stand elsewhere than in fresh order
        self._board: BoardView | None = None

    def compose_body(self) -> ComposeResult:
        """Views, filter line, list, pane, and the two lines of a narrow terminal."""
        yield ViewBar(id="views")
        yield from self.compose_filter(FILTER_HINT, on_demand=True)
        yield from self.compose_list()

    def make_list(self) -> RecordList:
        """Referrals under the headings of their stages."""
        return RecordList(REFERRAL_COLUMNS, empty_text=EMPTY, id="list")

    def on_mount(self) -> None:
        """The list is read; keys go to it."""
        self._list.focus()

    def on_screen_suspend(self) -> None:
        """Gone to another screen, not under a sheet: the next look is in fresh order."""
        if self not in self.app.screen_stack:
            self.forget_order()

    def forget_order(self) -> None:
        """The next list is in fresh order."""
        self._order.forget()

    # --- reading -----------------------------------------------------------------------------

    @property
    def _list(self) -> RecordList:
        return self.query_one("#list", RecordList)

    @property
    def _days(self) -> Days:
        reader = self.app.reader
        return Days(reader.today(), stalled_days(reader.context))

    def reload(self) -> None:
        """Read again: rows keep their place, the cursor its record or the next that is still here."""
        self._narrow = ReferralFilter(self.app.reader.execute)
        self.show_list()
        self.call_after_refresh(self._show_rest)

    def _show_rest(self) -> None:
        """Counts and the person follow the list: with 20,000 referrals they take longer than it."""
        if self.is_mounted and not self.app.is_locked:
            self._counts = count_views(self.app.reader.execute, self._days)
            self._show_views()
            self.show_person()

    def show_list(self) -> None:
        """List what the filter leaves."""
        reader = self.app.reader
        fresh = list_ids(
            reader.execute,
            self._shown,
            self._days,
            ended=self._ended,
            text=self.filter_text,
            order=reader.settings.date_order,
            narrow=self._narrow,
        )
        self._groups = self._order.settle(fresh)
        self._displaced = self._order.moved(fresh)
        self._list.empty_text = NO_MATCH if self.filter_text.strip() else NOTHING_HERE[self._shown]
        paint = self._paint()
        self._list.set_source(
            GroupedRows(
                self._groups,
                heading=heading_row,
                read=lambda ids: {line.id: line for line in self._read(ids)},
                paint=lambda line, group: referral_row(line, group, paint),
                gone=gone_row,
            ),
            keep_marks=bool(self.filter_text),
        )
        if self._board is not None and self._board.is_mounted:
            self._board.show(board_columns(fresh, self._read, paint, ended=self._ended))
        found = sum(map(len, self._groups.values()))
        self.query_one("#count", Static).update(
            Content(f"{found:,} found" if self.filter_text.strip() else "")
        )

    def _paint(self) -> Paint:
        reader = self.app.reader
        return Paint(reader.context, reader.moment(), self.app.shown_name)

    def _read(self, ids: Sequence[int]) -> list[ReferralListRow]:
        return read_rows(self.app.reader.execute, ids, self.app.reader.today())

    def _show_views(self) -> None:
        note = moved_words(self._displaced) or ("ended too" if self._ended else "")
        self.query_one(ViewBar).show_tabs(TABS, self._counts, self._shown, note)

    def show_bars(self) -> None:
        """The views too."""
        super().show_bars()
        self._show_views()

    # --- views -------------------------------------------------------------------------------

    def _list_anew(self) -> None:
        """Another choice of rows: fresh order; the cursor stays on its record, else goes to the first."""
        self._order.forget()
        self._list.stay_or_start_over()
        self.show_list()
        self._show_views()

    def action_view(self, name: str) -> None:
        """List one kind of exception; the same key again lists all."""
        view = View(name)
        self._shown = View.ALL if view is self._shown else view
        self._ended = False
        self._list_anew()

    def action_ended(self) -> None:
        """Ended referrals too, or the open ones alone again."""
        self._ended = not self._ended
        self._shown = View.ALL
        self._list_anew()

    @on(ViewBar.Picked)
    def _picked(self, event: ViewBar.Picked) -> None:
        if event.value is not self._shown:
            self.action_view(event.value)

    async def action_measures(self) -> None:
        """The measures of referrals."""
        from carecoord_tui.screens.referral_measures import ReferralMeasuresSheet

        self.app.push_screen(ReferralMeasuresSheet(await self.app.full_practice()))

    # --- board -------------------------------------------------------------------------------

    def action_other_view(self) -> None:
        """The board, or the table again; the cursor stays on its referral."""
        if self._board is None:
            self._show_board()
        else:
            self._close_board(self._board)
        self._place_pane()

    def _show_board(self) -> None:
        board = self._board = BoardView(id="board")
        here = self._list.cursor_id
        self._list.display = False

        def filled() -> None:
            board.show(board_columns(self._groups, self._read, self._paint(), ended=self._ended))
            if here is not None:
                board.move_to(here)
            board.focus_cards()

        self.query_one("#body").mount(board, after="#list")
        self._order.forget()
        board.call_after_refresh(filled)

    def _close_board(self, board: BoardView) -> None:
        here, self._board = board.cursor_id, None
        board.remove()
        self._list.display = True
        self._order.forget()
        self.show_list()
        if here is not None:
            self._list.move_to(here)
        self._list.focus()

    def _place_pane(self) -> None:
        """Beside the board there is no room for the pane: the two lines stand below it."""
        super()._place_pane()
        if self._board is not None and not self._pane_wanted:
            self.query_one(PersonPane).display = False
            self.query_one(PersonLines).display = True

    @on(BoardView.Highlighted)
    def _card_highlighted(self) -> None:
        self._moved()

    # --- filter ------------------------------------------------------------------------------

    def before_filtering(self) -> None:
        """Other rows are listed in fresh order."""
        self._order.forget()

    def focus_rows(self) -> None:
        """Keys go to the rows, or to the cards."""
        if self._board is not None:
            self._board.focus_cards()
        else:
            self._list.focus()

    def action_back(self) -> None:
        """Clear the filter, close the pane, clear the marks, list all again, go back."""
        if self.leave_filter() or self.close_pane():
            return
        if self._list.marks:
            self._list.clear_marks()
        elif self._shown is not View.ALL or self._ended:
            self._shown, self._ended = View.ALL, False
            self._list_anew()
        elif self._board is not None:
            self.action_other_view()
        else:
            super().action_back()

    # --- the subject -------------------------------------------------------------------------

    def _chosen(self) -> int | None:
        """The referral under the cursor."""
        one = self._board.cursor_id if self._board is not None else self._list.cursor_id
        return one if isinstance(one, int) else None

    def _items(self, ids: Sequence[int]) -> dict[int, Ranked]:
        reader = self.app.reader
        return items_about(reader.execute, Kind.REFERRAL, ids, reader.moment())

    def highlighted_person(self) -> tuple[int, Ranked | None] | None:
        """The referral's patient, at this referral."""
        chosen = self._chosen()
        line = next(iter(self._read([chosen])), None) if chosen is not None else None
        return None if line is None else (line.patient_id, self._items([line.id]).get(line.id))

    def subject(self) -> Subject:
        """The marked referrals in the order of the list, else the highlighted one."""
        chosen = self._chosen()
        marked = self._list.marks if self._board is None else frozenset()
        ids = [one for group in self._groups.values() for one in group if one in marked] if marked else []
        ids = ids or ([] if chosen is None else [chosen])
        line = next(iter(self._read([chosen if chosen in ids else ids[0]])), None) if ids else None
        if line is None:
            return Subject()
        items = self._items(ids)
        found = tuple(items[one] for one in ids if one in items)
        missing = len(ids) > 1 and len(found) < len(ids)  # of an ended one nobody knows here whose it is
        return Subject(found, line.patient_id, line.patient_name, several=missing)

    def _referral_or_say(self) -> int | None:
        """The referral under the cursor; an ended one has its track and its packet too."""
        chosen = self._chosen()
        return super()._referral_or_say() if chosen is None else chosen

    @on(RecordList.Chosen)
    @on(BoardView.Chosen)
    def _open(self) -> None:
        found = self.highlighted_person()
        if found is not None:
            patient_id, ranked = found
            self.app.open_patient(patient_id, ranked.item.ref if ranked is not None else None)

    # --- acts --------------------------------------------------------------------------------

    async def action_advance(self) -> None:
        """One stage on at once where a day is all it needs; otherwise the sheet asks."""
        from carecoord_tui.screens.settle import SettleSheet, choices_for
        from carecoord_tui.store.actions.base import Refused
        from carecoord_tui.store.actions.settle import settle
        from carecoord_tui.store.errors import StoreError

        subject = self._subject_or_say(needs_item=True)
        if subject is None or len({ranked.item.rule_id for ranked in subject.items}) > 1:
            await self.action_done()  # says why not
            return
        practice = await self.app.full_practice()
        choice = choices_for(practice, subject.items[0])[0]
        if choice.need is not Need.DATE:
            await self.action_done()
            return
        try:
            settle(practice, subject.refs, choice, None)
        except Refused as error:  # a name is missing, or the visit is still ahead: the sheet asks for it
            sheet = SettleSheet(practice, subject)
            await self.app.push_screen(sheet)
            sheet.problem(str(error))
        except StoreError as error:
            self.say(str(error), alarm=True)
        else:
            self.say(f"Recorded: {choice.label}.  {UNDO_OFFER}")

    async def action_run(self) -> None:
        """Card by card, in this order."""
        from carecoord_tui.screens.run import RunScreen

        practice = await self.app.full_practice()
        refs = read_refs(practice.execute, [one for group in self._groups.values() for one in group])
        if refs:
            self.app.push_screen(RunScreen(refs, TITLES[self._shown]))
        else:
            self.say("There is nothing to go through here.")


SCREEN = ReferralsScreen
