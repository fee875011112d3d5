"""Which person and plan of the practice a payer's answer is about: told by what identifies, never guessed.

The member id decides where name or birth date agree with it and no birth date contradicts it; else the name
with the birth date. A family shares a member id, so a dependent must be named as on file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from carecoord_tui.domain.payer_answers import Party
from carecoord_tui.exchange.patient_match import ONLY_NAME, Caseload, NoMatch, Person, Sought, name_key
from carecoord_tui.store.importing_answers import StoredPlan


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom an answer names."""

    person: Party
    member_id: str
    born_on: date | None = None
    is_dependent: bool = False
    through: str = ""  # the subscriber of a dependent


@dataclass(frozen=True, slots=True)
class Found:
    """The one person; ``plan_id`` None where the plan cannot be told."""

    patient_id: int
    plan_id: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody an answer may be about: who that is, and what of the answer agrees."""

    patient_id: int
    name: str
    birth_date: date | None
    mrn: str
    agrees: str


MOST_CANDIDATES = 9
"""So many can be told apart by a digit."""


class People:
    """Everybody in the practice with their plans."""

    def __init__(self, people: Iterable[Person], plans: Iterable[StoredPlan]) -> None:
        everybody = list(people)
        self._caseload = Caseload(everybody)
        self._by_number = {person.id: person for person in everybody}
        self._plans: dict[int, list[StoredPlan]] = defaultdict(list)
        self._by_member: dict[str, list[StoredPlan]] = defaultdict(list)
        for plan in plans:
            self._plans[plan.patient_id].append(plan)
            if key := _bare(plan.member_id):
                self._by_member[key].append(plan)

    def find(self, asked: Asked) -> Found:
        """The one person an answer is about.

        Raises:
            NoMatch: nobody, several people, or somebody who may be another person; repeats no value.
        """
        holders = self._by_member.get(_bare(asked.member_id), []) if _bare(asked.member_id) else []
        agreeing: dict[int, StoredPlan] = {}
        for plan in holders:
            if self._agrees(self._by_number[plan.patient_id], asked):
                agreeing.setdefault(plan.patient_id, plan)
        if len(agreeing) > 1:
            raise NoMatch("member_id", f"{len(agreeing)} people of the caseload have this member id and name")
        if agreeing:
            (plan,) = agreeing.values()
            return Found(plan.patient_id, plan.id)
        return self._by_name(asked, is_held=bool(holders))

    def name_of(self, patient_id: int) -> str:
        """``Family, Given`` of somebody in the practice."""
        return _name(self._by_number[patient_id])

    def take(self, patient_id: int, asked: Asked) -> Found:
        """The person the user chose, with the plan of this member id, else the only one there is.

        Raises:
            NoMatch: somebody removed the person meanwhile.
        """
        if patient_id not in self._by_number:
            raise NoMatch("name", "the person who was chosen is no longer there")
        own = self._plans.get(patient_id, [])
        wanted = _bare(asked.member_id)
        named = [plan for plan in own if wanted and _bare(plan.member_id) == wanted]
        plans = named or own
        return Found(patient_id, plans[0].id if named or len(plans) == 1 else None)

    def candidates(self, asked: Asked) -> tuple[Candidate, ...]:
        """Who an answer may be about although it cannot be told; who agrees in most comes first.

        Somebody counts for the member id, the whole name, or the birth date with one of the names.
        """
        holders = {plan.patient_id for plan in self._by_member.get(_bare(asked.member_id), ())}
        if not _bare(asked.member_id):
            holders = set()
        named = {person.id for person in self._by_names.get(_asked_names(asked), ())}
        born = {person.id for person in self._born_and_named(asked)}
        found = [
            Candidate(
                number,
                self.name_of(number),
                self._by_number[number].birth_date,
                self._by_number[number].mrn,
                ", ".join(
                    words
                    for words, is_so in (
                        ("member id", number in holders),
                        ("name", number in named),
                        ("birth date", self._is_born(number, asked)),
                    )
                    if is_so
                ),
            )
            for number in sorted(holders | named | born)
        ]
        found.sort(key=lambda one: -len(one.agrees.split(", ")))
        return tuple(found[:MOST_CANDIDATES])

    def _born_and_named(self, asked: Asked) -> Iterator[Person]:
        family, given = _asked_names(asked)
        for person in self._by_birth.get(asked.born_on, ()) if asked.born_on else ():
            names = set(name_key(person.family_name, person.given_name))
            if names & {family, given} - {""}:
                yield person

    def _is_born(self, number: int, asked: Asked) -> bool:
        return asked.born_on is not None and self._by_number[number].birth_date == asked.born_on

    @cached_property
    def _by_names(self) -> dict[tuple[str, str], list[Person]]:
        found: dict[tuple[str, str], list[Person]] = defaultdict(list)
        for person in self._by_number.values():
            found[name_key(person.family_name, person.given_name)].append(person)
        return found

    @cached_property
    def _by_birth(self) -> dict[date, list[Person]]:
        found: dict[date, list[Person]] = defaultdict(list)
        for person in self._by_number.values():
            if person.birth_date is not None:
                found[person.birth_date].append(person)
        return found

    def _agrees(self, person: Person, asked: Asked) -> bool:
        both = person.birth_date is not None and asked.born_on is not None
        if both and person.birth_date != asked.born_on:
            return False
        stored = name_key(person.family_name, person.given_name)
        is_named = stored in (
            name_key(asked.person.last, asked.person.first),
            name_key(asked.person.last, f"{asked.person.first} {asked.person.middle}"),
        )
        return is_named or (both and not asked.is_dependent)

    def _by_name(self, asked: Asked, *, is_held: bool) -> Found:
        sought = Sought(asked.person.last, asked.person.first, asked.born_on)
        try:
            if not sought.family_name:
                raise NoMatch("name", "the answer names nobody, and its member id is not on file")
            patient_id = self._caseload.find(sought)
        except NoMatch as error:
            if is_held:
                raise NoMatch(
                    "member_id", "the member id is on file for somebody else: name or birth date differ"
                ) from error
            if str(error) == ONLY_NAME:
                raise NoMatch(
                    "name", "only the name agrees: enter member id or birth date on the patient first"
                ) from error
            raise
        own = self._plans.get(patient_id, [])
        if not _bare(asked.member_id):
            return Found(patient_id, own[0].id if len(own) == 1 else None)
        open_to = [plan for plan in own if not _bare(plan.member_id)]
        if own and not open_to:
            raise NoMatch("member_id", "the member id is another one than on the plan on file")
        return Found(patient_id, open_to[0].id if len(open_to) == 1 else None)


def _asked_names(asked: Asked) -> tuple[str, str]:
    return name_key(asked.person.last, asked.person.first)


def _name(person: Person) -> str:
    return ", ".join(part for part in (person.family_name, person.given_name) if part)


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
