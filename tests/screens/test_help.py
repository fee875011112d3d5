"""Help shows every command of its scopes with the keys in force, and fits the smallest terminal."""

from __future__ import annotations

import pytest

from carecoord_tui.commands import COMMANDS, Scope, key_label
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.help import LIST_KEYS, HelpSheet, groups
from carecoord_tui.store.opening import unlock
from tests.conftest import PASSPHRASE
from tests.screens.test_unlock import MakeApp, until

TODAY_SCOPES = (Scope.ITEM, Scope.LIST, Scope.TODAY, Scope.EVERYWHERE)


def drawn(sheet: HelpSheet) -> str:
    return "\n".join(strip.text for strip in sheet._compositor.render_strips())


async def read_all(pilot: object, sheet: HelpSheet) -> str:
    """Everything the sheet shows, page by page."""
    pages = []
    for _ in range(12):
        pages.append(drawn(sheet))
        await pilot.press("pagedown")  # type: ignore[attr-defined]
    return "\n".join(pages)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_every_command_of_the_screen_is_there(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, size: tuple[int, int]
) -> None:
    app = make_app(keymap={"verb.note": "f6"})
    async with app.run_test(size=size) as pilot:
        app.begin(unlock(paths, PASSPHRASE, now=app.now_option))
        await until(pilot, lambda: type(app.screen).__name__ == "TodayScreen")
        await pilot.pause()
        await pilot.press("question_mark")
        sheet = app.screen
        assert isinstance(sheet, HelpSheet)
        await pilot.pause()
        box = sheet.query_one("#sheet").region
        assert box.bottom == size[1]
        assert box.y >= 1
        text = await read_all(pilot, sheet)
        for command in COMMANDS:
            if command.scope in TODAY_SCOPES:
                assert command.id in text
                assert command.help.split()[0] in text
        assert "F6" in text
        for keys, _ in LIST_KEYS:
            assert keys in text
        await pilot.press("question_mark")
        assert type(app.screen).__name__ == "TodayScreen"


async def test_it_scrolls_by_the_list_keys(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.begin(unlock(paths, PASSPHRASE, now=app.now_option))
        await until(pilot, lambda: type(app.screen).__name__ == "TodayScreen")
        await app.push_screen(HelpSheet(TODAY_SCOPES))
        await pilot.pause()
        body = app.screen.query_one("#help")
        offsets = []
        for key in ("j", "k", "pagedown", "G", "g"):
            await pilot.press(key)
            await pilot.pause()
            offsets.append(body.scroll_offset.y)
        assert offsets[0] == 1
        assert offsets[1] == offsets[4] == 0
        assert 1 < offsets[2] < offsets[3] == body.max_scroll_y
        await pilot.press("escape")
        assert type(app.screen).__name__ == "TodayScreen"


def test_each_command_stands_in_one_group_of_its_screen() -> None:
    found = [command.id for _, commands in groups(tuple(Scope)) for command in commands]
    assert sorted(found) == sorted(command.id for command in COMMANDS)


def test_no_help_is_empty_and_no_key_unreadable() -> None:
    for command in COMMANDS:
        assert command.help.endswith(".")
        assert "_" not in key_label(command.keys)


def test_groups_are_named_as_people_speak() -> None:
    assert [title for title, _ in groups(TODAY_SCOPES)] == [
        "On a row or its patient",
        "In a list",
        "Everywhere",
    ]
