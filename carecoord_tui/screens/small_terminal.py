"""The readable notice in place of a screen that a terminal under 80 x 24 cannot hold."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.screen import Screen
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


class NeedsRoom:
    """Mixed into a screen that composes :class:`TooSmall`.

    No ``DOMNode`` itself: Textual follows only the first of those for the styles of a class.
    """

    def on_resize(self: Screen[Any], event: events.Resize) -> None:  # type: ignore[misc]
        """The notice instead of the screen, or back."""
        self.set_class(event.size.width < MIN_WIDTH or event.size.height < MIN_HEIGHT, "-too-small")
