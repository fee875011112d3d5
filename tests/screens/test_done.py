"""Done by keys: nothing next, a next one, a note, dropped; many at once."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.done import DoneSheet
from carecoord_tui.store.actions.items import complete
from tests.screens.bench import ODD_TITLE, at_work, front, paste, rows, said, shown, to_row

STATUS = "SELECT status, done_on FROM follow_up WHERE id = ?"
NEXT = "SELECT title, kind, due_on, due_at, previous_id, recurrence FROM follow_up WHERE previous_id = ?"


@pytest.mark.parametrize("key", ["x", "enter"])
async def test_x_and_x_again_is_done_and_the_check_in_is_said(paths: PracticePaths, key: str) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Send forms")
        await pilot.press("x")
        await pilot.pause()
        sheet = shown(app)
        await pilot.press(key)
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, STATUS, 4) == [("done", "2026-11-30")]
        ((check_in,),) = rows(practice, "SELECT check_in_on FROM patient WHERE given_name = 'Ana'")
        assert rows(practice, "SELECT title, target_on FROM ledger WHERE patient_id = 5") == [
            ("Check-in", check_in)
        ]
        day = f"{int(str(check_in)[8:])} "
        assert "Next: check-in" in sheet
        assert day in sheet.split("Next: check-in")[1].splitlines()[0]
        assert "Done. Next: check-in" in said(app)
        await pilot.press("u")
        await pilot.pause()
        if front(app) == "ConfirmSheet":
            await pilot.press("y")
            await pilot.pause()
        assert rows(practice, STATUS, 4) == [("open", None)]


async def test_what_else_is_open_is_named(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("x")
        await pilot.pause()
        assert "Next: Ask Humana: CGM sensors" in shown(app)


async def test_a_recurring_one_says_and_makes_its_next(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("x")
        await pilot.pause()
        assert "Repeats weekly: the next is Mon 7 Dec" in shown(app)
        await pilot.press("x")
        await pilot.pause()
        assert rows(practice, NEXT, 2) == [("Gather papers", "other", "2026-12-07", None, 2, "FREQ=WEEKLY")]


@pytest.mark.parametrize(
    ("keys", "due"),
    [
        (["M"], "2026-12-07"),
        (["H"], "2026-12-03"),
        (["f", "r", "i", "enter"], "2026-12-04"),
        (["plus", "3", "b", "d", "enter"], "2026-12-03"),
    ],
)
async def test_a_day_is_done_and_the_next_one_then_in_one_change(
    paths: PracticePaths, keys: list[str], due: str
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("x", *keys)
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, STATUS, 1) == [("done", "2026-11-30")]
        assert rows(practice, NEXT, 1) == [("Call: CGM order", "call", due, None, 1, "")]
        await pilot.press("u")
        await pilot.pause()
        if front(app) == "ConfirmSheet":
            await pilot.press("y")
            await pilot.pause()
        assert rows(practice, STATUS, 1) == [("open", None)]
        assert rows(practice, NEXT, 1) == []


async def test_the_next_ones_title_can_be_changed_and_needs_a_day(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("x", "tab", "tab")
        await pilot.pause()
        title = app.screen.query_one("#done-title", Input)
        assert title.has_focus
        title.value = "Check delivery"
        await pilot.press("enter")
        await pilot.pause()
        assert "When is the next one?" in shown(app)
        assert rows(practice, STATUS, 1) == [("open", None)]
        await paste(pilot, "3 dec 2pm")
        await pilot.press("enter")
        await pilot.pause()
        assert rows(practice, NEXT, 1) == [
            ("Check delivery", "call", "2026-12-03", "2026-12-03T19:00:00.000000+00:00", 1, "")
        ]
        assert "Done. Next: Check delivery, Thu 3 Dec 2026, 2pm" in said(app)


async def test_a_day_that_is_none_changes_nothing(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("x", "z", "z", "enter")
        await pilot.pause()
        assert front(app) == "DoneSheet"
        assert "not understood as a date" in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert rows(practice, STATUS, 1) == [("open", None)]


async def test_dropped_is_not_done(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, ODD_TITLE)
        await pilot.press("x")
        await pilot.pause()
        assert "Done: Fax [bold]form[/]" in shown(app)
        assert "\x1b" not in shown(app)
        await pilot.press("D")
        await pilot.pause()
        assert rows(practice, STATUS, 3) == [("dropped", "2026-11-30")]
        assert "Dropped, not done" in said(app)


async def test_a_note_first_then_done(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("x", "n", "o", "k", "ctrl+s")
        await pilot.pause()
        assert front(app) == "DoneSheet"
        assert rows(practice, "SELECT text, about_id FROM note") == [("ok", 1)]
        await pilot.press("x")
        await pilot.pause()
        assert rows(practice, STATUS, 1) == [("done", "2026-11-30")]


async def test_marked_follow_ups_are_done_at_once_and_undone_at_once(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("space")
        await to_row(pilot, app, "Send forms")
        await pilot.press("space", "x")
        await pilot.pause()
        assert rows(practice, "SELECT id FROM follow_up WHERE status = 'done' ORDER BY id") == [(1,), (4,)]
        assert "2 follow-ups of 2 people done" in said(app)
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert rows(practice, "SELECT count(*) FROM follow_up WHERE status = 'done'") == [(0,)]


async def test_settled_meanwhile_is_said_in_the_sheet(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Send forms")
        await pilot.press("x")
        await pilot.pause()
        sheet = app.screen
        assert isinstance(sheet, DoneSheet)
        complete(practice, [sheet.ref])
        await pilot.press("x")
        await pilot.pause()
        assert "already closed" in shown(app)
