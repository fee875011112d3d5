"""Pictures of the main screens of the demo, at both sizes and in both themes.

After a wanted change: ``pytest tests/snapshots --snapshot-update``, then look at each picture.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from carecoord_tui import themes
from carecoord_tui.app import CarecoordApp
from carecoord_tui.demo import DEMO_PASSPHRASE
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens import unlock
from tests.conftest import MONDAY
from tests.e2e.conftest import demo_folder, monday, type_text  # noqa: F401 - fixtures

NARROW, WIDE = (80, 24), (120, 36)
DARK, LIGHT = themes.CARECOORD_DARK.name, themes.CARECOORD_LIGHT.name

SCREENS = {
    "today": [],
    "contact": ["c"],
    "move": ["j", "s"],
    "quick_add": ["plus", *"call Nguyen thu 2pm CGM".replace(" ", "_")],
    "patients": ["2"],
    "patient_page": ["enter"],
    "help": ["question_mark"],
    "referrals": ["3"],
    "referral_board": ["3", "v"],
    "referral_detail": ["3", "j", "j", "j", "j", "j", "t"],
    "referral_settle": ["3", "j", "j", "x"],
    "by_office": ["C"],
    "insurance": ["4"],
    "payers": ["4", "P"],
}


@pytest.mark.parametrize("theme", [DARK, LIGHT])
@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["80x24", "120x36"])
@pytest.mark.parametrize("screen", SCREENS)
def test_screen(
    snap_compare: Callable[..., bool],
    monday: PracticePaths,  # noqa: F811 - the fixture
    screen: str,
    size: tuple[int, int],
    theme: str,
) -> None:
    if theme == LIGHT and screen not in ("today", "contact", "patient_page"):
        pytest.skip("the light theme is pictured on three screens: it changes colours only")

    async def arrive(pilot: Pilot[None]) -> None:
        await pilot.pause()
        await type_text(pilot, DEMO_PASSPHRASE)
        await pilot.press("enter")
        app = pilot.app
        assert isinstance(app, CarecoordApp)
        await app.workers.wait_for_complete()
        await app.full_practice()
        await pilot.pause()
        for key in SCREENS[screen]:
            await pilot.press("space" if key == "_" else key)
        await app.workers.wait_for_complete()
        await pilot.pause()

    app = CarecoordApp(monday, now=MONDAY, theme_name=theme)
    assert snap_compare(app, terminal_size=size, run_before=arrive)


@pytest.mark.parametrize("size", [NARROW, WIDE, (70, 20)], ids=["80x24", "120x36", "70x20"])
def test_unlock_prompt(
    snap_compare: Callable[..., bool],
    monday: PracticePaths,  # noqa: F811 - the fixture
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(unlock, "_short", lambda _: "~/.local/share/carecoord")  # not this run's folder
    app = CarecoordApp(monday, now=MONDAY)
    assert snap_compare(app, terminal_size=size)
