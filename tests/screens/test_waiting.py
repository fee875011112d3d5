"""Waiting by keys: who, until when, several at once, and nobody any more."""

from __future__ import annotations

from datetime import date

from sqlmodel import select
from textual.widgets import Input

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import Kind, WaitingOn
from carecoord_tui.domain.waiting import Waiting
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.tables import MovedDate
from carecoord_tui.widgets.choice import ChoiceRow
from tests.screens.bench import ODD_TITLE, arrive, at_work, front, paste, rows, said, shown, to_row

MOVED = "SELECT kind, waiting_on, until_on, original_on FROM moved_date ORDER BY id"


async def test_the_payer_by_one_key_and_the_proposed_day(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("b", "p")
        await pilot.pause()
        assert "[p Humana]" in shown(app)
        assert "= Thu 3 Dec 2026" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, MOVED) == [("follow_up", "Humana", "2026-12-03", "2026-11-30")]
        assert "Waiting on Humana until Thu 3 Dec" in said(app)
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert rows(practice, MOVED) == []


async def test_a_referral_waits_for_its_office_with_enter_alone(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("g", "b")
        await pilot.pause()
        assert "[o Silva Cardiology]" in shown(app)
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert [row[:3] for row in rows(practice, MOVED)] == [("referral", "Silva Cardiology", "2026-12-03")]


async def test_the_proposal_never_passes_the_last_day_and_a_typed_one_is_refused(
    paths: PracticePaths,
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        item = next(r[0] for r in rows(practice, "SELECT title FROM ledger WHERE kind = 'authorization'"))
        await to_row(pilot, app, str(item))
        await pilot.press("b")
        await pilot.pause()
        assert "[p Humana]" in shown(app)
        assert "Last day Tue 1 Dec" in shown(app)
        await pilot.press("enter")
        await paste(pilot, "fri")
        await pilot.press("enter")
        await pilot.pause()
        assert "The last day is Tue 1 Dec" in shown(app)
        assert front(app) == "WaitingSheet"
        assert rows(practice, MOVED) == []
        await pilot.press("tab")
        await paste(pilot, "fri")
        app.screen.query_one("#waiting-promised Input", Input).value = ""
        await pilot.press("enter")
        await pilot.pause()
        assert "this cannot move to Fri 4 Dec" in shown(app)
        assert rows(practice, MOVED) == []
        app.screen.query_one("#waiting-until Input", Input).value = ""
        await pilot.press("enter")
        await pilot.pause()
        assert [row[:3] for row in rows(practice, MOVED)] == [("authorization", "Humana", "2026-12-01")]


async def test_somebody_typed_and_nobody_named(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, ODD_TITLE)
        await pilot.press("b", "enter")
        await pilot.pause()
        assert "Who owes the next step?" in shown(app)
        await pilot.press("e", "enter", "enter")
        await pilot.pause()
        assert "or type a name" in shown(app)
        assert rows(practice, MOVED) == []
        app.screen.query_one("#waiting-name", Input).focus()
        await paste(pilot, "her [b]son[/b]")
        assert app.screen.query_one(ChoiceRow).value == "somebody"
        await pilot.press("enter")
        await paste(pilot, "fri")
        await pilot.press("enter")
        await pilot.pause()
        assert [row[1:3] for row in rows(practice, MOVED)] == [("her [b]son[/b]", "2026-12-07")]
        assert "Waiting on her [b]son[/b] until Mon" in said(app)


async def test_marked_items_wait_in_one_change_and_one_undo(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("space")
        await to_row(pilot, app, "Send forms")
        await pilot.press("space", "b")
        await pilot.pause()
        assert "Waiting on somebody: 2 items" in shown(app)
        assert "p payer" in shown(app)  # theirs differ, so no name is offered
        await pilot.press("c", "enter")
        await pilot.pause()
        assert {row[1:3] for row in rows(practice, MOVED)} == {("clinician", "2026-12-03")}
        assert len(rows(practice, MOVED)) == 2
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert rows(practice, MOVED) == []


async def test_nobody_any_more_gives_the_item_back_today(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        ref = ItemRef(Kind.FOLLOW_UP, 1, "followup.due", 1)
        move(practice, [ref], When(date(2026, 12, 1)), waiting_on="Humana")
        await pilot.pause()
        await pilot.press("full_stop", "G", "enter")  # the waiting line opens its screen
        await arrive(pilot, app, "WaitingScreen")
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("b")
        await pilot.pause()
        assert "Now waiting: Humana, until Tue 1 Dec" in shown(app)
        await pilot.press("n")
        await pilot.pause()
        assert front(app) == "WaitingScreen"
        assert rows(practice, MOVED) == [("follow_up", "", "2026-11-30", "2026-11-30")]
        assert rows(practice, "SELECT waiting_on, target_on FROM ledger WHERE title = 'Call: CGM order'") == [
            ("", "2026-11-30")
        ]


PARTY = "SELECT waiting_kind, payer_id, provider_id, waiting_since, promised_on, until_on FROM moved_date"


async def test_a_promise_is_asked_about_the_working_day_after_and_since_stays(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("b", "p")
        await paste(pilot, "fri")
        assert "= Mon 7 Dec 2026" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert rows(practice, PARTY) == [("payer", 1, None, "2026-11-30", "2026-12-04", "2026-12-07")]
        ((target,),) = rows(practice, "SELECT target_on FROM ledger WHERE title = 'Call: CGM order'")
        assert target == "2026-12-07", "on the Monday it stands on Today again"
        with practice.change("as if noted last week") as session:
            moved = session.exec(select(MovedDate)).one()
            moved.waiting_since = date(2026, 11, 23)
            session.add(moved)
        ref = ItemRef(Kind.FOLLOW_UP, 1, "followup.due", 1)
        same = Waiting("Humana", WaitingOn.PAYER, payer_id=1)
        move(practice, [ref], When(date(2026, 12, 9)), waiting_on=same)
        assert rows(practice, PARTY) == [("payer", 1, None, "2026-11-23", None, "2026-12-09")]
        move(practice, [ref], When(date(2026, 12, 9)), waiting_on=Waiting("patient", WaitingOn.PATIENT))
        assert rows(practice, PARTY) == [("patient", None, None, "2026-11-30", None, "2026-12-09")]
        move(practice, [ref], When(date(2026, 12, 9)))
        assert rows(practice, PARTY) == [(None, None, None, None, None, "2026-12-09")]
