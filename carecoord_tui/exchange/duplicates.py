"""People who may be the same person, found in near-linear time. Reported only; nothing is ever merged.

People who share a key (MRN, birth date, full name, phone, address) are compared pair by pair; a key
shared by many is only searched among neighbours in name order, so that one default birth date or a
clinic's own phone number cannot make the work quadratic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from carecoord_tui.domain.folding import fold

_BLOCK_PAIRS = 12
"""Members of a block up to which every pair is compared."""
_WINDOW = 6
"""Neighbours in name order a member of a larger block is compared with."""


@dataclass(frozen=True, slots=True)
class PersonKey:
    """What is compared of a person. ``key`` identifies the person to the caller (record id, file line)."""

    key: Hashable
    family_name: str
    given_name: str = ""
    birth_date: date | None = None
    mrn: str = ""
    phones: tuple[str, ...] = ()
    address: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two people who may be one. ``score`` is 0..1, for order on the screen, not a probability."""

    a: Hashable
    b: Hashable
    score: float
    reasons: tuple[str, ...]


class _Person:
    """A ``PersonKey`` folded once for many comparisons."""

    __slots__ = (
        "birth_date", "family", "family_letters", "given", "given_letters", "key", "mrn", "phones", "place",
        "postal_code", "street", "street_number",
    )  # fmt: skip

    def __init__(self, person: PersonKey) -> None:
        self.key = person.key
        self.family = fold_name(person.family_name)
        self.given = fold_name(person.given_name)
        self.family_letters = _letter_set(self.family)
        self.given_letters = _letter_set(self.given)
        self.birth_date = person.birth_date
        self.mrn = person.mrn.casefold()
        self.phones = person.phones
        self.street = fold_name(person.address)
        self.street_number = "".join(filter(str.isdigit, self.street))
        self.postal_code = fold_name(person.postal_code)
        self.place = f"{self.street}|{self.postal_code}" if self.street else ""


class _Names(IntEnum):
    DIFFERENT = 0
    GIVEN_ONLY = 1
    """Same given name, other family name: a changed name, perhaps."""
    SIMILAR = 2
    SWAPPED = 3
    SAME = 4


class _Births(IntEnum):
    DIFFERENT = 0
    MISSING = 1
    CLOSE = 2
    SAME = 3


_NAME_WORDS = {
    _Names.GIVEN_ONLY: "same first name",
    _Names.SIMILAR: "similar name",
    _Names.SWAPPED: "first and last name swapped",
    _Names.SAME: "same name",
}
_BIRTH_WORDS = {
    _Births.MISSING: "birth date missing",
    _Births.CLOSE: "birth date differs by one digit or by day and month swapped",
    _Births.SAME: "same birth date",
}
# (names, births) -> score without and with the same phone or address. No entry: not reported.
_SCORES: dict[tuple[_Names, _Births], tuple[float, float]] = {
    (_Names.SAME, _Births.SAME): (0.95, 0.99),
    (_Names.SWAPPED, _Births.SAME): (0.92, 0.98),
    (_Names.SIMILAR, _Births.SAME): (0.88, 0.97),
    (_Names.GIVEN_ONLY, _Births.SAME): (0.0, 0.75),
    (_Names.SAME, _Births.CLOSE): (0.80, 0.95),
    (_Names.SWAPPED, _Births.CLOSE): (0.70, 0.92),
    (_Names.SIMILAR, _Births.CLOSE): (0.0, 0.85),
    (_Names.SAME, _Births.MISSING): (0.60, 0.90),
    (_Names.SWAPPED, _Births.MISSING): (0.0, 0.80),
    (_Names.SIMILAR, _Births.MISSING): (0.0, 0.75),
    (_Names.SAME, _Births.DIFFERENT): (0.0, 0.65),
}


def possible_duplicates(people: Sequence[PersonKey]) -> list[DuplicatePair]:
    """Pairs within ``people`` that may be one person, the likeliest first."""
    return _ranked(_pairs([_Person(person) for person in people]))


def against(existing: Sequence[PersonKey], incoming: Sequence[PersonKey]) -> list[DuplicatePair]:
    """Pairs of one existing (``a``) and one incoming (``b``) person that may be one, the likeliest first."""
    border = len(existing)
    return _ranked(_pairs([_Person(person) for person in (*existing, *incoming)], border))


def fold_name(name: str) -> str:
    """Lower-case letters and digits without accents: how two spellings of a name are compared."""
    folded = fold(name)
    return folded if folded.isalnum() else "".join(filter(str.isalnum, folded))


def _ranked(pairs: Iterable[DuplicatePair]) -> list[DuplicatePair]:
    return sorted(pairs, key=lambda pair: -pair.score)


def _pairs(people: Sequence[_Person], border: int | None = None) -> Iterator[DuplicatePair]:
    """Compare each candidate pair once; with a ``border`` only pairs that cross it."""
    seen: set[int] = set()
    for first, second in _candidates(people, border):
        pair = first * len(people) + second
        if pair in seen:
            continue
        seen.add(pair)
        found = _compare(people[first], people[second])
        if found is not None:
            yield found


