"""``paper``: the day's papers for a printer, a pipe or a file; each one is logged."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from carecoord_tui.cli.failures import OK, CommandError, UsageError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import note, say
from carecoord_tui.cli.parser import Group, Parser

if TYPE_CHECKING:
    from carecoord_tui.documents.day_papers import PaperFormat, Wanted
    from carecoord_tui.store.practice import Practice

FORMATS = {"text": "txt", "markdown": "md", "pdf": "pdf"}
_LEAVES = "It leaves the encrypted practice: delete it when it is no longer needed."


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    papers = commands.add("paper", None, "print a paper of the day: Today, huddle sheet, handoff sheet")
    group = Group(papers, required=True)
    _add_shared(
        group.add(
            "today",
            run_today,
            "print the ranked day with why each item stands there",
            "Print the ranked day with why each item stands there. Whoever may not be confirmed to be a "
            "patient stands on it by MRN alone. Recorded in the audit.",
        )
    )
    huddle = group.add(
        "huddle",
        run_huddle,
        "print the visits of a day and the next working day",
        "Print the visits of a day and the next working day with only what the team needs (minimum "
        "necessary). Recorded in the audit.",
    )
    huddle.add_argument("--date", metavar="DAY", type=_day, help="the day, e.g. 2026-12-02 (else today)")
    _add_shared(huddle)
    handoff = group.add(
        "handoff",
        run_handoff,
        "print what becomes of the open items on a day off",
        "Print every open item of a day off, marked before, cover or hold, with whom to call. Recorded in "
        "the audit.",
    )
    handoff.add_argument(
        "--from", dest="off", metavar="DAY", type=_day, help="the first day off (else the next working day)"
    )
    handoff.add_argument(
        "--until", dest="back", metavar="DAY", type=_day, help="the day back (else the working day after)"
    )
    _add_shared(handoff)


def _add_shared(command: Parser) -> None:
    command.add_argument(
        "--format", choices=FORMATS, default="text", help="text (the default), markdown or pdf"
    )
    command.add_argument(
        "--output", metavar="FILE", help="write this file, which only you can read (a PDF goes to the papers "
        "folder without it)"
    )  # fmt: skip
    command.add_argument("--replace", action="store_true", help="write over a file that is there")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: give it as 2026-12-02") from error


def run_today(invocation: Invocation) -> int:
    """The ranked day."""
    from carecoord_tui.documents.day_papers import PaperKind, Wanted

    with invocation.changing() as practice:
        return _put_out(practice, Wanted(PaperKind.TODAY), invocation)


def run_huddle(invocation: Invocation) -> int:
    """The huddle sheet."""
    from carecoord_tui.documents.day_papers import PaperKind, Wanted

    with invocation.changing() as practice:
        return _put_out(practice, Wanted(PaperKind.HUDDLE, day=invocation.options.date), invocation)


def run_handoff(invocation: Invocation) -> int:
    """The handoff sheet."""
    from carecoord_tui.documents.day_papers import PaperKind, Wanted
    from carecoord_tui.domain.cover import Away, AwayError, next_away

    options = invocation.options
    with invocation.changing() as practice:
        calendar = practice.context.calendar
        off = options.off or next_away(practice.today(), calendar).off
        try:
            away = Away(off, options.back or calendar.next_working_day(off))
        except AwayError as error:
            raise UsageError(str(error)) from error
        return _put_out(practice, Wanted(PaperKind.HANDOFF, away=away), invocation)


def _put_out(practice: Practice, wanted: Wanted, invocation: Invocation) -> int:
    """To the file that was asked for, to the papers folder for a PDF, else to stdout."""
    from carecoord_tui.documents.day_papers import PaperFormat, make_file, make_text

    options = invocation.options
    form = PaperFormat(FORMATS[options.format])
    if options.output is not None:
        _write(practice, wanted, form, Path(options.output), replace=options.replace)
    elif form is PaperFormat.PDF:
        written = make_file(practice, wanted, form)
        say(f"Written to {written.path}.")
        _note_what_leaves(written.unprintable)
    else:
        from carecoord_tui.widgets.safe_text import safe_text

        for line in make_text(practice, wanted, form).splitlines():
            say(safe_text(line))
    return OK


def _write(practice: Practice, wanted: Wanted, form: PaperFormat, path: Path, *, replace: bool) -> None:
    from carecoord_tui.documents.day_papers import draw, log
    from carecoord_tui.exchange.exports.writing import write_file
    from carecoord_tui.store.actions.disclosures import check_may_leave

    if path.is_dir() or not path.parent.is_dir():
        raise CommandError(f"{path} is no place for a file; give a file in a folder that is there.")
    if path.exists() and not replace:
        raise CommandError(f"There is a file {path} already; pass --replace to write over it.")
    check_may_leave(practice)
    paper = draw(practice, wanted, form)
    log(practice, wanted.kind)
    write_file(path, paper.content)
    say(f"Written to {path}.")
    _note_what_leaves(paper.unprintable)


def _note_what_leaves(unprintable: int) -> None:
    from carecoord_tui.documents.unprintable import screen_words

    note(_LEAVES)
    if unprintable:
        note(screen_words(unprintable))
