"""``x`` on a referral: two keys for one stage, the facts a step needs, and the refusals in the sheet."""

from __future__ import annotations

from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.settle import SettleSheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import at_work, front, rows, until


async def to_referral(pilot: Pilot[None], app: CarecoordApp, practice: Practice) -> int:
    """The cursor of Today on the bench's referral; returns its number."""
    ((number,),) = rows(practice, "SELECT id FROM referral")
    listing = app.screen.query_one(RecordList)
    listing.move_to(("referral", number, ""))
    await pilot.pause()
    assert listing.cursor_id == ("referral", number, "")
    return int(str(number))


async def open_sheet(pilot: Pilot[None], app: CarecoordApp) -> SettleSheet:
    await pilot.press("x")
    await until(pilot, lambda: isinstance(app.screen, SettleSheet))
    sheet = app.screen
    assert isinstance(sheet, SettleSheet)
    return sheet


async def test_one_stage_on_is_two_keys(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        number = await to_referral(pilot, app, practice)
        (before,) = rows(practice, "SELECT stage FROM referral WHERE id = ?", number)
        await pilot.press("x", "x")
        await until(pilot, lambda: front(app) == "TodayScreen")
        (after,) = rows(practice, "SELECT stage FROM referral WHERE id = ?", number)
        assert (before, after) == (("sent",), ("acknowledged",))


async def test_the_specialists_date_from_an_earlier_stage(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        number = await to_referral(pilot, app, practice)
        await open_sheet(pilot, app)
        await pilot.press("d", *"12/9", "space", *"10am", "enter")
        await until(pilot, lambda: front(app) == "TodayScreen")
        found = rows(practice, "SELECT stage, visit_on, visit_time FROM referral WHERE id = ?", number)
        assert found == [("scheduled", "2026-12-09", "10:00:00.000000")]


async def test_a_rejection_asks_why_and_a_digit_answers(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        number = await to_referral(pilot, app, practice)
        sheet = await open_sheet(pilot, app)
        await pilot.press("r")
        await pilot.pause()
        usual = str(sheet.query_one("#settle-usual").render())
        assert "not taking new patients" in usual
        await pilot.press("enter")
        await pilot.pause()
        assert front(app) == "SettleSheet", "no reason, no step"
        await pilot.press("1")
        await until(pilot, lambda: front(app) == "TodayScreen")
        found = rows(practice, "SELECT stage, stage_reason FROM referral WHERE id = ?", number)
        assert found == [("rejected", "not taking new patients")]


async def test_a_reason_in_own_words(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        number = await to_referral(pilot, app, practice)
        await open_sheet(pilot, app)
        await pilot.press("h", *"waits", "space", *"for", "space", *"son", "enter")
        await until(pilot, lambda: front(app) == "TodayScreen")
        found = rows(practice, "SELECT stage, stage_reason, held_stage FROM referral WHERE id = ?", number)
        assert found == [("on_hold", "waits for son", "sent")]


async def test_a_day_out_of_order_is_refused_in_the_sheet(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        number = await to_referral(pilot, app, practice)
        sheet = await open_sheet(pilot, app)
        await pilot.press("tab", *"1/5/2026", "enter", "x")
        await pilot.pause()
        assert front(app) == "SettleSheet"
        assert "before it was" in str(sheet.query_one("#sheet-problem").render())
        assert rows(practice, "SELECT stage FROM referral WHERE id = ?", number) == [("sent",)]


async def test_a_review_asks_for_the_clinician_when_nobody_is_known(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        number = await to_referral(pilot, app, practice)
        await pilot.press("x", "o")
        await until(pilot, lambda: front(app) == "TodayScreen")
        assert rows(practice, "SELECT stage FROM referral") == [("report_received",)]
        await to_referral(pilot, app, practice)
        await open_sheet(pilot, app)
        await pilot.press("x")
        await pilot.pause()
        assert front(app) == "SettleSheet"
        await pilot.press(*"Hale", "enter")
        await until(pilot, lambda: front(app) == "TodayScreen")
        found = rows(practice, "SELECT stage, reviewed_by FROM referral WHERE id = ?", number)
        assert found == [("reviewed", "Hale")]
