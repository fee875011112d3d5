"""The one list under every screen: rows by window, the cursor on a record, only changed lines repainted.

A plain ``Widget`` with its own first visible row. ``ScrollView`` and ``DataTable`` send every scroll through
layout and rewrite the viewport; here a move costs the same at 200 rows as at 100,000.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.lean_strip import LeanStrip
from carecoord_tui.widgets.list_state import Landing, ListState
from carecoord_tui.widgets.row_painter import GUTTER, Palette, RowPainter
from carecoord_tui.widgets.row_source import Row, RowSource
from carecoord_tui.widgets.safe_text import Glyphs, default_glyphs

WHEEL_LINES = 3
ROLES = ("header", "group", "line", "strong", "dim", "alarm", "waiting", "accent", "mark", "scrollbar")


class _Line(NamedTuple):
    """Everything that decides how one screen line looks; a line is repainted when this differs."""

    kind: str  # titles, row, message, blank
    row: Row | None = None
    cursor: bool = False
    marked: bool = False
    thumb: bool = False
    text: str = ""


_BLANK = _Line("blank")


class RecordList(Widget, can_focus=True):
    """A list of records with a cursor, marks, group headings and a slim scrollbar.

    The cursor is always on a visible line, so a verb never acts on something out of sight. Roles usable as
    ``Row.style``, ``Column.style`` and as styles inside ``Text`` cells: those in ``ROLES``.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "record-list--cursor",
        "record-list--bar",
        *(f"record-list--{role}" for role in ROLES),
    }
    DEFAULT_CSS = """
    RecordList {
        height: 1fr;
        width: 1fr;
        & > .record-list--header { color: $text-muted; }
        & > .record-list--group { color: $text-muted; text-style: bold; }
        & > .record-list--line { color: $text-muted; }
        & > .record-list--strong { text-style: bold; }
        & > .record-list--dim { color: $text-muted; }
        & > .record-list--alarm { color: $text-error; text-style: bold; }
        & > .record-list--waiting { color: $text-warning; }
        & > .record-list--accent { color: $text-accent; }
        & > .record-list--mark { color: $text-accent; text-style: bold; }
        & > .record-list--scrollbar { color: $text-muted; }
        & > .record-list--bar { color: $text-muted; }
        & > .record-list--cursor { background: $foreground 7%; }
        &:focus > .record-list--bar { color: $text-accent; }
        &:focus > .record-list--cursor { background: $foreground 15%; }

        &:ansi > .record-list--header, &:ansi > .record-list--line, &:ansi > .record-list--dim,
        &:ansi > .record-list--scrollbar, &:ansi > .record-list--bar { color: ansi_default; text-style: dim; }
        &:ansi > .record-list--group { color: ansi_default; text-style: bold; }
        &:ansi > .record-list--cursor { background: ansi_default; }
        &:ansi:focus > .record-list--bar { color: ansi_default; text-style: not dim; }
        &:ansi:focus > .record-list--cursor { background: ansi_default; text-style: reverse; }
        &:nocolor:focus > .record-list--cursor { background: $background; text-style: reverse; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor_down", "Down", id="list.down", show=False),
        Binding("k,up", "cursor_up", "Up", id="list.up", show=False),
        Binding("g,home", "first", "First", id="list.first", show=False),
        Binding("G,end", "last", "Last", id="list.last", show=False),
        Binding("pagedown", "page_down", "Page down", id="list.page_down", show=False),
        Binding("pageup", "page_up", "Page up", id="list.page_up", show=False),
        Binding("enter", "choose", "Open", id="list.choose", show=False),
    ]

    class RecordMessage(Message):
        """About one record of the list."""

        def __init__(self, record_list: RecordList, record_id: Hashable | None) -> None:
            super().__init__()
            self.record_list = record_list
            self.record_id = record_id

        @property
        def control(self) -> RecordList:
            return self.record_list

    class Highlighted(RecordMessage):
        """The cursor is on another record; ``record_id`` is ``None`` when nothing can be selected."""

    class Chosen(RecordMessage):
        """Enter, a click on the highlighted row, or a double click."""

    class MarksChanged(Message):
        """Rows were marked or unmarked; ``marks`` are the record ids now marked."""

        def __init__(self, record_list: RecordList, marks: frozenset[Hashable]) -> None:
            super().__init__()
            self.record_list = record_list
            self.marks = marks

        @property
        def control(self) -> RecordList:
            return self.record_list

    def __init__(
        self,
        columns: Sequence[Column],
        source: RowSource | Sequence[Row] = (),
        *,
        empty_text: str = "Nothing here.",
        show_header: bool = True,
        gap: int = 2,
        glyphs: Glyphs | None = None,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._columns = tuple(columns)
        self._glyphs = glyphs or default_glyphs()
        self._gap = gap
        self._show_header = show_header
        self._empty_text = empty_text
        self._state = ListState(source)
        self._landing = Landing.NEXT
        self._width = 0
        self._height = 0
        self._lines: list[_Line] = []
        self._painter: RowPainter | None = None
        self._drawn: dict[int, tuple[_Line, LeanStrip]] = {}

    # What is shown

    @property
    def columns(self) -> tuple[Column, ...]:
        return self._columns

    @columns.setter
    def columns(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._restyle()

    @property
    def empty_text(self) -> str:
        """What an empty list says: what would appear here and which key makes one."""
        return self._empty_text

    @empty_text.setter
    def empty_text(self, text: str) -> None:
        self._empty_text = text
        self._repaint()

    @property
    def source(self) -> RowSource:
        return self._state.window.source

    @property
    def row_count(self) -> int:
        """Rows of the source, headings included."""
        return self._state.window.length

    @property
    def first_visible(self) -> int:
        """Index of the first row in view."""
        return self._state.top

    def set_source(self, source: RowSource | Sequence[Row], *, keep_marks: bool = False) -> None:
        """Show other rows. The cursor stays on its record, or moves to the next one that is still there.

        Marks of records that left are dropped (a verb must not act on what is not shown) unless
        ``keep_marks``, which is for narrowing a filter while marking.
        """
        with self._changing():
            self._state.set_source(source, keep_marks, self._landing)
            self._landing = Landing.NEXT

    def start_over(self) -> None:
        """The next source is shown from its first record on, whatever stood under the cursor."""
        self._landing = Landing.FIRST

    def stay_or_start_over(self) -> None:
        """In the next source the cursor stays on its record, else goes to the first instead of the next."""
        self._landing = Landing.STAY

    def reload(self, *, keep_marks: bool = False) -> None:
        """Read the same source again after its data changed; cursor and marks as in ``set_source``."""
        with self._changing():
            self._state.reload(keep_marks)

    # Cursor

    @property
    def cursor_id(self) -> Hashable | None:
        """The highlighted record."""
        return self._state.cursor_id

    @property
    def cursor_row(self) -> Row | None:
        return self._state.cursor_row

    @property
    def cursor_index(self) -> int | None:
        return self._state.cursor

    def move_to(self, record_id: Hashable) -> bool:
        """Put the cursor on a record and bring it into view; ``False`` when it is not in the list."""
        with self._changing():
            return self._state.move_to(record_id)

    def bring_into_view(self, record_id: Hashable) -> None:
        """Scroll until a record is seen; the cursor leaves its own only when both do not fit."""
        with self._changing():
            self._state.bring_into_view(record_id)

    def action_cursor_down(self) -> None:
        with self._changing():
            self._state.step(1)

    def action_cursor_up(self) -> None:
        with self._changing():
            self._state.step(-1)

    def action_first(self) -> None:
        with self._changing():
            self._state.first()

    def action_last(self) -> None:
        with self._changing():
            self._state.last()

    def action_page_down(self) -> None:
        with self._changing():
            self._state.page(1)

    def action_page_up(self) -> None:
        with self._changing():
            self._state.page(-1)

    def action_choose(self) -> None:
        if self._state.cursor is not None:
            self.post_message(self.Chosen(self, self.cursor_id))

    # Marks

    @property
    def marks(self) -> frozenset[Hashable]:
        """The marked records."""
        return self._state.marks

    @marks.setter
    def marks(self, record_ids: Iterable[Hashable]) -> None:
        with self._changing():
            self._state.marks = frozenset(record_ids)

    def toggle_mark(self, record_id: Hashable | None = None) -> None:
        """Mark or unmark a record, the highlighted one by default. Full-width lines cannot be marked."""
        with self._changing():
            self._state.toggle_mark(record_id)

    def clear_marks(self) -> None:
        """Unmark everything."""
        self.marks = frozenset()

    # Mouse

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._scroll(WHEEL_LINES)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._scroll(-WHEEL_LINES)

    def _scroll(self, lines: int) -> None:
        with self._changing():
            self._state.show_from(self._state.top + lines)

    def on_click(self, event: events.Click) -> None:
        """Click highlights, again opens; in the gutter or with ctrl it marks; on the scrollbar it jumps."""
        place = event.get_content_offset(self)
        if place is None or not self._titles <= place.y < len(self._lines):
            return
        event.stop()
        line = self._lines[place.y]
        if place.x == self._width - 1 and self._state.thumb():
            self._jump(place.y - self._titles)
        elif line.row is None or not line.row.selectable:
            return
        elif event.ctrl or 0 < place.x < GUTTER:
            if line.row.kind == "row":
                self.toggle_mark(line.row.id)
        elif line.cursor or event.chain == 2:
            self.action_choose()
        else:
            with self._changing():
                self._state.move_to_index(self._state.top + place.y - self._titles)

    def _jump(self, line: int) -> None:
        """Show the part of the list that this line of the scrollbar stands for."""
        state = self._state
        share = line / max(1, state.height - 1)
        with self._changing():
            state.show_from(round(share * (state.window.length - state.height)))

    # Painting

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Around every change of the state: repaint what looks different, say what is different."""
        state = self._state
        cursor_id, marks = state.cursor_id, state.marks
        yield
        self._repaint()
        if not self.is_mounted:
            return  # nobody listens yet; on_mount says where the cursor is
        if state.cursor_id != cursor_id:
            self.post_message(self.Highlighted(self, state.cursor_id))
        if state.marks != marks:
            self.post_message(self.MarksChanged(self, state.marks))

    def on_mount(self) -> None:
        if self.cursor_id is not None:
            self.post_message(self.Highlighted(self, self.cursor_id))

    def on_resize(self) -> None:
        self._measure()

    def _measure(self) -> None:
        self._width, self._height = self.size  # kept: asking for it walks the layout
        with self._changing():
            self._state.resize(self._height - self._titles)
        self._restyle()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._restyle()

    def _restyle(self) -> None:
        self._painter = None
        self.refresh()

    @property
    def _titles(self) -> int:
        """Lines taken by the column titles; a list of one line has none."""
        return 1 if self._show_header and self._height > 1 else 0

    def _repaint(self) -> None:
        """Repaint the lines that look different from what is on the screen."""
        old, self._lines = self._lines, self._compose_lines()
        if len(old) != len(self._lines):
            self.refresh()
            return
        changed = [
            Region(0, y, self._width, 1)
            for y, (before, now) in enumerate(zip(old, self._lines, strict=True))
            if before != now
        ]
        if changed:
            self.refresh(*changed)

    def _compose_lines(self) -> list[_Line]:
        lines = [_Line("titles")] * self._titles
        lines += self._row_lines() if self._state.window.length else self._empty_lines()
        return lines + [_BLANK] * (self._height - len(lines))

    def _row_lines(self) -> list[_Line]:
        state = self._state
        thumb, marks = state.thumb(), state.marks
        at = None if state.cursor is None else state.cursor - state.top
        return [
            _Line("row", row, y == at, row.id in marks, y in thumb) for y, row in enumerate(state.visible())
        ]

    def _empty_lines(self) -> list[_Line]:
        texts = self._empty_text.splitlines()[: self._state.height]
        above = (self._state.height - len(texts)) // 2
        return [_BLANK] * above + [_Line("message", text=text) for text in texts]

    def render_line(self, y: int) -> Strip:
        return self._strip(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        if self.size != (self._width, self._height):
            self._measure()  # a border or padding changed: that sends no resize
        if self._framed():
            return super().render_lines(crop)
        strips: list[Strip] = [self._strip(y) for y in crop.line_range]
        if crop.column_span == (0, self._width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def _framed(self) -> bool:
        """True when CSS wants more than the lines themselves: Textual's slower path draws that."""
        styles = self.styles
        return bool(styles.gutter or self.opacity != 1.0 or styles.has_any_rules("hatch", "tint", "outline"))

    def _strip(self, y: int) -> LeanStrip:
        """Line ``y`` as drawn last, or drawn anew when something about it changed."""
        if self._painter is None or self._painter.width != self._width:
            self._painter = RowPainter(self._palette(), self._columns, self._width, self._gap, self._glyphs)
            self._drawn.clear()
        line = self._lines[y] if y < len(self._lines) else _BLANK
        known = self._drawn.get(y)
        if known is None or known[0] != line:
            known = self._drawn[y] = (line, self._draw(self._painter, line))
        return known[1]

    def _draw(self, painter: RowPainter, line: _Line) -> LeanStrip:
        if line.row is not None:
            return painter.row(line.row, line.cursor, line.marked, line.thumb)
        if line.kind == "titles":
            return painter.titles(line.thumb)
        return painter.message(line.text) if line.kind == "message" else painter.blank(line.thumb)

    def _palette(self) -> Palette:
        base = self.rich_style
        roles: dict[str, Style] = {}
        for role in ("bar", *ROLES):
            name = f"record-list--{role}"
            own = self.get_component_rich_style(name, partial=True)
            roles[role] = own.without_color
            if own.color is not None:  # blended with the ground, which the partial style does not know
                roles[role] += Style(color=self.get_component_rich_style(name).color)
        cursor = base + self.get_component_rich_style("record-list--cursor")
        return Palette(base, cursor, roles, self._filtered)

    def _filtered(self, style: Style) -> Style:
        """``style`` after the app's line filters: NO_COLOR, ANSI colours as the theme has them."""
        segments = [Segment(" ", style)]
        for line_filter in self.get_line_filters():
            segments = line_filter.apply(segments, self.background_colors[1])
        return segments[0].style or style
