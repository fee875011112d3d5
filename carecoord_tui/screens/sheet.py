"""A sheet: the one form of dialog, at the bottom of the screen under a rule, the list still visible."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual._context import visible_screen_stack
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widgets import Static

from carecoord_tui.screens.small_terminal import NeedsRoom, TooSmall
from carecoord_tui.widgets.lean_strip import without_links
from carecoord_tui.widgets.safe_text import safe_text

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp

T = TypeVar("T")


class Sheet(NeedsRoom, ModalScreen[T]):
    """Subclasses give ``heading``, ``hint`` and ``compose_body``. ``esc`` leaves without a change."""

    CSS_PATH = "sheet.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Back", id="sheet.back", show=False)]
    asks_before_leaving = False
    covers_below = False  # True: a sheet below in which nothing is typed is not drawn meanwhile
    unsaved_words = "Not saved: esc again leaves without saving."

    if TYPE_CHECKING:

        @property
        def app(self) -> CarecoordApp:
            """The app, by its own type."""

    def __init__(self) -> None:
        super().__init__()
        self._start: dict[str, str] = {}
        self._warned_of: dict[str, str] | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """The screen beneath, as its own lines.

        Textual's way makes a Rich renderable of it and cuts that into lines anew: a third of what opening a
        sheet costs.
        """
        below = self._below()
        if below is None or self.styles.background.a:
            return super().render_lines(crop)
        drawn = visible_screen_stack.get([])
        if drawn and drawn[-1] is below:  # as Textual does: what lies beneath that one draws the next
            drawn.pop()
        beneath = below._compositor.render_strips()
        lines = [without_links(strip) for strip in beneath[crop.y : crop.bottom]]
        lines += [Strip.blank(crop.width)] * (crop.height - len(lines))
        whole = crop.column_span == (0, self.size.width)
        return lines if whole else [strip.crop(*crop.column_span) for strip in lines]

    def _below(self) -> Screen[object] | None:
        """The screen this one stands on."""
        stack = self.app.screen_stack
        place = stack.index(self) if self in stack else 0
        return stack[place - 1] if place else None

    def heading(self) -> str:
        """First line: what this is about, with the person's name."""
        raise NotImplementedError

    def hint(self) -> str:
        """Last line: the keys."""
        return "enter save · esc back"

    def first_words(self) -> str:
        """What must be read before anything else; empty where nothing must."""
        return ""

    def compose_body(self) -> ComposeResult:
        """The widgets between."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Heading, what must be read first, body, problem line, hint."""
        with Vertical(id="sheet"):
            yield Static(Content(safe_text(self.heading())), id="sheet-heading")
            if first := self.first_words():
                yield Static(Content(safe_text(first)), id="sheet-first")
            yield from self.compose_body()
            yield Static("", id="sheet-problem", markup=False)
            yield Static(Content(self.hint()), id="sheet-hint")
        yield TooSmall()

    def show_heading(self) -> None:
        """Draw the heading anew: names may be masked or shown since."""
        self.query_one("#sheet-heading", Static).update(Content(safe_text(self.heading())), layout=False)

    def problem(self, text: str) -> None:
        """Say in one sentence what is wrong; nothing was changed."""
        self._put_words(text, is_notice=False)

    def tell(self, text: str) -> None:
        """Say in the same line what was done meanwhile above this sheet; its draft is untouched."""
        self._put_words(text, is_notice=True)

    def _put_words(self, text: str, *, is_notice: bool) -> None:
        line = self.query_one("#sheet-problem", Static)
        line.set_class(is_notice, "-notice")
        line.update(Content(text))
        line.display = bool(text)

    def data_changed(self) -> None:
        """Something was saved above this sheet: show anew what it tells of people, and keep its draft."""
        self.show_heading()

    def attempt(self, act: Callable[[], object]) -> bool:
        """Carry out a verb; a refusal or a store error stands in the sheet, which keeps its draft."""
        from carecoord_tui.store.actions.base import Refused
        from carecoord_tui.store.errors import StoreError

        try:
            act()
        except (Refused, StoreError) as error:
            self.problem(str(error))
            return False
        return True

    def on_mount(self) -> None:
        """No problem yet, and nothing typed."""
        self.query_one("#sheet-problem").display = False
        self._start = self.texts()

    def on_screen_suspend(self) -> None:
        """Two sheets that end in the same place would show two rules, one on the other."""
        above = self.app.screen
        if isinstance(above, Sheet) and above.covers_below and not self.has_draft():
            self._show_sheet(False)

    def on_screen_resume(self) -> None:
        """In front again."""
        self._show_sheet(True)

    def _show_sheet(self, shown: bool) -> None:
        for panel in self.query("#sheet"):  # none yet before it is composed
            panel.visible = shown

    def texts(self) -> dict[str, str]:
        """What the fields hold, by a name of each."""
        # By name: importing TextArea here would cost every start.
        fields = self.query("Input, TextArea")
        return {str(n): getattr(one, "value", "") or getattr(one, "text", "") for n, one in enumerate(fields)}

    def has_draft(self) -> bool:
        """True when something is typed that leaving would lose."""
        return self.texts() != self._start

    def action_cancel(self) -> None:
        """Leave without a change; what asks before leaving does not lose a draft by one key."""
        if self.asks_before_leaving and self.has_draft() and self._warned_of != (typed := self.texts()):
            self._warned_of = typed
            self.problem(self.unsaved_words)
            return
        self.dismiss(None)
