"""Settings: what the practice decides once, its closures, and how the program looks to this user."""

from __future__ import annotations

import os
from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.types import CSSPathType
from textual.widgets import Static

from carecoord_tui.config import chosen_file, load_config
from carecoord_tui.screens.settings_forms import ClosureForm, ProgramForm, SectionForm
from carecoord_tui.screens.settings_rows import ASCII, SETTING_COLUMNS, THEME, Program, RowId, setting_rows
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.settings import remove_closure
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.closures import read_closures
from carecoord_tui.store.setting_specs import BY_KEY
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

WIDE = 100  # cells from which the list has a column for what each setting means


class SettingsSheet(Sheet[None]):
    """``enter`` changes what is highlighted; ``P`` closes another day, ``D`` opens one again."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "settings_sheet.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("P", "new", "Closure", id="settings.new", show=False),
        Binding("delete,D", "remove", "Remove", id="settings.remove", show=False),
        Binding("u", "undo", "Undo", id="settings.undo", show=False),
    ]

    def __init__(self, practice: Practice) -> None:
        super().__init__()
        self.practice = practice
        self._rows: list[Row] = []

    def heading(self) -> str:
        """What these are."""
        return "Settings"

    def hint(self) -> str:
        """The keys."""
        return "enter change · P closed on another day · D open again · u undo · esc back"

    def compose_body(self) -> ComposeResult:
        """The list."""
        yield RecordList(SETTING_COLUMNS, show_header=False, id="list")
        yield Static("", id="setting-meaning", markup=False)

    def on_mount(self) -> None:
        """Read them; keys go to the list."""
        super().on_mount()
        self._reload()
        self.query_one(RecordList).focus()

    def _reload(self) -> None:
        practice = self.practice
        closures = read_closures(practice.execute)
        self._rows = setting_rows(practice.settings, closures, self._program(), practice.today())
        self.query_one(RecordList).set_source(self._rows)
        self._show_meaning()

    def on_record_list_highlighted(self) -> None:
        """Its meaning, where there is no column for it."""
        self._show_meaning()

    def on_resize(self) -> None:
        """The column comes and goes with the width."""
        self._show_meaning()

    def _show_meaning(self) -> None:
        one = self._highlighted
        row = next((row for row in self._rows if row.id == one), None)
        words = str(row.cells[2]) if row is not None and len(row.cells) == len(SETTING_COLUMNS) else ""
        line = self.query_one("#setting-meaning", Static)
        line.update(words)
        line.display = self.app.size.width < WIDE

    def _program(self) -> Program:
        file = chosen_file(None, os.environ)
        return Program(file, file.is_file(), load_config(None, os.environ), self.app.theme)

    @property
    def _highlighted(self) -> RowId | None:
        one = self.query_one(RecordList).cursor_id
        return one if isinstance(one, RowId) else None

    def on_record_list_chosen(self) -> None:
        """Change the highlighted one."""
        one = self._highlighted
        if one is None:
            return
        self.problem("")
        if one.kind == "setting":
            form = SectionForm(self.practice, BY_KEY[one.name].section, one.name)
            self.app.push_screen(form, self._changed)
        elif one.kind == "closure":
            self.action_new()
        elif one.name in (THEME, ASCII):
            self.app.push_screen(ProgramForm(self._program(), one.name), self._changed)
        elif one.kind == "problem":
            self.problem(self._program().config.problems[int(one.name)])
        else:
            self.problem(
                "Keys are changed in the settings file; `carecoord keys` lists the ids, "
                "`carecoord config check` tells what is wrong, and the next start takes them."
            )

    def _changed(self, done: bool | None) -> None:
        if done:
            self._reload()

    def action_new(self) -> None:
        """Close another day."""
        self.problem("")
        self.app.push_screen(ClosureForm(self.practice), self._changed)

    def action_remove(self) -> None:
        """Open the practice again on the highlighted day; undo closes it again."""
        one = self._highlighted
        if one is None or one.kind != "closure" or not one.name:
            self.problem("Only a closure can be taken out; of a setting, empty its field.")
            return
        if self.attempt(lambda: remove_closure(self.practice, date.fromisoformat(one.name))):
            self._reload()
            self.problem("")

    async def action_undo(self) -> None:
        """The newest change, as everywhere."""
        await self.app.action_undo()
        self._reload()


SCREEN = SettingsSheet
