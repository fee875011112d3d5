"""By payer: what each must be asked. One hold, many patients."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.eligibility_rows import PayerAsk, PayerToCall
from carecoord_tui.domain.insurance_rows import Key
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.list_beside import CallList
from carecoord_tui.store.queries.insurance import read_items
from carecoord_tui.store.queries.payer_calls import read_asks, read_payer_calls
from carecoord_tui.widgets.grouped_rows import StandingOrder
from carecoord_tui.widgets.payer_call_rows import (
    PAYER_COLUMNS,
    PayerCallRows,
    ask_row,
    call_facts,
    line_id,
    payer_line,
)
from carecoord_tui.widgets.person_pane import DIM, styled
from carecoord_tui.widgets.record_list import RecordList

NOTHING = (
    "No payer must be asked anything.\n"
    "A visit without a fresh check, an authorization sent in, an appeal filed: each shows here by its payer."
)


class PayerCallsScreen(CallList):
    """Payers with their questions. On a payer's line a verb works on all of them."""

    SCOPES = (Scope.ITEM, Scope.LIST)
    DEFAULT_CSS = """
    PayerCallsScreen #calls-facts { border-top: solid $border-blurred; padding: 0 1; height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "insurance"

    def __init__(self) -> None:
        super().__init__()
        self._payers: list[PayerToCall] = []
        self._behind: dict[Hashable, tuple[Key, ...]] = {}  # what a row stands for, in the order of the list
        self._order: StandingOrder[int, Key] = StandingOrder(key=lambda _: 0)  # payers as they were first

    def compose_body(self) -> ComposeResult:
        """What this is, and the list."""
        yield Static("", id="calls-summary", markup=False)
        yield from self.compose_list()
        yield Static("", id="calls-facts", markup=False)

    def make_list(self) -> RecordList:
        """Payers in the order of what presses most."""
        return RecordList(PAYER_COLUMNS, empty_text=NOTHING, id="list")

    def on_mount(self) -> None:
        """Keys go to the list."""
        self.query_one(RecordList).focus()

    def reload(self) -> None:
        """Read the keys again, the questions by window; the cursor stays on its question, or its payer."""
        reader = self.app.reader
        moment = reader.moment()
        self._payers = self._in_standing_order(read_payer_calls(reader.execute, moment))
        self._behind = {}
        for payer in self._payers:
            self._behind[line_id(payer)] = payer.keys
            self._behind |= {key: (key,) for key in payer.keys}
        self.query_one(RecordList).set_source(
            PayerCallRows(
                self._payers,
                line=lambda payer: payer_line(payer, moment),
                read=self._read,
                paint=lambda ask: ask_row(ask, moment, self.app.shown_name, is_masked=self.app.privacy),
            )
        )
        count = sum(len(payer.keys) for payer in self._payers)
        words = f" {len(self._payers)} payers, {count:,} to ask. On a payer's line c logs one call for all."
        self.query_one("#calls-summary", Static).update(styled(words, DIM))
        self.show_person()

    def _in_standing_order(self, payers: Sequence[PayerToCall]) -> list[PayerToCall]:
        """While somebody calls through the list, payers and their questions keep their places."""
        by_id = {payer.payer_id: payer for payer in payers}
        order = self._order.settle({payer.payer_id: payer.keys for payer in payers})
        return [replace(by_id[number], keys=tuple(keys)) for number, keys in order.items()]

    def on_screen_suspend(self) -> None:
        """Gone to another screen, not under a sheet: the next look is in fresh order."""
        if self not in self.app.screen_stack:
            self._order.forget()

    def forget_order(self) -> None:
        """The next look is in fresh order."""
        self._order.forget()

    def _read(self, keys: Sequence[Key]) -> Mapping[Key, PayerAsk]:
        reader = self.app.reader
        return read_asks(reader.execute, keys, reader.moment())

    def _items(self, keys: Sequence[Key]) -> list[Ranked]:
        """The items of these questions; those settled meanwhile are left out."""
        reader = self.app.reader
        found = read_items(reader.execute, keys, reader.moment())
        return [found[key] for key in keys if key in found]

    # --- what verbs work on ----------------------------------------------------------------------

    def _chosen(self) -> list[Key]:
        """The questions of the marked rows, each once, else of the highlighted one."""
        listing = self.query_one(RecordList)
        rows: Sequence[Hashable] = [one for one in self._behind if one in listing.marks]
        return list(
            dict.fromkeys(key for one in rows or [listing.cursor_id] for key in self._behind.get(one, ()))
        )

    def subject(self) -> Subject:
        """Marked questions, else the highlighted one; a payer's line stands for all of its."""
        found = tuple(self._items(self._chosen()))
        if not found:
            return Subject()
        return Subject(found, found[0].item.patient_id, found[0].person.name)

    def highlighted_person(self) -> tuple[int, Ranked | None] | None:
        """The person of the row; on a payer's line the most urgent one's."""
        found = self._items(self._behind.get(self.query_one(RecordList).cursor_id, ())[:1])
        return (found[0].item.patient_id, found[0]) if found else None

    def show_person(self) -> None:
        """The person, and what the payer asks for to find the thing in question."""
        super().show_person()
        cursor, text = self.query_one(RecordList).cursor_id, Content("")
        if isinstance(cursor, str) and (ask := self._read([cursor]).get(cursor)) is not None:
            text = call_facts(ask, self.app.reader.today(), is_masked=self.app.privacy)
        self.query_one("#calls-facts", Static).update(text)

    async def action_contact(self) -> None:
        """One call to the payer about everything chosen."""
        subject = self._subject_or_say(needs_item=True)
        if subject is None:
            return
        wanted = set(self._chosen())
        payers = [payer for payer in self._payers if not wanted.isdisjoint(payer.keys)]
        if len(payers) > 1:
            self.say(
                "These belong to several payers: one call is to one payer. esc clears the marks.", alarm=True
            )
            return
        from carecoord_tui.screens.payer_call_sheet import PayerCallSheet

        practice = await self.app.full_practice()
        self.app.push_screen(PayerCallSheet(practice, subject, payers[0]))

    async def action_done(self) -> None:
        """The visits among what is chosen are recorded in one go; a decision or an appeal by its own act."""
        subject = self._subject_or_say(needs_item=True)
        if subject is None:
            return
        visits = tuple(one for one in subject.items if one.item.kind is Kind.ELIGIBILITY)
        if not visits:
            await super().action_done()
            return
        from carecoord_tui.screens.settle import SettleSheet

        first = visits[0]
        practice = await self.app.full_practice()
        self.app.push_screen(SettleSheet(practice, Subject(visits, first.item.patient_id, first.person.name)))

    @on(RecordList.Chosen)
    def _open(self) -> None:
        """Enter: the patient page at this item."""
        cursor = self.query_one(RecordList).cursor_id
        if isinstance(cursor, str) and (found := self._items([cursor])):
            self.app.open_patient(found[0].item.patient_id, found[0].item.ref)

    async def action_run(self) -> None:
        """Card by card, in this order."""
        from carecoord_tui.screens.run import RunScreen

        refs = [one.item.ref for one in self._items([key for payer in self._payers for key in payer.keys])]
        if refs:
            await self.app.full_practice()
            self.app.push_screen(RunScreen(refs, "What payers must be asked"))


SCREEN = PayerCallsScreen
