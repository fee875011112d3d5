"""People's names: cleaning, folding, showing and taking apart.

Data stays as given; folding is for comparing and searching only. The searched words are in
``search_words``, re-exported here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from carecoord_tui.domain.folding import clean_text, fold
from carecoord_tui.domain.search_words import match_query, search_text

__all__ = [
    "NameParts",
    "clean_text",
    "display",
    "fold",
    "mask",
    "match_query",
    "search_text",
    "split_full_name",
]

NO_NAME = "(no name)"

_PREFIX = re.compile("mr|mrs|ms|miss|mx|dr|prof|rev")
_GENERATION = re.compile("jr|sr|ii|iii|iv")
_CREDENTIAL = re.compile("md|dds|dmd|dvm|phd|rn|np|psyd|esq|dpt|pharmd|lcsw")
# Words that begin a family name when they stand between a given name and the last word.
_PARTICLE = re.compile(
    "van|von|der|den|de|del|della|di|da|dos|das|du|la|le|las|los|al|el|bin|ibn|binti|ben|ter|ten|zu|zum|zur|st"
)


@dataclass(frozen=True, slots=True)
class NameParts:
    """A full name taken apart. ``certain`` is False where another reading is as good: show it."""

    prefix: str = ""
    given: str = ""
    middle: str = ""
    family: str = ""
    suffix: str = ""
    certain: bool = True


def display(family: str, given: str, suffix: str = "", preferred: str = "") -> str:
    """``Alvarez, Rosa``; with all parts ``King Jr., Martin (Mike)``. ``(no name)`` when all are empty."""
    last = " ".join(part for part in (family.strip(), suffix.strip()) if part)
    first = given.strip()
    called = preferred.strip()
    if called and fold(called) != fold(first):
        first = f"{first} ({called})".strip()
    return ", ".join(part for part in (last, first) if part) or NO_NAME


def mask(name: str) -> str:
    """A shown name for privacy mode: ``Alvarez, Rosa`` -> ``A***, R***``; length and the rest are gone."""
    parts = (part.strip(" ()\"'") for part in name.split(","))
    return ", ".join(f"{_first_letter(part)}***" for part in parts if part) or "***"


def _first_letter(text: str) -> str:
    first = unicodedata.normalize("NFC", text)[:1]
    return first if first.isalpha() else ""


def split_full_name(text: str) -> NameParts:
    """Take ``Alvarez, Rosa M.``, ``Rosa M. Alvarez`` or ``Ludwig van Beethoven Jr.`` apart.

    A comma puts the family name first, unless only suffixes follow it. Without one the last word is the
    family name, together with the particles (van, de la, bin) before it; one word alone is a family name.
    """
    parts = [part for part in (" ".join(piece.split()) for piece in text.split(",")) if part]
    suffixes: list[str] = []
    while len(parts) > 1 and all(_is_suffix(word) for word in parts[-1].split()):
        suffixes.insert(0, parts.pop())
    if not parts:
        return NameParts()
    if len(parts) == 1:
        name = _natural_order(parts[0].split())
    else:
        name = _family_first(parts[0].split(), " ".join(parts[1:]).split(), certain=len(parts) == 2)
    return replace(name, suffix=" ".join([*([name.suffix] if name.suffix else []), *suffixes]))


def _key(word: str) -> str:
    return word.replace(".", "").casefold()


def _is_suffix(word: str) -> bool:
    return bool(_GENERATION.fullmatch(_key(word)) or _CREDENTIAL.fullmatch(_key(word)))


def _take_prefix(words: list[str]) -> tuple[str, list[str]]:
    if len(words) > 1 and _PREFIX.fullmatch(_key(words[0])):
        return words[0], words[1:]
    return "", words


def _take_suffixes(words: list[str]) -> tuple[list[str], str]:
    count = 0
    while count < len(words) - 1 and _is_suffix(words[-1 - count]):
        count += 1
    kept = len(words) - count
    return words[:kept], " ".join(words[kept:])


def _family_first(family: list[str], rest: list[str], *, certain: bool) -> NameParts:
    """The form with a comma. ``Smith, Jr., John`` arrives with the suffix leading the rest."""
    family, suffix = _take_suffixes(family)
    if len(rest) > 1 and _is_suffix(rest[0]):
        suffix, rest, certain = f"{suffix} {rest[0]}".strip(), rest[1:], True
    prefix, rest = _take_prefix(rest)
    rest, tail = _take_suffixes(rest)
    return NameParts(
        prefix=prefix,
        given=rest[0] if rest else "",
        middle=" ".join(rest[1:]),
        family=" ".join(family),
        suffix=f"{suffix} {tail}".strip(),
        certain=certain,
    )


def _natural_order(words: list[str]) -> NameParts:
    prefix, words = _take_prefix(words)
    words, suffix = _take_suffixes(words)
    if len(words) == 1:
        return NameParts(prefix=prefix, family=words[0], suffix=suffix)
    start = _family_start(words)
    middle = words[1:start]
    capital_particle = start < len(words) - 1 and not words[start].islower()
    guessed_middle = any(len(_key(word)) > 1 for word in middle)
    return NameParts(
        prefix=prefix,
        given=words[0],
        middle=" ".join(middle),
        family=" ".join(words[start:]),
        suffix=suffix,
        certain=not (capital_particle or guessed_middle),
    )


def _family_start(words: list[str]) -> int:
    """Index where the family name begins: its first particle after the given name, or the last word."""
    for index in range(1, len(words) - 1):
        if _PARTICLE.fullmatch(_key(words[index])):
            return index
    return len(words) - 1
