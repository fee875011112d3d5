"""``export``: what the practice holds, as a private file that other programs read."""

from __future__ import annotations

from pathlib import Path

from carecoord_tui.cli.failures import OK, CommandError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import say, write_json
from carecoord_tui.cli.parser import Group


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
    referrals.add_argument("--json", action="store_true", help="print how many were written as JSON")


def run_referrals(invocation: Invocation) -> int:
    """Export every referral."""
    options = invocation.options
    path = Path(options.file)
    if path.is_dir():
        raise CommandError(f"{path} is a folder; give a file for the referrals.")
    if not path.parent.is_dir():
        raise CommandError(f"There is no folder {path.parent} for the referrals.")
    if path.exists() and not options.replace:
        raise CommandError(f"There is a file {path} already; pass --replace to write over it.")
    with invocation.changing() as practice:
        from carecoord_tui.exchange.referral_export import export_referrals

        count = export_referrals(practice, path)
    if options.json:
        write_json({"referrals": count})
    else:
        say(f"{count:,} referral{'' if count == 1 else 's'} written to {path}.")
    return OK
