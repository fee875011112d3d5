"""A sheet of fields: up and down between them, ctrl+s saves, a problem stands at its field."""

from __future__ import annotations

from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
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
    """A text field of a form. Entering a short value (a number, an amount, a name) selects it to be replaced.

    ``prose``: a note, a reason, a question is gone on with, so entering it selects nothing.
    """

    def __init__(
        self, value: str = "", *, placeholder: str = "", id: str | None = None, prose: bool = False
    ) -> None:
        super().__init__(value, placeholder=placeholder, select_on_focus=not prose, id=id)
        self.is_prose = prose


class Field(Vertical):
    """Label, one control, a note of what was understood; what is wrong stands on a line of its own."""

    DEFAULT_CSS = """
    Field {
        height: auto;
        & > Horizontal { height: auto; }
        & Label { width: 19; color: $text-muted; }
        & .note { width: 1fr; height: 1; padding: 0 1; color: $text-muted; }
        & .problem { height: auto; padding-left: 20; color: $text-error; text-style: bold; }
    }
    """

    def __init__(self, label: str, control: Widget) -> None:
        super().__init__()
        self._label, self._control = label, control

    def compose(self) -> ComposeResult:
        """Notes are absent until there is something to say."""
        with Horizontal():
            yield Label(self._label, markup=False)
            yield self._control
            yield self._text_line("note")
        yield self._text_line("problem")

    def _text_line(self, kind: str) -> Static:
        line = Static("", classes=kind, markup=False)
        line.display = False
        return line

    def show_label(self, text: str) -> None:
        """Another word before the control."""
        self.query_one(Label).update(Content(text))

    def show_note(self, text: str) -> None:
        """What was understood, beside the control."""
        self._show("note", text)

    def show_problem(self, text: str) -> None:
        """What is wrong and what to do; empty when nothing is."""
        self._show("problem", text)

    def _show(self, kind: str, text: str) -> None:
        line = self.query_one(f".{kind}", Static)
        if line.display or text:
            line.update(Content(safe_text(text)))
            line.display = bool(text)


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

    asks_before_leaving = True
    unsaved_words = "Not saved: ctrl+s saves, esc again leaves without saving."

    def hint(self) -> str:
        """The keys."""
        return "tab down next · up back · ctrl+s save · esc leave"

    def on_mount(self) -> None:
        """Ready to type in the first field."""
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

    def field_of(self, control_id: str) -> Field:
        """The row a control stands in."""
        for parent in self.query_one(f"#{control_id}").ancestors:
            if isinstance(parent, Field):
                return parent
        raise LookupError(f"{control_id} stands in no field")

    def show_problems(self, problems: dict[str, str]) -> bool:
        """Each at its field, the cursor on the first; True when there is one."""
        for field in self.query(Field):
            field.show_problem("")
        for control_id, text in problems.items():
            self.field_of(control_id).show_problem(text)
        for control_id in list(problems)[:1]:
            self.query_one(f"#{control_id}").focus()
            self.call_after_refresh(self.field_of(control_id).scroll_visible, animate=False)
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
