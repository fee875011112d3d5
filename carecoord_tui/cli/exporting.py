"""``export``: what the practice holds, as a private file that other programs read."""

from __future__ import annotations

from pathlib import Path

from carecoord_tui.cli.failures import OK, CommandError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import ProgressBar, note, say, write_json
from carecoord_tui.cli.parser import Group
from carecoord_tui.cli.part2 import add_part2, note_left_out
from carecoord_tui.cli.stopping import tidying_up


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    exports = commands.add("export", None, "write data out to a file")
    group = Group(exports, required=True)
    referrals = group.add(
        "referrals",
        run_referrals,
        "write the referrals as a log: CSV or .xlsx",
        "Write all referrals as a log that `import referrals` reads back. The file holds patient data: only "
        "you can read it, and the export is recorded in the audit.",
    )
    referrals.add_argument("file", metavar="FILE", help="the file to write; its name ends in .csv or .xlsx")
    referrals.add_argument("--replace", action="store_true", help="write over a file that is there")
    add_part2(referrals)
    referrals.add_argument("--json", action="store_true", help="print how many were written as JSON")
    everything = group.add(
        "all",
        run_all,
        "write everything: one .xlsx workbook, or a folder of CSV files",
        "Write every table, one .xlsx workbook or a folder of CSV files that the imports read back. They "
        "hold patient data outside the encrypted practice: only you can read them, the export is recorded in "
        "the audit, and under a confidential channel only permitted numbers are in them.",
    )
    everything.add_argument(
        "target", metavar="FILE", help="a name that ends in .xlsx, or a folder for CSV files"
    )
    everything.add_argument("--replace", action="store_true", help="write over files that are there")
    add_part2(everything)
    everything.add_argument("--json", action="store_true", help="print the rows of each table as JSON")
    patient = group.add(
        "patient",
        run_patient,
        "write one patient as Markdown or PDF",
        "Write one patient, what is open and the record in short tables, as Markdown or PDF. It leaves the "
        "encrypted practice; the export is recorded in the audit.",
    )
    patient.add_argument("who", metavar="MRN", help="the patient's MRN")
    patient.add_argument("file", metavar="FILE", help="the file to write; its name ends in .md or .pdf")
    patient.add_argument("--replace", action="store_true", help="write over a file that is there")
    add_part2(patient)


def run_referrals(invocation: Invocation) -> int:
    """Export every referral."""
    options = invocation.options
    path = _target(options.file, replace=options.replace)
    with tidying_up(), invocation.changing() as practice:
        from carecoord_tui.exchange.referral_export import export_referrals, notice_beside

        if options.with_part2 and path.suffix.lower() == ".csv":
            _target(str(notice_beside(path)), replace=options.replace)
        done = export_referrals(practice, path, with_part2=options.with_part2)
    note_left_out(done.withheld)
    if options.json:
        write_json({"referrals": done.count})
    else:
        say(f"{done.count:,} referral{'' if done.count == 1 else 's'} written to {path}.")
    if done.notice is not None:
        note(f"The notice that goes along is in {done.notice}.")
    return OK


def run_all(invocation: Invocation) -> int:
    """Export everything."""
    options = invocation.options
    path = Path(options.target)
    if path.suffix:
        path = _target(options.target, replace=options.replace)
    elif path.is_dir() and any(path.iterdir()) and not options.replace:
        raise CommandError(f"The folder {path} holds files already; pass --replace to write over them.")
    with tidying_up(), invocation.changing() as practice, ProgressBar("Export") as bar:
        from carecoord_tui.exchange.exports.everything import REMINDER, export_everything

        done = export_everything(
            practice,
            path,
            progress=lambda n, of, name: bar.share(n / of, name),
            with_part2=options.with_part2,
        )
    note_left_out(done.withheld)
    if options.json:
        write_json({"files": [str(one) for one in done.paths], "rows": done.rows})
    else:
        say(f"{done.total:,} rows of {len(done.rows)} tables written to {path}.")
        say(REMINDER)
    return OK


def run_patient(invocation: Invocation) -> int:
    """Export one patient."""
    options = invocation.options
    path = _target(options.file, replace=options.replace)
    with tidying_up(), invocation.changing() as practice:
        from carecoord_tui.documents.patient_paper import make_patient_paper
        from carecoord_tui.domain.names import display
        from carecoord_tui.exchange.exports.everything import REMINDER
        from carecoord_tui.store.queries.patients import mrn_owner

        owner = mrn_owner(practice.execute, options.who)
        if owner is None:
            raise CommandError("No patient has that MRN; `carecoord export all` writes everybody.")
        ((mrn, family, given),) = practice.execute(
            "SELECT mrn, family_name, given_name FROM patient WHERE id = ?", [owner]
        )
        made = make_patient_paper(practice, owner, path, with_part2=options.with_part2)
    if mrn != options.who:
        stays = f"MRN {mrn}" if mrn else "no MRN"
        note(f"MRN {options.who} was merged: this is the record of {display(family, given)}, {stays}.")
    note_left_out(made.withheld)
    if made.unprintable:
        from carecoord_tui.documents.unprintable import screen_words

        note(screen_words(made.unprintable))
    say(f"Written to {made.path}.")
    say(REMINDER)
    return OK


def _target(name: str, *, replace: bool) -> Path:
    """A file that may be written. Raises CommandError for a folder, a missing one, a file that is there."""
    path = Path(name)
    if path.is_dir():
        raise CommandError(f"{path} is a folder; give a file to write.")
    if not path.parent.is_dir():
        raise CommandError(f"There is no folder {path.parent} for that file.")
    if path.exists() and not replace:
        raise CommandError(f"There is a file {path} already; pass --replace to write over it.")
    return path
