"""``settings``, ``closures``, ``keys``: what a practice decides once, and the keys of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carecoord_tui.cli.failures import OK, CommandError, UsageError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import note, say, write_json, write_rows
from carecoord_tui.cli.parser import Group, Parser
from carecoord_tui.store.setting_specs import BY_KEY, SPECS, TEXT_LIMIT

if TYPE_CHECKING:
    from datetime import date

    from carecoord_tui.store.practice import Practice
    from carecoord_tui.store.setting_specs import Spec
    from carecoord_tui.store.settings import PracticeSettings


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    settings = commands.add(
        "settings",
        run_settings,
        "show or change the practice's settings",
        "Show the practice's settings, one of them, or change one. "
        + "; ".join(f"{spec.key}: {spec.label.lower()}, {spec.meaning}" for spec in SPECS)
        + ".",
    )
    settings.add_argument("key", metavar="KEY", nargs="?", choices=[*BY_KEY], help="which setting")
    settings.add_argument("value", metavar="VALUE", nargs="?", help="its new value; '' clears it")
    add_form(settings)
    closures = commands.add(
        "closures",
        run_list_closures,
        "list, add or remove days on which the practice is closed",
        "List, add or remove days on which the practice is closed. They move your own dates, never a "
        "legal deadline; federal holidays are known already.",
    )
    add_form(closures)
    group = Group(closures, required=False)
    add = group.add("add", run_add_closure, "add a day")
    add.add_argument("day", metavar="DATE", help="the day, e.g. 2026-12-24")
    add.add_argument("name", metavar="NAME", nargs="*", help="why, e.g. Staff training")
    remove = group.add("remove", run_remove_closure, "remove a day")
    remove.add_argument("day", metavar="DATE", help="the day, e.g. 2026-12-24")
    add_form(commands.add("keys", run_keys, "list every command of the program with its id and keys"))


def add_form(parser: Parser, json_help: str = "print JSON for scripts") -> None:
    """How a list is printed: the two options every listing command has."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--plain", action="store_true", help="print text (the default)")
    form.add_argument("--json", action="store_true", help=json_help)


# --- settings --------------------------------------------------------------------------------------


def run_settings(invocation: Invocation) -> int:
    """Show all settings or one, or change one."""
    options = invocation.options
    if options.value is not None:
        with invocation.changing() as practice:
            _change(practice, options.key, options.value)
            _write_settings(practice.settings, [options.key], invocation)
        return OK
    with invocation.reading() as reader:
        _write_settings(reader.settings, [options.key] if options.key else [*BY_KEY], invocation)
    return OK


def _write_settings(settings: PracticeSettings, keys: list[str], invocation: Invocation) -> None:
    if invocation.options.json:
        write_json({key: _value(settings, key) for key in keys})
    elif invocation.options.key is not None:
        say(_value(settings, keys[0]))
    else:
        write_rows(((key, _value(settings, key), _meaning(BY_KEY[key])) for key in keys), most=48)


def _meaning(spec: Spec) -> str:
    """``Minutes to lock: minutes without a key``."""
    return f"{spec.label}: {spec.meaning}"


def _value(settings: PracticeSettings, key: str) -> str:
    from carecoord_tui.domain.folding import clean_text

    return clean_text(BY_KEY[key].value(settings), TEXT_LIMIT)


def _change(practice: Practice, key: str, text: str) -> None:
    """Check and store one setting; what it rules is worked out anew."""
    from carecoord_tui.store.actions.settings import put_settings, setting_problems

    for problem in setting_problems(practice.settings, {key: text}).values():
        raise CommandError(f"The setting {key} was not changed: {problem}")
    put_settings(practice, {key: text})


# --- closures --------------------------------------------------------------------------------------


def run_list_closures(invocation: Invocation) -> int:
    """Every day the practice is closed, oldest first."""
    from carecoord_tui.domain.dates import format_full_day
    from carecoord_tui.domain.folding import clean_text
    from carecoord_tui.store.queries.closures import read_closures

    with invocation.reading() as reader:
        closed = read_closures(reader.execute)
    if invocation.options.json:
        write_json([{"date": one.on.isoformat(), "name": one.name} for one in closed])
        return OK
    if not closed:
        note("No closures are entered; federal holidays are known already.")
    write_rows((format_full_day(one.on), clean_text(one.name, TEXT_LIMIT)) for one in closed)
    return OK


def run_add_closure(invocation: Invocation) -> int:
    """Close the practice for a day."""
    from carecoord_tui.domain.dates import format_full_day
    from carecoord_tui.store.actions.settings import add_closure

    with invocation.changing() as practice:
        day = _day(practice, invocation.options.day)
        add_closure(practice, day, " ".join(invocation.options.name))
    say(f"Closed on {format_full_day(day)}.")
    return OK


def run_remove_closure(invocation: Invocation) -> int:
    """Open the practice again on a day."""
    from carecoord_tui.domain.dates import format_full_day
    from carecoord_tui.store.actions.settings import remove_closure

    with invocation.changing() as practice:
        day = _day(practice, invocation.options.day)
        remove_closure(practice, day)
    say(f"No longer closed on {format_full_day(day)}.")
    return OK


def _day(practice: Practice, text: str) -> date:
    from carecoord_tui.domain.dates import parse_when

    when = parse_when(text, today=practice.today(), order=practice.settings.date_order, allow_past=True)
    if when.at is not None:
        raise UsageError("A closure is a whole day: leave the time out.")
    return when.on


# --- keys ------------------------------------------------------------------------------------------


def run_keys(invocation: Invocation) -> int:
    """Every command with the keys it has now; what is wrong with the config file goes to stderr."""
    from carecoord_tui.commands import COMMANDS, key_label
    from carecoord_tui.config import load_config

    config = load_config(None, invocation.environ)
    for problem in config.problems:
        note(problem)
    keys = {command.id: config.keys.get(command.id, command.keys) for command in COMMANDS}
    if invocation.options.json:
        write_json(
            [
                {
                    "id": command.id,
                    "keys": keys[command.id].split(","),
                    "where": command.scope.value,
                    "help": command.help,
                }
                for command in COMMANDS
            ]
        )
        return OK
    write_rows((command.id, key_label(keys[command.id]), command.help) for command in COMMANDS)
    return OK
