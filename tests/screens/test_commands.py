"""Every command is carried out somewhere, can be remapped, and works from the palette too."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest
from textual.binding import Binding
from textual.screen import Screen

import carecoord_tui.screens
from carecoord_tui.app import CarecoordApp
from carecoord_tui.commands import COMMANDS, RESERVED_KEYS, Command, Scope, bindings, keymap_problems
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.base import WorkScreen
from carecoord_tui.screens.form_sheet import FormSheet
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work


def screens() -> list[type[Screen[object]]]:
    """Every screen a user meets."""
    names = [module.name for module in iter_modules(carecoord_tui.screens.__path__)]
    modules = [import_module(f"carecoord_tui.screens.{name}") for name in names]
    return [module.SCREEN for module in modules if hasattr(module, "SCREEN")]


def work_screens_of(scope: Scope) -> list[type[WorkScreen]]:
    return [one for one in screens() if issubclass(one, WorkScreen) and scope in one.SCOPES]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_command_is_carried_out_wherever_it_works(command: Command) -> None:
    assert command.title
    assert command.help.endswith(".")
    method = f"action_{command.action.partition('(')[0]}"
    if command.id == "list.choose":
        assert any(b.id == command.id for b in RecordList.BINDINGS if isinstance(b, Binding))
    elif command.scope is Scope.EVERYWHERE:
        assert hasattr(CarecoordApp, method)
    else:
        places = work_screens_of(command.scope)
        assert places
        assert [place.__name__ for place in places if not hasattr(place, method)] == []


@pytest.mark.parametrize("place", [CarecoordApp, *screens()], ids=lambda place: place.__name__)
def test_what_a_work_screen_binds_is_a_command(place: type[Screen[object]]) -> None:
    known = {command.id for command in COMMANDS}
    bound = [one for one in place.__dict__.get("BINDINGS", ()) if isinstance(one, Binding)]
    if place is CarecoordApp or issubclass(place, WorkScreen):
        assert {one.id for one in bound} <= known


def test_bindings_keep_their_ids_and_keys() -> None:
    made = {one.id: one for one in bindings(*Scope)}
    assert set(made) == {command.id for command in COMMANDS} - {"list.choose"}
    assert all(made[command.id].key == command.keys for command in COMMANDS if command.id in made)


@pytest.mark.parametrize("key", RESERVED_KEYS)
def test_a_key_of_lists_and_forms_is_not_given_away(key: str) -> None:
    used = {k for place in (RecordList, FormSheet) for b in place.BINDINGS for k in b.key.split(",")}
    assert key in used, "reserved for nobody"
    assert keymap_problems({"verb.note": key})


def test_the_palette_key_belongs_to_the_palette() -> None:
    assert keymap_problems({"verb.note": "ctrl+p"})


async def test_the_palette_runs_the_apps_and_the_screens_commands(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        run = {one.title: one.callback for one in app.get_system_commands(app.screen)}
        await run["Mask names"]()
        assert app.privacy
        await run["Note"]()
        await arrive(pilot, app, "NoteSheet")
        await pilot.press("escape")
        await run["Patients"]()
        await arrive(pilot, app, "PatientsScreen")


async def test_the_page_shows_the_users_own_keys(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        app._keymap_given = {"verb.note": "f6"}
        app.set_keymap(app._keymap_given)
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        app.screen.show_keys()
        assert "F6 note" in app.screen.query_one("#footer")._left.plain
