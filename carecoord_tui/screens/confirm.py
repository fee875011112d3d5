"""The one question of yes or no, for what concerns another patient or cannot be undone."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from carecoord_tui.screens.sheet import Sheet


class ConfirmSheet(Sheet[bool]):
    """``y`` or enter does it, ``n`` or esc leaves it."""

    covers_below = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "yes", "Yes", id="confirm.yes", show=False),
        Binding("n", "cancel", "No", id="confirm.no", show=False),
    ]

    def __init__(self, question: str) -> None:
        super().__init__()
        self.question = question

    def heading(self) -> str:
        """The question."""
        return self.question

    def hint(self) -> str:
        """The keys."""
        return "y yes · n no"

    def compose_body(self) -> ComposeResult:
        """Nothing between."""
        yield from ()

    def action_yes(self) -> None:
        """Do it."""
        self.dismiss(True)


SCREEN = ConfirmSheet
