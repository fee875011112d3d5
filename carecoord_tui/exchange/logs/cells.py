"""Readers of cells: a cell becomes a typed value, or stops its row with a reason that repeats no value.

A cell that holds something of another nature than its column (a date where a payer belongs, a name where
units belong) is the sign of a row whose columns slipped: it stops the row, it is never taken for what it
might mean.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.date_words import format_birth
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.icd10 import parse_codes
from carecoord_tui.domain.identifiers import IdentifierError, normalize_npi, normalize_procedure
from carecoord_tui.domain.vocabulary import Worded
from carecoord_tui.exchange.import_plan import is_midnight
from carecoord_tui.exchange.quoting import DATE_SHAPE, UUID_SHAPE, Verbatim
from carecoord_tui.exchange.referral_statuses import fold_status
from carecoord_tui.exchange.rejects import Refused as Refused
from carecoord_tui.exchange.row_values import FileDate, Remembered, read_date, read_flag, read_phones
from carecoord_tui.exchange.tabular import Cell

EARLIEST = date(1900, 1, 1)
_AHEAD = timedelta(days=366 * 30)
_AGO = timedelta(days=366 * 20)
_NO_END = re.compile(r"(?:.*\D)?(?:2[2-9]|[3-9]\d)\d\d(?:\D.*)?")  # 12/31/2999, 9999-12-31
_LAST_YEAR = 2199
_WITH_OFFSET = re.compile(
    r"(?P<local>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?P<offset>Z|[+-]\d\d:?\d\d)", re.IGNORECASE
)
"""FHIR ``dateTime`` and ``instant``, and the blank our exports write instead of the ``T``."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::\d\d(?:\.\d+)?)?)? ?(?P<half>[ap])?\.?m?\.?", re.I
)
_MILITARY = re.compile(r"([01]\d|2[0-3])([0-5]\d)")
_WHOLE = re.compile(r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.0+)?")
_NIGHT_ENDS = 7


@dataclass(slots=True)
class Here:
    """Where and when a file is read: the practice's day and zone, the order of the dates of each column."""

    today: date
    zone: ZoneInfo
    orders: Mapping[str, DateOrder]
    warn: Callable[[str, str], None]
    """Called with (field, reason) for something that is taken otherwise than it stands."""
    _dates: dict[tuple[str, bool], Remembered[FileDate | None]] = field(default_factory=dict)

    def calendar_date(self, name: str, text: str, *, past: bool) -> FileDate | None:
        """The calendar date of a cell in this column; None when it is none."""
        if (name, past) not in self._dates:
            order = self.orders.get(name, DateOrder.MDY)
            self._dates[name, past] = Remembered(partial(read_date, self.today, order, past))
        return self._dates[name, past](text)

    def instant(self, on: date, at: time) -> datetime:
        """The aware moment of a practice-local day and time."""
        return datetime.combine(on, at, tzinfo=self.zone)

    def moment(self, text: str) -> Moment | None:
        """A time written with its offset (FHIR ``dateTime``), by the practice's clock; None for other text.

        ``fold`` tells which hour is meant of one that clocks pass twice. Midnight where it was written is
        how systems write a day without a time.
        """
        match = _WITH_OFFSET.fullmatch(text)
        if match is None:
            return None
        try:
            written = datetime.fromisoformat(match["local"] + match["offset"].upper())
        except ValueError:
            return None
        if is_midnight(written):
            return Moment(written.date())
        local = written.astimezone(self.zone)
        return Moment(local.date(), local.time())


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a row, read: field -> value; absent where the file is silent."""

    values: Mapping[str, Any]
    status: Worded | None
    """What the status words mean; None without a status."""

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a field."""
        return self.values.get(name, default)

    def picked(self, *names: str) -> dict[str, Any]:
        """The fields of these names that are there."""
        return {name: self.values[name] for name in names if name in self.values}


class Reader(Protocol):
    """Reads one column. ``text`` is the cell as one clean line and never blank."""

    def read(self, name: str, cell: Cell, text: str, here: Here) -> Any:
        """The value of a cell, None for one that says nothing. Raises Refused."""
        ...


