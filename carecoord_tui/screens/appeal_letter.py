"""The appeal letter: enter makes the PDF, t the text for a portal; both are logged as disclosures."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from carecoord_tui.documents.appeal import make_letter, make_letter_text
from carecoord_tui.documents.release import MadePdf
from carecoord_tui.screens.packet_text import PortalTextSheet
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.denials import read_denial
from carecoord_tui.widgets.person_pane import styled


class AppealLetterSheet(Sheet[bool]):
    """True when a letter was made."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pdf", "Make the PDF", id="letter.pdf", show=False),
        Binding("t", "text", "Text for a portal", id="letter.text", show=False),
    ]

    def __init__(self, practice: Practice, denial_id: int) -> None:
        super().__init__()
        self.practice, self.denial_id = practice, denial_id
        self.record = read_denial(practice.execute, denial_id)

    def heading(self) -> str:
        """For which denial."""
        return f"Appeal letter: {self.record.service}" if self.record else "Appeal letter"

    def hint(self) -> str:
        """The keys."""
        return "enter PDF to fax or print · t text for a portal · esc back"

    def compose_body(self) -> ComposeResult:
        """To whom it goes, by which road, and where the template lies."""
        record = self.record
        lines = [f"To {record.payer_name or 'a payer not entered yet'}, appeals."] if record else []
        advice = record.advice(self.practice.context) if record else ""
        lines += [advice] if advice else []
        lines.append("The template appeal_letter.md can be changed; the reasons are filled in by hand.")
        yield Static(styled("\n".join(lines)), id="letter-said")

    def action_pdf(self) -> None:
        """The PDF, in the practice's papers folder."""
        made: list[MadePdf] = []
        if self.attempt(lambda: made.append(make_letter(self.practice, self.denial_id))):
            pages = f"{made[0].pages} page{'' if made[0].pages == 1 else 's'}"
            self.dismiss(True)
            self.app.say(f"Letter, {pages}: {made[0].path}. Logged.")

    def action_text(self) -> None:
        """The text, to the terminal's clipboard."""
        made: list[str] = []
        if self.attempt(lambda: made.append(make_letter_text(self.practice, self.denial_id))):
            self.app.switch_screen(PortalTextSheet(made[0]))


SCREEN = AppealLetterSheet
