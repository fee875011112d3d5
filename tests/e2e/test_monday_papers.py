"""The Monday's papers by keys alone: the huddle sheet of the morning, the handoff of the evening."""

from __future__ import annotations

from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.screens.papers import PapersSheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.record_list import RecordList
from tests.e2e.conftest import Opened


def practice_of(pilot: Pilot[None]) -> Practice:
    app = pilot.app
    assert isinstance(app, CarecoordApp)
    assert app.practice is not None
    return app.practice


async def test_step_8_the_huddle_sheet_is_printed_with_what_the_team_needs(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        practice = practice_of(pilot)
        await pilot.press("L", "2", "p")
        await pilot.pause()
        assert (practice.paths.root / "papers" / "huddle-2026-11-30.pdf").read_bytes().startswith(b"%PDF")
        await pilot.press("right", "right", "x")
        await pilot.pause()
        text = (practice.paths.root / "papers" / "huddle-2026-12-02.txt").read_text("utf-8")
        assert "Rosa A., 1955 (71)" in text
        assert "Interpreter: Russian" in text
        phones = {str(row[0])[-4:] for row in practice.execute("SELECT number FROM patient_phone")}
        assert [phone for phone in phones if f"-{phone}" in text] == []
        assert practice.execute("SELECT count(*) FROM audit_event WHERE label = 'printed: huddle sheet'") == [
            (2,)
        ]


async def test_step_30_every_open_item_of_the_day_off_is_marked(open_monday: Opened) -> None:
    async with open_monday(now="2026-11-30T16:30") as pilot:
        practice = practice_of(pilot)
        await pilot.press("L", "3")
        await pilot.pause()
        sheet = pilot.app.screen
        assert isinstance(sheet, PapersSheet)
        listing = sheet.query_one(RecordList)
        await pilot.press("g", "j", "j", "h", "p")
        await pilot.pause()
        ((mark, back),) = practice.execute("SELECT mark, until_on FROM item_cover")
        assert (mark, back) == ("hold", "2026-12-02")
        assert (practice.paths.root / "papers" / "handoff-2026-12-01.pdf").read_bytes().startswith(b"%PDF")
        due = practice.execute("SELECT kind, record_id, rule_id FROM ledger WHERE target_on < '2026-12-02'")
        listed = {
            (row.id.kind.value, row.id.record_id, row.id.rule_id)
            for row in listing.source[slice(0, listing.row_count)]
        }
        assert due
        assert [key for key in due if key not in listed] == []
