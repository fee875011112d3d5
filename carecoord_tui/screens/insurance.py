"""Insurance: four lanes on one screen, each row led by its next deadline and the rule that sets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from carecoord_tui.commands import BY_ID, Scope, bindings, key_label
from carecoord_tui.domain.insurance_rows import InsuranceLane, InsuranceRow, Key, LaneGroup
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.filtering import FilteredScreen
from carecoord_tui.screens.list_beside import ListBesidePerson, moved_words
from carecoord_tui.store.queries.insurance import list_keys, list_there, read_items, read_rows
from carecoord_tui.store.queries.insurance_filter import InsuranceFilter
from carecoord_tui.store.queries.insurance_lanes import count_lanes
from carecoord_tui.widgets.bars import FooterBar
from carecoord_tui.widgets.grouped_rows import GroupedRows, StandingOrder
from carecoord_tui.widgets.insurance_rows import (
    INSURANCE_COLUMNS,
    LaneBar,
    Paint,
    RuleLine,
    gone_row,
    insurance_row,
    lane_heading,
    tracks_words,
)
from carecoord_tui.widgets.person_pane import PersonPane
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.tab_bar import Tab

_L = InsuranceLane
TABS = (
    Tab(_L.ELIGIBILITY, "E", "Eligibility", "Elig."),
    Tab(_L.AUTHORIZATIONS, "A", "Authorizations", "Auth."),
    Tab(_L.DENIALS, "D", "Denials", "Denials"),
    Tab(_L.BILLING, "B", "Billing", "Billing"),
)
ALL_TITLE = "Insurance"
TITLES = {
    _L.ELIGIBILITY: "Visits without a fresh check",
    _L.AUTHORIZATIONS: "Open authorizations",
    _L.DENIALS: "Open denials",
    _L.BILLING: "Estimates owed, payment plans, bills and assistance",
}
EMPTY = "Nothing about insurance is open.\ni on a patient records a check, an authorization, a denial."
NOTHING_HERE = {
    _L.ELIGIBILITY: "Every booked visit has a fresh check.\ni on a patient records one, I brings a 271 in.",
    _L.AUTHORIZATIONS: "No authorization is open.\ni on a patient starts one.",
    _L.DENIALS: "No denial is open.\ni on a patient records one.",
    _L.BILLING: "No estimate is owed; no bill, plan or assistance is open.\ni on a patient starts one.",
}
NO_MATCH = "Nothing matches.\nesc clears the filter."
COUNT_SECONDS = 0.4  # without another change, until the rows that moved are counted
WIDE_FOOTER = 110  # columns from which the footer names more verbs
FILTER_HINT = "patient, payer, service, authorization or claim number"


class InsuranceScreen(ListBesidePerson, FilteredScreen):
    """All four lanes below each other, or one alone. The order stands still while working."""

    SCOPES = (Scope.ITEM, Scope.LIST, Scope.INSURANCE)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "insurance"
    footer = ("verb.contact", "verb.done", "verb.insurance")
    footer_after = ("insurance.by_payer", "insurance.payers")
    footer_wide = ("verb.move", "verb.why", "verb.run", "insurance.measures")

    def __init__(self) -> None:
        super().__init__()
        self._alone: InsuranceLane | None = None
        self._narrow: InsuranceFilter | None = None
        self._order: StandingOrder[LaneGroup, Key] = StandingOrder()
        self._groups: Mapping[LaneGroup, Sequence[Key]] = {}
        self._counts: dict[InsuranceLane, int] = {}
        self._displaced = 0  # rows that stand elsewhere than in fresh order
        self._counting: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Lanes, filter line, list, pane; on a narrow terminal two lines of the person and the rule."""
        yield LaneBar(id="lanes")
        yield from self.compose_filter(FILTER_HINT, on_demand=True)
        yield from self.compose_list()
        yield RuleLine(id="rule")

    def make_list(self) -> RecordList:
        """Records under the headings of their lanes and days."""
        return RecordList(INSURANCE_COLUMNS, empty_text=EMPTY, id="list")

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

    def reload(self) -> None:
        """Read again: rows keep their place, the cursor its record or the next that is still here."""
        self._narrow = InsuranceFilter(self.app.reader.execute)
        is_fresh = not self._order.stands
        self.show_list()
        self.call_after_refresh(self._show_rest)
        if self._counting is not None:
            self._counting.stop()
        if not is_fresh:
            self._counting = self.set_timer(COUNT_SECONDS, self._count_moved)

    def _show_rest(self) -> None:
        """Counts and the person follow the list."""
        if self.is_mounted and not self.app.is_locked:
            self._counts = count_lanes(self.app.reader.execute)
            self._show_lanes()
            self.show_person()

    def _count_moved(self) -> None:
        """How many rows stand elsewhere than in fresh order: that reads all of it, so once a pause."""
        if self.is_mounted and not self.app.is_locked and self._order.stands:
            self._displaced = self._order.moved(self._arranged())
            self._show_lanes()

    def show_list(self) -> None:
        """List what the filter leaves."""
        self._groups = self._in_order()
        paint = self._paint()
        self._list.empty_text = NO_MATCH if self.filter_text.strip() else self._nothing_here()
        self._list.set_source(
            GroupedRows(
                self._groups,
                heading=lambda group, count: lane_heading(group, count, paint.today),
                read=self._read,
                paint=lambda line, group: insurance_row(line, group, paint),
                gone=gone_row,
            ),
            keep_marks=bool(self.filter_text),
        )
        found = sum(map(len, self._groups.values()))
        self.query_one("#count", Static).update(
            Content(f"{found:,} found" if self.filter_text.strip() else "")
        )

    def _paint(self) -> Paint:
        reader = self.app.reader
        return Paint(reader.context, reader.moment(), self.app.shown_name)

    def _in_order(self) -> Mapping[LaneGroup, Sequence[Key]]:
        """What the filter leaves, in the standing order: while that stands, only what is there is asked."""
        if not self._order.stands:
            self._displaced = 0
            return self._order.settle(self._arranged())
        reader = self.app.reader
        there = list_there(
            reader.execute,
            self._alone,
            text=self.filter_text,
            order=reader.settings.date_order,
            narrow=self._narrow,
        )
        return self._order.keep(there, self._arranged)

    def _arranged(self) -> Mapping[LaneGroup, Sequence[Key]]:
        """What the filter leaves, in fresh order."""
        reader = self.app.reader
        return list_keys(
            reader.execute,
            self._alone,
            text=self.filter_text,
            order=reader.settings.date_order,
            narrow=self._narrow,
        )

    def _nothing_here(self) -> str:
        return EMPTY if self._alone is None else NOTHING_HERE[self._alone]

    def _read(self, keys: Sequence[Key]) -> dict[Key, InsuranceRow]:
        reader = self.app.reader
        return {line.key: line for line in read_rows(reader.execute, keys, reader.moment())}

    def _show_lanes(self) -> None:
        due = self.counts()["insurance"]
        note = moved_words(self._displaced) or f"{due} due"
        self.query_one(LaneBar).show_tabs(TABS, self._counts, self._alone, note)

    def show_keys(self) -> None:
        """The footer's keys: the lanes by their four letters, more verbs where there is room."""
        self._saying = False
        wide = self.footer_wide if self.size.width >= WIDE_FOOTER else ()
        lanes = [self._key(f"insurance.{lane}") for lane in InsuranceLane]
        keys = [
            *(self._named(name) for name in (*self.footer, *wide)),
            (" ".join(lanes), "lanes"),
            *(self._named(name) for name in (*self.footer_after, "app.help")),
        ]
        self.query_one(FooterBar).show_keys(keys, self.footer_note(), first=self.marked_words())

    def _key(self, command_id: str) -> str:
        return key_label(self.app.keys_of(BY_ID[command_id]).split(",")[0])

    def _named(self, command_id: str) -> tuple[str, str]:
        return self._key(command_id), BY_ID[command_id].title

    def show_bars(self) -> None:
        """The lanes too."""
        super().show_bars()
        self._show_lanes()

    def show_person(self) -> None:
        """The person, and the rule where no pane names it."""
        super().show_person()
        line = self.query_one(RuleLine)
        line.display = not self.query_one(PersonPane).display
        if line.display:
            self._show_rule(line)

    def _show_rule(self, line: RuleLine) -> None:
        """The rule of the highlighted row by its name, and the roads of a denial."""
        key, ranked, tracks = self._chosen(), self._highlighted(), ""
        is_denial = ranked is not None and ranked.item.kind is Kind.DENIAL
        if key is not None and is_denial and (row := self._read([key]).get(key)) is not None:
            tracks = tracks_words(row.detail, self._paint())
        line.show_rule(ranked, self.app.reader.context, tracks)

    # --- lanes -------------------------------------------------------------------------------

    def action_lane(self, name: str) -> None:
        """One lane alone. Pressed again it stays: ``esc`` shows all four."""
        lane = InsuranceLane(name)
        if lane is not self._alone:
            self._alone = lane
            self._list_anew()

    def _list_anew(self) -> None:
        """Another choice of rows: fresh order; the cursor stays on its record, else goes to the first."""
        self._order.forget()
        self._list.stay_or_start_over()
        self.show_list()
        self._show_lanes()

    @on(LaneBar.Picked)
    def _picked(self, event: LaneBar.Picked) -> None:
        self.action_lane(event.value)

    # --- filter ------------------------------------------------------------------------------

    def before_filtering(self) -> None:
        """Other rows are listed in fresh order."""
        self._order.forget()

    def action_back(self) -> None:
        """Clear the filter, close the pane, clear the marks, show all lanes again, go back."""
        if self.leave_filter() or self.close_pane():
            return
        if self._list.marks:
            self._list.clear_marks()
        elif self._alone is not None:
            self._alone = None
            self._list_anew()
        else:
            super().action_back()

    # --- the subject -------------------------------------------------------------------------

    def _chosen(self) -> Key | None:
        """The record under the cursor."""
        found = self._list.cursor_id
        return found if isinstance(found, str) else None

    def _highlighted(self) -> Ranked | None:
        key, reader = self._chosen(), self.app.reader
        return None if key is None else read_items(reader.execute, [key], reader.moment()).get(key)

    def highlighted_person(self) -> tuple[int, Ranked | None] | None:
        """The record's patient, at its item."""
        ranked = self._highlighted()
        return None if ranked is None else (ranked.item.patient_id, ranked)

    def _marked(self) -> list[Key]:
        """Marked records in the order of the list."""
        marks = self._list.marks
        return [key for keys in self._groups.values() for key in keys if key in marks] if marks else []

    def _items(self, keys: Sequence[Key]) -> list[Ranked]:
        reader = self.app.reader
        found = read_items(reader.execute, keys, reader.moment())
        return [found[key] for key in keys if key in found]

    def subject(self) -> Subject:
        """The items of the marked records in the order of the list, else of the highlighted one."""
        chosen, marked = self._chosen(), self._marked()
        items = self._items(marked or ([] if chosen is None else [chosen]))
        if not items:
            return Subject()
        first = items[marked.index(chosen)] if chosen in marked and len(items) == len(marked) else items[0]
        return Subject(tuple(items), first.item.patient_id, first.person.name)

    @on(RecordList.Chosen)
    def _open(self) -> None:
        if (ranked := self._highlighted()) is not None:
            self.app.open_patient(ranked.item.patient_id, ranked.item.ref)

    # --- acts --------------------------------------------------------------------------------

    async def action_run(self) -> None:
        """Card by card, in this order: the marked records, else all that are listed."""
        from carecoord_tui.screens.run import RunScreen

        await self.app.full_practice()
        marked = self._marked()
        items = self._items(marked or [key for keys in self._groups.values() for key in keys])
        if items:
            title = ALL_TITLE if self._alone is None else TITLES[self._alone]
            self.app.push_screen(RunScreen([ranked.item.ref for ranked in items], title))
        else:
            self.say("There is nothing to go through here.")

    async def action_payers(self) -> None:
        """The payer directory."""
        from carecoord_tui.screens.payers import PayersScreen

        await self.app.full_practice()
        self.app.push_screen(PayersScreen())

    async def action_by_payer(self) -> None:
        """What each payer owes: one hold, many patients."""
        from carecoord_tui.screens.payer_calls import PayerCallsScreen

        await self.app.full_practice()
        self.app.push_screen(PayerCallsScreen())

    async def action_measures(self) -> None:
        """The measures of insurance."""
        from carecoord_tui.screens.insurance_measures import InsuranceMeasuresSheet

        self.app.push_screen(InsuranceMeasuresSheet(await self.app.full_practice()))


SCREEN = InsuranceScreen
