"""The board: columns side by side, one cursor that stays with its record, a window that follows."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from time import perf_counter

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Static

from carecoord_tui.widgets.board import BoardCard, BoardColumn, BoardView, CardSource
from carecoord_tui.widgets.record_list import RecordList

TITLES = ("To send", "Sent", "Accepted", "Scheduled", "Seen", "Report in")
ODD = "O'Neil [Jr] [/b]\x1b[31m"


def cards(*ids: int) -> list[BoardCard]:
    return [BoardCard(one, f"Person {one}", "cardiology", "alarm", "9d of 7") for one in ids]


def columns(*ids: Sequence[int]) -> list[BoardColumn]:
    return [
        BoardColumn(title.lower(), title, cards(*inside))
        for title, inside in zip(TITLES, (*ids, *[()] * 6), strict=False)
    ]


class BoardApp(App[None]):
    def __init__(self, shown: Sequence[BoardColumn]) -> None:
        super().__init__()
        self.first = shown
        self.heard: list[tuple[str, Hashable | None]] = []

    def compose(self) -> ComposeResult:
        yield BoardView()

    def on_mount(self) -> None:
        self.board.show(self.first)
        self.board.focus_cards()

    @property
    def board(self) -> BoardView:
        return self.query_one(BoardView)

    def on_board_view_highlighted(self, event: BoardView.Highlighted) -> None:
        self.heard.append(("moved", event.record_id))

    def on_board_view_chosen(self, event: BoardView.Chosen) -> None:
        self.heard.append(("chosen", event.record_id))

    def on_record_list_highlighted(self) -> None:
        self.heard.append(("a list said it", None))

    def in_sight(self) -> list[str]:
        return [lane.key for lane in self.board._lanes if lane.display]

    def text(self) -> str:
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())

    def more(self) -> str:
        return str(self.query_one("#board-more", Static).content)


async def test_keys_move_between_columns_on_the_same_line_and_skip_empty_ones() -> None:
    app = BoardApp(columns([1, 2, 3], [], [4, 5], [6]))
    async with app.run_test(size=(160, 20)) as pilot:
        assert app.board.cursor_id == 1
        await pilot.press("j", "j", "right")
        assert (app.board.column_key, app.board.cursor_id) == ("accepted", 5)
        await pilot.press("l", "l")
        assert app.board.cursor_id == 6
        await pilot.press("h", "left", "left", "down")
        await pilot.pause()
        assert app.board.cursor_id == 2
        await pilot.press("enter")
        await pilot.pause()
        assert app.heard[-1] == ("chosen", 2)
        told = [one for kind, one in app.heard if kind == "moved"]
        assert told == [1, 2, 3, 5, 6, 4, 1, 2]
        assert ("a list said it", None) not in app.heard


async def test_the_cursor_stays_with_a_card_that_changed_its_column() -> None:
    app = BoardApp(columns([1, 2, 3], [4, 5]))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("j")
        app.heard.clear()
        app.board.show(columns([1, 3], [4, 5], [], [], [], [2]))
        await pilot.pause()
        assert (app.board.column_key, app.board.cursor_id) == ("report in", 2)
        assert "report in" in app.in_sight()
        assert app.heard == []
        assert isinstance(app.focused, RecordList)
        await pilot.press("left")
        assert app.board.cursor_id == 4


async def test_a_card_that_left_leaves_the_cursor_on_the_next_or_in_the_nearest_column() -> None:
    app = BoardApp(columns([1], [4, 5, 6]))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("right", "j")
        assert app.board.cursor_id == 5
        app.board.show(columns([1], [4, 6]))
        assert app.board.cursor_id == 6
        app.board.show(columns([1], [], [], [9]))
        assert app.board.cursor_id == 1
        app.board.show(columns())
        await pilot.pause()
        assert app.board.cursor_id is None
        assert app.heard[-1] == ("moved", None)
        await pilot.press("right", "enter")
        app.board.show(columns([], [], [7]))
        assert app.board.cursor_id == 7


async def test_the_window_follows_and_says_what_is_out_of_sight() -> None:
    app = BoardApp(columns(*[[at] for at in range(1, 7)]))
    async with app.run_test(size=(80, 20)) as pilot:
        assert app.in_sight() == ["to send", "sent", "accepted", "scheduled"]
        assert app.more() == "2 more ›"
        await pilot.press("right", "right", "right", "right")
        assert app.in_sight() == ["sent", "accepted", "scheduled", "seen"]
        assert app.more() == "‹ 1 more · 1 more ›"
        await pilot.press("right", "right", "right")
        assert app.in_sight() == ["accepted", "scheduled", "seen", "report in"]
        assert app.more() == "‹ 2 more"
        await pilot.press("left", "left", "left", "left")
        assert app.in_sight() == ["sent", "accepted", "scheduled", "seen"]
        await pilot.resize_terminal(160, 20)
        await pilot.pause()
        assert len(app.in_sight()) == 6
        assert app.more() == ""


async def test_counts_the_card_in_full_and_untrusted_text() -> None:
    shown = [
        BoardColumn(
            "sent", "Sent", [BoardCard(1, ODD, "cardiology · Silva [bold]Cardiology", "alarm", "14d of 7")]
        ),
        BoardColumn("seen", "Seen", []),
        BoardColumn("booked", "Booked", [BoardCard(2, "Cole, James", age="visit 17 Dec")]),
    ]
    app = BoardApp(shown)
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        text = app.text()
        assert "Sent 1" in text
        assert "Seen 0" in text
        assert "none" in text
        assert "O'Neil [Jr] [/b]?[31m  cardiology · Silva [bold]Cardiology  14d of 7" in text
        assert "visit 17 Dec" not in text
        await pilot.press("right")
        await pilot.pause()
        assert re.search(r"Cole, James +17 Dec", app.text())
        assert "Cole, James  visit 17 Dec" in app.text()


async def test_what_is_shown_before_the_board_is_there_is_drawn_when_it_is() -> None:
    app = BoardApp(columns([1]))
    async with app.run_test(size=(80, 20)) as pilot:
        early = BoardView(id="early")
        early.show(columns([], [7, 8]))
        await app.mount(early)
        await pilot.pause()
        assert early.cursor_id == 7


async def test_a_click_into_another_column_takes_the_cursor_there() -> None:
    app = BoardApp(columns([1], [4, 5, 6]))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.pause()
        await pilot.click(app.board._lanes[1].listing, offset=(6, 2))
        await pilot.pause()
        assert (app.board.column_key, app.board.cursor_id) == ("sent", 6)
        assert ("moved", 6) in app.heard
        assert ("chosen", 6) not in app.heard


async def test_other_columns_keep_the_focus_and_the_card() -> None:
    app = BoardApp(columns([1], [4, 5]))
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("right", "j")
        ended = [*columns([1], [4, 5]), BoardColumn("ended", "Ended", cards(8))]
        app.board.show(ended)
        await pilot.pause()
        await pilot.pause()
        assert app.board.cursor_id == 5
        await pilot.press("k")
        assert app.board.cursor_id == 4
        await pilot.press("right")
        assert app.board.cursor_id == 8


class LazyCards(Sequence[BoardCard]):
    """Cards that are counted as they are made."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids
        self.made = 0

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        found = cards(*(self.ids[place] if isinstance(place, slice) else [self.ids[place]]))
        self.made += len(found)
        return found if isinstance(place, slice) else found[0]

    def index_of(self, record_id: Hashable, /) -> int | None:
        return self.ids.index(record_id) if record_id in self.ids else None


