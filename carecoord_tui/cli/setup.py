"""``init``, ``path``, ``passphrase``, ``recovery-code``: making a practice and its keys."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from carecoord_tui.cli.failures import OK, CommandError
from carecoord_tui.cli.invocation import Invocation, ask_new_secret, read_secret_file
from carecoord_tui.cli.output import note, say, write_rows
from carecoord_tui.cli.parser import Group, Parser

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME_LENGTH, _ROLE_LENGTH = 120, 80  # as their columns


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    init = commands.add("init", run_init, "make a new practice and show its recovery code")
    init.add_argument("--user", metavar="NAME", required=True, help="your name, as the audit shows it")
    init.add_argument(
        "--timezone", metavar="ZONE", required=True, help="the practice's time zone, e.g. America/Chicago"
    )
    init.add_argument("--role", metavar="ROLE", default="", help="your role, e.g. care coordinator")
    init.add_argument(
        "--clinical",
        action="store_true",
        help="you are clinical staff: your calls count as the contact after a hospital discharge",
    )
    init.add_argument("--practice", metavar="NAME", default="", help="the practice's name")
    _add_recovery_file(init)
    commands.add("path", run_path, "show where the files of the practice are")
    change = commands.add("passphrase", run_passphrase, "change the passphrase")
    change.add_argument(
        "--new-passphrase-file",
        metavar="FILE",
        help="read the new passphrase from the first line of a file that only you can read",
    )
    renew = commands.add(
        "recovery-code", run_recovery_code, "make a new recovery code; the one before stops working"
    )
    _add_recovery_file(renew)


def _add_recovery_file(parser: Parser) -> None:
    parser.add_argument(
        "--recovery-file",
        metavar="FILE",
        help="write the recovery code to this new file (0600) and not to the terminal",
    )


# --- init ------------------------------------------------------------------------------------------


def run_init(invocation: Invocation) -> int:
    """Make a practice; the passphrase is asked twice unless it is given."""
    from carecoord_tui.clock import SystemClock
    from carecoord_tui.domain.folding import clean_text
    from carecoord_tui.store.creating import NewPractice, create_practice
    from carecoord_tui.store.errors import AlreadyThere
    from carecoord_tui.store.settings import parse_zone

    options, paths = invocation.options, invocation.paths
    if paths.exists:
        raise AlreadyThere(f"There is a practice in {paths.root} already; nothing was changed.")
    parse_zone(options.timezone)
    wanted = NewPractice(
        user_name=_name(options.user),
        timezone=options.timezone.strip(),
        role=clean_text(options.role, _ROLE_LENGTH),
        is_clinical=options.clinical,
        practice_name=clean_text(options.practice, _NAME_LENGTH),
    )
    secret = invocation.secret_if_given() or ask_new_secret("Passphrase: ")
    with _recovery_code_to(options.recovery_file) as show:
        show(create_practice(paths, secret, wanted, SystemClock()))
    note(f"The practice is ready in {paths.root}; `carecoord` opens it.")
    return OK


def _name(text: str) -> str:
    from carecoord_tui.domain.folding import clean_text

    name = clean_text(text, _NAME_LENGTH)
    if not name:
        raise CommandError("--user needs a name: the audit shows who did what.")
    return name


@contextmanager
def _recovery_code_to(file: str | None) -> Iterator[Callable[[str], None]]:
    """Where the code goes: to stdout, or to a new file that is made before anything else happens."""
    if file is None:
        yield _show_recovery_code
        return
    path = Path(file)
    from carecoord_tui.store.files import create_private, write_private

    try:
        create_private(path)
    except FileExistsError:
        raise CommandError(f"{path} is already there and was not overwritten; nothing was done.") from None
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}; nothing was done.") from error
    try:
        yield lambda code: write_private(path, f"{code}\n".encode("ascii"))
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    note(f"The recovery code is in {path}; keep it away from this computer.")


def _show_recovery_code(code: str) -> None:
    say(f"Recovery code:  {code}")
    note(
        "Write it down and keep it away from this computer: it opens the practice when the passphrase is "
        "forgotten, and it is not shown again."
    )


# --- path ------------------------------------------------------------------------------------------


def run_path(invocation: Invocation) -> int:
    """Show where everything lies; looking creates nothing."""
    from carecoord_tui.config import CONFIG_VARIABLE
    from carecoord_tui.paths import config_file

    paths = invocation.paths
    config = invocation.environ.get(CONFIG_VARIABLE)
    places = (
        ("data folder", paths.root),
        ("database", paths.database),
        ("key file", paths.keyfile),
        ("backups", paths.backups),
        ("config file", Path(config).expanduser() if config else config_file()),
    )
    write_rows((label, "there" if path.exists() else "not there", _printable(path)) for label, path in places)
    return OK


def _printable(path: Path) -> str:
    """A path without what a terminal would act on; bytes that are no text become ``?``."""
    text = os.fsdecode(path)
    return "".join(char if char.isprintable() else "?" for char in text)


# --- passphrase and recovery code ------------------------------------------------------------------


def run_passphrase(invocation: Invocation) -> int:
    """Change the passphrase; the recovery code and the data stay as they are."""
    from carecoord_tui.store import keyfile

    file = invocation.options.new_passphrase_file
    invocation.paths.require()
    secret = invocation.secret("Present passphrase or recovery code: ")
    with invocation.changing(secret) as practice:
        new = read_secret_file(Path(file)) if file else ask_new_secret()
        keyfile.change_passphrase(invocation.paths.keyfile, secret, new)
        practice.record_event("passphrase changed", kind="system")
    note("The passphrase is changed; backups made before still open with the one before.")
    return OK


def run_recovery_code(invocation: Invocation) -> int:
    """Replace the recovery code."""
    from carecoord_tui.store import keyfile

    invocation.paths.require()
    secret = invocation.secret("Passphrase or present recovery code: ")
    with (
        invocation.changing(secret) as practice,
        _recovery_code_to(invocation.options.recovery_file) as show,
    ):
        show(keyfile.new_recovery_code(invocation.paths.keyfile, secret))
        practice.record_event("recovery code renewed", kind="system")
    return OK
