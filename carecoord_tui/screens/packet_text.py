"""The packet as text for a portal: sent to the terminal's clipboard, and shown to be selected by hand."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.widgets.person_pane import styled

MASKED = "Names are masked (z): the text is not shown."


class PortalTextSheet(Sheet[None]):
    """The text was logged before it came here."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "packet.tcss"]
    AUTO_FOCUS = "#portal-scroll"

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def heading(self) -> str:
        """What it is for."""
        return "Text for a portal"

    def hint(self) -> str:
        """The keys."""
        return "up down scroll · esc back"

    def compose_body(self) -> ComposeResult:
        """The text as it was sent."""
        shown = [MASKED] if self.app.privacy else self.text.splitlines()
        with VerticalScroll(id="portal-scroll"):
            yield Static(Content("\n").join(styled(line) for line in shown), id="portal-text")
        yield Static(
            "Sent to the terminal's clipboard. If it does not paste, select it here.",
            id="portal-said",
            markup=False,
        )

    def on_mount(self) -> None:
        """To the clipboard."""
        self.app.copy_to_clipboard(self.text)


SCREEN = PortalTextSheet
