"""What becomes of every row of a log: compared with the practice as it is now, nothing written yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.exchange.import_steps import COMPARING, Steps
from carecoord_tui.exchange.logs.cells import Refused
from carecoord_tui.exchange.logs.kind import Draft, LogKind
from carecoord_tui.exchange.logs.lookups import Lookups
from carecoord_tui.exchange.logs.merging import Known, Merge, comparable, key_of
from carecoord_tui.exchange.logs.people import Doubtful, People
from carecoord_tui.exchange.logs.plan import Candidate, LogCounts, RowFate, RowOutcome
from carecoord_tui.exchange.logs.reading import LogRow, Reading, RowReader
from carecoord_tui.exchange.patient_match import NoMatch
from carecoord_tui.exchange.patient_row import RowWarning
from carecoord_tui.exchange.rejects import LeftOut, Rejected
from carecoord_tui.exchange.tabular import Cell, cell_text, shown
from carecoord_tui.store import reimporting
from carecoord_tui.store.importing_logs import ChangedEntry, NewEntry
from carecoord_tui.store.importing_referrals import NewProvider
from carecoord_tui.store.practice import Practice

_SAID_EVERY = 500
Decisions = Mapping[int, int | None]
"""Line -> the person a doubtful row is about; None leaves the row out."""


@dataclass(frozen=True, slots=True)
class _Matched:
    """A row with its record of the practice."""

    key: str
    merge: Merge


class Comparison:
    """The fate of every row of one reading."""

    def __init__(
        self,
        kind: LogKind,
        reader: RowReader,
        reading: Reading,
        steps: Steps,
        *,
        decisions: Decisions,
        accept_name_only: bool,
        taken: frozenset[int] = frozenset(),
        takes_odd: bool = False,
    ) -> None:
        self._kind, self._reader, self._reading, self._steps = kind, reader, reading, steps
        self._decisions, self._accept_name_only = decisions, accept_name_only
        self._taken, self._takes_odd = taken, takes_odd
        self.outcomes: list[RowOutcome] = []
        self.handed_back: list[Rejected] = []
        """Rejected and doubtful rows, in the order of the file."""
        self.warnings: list[RowWarning] = []
        self._drafts: list[Draft] = []
        self._changed: list[_Matched] = []
        self._kept = 0
        self._lines: dict[int | str, int] = {}
        """Record of the practice, or key of a new one -> the line that is about it."""

    def run(self, connection: sa.Connection, practice: Practice) -> None:
        """Decide every row; reads only."""
        kind = self._kind
        self._lookups = Lookups(connection)
        self._people = People(
            reimporting.known_people(connection) if kind.has_patient else (), self._lookups.all_plans()
        )
        self._known = Known(kind, connection, practice)
        for rejected in self._reading.rejected:
            self._reject(rejected, name=self._reader.called(rejected.cells))
        for asked in self._reading.asked:
            self._add(
                RowFate.ASKED,
                asked.line,
                asked.name,
                column=shown(asked.column),
                reason="the status must be explained",
                cells=_texts(asked.cells),
            )
        rows = self._with_odd()
        for done, row in enumerate(rows):
            if done % _SAID_EVERY == 0:
                self._steps.at(COMPARING, done, len(rows))
            self._decide(row)
        kind.arrange(self._drafts, self._known, practice.today())
        self.outcomes.sort(key=lambda one: one.line)
        self.handed_back.sort(key=lambda one: one.line)

    def _with_odd(self) -> list[LogRow]:
        """The rows to decide; odd ones are held back unless somebody takes them, or they change nothing."""
        rows = [*self._reading.rows]
        for odd in self._reading.odd:
            if self._takes_odd or odd.line in self._taken or self._stands_already(odd.row):
                rows.append(odd.row)
            else:
                self._reject(self._reader.odd.refusal(odd), name=odd.row.name, row=odd.row, fate=RowFate.ODD)
        rows.sort(key=lambda row: row.line)
        return rows

    def _stands_already(self, row: LogRow) -> bool:
        """Whether a record says just what the row says: however odd, nothing comes of it."""
        try:
            patient_id = self._patient(row)
        except (NoMatch, Refused):
            return False
        values = dict(row.values)
        like = self._known.like(values, key_of(self._kind, values, patient_id), patient_id)
        return any(not self._known.merge(values, one).differences for one in like)

    # --- what is to be written ---------------------------------------------------------------------------

    def entries(self) -> list[NewEntry]:
        """The new records."""
        return [NewEntry(one.key, one.patient_id, one.values, one.written) for one in self._drafts]

    def changes(self) -> list[ChangedEntry]:
        """What changes of records that are there."""
        return [
            ChangedEntry(one.key, stored.id, stored.patient_id, one.merge.taken, one.merge.written)
            for one in self._changed
            for stored in (one.merge.stored,)
        ]

    def payers(self) -> dict[str, PayerClass | None]:
        """Payers new records name, with their class where the file says it."""
        named: dict[str, PayerClass | None] = {}
        for one in self._drafts if self._kind.adds_payers else ():
            if name := one.values.get("payer"):
                named[name] = named.get(name) or one.values.get("payer_class")
        return named

    def offices(self) -> list[NewProvider]:
        """Offices the directory does not have yet."""
        return self._lookups.directory.new

    def counts(self) -> LogCounts:
        """Every row once."""
        fates = [one.fate for one in self.outcomes]
        new_payers = {fold(name) for name in self.payers()} - self._lookups.payers.keys()
        return LogCounts(
            rows=self._reading.total,
            kept=self._kept,
            new_payers=len(new_payers),
            new_offices=len(self.offices()),
            **{fate.value: fates.count(fate) for fate in RowFate},
        )

    # --- one row -----------------------------------------------------------------------------------------

    def _decide(self, row: LogRow) -> None:
        try:
            patient_id = self._patient(row)
            self._place(row, patient_id)
        except Doubtful as error:
            self._reject(
                self._refusal(row, error.field, str(error)),
                name=row.name,
                candidates=error.candidates,
                row=row,
            )
        except (NoMatch, Refused) as error:
            is_left_out = isinstance(error, LeftOut)
            refusal = self._refusal(row, error.field, str(error), is_left_out=is_left_out)
            self._reject(refusal, name=row.name)

    def _patient(self, row: LogRow) -> int | None:
        """Raises NoMatch or Refused for a row nobody can be taken for."""
        if not self._kind.has_patient:
            return None
        if row.line in self._decisions:
            decided = self._decisions[row.line]
            if decided is None:
                raise LeftOut("", "left out, as you answered")
            if decided not in self._people:
                raise Refused("", "this person is gone")
            return decided
        return self._people.find(row.sought, row.member_id, accept_name_only=self._accept_name_only)

    def _place(self, row: LogRow, patient_id: int | None) -> None:
        kind, values = self._kind, dict(row.values)  # a later comparison starts from what was read
        key = key_of(kind, values, patient_id)
        same = self._known.like(values, key, patient_id)
        if same:
            self._match(row, key, patient_id, [self._known.merge(values, one) for one in same])
            return
        if key in self._lines:
            raise Refused("", f"the same {kind.noun} stands on line {self._lines[key]}")
        if patient_id in self._lookups.died and kind.is_open(values):
            raise Refused("status", "this person has died: only what has ended can be taken")
        remarks = kind.resolve(values, patient_id, self._lookups)
        said = [*row.warnings, *(self._reader.warning(row.line, name, reason) for name, reason in remarks)]
        self._lines[key] = row.line
        self._drafts.append(Draft(row.line, key, patient_id, values, comparable(kind, row.values)))
        self._add(
            RowFate.CREATED,
            row.line,
            self._name(row, patient_id),
            row=row,
            patient_id=patient_id,
            remarks=tuple(_remark(one) for one in said),
        )
        self.warnings += said

    def _match(self, row: LogRow, key: str, patient_id: int | None, merges: list[Merge]) -> None:
        """Take the record that differs least of those no other line is about."""
        free = [one for one in merges if one.stored.id not in self._lines]
        if not free:
            line = self._lines[merges[0].stored.id]
            raise Refused("", f"the same {self._kind.noun} stands on line {line}")
        merge = min(free, key=lambda one: len(one.differences))
        self._lines[merge.stored.id] = row.line
        self._kept += bool(merge.kept)
        fate = RowFate.CHANGED if merge.taken else RowFate.UNCHANGED
        if merge.taken:
            self._changed.append(_Matched(self._known.key_of(merge.stored, key), merge))
        outcome = RowOutcome(
            line=row.line,
            fate=fate,
            name=self._name(row, patient_id),
            words=shown(self._kind.words(row.values), 120),
            patient_id=patient_id,
            differences=merge.differences,
        )
        self.outcomes.append(outcome)

    def _name(self, row: LogRow, patient_id: int | None) -> str:
        return shown(self._people.name(patient_id)) if patient_id is not None else shown(row.name)

    def _refusal(self, row: LogRow, name: str, reason: str, *, is_left_out: bool = False) -> Rejected:
        return self._reader.rejected(row.line, row.cells, name, reason, is_left_out=is_left_out)

    def _reject(
        self,
        rejected: Rejected,
        *,
        name: str,
        candidates: tuple[Candidate, ...] = (),
        row: LogRow | None = None,
        fate: RowFate = RowFate.REJECTED,
    ) -> None:
        self.handed_back.append(rejected)
        if candidates:
            fate = RowFate.DOUBTFUL
        elif rejected.is_left_out:
            fate = RowFate.LEFT_OUT
        self._add(
            fate,
            rejected.line,
            shown(name),
            row=row,
            column=shown(rejected.column),
            reason=rejected.reason,
            candidates=candidates,
            cells=_texts(rejected.cells),
        )

    def _add(
        self,
        fate: RowFate,
        line: int,
        name: str,
        *,
        row: LogRow | None = None,
        column: str = "",
        reason: str = "",
        patient_id: int | None = None,
        candidates: tuple[Candidate, ...] = (),
        cells: tuple[str, ...] = (),
        remarks: tuple[str, ...] = (),
    ) -> None:
        self.outcomes.append(
            RowOutcome(
                line=line,
                fate=fate,
                name=name,
                words=shown(self._kind.words(row.values), 120) if row else "",
                column=column,
                reason=reason,
                patient_id=patient_id,
                candidates=candidates,
                cells=cells,
                remarks=remarks,
            )
        )


def _remark(warning: RowWarning) -> str:
    """What was taken otherwise than it stands, with its column."""
    return f"{shown(warning.column)}: {warning.reason}" if warning.column else warning.reason


def _texts(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    return tuple(shown(cell_text(cell), 200) for cell in cells)
