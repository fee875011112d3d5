"""The demo practice of the Monday, built once, copied for each test, opened by its passphrase."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.clock import parse_now
from carecoord_tui.demo import DEMO_PASSPHRASE
from carecoord_tui.demo.build import build_demo
from carecoord_tui.paths import PracticePaths
from tests.conftest import FAST_KDF, MONDAY, ZONE

Opened = Callable[..., AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo practice nobody changes."""
    folder = tmp_path_factory.mktemp("demo") / "practice"
    build_demo(PracticePaths(folder), patients=214, now=parse_now(MONDAY, ZONE), kdf=FAST_KDF)
    return folder


@pytest.fixture
def monday(demo_folder: Path, tmp_path: Path) -> PracticePaths:
    """This test's own copy."""
    shutil.copytree(demo_folder, tmp_path / "monday")
    (tmp_path / "monday").chmod(0o700)
    return PracticePaths(tmp_path / "monday")


@pytest.fixture
def open_monday(monday: PracticePaths) -> Opened:
    """The real app on it: the passphrase typed, Today on screen, the store loaded."""

    @asynccontextmanager
    async def opened(size: tuple[int, int] = (120, 36), now: str = MONDAY) -> AsyncIterator[Pilot[None]]:
        app = CarecoordApp(monday, now=now)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await type_text(pilot, DEMO_PASSPHRASE)
            await pilot.press("enter")
            await app.workers.wait_for_complete()
            await app.full_practice()
            await pilot.pause()
            yield pilot

    return opened


async def type_text(pilot: Pilot[None], text: str) -> None:
    """Type as a person would, a key at a time."""
    names = {" ": "space", "+": "plus", "/": "slash", ".": "full_stop", ",": "comma", "-": "minus"}
    await pilot.press(*(names.get(letter, letter) for letter in text))
