"""The day's papers by keys: read, marked for a day off, written privately, copied, each one logged."""

from __future__ import annotations

import stat
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.documents import day_papers
from carecoord_tui.documents.day_papers import Paper, PaperFormat, Wanted
from carecoord_tui.documents.templating import HUDDLE, own_templates
from carecoord_tui.domain.vocabulary import TransitionComplexity
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.papers import PapersSheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Appointment, Transition
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, rows, shown, until, write

MARKS = "SELECT f.title, c.mark, c.until_on FROM item_cover c JOIN follow_up f ON f.id = c.record_id"
LOGGED = "SELECT label FROM audit_event WHERE label LIKE 'printed%'"


def folder(paths: PracticePaths) -> list[str]:
    where = paths.root / "papers"
    return sorted(one.name for one in where.iterdir()) if where.exists() else []


async def open_papers(pilot: Pilot[None], app: CarecoordApp, key: str = "") -> PapersSheet:
    await pilot.press("L")
    await arrive(pilot, app, "PapersSheet")
    if key:
        await pilot.press(key)
        await pilot.pause()
    assert isinstance(app.screen, PapersSheet)
    return app.screen


async def test_today_is_read_and_written_as_text_and_markdown(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_papers(pilot, app)
        await until(pilot, lambda: "Done 0 · reached 0 · waiting" in shown(app))
        assert "Done 0 · reached 0 · waiting" in shown(app)
        assert folder(paths) == []
        await pilot.press("x", "m")
        await until(pilot, lambda: len(folder(paths)) == 2)
        await pilot.pause()
        assert folder(paths) == ["today-2026-11-30.md", "today-2026-11-30.txt"]
        assert "not encrypted" in shown(app)
        text = (paths.root / "papers" / "today-2026-11-30.txt").read_text("utf-8")
        assert "Nguyen, Thi, born 14 Mar 1961: Call: CGM order" in " ".join(text.split())
        assert "Brandt" not in text, "the confidential channel binds it"
        assert rows(practice, LOGGED) == [("printed: Today",)] * 2
        assert stat.S_IMODE((paths.root / "papers").stat().st_mode) == 0o700


async def test_copying_is_logged_and_never_claims_that_it_arrived(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_papers(pilot, app, "2")
        await pilot.press("t")
        await until(pilot, lambda: "No visits." in app.clipboard)
        assert "If it does not paste" in " ".join(shown(app).split())
        assert rows(practice, LOGGED) == [("printed: huddle sheet",)]
        await pilot.press("l")
        assert app.clipboard.startswith("Done 0 · reached 0 · waiting")


async def test_marks_are_saved_in_one_change_and_undone_in_one(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        sheet = await open_papers(pilot, app, "3")
        listing = sheet.query_one(RecordList)
        titles = [str(row.cells[3]) for row in listing.source[slice(0, listing.row_count)]]
        forms, papers = titles.index("Send forms"), titles.index("Gather papers")
        for place, key in ((forms, "c"), (papers, "h")):
            await pilot.press("g", *["j"] * place, key)
        assert "2 marks not saved" in shown(app)
        assert rows(practice, MARKS) == []
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "PapersSheet", "the first esc asks"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: len(rows(practice, MARKS)) == 2)
        assert sorted(rows(practice, MARKS)) == [
            ("Gather papers", "hold", "2026-12-02"),
            ("Send forms", "cover", "2026-12-02"),
        ]
        await pilot.press("u")
        await arrive(pilot, app, "ConfirmSheet")
        await pilot.press("y")
        await until(pilot, lambda: rows(practice, MARKS) == [])


async def test_the_sheet_is_what_is_marked_and_ticks_mark_several(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_papers(pilot, app, "3")
        await pilot.press("g", "space", "j", "space", "c", "v")
        await pilot.pause()
        assert len(rows(practice, MARKS.replace("JOIN", "LEFT JOIN"))) == 2
        assert "Off from" not in shown(app)
        await pilot.press("p")
        await until(pilot, lambda: folder(paths) == ["handoff-2026-12-01.pdf"])
        assert (paths.root / "papers" / "handoff-2026-12-01.pdf").read_bytes().startswith(b"%PDF")


async def test_the_day_back_comes_after_the_day_off(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _practice):
        sheet = await open_papers(pilot, app, "3")
        await pilot.press("d")
        await write(pilot, "12/4")
        await pilot.press("enter")
        await write(pilot, "12/2")
        await pilot.press("enter")
        await pilot.pause()
        assert "is not after the first day off" in " ".join(shown(app).split())
        assert sheet.away.off.isoformat() == "2026-12-01"
        await write(pilot, "12/8")
        await pilot.press("enter")
        await pilot.pause()
        assert (sheet.away.off.isoformat(), sheet.away.back.isoformat()) == ("2026-12-04", "2026-12-08")
        assert "off from Fri 4 Dec, back on Tue 8 Dec" in shown(app)


async def test_a_template_with_a_missing_field_is_said_and_nothing_is_written(
    paths: PracticePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    own_templates().mkdir(parents=True)
    (own_templates() / HUDDLE).write_text("{{ days.phone }}\n", "utf-8")
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await open_papers(pilot, app, "2")
        await until(pilot, lambda: "there is no field days.phone" in " ".join(shown(app).split()))
        await pilot.press("p")
        await until(pilot, lambda: not app.workers or not any(one.is_running for one in app.workers))
        assert "there is no field days.phone" in " ".join(shown(app).split())
        assert (folder(paths), rows(practice, LOGGED)) == ([], [])


async def test_masked_names_are_on_neither_paper_nor_list(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _practice):
        await pilot.press("z")
        await open_papers(pilot, app)
        assert "Nguyen" not in shown(app)
        await pilot.press("3")
        await pilot.pause()
        assert "Nguyen" not in shown(app)
        assert "N***, T***" in shown(app)


class Gate:
    """Draws a paper when the gate is opened, so that keys can be pressed meanwhile."""

    def __init__(self) -> None:
        self.is_drawing, self.opened = threading.Event(), threading.Event()
        self._draw = day_papers.draw

    def draw(self, practice: Practice, wanted: Wanted, form: PaperFormat) -> Paper:
        self.is_drawing.set()
        assert self.opened.wait(10)
        return self._draw(practice, wanted, form)


async def test_keys_work_while_a_paper_is_drawn_and_esc_leaves_no_file(
    paths: PracticePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    monkeypatch.setattr(day_papers, "draw", gate.draw)
    async with at_work(paths) as (pilot, app, practice):
        await open_papers(pilot, app)
        await pilot.press("p")
        await until(pilot, gate.is_drawing.is_set)
        assert "Making the paper" in shown(app)
        await pilot.press("2")
        await pilot.pause()
        assert "Huddle sheet, Mon 30 Nov" in shown(app)
        await pilot.press("escape")
        gate.opened.set()
        await until(pilot, lambda: "Stopped; nothing was written." in shown(app))
        assert front(app) == "PapersSheet"
        assert (folder(paths), rows(practice, LOGGED)) == ([], [])
        await pilot.press("p")
        await until(pilot, lambda: folder(paths) == ["huddle-2026-11-30.pdf"])
        assert rows(practice, LOGGED) == [("printed: huddle sheet",)]


async def test_the_huddle_goes_to_the_next_day_with_visits(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await open_papers(pilot, app, "2")
        await pilot.press("n")
        await pilot.pause()
        assert "No visit is booked after these days." in shown(app)
        with practice.change("visit") as session:
            at = datetime(2026, 12, 9, 15, tzinfo=UTC)
            session.add(Appointment(patient_id=1, title="Visit", starts_at=at, booked_on=date(2026, 11, 30)))
        await pilot.press("n")
        await until(pilot, lambda: "Huddle sheet, Wed 9 Dec" in shown(app) and "10am" in shown(app))


# --- a last day does not lapse over a day off -----------------------------------------------------------

ANY_MARKS = "SELECT rule_id, mark, until_on FROM item_cover"


def discharge(practice: Practice) -> None:
    """Out of hospital on Wed 25 Nov: the visit of seven days has Wed 2 Dec as its last day."""
    with practice.change("a discharge") as session:
        session.add(
            Transition(
                patient_id=1, facility="Mercy", discharged_on=date(2026, 11, 25),
                complexity=TransitionComplexity.HIGH,
            )
        )  # fmt: skip


async def days_off(pilot: Pilot[None], off: str, back: str) -> None:
    await pilot.press("d")
    for day in (off, back):
        await write(pilot, day)
        await pilot.press("enter")
    await pilot.pause()


async def to_item(pilot: Pilot[None], sheet: PapersSheet, title: str) -> None:
    listing = sheet.query_one(RecordList)
    titles = [str(row.cells[3]) for row in listing.source[slice(0, listing.row_count)]]
    place = next(place for place, one in enumerate(titles) if title in one)
    await pilot.press("g", *["j"] * place)
    await pilot.pause()


async def test_a_last_day_before_the_day_back_cannot_be_held(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        discharge(practice)
        sheet = await open_papers(pilot, app, "3")
        await days_off(pilot, "12/1", "12/4")
        await to_item(pilot, sheet, "TCM-7")
        await pilot.press("h")
        await pilot.pause()
        said = " ".join(shown(app).split())
        assert "its last day, Wed 2 Dec, falls before the day back, Fri 4 Dec" in said
        assert "not saved" not in said, "nothing is marked"
        await pilot.press("c", "ctrl+s")
        await pilot.pause()
        assert [row[1] for row in rows(practice, ANY_MARKS)] in ([], ["cover"])


async def test_a_hold_that_a_later_day_back_forbids_is_put_back_and_named(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        discharge(practice)
        sheet = await open_papers(pilot, app, "3")
        await to_item(pilot, sheet, "TCM-7")
        await pilot.press("h", "ctrl+s")
        await until(pilot, lambda: [row[1] for row in rows(practice, ANY_MARKS)] == ["hold"])
        await days_off(pilot, "12/1", "12/4")
        said = " ".join(shown(app).split())
        assert "1 held item is put back (marked !): the last day falls before the day back." in said
        await pilot.press("v")
        await until(pilot, lambda: "It was marked hold, but its last day" in " ".join(shown(app).split()))
        await pilot.press("v")
        await to_item(pilot, sheet, "TCM-7")
        await pilot.press("b" if "before !" in shown(app) else "c", "ctrl+s")
        await until(pilot, lambda: rows(practice, ANY_MARKS) == [])
        assert "put back" not in shown(app)


async def test_a_held_visit_is_warned_of_and_marked_all_the_same(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        with practice.change("visit") as session:
            at = datetime(2026, 12, 2, 15, tzinfo=UTC)
            session.add(Appointment(patient_id=1, title="Visit", starts_at=at, booked_on=date(2026, 11, 30)))
        sheet = await open_papers(pilot, app, "3")
        await days_off(pilot, "12/1", "12/4")
        await to_item(pilot, sheet, "Confirm visit")
        await pilot.press("h")
        await pilot.pause()
        said = " ".join(shown(app).split())
        assert "its day to confirm the visit, Tue 1 Dec, is before the day back" in said
        await pilot.press("ctrl+s")
        await until(pilot, lambda: [row[1] for row in rows(practice, ANY_MARKS)] == ["hold"])


async def test_the_days_off_stay_as_typed(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        sheet = await open_papers(pilot, app, "3")
        await days_off(pilot, "12/1", "12/4")
        await to_item(pilot, sheet, "Gather papers")
        await pilot.press("c", "ctrl+s")
        await until(pilot, lambda: len(rows(practice, ANY_MARKS)) == 1)
        await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")
        again = await open_papers(pilot, app, "3")
        assert (again.away.off, again.away.back) == (date(2026, 12, 1), date(2026, 12, 4))
    async with at_work(paths) as (pilot, app, _practice):  # another session: the marks say it
        again = await open_papers(pilot, app, "3")
        assert (again.away.off, again.away.back) == (date(2026, 12, 1), date(2026, 12, 4))
