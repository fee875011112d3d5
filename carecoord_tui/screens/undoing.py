"""Undo and redo: what they say, whose change it was, and when undo asks first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from carecoord_tui.screens.base import UNDO_OFFER
from carecoord_tui.screens.confirm import ConfirmSheet
from carecoord_tui.store import undo
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.named import read_named
from carecoord_tui.store.undo import UndoableChange

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp

_AROUND_OFFER = 4  # cells: two before the offer, one at each end of the line
Answered = Callable[[UndoableChange | None], None]
"""Called with what was taken back; None when nothing was."""


def undo_newest(app: CarecoordApp, practice: Practice, answered: Answered | None = None) -> None:
    """Take back the newest change; ask when it was about somebody else than the one in front.

    While the message that names it still stands, everybody knows what undo takes back: no question.
    """
    answered = answered or _ignore
    change = undo.next_undo(practice)
    if change is None:
        app.say("Nothing of yours is left to undo.")
        answered(None)
        return
    here = app.patient_in_front()
    is_said = any(screen.just_offered(change.change_id) for screen in app.work_screens()[-1:])
    if here is None or is_said or change.patient_ids <= {here}:
        answered(_undo_now(app, practice))
        return
    whose = _whose(app, practice, change) or "another patient"
    app.push_screen(
        ConfirmSheet(f"Undo “{change.label}”? It was about {whose}."),
        lambda is_meant: answered(_undo_now(app, practice) if is_meant else None),
    )


def redo_newest(app: CarecoordApp, practice: Practice) -> None:
    """Bring back what undo took back."""
    done: list[UndoableChange | None] = []
    if app.attempt(lambda: done.append(undo.redo(practice))):
        change = done[0]
        words = "Nothing to bring back."
        if change is not None:
            words = _named(f"Back again: {change.label}.", _whose(app, practice, change))
        app.say(words)


def name_offer(app: CarecoordApp, practice: Practice, text: str) -> tuple[str, int | None]:
    """A message that offers undo, with the name of whom the newest change was about; and that change.

    What is too long for the line is cut before the offer.
    """
    change = undo.next_undo(practice)
    if change is None:
        return text, None
    body = _named(text.removesuffix(UNDO_OFFER).rstrip(), _whose(app, practice, change))
    room = app.size.width - len(UNDO_OFFER) - _AROUND_OFFER
    if cell_len(body) > room:
        body = f"{set_cell_size(body, room - 1).rstrip()}…"
    return f"{body}  {UNDO_OFFER}", change.change_id


def _undo_now(app: CarecoordApp, practice: Practice) -> UndoableChange | None:
    done: list[UndoableChange | None] = []
    if not app.attempt(lambda: done.append(undo.undo(practice))) or done[0] is None:
        return None
    change = done[0]
    app.say(_named(f"Undone: {change.label}.  ctrl+r brings it back.", _whose(app, practice, change)))
    return change


def _whose(app: CarecoordApp, practice: Practice, change: UndoableChange) -> str:
    """Whom a change was about, as names may be shown now: never part of its label, which is kept."""
    if len(change.patient_ids) != 1:
        return f"{len(change.patient_ids)} patients" if change.patient_ids else ""
    found = read_named(practice.execute, *change.patient_ids)
    return "" if found is None else app.shown_name(found[0].display_name)


def _named(text: str, whose: str) -> str:
    """The name goes first: what does not fit is cut at the end."""
    return f"{whose} · {text}" if whose and whose not in text else text


def _ignore(_: UndoableChange | None) -> None:
    """Nobody waits for the answer."""
