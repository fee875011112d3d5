"""The follow-up form by keys: new, recurring, changed; what is not understood is said and not saved."""

from __future__ import annotations

from datetime import UTC, datetime

from textual.widgets import Input

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.tables import FollowUp
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.date_input import DateInput
from tests.screens.bench import ODD_TITLE, at_work, front, paste, rows, said, shown, to_row, write

NEWEST = "SELECT title, kind, priority, due_on, due_at, recurrence FROM follow_up ORDER BY id DESC LIMIT 1"


async def test_a_new_follow_up_field_by_field(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("f")
        await pilot.pause()
        assert "New follow-up: Nguyen, Thi" in shown(app)
        await write(pilot, "chase lab")
        assert app.screen.query_one("#follow-up-kind", ChoiceRow).value == "chase"  # the verb says so
        await pilot.press("enter", "enter")  # the proposed day
        await pilot.press("v", "h")  # a visit, high: each key goes on to the next field
        await paste(pilot, "every 2 weeks")
        assert "= every 2 weeks on Tue, then Tue 15 Dec" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, NEWEST) == [
            ("chase lab", "visit", "high", "2026-12-01", None, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")
        ]
        assert "Nguyen, Thi · Added: chase lab, Tue 1 Dec 2026, every 2 weeks" in said(app)  # cut to the line


async def test_ctrl_s_saves_from_the_first_field_and_all_kinds_fit(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("f")
        await pilot.pause()
        for word in ("paperwork", "education", "assistance", "[o other]", "[n normal]"):
            assert word in shown(app)
        await paste(pilot, "Fax [b]form[/b]")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, NEWEST) == [("Fax [b]form[/b]", "paperwork", "normal", "2026-12-01", None, "")]
        assert "Fax [b]form[/b]" in said(app)


async def test_what_is_not_understood_stays_in_the_form(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        count = rows(practice, "SELECT count(*) FROM follow_up")
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("f", "ctrl+s")
        await pilot.pause()
        assert "needs a few words" in shown(app)
        await paste(pilot, "Call back")
        await pilot.press("enter")
        await paste(pilot, "soonish")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "not understood as a date" in shown(app)
        app.screen.query_one(DateInput).query_one(Input).value = "fri"
        app.screen.query_one("#follow-up-repeats", Input).value = "biweekly"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "can mean two things" in shown(app)
        assert app.screen.query_one("#follow-up-repeats", Input).has_focus
        assert front(app) == "FollowUpSheet"
        assert rows(practice, "SELECT count(*) FROM follow_up") == count


async def test_edit_shows_what_is_there_and_keeps_what_is_not_touched(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("e")
        await pilot.pause()
        assert "Change follow-up: Cole, James" in shown(app)
        assert app.screen.query_one("#follow-up-title", Input).value == "Gather papers"
        assert app.screen.query_one("#follow-up-repeats", Input).value == "weekly"
        due = app.screen.query_one(DateInput)
        assert due.text == "Mon 30 Nov 2026"
        due.query_one(Input).value = "thu 2pm"
        await paste(pilot, " now")
        await pilot.press("ctrl+s")
        await pilot.pause()
        changed = rows(
            practice,
            "SELECT title, due_on, due_at, recurrence FROM follow_up WHERE title LIKE 'Gather%'",
        )
        assert changed == [
            ("Gather papers now", "2026-12-03", "2026-12-03T19:00:00.000000+00:00", "FREQ=WEEKLY")
        ]
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, "SELECT count(*) FROM follow_up WHERE title = 'Gather papers'") == [(1,)]


async def test_a_time_is_shown_in_the_practices_zone_again(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("later") as session:
            record = session.get(FollowUp, 1)
            assert record is not None
            record.due_at = datetime(2026, 11, 30, 19, 30, tzinfo=UTC)
            session.add(record)
        await pilot.pause()
        await pilot.press("full_stop")
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("e")
        await pilot.pause()
        assert app.screen.query_one(DateInput).text == "Mon 30 Nov 2026, 2:30pm"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT due_at FROM follow_up WHERE id = 1") == [
            ("2026-11-30T19:30:00.000000+00:00",)
        ]


async def test_a_recurrence_can_be_ended(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("e")
        await pilot.pause()
        app.screen.query_one("#follow-up-repeats", Input).value = ""
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT recurrence FROM follow_up WHERE title = 'Gather papers'") == [("",)]


async def test_odd_names_and_titles_are_only_text(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_row(pilot, app, ODD_TITLE)
        await pilot.press("e")
        await pilot.pause()
        assert "Change follow-up: O'Neil [Jr] [/b]?[31m, Pat" in shown(app)
        assert "\x1b" not in shown(app)
