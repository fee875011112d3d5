"""A patient list in the import screen: its preview, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.exchange.import_patients import import_patients
from carecoord_tui.exchange.import_report import ImportReport
from carecoord_tui.exchange.import_steps import PhaseProgress
from carecoord_tui.exchange.referral_report import StatusUse
from carecoord_tui.screens.import_preview import Namer, Section, counts_line, result_lines, sections
from carecoord_tui.store.practice import Practice


class PatientList:
    """A patient list, as the import screen brings it in."""

    name = "patients"
    heading = "Import patients"

    def bring(
        self,
        practice: Practice,
        path: Path,
        *,
        sheet: str | None,
        overrides: Mapping[str, str],
        date_order: DateOrder | None,
        statuses: Mapping[str, ReferralStage | None],
        dry_run: bool,
        progress: PhaseProgress,
        cancelled: Callable[[], bool],
    ) -> ImportReport:
        """The import itself; raises as ``import_patients`` does. A patient list has no referral statuses."""
        return import_patients(
            practice,
            path,
            sheet=sheet,
            overrides=overrides,
            date_order=date_order,
            dry_run=dry_run,
            progress=progress,
            cancelled=cancelled,
        )

    def asked(self, report: ImportReport) -> tuple[StatusUse, ...]:
        """Nothing of a patient list must be explained."""
        return ()

    def counts_line(self, report: ImportReport) -> str:
        """The result in one line."""
        return counts_line(report.counts, is_done=not report.dry_run)

    def sections(self, report: ImportReport, shown_name: Namer) -> Iterator[Section]:
        """The parts of the preview."""
        return sections(report, shown_name)

    def result_lines(self, report: ImportReport) -> list[str]:
        """What happened and what to do next."""
        return result_lines(report)
