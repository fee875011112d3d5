"""Who may interpret at a visit: a qualified interpreter; family only as the law lets them (45 CFR 92.201).

Source: 45 CFR 92.201(e), 89 FR 37522 (6 May 2024), section 1557 of the Affordable Care Act. A visit that
is booked ahead is not the emergency for which the rule lets a child or an unqualified adult help out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from carecoord_tui.domain.date_words import age_on
from carecoord_tui.domain.folding import fold

CITATION = "45 CFR 92.201(e)"
ADULT_AT = 18
MINOR_REFUSED = (
    f"A minor may not interpret outside an emergency ({CITATION}(3)): book a qualified interpreter."
)
ONLY_WHEN_ASKED = (
    f"Family may interpret only when the patient asks for it, in private with a qualified interpreter"
    f" present, and the relative agrees ({CITATION}(2))."
)
ASKED_FOR = f"The patient asked for a relative to interpret, and the relative agreed ({CITATION}(2))."
"""What the record must hold when an adult of the family interprets."""

_FAMILY = frozenset({
    "aunt", "boy", "boyfriend", "brother", "child", "cousin", "dad", "daughter", "family", "father",
    "fiance", "fiancee", "friend", "girl", "girlfriend", "godchild", "goddaughter", "godson",
    "grandchild", "granddaughter", "grandfather", "grandkid", "grandma", "grandmother", "grandpa",
    "grandparent", "grandson", "husband", "kid", "mom", "mother", "neighbor", "neighbour", "nephew",
    "niece", "parent", "partner", "relative", "roommate", "sibling", "sister", "son", "spouse",
    "stepchild", "stepdaughter", "stepfather", "stepmother", "stepson", "teen", "teenager", "uncle",
    "wife",
    # the plurals that are no word and s, and what Spanish-speaking families say
    "children", "families", "godchildren", "grandchildren", "stepchildren", "wives",
    "amiga", "amigo", "esposa", "esposo", "familia", "hermana", "hermano", "hija", "hijo", "madre",
    "marido", "mama", "nieta", "nieto", "nina", "nino", "padre", "papa", "sobrina", "sobrino", "tia",
    "tio", "vecina", "vecino",
})  # fmt: skip
_OF_FIRMS = frozenset({"families", "family", "friend", "neighbor", "neighbour", "partner"})
"""Family words that firms bear in their names: ``Family Language Services`` is nobody's relative."""
_FILLER = frozenset({
    "a", "an", "and", "as", "be", "by", "her", "his", "in", "interpreter", "interpreting", "interprets",
    "is", "la", "law", "my", "of", "patient", "patients", "s", "su", "the", "their", "will",
})  # fmt: skip
"""Words around a family word that are no name: ``the patient's daughter``."""
_FIRM = frozenset({"agency", "inc", "language", "line", "llc", "service", "services", "translation"})
"""Words of a firm. ``interpreter`` is none: ``the daughter will be the interpreter``."""


@dataclass(frozen=True, slots=True)
class Companion:
    """Somebody around the patient, as far as it matters here. ``birth_date`` None: not on file."""

    name: str
    relationship: str = ""
    birth_date: date | None = None

    @property
    def shown(self) -> str:
        """``Linh Nguyen (daughter)``."""
        return f"{self.name} ({self.relationship})" if self.relationship else self.name


@dataclass(frozen=True, slots=True)
class Age:
    """How old somebody is said to be: by birth date, or in completed years."""

    years: int | None = None
    born: date | None = None

    def in_years(self, on: date) -> int | None:
        """Completed years on a day, 0 before the birth; None when nobody told."""
        if self.born is None:
            return self.years
        return age_on(self.born, on) if self.born <= on else 0


NOT_TOLD = Age()


class Verdict(Enum):
    """What the rule says of somebody who is to interpret."""

    FREE = "free"  # not family, or a qualified adult, or an adult for whom the patient asked
    ASK_AGE = "ask age"
    ASK_REQUEST = "ask request"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict and its words; ``who`` is the person it is about, None for a stranger to the patient."""

    verdict: Verdict
    words: str = ""
    who: Companion | None = None


def companions_named(name: str, companions: Sequence[Companion]) -> list[Companion]:
    """Whom a typed name means among the people around the patient.

    A name matches by its words (``Linh``, ``Nguyen, Linh``), a family word by the relationship
    (``daughter``). A family word that fits nobody on file is somebody of unknown age. Empty for a
    stranger, such as the interpreter of an agency.
    """
    words = _words(name)
    family = frozenset(word for word in words if _is_family(word))
    if words & _FIRM and {word.removesuffix("s") for word in family} <= _OF_FIRMS:
        family = frozenset()
    # Filler is taken away only where the whole is nobody's name: An and My are names too.
    for names in (words, words - family, words - family - _FILLER):
        found = [one for one in companions if names and _same_name(names, _words(one.name))]
        if found:
            return found
    if words - family - _FILLER:  # a name that nobody on file has: another one than who is on file
        return [Companion(" ".join(name.split()))] if family else []
    relations = frozenset(word.removesuffix("s") for word in family) | family
    found = [one for one in companions if relations & _words(one.relationship)]
    return found or ([Companion(" ".join(name.split()))] if family else [])


def _is_family(word: str) -> bool:
    """A family word, also of several: ``sons``."""
    return word in _FAMILY or word.removesuffix("s") in _FAMILY


def judge(
    name: str,
    companions: Sequence[Companion],
    *,
    on: date,
    told: Age = NOT_TOLD,
    is_qualified: bool = False,
    patient_asked: bool = False,
) -> Ruling:
    """Whether the person of this name may interpret at a visit on the practice-local day ``on``.

    ``told`` is what somebody said, used only where no birth date is on file: an age is never assumed. A
    minor is refused, qualified or not. A qualified adult is free to interpret, another adult of the family
    only where the patient asked. Of several people of that name the strictest ruling holds.
    """
    rulings = [
        _judge_one(one, on=on, told=told, is_qualified=is_qualified, patient_asked=patient_asked)
        for one in companions_named(name, companions)
    ]
    order = (Verdict.REFUSED, Verdict.ASK_AGE, Verdict.ASK_REQUEST, Verdict.FREE)
    return min(rulings, key=lambda ruling: order.index(ruling.verdict), default=Ruling(Verdict.FREE))


def _judge_one(one: Companion, *, on: date, told: Age, is_qualified: bool, patient_asked: bool) -> Ruling:
    age = (told if one.birth_date is None else Age(born=one.birth_date)).in_years(on)
    if age is None:
        words = f"How old is {one.shown}? Type the age or birth date: a minor may not interpret ({CITATION})."
        return Ruling(Verdict.ASK_AGE, words, one)
    if age < ADULT_AT:
        return Ruling(Verdict.REFUSED, MINOR_REFUSED, one)
    if is_qualified or patient_asked:
        return Ruling(Verdict.FREE, "", one)
    return Ruling(Verdict.ASK_REQUEST, ONLY_WHEN_ASKED, one)


def _words(text: str) -> frozenset[str]:
    """The words of a text, folded, without punctuation."""
    letters = "".join(char if char.isalnum() else " " for char in fold(text))
    return frozenset(letters.split())


def _same_name(typed: frozenset[str], known: frozenset[str]) -> bool:
    """True when one is part of the other; a single word on file does not make a longer name the same."""
    return bool(known) and (typed <= known or (len(known) > 1 and known <= typed))
