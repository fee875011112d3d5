"""The provider directory: who takes which plan, how fast each office is, whether it reports back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.provider_rows import RatedProvider
from carecoord_tui.domain.provider_stats import better_first
from carecoord_tui.screens.directory_base import NEW, DirectoryBase
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.providers import list_providers, matching_ids, networks_of
from carecoord_tui.widgets.provider_rows import PROVIDER_COLUMNS, DirectoryRows, OfficeLines
from carecoord_tui.widgets.row_source import RowSource

EMPTY = "No office is on file yet: the people and organizations you refer to stand here.\nP adds one."
FILTER_HINT = "name, organization, specialty, NPI or phone digits"


def in_order(one: RatedProvider) -> tuple[object, ...]:
    """By specialty, the better choice first; offices without one, and those no longer offered, at the end."""
    office = one.provider
    return not office.is_active, not office.specialty, fold(office.specialty), *better_first(one)


class DirectoryScreen(DirectoryBase[RatedProvider]):
    """Offices with their history."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.DIRECTORY)]

    empty_text = EMPTY
    filter_hint = FILTER_HINT
    columns = PROVIDER_COLUMNS
    footer = ("list.filter", NEW, "verb.chase", "app.quick_add", "app.help")

    def read_records(self) -> Mapping[int, RatedProvider]:
        """Every office with what history says of it."""
        offices = sorted(list_providers(self.app.reader.execute), key=in_order)
        return {one.provider.id: one for one in offices}

    def matching(self, shown: Sequence[RatedProvider]) -> Sequence[RatedProvider]:
        """By name, organization, specialty, NPI or digits of a phone."""
        found = set(matching_ids(self.app.reader.execute, self.filter_text, include_inactive=True))
        return [one for one in shown if one.provider.id in found]

    def rows_of(self, shown: Sequence[RatedProvider]) -> RowSource:
        """Under the headings of their specialties."""
        return DirectoryRows(shown)

    def compose_facts(self) -> ComposeResult:
        """The office."""
        yield OfficeLines(id="office")

    def show_facts(self, one: RatedProvider | None) -> None:
        """The office with the plans it takes."""
        lines = self.query_one(OfficeLines)
        if one is None:
            lines.clear()
        else:
            reader = self.app.reader
            lines.show(one, networks_of(reader.execute, one.provider.id), reader.today())

    def make_form(self, practice: Practice, record_id: int | None) -> Screen[int | None]:
        """The office's form."""
        from carecoord_tui.screens.provider_form import ProviderForm

        return ProviderForm(practice, record_id)


SCREEN = DirectoryScreen
