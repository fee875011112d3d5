"""The file of an import: named, pasted or one sheet of a workbook; logs and answers open their own screen."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from carecoord_tui.exchange.import_kinds import KINDS, ImportKind
from carecoord_tui.exchange.pasted import PastedTable
from carecoord_tui.exchange.spreadsheet import ComesOutOnly, open_table, sheet_choices
from carecoord_tui.exchange.tabular import TableError
from carecoord_tui.screens.import_questions import sheet_question
from carecoord_tui.screens.import_work import ImportWork
from carecoord_tui.widgets.path_input import PathInput

if TYPE_CHECKING:
    from carecoord_tui.screens.import_answers import End
    from carecoord_tui.screens.log_work import LogEnd


class Step(StrEnum):
    """Where one is; also the name of what is shown."""

    FILE = "file"
    SHEET = "sheet"
    BUSY = "busy"
    ORDER = "order"
    STATUS = "status"
    WHO = "who"
    PREVIEW = "preview"
    DONE = "done"


class OpeningFile(ImportWork[None]):
    """The steps before anything is read; what follows for people and referrals is ``ImportScreen``'s."""

    paste_limit = 20_000_000  # characters: a table copied from a spreadsheet

    def __init__(self, path: Path | None = None) -> None:
        super().__init__()
        self._given = path
        self._step = Step.FILE
        self._kind: ImportKind = KINDS[0]
        self._kinds = KINDS
        self._sheets: tuple[str, ...] = ()
        self._sheet: str | None = None
        self._pasted: PastedTable | None = None

    def _path(self) -> Path:
        """The file that is meant, or what was pasted while its name still stands there."""
        field = self.query_one(PathInput)
        if self._pasted is not None and field.value == str(self._pasted):
            return self._pasted
        return field.path

    def _show(self, step: Step) -> None:
        self._step = step
        self._show_step(step)
        if step is Step.FILE:
            self.query_one(PathInput).focus()
        else:
            self.set_focus(None)

    def _look_anew(self) -> None:
        """Look at a file of which nothing is known but its name."""
        raise NotImplementedError

    def action_other_kind(self) -> None:
        """Read the file as the next kind of list."""
        raise NotImplementedError

    def action_undo(self) -> None:
        """Take the whole import back."""
        app = self.app
        self.dismiss(None)
        app.call_later(app.action_undo)

    async def on_path_input_table_pasted(self, message: PathInput.TablePasted) -> None:
        """A table out of the clipboard is read like a file; it stays in memory and goes with the screen."""
        if self._step is not Step.FILE:
            return
        field = self.query_one(PathInput)
        self._pasted = PastedTable.of(message.text)
        field.value = str(self._pasted)
        field.cursor_position = len(field.value)
        self._look_anew()

    def on_path_input_candidates(self, message: PathInput.Candidates) -> None:
        """What ``tab`` found."""
        names = message.names
        listed = "   ".join(names[:12]) + (f"   and {len(names) - 12} more" if len(names) > 12 else "")
        self._say(listed)

    async def _sheet_is_known(self, path: Path) -> bool:
        """True when one table is meant; else it is asked which sheet."""
        if self._sheet is not None:
            return True
        try:
            choices = await asyncio.to_thread(sheet_choices, path)
        except TableError as error:
            self._back_to_file(str(error), alarm=True)
            return False
        self._sheets = tuple(one.name for one in choices if not one.comes_out_only)
        if len(choices) > 1 and self._sheets:
            self._show(Step.SHEET)
            listings = [one.name for one in choices if one.comes_out_only]
            self._say("\n".join(sheet_question(self._sheets, listings)))
            return False
        return not await self._is_refused(path, choices[0].name if choices else None)

    async def _is_refused(self, path: Path, sheet: str | None) -> bool:
        """True after it was said that the file is of our own export and nobody reads it back."""
        try:
            await asyncio.to_thread(open_table, path, sheet=sheet)
        except ComesOutOnly as error:
            self._show(Step.FILE)
            self._say(str(error), alarm=True)
            return True
        except TableError:
            return False  # the import that follows says what is wrong
        return False

    def _open_log(self, path: Path) -> None:
        """A record log has a preview of its own."""
        from carecoord_tui.screens.import_log import ImportLog

        self.app.push_screen(ImportLog(self._kind, path, self._sheet), self._log_ended)

    def _log_ended(self, end: LogEnd | None) -> None:
        if end is not None and end.wants_undo:
            self.action_undo()
        elif end is None or end.is_done:
            self.dismiss(None)
        elif end.wants_next_kind:
            self.action_other_kind()
        else:
            self._back_to_file(end.words, alarm=end.is_alarm)

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

    def _back_to_file(self, text: str, *, alarm: bool = False) -> None:
        self._show(Step.FILE)
        self._say(f"{text}\n^t reads it as another kind of list." if alarm else text, alarm=alarm)
