"""Column places, cutting by terminal cells, and untrusted text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text

from carecoord_tui.widgets.columns import Column, cell_runs, fit, lay_out, split_styles
from carecoord_tui.widgets.safe_text import ASCII, UNICODE, default_glyphs, plain, safe_text, to_ascii

DUE = Column("due", width=10)
NAME = Column("name", min_width=8, grow=1)
ACTION = Column("action", min_width=10, grow=2)
TRIES = Column("tries", width=4, priority=40)
PAYER = Column("payer", width=12, priority=20)
COLUMNS = (DUE, NAME, ACTION, TRIES, PAYER)


def shown(width: int, columns: tuple[Column, ...] = COLUMNS) -> list[str]:
    return [columns[slot.index].key for slot in lay_out(columns, width)]


def test_wide_enough_shows_all_and_fills_the_width() -> None:
    slots = lay_out(COLUMNS, 100)
    assert [slot.index for slot in slots] == [0, 1, 2, 3, 4]
    assert slots[0].width == 10
    assert slots[-1].x + slots[-1].width == 100
    assert slots[2].width > slots[1].width  # grow=2


def test_narrow_drops_the_lowest_priority_first() -> None:
    assert shown(52) == ["due", "name", "action", "tries", "payer"]  # 44 + 4 gaps of 2
    assert shown(51) == ["due", "name", "action", "tries"]
    assert shown(37) == ["due", "name", "action"]
    assert shown(20) == ["due", "name"]
    assert shown(9) == ["due"]


def test_of_equal_priority_the_rightmost_goes_first() -> None:
    pair = (Column("a", width=5), Column("b", width=5))
    assert shown(8, pair) == ["a"]


def test_narrower_than_one_fixed_column() -> None:
    (slot,) = lay_out((DUE,), 3)
    assert slot.width == 3
    assert lay_out((DUE,), 0) == ()
    assert lay_out((), 80) == ()


def test_max_width_leaves_the_rest_to_others() -> None:
    slots = lay_out((Column("a", max_width=12), Column("b")), 60)
    assert [slot.width for slot in slots] == [12, 46]
    (only,) = lay_out((Column("a", max_width=12),), 60)
    assert only.width == 12


@given(st.integers(1, 200), st.integers(0, 3))
def test_slots_never_overlap_nor_leave_the_width(width: int, gap: int) -> None:
    end = -gap
    for slot in lay_out(COLUMNS, width, gap):
        assert slot.x == end + gap
        assert slot.width > 0
        end = slot.x + slot.width
    assert end <= width


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("Cole", 6, "Cole  "),
        ("Cole, James", 6, "Cole,…"),
        ("Cole, James", 7, "Cole,… "),  # no blank before the ellipsis
        ("王小明", 6, "王小明"),
        ("王小明", 5, "王小…"),
        ("王小明", 4, "王… "),
        ("e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_fit_cuts_by_cells(text: str, width: int, expected: str) -> None:
    assert fit(text, width) == expected


def test_fit_aligns_right_and_in_ascii() -> None:
    assert fit("16d", 5, "right") == "  16d"
    assert fit("Núñez · José", 8, "left", ASCII) == "Nunez -~"


@given(st.text(max_size=30), st.integers(0, 20), st.sampled_from(["left", "right"]))
def test_fit_is_always_exactly_as_wide_as_asked(text: str, width: int, align: str) -> None:
    for glyphs in (UNICODE, ASCII):
        assert cell_len(fit(text, width, align, glyphs)) == width  # type: ignore[arg-type]


@given(st.text(max_size=30), st.text(max_size=10), st.integers(0, 20))
def test_rich_cells_are_exactly_as_wide_as_asked(first: str, second: str, width: int) -> None:
    cell = Text(first, style="dim")
    cell.append(second, style="alarm")
    runs = cell_runs(cell, width, "left", "strong")
    assert sum(cell_len(text) for text, _ in runs) == width


def test_rich_cells_keep_their_styles_and_their_brackets() -> None:
    cell = Text("due [b]now[/b]", style="dim")
    cell.stylize("alarm", 0, 3)
    assert split_styles(cell, ("strong",)) == [
        ("due", ("strong", "dim", "alarm")),
        (" [b]now[/b]", ("strong", "dim")),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("O'Neil [Jr] [/b]", "O'Neil [Jr] [/b]"),
        ("\x1b[31mred\x1b]0;title\x07", "?[31mred?]0;title?"),
        ("one\r\ntwo\tthree", "one two three"),
        ("\u202egnorw\u202c \u2066x\u2069", "gnorw x"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("a" + "\u0301" * 40, "a" + "\u0301" * 3),
        ("lone \ud800 surrogate", "lone ? surrogate"),
        ("👩\u200d⚕\ufe0f", "👩⚕"),
        ("\x9b31m", "?31m"),
    ],
)
def test_safe_text(text: str, expected: str) -> None:
    assert safe_text(text) == expected
    assert plain(text).plain == expected


@given(st.text())
def test_safe_text_can_be_written_and_is_stable(text: str) -> None:
    safe = safe_text(text)
    safe.encode()
    assert safe_text(safe) == safe
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in safe)


@given(st.text())
def test_to_ascii_is_ascii(text: str) -> None:
    assert to_ascii(text).isascii()


def test_ascii_is_chosen_by_the_locale() -> None:
    assert default_glyphs({"LANG": "C"}) is ASCII
    assert default_glyphs({"LANG": "C", "LC_ALL": "en_US.UTF-8"}) is UNICODE
    assert default_glyphs({}) is UNICODE
