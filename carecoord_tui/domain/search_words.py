"""The words a patient is found by, and the query made of what a user types.

Both sides meet in the same tokens, so that any usual way to write a phone, a date or a name finds the
same row by prefix (SQLite FTS5, tokenizer unicode61). Dates are stored as tagged tokens (``b19610314``
year first, ``d03141961`` month first), so that the last four digits of a phone never match a birthday.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from carecoord_tui.domain.date_order import DateOrder
from carecoord_tui.domain.date_words import MONTH_BY_NAME
from carecoord_tui.domain.folding import fold

MAX_QUERY = 200  # characters of a query that are looked at
MAX_TERMS = 12
MAX_JOINED = 4  # words of one name that are also stored run together

_MONTH = "|".join(sorted(MONTH_BY_NAME, key=len, reverse=True))
_TOKENS = re.compile(
    rf"""(?<![^\W_])(?:
      (?P<ymd>(?:1[89]|20)[0-9]{{2}})(?P<s>[-/.])(?P<ym>[0-9]{{0,2}})(?:(?P=s)(?P<yd>[0-9]{{0,2}}))?(?![0-9/.-])
    | (?P<a>[0-9]{{1,2}})(?P<t>[-/.])(?P<b>[0-9]{{0,2}})(?:(?P=t)(?P<c>[0-9]{{0,4}}))?(?![0-9/.-])
    | (?P<wd>[0-9]{{1,2}})[ -](?P<wm>{_MONTH})\.?(?:[ ,-]+(?P<wy>[0-9]{{1,4}}))?(?![^\W_])
    | (?P<vm>{_MONTH})\.?[ ](?P<vd>[0-9]{{1,2}})(?:,?[ ]+(?P<vy>[0-9]{{1,4}}))?(?![^\W_])
    | (?P<us>(?:\+?1[ .-]*)?\(?[0-9]{{3}}\)?[ .-]*[0-9]{{3}}[ .-]*[0-9]{{4}})(?![0-9])
    | (?P<intl>\+[0-9][0-9 ().-]*)
    | (?P<word>[^\W_](?:[^\W_]|['.\-/](?=[^\W_]))*)
    )""",
    re.VERBOSE,
)
_RUN = re.compile(r"[^\W_]+")
_NUMBERED = re.compile(r"[a-z]*(0*([0-9]{2,}))")
_NATIONAL = re.compile(r"\+?1[ .(-]+(?=\(?[0-9]{3}\D)")


def search_text(
    *,
    family: str,
    given: str = "",
    middle: str = "",
    preferred: str = "",
    mrn: str = "",
    birth: date | None = None,
    phones: Iterable[str] = (),
    member_ids: Iterable[str] = (),
    merged: Iterable[tuple[str, str, str]] = (),
) -> str:
    """The folded search column of one patient: distinct tokens, blank-separated.

    Names also joined (``o'neil`` -> ``oneil``), phones (E.164) as national number, seven digits and last
    four, identifiers without punctuation, an MRN also by its number with and without leading zeros.
    ``merged`` are family name, given name and MRN of records that were merged into this one.
    """
    tokens: list[str] = []
    for name in (family, given, middle, preferred):
        tokens += name_tokens(name)
    tokens += _mrn_tokens(mrn)
    tokens += _birth_tokens(birth)
    for phone in phones:
        tokens += _phone_tokens(phone)
    tokens += map(_compact, member_ids)
    for family, given, mrn in merged:
        tokens += [*name_tokens(family), *name_tokens(given), *_mrn_tokens(mrn)]
    return " ".join(dict.fromkeys(token for token in tokens if token))


def match_query(text: str, *, order: DateOrder = DateOrder.MDY) -> str:
    """A safe FTS5 MATCH expression for typed text; ``''`` when there is nothing to search.

    Every token is quoted and taken as a prefix, all of them must match. Numeric dates are read by ``order``
    and may be unfinished (``3/1`` finds 3 January and 3/10 to 3/19 alike).
    """
    folded = _NATIONAL.sub("", fold(text[:MAX_QUERY]))
    terms: list[str] = []
    for match in _TOKENS.finditer(folded):
        terms.extend(_terms_of(match, order))
    return " AND ".join(dict.fromkeys(terms[:MAX_TERMS]))


# --- what is stored --------------------------------------------------------------------------------------


def _words(text: str) -> list[str]:
    """Runs of letters and digits, as unicode61 cuts them."""
    return _RUN.findall(text)


def _compact(text: str) -> str:
    """Letters and digits only."""
    folded = fold(text)
    return folded if folded.isalnum() else "".join(_words(folded))


def name_tokens(name: str) -> list[str]:
    """The stored words of one name, pieces at apostrophes and hyphens also run together."""
    folded = fold(name)
    if folded.isalnum():
        return [folded]
    pieces = folded.split()
    joined = ["".join(_words(piece)) for piece in pieces]
    return [*_words(folded), *joined, "".join(joined) if len(joined) <= MAX_JOINED else ""]


def _mrn_tokens(mrn: str) -> list[str]:
    compact = _compact(mrn)
    number = _NUMBERED.fullmatch(compact)
    return [compact] if number is None else [compact, number[1], number[2]]


def _birth_tokens(birth: date | None) -> list[str]:
    if birth is None:
        return []
    year, month, day = birth.isoformat().split("-")
    return [f"b{year}{month}{day}", f"d{month}{day}{year}"]


def _phone_tokens(phone: str) -> list[str]:
    number = phone.partition(";")[0]
    digits = "".join(char for char in number if char in "0123456789")
    if number.startswith("+1") and len(digits) == 11:
        digits = digits[1:]
    return [digits, digits[-7:] if len(digits) == 10 else "", digits[-4:]]


# --- what is asked ---------------------------------------------------------------------------------------


def _terms_of(match: re.Match[str], order: DateOrder) -> list[str]:
    if match["ymd"]:
        dated = _year_first(match["ymd"], match["ym"], match["yd"])
        return [_any_of([*dated, _prefix(_compact(match[0]))])]
    if match["a"]:
        return [_numeric_date(match, order)]
    if match["wm"] or match["vm"]:
        month = MONTH_BY_NAME[match["wm"] or match["vm"]]
        day, year = match["wd"] or match["vd"], match["wy"] or match["vy"] or ""
        dated = _month_first(f"{month}", day, year, finished=bool(year))
        plain = " AND ".join(_prefix(word) for word in _words(match[0]))
        return [_any_of([*dated, f"({plain})"])]
    if match["us"] or match["intl"]:
        digits = re.sub(r"[^0-9]", "", match[0])
        national = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
        return [_any_of([_prefix(national), *_year_digits(digits)])]
    return _word_terms(match["word"])


def _numeric_date(match: re.Match[str], order: DateOrder) -> str:
    """A date with slashes; with dashes or dots it may as well be an identifier or a piece of a phone."""
    first, second = (match["b"], match["a"]) if order is DateOrder.DMY else (match["a"], match["b"])
    dated = _month_first(first, second, match["c"] or "", finished=match["c"] is not None)
    if match["t"] == "/" and dated:
        return _any_of(dated)
    return _any_of([*dated, _prefix(_compact(match[0]))])


def _word_terms(word: str) -> list[str]:
    """A name is cut at its hyphens, an identifier or a number is not; apostrophes never cut."""
    if any(char.isdigit() for char in word):
        compact = "".join(_words(word))
        return [_any_of([_prefix(compact), *_year_digits(compact)])]
    return [_prefix(token) for token in _words(word.replace("'", "").replace(".", ""))]


def _year_digits(digits: str) -> list[str]:
    """Eight digits may be a birth date, year first."""
    return [_prefix(f"b{digits}")] if re.fullmatch(r"(?:19|20)[0-9]{6}", digits) else []


def _year_first(year: str, month: str, day: str | None) -> list[str]:
    """``1961-3-14``, ``1961-03``, ``1961-0``: the unfinished last part is a prefix."""
    if day is None:
        return [_prefix(f"b{year}{part}") for part in _open_part(month)]
    return [_prefix(f"b{year}{month.zfill(2)}{part}") for part in _open_part(day)]


def _month_first(month: str, day: str, year: str, *, finished: bool) -> list[str]:
    """Terms for month and day; ``finished`` when something was typed after the day."""
    if not month or not day:
        return [_prefix(f"d{part}") for part in _open_part(month)] if month and not finished else []
    days = [day.zfill(2)] if finished else _open_part(day)
    years = [year, *(f"{century}{year}" for century in (19, 20) if len(year) == 2)]
    return [_prefix(f"d{month.zfill(2)}{part}{full}") for part in days for full in years]


def _open_part(digits: str) -> list[str]:
    """Readings of a month or day still being typed: ``1`` is 01 or the start of 10 to 19."""
    return [digits] if len(digits) != 1 else [f"0{digits}", digits] if digits != "0" else ["0"]


def _prefix(token: str) -> str:
    return f'"{token}"*'


def _any_of(terms: list[str]) -> str:
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"
