"""A referral log in the import screen: its preview, the question about a status, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from rich.style import Style
from rich.table import Table
from rich.text import Text

from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.exchange.import_referrals import import_referrals
from carecoord_tui.exchange.import_report import handed_back_words
from carecoord_tui.exchange.import_steps import PhaseProgress
from carecoord_tui.exchange.referral_columns import REFERRALS
from carecoord_tui.exchange.referral_report import (
    ReferralImportReport,
    StatusExample,
    StatusUse,
    counts_sentence,
)
from carecoord_tui.exchange.tabular import shown
from carecoord_tui.screens.import_lists import Answers, TableList
from carecoord_tui.screens.import_preview import (
    DIM,
    Namer,
    Section,
    columns_grid,
    grid,
    left_out,
    lines,
    listed,
    not_taken,
    understood,
    wrapped,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.safe_text import plain

S = ReferralStage
LEAVE_OUT = "leave_out"
STAGE_KEYS: dict[str, str] = {
    S.DRAFT: "f", S.SENT: "s", S.ACKNOWLEDGED: "k", S.ACCEPTED: "a", S.SCHEDULED: "d", S.SEEN: "v",
    S.REPORT_RECEIVED: "o", S.REVIEWED: "i", S.CLOSED: "t", S.REJECTED: "r", S.NO_SHOW: "n",
    S.VISIT_CANCELLED: "c", S.ON_HOLD: "h", S.DECLINED: "p", S.WITHDRAWN: "w", S.REDIRECTED: "e",
    LEAVE_OUT: "l",
}  # fmt: skip
"""Stage, or ``LEAVE_OUT``, -> the key that answers it: the letters of ``x`` where it has one."""
_WORDS = {
    S.DRAFT: "draft, not sent",
    S.SCHEDULED: "scheduled, has a date",
    S.REJECTED: "rejected by the office",
    S.WITHDRAWN: "withdrawn by the clinician",
    LEAVE_OUT: "leave these rows out",
}
_WIDTH = 30
_EXAMPLE = 76  # cells of a line in 80 columns


class ReferralLog(TableList):
    """A referral log, as the import screen brings it in."""

    name = "referrals"
    heading = "Import a referral log"

    def bring(
        self,
        practice: Practice,
        path: Path,
        answers: Answers,
        *,
        dry_run: bool,
        progress: PhaseProgress,
        cancelled: Callable[[], bool],
    ) -> ReferralImportReport:
        """The import itself; raises as ``import_referrals`` does."""
        return import_referrals(
            practice,
            path,
            **answers.shared(),
            statuses=answers.statuses,
            dry_run=dry_run,
            progress=progress,
            cancelled=cancelled,
        )

    def asked(self, report: ReferralImportReport) -> tuple[StatusUse, ...]:
        """Status words that must be explained before anything is written."""
        return report.asked

    def counts_line(self, report: ReferralImportReport) -> str:
        """The result in one line."""
        return counts_sentence(report.counts, is_done=not report.dry_run)

    def sections(self, report: ReferralImportReport, shown_name: Namer) -> Iterator[Section]:
        """The parts of the preview; when it is done, only what is left to look at."""
        if report.dry_run:
            if report.statuses:
                yield Section("Statuses", _statuses(report))
            yield Section("Understood", lines(understood(report.notes, report.date_orders)))
            yield Section("Columns", columns_grid(report.columns, REFERRALS.label, shown_name))
            if report.left_out:
                yield Section("Left out", left_out(report.left_out))
            if report.first_rows:
                yield Section("First rows", _first_rows(report, shown_name))
        yield from not_taken(report.rejected, report.odd)
        differences = [
            (
                one.line,
                shown_name(one.name),
                f"{one.field}: the file says {one.in_file}, the practice has {one.stored}",
            )
            for one in report.conflicts
        ]
        yield from listed("Different, left as they are", differences, "waiting")
        twice = [
            (one.line, shown_name(one.name), f"{one.specialty} is open already: {one.stored}")
            for one in report.duplicates
        ]
        yield from listed("Possible duplicates", twice, "waiting")
        yield from listed("Notes on rows", [(w.line, w.column, w.reason) for w in report.warnings], "")

    def result_lines(self, report: ReferralImportReport) -> list[str]:
        """What happened and what to do next."""
        found = [self.counts_line(report)]
        if report.rejects_path is not None:
            found.append(handed_back_words(report.rejects_path))
        if report.counts.conflicts:
            found.append("Different: the practice's referrals were kept; compare them below.")
        if report.counts.possible_duplicates:
            found.append("Possible duplicates: both are kept; compare them below and withdraw one.")
        if report.counts.created:
            found += ["Every open referral has its next step.", "u takes the whole import back."]
        return found


def status_question(status: StatusUse, number: int, total: int, shown_name: Namer) -> list[str]:
    """The question that only a person can answer: rows it is about, and a key for each stage."""
    place = f" ({number} of {total})" if total > 1 else ""
    answers = [f"{key}  {_WORDS.get(stage) or S(stage).label}" for stage, key in STAGE_KEYS.items()]
    half = (len(answers) + 1) // 2
    pairs = zip(answers[:half], [*answers[half:], ""], strict=False)
    return [
        f"Status “{shown(status.words)}” · {status.rows_text}{place}. Which stage is it?",
        *(_example_line(one, shown_name) for one in status.examples),
        "",
        *(f"  {left:<{_WIDTH}}{right}".rstrip() for left, right in pairs),
    ]


def _example_line(one: StatusExample, shown_name: Namer) -> str:
    parts = (shown_name(shown(one.name)), shown(one.specialty), shown(one.office))
    line = f"  line {one.line}: {' · '.join(filter(None, parts))}"
    return line if len(line) <= _EXAMPLE else f"{line[: _EXAMPLE - 1]}…"


def _statuses(report: ReferralImportReport) -> Table:
    table = grid(fixed=(30, 7), ratios=(1,))
    for one in report.statuses:
        table.add_row(plain(one.words), Text(f"{one.rows:,}", DIM, justify="right"), Text(one.meaning))
    return table


def _first_rows(report: ReferralImportReport, shown_name: Namer) -> Table:
    table = grid(fixed=(5, 20, 14, 16), ratios=(1,))
    for row in report.first_rows:
        table.add_row(
            Text(str(row.line), DIM, justify="right"),
            wrapped(shown_name(row.name), Style(bold=True)),
            plain(row.specialty),
            plain(row.office),
            wrapped(row.stage),
        )
    return table
