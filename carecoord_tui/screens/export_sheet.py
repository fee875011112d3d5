"""Export: everything as a workbook or CSV files, or the highlighted patient on paper. Logged, and private."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.documents.patient_paper import make_patient_paper
from carecoord_tui.documents.unprintable import screen_words
from carecoord_tui.domain.packet import PART2_WARNING, SENSITIVE_WARNING
from carecoord_tui.domain.release import counted_words, left_out_words
from carecoord_tui.exchange.exports.everything import REMINDER, export_everything
from carecoord_tui.exchange.import_steps import ImportCancelled
from carecoord_tui.screens.form_sheet import Field
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.withheld import count_marked
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.path_input import PathInput
from carecoord_tui.widgets.person_pane import DIM, WAITING, styled
from carecoord_tui.widgets.progress_line import ProgressLine
from carecoord_tui.widgets.safe_text import safe_text

WORKBOOK, FOLDER, PDF, MARKDOWN = "workbook", "folder", "pdf", "markdown"
_ENDINGS = {WORKBOOK: ".xlsx", FOLDER: "", PDF: ".pdf", MARKDOWN: ".md"}
_OF_ALL = (
    Option("w", "everything, one workbook", WORKBOOK),
    Option("f", "everything, CSV files", FOLDER),
)
_OF_ONE = (Option("p", "this patient, PDF", PDF), Option("m", "this patient, Markdown", MARKDOWN))
_PART2 = (Option("n", "leave out", ""), Option("y", "take along: consent checked", "yes"))


class ExportSheet(Sheet[None]):
    """What, and where to; ``enter`` in the name writes it. ``esc`` while it writes stops it."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "export_sheet.tcss"]
    AUTO_FOCUS = "ChoiceRow"

    def __init__(self, practice: Practice, patient_id: int | None, patient_name: str) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name
        self._stop: threading.Event | None = None
        self._asked_about: Path | None = None
        self._marked = count_marked(practice.execute)
        self._marked_of_one = 0 if patient_id is None else count_marked(practice.execute, patient_id)

    def heading(self) -> str:
        """What it does, and to whose file."""
        who = f": {self.app.shown_name(self.patient_name)}" if self.patient_id is not None else ""
        return f"Export{who}"

    def hint(self) -> str:
        """The keys."""
        return "one key says what · tab completes the name · enter writes it · esc back"

    def compose_body(self) -> ComposeResult:
        """What and where; how far it is."""
        options = (*_OF_ONE, *_OF_ALL) if self.patient_id is not None else _OF_ALL
        first = PDF if self.patient_id is not None else WORKBOOK
        yield Field("What", ChoiceRow(options, value=first, id="what"))
        if self._marked:
            yield Field("Part 2, sensitive", ChoiceRow(_PART2, value="", id="part2"))
            yield Static("", id="part2-words")
        yield Field("To", PathInput(str(self._proposal(first)), suffixes=tuple(_ENDINGS.values()), id="to"))
        yield Static(styled(REMINDER, DIM), id="reminder")
        yield ProgressLine(id="progress")

    def on_mount(self) -> None:
        """Nothing is under way."""
        super().on_mount()
        self.query_one(ProgressLine).display = False
        self._say_part2()

    @property
    def what(self) -> str:
        """What is chosen."""
        return self.query_one("#what", ChoiceRow).value or WORKBOOK

    @property
    def with_part2(self) -> bool:
        """True when somebody said that the marked records go along."""
        return any(row.value for row in self.query("#part2").results(ChoiceRow))

    def _say_part2(self) -> None:
        """How many marked records are concerned, and what to check before they leave."""
        count = self._marked_of_one if self.what in (PDF, MARKDOWN) else self._marked
        words = f"{counted_words(count)}: {PART2_WARNING} {SENSITIVE_WARNING}"
        for line in self.query("#part2-words").results(Static):
            line.update(styled(words, WAITING) if count else styled(counted_words(count), DIM))

    def _proposal(self, what: str) -> Path:
        """A name that says nothing of the patient, in the home folder."""
        day = self.practice.today().isoformat()
        of_one = what in (PDF, MARKDOWN)
        name = f"patient-{self.patient_id}-{day}" if of_one else f"carecoord-{day}"
        return Path.home() / f"{name}{_ENDINGS[what]}"

    @on(ChoiceRow.Chosen, "#what")
    def _chosen(self, event: ChoiceRow.Chosen) -> None:
        """Another kind of file has another name."""
        self._say_part2()
        field = self.query_one(PathInput)
        field.value = str(self._proposal(event.value or WORKBOOK))
        field.focus()

    @on(ChoiceRow.Submitted)
    def _go_to_name(self) -> None:
        self.query_one(PathInput).focus()

    @on(Input.Submitted, "#to")
    def _submitted(self) -> None:
        """Write it; a file that is there is asked about once."""
        path = self.query_one(PathInput).path
        if self._stop is not None:
            return
        if self._is_there(path) and self._asked_about != path:
            self._asked_about = path
            self.problem(f"There is {path.name} already: enter again writes over it.")
            return
        self._write(path, self._act(path))

    def _is_there(self, path: Path) -> bool:
        return any(path.iterdir()) if path.is_dir() else path.exists()

    def _act(self, path: Path) -> Callable[[threading.Event], str]:
        """What is carried out in the thread; returns what was done."""
        with_part2 = self.with_part2
        if self.what in (PDF, MARKDOWN):
            return lambda _: self._one(path, with_part2=with_part2)
        return lambda stop: self._everything(path, stop, with_part2=with_part2)

    def _one(self, path: Path, *, with_part2: bool) -> str:
        made = make_patient_paper(self.practice, self.patient_id or 0, path, with_part2=with_part2)
        said = (
            f"Written for you alone: {made.path}.",
            left_out_words(made.withheld),
            screen_words(made.unprintable),
        )
        return " ".join(part for part in said if part)

    def _everything(self, path: Path, stop: threading.Event, *, with_part2: bool) -> str:
        loop, line = self._loop, self.query_one(ProgressLine)

        def progress(done: int, total: int, name: str) -> None:
            loop.call_soon_threadsafe(line.show, name, done, total)

        done = export_everything(
            self.practice, path, progress=progress, cancelled=stop.is_set, with_part2=with_part2
        )
        said = f"{done.total:,} rows of {len(done.rows)} tables written to {path}."
        return f"{said} {left_out_words(done.withheld)}".rstrip()

    @work(exclusive=True, group="export")
    async def _write(self, path: Path, act: Callable[[threading.Event], str]) -> None:
        self._stop = stop = threading.Event()
        self._loop = asyncio.get_running_loop()
        line = self.query_one(ProgressLine)
        line.display = True
        line.show("Reading …")
        try:
            said = await asyncio.to_thread(act, stop)
        except ImportCancelled:
            self._back("Stopped; nothing was written.")
        except (Refused, StoreError) as error:
            self._back(str(error))
        else:
            self.dismiss(None)
            self.app.say(said)
        finally:
            stop.set()  # a sheet that went away does not wait for its thread

    def _back(self, words: str) -> None:
        self._stop = None
        self.query_one(ProgressLine).display = False
        self.problem(Content(safe_text(words)).plain)

    def action_cancel(self) -> None:
        """Stop what is under way, else go back."""
        if self._stop is not None and not self._stop.is_set():
            self._stop.set()
        else:
            super().action_cancel()


SCREEN = ExportSheet
