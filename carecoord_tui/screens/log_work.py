"""A record log at work behind its preview: read as last time, judged, compared again, written."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from textual import work

from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.import_kinds import ImportKind
from carecoord_tui.exchange.import_steps import ImportCancelled
from carecoord_tui.exchange.logs import LogJob, LogPlan, NeedsDateOrder, RowFate, StatusUse
from carecoord_tui.exchange.logs.plan import LogLook
from carecoord_tui.exchange.logs.report import counts_sentence
from carecoord_tui.exchange.referral_statuses import StatusError
from carecoord_tui.exchange.tabular import TableError
from carecoord_tui.screens.import_columns import field_rows
from carecoord_tui.screens.import_masking import masked_look
from carecoord_tui.screens.import_questions import order_question
from carecoord_tui.screens.import_work import READ_ONLY, Act, ListWithDetails, Made
from carecoord_tui.screens.log_preview import LogRows, reading_words, status_keys, status_question
from carecoord_tui.screens.remembered import as_on, recognise, remember
from carecoord_tui.store.errors import StoreError
from carecoord_tui.widgets.record_list import RecordList


class Step(StrEnum):
    """Where one is; also the name of what is shown."""

    BUSY = "busy"
    ORDER = "order"
    STATUS = "status"
    PREVIEW = "preview"
    DONE = "done"


class LogEnd(NamedTuple):
    """How it ended: what to say, whether it was written, and what is wanted next."""

    words: str
    is_alarm: bool = False
    is_done: bool = False
    wants_next_kind: bool = False
    wants_undo: bool = False


class LogWork(ListWithDetails[LogEnd]):
    """The work of the screen; its keys and what it shows are ``ImportLog``'s."""

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
        self._left = threading.Event()
        self._one_at_a_time = asyncio.Lock()
        self._rows = LogRows(lambda name: self.app.shown_name(name))

    def on_unmount(self) -> None:
        """Comparing again stops too, beside what the base stops."""
        self._left.set()

    def _show(self, step: Step) -> None:
        self._step = step
        self._show_step(step)
        self.set_focus(self.query_one("#rows", RecordList) if step in (Step.PREVIEW, Step.DONE) else None)

    def _say_counts(self, *more: str) -> None:
        if self._plan is None or self._job is None:
            return
        said = counts_sentence(self._job.kind, self._plan.counts, is_done=self._plan.is_written)
        self._say("\n".join(filter(None, (said, *more))))

    def _edit_columns(self, at: str = "") -> None:
        """Say which field each column holds."""
        raise NotImplementedError

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
        if kept.date_order is not None:
            job.set_date_order(kept.date_order)
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
        self._keys = status_keys(statuses.members, statuses.label)
        self._show(Step.STATUS)
        asked = self._asked[self._said]
        question = status_question(
            asked, self._keys, self._said + 1, len(self._asked), self.app.shown_name, statuses.label
        )
        self._say("\n".join(question))

    def _preview(self, plan: LogPlan) -> None:
        self._plan = plan
        self._rows.show(plan)
        job, look = self._needed_job(), plan.look
        self._look = look
        fields = field_rows(
            self._kind,
            masked_look(look) if self.app.privacy else look,
            dict(look.mapping),
            self.app.shown_name,
        )
        self.query_one("#fields", RecordList).set_source(fields)
        self.query_one("#rows", RecordList).set_source(self._rows)
        self._show(Step.PREVIEW)
        read_only = READ_ONLY if job.practice.is_read_only else ""
        self._say_counts(self._known, " ".join(reading_words(plan)), read_only)
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
            remember, job.practice, self._kind, plan.look, plan.look.mapping, self._answers, job.date_order
        )
        if problem:
            self._say_counts(*_result_words(plan), problem)

    async def _guarded(self, act: Act[Made], *, back_to_preview: bool = False) -> Made | None:
        """Carry out work in a thread under a progress line; None after the reason was said."""
        self._show(Step.BUSY)
        try:
            async with self._one_at_a_time:
                return await self._in_thread(act)
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
