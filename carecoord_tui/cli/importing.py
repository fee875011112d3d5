"""``import patients``: a spreadsheet into the caseload; looked at first, then brought in as one change."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from carecoord_tui.cli.failures import OK, CommandError, UsageError
from carecoord_tui.cli.invocation import Invocation, confirmed, is_interactive
from carecoord_tui.cli.output import ProgressBar, say, write_json
from carecoord_tui.cli.parser import Group

if TYPE_CHECKING:
    from carecoord_tui.domain.date_order import DateOrder
    from carecoord_tui.exchange.import_patients import ImportReport, NeedsDateOrder
    from carecoord_tui.store.practice import Practice

DATE_ORDERS = ("mdy", "dmy", "ymd")


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    imports = commands.add("import", None, "bring data in from a file")
    group = Group(imports, required=True)
    patients = group.add(
        "patients",
        run_patients,
        "bring a patient list in: CSV, TSV or .xlsx",
        "Bring a patient list in: CSV, TSV or .xlsx. Columns are recognised by their usual names. Nothing "
        "is merged silently, rejected rows are handed back in a file, and importing twice changes nothing.",
    )
    patients.add_argument("file", metavar="FILE", help="the patient list")
    patients.add_argument("--dry-run", action="store_true", help="show what would happen and write nothing")
    patients.add_argument("--yes", action="store_true", help="do not ask before importing")
    patients.add_argument("--json", action="store_true", help="print the counts as JSON and do not ask")
    patients.add_argument(
        "--map",
        metavar="FIELD=HEADER",
        action="append",
        default=[],
        help="read FIELD from the column with this header, e.g. birth_date='DOB 2'; may be repeated",
    )
    patients.add_argument(
        "--date-order", choices=DATE_ORDERS, help="how numeric dates are written, where the file cannot tell"
    )
    patients.add_argument("--sheet", metavar="NAME", help="the worksheet, for a workbook with several")
    patients.add_argument(
        "--rejects",
        metavar="FILE",
        help="write rejected rows to this file (else a new one in the data folder)",
    )


def run_patients(invocation: Invocation) -> int:
    """Import a patient list; at a terminal it is shown first and asked about."""
    options = invocation.options
    path = Path(options.file)
    if not path.exists():
        raise CommandError(f"There is no file {path}.")
    if options.rejects:
        _check_rejects(Path(options.rejects), path)
    opened = invocation.looking() if options.dry_run else invocation.changing()
    with opened as practice:
        _Import(practice, path, options).run()
    return OK


def _check_rejects(rejects: Path, patients: Path) -> None:
    """Refuse, before anything is read, a place where the rejected rows cannot or must not be written."""
    if rejects.exists() and rejects.samefile(patients):
        raise UsageError("--rejects names the patient list itself; give another file, or it would be lost.")
    if rejects.is_dir():
        raise CommandError(f"{rejects} is a folder; give a file for the rejected rows.")
    if not rejects.parent.is_dir():
        raise CommandError(f"There is no folder {rejects.parent} for the rejected rows.")


class _Import:
    """One import with its questions."""

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
            _write_outcome(report)
        else:
            self._show(report)

    def _is_wanted(self, preview: ImportReport) -> bool:
        from carecoord_tui.widgets.safe_text import safe_text

        for line in preview.lines():
            say(safe_text(line))
        people = preview.counts.created + preview.counts.updated
        if not people:
            return True  # nobody changes; only the rejected rows, if any, are still to be handed back
        sys.stdout.flush()
        these = "this person" if people == 1 else f"these {people:,} people"
        return confirmed(f"Import {these}?", default=True)

    def _imported(self, *, dry_run: bool) -> ImportReport:
        """Import, asking once for the order of the dates where the file cannot tell."""
        from carecoord_tui.exchange.import_patients import NeedsDateOrder, import_patients

        rejects = self._options.rejects
        while True:
            try:
                with ProgressBar("Import") as bar:
                    return import_patients(
                        self._practice,
                        self._path,
                        overrides=self._overrides,
                        date_order=self._order,
                        sheet=self._options.sheet,
                        dry_run=dry_run,
                        progress=lambda phase, done, total: bar.share(done / total if total else 0.0, phase),
                        rejects_path=Path(rejects) if rejects else None,
                    )
            except NeedsDateOrder as error:
                if self._order is not None or not self._asks:
                    raise
                self._order = _ask_order(error)

    def _show(self, report: ImportReport) -> None:
        from carecoord_tui.widgets.safe_text import safe_text

        if self._options.json:
            write_json(report.to_json())
            return
        for line in report.lines():
            say(safe_text(line))


def _overrides(items: list[str]) -> dict[str, str]:
    from carecoord_tui.exchange.patient_columns import ColumnError, parse_overrides

    try:
        return parse_overrides(items)
    except ColumnError as error:
        raise UsageError(str(error)) from error


def _ask_order(error: NeedsDateOrder) -> DateOrder:
    """Ask how the dates are written; no answer stops the import."""
    from carecoord_tui.domain.date_order import DateOrder
    from carecoord_tui.widgets.safe_text import safe_text

    say(safe_text(str(error)))
    for order in error.orders:
        say(f"  {order.value}  {order.label}")
    answers = {order.value for order in error.orders}
    while True:
        sys.stdout.flush()
        sys.stderr.write(f"How are they written? [{'/'.join(order.value for order in error.orders)}] ")
        sys.stderr.flush()
        answer = sys.stdin.readline().strip().lower()
        if answer in answers:
            return DateOrder(answer)
        if not answer:
            raise CommandError("Nothing was imported.")


def _write_outcome(report: ImportReport) -> None:
    """What came of an import that was shown before."""
    from carecoord_tui.widgets.safe_text import safe_text

    counts = report.counts
    say(f"Imported: {counts.created:,} new, {counts.updated:,} updated, {counts.rejected:,} rejected.")
    if report.rejects_path is not None:
        say(
            safe_text(
                f"The rejected rows are in {report.rejects_path}; correct them there and import that file."
            )
        )
