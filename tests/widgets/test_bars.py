"""The header: what gives way to the date when a terminal has no room for all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult

from carecoord_tui.widgets.bars import HeaderBar, HeaderParts

TITLES = (("1", "Today"), ("2", "Patients"), ("3", "Referrals"), ("4", "Insurance"))


def parts(*counts: str, user: str = "", day: str = "Mon 30 Nov", warning: str = "") -> HeaderParts:
    tabs = [(key, title, count) for (key, title), count in zip(TITLES, counts, strict=True)]
    return HeaderParts(tabs, "Today", user, day, "08:02", warning)


class Bar(App[None]):
    def compose(self) -> ComposeResult:
        yield HeaderBar()


async def drawn(given: HeaderParts, width: int) -> str:
    app = Bar()
    async with app.run_test(size=(width, 24)) as pilot:
        bar = app.query_one(HeaderBar)
        bar.show_screens(given)
        await pilot.pause()
        return bar.render_line(0).text


@pytest.mark.parametrize(
    ("given", "there", "gone"),
    [
        (parts("", "", "", ""), ["carecoord", "Insurance", "Mon 30 Nov  08:02"], []),
        (parts("0", "0", "0", "0"), ["4 Insurance 0", "Mon 30 Nov  08:02"], ["carecoord"]),
        (
            parts("19", "1234", "310", "1200"),
            ["2 Patients 1234", "4 Insurance 1200", "Mon 30 Nov"],
            ["08:02"],
        ),
        (parts("9999", "100000", "2310", "1200"), ["1 Today 9999", "2 Pat. 100000", "Mon 30 Nov"], ["08:02"]),
        (
            parts("19", "214", "55", "12", warning="READ ONLY, CLOCK SET"),
            ["READ ONLY, CLOCK SET", "1 Today", "4 Ins.", "Mon 30 Nov"],
            ["08:02"],
        ),
        (
            parts("9999", "100000", "2310", "1200", warning="READ ONLY, CLOCK SET"),
            ["READ ONLY, CLOCK SET", "4 Ins.", "Mon 30 Nov"],
            ["9999", "08:02"],
        ),
    ],
)
async def test_the_date_stays_at_eighty_cells(given: HeaderParts, there: list[str], gone: list[str]) -> None:
    text = await drawn(given, 80)
    assert len(text) == 80
    assert [part for part in there if part not in text] == []
    assert [part for part in gone if part in text] == []


async def test_a_long_name_of_the_user_gives_way_before_the_time() -> None:
    given = parts("19", "214", "55", "12", user="Dana Reyes", day="Mon 30 Nov 2026")
    assert "carecoord   1 Today 19" in (text := await drawn(given, 120)) and "Dana Reyes   Mon 30" in text
    text = await drawn(replace(given, user="Dr. Maximiliane von und zu der Hohen Warte " * 2), 120)
    assert "Warte" not in text and "Mon 30 Nov 2026  08:02" in text


async def test_what_fits_is_found_anew_in_another_terminal() -> None:
    app = Bar()
    async with app.run_test(size=(120, 24)) as pilot:
        bar = app.query_one(HeaderBar)
        bar.show_screens(parts("9999", "100000", "2310", "1200"))
        await pilot.pause()
        assert "Insurance 1200" in bar.render_line(0).text
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "Ins. 1200" in (text := bar.render_line(0).text) and "Mon 30 Nov" in text
