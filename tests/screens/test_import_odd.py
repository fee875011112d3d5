"""Odd rows, the status proposed and the order of dates on the import screens, by keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.exchange.import_patients import NeedsDateOrder, import_patients
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens import log_work
from carecoord_tui.screens.import_opening import Step
from carecoord_tui.screens.import_screen import ImportScreen
from carecoord_tui.store.actions.settings import put_settings
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import at_work, front, rows, shown, until
from tests.screens.test_import_logs import open_file, reach, said, written

VISITS = (
    "MRN,Patient name,Date,Time,Type,Provider,Status\n"
    'MRN-3,"Cole, Rose",2026-12-15,8:30 AM,booked,Dr Wu,Confirmed\n'
    'MRN-3,"Cole, Rose",2026-12-16,8:30 AM,Follow-up,Dr Wu,Confirmed\n'
)
PEOPLE = (
    "MRN,Last name,First name,DOB,Phone,City,Payer,Member ID\n"
    "M2001,Hale,Ann,1970-01-02,(555) 010-0101,Salem,Aetna,W11112222\n"
    "M2002,Hart,Bea,1971-01-02,(555) 010-0102,Salem,W33334444,Aetna\n"
)
DATES = "MRN,Last name,First name,DOB\nM3001,Hale,Ann,03/04/1970\nM3002,Hart,Bea,05/06/1971\n"


def visits(practice: Practice) -> list[tuple[object, ...]]:
    return rows(practice, "SELECT title, status FROM appointment ORDER BY id DESC LIMIT 2")


async def test_confirmed_takes_enter_and_an_odd_row_a(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        before = rows(practice, "SELECT count(*) FROM appointment")
        await open_file(pilot, app, written(tmp_path, VISITS))
        await reach(pilot, app, log_work.Step.STATUS)
        assert "“Confirmed” · 1 row" in said(app)  # the slipped row asks nothing
        assert "enter  booked, and the patient confirmed" in said(app) and "did not come" in said(app)
        await pilot.press("enter")
        await reach(pilot, app, log_work.Step.PREVIEW)
        assert said(app).startswith("2 rows: 1 new · 1 held back as odd.")
        assert rows(practice, "SELECT count(*) FROM appointment") == before


async def test_an_odd_row_is_explained_taken_and_held_back_again(
    paths: PracticePaths, tmp_path: Path
) -> None:
    text = VISITS.replace("Confirmed", "Booked")
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await open_file(pilot, app, written(tmp_path, text))
        await reach(pilot, app, log_work.Step.PREVIEW)
        assert said(app).startswith("2 rows: 1 new · 1 held back as odd.")
        assert app.screen.query_one("#rows", RecordList).cursor_id == 2  # what is unclear stands first
        await until(pilot, lambda: "take it as it stands" in shown(app))
        assert "“Type” holds a status" in shown(app) and "odd?" in shown(app)
        await pilot.press("a")
        await until(pilot, lambda: said(app).startswith("2 rows: 2 new."))
        await pilot.press("home", "a")
        await until(pilot, lambda: said(app).startswith("2 rows: 1 new · 1 held back as odd."))
        await pilot.press("a")
        await until(pilot, lambda: said(app).startswith("2 rows: 2 new."))
        await pilot.press("ctrl+s")
        await reach(pilot, app, log_work.Step.DONE)
        assert sorted(visits(practice)) == [("Follow-up", "booked"), ("booked", "booked")]


async def test_odd_people_are_listed_and_taken_by_a(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await open_file(pilot, app, written(tmp_path, PEOPLE))
        await until(pilot, lambda: front(app) == "ImportScreen" and app.screen.has_class(f"-{Step.PREVIEW}"))
        assert "2 rows: 1 new · 1 held back as odd." in said(app)
        assert "Odd rows, held back; a takes them as they stand: 1" in shown(app)
        assert "“Payer” holds an identification number" in shown(app)
        await pilot.press("a")
        await until(pilot, lambda: "2 rows: 2 new." in said(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.has_class(f"-{Step.DONE}"))
        assert rows(practice, "SELECT count(*) FROM patient WHERE mrn LIKE 'M200%'") == [(2,)]


async def test_the_order_of_the_dates_is_asked_once_for_a_source(
    paths: PracticePaths, tmp_path: Path
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_file(pilot, app, written(tmp_path, DATES))
        await until(pilot, lambda: app.screen.has_class(f"-{Step.ORDER}"))
        await pilot.press("d")
        await until(pilot, lambda: app.screen.has_class(f"-{Step.PREVIEW}"))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.has_class(f"-{Step.DONE}"))
        await pilot.press("escape")
        await open_file(pilot, app, written(tmp_path, DATES.replace("M300", "M400")))
        await until(pilot, lambda: app.screen.has_class(f"-{Step.PREVIEW}"))  # not asked again
        assert isinstance(app.screen, ImportScreen) and "dates day/month/year" in said(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.has_class(f"-{Step.DONE}"))
        born = rows(practice, "SELECT DISTINCT birth_date FROM patient WHERE mrn LIKE 'M_00_' ORDER BY 1")
        assert born == [("1970-04-03",), ("1971-06-05",)]


async def test_a_log_remembers_the_order_of_its_dates(paths: PracticePaths, tmp_path: Path) -> None:
    text = 'MRN,Patient name,To do,Due\nMRN-3,"Cole, Rose",Call,{}/01/2027\n'
    async with at_work(paths) as (pilot, app, practice):
        await open_file(pilot, app, written(tmp_path, text.format("03")))
        await reach(pilot, app, log_work.Step.ORDER)
        await pilot.press("d")
        await reach(pilot, app, log_work.Step.PREVIEW)
        await pilot.press("ctrl+s")
        await reach(pilot, app, log_work.Step.DONE)
        await pilot.press("escape")
        await open_file(pilot, app, written(tmp_path, text.format("04")))
        await reach(pilot, app, log_work.Step.PREVIEW)  # not asked again
        await pilot.press("ctrl+s")
        await reach(pilot, app, log_work.Step.DONE)
        due = rows(practice, "SELECT due_on FROM follow_up WHERE title = 'Call' ORDER BY id DESC LIMIT 2")
        assert due == [("2027-01-04",), ("2027-01-03",)]


def test_the_practices_own_order_answers_for_ambiguous_files(practice: Practice, tmp_path: Path) -> None:
    path = written(tmp_path, DATES)
    with pytest.raises(NeedsDateOrder):  # nobody has said so: month first is only what is typed by default
        import_patients(practice, path)
    put_settings(practice, {"date_order": "dmy"})
    assert practice.settings.own_date_order is DateOrder.DMY
    report = import_patients(practice, path, dry_run=True)
    assert [(one.order, one.source) for one in report.date_orders] == [
        ("day/month/year", "the practice's setting")
    ]
    assert report.first_rows[0].birth_date == "3 Apr 1970"
    with pytest.raises(NeedsDateOrder, match="mixes orders"):  # no setting settles a contradiction
        import_patients(
            practice, written(tmp_path, DATES + "M3003,Hill,Cy,12/25/1980\nM3004,Hop,Di,25/12/1981\n")
        )
