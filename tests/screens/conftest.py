"""Screens run on a real encrypted practice with a fast key: a demo one, so that its clock may be set."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from carecoord_tui.app import CarecoordApp
from carecoord_tui.clock import RunningClock
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.creating import NewPractice, create_practice
from tests.conftest import FAST_KDF, MONDAY, PASSPHRASE


@pytest.fixture
def recovery_code(paths: PracticePaths, clock: RunningClock) -> str:
    """A closed, empty practice in ``paths``; this is its recovery code."""
    wanted = NewPractice(user_name="Dana Reyes", timezone="America/New_York", is_clinical=True, is_demo=True)
    return create_practice(paths, PASSPHRASE, wanted, clock, kdf=FAST_KDF)


@pytest.fixture
def make_app(paths: PracticePaths) -> Callable[..., CarecoordApp]:
    """The app on ``paths`` on the Monday, not running yet; arguments as ``CarecoordApp`` takes them."""

    def make(**arguments: object) -> CarecoordApp:
        return CarecoordApp(paths, **{"now": MONDAY, **arguments})  # type: ignore[arg-type]

    return make
