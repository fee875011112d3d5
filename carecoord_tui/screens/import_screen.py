"""Importing a patient list or a referral log: the file, a preview, and only then the import itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.exchange.answer_kinds import looks_like_answers
from carecoord_tui.exchange.import_patients import ImportCancelled, NeedsDateOrder, import_patients
from carecoord_tui.exchange.import_referrals import is_referral_file
from carecoord_tui.exchange.import_report import ImportReport
from carecoord_tui.exchange.import_steps import PhaseProgress
from carecoord_tui.exchange.referral_report import StatusUse
from carecoord_tui.exchange.referral_statuses import fold_status
from carecoord_tui.exchange.tabular import TableError
from carecoord_tui.screens.import_preview import Namer, Section, counts_line, result_lines, sections
from carecoord_tui.screens.import_referrals import LEAVE_OUT, STAGE_KEYS, ReferralLog, status_question
from carecoord_tui.screens.small_terminal import NeedsRoom, TooSmall
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.path_input import PathInput
from carecoord_tui.widgets.progress_line import ProgressLine
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.scrolling import scroll

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp
    from carecoord_tui.screens.import_answers import End

SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".xlsx", ".xlsm"),
    *(".x12", ".edi", ".dat", ".271", ".277", ".278", ".835", ".json"),
)
"""What ``tab`` completes; which kind of file it is, its content says."""
_KEY_OF = {DateOrder.MDY: "m", DateOrder.DMY: "d", DateOrder.YMD: "y"}


class Step(StrEnum):
    """Where one is; also the name of what is shown."""

    FILE = "file"
    BUSY = "busy"
    ORDER = "order"
    STATUS = "status"
    PREVIEW = "preview"
    DONE = "done"


_KEYS = {
    Step.FILE: "enter look at it · tab complete the name · esc back",
    Step.BUSY: "esc stop; nothing is changed then",
    Step.ORDER: "the letter of the order · esc another file",
    Step.STATUS: "the letter of the stage · esc another file",
    Step.PREVIEW: "enter import · ^t it is a {other} · j k scroll · esc another file",
    Step.DONE: "enter go to work · j k scroll",
}


class PatientList:
    """A patient list, as the import screen brings it in."""

    name = "patient list"
    other = "referral log"
    heading = "Import patients"

    def bring(
        self,
        practice: Practice,
        path: Path,
        *,
        date_order: DateOrder | None,
        statuses: Mapping[str, ReferralStage | None],
        dry_run: bool,
        progress: PhaseProgress,
        cancelled: Callable[[], bool],
    ) -> ImportReport:
        """The import itself; raises as ``import_patients`` does. A patient list has no referral statuses."""
        return import_patients(
            practice,
            path,
            date_order=date_order,
            dry_run=dry_run,
            progress=progress,
            cancelled=cancelled,
        )

    def asked(self, report: ImportReport) -> tuple[StatusUse, ...]:
        """Nothing of a patient list must be explained."""
        return ()

    def counts_line(self, report: ImportReport) -> str:
        """The result in one line."""
        return counts_line(report.counts, is_done=not report.dry_run)

    def sections(self, report: ImportReport, shown_name: Namer) -> Iterator[Section]:
        """The parts of the preview."""
        return sections(report, shown_name)

    def result_lines(self, report: ImportReport) -> list[str]:
        """What happened and what to do next."""
        return result_lines(report)


class ImportScreen(NeedsRoom, ModalScreen[None]):
    """Nothing is written before ``enter`` on the preview; the import then is one undoable change."""

    CSS_PATH = "import_screen.tcss"
    AUTO_FOCUS = "PathInput"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Import", id="import.go_on", show=False),
        Binding("escape", "cancel", "Back", id="import.back", show=False),
        *(
            Binding(key, f"order('{order}')", order.label, id=f"import.{order}", show=False)
            for order, key in _KEY_OF.items()
        ),
        *(
            Binding(key, f"stage('{stage}')", stage, id=f"import.stage_{stage}", show=False)
            for stage, key in STAGE_KEYS.items()
        ),
        Binding("ctrl+t", "other_kind", "It is another list", id="import.other_kind", show=False),
        Binding("j,down", "move('down')", "Down", id="import.down", show=False),
        Binding("k,up", "move('up')", "Up", id="import.up", show=False),
        Binding("pagedown,space", "move('page_down')", "Page down", id="import.page_down", show=False),
        Binding("pageup", "move('page_up')", "Page up", id="import.page_up", show=False),
        Binding("g,home", "move('home')", "Top", id="import.home", show=False),
        Binding("G,end", "move('end')", "Bottom", id="import.end", show=False),
    ]

    if TYPE_CHECKING:

        @property
        def app(self) -> CarecoordApp:
            """The app, by its own type."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        self._given = path
        self._step = Step.FILE
        self._order: DateOrder | None = None
        self._orders: tuple[DateOrder, ...] = ()
        self._kind: PatientList | ReferralLog = PatientList()
        self._answers: dict[str, ReferralStage | None] = {}
        self._asked: tuple[StatusUse, ...] = ()
        self._said = 0
        self._stop = threading.Event()

    def compose(self) -> ComposeResult:
        """Heading, file, what is said, the preview, keys."""
        yield Static("Import a spreadsheet or a payer's answers", id="heading", markup=False)
        yield PathInput(str(self._given or "~/"), suffixes=SUFFIXES, id="file")
        yield ProgressLine(id="progress")
        yield Static("", id="said", markup=False)
        yield VerticalScroll(id="preview", can_focus=False)
        yield Static("", id="hint", markup=False)
        yield TooSmall()

    def on_mount(self) -> None:
        """Begin with the file, or look at the one that was named."""
        self._show(Step.FILE)
        self.query_one(PathInput).cursor_position = len(self.query_one(PathInput).value)
        self._say(
            "Patients or a referral log (CSV, TSV, .xlsx), or a payer's answers (X12 271, 278, 277, 835, PAS "
            "JSON). You see a preview before anything is saved."
        )
        if self._given is not None:
            self._look(find_kind=True)

    def on_unmount(self) -> None:
        """A closed window stops what is under way; nothing half imported stays."""
        self._stop.set()

    # --- what is shown -------------------------------------------------------------------------

    def _show(self, step: Step) -> None:
        for known in Step:
            self.set_class(known is step, f"-{known}")
        self._step = step
        self.query_one("#hint", Static).update(_KEYS[step].format(other=self._kind.other))
        if step is Step.FILE:
            self.query_one(PathInput).focus()
        else:
            self.set_focus(None)

    def _say(self, text: str, *, alarm: bool = False) -> None:
        line = self.query_one("#said", Static)
        line.set_class(alarm, "-alarm")
        line.update(Content("\n".join(map(safe_text, text.splitlines()))))
        line.display = bool(text)

    def on_path_input_candidates(self, message: PathInput.Candidates) -> None:
        """What ``tab`` found."""
        names = message.names
        listed = "   ".join(names[:12]) + (f"   and {len(names) - 12} more" if len(names) > 12 else "")
        self._say(listed)

    # --- keys ----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key where it means something."""
        if action == "go_on":
            return self._step in (Step.PREVIEW, Step.DONE)
        if action == "order":
            return self._step is Step.ORDER
        if action == "stage":
            return self._step is Step.STATUS
        if action == "other_kind":
            return self._step in (Step.FILE, Step.PREVIEW)
        if action == "move":
            return self._step in (Step.PREVIEW, Step.DONE)
        return True

    def on_input_submitted(self, event: PathInput.Submitted) -> None:
        """Look at the file."""
        event.stop()
        if self._step is Step.FILE and event.value.strip():
            self._order, self._answers = None, {}
            self._look(find_kind=True)

    def action_other_kind(self) -> None:
        """Read the file as the other kind of list, whatever it looks like."""
        if self.query_one(PathInput).value.strip():
            self._kind = PatientList() if isinstance(self._kind, ReferralLog) else ReferralLog()
            self._order, self._answers = None, {}
            self._look()

    def action_stage(self, stage: str) -> None:
        """What the status in question means, as its letter says; the next one, or the preview."""
        words = fold_status(self._asked[self._said].words)
        self._answers[words] = None if stage == LEAVE_OUT else ReferralStage(stage)
        self._said += 1
        if self._said < len(self._asked):
            self._ask_status()
        else:
            self._look()

    def action_order(self, order: str) -> None:
        """The order of the dates, as its letter says."""
        if (chosen := DateOrder(order)) in self._orders:
            self._order = chosen
            self._look()

    def action_go_on(self) -> None:
        """Import what is previewed, or leave when it is done."""
        if self._step is Step.PREVIEW:
            self._import()
        else:
            self.dismiss(None)

    def action_cancel(self) -> None:
        """One step back; out of the first and the last."""
        if self._step is Step.BUSY:
            self._stop.set()
        elif self._step in (Step.FILE, Step.DONE):
            self.dismiss(None)
        else:
            self._show(Step.FILE)
            self._say("Nothing was imported.")

    def action_move(self, where: str) -> None:
        """Scroll the preview."""
        scroll(self.query_one("#preview", VerticalScroll), where)

    # --- work ----------------------------------------------------------------------------------

    @work(exclusive=True, group="import")
    async def _look(self, *, find_kind: bool = False) -> None:
        """Work everything out and write nothing."""
        if find_kind:
            path = self.query_one(PathInput).path
            if await asyncio.to_thread(looks_like_answers, path):
                self._open_answers(path)
                return
            is_log = await asyncio.to_thread(is_referral_file, self.query_one(PathInput).path)
            self._kind = ReferralLog() if is_log else PatientList()
        report = await self._run(dry_run=True)
        if report is None:
            return
        heading = f"{self._kind.heading} from {safe_text(report.path.name)}"
        self.query_one("#heading", Static).update(Content(heading))
        self._asked, self._said = self._kind.asked(report), 0
        if self._asked:
            self._ask_status()
            return
        await self._fill(report)
        practice = await self.app.full_practice()
        said = self._kind.counts_line(report)
        if practice.is_read_only:
            said += "\nThis practice is open read-only (its clock is set), so this stays a preview."
        self._say(said)
        self._show(Step.PREVIEW)

    def _open_answers(self, path: Path) -> None:
        """A payer's answers have a preview of their own."""
        from carecoord_tui.screens.import_answers import ImportAnswers

        self.app.push_screen(ImportAnswers(path), self._answers_ended)

    def _answers_ended(self, end: End | None) -> None:
        if end is None or end.is_done:
            self.dismiss(None)
        else:
            self._show(Step.FILE)
            self._say(end.words, alarm=end.is_alarm)

    @work(exclusive=True, group="import")
    async def _import(self) -> None:
        report = await self._run(dry_run=False)
        if report is None:
            return
        await self._fill(report)
        self._say("\n".join(self._kind.result_lines(report)))
        self._show(Step.DONE)

    async def _run(self, *, dry_run: bool) -> Any:
        """The report, or None after the reason was said."""
        self._stop = stop = threading.Event()
        self._say("")
        self._show(Step.BUSY)
        self.query_one(ProgressLine).show("Opening …")
        practice = await self.app.full_practice()
        loop, line = asyncio.get_running_loop(), self.query_one(ProgressLine)

        def progress(phase: str, done: int, total: int) -> None:
            loop.call_soon_threadsafe(line.show, phase, done, total)

        try:
            return await asyncio.to_thread(
                self._kind.bring,
                practice,
                self.query_one(PathInput).path,
                date_order=self._order,
                statuses=self._answers,
                dry_run=dry_run,
                progress=progress,
                cancelled=stop.is_set,
            )
        except NeedsDateOrder as error:
            self._ask_order(error)
        except ImportCancelled as error:
            self._back_to_file(str(error))
        except (TableError, StoreError) as error:
            self._back_to_file(str(error), alarm=True)
        except OSError as error:
            self._back_to_file(f"Nothing was imported: {error.strerror or error}.", alarm=True)
        finally:
            stop.set()  # a screen that went away does not wait for its thread
        return None

    def _back_to_file(self, text: str, *, alarm: bool = False) -> None:
        self._show(Step.FILE)
        self._say(f"{text}\n^t reads it as a {self._kind.other}." if alarm else text, alarm=alarm)

    def _ask_order(self, error: NeedsDateOrder) -> None:
        self._orders = error.orders
        self._show(Step.ORDER)
        self._say("\n".join(order_question(error)))

    def _ask_status(self) -> None:
        self._show(Step.STATUS)
        asked = self._asked[self._said]
        question = status_question(asked, self._said + 1, len(self._asked), self.app.shown_name)
        self._say("\n".join(question))

    async def _fill(self, report: Any) -> None:
        body = self.query_one("#preview", VerticalScroll)
        await body.remove_children()
        widgets = []
        for section in self._kind.sections(report, self.app.shown_name):
            role = f" -{section.role}" if section.role else ""
            widgets += [
                Static(section.title, classes=f"title{role}", markup=False),
                Static(section.body, classes="body"),
            ]
        await body.mount_all(widgets)
        body.scroll_home(animate=False)


def order_question(error: NeedsDateOrder) -> list[str]:
    """The question that only a person can answer, with a line for each letter."""
    lines = [f"“{column.header}”: {column.guess.reason}" for column in error.columns]
    lines += ["", "How are these dates written?"]
    examples = {DateOrder.MDY: "3/12/2026 is 12 March", DateOrder.DMY: "3/12/2026 is 3 December",
                DateOrder.YMD: "26/3/12 is 12 March 2026"}  # fmt: skip
    lines += [f"  {_KEY_OF[order]}  {order.label:<16} {examples[order]}" for order in error.orders]
    return lines


SCREEN = ImportScreen
