"""Notes by keys: kept, refused when empty, asked about before they are dropped."""

from __future__ import annotations

from textual.widgets import TextArea

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.follow_ups import NOTE_LIMIT
from tests.screens.bench import (
    ODD_TITLE,
    at_work,
    front,
    paste,
    rows,
    said,
    shown,
    to_row,
    unlock_again,
    write,
)

NOTES = "SELECT p.given_name, n.text, n.about_kind FROM note n JOIN patient p ON p.id = n.patient_id"


async def test_a_note_of_two_lines_about_the_item(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, ODD_TITLE)
        await pilot.press("n")
        await pilot.pause()
        assert "Note: O'Neil [Jr] [/b]?[31m, Pat · Fax [bold]form[/]" in shown(app)
        await write(pilot, "said x")
        await pilot.press("enter")
        await paste(pilot, "[red]call[/] \x1b[31mson")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, NOTES) == [("Pat", "said x\n[red]call[/] [31mson", "follow_up")]
        assert "Note kept" in said(app)


async def test_esc_asks_before_a_draft_is_dropped(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("n", "h", "i", "escape")
        await pilot.pause()
        assert front(app) == "ConfirmSheet"
        await pilot.press("escape")  # esc twice is a slip: the note is still there
        await pilot.pause()
        assert front(app) == "NoteSheet"
        assert app.screen.query_one(TextArea).text == "hi"
        await pilot.press("escape", "y")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, NOTES) == []


async def test_an_empty_note_is_left_without_a_question_and_not_kept(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("n", "space", "ctrl+s")
        await pilot.pause()
        assert "An empty note was not kept." in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, NOTES) == []


async def test_a_note_too_long_is_refused_not_cut(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one(TextArea).text = "word " * (NOTE_LIMIT // 5 + 1)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "make it two notes" in shown(app)
        assert rows(practice, NOTES) == []


async def test_the_draft_waits_beneath_the_lock(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("n", "h", "i", "ctrl+l")
        await pilot.pause()
        assert front(app) == "UnlockScreen"
        await unlock_again(pilot, app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, NOTES) == [("James", "hi", "follow_up")]
