"""With ``z`` on, no screen shows a phone number, a birth date, an MRN or a member ID of a person."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp, make_screen
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.coverage_order_sheet import CoverageOrderSheet
from carecoord_tui.screens.eligibility_form import EligibilityForm
from carecoord_tui.screens.import_opening import Step
from carecoord_tui.screens.merge import MergeScreen
from carecoord_tui.store.queries.merging import read_merge
from carecoord_tui.store.tables import Coverage, Patient
from tests.exchange.x12.make import eligibility
from tests.exchange.x12.make import write as write_answers
from tests.screens.bench import arrive, at_work, front, paste, shown, to_row, until, write
from tests.screens.test_import_answers import look, nguyen

NGUYEN = 1
SECRETS = (
    "Nguyen", "010-0134", "010-0135", "010-0141", "0134", "14 Mar 1961", "2 Jan 1950", "1961", "MRN-1",
    "MRN-2", "H123-45",
)  # fmt: skip
WIDE = (120, 36)


async def settled(pilot: Pilot[None]) -> None:
    """The person beside a list is drawn a moment after the cursor rests."""
    for _ in range(20):
        await pilot.pause(0.02)


def told(app: CarecoordApp) -> list[str]:
    return [secret for secret in SECRETS if secret in shown(app)]


@pytest.mark.parametrize("size", [(80, 24), WIDE])
async def test_todays_list_and_the_person_beside_it(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await until(pilot, lambda: "010-0134" in shown(app))
        await pilot.press("z")
        await settled(pilot)
        assert told(app) == []
        assert "***" in shown(app)
        await pilot.press("z")
        await until(pilot, lambda: "010-0134" in shown(app))


async def test_the_patients_list_and_the_jump(paths: PracticePaths) -> None:
    async with at_work(paths, size=WIDE) as (pilot, app, _):
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        await until(pilot, lambda: "14 Mar 1961" in shown(app))
        await pilot.press("z")
        await settled(pilot)
        assert told(app) == []
        app.action_jump()
        await arrive(pilot, app, "JumpSheet")
        await write(pilot, "thi")
        await settled(pilot)
        assert "***" in shown(app)
        assert told(app) == []


@pytest.mark.parametrize("tab", range(7))
async def test_every_tab_of_the_patient_page(paths: PracticePaths, tab: int) -> None:
    async with at_work(paths, size=WIDE) as (pilot, app, _):
        app.open_patient(NGUYEN)
        await arrive(pilot, app, "PatientPage")
        assert "MRN-1" in shown(app)
        await pilot.press("z", *["right"] * tab)
        await settled(pilot)
        assert told(app) == []


@pytest.mark.parametrize(
    ("key", "screen"),
    [("y", "CopySheet"), ("c", "ContactSheet"), ("n", "NoteSheet"), ("f2", "IncomingCallSheet")],
)
async def test_the_sheets_of_a_call(paths: PracticePaths, key: str, screen: str) -> None:
    async with at_work(paths, size=WIDE) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("z", key)
        await until(pilot, lambda: type(app.screen).__name__ != "TodayScreen")
        if key == "f2":
            await write(pilot, "thi")
            await settled(pilot)
            assert told(app) == []
            await pilot.press("enter")
        await settled(pilot)
        assert type(app.screen).__name__.startswith(screen[:4])
        assert told(app) == []


async def test_the_eligibility_sheet(paths: PracticePaths) -> None:
    async with at_work(paths, size=WIDE) as (pilot, app, practice):
        await pilot.press("z")
        app.push_screen(EligibilityForm(practice, NGUYEN, "Nguyen, Thi"))
        await arrive(pilot, app, "EligibilityForm")
        await settled(pilot)
        assert "member *** · born ***" in shown(app)
        assert told(app) == []


async def test_two_records_side_by_side(paths: PracticePaths) -> None:
    async with at_work(paths, size=WIDE) as (pilot, app, practice):
        with practice.change("reach") as session:
            session.get_one(Patient, NGUYEN).email = "thi1961@example.org"
            session.get_one(Patient, NGUYEN).address_line = "0134 Elm"
        found = read_merge(practice.execute, NGUYEN, 2)
        assert found is not None
        await pilot.press("z")
        app.push_screen(MergeScreen(practice, found))
        await arrive(pilot, app, "MergeScreen")
        await settled(pilot)
        assert "***" in shown(app)
        assert told(app) == []
        await pilot.press("space", "w")
        await settled(pilot)
        assert told(app) == []


async def test_who_pays_first_between_two_plans_of_one_name(paths: PracticePaths) -> None:
    async with at_work(paths, size=WIDE) as (pilot, app, practice):
        with practice.change("second plan") as session:
            payer = session.get_one(Coverage, 1).payer_id
            session.add(Coverage(patient_id=NGUYEN, payer_id=payer, member_id="H123-46", rank=2))
        await pilot.press("z")
        app.push_screen(CoverageOrderSheet(practice, NGUYEN, "Nguyen, Thi"))
        await arrive(pilot, app, "CoverageOrderSheet")
        assert "Humana, plan 1, Humana, plan 2" in shown(app)
        assert told(app) == []


@pytest.mark.parametrize(("born", "member", "says"), [("14", "45", "Writes"), ("15", "99", "Who is it?")])
async def test_a_payers_answer_and_whom_it_may_be_about(
    paths: PracticePaths, tmp_path: Path, born: str, member: str, says: str
) -> None:
    text = nguyen(eligibility("EB*1**30")).replace("19610314", f"196103{born}")
    async with at_work(paths, size=WIDE) as (pilot, app, _):
        await pilot.press("z")
        await look(pilot, app, write_answers(tmp_path, text.replace("H123-45", f"H123-{member}")))
        await settled(pilot)
        assert says in shown(app) and "N***" in shown(app) and "born ***" in shown(app)
        assert told(app) == []
        assert "H123" not in shown(app) and "NGUYEN" not in shown(app)


async def opened(pilot: Pilot[None], app: CarecoordApp, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    await pilot.press("I")
    await arrive(pilot, app, "ImportScreen")
    await paste(pilot, str(path))
    await pilot.press("enter")


async def test_the_preview_of_a_patient_list(paths: PracticePaths, tmp_path: Path) -> None:
    text = (
        "Last name,First name,DOB,MRN,Phone,City\nNguyen,Thi,1961-03-14,MRN-1,555-010-0155,Salem\n"
        "Nguyen,Thi,1961-03-14,MRN-77,555-010-0134,\nCole,James,1950-01-02,MRN-2,,\n"
    )
    async with at_work(paths, size=(120, 60)) as (pilot, app, _):
        await pilot.press("z")
        await opened(pilot, app, tmp_path / "list.csv", text)
        await until(pilot, lambda: app.screen.has_class(f"-{Step.PREVIEW}"))
        await settled(pilot)
        assert "N***, T***" in shown(app) and "Columns" in shown(app)
        assert [one for one in (*SECRETS, "MRN-77", "0155", "1950") if one in shown(app)] == []


async def test_the_preview_of_a_record_log(paths: PracticePaths, tmp_path: Path) -> None:
    text = (
        "Patient,DOB,Payer,Member ID,Plan\nThi Nguyen,1961-03-14,Humana,H123-45,Gold\n"
        "Thi Nguyen,,Humana,H123-88,Gold\nThi Nguyen,1961-03-14,Humana,H123-45,Silver\n"
    )
    async with at_work(paths, size=(120, 60)) as (pilot, app, _):
        await pilot.press("z")
        await opened(pilot, app, tmp_path / "plans.csv", text)
        await until(pilot, lambda: front(app) == "ImportLog" and app.screen.has_class("-preview"))
        for _row in range(3):
            await settled(pilot)
            assert "Member ID" in shown(app) and "N***, T***" in shown(app)
            assert told(app) == [] and "H123" not in shown(app)
            await pilot.press("j")
        app.screen.query_one("#fields").focus()
        await pilot.press("enter")
        await arrive(pilot, app, "ImportColumns")
        assert told(app) == [] and "H123" not in shown(app)
        await pilot.press("enter")
        await settled(pilot)
        assert told(app) == [] and "H123" not in shown(app)


async def test_a_form_is_filled_with_what_is_on_file(paths: PracticePaths) -> None:
    """Masking is for looking; saving a form that held ``***`` would destroy the number."""
    async with at_work(paths, size=WIDE) as (pilot, app, practice):
        await pilot.press("z")
        app.push_screen(make_screen("patient_form", patient_id=NGUYEN))
        await arrive(pilot, app, "PatientForm")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: type(app.screen).__name__ == "TodayScreen")
        numbers = practice.execute("SELECT number FROM patient_phone WHERE patient_id = 1 ORDER BY rank")
        assert numbers == [("+15550100134",), ("+15550100135",)]
        assert practice.execute("SELECT mrn FROM patient WHERE id = 1") == [("MRN-1",)]
