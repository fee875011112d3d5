"""The readable notice in place of a screen that a terminal under 80 x 24 cannot hold."""

from __future__ import annotations

from textual import events
from textual.dom import DOMNode
from textual.widgets import Static

from carecoord_tui.terminal_size import MIN_HEIGHT, MIN_WIDTH


class TooSmall(Static):
    """Shown alone while its screen has the class ``-too-small`` (``app.tcss``)."""

    def __init__(self) -> None:
        super().__init__(
            f"carecoord needs {MIN_WIDTH} x {MIN_HEIGHT} characters.\nMake this window larger.",
            id="too-small",
            markup=False,
        )


class NeedsRoom(DOMNode):
    """Mixed into a screen that composes :class:`TooSmall`."""

    def on_resize(self, event: events.Resize) -> None:
        """The notice instead of the screen, or back."""
        self.set_class(event.size.width < MIN_WIDTH or event.size.height < MIN_HEIGHT, "-too-small")
