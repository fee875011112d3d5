"""Record logs in the terminal, by keys: the kind is proposed, columns and statuses answered, one change."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook
from textual.pilot import Pilot
from textual.widgets import Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.exchange.import_kinds import ranked
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.import_log import ImportLog, Step
from carecoord_tui.screens.import_screen import ImportScreen
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, paste, rows, shown, until

PLANS = (
    "MRN,Patient name,DOB,Payer,Member ID,Plan,Effective date\n"
    'MRN-3,"Cole, Rose",1948-05-06,Aetna,A-77,Gold,2026-01-01\n'
    ',"Cole, J.",1950-01-02,Aetna,A-78,Gold,2026-01-01\n'
    'MRN-77,"Nobody, Here",1901-01-01,Aetna,A-79,Gold,2026-01-01\n'
)


async def open_file(pilot: Pilot[None], app: CarecoordApp, path: Path) -> None:
    """Press the key, name the file."""
    await pilot.press("I")
    await arrive(pilot, app, "ImportScreen")
    await paste(pilot, str(path))
    await pilot.press("enter")


async def reach(pilot: Pilot[None], app: CarecoordApp, step: Step) -> ImportLog:
    """Wait for a step of the log's preview."""
    await until(pilot, lambda: front(app) == "ImportLog" and app.screen.has_class(f"-{step}"))
    await pilot.pause()
    screen = app.screen
    assert isinstance(screen, ImportLog)
    return screen


def said(app: CarecoordApp) -> str:
    return str(app.screen.query_one("#said", Static).content)


def plans(practice: Practice) -> list[tuple[object, ...]]:
    """The coverages beside the two that were there."""
    return rows(practice, "SELECT patient_id, member_id FROM coverage WHERE id > 2 ORDER BY member_id")


def written(tmp_path: Path, text: str, name: str = "list.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Last,First,DOB,MRN,Phone", "patients"),
        ("Name,DOB,Insurance,Member ID,Phone,Next step,Due,Notes", "patients"),
        ("MRN,Patient name,DOB,Specialty,Referred to,Status,Referral date,Date sent", "referrals"),
        ("MRN,Name,DOB,Payer,Member ID,Plan,Effective date,Termination date,Status", "coverages"),
        ("MRN,Name,DOB,Service,CPT,Authorization number,Status,Submitted,Units", "authorizations"),
        ("MRN,Name,DOB,Appointment date,Time,Visit type,Provider,Status", "appointments"),
        ("MRN,Patient,To do,Due,Priority", "follow-ups"),
        ("Name,DOB,Next step,Due", "patients"),
        ("Name,DOB,Phone,Task,Due", "patients"),
        ("Patient name,DOB,Task,Due date,Status", "follow-ups"),
        ("Name,DOB,To do,Last contact,Due", "follow-ups"),
        ("Patient,Task,Due date,Status,Notes", "follow-ups"),
        ("MRN,Payer,Wristband", "coverages"),
        ("Practice,NPI,Specialty,Phone,Fax,Address,City", "providers"),
    ],
)
def test_the_kind_is_proposed_from_the_header(headers: str, kind: str) -> None:
    assert ranked(headers.split(","))[0].name == kind


