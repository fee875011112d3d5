"""From an exception to one sentence and an exit code; what nobody foresaw goes to the crash log."""

from __future__ import annotations

import sys
from pathlib import Path

from carecoord_tui.store.errors import StoreError

OK, FAILED, USAGE = 0, 1, 2
INTERRUPTED, BROKEN_PIPE = 130, 141  # 128 + SIGINT, 128 + SIGPIPE, as shells report them


class CommandError(Exception):
    """A command that cannot go on; ``str()`` is one sentence for the user."""

    exit_code = FAILED


class UsageError(CommandError):
    """A command line that cannot be carried out as it was written."""

    exit_code = USAGE


# By name: an error can only be one of these when its module has been imported already.
_EXPECTED = (
    ("carecoord_tui.store.actions.base", "Refused"),
    ("carecoord_tui.store.settings", "SettingError"),
    ("carecoord_tui.exchange.tabular", "TableError"),
    ("carecoord_tui.domain.rulepack", "RuleError"),
    ("carecoord_tui.domain.rulepack", "RulePackError"),
    ("carecoord_tui.domain.dates", "DateError"),
    ("carecoord_tui.domain.identifiers", "IdentifierError"),
)


def sentence_for(error: BaseException) -> str | None:
    """What to tell the user of an error that was foreseen; None for one that was not."""
    if isinstance(error, CommandError | StoreError):
        return str(error)
    for module, name in _EXPECTED:
        loaded = sys.modules.get(module)
        if loaded is not None and isinstance(error, getattr(loaded, name)):
            return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    dialect = sys.modules.get("carecoord_tui.store.dialect")
    ours = dialect.translate(error) if dialect is not None and isinstance(error, Exception) else None
    return None if ours is None else str(ours)


def exit_code_of(error: BaseException) -> int:
    """The exit code of a foreseen error."""
    return error.exit_code if isinstance(error, CommandError) else FAILED


def report_crash(error: BaseException, folder: Path) -> str:
    """Keep a report of an unforeseen error, without values, and return the sentence that says where."""
    from carecoord_tui.crash import keep_report

    where = keep_report(folder, error)
    return f"An unexpected error ({type(error).__name__}); what was saved is safe. The report is in {where}."
