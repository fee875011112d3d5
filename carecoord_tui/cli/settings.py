"""``settings``, ``closures``, ``keys``: what a practice decides once, and the keys of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from carecoord_tui.cli.failures import OK, CommandError, UsageError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import note, say, write_rows
from carecoord_tui.cli.parser import Group

if TYPE_CHECKING:
    from datetime import date

    from carecoord_tui.store.first_look import FirstLook
    from carecoord_tui.store.practice import Practice
    from carecoord_tui.store.settings import PracticeSettings

SETTINGS = {
    "timezone": "the practice's time zone, e.g. America/Chicago",
    "date_order": "how numeric dates are typed: mdy, dmy or ymd",
    "check_in_capacity": "first check-ins planned for a working day",
    "idle_lock_minutes": "minutes without a key until the screen locks",
    "practice_name": "the practice's name",
    "callback_number": "the number to leave for a call back",
}
_TEXT_LIMIT = 120


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    settings = commands.add(
        "settings",
        run_settings,
        "show or change the practice's settings",
        "Show the practice's settings, one of them, or change one. "
        + "; ".join(f"{key}: {meaning}" for key, meaning in SETTINGS.items())
        + ".",
    )
    settings.add_argument("key", metavar="KEY", nargs="?", choices=[*SETTINGS], help="which setting")
    settings.add_argument("value", metavar="VALUE", nargs="?", help="its new value; '' clears it")
    closures = commands.add(
        "closures",
        run_list_closures,
        "list, add or remove days on which the practice is closed",
        "List, add or remove days on which the practice is closed. They move your own dates, never a "
        "legal deadline; federal holidays are known already.",
    )
    group = Group(closures, required=False)
    add = group.add("add", run_add_closure, "add a day")
    add.add_argument("day", metavar="DATE", help="the day, e.g. 2026-12-24")
    add.add_argument("name", metavar="NAME", nargs="*", help="why, e.g. Staff training")
    remove = group.add("remove", run_remove_closure, "remove a day")
    remove.add_argument("day", metavar="DATE", help="the day, e.g. 2026-12-24")
    commands.add("keys", run_keys, "list every command of the program with its id and keys")


# --- settings --------------------------------------------------------------------------------------


def run_settings(invocation: Invocation) -> int:
    """Show all settings or one, or change one."""
    options = invocation.options
    if options.value is not None:
        with invocation.changing() as practice:
            _change(practice, options.key, options.value)
            say(_shown(practice.settings, options.key))
        return OK
    with invocation.reading() as reader:
        if options.key is not None:
            say(_shown(reader.settings, options.key))
        else:
            write_rows((key, _shown(reader.settings, key), meaning) for key, meaning in SETTINGS.items())
    return OK


def _shown(settings: PracticeSettings, key: str) -> str:
    from carecoord_tui.domain.folding import clean_text

    value = settings.zone.key if key == "timezone" else getattr(settings, key)
    return clean_text(str(value), _TEXT_LIMIT)


def _change(practice: Practice, key: str, text: str) -> None:
    """Check and store one setting; committing it works the next actions out anew where it rules them."""
    from sqlmodel import col, select

    from carecoord_tui.store.settings import read_settings
    from carecoord_tui.store.tables import Setting

    value = _checked(key, text)
    with practice.change(f"setting {key} changed") as session:
        stored = {setting.key: setting.value for setting in session.exec(select(Setting))}
        read_settings({**stored, key: value})  # refuses what the program could not read back
        setting = session.exec(select(Setting).where(col(Setting.key) == key)).first() or Setting(
            key=key, value=""
        )
        setting.value = value
        session.add(setting)


def _checked(key: str, text: str) -> str:
    """The value as it is stored; raises SettingError or IdentifierError in words."""
    from carecoord_tui.domain.date_order import DateOrder
    from carecoord_tui.domain.folding import clean_text
    from carecoord_tui.domain.identifiers import parse_phone
    from carecoord_tui.store.settings import SettingError

    value = clean_text(text, _TEXT_LIMIT)
    if key == "date_order" and value not in set(DateOrder):
        raise SettingError("The setting date_order is one of mdy, dmy and ymd.")
    if key in ("timezone", "check_in_capacity", "idle_lock_minutes") and not value:
        raise SettingError(f"The setting {key} needs a value.")
    if key == "callback_number" and value:
        return parse_phone(value)
    return value


# --- closures --------------------------------------------------------------------------------------


def run_list_closures(invocation: Invocation) -> int:
    """Every day the practice is closed, oldest first."""
    from datetime import date

    from carecoord_tui.domain.dates import format_full_day
    from carecoord_tui.domain.folding import clean_text

    with invocation.reading() as reader:
        rows = reader.execute("SELECT closed_on, name FROM closure ORDER BY closed_on", ())
    if not rows:
        note("No closures are entered; federal holidays are known already.")
    write_rows(
        (format_full_day(date.fromisoformat(day)), clean_text(name, _TEXT_LIMIT)) for day, name in rows
    )
    return OK


def run_add_closure(invocation: Invocation) -> int:
    """Close the practice for a day."""
    from carecoord_tui.domain.dates import format_full_day
    from carecoord_tui.domain.folding import clean_text
    from carecoord_tui.store.tables import Closure

    with invocation.changing() as practice:
        day = _day(practice, invocation.options.day)
        if day in practice.context.calendar.closures:
            raise CommandError(f"{format_full_day(day)} is a closure already; nothing was changed.")
        with practice.change("closure added") as session:
            session.add(Closure(closed_on=day, name=clean_text(" ".join(invocation.options.name), 80)))
    say(f"Closed on {format_full_day(day)}.")
    return OK


def run_remove_closure(invocation: Invocation) -> int:
    """Open the practice again on a day."""
    from sqlmodel import col, select

    from carecoord_tui.domain.dates import format_full_day
    from carecoord_tui.store.tables import Closure

    with invocation.changing() as practice:
        day = _day(practice, invocation.options.day)
        with practice.change("closure removed") as session:
            closure = session.exec(select(Closure).where(col(Closure.closed_on) == day)).first()
            if closure is None:
                raise CommandError(f"{format_full_day(day)} is not a closure; nothing was changed.")
            session.delete(closure)
    say(f"No longer closed on {format_full_day(day)}.")
    return OK


def _day(practice: FirstLook | Practice, text: str) -> date:
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
    write_rows(
        (command.id, key_label(config.keys.get(command.id, command.keys)), command.help)
        for command in COMMANDS
    )
    return OK
