"""Any patient by a few letters or digits, from anywhere, also in the middle of a form."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.types import CSSPathType
from textual.widgets import Input

from carecoord_tui.domain.rows import PatientListRow
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.queries.patients import JUMP_LIMIT, jump, phone_endings, whole_number
from carecoord_tui.widgets.patient_rows import JUMP_COLUMNS, jump_row
from carecoord_tui.widgets.record_list import RecordList

PLACEHOLDER = "three letters, birth date, MRN, member ID, or the caller's last four digits"
NOBODY = "Nobody matches."
LAST_FOUR = 4


class JumpSheet(Sheet[None]):
    """Type, enter. ``enter`` opens the first hit, or the one up and down went to.

    Four digits that several people's phones end in do not guess: enter goes to the list first.
    """

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "jump.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", show=False),
        Binding("up", "move(-1)", "Up", show=False),
        Binding("enter", "open", "Open", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._hits: list[PatientListRow] = []
        self._has_chosen = False  # up, down or enter went to one of several

    def has_draft(self) -> bool:
        """A search is no draft."""
        return False

    def heading(self) -> str:
        """What is asked."""
        return "Jump to patient"

    def hint(self) -> str:
        """The keys."""
        return "enter open · up down choose · esc back"

    def compose_body(self) -> ComposeResult:
        """The line and the hits."""
        yield Input(placeholder=PLACEHOLDER, id="jump-text")
        listing = RecordList(JUMP_COLUMNS, empty_text="", show_header=False, id="jump-hits")
        listing.can_focus = False
        yield listing

    def on_mount(self) -> None:
        """Ready to type."""
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """Look at every key."""
        reader = self.app.reader
        self._has_chosen = False
        self.problem("")
        self._hits = self.find(event.value)
        endings = {} if self.app.privacy else phone_endings(reader.execute, [hit.id for hit in self._hits])
        today, name = reader.today(), self.app.shown_name
        listing = self.query_one(RecordList)
        listing.empty_text = NOBODY if event.value.strip() else ""
        listing.set_source([jump_row(self.app.shown_line(hit), endings, today, name) for hit in self._hits])
        listing.action_first()

    def find(self, text: str) -> list[PatientListRow]:
        """The first people that match, the best first."""
        reader = self.app.reader
        return jump(reader.execute, text, order=reader.settings.date_order)

    def action_move(self, step: int) -> None:
        """Choose another hit; the typing goes on."""
        self._has_chosen = True
        listing = self.query_one(RecordList)
        if step > 0:
            listing.action_cursor_down()
        else:
            listing.action_cursor_up()

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.action_open()

    @on(RecordList.Chosen)
    def _clicked(self) -> None:
        self._has_chosen = True
        self.action_open()

    def action_open(self) -> None:
        """Open the page; several callers with one ending are shown first."""
        listing, text = self.query_one(RecordList), self.query_one(Input).value.strip()
        if not self._has_chosen and len(text) == LAST_FOUR:
            listed = {hit.id for hit in self._hits}
            same = listed.intersection(whole_number(self.app.reader.execute, text))
            if len(same) > 1:
                self._has_chosen = True
                shown = "people" if len(same) < JUMP_LIMIT else "people or more"
                self.problem(f"{len(same)} {shown} have {text}: choose with up and down, enter opens.")
                return
        if isinstance(patient_id := listing.cursor_id, int):
            self.take(patient_id)

    def take(self, patient_id: int) -> None:
        """Do with the chosen person what was asked for: open the page."""
        app = self.app
        self.dismiss(None)
        app.open_patient(patient_id)


SCREEN = JumpSheet
