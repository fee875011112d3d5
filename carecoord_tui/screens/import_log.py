"""Importing a record log: how it is read, what becomes of every row, put right, then one undoable change."""

from __future__ import annotations

import string
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.exchange.referral_statuses import fold_status
from carecoord_tui.screens.import_columns import FIELD_COLUMNS, ColumnsSaid, ImportColumns
from carecoord_tui.screens.import_masking import masked_row
from carecoord_tui.screens.import_questions import ORDER_BY_KEY
from carecoord_tui.screens.log_preview import COLUMNS, LEAVE_OUT_KEY, row_details
from carecoord_tui.screens.log_work import LogEnd, LogWork, Step
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.safe_text import safe_text

__all__ = ["ImportLog", "LogEnd", "Step"]

_KEYS = {
    Step.BUSY: "esc stop; nothing is changed then",
    Step.ORDER: "the letter of the order · esc another file",
    Step.STATUS: "the letter of the status · enter the one proposed · esc another file",
    Step.PREVIEW: "^s write · 1-9 who · n nobody · a odd row · o next · tab columns · ^t list · esc back",
    Step.DONE: "u take it all back · enter details · esc go to work",
}


class ImportLog(LogWork):
    """Nothing is written before ``ctrl+s``; what is written then is one undoable change."""

    STEPS, KEYS = Step, _KEYS
    CSS_PATH = "import_log.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "write", "Write", id="log.write", show=False),
        Binding("escape", "cancel", "Back", id="log.back", show=False),
        Binding("ctrl+t", "next_kind", "It is another list", id="log.next_kind", show=False),
        Binding("tab,shift+tab", "other_list", "Columns or rows", id="log.other_list", show=False),
        Binding("o", "next_open", "Next unclear one", id="log.next_open", show=False),
        Binding("n", "nobody", "Nobody of these", id="log.nobody", show=False),
        Binding("a", "as_it_stands", "Take an odd row as it stands", id="log.as_it_stands", show=False),
        Binding("u", "undo", "Take it back", id="log.undo", show=False),
        Binding("enter", "propose", "The status proposed", id="log.propose", show=False),
        *(
            Binding(str(key), f"choose({key})", f"Candidate {key}", id=f"log.choose_{key}", show=False)
            for key in range(1, 10)
        ),
        *(
            Binding(key, f"answer('{key}')", f"Answer {key}", id=f"log.answer_{key}", show=False)
            for key in string.ascii_lowercase
        ),
    ]

    def compose(self) -> ComposeResult:
        """Heading, progress, what is said, the columns, the rows with the one in question, keys."""
        name = safe_text(self._path.name)
        yield Static(Content(f"Import a {self._kind.words} from {name}"), id="heading")
        yield from self._parts(
            RecordList(FIELD_COLUMNS, empty_text="", show_header=False, id="fields"),
            RecordList(COLUMNS, empty_text="The file holds no rows.", id="rows"),
        )

    def on_mount(self) -> None:
        """Read the file."""
        self._show(Step.BUSY)
        self._open()

    # --- what is shown -------------------------------------------------------------------------

    @on(RecordList.Highlighted, "#rows")
    def _moved(self) -> None:
        self._details_follow()

    @on(RecordList.Chosen, "#rows")
    def _opened(self) -> None:
        self._show_details()
        self.toggle_class("-detail")

    @on(RecordList.Chosen, "#fields")
    def _edit_column(self, event: RecordList.Chosen) -> None:
        if self._step is Step.PREVIEW:
            self._edit_columns(str(event.record_id))

    def _details(self) -> Content:
        row = self._rows.at(self.query_one("#rows", RecordList).cursor_id)
        if row is None:
            return Content("")
        drawn = masked_row(row) if self.app.privacy else row
        return row_details(drawn, self._rows)

    # --- keys ----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key where it means something."""
        if action in ("write", "next_kind", "other_list", "next_open", "nobody", "choose", "as_it_stands"):
            return self._step is Step.PREVIEW
        if action == "answer":
            return self._step in (Step.ORDER, Step.STATUS)
        if action == "propose":
            return self._step is Step.STATUS
        return self._step is Step.DONE if action == "undo" else True

    def action_other_list(self) -> None:
        """From the columns to the rows and back."""
        fields, rows = self.query_one("#fields", RecordList), self.query_one("#rows", RecordList)
        self.set_focus(rows if self.focused is fields else fields)

    def action_next_open(self) -> None:
        """Go to the next row of which it is not clear whom it is about."""
        listing = self.query_one("#rows", RecordList)
        found = self._rows.next_open(listing.cursor_index or 0) if len(self._rows) else None
        if found is None:
            self._say_counts("Nothing is unclear any more.")
        else:
            listing.move_to(found)

    def action_choose(self, key: int) -> None:
        """Say whom the row is about: the candidate of this digit."""
        row = self._rows.at(self.query_one("#rows", RecordList).cursor_id)
        if row is not None and key <= len(row.candidates):
            self._decide(row.line, row.candidates[key - 1].patient_id)

    def action_as_it_stands(self) -> None:
        """Take a row that looks odd as it stands, or hold it back again."""
        row = self._rows.at(self.query_one("#rows", RecordList).cursor_id)
        if row is None or not self._rows.was_odd(row):
            return
        job = self._needed_job()
        if row.line in self._rows.taken:
            job.hold_odd(row.line)
        else:
            job.take_odd(row.line)
        self._rows.taken ^= {row.line}
        self._go_on_from(row.line)

    def action_nobody(self) -> None:
        """Leave the doubtful row out."""
        row = self._rows.at(self.query_one("#rows", RecordList).cursor_id)
        if row is not None and row.candidates:
            self._decide(row.line, None)

    def _decide(self, line: int, patient_id: int | None) -> None:
        """Take the answer at once; what it changes is worked out behind it."""
        assert self._job is not None  # noqa: S101 - there is a preview
        self._job.decide_match(line, patient_id)
        self._rows.decided[line] = patient_id
        self._go_on_from(line)

    def _go_on_from(self, line: int) -> None:
        listing = self.query_one("#rows", RecordList)
        listing.reload()
        found = self._rows.next_open(listing.cursor_index or 0)
        if found is not None:
            listing.move_to(found)
        self._show_details()
        self._compare_again()

    def action_propose(self) -> None:
        """The status that is proposed for the words in question."""
        proposed = self._asked[self._said].proposed
        if proposed is not None:
            self._answer_status(proposed.value)

    def action_answer(self, key: str) -> None:
        """The order of the dates or the meaning of a status, as its letter says."""
        assert self._job is not None  # noqa: S101 - it asked
        if self._step is Step.ORDER:
            if key in ORDER_BY_KEY:
                self._job.set_date_order(ORDER_BY_KEY[key])
                self._read()
            return
        if key != LEAVE_OUT_KEY and key not in self._keys:
            return
        self._answer_status(None if key == LEAVE_OUT_KEY else self._keys[key].value)

    def _answer_status(self, status: str | None) -> None:
        words = self._asked[self._said].words
        self._needed_job().set_status(words, status)
        self._answers[fold_status(words)] = status
        self._said += 1
        if self._said < len(self._asked):
            self._ask_status()
        else:
            self._read()

    def action_next_kind(self) -> None:
        """Read the file as the next kind of list."""
        self.dismiss(LogEnd("", wants_next_kind=True))

    def action_undo(self) -> None:
        """Take the whole import back."""
        self.dismiss(LogEnd("", is_done=True, wants_undo=True))

    def action_cancel(self) -> None:
        """One step back; stop what is under way."""
        if self._step is Step.BUSY:
            self._stop.set()
        elif self.has_class("-detail"):
            self.remove_class("-detail")
        elif self._step is Step.DONE:
            self.dismiss(LogEnd("", is_done=True))
        else:
            self.dismiss(LogEnd("Nothing was imported."))

    # --- columns -------------------------------------------------------------------------------

    def _edit_columns(self, at: str = "") -> None:
        assert self._look is not None  # noqa: S101 - looked at before
        self.app.push_screen(ImportColumns(self._kind, self._look, at=at), self._columns_said)

    def _columns_said(self, said: ColumnsSaid | None) -> None:
        assert self._job is not None and self._look is not None  # noqa: S101 - looked at before
        mapping = said.mapping if said is not None else None
        if said is not None and said.wants_next_kind:
            self.action_next_kind()
        elif mapping is not None and mapping != self._look.mapping:
            self._job.remap(mapping)
            self._rows.start_over()
            self._known = ""
            self._open()
        elif self._look.missing:
            self.dismiss(LogEnd("Nothing was imported."))


SCREEN = ImportLog
