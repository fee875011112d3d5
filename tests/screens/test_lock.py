"""The lock: nothing opens above it, nothing but the passphrase takes it away."""

from __future__ import annotations

import asyncio

import pytest

from carecoord_tui.domain.unlock_delay import FREE_TRIES
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import unlock_log
from carecoord_tui.store.actions.patients import PatientEntry, add_patient
from carecoord_tui.store.errors import Busy, Locked
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.undo import undo
from tests.conftest import PASSPHRASE
from tests.screens.bench import arrive, at_work, front, rows, shown, unlock_again, until, write


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
        await unlock_again(pilot, app)
        await asyncio.wait_for(verb, 2)
        await arrive(pilot, app, "NoteSheet")


async def test_a_page_whose_person_is_gone_does_not_take_the_lock_along(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        added = add_patient(practice, PatientEntry(family_name="Gone"))
        app.open_patient(added)
        await arrive(pilot, app, "PatientPage")
        other_window = open_practice(paths, practice.data_key, practice.clock)
        await pilot.press("ctrl+l")
        await pilot.pause()
        undo(other_window)
        other_window.close()
        await pilot.pause(0.1)
        assert front(app) == "UnlockScreen"
        assert app.is_locked
        await unlock_again(pilot, app)
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


async def test_the_key_is_dropped_and_the_parked_form_goes_on(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("n", "h", "i", "ctrl+l")
        await arrive(pilot, app, "UnlockScreen")
        assert practice.is_sealed
        assert practice.data_key == practice.audit_key() == b""
        assert app.unlocked is not None
        assert app.unlocked.data_key == b""
        with pytest.raises(Locked):
            practice.execute("SELECT 1")
        with pytest.raises(Locked), practice.change("nothing"):
            pass
        await unlock_again(pilot, app)
        assert front(app) == "NoteSheet"
        await pilot.press("!", "ctrl+s")
        await until(pilot, lambda: rows(practice, "SELECT text FROM note") == [("hi!",)])
        add_patient(open_practice(paths, practice.data_key, practice.clock), PatientEntry(family_name="Zo"))
        await until(pilot, lambda: "Patients 6" in shown(app))  # another window is noticed again


async def test_what_cannot_be_read_again_leaves_the_screen_locked_and_the_key_out_of_memory(
    paths: PracticePaths,
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        other_window = open_practice(paths, practice.data_key, practice.clock)
        await pilot.press("ctrl+l")
        await arrive(pilot, app, "UnlockScreen")
        for value, is_locked in (("never", True), ("15", False)):
            with other_window.engine.begin() as connection:  # as a newer version of the program might write
                connection.exec_driver_sql("DELETE FROM setting WHERE key = 'idle_lock_minutes'")
                connection.exec_driver_sql(
                    "INSERT INTO setting (version, key, value) VALUES (1, 'idle_lock_minutes', ?)", (value,)
                )
            await write(pilot, PASSPHRASE)
            await pilot.press("enter")
            if is_locked:
                await until(pilot, lambda: "idle_lock_minutes must be a whole number" in shown(app))
            else:
                await until(pilot, lambda: not app.is_locked)
            assert practice.is_sealed == app.is_locked == is_locked
            assert bool(practice.data_key) is bool(practice.audit_key()) is not is_locked
        assert practice.settings.idle_lock_minutes == 15
        other_window.close()


async def test_what_was_seen_of_people_is_forgotten_with_the_key(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await until(pilot, lambda: bool(app.known_items))
        await pilot.press("ctrl+l")
        await arrive(pilot, app, "UnlockScreen")
        assert practice.is_sealed
        assert not app.known_items
        await unlock_again(pilot, app)
        await until(pilot, lambda: bool(app.known_items))


async def test_the_key_stays_until_what_is_under_way_is_done(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        go_on = asyncio.Event()
        app.run_worker(go_on.wait(), group="import")
        await pilot.press("ctrl+l")
        await arrive(pilot, app, "UnlockScreen")
        assert not practice.is_sealed
        go_on.set()
        await app.workers.wait_for_complete()
        app._lock_when_idle()  # what the clock does every half minute
        assert practice.is_sealed


async def test_wrong_answers_make_the_next_try_wait(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("ctrl+l")
        await arrive(pilot, app, "UnlockScreen")
        for _ in range(FREE_TRIES + 6):  # more than a minute, so that slow typing does not outlast it
            unlock_log.record(paths.unlock_log, unlock_log.Unlock.FAILED)
        await write(pilot, PASSPHRASE)
        await pilot.press("enter")
        await until(pilot, lambda: "Too many wrong tries" in shown(app))
        assert app.is_locked
        unlock_log.record(paths.unlock_log, unlock_log.Unlock.OK)  # another window was opened rightly
        await unlock_again(pilot, app)
        assert not app.is_locked


@pytest.mark.parametrize("keys", [(), ("2",), ("3",), ("4",), ("W",), ("K",), ("O",), ("enter",), ("n", "h")])
async def test_a_terminal_resized_while_locked_takes_nothing_along(
    paths: PracticePaths, keys: tuple[str, ...]
) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await pilot.press(*keys)
        await pilot.pause()
        before = front(app)
        await pilot.press("ctrl+l")
        await arrive(pilot, app, "UnlockScreen")
        for size in ((90, 30), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        assert practice.is_sealed
        await unlock_again(pilot, app)
        assert front(app) == before
        assert app.screen.size.width == 80
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        assert "Mon 30 Nov" in shown(app)


async def test_a_sheet_that_waits_for_an_answer_does_not_keep_the_key(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        never = asyncio.Event()
        app.run_worker(never.wait())
        await pilot.press("ctrl+l")
        await arrive(pilot, app, "UnlockScreen")
        assert practice.is_sealed
        never.set()


async def test_what_cannot_be_watched_stays_locked_and_sealed(
    paths: PracticePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("ctrl+l")
        await arrive(pilot, app, "UnlockScreen")

        def fails(_: Practice) -> None:
            raise Busy("Another carecoord window is writing; try again in a moment.")

        with monkeypatch.context() as patched:
            patched.setattr(app, "_watch", fails)
            await write(pilot, PASSPHRASE)
            await pilot.press("enter")
            await until(pilot, lambda: "window is writing" in shown(app))
            assert app.is_locked
            assert practice.is_sealed
        await unlock_again(pilot, app)
        assert not practice.is_sealed