async def test_lazy_cards_are_made_for_what_is_drawn_only() -> None:
    many, few = LazyCards(range(20_000)), LazyCards(range(20_000, 20_003))
    app = BoardApp([BoardColumn("sent", "Sent", many), BoardColumn("seen", "Seen", few)])
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("G", "right")
        assert app.board.cursor_id == 20_002
        again = [
            BoardColumn("sent", "Sent", LazyCards(range(20_000))),
            BoardColumn("seen", "Seen", LazyCards([])),
        ]
        assert app.board.move_to(15_000)
        app.board.show(again)
        assert app.board.cursor_id == 15_000
        assert many.made < 1_000


@pytest.mark.parametrize("size", [20_000])
async def test_twenty_thousand_cards_make_rows_for_a_screenful(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are made by window, and a redrawn board of 20,000 cards takes a fraction of a second."""
    made = 0
    read = CardSource.__getitem__

    def counted(source: CardSource, window: slice) -> list[object]:
        nonlocal made
        rows = read(source, window)
        made += len(rows)
        return list(rows)

    monkeypatch.setattr(CardSource, "__getitem__", counted)
    app = BoardApp(columns(range(size // 2), range(size // 2, size)))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("j", "right", "G")
        await pilot.pause()
        assert app.board.cursor_id == size - 1
        assert made < 1500
        after = columns(range(1, size // 2), range(size // 2, size - 1), [0, size - 1])
        start = perf_counter()
        app.board.show(after)
        assert perf_counter() - start < 1.0
        assert app.board.cursor_id == size - 1
        assert app.board.column_key == "accepted"
