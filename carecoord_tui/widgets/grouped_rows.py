"""A list under headings whose order stands still: ids by group are known at once, lines read by window."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from functools import cached_property
from itertools import accumulate
from typing import Any, Generic, Protocol, TypeVar

from carecoord_tui.widgets.row_source import Row


class Group(Hashable, Protocol):
    """What a heading stands for; smaller ones stand above."""

    def __lt__(self, other: Any, /) -> bool: ...


G = TypeVar("G", bound=Group)
I = TypeVar("I", bound=Hashable)  # noqa: E741
L = TypeVar("L")


class StandingOrder(Generic[G, I]):
    """The order as it was listed first. While somebody works, a row keeps its place and its group.

    A row that left the list is left out, and comes back to its place when the step is undone; a new one
    joins the end of its own group. Groups stand by ``key``, else by themselves.
    """

    def __init__(self, key: Callable[[G], Any] | None = None) -> None:
        self._places: dict[G, list[I]] = {}
        self._known: set[I] = set()
        self._key = key

    @property
    def stands(self) -> bool:
        """True once something was listed: :meth:`keep` needs no more than what is still there."""
        return bool(self._places)

    def forget(self) -> None:
        """The next list is taken as it comes."""
        self._places, self._known = {}, set()

    def settle(self, now: Mapping[G, Sequence[I]]) -> dict[G, Sequence[I]]:
        """The groups of ``now`` in the standing order."""
        if not self._places:
            self._join(now, _ids(now))
            return dict(now)
        return self.keep(_ids(now), lambda: now)

    def keep(self, there: Set[I], arranged: Callable[[], Mapping[G, Sequence[I]]]) -> dict[G, Sequence[I]]:
        """The standing order of what is ``there``; ``arranged`` is asked only when some of it is new."""
        if new := there - self._known:
            self._join(arranged(), new)
        shown = {
            group: [one for one in self._places[group] if one in there]
            for group in sorted(self._places, key=self._key)
        }
        return {group: ids for group, ids in shown.items() if ids}

    def moved(self, now: Mapping[G, Sequence[I]]) -> int:
        """How many rows stand elsewhere than in ``now``: in another group, or out of its order.

        Of rows in another order as few are counted as would have to be moved.
        """
        count = 0
        for group, ids in now.items():
            place = {one: number for number, one in enumerate(ids)}
            stayed = [place[one] for one in self._places.get(group, ()) if one in place]
            count += len(ids) - _longest_rise(stayed)
        return count

    def _join(self, now: Mapping[G, Sequence[I]], new: Set[I]) -> None:
        """Put what is new at the end of its own group."""
        for group, ids in now.items():
            self._places.setdefault(group, []).extend(one for one in ids if one in new)
        self._known |= new


def _ids(groups: Mapping[G, Sequence[I]]) -> set[I]:
    return {one for ids in groups.values() for one in ids}


def _longest_rise(numbers: Sequence[int]) -> int:
    """The length of the longest strictly rising subsequence, in O(n log n)."""
    ends: list[int] = []
    for number in numbers:
        place = bisect_left(ends, number)
        ends[place : place + 1] = [number]
    return len(ends)


class GroupedRows(Generic[G, I, L]):
    """Groups as a row source. ``read`` gives the lines of a window by id; ``gone`` stands for one it misses.

    A line goes missing when another window settled it since the ids were read; the next reload closes the
    gap.
    """

    def __init__(
        self,
        groups: Mapping[G, Sequence[I]],
        *,
        heading: Callable[[G, int], Row],
        read: Callable[[Sequence[I]], Mapping[I, L]],
        paint: Callable[[L, G], Row],
        gone: Callable[[I], Row],
    ) -> None:
        self._groups = [(group, ids) for group, ids in groups.items() if ids]
        self._heading, self._read, self._paint, self._gone = heading, read, paint, gone
        self._starts = [0, *accumulate(len(ids) + 1 for _, ids in self._groups)]

    def __len__(self) -> int:
        return self._starts[-1]

    def __getitem__(self, window: slice, /) -> list[Row]:
        start, stop, _ = window.indices(len(self))
        wanted: list[tuple[G, Sequence[I], bool]] = []  # the last: the heading too
        for first, (group, ids) in zip(self._starts, self._groups, strict=False):
            if first < stop and first + len(ids) >= start:
                part = ids[max(0, start - first - 1) : stop - first - 1]
                wanted.append((group, part, first >= start))
        lines = self._read([one for _, part, _ in wanted for one in part])
        sizes = {group: len(ids) for group, ids in self._groups}
        rows: list[Row] = []
        for group, part, with_heading in wanted:
            if with_heading:
                rows.append(self._heading(group, sizes[group]))
            rows += [self._paint(lines[one], group) if one in lines else self._gone(one) for one in part]
        return rows

    def header_at(self, index: int, /) -> int | None:
        """The heading that a row stands under."""
        return self._starts[bisect_right(self._starts, index) - 1] if self._groups else None

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {
            one: first + 1 + place
            for first, (_, ids) in zip(self._starts, self._groups, strict=False)
            for place, one in enumerate(ids)
        }

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where a record stands in the list."""
        return self._places.get(record_id)
