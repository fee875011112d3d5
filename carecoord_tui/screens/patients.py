"""The caseload: every patient in name order, narrowed as you type, with the next action of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Label, Static

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.rows import PatientListRow
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.verbs import VerbScreen
from carecoord_tui.store.queries.patients import NameOrder, read_rows
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.widgets.patient_rows import PATIENT_COLUMNS, WindowedPatients, patient_row
from carecoord_tui.widgets.person_pane import PersonLines, PersonPane
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

PANE_FROM_WIDTH = 100
REST_SECONDS = 0.04
EMPTY = "Nobody is on the caseload yet.\nN adds a patient; carecoord import patients FILE brings in a list."
NO_MATCH = "Nobody matches.\nesc clears the filter, A looks among discharged and deceased people too."
FILTER_HINT = "name, birth date, MRN, phone digits or member ID"


class FilterInput(Input):
    """The filter's line. Down and enter go to the list, esc clears."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,enter", "leave", "To the list", show=False),
        Binding("escape", "clear_filter", "Clear", show=False),
    ]

    class Left(Message):
        """The list is wanted."""

    class Cleared(Message):
        """No filter is wanted."""

    def action_leave(self) -> None:
        """Go to the list, the filter stays."""
        self.post_message(self.Left())

    def action_clear_filter(self) -> None:
        """Show everybody again."""
        self.post_message(self.Cleared())


