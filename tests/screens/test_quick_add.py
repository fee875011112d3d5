"""Quick-add by keys: the line of the Monday, choosing, proposing, and what the database then holds."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from textual.widgets import Input

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import undo
from tests.screens.bench import (
    ODD_TITLE,
    TODAY,
    at_work,
    front,
    paste,
    rows,
    said,
    shown,
    to_row,
    until,
    write,
)

ADDED = (
    "SELECT p.given_name, f.title, f.kind, f.priority, f.due_on, f.due_at, f.source"
    " FROM follow_up f JOIN patient p ON p.id = f.patient_id WHERE f.source = 'quick-add'"
)


async def test_the_line_of_the_monday_is_previewed_and_accepted(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Gather papers")  # somebody else is highlighted: the typed name wins
        await pilot.press("plus")
        await write(pilot, "call Nguyen thu 2pm CGM assistance")
        preview = shown(app)
        assert "Nguyen, Thi  born 14 Mar 1961  MRN MRN-1" in preview
        assert "Thu 3 Dec 2026, 2pm" in preview
        assert "Call: CGM assistance" in preview
        assert rows(practice, ADDED) == []
        await pilot.press("enter")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, ADDED) == [
            (
                "Thi",
                "Call: CGM assistance",
                "call",
                "normal",
                "2026-12-03",
                "2026-12-03T19:00:00.000000+00:00",
                "quick-add",
            )
        ]
        assert "Nguyen, Thi · Thu 3 Dec 2026, 2pm · call · Call: CGM assi…  u undoes it" in said(app)
        await pilot.press("u", "y")  # asked, since somebody else is highlighted
        await pilot.pause()
        assert rows(practice, ADDED) == []


async def test_a_name_of_two_people_is_chosen_by_number(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("plus")
        await paste(pilot, "call Cole thu MRI")
        assert "Cole, James" in shown(app)
        assert "Cole, Rose" in shown(app)
        await pilot.press("enter")  # undecided: goes to the list and saves nothing
        await pilot.pause()
        assert rows(practice, ADDED) == []
        await pilot.press("2")
        await pilot.pause()
        assert "Cole, Rose  born 6 May 1948" in shown(app)
        assert app.screen.query_one("#line", Input).has_focus
        await pilot.press("enter")
        await pilot.pause()
        assert [(row[0], row[1], row[4]) for row in rows(practice, ADDED)] == [
            ("Rose", "Call: MRI", "2026-12-03")
        ]


async def test_arrows_pick_too_and_another_name_forgets_the_pick(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("plus")
        await paste(pilot, "call Cole")
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert "Cole, Rose  born" in shown(app)
        await pilot.press("down", "up", "up")  # up on the first goes back to the line
        await pilot.pause()
        assert app.screen.query_one("#line", Input).has_focus
        app.screen.query_one("#line", Input).value = "call Nguyen"
        await pilot.pause()
        assert "Nguyen, Thi  born" in shown(app)
        assert "Cole" not in shown(app).split("New follow-up")[1]
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, ADDED) == []


async def test_the_highlighted_patient_and_the_next_working_day_are_proposed_in_sight(
    paths: PracticePaths,
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, ODD_TITLE)
        await pilot.press("plus")
        await paste(pilot, "send forms !high")
        preview = shown(app)
        assert "O'Neil [Jr] [/b]?[31m, Pat" in preview  # no markup read, no escape sent
        assert "the highlighted patient" in preview
        assert "proposed: the next working day" in preview
        assert "high priority" in preview
        await pilot.press("enter")
        await pilot.pause()
        assert [row[:5] for row in rows(practice, ADDED)] == [
            ("Pat", "Send forms", "paperwork", "high", (TODAY + timedelta(days=1)).isoformat())
        ]


async def test_nobody_is_proposed_for_an_insisted_name_that_is_nobody(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("plus")
        await paste(pilot, "call @zzyzx thu")
        await pilot.press("enter")
        await pilot.pause()
        assert front(app) == "QuickAddSheet"
        assert "matches nobody" in shown(app)
        assert rows(practice, ADDED) == []


async def test_a_past_or_broken_date_is_said_and_not_saved(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("plus")
        await paste(pilot, "call Nguyen 30 feb MRI")
        await pilot.press("enter")
        await pilot.pause()
        assert "There is no 30 Feb" in shown(app)
        assert rows(practice, ADDED) == []


async def test_jumping_away_keeps_the_line(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("plus")
        await paste(pilot, "call Nguyen thu CG")
        await pilot.press("ctrl+k")
        await pilot.pause()
        assert front(app) == "JumpSheet"
        await paste(pilot, "brandt")
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "PatientPage")
        await pilot.press("escape")
        await until(pilot, lambda: front(app) == "QuickAddSheet")
        assert app.screen.query_one("#line", Input).value == "call Nguyen thu CG"
        assert app.screen.query_one("#line", Input).has_focus


async def test_undo_survives_and_audit_names_the_change(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, _, practice):
        await pilot.press("plus")
        await paste(pilot, "chase Cole James report +3bd")
        await pilot.press("enter")
        await pilot.pause()
        assert [(row[0], row[2], row[4]) for row in rows(practice, ADDED)] == [
            ("James", "chase", "2026-12-03")
        ]
        change = undo.next_undo(practice)
        assert change is not None
        assert change.label == "new follow-up"


def test_the_sheet_does_not_wait_for_the_store() -> None:
    code = (
        "import sys, carecoord_tui.screens.quick_add;"
        "print([m for m in ('sqlmodel', 'sqlalchemy') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
