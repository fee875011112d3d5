"""The phases of an import: what is said of each, how far it is, and how it is stopped."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

PhaseProgress: TypeAlias = Callable[[str, int, int], None]
"""Called with (phase, done, total): what is going on in words, and how far; total 0 is unknown."""

LOOKING, READING, PAIRING, COMPARING, SAVING = (
    "Looking at the file",
    "Reading rows",
    "Looking for duplicates",
    "Comparing with the practice",
    "Saving",
)


class ImportCancelled(Exception):
    """The user stopped the import; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("The import was stopped; nothing was changed.")


class Steps:
    """Progress and cancelling for every phase."""

    def __init__(self, progress: PhaseProgress | None, cancelled: Callable[[], bool] | None) -> None:
        self._progress, self._cancelled = progress, cancelled

    def at(self, phase: str, done: int, total: int) -> None:
        if self._cancelled is not None and self._cancelled():
            raise ImportCancelled
        if self._progress is not None:
            self._progress(phase, done, total)

    def of(self, phase: str) -> Callable[[int, int], None]:
        """A progress callback of one phase."""
        self.at(phase, 0, 0)
        return lambda done, total: self.at(phase, done, total)


@contextmanager
def collector_off() -> Iterator[None]:
    """Hundreds of thousands of rows that all stay: looking through them for garbage finds none and costs a
    tenth of the import.

    What came meanwhile is set aside (it goes when its last holder lets go): else the first look through it, a
    quarter of a second for 20,000 rows, would fall on whoever allocates next, which is the screen.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            if gc.get_freeze_count():  # a program in a terminal, not one of many in a test
                gc.freeze()
            gc.enable()
