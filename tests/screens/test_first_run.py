"""The first run, from the empty folder to the first list, by keys alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from carecoord_tui import time_zones
from carecoord_tui.app import CarecoordApp
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens import first_run, recovery, start_choice
from carecoord_tui.screens.first_run import FirstRunScreen, YesNo, strength_words
from carecoord_tui.screens.recovery import RecoveryScreen, save_code, spaced
from carecoord_tui.screens.start_choice import StartChoiceScreen
from carecoord_tui.store import creating, keyfile
from carecoord_tui.store.errors import DiskFull
from tests.conftest import FAST_KDF
from tests.screens.test_unlock import until

SECRET = "four small words"


@pytest.fixture(autouse=True)
def quick_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same path with a cheap key derivation."""
    made = creating.create_practice

    def create(*args: object, **options: object) -> str:
        return made(*args, **{"kdf": FAST_KDF, **options})  # type: ignore[arg-type]

    monkeypatch.setattr(creating, "create_practice", create)


@pytest.fixture
def app(paths: PracticePaths) -> CarecoordApp:
    return CarecoordApp(paths)


def problem(app: CarecoordApp) -> str:
    return str(app.screen.query_one("#problem", Static).content)


def value(app: CarecoordApp, field: str) -> str:
    return app.screen.query_one(f"#{field}", Input).value


async def fill(pilot: Pilot[None], *, zone: str = "chicago", secret: str = SECRET) -> None:
    """Fill the whole form; the keys that answer and lead on are pressed, long texts are pasted."""
    texts = {"name": "Dana", "role": "RN", "zone": zone, "passphrase": secret, "again": secret}
    for field in ("name", "role", "clinical", "zone", "passphrase", "again"):
        await until(pilot, lambda wanted=f"{field}-input": (pilot.app.focused or pilot.app).id == wanted)
        if field == "clinical":
            await pilot.press("y")
        else:
            pilot.app.screen.query_one(f"#{field}-input", Input).value = texts[field]
        await pilot.press("enter")


async def give_last_group(pilot: Pilot[None], text: str) -> None:
    pilot.app.screen.query_one("#answer", Input).value = text
    await pilot.press("enter")


async def to_recovery(pilot: Pilot[None], app: CarecoordApp) -> str:
    """Fill the form; the code that is then shown."""
    await fill(pilot)
    await until(pilot, lambda: isinstance(app.screen, RecoveryScreen))
    await pilot.pause()
    return str(app.screen.query_one("#code", Static).content).replace(" ", "").replace("\n", "")


async def to_choice(pilot: Pilot[None], app: CarecoordApp) -> None:
    code = await to_recovery(pilot, app)
    await give_last_group(pilot, code[-5:].lower())
    await until(pilot, lambda: isinstance(app.screen, StartChoiceScreen))
    await pilot.pause()


async def test_from_nothing_to_an_empty_practice(app: CarecoordApp, paths: PracticePaths) -> None:
    async with app.run_test() as pilot:
        assert isinstance(app.screen, FirstRunScreen)
        assert not paths.root.exists()
        code = await to_recovery(pilot, app)
        assert len(code) == 30
        await give_last_group(pilot, code[-5:].lower())
        await until(pilot, lambda: isinstance(app.screen, StartChoiceScreen))
        await pilot.press("e")
        await until(pilot, lambda: app.practice is not None)
        assert app.practice is not None
        user = app.practice.user
        assert (user.name, user.role, user.is_clinical) == ("Dana", "RN", True)
        assert app.practice.zone.key == "America/Chicago"
        assert app.practice.execute("SELECT count(*) FROM patient") == [(0,)]
        assert keyfile.unlock(paths.keyfile, SECRET) == keyfile.unlock(paths.keyfile, code)


