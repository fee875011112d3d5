"""Snippets written out where notes are typed: one place for every form, told by the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input, TextArea

from carecoord_tui.domain.snippets import Filled, SnippetText, expand
from carecoord_tui.store.queries.snippets import read_snippets

if TYPE_CHECKING:
    from carecoord_tui.app import CarecoordApp

PROSE = ("note", "reason", "question", "wants", "said", "cause", "settle-text")
"""Ids of one-line fields that hold sentences end in one of these, where no form declares them as prose."""


def holds_prose(field: Input) -> bool:
    """True for a line that holds sentences; a name, a number or a day is never rewritten."""
    return getattr(field, "is_prose", False) or (field.id or "").endswith(PROSE)


def expand_in(app: CarecoordApp, field: Input | TextArea) -> None:
    """Write the snippet out that the last key completed, cursor behind it; nothing when it is none."""
    if isinstance(field, TextArea):
        _expand_lines(app, field)
    elif holds_prose(field):
        _expand_line(app, field)


def _expand_line(app: CarecoordApp, field: Input) -> None:
    before = field.value[: field.cursor_position]
    after = _written(app, before)
    if after is None:
        return
    after = " ".join(after.split("\n"))  # a field of one line
    field.value = after + field.value[field.cursor_position :]
    field.cursor_position = len(after)


def _expand_lines(app: CarecoordApp, field: TextArea) -> None:
    before = field.get_text_range((0, 0), field.cursor_location)
    after = _written(app, before)
    if after is not None:
        start = next(n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1])
        field.replace(after[start:], _place(before, start), field.cursor_location)


def _place(text: str, index: int) -> tuple[int, int]:
    """Row and column of a character."""
    line = text.count("\n", 0, index)
    return line, index - (text.rfind("\n", 0, index) + 1)


def _written(app: CarecoordApp, before: str) -> str | None:
    practice = app.practice
    if practice is None or app.is_locked or ";" not in before[-40:]:
        return None
    return expand(before, read_snippets(practice.execute), known_now(app))


def known_now(app: CarecoordApp) -> Filled:
    """What fields of a snippet stand for at this moment."""
    reader = app.reader
    settings = reader.settings
    return Filled(reader.moment().local, reader.user.name, settings.practice_name, settings.callback_number)


def templates(app: CarecoordApp) -> list[SnippetText]:
    """The snippets a note may begin with, by title."""
    practice = app.practice
    found = read_snippets(practice.execute).values() if practice is not None else ()
    return sorted((one for one in found if one.is_template), key=lambda one: one.title)
