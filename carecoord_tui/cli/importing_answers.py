"""``import eligibility|authorizations|denials``: what a payer's file says, looked at first, then written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from carecoord_tui.cli.failures import OK, CommandError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.json_stream import JsonStream
from carecoord_tui.cli.output import ProgressBar, say, write_json
from carecoord_tui.cli.parser import Group, Parser

if TYPE_CHECKING:
    from carecoord_tui.domain.payer_answers import Problem
    from carecoord_tui.exchange.x12.envelope import FileFacts
    from carecoord_tui.exchange.x12.reading import AnswerReader
    from carecoord_tui.exchange.x12.segments import Progress

    Read: TypeAlias = Callable[[Path, Progress], AnswerReader[Any]]

_PASSES = ("checking", "answers", "places")


def register(imports: Group) -> None:
    """Declare the commands of this module under ``import``."""
    from carecoord_tui.cli import importing, importing_logs

    _add(
        imports,
        "eligibility",
        run_eligibility,
        "read a payer's eligibility answers: X12 271",
        "Read a payer's eligibility answers (X12 271): each member with coverage and every benefit line, its "
        "network, level and period kept apart, with its place in the file.",
    )
    authorizations = _add(
        imports,
        "authorizations",
        run_authorizations,
        "read a payer's decisions (X12 278 response, Da Vinci PAS), or an authorization log (CSV, .xlsx)",
        "Read a payer's decisions on authorizations (X12 278 response, or a Da Vinci PAS response in FHIR "
        "JSON), item by item: one approved item does not make an approval. Or bring an authorization log in: "
        "CSV, TSV or .xlsx; the options for columns, dates and statuses are for such a log.",
    )
    importing.add_reading_options(authorizations, "service='Procedure'")
    importing_logs.add_log_options(authorizations)
    _add(
        imports,
        "denials",
        run_denials,
        "read what became of claims: X12 835 or 277",
        "Read what became of claims (X12 835 remittance or 277 claim status): each claim with what was "
        "charged, paid and taken off, and why.",
    )


def _add(imports: Group, name: str, run: Callable[[Invocation], int], summary: str, about: str) -> Parser:
    command = imports.add(name, run, summary, about)
    command.add_argument("file", metavar="FILE", help="the payer's file")
    command.add_argument(
        "--dry-run", action="store_true", help="show what the file says; no practice is opened"
    )
    command.add_argument("--yes", action="store_true", help="do not ask before writing")
    command.add_argument("--json", action="store_true", help="print JSON for scripts")
    return command


def run_eligibility(invocation: Invocation) -> int:
    """Show a 271, or write what it says."""
    from carecoord_tui.exchange.x12.eligibility import read_eligibility

    return _run(invocation, read_eligibility, "eligibility")


def run_authorizations(invocation: Invocation) -> int:
    """Show a 278 response or a PAS response, or write what it says; a spreadsheet is a log of its own."""
    from carecoord_tui.cli import importing_logs
    from carecoord_tui.exchange.x12.authorization import read_authorizations

    path = Path(invocation.options.file)
    if path.is_file() and importing_logs.is_log(path):
        return importing_logs.run_authorizations(invocation)
    return _run(invocation, read_authorizations, "authorizations", takes_fhir=True)


def run_denials(invocation: Invocation) -> int:
    """Show an 835 or 277, or write its denials."""
    from carecoord_tui.exchange.x12.claims import read_claims

    return _run(invocation, read_claims, "denials")


def _run(invocation: Invocation, read: Read, what: str, *, takes_fhir: bool = False) -> int:
    from carecoord_tui.exchange.answer_file import AnswerFileError, kind_of

    options = invocation.options
    path = Path(options.file)
    if not path.is_file():
        raise CommandError(f"There is no file {path}.")
    try:
        if not options.dry_run:
            from carecoord_tui.cli.writing_answers import write_answers

            return write_answers(invocation, path, what)
        if takes_fhir and kind_of(path) == "JSON":
            _show_pas(path, as_json=options.json)
        else:
            _show_x12(path, read, as_json=options.json)
    except AnswerFileError as error:
        raise CommandError(str(error)) from error
    return OK


# --- X12 ------------------------------------------------------------------------------------------------


def _show_x12(path: Path, read: Read, *, as_json: bool) -> None:
    """Read to the end first, so that a file that is refused prints nothing; then once more a list.

    Reading again costs less than holding the answers: a large remittance stays a few megabytes.
    """
    with ProgressBar("Read") as bar:

        def reader(step: int, of: int) -> AnswerReader[Any]:
            return read(path, lambda done, total: bar.share((step + done / total) / of, _PASSES[step]))

        of = 3 if as_json else 2
        check = reader(0, of)
        for _ in check:
            pass
        if as_json:
            _write_x12(check.facts, reader(1, of), reader(2, of))
        else:
            _say_x12(check.facts, reader(1, of))


def _write_x12(facts: FileFacts, reader: AnswerReader[Any], again: AnswerReader[Any]) -> None:
    from carecoord_tui.exchange.x12.as_json import (
        LIST_OF_KIND,
        answer_json,
        figures_json,
        file_json,
        frame_json,
        problems_json,
    )
    from carecoord_tui.exchange.x12.reading import TransactionEnd, TransactionStart

    out = JsonStream()
    out.keys(file_json(facts))
    out.open_list("transactions")
    for found in reader:
        if isinstance(found, TransactionStart):
            out.open_item()
            out.open_list(LIST_OF_KIND[found.kind])
        elif isinstance(found, TransactionEnd):
            out.close("]")
            out.keys(frame_json(found))
            out.close("}")
        else:
            out.items(answer_json(found))
    out.close("]")
    out.open_list("figures")
    for answer in again.answers():
        out.items(figures_json(answer))
    out.close("]")
    out.keys({"problems": problems_json(facts), "problem_count": facts.problem_count})
    out.close("}")


def _say_x12(facts: FileFacts, reader: AnswerReader[Any]) -> None:
    from carecoord_tui.domain.payer_answer_words import answer_lines, reject_lines
    from carecoord_tui.exchange.x12.reading import TransactionEnd, TransactionStart

    for found in reader:
        if isinstance(found, TransactionEnd):
            if found.rejects:
                say(f"The {found.frame.kind} as a whole")
                _say_lines(reject_lines(found.rejects))
        elif not isinstance(found, TransactionStart):
            _say_lines(answer_lines(found))
    _say_problems(facts.problems, facts.problem_count)


# --- PAS ------------------------------------------------------------------------------------------------


def _show_pas(path: Path, *, as_json: bool) -> None:
    from carecoord_tui.domain.payer_answer_words import answer_lines
    from carecoord_tui.exchange.pas import read_pas
    from carecoord_tui.exchange.pas_json import pas_json

    response = read_pas(path)
    if as_json:
        write_json(pas_json(response))
        return
    for answer in response.answers:
        _say_lines(answer_lines(answer))
    problems = [problem for answer in response.answers for problem in answer.problems]
    _say_problems(problems, len(problems))


# --- lines ----------------------------------------------------------------------------------------------


def _say_problems(problems: Sequence[Problem], count: int) -> None:
    if not count:
        return
    say(f"{count:,} to look at:" if count > 1 else "To look at:")
    _say_lines(f"  {problem}" for problem in problems)
    if count > len(problems):
        say(f"  and {count - len(problems):,} more")


def _say_lines(lines: Iterable[str]) -> None:
    from carecoord_tui.widgets.safe_text import safe_text

    for line in lines:
        say(safe_text(line))