class Holds(StrEnum):
    """What a column of text names; the value is what a message calls it."""

    NAME = "a name"
    NUMBER = "a number of a payer or practice"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Text:
    """Text of at most ``limit`` characters, as the tables allow; a longer one is cut and said so."""

    limit: int
    holds: Holds = Holds.WORDS
    is_id_left_out: bool = False
    """A database id where a name belongs is left out instead of stopping the row."""

    def read(self, name: str, cell: Cell, text: str, here: Here) -> str | None:
        """The text. Raises Refused for a date or a bare number where a name belongs."""
        holds = Holds.WORDS if isinstance(text, Verbatim) else self.holds
        if not isinstance(cell, str) or (holds is not Holds.WORDS and DATE_SHAPE.fullmatch(text)):
            raise Refused(name, f"a date stands where {self.holds.value} belongs")
        if holds is Holds.NAME:
            if UUID_SHAPE.fullmatch(text):
                if self.is_id_left_out:
                    here.warn(name, "a database id, not a name: left out")
                    return None
                raise Refused(name, "a database id, not a name: give a column with the name")
            if not any(char.isalpha() for char in text):
                raise Refused(name, "a number stands where a name belongs")
        if len(text) > self.limit:
            here.warn(name, f"longer than {self.limit} characters: cut")
            return clean_text(text, self.limit)
        return text


class Year(StrEnum):
    """What a bare year means where only the year is known."""

    REFUSED = "refused"
    FIRST_DAY = "first"
    LAST_DAY = "last"


@dataclass(frozen=True, slots=True)
class Moment:
    """What a date cell holds: a day and, where it says, the time."""

    on: date
    at: time | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar date. ``past`` ones have happened in the working life of an office."""

    past: bool = False
    ends: bool = False
    """An end, for which systems write a year such as 9999 where there is none."""
    year: Year = Year.REFUSED
    with_time: bool = False
    """The value is a ``Moment`` instead of a date."""
    nearest: bool = False
    """A day without its year is the one nearest to today, which is said."""

    def read(self, name: str, cell: Cell, text: str, here: Here) -> date | Moment | None:
        """The day. Raises Refused for what is no calendar date, or cannot be the year."""
        if self.ends and _is_no_end(cell, text):
            return None
        found = self._found(name, cell, text, here)
        if found is None:
            return None
        if self.past and found.on > here.today:
            raise Refused(name, "the day is ahead")
        earliest = here.today - _AGO if self.past else EARLIEST
        if not earliest <= found.on <= here.today + _AHEAD:
            raise Refused(name, "the year cannot be right")
        return found if self.with_time else found.on

    def _found(self, name: str, cell: Cell, text: str, here: Here) -> Moment | None:
        if isinstance(cell, datetime):
            return Moment(cell.date(), None if is_midnight(cell) else cell.time())
        if isinstance(cell, date):
            return Moment(cell)
        if (moment := here.moment(text)) is not None:
            return moment
        if _YEAR.fullmatch(text) and self.year is not Year.REFUSED:
            first = self.year is Year.FIRST_DAY
            here.warn(name, f"only the year: its {self.year.value} day is used")
            return Moment(date(int(text), 1, 1) if first else date(int(text), 12, 31))
        if read_flag(text) is False:
            return None
        if read_flag(text) is True:
            raise Refused(name, f"it says yes, not the day; give the day, or leave it out with --map {name}=")
        found = here.calendar_date(name, text, past=self.past)
        if found is None:
            raise Refused(name, "not a calendar date")
        if not found.has_year:
            if not self.nearest:
                raise Refused(name, "the date has no year")
            here.warn(name, f"no year: read as {format_birth(found.on)}")
        if not found.is_whole:
            here.warn(name, "only the date is understood, the rest of the cell is left out")
        return Moment(found.on, found.at)


def _is_no_end(cell: Cell, text: str) -> bool:
    if isinstance(cell, date):
        return cell.year > _LAST_YEAR
    return _NO_END.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day: ``8:30 AM``, ``13:05``, ``0830``."""

    def read(self, name: str, cell: Cell, text: str, here: Here) -> time | None:
        """The time. Raises Refused for what is none, and for ``2:30``, which may be night or afternoon."""
        if isinstance(cell, datetime):
            return cell.time()
        if not isinstance(cell, str):
            raise Refused(name, "a date stands where a time belongs")
        if military := _MILITARY.fullmatch(text):
            return time(int(military[1]), int(military[2]))
        match = _CLOCK.fullmatch(text)
        if match is None or not (match["minute"] or match["half"]):
            raise Refused(name, "not a time of day")
        hour, minute = int(match["hour"]), int(match["minute"] or 0)
        half = (match["half"] or "").lower()
        if hour > (12 if half else 23) or minute > 59 or (half and hour == 0):
            raise Refused(name, "not a time of day")
        if half:
            return time(hour % 12 + (12 if half == "p" else 0), minute)
        if 0 < hour < _NIGHT_ENDS and len(match["hour"]) == 1:
            raise Refused(name, "it may be night or afternoon: add AM or PM")
        return time(hour, minute)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``least`` to ``most``."""

    what: str
    most: int
    least: int = 0

    def read(self, name: str, cell: Cell, text: str, here: Here) -> int:
        """The number. Raises Refused for a date, a negative, a part of one and what cannot be right."""
        if not isinstance(cell, str) or DATE_SHAPE.fullmatch(text):
            raise Refused(name, f"a date stands where {self.what} belong")
        if text[:1] in "-−–(" and any(char.isdigit() for char in text):
            raise Refused(name, f"{self.what} cannot be negative")
        match = _WHOLE.fullmatch(text)
        if match is None:
            raise Refused(name, "not a whole number")
        number = int(match[1].replace(",", "")) if len(match[1]) < 16 else self.most + 1
        if not self.least <= number <= self.most:
            raise Refused(name, f"{self.what} must be {self.least:,} to {self.most:,}")
        return number


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words. Words not understood cost themselves and a warning: they only describe."""

    what: str
    words: Mapping[str, Any]
    """Folded words -> value, from ``words_of``."""

    def read(self, name: str, cell: Cell, text: str, here: Here) -> Any:
        """The value; None with a warning for words that are not known. Raises Refused for a date."""
        if not isinstance(cell, str) or DATE_SHAPE.fullmatch(text):
            raise Refused(name, f"a date stands where {self.what} belongs")
        found = self.words.get(fold_status(text))
        if found is None:
            here.warn(name, f"{self.what} not understood: left out")
        return found


