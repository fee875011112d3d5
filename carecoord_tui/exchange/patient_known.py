"""Who of a patient list is in the practice already.

A person is known by the import key or the MRN; else by name and birth date, where one person on file has
both and no identifier contradicts. Where several have both, or an identifier is another one, a person must
say: two records of one patient and one record of two patients are both harm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

import sqlalchemy as sa

from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.names import display
from carecoord_tui.exchange.incoming_rows import People
from carecoord_tui.exchange.logs.lookups import bare
from carecoord_tui.exchange.logs.plan import Candidate
from carecoord_tui.exchange.patient_match import name_key
from carecoord_tui.exchange.patient_records import find_by_record
from carecoord_tui.exchange.patient_row import PatientRow
from carecoord_tui.store import reimporting
from carecoord_tui.store.importing_logs import StoredPlan, read_plans
from carecoord_tui.store.reimporting import KnownPerson

MAX_CANDIDATES = 9
_SAME = "same name and birth date"
_Identity = tuple[tuple[str, str], date]


class Who(Enum):
    """What a person may say of a doubtful row, beside naming somebody on file."""

    NEW = "new"
    LEAVE_OUT = "leave out"


Answers = Mapping[int, int | Who]
"""Line of a doubtful row -> the number of the person it is about, or what else was said of it."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a row is about. Neither a number nor a doubt: somebody new."""

    patient_id: int | None = None
    is_by_name: bool = False
    """Found by name and birth date alone."""
    doubt: str = ""
    """Why nobody is taken; repeats no value."""
    candidates: tuple[Candidate, ...] = ()
    is_left_out: bool = False
    """A person said that the row is not wanted."""


_NEW = Found()


def find_all(connection: sa.Connection, people: People, answers: Answers) -> list[Found]:
    """Whom each row of a file is about, in their order; reads only.

    An answer counts only where its row is doubtful now, and only for somebody it may be about.
    """
    known = reimporting.Known(connection)
    told = [known.find(key, row.mrn) for key, row in zip(people.keys, people.rows, strict=True)]
    sure = find_by_record(connection, people, known, told)
    if not any(number is None and row.birth_date for number, row in zip(sure, people.rows, strict=True)):
        return [Found(number) for number in sure]
    taken = {number for number in sure if number is not None}
    on_file = _OnFile(connection)
    found = []
    for number, row in zip(sure, people.rows, strict=True):
        one = Found(number) if number is not None else on_file.find(row, taken)
        if one.doubt and row.line in answers:
            one = _answered(one, answers[row.line])
        if one.patient_id is not None:
            taken.add(one.patient_id)
        found.append(one)
    return found


def _answered(doubtful: Found, answer: int | Who) -> Found:
    if answer is Who.NEW:
        return _NEW
    if answer is Who.LEAVE_OUT:
        return Found(doubt="left out, as you said", is_left_out=True)
    is_offered = any(one.patient_id == answer for one in doubtful.candidates)
    return Found(answer) if isinstance(answer, int) and is_offered else doubtful


class _OnFile:
    """Everybody in the practice by name and birth date, with the identifiers they have."""

    def __init__(self, connection: sa.Connection) -> None:
        self._records: dict[_Identity, list[KnownPerson]] = defaultdict(list)
        self._mrns: dict[int, set[str]] = defaultdict(set)
        for person in reimporting.known_people(connection):
            if person.birth_date is not None:
                self._records[_identity(person, person.birth_date)].append(person)
            if person.mrn:
                self._mrns[person.id].add(person.mrn.casefold())
        self._plans: dict[int, list[StoredPlan]] = defaultdict(list)
        for plan in read_plans(connection):
            if not plan.is_ended and bare(plan.member_id):
                self._plans[plan.patient_id].append(plan)

    def find(self, row: PatientRow, taken: Iterable[int]) -> Found:
        """The one person with the name and birth date of a row; ``taken`` are those of earlier rows."""
        if row.birth_date is None:
            return _NEW
        # A merged record has the number of the one that stays; the last one wins, which is that one.
        alike = {one.id: one for one in self._records.get(_identity(row, row.birth_date), ())}
        if not alike:
            return _NEW
        contradictions = {number: self._contradiction(row, number) for number in alike}
        candidates = tuple(
            _candidate(person, contradictions[number])
            for number, person in sorted(alike.items())[:MAX_CANDIDATES]
        )
        if len(alike) > 1:
            return Found(
                doubt=f"{len(alike)} people on file have this name and birth date", candidates=candidates
            )
        [(number, contradiction)] = contradictions.items()
        if contradiction:
            words = f"somebody on file has this name and birth date, but {contradiction}"
            return Found(doubt=words, candidates=candidates)
        if number in taken:
            words = "another row of this file is the person on file with this name and birth date"
            return Found(doubt=words, candidates=candidates)
        return Found(number, is_by_name=True)

    def _contradiction(self, row: PatientRow, number: int) -> str:
        """An identifier of the row that is another one on file; empty when there is none."""
        mrns = self._mrns.get(number)
        if row.mrn and mrns and row.mrn.casefold() not in mrns:
            return "another MRN"
        payer, member = fold(row.payer_name or row.plan_name), bare(row.member_id)
        members = {bare(plan.member_id) for plan in self._plans[number] if fold(plan.payer_name) == payer}
        return "another member ID" if member and members and member not in members else ""


def _identity(person: KnownPerson | PatientRow, born: date) -> _Identity:
    return name_key(person.family_name, person.given_name), born


def _candidate(person: KnownPerson, contradiction: str) -> Candidate:
    born = format_birth(person.birth_date) if person.birth_date else ""
    reasons = (_SAME, contradiction) if contradiction else (_SAME,)
    return Candidate(person.id, display(person.family_name, person.given_name), born, person.mrn, reasons)
