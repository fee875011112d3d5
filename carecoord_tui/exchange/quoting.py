"""The apostrophe before a cell: spreadsheets' own mark that what follows is text and nothing else.

Exports set it before what a spreadsheet would run as a formula (OWASP, CSV injection) and before text that
our importers would take for a number, a date or nothing at all; importers take it off again. One apostrophe
is set and one is taken, so whatever begins with apostrophes of its own comes back as it was.
"""

from __future__ import annotations

import re
from enum import Enum

from carecoord_tui.exchange.tabular import EXCEL_ERRORS

BLANK_WORDS = frozenset(
    (
        "",
        "-",
        "--",
        "---",
        "–",
        "—",
        ".",
        "?",
        "na",
        "n/a",
        "none",
        "null",
        "(null)",
        "nil",
        "nan",
        "tbd",
        "unknown",
    )
)
"""What people type for "nothing here" in any column but the name's: None, Na and Null are surnames."""
BLANK_NAME_WORDS = frozenset(("", "-", "--", "---", "–", "—", ".", "?", "n/a", "(null)"))
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
DATE_SHAPE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{2,4}([ T].*)?")
UUID_SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_EMAIL_SHAPE = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")


class Verbatim(str):
    """Text that stood behind an apostrophe: never a word for nothing, never a number or date."""

    __slots__ = ()


class Holds(Enum):
    """What a column of an export holds, as far as its importer is strict about it."""

    ANYTHING = "anything"
    PERSON = "the name of a person"
    NAME = "a name or title"


def quoted(text: str, holds: Holds = Holds.ANYTHING) -> str:
    """``text`` for a cell of an export: with an apostrophe where it would be run or misread without."""
    return f"'{text}" if _can_be_quoted(text) and _must_be_quoted(text, holds) else text


def defused(text: str) -> str:
    """``text`` for a cell of a text file nobody reads back: with an apostrophe where it would be run."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def unquoted(text: str) -> str:
    """What a cell says: ``Verbatim`` where an apostrophe of :func:`quoted` stood before it."""
    return Verbatim(text[1:]) if text[:1] == "'" and _can_be_quoted(text[1:]) else text


def _can_be_quoted(text: str) -> bool:
    """True for everything :func:`quoted` ever sets an apostrophe before; names like ``'t Hooft`` are not."""
    core = text.lstrip("'")
    return bool(text) and (_is_run_or_blank(core, BLANK_WORDS) or _is_no_name(core))


def _must_be_quoted(text: str, holds: Holds) -> bool:
    if text.startswith("'"):
        return True
    if holds is Holds.ANYTHING:
        return _is_run_or_blank(text, BLANK_WORDS)
    words = BLANK_NAME_WORDS if holds is Holds.PERSON else BLANK_WORDS
    return _is_run_or_blank(text, words) or _is_no_name(text)


def _is_run_or_blank(text: str, blank: frozenset[str]) -> bool:
    return text.startswith(FORMULA_STARTS) or text.casefold() in blank or text in EXCEL_ERRORS


def _is_no_name(text: str) -> bool:
    """What a reader of names refuses: no letters at all, a date, a database id, an e-mail address."""
    return not any(map(str.isalpha, text)) or any(
        shape.fullmatch(text) for shape in (DATE_SHAPE, UUID_SHAPE, _EMAIL_SHAPE)
    )
