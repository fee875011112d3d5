"""A list with the person beside it: the side pane on a wide terminal, two lines on a narrow one."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.timer import Timer

from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.screens.verbs import VerbScreen
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.widgets.person_pane import PersonLines, PersonPane
from carecoord_tui.widgets.record_list import RecordList

PANE_FROM_WIDTH = 100
REST_SECONDS = 0.04  # a held key moves through many people; who is shown follows when it rests


def moved_words(count: int) -> str:
    """``3 moved · . to re-rank``: rows that fresh order would put elsewhere; empty for none."""
    return f"{count:,} moved · . to re-rank" if count else ""


class ListBesidePerson(VerbScreen):
    """Subclasses give ``make_list`` and ``highlighted_person``."""

    DEFAULT_CSS = """
    ListBesidePerson #body { height: 1fr; }
    ListBesidePerson #lines { border-top: solid $border-blurred; height: 3; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._pane_wanted: bool | None = None  # None: by width
        self._resting: Timer | None = None
        self._shown_id: object = None  # the row whose person was drawn last

    def make_list(self) -> RecordList:
        """The list, with id ``list``."""
        raise NotImplementedError

    def highlighted_person(self) -> tuple[int, Ranked | None] | None:
        """Whose row the cursor is on, and the item in question; None for the most urgent one."""
        raise NotImplementedError

    def compose_list(self) -> ComposeResult:
        """The list, the pane, and the two lines."""
        with Horizontal(id="body"):
            yield self.make_list()
            yield PersonPane(id="pane")
        yield PersonLines(id="lines")

    def on_resize(self) -> None:
        """The pane shows from 100 columns on, unless ``p`` said otherwise; the bars say what fits."""
        self._place_pane()
        self.call_after_refresh(self._show_bars_unless_locked)

    def show_bars(self) -> None:
        """Header and footer for this width."""
        self.show_header()
        if not self.is_saying:
            self.show_keys()

    def action_toggle_pane(self) -> None:
        """Show or hide the pane."""
        self._pane_wanted = not self.query_one(PersonPane).display
        self._place_pane()

    def close_pane(self) -> bool:
        """Close a pane that ``p`` opened; False when there is none."""
        if not self._pane_wanted:
            return False
        self.action_toggle_pane()
        return True

    def action_mark(self) -> None:
        """Mark the row and go on to the next."""
        listing = self.query_one(RecordList)
        listing.toggle_mark()
        listing.action_cursor_down()

    @on(RecordList.MarksChanged)
    def _count_marks(self) -> None:
        if not self.is_saying:
            self.show_keys()

    def marked_words(self) -> str:
        """How many rows are marked."""
        count = len(self.query_one(RecordList).marks)
        return f"{count:,} marked" if count else ""

    def _place_pane(self) -> None:
        wide = self.size.width >= PANE_FROM_WIDTH if self._pane_wanted is None else self._pane_wanted
        pane, lines = self.query_one(PersonPane), self.query_one(PersonLines)
        pane.display, lines.display = wide, not wide
        self.call_after_refresh(self._show_person_unless_locked)

    @on(RecordList.Highlighted)
    def _row_highlighted(self, event: RecordList.Highlighted) -> None:
        if event.record_id != self._shown_id:  # else a reload has drawn the person of its new row already
            self._moved()
        elif self._resting is not None:
            self._resting.stop()

    def _moved(self) -> None:
        """The person follows when the cursor rests."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_SECONDS, self._show_person_unless_locked)

    def _show_bars_unless_locked(self) -> None:
        if self.is_mounted and not self.app.is_locked:
            self.show_bars()

    def _show_person_unless_locked(self) -> None:
        """Called later, when the screen may have been locked meanwhile: nothing can be read then."""
        if self.is_mounted and not self.app.is_locked:
            self.show_person()

    def show_person(self) -> None:
        """Draw the person whose row the cursor is on; nothing waits to draw them once more."""
        if self._resting is not None:
            self._resting.stop()
        self._shown_id = self.query_one("#list", RecordList).cursor_id
        pane, lines = self.query_one(PersonPane), self.query_one(PersonLines)
        reader, found = self.app.reader, self.highlighted_person()
        person = None if found is None else read_person(reader.execute, found[0])
        if found is None or person is None:
            pane.clear()
            lines.clear()
            return
        moment, person = reader.moment(), self.app.shown_person(person)
        if pane.display:
            items = items_of(reader.execute, person.id, moment)
            focus = found[1] or next(iter(items), None)
            pane.show(person, items, focus, moment, self.app.shown_name)
        else:
            lines.show(person, moment, self.app.shown_name)


class CallList(ListBesidePerson):
    """Whom to call, short enough to be looked through, each line followed by what it is about."""

    def action_filter(self) -> None:
        """The list is short; looking for somebody is the jump."""
        self.app.action_jump()

    def action_back(self) -> None:
        """Close the pane, clear marks, go back."""
        listing = self.query_one(RecordList)
        if self.close_pane():
            return
        if listing.marks:
            listing.clear_marks()
        else:
            super().action_back()
