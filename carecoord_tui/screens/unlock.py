"""The prompt before everything: passphrase or recovery code. Also what a locked screen shows.

Its first frame is what a start is measured by, so nothing of the store is imported before that frame
stands. Deriving the key takes a good part of a second on purpose and therefore runs in a thread.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable
from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Input, Static

from carecoord_tui.store.errors import InterruptedRestore, StoreError, TryLater, WrongPassphrase
from carecoord_tui.terminal_size import MIN_HEIGHT, MIN_WIDTH
from carecoord_tui.widgets.safe_text import safe_text

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp
    from carecoord_tui.paths import PracticePaths
    from carecoord_tui.store.opening import Unlocked

T = TypeVar("T")

WRONG = "That is neither the passphrase nor the recovery code."
RESTORED = "A restore had been cut off and is now complete. Type the passphrase of that backup."
_WIDTH = 56
_MODULES_OF_THE_DAY = (
    "carecoord_tui.store.opening",
    "carecoord_tui.screens.today",
    "carecoord_tui.store.practice",
)


class UnlockScreen(Screen[None]):
    """Opens the practice, or with ``lock_mark`` lets its user back in.

    ``opening`` is an unlocking that is already under way, with a passphrase from the environment; the
    prompt appears only when it fails.
    """

    CSS_PATH = "unlock.tcss"
    AUTO_FOCUS = "#secret"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "stay", "Stay", id="unlock.stay", show=False),
        Binding("tab,shift+tab", "stay", "Stay", id="unlock.tab", show=False),
    ]

    if TYPE_CHECKING:

        @property
        def app(self) -> CarecoordApp:
            """The app, by its own type."""

    def __init__(self, opening: Future[Unlocked] | None = None, lock_mark: bytes = b"") -> None:
        """``lock_mark`` is ``keyfile.lock_mark`` of the key that opens a locked screen again."""
        super().__init__()
        self._opening = opening
        self._lock_mark = lock_mark
        self._waiting: Timer | None = None
        self._is_busy = False

    def compose(self) -> ComposeResult:
        """Name, folder, input, one line for what went wrong."""
        with Vertical(id="prompt"):
            yield Static("carecoord  locked" if self._is_lock else "carecoord", id="name", markup=False)
            yield Static(Content(_short(self._paths.root)), id="folder")
            yield Static("Passphrase or recovery code", id="label", markup=False)
            yield Input(password=True, id="secret", select_on_focus=False)
            yield Static("", id="said", markup=False)
            yield Static("enter open · ctrl+q quit", id="keys", markup=False)
        yield Static("", id="small", markup=False)

    @property
    def _is_lock(self) -> bool:
        return bool(self._lock_mark)

    @property
    def _paths(self) -> PracticePaths:
        unlocked = self.app.unlocked
        return unlocked.paths if self._is_lock and unlocked is not None else self.app.paths

    def on_mount(self) -> None:
        """Go on with an unlocking under way, else prepare for the answer."""
        if self._opening is not None:
            self._wait_for(asyncio.wrap_future(self._opening))
        elif not self._is_lock:
            self.call_after_refresh(self._prepare)

    def on_resize(self, event: events.Resize) -> None:
        """The prompt itself fits anywhere; what follows does not."""
        small = event.size.width < MIN_WIDTH or event.size.height < MIN_HEIGHT
        size = f"{event.size.width} x {event.size.height}"
        notice = f"This window is {size}; carecoord needs {MIN_WIDTH} x {MIN_HEIGHT}."
        self.query_one("#small", Static).update(notice if small else "")

    def on_click(self) -> None:
        """A click anywhere leaves the keyboard where it belongs."""
        self.query_one(Input).focus()

    def action_stay(self) -> None:
        """``esc`` and ``tab`` have nowhere to go."""

    # --- opening -------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        """Finish an interrupted restore, say at once what is missing, and load the store meanwhile."""
        try:
            self._paths.require()
        except InterruptedRestore:
            await self._finish_restore()
        except StoreError as error:
            self._say(str(error), alarm=True)
        self._warm_up()

    async def _finish_restore(self) -> None:
        from carecoord_tui.store.restore import finish_interrupted

        try:
            await asyncio.to_thread(finish_interrupted, self._paths)
        except StoreError as error:
            self._say(str(error), alarm=True)
        else:
            self._say(RESTORED)

    @work(thread=True, group="warm-up")
    def _warm_up(self) -> None:
        """Import while the passphrase is being typed what is needed the moment it is right."""
        for name in _MODULES_OF_THE_DAY:
            import_module(name)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Try what was typed; the input is empty from then on."""
        event.stop()
        secret = event.value
        if self._is_busy or not secret:
            return
        event.input.clear()
        paths, now = self._paths, self.app.now_option
        if self._is_lock:
            self._let_in(asyncio.to_thread(_verify, paths, secret, self._lock_mark))
        else:
            self._wait_for(asyncio.to_thread(_unlock, paths, secret, now))

    @work(group="unlock")
    async def _wait_for(self, opening: Awaitable[Unlocked]) -> None:
        unlocked = await self._result_of(opening)
        if unlocked is None:
            return
        if unlocked.look is None:
            self._is_busy = True  # until Today stands in this screen's place
            self._say("Bringing the practice up to date …")
        self.app.begin(unlocked)

    @work(group="unlock")
    async def _let_in(self, verifying: Awaitable[tuple[bytes, str]]) -> None:
        found = await self._result_of(verifying)
        if found is None:
            return
        data_key, warning = found
        try:
            self.app.unlock_screen(data_key)
        except StoreError as error:
            self._say(str(error), alarm=True)
            return
        if warning:
            self.app.say(warning, alarm=True)

    async def _result_of(self, doing: Awaitable[T]) -> T | None:
        """The result, or None after its failure was said."""
        self._is_busy = True
        self._say("Opening …")
        try:
            return await doing
        except WrongPassphrase:
            self._say(WRONG, alarm=True)
        except TryLater as error:
            self._count_down(error.seconds)
        except InterruptedRestore:
            await self._finish_restore()
        except (StoreError, ValueError) as error:
            self._say(str(error), alarm=True)
        finally:
            self._is_busy = False
        return None

    def _count_down(self, seconds: int) -> None:
        """Say every second how long the wait still is; a word when it is over."""
        if self._waiting is not None:
            self._waiting.stop()
            self._waiting = None
        if seconds <= 0:
            self._say("Try again.")
            return
        self._say(str(TryLater(seconds)), alarm=True)
        self._waiting = self.set_timer(1.0, lambda: self._count_down(seconds - 1))

    def _say(self, text: str, *, alarm: bool = False) -> None:
        line = self.query_one("#said", Static)
        line.set_class(alarm, "-alarm")
        line.update(Content(safe_text(text)))


