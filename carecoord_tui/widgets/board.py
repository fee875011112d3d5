"""A board: columns of cards side by side, as many as fit, the window following the column in use.

Each column is a ``RecordList`` over a row source, so a board of 20,000 cards draws a screenful. It takes no
verbs of its own: the screen asks for ``cursor_id`` and moves a card by what it knows.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol, runtime_checkable

from rich.cells import cell_len
from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import ALARM, DIM, STRONG, WAITING, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import wants_ascii

COLUMN_WIDTH = 19
"""The fewest cells a column is worth showing with: a name and an age. Six stand side by side in 120."""
AGE_WIDTH = 6

CARD_COLUMNS = (
    Column("title", min_width=8, max_width=28, style="strong"),
    Column("detail", min_width=10, priority=50, style="dim"),
    Column("age", width=AGE_WIDTH, align="right", priority=90),
)
_FOOT_STYLES = {"alarm": ALARM, "waiting": WAITING, "dim": DIM}


@dataclass(frozen=True, slots=True)
class BoardCard:
    """One record. ``style`` is a role for its age (``alarm``, ``waiting``); ids are unique on the board.

    The card says ``title`` and ``age`` ("9d of 7"); ``detail`` follows where a column is wide enough, and
    always below the board for the highlighted card. In the column an ``age`` is short ("9d", "17 Dec").
    """

    id: Hashable
    title: str
    detail: str = ""
    style: str = ""
    age: str = ""


@runtime_checkable
class PlacedCards(Protocol):
    """Cards made lazily that know where each stands without making it."""

    def index_of(self, record_id: Hashable, /) -> int | None:
        """The place of a card, or ``None``."""


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A stage, or several that are worked alike.

    ``cards`` are read a stretch at a time, so they may be made lazily; such cards are ``PlacedCards``.
    """

    key: str
    title: str
    cards: Sequence[BoardCard]


@runtime_checkable
class Findable(Protocol):
    """Cards that can say where one stands."""

    def index_of(self, record_id: Hashable, /) -> int | None:
        """The place of a card; None when it is not among them."""


def _short_age(age: str) -> str:
    """``!6bd`` of ``!6bd of 2``, ``17 Dec`` of ``visit 17 Dec``: the whole stands below the board."""
    short = age.partition(" of ")[0].removeprefix("visit ")
    return short if cell_len(short) <= AGE_WIDTH else short.partition(" ")[0]


class CardSource:
    """The cards of a column as rows."""

    def __init__(self, cards: Sequence[BoardCard]) -> None:
        self._cards = cards

    def __len__(self) -> int:
        return len(self._cards)

    def __getitem__(self, window: slice, /) -> list[Row]:
        return [
            Row(card.id, (card.title, card.detail, Text(_short_age(card.age), style=card.style)))
            for card in self._cards[window]
        ]

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {card.id: place for place, card in enumerate(self._cards)}

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where a card stands in its column; cards that are made lazily know it without being made."""
        if isinstance(self._cards, Findable):
            return self._cards.index_of(record_id)
        return self._places.get(record_id)

    def card(self, place: int) -> BoardCard:
        """The card at a place."""
        return self._cards[place]


class Lane(Vertical):
    """One column: its title with the count, and its list."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        self.source = CardSource(())
        self.head = Static("", classes="board--head", markup=False)
        self.listing = RecordList(CARD_COLUMNS, show_header=False, gap=1, empty_text="none")

    def compose(self) -> ComposeResult:
        """Title above, cards below."""
        yield self.head
        yield self.listing

    def show(self, column: BoardColumn) -> None:
        """Other cards; the cursor stays on its record, or goes to the next one still here."""
        self.source = CardSource(column.cards)
        self.head.update(Content.assemble(styled(column.title), styled(f" {len(column.cards)}", DIM)))
        self.listing.set_source(self.source)

    @property
    def card(self) -> BoardCard | None:
        """The card its cursor is on."""
        place = self.listing.cursor_index
        return None if place is None else self.source.card(place)

    @property
    def cursor_line(self) -> int:
        """How many lines below the column's top its cursor stands."""
        place = self.listing.cursor_index
        return 0 if place is None else place - self.listing.first_visible

    def land_on_line(self, line: int) -> None:
        """Put the cursor on the card that stands on this line, or on the last one."""
        if self.source:
            place = min(self.listing.first_visible + line, len(self.source) - 1)
            self.listing.move_to(self.source.card(place).id)


