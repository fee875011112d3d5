"""The lock: nothing opens above it, nothing but the passphrase takes it away."""

from __future__ import annotations

import asyncio

import pytest

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.patients import PatientEntry, add_patient
from carecoord_tui.store.undo import undo
from tests.screens.bench import arrive, at_work, front, shown


async def test_a_verb_that_waited_opens_nothing_above_the_lock(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        app._practice_ready.clear()
        verb = asyncio.create_task(app.screen.action_note())
        await pilot.pause()
        app.action_lock()
        await pilot.pause()
        app._practice_ready.set()
        await pilot.pause(0.1)
        assert front(app) == "UnlockScreen"
        app.unlock_screen()
        await asyncio.wait_for(verb, 2)
        await arrive(pilot, app, "NoteSheet")


async def test_a_page_whose_person_is_gone_does_not_take_the_lock_along(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        added = add_patient(practice, PatientEntry(family_name="Gone"))
        app.open_patient(added)
        await arrive(pilot, app, "PatientPage")
        await pilot.press("ctrl+l")
        await pilot.pause()
        undo(practice)
        await pilot.pause(0.1)
        assert front(app) == "UnlockScreen"
        assert app.is_locked
        app.unlock_screen()
        await arrive(pilot, app, "TodayScreen")


async def test_there_is_no_lock_before_there_is_work(paths: PracticePaths) -> None:
    """Else the first list would close it, and leave the app locked with nothing to unlock."""
    async with at_work(paths) as (pilot, app, _):
        while len(app.screen_stack) > 1:
            app.pop_screen()
        app.action_lock()
        assert not app.is_locked
        app._show_today()
        await pilot.pause()


@pytest.mark.parametrize("action", ["help", "privacy", "undo", "command_palette", "jump", "go"])
async def test_no_command_works_beneath_the_lock(paths: PracticePaths, action: str) -> None:
    """Also when the user has put it on a key that no input swallows."""
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert not app.check_action(action, ())
        await pilot.click(offset=(5, 5))
        assert front(app) == "UnlockScreen"
        assert "Nguyen" not in shown(app)


async def test_the_lock_stands_before_anything_is_cleaned(
    paths: PracticePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(paths) as (pilot, app, _):
        seen: list[str] = []
        with monkeypatch.context() as patched:
            patched.setattr("carecoord_tui.app.viewer.clean", lambda _: seen.append(front(app)))
            await pilot.press("ctrl+l")
            await arrive(pilot, app, "UnlockScreen")
        assert seen == ["UnlockScreen"]
