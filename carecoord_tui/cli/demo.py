"""``demo``: a synthetic practice in a throwaway folder, opened without a question."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from carecoord_tui.cli.failures import OK, UsageError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.launch import open_app, require_terminal
from carecoord_tui.cli.output import ProgressBar, note, say
from carecoord_tui.cli.parser import Group
from carecoord_tui.demo import DEMO_PASSPHRASE, DEMO_PATIENTS
from carecoord_tui.paths import PracticePaths

DEMO_ZONE = "America/New_York"
MAX_PATIENTS = 1_000_000


def register(commands: Group) -> None:
    """Declare the command."""
    demo = commands.add(
        "demo",
        run,
        "open a synthetic practice; nothing of it is kept",
        "Open a synthetic practice of invented people in a throwaway folder, without a question. With "
        f"--now 2026-11-30T08:00 it is the same on every machine. Its passphrase is {DEMO_PASSPHRASE}.",
    )
    demo.add_argument(
        "--patients",
        metavar="N",
        type=_patients,
        default=DEMO_PATIENTS,
        help=f"how many active patients ({DEMO_PATIENTS})",
    )
    demo.add_argument("--keep", metavar="DIR", help="make it in this folder and keep it")
    demo.add_argument("--no-open", action="store_true", help="only make it (with --keep)")
    demo.add_argument(
        "--theme",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="open with this theme, e.g. carecoord-light",
    )


def _patients(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_PATIENTS:
        raise argparse.ArgumentTypeError(f"a whole number from 1 to {MAX_PATIENTS:,} is needed, not {text!r}")
    return int(text)


def run(invocation: Invocation) -> int:
    """Make the demo and open it; the folder goes when the program ends, however it ends."""
    options = invocation.options
    if options.no_open and not options.keep:
        raise UsageError("--no-open makes a practice for later, so it needs --keep DIR.")
    if options.data_dir is not None:
        raise UsageError("The demo never uses the data folder; --keep DIR says where to make it.")
    if not options.no_open:
        require_terminal()
    if options.keep:
        return _kept(invocation, PracticePaths(Path(options.keep).expanduser().absolute()))
    with _throwaway_folder() as folder:
        paths = PracticePaths(folder)
        _build(invocation, paths)
        return open_app(invocation, paths, DEMO_PASSPHRASE)


def _kept(invocation: Invocation, paths: PracticePaths) -> int:
    _build(invocation, paths)
    if not invocation.options.no_open:
        return open_app(invocation, paths, DEMO_PASSPHRASE)
    import shlex

    now = f" --now {shlex.quote(invocation.now)}" if invocation.now else ""
    say(f"carecoord --data-dir {shlex.quote(str(paths.root))}{now}")
    note(f"The demo is ready; the command above opens it with the passphrase {DEMO_PASSPHRASE}.")
    return OK


def _build(invocation: Invocation, paths: PracticePaths) -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    from carecoord_tui.clock import parse_now
    from carecoord_tui.demo.build import build_demo

    total = invocation.options.patients
    try:
        now = parse_now(invocation.now, ZoneInfo(DEMO_ZONE)) if invocation.now else datetime.now(UTC)
    except ValueError as error:
        raise UsageError(str(error)) from error
    with ProgressBar("Making the demo") as bar:
        build_demo(
            paths, patients=total, now=now, timezone=DEMO_ZONE, progress=lambda made: bar.count(made, total)
        )


@contextmanager
def _throwaway_folder() -> Iterator[Path]:
    """A private folder that is removed at the end: also after an error, a closed window, a kill request."""
    import shutil
    import tempfile

    def leave(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, leave) for number in numbers}
    folder = Path(tempfile.mkdtemp(prefix="carecoord-demo-"))
    try:
        yield folder
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)  # a second signal must not cut the removal short
        shutil.rmtree(folder, ignore_errors=True)
        for number, handler in before.items():
            signal.signal(number, handler)
