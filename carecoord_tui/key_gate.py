"""Keys are handed over one at a time: the next one waits until the last one has done its work.

Textual forwards a key as soon as it arrives. Over a slow line several arrive together, and the
second would reach the list before the first has opened its sheet: ``+call`` typed fast would log a
contact. The gate follows a key up the tree it bubbles through and opens when it was handled there.
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
    """Between the terminal and the app. ``deliver`` is Textual's own handling of a key."""

    def __init__(self, app: App[object], deliver: Deliver) -> None:
        self._app = app
        self._deliver = deliver
        self._waiting: deque[events.Event] = deque()
        self._current: events.Event | None = None
        self._since = 0.0

    async def pass_on(self, event: events.Event) -> None:
        """Hand a key or paste over now, or after those before it."""
        if self._current is not None and time.monotonic() - self._since < PATIENCE:
            self._waiting.append(event)
            return
        await self._hand_over(event)

    async def _hand_over(self, event: events.Event) -> None:
        self._current, self._since = event, time.monotonic()
        screen = self._app.screen
        target: MessagePump = self._app.focused or screen
        await self._deliver(event)
        if event.is_forwarded:
            self._follow(event, target, screen)
        else:
            self._settle(event, screen)

    def _follow(self, event: events.Event, node: MessagePump, screen: Screen[object]) -> None:
        """Come back to this node once it has seen the key."""
        if not node.call_later(self._seen, event, node, screen):
            self._settle(event, screen)  # the node is gone, and the key with it

    def _seen(self, event: events.Event, node: MessagePump, screen: Screen[object]) -> None:
        parent = node._parent
        if event._stop_propagation or node is self._app or parent is None:
            self._settle(event, screen)
        else:
            self._follow(event, parent, screen)

    def _settle(self, event: events.Event, screen: Screen[object]) -> None:
        """The key was handled; a screen it opened gets its focus before the next key."""
        if self._current is not event:
            return
        if self._waiting and self._app.screen is not screen:
            self._app.screen.call_after_refresh(self._open, event)
        else:
            self._open(event)

    def _open(self, event: events.Event) -> None:
        if self._current is not event:
            return
        if not self._waiting:
            self._current = None
            return
        self._current = following = self._waiting.popleft()
        self._since = time.monotonic()
        self._app.call_next(self._hand_over, following)
