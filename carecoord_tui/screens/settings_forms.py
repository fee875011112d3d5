"""The forms of the settings screen: a section of the practice's settings, a closure, the program's looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.content import Content
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import Static

from carecoord_tui.config import theme_names
from carecoord_tui.config_writing import ConfigWriteError, change_config
from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.screens.form_sheet import Field, FormInput, FormSheet
from carecoord_tui.screens.settings_rows import ASCII, THEME, Program
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.settings import add_closure, put_settings, setting_problems
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.setting_specs import SPECS, Section, Spec
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.safe_text import choose_ascii

ORDERS = (
    Option("m", "12/31/2026", DateOrder.MDY.value),
    Option("d", "31/12/2026", DateOrder.DMY.value),
    Option("y", "2026-12-31", DateOrder.YMD.value),
)
GLYPHS = (
    Option("t", "as the terminal says", ""),
    Option("a", "ASCII alone", "yes"),
    Option("n", "all signs", "no"),
)
WORKING = "Working every date out anew …"


class RulingForm(FormSheet[bool]):
    """A form whose change rules the whole ledger: it is made in a thread, so that the screen stays alive."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "settings_sheet.tcss"]
    is_working = False

    @work(exclusive=True, group="settings")
    async def keep(self, act: Callable[[], object]) -> None:
        """Carry the change out; a refusal stands in the form, which keeps what is typed."""
        self.is_working = True
        self.problem("")
        self.query_one("#sheet-hint", Static).update(Content(WORKING))
        try:
            await asyncio.to_thread(act)
        except (Refused, StoreError) as error:
            self.query_one("#sheet-hint", Static).update(Content(self.hint()))
            self.problem(str(error))
        else:
            self.dismiss(True)
        finally:
            self.is_working = False

    def action_cancel(self) -> None:
        """Not while the change is made."""
        if not self.is_working:
            super().action_cancel()


class SectionForm(RulingForm):
    """Every setting of a section, the cursor in the one that was chosen."""

    def __init__(self, practice: Practice, section: Section, key: str) -> None:
        super().__init__()
        self.practice, self.section, self.key = practice, section, key

    def heading(self) -> str:
        """Which section."""
        return f"Settings: {self.section}"

    def compose_body(self) -> ComposeResult:
        """A field a setting."""
        for spec in self._specs():
            yield Field(spec.label, self._control(spec))

    def _specs(self) -> list[Spec]:
        return [spec for spec in SPECS if spec.section is self.section]

    def _control(self, spec: Spec) -> Widget:
        value = spec.value(self.practice.settings)
        if spec.key == "date_order":
            return ChoiceRow(ORDERS, value=value, id=_id_of(spec.key))
        made = FormInput(spec.words(value), id=_id_of(spec.key))
        made.set_class(spec.section is not Section.PRACTICE, "short")
        return made

    def on_mount(self) -> None:
        """What each means stands beside it."""
        for spec in self._specs():
            if spec.key != "date_order":
                self.field_of(_id_of(spec.key)).show_note(spec.meaning)
        # Later than the handler of the base class, which goes to the first field.
        self.call_after_refresh(self.query_one(f"#{_id_of(self.key)}").focus)

    async def action_save(self) -> None:
        """Keep what can be kept, or say at the field what cannot."""
        if self.is_working:
            return
        typed = self.texts()
        # What was left alone is not written: another window may have changed it meanwhile.
        texts = {
            spec.key: typed[name]
            for spec in self._specs()
            if typed[name := _id_of(spec.key)] != self._start.get(name)
        }
        problems = setting_problems(self.practice.settings, texts)
        if not self.show_problems({_id_of(key): problem for key, problem in problems.items()}):
            self.keep(lambda: put_settings(self.practice, texts))


def _id_of(key: str) -> str:
    """A setting's name as the id of its control."""
    return key.replace(".", "-")


class ClosureForm(RulingForm):
    """A day on which the practice is closed, and why."""

    def __init__(self, practice: Practice) -> None:
        super().__init__()
        self.practice = practice

    def heading(self) -> str:
        """What it does."""
        return "Closed on another day: own dates move, a deadline of law never does"

    def compose_body(self) -> ComposeResult:
        """The day and its name."""
        day = DateInput(
            today=self.practice.today(),
            order=self.practice.settings.date_order,
            is_business_day=self.practice.context.calendar.is_business_day,
            id="day",
        )
        yield Field("Day", day)
        yield Field("Why", FormInput(id="name", placeholder="e.g. Staff training"))

    async def action_save(self) -> None:
        """Close the day."""
        if self.is_working:
            return
        day = self.query_one(DateInput)
        when = day.value
        problem = ""
        if when is None:
            problem = day.problem or "Type the day."
        elif when.at is not None:
            problem = "A closure is a whole day: leave the time out."
        if when is None or self.show_problems({"day": problem} if problem else {}):
            self.show_problems({"day": problem})
            return
        name = self.texts()["name"]
        self.keep(lambda: add_closure(self.practice, when.on, name))


class ProgramForm(FormSheet[bool]):
    """Theme and signs, kept in the user's own settings file; its other lines stay as they are."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "settings_sheet.tcss"]

    def __init__(self, program: Program, first: str) -> None:
        super().__init__()
        self.program, self.first = program, first

    def heading(self) -> str:
        """What is changed."""
        return "This program: kept in your settings file"

    def compose_body(self) -> ComposeResult:
        """Theme and signs."""
        config = self.program.config
        signs = {None: "", True: "yes", False: "no"}[config.ascii_only]
        yield Field("Theme", FormInput(config.theme or self.program.theme, id=THEME))
        yield Static(f"Themes: {', '.join(theme_names())}", id="themes", markup=False)
        yield Field("Signs", ChoiceRow(GLYPHS, value=signs, id=ASCII))

    def on_mount(self) -> None:
        """The cursor in the one that was chosen."""
        self.call_after_refresh(self.query_one(f"#{self.first}").focus)

    async def action_save(self) -> None:
        """Write the file and look so at once."""
        typed = self.texts()
        theme = typed[THEME]
        if theme and theme not in theme_names():
            self.show_problems({THEME: "There is no theme of that name: take one of those below."})
            return
        signs = {"": None, "yes": True, "no": False}[typed[ASCII]]
        try:
            change_config(Path(self.program.file), {"theme": theme or None, "ascii": signs})
        except (ConfigWriteError, StoreError) as error:
            self.problem(str(error))
            return
        if theme:
            self.app.theme = theme
        choose_ascii(signs)
        self.dismiss(True)