class BoardView(Vertical):
    """Cards in columns with one cursor: up and down within a column, left and right between them."""

    DEFAULT_CSS = """
    BoardView { height: 1fr; }
    BoardView > Horizontal { height: 1fr; }
    BoardView Lane { width: 1fr; height: 1fr; }
    BoardView .board--head { height: 1; padding: 0 1 0 3; text-wrap: nowrap; text-overflow: ellipsis; }
    BoardView Lane.-current .board--head { color: $text-accent; text-style: bold; }
    BoardView Lane.-current .board--head:ansi { color: ansi_default; text-style: bold reverse; }
    BoardView RecordList:blur > .record-list--cursor { background: transparent; }
    BoardView RecordList:blur > .record-list--bar { color: $background; }
    BoardView > #board-foot { height: 1; margin-top: 1; }
    BoardView #board-card {
        width: 1fr; height: 1; padding: 0 3; text-wrap: nowrap; text-overflow: ellipsis;
    }
    BoardView #board-more { width: auto; height: 1; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "column(-1)", "Column before", id="board.left", show=False),
        Binding("right,l", "column(1)", "Next column", id="board.right", show=False),
    ]

    class CardMessage(Message):
        """About one card of the board."""

        def __init__(self, board: BoardView, record_id: Hashable | None) -> None:
            super().__init__()
            self.board = board
            self.record_id = record_id

        @property
        def control(self) -> BoardView:
            """The board it came from."""
            return self.board

    class Highlighted(CardMessage):
        """The cursor is on another card; ``record_id`` is ``None`` on an empty board."""

    class Chosen(CardMessage):
        """Enter, a click on the highlighted card, or a double click."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lanes: list[Lane] = []
        self._at = 0  # the column in use
        self._first = 0  # the first one in sight
        self._told: Hashable | None = None
        self._early: Sequence[BoardColumn] = ()  # shown before the board was there to be drawn
        self._strip = Horizontal()
        self._card = Static("", id="board-card", markup=False)
        self._more = Static("", id="board-more", markup=False)

    def compose(self) -> ComposeResult:
        """The columns, and below them the highlighted card in full and what stands out of sight."""
        yield self._strip
        with Horizontal(id="board-foot"):
            yield self._card
            yield self._more

    # --- what is shown -----------------------------------------------------------------------

    def show(self, columns: Sequence[BoardColumn]) -> None:
        """Draw these columns. The cursor stays on its card, also when that moved to another column.

        A card that left the board leaves the cursor on the next one of its column.
        """
        if not self._strip.is_attached:
            self._early = columns
            return
        kept = self.cursor_id
        if [lane.key for lane in self._lanes] != [column.key for column in columns]:
            self._arrange(columns)
        for lane, column in zip(self._lanes, columns, strict=True):
            lane.show(column)
        if kept is None or not self._go_to(kept):
            self._go_to_column(self._nearest_filled())
        self._say()

    def on_mount(self) -> None:
        """What was to be shown meanwhile."""
        if self._early:
            self.show(self._early)

    def _arrange(self, columns: Sequence[BoardColumn]) -> None:
        """Columns that stay keep their place in the list and the focus; the others come and go."""
        current, known = self._lane, {lane.key: lane for lane in self._lanes}
        wanted = {column.key for column in columns}
        self._lanes = [known.get(column.key) or Lane(column.key) for column in columns]
        self._at = self._lanes.index(current) if current in self._lanes else 0
        for at, lane in enumerate(self._lanes):
            if lane.key not in known:
                self._strip.mount(lane, after=self._lanes[at - 1] if at else None)
                if not at:
                    self._strip.move_child(lane, before=0)
        for lane in known.values():
            if lane.key not in wanted:
                lane.remove()

    def _nearest_filled(self) -> int:
        """The column in use, or the nearest one that has a card."""
        filled = [at for at, lane in enumerate(self._lanes) if len(lane.source)]
        return min(filled, key=lambda at: abs(at - self._at), default=self._at)

    # --- cursor ------------------------------------------------------------------------------

    @property
    def _lane(self) -> Lane | None:
        return self._lanes[self._at] if self._lanes else None

    @property
    def column_key(self) -> str:
        """The column the cursor is in; empty before the first ``show``."""
        return "" if self._lane is None else self._lane.key

    @property
    def cursor_id(self) -> Hashable | None:
        """The highlighted card."""
        return None if self._lane is None else self._lane.listing.cursor_id

    def move_to(self, record_id: Hashable) -> bool:
        """Put the cursor on a card and bring it into sight; ``False`` when it is not on the board."""
        found = self._go_to(record_id)
        self._say()
        return found

    def focus_cards(self) -> None:
        """Take the keys, at once: the next key must not reach the column that was left."""
        if self._lane is None:
            return
        if self._lane.listing.is_mounted:
            self.screen.set_focus(self._lane.listing, scroll_visible=False)
        else:
            self.call_after_refresh(self.focus_cards)

    def action_column(self, step: int) -> None:
        """The next column with a card in it, on the same line."""
        lane = self._lane
        at = self._at + step
        while 0 <= at < len(self._lanes) and not len(self._lanes[at].source):
            at += step
        if lane is None or not 0 <= at < len(self._lanes):
            return
        self._lanes[at].land_on_line(lane.cursor_line)
        self._go_to_column(at)
        self._say()

    def _go_to(self, record_id: Hashable) -> bool:
        for at, lane in enumerate(self._lanes):
            if lane.source.index_of(record_id) is not None:
                lane.listing.move_to(record_id)
                self._go_to_column(at)
                return True
        return False

    def _go_to_column(self, at: int) -> None:
        had_focus = self.has_focus_within
        self._at = at
        self._place()
        if had_focus:
            self.focus_cards()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click into another column takes the cursor there."""
        for at, lane in enumerate(self._lanes):
            is_still_so = lane.listing is event.widget is self.screen.focused
            if is_still_so and at != self._at:
                self._at = at
                self._place()
                self._say()

    @on(RecordList.Highlighted)
    def _moved(self, event: RecordList.Highlighted) -> None:
        event.stop()
        self._say()

    @on(RecordList.Chosen)
    def _chosen(self, event: RecordList.Chosen) -> None:
        event.stop()
        self.post_message(self.Chosen(self, event.record_id))

    # --- drawing -----------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        """As many columns as fit."""
        self._place()

    @property
    def _fits(self) -> int:
        return max(1, self.size.width // COLUMN_WIDTH)

    def _place(self) -> None:
        """Which columns stand in sight, the one in use among them."""
        last = max(0, len(self._lanes) - self._fits)
        self._first = min(max(self._first, self._at - self._fits + 1), self._at, last)
        for at, lane in enumerate(self._lanes):
            lane.display = self._first <= at < self._first + self._fits
            lane.set_class(at == self._at, "-current")
        self._show_more()

    def _show_more(self) -> None:
        """``‹ 2 more · 1 more ›``: what stands to the left and to the right."""
        before, after = self._first, max(0, len(self._lanes) - self._first - self._fits)
        left, right = ("<", ">") if wants_ascii() else ("‹", "›")
        words = [f"{left} {before} more" if before else "", f"{after} more {right}" if after else ""]
        self._more.update(styled(" · ".join(filter(None, words)), DIM))

    def _say(self) -> None:
        """Draw the highlighted card below the board; tell who listens when it is another one."""
        card = None if self._lane is None else self._lane.card
        self._card.update(Content("") if card is None else _card_words(card), layout=False)
        record_id = None if card is None else card.id
        if record_id != self._told:
            self._told = record_id
            self.post_message(self.Highlighted(self, record_id))


def _card_words(card: BoardCard) -> Content:
    """``Cole, James  cardiology · Silva Cardiology  14d of 7``."""
    parts = [styled(card.title, STRONG)]
    if card.detail:
        parts.append(styled(f"  {card.detail}"))
    if card.age:
        parts.append(styled(f"  {card.age}", _FOOT_STYLES.get(card.style, "")))
    return Content("").join(parts)
