"""``import coverages|appointments|follow-ups|providers``, and ``authorizations`` out of a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carecoord_tui.cli import importing
from carecoord_tui.cli.failures import CommandError, UsageError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import note, say
from carecoord_tui.cli.parser import Group, Parser

if TYPE_CHECKING:
    from carecoord_tui.exchange.import_steps import PhaseProgress
    from carecoord_tui.exchange.logs import LogJob, LogPlan, StatusUse
    from carecoord_tui.store.practice import Practice

AUTHORIZATIONS = "authorizations"
_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm")
_LEAST_HEADERS = 3
_COMMON = (
    "Columns and statuses are recognised by their usual words, others are asked about; people are taken only "
    "for certain; a row that contradicts itself is handed back; importing twice changes nothing, and what "
    "somebody changed here since is never overwritten."
)


def register(imports: Group) -> None:
    """Declare the commands of this module under ``import``."""
    for name, what, example in (
        ("coverages", "insurance coverage of patients", "payer='Ins 1'"),
        ("appointments", "appointments, past and ahead", "date='Appt'"),
        ("follow-ups", "follow-ups, open and done", "title='To do'"),
        ("providers", "the directory of offices", "name='Dr'"),
    ):
        command = imports.add(
            name,
            _run_of(name),
            f"bring {what} in: CSV, TSV or .xlsx",
            f"Bring {what} in: CSV, TSV or .xlsx. {_COMMON}",
        )
        importing.add_table_options(command, "the list", example)
        add_log_options(command)


def add_log_options(command: Parser) -> None:
    """What record logs take beside the options of every table."""
    command.add_argument(
        "--status",
        metavar="WORDS=STATUS",
        action="append",
        default=[],
        help="what status words mean; =leave-out hands their rows back; may be repeated",
    )
    command.add_argument(
        "--accept-name-only",
        action="store_true",
        help="take a person for a name alone where exactly one has it",
    )


def is_log(path: Path) -> bool:
    """True for an authorization log: a workbook, or text with the headers of one. Never raises."""
    from carecoord_tui.exchange.answer_file import AnswerFileError, kind_of
    from carecoord_tui.exchange.logs import kind_named
    from carecoord_tui.exchange.spreadsheet import open_table
    from carecoord_tui.exchange.tabular import TableError

    try:
        looks_like = kind_of(path)
        if looks_like in ("X12", "JSON"):
            return False
        if path.suffix.lower() in _TABLES or looks_like == "a workbook or zip file":
            return True
        known = kind_named(AUTHORIZATIONS).columns
        headers = open_table(path, is_known=known.is_known_header).headers
    except (AnswerFileError, OSError, TableError):
        return False  # whoever reads payers' files says what is wrong with it
    return sum(known.field_of(header) is not None for header in headers) >= _LEAST_HEADERS


def run_authorizations(invocation: Invocation) -> int:
    """Import an authorization log; at a terminal it is shown first and asked about."""
    return _run_of(AUTHORIZATIONS)(invocation)


def _run_of(name: str) -> Callable[[Invocation], int]:
    return lambda invocation: importing.run_table(invocation, partial(_LogImport, name))


def _proposed(status: StatusUse) -> str:
    """What an empty answer means."""
    return status.proposed.value if status.proposed else ""


class _LogImport(importing.TableImport):
    """A record log with its questions."""

    def __init__(self, kind: str, practice: Practice, path: Path, options: Any) -> None:
        super().__init__(practice, path, options)
        from carecoord_tui.exchange.logs import LogJob
        from carecoord_tui.exchange.referral_statuses import StatusError

        self._job: LogJob = LogJob(
            practice,
            kind,
            path,
            options.sheet,
            overrides=self._overrides,
            date_order=self._order,
            accept_name_only=options.accept_name_only,
            accept_odd=options.accept_odd,
        )
        try:
            words = self._job.kind.statuses
            for item, status in (words.parse_answers(options.status) if words else {}).items():
                self._job.set_status(item, status.value if status else None)
        except StatusError as error:
            raise UsageError(str(error)) from error
        if options.status and words is None:
            raise UsageError(f"--status: {kind} have no status.")

    def _bring(self, *, dry_run: bool, progress: PhaseProgress) -> LogPlan:
        if self._order is not None:
            self._job.set_date_order(self._order)
        if not dry_run:
            rejects = self._options.rejects
            return self._job.write(progress, rejects_path=Path(rejects) if rejects else None)
        while True:
            plan = self._job.read(progress)
            if not (plan.asked and self._asks):
                return plan
            for status in plan.asked:
                self._ask_status(status)

    def _ask_status(self, status: StatusUse) -> None:
        """Ask what status words mean; no answer stops the import."""
        from carecoord_tui.exchange.referral_statuses import LEAVE_OUT, StatusError
        from carecoord_tui.widgets.safe_text import safe_text

        words = self._job.kind.statuses
        assert words is not None  # noqa: S101 - only kinds with statuses ask
        say(safe_text(f"Status “{status.words}”, {status.rows_text}: what does it mean?"))
        say("  " + ", ".join([*(member.value for member in words.members), LEAVE_OUT]))
        proposed = f" [{status.proposed.value}]" if status.proposed else ""
        while typed := importing.answer(f"Status{proposed}: ") or _proposed(status):
            try:
                self._job.set_status(status.words, typed)
            except StatusError as error:
                note(str(error))
            else:
                return
        raise CommandError("Nothing was imported.")

    def _wanted(self, preview: LogPlan) -> str:
        count = preview.counts.created + preview.counts.changed
        return f"Import {self._job.kind.counted(count)}?" if count else ""

    def _say_outcome(self, report: LogPlan) -> None:
        from carecoord_tui.exchange.logs.report import counts_sentence

        say(f"Imported. {counts_sentence(self._job.kind, report.counts, is_done=True)}")
        importing.say_rejects(report.rejects_path)

    def _lines(self, report: LogPlan) -> list[str]:
        from carecoord_tui.exchange.logs.report import lines

        return lines(self._job.kind, report)

    def _json(self, report: LogPlan) -> dict[str, object]:
        from carecoord_tui.exchange.logs.report import to_json

        return to_json(report)
