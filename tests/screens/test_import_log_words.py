"""What the preview of a record log says: left-out columns, orders of dates, remarks, refused rows."""

from __future__ import annotations

import json
from pathlib import Path

from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.import_log import Step
from tests.screens.bench import arrive, at_work, rows, shown
from tests.screens.test_import_logs import open_file, reach, said, written


async def test_a_list_kept_by_hand_says_what_is_read_and_what_not(
    paths: PracticePaths, tmp_path: Path
) -> None:
    text = (
        "MRN,Patient,What to do,Call back on,Prio,Stat,Notes - dana,Colour\n"
        'MRN-3,"Cole, Rose",Call lab,asap,high,open,call first,red\n'
        'MRN-3,"Cole, Rose",Fax form,12/3/2026,,open,,\n'
        'MRN-3,"Cole, Rose",,12/3/2026,,open,,\n'
    )
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await open_file(pilot, app, written(tmp_path, text))
        await reach(pilot, app, Step.ORDER)
        assert "“Call back on”: Numeric dates" in said(app)
        await pilot.press("m")
        await reach(pilot, app, Step.PREVIEW)
        assert "Dates in “Call back on” are month/day/year, as you said." in said(app)
        assert "Columns left out: “Colour”." in said(app)
        assert "not taken just as they stand: 1" in said(app) and "say which" not in said(app)
        assert "refused    Cole, Rose" in shown(app)
        assert "due today, open · Call back on: no calendar date" in shown(app)
        await pilot.press("ctrl+s")
        await reach(pilot, app, Step.DONE)
        sql = "SELECT title, due_on, note FROM follow_up WHERE source = 'import' ORDER BY id"
        assert rows(practice, sql) == [
            ("Call lab", "2026-11-30", "call first · Due: asap"),
            ("Fax form", "2026-12-03", ""),
        ]


async def test_corrected_rows_are_read_like_the_file_they_come_from(
    paths: PracticePaths, tmp_path: Path
) -> None:
    head = "MRN,Task,Due,Stat\n"
    path = written(
        tmp_path, f"{head}MRN-3,Call lab,12/3/2026,w/ Jo\nMRN-99,Fax form,12/4/2026,w/ Jo\n", "tasks.csv"
    )
    async with at_work(paths) as (pilot, app, practice):
        await open_file(pilot, app, path)
        await reach(pilot, app, Step.ORDER)
        await pilot.press("m")
        await reach(pilot, app, Step.STATUS)
        await pilot.press("o")
        await reach(pilot, app, Step.PREVIEW)
        await pilot.press("ctrl+s")
        await reach(pilot, app, Step.DONE)
        await pilot.press("escape")
        (rejects,) = paths.rejects.iterdir()
        rejects.write_text(rejects.read_text("utf-8").replace("MRN-99", "MRN-3"), "utf-8")
        await arrive(pilot, app, "TodayScreen")
        await open_file(pilot, app, rejects)
        await reach(pilot, app, Step.PREVIEW)
        assert "Read as on Mon 30 Nov: 4 columns, 1 status word, dates month/day/year." in said(app)
        assert "1 new" in said(app) and "left out" not in said(app)
        await pilot.press("ctrl+s")
        await reach(pilot, app, Step.DONE)
        assert rows(practice, "SELECT count(*) FROM import_mapping") == [(1,)]
        ((columns,),) = rows(practice, "SELECT columns FROM import_mapping")
        assert json.loads(str(columns)) == {"#dates": "mdy", "mrn": 0, "title": 1, "due_on": 2, "status": 3}


async def test_a_confirmed_visit_is_proposed_as_such(paths: PracticePaths, tmp_path: Path) -> None:
    text = "MRN,Appt date,Appt time,Type of visit,Appt status\nMRN-3,2026-12-03,9:00 AM,Recheck,Confirmed\n"
    async with at_work(paths) as (pilot, app, practice):
        await open_file(pilot, app, written(tmp_path, text))
        await reach(pilot, app, Step.STATUS)
        assert "enter  booked, and the patient confirmed, as in most offices" in said(app)
        await pilot.press("enter")
        await reach(pilot, app, Step.PREVIEW)
        await pilot.press("ctrl+s")
        await reach(pilot, app, Step.DONE)
        visits = rows(practice, "SELECT id, status, confirmed_on FROM appointment WHERE title = 'Recheck'")
        ((number, *visit),) = visits
        assert visit == ["booked", "2026-11-30"]
        owed = rows(practice, "SELECT record_id FROM ledger WHERE rule_id = 'appointment.confirm'")
        assert (number,) not in owed
