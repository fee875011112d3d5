"""The provider directory: who takes which plan, how fast each office is, whether it reports back."""

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
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.provider_rows import RatedProvider
from carecoord_tui.domain.provider_stats import better_first
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.filtering import FilteredScreen
from carecoord_tui.store.queries.providers import list_providers, matching_ids, networks_of
from carecoord_tui.widgets.bars import FooterBar
from carecoord_tui.widgets.provider_rows import PROVIDER_COLUMNS, DirectoryRows, OfficeLines
from carecoord_tui.widgets.record_list import RecordList

EMPTY = "No office is on file yet: the people and organizations you refer to stand here.\nP adds one."
NO_MATCH = "No office matches.\nesc clears the filter, P adds an office."
FILTER_HINT = "name, organization, specialty, NPI or phone digits"
TALL = 30  # lines of a terminal from which the office takes more of them
REST_SECONDS = 0.04  # a held key moves through many offices; which is shown follows when it rests
FOOTER = ("list.filter", "directory.new", "verb.chase", "app.quick_add", "app.help")
_EDIT = BY_ID["verb.edit"]


def in_order(one: RatedProvider) -> tuple[object, ...]:
    """By specialty, the better choice first; offices without one, and those no longer offered, at the end."""
    office = one.provider
    return not office.is_active, not office.specialty, fold(office.specialty), *better_first(one)


class DirectoryScreen(FilteredScreen):
    """Offices with their history, the highlighted one in full below. No row is a patient's."""

    SCOPES = (Scope.LIST, Scope.DIRECTORY)
    CSS_PATH = "directory.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*SCOPES),
        Binding(_EDIT.keys, _EDIT.action, _EDIT.title, id=_EDIT.id, show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._offices: dict[int, RatedProvider] = {}  # in the order shown
        self._resting: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Filter line, list, the highlighted office."""
        yield from self.compose_filter(FILTER_HINT)
        yield RecordList(PROVIDER_COLUMNS, empty_text=EMPTY, id="list")
        with Vertical(id="office-frame"):
            yield OfficeLines(id="office")

    def on_mount(self) -> None:
        """Keys go to the list."""
        self.query_one(RecordList).focus()

    def on_resize(self, event: events.Resize) -> None:
        """More of the office where there is room; the bars say what fits."""
        self.set_class(event.size.height >= TALL, "-tall")
        self.call_after_refresh(self._show_bars)

    def _show_bars(self) -> None:
        self.show_header()
        if not self.is_saying:
            self.show_keys()

    def show_keys(self) -> None:
        """The footer's keys: what works on an office."""
        self._saying = False
        own = [("enter", "edit")]
        for command in (BY_ID[name] for name in FOOTER):
            own.append((key_label(self.app.keys_of(command).split(",")[0]), command.title))
        self.query_one(FooterBar).show_keys(own, self.footer_note())

    # --- reading -----------------------------------------------------------------------------

    def reload(self) -> None:
        """Read all offices anew; cursor and filter stay."""
        offices = sorted(list_providers(self.app.reader.execute), key=in_order)
        self._offices = {one.provider.id: one for one in offices}
        self.show_list()
        self._show_office()

    def show_list(self) -> None:
        """List what the filter leaves."""
        shown = list(self._offices.values())
        if self.filter_text.strip():
            found = set(matching_ids(self.app.reader.execute, self.filter_text, include_inactive=True))
            shown = [one for one in shown if one.provider.id in found]
        listing = self.query_one(RecordList)
        listing.empty_text = NO_MATCH if self.filter_text.strip() else EMPTY
        listing.set_source(DirectoryRows(shown))
        self._show_count(len(shown))

    def _show_count(self, shown: int) -> None:
        total = len(self._offices)
        words = f"{total:,} office{'' if total == 1 else 's'}"
        if self.filter_text.strip():
            words = f"{shown:,} of {total:,}"
        self.query_one("#count", Static).update(Content(words))

    @property
    def highlighted(self) -> RatedProvider | None:
        """The office under the cursor."""
        one = self.query_one(RecordList).cursor_id
        return self._offices.get(one) if isinstance(one, int) else None

    @on(RecordList.Highlighted)
    def _moved(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_SECONDS, self._show_office)

    def _show_office(self) -> None:
        lines, one = self.query_one(OfficeLines), self.highlighted
        if one is None:
            lines.clear()
            return
        reader = self.app.reader
        lines.show(one, networks_of(reader.execute, one.provider.id), reader.today())

    # --- keys --------------------------------------------------------------------------------

    def subject(self) -> Subject:
        """Nobody: an office is not a patient."""
        return Subject()

    def action_toggle_pane(self) -> None:
        """Show or hide the highlighted office."""
        frame = self.query_one("#office-frame")
        frame.display = not frame.display

    def action_mark(self) -> None:
        """Nothing works on several offices at once."""
        self.say("Offices are not marked: each is edited alone.")

    def action_run(self) -> None:
        """Cards are of people's items."""
        self.say("There are no cards here: o goes through Today, Patients and Referrals.")

    def action_back(self) -> None:
        """Clear the filter, go back."""
        if not self.leave_filter():
            super().action_back()

    @on(RecordList.Chosen)
    async def action_edit(self) -> None:
        """Change the highlighted office."""
        if (one := self.highlighted) is None:
            self.say("Nothing is highlighted: P adds an office.")
            return
        await self._open_form(one.provider.id)

    async def action_new_provider(self) -> None:
        """Add an office."""
        await self._open_form(None)

    async def _open_form(self, provider_id: int | None) -> None:
        from carecoord_tui.screens.provider_form import ProviderForm

        self.app.push_screen(ProviderForm(await self.app.full_practice(), provider_id), self._saved)

    def _saved(self, provider_id: int | None) -> None:
        """The office just saved is under the cursor, also when the filter would hide a new one."""
        if provider_id is None:
            return
        listing = self.query_one(RecordList)
        if listing.source.index_of(provider_id) is None and self._filter:
            self._clear_filter()
        listing.move_to(provider_id)
        self._show_office()


SCREEN = DirectoryScreen
