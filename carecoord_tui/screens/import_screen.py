"""Importing a list: the file, what kind it is, a preview, and only then the import itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.exchange.answer_kinds import looks_like_answers
from carecoord_tui.exchange.import_kinds import BY_NAME, ImportKind, fitting
from carecoord_tui.exchange.import_plan import NeedsDateOrder
from carecoord_tui.exchange.import_steps import ImportCancelled, PhaseProgress
from carecoord_tui.exchange.logs.looking import look_at
from carecoord_tui.exchange.logs.plan import LogLook
from carecoord_tui.exchange.referral_report import StatusUse
from carecoord_tui.exchange.referral_statuses import fold_status
from carecoord_tui.exchange.spreadsheet import open_table
from carecoord_tui.exchange.tabular import TableError
from carecoord_tui.screens.import_lists import Answers, TableList
from carecoord_tui.screens.import_masking import masked_report
from carecoord_tui.screens.import_opening import Step
from carecoord_tui.screens.import_patients import PatientList
from carecoord_tui.screens.import_questions import ORDER_KEYS, SHEET_KEYS, order_question
from carecoord_tui.screens.import_referrals import LEAVE_OUT, STAGE_KEYS, ReferralLog, status_question
from carecoord_tui.screens.import_who import WHO_BINDINGS, AskingWho
from carecoord_tui.screens.import_work import READ_ONLY
from carecoord_tui.screens.remembered import as_on, recognise, remember
from carecoord_tui.screens.small_terminal import TooSmall
from carecoord_tui.store.errors import StoreError
from carecoord_tui.widgets.path_input import PathInput
from carecoord_tui.widgets.progress_line import ProgressLine
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.scrolling import scroll

if TYPE_CHECKING:
    from carecoord_tui.screens.import_columns import ColumnsSaid
    from carecoord_tui.store.practice import Practice

SUFFIXES = (
    *(".csv", ".tsv", ".txt", ".xlsx", ".xlsm"),
    *(".x12", ".edi", ".dat", ".271", ".277", ".278", ".835", ".json"),
)
"""What ``tab`` completes; which kind of file it is, its content says."""


_KEYS = {
    Step.FILE: "enter look at it · tab complete the name · esc back",
    Step.SHEET: "the key of the sheet · esc another file",
    Step.BUSY: "esc stop; nothing is changed then",
    Step.ORDER: "the letter of the order · esc another file",
    Step.STATUS: "the letter of the stage · esc another file",
    Step.WHO: "the digit of the person · n new · l leave out · esc to the preview",
    Step.PREVIEW: "enter ^s import · w who · c columns · a odd rows · ^t list · j k · esc back",
    Step.DONE: "u take it all back · enter go to work · j k scroll",
}


class ImportScreen(AskingWho):
    """Nothing is written before ``enter`` on the preview; the import then is one undoable change."""

    STEPS, KEYS = Step, _KEYS
    CSS_PATH = "import_screen.tcss"
    AUTO_FOCUS = "PathInput"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+s", "go_on", "Import", id="import.go_on", show=False),
        Binding("escape", "cancel", "Back", id="import.back", show=False),
        *(
            Binding(key, f"order('{order}')", order.label, id=f"import.{order}", show=False)
            for order, key in ORDER_KEYS.items()
        ),
        *(
            Binding(key, f"stage('{stage}')", stage, id=f"import.stage_{stage}", show=False)
            for stage, key in STAGE_KEYS.items()
        ),
        *(
            Binding(key, f"sheet({place})", f"Sheet {place + 1}", id=f"import.sheet_{key}", show=False)
            for place, key in enumerate(SHEET_KEYS)
        ),
        *WHO_BINDINGS,
        Binding("c", "columns", "Columns", id="import.columns", show=False),
        Binding("a", "as_they_stand", "Odd rows as they stand", id="import.as_they_stand", show=False),
        Binding("u", "undo", "Take it back", id="import.undo", show=False),
        Binding("ctrl+t", "other_kind", "It is another list", id="import.other_kind", show=False),
        Binding("j,down", "move('down')", "Down", id="import.down", show=False),
        Binding("k,up", "move('up')", "Up", id="import.up", show=False),
        Binding("pagedown,space", "move('page_down')", "Page down", id="import.page_down", show=False),
        Binding("pageup", "move('page_up')", "Page up", id="import.page_up", show=False),
        Binding("g,home", "move('home')", "Top", id="import.home", show=False),
        Binding("G,end", "move('end')", "Bottom", id="import.end", show=False),
    ]

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path)
        self._order: DateOrder | None = None
        self._orders: tuple[DateOrder, ...] = ()
        self._list: TableList = PatientList()
        self._columns: LogLook | None = None
        self._overrides: dict[str, str] = {}
        self._known = ""
        self._answers: dict[str, ReferralStage | None] = {}
        self._accept_odd = False
        self._asked: tuple[StatusUse, ...] = ()
        self._said = 0

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
            "Patients, referrals, coverages, authorizations, appointments, follow-ups or offices (CSV, TSV, "
            ".xlsx), or a payer's answers (X12 271, 278, 277, 835, PAS JSON). A table copied from a "
            "spreadsheet may be pasted here. You see a preview before anything is saved."
        )
        if self._given is not None:
            self._look(find_kind=True)

    # --- keys ----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Each key where it means something."""
        if action == "go_on":
            return self._step in (Step.PREVIEW, Step.DONE)
        if action == "order":
            return self._step is Step.ORDER
        if action == "sheet":
            return self._step is Step.SHEET
        if action == "stage":
            return self._step is Step.STATUS
        if action == "who":
            return self._step is Step.WHO
        if action in ("columns", "as_they_stand", "ask_who"):
            return self._step is Step.PREVIEW
        if action == "undo":
            return self._step is Step.DONE
        if action == "other_kind":
            return self._step in (Step.FILE, Step.PREVIEW)
        if action == "move":
            return self._step in (Step.PREVIEW, Step.DONE)
        return True

    def on_input_submitted(self, event: PathInput.Submitted) -> None:
        """Look at the file."""
        event.stop()
        if self._step is Step.FILE and event.value.strip():
            self._look_anew()

    def _look_anew(self) -> None:
        """Look at a file of which nothing is known but its name."""
        self._start_over()
        self._sheet = None
        self._look(find_kind=True)

    def _start_over(self) -> None:
        """Nothing is known of the file but its name."""
        self._order, self._answers, self._overrides, self._known = None, {}, {}, ""
        self._accept_odd, self._people = False, {}

    def action_sheet(self, place: int) -> None:
        """The sheet that is meant, by its key."""
        if place < len(self._sheets):
            self._sheet = self._sheets[place]
            self._look(find_kind=True)

    def action_other_kind(self) -> None:
        """Read the file as the next kind of list, whatever it looks like."""
        if self.query_one(PathInput).value.strip():
            self._start_over()
            self._kind = self._kinds[(self._kinds.index(self._kind) + 1) % len(self._kinds)]
            self._look()

    def action_as_they_stand(self) -> None:
        """Take the rows that look odd as they stand, or hold them back again."""
        self._accept_odd = not self._accept_odd
        self._look(take_known=False)

    def action_columns(self) -> None:
        """Say which field each column holds."""
        if self._columns is not None:
            from carecoord_tui.screens.import_columns import ImportColumns

            self.app.push_screen(ImportColumns(self._kind, self._columns), self._columns_said)

    def _columns_said(self, said: ColumnsSaid | None) -> None:
        if said is None or self._columns is None:
            return
        if said.wants_next_kind:
            self.action_other_kind()
        elif said.mapping is not None and said.mapping != self._columns.mapping:
            self._overrides = as_overrides(self._kind, said.mapping)
            self._known = ""
            self._look(take_known=False)

    def action_stage(self, stage: str) -> None:
        """What the status in question means, as its letter says; the next one, or the preview."""
        words = fold_status(self._asked[self._said].words)
        self._answers[words] = None if stage == LEAVE_OUT else ReferralStage(stage)
        self._said += 1
        if self._said < len(self._asked):
            self._ask_status()
        else:
            self._look(take_known=False)

    def action_order(self, order: str) -> None:
        """The order of the dates, as its letter says."""
        if (chosen := DateOrder(order)) in self._orders:
            self._order = chosen
            self._look(take_known=False)

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
        elif self._step is Step.WHO:
            self._who_is_said()
        else:
            self._show(Step.FILE)
            self._say("Nothing was imported.")

    def action_move(self, where: str) -> None:
        """Scroll the preview."""
        scroll(self.query_one("#preview", VerticalScroll), where)

    def _who_is_said(self) -> None:
        """Back to the preview, with the answers so far."""
        self._look(take_known=False)

    # --- work ----------------------------------------------------------------------------------

    @work(exclusive=True, group="import")
    async def _look(self, *, find_kind: bool = False, take_known: bool = True) -> None:
        """Work everything out and write nothing."""
        path = self._path()
        if find_kind:
            if await asyncio.to_thread(looks_like_answers, path):
                self._open_answers(path)
                return
            if not await self._sheet_is_known(path):
                return
            self._kinds = await asyncio.to_thread(fitting, path, self._sheet)
            self._kind = self._kinds[0]
        if self._kind.is_log:
            self._open_log(path)
            return
        self._list = ReferralLog() if self._kind is BY_NAME["referrals"] else PatientList()
        practice = await self.app.full_practice()
        try:
            await asyncio.to_thread(self._look_at_columns, practice, path, take_known)
        except (TableError, OSError):
            self._columns = None  # the reading that follows says what is wrong
        report = await self._run(dry_run=True)
        if report is None:
            return
        heading = f"{self._list.heading} from {safe_text(report.path.name)}"
        self.query_one("#heading", Static).update(Content(heading))
        self._asked, self._said = self._list.asked(report), 0
        if self._asked:
            self._ask_status()
            return
        self._doubtful = self._list.doubtful(report)
        await self._fill(report)
        said = "\n".join(filter(None, (self._list.counts_line(report), *self._emptied(), self._known)))
        if practice.is_read_only:
            said += f"\n{READ_ONLY}"
        self._say(said)
        self._show(Step.PREVIEW)

    def _emptied(self) -> tuple[str, ...]:
        """What a column taken for another field leaves empty."""
        look = self._columns
        return self._kind.columns.emptied(look.headers, look.mapping) if look is not None else ()

    def _look_at_columns(self, practice: Practice, path: Path, take_known: bool) -> None:
        """The columns as they will be read; as last time where the file is recognised."""
        known = self._kind.columns
        table = open_table(path, sheet=self._sheet, is_known=known.is_known_header)
        self._columns = look_at(table, self._kind.name, known, overrides=self._overrides)
        kept = recognise(practice, self._kind, self._columns) if take_known else None
        if kept is not None:
            self._overrides = as_overrides(self._kind, kept.columns)
            self._answers = {
                words: ReferralStage(stage) if stage else None for words, stage in kept.statuses.items()
            }
            self._order = kept.date_order or self._order
            self._known = as_on(kept, practice.today())
            self._columns = look_at(table, self._kind.name, known, overrides=self._overrides)

    @work(exclusive=True, group="import")
    async def _import(self) -> None:
        report = await self._run(dry_run=False)
        if report is None:
            return
        await self._fill(report)
        said = self._list.result_lines(report)
        self._say("\n".join(said))
        self._show(Step.DONE)
        if self._columns is not None:
            practice, columns = await self.app.full_practice(), self._columns
            statuses = {words: stage.value if stage else None for words, stage in self._answers.items()}
            problem = await asyncio.to_thread(
                remember, practice, self._kind, columns, columns.mapping, statuses, self._order
            )
            self._say("\n".join(filter(None, (*said, problem))))

    async def _run(self, *, dry_run: bool) -> Any:
        """The report, or None after the reason was said."""
        self._say("")
        self._show(Step.BUSY)
        practice = await self.app.full_practice()

        def bring(progress: PhaseProgress, cancelled: Callable[[], bool]) -> Any:
            return self._list.bring(
                practice,
                self._path(),
                Answers(
                    self._sheet, self._overrides, self._order, self._answers, self._accept_odd, self._people
                ),
                dry_run=dry_run,
                progress=progress,
                cancelled=cancelled,
            )

        try:
            return await self._in_thread(bring)
        except NeedsDateOrder as error:
            self._ask_order(error)
        except ImportCancelled as error:
            self._back_to_file(str(error))
        except (TableError, StoreError) as error:
            self._back_to_file(str(error), alarm=True)
        except OSError as error:
            self._back_to_file(f"Nothing was imported: {error.strerror or error}.", alarm=True)
        return None

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
        drawn = masked_report(report) if self.app.privacy else report
        for section in self._list.sections(drawn, self.app.shown_name):
            role = f" -{section.role}" if section.role else ""
            widgets += [
                Static(section.title, classes=f"title{role}", markup=False),
                Static(section.body, classes="body"),
            ]
        await body.mount_all(widgets)
        body.scroll_home(animate=False)


def as_overrides(kind: ImportKind, mapping: Mapping[str, int]) -> dict[str, str]:
    """Columns by index as the importers take them; fields that are not named are left out."""
    return {name: f"#{mapping[name] + 1}" if name in mapping else "" for name in kind.columns.fields}


SCREEN = ImportScreen
