"""The waiting list by keys: one call settles several, a digit leaves one out, grouped either way."""

from __future__ import annotations

from datetime import date, time

from sqlmodel import col, select

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import Kind, WaitingOn
from carecoord_tui.domain.waiting import Waiting
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import MovedDate, Payer
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import TODAY, Pilot, arrive, at_work, front, rows, said, shown, until, write

HUMANA = Waiting("Humana", WaitingOn.PAYER, payer_id=1)
FOLLOW_UPS = [(1, 1), (2, 2), (3, 4)]  # of Nguyen, James Cole, O'Neil
MOVED = "SELECT record_id, waiting_on, promised_on, until_on FROM moved_date ORDER BY record_id"


def ref(number: int, patient_id: int) -> ItemRef:
    return ItemRef(Kind.FOLLOW_UP, number, "followup.due", patient_id)


def contacts(practice: Practice) -> list[tuple[object, ...]]:
    return rows(practice, "SELECT 1 FROM contact")


def fill_waiting(practice: Practice) -> None:
    """Three wait for Humana since last Monday, one past its promise; one for its patient."""
    with practice.change("hours") as session:
        payer = session.get(Payer, 1)
        assert payer is not None
        payer.phone, payer.call_from, payer.call_until = "+15550100199", time(8), time(17)
        session.add(payer)
    for number, patient_id in FOLLOW_UPS:
        promising = HUMANA.promising(date(2026, 12, 2))
        move(practice, [ref(number, patient_id)], When(date(2026, 12, 3)), waiting_on=promising)
    move(practice, [ref(4, 5)], When(date(2026, 12, 4)), waiting_on=Waiting("patient", WaitingOn.PATIENT))
    with practice.change("as if noted last week") as session:
        moved = session.exec(select(MovedDate).where(col(MovedDate.record_id) == 1)).one()
        moved.waiting_since, moved.promised_on = date(2026, 11, 23), date(2026, 11, 27)
        moved.until_on = TODAY
        session.add(moved)


async def listed(pilot: Pilot[None], app: CarecoordApp, practice: Practice) -> RecordList:
    fill_waiting(practice)
    await pilot.press("W")
    await arrive(pilot, app, "WaitingScreen")
    return app.screen.query_one(RecordList)


async def test_a_heading_says_whom_to_call_when_and_how_much(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await listed(pilot, app, practice)
        text = shown(app)
        assert "Humana, payer  (555) 010-0199 · calls 8am to 5pm · 3 items · 1 past promise" in text
        assert "Brandt, Ana, patient  (555) 010-0141" in text, "a confidential channel: the permitted number"
        assert "! Mon 30 Nov" in text
        assert "Fri 27 Nov" in text
        assert "Mon 23 Nov" in text


async def test_one_call_answers_two_and_the_unticked_one_waits_on(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await listed(pilot, app, practice)
        await pilot.press("g", "c")
        await arrive(pilot, app, "WaitingCallSheet")
        await pilot.press("2", "tab")
        await write(pilot, "REF 77")
        await pilot.press("tab")
        await write(pilot, "9")
        await pilot.press("tab")
        await write(pilot, "Ms. Ortiz")
        await pilot.press("enter", "a")
        await arrive(pilot, app, "WaitingScreen")
        assert rows(practice, MOVED)[:3] == [
            (1, "", None, "2026-11-30"),
            (2, "Humana", "2026-12-02", "2026-12-03"),
            (3, "", None, "2026-11-30"),
        ]
        log = "SELECT patient_id, outcome, reference, minutes, spoke_with, payer_id FROM contact ORDER BY 1"
        assert rows(practice, log) == [
            (1, "office_reached", "REF 77", 5, "Ms. Ortiz", 1),
            (4, "office_reached", "REF 77", 4, "Ms. Ortiz", 1),
        ]
        assert "2 items: yours today" in said(app)
        await pilot.press("u")
        await until(
            pilot, lambda: front(app) == "ConfirmSheet" or not rows(practice, "SELECT 1 FROM contact")
        )
        if front(app) == "ConfirmSheet":
            await pilot.press("y")
        await until(pilot, lambda: not contacts(practice))
        assert [row[1] for row in rows(practice, MOVED)] == ["Humana", "Humana", "Humana", "patient"]


async def test_promised_again_and_nobody_there(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        listing = await listed(pilot, app, practice)
        await pilot.press("g", "c", "tab", "tab", "tab", "tab")
        await write(pilot, "12/8")
        await pilot.press("enter", "n")
        await pilot.pause()
        assert front(app) == "WaitingCallSheet"
        assert "press p for promised again" in shown(app)
        assert rows(practice, "SELECT 1 FROM contact") == []
        await pilot.press("p")
        await arrive(pilot, app, "WaitingScreen")
        assert {row[1:] for row in rows(practice, MOVED)[:3]} == {("Humana", "2026-12-08", "2026-12-09")}
        assert rows(practice, "SELECT waiting_since FROM moved_date WHERE record_id = 1") == [("2026-11-23",)]
        assert listing.move_to(("party", ("payer", 1, "")))  # due later than the other party now
        await pilot.press("c", "m")
        await arrive(pilot, app, "WaitingScreen")
        await pilot.pause()
        assert {row[1:3] for row in rows(practice, MOVED)[:3]} == {("Humana", "2026-12-08")}
        outcomes = rows(practice, "SELECT outcome, count(*) FROM contact GROUP BY 1 ORDER BY 1")
        assert outcomes == [("office_message", 3), ("office_reached", 3)]


async def test_everything_unticked_and_two_parties_are_refused_with_words(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        listing = await listed(pilot, app, practice)
        await pilot.press("g", "c", "1", "2", "3", "a")
        await pilot.pause()
        assert "Nothing is ticked" in shown(app)
        assert rows(practice, "SELECT 1 FROM contact") == []
        await pilot.press("escape")
        await arrive(pilot, app, "WaitingScreen")
        for key in ("follow_up:1:followup.due", "follow_up:4:followup.due"):
            assert listing.move_to(key)
            await pilot.press("space")
        await pilot.press("c")
        await pilot.pause()
        assert front(app) == "WaitingScreen"
        assert "one call is to one party" in said(app)


async def test_by_patient_the_filter_and_back(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await listed(pilot, app, practice)
        await pilot.press("v")
        await pilot.pause()
        text = shown(app)
        assert "Nguyen, Thi  (555) 010-0134" in text
        assert "Humana: Call" in text
        await pilot.press("v", "slash")
        await write(pilot, "huma ngu")
        await until(pilot, lambda: "1 found" in shown(app))
        assert "Brandt" not in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: "Brandt" in shown(app))
        await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")


async def test_the_patient_is_called_where_the_patient_is_waited_for(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        listing = await listed(pilot, app, practice)
        assert listing.move_to("follow_up:4:followup.due")
        await pilot.press("c")
        await arrive(pilot, app, "ContactSheet")
