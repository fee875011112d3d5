"""Undo and redo: what they say, and when undo asks first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carecoord_tui.screens.confirm import ConfirmSheet
from carecoord_tui.store import undo
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.named import read_named

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp


def undo_newest(app: CarecoordApp, practice: Practice) -> None:
    """Take back the newest change; ask only when it was another patient's than the one in front.

    While the footer still says what was done, everybody knows what undo takes back: no question.
    """
    change = undo.next_undo(practice)
    if change is None:
        app.say("Nothing of yours is left to undo.")
        return
    here = app.patient_in_front()
    just_said = any(screen.was_saying for screen in app.work_screens()[-1:])
    if here is None or just_said or change.patient_ids <= {here}:
        _undo_now(app, practice)
        return
    people = len(change.patient_ids)
    whose = _name_of(app, practice, *change.patient_ids) if people == 1 else f"{people} patients"
    app.push_screen(
        ConfirmSheet(f"Undo “{change.label}”? It was about {whose}."),
        lambda is_meant: _undo_now(app, practice) if is_meant else None,
    )


def _name_of(app: CarecoordApp, practice: Practice, patient_id: int) -> str:
    """The one person a change was about, as names may be shown."""
    found = read_named(practice.execute, patient_id)
    return "another patient" if found is None else app.shown_name(found[0].display_name)


def _undo_now(app: CarecoordApp, practice: Practice) -> None:
    done: list[undo.UndoableChange | None] = []
    if app.attempt(lambda: done.append(undo.undo(practice))) and done[0] is not None:
        app.say(f"Undone: {done[0].label}.  ctrl+r brings it back.")


def redo_newest(app: CarecoordApp, practice: Practice) -> None:
    """Bring back what undo took back."""
    done: list[undo.UndoableChange | None] = []
    if app.attempt(lambda: done.append(undo.redo(practice))):
        change = done[0]
        app.say(f"Back again: {change.label}." if change else "Nothing to bring back.")