def _candidates(people: Sequence[_Person], border: int | None) -> Iterator[tuple[int, int]]:
    """Index pairs (first < second) of people who share a key."""
    blocks: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, person in enumerate(people):
        for key in _keys(person):
            blocks[key].append(index)
    for members in blocks.values():
        if len(members) > 1 and (border is None or members[0] < border <= members[-1]):
            for first, second in _block_pairs(members, people):
                if border is None or first < border <= second:
                    yield first, second


def _keys(person: _Person) -> Iterator[tuple[object, ...]]:
    if person.mrn:
        yield ("mrn", person.mrn)
    if person.birth_date is not None:
        yield ("born", person.birth_date)
    if person.family or person.given:
        # Sorted, so that swapped names meet.
        yield ("name", *sorted((person.family, person.given)))
    for phone in set(person.phones):
        yield ("phone", phone)
    if person.place:
        yield ("place", person.place)
    if person.postal_code and person.given:
        yield ("near", person.given, person.postal_code)


def _block_pairs(members: list[int], people: Sequence[_Person]) -> Iterator[tuple[int, int]]:
    if len(members) <= _BLOCK_PAIRS:
        for place, first in enumerate(members):
            for second in members[place + 1 :]:
                yield first, second
        return
    by_family = sorted(members, key=lambda index: (people[index].family, people[index].given))
    by_given = sorted(members, key=lambda index: (people[index].given, people[index].family))
    by_either = sorted(members, key=lambda index: sorted((people[index].family, people[index].given)))
    for order in (by_family, by_given, by_either):
        for place, first in enumerate(order):
            for second in order[place + 1 : place + 1 + _WINDOW]:
                yield (first, second) if first < second else (second, first)


def _compare(a: _Person, b: _Person) -> DuplicatePair | None:
    same_mrn = bool(a.mrn) and a.mrn == b.mrn
    names = _compare_names(a, b)
    if names is _Names.DIFFERENT and not same_mrn:
        return None
    births = _compare_births(a.birth_date, b.birth_date)
    same_phone = not set(a.phones).isdisjoint(b.phones)
    same_place = _same_place(a, b)
    alone, together = _SCORES.get((names, births), (0.0, 0.0))
    score = 1.0 if same_mrn else together if same_phone or same_place else alone
    if not score:
        return None
    said = (
        "same MRN" if same_mrn else "",
        _NAME_WORDS.get(names, "other name"),
        _BIRTH_WORDS.get(births, "other birth date"),
        "same phone" if same_phone else "",
        "same or similar address" if same_place else "",
    )
    return DuplicatePair(a.key, b.key, score, tuple(reason for reason in said if reason))


def _same_place(a: _Person, b: _Person) -> bool:
    """The same street address, give or take a slip of the pen in the street's name."""
    if not a.place or not b.place:
        return False
    return a.place == b.place or (
        a.street_number == b.street_number != "" and within_edits(a.street, b.street, 2)
    )


def _compare_names(a: _Person, b: _Person) -> _Names:
    if a.family == b.family and a.given == b.given:
        return _Names.SAME
    if a.family == b.given and a.given == b.family and a.family and a.given:
        return _Names.SWAPPED
    given = _near(a.given, b.given, a.given_letters, b.given_letters) or _short_form(a.given, b.given)
    if given and _near(a.family, b.family, a.family_letters, b.family_letters):
        return _Names.SIMILAR
    if _near(a.family, b.given, a.family_letters, b.given_letters) and _near(
        a.given, b.family, a.given_letters, b.family_letters
    ):
        return _Names.SIMILAR
    return _Names.GIVEN_ONLY if a.given and a.given == b.given else _Names.DIFFERENT


def _near(a: str, b: str, a_letters: int, b_letters: int) -> bool:
    """Same, or one slip of the pen apart, or two in a longer name. A missing name is near nothing."""
    if a == b:
        return bool(a)
    slips = 2 if min(len(a), len(b)) >= 5 else 1
    if len(a) < 3 or len(b) < 3 or (a_letters ^ b_letters).bit_count() > 2 * slips:
        return False
    return within_edits(a, b, slips)


def _short_form(a: str, b: str) -> bool:
    """An initial or a shortened first name (J., Rob for Robert), or one of them missing."""
    return a.startswith(b) or b.startswith(a)


def _compare_births(a: date | None, b: date | None) -> _Births:
    if a is None or b is None:
        return _Births.MISSING
    if a == b:
        return _Births.SAME
    if a.year == b.year and a.month == b.day and a.day == b.month:
        return _Births.CLOSE
    differing = sum(x != y for x, y in zip(a.isoformat(), b.isoformat(), strict=True))
    return _Births.CLOSE if differing == 1 else _Births.DIFFERENT


def within_edits(a: str, b: str, limit: int) -> bool:
    """True if at most ``limit`` insertions, deletions, replacements or swaps of neighbours turn a into b."""
    if abs(len(a) - len(b)) > limit:
        return False
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (char != other))
            if i > 1 and j > 1 and char == b[j - 2] and a[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(before) >= limit:
            return False
    return row[-1] <= limit


def _letter_set(text: str) -> int:
    bits = 0
    for char in text:
        bits |= 1 << (ord(char) & 31)
    return bits
