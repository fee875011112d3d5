"""Help: every key of the screen it was called from, as it is now, remapped keys included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.types import CSSPathType
from textual.widgets import Static

from carecoord_tui.commands import COMMANDS, Command, Scope, key_label
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.widgets.scrolling import scroll

LIST_KEYS = (
    ("j k, arrows", "One row down, one row up."),
    ("g G, Home End", "The first row, the last row."),
    ("PgUp PgDn", "One page up, one page down."),
)
_FORM_KEYS = (
    ("tab", "The next field of a form; shift+tab the one before."),
    ("esc", "Leave a form without saving."),
)


def group_of(scope: Scope) -> str:
    """The heading of a scope's commands: ``On a row or its patient``."""
    return f"{scope.value[:1].upper()}{scope.value[1:]}"


def groups(scopes: Sequence[Scope]) -> Iterator[tuple[str, list[Command]]]:
    """Heading and commands of each scope that has any; what is nearest to hand first."""
    for scope in dict.fromkeys(scopes):
        commands = [command for command in COMMANDS if command.scope == scope]
        if commands or scope is Scope.LIST:
            yield group_of(scope), commands


class HelpSheet(Sheet[None]):
    """``?``: all commands of ``scopes`` by group, each with its keys and one line of help."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "help.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q,enter", "cancel", "Close", id="help.close", show=False),
        Binding("j,down", "move('down')", "Down", id="help.down", show=False),
        Binding("k,up", "move('up')", "Up", id="help.up", show=False),
        Binding("pagedown,space", "move('page_down')", "Page down", id="help.page_down", show=False),
        Binding("pageup", "move('page_up')", "Page up", id="help.page_up", show=False),
        Binding("g,home", "move('home')", "Top", id="help.home", show=False),
        Binding("G,end", "move('end')", "Bottom", id="help.end", show=False),
    ]

    def __init__(self, scopes: Sequence[Scope]) -> None:
        super().__init__()
        self._scopes = tuple(scopes)

    def heading(self) -> str:
        """What this is."""
        return "Keys here"

    def hint(self) -> str:
        """The keys of this sheet."""
        return "j k scroll · esc back · names on the right: [keys] in the settings file"

    def compose_body(self) -> ComposeResult:
        """The groups, scrolling."""
        with VerticalScroll(id="help", can_focus=False):
            stack = self.app.screen_stack
            keys = _present_keys(stack[max(stack.index(self) - 1, 0)])
            for title, commands in groups(self._scopes):
                yield Static(title, classes="group", markup=False)
                extra = LIST_KEYS if title == group_of(Scope.LIST) else ()
                yield Static(_table(commands, keys, extra))
            yield Static("In a form", classes="group", markup=False)
            yield Static(_table([], keys, _FORM_KEYS))

    def action_move(self, where: str) -> None:
        """Scroll."""
        scroll(self.query_one("#help", VerticalScroll), where)


def _present_keys(screen: Screen[object]) -> Mapping[str, str]:
    """Command id -> keys in force on ``screen``, comma-separated."""
    found: dict[str, list[str]] = {}
    for key, active in screen.active_bindings.items():
        if active.binding.id:
            found.setdefault(active.binding.id, []).append(key)
    return {name: ",".join(keys) for name, keys in found.items()}


def _table(commands: Sequence[Command], keys: Mapping[str, str], extra: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=13, no_wrap=True)
    table.add_column(ratio=1)
    table.add_column(width=18, no_wrap=True, justify="right")
    strong, dim = Style(bold=True), Style(dim=True)
    for names, help_text in extra:
        table.add_row(Text(names, strong), Text(help_text), Text())
    for command in commands:
        shown = key_label(keys.get(command.id, command.keys))
        table.add_row(Text(shown, strong), Text(command.help), Text(command.id, dim))
    return table


SCREEN = HelpSheet
