"""What a cell unmistakably is, by its characters alone: a date, a phone number, an identification number.

Some shapes have two readings: ``12-04-56`` is a day or a chart number filed by terminal digits,
``123-456-7890`` a phone or a member ID, ``1199SEIU`` a number or a payer. Such a cell gives nothing away by
itself (``may_be_number``, ``may_be_name``); what stands beside it decides.
"""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

from carecoord_tui.exchange.row_values import read_phones

_NOT_YET = frozenset(
    ("pending", "applied", "applied for", "requested", "self pay", "selfpay", "see card", "not available")
)
"""What stands for a number that is not there."""
_LEAST_DIGITS = 4
_LEAST_LETTERS = 4
_DIGIT_SHARE = 0.4
_MOST_DIGITS_OF_A_NAME = 5
_YEARS = range(1880, 2101)


class Shape(StrEnum):
    """What a cell unmistakably is; the value is what a message calls it."""

    DATE = "a date"
    TIME = "a time of day"
    PHONE = "a phone number"
    EMAIL = "an e-mail address"
    NUMBER = "an identification number"
    LETTERS = "no digits"
    STATUS = "a status"
    SEVERAL = "several values"


_FULL_DATE = re.compile(
    r"(?<!\d)(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d\d))(?!\d)"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:,? \d{4})?\b"
    r"|\b\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?: \d{4})?\b",
    re.IGNORECASE,
)
_DAY = re.compile(r"(\d{4}|\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{1,2})(?:[ T]\d{1,2}:.*)?")
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.?m\.?)?", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+?1[-. ]?)?(?:\(\d{3}\) ?|\d{3}[-. ])\d{3}[-. ]\d{4}(?: ?(?:x|ext\.?) ?\d+)?")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")
_IN_GROUPS = re.compile(r"\d{1,3}(?:[-. ]\d+)+")  # a day with its whole year in front is none
_WORD = re.compile(r"[A-Za-z]{3}")
_PEOPLE = re.compile(r"[;\n|]|\s[/&+]\s")
_PARTS = re.compile(r"\s*[,;/|\n&]\s*|\s+(?:and|or)\s+|\s+", re.IGNORECASE)
_CLEAR_PARTS = re.compile(r"\s*[,;/|\n&]\s*|\s+(?:and|or)\s+", re.IGNORECASE)


def shape_of(text: str) -> Shape | None:
    """What a cell unmistakably is, or None: most cells may be anything."""
    if _is_day(text):
        return Shape.DATE
    if _TIME.fullmatch(text):
        return Shape.TIME
    if _PHONE.fullmatch(text):
        return Shape.PHONE
    if _EMAIL.fullmatch(text):
        return Shape.EMAIL
    digits = sum(map(str.isdigit, text))
    if digits >= _LEAST_DIGITS and _NUMBER.fullmatch(text) and digits >= _DIGIT_SHARE * len(text):
        return Shape.NUMBER
    if not digits and sum(map(str.isalpha, text)) >= _LEAST_LETTERS and text.casefold() not in _NOT_YET:
        return Shape.LETTERS
    return None


def may_be_number(text: str) -> bool:
    """True for a day or phone number that may as well be somebody's number, written in groups of digits.

    A slash, a bracket or a whole year is never part of one.
    """
    day = _DAY.fullmatch(text)
    return _IN_GROUPS.fullmatch(text) is not None and (day is None or len(day[4]) < 4)


def may_be_name(text: str) -> bool:
    """True for a short number that may as well be a name: ``1199SEIU``, ``CVS1234``, ``1199``."""
    digits = sum(map(str.isdigit, text))
    return digits <= _MOST_DIGITS_OF_A_NAME and (digits == len(text) or _WORD.search(text) is not None)


def has_several_people(text: str) -> bool:
    """True where two names stand in one cell."""
    return _PEOPLE.search(text) is not None


def has_several_days(text: str) -> bool:
    """True where two dates stand in one cell."""
    return len(_FULL_DATE.findall(text)) > 1


def has_several_phones(text: str) -> bool:
    """True where two phone or fax numbers stand in one cell."""
    return len(set(read_phones(text))) > 1


def has_several_numbers(text: str) -> bool:
    """Two or more numbers of one pattern (``1001 1002``, ``A-17 / A-18``), and not one in uneven groups."""
    if len(text) <= 2 * _LEAST_DIGITS:
        return False
    clear = _CLEAR_PARTS.split(text)
    parts = clear if len(clear) > 1 else _PARTS.split(text)
    if len(parts) < 2 or not all(parts):
        return False
    patterns = {re.sub(r"[A-Za-z]", "A", re.sub(r"\d", "9", part)) for part in parts}
    enough = 2 if len(clear) > 1 else _LEAST_DIGITS
    return len(patterns) == 1 and patterns.pop().count("9") >= enough


def group_length(text: str) -> int:
    """Digits of each group where several numbers may be one in even groups (``1234 5678 9012``); else 0."""
    groups = text.split()
    lengths = set(map(len, groups))
    return lengths.pop() if len(lengths) == 1 and all(map(str.isdecimal, groups)) else 0


def _is_day(text: str) -> bool:
    """A day of the calendar, in any order, of a year in which somebody may have lived."""
    found = _DAY.fullmatch(text)
    if found is None:
        return False
    first, middle, last = found[1], found[3], found[4]
    if len(first) == 4:
        return len(last) < 3 and _exists(first, middle, last)
    orders = [(last, first, middle), (last, middle, first)] if len(last) > 1 else []
    if len(first) == len(last) == 2:
        orders.append((first, middle, last))
    return any(_exists(*one) for one in orders)


def _exists(year: str, month: str, day: str) -> bool:
    whole = int(year) if len(year) > 2 else 2000 + int(year)
    try:
        return date(whole, int(month), int(day)).year in _YEARS
    except ValueError:
        return False
