"""The command line: one parser, one module a group of commands, the same options everywhere."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from carecoord_tui import __version__
from carecoord_tui.cli.output import note

if TYPE_CHECKING:
    from carecoord_tui.cli.invocation import Invocation

Handler = Callable[["Invocation"], int]

_DESCRIPTION = "A terminal caseload manager for one patient care coordinator."
_EPILOG = (
    "Without a command the program opens: on the practice of the data folder, or on the first-run "
    "screen. CARECOORD_PASSPHRASE or --passphrase-file answer the passphrase prompt in scripts. "
    "Exit codes: 0 done, 1 a failed check or a refusal, 2 a wrong command line."
)


class Options(argparse.Namespace):
    """What was given on the command line; options of all commands have their defaults here."""

    command: str = ""
    data_dir: str | None = None
    now: str | None = None
    passphrase_file: str | None = None
    theme: str = ""
    run: Handler


class Parser(argparse.ArgumentParser):
    """A parser that reports a wrong command line in one sentence and takes no abbreviated options."""

    def __init__(self, **keywords: object) -> None:
        keywords.setdefault("allow_abbrev", False)
        super().__init__(**keywords)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and leave with code 2."""
        note(f"{message} (see `{self.prog} --help`)")
        sys.exit(2)


class Group:
    """Commands of one level, each with help and the options that all commands share."""

    def __init__(self, parser: Parser, *, required: bool) -> None:
        self._commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=required)

    def add(self, name: str, run: Handler | None, summary: str, description: str = "") -> Parser:
        """Add a command; ``run`` is None for one that only holds further commands."""
        parser: Parser = self._commands.add_parser(
            name, help=summary, description=description or _sentence(summary)
        )
        _add_shared(parser)
        parser.set_defaults(command=parser.prog.removeprefix("carecoord "))
        if run is not None:
            parser.set_defaults(run=run)
        return parser


def _sentence(summary: str) -> str:
    return f"{summary[:1].upper()}{summary[1:]}."


def _add_shared(parser: argparse.ArgumentParser) -> None:
    """The options that work before and after a command: SUPPRESS keeps one place from unsetting the other."""
    shared = parser.add_argument_group("options of every command")
    shared.add_argument(
        "--data-dir",
        metavar="DIR",
        default=argparse.SUPPRESS,
        help="the practice's folder (else CARECOORD_DATA_DIR, else the platform's data folder)",
    )
    shared.add_argument(
        "--now",
        metavar="WHEN",
        default=argparse.SUPPRESS,
        help="look at the day as of this time, e.g. 2026-11-30T08:00 (else CARECOORD_NOW); read-only "
        "unless it is the demo",
    )
    shared.add_argument(
        "--passphrase-file",
        metavar="FILE",
        default=argparse.SUPPRESS,
        help="read the passphrase from the first line of a file that only you can read",
    )


def build_parser() -> Parser:
    """The whole command line."""
    from carecoord_tui.cli import (
        backups,
        codes,
        completion,
        config_file,
        demo,
        doctor,
        exporting,
        importing,
        launch,
        lists,
        measures,
        papers,
        rules,
        settings,
        setup,
        today,
    )

    parser = Parser(prog="carecoord", description=_DESCRIPTION, epilog=_EPILOG)
    parser.add_argument("--version", action="version", version=f"carecoord {__version__}")
    parser.add_argument(
        "--theme",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="open with this theme, e.g. carecoord-light",
    )
    _add_shared(parser)
    parser.set_defaults(run=launch.run)
    commands = Group(parser, required=False)
    for module in (
        setup,
        demo,
        today,
        papers,
        lists,
        measures,
        importing,
        exporting,
        codes,
        backups,
        doctor,
        rules,
        settings,
        config_file,
        completion,
    ):
        module.register(commands)
    return parser


def parse(arguments: Sequence[str] | None) -> Options:
    """Read a command line; leaves with code 2 when it is wrong and 0 after ``--help``."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given:  # the way the program is started all day: no parser has to be built for it
        from carecoord_tui.cli import launch

        return Options(run=launch.run)
    return build_parser().parse_args(given, namespace=Options())
