"""The calls of the Monday (step 9), by keys alone through the real app."""

from __future__ import annotations

from datetime import date, datetime

from carecoord_tui.domain.incoming import QUESTION, SCRIPT
from carecoord_tui.domain.ranking import Lane
from carecoord_tui.domain.rows import Entry
from carecoord_tui.screens.today import TodayScreen
from carecoord_tui.store.queries.history import read_timeline
from tests.conftest import ZONE
from tests.e2e.conftest import Opened, type_text
from tests.e2e.test_monday_referrals import assert_whole, parts
from tests.screens.bench import arrive, shown


async def test_step_9_chest_pain_the_script_read_handed_over_with_its_time_and_logged(
    open_monday: Opened,
) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        ((alvarez, number),) = practice.execute(
            "SELECT p.id, f.number FROM patient p JOIN patient_phone f ON f.patient_id = p.id"
            " WHERE p.family_name = 'Alvarez' AND p.given_name = 'Rosa' AND f.rank = 1"
        )
        before = practice.clock.now()
        await pilot.press("plus")  # the phone rings in the middle of a line
        await type_text(pilot, "call Nguyen thu 2pm")
        await pilot.press("f2", *number[-4:], "enter", "enter")
        await arrive(pilot, app, "IncomingCallSheet")
        assert "Alvarez, Rosa" in shown(app)
        assert QUESTION in shown(app)
        assert SCRIPT in shown(app)
        await type_text(pilot, "chest pain since breakfast")
        await pilot.press("enter", "y", "enter", "h")
        assert app.screen.query_one("#handed-to").value  # type: ignore[attr-defined] # her own clinician
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "QuickAddSheet")
        assert "call Nguyen thu 2pm" in shown(app)
        await pilot.press("escape")
        if not isinstance(app.screen, TodayScreen):
            await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")

        call = practice.execute(
            "SELECT patient_id, reason, is_safety, script_read, disposition, handed_to, handed_at,"
            " accepted_at FROM incoming_call"
        )
        (patient_id, reason, is_safety, script_read, done, handed_to, handed_at, accepted_at) = call[0]
        assert (patient_id, reason, is_safety, script_read) == (alvarez, "chest pain since breakfast", 1, 1)
        assert (done, accepted_at) == ("handed_to_clinician", None)
        assert before <= datetime.fromisoformat(handed_at) <= practice.clock.now()
        assert datetime.fromisoformat(handed_at).astimezone(ZONE).date() == date(2026, 11, 30)

        await pilot.press("g")
        assert isinstance(app.screen, TodayScreen)
        first = app.screen.subject().first
        assert first is not None
        assert (first.lane, first.title) == (
            Lane.SAFETY,
            f"Accepted? chest pain since breakfast, {handed_to}",
        )
        assert first.item.target_on == date(2026, 11, 30)
        assert_whole(practice)

        await pilot.press("x", "x")  # "Dr. __ has her": accepted by the clinician last named
        await arrive(pilot, app, "TodayScreen")
        ((accepted_by, accepted_at),) = practice.execute("SELECT accepted_by, accepted_at FROM incoming_call")
        assert accepted_by == handed_to
        assert datetime.fromisoformat(accepted_at) >= datetime.fromisoformat(handed_at)
        assert_whole(practice)
        lines = [line for line in read_timeline(practice.execute, alvarez) if line.entry is Entry.CALL]
        accepted, called = lines
        assert accepted.text == f"accepted by {handed_to}: chest pain since breakfast"
        assert called.detail == f"handed to {handed_to}, 911 and 988 read out"