class PatientsScreen(VerbScreen):
    """The patients list. A verb works on the most urgent item of the highlighted patient."""

    SCOPES = (Scope.ITEM, Scope.LIST, Scope.PATIENTS)
    CSS_PATH = "patients.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "patients"

    def __init__(self) -> None:
        super().__init__()
        self._names: NameOrder | None = None
        self._filter = ""
        self._everybody = False
        self._pane_wanted: bool | None = None  # None: by width
        self._resting: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """Filter line, list, pane, and the two lines of a narrow terminal."""
        with Horizontal(id="filter-line"):
            yield Label("/", id="filter-sign")
            yield FilterInput(placeholder=FILTER_HINT, id="filter", select_on_focus=False)
            yield Static("", id="count", markup=False)
        with Horizontal(id="body"):
            with Vertical(id="list-side"):
                yield RecordList(PATIENT_COLUMNS, empty_text=EMPTY, id="list")
                yield PersonLines(id="lines")
            yield PersonPane(id="pane")

    def on_mount(self) -> None:
        """The list is read; keys go to it."""
        super().on_mount()
        self.query_one(RecordList).focus()

    # --- reading -----------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the names anew; cursor, marks and filter stay."""
        self._names = NameOrder(self.app.reader.execute)
        self._show_list()
        self._show_person()

    def _show_list(self) -> None:
        names = self._names
        if names is None:
            return
        reader = self.app.reader
        order = reader.settings.date_order
        ids = names.matching(reader.execute, self._filter, order=order, everybody=self._everybody)
        listing = self.query_one(RecordList)
        listing.empty_text = NO_MATCH if self._filter.strip() else EMPTY
        listing.set_source(WindowedPatients(ids, self._read, self._paint), keep_marks=bool(self._filter))
        self._show_count(len(ids), names)

    def _read(self, ids: Sequence[int]) -> list[PatientListRow]:
        return read_rows(self.app.reader.execute, ids)

    def _paint(self, line: PatientListRow) -> Row:
        return patient_row(line, self.app.reader.moment(), self.app.shown_name)

    def _show_count(self, shown: int, names: NameOrder) -> None:
        total = len(names.ids(everybody=self._everybody))
        words = [f"{shown:,} of {total:,}" if self._filter.strip() else f"{total:,} people"]
        if self._everybody:
            words.append("with discharged and deceased")
        elif names.on_hold and not self._filter.strip():
            words.append(f"{names.on_hold:,} on hold")
        self.query_one("#count", Static).update(Content(", ".join(words)))

    # --- filter ------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Open the filter's line."""
        self.set_class(True, "-filtering")
        self.query_one(FilterInput).focus()

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        """Narrow at every key; the best match is under the cursor."""
        if event.value == self._filter:
            return
        self._filter = event.value
        self._show_list()
        if self._filter.strip():
            self.query_one(RecordList).action_first()

    @on(FilterInput.Left)
    def _to_list(self) -> None:
        self.query_one(RecordList).focus()
        if not self._filter.strip():
            self._clear_filter()

    @on(FilterInput.Cleared)
    def _clear_filter(self) -> None:
        """All again, the cursor staying on its patient."""
        self._filter = ""
        self.query_one(FilterInput).value = ""
        self.set_class(False, "-filtering")
        self._show_list()
        self.query_one(RecordList).focus()

    def action_everybody(self) -> None:
        """Show discharged and deceased people too, or leave them out again."""
        self._everybody = not self._everybody
        self._show_list()

    def action_back(self) -> None:
        """Clear the filter, then the marks, then go back."""
        listing = self.query_one(RecordList)
        if self.has_class("-filtering"):
            self._clear_filter()
        elif listing.marks:
            listing.clear_marks()
        else:
            super().action_back()

    # --- the person beside -------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """The pane shows from 100 columns on, unless ``p`` said otherwise."""
        super().on_resize(event)
        self._place_pane()

    def action_toggle_pane(self) -> None:
        """Show or hide the pane."""
        self._pane_wanted = not self.query_one(PersonPane).display
        self._place_pane()

    def _place_pane(self) -> None:
        wide = self.size.width >= PANE_FROM_WIDTH if self._pane_wanted is None else self._pane_wanted
        pane, lines = self.query_one(PersonPane), self.query_one(PersonLines)
        pane.display, lines.display = wide, not wide
        self._show_person()

    def _show_person(self) -> None:
        pane, lines = self.query_one(PersonPane), self.query_one(PersonLines)
        reader, patient_id = self.app.reader, self._highlighted()
        person = None if patient_id is None else read_person(reader.execute, patient_id)
        if person is None:
            pane.clear()
            lines.clear()
            return
        moment = reader.moment()
        if pane.display:
            items = items_of(reader.execute, person.id, moment)
            pane.show(person, items, items[0] if items else None, moment, self.app.shown_name)
        else:
            lines.show(person, moment, self.app.shown_name)

    # --- the subject -------------------------------------------------------------------------

    def _highlighted(self) -> int | None:
        one = self.query_one(RecordList).cursor_id
        return one if isinstance(one, int) else None

    def _first_item(self, patient_id: int) -> Ranked | None:
        reader = self.app.reader
        return next(iter(items_of(reader.execute, patient_id, reader.moment())), None)

    def subject(self) -> Subject:
        """The most urgent item of each marked patient, else of the highlighted one."""
        listing = self.query_one(RecordList)
        marked = [one for one in listing.marks if isinstance(one, int)]
        highlighted = self._highlighted()
        chosen = marked or ([] if highlighted is None else [highlighted])
        items = [item for item in map(self._first_item, chosen) if item is not None]
        items.sort(key=lambda ranked: ranked.sort_key)
        patient_id = highlighted if highlighted in chosen else next(iter(sorted(chosen)), None)
        line = next(iter(self._read([patient_id])), None) if patient_id is not None else None
        return Subject() if line is None else Subject(tuple(items), line.id, line.name)

    @on(RecordList.Highlighted)
    def _moved(self) -> None:
        """A held key moves through many people: the person shown follows when it rests."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_SECONDS, self._show_person)

    @on(RecordList.Chosen)
    def _open(self) -> None:
        patient_id = self._highlighted()
        if patient_id is not None:
            first = self._first_item(patient_id)
            self.app.open_patient(patient_id, first.item.ref if first else None)

    def action_mark(self) -> None:
        """Mark the patient and go on to the next."""
        listing = self.query_one(RecordList)
        listing.toggle_mark()
        listing.action_cursor_down()


SCREEN = PatientsScreen
