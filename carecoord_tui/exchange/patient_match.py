"""Which person of the caseload a row is about: told by what identifies, never by a guess.

The MRN decides where name or birth date agree with it and no birth date contradicts it; else the name with
the birth date; else the name with a phone. A name alone is doubtful and taken only on request; several
people are never chosen from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from carecoord_tui.domain.folding import fold

ONLY_NAME = "only the name agrees: give the birth date or MRN in the file"


class Person(Protocol):
    """A stored person, as far as a row can name one."""

    @property
    def id(self) -> int: ...
    @property
    def family_name(self) -> str: ...
    @property
    def given_name(self) -> str: ...
    @property
    def birth_date(self) -> date | None: ...
    @property
    def mrn(self) -> str: ...
    @property
    def phones(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Sought:
    """What a row says about its person. Empty text and None mean it does not say."""

    family_name: str = ""
    given_name: str = ""
    birth_date: date | None = None
    mrn: str = ""
    phones: tuple[str, ...] = ()
    """E.164, without extensions."""


class NoMatch(ValueError):
    """Nobody can be taken for certain; ``field`` is where to look, the text says why and repeats no value."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


class Caseload:
    """Everybody in the practice, found by what a row may know of them."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._by_mrn: dict[str, Person] = {}
        self._by_name: dict[tuple[str, str], list[Person]] = defaultdict(list)
        self._by_number: dict[int, Person] = {}
        for person in people:
            self._by_number[person.id] = person
            if person.mrn:
                self._by_mrn[_folded_mrn(person.mrn)] = person
            self._by_name[name_key(person.family_name, person.given_name)].append(person)

    def has_name(self, patient_id: int, sought: Sought) -> bool:
        """True when this person has the name the row gives, or the row gives none but the same MRN."""
        person = self._by_number.get(patient_id)
        if person is None:
            return False
        if not sought.family_name:
            return bool(sought.mrn) and _folded_mrn(sought.mrn) == _folded_mrn(person.mrn)
        return _name_of(person) == name_key(sought.family_name, sought.given_name)

    def find(self, sought: Sought, *, accept_name_only: bool = False) -> int:
        """The one person a row is about.

        Args:
            sought: what the row says.
            accept_name_only: take a name alone when exactly one person has it.

        Raises:
            NoMatch: nobody, several people, or somebody who may be another person.
        """
        if sought.mrn and (person := self._by_mrn.get(_folded_mrn(sought.mrn))) is not None:
            return self._under_mrn(person, sought)
        if not sought.family_name:
            raise NoMatch("mrn", "this MRN is not in the caseload, and the row has no name")
        named = self._by_name.get(name_key(sought.family_name, sought.given_name), [])
        if not named:
            raise NoMatch("family_name", "nobody of this name is in the caseload")
        return self._of_name(named, sought, accept_name_only=accept_name_only)

    def _under_mrn(self, person: Person, sought: Sought) -> int:
        both = sought.birth_date is not None and person.birth_date is not None
        born = both and sought.birth_date == person.birth_date
        is_named = not sought.family_name or _name_of(person) == name_key(
            sought.family_name, sought.given_name
        )
        if is_named and both and not born:
            raise NoMatch("birth_date", "the person with this MRN is born on another day")
        if born or is_named:
            return person.id
        raise NoMatch("mrn", "the MRN belongs to somebody else: name and birth date differ")

    def _of_name(self, named: list[Person], sought: Sought, *, accept_name_only: bool) -> int:
        if sought.mrn and all(person.mrn for person in named):
            raise NoMatch("mrn", "somebody of this name is in the caseload, under another MRN")
        open_to = [person for person in named if not (sought.mrn and person.mrn)]
        if sought.birth_date is not None:
            open_to = [one for one in open_to if one.birth_date in (None, sought.birth_date)]
            if not open_to:
                raise NoMatch("birth_date", "somebody of this name is in the caseload, born on another day")
            born = [one for one in open_to if one.birth_date == sought.birth_date]
            if born:
                return _only(born, "have this name and birth date")
        reached = [one for one in open_to if {_bare(number) for number in one.phones} & set(sought.phones)]
        if reached:
            return _only(reached, "have this name and phone")
        number = _only(open_to, "have this name: give MRN or birth date")
        if not accept_name_only:
            raise NoMatch("family_name", ONLY_NAME)
        return number


def name_key(family: str, given: str) -> tuple[str, str]:
    """A name as it is compared: letters and digits only, without case and accents."""
    return _letters(family), _letters(given)


def _name_of(person: Person) -> tuple[str, str]:
    return name_key(person.family_name, person.given_name)


def _only(people: list[Person], words: str) -> int:
    numbers = {one.id for one in people}  # a merged record has the number of the one that stays
    if len(numbers) > 1:
        raise NoMatch("family_name", f"{len(numbers)} people of the caseload {words}")
    return people[0].id


def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def _folded_mrn(text: str) -> str:
    return text.casefold().strip()


def _bare(number: str) -> str:
    return number.partition(";")[0]
