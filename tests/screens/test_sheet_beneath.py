"""What lies beneath a sheet is drawn without Textual's detour, and looks the same."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual._context import visible_screen_stack
from textual.geometry import Region
from textual.screen import ModalScreen
from textual.strip import Strip

from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.widgets.lean_strip import without_links
from tests.screens.bench import arrive, at_work


def cells(strips: list[Strip]) -> list[list[tuple[str, str]]]:
    """Each character with its style; how a line is cut into pieces does not matter."""
    return [[(one, str(style)) for text, style, _ in strip for one in text] for strip in strips]


@pytest.mark.parametrize("crop", [Region(0, 0, 100, 30), Region(7, 3, 60, 9)])
async def test_it_looks_as_textual_draws_it(paths: PracticePaths, crop: Region) -> None:
    async with at_work(paths, size=(100, 30)) as (pilot, app, _):
        await pilot.press("c")
        await arrive(pilot, app, "ContactSheet")
        sheet = app.screen
        assert isinstance(sheet, Sheet)
        ours = sheet.render_lines(crop)
        sheet._styles_cache.clear()
        token = visible_screen_stack.set(list(app._background_screens))
        try:
            theirs = ModalScreen.render_lines(sheet, crop)
        finally:
            visible_screen_stack.reset(token)
        assert cells(ours) == cells(theirs)
        assert any("Today" in strip.text for strip in sheet.render_lines(Region(0, 0, 100, 30)))


def test_nothing_beneath_can_be_clicked() -> None:
    plain = Strip([Segment("as it is")])
    assert without_links(plain) is plain
    linked = Strip([Segment("go", Style(bold=True, link="https://example.org") + Style.from_meta({"a": 1}))])
    (segment,) = without_links(linked)
    assert segment.text == "go" and segment.style is not None
    assert segment.style.bold and not segment.style.link and not segment.style.meta
