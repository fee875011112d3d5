"""The small vocabulary of a quick-add line: its words, its verbs and how its title is worded."""

from __future__ import annotations

import re
from dataclasses import dataclass

from carecoord_tui.domain.vocabulary import FollowUpKind

# Dropped from the title together with the patient or the date they stand before.
PREPOSITIONS = frozenset(("for", "to", "with", "from", "of", "re", "about"))

_WORDS = re.compile(r'"(?P<quoted>[^"]*)"|“(?P<curly>[^”]*)”|(?P<plain>\S+)')
_TOPIC = re.compile(r"(?:about|re:?|regarding) +", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the line with its place; a quoted run of words is one word that is never read."""

    text: str
    start: int
    end: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """What a leading verb stands for. ``colon``: its object was the patient, so ``Call: CGM supplies``."""

    kind: FollowUpKind
    colon: bool = False


VERBS: dict[str, Verb] = {
    **dict.fromkeys(("call", "phone", "ring"), Verb(FollowUpKind.CALL, colon=True)),
    **dict.fromkeys(
        ("fax", "send", "mail", "print", "file", "sign", "submit", "gather", "fill", "scan"),
        Verb(FollowUpKind.PAPERWORK),
    ),
    **dict.fromkeys(("chase", "ask", "request", "obtain"), Verb(FollowUpKind.CHASE)),
    **dict.fromkeys(("book", "schedule", "confirm"), Verb(FollowUpKind.VISIT)),
    **dict.fromkeys(("teach", "educate"), Verb(FollowUpKind.EDUCATION, colon=True)),
    **dict.fromkeys(("apply", "enroll"), Verb(FollowUpKind.ASSISTANCE)),
}


def words_of(text: str) -> list[Word]:
    """The words of a line in order."""
    words = []
    for match in _WORDS.finditer(text):
        plain = match["plain"]
        inner = plain if plain is not None else match["quoted"] or match["curly"] or ""
        words.append(Word(inner, match.start(), match.end(), quoted=plain is None))
    return words


def title_of(verb: str, rest: str) -> str:
    """``call`` and ``CGM assistance`` -> ``Call: CGM assistance``; without a verb the rest, capitalized."""
    rest = rest.strip(" ,;:.")
    if not verb:
        return rest[:1].upper() + rest[1:]
    colon = VERBS[verb].colon
    if colon:
        rest = _TOPIC.sub("", rest, count=1) if _TOPIC.match(rest) else rest
    return f"{verb.capitalize()}{':' if colon and rest else ''} {rest}".strip()
