"""More is due than a day holds: everything below the day's people, to be moved, spread, dropped or done."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.rows import TodayView
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.list_beside import ListBesidePerson
from carecoord_tui.store.queries.decide import plan_spread, read_undecided
from carecoord_tui.store.queries.slots import items_by_key
from carecoord_tui.store.queries.today import read_today
from carecoord_tui.widgets.decide_rows import DECIDE_COLUMNS, KeyedRows, decide_row
from carecoord_tui.widgets.person_pane import DIM, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

if TYPE_CHECKING:
    from carecoord_tui.store.practice import Practice

NOTHING = "Today shows all that is due.\nBeyond the people it shows the rest stands here."
AT_ONCE = 500
"""Items one decision takes: one change stays quick to make and to undo. The next ones follow."""
READ_FIRST = 2 * AT_ONCE
"""Keys that are listed at once; the others follow from a thread."""


class DecideScreen(ListBesidePerson):
    """Verbs work on marked rows, else on the highlighted one; ``E`` without marks on all."""

    SCOPES = (Scope.ITEM, Scope.LIST, Scope.DECIDE)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "today"

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[str] = []
        self._view: TodayView | None = None

    def compose_body(self) -> ComposeResult:
        """How much there is, and the list."""
        yield Static("", id="decide-summary", markup=False)
        yield from self.compose_list()

    def make_list(self) -> RecordList:
        """In the order of the day."""
        return RecordList(DECIDE_COLUMNS, empty_text=NOTHING, id="list")

    def on_mount(self) -> None:
        """Keys go to the list."""
        self._list.focus()

    @property
    def _list(self) -> RecordList:
        return self.query_one("#list", RecordList)

    # --- reading -----------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the first keys again, items by window; the cursor stays on its item, or the next one.

        Of tens of thousands the rest follows from a thread.
        """
        reader, practice = self.app.reader, self.app.practice
        limit, known = reader.settings.people_shown, self.app.known_items
        view = self._view = read_today(reader.execute, reader.moment(), limit=limit, known=known)
        stays = practice is not None and (self._list.cursor_index or 0) < READ_FIRST // 2
        at_most = READ_FIRST if stays and not self._list.marks else None
        self._list_keys(read_undecided(reader.execute, view, at_most=at_most))
        words = f" {view.more_due:,} more due below today's {limit} people. A marks all, T: today anyway."
        self.query_one("#decide-summary", Static).update(styled(words, DIM))
        self.show_person()
        if practice is not None and len(self._keys) < view.more_due:
            self._read_all(practice, view)

    def _list_keys(self, keys: list[str]) -> None:
        self._keys = keys
        self._list.set_source(KeyedRows(keys, self._paint))

    @work(thread=True, exclusive=True, group="undecided")
    def _read_all(self, practice: Practice, view: TodayView) -> None:
        from carecoord_tui.store.errors import StoreError

        try:
            keys = read_undecided(practice.execute, view)
        except StoreError:  # locked meanwhile: unlocking reads again
            return
        self.app.call_from_thread(self._take_all, view, keys)

    def _take_all(self, view: TodayView, keys: list[str]) -> None:
        """The whole list, unless it was read again meanwhile."""
        if view is self._view and self.is_mounted and not self.app.is_locked:
            self._list_keys(keys)

    def _paint(self, keys: Sequence[str]) -> Mapping[str, Row]:
        reader = self.app.reader
        moment = reader.moment()
        found = items_by_key(reader.execute, keys, moment)
        return {key: decide_row(key, one, moment, self.app.shown_name) for key, one in found.items()}

    # --- what verbs work on ------------------------------------------------------------------

    def _items(self, keys: Sequence[str]) -> list[Ranked]:
        reader = self.app.reader
        return list(items_by_key(reader.execute, keys[:AT_ONCE], reader.moment()).values())

    def _chosen(self) -> list[str]:
        marks, cursor = self._list.marks, self._list.cursor_id
        if marks:
            return [key for key in self._keys if key in marks]
        return [cursor] if isinstance(cursor, str) else []

    def subject(self) -> Subject:
        """Marked rows, else the highlighted one."""
        found = tuple(self._items(self._chosen()))
        if not found:
            return Subject()
        return Subject(found, found[0].item.patient_id, found[0].person.name)

    def highlighted_person(self) -> tuple[int, Ranked | None] | None:
        """The person of the row."""
        cursor = self._list.cursor_id
        found = self._items([cursor]) if isinstance(cursor, str) else []
        return (found[0].item.patient_id, found[0]) if found else None

    # --- deciding ----------------------------------------------------------------------------

    def action_mark_all(self) -> None:
        """Mark everything, as much as one decision takes; nothing again when all that is marked."""
        wanted = frozenset[Hashable](self._keys[:AT_ONCE])
        self._list.marks = frozenset() if wanted <= self._list.marks else wanted
        if len(self._keys) > AT_ONCE and self._list.marks:
            self.say(f"The first {AT_ONCE} are marked: one decision takes no more. A again for the next.")

    async def action_spread(self) -> None:
        """The coming working days, by capacity; shown before anything moves."""
        items = self._items(self._chosen() if self._list.marks else self._keys)
        if not items:
            self.say("There is nothing to spread here.")
            return
        practice = await self.app.full_practice()
        from carecoord_tui.screens.decide_sheets import SpreadSheet

        plan = plan_spread(
            practice.execute,
            [one.item for one in items],
            practice.moment(),
            practice.settings.check_in_capacity,
        )
        self.app.push_screen(SpreadSheet(practice, plan))

    async def action_today_anyway(self) -> None:
        """On Today from now on, whatever else is due."""
        subject = self._subject_or_say(needs_item=True)
        if subject is None:
            return
        practice = await self.app.full_practice()
        from carecoord_tui.store.actions.items import pull_up

        if self.app.attempt(lambda: pull_up(practice, subject.refs)):
            count = len(subject.items)
            what = "It stands" if count == 1 else f"{count:,} items stand"
            self.say(f"{what} on Today now.  u undoes it")

    async def action_drop(self) -> None:
        """Follow-ups are dropped with a reason; what a rule made stays."""
        subject = self._subject_or_say(needs_item=True)
        if subject is None:
            return
        refs = [ref for ref in subject.refs if ref.kind is Kind.FOLLOW_UP]
        if not refs:
            self.say("This is no follow-up: what a rule made is settled by its own act (x).", alarm=True)
            return
        practice = await self.app.full_practice()
        from carecoord_tui.screens.decide_sheets import DropSheet

        self.app.push_screen(DropSheet(practice, refs, len(subject.items) - len(refs)))

    # --- keys --------------------------------------------------------------------------------

    @on(RecordList.Chosen)
    def _open(self) -> None:
        """Enter: the patient page at this item."""
        found = self.highlighted_person()
        if found is not None and found[1] is not None:
            self.app.open_patient(found[0], found[1].item.ref)

    async def action_run(self) -> None:
        """Card by card, in this order: the marked ones, else all."""
        refs = [one.item.ref for one in self._items(self._chosen() if self._list.marks else self._keys)]
        if not refs:
            self.say("There is nothing to go through here.")
            return
        from carecoord_tui.screens.run import RunScreen

        await self.app.full_practice()
        self.app.push_screen(RunScreen(refs, "More due"))

    def action_filter(self) -> None:
        """Looking for somebody is the jump."""
        self.app.action_jump()

    def action_back(self) -> None:
        """Close the pane, clear marks, go back."""
        if self.close_pane():
            return
        if self._list.marks:
            self._list.clear_marks()
        else:
            super().action_back()


SCREEN = DecideScreen
