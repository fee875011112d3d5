"""The Visits tab of the patient page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.rows import PersonView
from carecoord_tui.domain.visit_rows import VisitRow
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.page_tabs import PageTab
from carecoord_tui.store.queries.appointments import count_open_visits, visits_of_patient
from carecoord_tui.widgets.person_pane import DIM, styled
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.visit_rows import VISIT_COLUMNS, visit_rows, visit_words

if TYPE_CHECKING:
    from carecoord_tui.screens.patient_page import PatientPage

_ABOUT_VISITS = (Kind.APPOINTMENT, Kind.ELIGIBILITY)


class VisitsTab(PageTab):
    """Every visit, open ones first; verbs work on the highlighted one's most urgent item."""

    key, title = "visits", "Visits"
    columns = VISIT_COLUMNS
    empty_text = "No visit yet.\na books one."
    has_header = True
    enter = "change"
    footer = ("verb.appointment", "verb.contact", "verb.done", "verb.edit", "app.help")

    def __init__(self, page: PatientPage) -> None:
        super().__init__(page)
        self._lines: dict[int, VisitRow] = {}

    def rows(self, person: PersonView, moment: Moment) -> Sequence[Row]:
        """Read now, the nearest in front."""
        reader = self.page.app.reader
        found = visits_of_patient(reader.execute, person.id)
        self._lines = {visit.id: visit for visit in found}
        return visit_rows(found, moment.today, reader.zone)

    def count(self, person: PersonView) -> int:
        """Visits that still owe something."""
        return count_open_visits(self.page.app.reader.execute, person.id)

    @property
    def visit_id(self) -> int | None:
        """The highlighted visit."""
        found = self.listing.cursor_id
        return found if isinstance(found, int) else None

    def detail(self, row: Row) -> Content:
        """What the columns leave out."""
        visit = self._lines.get(row.id) if isinstance(row.id, int) else None
        return Content("") if visit is None else styled(visit_words(visit, self.page.app.reader.today()), DIM)

    def items(self) -> tuple[Ranked, ...]:
        """The most urgent item of the highlighted visit; one that is over has none."""
        mine = (
            ranked
            for ranked in self.page.items.values()
            if ranked.item.kind in _ABOUT_VISITS and ranked.item.record_id == self.visit_id
        )
        return tuple(mine)[:1]

    async def open(self) -> None:
        """Change the visit."""
        await self.edit()

    async def edit(self) -> bool:
        """Change the highlighted visit; without one, book the first."""
        person = self.page.person
        if person is None:
            return False
        await self.page.open_appointment(person.id, person.name, appointment_id=self.visit_id)
        return True
