"""Settings by keys: what the database and the settings file then hold, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.form_sheet import FormInput
from carecoord_tui.screens.settings_rows import RowId
from carecoord_tui.store.actions.settings import setting_problems
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.setting_specs import BY_KEY
from carecoord_tui.store.settings import read_settings
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, rows, shown, until, write


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's settings file, which the sheet shows and changes."""
    path = tmp_path / "config.toml"
    monkeypatch.setenv("CARECOORD_CONFIG", str(path))
    path.write_text("# mine\n")
    return path


async def settings(pilot: Pilot[None], app: CarecoordApp, kind: str, name: str) -> None:
    """Open the sheet with the cursor on a line."""
    await pilot.press("comma")
    await arrive(pilot, app, "SettingsSheet")
    assert app.screen.query_one(RecordList).move_to(RowId(kind, name))
    await pilot.pause()


async def field(pilot: Pilot[None], app: CarecoordApp, key: str, text: str) -> None:
    """Choose a setting, type another value and save."""
    await settings(pilot, app, "setting", key)
    await pilot.press("enter")
    await arrive(pilot, app, "SectionForm")
    await until(pilot, lambda: app.focused is not None and app.focused.id == key.replace(".", "-"))
    focused = app.focused
    assert isinstance(focused, FormInput)
    focused.value = ""
    await write(pilot, text)
    await pilot.press("ctrl+s")


def stored(practice: Practice, key: str) -> str:
    """What the database holds."""
    return "".join(str(value) for (value,) in rows(practice, "SELECT value FROM setting WHERE key = ?", key))


async def back(pilot: Pilot[None], app: CarecoordApp) -> None:
    """The sheet again, after a form was saved."""
    await until(pilot, lambda: front(app) == "SettingsSheet")
    await pilot.pause()


async def test_a_setting_is_kept_shown_and_taken_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await field(pilot, app, "practice_name", "Maple Street")
        await back(pilot, app)
        assert stored(practice, "practice_name") == "Maple Street"
        assert "Maple Street" in shown(app)
        await pilot.press("u")
        await until(pilot, lambda: practice.settings.practice_name == "")
        await pilot.pause()
        assert "Maple Street" not in shown(app)


