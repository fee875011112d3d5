"""ICD-10-CM codes as typed and as the public code file lists them. Pure; the table itself is not shipped."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.identifiers import IdentifierError, normalize_icd10cm

MAX_CODES = 12
"""A claim holds twelve diagnoses (CMS-1500, item 21); a referral needs no more."""
WORDS_LIMIT = 300
_BETWEEN = re.compile(r"[,;]")
_HEADER = re.compile(r"\W*(icd|code|diagnosis|dx)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A code with its point, and its official words."""

    code: str
    words: str


class MalformedLine(ValueError):
    """A line of a code file that is not a code with its words; the text says what is missing."""


def parse_codes(text: str) -> tuple[str, ...]:
    """Codes typed in a row, each normalized, in the order typed and once each.

    Commas, semicolons or blanks stand between them. Raises IdentifierError, naming the place of the first
    that has not the shape of a code, or when there are more than ``MAX_CODES``.
    """
    codes: list[str] = []
    for place, piece in enumerate(re.split(r"[,;\s]+", text.strip(" ,;")), 1):
        if not piece:
            continue
        try:
            codes.append(normalize_icd10cm(piece))
        except IdentifierError as error:
            raise IdentifierError(f"Code {place}: {error}") from error
    distinct = tuple(dict.fromkeys(codes))
    if len(distinct) > MAX_CODES:
        raise IdentifierError(f"A referral takes {MAX_CODES} codes; leave out the least important.")
    return distinct


def split_last(text: str) -> tuple[str, str]:
    """The codes that are finished, as typed, and what is being typed after the last comma.

    Codes with only blanks between them are finished too: ``E11.9 chest pain`` is a code and two words.
    """
    cut = max((match.end() for match in _BETWEEN.finditer(text)), default=0)
    done, rest = text[:cut], text[cut:].strip()
    while " " in rest and is_code(rest.split(" ", 1)[0]):
        first, rest = rest.split(" ", 1)
        done, rest = f"{done} {first},", rest.strip()
    return done.strip(), rest


def is_code(text: str) -> bool:
    """True when the text has the shape of a code."""
    try:
        normalize_icd10cm(text)
    except IdentifierError:
        return False
    return True


def read_line(line: str) -> Diagnosis | None:
    """One line of a code file: the CMS layout (code, blanks, words), or two columns with comma or tab.

    None for an empty line and for a line of column titles. Raises MalformedLine.
    """
    if not line.strip():
        return None
    code, words = _columns(line)
    words = clean_text(words, WORDS_LIMIT)
    try:
        normal = normalize_icd10cm(code)
    except IdentifierError as error:
        if _HEADER.match(line) and not any(char.isdigit() for char in words):
            return None
        raise MalformedLine("the line does not begin with an ICD-10-CM code") from error
    if not words:
        raise MalformedLine("the code has no words")
    return Diagnosis(normal, words)


def _columns(line: str) -> tuple[str, str]:
    """The first two columns of a line, whichever way they are parted."""
    line = line.strip("\r\n")
    if "\t" in line:
        parts = next(csv.reader([line], delimiter="\t"), [])
    elif re.match(r'\s*("|[^\s,]+,)', line):
        parts = next(csv.reader([line], skipinitialspace=True), [])
    else:
        parts = line.split(maxsplit=1)
    return (parts[0].strip(), parts[1].strip()) if len(parts) > 1 else ((parts or [""])[0].strip(), "")
