"""Answers by one key: undo always wins, names are said, marked rows, approvals, extensions, re-ranking."""

from __future__ import annotations

from datetime import date

from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Authorization
from carecoord_tui.widgets.bars import FooterBar
from carecoord_tui.widgets.insurance_rows import LaneBar
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, rows, said, shown, until, write
from tests.screens.test_payer_calls import fill_visits

CHECKS = "SELECT result FROM eligibility_check WHERE checked_on = '2026-11-30' ORDER BY id"
AUTHORIZATION = "SELECT status, number, valid_to FROM authorization"


async def eligibility(pilot: Pilot[None], app: CarecoordApp, practice: Practice) -> RecordList:
    """The six visits of two days, the cursor on the first."""
    fill_visits(practice)
    await pilot.press("4", "E")
    await arrive(pilot, app, "InsuranceScreen")
    listing = app.screen.query_one(RecordList)
    await pilot.press("g")
    await pilot.pause()
    return listing


async def to_authorization(pilot: Pilot[None], app: CarecoordApp) -> None:
    await pilot.press("4", "A")
    await arrive(pilot, app, "InsuranceScreen")
    assert app.screen.query_one(RecordList).move_to("authorization:1")
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def test_u_on_the_next_card_takes_back_the_last_and_names_whose(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await eligibility(pilot, app, practice)
        await press(pilot, "o", "x")
        await until(pilot, lambda: rows(practice, CHECKS) == [("active",)])
        assert "Ames, Ann · Recorded: active, benefits not re-read." in shown(app)
        await press(pilot, "u")
        await until(pilot, lambda: rows(practice, CHECKS) == [])
        assert "Ames, Ann · Undone: " in shown(app)
        await press(pilot, "escape", "z", "x", "c")
        await until(pilot, lambda: rows(practice, CHECKS) == [("unable",)])
        assert "A***, A*** · Recorded: payer could not say." in shown(app)
        labels = rows(practice, "SELECT DISTINCT label FROM audit_event")
        assert not any("Ames" in str(label) for (label,) in labels)


async def test_undo_asks_unless_its_message_still_stands(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await eligibility(pilot, app, practice)
        await press(pilot, "x", "x", "j", "x", "x")
        await until(pilot, lambda: len(rows(practice, CHECKS)) == 2)
        assert "Recorded: active" in said(app)
        await press(pilot, "u")  # still said: no question, though the cursor has moved on
        assert front(app) == "InsuranceScreen"
        await until(pilot, lambda: len(rows(practice, CHECKS)) == 1)
        await press(pilot, "j", "j", "u")  # what is said now is about another change
        await arrive(pilot, app, "ConfirmSheet")
        assert "It was about Ames, Ann." in shown(app)
        await press(pilot, "y")
        await until(pilot, lambda: rows(practice, CHECKS) == [])
        assert said(app).startswith(" Ames, Ann · Undone: ")
        await press(pilot, "ctrl+r")
        assert said(app).startswith(" Ames, Ann · Back again: ")


async def test_marks_are_counted_and_one_key_answers_for_all(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await eligibility(pilot, app, practice)
        await press(pilot, "space", "space", "space")
        assert app.screen.query_one(FooterBar)._left.plain.startswith(" 3 marked  ")
        await press(pilot, "x")
        assert "One key: the same answer for all 3.   o one by one" in shown(app)
        await press(pilot, "x")
        await until(pilot, lambda: rows(practice, CHECKS) == [("active",)] * 3)
        assert said(app).startswith(" 3 patients · Recorded: active")


async def test_marked_visits_are_walked_one_by_one_with_their_own_answers(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await eligibility(pilot, app, practice)
        await press(pilot, *["space"] * 6, "x", "o")
        await arrive(pilot, app, "RunSettle")
        assert rows(practice, CHECKS) == []
        assert "6 marked   1 of 6" in shown(app)
        for key in ("x", "n", "c", "x", "n", "x"):
            await press(pilot, key)
        await arrive(pilot, app, "InsuranceScreen")
        found = [row[0] for row in rows(practice, CHECKS)]
        assert found == ["active", "inactive", "unable", "active", "inactive", "active"]


async def test_a_key_that_is_no_choice_says_which_are(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await eligibility(pilot, app, practice)
        await press(pilot, "x", "h")
        assert "h does nothing here. The keys: x n c;" in shown(app)
        assert rows(practice, CHECKS) == []


async def test_an_approval_asks_for_number_and_last_day(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_authorization(pilot, app)
        await press(pilot, "x", "x")
        assert "Auth. number" in shown(app)
        await write(pilot, "A7712")
        await press(pilot, "enter")
        await write(pilot, "2/28/2027")
        await press(pilot, "enter")
        await arrive(pilot, app, "InsuranceScreen")
        assert rows(practice, AUTHORIZATION) == [("approved", "A7712", "2027-02-28")]
        assert "Nguyen, Thi · Recorded: approved to Sun 28 Feb 2027." in said(app)
        owed = "SELECT title, due_on FROM follow_up WHERE source = 'authorization'"
        assert rows(practice, owed) == [("Tell patient, book: CGM sensors", "2026-12-01")]
        await press(pilot, "u")
        await until(pilot, lambda: rows(practice, AUTHORIZATION) == [("submitted", "", None)])
        assert rows(practice, owed) == [], "one change"


async def test_a_number_that_is_not_known_yet_stays_owed_until_it_is_in(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_authorization(pilot, app)
        await press(pilot, "x", "x", "enter")
        await write(pilot, "2/28/2027")
        await press(pilot, "enter")
        await arrive(pilot, app, "InsuranceScreen")
        assert "approved to Sun 28 Feb 2027, number owed.  u undoes it" in said(app)
        ledger = "SELECT rule_id, title FROM ledger WHERE kind = 'authorization'"
        assert rows(practice, ledger) == [("auth.number", "Enter authorization number: CGM sensors")]
        await press(pilot, "x", "x", "enter")
        assert "A word or two is needed" in shown(app)
        await write(pilot, "A7712")
        await press(pilot, "enter")
        await until(pilot, lambda: rows(practice, AUTHORIZATION) == [("approved", "A7712", "2027-02-28")])
        assert rows(practice, ledger)[0][0] == "auth.renewal"


async def test_an_extension_asks_for_the_letters_day_and_the_new_one(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_authorization(pilot, app)
        ledger = "SELECT target_on, legal_on FROM ledger WHERE kind = 'authorization'"
        assert rows(practice, ledger) == [("2026-11-30", "2026-12-01")]
        await press(pilot, "x", "e", "enter")
        assert "Letter of: a day is needed" in shown(app)
        await press(pilot, "e")
        await write(pilot, "11/27")
        await press(pilot, "enter")
        await write(pilot, "11/26/2026")
        await press(pilot, "enter")
        assert "The new day cannot be before the letter of Fri 27 Nov" in shown(app)
        await press(pilot, *["backspace"] * 10)
        await write(pilot, "12/9")
        await press(pilot, "enter")
        await arrive(pilot, app, "InsuranceScreen")
        assert rows(practice, "SELECT extended_on FROM authorization") == [("2026-11-27",)]
        assert rows(practice, ledger) == [("2026-12-08", "2026-12-15")], (
            "asked the day before the letter's day"
        )
        note = rows(practice, "SELECT note FROM authorization_event ORDER BY id DESC LIMIT 1")
        assert note == [("Payer extended its time: decision by Wed 9 Dec",)]


async def test_rows_out_of_order_are_counted_and_a_dot_ranks_them_anew(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("another request") as session:
            session.add(
                Authorization(
                    patient_id=2,
                    service="Boots",
                    status=AuthorizationStatus.NEEDED,
                    opened_on=date(2026, 11, 30),
                )
            )
        await to_authorization(pilot, app)
        await press(pilot, "x", "x")
        await write(pilot, "A1")
        await press(pilot, "enter")
        await write(pilot, "2/28/2027")
        await press(pilot, "enter")
        await arrive(pilot, app, "InsuranceScreen")
        bar, listing = app.screen.query_one(LaneBar), app.screen.query_one(RecordList)
        await until(pilot, lambda: "1 moved · . to re-rank" in bar._right.plain)

        def order() -> list[object]:
            return [row.id for row in listing.source[slice(0, listing.row_count)] if row.kind == "row"]

        before = order()
        await press(pilot, "full_stop")
        assert order() == before[::-1]
        assert listing.cursor_id == "authorization:1"
        await until(pilot, lambda: "moved" not in bar._right.plain)
