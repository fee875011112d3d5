"""``import``: a patient list, a referral log or another table; looked at first, then one undoable change."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carecoord_tui.cli.failures import OK, CommandError, UsageError
from carecoord_tui.cli.invocation import Invocation, confirmed, is_interactive
from carecoord_tui.cli.output import ProgressBar, note, say, write_json
from carecoord_tui.cli.parser import Group, Parser

if TYPE_CHECKING:
    from carecoord_tui.domain.date_order import DateOrder
    from carecoord_tui.domain.vocabulary import ReferralStage
    from carecoord_tui.exchange.import_patients import ImportReport
    from carecoord_tui.exchange.import_plan import NeedsDateOrder
    from carecoord_tui.exchange.import_steps import PhaseProgress
    from carecoord_tui.exchange.referral_report import ReferralImportReport, StatusUse
    from carecoord_tui.store.practice import Practice

DATE_ORDERS = ("mdy", "dmy", "ymd")


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    from carecoord_tui.cli import importing_answers, importing_logs

    imports = commands.add("import", None, "bring data in from a file")
    group = Group(imports, required=True)
    patients = group.add(
        "patients",
        run_patients,
        "bring a patient list in: CSV, TSV or .xlsx",
        "Bring a patient list in: CSV, TSV or .xlsx. Columns are recognised by their usual names. Nothing "
        "is merged silently; rows that are refused or look odd are handed back in a file; importing twice "
        "changes nothing.",
    )
    add_table_options(patients, "the patient list", "birth_date='DOB 2'")
    referrals = group.add(
        "referrals",
        run_referrals,
        "bring a referral log in: CSV, TSV or .xlsx",
        "Bring a referral log in for people of the caseload: CSV, TSV or .xlsx. Status words that mean one "
        "thing everywhere become stages, others are asked about; people are taken only for certain; a row "
        "that contradicts itself is handed back; what the practice has already is never overwritten.",
    )
    add_table_options(referrals, "the referral log", "specialty='Dept'")
    referrals.add_argument(
        "--status",
        metavar="WORDS=STAGE",
        action="append",
        default=[],
        help="what status words mean, e.g. pending=sent; =leave-out hands their rows back; may be repeated",
    )
    referrals.add_argument(
        "--accept-name-only",
        action="store_true",
        help="take a person for a name alone where exactly one has it",
    )
    importing_logs.register(group)
    importing_answers.register(group)


def add_table_options(parser: Parser, what: str, example: str) -> None:
    """The file and what every import of a table takes; ``example`` is a FIELD=HEADER."""
    parser.add_argument("file", metavar="FILE", help=what)
    parser.add_argument("--dry-run", action="store_true", help="show what would happen and write nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask before importing")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON and do not ask")
    add_reading_options(parser, example)


def add_reading_options(parser: Parser, example: str) -> None:
    """How a table is to be read; ``example`` is a FIELD=HEADER."""
    parser.add_argument(
        "--map",
        metavar="FIELD=HEADER",
        action="append",
        default=[],
        help=f"read FIELD from the column with this header, e.g. {example}; may be repeated",
    )
    parser.add_argument(
        "--date-order", choices=DATE_ORDERS, help="how numeric dates are written, where the file cannot tell"
    )
    parser.add_argument(
        "--accept-odd",
        action="store_true",
        help="take rows whose cells seem to have moved, or that hold two records, as they stand",
    )
    parser.add_argument("--sheet", metavar="NAME", help="the worksheet, for a workbook with several")
    parser.add_argument(
        "--rejects",
        metavar="FILE",
        help="write rows that were not taken to this file (else a new one in the data folder)",
    )


def run_patients(invocation: Invocation) -> int:
    """Import a patient list; at a terminal it is shown first and asked about."""
    return run_table(invocation, _PatientImport)


def run_referrals(invocation: Invocation) -> int:
    """Import a referral log; at a terminal it is shown first and asked about."""
    return run_table(invocation, _ReferralImport)


def run_table(invocation: Invocation, kind: Callable[[Practice, Path, Any], TableImport]) -> int:
    """Check the file and the options, open the practice, and run one import of ``kind``."""
    options = invocation.options
    path = Path(options.file)
    if not path.exists():
        raise CommandError(f"There is no file {path}.")
    if options.rejects:
        _check_rejects(Path(options.rejects), path)
    opened = invocation.looking() if options.dry_run else invocation.changing()
    with opened as practice:
        kind(practice, path, options).run()
    return OK


def _check_rejects(rejects: Path, file: Path) -> None:
    """Refuse, before anything is read, a place where the rejected rows cannot or must not be written."""
    if rejects.exists() and rejects.samefile(file):
        raise UsageError("--rejects names the imported file itself; give another file, or it would be lost.")
    if rejects.is_dir():
        raise CommandError(f"{rejects} is a folder; give a file for the rejected rows.")
    if not rejects.parent.is_dir():
        raise CommandError(f"There is no folder {rejects.parent} for the rejected rows.")


class TableImport:
    """One import of a table with its questions."""

    def __init__(self, practice: Practice, path: Path, options: Any) -> None:
        from carecoord_tui.domain.date_order import DateOrder

        self._practice, self._path, self._options = practice, path, options
        self._overrides = _overrides(options.map)
        self._order = DateOrder(options.date_order) if options.date_order else None
        self._asks = is_interactive() and not (options.json or options.yes)

    def run(self) -> None:
        """Dry run, or preview and import, or import at once."""
        if self._options.dry_run:
            self._show(self._imported(dry_run=True))
            return
        previewed = self._asks
        if previewed and not self._is_wanted(self._imported(dry_run=True)):
            raise CommandError("Nothing was imported.")
        report = self._imported(dry_run=False)
        if previewed:
            self._say_outcome(report)
        else:
            self._show(report)

    def _bring(self, *, dry_run: bool, progress: PhaseProgress) -> Any:
        """The importer itself, once."""
        raise NotImplementedError

    def _wanted(self, preview: Any) -> str:
        """What is asked before anything is written; empty when nobody and nothing would change."""
        raise NotImplementedError

    def _say_outcome(self, report: Any) -> None:
        """What came of an import that was shown before."""
        raise NotImplementedError

    def _is_wanted(self, preview: Any) -> bool:
        _say_lines(self._lines(preview))
        question = self._wanted(preview)
        if not question:
            return True  # only the rows that are not taken, if any, are still to be handed back
        sys.stdout.flush()
        return confirmed(question, default=True)

    def _imported(self, *, dry_run: bool) -> Any:
        """Import, asking once for the order of the dates where the file cannot tell."""
        from carecoord_tui.exchange.import_plan import NeedsDateOrder

        while True:
            try:
                with ProgressBar("Import") as bar:
                    return self._bring(
                        dry_run=dry_run,
                        progress=lambda phase, done, total: bar.share(done / total if total else 0.0, phase),
                    )
            except NeedsDateOrder as error:
                if self._order is not None or not self._asks:
                    raise
                self._order = _ask_order(error)

    def _shared(self) -> dict[str, Any]:
        """What both importers take alike."""
        rejects = self._options.rejects
        return {
            "overrides": self._overrides,
            "date_order": self._order,
            "sheet": self._options.sheet,
            "accept_odd": self._options.accept_odd,
            "rejects_path": Path(rejects) if rejects else None,
        }

    def _show(self, report: Any) -> None:
        if self._options.json:
            write_json(self._json(report))
        else:
            _say_lines(self._lines(report))

    def _lines(self, report: Any) -> list[str]:
        """A preview or report as plain lines."""
        lines: list[str] = report.lines()
        return lines

    def _json(self, report: Any) -> Any:
        """A report for scripts."""
        return report.to_json()


class _PatientImport(TableImport):
    """A patient list."""

    def _bring(self, *, dry_run: bool, progress: PhaseProgress) -> ImportReport:
        from carecoord_tui.exchange.import_patients import import_patients

        return import_patients(
            self._practice, self._path, dry_run=dry_run, progress=progress, **self._shared()
        )

    def _wanted(self, preview: ImportReport) -> str:
        people = preview.counts.created + preview.counts.updated
        these = "this person" if people == 1 else f"these {people:,} people"
        return f"Import {these}?" if people else ""

    def _say_outcome(self, report: ImportReport) -> None:
        from carecoord_tui.exchange.import_report import also

        counts = report.counts
        say(
            f"Imported: {counts.created:,} new, {counts.updated:,} updated, "
            f"{counts.refused:,} refused{also(counts)}."
        )
        say_rejects(report.rejects_path)


class _ReferralImport(TableImport):
    """A referral log."""

    def __init__(self, practice: Practice, path: Path, options: Any) -> None:
        super().__init__(practice, path, options)
        self._statuses = _statuses(options.status)

    def _bring(self, *, dry_run: bool, progress: PhaseProgress) -> ReferralImportReport:
        from carecoord_tui.exchange.import_referrals import import_referrals

        while True:
            report = import_referrals(
                self._practice,
                self._path,
                dry_run=dry_run,
                progress=progress,
                statuses=self._statuses,
                accept_name_only=self._options.accept_name_only,
                **self._shared(),
            )
            if not (report.asked and self._asks):
                return report
            for status in report.asked:
                self._ask_status(status)

    def _ask_status(self, status: StatusUse) -> None:
        """Ask what status words mean; no answer stops the import."""
        from carecoord_tui.domain.vocabulary import ReferralStage
        from carecoord_tui.exchange.referral_statuses import LEAVE_OUT, StatusError, parse_statuses
        from carecoord_tui.widgets.safe_text import safe_text

        say(safe_text(f"Status “{status.words}”, {status.rows_text}: which stage is it?"))
        say("  " + ", ".join([*(stage.value for stage in ReferralStage), LEAVE_OUT]))
        while typed := answer("Stage: "):
            try:
                self._statuses.update(parse_statuses([f"{status.words}={typed}"]))
            except StatusError as error:
                note(str(error))
            else:
                return
        raise CommandError("Nothing was imported.")

    def _wanted(self, preview: ReferralImportReport) -> str:
        count = preview.counts.created
        these = "this referral" if count == 1 else f"these {count:,} referrals"
        return f"Import {these}?" if count else ""

    def _say_outcome(self, report: ReferralImportReport) -> None:
        from carecoord_tui.exchange.referral_report import counts_sentence

        say(f"Imported. {counts_sentence(report.counts, is_done=True)}")
        say_rejects(report.rejects_path)


def _overrides(items: list[str]) -> dict[str, str]:
    from carecoord_tui.exchange.columns import ColumnError, parse_overrides

    try:
        return parse_overrides(items)
    except ColumnError as error:
        raise UsageError(str(error)) from error


def _statuses(items: list[str]) -> dict[str, ReferralStage | None]:
    from carecoord_tui.exchange.referral_statuses import StatusError, parse_statuses

    try:
        return parse_statuses(items)
    except StatusError as error:
        raise UsageError(str(error)) from error


def _ask_order(error: NeedsDateOrder) -> DateOrder:
    """Ask how the dates are written; no answer stops the import."""
    from carecoord_tui.domain.date_order import DateOrder
    from carecoord_tui.widgets.safe_text import safe_text

    say(safe_text(str(error)))
    for order in error.orders:
        say(f"  {order.value}  {order.label}")
    answers = {order.value for order in error.orders}
    question = f"How are they written? [{'/'.join(order.value for order in error.orders)}] "
    while typed := answer(question).lower():
        if typed in answers:
            return DateOrder(typed)
    raise CommandError("Nothing was imported.")


def answer(question: str) -> str:
    """One line typed at the terminal; empty at its end."""
    sys.stdout.flush()
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _say_lines(lines: list[str]) -> None:
    from carecoord_tui.widgets.safe_text import safe_text

    for line in lines:
        say(safe_text(line))


def say_rejects(path: Path | None) -> None:
    if path is not None:
        from carecoord_tui.exchange.import_report import handed_back_words

        _say_lines([handed_back_words(path)])
