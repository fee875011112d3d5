"""Whom a row is about, and where that is doubtful, who it may be.

A person is taken as ``patient_match`` says, or by a member id where the name agrees. Everybody else whose
name or birth date, MRN or member id comes close is offered as a candidate, for a person to decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.names import display
from carecoord_tui.exchange.logs.lookups import bare
from carecoord_tui.exchange.logs.plan import Candidate
from carecoord_tui.exchange.patient_match import Caseload, NoMatch, Person, Sought, name_key
from carecoord_tui.store.importing_logs import StoredPlan

MAX_CANDIDATES = 6


class Doubtful(NoMatch):
    """Nobody can be taken for certain, but these come close."""

    def __init__(self, error: NoMatch, candidates: tuple[Candidate, ...]) -> None:
        super().__init__(error.field, str(error))
        self.candidates = candidates


class People:
    """Everybody in the practice, found by what a row says of them."""

    def __init__(self, people: Iterable[Person], plans: Iterable[StoredPlan]) -> None:
        everybody = list(people)
        self._caseload = Caseload(everybody)
        self._by_number = {person.id: person for person in everybody}
        self._by_name: dict[tuple[str, str], list[Person]] = defaultdict(list)
        self._by_birth: dict[date, list[Person]] = defaultdict(list)
        self._by_mrn: dict[str, Person] = {}
        self._by_member: dict[str, list[Person]] = defaultdict(list)
        for person in everybody:
            self._by_name[name_key(person.family_name, person.given_name)].append(person)
            if person.birth_date is not None:
                self._by_birth[person.birth_date].append(person)
            if person.mrn:
                self._by_mrn[bare(person.mrn)] = person
        for plan in plans:
            holder = self._by_number.get(plan.patient_id)
            if holder is not None and bare(plan.member_id):
                self._by_member[bare(plan.member_id)].append(holder)

    def __contains__(self, patient_id: int) -> bool:
        return patient_id in self._by_number

    def name(self, patient_id: int) -> str:
        """What a person is called."""
        person = self._by_number[patient_id]
        return display(person.family_name, person.given_name)

    def find(self, sought: Sought, member_id: str, *, accept_name_only: bool = False) -> int:
        """The one person a row is about.

        Raises:
            Doubtful: somebody comes close; ``candidates`` says who and why.
            NoMatch: nobody does.
        """
        try:
            return self._caseload.find(sought, accept_name_only=accept_name_only)
        except NoMatch as error:
            held = self._held_by_name(sought, member_id)
            if held is not None:
                return held
            if candidates := self._candidates(sought, member_id):
                raise Doubtful(error, candidates) from error
            raise

    def _held_by_name(self, sought: Sought, member_id: str) -> int | None:
        """The one holder of the member id who has the row's name and no other birth date."""
        found = {
            one.id
            for one in self._by_member.get(bare(member_id), ())
            if name_key(one.family_name, one.given_name) == name_key(sought.family_name, sought.given_name)
            and (None in (one.birth_date, sought.birth_date) or one.birth_date == sought.birth_date)
            and not (sought.mrn and one.mrn)
        }
        return found.pop() if len(found) == 1 else None

    def _candidates(self, sought: Sought, member_id: str) -> tuple[Candidate, ...]:
        reasons: dict[int, list[str]] = defaultdict(list)
        if sought.mrn and (person := self._by_mrn.get(bare(sought.mrn))) is not None:
            reasons[person.id].append("same MRN")
        for person in self._by_member.get(bare(member_id), ()) if bare(member_id) else ():
            reasons[person.id].append("same member id")
        family, given = name_key(sought.family_name, sought.given_name)
        for person in self._by_name.get((family, given), ()) if family else ():
            reasons[person.id].append("same name")
        for person in self._by_birth.get(sought.birth_date, ()) if sought.birth_date and family else ():
            if words := _like(name_key(person.family_name, person.given_name), (family, given)):
                reasons[person.id].append(words)
        ranked = sorted(reasons.items(), key=lambda one: (-len(one[1]), one[0]))
        return tuple(self._candidate(number, why) for number, why in ranked[:MAX_CANDIDATES])

    def _candidate(self, number: int, why: list[str]) -> Candidate:
        person = self._by_number[number]
        born = format_birth(person.birth_date) if person.birth_date else ""
        words = tuple(dict.fromkeys(why))
        return Candidate(number, display(person.family_name, person.given_name), born, person.mrn, words)


def _like(stored: tuple[str, str], sought: tuple[str, str]) -> str:
    """How two names of people born on one day are alike; empty when they are not."""
    if stored == sought:
        return "same birth date"
    if stored == (sought[1], sought[0]):
        return "same birth date, names the other way round"
    if stored[0] == sought[0]:
        return "same birth date and last name"
    if stored[1] and stored[1] == sought[1]:
        return "same birth date and first name"
    return ""
