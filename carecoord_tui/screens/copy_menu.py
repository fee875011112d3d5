"""The copy menu: one key sends one fact to the terminal's clipboard. It never claims that it arrived."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from carecoord_tui.domain.copying import CopyFact, CopyMenu, copy_menu
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.records import read_npis, read_service_codes
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import DIM, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

MAX_LINES = 10
COLUMNS = (
    Column("key", width=1, style="accent"),
    Column("label", width=13, style="dim"),
    Column("text", min_width=20, grow=3),
    Column("detail", min_width=18, max_width=34, grow=1, style="dim", priority=50),
)


class CopySheet(Sheet[None]):
    """Stays open after a copy, so that a form is filled fact by fact. Every copy is audited first."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "copy_menu.tcss"]

    def __init__(self, practice: Practice, subject: Subject) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self.menu = self._read()

    def _read(self) -> CopyMenu:
        patient_id = self.subject.patient_id or 0
        execute, settings = self.practice.execute, self.practice.settings
        person = read_person(execute, patient_id, contacts=0)
        if person is None:
            return CopyMenu((), ("this patient is no longer there",))
        first = self.subject.first
        ref = first.item.ref if first is not None else None
        return copy_menu(
            person,
            npis=read_npis(execute, patient_id, ref),
            service_codes=read_service_codes(execute, patient_id, ref),
            user_name=self.practice.user.name,
            callback_number=settings.callback_number,
            order=settings.date_order,
        )

    def heading(self) -> str:
        """Whose facts."""
        return f"Copy: {self.app.shown_name(self.subject.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "one key copies · enter copies the highlighted one · esc back"

    def compose_body(self) -> ComposeResult:
        """The facts, what is withheld and why, and what was sent."""
        facts = RecordList(
            COLUMNS, self._rows(), show_header=False, empty_text="Nothing to copy.", id="facts"
        )
        facts.styles.height = max(1, min(MAX_LINES, len(self.menu.facts)))
        yield facts
        for reason in self.menu.withheld:
            yield Static(styled(f"Not here: {reason}.", DIM))
        yield Static(id="sent", markup=False)

    def _rows(self) -> list[Row]:
        masks = self.app.privacy
        return [
            Row(fact.key, (fact.key, fact.label, fact.shown(privacy=masks), fact.shown_detail(privacy=masks)))
            for fact in self.menu.facts
        ]

    def on_key(self, event: events.Key) -> None:
        """A fact's key."""
        fact = self._fact(event.character)
        if fact is not None:
            event.stop()
            self._copy(fact)

    def on_record_list_chosen(self, event: RecordList.Chosen) -> None:
        """Enter or a click."""
        event.stop()
        fact = self._fact(event.record_id)
        if fact is not None:
            self._copy(fact)

    def _fact(self, key: object) -> CopyFact | None:
        return next((fact for fact in self.menu.facts if fact.key == key), None)

    def _copy(self, fact: CopyFact) -> None:
        """Audit first: what cannot be recorded does not leave the program."""
        label, patient_id = f"copied: {fact.label}", self.subject.patient_id
        self.problem("")
        if not self.attempt(lambda: self.practice.record_event(label, kind="export", patient_id=patient_id)):
            return
        self.app.copy_to_clipboard(fact.text)
        sent = self.query_one("#sent", Static)
        sent.update(
            Content.assemble(
                styled(
                    f"Sent to the terminal's clipboard: {fact.label}. If it does not paste, select it here: "
                ),
                styled(fact.shown(privacy=self.app.privacy), "bold"),
            )
        )
        sent.display = True


SCREEN = CopySheet
