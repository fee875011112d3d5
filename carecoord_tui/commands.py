"""The one registry of commands: what every key, palette entry and help line comes from.

A command is declared once. ``bindings`` makes Textual bindings of it, ``keymap_problems`` checks the
user's changes of keys, the help screen and the footer read the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from textual.binding import Binding


class Scope(StrEnum):
    """Where a command works."""

    EVERYWHERE = "everywhere"
    ITEM = "on a row or its patient"
    LIST = "in a list"
    TODAY = "on Today"
    PATIENTS = "on Patients"
    PAGE = "on the patient page"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a key does. ``keys`` are Textual key names, comma-separated; ``action`` a method name."""

    id: str
    keys: str
    action: str
    title: str  # footer and palette
    help: str
    scope: Scope
    in_footer: bool = False
    priority: bool = False  # works inside inputs and above dialogs
    in_palette: bool = True


_E, _I, _L = Scope.EVERYWHERE, Scope.ITEM, Scope.LIST

COMMANDS: tuple[Command, ...] = (
    Command("app.today", "1", "go('today')", "Today", "The ranked day: what now, and why.", _E),
    Command("app.patients", "2", "go('patients')", "Patients", "The caseload, filtered as you type.", _E),
    Command(
        "app.jump", "ctrl+k,f3", "jump", "Jump to patient",
        "Any patient by a few letters, birth date, MRN, phone digits or member ID; works in the middle of a form.",
        _E, priority=True,
    ),
    Command("verb.contact", "c", "contact", "contact", "Log a contact: one key for the outcome, the next try is set.", _I, True),
    Command("verb.done", "x", "done", "done", "Done; on an item a rule made, the act that settles it.", _I, True),
    Command("verb.move", "s", "move", "move", "Move to another date or until an event.", _I, True),
    Command("verb.why", "w", "why", "why", "Why it stands here: rule, citation, history, audit.", _I, True),
    Command("list.choose", "enter", "open", "page", "Open the patient page at this item.", _I, True, in_palette=False),
    Command("verb.follow_up", "f", "follow_up", "follow-up", "A new follow-up for this patient, once or recurring.", _I),
    Command("verb.note", "n", "note", "note", "Write a note.", _I),
    Command("verb.edit", "e", "edit", "edit", "Change the follow-up, or the patient.", _I),
    Command("verb.waiting", "b", "waiting", "waiting on", "Say who owes the next step, and until when.", _I),
    Command("verb.copy", "y", "copy", "copy", "Copy a name, birth date, phone, member ID or code.", _I),
    Command("app.quick_add", "plus", "quick_add", "add", "One line: call Nguyen thu 2pm CGM assistance.", _E, True),
    Command("list.mark", "space", "mark", "mark", "Mark this row; verbs then work on all marked rows.", _L),
    Command("list.filter", "slash", "filter", "filter", "Filter this list as you type.", _L),
    Command("list.rank", "full_stop", "rank_again", "re-rank", "Rank the day anew; while you work the order stands still.", Scope.TODAY),
    Command("view.pane", "p", "toggle_pane", "pane", "Show or hide the side pane.", _L),
    Command("patients.new", "N", "new_patient", "new patient", "Add a patient by hand.", _E),
    Command("page.next_tab", "right,tab", "tab(1)", "next tab", "The next tab of the page.", Scope.PAGE, in_palette=False),
    Command("page.previous_tab", "left,shift+tab", "tab(-1)", "previous tab", "The tab before.", Scope.PAGE, in_palette=False),
    Command("page.new_person", "P", "new_person", "related person", "Add a related person, and what they may be told.", Scope.PAGE),
    Command("patients.everybody", "A", "everybody", "everybody", "Also people discharged or deceased.", Scope.PATIENTS),
    Command("patient.status", "S", "status", "status", "On hold, discharged, deceased, or taken up again.", _I),
    Command("app.import", "I", "import_file", "import", "Bring a spreadsheet of patients in, after a preview.", _E),
    Command("app.undo", "u", "undo", "undo", "Take back your newest change; it says what that was.", _E),
    Command("app.redo", "ctrl+r", "redo", "redo", "Bring back what undo took back.", _E),
    Command("app.privacy", "z", "privacy", "mask names", "Mask names while somebody looks on.", _E),
    Command("app.lock", "ctrl+l", "lock", "lock", "Lock the screen; the passphrase opens it again.", _E, priority=True),
    Command("app.palette", "ctrl+p", "command_palette", "palette", "Every command by its name; themes too.", _E, priority=True, in_palette=False),
    Command("app.help", "question_mark", "help", "help", "Every key of this screen.", _E, True),
    Command("app.back", "escape", "back", "back", "Clear the filter, close the pane, clear marks, go back.", _E, in_palette=False),
    Command("app.quit", "q", "quit", "quit", "Leave; everything is saved already.", _E),
    Command("app.quit_now", "ctrl+q", "quit", "quit", "Leave from anywhere.", _E, priority=True, in_palette=False),
)  # fmt: skip

RESERVED_KEYS = ("j", "k", "g", "G", "up", "down", "home", "end", "pageup", "pagedown", "ctrl+s")
"""Keys of lists and forms, which the widget in focus takes before any command could."""

BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}


def bindings(*scopes: Scope) -> list[Binding]:
    """Textual bindings of every command of these scopes."""
    return [
        Binding(
            command.keys,
            command.action,
            command.title,
            id=command.id,
            show=command.in_footer,
            priority=command.priority,
            tooltip=command.help,
        )
        for command in COMMANDS
        if command.scope in scopes and command.id != "list.choose"  # the list itself binds enter
    ]


def keymap_problems(keymap: Mapping[str, str]) -> list[str]:
    """What is wrong with the user's keys: unknown ids and keys that two commands would share."""
    problems = [
        f"keys.{name}: there is no command of that name; carecoord keys lists them."
        for name in keymap
        if name not in BY_ID
    ]
    owner: dict[str, str] = dict.fromkeys(RESERVED_KEYS, "lists and forms, where it cannot be changed")
    for command in sorted(COMMANDS, key=lambda one: one.id in keymap):  # blame what the user changed
        for key in keymap.get(command.id, command.keys).split(","):
            other = owner.setdefault(key.strip(), command.id)
            if other != command.id:
                problems.append(f"keys.{command.id}: the key {key.strip()} already belongs to {other}.")
    return problems


_SHOWN = {
    "plus": "+",
    "slash": "/",
    "question_mark": "?",
    "full_stop": ".",
    "escape": "esc",
    "space": "space",
}


def key_label(keys: str) -> str:
    """Keys as people read them: ``ctrl+k,f3`` is ``ctrl+k F3``."""
    shown = []
    for key in keys.split(","):
        name = _SHOWN.get(key, key)
        shown.append(name.upper() if len(name) == 2 and name[0] == "f" and name[1].isdigit() else name)
    return " ".join(shown)


def footer_commands(scopes: Iterable[Scope]) -> list[Command]:
    """The commands a footer names, in order."""
    wanted = set(scopes)
    return [command for command in COMMANDS if command.in_footer and command.scope in wanted]
