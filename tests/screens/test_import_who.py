"""A patient list with people who are on file already, by keys: found, asked about, never silently new."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.import_opening import Step
from carecoord_tui.store.practice import Practice
from tests.screens.bench import arrive, at_work, front, paste, rows, shown, until
from tests.screens.test_import_logs import open_file, said, written


async def reach(pilot: Pilot[None], app: CarecoordApp, step: Step) -> None:
    await until(pilot, lambda: front(app) == "ImportScreen" and app.screen.has_class(f"-{step}"))
    await pilot.pause()


def roses(practice: Practice) -> list[tuple[object, ...]]:
    found = "SELECT mrn, city FROM patient WHERE lower(family_name) = 'cole' AND lower(given_name) = 'rose'"
    return rows(practice, f"{found} ORDER BY id")


async def test_a_pasted_row_without_an_mrn_is_somebody_on_file(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        before = roses(practice)
        assert len(before) == 1
        await pilot.press("I")
        await arrive(pilot, app, "ImportScreen")
        await paste(pilot, "Name\tDOB\nCOLE, ROSE\t5/6/1948\nHale, Ann\t1/20/1970\n")
        await reach(pilot, app, Step.PREVIEW)
        assert said(app).startswith("2 rows: 1 new · 1 unchanged. 1 found by name and birth date.")
        assert "enter ^s import" in shown(app) and "esc back" in shown(app)
        await pilot.press("end")
        await pilot.pause()
        assert "On file already, by name and birth date: 1" in shown(app)
        await pilot.press("ctrl+s")
        await reach(pilot, app, Step.DONE)
        assert roses(practice) == before


async def test_a_doubtful_person_is_asked_about(paths: PracticePaths, tmp_path: Path) -> None:
    text = "MRN,Last name,First name,DOB,City\nX-1,Cole,Rose,5/6/1948,Salem\nX-2,Hale,Ann,1/20/1970,Salem\n"
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        before = roses(practice)
        path = written(tmp_path, text)
        await open_file(pilot, app, path)
        await reach(pilot, app, Step.PREVIEW)
        assert said(app).startswith("2 rows: 1 new · 1 doubtful.")
        assert "Doubtful, held back; w asks who they are: 1" in shown(app)
        await pilot.press("w")
        await reach(pilot, app, Step.WHO)
        assert "Who is it?" in said(app) and "another MRN" in said(app) and "1  Cole, Rose" in said(app)
        await pilot.press("7")  # nobody
        assert app.screen.has_class(f"-{Step.WHO}")
        await pilot.press("escape")
        await reach(pilot, app, Step.PREVIEW)
        assert roses(practice) == before
        for key, words in (("l", "1 new · 1 left out"), ("n", "2 new"), ("1", "1 new · 1 with conflicts")):
            await open_again(pilot, app)
            await pilot.press("w", key)
            await until(pilot, lambda words=words: said(app).startswith(f"2 rows: {words}."))  # type: ignore[misc]
            await reach(pilot, app, Step.PREVIEW)
        await pilot.press("enter")
        await reach(pilot, app, Step.DONE)
        assert len(roses(practice)) == 1
        assert rows(practice, "SELECT count(*) FROM patient WHERE mrn IN ('X-1', 'X-2')") == [(1,)]


async def open_again(pilot: Pilot[None], app: CarecoordApp) -> None:
    """The same file, with nothing said of it."""
    await pilot.press("escape")
    await reach(pilot, app, Step.FILE)
    await pilot.press("enter")
    await reach(pilot, app, Step.PREVIEW)


async def test_possible_duplicates_are_merged_as_the_words_say(paths: PracticePaths, tmp_path: Path) -> None:
    text = "MRN,Last name,First name,DOB\nX-1,Hale,Ann,1/20/1970\nX-2,Hale,Anne,1/20/1970\n"
    async with at_work(paths) as (pilot, app, _):
        await open_file(pilot, app, written(tmp_path, text))
        await reach(pilot, app, Step.PREVIEW)
        await pilot.press("enter")
        await reach(pilot, app, Step.DONE)
        assert "To merge two records: enter, then ^k to one of them and m." in " ".join(said(app).split())
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "TodayScreen")
        await pilot.press("ctrl+k")
        await arrive(pilot, app, "JumpSheet")
        await pilot.press(*"hale")
        await until(pilot, lambda: "Hale, Ann" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "PatientScreen" or "Page" in front(app))
        await pilot.press("m")
        await until(pilot, lambda: front(app) == "OtherRecord")
