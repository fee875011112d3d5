"""A row of options, one key each: ``[c call]  p paperwork   h chase``. Wraps, takes the mouse too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from carecoord_tui.widgets.safe_text import safe_text

MAX_LABEL = 32  # cells of a label; a payer's name may be any length


@dataclass(frozen=True, slots=True)
class Option:
    """One way to choose. ``key`` is a single printable character."""

    key: str
    label: str
    value: str

    @property
    def shown(self) -> str:
        """Key and label, cut to what a row can hold."""
        label = safe_text(self.label)
        while cell_len(label) > MAX_LABEL:
            label = label[:-2].rstrip() + "…"
        return f"{self.key} {label}"


class ChoiceRow(Widget, can_focus=True):
    """One of several options. While it has the focus an option's key takes it, left and right step.

    ``value`` is None until something is chosen.
    """

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    ChoiceRow { height: auto; width: 1fr; color: $text-muted; }
    ChoiceRow:focus { background: $foreground 12%; color: $text; }
    """

    class Chosen(Message):
        """An option was taken by its key or the mouse, not by stepping."""

        def __init__(self, choice_row: ChoiceRow, value: str) -> None:
            super().__init__()
            self.choice_row, self.value = choice_row, value

        @property
        def control(self) -> ChoiceRow:
            return self.choice_row

    class Submitted(Message):
        """Enter: what is chosen is meant."""

        def __init__(self, choice_row: ChoiceRow, value: str | None) -> None:
            super().__init__()
            self.choice_row, self.value = choice_row, value

        @property
        def control(self) -> ChoiceRow:
            return self.choice_row

    def __init__(
        self,
        options: Sequence[Option],
        *,
        value: str | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self.options = tuple(options)
        self._value = value

    @property
    def value(self) -> str | None:
        """What is chosen."""
        return self._value

    @value.setter
    def value(self, value: str | None) -> None:
        self._value = value
        self.refresh()

    # --- drawing ---------------------------------------------------------------------------------

    def _lines(self, width: int) -> list[list[Option]]:
        """The options line by line; each stands in brackets or between two blanks."""
        lines: list[list[Option]] = [[]]
        room = width
        for option in self.options:
            needed = cell_len(option.shown) + 2
            if lines[-1] and needed > room:
                lines.append([])
                room = width
            lines[-1].append(option)
            room -= needed
        return lines

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the options need at this width."""
        return len(self._lines(width))

    def render(self) -> Content:
        """The chosen option stands in brackets, so that colour is not the only sign."""
        lines = [Content("").join(map(self._cell, line)) for line in self._lines(self.content_size.width)]
        return Content("\n").join(lines)

    def _cell(self, option: Option) -> Content:
        if option.value == self._value:
            return Content.styled(f"[{option.shown}]", "$text-accent bold")
        key, _, label = option.shown.partition(" ")
        return Content.assemble(" ", (key, "$text-accent"), f" {label} ")

    # --- choosing --------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """An option's key, left and right, enter."""
        option = next((one for one in self.options if one.key == event.character), None)
        if option is not None:
            self._take(option)
        elif event.key in ("left", "right"):
            self._step(1 if event.key == "right" else -1)
        elif event.key == "enter":
            self.post_message(self.Submitted(self, self._value))
        else:
            return
        event.stop()
        event.prevent_default()

    def _take(self, option: Option) -> None:
        self.value = option.value
        self.post_message(self.Chosen(self, option.value))

    def _step(self, by: int) -> None:
        values = [option.value for option in self.options]
        if self._value in values:
            self.value = values[(values.index(self._value) + by) % len(values)]
        else:
            self.value = values[0 if by > 0 else -1]

    def on_click(self, event: events.Click) -> None:
        """The option under the mouse."""
        place = event.get_content_offset(self)
        lines = self._lines(self.content_size.width)
        if place is None or place.y >= len(lines):
            return
        event.stop()
        x = 0
        for option in lines[place.y]:
            x += cell_len(option.shown) + 2
            if place.x < x:
                self._take(option)
                return
