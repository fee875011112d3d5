"""Drawing papers beside the keys: a template and a PDF take seconds on a large practice, in a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from textual import work
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.documents.day_papers import (
    PaperFormat,
    PaperStopped,
    Wanted,
    Written,
    make_file,
    make_text,
    preview,
)
from carecoord_tui.documents.unprintable import screen_words
from carecoord_tui.screens.packet_text import MASKED
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.person_pane import styled
from carecoord_tui.widgets.progress_line import ProgressLine
from carecoord_tui.widgets.safe_text import safe_text

T = TypeVar("T")
LEAVES = "It is not encrypted: delete it when it is no longer needed. Logged."


class PaperMaking(Sheet[None]):
    """One paper is drawn at a time; ``esc`` stops what is being made, and then no file is left.

    The workers stand in the group ``papers``, which keeps the key of a practice that is locked meanwhile.
    """

    practice: Practice

    def __init__(self) -> None:
        super().__init__()
        self._one_at_a_time = asyncio.Lock()
        self._making: list[threading.Event] = []
        self._newest = 0  # of the previews: an older one is not shown

    @property
    def wanted(self) -> Wanted:
        """The paper in front."""
        raise NotImplementedError

    def show_paper(self) -> None:
        """Draw the paper in front; one that cannot be filled says so and leaves no old paper."""
        self._newest += 1
        self._write_lines([MASKED] if self.app.privacy else [])
        if not self.app.privacy:
            self._preview(self._newest, self.wanted)

    @work(group="papers")
    async def _preview(self, number: int, wanted: Wanted) -> None:
        drawn = await self._beside_the_keys(
            "Drawing …", lambda: preview(self.practice, wanted), lambda: number != self._newest
        )
        if drawn is not None and number == self._newest and not self.app.privacy:
            self._write_lines(drawn.splitlines())

    @work(group="papers")
    async def start_file(self, wanted: Wanted, form: PaperFormat) -> None:
        """Into the papers folder."""
        with self._stoppable() as stop:
            paper: Written | None = await self._beside_the_keys(
                "Making the paper … esc stops it",
                lambda: make_file(self.practice, wanted, form, cancelled=stop.is_set),
                stop.is_set,
            )
        if paper is not None:
            pages = f", {paper.pages} page{'' if paper.pages == 1 else 's'}" if paper.pages else ""
            odd = screen_words(paper.unprintable)
            self.said(f"Written{pages}: {paper.path}. {LEAVES} {odd}".rstrip())

    @work(group="papers")
    async def start_copy(self, wanted: Wanted) -> None:
        """To the terminal's clipboard, as text; logged first."""
        with self._stoppable() as stop:
            text: str | None = await self._beside_the_keys(
                "Making the text … esc stops it",
                lambda: make_text(self.practice, wanted, cancelled=stop.is_set),
                stop.is_set,
            )
        if text is not None:
            self.app.copy_to_clipboard(text)
            self.said("Sent to the terminal's clipboard. If it does not paste, x writes a file. Logged.")

    def stop_making(self) -> bool:
        """Stop what is being made; False when nothing is."""
        for stop in self._making:
            stop.set()
        return bool(self._making)

    def said(self, text: str) -> None:
        """What was made, below the paper."""
        if self.is_mounted:
            line = self.query_one("#papers-made", Static)
            line.update(Content(safe_text(text)))
            line.display = bool(text)

    @contextmanager
    def _stoppable(self) -> Iterator[threading.Event]:
        """A sheet that went away does not wait for its thread, which then writes nothing either."""
        stop = threading.Event()
        self._making.append(stop)
        try:
            yield stop
        finally:
            stop.set()
            self._making.remove(stop)

    async def _beside_the_keys(
        self, words: str, act: Callable[[], T], stopped: Callable[[], bool]
    ) -> T | None:
        """What the act gave; None when it was stopped, or after the reason was said."""
        async with self._one_at_a_time:
            if stopped():
                return None
            self._show_progress(words)
            try:
                return await asyncio.to_thread(act)
            except PaperStopped:
                self.said("Stopped; nothing was written.")
            except (Refused, StoreError) as error:
                self._refuse(str(error))
            finally:
                self._show_progress("")
        return None

    def _refuse(self, words: str) -> None:
        if self.is_mounted:
            self.problem(words)

    def _show_progress(self, words: str) -> None:
        for line in self.query(ProgressLine):  # none when the sheet went away meanwhile
            line.show(words)
            line.display = bool(words)

    def _write_lines(self, lines: list[str]) -> None:
        for paper in self.query("#papers-text").results(Static):
            paper.update(Content("\n").join(map(styled, lines)))
