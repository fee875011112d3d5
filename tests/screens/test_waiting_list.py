"""The waiting list by keys: one call settles several, a digit leaves one out, grouped either way."""

from __future__ import annotations

from datetime import date, time

from rich.text import Text
from sqlmodel import col, select

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import Kind, MoveEvent, WaitingOn
from carecoord_tui.domain.waiting import Waiting
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.today import read_today
from carecoord_tui.store.tables import FollowUp, MovedDate, Payer
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
        assert "Humana, payer  (555) 010-0199 · 3 items · 1 past promise · " in text
        assert "Brandt, Ana, patient  (555) 010-0141" in text, "a confidential channel: the permitted number"
        assert "! Mon 30 Nov" in text
        assert "Fri 27 Nov" in text
        assert " 7d" in text, "since last Monday"


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


CALLED = {
    "Humana": "WaitingCallSheet",
    "Silva Cardiology": "WaitingCallSheet",
    "Dr. Hale": "WaitingCallSheet",
    "County Clinic": "WaitingCallSheet",  # noted under two spellings: one party
    "Brandt, Ana": "ContactSheet",
    "Nguyen, Thi": "ContactSheet",  # its item is the payer's, the patient is waited for
    "daughter": "ContactSheet",
}
PAYERS_ITEM = ItemRef(Kind.AUTHORIZATION, 1, "pa.federal.standard", 1)


def fill_every_kind(practice: Practice) -> None:
    """A heading of each kind, an event that is nobody's, and a row noted before kinds were kept."""
    with practice.change("more to wait for") as session:
        numbers = []
        for title, patient in (("Ask the office", 1), ("Ask Dr. Hale", 1), ("Records", 1), ("Records", 2)):
            one = FollowUp(patient_id=patient, title=title, due_on=TODAY)
            session.add(one)
            session.flush()
            numbers.append((one.id or 0, patient))
    named = (
        Waiting("Silva Cardiology", WaitingOn.OFFICE, provider_id=1),
        Waiting("Dr. Hale", WaitingOn.CLINICIAN),
        Waiting("county clinic"),
        Waiting("County Clinic"),
    )
    until_on = When(date(2026, 12, 4))
    for (number, patient), waiting in zip(numbers, named, strict=True):
        move(practice, [ref(number, patient)], until_on, waiting_on=waiting)
    move(practice, [ref(1, 1)], until_on, waiting_on=HUMANA)
    move(practice, [ref(4, 5)], until_on, waiting_on=Waiting("patient", WaitingOn.PATIENT))
    move(practice, [ref(3, 4)], until_on, waiting_on=Waiting("daughter", WaitingOn.FAMILY))
    move(practice, [PAYERS_ITEM], When(TODAY), waiting_on=Waiting("patient", WaitingOn.PATIENT))
    move(practice, [ref(2, 2)], until_on, event=MoveEvent.REPLY)
    with practice.change("as noted before kinds were kept") as session:
        moved = session.exec(select(MovedDate).where(col(MovedDate.waiting_on) == "county clinic")).one()
        moved.waiting_kind = moved.waiting_since = None
        session.add(moved)


async def test_c_works_on_every_heading_that_has_somebody_to_call(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        fill_every_kind(practice)
        await pilot.press("W")
        await arrive(pilot, app, "WaitingScreen")
        listing = app.screen.query_one(RecordList)
        headings = {
            row.cells[0].plain.partition("  ")[0]: row.id
            for row in listing.source[slice(0, listing.row_count)]
            if row.kind == "line" and isinstance(row.cells[0], Text)
        }
        assert len(headings) == len(CALLED) + 1
        event = next(row_id for heading, row_id in headings.items() if heading.startswith("until"))
        seen = {}
        for heading, row_id in headings.items():
            if row_id == event:
                continue
            assert listing.move_to(row_id)
            await pilot.press("c")
            await until(pilot, lambda: front(app) != "WaitingScreen")
            seen[next((name for name in CALLED if heading.startswith(name)), heading)] = front(app)
            await pilot.press("escape")
            await arrive(pilot, app, "WaitingScreen")
        assert seen == CALLED
        assert listing.move_to(event)
        await pilot.press("c")
        await pilot.pause()
        assert front(app) == "WaitingScreen"
        assert "nobody is named: b says who owes the next step" in said(app)
        await pilot.press("v")
        assert listing.move_to(("party", ("patient", 1, "")))
        await pilot.press("c")
        await arrive(pilot, app, "ContactSheet")


async def test_at_80_columns_what_it_is_for_is_seen_whole(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("long") as session:
            one = session.get(FollowUp, 1)
            assert one is not None
            one.title = "Get pulmonology appointment"
            session.add(one)
        await listed(pilot, app, practice)
        assert "Get pulmonology appointment" in shown(app)


async def test_today_and_the_list_count_the_same_past_promise(paths: PracticePaths) -> None:
    """Whatever lane the items stand in: one blocks a visit, one has its last day today."""
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        fill_waiting(practice)
        with practice.change("of other lanes") as session:
            for moved in session.exec(select(MovedDate)):
                moved.promised_on, moved.until_on = date(2026, 11, 27), TODAY
                session.add(moved)
            for number, legal in ((1, TODAY), (2, date(2026, 12, 1))):
                one = session.get(FollowUp, number)
                assert one is not None
                one.legal_on = legal
                session.add(one)
        await pilot.press("full_stop")
        await pilot.pause()
        assert "waiting 4, 4 past promise" in shown(app)
        await pilot.press("W")
        await arrive(pilot, app, "WaitingScreen")
        assert "Waiting 4 · 4 past promise" in shown(app)


async def test_without_a_promise_it_is_asked_about_on_the_day_itself(paths: PracticePaths) -> None:
    async with at_work(paths) as (_pilot, _app, practice):
        move(practice, [ref(1, 1)], When(TODAY), waiting_on=HUMANA)
        view = read_today(practice.execute, practice.moment())
        row = next(one for one in view.day.due if one.item.ref == ref(1, 1))
        assert row.days_late == 0, "asked on the day: nobody is late"
        assert view.past_promise == 0, "nobody promised anything"


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
