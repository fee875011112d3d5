"""Keys that arrive in one read, as over a slow line, do what they would do one by one."""

from __future__ import annotations

import asyncio

from textual import events
from textual.widgets import Input

from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.eligibility_form import EligibilityForm
from tests.e2e.conftest import Opened, demo_folder, monday, open_monday  # noqa: F401 - fixtures
from tests.e2e.test_monday import practice_of
from tests.screens.bench import arrive, at_work, front, until


async def test_a_whole_quick_add_in_one_burst(open_monday: Opened) -> None:  # noqa: F811 - the fixture
    async with open_monday() as pilot:
        practice = practice_of(pilot)
        contacts = practice.execute("SELECT count(*) FROM contact")
        for key, character in _keys("+call Nguyen thu 2pm CGM assistance\n"):
            pilot.app.post_message(events.Key(key, character))
        sql = "SELECT count(*) FROM follow_up WHERE title LIKE '%CGM assistance%'"
        await until(pilot, lambda: practice.execute(sql) == [(1,)])
        title, due_on = practice.execute("SELECT title, due_on FROM follow_up ORDER BY id DESC LIMIT 1")[0]
        assert "CGM assistance" in title
        assert due_on == "2026-12-03"
        assert practice.execute("SELECT count(*) FROM contact") == contacts, "no letter reached the list"


async def test_move_and_contact_in_one_burst(open_monday: Opened) -> None:  # noqa: F811 - the fixture
    async with open_monday() as pilot:
        practice = practice_of(pilot)
        before = practice.execute("SELECT count(*) FROM contact")[0][0]
        for key, character in _keys("cncn"):
            pilot.app.post_message(events.Key(key, character))
        await until(pilot, lambda: practice.execute("SELECT count(*) FROM contact")[0][0] == before + 2)


async def test_keys_typed_while_a_sheet_is_being_opened_reach_its_input(open_monday: Opened) -> None:  # noqa: F811
    async with open_monday() as pilot:
        app = pilot.app
        app.post_message(events.Key("plus", "+"))
        while front(app) != "QuickAddSheet":
            await asyncio.sleep(0)
        for letter in "abc":
            app.post_message(events.Key(letter, letter))
        await until(pilot, lambda: any(line.value == "abc" for line in app.screen.query(Input)))


async def test_a_key_after_tab_never_reaches_the_field_that_is_left(paths: PracticePaths) -> None:
    """Tab is bound above the field; a digit typed behind it would choose in the row that is left."""
    async with at_work(paths) as (pilot, app, practice):
        patient_id = practice.execute("SELECT patient_id FROM coverage LIMIT 1")[0][0]
        app.push_screen(EligibilityForm(practice, patient_id, "Cole, James", appointment_id=None))
        await arrive(pilot, app, "EligibilityForm")
        burst = [("a", "a"), *[("tab", None)] * 3, *_keys("20"), ("tab", None), *_keys("1500")]
        for key, character in burst:
            app.post_message(events.Key(key, character))
        await until(pilot, lambda: app.screen.query_one("#deductible", Input).value == "1500")
        assert app.screen.query_one("#copay", Input).value == "20"


def _keys(text: str) -> list[tuple[str, str]]:
    names = {" ": "space", "+": "plus", "\n": "enter"}
    return [(names.get(letter, letter), "\r" if letter == "\n" else letter) for letter in text]
