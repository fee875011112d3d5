"""Whom a call is about and who calls: relatives by name, small children, a number to call back on."""

from __future__ import annotations

from datetime import date

import pytest

from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.incoming_call import NO_NUMBER_ANYWHERE
from carecoord_tui.store.actions.patients import put_related_person
from carecoord_tui.store.tables import Patient
from carecoord_tui.widgets.answer_row import AnswerRow
from tests.screens.bench import arrive, at_work, front, rows, shown, write

JAMES = 2
CALLS = (
    "SELECT p.family_name, c.caller, c.relationship, c.callback_number FROM incoming_call c"
    " JOIN patient p ON p.id = c.patient_id"
)


@pytest.mark.parametrize("typed", ["mia", "Mia to", "torres, mia"])
async def test_a_relatives_name_finds_the_patient_and_is_the_caller(paths: PracticePaths, typed: str) -> None:
    async with at_work(paths) as (pilot, app, practice):
        put_related_person(practice, JAMES, name="Mía Torres", relationship="daughter")
        await pilot.press("f2")
        await arrive(pilot, app, "IncomingCallSheet")
        await write(pilot, typed)
        assert "Cole, James · Mía" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "[1 Mía Torres, daughter]" in shown(app)
        await pilot.press("enter")
        await write(pilot, "how is he")
        await pilot.press("enter", "n", "enter", "a", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, CALLS) == [("Cole", "Mía Torres", "daughter", "")]


async def test_masked_names_stay_masked_among_the_hits(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        put_related_person(practice, JAMES, name="Mia Torres", relationship="daughter")
        await pilot.press("z", "f2")
        await arrive(pilot, app, "IncomingCallSheet")
        await write(pilot, "mia t")
        assert "Torres" not in shown(app)
        assert "C***, J***" in shown(app)


async def test_a_call_back_without_any_number_is_asked_about_once(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("f2")
        await arrive(pilot, app, "IncomingCallSheet")
        await write(pilot, "Zora Newcomer")
        await pilot.press("enter", "enter")
        await write(pilot, "wants a visit")
        await pilot.press("enter", "n", "enter", "m", "ctrl+s")
        await pilot.pause()
        assert NO_NUMBER_ANYWHERE in " ".join(shown(app).split())
        assert app.focused is app.screen.query_one("#callback")
        assert rows(practice, CALLS) == []
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, CALLS) == [("Newcomer", "", "", "")]


async def test_a_number_on_file_is_enough_to_call_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("f2", *"0134", "enter", "enter")
        await write(pilot, "wants a visit")
        await pilot.press("enter", "n", "enter", "m", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, CALLS) == [("Nguyen", "", "", "")]


async def test_a_small_child_is_not_taken_for_the_caller(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("children") as session:
            for name, born in (("Newborn", date(2026, 11, 20)), ("Teen", date(2014, 11, 30))):
                session.add(
                    Patient(
                        family_name=name, given_name="Kit", birth_date=born, check_in_on=date(2026, 12, 2)
                    )
                )
        for name, caller in (("newborn", None), ("teen", "patient")):
            await pilot.press("f2")
            await arrive(pilot, app, "IncomingCallSheet")
            await write(pilot, name)
            await pilot.press("enter")
            await pilot.pause()
            assert app.screen.query_one("#caller", AnswerRow).value == caller
            await pilot.press("escape")
            await pilot.pause()
            if front(app) == "IncomingCallSheet":
                await pilot.press("escape")
            await arrive(pilot, app, "TodayScreen")
