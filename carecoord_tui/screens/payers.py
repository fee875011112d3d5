"""The payer directory: whom to call, which clocks run for each payer, and what its contract says instead."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from carecoord_tui.commands import BY_ID, Scope, bindings, key_label
from carecoord_tui.domain.payer_rows import PayerRow, clocks_of, filing_clock
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.filtering import FilteredScreen
from carecoord_tui.store.queries.payers import list_payers, matching
from carecoord_tui.widgets.bars import FooterBar
from carecoord_tui.widgets.payer_rows import PAYER_COLUMNS, PayerDirectoryRows, PayerLines
from carecoord_tui.widgets.record_list import RecordList

EMPTY = "No payer is on file yet: they come with the coverages of patients.\nP adds one."
NO_MATCH = "No payer matches.\nesc clears the filter, P adds a payer."
FILTER_HINT = "name, class, note, portal or phone digits"
TALL = 30  # lines of a terminal from which the payer takes more of them
REST_SECONDS = 0.04  # a held key moves through many payers; which is shown follows when it rests
_NEW = "directory.new"
FOOTER = ("list.filter", _NEW, "app.quick_add", "app.help")
_EDIT = BY_ID["verb.edit"]


class PayersScreen(FilteredScreen):
    """Payers with their figures, the highlighted one in full below. No row is a patient's."""

    SCOPES = (Scope.LIST, Scope.DIRECTORY)
    CSS_PATH = "payers.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*SCOPES),
        Binding(_EDIT.keys, _EDIT.action, _EDIT.title, id=_EDIT.id, show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._payers: dict[int, PayerRow] = {}  # in the order shown
        self._resting: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Filter line, list, the highlighted payer."""
        yield from self.compose_filter(FILTER_HINT)
        yield RecordList(PAYER_COLUMNS, empty_text=EMPTY, id="list")
        with Vertical(id="payer-frame"):
            yield PayerLines(id="payer")

    def on_mount(self) -> None:
        """Keys go to the list."""
        self.query_one(RecordList).focus()

    def on_resize(self, event: events.Resize) -> None:
        """More of the payer where there is room; the bars say what fits."""
        self.set_class(event.size.height >= TALL, "-tall")
        self.call_after_refresh(self._show_bars)

    def _show_bars(self) -> None:
        self.show_header()
        if not self.is_saying:
            self.show_keys()

    def show_keys(self) -> None:
        """The footer's keys: what works on a payer."""
        self._saying = False
        own = [("enter", "edit")]
        for command in (BY_ID[name] for name in FOOTER):
            title = "new payer" if command.id == _NEW else command.title
            own.append((key_label(self.app.keys_of(command).split(",")[0]), title))
        self.query_one(FooterBar).show_keys(own, self.footer_note())

    # --- reading -----------------------------------------------------------------------------

    def reload(self) -> None:
        """Read all payers anew; cursor and filter stay."""
        self._payers = {one.id: one for one in list_payers(self.app.reader.execute)}
        self.show_list()
        self._show_payer()

    def show_list(self) -> None:
        """List what the filter leaves."""
        shown = list(self._payers.values())
        if self.filter_text.strip():
            shown = matching(shown, self.filter_text)
        listing = self.query_one(RecordList)
        listing.empty_text = NO_MATCH if self.filter_text.strip() else EMPTY
        listing.set_source(PayerDirectoryRows(shown))
        self._show_count(len(shown))

    def _show_count(self, shown: int) -> None:
        total = len(self._payers)
        words = f"{total:,} payer{'' if total == 1 else 's'}"
        if self.filter_text.strip():
            words = f"{shown:,} of {total:,}"
        self.query_one("#count", Static).update(Content(words))

    @property
    def highlighted(self) -> PayerRow | None:
        """The payer under the cursor."""
        one = self.query_one(RecordList).cursor_id
        return self._payers.get(one) if isinstance(one, int) else None

    @on(RecordList.Highlighted)
    def _moved(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_SECONDS, self._show_payer)

    def _show_payer(self) -> None:
        lines, one = self.query_one(PayerLines), self.highlighted
        if one is None:
            lines.clear()
            return
        reader = self.app.reader
        pack, today = reader.context.pack, reader.today()
        lines.show(one, clocks_of(pack, one, on=today), filing_clock(pack, one, on=today))

    # --- keys --------------------------------------------------------------------------------

    def subject(self) -> Subject:
        """Nobody: a payer is not a patient."""
        return Subject()

    def action_toggle_pane(self) -> None:
        """Show or hide the highlighted payer."""
        frame = self.query_one("#payer-frame")
        frame.display = not frame.display

    def action_mark(self) -> None:
        """Nothing works on several payers at once."""
        self.say("Payers are not marked: each is edited alone.")

    def action_run(self) -> None:
        """Cards are of people's items."""
        self.say("There are no cards here: o goes through Today, Patients and Referrals.")

    def action_back(self) -> None:
        """Clear the filter, go back."""
        if not self.leave_filter():
            super().action_back()

    @on(RecordList.Chosen)
    async def action_edit(self) -> None:
        """Change the highlighted payer."""
        if (one := self.highlighted) is None:
            self.say("Nothing is highlighted: P adds a payer.")
            return
        await self._open_form(one.id)

    async def action_new_provider(self) -> None:
        """Add a payer."""
        await self._open_form(None)

    async def _open_form(self, payer_id: int | None) -> None:
        from carecoord_tui.screens.payer_form import PayerForm

        self.app.push_screen(PayerForm(await self.app.full_practice(), payer_id), self._saved)

    def _saved(self, payer_id: int | None) -> None:
        """The payer just saved is under the cursor, also when the filter would hide a new one."""
        if payer_id is None:
            return
        listing = self.query_one(RecordList)
        if listing.source.index_of(payer_id) is None and self._filter:
            self._clear_filter()
        listing.move_to(payer_id)
        self._show_payer()


SCREEN = PayersScreen
