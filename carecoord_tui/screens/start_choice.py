"""The last step of a first run: what to begin with. And the demo, in a folder that goes away."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option
from textual.worker import get_current_worker

from carecoord_tui.clock import parse_now
from carecoord_tui.demo import DEMO_PASSPHRASE, DEMO_PATIENTS
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.setup import SetupScreen
from carecoord_tui.store.errors import StoreError
from carecoord_tui.widgets.progress_line import ProgressLine

if TYPE_CHECKING:
    from carecoord_tui.store.opening import Unlocked

_DEMO_ZONE = ZoneInfo("America/New_York")
_CHOICES = (
    ("import", "i", "Import a spreadsheet", "CSV or Excel; a preview comes first"),
    ("empty", "e", "Start empty", "N adds a patient, + adds a follow-up"),
    ("demo", "d", "See the demo", f"{DEMO_PATIENTS} invented people, thrown away at the end"),
)


class StartChoiceScreen(SetupScreen):
    """Import, empty, or demo: by its letter, or enter on its line."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key, f"choose('{name}')", title, id=f"start.{name}", show=False)
            for name, key, title, _ in _CHOICES
        ),
        Binding("j", "move('down')", "Down", id="start.down", show=False),
        Binding("k", "move('up')", "Up", id="start.up", show=False),
    ]

    def __init__(self, unlocked: Unlocked, said: str = "") -> None:
        super().__init__()
        self._unlocked = unlocked
        self._said = said

    def heading(self) -> str:
        """Where one is."""
        return "The practice is ready. What shall it begin with?"

    def hint(self) -> str:
        """The keys."""
        return "i e d or enter · all three can be done later as well · ctrl+q quit"

    def compose_step(self) -> ComposeResult:
        """The three choices."""
        yield OptionList(
            *(
                Option(Content.assemble((f" {key}  ", "bold"), f"{title:<24}", (words, "dim")), id=name)
                for name, key, title, words in _CHOICES
            )
        )

    def on_mount(self) -> None:
        """Say what the step before did."""
        self.say(self._said)

    def action_move(self, where: str) -> None:
        """Up and down."""
        choices = self.query_one(OptionList)
        if where == "down":
            choices.action_cursor_down()
        else:
            choices.action_cursor_up()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter, or a click."""
        self.action_choose(str(event.option_id))

    def action_choose(self, name: str) -> None:
        """Begin."""
        if name == "demo":
            self.app.push_screen(DemoScreen())
            return
        self.app.begin(self._unlocked)
        if name == "import":
            from carecoord_tui.screens.import_screen import ImportScreen

            self.app.push_screen(ImportScreen())


class DemoScreen(SetupScreen):
    """Builds the demo and opens it. ``esc`` goes back until it is done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Back", id="demo.back", show=False),
    ]

    def heading(self) -> str:
        """What happens."""
        return f"Making a practice of {DEMO_PATIENTS} people who do not exist"

    def hint(self) -> str:
        """The keys."""
        return "esc back · ctrl+q quit"

    def compose_step(self) -> ComposeResult:
        """Progress."""
        yield ProgressLine("A few seconds …")

    def on_mount(self) -> None:
        """Begin."""
        self.say("Your own files are not touched. q leaves the demo; its folder is then deleted.")
        self._build()

    def action_leave(self) -> None:
        """Back; what was built is thrown away."""
        self.workers.cancel_node(self)
        self.dismiss(None)

    @work(thread=True, group="demo")
    def _build(self) -> None:
        worker = get_current_worker()
        folder = Path(tempfile.mkdtemp(prefix="carecoord-demo-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        try:
            unlocked = build_and_unlock(
                PracticePaths(folder / "practice"), self.app.now_option, self._progress
            )
        except (StoreError, OSError, ValueError) as error:
            if not worker.is_cancelled:
                self.app.call_from_thread(self.say, f"The demo could not be made: {error}", alarm=True)
            return
        if worker.is_cancelled:
            if unlocked.look is not None:
                unlocked.look.close()
            shutil.rmtree(folder, ignore_errors=True)
        else:
            self.app.call_from_thread(self._open, unlocked)

    def _progress(self, made: int) -> None:
        line = self.query_one(ProgressLine)
        self.app.call_from_thread(line.show, "Opening it …" if made >= DEMO_PATIENTS else "Making people …")

    def _open(self, unlocked: Unlocked) -> None:
        self.app.begin(unlocked)
        words = "This is the demo: nobody in it exists. q leaves it; carecoord then opens your own practice."
        self.app.call_after_refresh(self.app.say, words)


def build_and_unlock(
    paths: PracticePaths, now: str | None, progress: Callable[[int], None] | None = None
) -> Unlocked:
    """Build the demo as of ``now`` (the present unless given) and open it; runs in a thread.

    ``progress`` is told how many people there are so far.

    Raises StoreError and ``ValueError`` for an unreadable ``now``.
    """
    from carecoord_tui.demo.build import build_demo
    from carecoord_tui.store.opening import unlock

    moment = parse_now(now, _DEMO_ZONE) if now else datetime.now(UTC)
    build_demo(paths, now=moment, timezone=_DEMO_ZONE.key, progress=progress)
    return unlock(paths, DEMO_PASSPHRASE, now=now)


SCREEN = StartChoiceScreen
