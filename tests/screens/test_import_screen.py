"""Importing in the terminal: preview first, one change, nothing half done, nothing parsed as markup."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.exchange import import_job
from carecoord_tui.exchange.import_report import ImportCounts
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.import_preview import counts_line
from carecoord_tui.screens.import_screen import ImportScreen, Step
from carecoord_tui.store.opening import unlock
from carecoord_tui.widgets.path_input import PathInput, complete, typed_path
from tests.conftest import PASSPHRASE
from tests.screens.test_unlock import MakeApp, until

PLAIN = "Last name,First name,DOB,MRN,Next step,Due\n"
TWO = f"{PLAIN}Nguyen,Thi,3/14/1961,A1,Call,12/1/2026\nO'Neil [Jr] [/b],Ada,5/20/1950,A2,,\n"


async def open_import(pilot: Pilot[None], paths: PracticePaths, path: Path | None = None) -> ImportScreen:
    """Unlock without the prompt and push the screen."""
    app = pilot.app
    assert isinstance(app, CarecoordApp)
    if app.practice is None:
        app.begin(unlock(paths, PASSPHRASE, now=app.now_option))
        await until(pilot, lambda: app.practice is not None)
    screen = ImportScreen(path)
    await app.push_screen(screen)
    await pilot.pause()
    return screen


async def reach(pilot: Pilot[None], screen: ImportScreen, step: Step) -> None:
    await until(pilot, lambda: screen.has_class(f"-{step}"), seconds=30)
    await pilot.pause()


def said(screen: ImportScreen) -> str:
    return str(screen.query_one("#said", Static).content)


def drawn(screen: ImportScreen) -> str:
    return "\n".join(strip.text for strip in screen._compositor.render_strips())


def people(app: CarecoordApp) -> int:
    assert app.practice is not None
    return int(app.practice.execute("SELECT count(*) FROM patient")[0][0])


@pytest.fixture
def two(tmp_path: Path) -> Path:
    file = tmp_path / "two.csv"
    file.write_text(TWO, encoding="utf-8")
    return file


async def test_preview_writes_nothing_and_enter_imports(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, two: Path
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await open_import(pilot, paths, two)
        await reach(pilot, screen, Step.PREVIEW)
        assert said(screen).startswith("2 rows: 2 new.")
        assert "birth date" in drawn(screen)
        await pilot.press("end")
        await pilot.pause()
        assert "O'Neil [Jr] [/b], Ada" in drawn(screen)
        assert people(app) == 0
        await pilot.press("enter")
        await reach(pilot, screen, Step.DONE)
        assert people(app) == 2
        assert "u takes the whole import back" in said(screen)
        await pilot.press("enter")
        assert type(app.screen).__name__ == "TodayScreen"
        await pilot.press("u", "y")  # it asks, being about more people than the highlighted one
        await until(pilot, lambda: people(app) == 0)


async def test_esc_leaves_without_harm_at_every_step(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, two: Path
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        screen = await open_import(pilot, paths, two)
        await reach(pilot, screen, Step.PREVIEW)
        await pilot.press("escape")
        assert screen.has_class("-file")
        assert screen.query_one(PathInput).value == str(two)
        await pilot.press("escape")
        assert type(app.screen).__name__ == "TodayScreen"
        assert people(app) == 0


async def test_a_second_import_says_that_nothing_is_new(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, two: Path
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        for expected in ("2 rows: 2 added.", "2 rows: 2 unchanged."):
            screen = await open_import(pilot, paths, two)
            await reach(pilot, screen, Step.PREVIEW)
            await pilot.press("enter")
            await reach(pilot, screen, Step.DONE)
            assert said(screen).startswith(expected)
            await pilot.press("escape")
        assert people(app) == 2


async def test_undecidable_dates_are_asked_for(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, tmp_path: Path
) -> None:
    file = tmp_path / "dates.csv"
    file.write_text("Last name,First name,DOB\nNguyen,Thi,03/04/1961\nCole,James,05/06/1950\n")
    app = make_app()
    async with app.run_test() as pilot:
        screen = await open_import(pilot, paths, file)
        await reach(pilot, screen, Step.ORDER)
        assert "How are these dates written?" in said(screen)
        await pilot.press("enter", "y")  # neither is an answer here
        assert screen.has_class("-order")
        await pilot.press("d")
        await reach(pilot, screen, Step.PREVIEW)
        await pilot.press("enter")
        await reach(pilot, screen, Step.DONE)
        assert app.practice is not None
        born = app.practice.execute("SELECT birth_date FROM patient ORDER BY birth_date")
        assert [str(day) for (day,) in born] == ["1950-06-05", "1961-04-03"]


async def test_rejected_rows_are_named_and_handed_back(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, tmp_path: Path
) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(f"{TWO}Future,Fay,1/1/2099,A3,,\n,,2/2/1960,A4,,\n", encoding="utf-8")
    app = make_app()
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await open_import(pilot, paths, file)
        await reach(pilot, screen, Step.PREVIEW)
        assert "2 refused" in said(screen)
        await pilot.press("enter")
        await reach(pilot, screen, Step.DONE)
        assert "Refused: 2" in drawn(screen)
        (rejects,) = paths.rejects.iterdir()
        assert rejects.name in said(screen)
        assert rejects.stat().st_mode & 0o777 == 0o600
        assert people(app) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        (b"", "is empty"),
        (b"%PDF-1.7 nothing", "is a PDF"),
        (b"a,b\n1,2\n3,4\n", "name"),
    ],
)
async def test_a_file_that_cannot_be_used_is_said_by_name(
    make_app: MakeApp,
    recovery_code: str,
    paths: PracticePaths,
    tmp_path: Path,
    content: bytes | None,
    words: str,
) -> None:
    file = tmp_path / "list\x1b[31m.csv"
    if content is not None:
        file.write_bytes(content)
    app = make_app()
    async with app.run_test() as pilot:
        screen = await open_import(pilot, paths)
        screen.query_one(PathInput).value = str(file)
        await pilot.press("enter")
        await until(pilot, lambda: words in said(screen))
        assert screen.has_class("-file")
        assert "\x1b" not in said(screen)
        assert people(app) == 0


async def test_stopping_an_import_under_way_takes_everything_back(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test() as pilot:
        screen = await open_import(pilot, paths, two)
        await reach(pilot, screen, Step.PREVIEW)
        real = import_job.importing.create

        def create(*args: object, **options: object) -> list[int]:
            made = real(*args, **options)  # type: ignore[arg-type]
            screen.app.call_from_thread(screen.action_cancel)
            return made

        monkeypatch.setattr(import_job.importing, "create", create)
        await pilot.press("enter")
        await reach(pilot, screen, Step.FILE)
        assert "stopped; nothing was changed" in said(screen)
        assert people(app) == 0


async def test_privacy_masks_the_names_of_the_preview(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, two: Path
) -> None:
    app = make_app()
    app.privacy = True
    async with app.run_test(size=(120, 36)) as pilot:
        screen = await open_import(pilot, paths, two)
        await reach(pilot, screen, Step.PREVIEW)
        assert "Nguyen, Thi" not in drawn(screen)


async def test_a_real_export(
    make_app: MakeApp, recovery_code: str, paths: PracticePaths, sample_data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "patients.csv"
    shutil.copy(sample_data / "synthea_ca_59_csv" / "patients.csv", file)
    app = make_app()
    async with app.run_test() as pilot:
        screen = await open_import(pilot, paths, file)
        await reach(pilot, screen, Step.PREVIEW)
        await pilot.press("enter")
        await reach(pilot, screen, Step.DONE)
        assert people(app) == 59


# --- small parts -----------------------------------------------------------------------------------------


def test_the_counts_leave_out_what_is_zero() -> None:
    counts = ImportCounts(
        rows=3, created=0, updated=2, unchanged=0, conflicts=0, rejected=1, possible_duplicates=0, active=2
    )
    assert counts_line(counts, is_done=True) == (
        "3 rows: 2 updated · 1 refused. 2 of its people are in the caseload."
    )


def test_tab_completes_as_far_as_all_names_agree(tmp_path: Path) -> None:
    for name in ("patients-a.csv", "patients-b.CSV", "patients.pdf", ".hidden.csv"):
        (tmp_path / name).write_text("")
    (tmp_path / "Patients-old").mkdir()
    assert complete(f"{tmp_path}/pat", (".csv",)) == (
        f"{tmp_path}/patients-",
        ["patients-a.csv", "patients-b.CSV", "Patients-old/"],
    )
    assert complete(f"{tmp_path}/patients-o", (".csv",)) == (f"{tmp_path}/Patients-old/", [])
    assert complete(f"{tmp_path}/.h") == (f"{tmp_path}/.hidden.csv", [])
    assert complete(f"{tmp_path}/nothing") == (f"{tmp_path}/nothing", [])
    assert complete("/no/such/folder/x") == ("/no/such/folder/x", [])
    assert complete("~") == ("~/", [])


def test_paths_as_terminals_paste_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "my list.csv").write_text("")
    for text in (
        "~/my list.csv",
        f"'{tmp_path}/my list.csv'",
        f"{tmp_path}/my\\ list.csv ",
        '"~/my list.csv"',
    ):
        assert typed_path(text) == tmp_path / "my list.csv"
    assert typed_path("~nobody-of-that-name/x") == Path("~nobody-of-that-name/x")
