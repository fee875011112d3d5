"""Where a list stands: its rows, cursor, marks and first visible row. Knows nothing of drawing."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from enum import Enum, auto
from itertools import chain, islice
from typing import cast

from carecoord_tui.widgets.row_source import ListSource, Row, RowSource, RowWindow

STICKY_FROM = 3
"""Lines a list needs before a heading may take the first of them."""


class Landing(Enum):
    """Where the cursor goes in another source."""

    NEXT = auto()  # its record, else the next one that is still there
    STAY = auto()  # its record, else the first
    FIRST = auto()


class ListState:
    """The cursor is held on a record, not on a place, and is always on a visible line.

    ``height`` is the number of lines for rows; at 0 (not laid out yet) nothing scrolls.
    """

    def __init__(self, source: RowSource | Sequence[Row] = ()) -> None:
        self.window = RowWindow(as_source(source))
        self.height = 0
        self.top = 0
        self.cursor: int | None = None
        self.cursor_id: Hashable | None = None
        self.marks: frozenset[Hashable] = frozenset()
        self._land_on(0)

    # Rows

    def set_source(
        self, source: RowSource | Sequence[Row], keep_marks: bool = False, landing: Landing = Landing.NEXT
    ) -> None:
        """Other rows; ``landing`` says where the cursor goes.

        One that starts over is told before a line is read: each window that is only looked through costs
        as much as the one that is shown.
        """
        candidates = list(self._candidates())
        self.window = RowWindow(as_source(source))
        if landing is Landing.FIRST or (landing is Landing.STAY and not self._is_there(candidates[:1])):
            self._set_cursor(None)
            self.first()
            self._drop_marks(keep_marks)
        else:
            self._resettle(candidates, keep_marks)

    def _is_there(self, record_ids: Sequence[Hashable]) -> bool:
        return any(self.window.source.index_of(one) is not None for one in record_ids)

    def reload(self, keep_marks: bool = False) -> None:
        """The same source, whose data changed."""
        candidates = list(self._candidates())
        if isinstance(self.window.source, ListSource):
            self.window.source.refresh()
        self.window.forget()
        self._resettle(candidates, keep_marks)

    def _candidates(self) -> Iterator[Hashable]:
        """The cursor's record, then those after it, then those before it, as far as they were read."""
        if self.cursor is None:
            return
        yield self.cursor_id
        known = chain(
            islice(self.window.known_after(self.cursor), RowWindow.MARGIN),
            islice(self.window.known_before(self.cursor), RowWindow.MARGIN),
        )
        yield from (row.id for row in known if row.selectable)

    def _resettle(self, candidates: Sequence[Hashable], keep_marks: bool) -> None:
        old = self.cursor
        line = 0 if old is None else old - self.top
        index = self._find(candidates, old)
        if index is None:
            self._land_on(old or 0)
        else:
            self._set_cursor(index)
        self.top = 0 if self.cursor is None else self.cursor - line
        self._reveal()
        self._drop_marks(keep_marks)

    def _drop_marks(self, keep_marks: bool) -> None:
        """Forget marks of records that left, unless they are to be kept."""
        if not keep_marks and self.marks:
            index_of = self.window.source.index_of
            self.marks = frozenset(mark for mark in self.marks if index_of(mark) is not None)

    def _find(self, candidates: Sequence[Hashable], hint: int | None) -> int | None:
        if candidates and hint is not None:
            row = self.window.row(hint)  # mostly nothing moved: saves building an index
            if row is not None and row.id == candidates[0]:
                return hint
        for record_id in candidates:
            index = self._place(record_id)
            if index is not None:
                return index
        return None

    def _place(self, record_id: Hashable) -> int | None:
        index = self.window.source.index_of(record_id)
        return index if index is not None and self._selectable(index, 1) == index else None

    # Cursor

    @property
    def cursor_row(self) -> Row | None:
        return None if self.cursor is None else self.window.row(self.cursor)

    def move_to(self, record_id: Hashable) -> bool:
        """Cursor on this record; ``False`` when it is not in the list."""
        index = self._place(record_id)
        self.move_to_index(index)
        return index is not None

    def move_to_index(self, index: int | None, jump: int = 0) -> None:
        """Cursor on the row at ``index``, scrolling ``jump`` lines further than needed."""
        if index is not None:
            self._set_cursor(index)
            self._reveal(jump)

    def step(self, direction: int) -> None:
        """One record on (``1``) or back (``-1``).

        A scroll rewrites the whole screen, so it goes a third of a page: a held key scrolls seldom over SSH,
        and the records that come next are in view.
        """
        if self.cursor is None:
            return
        target = self._selectable(self.cursor + direction, direction)
        if target is None and direction < 0:
            self.show_from(0)  # the heading above the first record
        self.move_to_index(target, jump=self.height // 3)

    def page(self, direction: int) -> None:
        """A screenful less one line, the cursor keeping its line."""
        if self.cursor is None:
            return
        lines = max(1, self.height - 1) * direction
        target = max(0, min(self.cursor + lines, self.window.length - 1))
        found = self._selectable(target, direction)
        if found is None:
            found = self._selectable(target, -direction)
        self.top = self._clamp(self.top + lines)
        self.move_to_index(found)

    def first(self) -> None:
        self.top = 0
        self.move_to_index(self._selectable(0, 1))

    def last(self) -> None:
        self.move_to_index(self._selectable(self.window.length - 1, -1))

    def _selectable(self, index: int, direction: int) -> int | None:
        while (row := self.window.row(index)) is not None:
            if row.selectable:
                return index
            index += direction
        return None

    def _set_cursor(self, index: int | None) -> None:
        row = None if index is None else self.window.row(index)
        self.cursor = None if row is None else index
        self.cursor_id = None if row is None else row.id

    def _land_on(self, index: int) -> None:
        """Cursor on the row at or after ``index``, else on the last one before it."""
        index = min(index, self.window.length - 1)
        found = self._selectable(index, 1)
        self._set_cursor(self._selectable(index, -1) if found is None else found)

    # Marks

    def toggle_mark(self, record_id: Hashable | None = None) -> None:
        """Mark or unmark a record, by default the cursor's; full-width lines cannot be marked."""
        row = self.cursor_row
        if record_id is None:
            if row is None or row.kind != "row":
                return
            record_id = row.id
        self.marks ^= {record_id}

    # View

    def resize(self, height: int) -> None:
        self.height = max(0, height)
        self._reveal()

    def show_from(self, top: int) -> None:
        """The list from row ``top`` on; a cursor left out of sight comes along, so no verb acts unseen."""
        self.top = self._clamp(top)
        if self.cursor is None or not self.height:
            return
        first, last = self._first_in_view(), self.top + self.height - 1
        if self.cursor < first:
            self.move_to_index(self._selectable(first, 1))
        elif self.cursor > last:
            self.move_to_index(self._selectable(last, -1))

    def bring_into_view(self, record_id: Hashable) -> None:
        """Scroll until this record is seen, and its heading; the cursor goes there if both do not fit."""
        index = self._place(record_id)
        if index is None or not self.height or self._first_in_view() <= index < self.top + self.height:
            return
        first, last = sorted((index, index if self.cursor is None else self.cursor))
        heading = 1 if self._sticky(first) is not None else 0
        if last - first + heading >= self.height:
            self.move_to_index(index)
        else:
            self.top = self._clamp(first - heading if index == first else last - self.height + 1)

    def visible(self) -> Sequence[Row]:
        """The rows in view; the first is the heading they stand under when that has scrolled off."""
        rows = self.window.rows(self.top, self.top + self.height)
        sticky = self._sticky(self.top)
        heading = None if sticky is None else self.window.row(sticky)
        return rows if heading is None else (heading, *rows[1:])

    def thumb(self) -> range:
        """The lines the scrollbar's thumb covers; none when everything is in view."""
        length, height = self.window.length, self.height
        if length <= height or not height:
            return range(0)
        size = max(1, height * height // length)
        start = round((height - size) * self.top / (length - height))
        return range(start, start + size)

    def _sticky(self, top: int) -> int | None:
        if self.height < STICKY_FROM:
            return None
        header = self.window.header_at(top)
        return header if header is not None and header < top else None

    def _first_in_view(self) -> int:
        return self.top + (self._sticky(self.top) is not None)

    def _clamp(self, top: int) -> int:
        return max(0, min(top, self.window.length - self.height))

    def _reveal(self, jump: int = 0) -> None:
        if not self.height:
            return
        self.top = self._clamp(self.top)
        if self.cursor is None:
            return
        if self.cursor < self._first_in_view():
            above = 1 if self._sticky(self.cursor) is not None else 0  # its heading will stand there
            self.top = self._clamp(self.cursor - above - jump)
        elif self.cursor >= self.top + self.height:
            self.top = self._clamp(self.cursor - self.height + 1 + jump)


def as_source(source: RowSource | Sequence[Row]) -> RowSource:
    """A plain sequence of rows wrapped as a source; a source as it is."""
    if isinstance(source, Sequence) and not hasattr(source, "index_of"):
        return ListSource(source)
    return cast("RowSource", source)
