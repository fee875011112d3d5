"""Reading the words of a patient list: sex, risk tier, status, yes and no, dates without guessing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from typing import Generic, NamedTuple, TypeVar

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.dates import DateError, TooLongAgo, parse_birth_date, parse_when
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import IdentifierError, parse_phone
from carecoord_tui.domain.vocabulary import PatientStatus, Risk, Sex
from carecoord_tui.exchange.quoting import BLANK_NAME_WORDS as BLANK_NAME_WORDS
from carecoord_tui.exchange.quoting import BLANK_WORDS as BLANK_WORDS
from carecoord_tui.exchange.quoting import unquoted
from carecoord_tui.exchange.tabular import EXCEL_ERRORS, Cell, cell_text

T = TypeVar("T")

MAX_NOTES = 20_000
"""Characters of a note; no other text is longer."""

_SEXES = {
    **dict.fromkeys(("f", "female", "w", "woman", "girl", "fem"), Sex.FEMALE),
    **dict.fromkeys(("m", "male", "man", "boy"), Sex.MALE),
    **dict.fromkeys(("o", "other", "x", "nonbinary", "non-binary", "nb", "diverse", "intersex"), Sex.OTHER),
    **dict.fromkeys(("u", "unk", "undifferentiated", "not recorded", "declined", "undisclosed"), Sex.UNKNOWN),
}
# Numbers are not read: tier 1 is the highest in one practice and the lowest in the next.
_RISKS = {
    **dict.fromkeys(
        ("high", "h", "high risk", "very high", "highest", "red", "complex", "severe"), Risk.HIGH
    ),
    **dict.fromkeys(
        (
            "rising",
            "rising risk",
            "r",
            "medium",
            "med",
            "m",
            "moderate",
            "mod",
            "medium risk",
            "moderate risk",
        ),
        Risk.RISING,
    ),
    **dict.fromkeys(("yellow", "amber"), Risk.RISING),
    **dict.fromkeys(("low", "l", "low risk", "green", "minimal", "stable"), Risk.LOW),
}
# Only words that cannot mean a form or a task: a patient wrongly read as discharged is never called.
_STATUSES = {
    **dict.fromkeys(("active", "enrolled", "current", "open"), PatientStatus.ACTIVE),
    **dict.fromkeys(("on hold", "hold", "on-hold", "paused", "suspended"), PatientStatus.ON_HOLD),
    **dict.fromkeys(
        ("discharged", "disenrolled", "graduated", "inactive", "left practice", "moved away"),
        PatientStatus.DISCHARGED,
    ),
    **dict.fromkeys(("deceased", "dead", "died", "expired", "passed away"), PatientStatus.DECEASED),
}
_YES = frozenset(("y", "yes", "true", "1", "x", "t", "deceased", "dead", "died", "expired"))
_NO = frozenset(("n", "no", "false", "0", "f", "alive", "living"))

_COMPACT_DATE = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_NO_TIME = re.compile(r"[ T]0?0:00(:00(\.0+)?)?Z?$")
_SECONDS = re.compile(r"(\d{1,2}:\d\d):\d\d(\.\d+)?Z?\b")
_EMAIL = re.compile(r"[^\s@<>\"(),;:\\]+@[^\s@<>\"(),;:\\]+\.[^\s@<>\"(),;:\\.]{2,}")
_ANOTHER_TODAY = timedelta(days=373)


class Remembered(Generic[T]):
    """A reader of texts that remembers its answers; a column repeats few values many times."""

    def __init__(self, read: Callable[[str], T], size: int = 50_000) -> None:
        self._read = read
        self._size = size
        self._answers: dict[str, T] = {}

    def __call__(self, text: str) -> T:
        try:
            return self._answers[text]
        except KeyError:
            answer = self._read(text)
            if len(self._answers) < self._size:
                self._answers[text] = answer
            return answer


def read_sex(text: str) -> Sex | None:
    """FHIR administrative gender, or None when the word is not known."""
    return _SEXES.get(text.casefold().rstrip("."))


def read_risk(text: str) -> Risk | None:
    """A risk tier in words or colours, or None; numbers are not read (see ``_RISKS``)."""
    return _RISKS.get(text.casefold().rstrip("."))


def read_status(text: str) -> PatientStatus | None:
    """Where a person stands in the caseload, or None when the word is not known."""
    return _STATUSES.get(text.casefold().replace("_", " ").rstrip("."))


def read_flag(text: str) -> bool | None:
    """Yes or no, or None when it is neither."""
    word = text.casefold()
    return True if word in _YES else False if word in _NO else None


def is_email(text: str) -> bool:
    """True for one plain address."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


