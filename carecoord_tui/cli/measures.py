"""``measures``: how the work goes, with the numerator and denominator of every number."""

from __future__ import annotations

import re
from argparse import RawDescriptionHelpFormatter
from datetime import date
from typing import TYPE_CHECKING

from carecoord_tui.cli.failures import OK, UsageError
from carecoord_tui.cli.invocation import Invocation
from carecoord_tui.cli.output import say, write_json
from carecoord_tui.cli.parser import Group
from carecoord_tui.cli.settings import add_form

if TYPE_CHECKING:
    from carecoord_tui.cli.parser import Parser
    from carecoord_tui.domain.period import Period

_ABOUT = """\
CMS50, true loop closure, scheduling rate, days to appointment and open ages,
each with its numerator and denominator. A redirected referral and its
successors count once. Nothing is changed.

Without --year, --from or --to: referrals ordered in the last 365 days, and
CMS50 of this year.
"""
_KEYS = """\
keys of --json (stable; dates ISO, days numbers, null where there is none):
  as_of, period {from, to}, year
  cms50, loop_closure, scheduling:
      each {title, numerator, denominator, percent, numerator_words,
      denominator_words, apart {reason: count}, source};
      percent is null where the denominator is below 10
  days_to_appointment:
      a list by urgency {urgency, seen, unseen, seen_without_day};
      seen and unseen are {n, median, p90, longest}, unseen of the ages so far
  open_ages: a list by stage {stage, n, median, p90, longest}
p90 is by nearest rank.
"""
_ABOUT_INSURANCE = """\
Authorization turnaround, decisions inside the payer's clock, denial, appeal and
overturn rates, and visits with verified coverage, each with its numerator and
denominator. Nothing is changed.

Authorizations and appeals count by the day of their decision, denials by the
day of their notice, visits by their own day. Without --year, --from or --to:
the last 365 days.
"""
_KEYS_INSURANCE = """\
keys of --json (stable; dates ISO, days numbers, null where there is none):
  as_of, period {from, to}
  turnaround {standard, expedited, undated}:
      calendar days from submission to decision; standard and expedited are
      {n, median, p90, longest}
  inside_clock, denial_rate, appeal_rate, overturn_rate, eligibility:
      each {title, numerator, denominator, percent, numerator_words,
      denominator_words, apart {reason: count}, source};
      percent is null where the denominator is below 10
p90 is by nearest rank.
"""
_YEAR = re.compile(r"\d{4}")
_FIRST_YEAR, _LAST_YEAR = 1900, 9998


def register(commands: Group) -> None:
    """Declare the commands of this module."""
    measures = commands.add("measures", None, "measures of the work, with what each is made of")
    group = Group(measures, required=True)
    referrals = group.add("referrals", run_referrals, "print the measures of referrals", _ABOUT)
    referrals.formatter_class = RawDescriptionHelpFormatter
    referrals.epilog = _KEYS
    _add_options(
        referrals,
        year="referrals ordered in this year, and its CMS50",
        first="ordered on this day or later, e.g. 2026-01-01",
        last="ordered on this day or earlier; CMS50 is of its year",
    )
    insurance = group.add("insurance", run_insurance, "print the measures of insurance", _ABOUT_INSURANCE)
    insurance.formatter_class = RawDescriptionHelpFormatter
    insurance.epilog = _KEYS_INSURANCE
    _add_options(
        insurance,
        year="decided, denied or visited in this year",
        first="on this day or later, e.g. 2026-01-01",
        last="on this day or earlier",
    )


def _add_options(parser: Parser, *, year: str, first: str, last: str) -> None:
    """``--json`` and the period, each with its own help."""
    add_form(parser, "print JSON for scripts; its keys stand below")
    parser.add_argument("--year", metavar="Y", help=year)
    parser.add_argument("--from", dest="first", metavar="DATE", help=first)
    parser.add_argument("--to", dest="last", metavar="DATE", help=last)


def run_referrals(invocation: Invocation) -> int:
    """Read every referral, measure, print."""
    from carecoord_tui.domain.measure_words import referral_lines
    from carecoord_tui.domain.measures import as_json, measure_referrals
    from carecoord_tui.store.queries.measures import read_referral_rows

    options = invocation.options
    asked = _Asked(options.year, options.first, options.last)
    with invocation.reading() as reader:
        today = reader.today()
        period, year = asked.period(today), asked.year(today)
        rows = read_referral_rows(reader.execute)
    measures = measure_referrals(rows, today=today, period=period, year=year)
    if options.json:
        write_json(as_json(measures))
    else:
        for line in referral_lines(measures):
            say(line.text)
    return OK


def run_insurance(invocation: Invocation) -> int:
    """Read authorizations, denials, appeals and visits, measure, print."""
    from carecoord_tui.domain.insurance_measure_words import insurance_lines
    from carecoord_tui.domain.insurance_measures import as_json, measure_insurance
    from carecoord_tui.store.queries.insurance_measures import read_insurance_rows

    options = invocation.options
    asked = _Asked(options.year, options.first, options.last)
    with invocation.reading() as reader:
        today = reader.today()
        rows = read_insurance_rows(reader.execute, reader.zone)
        measures = measure_insurance(rows, reader.context, today=today, period=asked.period(today))
    if options.json:
        write_json(as_json(measures))
    else:
        for line in insurance_lines(measures):
            say(line.text)
    return OK


class _Asked:
    """The period of the command line. Raises UsageError, before a passphrase is asked for."""

    def __init__(self, year: str | None, first: str | None, last: str | None) -> None:
        if year is not None and (first is not None or last is not None):
            raise UsageError("Give --year, or --from and --to, not both.")
        self._year = _year(year) if year is not None else None
        self._first = _day("--from", first) if first is not None else None
        self._last = _day("--to", last) if last is not None else None
        if self._first is not None and self._last is not None and self._last < self._first:
            raise UsageError(f"--to {self._last} is before --from {self._first}.")

    def period(self, today: date) -> Period:
        """The days to measure; the last 365 unless asked otherwise."""
        from carecoord_tui.domain.period import Period

        if self._year is not None:
            return Period.of_year(self._year)
        return Period.asked(self._first, self._last, today)

    def year(self, today: date) -> int:
        """The year of CMS50, which is always of a whole one: that of the period's last day."""
        return self.period(today).last.year


def _year(text: str) -> int:
    if not _YEAR.fullmatch(text) or not text.isascii() or not _FIRST_YEAR <= int(text) <= _LAST_YEAR:
        raise UsageError(f"--year {text} is not a year such as 2026.")
    return int(text)


def _day(option: str, text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text} is not a date such as 2026-01-31.") from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise UsageError(f"{option} {text} is not a date such as 2026-01-31.")
    return found
