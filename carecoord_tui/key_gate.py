"""Keys are handed over one at a time: the next one waits until the last one has done its work.

Textual forwards a key as soon as it arrives. Over a slow line several arrive together, and the
second would reach the list before the first has opened its sheet: ``+call`` typed fast would log a
contact. A key that comes alone passes at once and costs nothing; only one that comes too soon waits.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual import events

if TYPE_CHECKING:
    from textual.app import App
    from textual.message_pump import MessagePump
    from textual.screen import Screen

PATIENCE = 2.0  # seconds: a key that hangs does not hold up the others for ever
Deliver = Callable[[events.Event], Awaitable[None]]


class KeyGate:
    """Between the terminal and the app. ``deliver`` is Textual's own handling of a key.

    A key is done when a widget stopped it, or when it bubbled up to the app (``done``); a screen it
    opened must have been shown once, so that its focus stands.
    """

    def __init__(self, app: App[object], deliver: Deliver) -> None:
        self._app = app
        self._deliver = deliver
        self._waiting: deque[events.Event] = deque()
        self._current: events.Event | None = None
        self._target: MessagePump | None = None
        self._since = 0.0
        self._following = False
        self._watched = 0.0
        self._shown: Screen[object] | None = None  # the screen known to have its focus

    async def pass_on(self, event: events.Event) -> None:
        """Hand a key or paste over now, or after those before it."""
        if self._waiting or not self._is_free():
            self._waiting.append(event)
            self._watch()
        else:
            await self._hand_over(event)

    def done(self, event: events.Event) -> None:
        """The key has bubbled up to the app, and the app has carried out what it is bound to."""
        if event is self._current:
            self._current = None
            if self._waiting:
                self._watch()

    def _is_free(self) -> bool:
        current = self._current
        if current is not None and time.monotonic() - self._since < PATIENCE:
            if not current._stop_propagation:
                return False
            self._current = None
        return self._app.screen is self._shown or not self._was_changed()

    def _was_changed(self) -> bool:
        """True while a screen that was opened by the last key has not been shown yet."""
        if self._shown is None:
            self._shown = self._app.screen
        return self._app.screen is not self._shown

    async def _hand_over(self, event: events.Event) -> None:
        # Textual stops an event below its sender, so a key sent by the app would look stopped while it
        # still bubbles up to the app's bindings (tab, say) and the next key would overtake it.
        event._sender = None
        self._current, self._since = event, time.monotonic()
        self._target = self._app.focused or self._app.screen
        await self._deliver(event)
        if not event.is_forwarded:  # a priority binding took it
            self.done(event)

    def _watch(self) -> None:
        """Something waits: come back when the current key is through and its screen is shown."""
        if self._following and time.monotonic() - self._watched < PATIENCE:
            return  # else what was followed is gone without a word: a screen closed before it was shown
        self._following, self._watched = True, time.monotonic()
        if self._current is not None and self._target is not None:
            self._follow(self._current, self._target)
        else:
            self._when_shown()

    def _follow(self, event: events.Event, node: MessagePump) -> None:
        if not node.call_later(self._seen, event, node):
            self._when_shown()  # the node is gone, and the key with it

    def _seen(self, event: events.Event, node: MessagePump) -> None:
        parent = node._parent
        if event._stop_propagation or node is self._app or parent is None:
            self._when_shown()
        else:
            self._follow(event, parent)

    def _when_shown(self) -> None:
        self._current = None
        screen = self._app.screen
        if screen is self._shown:
            self._next()
        else:
            screen.call_after_refresh(self._screen_shown, screen)

    def _screen_shown(self, screen: Screen[object]) -> None:
        self._shown = screen
        self._next()

    def _next(self) -> None:
        self._following = False
        if self._waiting:
            self._app.call_next(self._go_on)

    async def _go_on(self) -> None:
        if not self._waiting:
            return
        await self._hand_over(self._waiting.popleft())
        if self._waiting:
            self._watch()
