"""``doctor``: prove that the practice is what it promises to be. Looks, never repairs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from carecoord_tui.cli.failures import FAILED, OK
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import ProgressBar, note, say, write_json, write_rows
from carecoord_tui.cli.parser import Group

if TYPE_CHECKING:
    from carecoord_tui.store.doctor import DoctorReport
    from carecoord_tui.store.opening import Unlocked
    from carecoord_tui.store.practice import Practice


def register(commands: Group) -> None:
    """Declare the command."""
    doctor = commands.add(
        "doctor",
        run,
        "check the practice: file, keys, audit, next actions",
        "Check the practice: file, keys, audit chain, and that every open record has a next action. "
        "Nothing is repaired; exit code 1 when a check fails.",
    )
    doctor.add_argument("--json", action="store_true", help="print JSON for scripts")


def run(invocation: Invocation) -> int:
    """Examine the practice. A practice that cannot be opened is a failed check, not a crash."""
    from sqlalchemy.exc import DBAPIError
    from sqlcipher3 import dbapi2

    from carecoord_tui.store.errors import StoreError, WrongPassphrase
    from carecoord_tui.store.settings import SettingError

    try:
        report = _examined(invocation)
    except WrongPassphrase:
        raise
    except (StoreError, SettingError) as error:
        report = _failed("opening", str(error))
    except (dbapi2.Error, DBAPIError) as error:  # their texts may name data
        report = _failed(
            "opening", f"The database could not be read ({type(error).__name__}); restore a backup."
        )
    if invocation.options.json:
        write_json(report.to_json())
    else:
        _write(report)
    return OK if report.ok else FAILED


def _examined(invocation: Invocation) -> DoctorReport:
    from carecoord_tui.store.dialect import translated

    unlocked = invocation.unlock()
    with translated():
        old = _older_schema(unlocked)
        if old is not None:
            return old
        practice = _open(unlocked)
    try:
        return _examine(practice)
    finally:
        practice.close()


def _examine(practice: Practice) -> DoctorReport:
    from carecoord_tui.store.doctor import examine

    with ProgressBar("Checking") as bar:
        return examine(practice, bar.share)


def _open(unlocked: Unlocked) -> Practice:
    """Read-only, but for a ledger of older rules, which every opening brings up to date first."""
    if unlocked.look is not None:
        unlocked.look.close()
        return replace(unlocked, look=None, is_read_only=True).open()
    note("The rules have changed since the practice was last opened; its next actions are worked out anew.")
    return unlocked.open()


def _older_schema(unlocked: Unlocked) -> DoctorReport | None:
    if unlocked.look is not None:
        return None
    from carecoord_tui.store.dialect import user_version
    from carecoord_tui.store.engine import raw_connection
    from carecoord_tui.store.head import HEAD

    connection = raw_connection(unlocked.paths.database, unlocked.data_key, read_only=True)
    try:
        version = user_version(connection)
    finally:
        connection.close()
    if version == HEAD:
        return None
    return _failed(
        "schema version",
        f"The practice has version {version}, this program works with {HEAD}; open it once with "
        "`carecoord`, which backs it up and upgrades it.",
    )


def _failed(name: str, detail: str) -> DoctorReport:
    from carecoord_tui.store.doctor import Check, DoctorReport

    return DoctorReport((Check(name, False, detail),))


def _write(report: DoctorReport) -> None:
    from carecoord_tui.domain.folding import clean_text

    write_rows(
        ("ok" if check.ok else "FAILED", check.name, clean_text(check.detail, 500)) for check in report.checks
    )
    failed = sum(1 for check in report.checks if not check.ok)
    say(
        f"\n{failed} of {len(report.checks)} checks failed." if failed else "\nEverything is as it should be."
    )
