"""One import at work: duplicates, comparing with the practice, saving, and what is reported of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from carecoord_tui.domain.names import display
from carecoord_tui.domain.vocabulary import PatientStatus, Risk
from carecoord_tui.exchange.duplicates import DuplicatePair, PersonKey, against, possible_duplicates
from carecoord_tui.exchange.handing_back import hand_back
from carecoord_tui.exchange.import_plan import ImportPlan
from carecoord_tui.exchange.import_report import (
    FIRST_ROWS,
    DuplicateEntry,
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
        self, practice: Practice, table: Table, plan: ImportPlan, reading: Reading, steps: Steps
    ) -> None:
        self.practice, self.table, self.plan, self.reading, self.steps = practice, table, plan, reading, steps
        self.people = reading.people
        self.columns = mapped_columns(table, plan)  # now: after the change the file may be gone or another
        self.pairs: list[DuplicateEntry] = []
        self.merges: list[Merge] = []
        self.fresh: list[int] = []  # places in people of those who are new
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
            matched = set(self._find(reimporting.Known(connection)))
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
        return lambda: self._pair(rows, stored)

    def _pair(self, rows: list[PatientRow], stored: list[PersonKey]) -> None:
        keys = [row.person_key() for row in rows]
        names: dict[Hashable, str] = {row.line: _name(row) for row in rows}
        self.pairs = [_entry(pair, names, names, is_stored=False) for pair in possible_duplicates(keys)]
        if stored:
            known: dict[Hashable, str] = {key.key: display(key.family_name, key.given_name) for key in stored}
            self.pairs += [_entry(pair, known, names, is_stored=True) for pair in against(stored, keys)]

    def _find(self, known: reimporting.Known) -> list[int | None]:
        people = self.people
        return [known.find(key, row.mrn) for key, row in zip(people.keys, people.rows, strict=True)]

    # --- comparing ---------------------------------------------------------------------------------------

    def compare(self, connection: sa.Connection) -> None:
        """Decide what becomes of every row; reads only."""
        places: dict[int, int] = {}
        for place, number in enumerate(self._find(reimporting.Known(connection))):
            if number is None:
                self.fresh.append(place)
            elif number in places:
                self._same_record(place, places[number])
            else:
                places[number] = place
        self._count_fresh()
        keys = {number: self.people.keys[place] for number, place in places.items()}

        def merge(stored: StoredPerson) -> Merge:
            return compare(self._incoming(places[stored.id]), stored)

        for done, found in enumerate(reimporting.compare_all(connection, keys, merge)):
            if done % 1000 == 0:
                self.steps.at(COMPARING, done, len(keys))
            self._count(found, self.people.rows[places[found.stored.id]])
        self._count_repeats()

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
        handed_back = sorted([*self.reading.rejected, *self.reading.odd], key=lambda row: row.line)
        return hand_back(self.practice, self.table, handed_back, wanted)

    def report(self, *, dry_run: bool, rejects: Path | None) -> ImportReport:
        """Everything in one value."""
        reading, columns = self.reading, self.plan.columns
        created, rejected = len(self.fresh), len(reading.rejected) + len(reading.odd)
        counts = ImportCounts(
            rows=reading.rows,
            created=created,
            updated=self.updated,
            unchanged=reading.rows - created - self.updated - self.conflicted - rejected,
            conflicts=self.conflicted,
            rejected=rejected,
            odd=len(reading.odd),
            possible_duplicates=len(self.pairs),
            active=self.active,
        )
        return ImportReport(
            path=self.table.path,
            dry_run=dry_run,
            counts=counts,
            notes=self.plan.notes,
            columns=self.columns,
            date_orders=tuple(order for one in self.plan.dates if (order := used_order(one)) is not None),
            left_out=tuple(LeftOutColumn(shown(left.header), left.reason) for left in columns.left_out),
            first_rows=tuple(first_row(row) for row in self.people.rows[:FIRST_ROWS]),
            rejected=tuple(reading.rejected),
            odd=tuple(reading.odd),
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


def _entry(
    pair: DuplicatePair, first: Mapping[Hashable, str], second: Mapping[Hashable, str], *, is_stored: bool
) -> DuplicateEntry:
    line = None if is_stored or not isinstance(pair.a, int) else pair.a
    other = pair.b if isinstance(pair.b, int) else None
    return DuplicateEntry(first[pair.a], line, second[pair.b], other, pair.reasons)
