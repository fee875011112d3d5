"""A directory: offices in a list, the highlighted one in full below it. No row is a patient's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from carecoord_tui.commands import BY_ID, Scope, bindings, key_label
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.filtering import FilteredScreen
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.bars import FooterBar
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import RowSource

TALL = 30  # lines of a terminal from which the office takes more of them
REST_SECONDS = 0.04  # a held key moves through many offices; which is shown follows when it rests
NEW, EDIT = "directory.new", "directory.edit"

R = TypeVar("R")


class DirectoryBase(FilteredScreen, Generic[R]):
    """Subclasses say what is listed, how it is drawn, and which form changes it."""

    SCOPES = (Scope.LIST, Scope.DIRECTORY)  # a subclass names its own in place of the last
    DEFAULT_CSS = """
    DirectoryBase #facts-frame { border-top: solid $border-blurred; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LIST)]

    one_word, many_words = "office", "offices"
    empty_text = ""
    filter_hint = ""
    columns: Sequence[Column] = ()
    heights = (9, 11)  # lines of the facts on a low and on a tall terminal
    footer: Sequence[str] = ("list.filter", NEW, "app.quick_add", "app.help")

    def __init__(self) -> None:
        super().__init__()
        self._records: Mapping[int, R] = {}  # in the order shown
        self._resting: Timer | None = None

    # --- what a directory is ------------------------------------------------------------------

    def read_records(self) -> Mapping[int, R]:
        """Every record by its number, in the order shown."""
        raise NotImplementedError

    def matching(self, shown: Sequence[R]) -> Sequence[R]:
        """What the filter leaves."""
        raise NotImplementedError

    def rows_of(self, shown: Sequence[R]) -> RowSource:
        """The list's rows."""
        raise NotImplementedError

    def compose_facts(self) -> ComposeResult:
        """The widget that shows one record in full."""
        raise NotImplementedError

    def show_facts(self, one: R | None) -> None:
        """Show a record in full, or nothing."""
        raise NotImplementedError

    def make_form(self, practice: Practice, record_id: int | None) -> Screen[int | None]:
        """The form that changes a record, or adds one."""
        raise NotImplementedError

    # --- life --------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """Filter line, list, the highlighted record."""
        yield from self.compose_filter(self.filter_hint)
        yield RecordList(self.columns, empty_text=self.empty_text, id="list")
        with Vertical(id="facts-frame"):
            yield from self.compose_facts()

    def on_mount(self) -> None:
        """Keys go to the list."""
        self.query_one(RecordList).focus()

    def on_resize(self, event: events.Resize) -> None:
        """More of the record where there is room; the bars say what fits."""
        self._frame.styles.height = self.heights[event.size.height >= TALL]
        self.call_after_refresh(self._show_bars)

    @property
    def _frame(self) -> Widget:
        return self.query_one("#facts-frame")

    def _show_bars(self) -> None:
        self.show_header()
        if not self.is_saying:
            self.show_keys()

    def show_keys(self) -> None:
        """The footer's keys: what works on a record of the directory."""
        self._saying = False
        own = [("enter", "edit")]
        for command in (BY_ID[name] for name in self.footer):
            own.append((key_label(self.app.keys_of(command).split(",")[0]), command.title))
        self.query_one(FooterBar).show_keys(own, self.footer_note())

    # --- reading -----------------------------------------------------------------------------

    def reload(self) -> None:
        """Read all anew; cursor and filter stay."""
        self._records = self.read_records()
        self.show_list()
        self._show_highlighted()

    def show_list(self) -> None:
        """List what the filter leaves."""
        shown: Sequence[R] = list(self._records.values())
        is_narrow = bool(self.filter_text.strip())
        if is_narrow:
            shown = self.matching(shown)
        listing = self.query_one(RecordList)
        listing.empty_text = self._no_match() if is_narrow else self.empty_text
        listing.set_source(self.rows_of(shown))
        self.query_one("#count", Static).update(Content(self._count_words(len(shown), is_narrow=is_narrow)))

    def _no_match(self) -> str:
        return f"No {self.one_word} matches.\nesc clears the filter, P adds one."

    def _count_words(self, shown: int, *, is_narrow: bool) -> str:
        total = len(self._records)
        if is_narrow:
            return f"{shown:,} of {total:,}"
        return f"{total:,} {self.one_word if total == 1 else self.many_words}"

    @property
    def highlighted(self) -> R | None:
        """The record under the cursor."""
        number = self._highlighted_id
        return None if number is None else self._records.get(number)

    @property
    def _highlighted_id(self) -> int | None:
        found = self.query_one(RecordList).cursor_id
        return found if isinstance(found, int) else None

    @on(RecordList.Highlighted)
    def _moved(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_SECONDS, self._show_highlighted)

    def _show_highlighted(self) -> None:
        self.show_facts(self.highlighted)

    # --- keys --------------------------------------------------------------------------------

    def subject(self) -> Subject:
        """Nobody: a record of a directory is not a patient."""
        return Subject()

    def action_toggle_pane(self) -> None:
        """Show or hide the highlighted record."""
        self._frame.display = not self._frame.display

    def action_mark(self) -> None:
        """Nothing works on several records at once."""
        self.say(f"{self.many_words.capitalize()} are not marked: each is edited alone.")

    def action_run(self) -> None:
        """Cards are of people's items."""
        self.say("There are no cards here: o goes through Today, Patients and Referrals.")

    def action_back(self) -> None:
        """Clear the filter, go back."""
        if not self.leave_filter():
            super().action_back()

    @on(RecordList.Chosen)
    async def action_edit(self) -> None:
        """Change the highlighted record."""
        if (number := self._highlighted_id) is None:
            self.say(f"Nothing is highlighted: P adds a new {self.one_word}.")
            return
        await self._open_form(number)

    async def action_new_provider(self) -> None:
        """Add a record."""
        await self._open_form(None)

    async def _open_form(self, record_id: int | None) -> None:
        self.app.push_screen(self.make_form(await self.app.full_practice(), record_id), self._saved)

    def _saved(self, record_id: int | None) -> None:
        """The record just saved is under the cursor, also when the filter would hide a new one."""
        if record_id is None:
            return
        listing = self.query_one(RecordList)
        if listing.source.index_of(record_id) is None:
            self.leave_filter()
        listing.move_to(record_id)
        self._show_highlighted()
