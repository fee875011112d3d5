"""Importing a record log: how it is read, what becomes of every row, put right, then one undoable change."""

from __future__ import annotations

import asyncio
import string
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.import_kinds import ImportKind
from carecoord_tui.exchange.import_steps import ImportCancelled, PhaseProgress
from carecoord_tui.exchange.logs import LogJob, LogPlan, NeedsDateOrder, RowFate, StatusUse
from carecoord_tui.exchange.logs.plan import LogLook
from carecoord_tui.exchange.logs.report import counts_sentence
from carecoord_tui.exchange.referral_statuses import StatusError, fold_status
from carecoord_tui.exchange.tabular import TableError
from carecoord_tui.screens.import_columns import FIELD_COLUMNS, ColumnsSaid, ImportColumns, field_rows
from carecoord_tui.screens.import_questions import ORDER_BY_KEY, order_question
from carecoord_tui.screens.list_beside import PANE_FROM_WIDTH, REST_SECONDS
from carecoord_tui.screens.log_preview import (
    COLUMNS,
    LEAVE_OUT_KEY,
    LogRows,
    row_details,
    status_keys,
    status_question,
)
from carecoord_tui.screens.remembered import as_on, recognise, remember
from carecoord_tui.screens.small_terminal import NeedsRoom, TooSmall
from carecoord_tui.store.errors import StoreError
from carecoord_tui.widgets.progress_line import ProgressLine
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.safe_text import safe_text

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp

Made = TypeVar("Made")


class Step(StrEnum):
    """Where one is; also the name of what is shown."""

    BUSY = "busy"
    ORDER = "order"
    STATUS = "status"
    PREVIEW = "preview"
    DONE = "done"


_KEYS = {
    Step.BUSY: "esc stop; nothing is changed then",
    Step.ORDER: "the letter of the order · esc another file",
    Step.STATUS: "the letter of the status · esc another file",
    Step.PREVIEW: "^s write · 1-9 who · n nobody · o next unclear · tab columns · ^t other list · esc back",
    Step.DONE: "u take it all back · enter details · esc go to work",
}


class LogEnd(NamedTuple):
    """How it ended: what to say, whether it was written, and what is wanted next."""

    words: str
    is_alarm: bool = False
    is_done: bool = False
    wants_next_kind: bool = False
    wants_undo: bool = False


