"""The list as its user and its screens meet it: keys, mouse, cursor on a record, marks, drawing."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import pytest
from rich.cells import cell_len
from rich.text import Text
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.widgets import Input

from carecoord_tui.themes import register_themes
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import ListSource, Row, RowSource
from carecoord_tui.widgets.safe_text import ASCII, UNICODE

COLUMNS = (
    Column("name", "Name", min_width=10, style="strong"),
    Column("due", "Due", width=10, priority=50),
    Column("age", "Age", width=4, align="right", priority=10, style="dim"),
)
HEIGHT = 10  # one line of titles, nine of rows


def record(number: int) -> Row:
    return Row(number, (f"Patient {number}", "Mon 30 Nov", f"{number}d"))


def records(count: int) -> list[Row]:
    return [record(number) for number in range(count)]


def heading(name: str) -> Row:
    return Row(f"h:{name}", (name,), kind="header")


def grouped(groups: int, size: int) -> list[Row]:
    rows: list[Row] = []
    for group in range(groups):
        rows.append(heading(f"GROUP {group}"))
        rows += [record(group * size + number) for number in range(size)]
    return rows


class Windowed:
    """A source like a query: no list behind it, counting what it is asked for."""

    def __init__(self, count: int) -> None:
        self.ids = list(range(count))
        self.reads: list[slice] = []

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, window: slice, /) -> Sequence[Row]:
        self.reads.append(window)
        return [record(number) for number in self.ids[window]]

    def index_of(self, record_id: Hashable, /) -> int | None:
        return self.ids.index(record_id) if record_id in self.ids else None


class ListApp(App[None]):
    CSS = "Input { dock: bottom; }"

    def __init__(
        self, source: RowSource | Sequence[Row], with_input: bool = False, **options: object
    ) -> None:
        super().__init__()
        options.setdefault("glyphs", UNICODE)
        self.list = RecordList(COLUMNS, source, **options)  # type: ignore[arg-type]
        self.with_input = with_input
        self.said: list[tuple[str, object]] = []

    def compose(self) -> ComposeResult:
        yield self.list
        if self.with_input:
            yield Input()

    def on_mount(self) -> None:
        register_themes(self)
        self.theme = "carecoord-dark"

    def on_record_list_highlighted(self, event: RecordList.Highlighted) -> None:
        self.said.append(("highlighted", event.record_id))

    def on_record_list_chosen(self, event: RecordList.Chosen) -> None:
        self.said.append(("chosen", event.record_id))

    def on_record_list_marks_changed(self, event: RecordList.MarksChanged) -> None:
        self.said.append(("marks", set(event.marks)))

    def lines(self) -> list[str]:
        """What is on the screen where the list is."""
        size = self.list.size
        return [strip.text for strip in self.list.render_lines(Region(0, 0, size.width, size.height))]


def run(app: ListApp, width: int = 40, height: int = HEIGHT):
    return app.run_test(size=(width, height))


# Movement


async def test_keys_move_the_cursor() -> None:
    app = ListApp(records(100))
    async with run(app) as pilot:
        at = lambda: (app.list.cursor_id, app.list.first_visible)  # noqa: E731
        assert at() == (0, 0)
        await pilot.press("j", "down", "j")
        assert at() == (3, 0)
        await pilot.press("k", "up")
        assert at() == (1, 0)
        await pilot.press("pagedown")
        assert at() == (9, 8)  # a page less one line, the cursor on its screen line
        await pilot.press("G")
        assert at() == (99, 91)
        await pilot.press("down")
        assert at() == (99, 91)
        await pilot.press("pageup")
        assert at() == (91, 83)
        await pilot.press("g")
        assert at() == (0, 0)
        await pilot.press("end", "home", "up", "pageup")
        assert at() == (0, 0)


async def test_stepping_off_the_edge_scrolls_a_third_of_a_page() -> None:
    app = ListApp(records(100))
    async with run(app) as pilot:
        await pilot.press(*["down"] * 8)
        assert app.list.first_visible == 0
        await pilot.press("down")
        assert (app.list.cursor_id, app.list.first_visible) == (9, 4)
        await pilot.press(*["up"] * 5)
        assert (app.list.cursor_id, app.list.first_visible) == (4, 4)
        await pilot.press("up")
        assert (app.list.cursor_id, app.list.first_visible) == (3, 0)


async def test_messages_come_once_for_each_change() -> None:
    app = ListApp(records(3))
    async with run(app) as pilot:
        await pilot.press("down", "end", "end", "enter")
        await pilot.pause()
        assert app.said == [("highlighted", 0), ("highlighted", 1), ("highlighted", 2), ("chosen", 2)]


async def test_other_keys_and_space_bubble_and_keys_can_be_remapped() -> None:
    app = ListApp(records(20))
    async with run(app) as pilot:
        assert not {"space", "x", "slash"} & set(app.list._bindings.key_to_bindings)
        assert {binding.id for _, binding in app.list._bindings} >= {"list.down", "list.choose", "list.last"}
        app.set_keymap({"list.down": "n"})
        await pilot.press("n", "n", "j")
        assert app.list.cursor_id == 2


async def test_wheel_scrolls_and_takes_the_cursor_along() -> None:
    app = ListApp(records(100))
    async with run(app) as pilot:
        await pilot._post_mouse_events([_scroll_down()], app.list, offset=(5, 5))
        assert (app.list.first_visible, app.list.cursor_id) == (3, 3)
        app.list.move_to(8)
        await pilot._post_mouse_events([_scroll_down()], app.list, offset=(5, 5))
        assert (app.list.first_visible, app.list.cursor_id) == (6, 8)


def _scroll_down() -> type:
    from textual.events import MouseScrollDown

    return MouseScrollDown


async def test_click_highlights_then_opens() -> None:
    app = ListApp(records(100))
    async with run(app) as pilot:
        await pilot.click(app.list, offset=(6, 4))
        assert app.list.cursor_id == 3
        assert ("chosen", 3) not in app.said
        await pilot.click(app.list, offset=(6, 4))
        await pilot.pause()
        assert app.said[-1] == ("chosen", 3)
        await pilot.click(app.list, offset=(6, 0))  # the titles
        assert app.list.cursor_id == 3


async def test_click_in_the_gutter_or_with_ctrl_marks() -> None:
    app = ListApp(records(5))
    async with run(app) as pilot:
        await pilot.click(app.list, offset=(1, 3))
        await pilot.click(app.list, offset=(6, 4), control=True)
        assert app.list.marks == {2, 3}
        assert app.list.cursor_id == 0


async def test_click_on_the_scrollbar_jumps() -> None:
    app = ListApp(records(1000))
    async with run(app) as pilot:
        await pilot.click(app.list, offset=(39, 9))
        assert app.list.first_visible == 991
        assert app.list.cursor_id == 991


# Groups


async def test_headings_are_passed_over() -> None:
    app = ListApp(grouped(3, 2))
    async with run(app) as pilot:
        assert app.list.cursor_id == 0
        await pilot.press("down", "down")
        assert app.list.cursor_id == 2
        await pilot.press("up")
        assert app.list.cursor_id == 1
        assert app.list.move_to("h:GROUP 1") is False
        await pilot.click(app.list, offset=(6, 1))
        assert app.list.cursor_id == 1


async def test_the_heading_sticks_and_never_covers_the_cursor() -> None:
    app = ListApp(grouped(5, 20))
    async with run(app) as pilot:
        await pilot.press(*["down"] * 12)
        lines = app.lines()
        assert lines[1].strip().startswith("GROUP 0")
        assert app.list.first_visible > 0
        for _ in range(11):
            await pilot.press("up")
            cursor = [line for line in app.lines() if line.startswith(UNICODE.bar)]
            assert len(cursor) == 1
            assert f"Patient {app.list.cursor_id}" in cursor[0]
        await pilot.press("up", "up")
        assert app.list.first_visible == 0
        assert app.list.cursor_id == 0


async def test_full_width_lines_are_chosen_but_not_marked() -> None:
    app = ListApp([record(1), Row("waiting", ("WAITING 31 · 4 past promise",), kind="line")])
    async with run(app) as pilot:
        await pilot.press("down", "enter")
        app.list.toggle_mark()
        await pilot.pause()
        assert app.said[-1] == ("chosen", "waiting")
        assert app.list.marks == frozenset()
        assert "WAITING 31 · 4 past promise" in app.lines()[2]


# The cursor stays on its record


async def test_cursor_stays_on_its_record_and_its_screen_line() -> None:
    app = ListApp(records(100))
    async with run(app) as pilot:
        app.list.move_to(50)
        line = app.list.cursor_index - app.list.first_visible
        app.list.set_source([record(-1), record(-2), *records(100)])
        await pilot.pause()
        assert app.list.cursor_id == 50
        assert app.list.cursor_index - app.list.first_visible == line
        assert app.said[-1] == ("highlighted", 50)  # said once, by move_to
        assert app.said.count(("highlighted", 50)) == 1


async def test_cursor_goes_to_the_next_when_its_record_left() -> None:
    app = ListApp(records(10))
    async with run(app) as pilot:
        app.list.move_to(4)
        app.list.set_source([record(n) for n in (9, 8, 7, 6, 3, 2, 1)])  # 4 and 5 left, order changed
        await pilot.pause()
        assert app.list.cursor_id == 6
        assert app.said[-1] == ("highlighted", 6)


async def test_cursor_goes_to_the_one_before_at_the_end_and_to_nothing_when_empty() -> None:
    app = ListApp(records(5))
    async with run(app) as pilot:
        app.list.move_to(4)
        app.list.set_source(records(4))
        assert app.list.cursor_id == 3
        app.list.set_source([])
        assert app.list.cursor_id is None
        await pilot.press("down", "up", "pagedown", "G", "enter")
        app.list.toggle_mark()
        await pilot.pause()
        assert app.said[-1] == ("highlighted", None)
        app.list.set_source([heading("only"), *records(2)])
        assert app.list.cursor_id == 0


@pytest.mark.parametrize(
    ("cursor", "wanted", "top", "after"),
    [
        (7, 0, 0, 7),  # with the heading above it, and the cursor stays
        (8, 0, 0, 0),  # both do not fit: the cursor goes there
        (7, 9, 7, 7),  # in sight already
        (13, 20, 13, 13),
        (13, 21, 14, 21),  # the heading would stand on the cursor
        (5, 99, 5, 5),  # not in the list
    ],
)
async def test_a_record_is_brought_into_view(cursor: int, wanted: int, top: int, after: int) -> None:
    app = ListApp(grouped(1, 40))
    async with run(app):
        app.list.move_to(35)
        app.list.move_to(cursor)
        app.list.bring_into_view(wanted)
        assert (app.list.first_visible, app.list.cursor_id) == (top, after)


async def test_all_known_neighbours_gone_lands_near_the_same_place() -> None:
    app = ListApp(records(400))
    async with run(app):
        app.list.move_to(200)
        app.list.set_source([record(n) for n in range(1000, 1300)])
        assert app.list.cursor_index == 200


async def test_reload_of_a_list_changed_in_place() -> None:
    rows = records(10)
    app = ListApp(rows)
    async with run(app):
        app.list.move_to(5)
        del rows[5]
        app.list.reload()
        assert app.list.cursor_id == 6
        rows.insert(0, record(99))
        app.list.reload()
        assert (app.list.cursor_id, app.list.cursor_index) == (6, 6)


async def test_reload_of_a_windowed_source() -> None:
    source = Windowed(10_000)
    app = ListApp(source)
    async with run(app):
        app.list.move_to(5000)
        del source.ids[4998:5003]
        app.list.reload()
        assert app.list.cursor_id == 5003
        assert app.list.row_count == 9_995


# Windows and repaints


async def test_a_windowed_source_is_asked_for_windows_only() -> None:
    source = Windowed(100_000)
    app = ListApp(source)
    async with run(app) as pilot:
        source.reads.clear()
        await pilot.press(*["down"] * 20)
        assert source.reads == []  # still within what was read for the first screen
        await pilot.press("end", "home")
        assert 0 < len(source.reads) <= 4
        assert all(window.stop - window.start <= 200 for window in source.reads)


async def test_an_arrow_key_repaints_two_lines() -> None:
    app = ListApp(records(100))
    async with run(app) as pilot:
        await pilot.pause()
        seen: list[Region] = []
        refresh = app.list.refresh

        def spy(*regions: Region, **options: bool) -> RecordList:
            seen.extend(regions or [Region(0, 0, 40, HEIGHT)])
            return refresh(*regions, **options)

        app.list.refresh = spy  # type: ignore[method-assign]
        app.list.action_cursor_down()
        assert seen == [Region(0, 1, 40, 1), Region(0, 2, 40, 1)]
        seen.clear()
        app.list.set_source(records(100))
        assert seen == []
        app.list.set_source([record(0), record(1), Row(2, ("Changed",)), *records(100)[3:]])
        assert seen == [Region(0, 3, 40, 1)]


# Marks


async def test_marks_are_drawn_with_a_sign_and_kept_on_records() -> None:
    app = ListApp(records(10))
    async with run(app) as pilot:
        app.list.toggle_mark()
        await pilot.press("down")
        app.list.toggle_mark()
        assert [line[1] for line in app.lines()[1:4]] == ["*", "*", " "]
        app.list.set_source(records(10)[1:])
        assert app.list.marks == {1}  # 0 left the list
        app.list.set_source(records(10)[5:], keep_marks=True)
        assert app.list.marks == {1}
        app.list.clear_marks()
        app.list.clear_marks()
        await pilot.pause()
        changes = [marks for what, marks in app.said if what == "marks"]
        assert changes == [{0}, {0, 1}, {1}, set()]


# Drawing


async def test_lines_are_exact_and_columns_keep_their_place() -> None:
    app = ListApp([Row(1, ("王小明王小明王小明王小明王小明", "x", "1")), Row(2, ("e\u0301" * 50, "y", "22"))])
    async with run(app) as pilot:
        await pilot.pause()
        lines = app.lines()
        assert [cell_len(line) for line in lines] == [40] * HEIGHT
        for line, due in zip(lines[1:3], "xy", strict=True):
            assert cell_len(line[: line.index(due)]) == lines[0].index("Due")


async def test_untrusted_text_is_drawn_as_text() -> None:
    names = ["O'Neil [Jr] [/b]", "[@click=app.quit]x[/]", "\x1b[31mred", "\u202egnorw\nline"]
    rows = [Row(name, (name, Text(name, style="alarm"), "")) for name in names]
    app = ListApp(rows, empty_text="[/b] nothing")
    async with run(app, width=60) as pilot:
        await pilot.pause()
        shown = "\n".join(app.lines())
        for expected in ("O'Neil [Jr] [/b]", "[@click=app.quit]x[/]", "?[31mred", "gnorw line"):
            assert expected in shown
        assert "\x1b" not in shown
        app.list.set_source([])
        assert any("[/b] nothing" in line for line in app.lines())


async def test_narrow_drops_columns_and_stranger_sizes_hold() -> None:
    app = ListApp(grouped(4, 10))
    async with run(app) as pilot:
        assert app.lines()[0].split() == ["Name", "Due", "Age"]
        await pilot.resize_terminal(27, 10)
        assert app.lines()[0].split() == ["Name", "Due"]
        await pilot.resize_terminal(17, 10)
        assert app.lines()[0].split() == ["Name"]
        for width, height in [(5, 10), (4, 3), (2, 2), (1, 1), (40, 1), (40, 2), (40, 3)]:
            await pilot.resize_terminal(width, height)
            await pilot.press("end", "up", "pageup", "home", "down", "pagedown")
            lines = app.lines()
            assert [cell_len(line) for line in lines] == [width] * height
            assert sum(line.startswith(UNICODE.bar) for line in lines) == 1
        await pilot.resize_terminal(40, 10)
        assert app.lines()[0].split() == ["Name", "Due", "Age"]


async def test_the_empty_state_is_centred() -> None:
    app = ListApp([], empty_text="No patients yet.\nPress + to add the first one.")
    async with run(app) as pilot:
        await pilot.pause()
        lines = app.lines()
        assert lines[4].strip() == "No patients yet."
        assert lines[5].strip() == "Press + to add the first one."
        assert abs(len(lines[4]) - len(lines[4].rstrip()) - lines[4].index("N")) <= 1
        app.list.empty_text = "Nothing matches."
        assert any("Nothing matches." in line for line in app.lines())


async def test_scrollbar_only_when_needed_and_ascii() -> None:
    app = ListApp(records(9), glyphs=ASCII)
    async with run(app) as pilot:
        await pilot.pause()
        assert {line[-1] for line in app.lines()} == {" "}
        app.list.set_source([*records(90), Row("n", ("Núñez",))])
        thumb = [y for y, line in enumerate(app.lines()) if line[-1] == ASCII.thumb]
        assert thumb == [1]
        await pilot.press("end")
        lines = app.lines()
        assert [y for y, line in enumerate(lines) if line[-1] == ASCII.thumb] == [9]
        assert lines[9].startswith(">  Nunez")
        assert all(line.isascii() for line in lines)


def look(app: ListApp, y: int) -> list[object]:
    return [segment.style for segment in app.list.render_lines(Region(0, y, app.list.size.width, 1))[0]]


async def test_the_cursor_is_dimmer_without_focus() -> None:
    app = ListApp(records(5), with_input=True)
    async with run(app) as pilot:
        focused = look(app, 1)
        app.query_one(Input).focus()
        await pilot.pause()
        blurred, other = look(app, 1), look(app, 2)
        assert app.lines()[1].startswith(UNICODE.bar)
        assert len({style.bgcolor for style in (focused[0], blurred[0], other[0])}) == 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light"])
async def test_terminal_colours_show_the_cursor_reversed(theme: str) -> None:
    app = ListApp([Row(1, ("Ann", Text("late", style="alarm"), "")), record(2)])
    async with run(app) as pilot:
        app.theme = theme
        await pilot.pause()
        assert all(style.reverse for style in look(app, 1))  # type: ignore[attr-defined]
        assert not any(style.reverse for style in look(app, 2))  # type: ignore[attr-defined]


async def test_no_color_shows_the_cursor_reversed_and_no_hue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = ListApp([Row(1, ("Ann", Text("late", style="alarm"), "")), Row(2, (Text("B", "alarm"),))])
    async with run(app) as pilot:
        await pilot.pause()
        assert look(app, 1)[0].reverse  # type: ignore[attr-defined]
        for style in look(app, 2):
            red, green, blue = style.color.triplet  # type: ignore[attr-defined]
            assert red == green == blue


async def test_unknown_styles_and_missing_cells_do_not_break_a_screen() -> None:
    app = ListApp([Row(1, (Text("x", style="no such style ["),), style="nonsense"), Row(2, ())])
    async with run(app) as pilot:
        await pilot.press("down")
        assert "x" in app.lines()[1]


async def test_a_border_and_padding_are_drawn_by_textual() -> None:
    app = ListApp(records(50))
    async with run(app) as pilot:
        app.list.styles.border = ("round", "red")
        app.list.styles.padding = (0, 1)
        await pilot.pause()
        await pilot.press("end")
        lines = [strip.text for strip in app.list.render_lines(Region(0, 0, 40, HEIGHT))]
        assert lines[0][0] == "╭"
        assert "Patient 49" in lines[-2]
        assert {cell_len(line) for line in lines} == {40}


async def test_theme_change_restyles_at_once() -> None:
    app = ListApp(records(5))
    async with run(app) as pilot:
        before = look(app, 2)
        app.theme = "carecoord-light"
        await pilot.pause()
        assert look(app, 2) != before


def test_list_source_finds_rows_and_headings() -> None:
    source = ListSource([record(0), heading("A"), record(1), heading("B"), record(2)])
    assert source.index_of(1) == 2
    assert source.index_of("nobody") is None
    assert [source.header_at(index) for index in range(5)] == [None, 1, 1, 3, 3]
