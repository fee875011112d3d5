"""The unlock prompt and the lock: what opens them, what does not, and what is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.paths import PracticePaths, ensure_private_folder
from carecoord_tui.screens.unlock import RESTORED, WRONG, UnlockScreen
from carecoord_tui.store import keyfile, opening, unlock_log
from carecoord_tui.store.engine import create_database
from carecoord_tui.store.errors import InterruptedRestore, WrongPassphrase
from carecoord_tui.store.opening import Unlocked
from carecoord_tui.store.unlock_log import Unlock
from tests.conftest import FAST_KDF, MONDAY, PASSPHRASE

MakeApp = Callable[..., CarecoordApp]


async def until(pilot: Pilot[None], condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Wait for something that a thread brings about."""
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await pilot.pause(0.02)
    raise AssertionError(f"this did not happen in {seconds} seconds")


async def answer(pilot: Pilot[None], secret: str) -> None:
    pilot.app.screen.query_one("#secret", Input).value = secret
    await pilot.press("enter")


def said(app: CarecoordApp) -> str:
    return str(app.screen.query_one("#said", Static).content)


def is_open(app: CarecoordApp) -> bool:
    return type(app.screen).__name__ == "TodayScreen"


@pytest.mark.parametrize("by_code", [False, True])
async def test_passphrase_and_recovery_code_open(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, by_code: bool
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        assert isinstance(app.screen, UnlockScreen)
        await answer(pilot, recovery_code.lower() if by_code else PASSPHRASE)
        await until(pilot, lambda: is_open(app))
        await until(pilot, lambda: app.practice is not None)
    wanted = Unlock.RECOVERY if by_code else Unlock.OK
    assert [attempt.result for attempt in unlock_log.read(paths.unlock_log)] == [wanted]


async def test_wrong_secret_says_one_line_and_nothing_else(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await answer(pilot, "not the passphrase")
        assert app.screen.query_one("#secret", Input).value == ""
        await until(pilot, lambda: said(app) == WRONG)
        await answer(pilot, "")
        await pilot.press("escape")
        assert isinstance(app.screen, UnlockScreen)
        assert app.unlocked is None
        await answer(pilot, PASSPHRASE)
        await until(pilot, lambda: is_open(app))
    results = [attempt.result for attempt in unlock_log.read(paths.unlock_log)]
    assert results == [Unlock.FAILED, Unlock.OK]
    assert paths.unlock_log.stat().st_mode & 0o777 == 0o600


async def test_typed_characters_are_masked(make_app: MakeApp, recovery_code: str) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await pilot.press(*"secret")
        assert app.screen.query_one("#secret", Input).value == "secret"
        assert "secret" not in "".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_unlocking_under_way_goes_straight_on(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths
) -> None:
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(opening.unlock, paths, PASSPHRASE, now=MONDAY)
        app = make_app(opening=future)
        async with app.run_test() as pilot:
            await until(pilot, lambda: is_open(app))


async def test_unlocking_under_way_that_fails_leaves_the_prompt(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths
) -> None:
    future: Future[Unlocked] = Future()
    app = make_app(opening=future)
    async with app.run_test() as pilot:
        await until(pilot, lambda: said(app).startswith("Opening"))
        with pytest.raises(WrongPassphrase) as caught:
            opening.unlock(paths, "wrong")
        future.set_exception(caught.value)
        await until(pilot, lambda: said(app) == WRONG)
        await answer(pilot, PASSPHRASE)
        await until(pilot, lambda: is_open(app))


@pytest.mark.parametrize(("kind", "words"), [("cut", "cut short"), ("foreign", "unencrypted")])
async def test_damaged_and_foreign_files_are_named_and_untouched(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, kind: str, words: str
) -> None:
    foreign = b"SQLite format 3\0" + bytes(8176)
    content = foreign if kind == "foreign" else paths.database.read_bytes()[:5000]
    paths.database.write_bytes(content)
    app = make_app()
    async with app.run_test() as pilot:
        await answer(pilot, PASSPHRASE)
        await until(pilot, lambda: words in said(app))
        assert isinstance(app.screen, UnlockScreen)
    assert paths.database.read_bytes() == content


async def test_missing_key_file_is_said_before_anything_is_typed(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths
) -> None:
    paths.keyfile.unlink()
    app = make_app()
    async with app.run_test() as pilot:
        await until(pilot, lambda: "practice.key" in said(app))


async def test_interrupted_restore_is_finished_first(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths
) -> None:
    staged = paths.root / "restore.part"
    staged.mkdir(0o700)
    for file in (paths.keyfile, paths.database):
        file.rename(staged / file.name)
    paths.restore_journal.write_text('{"set_aside": "replaced-2026-11-30-0800", "step": 2}')
    with pytest.raises(InterruptedRestore):
        paths.require()
    app = make_app()
    async with app.run_test() as pilot:
        await until(pilot, lambda: said(app) == RESTORED)
        await answer(pilot, PASSPHRASE)
        await until(pilot, lambda: is_open(app))
    assert not paths.restore_journal.exists()


async def test_unreadable_now_is_said(make_app: MakeApp, recovery_code: str) -> None:
    app = make_app(now="soon")
    async with app.run_test() as pilot:
        await answer(pilot, PASSPHRASE)
        await until(pilot, lambda: "is not a time" in said(app))


async def test_the_lock_hides_the_work_until_the_secret_is_typed(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await answer(pilot, PASSPHRASE)
        await until(pilot, lambda: is_open(app) and app.practice is not None)
        await pilot.press("ctrl+l")
        assert isinstance(app.screen, UnlockScreen)
        assert app.screen.styles.background.a == 1
        assert "Today" not in "".join(strip.text for strip in app.screen._compositor.render_strips())
        for key in ("escape", "ctrl+k", "ctrl+p", "ctrl+l", "tab"):
            await pilot.press(key)
            assert isinstance(app.screen, UnlockScreen)
        await answer(pilot, "wrong one")
        await until(pilot, lambda: said(app) == WRONG)
        assert app.is_locked
        await answer(pilot, PASSPHRASE)
        await until(pilot, lambda: is_open(app))
        assert not app.is_locked
    results = [attempt.result for attempt in unlock_log.read(paths.unlock_log)]
    assert results == [Unlock.OK, Unlock.FAILED, Unlock.OK]


async def test_another_practices_key_file_does_not_open_the_lock(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        await answer(pilot, PASSPHRASE)
        await until(pilot, lambda: is_open(app) and app.practice is not None)
        await pilot.press("ctrl+l")
        paths.keyfile.unlink()
        keyfile.create(paths.keyfile, "somebody else's", kdf=FAST_KDF)
        await answer(pilot, "somebody else's")
        await until(pilot, lambda: said(app) == WRONG)
        assert app.is_locked


async def test_a_small_window_is_noted_and_the_prompt_still_works(
    make_app: MakeApp, recovery_code: str
) -> None:
    app = make_app()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert "needs 80 x 24" in str(app.screen.query_one("#small", Static).content)
        await answer(pilot, PASSPHRASE)
        await until(pilot, lambda: is_open(app))


def test_the_prompt_imports_nothing_of_the_database() -> None:
    code = (
        "import sys, carecoord_tui.screens.unlock;"
        "heavy = {'sqlmodel', 'sqlalchemy', 'sqlcipher3', 'cryptography'};"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


async def test_a_practice_whose_making_was_cut_off_is_said(make_app: MakeApp, paths: PracticePaths) -> None:
    ensure_private_folder(paths.root)
    data_key, _ = keyfile.create(paths.keyfile, PASSPHRASE, kdf=FAST_KDF)
    create_database(paths.database, data_key)
    app = make_app()
    async with app.run_test() as pilot:
        await answer(pilot, PASSPHRASE)
        await until(pilot, lambda: "cut off" in said(app))
        assert isinstance(app.screen, UnlockScreen)
