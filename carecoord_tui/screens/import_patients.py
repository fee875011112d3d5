"""A patient list in the import screen: its preview, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from carecoord_tui.exchange.import_patients import import_patients
from carecoord_tui.exchange.import_report import DoubtfulRow, ImportReport
from carecoord_tui.exchange.import_steps import PhaseProgress
from carecoord_tui.screens.import_lists import Answers, TableList
from carecoord_tui.screens.import_preview import Namer, Section, counts_line, result_lines, sections
from carecoord_tui.store.practice import Practice


class PatientList(TableList):
    """A patient list, as the import screen brings it in."""

    name = "patients"
    heading = "Import patients"

    def bring(
        self,
        practice: Practice,
        path: Path,
        answers: Answers,
        *,
        dry_run: bool,
        progress: PhaseProgress,
        cancelled: Callable[[], bool],
    ) -> ImportReport:
        """The import itself; raises as ``import_patients`` does. A patient list has no referral statuses."""
        return import_patients(
            practice,
            path,
            **answers.shared(),
            answers=answers.people,
            dry_run=dry_run,
            progress=progress,
            cancelled=cancelled,
        )

    def doubtful(self, report: ImportReport) -> tuple[DoubtfulRow, ...]:
        """Rows that are held back until somebody says whom they are about."""
        return report.doubtful

    def counts_line(self, report: ImportReport) -> str:
        """The result in one line."""
        return counts_line(report.counts, is_done=not report.dry_run)

    def sections(self, report: ImportReport, shown_name: Namer) -> Iterator[Section]:
        """The parts of the preview."""
        return sections(report, shown_name)

    def result_lines(self, report: ImportReport) -> list[str]:
        """What happened and what to do next."""
        return result_lines(report)