async def test_what_is_missing_is_said_and_nothing_is_made(app: CarecoordApp, paths: PracticePaths) -> None:
    async with app.run_test() as pilot:
        await fill(pilot, zone="nowhere")
        assert "No time zone" in problem(app)
        assert app.focused is app.screen.query_one("#zone-input")
        app.screen.query_one("#zone-input", Input).value = "eastern"
        app.screen.query_one("#again-input", Input).value = "something else"
        app.screen.query_one("#again-input").focus()
        await pilot.press("enter")
        assert "differ" in problem(app)
        for field in ("passphrase-input", "again-input"):
            app.screen.query_one(f"#{field}", Input).value = "short"
        await pilot.press("enter")
        assert "3 more" in problem(app)
        app.screen.query_one(YesNo).value = None
        app.screen.query_one("#again-input").focus()
        await pilot.press("enter")
        assert "y or n" in problem(app)
        app.screen.query_one("#name-input", Input).value = " \t"
        app.screen.query_one("#again-input").focus()
        await pilot.press("enter")
        assert "name" in problem(app)
    assert not paths.root.exists()


async def test_a_failure_while_making_it_leaves_nothing(
    app: CarecoordApp, paths: PracticePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise DiskFull

    monkeypatch.setattr(creating, "_fill", fail)
    async with app.run_test() as pilot:
        await fill(pilot)
        await until(pilot, lambda: "disk is full" in problem(app))
        assert isinstance(app.screen, FirstRunScreen)
        assert value(app, "passphrase-input") == SECRET
        assert not paths.exists
        monkeypatch.undo()
        app.screen.query_one("#again-input").focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, RecoveryScreen))


async def test_an_unsafe_folder_is_said_before_anything_is_typed(tmp_path: Path) -> None:
    app = CarecoordApp(PracticePaths(tmp_path / "Dropbox" / "care"))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "synced by Dropbox" in problem(app)


async def test_the_code_hides_while_it_is_typed_back(app: CarecoordApp) -> None:
    async with app.run_test() as pilot:
        code = await to_recovery(pilot, app)
        await pilot.press("x")
        assert code[:5] not in str(app.screen.query_one("#code", Static).content).replace(" ", "")
        await give_last_group(pilot, "xyzyz")
        assert "not the last group" in problem(app)
        assert code[:5] in str(app.screen.query_one("#code", Static).content).replace(" ", "")
        await pilot.press("escape")
        assert isinstance(app.screen, RecoveryScreen)


async def test_the_code_can_be_saved_but_not_beside_the_practice_nor_over_a_file(
    app: CarecoordApp, paths: PracticePaths, tmp_path: Path
) -> None:
    target = tmp_path / "code.txt"
    taken = tmp_path / "taken.txt"
    taken.write_text("mine")
    async with app.run_test() as pilot:
        code = await to_recovery(pilot, app)
        await pilot.press("f8")
        answer = app.screen.query_one("#answer", Input)
        for wrong, words in (
            (paths.root / "code.txt", "Not beside"),
            (taken, "already there"),
            (tmp_path / "no" / "code.txt", "cannot be written"),
        ):
            answer.value = str(wrong)
            await pilot.press("enter")
            assert words in problem(app)
        answer.value = str(target)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, StartChoiceScreen))
    assert target.read_text().strip().replace("-", "") == code
    assert target.stat().st_mode & 0o777 == 0o600
    assert taken.read_text() == "mine"


async def test_import_is_offered_on_the_open_practice(app: CarecoordApp) -> None:
    async with app.run_test() as pilot:
        await to_choice(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: type(app.screen).__name__ == "ImportScreen")
        await pilot.press("escape")
        assert type(app.screen).__name__ == "TodayScreen"


async def test_the_demo_opens_in_a_folder_of_its_own(app: CarecoordApp, paths: PracticePaths) -> None:
    async with app.run_test() as pilot:
        await pilot.press("f9")
        await until(pilot, lambda: app.unlocked is not None, seconds=30)
        assert app.unlocked is not None
        assert app.unlocked.paths.root != paths.root
        await until(pilot, lambda: app.practice is not None)
        assert app.practice is not None
        assert app.practice.settings.is_demo
        active = app.practice.execute("SELECT count(*) FROM patient WHERE status = 'active'")
        assert active == [(start_choice.DEMO_PATIENTS,)]
    assert not paths.exists


