"""A referral log in the terminal, by keys: known as one, statuses asked, a preview, one undoable change."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.settle import REFERRAL
from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.import_referrals import LEAVE_OUT, STAGE_KEYS
from carecoord_tui.screens.import_screen import ImportScreen, Step
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.path_input import PathInput
from tests.screens.bench import at_work, front, paste, rows, shown, until, write

HEAD = "MRN,Patient name,DOB,Specialty,Referred to,Status,Referral date,Date sent\n"
KNOWN = 'MRN-1,"Nguyen, Thi",3/14/1961,Dermatology,"Ito [b]Skin[/b]",Faxed,11/16/2026,11/17/2026\n'
LOG = (
    f"{HEAD}{KNOWN}"
    'MRN-3,"Cole, Rose",5/6/1948,GI,Lakeside,Pending,11/16/2026,11/17/2026\n'
    'MRN-2,"Cole, James",1/2/1950,GI,Lakeside,waiting \x1b[31m[b]pt[/b],11/16/2026,11/17/2026\n'
    "MRN-9,Somebody Else,1/1/1960,GI,Lakeside,sent,11/16/2026,11/17/2026\n"
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(LOG, encoding="utf-8")
    return path


async def open_file(pilot: Pilot[None], app: CarecoordApp, path: Path) -> ImportScreen:
    """Open the screen and name the file."""
    await app.push_screen(ImportScreen())
    screen = app.screen
    assert isinstance(screen, ImportScreen)
    screen.query_one(PathInput).value = ""
    await paste(pilot, str(path))
    await pilot.press("enter")
    return screen


async def reach(pilot: Pilot[None], screen: ImportScreen, step: Step) -> None:
    await until(pilot, lambda: screen.has_class(f"-{step}"))
    await pilot.pause()


def said(screen: ImportScreen) -> str:
    return str(screen.query_one("#said", Static).content)


def logged(practice: Practice) -> list[tuple[object, ...]]:
    """The referrals beside the one that was there."""
    return rows(practice, "SELECT patient_id, specialty, stage FROM referral WHERE id > 1 ORDER BY id")


async def test_statuses_are_asked_before_a_preview_and_enter_imports(paths: PracticePaths, log: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        screen = await open_file(pilot, app, log)
        await reach(pilot, screen, Step.STATUS)
        assert said(screen).startswith("Status “Pending” · 1 row (1 of 2). Which stage is it?")
        await pilot.press("m", "enter")  # no answers here
        assert screen.has_class("-status")
        await pilot.press("k")
        assert "(2 of 2)" in said(screen) and "[b]pt[/b]" in said(screen) and "\x1b" not in said(screen)
        await pilot.press("l")
        await reach(pilot, screen, Step.PREVIEW)
        assert said(screen).startswith(
            "4 rows: 2 new · 1 left out by your answer · 1 refused. 2 of the new ones are open."
        )
        seen = shown(app)
        assert "Import a referral log from log.csv" in seen
        assert "Pending" in seen and "acknowledged" in seen and "left out, as you answered" in seen
        assert logged(practice) == []
        await pilot.press("enter")
        await reach(pilot, screen, Step.DONE)
        assert logged(practice) == [(1, "Dermatology", "sent"), (3, "GI", "acknowledged")]
        assert "u takes the whole import back" in said(screen)
        assert [path.stat().st_mode & 0o777 for path in paths.rejects.iterdir()] == [0o600]
        await pilot.press("enter")
        assert front(app) == "TodayScreen"
        await pilot.press("u", "y")
        await until(pilot, lambda: logged(practice) == [])


async def test_a_second_import_says_that_nothing_is_new(paths: PracticePaths, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEAD + KNOWN, encoding="utf-8")
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        for expected in ("1 row: 1 added.", "1 row: 1 unchanged."):
            screen = await open_file(pilot, app, path)
            await reach(pilot, screen, Step.PREVIEW)
            await pilot.press("enter")
            await reach(pilot, screen, Step.DONE)
            assert said(screen).startswith(expected)
            await pilot.press("escape")
        assert len(logged(practice)) == 1


async def test_a_key_reads_the_file_as_the_other_kind(paths: PracticePaths, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEAD + KNOWN, encoding="utf-8")
    async with at_work(paths) as (pilot, app, practice):
        screen = await open_file(pilot, app, path)
        await reach(pilot, screen, Step.PREVIEW)
        assert "Statuses" in shown(app) and "Ito [b]Skin" in shown(app).replace("\n", "")
        await pilot.press("ctrl+t")
        await until(pilot, lambda: "Import patients from log.csv" in shown(app))
        await reach(pilot, screen, Step.PREVIEW)
        await pilot.press("escape", "enter")  # known as what it is again
        await until(pilot, lambda: "Import a referral log" in shown(app))
        await reach(pilot, screen, Step.PREVIEW)
        await pilot.press("enter")
        await reach(pilot, screen, Step.DONE)
        assert len(logged(practice)) == 1


async def test_esc_at_a_question_leaves_everything_as_it_was(paths: PracticePaths, log: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        screen = await open_file(pilot, app, log)
        await reach(pilot, screen, Step.STATUS)
        await pilot.press("s", "escape")
        assert screen.has_class("-file") and "Nothing was imported" in said(screen)
        await pilot.press("enter")
        await reach(pilot, screen, Step.STATUS)
        assert "(1 of 2)" in said(screen)  # an abandoned answer is not kept
        await pilot.press("escape", "escape")
        assert front(app) == "TodayScreen"
        assert logged(practice) == []


async def test_privacy_masks_the_names_of_the_preview(paths: PracticePaths, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEAD + KNOWN, encoding="utf-8")
    async with at_work(paths, size=(120, 36)) as (pilot, app, _):
        app.privacy = True
        screen = await open_file(pilot, app, path)
        await reach(pilot, screen, Step.PREVIEW)
        assert "N***, T***" in shown(app) and "Nguyen, Thi" not in shown(app)


async def test_the_question_shows_rows_and_masks_them(paths: PracticePaths, log: Path) -> None:
    async with at_work(paths) as (pilot, app, _):
        screen = await open_file(pilot, app, log)
        await reach(pilot, screen, Step.STATUS)
        assert "  line 3: Cole, Rose · GI · Lakeside" in shown(app)
        assert "l  leave these rows out" in shown(app)  # all of it stands in 24 lines
        await pilot.press("escape")
        app.privacy = True
        await pilot.press("enter")
        await reach(pilot, screen, Step.STATUS)
        assert "  line 3: C***, R*** · GI" in shown(app) and "Rose" not in shown(app)


async def test_duplicates_are_in_the_preview_by_name_and_no_option_is_asked_for(
    paths: PracticePaths, tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(
        f'{HEAD}MRN-2,"Cole, James",,Cardiology,Other Clinic,Sent,11/23/2026,11/24/2026\n'
        ',"Cole, Rose",,Cardiology,Other Clinic,Sent,11/23/2026,11/24/2026\n',
        encoding="utf-8",
    )
    async with at_work(paths, size=(120, 36)) as (pilot, app, _):
        screen = await open_file(pilot, app, path)
        await reach(pilot, screen, Step.PREVIEW)
        assert "1 possible duplicate." in said(screen)
        await pilot.press("enter")
        await reach(pilot, screen, Step.DONE)
        text = " ".join(shown(app).split())
        assert "Possible duplicates: 1" in text
        assert "Cole, James" in text and "cardiology is open already: Silva Cardiology, sent" in text
        assert "give the birth date or MRN in the file" in text
        assert "--" not in text


async def test_a_whole_path_takes_the_place_of_the_home_folder(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await app.push_screen(ImportScreen())
        field = app.screen.query_one(PathInput)
        assert field.value == "~/"
        await paste(pilot, "/srv/a log.csv")
        assert field.value == "/srv/a log.csv"
        assert field.cursor_position == len(field.value)
        for typed, expected in (
            ("/srv", "/srv"), ("~/x", "~/x"), ("x/y", "~/x/y"), ("'/a", "'/a"),
        ):  # fmt: skip
            field.value = "~/"
            field.cursor_position = 2
            if typed.startswith("'"):
                await paste(pilot, typed)
            else:
                await write(pilot, typed)
            assert field.value == expected


def test_the_letters_are_those_of_the_settle_sheet() -> None:
    """Where one letter means two stages there (``c``), no letter can follow both."""
    letters: dict[str, set[str]] = {}
    for choices in REFERRAL.values():
        for choice in choices:
            if choice.act.startswith("stage:") and choice.key != "x":
                letters.setdefault(choice.key, set()).add(choice.act.removeprefix("stage:"))
            elif choice.act == "open:redirect" and choice.key != "x":
                letters.setdefault(choice.key, set()).add(ReferralStage.REDIRECTED)
    assert set("drwonhpve") <= letters.keys()
    for letter, stages in letters.items():
        assert letter in {STAGE_KEYS[stage] for stage in stages}, (letter, stages)


def test_every_stage_has_a_key_of_its_own() -> None:
    assert set(STAGE_KEYS) == {*ReferralStage, LEAVE_OUT}
    assert len(set(STAGE_KEYS.values())) == len(STAGE_KEYS)
