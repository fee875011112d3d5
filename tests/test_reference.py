"""The reference names every key and every command, and is the program's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from carecoord_tui.cli.parser import build_parser
from carecoord_tui.cli.reference import reference
from carecoord_tui.commands import COMMANDS
from tests.cli_running import Run, run
from tests.test_cli_help import every_parser

__all__ = ["run"]

FILE = Path(__file__).parent.parent / "docs" / "reference.md"


def test_the_file_is_what_the_program_says() -> None:
    assert FILE.read_text(encoding="utf-8") == reference(), "run `python docs/make_reference.py`"


def test_no_command_and_no_option_is_missing() -> None:
    text = reference()
    for command in COMMANDS:
        assert f"`{command.id}`" in text
    for prog, parser, _ in every_parser(build_parser()):
        assert f"### {prog}\n" in text
        for action in parser._actions:
            for option in action.option_strings:
                assert option in text or option == "-h"


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion_knows_every_command(run: Run, shell: str) -> None:
    result = run("completion", shell)
    assert result.code == 0
    for word in ("doctor", "backup", "measures", "completion"):
        assert word in result.out


def test_a_shell_that_is_none_is_refused(run: Run) -> None:
    assert run("completion", "dos").code == 2
