"""A table whose preview is a report: what the import screen knows of people and referrals alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.exchange.import_report import DoubtfulRow
from carecoord_tui.exchange.import_steps import PhaseProgress
from carecoord_tui.exchange.patient_known import Who
from carecoord_tui.exchange.referral_report import StatusUse
from carecoord_tui.screens.import_preview import Namer, Section
from carecoord_tui.store.practice import Practice


class Answers(NamedTuple):
    """How a file is to be read, as far as somebody said so."""

    sheet: str | None
    overrides: Mapping[str, str]
    date_order: DateOrder | None
    statuses: Mapping[str, ReferralStage | None]
    accept_odd: bool
    people: Mapping[int, int | Who]
    """Line of a doubtful row -> whom it is about."""

    def shared(self) -> dict[str, Any]:
        """What every importer of a table takes."""
        return {
            "sheet": self.sheet,
            "overrides": self.overrides,
            "date_order": self.date_order,
            "accept_odd": self.accept_odd,
        }


class TableList(ABC):
    """One kind of list, as the import screen brings it in. ``report`` is what ``bring`` gave."""

    name: ClassVar[str]
    heading: ClassVar[str]

    @abstractmethod
    def bring(
        self,
        practice: Practice,
        path: Path,
        answers: Answers,
        *,
        dry_run: bool,
        progress: PhaseProgress,
        cancelled: Callable[[], bool],
    ) -> Any:
        """The import itself; raises what the importer raises."""

    def asked(self, report: Any) -> tuple[StatusUse, ...]:
        """Status words that must be explained before anything is written."""
        return ()

    def doubtful(self, report: Any) -> tuple[DoubtfulRow, ...]:
        """Rows that are held back until somebody says whom they are about."""
        return ()

    @abstractmethod
    def counts_line(self, report: Any) -> str:
        """The result in one line."""

    @abstractmethod
    def sections(self, report: Any, shown_name: Namer) -> Iterator[Section]:
        """The parts of the preview; when it is done, only what is left to look at."""

    @abstractmethod
    def result_lines(self, report: Any) -> list[str]:
        """What happened and what to do next."""
