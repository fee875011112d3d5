"""``config``: the user's own settings file, checked and explained. It needs no practice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carecoord_tui.cli.failures import FAILED, OK
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import say, write_json
from carecoord_tui.cli.parser import Group

if TYPE_CHECKING:
    from pathlib import Path


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    config = commands.add(
        "config",
        run_path,
        "where the settings file of this user lies",
        "The settings file of this user: theme, ASCII glyphs, keys. Settings of the practice are in its "
        "database (`carecoord settings`).",
    )
    group = Group(config, required=False)
    check = group.add(
        "check",
        run_check,
        "check the settings file; exit 1 when something in it cannot be used",
        "Check the settings file: unknown settings, wrong types, keys that two commands would share. Each "
        "problem is one sentence that names the line; exit 1 when there is any.",
    )
    check.add_argument("file", metavar="FILE", nargs="?", help="another file than the user's own")
    check.add_argument("--json", action="store_true", help="print JSON for scripts")


def run_path(invocation: Invocation) -> int:
    """The file's path, whether it is there or not."""
    say(str(_file(invocation)))
    return OK


def run_check(invocation: Invocation) -> int:
    """Every problem of the file."""
    from pathlib import Path

    from carecoord_tui.config import load_config

    named = invocation.options.file
    path = Path(named) if named else None
    problems = load_config(path, invocation.environ).problems
    shown = path or _file(invocation)
    if invocation.options.json:
        write_json({"file": str(shown), "is_there": shown.is_file(), "problems": list(problems)})
    elif problems:
        for problem in problems:
            say(problem)
    else:
        say(
            f"{shown}: {'no problem' if shown.is_file() else 'there is no such file; the defaults are used'}."
        )
    return FAILED if problems else OK


def _file(invocation: Invocation) -> Path:
    from carecoord_tui.config import chosen_file

    return chosen_file(None, invocation.environ)
