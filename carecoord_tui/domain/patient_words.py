"""Which words of a typed line name a patient.

Whole words of a name (or a whole MRN) come before beginnings of one. A beginning, and an ordinary word that
happens to be somebody's name (``bill``, ``may``), counts only where a name is meant: with ``@``, with a
capital, or directly after the verb. Everything that fits is returned; choosing is the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.search_words import name_tokens

MIN_PREFIX = 3
_MAX_NAME_WORDS = 5
_ORDINARY = re.compile(
    "art|best|bill|case|chase|day|early|grant|hill|home|hope|land|law|long|mark|may|new|page|park|price|read"
    "|rich|way|week|will|young"
)


@dataclass(frozen=True, slots=True)
class PatientRef:
    """Enough of a patient to choose by: two people of one name differ by birth date and MRN."""

    id: int
    display_name: str
    birth_date: date | None = None
    mrn: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Words ``first`` to ``last`` (inclusive) and the patients they may name."""

    first: int
    last: int
    patients: tuple[PatientRef, ...]
    whole: bool  # every word is a whole word of the name
    insisted: bool  # written with @


def find_named(
    words: Sequence[str | None],
    find: Callable[[str], Sequence[PatientRef]],
    *,
    after_verb: int | None,
) -> list[Found]:
    """Runs of words that name patients, the best sort only; ``None`` words are taken and end a run.

    ``after_verb`` is the index right after the leading verb, if there is one.
    """
    found = []
    index = 0
    while index < len(words):
        run = _run_at(words, index, find, meant=index == after_verb or _is_marked(words, index))
        if run is None:
            index += 1
        else:
            found.append(run)
            index = run.last + 1
    for better in (
        [run for run in found if run.insisted],
        [run for run in found if run.whole],
    ):
        if better:
            return better
    return found


def _is_marked(words: Sequence[str | None], index: int) -> bool:
    word = words[index] or ""
    return word.startswith("@") or (index > 0 and word[:1].isupper())


def _run_at(
    words: Sequence[str | None],
    first: int,
    find: Callable[[str], Sequence[PatientRef]],
    *,
    meant: bool,
) -> Found | None:
    word = words[first]
    query = bare_word(word or "")
    if word is None or len(query) < 2:
        return None
    patients = [patient for patient in find(query) if _fits(query, patient)]
    whole = [patient for patient in patients if _is_whole(query, patient)]
    ordinary = word.islower() and bool(_ORDINARY.fullmatch(query))
    if whole:
        patients = whole
    if not patients or (not meant and (ordinary or not whole)):
        return None
    last = first
    queries = [query]
    while (longer := _extended(words, last + 1, queries, find)) and last - first + 1 < _MAX_NAME_WORDS:
        patients, last = longer, last + 1
    return Found(
        first, last, tuple(patients), bool(whole) and not (ordinary and last == first), word[0] == "@"
    )


def _extended(
    words: Sequence[str | None], index: int, queries: list[str], find: Callable[[str], Sequence[PatientRef]]
) -> list[PatientRef]:
    """Patients that the run names with one more word, which then joins ``queries``; empty when it ends."""
    word = words[index] if index < len(words) else None
    query = bare_word(word or "")
    if word is None or not query or word.startswith("@"):
        return []
    initial = len(query) == 1 and word[0].isupper()
    wanted = [*queries, query]
    patients = [
        patient
        for patient in find(" ".join(wanted))
        if all(_fits(each, patient) for each in queries) and (initial or _is_whole(query, patient))
        if _starts_name(query, patient)
    ]
    if patients:
        queries.append(query)
    return patients


def bare_word(word: str) -> str:
    """A word folded, without ``@``, a possessive ``'s`` and punctuation around or inside it."""
    folded = fold(word).lstrip("@")
    return re.sub(r"[\W_]", "", re.sub(r"'s?[\W_]*$", "", folded))


def _tokens(patient: PatientRef) -> Iterable[str]:
    return (*name_tokens(patient.display_name), bare_word(patient.mrn))


def _is_whole(query: str, patient: PatientRef) -> bool:
    return query in _tokens(patient)


def _starts_name(query: str, patient: PatientRef) -> bool:
    return any(token.startswith(query) for token in _tokens(patient))


def _fits(query: str, patient: PatientRef) -> bool:
    """A beginning of three letters, or digits that the search found in a phone or an MRN."""
    if _is_whole(query, patient) or (query.isdecimal() and len(query) >= 4):
        return True
    return len(query) >= MIN_PREFIX and _starts_name(query, patient)
