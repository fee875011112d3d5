"""Importing a payer's answers: what the file says and what would be written, put right, then one change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import ClassVar, NamedTuple

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.exchange.answer_file import AnswerFileError
from carecoord_tui.exchange.answer_kinds import answer_kind
from carecoord_tui.exchange.answer_report import AnswerImportReport
from carecoord_tui.exchange.import_answers import AnswerImport
from carecoord_tui.exchange.import_steps import ImportCancelled, PhaseProgress
from carecoord_tui.screens.answer_preview import (
    COLUMNS,
    HEADINGS,
    AnswerList,
    answer_details,
    problem_details,
)
from carecoord_tui.screens.import_work import READ_ONLY, Act, ListWithDetails, Made
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.errors import StoreError
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.scrolling import scroll


class Step(StrEnum):
    """Where one is; also the name of what is shown."""

    BUSY = "busy"
    PREVIEW = "preview"
    DETAIL = "detail"
    DONE = "done"


_KEYS = {
    Step.BUSY: "esc stop; nothing is changed then",
    Step.PREVIEW: "space leave out · 1-9 who · n unclear · enter details · ^s write · esc back",
    Step.DETAIL: "j k scroll · 1-9 who it is · enter or esc back to the list",
    Step.DONE: "enter details · esc go to work",
}


class End(NamedTuple):
    """How it ended: what to say, and whether the answers were written."""

    words: str
    is_alarm: bool = False
    is_done: bool = False


class ImportAnswers(ListWithDetails[End]):
    """Nothing is written before ``ctrl+s``; what is written then is one undoable change.

    The file is read once. ``esc`` leaves without harm, also while it is read or written.
    """

    STEPS, KEYS = Step, _KEYS
    CSS_PATH = "import_answers.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "write", "Write", id="answers.write", show=False),
        Binding("escape", "cancel", "Back", id="answers.back", show=False),
        Binding("space", "leave_out", "Leave out, take back", id="answers.leave_out", show=False),
        Binding("n", "next_open", "Next unclear one", id="answers.next_open", show=False),
        *(
            Binding(str(key), f"choose({key})", f"Candidate {key}", id=f"answers.choose_{key}", show=False)
            for key in range(10)
        ),
        Binding("enter", "details", "Back to the list", id="answers.details", show=False),
        Binding("j,down", "move('down')", "Down", id="answers.down", show=False),
        Binding("k,up", "move('up')", "Up", id="answers.up", show=False),
        Binding("pagedown", "move('page_down')", "Page down", id="answers.page_down", show=False),
        Binding("pageup", "move('page_up')", "Page up", id="answers.page_up", show=False),
        Binding("g,home", "move('home')", "Top", id="answers.home", show=False),
        Binding("G,end", "move('end')", "Bottom", id="answers.end", show=False),
    ]

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._step = Step.BUSY
        self._import: AnswerImport | None = None
        self._passed = ""
        self._shown = AnswerList(
            lambda name: self.app.shown_name(name), lambda text: self.app.shown_value(text)
        )

    def compose(self) -> ComposeResult:
        """Heading, progress, what is said, the answers with the one in question beside them, keys."""
        yield Static(Content(f"A payer's answers from {safe_text(self._path.name)}"), id="heading")
        yield from self._parts(
            RecordList(COLUMNS, empty_text="The file holds nothing to write.", id="answers")
        )

    def on_mount(self) -> None:
        """Read the file."""
        self._show(Step.BUSY)
        self._look()

    # --- what is shown -------------------------------------------------------------------------

    def _show(self, step: Step) -> None:
        self._step = step
        self._show_step(step)
        self.set_focus(self.query_one(RecordList) if step in (Step.PREVIEW, Step.DONE) else None)

    def _say_counts(self, before: str = "") -> None:
        parts = [f"{count:,} {words}" for count, words in self._shown.counts()]
        parts += [self._passed] if self._passed else []
        said = " · ".join(parts) or "nothing to write"
        self._say(f"{before}\n{said}" if before else said)

    @on(RecordList.Highlighted)
    def _moved(self) -> None:
        self._details_follow()

    @on(RecordList.Chosen)
    def _opened(self) -> None:
        self._show_details()
        if self._step in (Step.PREVIEW, Step.DONE):
            self._show(Step.DETAIL)

    def _details(self) -> Content:
        place = self.query_one(RecordList).cursor_id
        line, problem = self._shown.at(place), self._shown.problem_at(place)
        if line is not None:
            return answer_details(line, self._shown)
        return problem_details(problem) if problem is not None else Content("")

    def _changed(self) -> None:
        """A row stands otherwise than before."""
        self.query_one(RecordList).reload()
        self._say_counts()
        self._show_details()

    # --- keys ----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key where it means something."""
        if action in ("write", "leave_out", "next_open"):
            return self._step is Step.PREVIEW
        if action == "choose":
            return self._step in (Step.PREVIEW, Step.DETAIL) and not self._shown.is_written
        if action in ("move", "details"):
            return self._step is Step.DETAIL
        return True

    def action_leave_out(self) -> None:
        """Leave the answer out, or take it back, and go on to the next."""
        listing = self.query_one(RecordList)
        line = self._shown.at(listing.cursor_id)
        if (
            line is not None
            and line.number >= 0
            and (line.number in self._shown.left_out or self._shown.is_wanted(line))
        ):
            self._shown.left_out ^= {line.number}
            self._changed()
            listing.action_cursor_down()
        else:
            self._say_counts("This one is not written anyway.")

    def action_next_open(self) -> None:
        """Go to the next answer of which it is not clear whose it is."""
        listing = self.query_one(RecordList)
        found = self._shown.next_open(listing.cursor_index or 0) if self._shown.lines else None
        if found is None:
            self._say_counts("It is clear of everybody who it is.")
        else:
            listing.move_to(found)

    @work(exclusive=True, group="answers")
    async def action_choose(self, key: int) -> None:
        """Say who the answer is about: the candidate of this digit, 0 for nobody of them."""
        place = self.query_one(RecordList).cursor_id
        line = self._shown.at(place)
        found = self._import
        if line is None or found is None or not isinstance(place, int) or key > len(line.candidates):
            return
        chosen = line.candidates[key - 1].patient_id if key else None
        try:
            self._shown.lines[place] = await asyncio.to_thread(found.choose, line.number, chosen)
        except StoreError as error:
            self._say(str(error), alarm=True)
        else:
            self._changed()

    def action_details(self) -> None:
        """Back from the details to the list."""
        self._show(Step.DONE if self._shown.is_written else Step.PREVIEW)

    def action_move(self, where: str) -> None:
        """Scroll the details."""
        scroll(self.query_one("#detail", VerticalScroll), where)

    def action_cancel(self) -> None:
        """One step back; stop what is under way."""
        if self._step is Step.BUSY:
            self._stop.set()
        elif self._step is Step.DETAIL:
            self.action_details()
        elif self._step is Step.DONE:
            self.dismiss(End("", is_done=True))
        else:
            self.dismiss(End("Nothing was imported."))

    # --- work ----------------------------------------------------------------------------------

    @work(exclusive=True, group="answers")
    async def _look(self) -> None:
        """Read the file and work everything out; write nothing."""
        try:
            report = await self._run(self._read_and_compare)
        except ImportCancelled as error:
            self.dismiss(End(str(error)))
        except (AnswerFileError, StoreError) as error:
            self.dismiss(End(str(error), is_alarm=True))
        except OSError as error:
            self.dismiss(End(f"Nothing was imported: {error.strerror or error}.", is_alarm=True))
        else:
            self._preview(report)

    def _read_and_compare(self, progress: PhaseProgress, cancelled: Callable[[], bool]) -> AnswerImportReport:
        practice = self.app.practice
        assert practice is not None  # noqa: S101 - waited for by _run
        kind = answer_kind(self._path)
        self._import = AnswerImport(practice, self._path, kind, progress=progress, cancelled=cancelled)
        return self._import.compare(progress=progress, cancelled=cancelled)

    def _preview(self, report: AnswerImportReport) -> None:
        self._passed = report.passed_words()
        self._shown.show(report)
        heading = f"{HEADINGS[report.kind]} from {safe_text(self._path.name)}"
        self.query_one("#heading", Static).update(Content(heading))
        listing = self.query_one(RecordList)
        listing.set_source(self._shown)
        self._show(Step.PREVIEW)
        practice = self.app.practice
        is_read_only = practice is not None and practice.is_read_only
        self._say_counts(READ_ONLY if is_read_only else "")
        self._show_details()

    @work(exclusive=True, group="answers")
    async def action_write(self) -> None:
        """Write what is shown as to be written, in one change."""
        found = self._import
        if found is None:
            return
        if not self._shown.wanted():
            self._say_counts("There is nothing to write: every answer is on file, left out or not taken.")
            return
        left_out = frozenset(self._shown.left_out)
        try:
            report = await self._run(
                lambda progress, cancelled: found.write(
                    left_out=left_out, progress=progress, cancelled=cancelled
                )
            )
        except (ImportCancelled, Refused, StoreError) as error:
            self._show(Step.PREVIEW)
            self._say(str(error), alarm=not isinstance(error, ImportCancelled))
            return
        self._shown.show_written(report)
        self.query_one(RecordList).reload()
        self._show(Step.DONE)
        self._say_counts("u takes the whole import back.")
        self._show_details()

    async def _run(self, act: Act[Made]) -> Made:
        """Do it in a thread, with the progress shown; ``esc`` stops it."""
        self._show(Step.BUSY)
        return await self._in_thread(act)


SCREEN = ImportAnswers