def _unlock(paths: PracticePaths, secret: str, now: str | None) -> Unlocked:
    """Runs in a thread, imports included."""
    from carecoord_tui.store.opening import unlock

    return unlock(paths, secret, now=now, environ=os.environ)


def _verify(paths: PracticePaths, secret: str, mark: bytes) -> tuple[bytes, str]:
    """Check a secret against the practice that was locked; its key, and a warning that is usually empty.

    Runs in a thread. The log must not keep a rightful user out; a wrong answer that cannot be logged
    is refused with the log's error, which tells nothing of the answer.
    """
    import hmac

    from carecoord_tui.store import keyfile, unlock_log

    log = paths.unlock_log
    with unlock_log.one_try(log):
        data_key = keyfile.unlock(paths.keyfile, secret)
        # Another practice's key file in place of ours must not open this screen.
        if not hmac.compare_digest(keyfile.lock_mark(data_key), mark):
            raise WrongPassphrase
    by_code = keyfile.is_recovery_code(secret)
    try:
        unlock_log.record(log, unlock_log.Unlock.RECOVERY if by_code else unlock_log.Unlock.OK)
    except StoreError as error:
        return data_key, f"The unlock log could not be written: {error}"
    return data_key, ""


def _short(folder: Path) -> str:
    """The folder in one line: ``~`` for home, the middle left out when it is long."""
    text = str(folder)
    home = str(Path.home())
    if text == home or text.startswith(home + os.sep):
        text = f"~{text[len(home) :]}"
    text = safe_text(text)
    if len(text) <= _WIDTH:
        return text
    tail = _WIDTH * 2 // 3
    return f"{text[: _WIDTH - tail - 1]}…{text[-tail:]}"


SCREEN = UnlockScreen
