"""The caseload: every patient in name order, narrowed as you type, with the next action of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.rows import PatientListRow
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.filtering import FilteredScreen
from carecoord_tui.screens.list_beside import ListBesidePerson
from carecoord_tui.store.queries.patients import NameOrder, read_rows
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.widgets.patient_rows import PATIENT_COLUMNS, WindowedPatients, patient_row
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

EMPTY = "Nobody is on the caseload yet.\nN adds a patient; carecoord import patients FILE brings in a list."
NO_MATCH = "Nobody matches.\nesc clears the filter, A looks among discharged and deceased people too."
RUN_LIMIT = 200  # people a run takes from the top of the list
FILTER_HINT = "name, birth date, MRN, phone digits or member ID"


class PatientsScreen(ListBesidePerson, FilteredScreen):
    """The patients list. A verb works on the most urgent item of the highlighted patient."""

    SCOPES = (Scope.ITEM, Scope.LIST, Scope.PATIENTS)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "patients"
    rows_are_patients = True

    def __init__(self) -> None:
        super().__init__()
        self._names: NameOrder | None = None
        self._everybody = False

    def compose_body(self) -> ComposeResult:
        """Filter line, list, pane, and the two lines of a narrow terminal."""
        yield from self.compose_filter(FILTER_HINT)
        yield from self.compose_list()

    def make_list(self) -> RecordList:
        """People in name order."""
        return RecordList(PATIENT_COLUMNS, empty_text=EMPTY, id="list")

    def on_mount(self) -> None:
        """The list is read; keys go to it."""
        self.query_one(RecordList).focus()

    # --- reading -----------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the names anew; cursor, marks and filter stay."""
        self._names = NameOrder(self.app.reader.execute)
        self.show_list()
        self.show_person()

    def show_list(self) -> None:
        """List what the filter leaves."""
        names = self._names
        if names is None:
            return
        ids = self._shown_ids(names)
        listing = self.query_one(RecordList)
        listing.empty_text = NO_MATCH if self.filter_text.strip() else EMPTY
        listing.set_source(WindowedPatients(ids, self._read, self._paint), keep_marks=bool(self.filter_text))
        self._show_count(len(ids), names)

    def _shown_ids(self, names: NameOrder) -> Sequence[int]:
        """Who is in the list, in its order."""
        reader = self.app.reader
        order = reader.settings.date_order
        return names.matching(reader.execute, self.filter_text, order=order, everybody=self._everybody)

    def _read(self, ids: Sequence[int]) -> list[PatientListRow]:
        return read_rows(self.app.reader.execute, ids)

    def _paint(self, line: PatientListRow) -> Row:
        return patient_row(self.app.shown_line(line), self.app.reader.moment(), self.app.shown_name)

    def _show_count(self, shown: int, names: NameOrder) -> None:
        total = len(names.ids(everybody=self._everybody))
        who = f"{total:,} people" if total != 1 else "1 person"
        if self._everybody:
            who = f"{total:,} with discharged and deceased"
        elif names.on_hold:  # the header counts active people: both numbers stand here
            who = f"{total - names.on_hold:,} active, {names.on_hold:,} on hold"
        filtered = f"{shown:,} of {total:,}" + (f" ({who})" if self._everybody or names.on_hold else "")
        self.query_one("#count", Static).update(Content(filtered if self.filter_text.strip() else who))

    # --- filter ------------------------------------------------------------------------------

    def action_everybody(self) -> None:
        """Show discharged and deceased people too, or leave them out again."""
        self._everybody = not self._everybody
        self.show_list()

    def action_back(self) -> None:
        """Clear the filter, close the pane, clear the marks, go back."""
        listing = self.query_one(RecordList)
        if self.leave_filter() or self.close_pane():
            return
        if listing.marks:
            listing.clear_marks()
        else:
            super().action_back()

    def highlighted_person(self) -> tuple[int, Ranked | None] | None:
        """The row's patient, at their most urgent item."""
        patient_id = self._highlighted()
        return None if patient_id is None else (patient_id, None)

    # --- the subject -------------------------------------------------------------------------

    def _highlighted(self) -> int | None:
        one = self.query_one(RecordList).cursor_id
        return one if isinstance(one, int) else None

    def _first_item(self, patient_id: int) -> Ranked | None:
        reader = self.app.reader
        return next(iter(items_of(reader.execute, patient_id, reader.moment())), None)

    def chosen_people(self) -> list[int]:
        """Marked people, else the highlighted one, who stands first."""
        highlighted = self._highlighted()
        marked = (one for one in self.query_one(RecordList).marks if isinstance(one, int))
        chosen = sorted(marked, key=lambda one: (one != highlighted, one))
        return chosen or ([] if highlighted is None else [highlighted])

    def subject(self) -> Subject:
        """The most urgent item of each marked patient, else of the highlighted one."""
        chosen = self.chosen_people()
        items = [item for item in map(self._first_item, chosen) if item is not None]
        items.sort(key=lambda ranked: ranked.sort_key)
        patient_id = next(iter(chosen), None)
        line = next(iter(self._read([patient_id])), None) if patient_id is not None else None
        if line is None:
            return Subject()
        return Subject(tuple(items), line.id, line.name, several=len(chosen) > 1)

    async def action_run(self) -> None:
        """Card by card through the most urgent item of each person shown, or of the marked ones."""
        if self._names is None:
            return
        marks = self.query_one(RecordList).marks
        shown = [one for one in self._shown_ids(self._names) if one in marks or not marks]
        items = (self._first_item(patient_id) for patient_id in shown[:RUN_LIMIT])
        refs = [ranked.item.ref for ranked in items if ranked is not None]
        if not refs:
            self.say("There is nothing to go through here.")
            return
        await self.app.full_practice()
        from carecoord_tui.screens.run import RunScreen

        title = "Patients" if len(shown) <= RUN_LIMIT else f"Patients, the first {RUN_LIMIT}"
        self.app.push_screen(RunScreen(refs, title))

    @on(RecordList.Chosen)
    def _open(self) -> None:
        patient_id = self._highlighted()
        if patient_id is not None:
            first = self._first_item(patient_id)
            self.app.open_patient(patient_id, first.item.ref if first else None)


SCREEN = PatientsScreen
