"""One import of a referral log at work: matching, comparing with the practice, writing, reporting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.names import display
from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency
from carecoord_tui.exchange.handing_back import hand_back
from carecoord_tui.exchange.import_plan import ImportPlan
from carecoord_tui.exchange.import_report import (
    FIRST_ROWS,
    LeftOutColumn,
    RowConflict,
    mapped_columns,
    used_order,
)
from carecoord_tui.exchange.import_steps import COMPARING, SAVING, Steps
from carecoord_tui.exchange.patient_match import Caseload, NoMatch
from carecoord_tui.exchange.patient_row import RowWarning
from carecoord_tui.exchange.provider_match import Directory, Office
from carecoord_tui.exchange.referral_compare import KnownReferrals, import_key
from carecoord_tui.exchange.referral_report import (
    FirstReferral,
    PossibleDuplicate,
    ReferralCounts,
    ReferralImportReport,
)
from carecoord_tui.exchange.referral_row import ReferralRow
from carecoord_tui.exchange.referral_rows import MAX_NOTES, ReferralReader
from carecoord_tui.exchange.referral_standing import Contradiction, Standing, standing
from carecoord_tui.exchange.rejects import Rejected
from carecoord_tui.exchange.spreadsheet import Table
from carecoord_tui.exchange.tabular import shown
from carecoord_tui.store import importing_referrals as store
from carecoord_tui.store import reimporting
from carecoord_tui.store.actions.referral_steps import NOT_ATTACHED
from carecoord_tui.store.importing_referrals import IncomingReferral, IncomingStamp, StoredReferral
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession

_SAID_EVERY = 500
_REASON = 200
_OFF_THE_LINE = (
    ReferralStage.REJECTED,
    ReferralStage.ON_HOLD,
    ReferralStage.DECLINED,
    ReferralStage.WITHDRAWN,
    ReferralStage.REDIRECTED,
)
_VISITS = (ReferralStage.SCHEDULED, ReferralStage.SEEN)


@dataclass(slots=True)
class Reading:
    """The file, read; the statuses are counted in the reader."""

    reader: ReferralReader
    rows: list[ReferralRow] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    odd: list[Rejected] = field(default_factory=list)
    """Rows that could be read and look wrong, as they are handed back."""
    total: int = 0
    asked: int = 0


class _Placed(NamedTuple):
    """A new referral: the row with the person, the office, the stage it means and the key it is known by."""

    row: ReferralRow
    patient_id: int
    office: Office | None
    specialty: str
    stands: Standing
    key: str


class ReferralJob:
    """One import from the rows read to the report."""

    def __init__(
        self,
        practice: Practice,
        table: Table,
        plan: ImportPlan,
        reading: Reading,
        steps: Steps,
        *,
        accept_name_only: bool,
    ) -> None:
        self.practice, self.table, self.plan, self.reading, self.steps = practice, table, plan, reading, steps
        self._accept_name_only = accept_name_only
        self._columns = mapped_columns(table, plan)  # now: after the change the file may be gone
        self._today = practice.today()
        self._fresh: list[_Placed] = []
        self._first: list[FirstReferral] = []
        self._conflicts: list[RowConflict] = []
        self._duplicates: list[PossibleDuplicate] = []
        self._warnings: list[RowWarning] = []
        self._unchanged = self._different = 0
        self._directory = Directory(())
        self._died: frozenset[int] = frozenset()
        self._lines: dict[int | str, int] = {}
        """Referral of the practice, or key of a new one -> the line that is about it."""

    # --- comparing ---------------------------------------------------------------------------------------

    def compare(self, connection: sa.Connection) -> None:
        """Decide what becomes of every row; reads only."""
        caseload = Caseload(reimporting.known_people(connection))
        known = KnownReferrals(connection)
        self._died = store.read_deceased(connection)
        self._directory = Directory(store.read_directory(connection))
        for done, row in enumerate(self.reading.rows):
            if done % _SAID_EVERY == 0:
                self.steps.at(COMPARING, done, len(self.reading.rows))
            try:
                self._decide(row, caseload, known)
            except (NoMatch, Contradiction) as error:
                refused = self.reading.reader.rejected(row.line, row.cells, error.field, str(error))
                self.reading.rejected.append(refused)
        self.reading.rejected.sort(key=lambda one: one.line)

    def _decide(self, row: ReferralRow, caseload: Caseload, known: KnownReferrals) -> None:
        """Raises NoMatch or Contradiction for a row that cannot be taken."""
        row = replace(row, specialty=known.spelled(row.specialty))
        expects_report = (row.service_type or ReferralType.CONSULT).expects_report
        stands = standing(row.stage, row.days, today=self._today, expects_report=expects_report)
        recorded = known.recorded(row)
        if recorded is not None and caseload.has_name(recorded.patient_id, row.sought):
            self._look_first(row, recorded.specialty, None, stands)
            self._compare(row, stands, known, [recorded])
            return
        patient_id = caseload.find(row.sought, accept_name_only=self._accept_name_only)
        office = self._directory.find(row)
        specialty = row.specialty or (office.specialty if office else "")
        if not specialty:
            raise NoMatch("specialty", "no specialty")
        self._look_first(row, specialty, office, stands)
        key = import_key(row, patient_id, specialty)
        if same := known.like(row, key, patient_id, specialty, office):
            self._compare(row, stands, known, same)
            return
        if key in self._lines:
            raise NoMatch("", f"the same referral stands on line {self._lines[key]}")
        if patient_id in self._died and stands.stage.is_open:
            raise NoMatch("status", "this person has died: only a referral that has ended can be taken")
        self._lines[key] = row.line
        self._warn_of_open(row, patient_id, specialty, stands, known)
        office = office or self._directory.add(row)
        self._fresh.append(_Placed(row, patient_id, office, specialty, stands, key))
        self._warnings += row.warnings
        self._warnings += [
            RowWarning(row.line, self._header(where), words) for where, words in stands.warnings
        ]

    def _warn_of_open(
        self, row: ReferralRow, patient_id: int, specialty: str, stands: Standing, known: KnownReferrals
    ) -> None:
        """Note an open referral that may be the same one under another day or office."""
        if stands.stage.is_open and (one := known.open_to(patient_id, specialty)) is not None:
            found = PossibleDuplicate(row.line, _name(row), shown(specialty), shown(known.words(one)))
            self._duplicates.append(found)

    def _compare(
        self, row: ReferralRow, stands: Standing, known: KnownReferrals, same: list[StoredReferral]
    ) -> None:
        """Count a row that the practice has already: unchanged where one agrees with it, else different."""
        free = [one for one in same if one.id not in self._lines]
        if not free:
            raise NoMatch("", f"the same referral stands on line {self._lines[same[0].id]}")
        found = [(known.differences(row, stands, one), one) for one in free]
        differences, stored = min(found, key=lambda one: len(one[0]))
        self._lines[stored.id] = row.line
        self._unchanged += not differences
        self._different += bool(differences)
        name = _name(row)
        self._conflicts += [
            RowConflict(row.line, name, one.field, shown(one.in_file), shown(one.stored))
            for one in differences
        ]

    def _look_first(self, row: ReferralRow, specialty: str, office: Office | None, stands: Standing) -> None:
        if len(self._first) < FIRST_ROWS:
            where = row.provider or row.office or (office.name if office else "")
            first = FirstReferral(row.line, _name(row), shown(specialty), shown(where), stands.stage.label)
            self._first.append(first)

    def _header(self, where: str) -> str:
        columns = self.plan.columns
        return columns.header(where) if where in columns.fields else ""

    # --- saving ------------------------------------------------------------------------------------------

    def save(self, session: AuditedSession) -> None:
        """Write everything inside the change."""
        total = len(self._fresh)
        session.trail.label = f"import of {total:,} referral{'' if total == 1 else 's'}"
        if not total:
            return
        now = self.practice.clock.now()
        providers = store.create_providers(session, self._directory.new)
        for start in range(0, total, store.CHUNK):
            self.steps.at(SAVING, start, total)
            portion = self._fresh[start : start + store.CHUNK]
            store.create(session, [_incoming(one) for one in portion], providers, now=now)
        self.steps.at(SAVING, total, total)

    # --- what remains ------------------------------------------------------------------------------------

    def write_rejects(self, wanted: Path | None) -> Path | None:
        """Hand the rejected rows back in a private file; None when there are none."""
        handed_back = sorted([*self.reading.rejected, *self.reading.odd], key=lambda row: row.line)
        return hand_back(self.practice, self.table, handed_back, wanted)

    def report(self, *, dry_run: bool, rejects: Path | None) -> ReferralImportReport:
        """Everything in one value."""
        reading, columns = self.reading, self.plan.columns
        counts = ReferralCounts(
            rows=reading.total,
            created=len(self._fresh),
            unchanged=self._unchanged,
            conflicts=self._different,
            rejected=sum(not row.is_left_out for row in reading.rejected),
            left_out=sum(row.is_left_out for row in reading.rejected),
            odd=len(reading.odd),
            asked=reading.asked,
            new_providers=len(self._directory.new),
            open=sum(one.stands.stage.is_open for one in self._fresh),
            possible_duplicates=len(self._duplicates),
        )
        return ReferralImportReport(
            path=self.table.path,
            dry_run=dry_run,
            counts=counts,
            notes=self.plan.notes,
            columns=self._columns,
            date_orders=tuple(order for one in self.plan.dates if (order := used_order(one)) is not None),
            left_out=tuple(LeftOutColumn(shown(left.header), left.reason) for left in columns.left_out),
            statuses=reading.reader.uses(),
            first_rows=tuple(self._first),
            rejected=tuple(reading.rejected),
            odd=tuple(reading.odd),
            conflicts=tuple(self._conflicts),
            duplicates=tuple(self._duplicates),
            warnings=tuple(self._warnings),
            rejects_path=rejects,
        )


def _name(row: ReferralRow) -> str:
    if row.sought.family_name:
        return display(row.sought.family_name, row.sought.given_name)
    return f"MRN {shown(row.sought.mrn)}"


def _incoming(placed: _Placed) -> IncomingReferral:
    row, stands = placed.row, placed.stands
    stage = stands.stage
    values: dict[str, Any] = {
        "patient_id": placed.patient_id,
        "specialty": placed.specialty,
        "reason": row.reason,
        "question": row.question,
        "diagnoses": row.diagnoses,
        "urgency": row.urgency or Urgency.ROUTINE,
        "service_type": row.service_type or ReferralType.CONSULT,
        "stage": stage,
        "stage_on": stands.stage_on,
        "held_stage": stands.held_stage,
        "ordered_on": row.days["ordered_on"],
        "sent_on": stands.sent_on,
        "visit_on": stands.visit_on,
        "visit_time": row.visit_time if stands.visit_on else None,
        "report_received_on": stands.report_received_on,
        "reviewed_on": stands.reviewed_on,
        "patient_informed_on": stands.patient_informed_on,
        "ordered_by": row.ordered_by,
        "reviewed_by": row.reviewed_by if stands.reviewed_on else "",
        "needs_authorization": True if row.authorization else None,
        "report_source": NOT_ATTACHED if stands.report_received_on else "",
        "stage_reason": (row.status_reason or row.status)[:_REASON] if stage in _OFF_THE_LINE else "",
        "note": _note(row),
    }
    office = placed.office.id if placed.office else None
    return IncomingReferral(placed.key, office, values, tuple(_stamps(row, stands)))


def _stamps(row: ReferralRow, stands: Standing) -> Iterator[IncomingStamp]:
    for step in stands.reached:
        yield IncomingStamp(
            step.stage,
            step.on,
            visit_on=stands.visit_on if step.stage in _VISITS else None,
            who=row.reviewed_by if step.stage is ReferralStage.REVIEWED else "",
        )


def _note(row: ReferralRow) -> str:
    """The notes, and what has no place of its own: nothing of the file is lost without a word."""
    parts = (
        f"Authorization no. {row.authorization} (from the log)." if row.authorization else "",
        f"Insurance {row.insurance} (from the log)." if row.insurance else "",
    )
    room = MAX_NOTES - len(" ".join(filter(None, parts))) - 1
    return " ".join(filter(None, (clean_text(row.notes, room), *parts)))
