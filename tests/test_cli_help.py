"""The command line as such: help for everything, light imports, one sentence for every mistake."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from carecoord_tui import __version__
from carecoord_tui.cli.importing import DATE_ORDERS
from carecoord_tui.cli.parser import build_parser
from carecoord_tui.cli.rules import RISKS
from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.vocabulary import Risk
from tests.cli_running import Run, in_child, run

__all__ = ["run"]

HEAVY = ("textual", "rich", "sqlmodel", "sqlalchemy", "sqlcipher3", "alembic", "cryptography", "openpyxl")
_LOADED = "import sys; from carecoord_tui.cli import main; main(sys.argv[1:]); " + (
    f"print('loaded', [name for name in {HEAVY!r} if name in sys.modules])"
)


def every_parser(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """Each command with its one-line help."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            summaries = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, child in action.choices.items():
                yield child.prog, child, summaries.get(name, "")
                yield from every_parser(child)


COMMANDS = list(every_parser(build_parser()))


def test_every_command_of_the_issue_is_there() -> None:
    names = {prog.removeprefix("carecoord ") for prog, _, _ in COMMANDS}
    assert {
        *("init", "demo", "path", "today", "doctor", "backup", "restore", "import", "import patients"),
        *("rules", "rules list", "rules show", "rules due", "passphrase", "recovery-code", "keys"),
        *("paper", "paper today", "paper huddle", "paper handoff"),
        *("settings", "closures", "closures add", "closures remove", "measures", "measures referrals"),
        *("list", "list patients", "list referrals", "list insurance", "list waiting"),
        *("list payers", "list providers"),
        *("measures insurance", "config", "config check", "completion"),
        *("import eligibility", "import authorizations", "import denials"),
        *("import coverages", "import appointments", "import follow-ups", "import providers"),
        *(
            "import referrals",
            "export",
            "export referrals",
            "export all",
            "export patient",
            "codes",
            "codes import",
        ),
    } == names


@pytest.mark.parametrize(("prog", "parser", "summary"), COMMANDS, ids=[prog for prog, _, _ in COMMANDS])
def test_every_command_and_option_is_documented(
    prog: str, parser: argparse.ArgumentParser, summary: str
) -> None:
    assert summary
    assert parser.description
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction):
            assert action.help, f"{prog} {action.dest} has no help"


@pytest.mark.parametrize(("prog", "parser", "_summary"), COMMANDS, ids=[prog for prog, _, _ in COMMANDS])
def test_every_command_takes_the_shared_options(
    prog: str, parser: argparse.ArgumentParser, _summary: str
) -> None:
    known = {option for action in parser._actions for option in action.option_strings}
    assert {"--data-dir", "--now", "--passphrase-file"} <= known, prog


LISTING = (
    "today", "list patients", "list referrals", "list insurance", "list waiting", "list payers",
    "list providers", "measures referrals", "measures insurance", "rules list", "rules show", "rules due",
    "settings", "closures", "keys",
)  # fmt: skip


def test_every_command_that_lists_prints_plain_text_and_json() -> None:
    options = {
        prog.removeprefix("carecoord "): {one for action in parser._actions for one in action.option_strings}
        for prog, parser, _ in COMMANDS
    }
    for name in LISTING:
        assert {"--plain", "--json"} <= options[name], name
    only_json = {name for name, found in options.items() if "--json" in found and "--plain" not in found}
    assert {name.partition(" ")[0] for name in only_json} <= {"import", "export", "codes", "doctor", "config"}


def test_help_is_printed_for_every_command(run: Run) -> None:
    for prog, _, _ in COMMANDS:
        result = run(*prog.split()[1:], "--help")
        assert result.code == 0
        assert result.out.startswith(f"usage: {prog}")


def test_choices_are_those_of_the_domain() -> None:
    assert set(RISKS) == set(Risk)
    assert set(DATE_ORDERS) == set(DateOrder)


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("today", "--help")])
def test_help_and_version_import_nothing_heavy(arguments: tuple[str, ...]) -> None:
    done = in_child(*arguments, code=_LOADED)
    assert done.returncode == 0
    assert done.stdout.endswith("loaded []\n")
    assert done.stderr == ""


def test_path_and_rules_import_nothing_heavy(tmp_path: Path) -> None:
    for arguments in (("path",), ("rules", "list"), ("rules", "due", "tcm.contact", "--from", "2026-11-25")):
        done = in_child(*arguments, code=_LOADED, CARECOORD_DATA_DIR=str(tmp_path / "nowhere"))
        assert done.stdout.endswith("loaded []\n"), arguments
        assert done.stderr == ""
    assert not (tmp_path / "nowhere").exists()


def test_version(run: Run) -> None:
    assert run("--version").out == f"carecoord {__version__}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("--nonsense",),
        ("rules",),
        ("rules", "due", "tcm.contact"),
        ("init",),
        ("today", "--plain", "--json"),
        ("today", "--js"),  # no abbreviations: an option added later must not change a script's meaning
        ("demo", "--patients", "0"),
        ("demo", "--patients", "-3"),
        ("demo", "--patients", "many"),
        ("demo", "--no-open"),
        ("demo", "--data-dir", "x"),
        ("settings", "colour"),
        ("import", "patients", "x.csv", "--date-order", "ydm"),
        ("today", "--now", "yesterday"),
        ("today", "--data-dir", "~no-such-user-here/x"),
        ("\x1b[31mred",),
    ],
)
def test_a_wrong_command_line_is_one_sentence_and_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    result.refused(code=2)
    assert re.fullmatch(r"carecoord: .+\n", result.err)
    assert "\x1b" not in result.err


def test_plain_start_outside_a_terminal_points_to_the_plain_list(run: Run) -> None:
    run().refused("needs a terminal", "carecoord today --plain")
    run("demo").refused("needs a terminal")


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, sys\n"
        "reading, writing = os.pipe(); os.close(reading)\n"
        "done = subprocess.run([sys.executable, '-m', 'carecoord_tui', 'rules', 'list'], stdout=writing,"
        " stderr=subprocess.PIPE)\n"
        "print(done.returncode, done.stderr)"
    )
    assert in_child(code=code).stdout == "141 b''\n"


def test_an_unexpected_error_is_one_sentence_and_a_report_without_values(
    run: Run, paths: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(" ".join(("Rosa", "Alvarez")))

    monkeypatch.setattr("carecoord_tui.domain.rulepack.load_pack", broken)
    folder = tmp_path / "practice"
    folder.mkdir(mode=0o700)
    result = run("rules", "list")
    result.refused("unexpected", "ValueError", str(folder / "crash.log"))
    report = (folder / "crash.log").read_text()
    assert "rules.py" in report
    assert "Rosa Alvarez" not in report + result.err
    assert (folder / "crash.log").stat().st_mode & 0o777 == 0o600


def test_stopping_with_the_keyboard_is_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("carecoord_tui.domain.rulepack.load_pack", stopped)
    assert run("rules", "list").code == 130
