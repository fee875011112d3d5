"""Facts about a worksheet that openpyxl's streaming reader does not give, from one pass over its XML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import IO

_CHUNK = 1 << 20
_OVERLAP = 512
_MAX_MERGES = 20_000
_MERGE = re.compile(rb'mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_FORMULA_WITHOUT_VALUE = re.compile(rb"<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range; rows count from 1, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """Merged ranges, and how many formulas were saved without a calculated value."""

    merges: tuple[Merge, ...]
    uncalculated: int


def scan_sheet(stream: IO[bytes]) -> SheetFacts:
    """Read a worksheet's XML in bounded memory."""
    merges: dict[Merge, None] = {}
    uncalculated = 0
    tail = b""
    while chunk := stream.read(_CHUNK):
        window = tail + chunk
        for match in _FORMULA_WITHOUT_VALUE.finditer(window):
            uncalculated += match.end() > len(tail)
        for match in _MERGE.finditer(window):
            if len(merges) < _MAX_MERGES:
                left, top, right, bottom = match.groups()
                merges[Merge(int(top), _column(left), int(bottom), _column(right))] = None
        tail = window[-_OVERLAP:]
    return SheetFacts(tuple(merges), uncalculated)


def _column(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - ord("A") + 1
    return index - 1
