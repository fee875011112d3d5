"""What the import of a referral log found and did: counts for scripts, everything else for the preview.

The texts quote the file. They are for the screen of the person who imports it and must not be logged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.exchange.import_report import (
    LISTED,
    LeftOutColumn,
    MappedColumn,
    RowConflict,
    UsedDateOrder,
    found_lines,
    handed_back_words,
    listing,
    not_taken,
    place,
)
from carecoord_tui.exchange.patient_match import ONLY_NAME
from carecoord_tui.exchange.patient_row import RowWarning
from carecoord_tui.exchange.referral_columns import REFERRALS
from carecoord_tui.exchange.referral_statuses import LEAVE_OUT
from carecoord_tui.exchange.rejects import Rejected
from carecoord_tui.exchange.tabular import TableError, shown

_NAMED = 8


@dataclass(frozen=True, slots=True)
class StatusExample:
    """A row with the status in question, by what the person who answers knows it by."""

    line: int
    name: str
    specialty: str
    office: str


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """A new row beside an open referral that the practice has of the same patient to the same specialty."""

    line: int
    name: str
    specialty: str
    stored: str
    """The one on file: its office, stage and day of the order."""


@dataclass(frozen=True, slots=True)
class StatusUse:
    """Status words of the file, how many rows have them, and the stage they mean.

    ``stage`` None: somebody must say, or ``is_left_out``.
    """

    words: str
    rows: int
    stage: ReferralStage | None
    is_left_out: bool = False
    examples: tuple[StatusExample, ...] = ()
    """The first rows that have them."""

    @property
    def rows_text(self) -> str:
        """``1 row``, ``2,000 rows``."""
        return f"{self.rows:,} row{'' if self.rows == 1 else 's'}"

    @property
    def is_asked(self) -> bool:
        """True while nobody has said what the words mean."""
        return self.stage is None and not self.is_left_out

    @property
    def meaning(self) -> str:
        """What the preview says."""
        if self.stage is not None:
            return self.stage.label
        return "left out, as you answered" if self.is_left_out else "? which stage is this"


class NeedsStatuses(TableError):
    """Status words that mean one thing here and another there; a person must say. Nothing was changed."""

    def __init__(self, path: Path, statuses: tuple[StatusUse, ...]) -> None:
        self.statuses = statuses
        named = ", ".join(f"“{shown(one.words)}” ({one.rows_text})" for one in statuses[:_NAMED])
        more = f" and {len(statuses) - _NAMED:,} more" if len(statuses) > _NAMED else ""
        super().__init__(
            path,
            f"which stage is {named}{more}? Say so with --status, for example "
            f'--status "{shown(statuses[0].words)}=sent", or ={LEAVE_OUT} to hand those rows back.',
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralCounts:
    """Every data row is counted once as created, unchanged, conflicts, rejected, left_out, odd or asked.

    ``asked`` rows wait for the meaning of their status and only occur in a dry run.
    """

    rows: int
    created: int
    unchanged: int
    conflicts: int
    rejected: int
    left_out: int
    odd: int
    asked: int
    new_providers: int
    open: int
    """New referrals that owe a next step afterwards."""
    possible_duplicates: int
    """Open new referrals of somebody who has an open one to the same specialty; created all the same."""


@dataclass(frozen=True, slots=True)
class FirstReferral:
    """One of the first referrals, as it was read."""

    line: int
    name: str
    specialty: str
    office: str
    stage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralImportReport:
    """What :func:`import_referrals` found and did; with ``dry_run`` what it would do."""

    path: Path
    dry_run: bool
    counts: ReferralCounts
    notes: tuple[str, ...]
    columns: tuple[MappedColumn, ...]
    date_orders: tuple[UsedDateOrder, ...]
    left_out: tuple[LeftOutColumn, ...]
    statuses: tuple[StatusUse, ...]
    first_rows: tuple[FirstReferral, ...]
    rejected: tuple[Rejected, ...]
    """Refused rows, and those left out by an answer."""
    odd: tuple[Rejected, ...]
    """Rows held back because they look wrong: taken as they stand with ``accept_odd``."""
    conflicts: tuple[RowConflict, ...]
    duplicates: tuple[PossibleDuplicate, ...]
    warnings: tuple[RowWarning, ...]
    rejects_path: Path | None
    """Where the rejected rows were written; None when there are none or nothing was written."""

    @property
    def asked(self) -> tuple[StatusUse, ...]:
        """Status words that nobody has explained yet."""
        return tuple(one for one in self.statuses if one.is_asked)

    def to_json(self) -> dict[str, object]:
        """The counts and the meaning of every status, for ``--json``."""
        counts: dict[str, object] = {name: getattr(self.counts, name) for name in ReferralCounts.__slots__}
        statuses = [
            {"words": one.words, "rows": one.rows, "stage": one.stage.value if one.stage else None}
            for one in self.statuses
        ]
        return {**counts, "statuses": statuses}

    def lines(self, *, listed: int = LISTED) -> list[str]:
        """The whole report as plain lines; of long lists the first ``listed`` entries and how many follow."""
        return [*self._found(), *self._problems(listed), *self._outcome()]

    def _found(self) -> Iterator[str]:
        yield from found_lines(self, REFERRALS.label)
        if self.statuses:
            yield "Statuses:"
        for one in self.statuses:
            yield f"  {shown(one.words)} ({one.rows_text}) -> {one.meaning}"
        if self.first_rows:
            yield "First rows:"
        for row in self.first_rows:
            parts = (row.name, row.specialty, row.office, row.stage)
            yield f"  line {row.line}: {' · '.join(part for part in parts if part)}"

    def _problems(self, listed: int) -> Iterator[str]:
        yield from not_taken(self.rejected, self.odd, listed)
        yield from listing(
            "Differences, left as they are", [_conflict_line(one) for one in self.conflicts], listed
        )
        yield from listing(
            "Possible duplicates, an open referral is there already",
            list(map(_duplicate_line, self.duplicates)),
            listed,
        )
        yield from listing(
            "Notes on rows", [place(one.line, one.column) + one.reason for one in self.warnings], listed
        )

    def _outcome(self) -> Iterator[str]:
        yield counts_sentence(self.counts, is_done=not self.dry_run)
        if any(row.reason == ONLY_NAME for row in self.rejected):
            yield "Where only the name agrees, --accept-name-only takes the person it names."
        if self.rejects_path is not None:
            yield handed_back_words(self.rejects_path)
        if self.dry_run:
            yield "This was a trial run; nothing was written."


def counts_sentence(counts: ReferralCounts, *, is_done: bool) -> str:
    """The result in one line, without what is zero."""
    parts = [
        (counts.created, "added" if is_done else "new"),
        (counts.unchanged, "unchanged"),
        (counts.conflicts, "different, left as they are"),
        (counts.asked, "with a status to explain"),
        (counts.odd, "held back as odd"),
        (counts.left_out, "left out by your answer"),
        (counts.rejected, "refused"),
    ]
    words = " · ".join(f"{number:,} {word}" for number, word in parts if number)
    rows = f"{counts.rows:,} row{'' if counts.rows == 1 else 's'}"
    tail = f" {counts.open:,} of the new ones are open." if counts.created else ""
    if twice := counts.possible_duplicates:
        tail += f" {twice:,} possible duplicate{'' if twice == 1 else 's'}."
    offices = counts.new_providers
    if offices:
        tail += f" {offices:,} new office{'' if offices == 1 else 's'} for the directory."
    return f"{rows}: {words or 'nothing to import'}.{tail}"


def _duplicate_line(one: PossibleDuplicate) -> str:
    return f"line {one.line}, {one.name}, {shown(one.specialty)}: on file {one.stored}"


def _conflict_line(conflict: RowConflict) -> str:
    return (
        f"line {conflict.line}, {conflict.name}, {conflict.field}: "
        f"the file says {shown(conflict.in_file)}, the practice has {shown(conflict.stored)}"
    )
