"""One import at work: duplicates, comparing with the practice, saving, and what is reported of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.names import display
from carecoord_tui.domain.vocabulary import PatientStatus, Risk
from carecoord_tui.exchange.duplicates import DuplicatePair, PersonKey, against, possible_duplicates
from carecoord_tui.exchange.handing_back import hand_back
from carecoord_tui.exchange.import_plan import ImportPlan
from carecoord_tui.exchange.import_report import (
    FIRST_ROWS,
    DoubtfulRow,
    DuplicateEntry,
    FoundByName,
    ImportCounts,
    ImportReport,
    LeftOutColumn,
    RowConflict,
    first_row,
    mapped_columns,
    used_order,
)
from carecoord_tui.exchange.import_steps import COMPARING, PAIRING, SAVING, Steps
from carecoord_tui.exchange.incoming_rows import People, incoming
from carecoord_tui.exchange.patient_known import Answers, Found, find_all
from carecoord_tui.exchange.patient_records import record_notes
from carecoord_tui.exchange.patient_row import PatientRow, RowWarning
from carecoord_tui.exchange.rejects import Rejected
from carecoord_tui.exchange.spreadsheet import Table
from carecoord_tui.exchange.tabular import shown
from carecoord_tui.store import importing, reimporting
from carecoord_tui.store.import_merge import Merge, StoredPerson, compare
from carecoord_tui.store.importing import Days, Payers, Wish, plan_days, planned_check_ins
from carecoord_tui.store.incoming import OPEN_STATUSES, Incoming
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.session import AuditedSession

_UPDATES_AT_ONCE = 200


@dataclass(slots=True)
class Reading:
    """The file, read."""

    people: People
    rejected: list[Rejected]
    odd: list[Rejected]
    """Rows that could be read and look wrong, as they are handed back."""
    warnings: list[RowWarning]
    rows: int


class Job:
    """One import from the rows read to the report."""

    def __init__(
        self,
        practice: Practice,
        table: Table,
        plan: ImportPlan,
        reading: Reading,
        steps: Steps,
        answers: Answers,
    ) -> None:
        self.practice, self.table, self.plan, self.reading, self.steps = practice, table, plan, reading, steps
        self.answers = answers
        self.people = reading.people
        self.columns = mapped_columns(table, plan)  # now: after the change the file may be gone or another
        self.pairs: list[DuplicateEntry] = []
        self.merges: list[Merge] = []
        self.fresh: list[int] = []  # places in people of those who are new
        self.held: dict[int, Found] = {}  # line -> why it is not taken
        self.held_cells: list[Rejected] = []
        self.by_name: list[FoundByName] = []
        self.updated = self.conflicted = self.active = 0
        self.conflicts: list[RowConflict] = []
        deaths = {"deceased", "deceased_on"}
        self._has_death_column = not deaths.isdisjoint(plan.columns.fields)

    # --- duplicates --------------------------------------------------------------------------------------

    def look_for_duplicates(self) -> Callable[[], None]:
        """Read who is in the practice; returns the search for pairs, which touches no store.

        Pairs are looked for within the file, and of the file with people of the practice it does not name.
        """
        self.steps.at(PAIRING, 0, 0)
        rows = [*self.people.rows, *(repeat.row for repeat in self.people.repeats)]
        with self.practice.read() as connection:
            found = self._find(connection)
            matched = {one.patient_id for one in found}
            stored = [
                PersonKey(
                    person.id,
                    person.family_name,
                    person.given_name,
                    person.birth_date,
                    person.mrn,
                    person.phones,
                    person.address_line,
                    person.postal_code,
                )
                for person in reimporting.known_people(connection, with_merged=False)
                if person.id not in matched
            ]
        asked = {row.line for row, one in zip(self.people.rows, found, strict=True) if one.doubt}
        return lambda: self._pair(rows, stored, asked)

    def _pair(self, rows: list[PatientRow], stored: list[PersonKey], asked: set[int]) -> None:
        """``asked`` are the lines that name their candidates already."""
        keys = [row.person_key() for row in rows]
        names: dict[Hashable, str] = {row.line: _name(row) for row in rows}
        self.pairs = [_entry(pair, names, names, is_stored=False) for pair in possible_duplicates(keys)]
        if stored:
            known: dict[Hashable, str] = {key.key: display(key.family_name, key.given_name) for key in stored}
            others = [key for key in keys if key.key not in asked]
            self.pairs += [_entry(pair, known, names, is_stored=True) for pair in against(stored, others)]

    def _find(self, connection: sa.Connection) -> list[Found]:
        return find_all(connection, self.people, self.answers)

    # --- comparing ---------------------------------------------------------------------------------------

    def compare(self, connection: sa.Connection) -> None:
        """Decide what becomes of every row; reads only."""
        places: dict[int, int] = {}
        by_name = set()
        for place, found in enumerate(self._find(connection)):
            number = found.patient_id
            if found.doubt:
                self.held[self.people.rows[place].line] = found
            elif number is None:
                self.fresh.append(place)
            elif number in places:
                self._same_record(place, places[number])
            else:
                places[number] = place
                by_name |= {number} if found.is_by_name else set()
        self._hold_back()
        self._count_fresh()
        keys = {number: self.people.keys[place] for number, place in places.items()}

        def merge(stored: StoredPerson) -> Merge:
            return compare(self._incoming(places[stored.id]), stored)

        for done, found in enumerate(reimporting.compare_all(connection, keys, merge)):
            if done % 1000 == 0:
                self.steps.at(COMPARING, done, len(keys))
            row = self.people.rows[places[found.stored.id]]
            self._count(found, row)
            if found.stored.id in by_name:
                self.by_name.append(FoundByName(row.line, _name(row), found.stored.values["mrn"] or ""))
        self.by_name.sort(key=lambda one: one.line)
        self._count_repeats()

    def _hold_back(self) -> None:
        """Keep the cells of doubtful rows, to hand them back; the file may be gone afterwards."""
        if not self.held:
            return
        for row in self.table.rows():
            if (found := self.held.get(row.line)) is not None:
                self.held_cells.append(
                    Rejected(row.line, "", "row", found.doubt, row.cells, is_left_out=found.is_left_out)
                )

    def _incoming(self, place: int) -> Incoming:
        return incoming(
            self.people.rows[place],
            self.people.keys[place],
            zone=self.practice.zone,
            has_death_column=self._has_death_column,
        )

    def _same_record(self, place: int, first: int) -> None:
        """Two rows of the file that are one person of the practice: the first one counts."""
        row, other = self.people.rows[place], self.people.rows[first]
        self.conflicted += 1
        self.conflicts.append(
            RowConflict(row.line, _name(row), "row", "the same person", f"the row on line {other.line}")
        )

    def _count_fresh(self) -> None:
        for place in self.fresh:
            status = self.people.rows[place].status
            self.active += status is None or status in OPEN_STATUSES

    def _count(self, merge: Merge, row: PatientRow) -> None:
        self.active += merge.is_open
        if merge.has_changes:
            self.merges.append(merge)
        if merge.conflicts:
            self.conflicted += 1
            self.conflicts += [
                RowConflict(row.line, _name(row), one.field, one.in_file, one.stored)
                for one in merge.conflicts
            ]
        elif merge.has_changes:
            self.updated += 1

    def _count_repeats(self) -> None:
        for repeat in self.people.repeats:
            self.conflicted += bool(repeat.differences)
            self.conflicts += [
                RowConflict(
                    repeat.row.line,
                    _name(repeat.row),
                    one.field,
                    one.in_file,
                    f"{one.stored} (line {repeat.first_line})",
                )
                for one in repeat.differences
            ]
        self.conflicts.sort(key=lambda conflict: conflict.line)

    # --- saving ------------------------------------------------------------------------------------------

    def save(self, session: AuditedSession) -> None:
        """Write everything inside the change."""
        total = len(self.fresh) + len(self.merges)
        session.trail.label = f"import of {total:,} {'person' if total == 1 else 'people'}"
        if not total:
            return
        today, now = self.practice.today(), self.practice.clock.now()
        days, step_days = self._plan_days(session)
        payers = Payers(session)
        writer = reimporting.Writer(session, payers, today=today, now=now, step_days=step_days)
        for start in range(0, len(self.merges), _UPDATES_AT_ONCE):
            self.steps.at(SAVING, start, total)
            writer.write(self.merges[start : start + _UPDATES_AT_ONCE])
        for start in range(0, len(self.fresh), importing.CHUNK):
            self.steps.at(SAVING, len(self.merges) + start, total)
            end = start + importing.CHUNK
            people = [self._incoming(place) for place in self.fresh[start:end]]
            importing.create(session, people, days[start:end], payers, today=today, now=now)
        self.steps.at(SAVING, total, total)

    def _plan_days(self, session: AuditedSession) -> tuple[list[Days], dict[int, date]]:
        """The days of new people, and those of undated next steps that known people have got."""
        wishes = [_wish(self.people.rows[place]) for place in self.fresh]
        undated = [merge for merge in self.merges if merge.new_step and merge.new_step.due_on is None]
        wishes += [Wish(merge.stored.values["risk"], True, True, None, None) for merge in undated]
        days = plan_days(
            wishes,
            today=self.practice.today(),
            context=self.practice.context,
            daily_capacity=self.practice.settings.check_in_capacity,
            taken=planned_check_ins(session.connection()),
        )
        steps = zip(undated, days[len(self.fresh) :], strict=True)
        return days[: len(self.fresh)], {merge.stored.id: day.step_on for merge, day in steps if day.step_on}

    # --- what remains ------------------------------------------------------------------------------------

    def write_rejects(self, wanted: Path | None) -> Path | None:
        """Hand the rejected rows back in a private file; None when there are none.

        Raises:
            RejectsNotWritten: the file cannot be written.
        """
        handed_back = [*self.reading.rejected, *self.reading.odd, *self.held_cells]
        handed_back.sort(key=lambda row: row.line)
        return hand_back(self.practice, self.table, handed_back, wanted)

    def report(self, *, dry_run: bool, rejects: Path | None) -> ImportReport:
        """Everything in one value."""
        reading, columns = self.reading, self.plan.columns
        created, rejected = len(self.fresh), len(reading.rejected) + len(reading.odd) + len(self.held)
        left_out = [row for row in self.held_cells if row.is_left_out]
        counts = ImportCounts(
            rows=reading.rows,
            created=created,
            updated=self.updated,
            unchanged=reading.rows - created - self.updated - self.conflicted - rejected,
            conflicts=self.conflicted,
            rejected=rejected,
            odd=len(reading.odd),
            doubtful=len(self.held) - len(left_out),
            left_out=len(left_out),
            by_name=len(self.by_name),
            possible_duplicates=len(self.pairs),
            active=self.active,
        )
        return ImportReport(
            path=self.table.path,
            dry_run=dry_run,
            counts=counts,
            notes=(*self.plan.notes, *record_notes(self.people)),
            columns=self.columns,
            date_orders=tuple(order for one in self.plan.dates if (order := used_order(one)) is not None),
            left_out=tuple(LeftOutColumn(shown(left.header), left.reason) for left in columns.left_out),
            first_rows=tuple(first_row(row) for row in self.people.rows[:FIRST_ROWS]),
            rejected=tuple(sorted([*reading.rejected, *left_out], key=lambda row: row.line)),
            odd=tuple(reading.odd),
            doubtful=tuple(
                _doubtful(row, found)
                for row in self.people.rows
                if (found := self.held.get(row.line)) is not None and not found.is_left_out
            ),
            by_name=tuple(self.by_name),
            conflicts=tuple(self.conflicts),
            duplicates=tuple(self.pairs),
            warnings=tuple(reading.warnings),
            rejects_path=rejects,
        )


def _wish(row: PatientRow) -> Wish:
    """What a row says about the days of a new person; no step is made for somebody who has died."""
    return Wish(
        risk=row.risk or Risk.LOW,
        is_open=(row.status or PatientStatus.ACTIVE) in OPEN_STATUSES,
        has_step=bool(row.next_step or row.due_on) and not row.deceased,
        due_on=None if row.deceased else row.due_on,
        last_contact_on=row.last_contact_on,
    )


def _name(row: PatientRow) -> str:
    return display(row.family_name, row.given_name, row.suffix, row.preferred_name)


def _doubtful(row: PatientRow, found: Found) -> DoubtfulRow:
    born = format_birth(row.birth_date) if row.birth_date else ""
    return DoubtfulRow(row.line, _name(row), born, row.mrn, found.doubt, found.candidates)


def _entry(
    pair: DuplicatePair, first: Mapping[Hashable, str], second: Mapping[Hashable, str], *, is_stored: bool
) -> DuplicateEntry:
    line = None if is_stored or not isinstance(pair.a, int) else pair.a
    other = pair.b if isinstance(pair.b, int) else None
    return DuplicateEntry(first[pair.a], line, second[pair.b], other, pair.reasons)
