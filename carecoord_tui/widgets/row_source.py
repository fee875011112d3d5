"""The rows of a list, and where they come from: a plain list, or a query asked window by window."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from carecoord_tui.widgets.columns import Cell

RowKind = Literal["row", "header", "line"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list.

    ``row`` has a cell for each column. ``header`` is the heading of the rows below it, never selected.
    ``line`` is selected like a row but runs over the full width ("WAITING 31 · 4 past promise").
    ``style`` is a role for the whole line: ``dim``, ``strong``, ``alarm``, ``waiting``, ``accent``.
    """

    id: Hashable
    cells: tuple[Cell, ...]
    style: str = ""
    kind: RowKind = "row"

    @property
    def selectable(self) -> bool:
        return self.kind != "header"


class RowSource(Protocol):
    """What a list shows. Ids are unique within a source."""

    def __len__(self) -> int: ...

    def __getitem__(self, window: slice, /) -> Sequence[Row]: ...

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where the record is now, or ``None`` when it is not in the list."""


@runtime_checkable
class GroupedSource(Protocol):
    """A source whose headings can be found from any row; without it headings do not stick."""

    def header_at(self, index: int, /) -> int | None:
        """Index of the heading that row ``index`` stands under (a heading stands under itself)."""


class ListSource:
    """A plain sequence of rows as a source."""

    def __init__(self, rows: Sequence[Row] = ()) -> None:
        self._rows = rows
        self.refresh()

    def refresh(self) -> None:
        """Forget where rows are; call it after the sequence itself was changed."""
        self._places: dict[Hashable, int] | None = None
        self._headers: list[int] | None = None

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, window: slice, /) -> Sequence[Row]:
        return self._rows[window]

    def index_of(self, record_id: Hashable, /) -> int | None:
        if self._places is None:
            self._places = {row.id: index for index, row in enumerate(self._rows)}
        return self._places.get(record_id)

    def header_at(self, index: int, /) -> int | None:
        if self._headers is None:
            self._headers = [place for place, row in enumerate(self._rows) if row.kind == "header"]
        found = bisect_right(self._headers, index)
        return self._headers[found - 1] if found else None


class RowWindow:
    """The stretch of a source read last, so that moving about a screenful asks for nothing.

    ``length`` is read once: a source may count rows with a query. Call ``forget`` when the data changed.
    """

    MARGIN = 32
    """Rows read beyond each end of what was asked for; also how far "the next record" is remembered."""
    MOST = 512
    """Rows kept while somebody moves on; then it begins anew where the list is."""

    def __init__(self, source: RowSource) -> None:
        self.source = source
        self._grouped = source if isinstance(source, GroupedSource) else None
        self.forget()

    def forget(self) -> None:
        """Drop what was read; the next question asks the source again."""
        self.length = len(self.source)
        self._start = 0
        self._rows: Sequence[Row] = ()

    def row(self, index: int) -> Row | None:
        """The row at ``index``, or ``None`` outside the list."""
        if not 0 <= index < self.length:
            return None
        if not self._start <= index < self._start + len(self._rows):
            self._read(index, index + 1)
        place = index - self._start
        return self._rows[place] if place < len(self._rows) else None

    def rows(self, start: int, stop: int) -> Sequence[Row]:
        """Rows from ``start`` up to ``stop``, fewer at the end of the list."""
        start, stop = max(0, start), min(stop, self.length)
        if start >= stop:
            return ()
        if start < self._start or stop > self._start + len(self._rows):
            self._read(start, stop)
        return self._rows[start - self._start : stop - self._start]

    def _read(self, start: int, stop: int) -> None:
        """Read these rows with the margin; of what is at hand already only the rest is asked for."""
        first, last = max(0, start - self.MARGIN), min(self.length, stop + self.MARGIN)
        known_from, known_to = self._start, self._start + len(self._rows)
        if first > known_to or last < known_from or max(last, known_to) - min(first, known_from) > self.MOST:
            self._start, self._rows = first, self.source[first:last]
            return
        before = self.source[first:known_from] if first < known_from else ()
        after = self.source[known_to:last] if known_to < last else ()
        self._start, self._rows = min(first, known_from), [*before, *self._rows, *after]

    def header_at(self, index: int) -> int | None:
        """Index of the heading above row ``index``, if the source knows its headings."""
        if self._grouped is None or not 0 <= index < self.length:
            return None
        return self._grouped.header_at(index)

    def known_after(self, index: int) -> Iterator[Row]:
        """Rows already read that follow ``index``, nearest first; asks the source for nothing."""
        yield from self._rows[max(0, index + 1 - self._start) :]

    def known_before(self, index: int) -> Iterator[Row]:
        """Rows already read that precede ``index``, nearest first; asks the source for nothing."""
        yield from reversed(self._rows[: max(0, index - self._start)])
