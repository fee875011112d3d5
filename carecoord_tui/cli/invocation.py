"""One run of a command: where the practice is, what time it is, and how its secret is asked for."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from carecoord_tui.cli.failures import CommandError, UsageError
from carecoord_tui.cli.output import note
from carecoord_tui.cli.parser import Options
from carecoord_tui.clock import NOW_VARIABLE, SystemClock, parse_now
from carecoord_tui.paths import PracticePaths, resolve_data_dir

if TYPE_CHECKING:
    from carecoord_tui.store.first_look import FirstLook
    from carecoord_tui.store.opening import Unlocked
    from carecoord_tui.store.practice import Practice

PASSPHRASE_VARIABLE = "CARECOORD_PASSPHRASE"  # noqa: S105 - the name of a variable
_SECRET_BYTES = 4096


@dataclass(frozen=True)
class Invocation:
    """What a command works with. ``given_secret`` was taken out of the environment at the start."""

    options: Options
    environ: Mapping[str, str]
    given_secret: str | None = None

    @cached_property
    def paths(self) -> PracticePaths:
        """Where the practice lies; raises UsageError for the home folder of nobody (``~nobody/x``)."""
        try:
            return PracticePaths(resolve_data_dir(self.options.data_dir, self.environ))
        except RuntimeError as error:
            raise UsageError(f"The data folder cannot be found: {error}") from error

    @cached_property
    def now(self) -> str | None:
        """The time that was asked for, checked for its form; None: the present."""
        text = self.options.now or self.environ.get(NOW_VARIABLE) or None
        if text is not None:
            try:
                parse_now(text, ZoneInfo("UTC"))
            except ValueError as error:
                raise UsageError(str(error)) from error
        return text

    # --- the secret --------------------------------------------------------------------------

    def secret_if_given(self) -> str | None:
        """The passphrase or recovery code from ``--passphrase-file`` or the environment, else None."""
        if self.options.passphrase_file is not None:
            return read_secret_file(Path(self.options.passphrase_file))
        return self.given_secret or None

    def secret(self, prompt: str = "Passphrase: ") -> str:
        """The passphrase or recovery code: given, or asked for at the terminal."""
        given = self.secret_if_given()
        return ask_secret(prompt) if given is None else given

    # --- the practice ------------------------------------------------------------------------

    def unlock(self, secret: str | None = None) -> Unlocked:
        """Unlock the practice under the asked-for time; asks for the secret unless it is given."""
        from carecoord_tui.store.dialect import translated
        from carecoord_tui.store.opening import unlock
        from carecoord_tui.store.settings import SettingError

        now = self.now
        self.paths.require()
        secret = self.secret() if secret is None else secret
        try:
            with translated():
                return unlock(self.paths, secret, now=now)
        except SettingError:
            raise
        except ValueError as error:
            if now is None:
                raise
            raise UsageError(str(error)) from error  # a local time that the change to summer time skips

    @contextmanager
    def reading(self) -> Iterator[FirstLook | Practice]:
        """The practice to read from: without SQLAlchemy where nothing has to be migrated or rebuilt."""
        with self.reading_out() as (reader, _):
            yield reader

    @contextmanager
    def reading_out(self) -> Iterator[tuple[FirstLook | Practice, Callable[[str], None]]]:
        """As :meth:`reading`, with what puts an export of people into the audit, before it is printed.

        Only a practice has an audit of that: nobody of the demo exists. The export is dated at the present
        time whatever time was asked for. What cannot be recorded raises StoreError and is not printed.
        """
        unlocked = self.unlock()
        reader = unlocked.look or unlocked.open()

        def record(label: str) -> None:
            if reader.settings.is_demo:
                return
            present = SystemClock() if unlocked.is_read_only else unlocked.clock
            practice = replace(unlocked, clock=present, is_read_only=False, look=None).open()
            try:
                practice.record_event(label, kind="export")
            finally:
                practice.close()

        try:
            yield reader, record
        finally:
            reader.close()

    @contextmanager
    def looking(self) -> Iterator[Practice]:
        """The whole practice, for a command that changes nothing."""
        unlocked = self.unlock()
        if unlocked.look is not None:
            unlocked.look.close()
        practice = unlocked.open()
        try:
            yield practice
        finally:
            practice.close()

    def unlock_for_changes(self, secret: str | None = None) -> Unlocked:
        """Unlock for a command that writes: a set clock is ignored, with a note, unless it is the demo."""
        unlocked = self.unlock(secret)
        if unlocked.look is not None:
            unlocked.look.close()
        if unlocked.is_read_only:
            note("--now and CARECOORD_NOW are ignored: a change is always made at the present time.")
            unlocked = replace(unlocked, clock=SystemClock(), is_read_only=False)
        return replace(unlocked, look=None)

    @contextmanager
    def changing(self, secret: str | None = None) -> Iterator[Practice]:
        """The whole practice, open for changes; the first of a day come after the backup of the day."""
        practice = self.unlock_for_changes(secret).open()
        try:
            _back_up_once_a_day(practice)
            yield practice
            if practice.anchor_problem:
                note(practice.anchor_problem)  # the change itself stands
        finally:
            practice.close()


def _back_up_once_a_day(practice: Practice) -> None:
    """What a window does when it opens; a backup that fails is said and stops nothing."""
    from carecoord_tui.store.daily_backup import backup_when_due
    from carecoord_tui.store.errors import StoreError

    if practice.settings.is_demo:
        return
    try:
        backup_when_due(practice)
    except StoreError as error:
        note(f"Today's backup failed: {error}")


def is_interactive() -> bool:
    """Whether somebody can be asked: a terminal to read from and one to write the question to."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def ask_secret(prompt: str) -> str:
    """Ask at the terminal, without echo."""
    if not is_interactive():
        raise CommandError(
            "The passphrase is needed: there is no terminal to ask at, so give it in "
            f"{PASSPHRASE_VARIABLE} or with --passphrase-file."
        )
    from getpass import getpass

    try:
        return getpass(prompt)
    except EOFError:
        raise CommandError("No passphrase was typed; nothing was done.") from None


def ask_new_secret(prompt: str = "New passphrase: ") -> str:
    """Ask twice for a passphrase that is to be set."""
    first = ask_secret(prompt)
    if ask_secret("The same again: ") != first:
        raise CommandError("The two passphrases are not the same; nothing was changed.")
    return first


def confirmed(question: str, *, default: bool) -> bool:
    """A yes-or-no question at the terminal; ``enter`` takes the default, and so does the end of input."""
    sys.stderr.write(f"{question} [{'Y/n' if default else 'y/N'}] ")
    sys.stderr.flush()
    answer = sys.stdin.readline().strip().lower()
    return default if not answer else answer in ("y", "yes")


def read_secret_file(path: Path) -> str:
    """The first line of a file that only its owner can read.

    Raises CommandError when others can read it, when it is empty or cannot be read.
    """
    try:
        with path.open("rb") as source:
            mode = path.stat().st_mode
            line = source.readline(_SECRET_BYTES)
    except OSError as error:
        raise CommandError(f"The passphrase file {path} cannot be read: {error.strerror}.") from error
    if sys.platform != "win32" and stat.S_ISREG(mode) and mode & 0o077:
        raise CommandError(f"The passphrase file {path} can be read by others; run `chmod 600 {path}` first.")
    # Bytes that are not UTF-8 become what the environment would have made of them.
    secret = line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n").decode("utf-8", "surrogateescape")
    if not secret:
        raise CommandError(f"The first line of the passphrase file {path} is empty.")
    return secret
