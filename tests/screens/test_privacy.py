"""With ``z`` on, no screen shows a phone number, a birth date, an MRN or a member ID of a person."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp, make_screen
from carecoord_tui.paths import PracticePaths
from tests.screens.bench import arrive, at_work, shown, to_row, until, write

NGUYEN = 1
SECRETS = (
    "Nguyen", "010-0134", "010-0135", "010-0141", "0134", "14 Mar 1961", "2 Jan 1950", "1961", "MRN-1",
    "MRN-2", "H123-45",
)  # fmt: skip
WIDE = (120, 36)


async def settled(pilot: Pilot[None]) -> None:
    """The person beside a list is drawn a moment after the cursor rests."""
    for _ in range(20):
        await pilot.pause(0.02)


def told(app: CarecoordApp) -> list[str]:
    return [secret for secret in SECRETS if secret in shown(app)]


@pytest.mark.parametrize("size", [(80, 24), WIDE])
async def test_todays_list_and_the_person_beside_it(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await until(pilot, lambda: "010-0134" in shown(app))
        await pilot.press("z")
        await settled(pilot)
        assert told(app) == []
        assert "***" in shown(app)
        await pilot.press("z")
        await until(pilot, lambda: "010-0134" in shown(app))


async def test_the_patients_list_and_the_jump(paths: PracticePaths) -> None:
    async with at_work(paths, size=WIDE) as (pilot, app, _):
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        await until(pilot, lambda: "14 Mar 1961" in shown(app))
        await pilot.press("z")
        await settled(pilot)
        assert told(app) == []
        app.action_jump()
        await arrive(pilot, app, "JumpSheet")
        await write(pilot, "thi")
        await settled(pilot)
        assert "***" in shown(app)
        assert told(app) == []


@pytest.mark.parametrize("tab", range(7))
async def test_every_tab_of_the_patient_page(paths: PracticePaths, tab: int) -> None:
    async with at_work(paths, size=WIDE) as (pilot, app, _):
        app.open_patient(NGUYEN)
        await arrive(pilot, app, "PatientPage")
        assert "MRN-1" in shown(app)
        await pilot.press("z", *["right"] * tab)
        await settled(pilot)
        assert told(app) == []


@pytest.mark.parametrize(
    ("key", "screen"),
    [("y", "CopySheet"), ("c", "ContactSheet"), ("n", "NoteSheet"), ("f2", "IncomingCallSheet")],
)
async def test_the_sheets_of_a_call(paths: PracticePaths, key: str, screen: str) -> None:
    async with at_work(paths, size=WIDE) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("z", key)
        await until(pilot, lambda: type(app.screen).__name__ != "TodayScreen")
        if key == "f2":
            await write(pilot, "thi")
            await settled(pilot)
            assert told(app) == []
            await pilot.press("enter")
        await settled(pilot)
        assert type(app.screen).__name__.startswith(screen[:4])
        assert told(app) == []


async def test_a_form_is_filled_with_what_is_on_file(paths: PracticePaths) -> None:
    """Masking is for looking; saving a form that held ``***`` would destroy the number."""
    async with at_work(paths, size=WIDE) as (pilot, app, practice):
        await pilot.press("z")
        app.push_screen(make_screen("patient_form", patient_id=NGUYEN))
        await arrive(pilot, app, "PatientForm")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: type(app.screen).__name__ == "TodayScreen")
        numbers = practice.execute("SELECT number FROM patient_phone WHERE patient_id = 1 ORDER BY rank")
        assert numbers == [("+15550100134",), ("+15550100135",)]
        assert practice.execute("SELECT mrn FROM patient WHERE id = 1") == [("MRN-1",)]