async def test_doubtful_people_are_decided_by_digit_and_one_change_writes(
    paths: PracticePaths, tmp_path: Path
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_file(pilot, app, written(tmp_path, PLANS))
        await reach(pilot, app, Step.PREVIEW)
        assert said(app).startswith("3 rows: 1 new · 1 with a doubtful patient · 1 refused.")
        assert "Cole, James" in shown(app) and "A-77" in shown(app)
        await pilot.press("1")
        await until(pilot, lambda: said(app).startswith("3 rows: 2 new · 1 refused."))
        assert plans(practice) == []
        await pilot.press("ctrl+s")
        await reach(pilot, app, Step.DONE)
        assert plans(practice) == [(3, "A-77"), (2, "A-78")]
        assert "2 added" in said(app)
        (rejects,) = paths.rejects.iterdir()
        assert rejects.name in said(app) and rejects.stat().st_mode & 0o777 == 0o600
        await pilot.press("u")
        await arrive(pilot, app, "ConfirmSheet")
        await pilot.press("y")
        await until(pilot, lambda: plans(practice) == [])
        assert rows(practice, "SELECT kind FROM import_mapping") == [("coverages",)]


async def test_nobody_leaves_the_row_out_and_esc_writes_nothing(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_file(pilot, app, written(tmp_path, PLANS))
        await reach(pilot, app, Step.PREVIEW)
        await pilot.press("n")
        await pilot.pause(0.2)
        assert "left out" in shown(app)
        await pilot.press("escape")
        await arrive(pilot, app, "ImportScreen")
        assert "Nothing was imported" in said(app)
        assert plans(practice) == [] and rows(practice, "SELECT * FROM import_mapping") == []


async def test_a_column_is_chosen_and_known_the_next_time(paths: PracticePaths, tmp_path: Path) -> None:
    path = written(tmp_path, "MRN,Payer,Wristband\nMRN-3,Aetna,A-77\n")
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await open_file(pilot, app, path)
        await reach(pilot, app, Step.PREVIEW)
        await pilot.press("tab")
        fields = app.screen.query_one("#fields", RecordList)
        assert app.screen.focused is fields and fields.move_to("member_id")
        await pilot.press("enter")
        await arrive(pilot, app, "ImportColumns")
        await pilot.press("enter")
        choices = app.screen.query_one("#choices", RecordList)
        assert choices.move_to(2) and "Wristband" in shown(app)
        await pilot.press("enter", "ctrl+s")
        await reach(pilot, app, Step.PREVIEW)
        await pilot.press("ctrl+s")
        await reach(pilot, app, Step.DONE)
        assert plans(practice) == [(3, "A-77")]
        await pilot.press("escape")
        await open_file(pilot, app, path)
        await reach(pilot, app, Step.PREVIEW)
        assert "Read as on" in said(app) and "Mon 30 Nov: 3 columns" in said(app)
        assert "1 unchanged" in said(app)


async def test_unknown_statuses_are_asked_once_and_remembered(paths: PracticePaths, tmp_path: Path) -> None:
    head = "MRN,Patient name,Service,Authorization number,Status,Submitted\n"
    path = written(tmp_path, f'{head}MRN-3,"Cole, Rose",Infusion,AU-1,with dr,11/20/2026\n')
    async with at_work(paths) as (pilot, app, practice):
        await open_file(pilot, app, path)
        await reach(pilot, app, Step.STATUS)
        assert said(app).startswith("Status “with dr” · 1 row. Which status is it?")
        assert "line 2: Cole, Rose" in said(app)
        key = next(line.split()[0] for line in said(app).splitlines() if " submitted" in line[:20])
        await pilot.press(key)
        await reach(pilot, app, Step.PREVIEW)
        await pilot.press("ctrl+s")
        await reach(pilot, app, Step.DONE)
        found = rows(practice, "SELECT patient_id, status FROM authorization WHERE id > 1")
        assert found == [(3, "submitted")]
        await pilot.press("escape")
        await open_file(pilot, app, path)
        await reach(pilot, app, Step.PREVIEW)  # not asked again
        assert "1 status word" in said(app)


async def test_a_workbook_of_several_sheets_asks_which(paths: PracticePaths, tmp_path: Path) -> None:
    book = Workbook()
    first = book.active
    assert first is not None
    first.title = "Readme"
    first.append(["This workbook belongs to the front desk"])
    for name in ("Plans", "More"):
        sheet = book.create_sheet(name)
        for line in ("MRN|Payer|Member ID", f"MRN-3|Aetna|{name}-1"):
            sheet.append(line.split("|"))
    path = tmp_path / "book.xlsx"
    book.save(path)
    async with at_work(paths) as (pilot, app, practice):
        await open_file(pilot, app, path)
        await until(pilot, lambda: app.screen.has_class("-sheet"))
        assert "2  Plans" in said(app) and "3  More" in said(app)
        await pilot.press("3")
        await reach(pilot, app, Step.PREVIEW)
        await pilot.press("ctrl+s")
        await reach(pilot, app, Step.DONE)
        assert plans(practice) == [(3, "More-1")]


async def test_ctrl_t_steps_through_the_kinds_that_fit(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, _):
        await open_file(pilot, app, written(tmp_path, PLANS))
        await reach(pilot, app, Step.PREVIEW)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: front(app) == "ImportScreen" and "Import patients from" in shown(app))
        assert isinstance(app.screen, ImportScreen)


async def test_privacy_masks_the_names(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, _):
        app.privacy = True
        await open_file(pilot, app, written(tmp_path, PLANS))
        await reach(pilot, app, Step.PREVIEW)
        assert "Cole" not in shown(app) and "C***" in shown(app)


def clear_copies(paths: PracticePaths, text: bytes) -> list[Path]:
    """Files of the practice that hold this in the clear, as a kill at this moment would leave them."""
    return [path for path in paths.root.rglob("*") if path.is_file() and text in path.read_bytes()]


async def test_a_pasted_table_is_read_and_leaves_no_file(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("I")
        await arrive(pilot, app, "ImportScreen")
        await paste(pilot, "MRN\tPayer\tMember ID\nMRN-3\tAetna\tA-77\n")
        await reach(pilot, app, Step.PREVIEW)
        assert clear_copies(paths, b"A-77") == []
        await pilot.press("ctrl+s")
        await reach(pilot, app, Step.DONE)
        assert plans(practice) == [(3, "A-77")]
        await pilot.press("escape")
        await until(pilot, lambda: front(app) == "TodayScreen")
        assert clear_copies(paths, b"A-77") == []
