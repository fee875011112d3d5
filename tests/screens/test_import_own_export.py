"""The program's own exports in the import screen: what can be read back, what only comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from carecoord_tui.exchange.exports.everything import export_everything
from carecoord_tui.paths import PracticePaths
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import at_work, front, rows, shown, until
from tests.screens.test_import_logs import open_file, said, written

LOST = "“Chart no.” is read as payer name, so MRN is left empty."


async def test_only_sheets_that_are_read_back_have_a_key(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        export_everything(practice, tmp_path / "all.xlsx")
        await open_file(pilot, app, tmp_path / "all.xlsx")
        await until(pilot, lambda: app.screen.has_class("-sheet"))
        assert "1  Patients" in said(app)
        keyed, listings = said(app).split("Come out only, nothing reads them back: ")
        assert "Notes" in listings and "Good-faith estimates" in listings
        assert "Notes" not in keyed and " more" not in keyed
        await pilot.press("1")
        await until(pilot, lambda: app.screen.has_class("-preview"))
        assert "unchanged" in said(app) and "new" not in said(app)


@pytest.mark.parametrize("table", ["notes", "good-faith-estimates"])
async def test_a_listing_is_refused_in_one_sentence(paths: PracticePaths, tmp_path: Path, table: str) -> None:
    async with at_work(paths) as (pilot, app, practice):
        export_everything(practice, tmp_path / "all")
        before = rows(practice, "SELECT count(*) FROM note")
        await open_file(pilot, app, tmp_path / "all" / f"{table}.csv")
        await until(pilot, lambda: "come out only" in said(app))
        assert front(app) == "ImportScreen" and app.screen.has_class("-file")
        assert "^t" not in said(app)
        assert rows(practice, "SELECT count(*) FROM note") == before


async def test_a_column_taken_from_another_field_is_said_in_the_preview(
    paths: PracticePaths, tmp_path: Path
) -> None:
    async with at_work(paths) as (pilot, app, _):
        path = written(tmp_path, "Chart no.,Last name,DOB,Phone\nMRN-3,Cole,1948-05-06,617 555 0100\n")
        await open_file(pilot, app, path)
        await until(pilot, lambda: app.screen.has_class("-preview"))
        assert "left empty" not in said(app)
        await pilot.press("c")
        await until(pilot, lambda: front(app) == "ImportColumns")
        app.screen.query_one("#fields", RecordList).move_to("payer_name")
        await pilot.press("enter")
        app.screen.query_one("#choices", RecordList).move_to(0)
        await pilot.press("enter")
        await until(pilot, lambda: LOST in said(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: front(app) == "ImportScreen" and app.screen.has_class("-preview"))
        await until(pilot, lambda: LOST in said(app))
        assert "“Chart no.” is read as payer name" in shown(app)
