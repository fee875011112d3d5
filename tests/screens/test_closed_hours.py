"""Somebody in another zone who takes no calls now: said in one form wherever a call would begin."""

from __future__ import annotations

from datetime import date, time

import pytest

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import Kind, WaitingOn
from carecoord_tui.domain.waiting import Waiting
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Patient, Payer, Provider, Setting
from tests.screens.bench import arrive, at_work, shown

CLOSED = "closed, opens 9am their time (noon here)"  # the practice is in New York, and it is 8am there
FOLLOW_UP = ItemRef(Kind.FOLLOW_UP, 1, "followup.due", 1)


def in_california(practice: Practice) -> None:
    """The payer, the office and the first patient take calls from 9 to 5 in Los Angeles."""
    with practice.change("hours") as session:
        for table in (Payer, Provider, Patient):
            record = session.get_one(table, 1)
            record.call_from, record.call_until = time(9), time(17)
            record.time_zone = "America/Los_Angeles"
            session.add(record)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_payer_office_and_patient_say_it_before_a_call(
    paths: PracticePaths, size: tuple[int, int]
) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        in_california(practice)
        humana = Waiting("Humana", WaitingOn.PAYER, payer_id=1)
        move(practice, [FOLLOW_UP], When(date(2026, 12, 4)), waiting_on=humana)
        for keys, screen in (("W", "WaitingScreen"), ("C", "ChaseScreen"), ("4Y", "PayerCallsScreen")):
            await pilot.press("1", *keys)
            await arrive(pilot, app, screen)
            line = next(line for line in shown(app).splitlines() if CLOSED in line)
            assert line.lstrip("▌▐ ").startswith(("Humana", "Silva Cardiology")), screen
            await pilot.press("g", "c")
            await pilot.pause()
            assert CLOSED in shown(app), f"the call from {screen}"
            await pilot.press("escape", "escape")


async def test_the_pane_and_the_contact_say_it_of_a_person(paths: PracticePaths) -> None:
    async with at_work(paths, size=(140, 36)) as (pilot, app, practice):
        in_california(practice)
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        await pilot.press("slash", *"nguyen", "enter")
        await pilot.pause()
        pane = [line.rpartition("|")[2] for line in shown(app).splitlines()]
        assert CLOSED in " ".join(" ".join(pane).split())
        await pilot.press("c")
        await arrive(pilot, app, "ContactSheet")
        assert CLOSED in shown(app)


async def test_the_two_bottom_lines_say_it_where_there_is_no_pane(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        in_california(practice)
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        await pilot.press("slash", *"nguyen", "enter")
        await pilot.pause()
        assert f"Nguyen, Thi  (555) 010-0134 mobile, {CLOSED}" in shown(app), shown(app)


async def test_who_gave_no_hours_is_called_in_the_practices_by_their_own_clock(paths: PracticePaths) -> None:
    async with at_work(paths, size=(140, 36)) as (pilot, app, practice):
        with practice.change("hours") as session:
            record = session.get_one(Patient, 1)
            record.time_zone = "America/Los_Angeles"
            session.add_all([record, Setting(key="call_from", value="08:30")])
        move(practice, [FOLLOW_UP], When(date(2026, 12, 4)), waiting_on=Waiting("x", WaitingOn.PATIENT))
        await pilot.press("W")
        await arrive(pilot, app, "WaitingScreen")
        words = "closed, opens 8:30am their time (11:30am here)"
        assert f"· {words} · 1 item" in shown(app)
