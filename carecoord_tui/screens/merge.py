"""Two records of one person: which value stays and what moves, side by side, then one undoable change."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from carecoord_tui.domain.merging import MergeLine, MergePreview, first_choice
from carecoord_tui.domain.rows import PatientListRow
from carecoord_tui.screens.jump import JumpSheet
from carecoord_tui.screens.small_terminal import NeedsRoom, TooSmall
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.merge import merge_patients
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.merging import read_merge
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp

_NAMES = ("family_name", "given_name", "middle_name", "preferred_name")
_PRIVATE = ("mrn", "birth_date", "email", "address_line")
_HINT = "space the other value · w the other record stays · ^s merge · esc leave both"


class OtherRecord(JumpSheet):
    """Who is the same person: found as one jumps."""

    def __init__(self, practice: Practice, patient_id: int, name: str) -> None:
        super().__init__()
        self._practice, self._patient_id, self._name = practice, patient_id, name

    def heading(self) -> str:
        """What is asked."""
        return f"Merge {self.app.shown_name(self._name)} with which record?"

    def hint(self) -> str:
        """The keys."""
        return "enter compare the two · up down choose · esc back"

    def take(self, patient_id: int) -> None:
        """Compare the two."""
        found = read_merge(self._practice.execute, self._patient_id, patient_id)
        if found is None:
            self.problem("One of the two was merged already: choose another.")
            return
        app = self.app
        self.dismiss(None)
        app.push_screen(MergeScreen(self._practice, found))

    def find(self, text: str) -> list[PatientListRow]:
        """Everybody but the record itself."""
        return [hit for hit in super().find(text) if hit.id != self._patient_id]


def compare(app: CarecoordApp, practice: Practice, our_id: int, their_id: int) -> bool:
    """Show two records side by side; False when one of them is gone or merged already."""
    found = read_merge(practice.execute, our_id, their_id)
    if found is not None:
        app.push_screen(MergeScreen(practice, found))
    return found is not None


class MergeScreen(NeedsRoom, ModalScreen[None]):
    """Nothing changes before ``ctrl+s``; ``u`` takes the whole merge back."""

    CSS_PATH = "merge.tcss"
    AUTO_FOCUS = "RecordList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "merge", "Merge", id="merge.merge", show=False),
        Binding("escape", "cancel", "Back", id="merge.back", show=False),
        Binding("space", "toggle", "The other value", id="merge.toggle", show=False),
        Binding("w", "swap", "The other record stays", id="merge.swap", show=False),
    ]

    if TYPE_CHECKING:

        @property
        def app(self) -> CarecoordApp:
            """The app, by its own type."""

    def __init__(self, practice: Practice, preview: MergePreview) -> None:
        super().__init__()
        self._practice, self._preview = practice, preview
        self._take = set(first_choice(preview))
        self._came_from = preview.our_id

    def compose(self) -> ComposeResult:
        """Heading, what is said, the fields side by side with what moves, keys."""
        yield Static("", id="heading", markup=False)
        yield Static("", id="said", markup=False)
        yield RecordList(self._columns(), empty_text="", id="lines")
        yield Static(_HINT, id="hint", markup=False)
        yield TooSmall()

    def on_mount(self) -> None:
        """Side by side."""
        self._draw()

    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("field", "", min_width=14, max_width=20, grow=1, style="dim"),
            Column("ours", "Stays", min_width=18, grow=3),
            Column("theirs", "Goes into it", min_width=18, grow=3),
        )

    def _draw(self) -> None:
        found, name = self._preview, self.app.shown_name
        heading = f"Merge {name(found.their_name)} into {name(found.our_name)}"
        self.query_one("#heading", Static).update(Content(safe_text(heading)))
        both = any(line.field.name == "mrn" and line.differs for line in found.lines)
        words = [
            "Bold is what stays." if found.lines else "",
            "The other MRN is kept in a note and still finds this person." if both else "",
            "Its confidential channel binds this person from now on." if found.makes_confidential else "",
        ]
        self._say(" ".join(filter(None, words)))
        self.query_one(RecordList).set_source(self._rows())

    def _say(self, text: str, *, alarm: bool = False) -> None:
        line = self.query_one("#said", Static)
        line.set_class(alarm, "-alarm")
        line.update(Content(safe_text(text)))

    def _rows(self) -> list[Row]:
        lines = [line for line in self._preview.lines if line.ours or line.theirs]
        rows = [Row(line.field.name, (line.field.label, *self._cells(line))) for line in lines]
        if self._preview.moves:
            moved = [Row(f"moves {kind}", (kind, "", f"{n:,} move")) for kind, n in self._preview.moves]
            rows += [Row("moves", ("What moves",), kind="header"), *moved]
        return rows

    def _cells(self, line: MergeLine) -> tuple[Text, Text]:
        name = line.field.name
        shown = self.app.shown_name if name in _NAMES else self.app.shown_value if name in _PRIVATE else str
        takes = line.field.name in self._take
        ours, theirs = (safe_text(shown(value)) if value else "" for value in (line.ours, line.theirs))
        return Text(ours, "dim" if takes else "strong"), Text(theirs, "strong" if takes else "dim")

    def action_toggle(self) -> None:
        """Let the other record's value stay, or take that back; on to the next."""
        listing = self.query_one(RecordList)
        at = listing.cursor_id
        line = next((one for one in self._preview.lines if one.field.name == at), None)
        if line is None:
            return
        self._take ^= {line.field.name}
        listing.set_source(self._rows())
        listing.move_to(at)
        listing.action_cursor_down()

    def action_swap(self) -> None:
        """The record that would go stays, and the other one goes."""
        found = read_merge(self._practice.execute, self._preview.their_id, self._preview.our_id)
        if found is None:
            self._say("One of the two was changed meanwhile: go back and compare anew.", alarm=True)
            return
        self._preview, self._take = found, set(first_choice(found))
        self._draw()

    def action_merge(self) -> None:
        """Make the two one."""
        try:
            merge_patients(self._practice, self._preview, self._take)
        except (Refused, StoreError) as error:
            self._say(str(error), alarm=True)
            return
        app, stays = self.app, self._preview.our_id
        self.dismiss(None)
        if stays != self._came_from:
            app.open_patient(stays)
        app.call_after_refresh(app.say, "Merged into one record · u undoes it")

    def action_cancel(self) -> None:
        """Leave both as they are."""
        self.dismiss(None)
