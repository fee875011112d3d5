"""Opening the app: the fastest honest way from the shell to a usable screen."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from carecoord_tui.cli.failures import CommandError, UsageError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import note
from carecoord_tui.paths import PracticePaths

if TYPE_CHECKING:
    from concurrent.futures import Future
    from types import FrameType

    from carecoord_tui.app import CarecoordApp
    from carecoord_tui.store.opening import Unlocked

_FRAMES = "240"  # a second: a frame is drawn as soon as it is ready, not at the next 60th
_STOPPING = ("SIGTERM", "SIGHUP")
_LEAVE_SECONDS = 5.0
"""So long may leaving in order take. Where the terminal is gone in the middle of a frame, drawing waits for
it for ever, and the program would stay behind with the practice open."""


def run(invocation: Invocation) -> int:
    """Plain ``carecoord``: the practice of the data folder, or the first-run screen."""
    secret = invocation.secret_if_given()
    return open_app(invocation, invocation.paths, secret)


def require_terminal() -> None:
    """Refuse to draw screens into a file or a pipe."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise CommandError(
            "The program needs a terminal; `carecoord today --plain` prints the day into a file or a pipe."
        )


def open_app(invocation: Invocation, paths: PracticePaths, secret: str | None) -> int:
    """Run the app until it is left and return its exit code.

    With a secret the key is derived in a thread while Textual is imported.
    """
    require_terminal()
    now = invocation.now
    gc.disable()  # nothing of what is being imported will ever be garbage
    opening = _unlock_in_thread(paths, secret, now) if secret is not None and paths.exists else None
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES)  # read by Textual when it is imported
    from carecoord_tui.app import CarecoordApp
    from carecoord_tui.config import load_config
    from carecoord_tui.garbage import settle_in
    from carecoord_tui.widgets.safe_text import choose_ascii

    config = load_config(None, invocation.environ)
    theme = invocation.options.theme
    if theme:
        _require_theme(theme)
    choose_ascii(config.ascii_only)
    app = CarecoordApp(
        paths,
        now=now,
        opening=opening,
        theme_name=theme or config.theme,
        keymap=dict(config.keys),
        message=_told(config.problems),
    )
    settle_in()
    _end_without_terminal()
    with _stopped_by_signals(app):
        app.run()
    return app.return_code or 0


def _told(problems: Sequence[str]) -> str:
    """What the footer says of the config file; every sentence stays on the terminal behind the app."""
    for problem in problems:
        note(problem)
    if len(problems) > 1:
        return f"{len(problems)} settings of the config file cannot be used; `carecoord keys` says why."
    return "".join(problems)


def _unlock_in_thread(paths: PracticePaths, secret: str, now: str | None) -> Future[Unlocked]:
    """Start unlocking; a daemon thread, so that leaving does not wait for it."""
    from concurrent.futures import Future
    from threading import Thread

    opening: Future[Unlocked] = Future()
    opening.set_running_or_notify_cancel()  # leaving early must not cancel it under the thread

    def work() -> None:
        from carecoord_tui.store.dialect import translated
        from carecoord_tui.store.opening import unlock

        try:
            with translated():
                opening.set_result(unlock(paths, secret, now=now))
        except BaseException as error:  # noqa: BLE001 - raised again where the future is waited for
            opening.set_exception(error)

    Thread(target=work, name="unlock", daemon=True).start()
    return opening


def _require_theme(name: str) -> None:
    from carecoord_tui.config import theme_names

    known = theme_names()
    if name not in known:
        raise UsageError(f"There is no theme called {name!r}; choose one of {', '.join(known)}.")


@contextmanager
def _stopped_by_signals(app: CarecoordApp) -> Iterator[None]:
    """Leave the app in order when the window is closed or the program is told to end."""

    def stop(number: int, _: FrameType | None) -> None:
        app.exit(return_code=128 + number)

    numbers = [getattr(signal, name) for name in _STOPPING if hasattr(signal, name)]
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_without_terminal() -> None:
    """Wait in a thread until the terminal is gone, and end the program if it has not left in order then.

    The signal of a closed window does not reach a main thread that waits for the terminal. What was said to
    be saved is in the file by then; the rest is taken back at the next opening.
    """
    import select
    import time
    from threading import Thread

    if not hasattr(select, "poll"):
        return
    gone = select.poll()
    gone.register(sys.stdin.fileno(), 0)  # nothing but the end of the terminal

    def work() -> None:
        gone.poll()
        time.sleep(_LEAVE_SECONDS)
        os._exit(128 + signal.SIGHUP)

    Thread(target=work, name="terminal", daemon=True).start()
