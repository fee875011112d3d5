"""The Monday of the design, by keys alone through the real app. It grows with every issue."""

from __future__ import annotations

from datetime import date, datetime

from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.screens.today import TodayScreen
from carecoord_tui.store import audit, ledger
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.bars import FooterBar
from carecoord_tui.widgets.record_list import RecordList
from tests.conftest import ZONE
from tests.e2e.conftest import Opened, type_text


def practice_of(pilot: Pilot[None]) -> Practice:
    app = pilot.app
    assert isinstance(app, CarecoordApp)
    assert app.practice is not None
    return app.practice


def today_of(pilot: Pilot[None]) -> TodayScreen:
    screen = pilot.app.screen
    assert isinstance(screen, TodayScreen)
    return screen


def said(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one(FooterBar)._left)


async def test_step_1_alvarez_stands_on_top_and_why_names_thanksgiving(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        subject = today_of(pilot).subject()
        assert subject.patient_name == "Alvarez, Rosa"
        assert subject.first is not None
        assert subject.first.item.rule_id == "tcm.contact"
        assert subject.first.item.legal_on == date(2026, 11, 30)
        assert "Thanksgiving" in subject.first.item.why
        await pilot.press("w")
        await pilot.pause()
        text = str(pilot.app.screen.query_one("#why-text").render())
        assert "Thanksgiving" in text
        assert "tcm.contact" in text
        assert "77 FR 68978" in text
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, TodayScreen)


async def test_step_2_no_answer_stays_due_later_today_at_least_three_hours_on(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        practice = practice_of(pilot)
        alvarez = today_of(pilot).subject().patient_id
        before = practice.clock.now()
        await pilot.press("c", "m")
        await pilot.pause()
        rows = practice.execute(
            "SELECT outcome, about_kind FROM contact WHERE patient_id = ? ORDER BY id DESC LIMIT 1", [alvarez]
        )
        assert rows == [("left_minimal_message", "transition")]
        target_on, target_at, progress = practice.execute(
            "SELECT target_on, target_at, progress FROM ledger"
            " WHERE patient_id = ? AND rule_id = 'tcm.contact'",
            [alvarez],
        )[0]
        assert (target_on, progress) == ("2026-11-30", "1/3")
        assert (datetime.fromisoformat(target_at) - before).total_seconds() >= 3 * 3600
        assert datetime.fromisoformat(target_at).astimezone(ZONE).date() == date(2026, 11, 30)
        assert today_of(pilot).subject().patient_id == alvarez, "the cursor stays on the record"
        assert "left minimal message" in said(pilot)


async def test_step_14_quick_add_is_previewed_and_accepted(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        practice = practice_of(pilot)
        await pilot.press("plus")
        await pilot.pause()
        await type_text(pilot, "call Nguyen thu 2pm CGM assistance")
        await pilot.pause(0.1)
        preview = " ".join(str(widget.render()) for widget in pilot.app.screen.query("Static"))
        assert "Nguyen, Thi" in preview
        assert "3 Dec" in preview
        assert "2pm" in preview
        await pilot.press("enter")
        await pilot.pause()
        title, kind, due_on, due_at, name = practice.execute(
            "SELECT f.title, f.kind, f.due_on, f.due_at, p.family_name FROM follow_up f"
            " JOIN patient p ON p.id = f.patient_id ORDER BY f.id DESC LIMIT 1"
        )[0]
        assert name == "Nguyen"
        assert kind == "call"
        assert "CGM assistance" in title
        assert due_on == "2026-12-03"
        assert datetime.fromisoformat(due_at).astimezone(ZONE) == datetime(2026, 12, 3, 14, 0, tzinfo=ZONE)


async def test_step_15_undo_and_redo_and_the_audit_shows_all_three(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        practice = practice_of(pilot)

        def follow_ups() -> int:
            return int(practice.execute("SELECT count(*) FROM follow_up")[0][0])

        start = follow_ups()
        await pilot.press("plus")
        await pilot.pause()
        await type_text(pilot, "call Nguyen thu 2pm CGM assistance")
        await pilot.press("enter")
        await pilot.pause()
        assert follow_ups() == start + 1
        await pilot.press("u")
        await pilot.pause()
        if not isinstance(pilot.app.screen, TodayScreen):  # asked, because it was another patient's
            await pilot.press("y")
            await pilot.pause()
        assert follow_ups() == start
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert follow_ups() == start + 1
        kinds = practice.execute(
            "SELECT change_kind, action FROM audit_event WHERE table_name = 'follow_up'"
            " ORDER BY seq DESC LIMIT 3"
        )
        assert kinds == [("redo", "insert"), ("undo", "delete"), ("do", "insert")]


async def test_step_30_lock_unlock_nothing_without_action_audit_whole_backup(open_monday: Opened) -> None:
    async with open_monday(now="2026-11-30T16:30") as pilot:
        practice = practice_of(pilot)
        await pilot.press("c", "n")
        await pilot.pause()
        await pilot.press("ctrl+l")
        await pilot.pause()
        visible = " ".join(str(widget.render()) for widget in pilot.app.screen.query("Static"))
        assert "Alvarez" not in visible
        await pilot.press("ctrl+k")
        await pilot.pause()
        assert pilot.app.is_locked  # type: ignore[attr-defined]
        await type_text(pilot, "demo")
        await pilot.press("enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(pilot.app.screen, TodayScreen)
        with practice.read() as connection:
            report = ledger.differences(connection, practice.context)
            assert report.is_equal
            assert not report.missing
            assert audit.verify(connection, practice.audit_key()).broken_at is None
        from carecoord_tui.store.backup import backup, verify_backup

        paths = practice.paths
        made = backup(
            paths.database,
            paths.keyfile,
            paths.anchor,
            paths.backups,
            practice.data_key,
            datetime(2026, 11, 30, 21, 30, tzinfo=ZONE),
        )
        assert verify_backup(made, "demo") is not None


async def test_the_morning_by_keys_leaves_no_hole(open_monday: Opened) -> None:
    """A run of ordinary verbs; the cursor keeps its record and the ledger stays whole after each."""
    async with open_monday() as pilot:
        practice = practice_of(pilot)
        for keys in (
            ["c", "n"],
            ["j", "j", "s", "enter"],
            ["j", "c", "o"],
            ["j", "s", "F"],
            ["u"],
            ["ctrl+r"],
        ):
            await pilot.press(*keys)
            await pilot.pause()
            if not isinstance(pilot.app.screen, TodayScreen):
                await pilot.press("y")
                await pilot.pause()
            assert isinstance(pilot.app.screen, TodayScreen), keys
            assert pilot.app.screen.query_one(RecordList).cursor_id is not None
            with practice.read() as connection:
                report = ledger.differences(connection, practice.context)
            assert report.is_equal, keys
            assert not report.missing, keys
