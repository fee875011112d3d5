"""Untrusted text (names, notes, imported files) made safe to draw in one terminal cell row.

Nothing here reads markup: brackets stay brackets. What goes is what a terminal would *act* on (control
and escape characters, bidirectional overrides) or measure differently from us (joiners, variation
selectors, piles of combining marks), so that a column always ends where we think it does.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from rich.text import Text

MAX_COMBINING_MARKS = 3
"""Marks kept on one base character: enough for Vietnamese and pointed Hebrew, too few to spill over lines."""

_WHITE = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U000e0fff]"
)
_UNSAFE = re.compile(f"{_WHITE.pattern}|{_CONTROL.pattern}|{_INVISIBLE.pattern}")

_ASCII_FORMS = str.maketrans(
    {
        "·": "-", "•": "*", "…": "...", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-",
        "‘": "'", "’": "'", "“": '"', "”": '"', "«": '"', "»": '"', "→": "->", "←": "<-", "↑": "^", "↓": "v",
        "×": "x", "≤": "<=", "≥": ">=", "≠": "!=", "½": "1/2", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l",
        "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "\u00a0": " ",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: it is part of every cache key
class Glyphs:
    """The few signs lists draw themselves, one cell each.

    None is of ambiguous East Asian width except the ellipsis, which only ever stands before a blank.
    """

    bar: str = "▐"  # the cursor
    mark: str = "*"
    thumb: str = "▐"  # scrollbar
    ellipsis: str = "…"
    ascii_only: bool = False


UNICODE = Glyphs()
ASCII = Glyphs(bar=">", thumb="|", ellipsis="~", ascii_only=True)


_chosen: list[bool] = []  # what the config file says, when it says anything


def choose_ascii(value: bool | None) -> None:
    """Let the user's setting win over the locale; None leaves it to the locale."""
    _chosen[:] = [] if value is None else [value]


def wants_ascii(environ: Mapping[str, str] | None = None) -> bool:
    """True when the user chose it, or the locale says that the terminal does not take UTF-8."""
    if _chosen and environ is None:
        return _chosen[0]
    env = os.environ if environ is None else environ
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if not locale:
        return False
    return "utf-8" not in locale.lower() and "utf8" not in locale.lower()


def default_glyphs(environ: Mapping[str, str] | None = None) -> Glyphs:
    """The glyph set that fits this terminal."""
    return ASCII if wants_ascii(environ) else UNICODE


@lru_cache(maxsize=8192)
def safe_text(text: str) -> str:
    """``text`` as one plain line.

    Line breaks and tabs become one blank, other control characters and lone surrogates become ``?`` (so
    an escape sequence shows as harmless letters), invisible and direction-changing characters go.
    """
    if text.isascii() and text.isprintable():
        return text
    if _UNSAFE.search(text):
        text = _WHITE.sub(" ", text)
        text = _CONTROL.sub("?", text)
        text = _INVISIBLE.sub("", text)
    return text if text.isascii() else _limit_marks(text)


def _limit_marks(text: str) -> str:
    """Drop combining marks beyond ``MAX_COMBINING_MARKS`` on one base character."""
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if run <= MAX_COMBINING_MARKS:
            kept.append(char)
    return "".join(kept)


@lru_cache(maxsize=8192)
def to_ascii(text: str) -> str:
    """``text`` in ASCII: ``Núñez`` becomes ``Nunez``, what has no such form becomes ``?``."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_ASCII_FORMS))
    return "".join(
        char if char.isascii() else "?" for char in decomposed if unicodedata.category(char) != "Mn"
    )


def plain(text: str, style: str = "") -> Text:
    """A ``rich.text.Text`` of untrusted text, with no markup read and nothing a terminal would act on."""
    return Text(safe_text(text), style=style, no_wrap=True, end="")


def shown_text(text: str) -> str:
    """Untrusted or our own text for a widget that is no list: safe, and ASCII where that is wanted."""
    safe = safe_text(text)
    return to_ascii(safe) if wants_ascii() else safe


def typeable(text: str) -> str:
    """Pasted text as if it had been typed: no escape or other control character reaches an input."""
    return "".join(char for char in text.replace("\xa0", " ") if char.isprintable() or char in "\n\t")
