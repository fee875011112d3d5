"""Measures of insurance, each with its numerator and its denominator; a year back or ahead by arrows."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from carecoord_tui.domain.insurance_measure_words import insurance_lines
from carecoord_tui.domain.insurance_measures import measure_insurance
from carecoord_tui.domain.measure_words import Line, Role
from carecoord_tui.domain.measures import Period
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.insurance_measures import read_insurance_rows
from carecoord_tui.widgets.person_pane import DIM, STRONG, styled
from carecoord_tui.widgets.scrolling import scroll

_STYLES = {Role.TITLE: STRONG, Role.DIM: DIM, Role.PLAIN: ""}


class InsuranceMeasuresSheet(Sheet[None]):
    """Read only. It opens on the last 365 days; ``left`` is the year before, ``right`` comes back."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "insurance_measures.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,enter,M", "cancel", "Close", id="measures.close", show=False),
        Binding("j,down", "move('down')", "Down", id="measures.down", show=False),
        Binding("k,up", "move('up')", "Up", id="measures.up", show=False),
        Binding("pagedown,space", "move('page_down')", "Page down", id="measures.page_down", show=False),
        Binding("pageup", "move('page_up')", "Page up", id="measures.page_up", show=False),
        Binding("g,home", "move('home')", "Top", id="measures.home", show=False),
        Binding("G,end", "move('end')", "Bottom", id="measures.end", show=False),
        Binding("left", "year(-1)", "The year before", id="measures.before", show=False),
        Binding("right", "year(1)", "The year after", id="measures.after", show=False),
    ]

    def __init__(self, practice: Practice) -> None:
        super().__init__()
        self.practice = practice
        self._rows = read_insurance_rows(practice.execute, practice.zone)
        self._year: int | None = None  # None: the last 365 days
        self._oldest = self._rows.first_year or practice.today().year

    def heading(self) -> str:
        """What and of when."""
        return f"Measures of insurance: {'last 365 days' if self._year is None else self._year}"

    def hint(self) -> str:
        """The keys."""
        return "up down scroll · left the year before · right the year after · esc back"

    def compose_body(self) -> ComposeResult:
        """The lines."""
        with VerticalScroll(id="measures-scroll", can_focus=False):
            yield Static(self._text(), id="measures-text")

    def _text(self) -> Content:
        today, year = self.practice.today(), self._year
        period = None if year is None else Period.of_year(year)
        measures = measure_insurance(self._rows, self.practice.context, today=today, period=period)
        return Content("\n").join(self._line(line) for line in insurance_lines(measures))

    def _line(self, line: Line) -> Content:
        return styled(line.text, _STYLES[line.role])

    def action_move(self, where: str) -> None:
        """Scroll."""
        scroll(self.query_one(VerticalScroll), where)

    def action_year(self, step: int) -> None:
        """Another year: back to the first with a record, ahead to this one, then the last 365 days."""
        this = self.practice.today().year
        if self._year is None:
            wanted = this if step < 0 else None
        else:
            wanted = max(self._year + step, min(self._oldest, this))
        self._year = None if wanted is None or wanted > this else wanted
        self.query_one("#measures-text", Static).update(self._text())
        self.show_heading()


SCREEN = InsuranceMeasuresSheet
