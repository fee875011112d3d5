"""What every import screen does alike: one step at a time, and its work in a thread that can be stopped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from carecoord_tui.exchange.import_steps import PhaseProgress
from carecoord_tui.screens.list_beside import PANE_FROM_WIDTH, REST_SECONDS
from carecoord_tui.screens.small_terminal import NeedsRoom, TooSmall
from carecoord_tui.widgets.progress_line import ProgressLine
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.safe_text import safe_text

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp

End = TypeVar("End")
Made = TypeVar("Made")
Act = Callable[[PhaseProgress, Callable[[], bool]], Made]
"""Work that says how far it is and asks whether it is still wanted."""

READ_ONLY = "This practice is open read-only (its clock is set), so this stays a preview."


class ImportWork(NeedsRoom, ModalScreen[End]):
    """Each step is a class of the screen (``-busy``, ``-preview``) and has a line of keys."""

    STEPS: ClassVar[type[StrEnum]]
    KEYS: ClassVar[Mapping[Any, str]]
    """Step -> its line of keys."""

    if TYPE_CHECKING:

        @property
        def app(self) -> CarecoordApp:
            """The app, by its own type."""

    def __init__(self) -> None:
        super().__init__()
        self._stop = threading.Event()

    def on_unmount(self) -> None:
        """A closed window stops what is under way; nothing half imported stays."""
        self._stop.set()

    def _show_step(self, step: StrEnum) -> None:
        for known in self.STEPS:
            self.set_class(known is step, f"-{known}")
        self.query_one("#hint", Static).update(self.KEYS[step])

    def _say(self, text: str, *, alarm: bool = False) -> None:
        line = self.query_one("#said", Static)
        line.set_class(alarm, "-alarm")
        line.update(Content("\n".join(map(safe_text, text.splitlines()))))
        line.display = bool(text)

    async def _in_thread(self, act: Act[Made]) -> Made:
        """Do it beside the screen, with its progress shown; ``_stop`` stops it."""
        self._stop = stop = threading.Event()
        line = self.query_one(ProgressLine)
        line.show("Opening …")
        await self.app.full_practice()
        loop = asyncio.get_running_loop()

        def progress(phase: str, done: int, total: int) -> None:
            loop.call_soon_threadsafe(line.show, phase, done, total)

        try:
            return await asyncio.to_thread(act, progress, stop.is_set)
        finally:
            stop.set()  # a screen that went away does not wait for its thread


class ListWithDetails(ImportWork[End]):
    """A list whose details stand beside it where there is room, and follow the cursor once it rests."""

    def __init__(self) -> None:
        super().__init__()
        self._resting: Timer | None = None

    def _parts(self, *lists: RecordList) -> ComposeResult:
        """Below the heading: progress, what is said, the lists with the row in question beside them, keys."""
        yield ProgressLine("Opening …", id="progress")
        yield Static("", id="said", markup=False)
        with Container(id="body"):
            yield from lists
            with VerticalScroll(id="detail", can_focus=False):
                yield Static("", id="detail-text", markup=False)
        yield Static("", id="hint", markup=False)
        yield TooSmall()

    def on_resize(self, event: events.Resize) -> None:
        """The details stand beside the list where there is room, else below it."""
        self.set_class(event.size.width >= PANE_FROM_WIDTH, "-wide")

    def _details_follow(self) -> None:
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_SECONDS, self._show_details)

    def _show_details(self) -> None:
        """All of the row in question."""
        self.query_one("#detail-text", Static).update(self._details())
        self.query_one("#detail", VerticalScroll).scroll_home(animate=False)

    def _details(self) -> Content:
        """What is known of the row in question."""
        raise NotImplementedError
