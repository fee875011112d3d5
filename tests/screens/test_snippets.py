"""Snippets by keys: written out in notes and forms, kept, replaced, taken out, undone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import Input, TextArea

from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens import expanding
from carecoord_tui.screens.form_sheet import FormInput
from tests.screens.bench import arrive, at_work, front, rows, shown, to_row, until, write

OWN = "SELECT word, title, text, is_template FROM snippet"


async def test_a_snippet_is_written_out_in_a_note(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("n")
        await write(pilot, "Tried twice. ;na and again")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT text FROM note") == [
            ("Tried twice. No answer 8am, no message left. and again",)
        ]


async def test_a_snippet_is_written_out_in_a_field_of_one_line_and_not_in_a_name(
    paths: PracticePaths,
) -> None:
    async with at_work(paths) as (pilot, app, _practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("c", "tab")
        await write(pilot, ";dob ")
        await pilot.pause()
        assert app.screen.query_one("#contact-note", Input).value == (
            "Identity checked by name and birth date. "
        )
        await pilot.press("escape", "escape", "N")
        await until(pilot, lambda: front(app) == "PatientForm")
        field = app.screen.query(Input).first()
        field.focus()
        await write(pilot, ";dob x")
        assert field.value == ";dob x"


async def test_the_second_line_of_a_note_is_written_out_in_its_place(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("n")
        await write(pilot, "first")
        await pilot.press("enter")
        await write(pilot, "then ;dob end")
        await pilot.pause()
        assert (
            app.screen.query_one(TextArea).text == "first\nthen Identity checked by name and birth date. end"
        )


async def test_a_template_begins_the_note_with_its_first_blank_chosen(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _practice):
        await to_row(pilot, app, "Gather papers")
        await pilot.press("n", "ctrl+t")
        await until(pilot, lambda: front(app) == "TemplateSheet")
        await pilot.pause()
        assert "after a hospital stay" in shown(app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: front(app) == "NoteSheet")
        await write(pilot, "Harbor Health")
        assert app.screen.query_one(TextArea).text.startswith("Visit: Harbor Health\nRide: __")


async def test_one_is_kept_used_replaced_and_undone(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("semicolon")
        await until(pilot, lambda: front(app) == "SnippetsSheet")
        await pilot.pause()
        assert ";vm" in shown(app)
        await pilot.press("P")
        await until(pilot, lambda: front(app) == "SnippetForm")
        await write(pilot, "ride")
        app.screen.query_one(TextArea).focus()
        await write(pilot, "No ride on {date}.")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: front(app) == "SnippetsSheet")
        assert rows(practice, OWN) == [("ride", "", "No ride on {date}.", 0)]
        await pilot.press("D")
        await until(pilot, lambda: rows(practice, OWN) == [])
        await pilot.press("u")
        await until(pilot, lambda: len(rows(practice, OWN)) == 1)


async def test_one_of_the_program_is_not_taken_out_but_replaced(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("semicolon")
        await until(pilot, lambda: front(app) == "SnippetsSheet")
        await pilot.press("D")
        await pilot.pause()
        assert "comes with the program" in shown(app)
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "SnippetForm")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: front(app) == "SnippetsSheet")
        assert len(rows(practice, OWN)) == 1


async def test_an_unknown_field_is_refused_and_the_draft_stays(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("semicolon", "P")
        await until(pilot, lambda: front(app) == "SnippetForm")
        await write(pilot, "x")
        app.screen.query_one(TextArea).focus()
        await write(pilot, "Dear {patient}")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "{patient} is no field" in shown(app)
        assert front(app) == "SnippetForm"
        assert rows(practice, OWN) == []


NOTE_WORDS = re.compile(
    r"\b(note|reason|why|question|answer|their words|said|safe contact|consented)\b", re.IGNORECASE
)
NO_PROSE = {("assistance_form", "decided_on"), ("settings_forms", "name")}  # a day; a closure's name


def declared_lines() -> Iterator[tuple[str, str, str, bool]]:
    """Module, label, id and whether it is prose of every one-line field that a form declares."""
    for path in sorted(Path(expanding.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            label = node.args[0].value if isinstance(node.args[0], ast.Constant) else ""
            inner = node
            if called == "Field" and len(node.args) == 2 and isinstance(node.args[1], ast.Call):
                inner = node.args[1]
                if getattr(inner.func, "id", "") != "FormInput":
                    continue
                named = next((k.value for k in inner.keywords if k.arg == "id"), None)
            elif called == "line" and len(node.args) > 1:
                named = node.args[1]
            else:
                continue
            name = named.value if isinstance(named, ast.Constant) else ""
            prose = any(k.arg == "prose" and getattr(k.value, "value", None) is True for k in inner.keywords)
            yield path.stem, str(label), str(name), prose


def test_every_note_field_of_every_form_writes_snippets_out() -> None:
    found = list(declared_lines())
    assert len(found) > 60, "the forms are read"
    notes = [(module, label, name, prose) for module, label, name, prose in found if NOTE_WORDS.search(label)]
    assert len(notes) >= 20
    missed = [
        (module, label, name)
        for module, label, name, prose in notes
        if name
        and (module, name) not in NO_PROSE
        and not expanding.holds_prose(FormInput(id=name, prose=prose))
    ]
    assert missed == []


@pytest.mark.parametrize("name", ["call-note", "contact-note", "drop-reason", "good-cause", "settle-text"])
def test_the_notes_of_other_sheets_too(name: str) -> None:
    assert expanding.holds_prose(Input(id=name))


@pytest.mark.parametrize("name", ["caller-name", "call-who", "call-reference", "waiting-name", "family_name"])
def test_a_name_is_no_prose(name: str) -> None:
    assert not expanding.holds_prose(Input(id=name))


async def test_the_safe_contact_of_a_patient_is_written_out(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _practice):
        await pilot.press("N")
        await arrive(pilot, app, "PatientForm")
        app.screen.query_one("#safe_contact", Input).focus()
        await write(pilot, ";vm x")
        await pilot.pause()
        assert app.screen.query_one("#safe_contact", Input).value == (
            "Left minimal message 8am: name and number only. x"
        )
