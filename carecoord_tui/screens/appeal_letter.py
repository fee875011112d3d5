"""The appeal letter: read as it will go out, its reasons written, then made as a PDF or as text for a portal.

Both are logged as disclosures. The rest of the words is the template's, and the practice may have its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Label, Static, TextArea

from carecoord_tui.documents.appeal import (
    GOOD_CAUSE_LIMIT,
    OwnWords,
    is_late,
    make_letter,
    make_letter_text,
    preview,
)
from carecoord_tui.documents.release import MadePdf
from carecoord_tui.documents.templating import APPEAL_LETTER, own_templates
from carecoord_tui.documents.unprintable import screen_words
from carecoord_tui.screens.packet_text import MASKED, PortalTextSheet
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.denials import read_denial
from carecoord_tui.widgets.person_pane import styled

_LIVE = 0.3  # seconds without a key after which the letter is drawn anew


def _own_template() -> str:
    """Where the practice's own template lies, or would."""
    path, home = own_templates() / APPEAL_LETTER, Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


class AppealLetterSheet(Sheet[bool]):
    """Stays open after a paper was made, so that it says where the paper lies. True when one was made."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "appeal_letter.tcss"]
    AUTO_FOCUS = "#letter-scroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pdf", "Make the PDF", id="letter.pdf", show=False),
        Binding("ctrl+s", "pdf", "Make the PDF", id="letter.save", show=False, priority=True),
        Binding("t", "text", "Text for a portal", id="letter.text", show=False),
        Binding("e", "write", "Write the reasons", id="letter.write", show=False),
    ]

    asks_before_leaving = True
    unsaved_words = "The reasons are only in the letter: ctrl+s makes it, esc again leaves without."

    def __init__(self, practice: Practice, denial_id: int, patient_name: str = "") -> None:
        super().__init__()
        self.practice, self.denial_id, self.patient_name = practice, denial_id, patient_name
        self.record = read_denial(practice.execute, denial_id)
        self._is_made = False
        self._drawn: OwnWords | None = None

    def heading(self) -> str:
        """For which denial, to whom."""
        if self.record is None:
            return "Appeal letter"
        name = f" · {self.app.shown_name(self.patient_name)}" if self.patient_name else ""
        payer = self.record.payer_name or "a payer not entered yet"
        return f"Appeal letter: {self.record.service}{name} · to {payer}"

    def hint(self) -> str:
        """The keys."""
        return "e write the reasons · enter PDF to fax · t text for a portal · esc back"

    def compose_body(self) -> ComposeResult:
        """How it must travel, what is written into it, the letter itself."""
        record, practice = self.record, self.practice
        advice = record.advice(practice.context, practice.today()) if record else ""
        yield Static(advice, id="letter-advice", markup=False)
        yield Label("Why it should be covered, in your words", classes="part")
        yield TextArea(id="reasons", show_line_numbers=False, highlight_cursor_line=False)
        if record is not None and is_late(record, practice):
            yield Label("Good cause for being late", classes="part")
            yield Input(id="good-cause", max_length=GOOD_CAUSE_LIMIT, select_on_focus=False)
        yield Label(
            f"The letter as it goes out. A template of your own goes first: {_own_template()}",
            classes="part",
            markup=False,
        )
        with VerticalScroll(id="letter-scroll"):
            yield Static("", id="letter-text", markup=False)
        yield Static("", id="letter-made", markup=False)

    def on_mount(self) -> None:
        """The letter as it stands."""
        self._draw()

    @property
    def words(self) -> OwnWords:
        """What is written into it."""
        cause = self.query("#good-cause").results(Input)
        return OwnWords(
            reasons=self.query_one(TextArea).text, good_cause=next((one.value for one in cause), "")
        )

    # --- reading ---------------------------------------------------------------------------------

    @on(TextArea.Changed)
    @on(Input.Changed)
    def _written(self) -> None:
        self.set_timer(_LIVE, self._draw)

    def _draw(self) -> None:
        """The letter anew, unless it stands so already."""
        words = self.words
        if words == self._drawn:
            return
        self._drawn = words
        drawn: list[str] = []
        if not self.attempt(lambda: drawn.append(preview(self.practice, self.denial_id, words))):
            return
        self.problem("")
        lines = [MASKED] if self.app.privacy else drawn[0].splitlines()
        self.query_one("#letter-text", Static).update(Content("\n").join(styled(line) for line in lines))

    def action_write(self) -> None:
        """Into the reasons."""
        self.query_one(TextArea).focus()

    # --- making ----------------------------------------------------------------------------------

    def action_pdf(self) -> None:
        """The PDF, in the practice's papers folder."""
        made: list[MadePdf] = []
        if not self.attempt(lambda: made.append(make_letter(self.practice, self.denial_id, self.words))):
            return
        paper, pages = made[0], f"{made[0].pages} page{'' if made[0].pages == 1 else 's'}"
        told = f"PDF, {pages}: {paper.path}. Logged as a disclosure."
        if paper.unprintable:
            told += f" {screen_words(paper.unprintable)}"
        self._show_made(told)

    def action_text(self) -> None:
        """The text, to the terminal's clipboard."""
        made: list[str] = []
        if self.attempt(lambda: made.append(make_letter_text(self.practice, self.denial_id, self.words))):
            self._show_made("Text for a portal: sent to the clipboard. Logged as a disclosure.")
            self.app.push_screen(PortalTextSheet(made[0]))

    def _show_made(self, text: str) -> None:
        self.problem("")
        line = self.query_one("#letter-made", Static)
        line.update(Content.assemble(styled(text)))
        line.display = self._is_made = True
        self._start = self.texts()  # what is written stands in the paper now
        self.query_one("#letter-scroll").focus()

    # --- leaving ---------------------------------------------------------------------------------

    def action_cancel(self) -> None:
        """From the reasons back to the letter; from there away."""
        if isinstance(self.focused, TextArea | Input):
            self.query_one("#letter-scroll").focus()
        elif self._is_made and not self.has_draft():
            self.dismiss(True)
        else:
            super().action_cancel()


SCREEN = AppealLetterSheet
