"""``completion``: what a shell needs to complete our commands."""

from __future__ import annotations

from carecoord_tui.cli.failures import OK
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.parser import Group, build_parser

SHELLS = ("bash", "zsh", "tcsh")


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    completion = commands.add(
        "completion",
        run_completion,
        "print the completion script of a shell",
        "Print the completion script of a shell, made from the commands as they are: "
        "`carecoord completion bash > ~/.local/share/bash-completion/completions/carecoord`, or for zsh "
        "a file named _carecoord in a folder of $fpath.",
    )
    completion.add_argument("shell", choices=SHELLS, help="which shell")


def run_completion(invocation: Invocation) -> int:
    """The script on stdout."""
    import shtab

    print(shtab.complete(build_parser(), shell=invocation.options.shell))
    return OK
