"""The payer directory: whom to call, which clocks run for each payer, and what its contract says instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.payer_rows import Clock, PayerRow, clocks_of, filing_clock
from carecoord_tui.screens.directory_base import DirectoryBase
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.payer_calls import calls_to
from carecoord_tui.store.queries.payers import list_payers, matching
from carecoord_tui.widgets.payer_rows import PAYER_COLUMNS, PayerDirectoryRows, PayerLines, call_line
from carecoord_tui.widgets.row_source import RowSource

EMPTY = "No payer is on file yet: they come with the coverages of patients.\nP adds one."
FILTER_HINT = "name, class, note, portal or phone digits"


class PayersScreen(DirectoryBase[PayerRow]):
    """Payers with their figures."""

    SCOPES = (Scope.LIST, Scope.PAYERS)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.PAYERS)]

    one_word, many_words = "payer", "payers"
    empty_text = EMPTY
    filter_hint = FILTER_HINT
    columns = PAYER_COLUMNS
    heights = (10, 17)
    footer = ("list.filter", "payers.new", "app.quick_add", "app.help")

    def read_records(self) -> Mapping[int, PayerRow]:
        """Every payer by name."""
        return {one.id: one for one in list_payers(self.app.reader.execute)}

    def matching(self, shown: Sequence[PayerRow]) -> Sequence[PayerRow]:
        """By name, class, note, portal or digits of a phone."""
        return matching(shown, self.filter_text)

    def rows_of(self, shown: Sequence[PayerRow]) -> RowSource:
        """One line a payer."""
        return PayerDirectoryRows(shown, self._filing)

    def _filing(self, one: PayerRow) -> Clock | None:
        reader = self.app.reader
        return filing_clock(reader.context.pack, one, on=reader.today())

    def compose_facts(self) -> ComposeResult:
        """The payer."""
        yield PayerLines(id="payer")

    def show_facts(self, one: PayerRow | None) -> None:
        """The payer with the clocks that run for it, and the last calls to it."""
        lines = self.query_one(PayerLines)
        if one is None:
            lines.clear()
        else:
            reader = self.app.reader
            pack, today = reader.context.pack, reader.today()
            calls = [call_line(call, today, reader.context.zone) for call in calls_to(reader.execute, one.id)]
            lines.show(one, clocks_of(pack, one, on=today), self._filing(one), calls)

    def make_form(self, practice: Practice, record_id: int | None) -> Screen[int | None]:
        """The payer's form."""
        from carecoord_tui.screens.payer_form import PayerForm

        return PayerForm(practice, record_id)


SCREEN = PayersScreen
