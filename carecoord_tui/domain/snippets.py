"""Short words that stand for texts: ``;vm`` and a space in a note become the whole sentence.

Pure text work. What a snippet may fill in by itself is in :data:`FIELDS`; a blank ``__`` is for the hand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from carecoord_tui.domain.date_words import format_day, format_time

WORD_LIMIT, TITLE_LIMIT, TEXT_LIMIT = 24, 120, 4000
BLANK = "__"
_WORD = re.compile(r"[a-z0-9][a-z0-9-]*")
_TYPED = re.compile(r"(?:^|(?<=\s)|(?<=[(\"]));([A-Za-z0-9][A-Za-z0-9-]*)([\s.,)!?])$")
_INNER = re.compile(r"(?:^|(?<=\s)|(?<=[(\"]));[A-Za-z0-9]\S*")
_FIELD = re.compile(r"\{([a-z]+)\}")


class SnippetError(ValueError):
    """A snippet that cannot be kept; the sentence says what to change."""


@dataclass(frozen=True, slots=True)
class SnippetText:
    """A word and what it stands for. ``id`` is None for one that comes with the program."""

    word: str
    title: str
    text: str
    is_template: bool = False
    id: int | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Filled:
    """What snippets know by themselves at the moment of typing, in the practice's time."""

    at: datetime
    user: str
    practice: str
    number: str

    def fields(self) -> dict[str, str]:
        """The value of every field; an unknown one stays a blank, never an empty hole."""
        return {
            "date": format_day(self.at.date()),
            "time": format_time(self.at.time()),
            "me": self.user or BLANK,
            "practice": self.practice or BLANK,
            "number": self.number or BLANK,
        }


FIELDS = ("date", "time", "me", "practice", "number")
"""What may stand in braces: ``{date}``."""

BUILT_IN = (
    SnippetText("vm", "minimal voicemail", "Left minimal message {time}: name and number only."),
    SnippetText("na", "no answer", "No answer {time}, no message left."),
    SnippetText("ref", "payer's reference", "Spoke with __ at __, reference __."),
    SnippetText("fax", "fax sent", "Faxed to __ {date} {time}, __ pages, confirmation __."),
    SnippetText("cb", "callback number given", "Asked to call back at {number}."),
    SnippetText("dob", "identity checked", "Identity checked by name and birth date."),
    SnippetText(
        "call",
        "call with a payer",
        "Payer: __\nSpoke with: __\nReference: __\nSaid: __\nNext step: __ by __",
        is_template=True,
    ),
    SnippetText(
        "visit",
        "before a visit",
        "Visit: __\nRide: __\nInterpreter: __\nRecords to bring: __\nAuthorization: __",
        is_template=True,
    ),
    SnippetText(
        "home",
        "after a hospital stay",
        "Medicines: __\nEquipment: __\nFollow-up visits: __\nCaregiver: __\nUnderstood, in own words: __",
        is_template=True,
    ),
)
"""What stands ready on the first day; a practice's own snippet of the same word takes its place."""


def together(own: Mapping[str, SnippetText]) -> dict[str, SnippetText]:
    """Every snippet by its word: the practice's own before those of the program."""
    return {one.word: one for one in BUILT_IN} | dict(own)


def checked(word: str, title: str, text: str) -> tuple[str, str, str]:
    """The parts as they are kept; raises SnippetError for what cannot be.

    A field in braces that nobody knows would be written into notes as it stands, so it is refused.
    """
    word = word.strip().removeprefix(";").lower()
    if not _WORD.fullmatch(word) or len(word) > WORD_LIMIT:
        raise SnippetError(f"A short word has letters, digits and dashes, {WORD_LIMIT} at most: vm, no-ride.")
    if not text.strip():
        raise SnippetError("Write what the short word stands for.")
    if len(text) > TEXT_LIMIT:
        raise SnippetError(f"A snippet holds {TEXT_LIMIT:,} characters and this has {len(text):,}.")
    if inner := _INNER.search(text):
        raise SnippetError(f"A snippet cannot hold another one: take {inner[0].strip()} out of the text.")
    unknown = sorted(set(_FIELD.findall(text)) - set(FIELDS))
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in FIELDS)
        raise SnippetError(f"{{{unknown[0]}}} is no field; there are {known}. A blank to fill is {BLANK}.")
    return word, title.strip()[:TITLE_LIMIT], text.strip("\n")


def filled(snippet: SnippetText, known: Filled) -> str:
    """The snippet's text with its fields filled in."""
    values = known.fields()
    return _FIELD.sub(lambda match: values.get(match[1], match[0]), snippet.text)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A snippet word that was just completed: ``start`` is where its semicolon stands."""

    word: str
    start: int
    after: str  # the character that completed it


def completed(before: str) -> Trigger | None:
    """The word completed by the last character typed, given the text up to the cursor."""
    match = _TYPED.search(before)
    return None if match is None else Trigger(match[1].lower(), match.start(1) - 1, match[2])


def expand(before: str, snippets: Mapping[str, SnippetText], known: Filled) -> str | None:
    """The text up to the cursor with its last word written out; None when it is no snippet's."""
    trigger = completed(before)
    if trigger is None or trigger.word not in snippets:
        return None
    return before[: trigger.start] + filled(snippets[trigger.word], known) + trigger.after