class ImportLog(NeedsRoom, ModalScreen[LogEnd]):
    """Nothing is written before ``ctrl+s``; what is written then is one undoable change."""

    CSS_PATH = "import_log.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "write", "Write", id="log.write", show=False),
        Binding("escape", "cancel", "Back", id="log.back", show=False),
        Binding("ctrl+t", "next_kind", "It is another list", id="log.next_kind", show=False),
        Binding("tab,shift+tab", "other_list", "Columns or rows", id="log.other_list", show=False),
        Binding("o", "next_open", "Next unclear one", id="log.next_open", show=False),
        Binding("n", "nobody", "Nobody of these", id="log.nobody", show=False),
        Binding("u", "undo", "Take it back", id="log.undo", show=False),
        *(
            Binding(str(key), f"choose({key})", f"Candidate {key}", id=f"log.choose_{key}", show=False)
            for key in range(1, 10)
        ),
        *(
            Binding(key, f"answer('{key}')", f"Answer {key}", id=f"log.answer_{key}", show=False)
            for key in string.ascii_lowercase
        ),
    ]

    if TYPE_CHECKING:

        @property
        def app(self) -> CarecoordApp:
            """The app, by its own type."""

    def __init__(self, kind: ImportKind, path: Path, sheet: str | None = None) -> None:
        super().__init__()
        self._kind, self._path, self._sheet = kind, path, sheet
        self._job: LogJob | None = None
        self._look: LogLook | None = None
        self._plan: LogPlan | None = None
        self._asked: tuple[StatusUse, ...] = ()
        self._said = 0
        self._known = ""
        self._answers: dict[str, str | None] = {}
        self._keys: dict[str, Worded] = {}
        self._step = Step.BUSY
        self._stop = threading.Event()
        self._left = threading.Event()
        self._one_at_a_time = asyncio.Lock()
        self._resting: Timer | None = None
        self._rows = LogRows(lambda name: self.app.shown_name(name))

    def compose(self) -> ComposeResult:
        """Heading, progress, what is said, the columns, the rows with the one in question, keys."""
        name = safe_text(self._path.name)
        yield Static(Content(f"Import a {self._kind.words} from {name}"), id="heading")
        yield ProgressLine("Opening …", id="progress")
        yield Static("", id="said", markup=False)
        with Container(id="body"):
            yield RecordList(FIELD_COLUMNS, empty_text="", show_header=False, id="fields")
            yield RecordList(COLUMNS, empty_text="The file holds no rows.", id="rows")
            with VerticalScroll(id="detail", can_focus=False):
                yield Static("", id="detail-text", markup=False)
        yield Static("", id="hint", markup=False)
        yield TooSmall()

    def on_mount(self) -> None:
        """Read the file."""
        self._show(Step.BUSY)
        self._open()

    def on_unmount(self) -> None:
        """A closed window stops what is under way; nothing half imported stays."""
        self._stop.set()
        self._left.set()

    def on_resize(self, event: events.Resize) -> None:
        """The details stand beside the list where there is room, else below it."""
        self.set_class(event.size.width >= PANE_FROM_WIDTH, "-wide")

    # --- what is shown -------------------------------------------------------------------------

    def _show(self, step: Step) -> None:
        for known in Step:
            self.set_class(known is step, f"-{known}")
        self._step = step
        self.query_one("#hint", Static).update(_KEYS[step])
        self.set_focus(self.query_one("#rows", RecordList) if step in (Step.PREVIEW, Step.DONE) else None)

    def _say(self, text: str, *, alarm: bool = False) -> None:
        line = self.query_one("#said", Static)
        line.set_class(alarm, "-alarm")
        line.update(Content("\n".join(map(safe_text, text.splitlines()))))

    def _say_counts(self, *more: str) -> None:
        if self._plan is None or self._job is None:
            return
        said = counts_sentence(self._job.kind, self._plan.counts, is_done=self._plan.is_written)
        self._say("\n".join(filter(None, (said, *more))))

    @on(RecordList.Highlighted, "#rows")
    def _moved(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_SECONDS, self._show_details)

    @on(RecordList.Chosen, "#rows")
    def _opened(self) -> None:
        self._show_details()
        self.toggle_class("-detail")

    @on(RecordList.Chosen, "#fields")
    def _edit_column(self, event: RecordList.Chosen) -> None:
        if self._step is Step.PREVIEW:
            self._edit_columns(str(event.record_id))

    def _show_details(self) -> None:
        row = self._rows.at(self.query_one("#rows", RecordList).cursor_id)
        text = Content("") if row is None else row_details(row, self._rows, with_cells=not self.app.privacy)
        self.query_one("#detail-text", Static).update(text)
        self.query_one("#detail", VerticalScroll).scroll_home(animate=False)

    # --- keys ----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key where it means something."""
        if action in ("write", "next_kind", "other_list", "next_open", "nobody", "choose"):
            return self._step is Step.PREVIEW
        if action == "answer":
            return self._step in (Step.ORDER, Step.STATUS)
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
            self._say_counts("It is clear of every row whom it is about.")
        else:
            listing.move_to(found)

    def action_choose(self, key: int) -> None:
        """Say whom the row is about: the candidate of this digit."""
        row = self._rows.at(self.query_one("#rows", RecordList).cursor_id)
        if row is not None and key <= len(row.candidates):
            self._decide(row.line, row.candidates[key - 1].patient_id)

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
        listing = self.query_one("#rows", RecordList)
        listing.reload()
        found = self._rows.next_open(listing.cursor_index or 0)
        if found is not None:
            listing.move_to(found)
        self._show_details()
        self._compare_again()

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
        words = self._asked[self._said].words
        status = None if key == LEAVE_OUT_KEY else self._keys[key].value
        self._job.set_status(words, status)
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

    # --- work ----------------------------------------------------------------------------------

    @work(exclusive=True, group="log")
    async def _open(self) -> None:
        """Look at the columns, read them as last time, and go on to the rows."""
        if self._job is None:
            practice = await self.app.full_practice()
            self._job = LogJob(practice, self._kind.name, self._path, self._sheet)
            self._look = await self._guarded(lambda _p, _c: self._looked_at_first())
        else:
            self._look = await self._guarded(lambda _p, _c: self._needed_job().look())
        if self._look is None:
            return
        if self._look.missing:
            self._show(Step.PREVIEW)
            self._edit_columns()
        else:
            self._read()

    def _needed_job(self) -> LogJob:
        assert self._job is not None  # noqa: S101 - made when the screen opened
        return self._job

    def _looked_at_first(self) -> LogLook:
        job = self._needed_job()
        look = job.look()
        kept = recognise(job.practice, self._kind, look)
        if kept is None:
            return look
        job.remap(kept.columns)
        for words, status in kept.statuses.items():
            with suppress(StatusError):  # a status of another version of the program: asked again
                job.set_status(words, status)
                self._answers[words] = status
        self._known = as_on(kept, job.practice.today())
        return job.look()

    @work(exclusive=True, group="log")
    async def _read(self) -> None:
        """Judge every row; write nothing."""
        plan = await self._guarded(self._needed_job().read)
        if plan is None:
            return
        self._asked, self._said = plan.asked, 0
        if self._asked:
            self._ask_status()
        else:
            self._preview(plan)

    def _ask_status(self) -> None:
        statuses = self._needed_job().kind.statuses
        assert statuses is not None  # noqa: S101 - one was asked about
        self._keys = status_keys(statuses.members)
        self._show(Step.STATUS)
        asked = self._asked[self._said]
        question = status_question(asked, self._keys, self._said + 1, len(self._asked), self.app.shown_name)
        self._say("\n".join(question))

    def _preview(self, plan: LogPlan) -> None:
        self._plan = plan
        self._rows.show(plan)
        job, look = self._needed_job(), plan.look
        self._look = look
        fields = field_rows(self._kind, look, dict(look.mapping), self.app.shown_name)
        self.query_one("#fields", RecordList).set_source(fields)
        self.query_one("#rows", RecordList).set_source(self._rows)
        self._show(Step.PREVIEW)
        orders = " ".join(one.reason for one in plan.date_orders if one.reason)
        read_only = "This practice is open read-only (its clock is set), so this stays a preview."
        self._say_counts(self._known, orders, read_only if job.practice.is_read_only else "")
        self._show_details()

    @work(exclusive=True, group="log-again")
    async def _compare_again(self) -> None:
        """Judge the rows with the answers so far; the list keeps its order."""
        async with self._one_at_a_time:
            if self._step is not Step.PREVIEW:
                return
            try:
                plan = await asyncio.to_thread(self._needed_job().read, None, self._left.is_set)
            except (TableError, StoreError, ImportCancelled) as error:
                self._say(str(error), alarm=True)
                return
            self._plan = plan
            self._rows.show(plan)
            self.query_one("#rows", RecordList).reload()
            self._say_counts()
            self._show_details()

    @work(exclusive=True, group="log")
    async def action_write(self) -> None:
        """Write what is shown, in one change, and remember how the file was read."""
        job = self._needed_job()
        plan = await self._guarded(job.write, back_to_preview=True)
        if plan is None:
            return
        self._plan = plan
        self._rows.show(plan)
        self.query_one("#rows", RecordList).reload()
        self._show(Step.DONE)
        self._say_counts(*_result_words(plan))
        problem = await asyncio.to_thread(
            remember, job.practice, self._kind, plan.look, plan.look.mapping, self._answers
        )
        if problem:
            self._say_counts(*_result_words(plan), problem)

    async def _guarded(
        self,
        act: Callable[[PhaseProgress, Callable[[], bool]], Made],
        *,
        back_to_preview: bool = False,
    ) -> Made | None:
        """Carry out work in a thread under a progress line; None after the reason was said."""
        self._stop = stop = threading.Event()
        self._show(Step.BUSY)
        await self.app.full_practice()
        loop, line = asyncio.get_running_loop(), self.query_one(ProgressLine)
        line.show("Opening …")

        def progress(phase: str, done: int, total: int) -> None:
            loop.call_soon_threadsafe(line.show, phase, done, total)

        try:
            async with self._one_at_a_time:
                return await asyncio.to_thread(act, progress, stop.is_set)
        except NeedsDateOrder as error:
            self._show(Step.ORDER)
            self._say("\n".join(order_question(error)))
        except ImportCancelled as error:
            self._give_up(str(error), alarm=False, back_to_preview=back_to_preview)
        except (TableError, StoreError) as error:
            self._give_up(str(error), alarm=True, back_to_preview=back_to_preview)
        except OSError as error:
            words = f"Nothing was imported: {error.strerror or error}."
            self._give_up(words, alarm=True, back_to_preview=back_to_preview)
        finally:
            stop.set()  # a screen that went away does not wait for its thread
        return None

    def _give_up(self, words: str, *, alarm: bool, back_to_preview: bool) -> None:
        if back_to_preview:
            self._show(Step.PREVIEW)
            self._say(words, alarm=alarm)
        else:
            self.dismiss(LogEnd(words, is_alarm=alarm))


def _result_words(plan: LogPlan) -> list[str]:
    """What to do next."""
    found = []
    if plan.rejects_path is not None:
        found.append(f"Rows not taken: correct them in {plan.rejects_path} and import that file.")
    if plan.of(RowFate.CREATED) or plan.of(RowFate.CHANGED):
        found.append("u takes the whole import back.")
    return found


SCREEN = ImportLog
