"""Export by keys: where to, what is written, what is asked, and that it is logged."""

from __future__ import annotations

from pathlib import Path

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.documents import attach
from carecoord_tui.widgets.path_input import PathInput
from tests.screens.bench import arrive, at_work, front, rows, said, shown, to_row, until

EXPORTS = "SELECT label FROM audit_event WHERE change_kind = 'export'"


def name(app: object, path: Path) -> None:
    """Type a name in place of the proposal."""
    field = app.screen.query_one(PathInput)  # type: ignore[attr-defined]
    field.value = str(path)
    field.focus()


async def test_everything_as_a_workbook(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("X")
        await arrive(pilot, app, "ExportSheet")
        assert "leaves the encrypted file" in shown(app)
        await pilot.press("w")
        await pilot.pause()
        name(app, tmp_path / "all.xlsx")
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "TodayScreen")
        assert "tables written to" in said(app)
        assert (tmp_path / "all.xlsx").stat().st_mode & 0o777 == 0o600
        assert rows(practice, EXPORTS) == [("export of everything",)]


async def test_the_highlighted_patient_on_paper(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("X", "m")
        await arrive(pilot, app, "ExportSheet")
        assert "Nguyen" not in app.screen.query_one(PathInput).value
        name(app, tmp_path / "one.md")
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "TodayScreen")
        assert "Nguyen" in (tmp_path / "one.md").read_text()
        assert rows(practice, EXPORTS) == [("export of one patient",)]


async def test_a_file_that_is_there_is_asked_about(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        target = tmp_path / "all.xlsx"
        target.write_text("mine")
        await pilot.press("X", "w")
        await arrive(pilot, app, "ExportSheet")
        name(app, target)
        await pilot.press("enter")
        await pilot.pause()
        assert "enter again writes over it" in shown(app)
        assert target.read_text() == "mine"
        assert rows(practice, EXPORTS) == []
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "TodayScreen")
        assert target.read_bytes().startswith(b"PK")


async def test_a_place_that_cannot_be_written_is_said(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("X", "w")
        await arrive(pilot, app, "ExportSheet")
        name(app, tmp_path / "no" / "such" / "all.xlsx")
        await pilot.press("enter")
        await until(pilot, lambda: "cannot be written" in shown(app))
        assert front(app) == "ExportSheet"


async def test_records_marked_part_2_leave_only_when_somebody_says_so(
    paths: PracticePaths, tmp_path: Path
) -> None:
    report = tmp_path / "report.txt"
    report.write_text("Seen.\n", "utf-8")
    async with at_work(paths) as (pilot, app, practice):
        ((referral, patient),) = rows(practice, "SELECT id, patient_id FROM referral LIMIT 1")
        attach(practice, int(patient), report, referral_id=int(referral), is_part2=True)
        await pilot.press("X")
        await arrive(pilot, app, "ExportSheet")
        await pilot.press("f")
        assert "marked Part 2 or sensitive: Part 2 record: check consent before release" in " ".join(
            shown(app).split()
        )
        name(app, tmp_path / "without")
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "TodayScreen")
        assert "left out." in said(app)
        assert (tmp_path / "without" / "referrals.csv").read_text("utf-8-sig").count("\n") == 1
        await pilot.press("X")
        await arrive(pilot, app, "ExportSheet")
        await pilot.press("f")
        await pilot.pause()
        await pilot.press("shift+tab")
        await pilot.press("y")
        await pilot.pause()
        name(app, tmp_path / "with")
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "TodayScreen")
        assert "Silva" in (tmp_path / "with" / "referrals.csv").read_text("utf-8-sig")
        left_out, taken = (label for (label,) in rows(practice, EXPORTS))
        assert left_out.endswith("left out")
        assert taken.endswith("in it")
