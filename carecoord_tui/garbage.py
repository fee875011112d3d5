"""When Python looks for garbage: not while modules are imported, and in full only while nobody types.

A full look takes as long as several frames once the store is loaded, and Python takes it whenever it likes:
in the middle of a key. Only the program started in a terminal does this; tests keep Python's own ways.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

REST_SECONDS = 2.0
"""Nobody types for so long before a full look; the next key waits for it at most."""
_YOUNG, _MIDDLE = 700, 10  # Python's own
_FULL_AFTER = 100  # looks at the middle generation; at rest Python's own 10 are enough


@contextmanager
def importing() -> Iterator[None]:
    """Nothing of what is made inside will ever be garbage: it is not looked through, then or later."""
    gc.disable()
    try:
        yield
    finally:
        if gc.get_freeze_count():  # a program started by ``settle_in``
            gc.freeze()
        gc.enable()


def settle_in() -> None:
    """Everything made so far stays; from now on full looks wait for a rest (:func:`look_at_rest`)."""
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _FULL_AFTER)
    gc.enable()


def look_at_rest(seconds_since_key: float) -> None:
    """A full look when nobody types and there may be something to find; called once a second."""
    if seconds_since_key >= REST_SECONDS and gc.get_freeze_count() and gc.get_count()[2] > _MIDDLE:
        gc.collect()