class FileDate(NamedTuple):
    """A calendar date out of a file."""

    on: date
    at: time | None = None
    has_year: bool = True
    """False when the year had to be supplied."""
    is_whole: bool = True
    """False when text after the date was not understood."""


def read_file_date(text: str, *, today: date, order: DateOrder, past: bool = False) -> FileDate:
    """A calendar date out of a file, with its time if it has one.

    Unlike a date being typed, a date in a file was written on an unknown day: ``tomorrow`` or ``thu`` is
    refused, and a date without a year is the one nearest to today (with ``past`` the latest before it).

    Raises:
        DateError: it is not a calendar date.
    """
    words = _SECONDS.sub(r"\1", _NO_TIME.sub("", _COMPACT_DATE.sub(r"\1-\2-\3", text.strip())))
    when = parse_when(words, today=today, order=order, allow_past=True)
    # A date with its year means the same whatever day it is read on; anything else is relative.
    other = parse_when(words, today=today - _ANOTHER_TODAY, order=order, allow_past=True)
    if when.on == other.on:
        return FileDate(when.on, when.at, True)
    if (when.on.month, when.on.day) != (other.on.month, other.on.day):
        raise DateError("It depends on the day it was written: give a calendar date.")
    return FileDate(_nearest(when.on, today, past=past), when.at, False)


def _nearest(day: date, today: date, *, past: bool) -> date:
    if (day.month, day.day) == (2, 29):
        raise DateError("29 February needs its year.")
    choices = [day.replace(year=today.year + offset) for offset in (-1, 0, 1)]
    if past:
        return max(choice for choice in choices if choice <= today)
    return min(choices, key=lambda choice: abs(choice - today))


def read_birth(today: date, order: DateOrder, text: str) -> tuple[date | None, str]:
    """The birth date, and what is wrong with it; None where the text cannot be one.

    An age above 125 keeps its date: records of people long dead stand in old lists, and what a person
    typing it would be asked to check is here a warning.
    """
    if text in EXCEL_ERRORS:
        return None, "the cell holds an Excel error"
    try:
        return parse_birth_date(text, today=today, order=order), ""
    except TooLongAgo as error:
        return error.day, str(error)
    except DateError as error:
        return None, str(error)


def read_date(today: date, order: DateOrder, past: bool, text: str) -> FileDate | None:
    """``read_file_date``, or None when the text is no calendar date."""
    try:
        return read_file_date(text, today=today, order=order, past=past)
    except DateError:
        pass
    # "12/3/2026 2:30" may be night or afternoon: the day still counts.
    day, _, rest = text.partition(" ")
    try:
        found = read_file_date(day, today=today, order=order, past=past) if rest else None
    except DateError:
        return None
    return found._replace(is_whole=False) if found else None


def read_phones(text: str) -> tuple[str, ...]:
    """One number, or all of several with a separator between them; empty when any is not understood."""
    try:
        return (parse_phone(text),)
    except IdentifierError:
        pass
    for separator in (";", "/", ",", " or ", "|"):
        parts = [part.strip() for part in text.split(separator)]
        if len(parts) > 1 and all(parts):
            try:
                return tuple(dict.fromkeys(parse_phone(part) for part in parts))
            except IdentifierError:
                continue
    return ()


def clean_texts(columns: Sequence[tuple[int, str]], cells: Sequence[Cell]) -> dict[str, str]:
    """Field -> its cell as one clean line; blank ones are absent.

    An apostrophe that only marks text is dropped (``quoting``). The plain case is written out: this is the
    innermost loop of an import.
    """
    texts = {}
    width = len(cells)
    for index, field in columns:
        if index >= width:
            break
        cell = cells[index]
        if not cell:
            continue
        text = cell if isinstance(cell, str) else cell_text(cell)
        if text.isascii() and text.isprintable():
            if " " in text:
                text = " ".join(text.split())
        else:
            text = clean_text(text, MAX_NOTES)
        if text[:1] == "'":
            text = unquoted(text)
        if text:
            texts[field] = text
    return texts