@dataclass(frozen=True, slots=True)
class Mark:
    """Whether something is done: yes, no, or the day on which it was."""

    def read(self, name: str, cell: Cell, text: str, here: Here) -> bool | date:
        """True, False or the day. Raises Refused for what is neither."""
        flag = read_flag(text) if isinstance(cell, str) else None
        if flag is not None or fold_status(text) in ("done", "completed", "complete", "open", "pending"):
            return flag if flag is not None else fold_status(text) not in ("open", "pending")
        found = Day(past=True).read(name, cell, text, here)
        return found if isinstance(found, date) else False


@dataclass(frozen=True, slots=True)
class Codes:
    """CPT or HCPCS codes, several with commas, semicolons, slashes or blanks between."""

    most: int = 20

    def read(self, name: str, cell: Cell, text: str, here: Here) -> tuple[str, ...]:
        """The codes, once each. Raises Refused for what has not their shape."""
        if not isinstance(cell, str):
            raise Refused(name, "a date stands where a code belongs")
        try:
            codes = [
                normalize_procedure(part) for part in re.split(r"[,;/|\s]+", text.strip(" ,;/|")) if part
            ]
        except IdentifierError as error:
            raise Refused(name, str(error)) from error
        if len(codes) > self.most:
            raise Refused(name, f"more than {self.most} codes")
        return tuple(dict.fromkeys(codes))


@dataclass(frozen=True, slots=True)
class Diagnoses:
    """ICD-10-CM codes."""

    def read(self, name: str, cell: Cell, text: str, here: Here) -> str:
        """The codes with commas between. Raises Refused for what has not their shape."""
        try:
            return ", ".join(parse_codes(text))
        except IdentifierError as error:
            raise Refused(name, str(error)) from error


@dataclass(frozen=True, slots=True)
class Npi:
    """A National Provider Identifier."""

    def read(self, name: str, cell: Cell, text: str, here: Here) -> str:
        """Ten digits. Raises Refused when the check digit does not fit."""
        try:
            return normalize_npi(text)
        except IdentifierError as error:
            raise Refused(name, str(error)) from error


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone or fax number of an office, E.164."""

    def read(self, name: str, cell: Cell, text: str, here: Here) -> str | None:
        """The first number; one that is not understood is left out and said so. Raises Refused."""
        if not isinstance(cell, str) or not any(char.isdigit() for char in text):
            raise Refused(name, "no digits where a phone number belongs")
        numbers = read_phones(text)
        if not numbers:
            here.warn(name, "not a phone number: left out")
            return None
        if len(numbers) > 1:
            here.warn(name, "several numbers: the first is used")
        return numbers[0]


def words_of(members: type[Worded], words: Mapping[Any, str]) -> dict[str, Any]:
    """Folded words -> member: each member's value, its label and the words given with commas between."""
    found: dict[str, Any] = {}
    for member in members:
        for word in (member.value, member.label, *words.get(member, "").split(",")):
            if fold_status(word):
                found[fold_status(word)] = member
    return found
