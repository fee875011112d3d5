"""The writing half of ``import eligibility`` and its siblings: preview, consent, one undoable change."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from carecoord_tui.cli import invocation as terminal
from carecoord_tui.cli.failures import OK, CommandError, UsageError
from carecoord_tui.cli.invocation import Invocation, confirmed
from carecoord_tui.cli.output import ProgressBar, say, write_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from carecoord_tui.exchange.answer_report import AnswerImportReport
    from carecoord_tui.exchange.import_answers import AnswerImport
    from carecoord_tui.exchange.import_steps import PhaseProgress
    from carecoord_tui.store.practice import Practice

_NEEDS_YES = "Nothing was written: look at it with --dry-run, then give --yes to write it."


def write_answers(invocation: Invocation, path: Path, what: str) -> int:
    """Show what a payer's file would change; with ``--yes``, or a yes at the terminal, write it.

    The file is read once. ``what`` is the word of the command. Raises CommandError when nothing is to be
    written after all.
    """
    options = invocation.options
    if options.json and not options.yes:
        raise UsageError(_NEEDS_YES)
    with invocation.changing() as practice:
        found = _read(practice, path, what)
        if options.json:
            write_json(_with_bar(lambda progress: found.write(progress=progress)).to_json())
            return OK
        preview = _with_bar(lambda progress: found.compare(progress=progress))
        _say(preview.lines())
        if not _has_news(preview):
            return OK
        if not (options.yes or _is_wanted(preview)):
            raise CommandError("Nothing was written." if terminal.is_interactive() else _NEEDS_YES)
        _say([_with_bar(lambda progress: found.write(progress=progress)).sentence()])
    return OK


def _has_news(preview: AnswerImportReport) -> bool:
    from carecoord_tui.exchange.answer_report import Fate

    return preview.count(Fate.NEW) > 0


def _is_wanted(preview: AnswerImportReport) -> bool:
    """Ask at the terminal; False where there is none."""
    from carecoord_tui.exchange.answer_report import Fate

    if not terminal.is_interactive():
        return False
    count = preview.count(Fate.NEW)
    sys.stdout.flush()
    return confirmed("Write this answer?" if count == 1 else f"Write these {count:,} answers?", default=True)


def _read(practice: Practice, path: Path, what: str) -> AnswerImport:
    from carecoord_tui.exchange.answer_report import AnswerKind
    from carecoord_tui.exchange.import_answers import AnswerImport

    with ProgressBar("Import") as bar:
        return AnswerImport(practice, path, AnswerKind(what), progress=_told(bar))


def _with_bar(act: Callable[[PhaseProgress], AnswerImportReport]) -> AnswerImportReport:
    with ProgressBar("Import") as bar:
        return act(_told(bar))


def _told(bar: ProgressBar) -> PhaseProgress:
    return lambda phase, done, total: bar.share(done / total if total else 0.0, phase)


def _say(lines: list[str]) -> None:
    from carecoord_tui.widgets.safe_text import safe_text

    for line in lines:
        say(safe_text(line))
