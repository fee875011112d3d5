"""What a list asks its source for, where its cursor lands, and an order that stands."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import pytest

from carecoord_tui.widgets.grouped_rows import StandingOrder
from carecoord_tui.widgets.list_state import Landing, ListState
from carecoord_tui.widgets.row_source import Row, RowWindow


class Counted:
    """Numbered rows that remember which were read."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids
        self.read: list[int] = []

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, window: slice, /) -> Sequence[Row]:
        self.read += self.ids[window]
        return [Row(one, (str(one),)) for one in self.ids[window]]

    def index_of(self, record_id: Hashable, /) -> int | None:
        return self.ids.index(record_id) if record_id in self.ids else None


@pytest.mark.parametrize("stops", [range(0, 300, 30), range(300, 0, -30), (0, 20, 90, 60, 10)])
def test_no_row_at_hand_is_read_again(stops: Sequence[int]) -> None:
    source = Counted(range(1_000))
    window = RowWindow(source)
    for start in stops:
        assert [row.id for row in window.rows(start, start + 40)] == list(range(start, start + 40))
        at = window.row(start + 7)
        assert at is not None
        assert at.id == start + 7
    assert len(source.read) == len(set(source.read))


def test_what_is_kept_is_bounded() -> None:
    window = RowWindow(Counted(range(5_000)))
    for start in range(0, 4_900, 35):
        assert [row.id for row in window.rows(start, start + 40)] == list(range(start, start + 40))
        assert len(window._rows) <= RowWindow.MOST
    assert [row.id for row in window.rows(3, 5)] == [3, 4]  # far from what is kept


def listed(ids: Sequence[int], at: int) -> ListState:
    state = ListState(Counted(ids))
    state.resize(10)
    assert state.move_to(at)
    return state


@pytest.mark.parametrize(
    ("now", "landing", "expected"),
    [
        ([1, 2, 6, 7], Landing.NEXT, 6),
        ([1, 2, 6, 7], Landing.STAY, 1),
        ([1, 5, 7], Landing.STAY, 5),
        ([1, 5, 7], Landing.FIRST, 1),
        ([], Landing.STAY, None),
        ([], Landing.FIRST, None),
    ],
)
def test_where_the_cursor_lands(now: list[int], landing: Landing, expected: int | None) -> None:
    state = listed(range(1, 60), 5)
    state.marks = frozenset({5, 7})
    state.set_source(Counted(now), landing=landing)
    assert state.cursor_id == expected
    assert state.marks == {5, 7} & set(now)


def test_starting_over_reads_one_window() -> None:
    state = listed(range(2_000), 1_500)
    source = Counted(range(2_000))
    state.set_source(source, landing=Landing.FIRST)
    assert [row.id for row in state.visible()] == list(range(10))
    assert len(source.read) <= 10 + RowWindow.MARGIN


def test_an_order_is_arranged_anew_only_for_what_is_new() -> None:
    order: StandingOrder[str, int] = StandingOrder()
    assert not order.stands
    order.settle({"a": [3, 1], "b": [2]})
    assert order.stands

    def never() -> dict[str, list[int]]:
        raise AssertionError("nothing is new")

    assert order.keep({1, 2}, never) == {"a": [1], "b": [2]}
    assert order.keep({1, 2, 3}, never) == {"a": [3, 1], "b": [2]}  # undone: back in its place
    assert order.keep({1, 4, 2}, lambda: {"b": [4, 2], "c": [1]}) == {"a": [1], "b": [2, 4]}
    order.forget()
    assert not order.stands
