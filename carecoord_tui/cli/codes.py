"""``codes import``: the public ICD-10-CM code file, for looking codes up by words. Needs no passphrase."""

from __future__ import annotations

from pathlib import Path

from carecoord_tui.cli.failures import OK, CommandError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import note, say, write_json
from carecoord_tui.cli.parser import Group


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    codes = commands.add("codes", None, "diagnosis codes for looking up by words")
    group = Group(codes, required=True)
    imported = group.add(
        "import",
        run_import,
        "read the public ICD-10-CM code file",
        "Read the ICD-10-CM code file that CMS publishes each year (icd10cm_codes_2026.txt: code, blanks, "
        "words), or a file of two columns with comma or tab. Forms then find codes by words, offline. It "
        "takes the place of the one before.",
    )
    imported.add_argument("file", metavar="FILE", help="the code file")
    imported.add_argument("--json", action="store_true", help="print the counts as JSON")


def run_import(invocation: Invocation) -> int:
    """Import a code file; lines that were left out are named with their numbers."""
    from carecoord_tui.store.icd10 import code_file, import_codes

    paths = invocation.paths
    paths.require()
    source = Path(invocation.options.file).expanduser()
    if not source.is_file():
        raise CommandError(f"There is no file {source}.")
    report = import_codes(paths, source)
    if invocation.options.json:
        bad = [{"line": line.number, "why": line.why} for line in report.bad_lines]
        write_json(
            {"codes": report.codes, "bad": report.bad_count, "bad_lines": bad, "file": str(code_file(paths))}
        )
        return OK
    say(f"{report.codes:,} codes are ready to be looked up.")
    for line in report.bad_lines:
        note(f"line {line.number}: {line.why}")
    if more := report.bad_count - len(report.bad_lines):
        note(f"and {more:,} more lines that are no code with its words")
    return OK
