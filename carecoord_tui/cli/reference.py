"""The reference in ``docs/reference.md``, made of the registry of commands and the command line's parser.

``python docs/make_reference.py`` writes it; a test holds it against the program, so that no key and no
command is ever missing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from carecoord_tui.cli.parser import build_parser
from carecoord_tui.commands import COMMANDS, Scope, key_label

_SHARED = {"--help", "--data-dir", "--now", "--passphrase-file"}
_HEAD = """# Reference

Made from the program itself by `docs/make_reference.py`: change the registry of commands
(`carecoord_tui/commands.py`) or the parser (`carecoord_tui/cli/`), never this file.
"""


def reference() -> str:
    """The whole reference as Markdown."""
    return "\n".join([_HEAD, *_keys(), *_command_line(), ""])


def _keys() -> Iterator[str]:
    yield "## Keys\n"
    yield "Ids are for the `[keys]` table of the settings file (`carecoord config`)."
    for scope in Scope:
        commands = [command for command in COMMANDS if command.scope is scope]
        if not commands:
            continue
        yield f"\n### {scope.value[:1].upper()}{scope.value[1:]}\n"
        yield "| key | id | does |"
        yield "|---|---|---|"
        for command in commands:
            yield f"| `{_cell(key_label(command.keys))}` | `{command.id}` | {_cell(command.help)} |"


def _command_line() -> Iterator[str]:
    yield "\n## Command line\n"
    parser = build_parser()
    yield f"{parser.description}\n\n{parser.epilog}\n"
    yield "Options of every command: `--data-dir DIR`, `--now WHEN`, `--passphrase-file FILE`, `--help`."
    for child in _every(parser):
        yield f"\n### {child.prog}\n"
        yield f"{child.description}\n"
        yield f"    {_usage(child)}"
        lines = list(_arguments(child))
        if lines:
            yield "\n| argument | meaning |"
            yield "|---|---|"
            yield from lines


def _every(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for child in action.choices.values():
                yield child
                yield from _every(child)


def _usage(parser: argparse.ArgumentParser) -> str:
    """One line, without the options that every command has."""
    parts = [parser.prog]
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            parts.append("COMMAND" if action.required else "[COMMAND]")
        elif not _SHARED & set(action.option_strings):
            shown = _name(action)
            optional = bool(action.option_strings) or action.nargs in ("?", "*")
            parts.append(f"[{shown}]" if optional else shown)
    return " ".join(parts)


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction) or _SHARED & set(action.option_strings):
            continue
        yield f"| `{_cell(_name(action))}` | {_cell((action.help or '').replace('%%', '%'))} |"


def _name(action: argparse.Action) -> str:
    values = ",".join(map(str, action.choices)) if action.choices else ""
    value = action.metavar or (f"{{{values}}}" if values else action.dest.upper())
    if isinstance(value, tuple):
        value = " ".join(value)
    if not action.option_strings:
        return value
    return action.option_strings[-1] if action.nargs == 0 else f"{action.option_strings[-1]} {value}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