# --- small parts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("passphrase", "words"),
    [
        ("abc", "5 more characters"),
        ("abcdefg", "1 more character"),
        ("aaaaaaaaaaaa", "easy"),
        ("123456789012", "easy"),
        ("Password2026", "easy"),
        ("four small words", "fair"),
        ("seven quiet llamas dance", "good"),
        ("correct horse battery staple lamp", "strong"),
        ("k7#Vq!z0Lp$2mX9&", "strong"),
    ],
)
def test_strength_in_words(passphrase: str, words: str) -> None:
    assert strength_words(passphrase).startswith(words)


def test_the_minimum_is_the_stores() -> None:
    assert first_run.MIN_PASSPHRASE == keyfile.MIN_PASSPHRASE


def test_the_code_is_shown_in_two_rows_of_three() -> None:
    assert spaced("AAAAA-BBBBB-CCCCC-DDDDD-EEEEE-FFFFF").splitlines() == [
        "A A A A A     B B B B B     C C C C C",
        "",
        "D D D D D     E E E E E     F F F F F",
    ]


def test_a_half_written_code_file_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, data: bytes) -> None:
        raise OSError("no space")

    monkeypatch.setattr(recovery, "write_private", fail)
    with pytest.raises(OSError, match="no space"):
        save_code(tmp_path / "code.txt", "AAAAA")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("America/Chicago", "America/Chicago"),
        (" america/new_york ", "America/New_York"),
        ("los angeles", "America/Los_Angeles"),
        ("Arizona", "America/Phoenix"),
    ],
)
def test_zones_are_found_by_what_people_type(typed: str, name: str) -> None:
    assert time_zones.find_zone(typed) == name


@pytest.mark.parametrize("typed", ["", "nowhere", "../../etc/passwd"])
def test_what_is_no_zone_is_said(typed: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        time_zones.find_zone(typed)


def test_the_computers_zone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(time_zones, "_LOCALTIME", tmp_path / "missing")
    monkeypatch.setattr(time_zones, "_TIMEZONE", tmp_path / "timezone")
    assert time_zones.system_zone({"TZ": ":/usr/share/zoneinfo/America/Denver"}) == "America/Denver"
    (tmp_path / "timezone").write_text("America/Boise\n")
    assert time_zones.system_zone({}) == "America/Boise"
    (tmp_path / "timezone").write_text("Etc/UTC\n")
    assert time_zones.system_zone({}) == ""
    assert time_zones.system_zone({"TZ": "EST5EDT4,nonsense"}) == ""


async def test_an_answer_left_out_is_asked_for_at_its_field(app: CarecoordApp) -> None:
    async with app.run_test() as pilot:
        for key in "Dana":
            await pilot.press(key)
        await pilot.press("enter", "enter", "enter")
        await pilot.pause()
        clinical, line = app.screen.query_one(YesNo), app.screen.query_one("#problem")
        assert app.focused is clinical
        assert "Press y or n" in problem(app)
        assert line.region.y == clinical.region.y + 1
        await pilot.press("y")
        await pilot.pause()
        assert problem(app) == ""
        app.screen.query_one("#zone-input", Input).value = "eastern"
        clinical.value = None
        for field in ("passphrase-input", "again-input"):
            app.screen.query_one(f"#{field}", Input).value = SECRET
        await pilot.pause()
        app.screen.query_one("#again-input").focus()
        await pilot.press("enter")
        await pilot.pause()
        assert app.focused is clinical
        assert line.region.y == clinical.region.y + 1
        hint = app.screen.query_one("#hint")
        await pilot.press("n")
        await pilot.pause()
        assert line.region.y > app.screen.query_one("#again-input").region.y
        assert hint.region.bottom <= 24
