"""Write a note on a person, about the item when there is one."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.types import CSSPathType
from textual.widgets import TextArea
from textual.widgets.text_area import Selection

from carecoord_tui.domain.snippets import BLANK, SnippetText, filled
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.confirm import ConfirmSheet
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.follow_ups import NOTE_LIMIT, add_note
from carecoord_tui.store.practice import Practice


class NoteSheet(Sheet[bool]):
    """``ctrl+s`` keeps the note; ``esc`` asks before an unsaved one is dropped."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "note.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="sheet.save", show=False),
        Binding("ctrl+t", "template", "Template", id="note.template", show=False, priority=True),
    ]

    def __init__(self, practice: Practice, subject: Subject) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self.about = subject.items[0] if len(subject.items) == 1 else None

    def heading(self) -> str:
        """Whose note, about what."""
        about = f" · {self.about.title}" if self.about else ""
        return f"Note: {self.app.shown_name(self.subject.patient_name)}{about}"

    def hint(self) -> str:
        """The keys."""
        return "ctrl+s save · ctrl+t a template · ;word and a space: a snippet · esc back"

    def compose_body(self) -> ComposeResult:
        """The text."""
        yield TextArea(id="note-text", show_line_numbers=False, highlight_cursor_line=False)

    @property
    def text(self) -> str:
        """What is typed."""
        return self.query_one(TextArea).text

    def action_save(self) -> None:
        """Keep the note."""
        text = self.text
        if len(text) > NOTE_LIMIT:
            self.problem(f"A note holds {NOTE_LIMIT} characters and this has {len(text)}: make it two notes.")
            return
        patient_id = self.subject.patient_id
        if patient_id is None:
            return
        about = self.about.item.ref if self.about else None
        if self.attempt(lambda: add_note(self.practice, patient_id=patient_id, text=text, about=about)):
            self.dismiss(True)
            self.app.say("Note kept.  u undoes it")

    def action_template(self) -> None:
        """Begin with a template, its first blank under the cursor."""
        from carecoord_tui.screens.expanding import templates
        from carecoord_tui.screens.snippets import TemplateSheet

        self.app.push_screen(TemplateSheet(templates(self.app)), self._begin_with)

    def _begin_with(self, template: SnippetText | None) -> None:
        if template is None:
            return
        from carecoord_tui.screens.expanding import known_now

        area, text = self.query_one(TextArea), filled(template, known_now(self.app))
        start = area.cursor_location
        area.insert(text)
        blank = text.find(BLANK)
        if blank >= 0:
            row, column = start[0] + text.count("\n", 0, blank), blank - (text.rfind("\n", 0, blank) + 1)
            column += start[1] if row == start[0] else 0
            area.selection = Selection((row, column), (row, column + len(BLANK)))

    def action_cancel(self) -> None:
        """Go back; an unsaved note is dropped only when that is meant."""
        if not self.text.strip():
            self.dismiss(None)
            return
        self.app.push_screen(ConfirmSheet("Drop this note? It is not saved."), self._drop_when_meant)

    def _drop_when_meant(self, is_meant: bool | None) -> None:
        if is_meant:
            self.dismiss(None)


SCREEN = NoteSheet