async def test_a_bad_value_is_said_at_its_field_and_nothing_changes(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await field(pilot, app, "idle_lock_minutes", "soon")
        await until(pilot, lambda: "Type a whole number from 1 to 480." in shown(app))
        assert front(app) == "SectionForm"
        assert stored(practice, "idle_lock_minutes") == ""
        assert practice.settings.idle_lock_minutes == 10


async def test_the_outreach_protocol_of_the_practice_rules_the_ledger(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        built = rows(practice, "SELECT fingerprint FROM ledger_state")
        await field(pilot, app, "rule.outreach.next_attempt.attempts", "5")
        await back(pilot, app)
        assert practice.context.pack.get("outreach.next_attempt").param("attempts") == 5
        assert rows(practice, "SELECT fingerprint FROM ledger_state") != built
        await pilot.press("escape")
        await field(pilot, app, "rule.outreach.next_attempt.attempts", "")
        await back(pilot, app)
        assert practice.context.pack.get("outreach.next_attempt").param("attempts") == 3
        assert rows(practice, "SELECT fingerprint FROM ledger_state") == built


async def test_hours_of_the_practice_hold_for_who_gave_none(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await field(pilot, app, "call_from", "9am")
        await back(pilot, app)
        assert practice.moment().call_from == practice.context.call_from
        assert stored(practice, "call_from") == "09:00"
        await pilot.press("escape")
        await pilot.pause()
        assert "Nguyen" in shown(app)
        await field(pilot, app, "call_until", "8am")
        await until(pilot, lambda: "end before they begin" in shown(app))


async def test_fewer_people_on_today(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await field(pilot, app, "people_shown", "1")
        await back(pilot, app)
        await pilot.press("escape")
        await until(pilot, lambda: "more due" in shown(app))
        assert stored(practice, "people_shown") == "1"


async def test_a_closure_is_added_removed_and_brought_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await settings(pilot, app, "closure", "")
        await pilot.press("P")
        await arrive(pilot, app, "ClosureForm")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Type the day." in shown(app)
        await write(pilot, "12/24")
        await pilot.press("enter")
        await write(pilot, "Training")
        await pilot.press("enter")
        await back(pilot, app)
        held = "SELECT closed_on, name FROM closure"
        assert rows(practice, held) == [("2026-12-24", "Training")]
        assert app.screen.query_one(RecordList).move_to(RowId("closure", "2026-12-24"))
        await pilot.press("D")
        await until(pilot, lambda: rows(practice, held) == [])
        await pilot.press("u")
        await until(pilot, lambda: rows(practice, held) == [("2026-12-24", "Training")])
        assert len(practice.context.calendar.closures) == 1


async def test_the_same_day_twice_is_refused(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        for _ in range(2):
            await settings(pilot, app, "setting", "timezone")
            await pilot.press("P")
            await arrive(pilot, app, "ClosureForm")
            await write(pilot, "12/24")
            await pilot.press("ctrl+s")
            await until(pilot, lambda: not getattr(app.screen, "is_working", False))
            await pilot.pause()
            if front(app) == "SettingsSheet":
                await pilot.press("escape")
        assert "a closure already" in shown(app)
        assert len(rows(practice, "SELECT 1 FROM closure")) == 1


async def test_the_theme_is_written_to_the_file_and_seen_at_once(paths: PracticePaths, file: Path) -> None:
    async with at_work(paths) as (pilot, app, _):
        await settings(pilot, app, "program", "theme")
        await pilot.press("enter")
        await arrive(pilot, app, "ProgramForm")
        focused = app.screen.query_one("#theme", FormInput)
        focused.value = "mauve"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "There is no theme of that name" in shown(app)
        assert file.read_text() == "# mine\n"
        focused.value = "carecoord-light"
        await pilot.press("ctrl+s")
        await back(pilot, app)
        assert file.read_text() == '# mine\ntheme = "carecoord-light"\n'
        assert app.theme == "carecoord-light"


async def test_what_is_wrong_with_the_file_stands_there_with_its_line(
    paths: PracticePaths, file: Path
) -> None:
    file.write_text('[keys]\n"verb.contact" = "x"\n')
    async with at_work(paths, size=(120, 36)) as (pilot, app, _):
        await settings(pilot, app, "problem", "0")
        await pilot.press("enter")
        await pilot.pause()
        line = str(app.screen.query_one("#sheet-problem", Static).content)
        assert "line 2: keys.verb.contact: the key x already belongs to verb.done" in line


async def test_a_broken_file_is_not_overwritten(paths: PracticePaths, file: Path) -> None:
    file.write_text("theme = \n")
    async with at_work(paths) as (pilot, app, _):
        await settings(pilot, app, "program", "ascii")
        await pilot.press("enter")
        await arrive(pilot, app, "ProgramForm")
        await pilot.press("ctrl+s")
        line = app.screen.query_one("#sheet-problem", Static)
        await until(pilot, lambda: "nothing was changed" in str(line.content))
        assert file.read_text() == "theme = \n"


BAD = {
    "callback_number": ("12", "phone"),
    "timezone": ("Mars/Base", "time zone"),
    "check_in_capacity": ("-1", "whole number from 1 to 500"),
    "people_shown": ("many", "whole number from 1 to 500"),
    "idle_lock_minutes": ("481", "whole number from 1 to 480"),
    "rule.outreach.next_attempt.attempts": ("0", "whole number from 1 to 20"),
    "rule.outreach.next_attempt.n": ("1.5", "whole number from 1 to 60"),
    "rule.outreach.next_attempt.same_day_hours": ("13", "whole number from 1 to 12"),
    "rule.outreach.letter.n": ("x", "whole number from 1 to 60"),
    "rule.outreach.close.n": ("181", "whole number from 1 to 180"),
    "call_from": ("25:00", "time"),
    "call_until": ("later", "9am or 14:30"),
}


def test_every_setting_refuses_a_bad_value_in_one_sentence() -> None:
    settings = read_settings({})
    free = {"practice_name", "date_order"}  # any text; chosen by key
    assert set(BAD) | free == set(BY_KEY)
    for key, (text, words) in BAD.items():
        (problem,) = setting_problems(settings, {key: text}).values()
        assert words in problem
        assert problem.endswith(".")
        assert problem.count(". ") == 0, "one sentence"
    assert setting_problems(settings, {"call_from": "5pm", "call_until": "8am"})


async def test_minutes_to_lock_hold_at_once(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await field(pilot, app, "idle_lock_minutes", "2")
        await back(pilot, app)
        assert practice.settings.idle_lock_minutes == 2
        app._last_key -= 119
        app._lock_when_idle()
        assert not app.is_locked
        app._last_key -= 2
        app._lock_when_idle()
        await until(pilot, lambda: app.is_locked)


async def test_a_narrow_terminal_says_what_the_highlighted_one_means(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _practice):
        await pilot.press("comma")
        await arrive(pilot, app, "SettingsSheet")
        assert app.screen.query_one(RecordList).move_to(RowId("setting", "people_shown"))
        await pilot.pause()
        assert shown(app).count("people on Today; the rest waits under K") == 1
