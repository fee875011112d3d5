"""A sheet of measures, each with its numerator and its denominator; a year back or ahead by arrows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from carecoord_tui.domain.measure_words import Line, Role
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.person_pane import DIM, STRONG, styled
from carecoord_tui.widgets.scrolling import scroll

_STYLES = {Role.TITLE: STRONG, Role.DIM: DIM, Role.PLAIN: ""}


class MeasuresSheet(Sheet[None]):
    """Read only. It opens on the last 365 days; ``left`` is the year before, ``right`` comes back.

    Subclasses give ``of_what``, ``oldest_year`` and ``lines``.
    """

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "measures_sheet.tcss"]
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

    of_what = ""

    def __init__(self, practice: Practice) -> None:
        super().__init__()
        self.practice = practice
        self._year: int | None = None  # None: the last 365 days

    def oldest_year(self) -> int | None:
        """The first year with a record; None when there is none."""
        raise NotImplementedError

    def lines(self, year: int | None) -> Sequence[Line]:
        """The measures of a year, or of the last 365 days."""
        raise NotImplementedError

    def heading(self) -> str:
        """What and of when."""
        return f"Measures of {self.of_what}: {'last 365 days' if self._year is None else self._year}"

    def hint(self) -> str:
        """The keys."""
        return "up down scroll · left the year before · right the year after · esc back"

    def compose_body(self) -> ComposeResult:
        """The lines."""
        with VerticalScroll(id="measures-scroll", can_focus=False):
            yield Static(self._text(), id="measures-text")

    def _text(self) -> Content:
        return Content("\n").join(styled(line.text, _STYLES[line.role]) for line in self.lines(self._year))

    def action_move(self, where: str) -> None:
        """Scroll."""
        scroll(self.query_one(VerticalScroll), where)

    def action_year(self, step: int) -> None:
        """Another year: back to the first with a record, ahead to this one, then the last 365 days."""
        this = self.practice.today().year
        if self._year is None:
            wanted = this if step < 0 else None
        else:
            wanted = max(self._year + step, min(self.oldest_year() or this, this))
        self._year = None if wanted is None or wanted > this else wanted
        self.query_one("#measures-text", Static).update(self._text())
        self.show_heading()
