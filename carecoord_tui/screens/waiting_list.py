"""Who is waited for: since when, promised when, when to ask again. One call settles several."""

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
from carecoord_tui.domain.waiting import CALLED_FOR_SEVERAL, WaitingParty
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.filtering import FilteredScreen
from carecoord_tui.screens.list_beside import ListBesidePerson
from carecoord_tui.store.queries.slots import items_by_key
from carecoord_tui.store.queries.waiting import read_parties_waited_for, read_waiting
from carecoord_tui.widgets.person_pane import DIM, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.waiting_rows import WAITING_COLUMNS, PartyRows, party_id, party_line, waiting_row

NOTHING = "Nobody is waited for.\nb on any row says who owes the next step, and until when."
NO_MATCH = "Nothing that waits matches.\nesc clears the filter."
FILTER_HINT = "patient, who is waited for, or what about"


class WaitingScreen(ListBesidePerson, FilteredScreen):
    """Parties with what they owe, or the same by patient. On a heading a verb works on all below it."""

    SCOPES = (Scope.ITEM, Scope.LIST, Scope.WAITING)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "today"

    def __init__(self) -> None:
        super().__init__()
        self._parties: list[WaitingParty] = []
        self._by_patient = False

    def compose_body(self) -> ComposeResult:
        """Counts, filter line, list, pane, and the two lines of a narrow terminal."""
        yield Static("", id="waiting-summary", markup=False)
        yield from self.compose_filter(FILTER_HINT, on_demand=True)
        yield from self.compose_list()

    def make_list(self) -> RecordList:
        """Parties past their promise first."""
        return RecordList(WAITING_COLUMNS, empty_text=NOTHING, id="list")

    def on_mount(self) -> None:
        """Keys go to the list."""
        self._list.focus()

    @property
    def _list(self) -> RecordList:
        return self.query_one("#list", RecordList)

    # --- reading -----------------------------------------------------------------------------

    def reload(self) -> None:
        """Read again; the cursor stays on its item, or its party."""
        self.show_list()
        self.show_person()

    def show_list(self) -> None:
        """List what the filter leaves."""
        reader = self.app.reader
        self._parties = read_parties_waited_for(
            reader.execute,
            reader.today(),
            by_patient=self._by_patient,
            text=self.filter_text,
            order=reader.settings.date_order,
        )
        self._list.empty_text = NO_MATCH if self.filter_text.strip() else NOTHING
        moment = reader.moment()
        self._list.set_source(
            PartyRows(
                self._parties,
                line=lambda one: party_line(one, moment, self.app.shown_name),
                paint=self._paint,
            ),
            keep_marks=bool(self.filter_text),
        )
        found = sum(len(one.keys) for one in self._parties)
        past = sum(one.past for one in self._parties)
        late = f" · {past:,} past promise" if past else ""
        self.query_one("#waiting-summary", Static).update(
            styled(f" Waiting {found:,}{late}. On a heading c is one call for all below it.", DIM)
        )
        self.query_one("#count", Static).update(
            Content(f"{found:,} found" if self.filter_text.strip() else "")
        )

    def _paint(self, keys: Sequence[str]) -> Mapping[str, Row]:
        reader = self.app.reader
        moment = reader.moment()
        return {
            key: waiting_row(
                key,
                one.ranked,
                one.facts,
                moment.today,
                self.app.shown_name,
                says_who=self._by_patient,
            )
            for key, one in read_waiting(reader.execute, keys, moment).items()
        }

    # --- keys --------------------------------------------------------------------------------

    def action_other_view(self) -> None:
        """By patient, or by who is waited for again; the cursor stays on its item."""
        self._by_patient = not self._by_patient
        self._list.stay_or_start_over()
        self.show_list()

    def action_back(self) -> None:
        """Clear the filter, close the pane, clear marks, go back."""
        if self.leave_filter() or self.close_pane():
            return
        if self._list.marks:
            self._list.clear_marks()
        else:
            super().action_back()

    # --- what verbs work on ------------------------------------------------------------------

    def _chosen(self) -> list[str]:
        """Keys of the marked rows in the order of the list, else of the highlighted row or heading."""
        marks, cursor = self._list.marks, self._list.cursor_id
        if marks:
            return [key for party in self._parties for key in party.keys if key in marks]
        for party in self._parties:
            if cursor == party_id(party):
                return list(party.keys)
        return [cursor] if isinstance(cursor, str) else []

    def _items(self, keys: Sequence[str]) -> list[Ranked]:
        reader = self.app.reader
        return list(items_by_key(reader.execute, keys, reader.moment()).values())

    def subject(self) -> Subject:
        """Marked rows, else the highlighted one; a heading stands for all below it."""
        found = tuple(self._items(self._chosen()))
        if not found:
            return Subject()
        return Subject(found, found[0].item.patient_id, found[0].person.name)

    def highlighted_person(self) -> tuple[int, Ranked | None] | None:
        """The person of the row; on a heading the one to be asked about first."""
        cursor = self._list.cursor_id
        party = next((one for one in self._parties if cursor == party_id(one)), None)
        keys = party.keys[:1] if party is not None else [cursor] if isinstance(cursor, str) else []
        found = self._items(keys)
        return (found[0].item.patient_id, found[0]) if found else None

    def _is_on_heading(self) -> bool:
        """True when a heading stands for all below it."""
        cursor = self._list.cursor_id
        return not self._list.marks and any(cursor == party_id(one) for one in self._parties)

    def _party_in_question(self) -> WaitingParty | None:
        """The one party of everything chosen; None for several."""
        wanted = set(self._chosen())
        parties = [one for one in self._parties if not wanted.isdisjoint(one.keys)]
        return parties[0] if len(parties) == 1 else None

    async def action_contact(self) -> None:
        """One call to the party about everything chosen; where the patient is waited for, to the patient."""
        subject = self._subject_or_say(needs_item=True)
        if subject is None:
            return
        party = self._party_in_question()
        if party is None:
            self.say("These wait for several: one call is to one party. esc clears the marks.", alarm=True)
        elif party.kind in CALLED_FOR_SEVERAL:
            from carecoord_tui.screens.waiting_call import WaitingCallSheet

            practice = await self.app.full_practice()
            self.app.push_screen(WaitingCallSheet(practice, subject.items, party))
        elif party.kind is None and not self._is_on_heading():
            await super().action_contact()
        elif party.patient_id is None:
            self.say("An event is waited for and nobody is named: b says who owes the next step.", alarm=True)
        else:  # whatever it is about: a payer's item that waits for the patient is asked of the patient
            from carecoord_tui.screens.contact import ContactSheet

            self.app.push_screen(ContactSheet(await self.app.full_practice(), subject))

    async def action_run(self) -> None:
        """Card by card, in this order: the marked ones, else all."""
        keys = self._chosen() if self._list.marks else [key for one in self._parties for key in one.keys]
        refs = [one.item.ref for one in self._items(keys)]
        if not refs:
            self.say("There is nothing to go through here.")
            return
        from carecoord_tui.screens.run import RunScreen

        await self.app.full_practice()
        self.app.push_screen(RunScreen(refs, "Waiting on"))

    @on(RecordList.Chosen)
    def _open(self) -> None:
        """Enter: the patient page at this item."""
        cursor = self._list.cursor_id
        if isinstance(cursor, str) and (found := self._items([cursor])):
            self.app.open_patient(found[0].item.patient_id, found[0].item.ref)


SCREEN = WaitingScreen
