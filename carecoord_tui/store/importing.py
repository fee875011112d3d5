"""Writing people a spreadsheet brings for the first time, in bulk and inside one change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from carecoord_tui.domain.check_in import next_check_in, spread_first_check_ins
from carecoord_tui.domain.context import Context
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.names import search_text
from carecoord_tui.domain.vocabulary import Basis, PatientStatus, Risk
from carecoord_tui.store import bulk, derived
from carecoord_tui.store.codec import canonical
from carecoord_tui.store.core_tables import PAYER
from carecoord_tui.store.incoming import (
    RECORD_SOURCE,
    SOURCE,
    Incoming,
    IncomingStep,
    kind_of,
    last_contact_text,
    note_pieces,
    payer_class_of,
    title_of,
    written_step,
    written_values,
)
from carecoord_tui.store.ledger import LEDGER
from carecoord_tui.store.session import AuditedSession
from carecoord_tui.store.tables import (
    Coverage,
    FollowUp,
    ImportRecord,
    Note,
    Patient,
    PatientPhone,
    Payer,
)

CHUNK = 2_000
"""People written at a time."""


# --- when they are first looked at -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """What decides the days of one person. ``has_step``: the file names a next step, dated or not."""

    risk: Risk
    is_open: bool
    has_step: bool
    due_on: date | None
    last_contact_on: date | None


@dataclass(frozen=True, slots=True)
class Days:
    """The planned days of one person, practice-local. ``step_on`` is None without a next step."""

    check_in_on: date | None
    is_first_check_in: bool
    step_on: date | None


def plan_days(
    wishes: Sequence[Wish], *, today: date, context: Context, daily_capacity: int, taken: dict[date, int]
) -> list[Days]:
    """A day for everybody, in the order given.

    A dated step keeps its date, past ones too: that is overdue work. A last contact sets the next check-in
    where that still lies ahead. Everybody else, and every step without a date, is spread over the coming
    working days, highest risk first, beside what ``taken`` holds.
    """

    def check_in(wish: Wish, after: date) -> date:
        return next_check_in(context.pack, context.calendar, wish.risk, after=after)

    days: list[Days | None] = []
    load = dict(taken)
    for wish in wishes:
        planned = None
        if wish.due_on is not None:
            later = check_in(wish, max(today, wish.due_on)) if wish.is_open else None
            planned = Days(later, False, wish.due_on)
        elif not wish.is_open and not wish.has_step:
            planned = Days(None, False, None)
        elif wish.last_contact_on is not None and not wish.has_step:
            due = check_in(wish, wish.last_contact_on)
            if due > today:
                planned = Days(due, False, None)
                load[due] = load.get(due, 0) + 1
        days.append(planned)
    waiting = [wish for wish, planned in zip(wishes, days, strict=True) if planned is None]
    spread = iter(
        spread_first_check_ins(
            [wish.risk for wish in waiting],
            start=today,
            daily_capacity=daily_capacity,
            calendar=context.calendar,
            taken=load,
        )
    )
    return [
        planned or _spread(wish, next(spread), check_in) for wish, planned in zip(wishes, days, strict=True)
    ]


def _spread(wish: Wish, day: date, check_in: Callable[[Wish, date], date]) -> Days:
    if wish.has_step:
        return Days(check_in(wish, day) if wish.is_open else None, False, day)
    return Days(day, True, None)


def planned_check_ins(connection: sa.Connection) -> dict[date, int]:
    """How many check-ins the ledger holds for each day."""
    statement = (
        sa.select(LEDGER.c.target_on, sa.func.count())
        .where(LEDGER.c.basis == Basis.CHECK_IN)
        .group_by(LEDGER.c.target_on)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}


# --- payers ----------------------------------------------------------------------------------------------


class Payers:
    """Payers by name, whatever case and accents; new ones are added once."""

    def __init__(self, session: AuditedSession) -> None:
        self._session = session
        rows = session.connection().execute(sa.select(PAYER.c.id, PAYER.c.name).order_by(PAYER.c.id.desc()))
        self._ids: dict[str, int] = {fold(name): number for number, name in rows}

    def add_missing(self, names: Iterable[str]) -> None:
        """Make those that are not there yet, with a class only where the name says it."""
        missing: dict[str, str] = {}
        for name in names:
            if fold(name) not in self._ids:
                missing.setdefault(fold(name), name)
        rows = [{"name": name, "payer_class": payer_class_of(name)} for name in missing.values()]
        numbers = bulk.insert(self._session, Payer, rows)
        self._ids.update((fold(str(row["name"])), number) for row, number in zip(rows, numbers, strict=True))

    def id_of(self, name: str) -> int:
        """The number of a payer that is there."""
        return self._ids[fold(name)]


# --- writing ---------------------------------------------------------------------------------------------


def create(
    session: AuditedSession,
    people: Sequence[Incoming],
    days: Sequence[Days],
    payers: Payers,
    *,
    today: date,
    now: datetime,
) -> list[int]:
    """Write new people with all they bring, their search text and their ledger; returns their numbers.

    ``days`` are those of :func:`plan_days`, ``now`` is aware. At most ``CHUNK`` people at a time keep the
    memory small. Raises the driver's error for an MRN that somebody has.
    """
    rows = [_patient(person, day, today) for person, day in zip(people, days, strict=True)]
    ids = bulk.insert(session, Patient, rows)
    written = [written_values(person) for person in people]
    bulk.insert(session, PatientPhone, list(_phones(people, ids)))
    _put_coverages(session, people, ids, payers, written)
    _put_steps(session, people, days, ids, written)
    _put_notes(session, people, ids, now, written)
    records = [
        {"source": RECORD_SOURCE, "key": person.key, "patient_id": number, "written": canonical(values)}
        for person, number, values in zip(people, ids, written, strict=True)
    ]
    bulk.insert(session, ImportRecord, records)
    session.settle_ledger_of_new(ids)
    return ids


def _patient(person: Incoming, days: Days, today: date) -> dict[str, Any]:
    values = person.values
    is_held = person.status is PatientStatus.ON_HOLD
    family, given = values["family_name"], values.get("given_name", "")
    return {
        **values,
        "status_on": today,
        "check_in_on": days.check_in_on,
        "is_first_check_in": days.is_first_check_in,
        "hold_until": values.get("hold_until", days.check_in_on) if is_held else None,
        "sort_name": derived.sort_name(family, given),
        "search_text": search_text(
            family=family,
            given=given,
            middle=values.get("middle_name", ""),
            preferred=values.get("preferred_name", ""),
            mrn=values.get("mrn", ""),
            birth=values.get("birth_date"),
            phones=[number for _, number in person.phones],
            member_ids=[person.coverage.member_id] if person.coverage else [],
        ),
    }


def _phones(people: Sequence[Incoming], ids: Sequence[int]) -> Iterable[dict[str, Any]]:
    for person, number in zip(people, ids, strict=True):
        is_permitted = bool(person.values.get("confidential_channel"))
        yield from phone_rows(number, person.phones, is_permitted=is_permitted)


def phone_rows(
    patient_id: int, phones: Sequence[tuple[str, str]], *, is_permitted: bool
) -> Iterable[dict[str, Any]]:
    """Rows of ``patient_phone`` in the order they are tried; a confidential channel needs permitted ones."""
    for rank, (label, digits) in enumerate(phones, 1):
        yield {
            "patient_id": patient_id,
            "number": digits,
            "label": label,
            "rank": rank,
            "is_permitted": is_permitted,
        }


def _put_coverages(
    session: AuditedSession,
    people: Sequence[Incoming],
    ids: Sequence[int],
    payers: Payers,
    written: Sequence[dict[str, object]],
) -> None:
    rows, targets = [], []
    payers.add_missing(person.coverage.payer_name for person in people if person.coverage)
    for person, number, values in zip(people, ids, written, strict=True):
        if person.coverage is not None:
            rows.append(
                {
                    "patient_id": number,
                    "payer_id": payers.id_of(person.coverage.payer_name),
                    "plan_name": person.coverage.plan_name,
                    "member_id": person.coverage.member_id,
                    "group_number": person.coverage.group_number,
                }
            )
            targets.append(values)
    for values, coverage_id in zip(targets, bulk.insert(session, Coverage, rows), strict=True):
        values["coverage_id"] = coverage_id


def step_row(patient_id: int, step: IncomingStep, due_on: date) -> dict[str, Any]:
    """A row of ``follow_up`` for a next step."""
    return {
        "patient_id": patient_id,
        "title": title_of(step),
        "kind": kind_of(step.title),
        "due_on": due_on,
        "due_at": step.due_at,
        "source": SOURCE,
        "note": step.note,
    }


def _put_steps(
    session: AuditedSession,
    people: Sequence[Incoming],
    days: Sequence[Days],
    ids: Sequence[int],
    written: Sequence[dict[str, object]],
) -> None:
    rows, targets = [], []
    for person, day, number, values in zip(people, days, ids, written, strict=True):
        if person.step is not None and day.step_on is not None:
            rows.append(step_row(number, person.step, day.step_on))
            targets.append(values)
    for row, values, follow_up_id in zip(rows, targets, bulk.insert(session, FollowUp, rows), strict=True):
        values.update(written_step(follow_up_id, row["title"], row["due_on"], row["due_at"]))


def _put_notes(
    session: AuditedSession,
    people: Sequence[Incoming],
    ids: Sequence[int],
    now: datetime,
    written: Sequence[dict[str, object]],
) -> None:
    rows: list[dict[str, Any]] = []
    spans: list[tuple[dict[str, object], int, int]] = []
    for person, number, values in zip(people, ids, written, strict=True):
        if person.last_contact_on is not None:
            rows.append(note_row(number, last_contact_text(person.last_contact_on), now))
        if person.notes:
            pieces = note_pieces(person.notes)
            spans.append((values, len(rows), len(rows) + len(pieces)))
            rows.extend(note_row(number, piece, now) for piece in pieces)
    note_ids = bulk.insert(session, Note, rows)
    for values, start, end in spans:
        values["note_ids"] = note_ids[start:end]


def note_row(patient_id: int, text: str, now: datetime) -> dict[str, Any]:
    """A row of ``note`` for text out of a file."""
    return {"patient_id": patient_id, "at": now, "text": text, "source": SOURCE}
