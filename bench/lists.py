"""A list of N rows and nothing else, for measuring keys: ``python bench/lists.py 10000 [--empty] [--light]``.

``--empty`` shows the smallest Textual app that answers an arrow key, as the yardstick.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from rich.segment import Segment
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.strip import Strip
from textual.widget import Widget

from carecoord_tui.themes import register_themes
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

NAMES = (
    "Alvarez, Rosa", "Nguyễn, Thị Minh", "Cole, James", "Haddad, Samir", "Okafor, Ada", "O'Neil [Jr] [/b]",
    "Petrov, Ivan", "王小明 Wang", "Brandt, Otto", "Zoë\u0308 \x1b[31mred", "Levi \u202egnorw",
)  # fmt: skip
ACTIONS = (
    "Reach after hospital discharge", "Call: CGM supply order", "Chase cardiology report",
    "Promised call back", "Ask Humana: MRI decision due Tue", "Confirm interpreter, 9:00",
    "Gather appeal papers",
)  # fmt: skip
COLUMNS = (
    Column("due", "Due", width=11),
    Column("name", "Name", min_width=16, max_width=28, style="strong"),
    Column("action", "Next action", min_width=20, grow=2),
    Column("try", "Try", width=4, align="right", priority=40),
    Column("last", "Last contact", width=14, priority=30, style="dim"),
    Column("payer", "Coverage", width=16, priority=20, style="dim"),
)
GROUP = 25


def rows(count: int) -> list[Row]:
    """``count`` records under headings of 25, with the awkward names among them."""
    made: list[Row] = []
    for number in range(count):
        if number % GROUP == 0:
            made.append(Row(("group", number), (f"GROUP {number // GROUP + 1}",), kind="header"))
        due = Text("Fri, 1d", style="alarm") if number % 5 == 1 else "Wed 2 Dec"
        waiting = number % 7 == 3
        made.append(
            Row(
                number,
                (
                    due,
                    f"{NAMES[number % len(NAMES)]} {number}",
                    Text("waiting: Dr. Shah's office", style="waiting")
                    if waiting
                    else ACTIONS[number % len(ACTIONS)],
                    f"{number % 4}/3",
                    "Mon 30 Nov",
                    "Humana Gold Plus",
                ),
            )
        )
    made.append(Row("waiting", ("WAITING 31 · 4 past promise",), kind="line"))
    return made


class ListApp(App[None]):
    BINDINGS = [Binding("space", "mark", show=False), Binding("q", "quit", show=False)]  # noqa: RUF012

    def __init__(self, count: int, light: bool) -> None:
        super().__init__()
        self.count, self.light = count, light

    def compose(self) -> ComposeResult:
        source = rows(self.count) if self.count else []
        yield RecordList(COLUMNS, source, empty_text="No patients yet.\nPress + to add the first one.")

    def on_mount(self) -> None:
        register_themes(self)
        self.theme = "carecoord-light" if self.light else "carecoord-dark"

    def action_mark(self) -> None:
        self.query_one(RecordList).toggle_mark()


class Counter(Widget, can_focus=True):
    """One line that changes with each arrow key."""

    BINDINGS = [Binding("down", "count", show=False)]  # noqa: RUF012
    number = 0

    def action_count(self) -> None:
        self.number += 1
        self.refresh()

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(f"Name {self.number}")])


class EmptyApp(App[None]):
    BINDINGS = [Binding("q", "quit", show=False)]  # noqa: RUF012
    CSS = "Counter { height: 1; }"

    def compose(self) -> ComposeResult:
        yield Counter()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=200)
    parser.add_argument("--empty", action="store_true")
    parser.add_argument("--light", action="store_true")
    options = parser.parse_args()
    app: App[None] = EmptyApp() if options.empty else ListApp(options.count, options.light)
    app.run()


if __name__ == "__main__":
    main()
