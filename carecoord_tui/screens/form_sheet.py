"""A sheet of fields: up and down between them, ctrl+s saves, a problem stands at its field."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.safe_text import safe_text

T = TypeVar("T")
FIELDS = "FormInput, ChoiceRow"
YES_NO = (Option("y", "yes", "yes"), Option("n", "no", ""))


class FormInput(Input):
    """A text field of a form: the whole text is not selected on entering, so that a key never wipes it."""

    def __init__(self, value: str = "", *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(value, placeholder=placeholder, select_on_focus=False, id=id)


class Field(Horizontal):
    """Label, one control, and a note: what was understood, or what is wrong."""

    DEFAULT_CSS = """
    Field {
        height: auto;
        & > .note { width: 1fr; height: auto; padding: 0 1; color: $text-muted; }
        & > .note.-problem { color: $text-error; text-style: bold; }
    }
    """

    def __init__(self, label: str, control: Widget) -> None:
        super().__init__()
        self._label, self._control = label, control

    def compose(self) -> ComposeResult:
        """One line; a long note wraps beside its control."""
        yield Label(self._label, markup=False)
        yield self._control
        note = Static("", classes="note", markup=False)
        note.display = False
        yield note

    def show_label(self, text: str) -> None:
        """Another word before the control."""
        self.query_one(Label).update(Content(text))

    def show_note(self, text: str, *, problem: bool = False) -> None:
        """``text`` beside the control; a problem is in the alarm colour and says what to do."""
        note = self.query_one(".note", Static)
        note.set_class(problem, "-problem")
        note.update(Content(safe_text(text)))
        note.display = bool(text)

    @property
    def has_problem(self) -> bool:
        """True while a problem stands here."""
        return self.query_one(".note", Static).has_class("-problem")


class FormSheet(Sheet[T]):
    """Subclasses give ``compose_body`` with :class:`Field` rows and ``action_save``.

    Enter goes to the next field and saves on the last one. ``esc`` leaves an untouched form at once
    and asks for a second ``esc`` when something was typed.
    """

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "step(-1)", "Previous field", show=False),
        Binding("down", "step(1)", "Next field", show=False),
        Binding("ctrl+s", "save", "Save", id="form.save", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._was_warned = False
        self._start: dict[str, str] = {}

    def hint(self) -> str:
        """The keys."""
        return "tab down next · up back · ctrl+s save · esc leave"

    def on_mount(self) -> None:
        """Ready to type in the first field."""
        super().on_mount()
        self._start = self.texts()
        for control in self._reachable()[:1]:
            control.focus()

    async def action_save(self) -> None:
        """Check every field and save."""
        raise NotImplementedError

    # --- fields ------------------------------------------------------------------------------

    def texts(self) -> dict[str, str]:
        """What every field holds, by the control's id."""
        found: dict[str, str] = {}
        for control in self.query(FIELDS):
            value = control.value if isinstance(control, FormInput | ChoiceRow) else None
            found[control.id or ""] = (value or "").strip()
        return found

    @property
    def is_touched(self) -> bool:
        """True when something differs from how the form was opened."""
        return self.texts() != self._start

    def field_of(self, control_id: str) -> Field:
        """The row a control stands in."""
        parent = self.query_one(f"#{control_id}").parent
        if not isinstance(parent, Field):
            raise TypeError(f"{control_id} stands in no field")
        return parent

    def show_problems(self, problems: dict[str, str]) -> bool:
        """Each at its field, the cursor on the first; True when there is one."""
        for field in self.query(Field):
            if field.has_problem:
                field.show_note("")
        for control_id, text in problems.items():
            self.field_of(control_id).show_note(text, problem=True)
        for control_id in list(problems)[:1]:
            self.query_one(f"#{control_id}").focus()
        return bool(problems)

    def _reachable(self) -> list[Widget]:
        return [widget for widget in self.focus_chain if isinstance(widget, Input | ChoiceRow)]

    # --- keys --------------------------------------------------------------------------------

    def action_step(self, by: int) -> None:
        """The field before or after."""
        if by > 0:
            self.focus_next()
        else:
            self.focus_previous()

    @on(Input.Submitted)
    @on(ChoiceRow.Submitted)
    @on(DateInput.Submitted)
    async def _next_or_save(self) -> None:
        """Enter: the next field; on the last one, save."""
        chain = self._reachable()
        if chain and self.focused is chain[-1]:
            await self.action_save()
        else:
            self.focus_next()

    def on_key(self, event: events.Key) -> None:
        """Space steps a choice, as a check box would."""
        focused = self.focused
        if event.key == "space" and isinstance(focused, ChoiceRow):
            event.stop()
            values = [option.value for option in focused.options]
            place = values.index(focused.value) + 1 if focused.value in values else 0
            focused.value = values[place % len(values)]

    def action_cancel(self) -> None:
        """Leave; a draft is never lost by one key."""
        if self.is_touched and not self._was_warned:
            self._was_warned = True
            self.problem("Not saved: ctrl+s saves, esc again leaves without saving.")
            return
        self.dismiss(None)
