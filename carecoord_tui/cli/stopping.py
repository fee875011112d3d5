"""Ending in order when the terminal is closed or the program is told to end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_STOPPING = ("SIGTERM", "SIGHUP")


@contextmanager
def tidying_up() -> Iterator[None]:
    """Inside it SIGTERM and SIGHUP raise SystemExit, so that what is half written is removed.

    A second signal does not cut that short. One that is ignored, as under ``nohup``, stays ignored. The exit
    code is 128 and the signal's number, as shells report it. For the main thread alone.
    """
    numbers = [getattr(signal, name) for name in _STOPPING if hasattr(signal, name)]
    before = {one: signal.getsignal(one) for one in numbers if signal.getsignal(one) is not signal.SIG_IGN}

    def leave(number: int, _: FrameType | None) -> None:
        for one in before:
            signal.signal(one, signal.SIG_IGN)
        sys.exit(128 + number)

    for number in before:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
