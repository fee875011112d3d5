"""Cleaning text from outside, and folding it for comparison."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"  # ZWNJ and ZWJ carry meaning in several scripts and in emoji
_ENDS = " \n" + _JOINERS
# Letters that NFKD leaves whole, and the marks people type for an apostrophe.
_APOSTROPHES = "\u2018\u2019\u02bb\u02bc\u02b9\u02bd`"
_LETTERS = str.maketrans("łđøðıħŋŧ" + _APOSTROPHES, "ldodihnt" + "'" * len(_APOSTROPHES)) | {
    ord("ß"): "ss",
    ord("æ"): "ae",
    ord("œ"): "oe",
    ord("þ"): "th",
}


def fold(text: str) -> str:
    """Lower case without accents, for search and comparison: ``Łukasz O’Neil`` -> ``lukasz o'neil``.

    Case folding, NFKD without combining marks, and the letters NFKD does not take apart. Idempotent.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return bare.translate(_LETTERS)


def clean_text(text: str, limit: int, *, multiline: bool = False) -> str:
    """Outside text made safe to store and show, at most ``limit`` characters, NFC.

    Control characters (C0, C1, so ESC too), format characters (bidi overrides, zero width; ZWJ and ZWNJ
    stay inside a word) and lone surrogates are removed, white space becomes single blanks. ``multiline``
    keeps line breaks, at most one empty line in a row.
    """
    if multiline:
        lines = [clean_text(line, limit) for line in text.splitlines()]
        kept = [line for index, line in enumerate(lines) if line or (index and lines[index - 1])]
        return _cut("\n".join(kept), limit)
    if text.isascii() and text.isprintable():
        return _cut(" ".join(text.split()), limit)
    visible = "".join(char if _stays(char) else " " if char.isspace() else "" for char in text)
    return _cut(unicodedata.normalize("NFC", " ".join(visible.split())), limit)


def _stays(char: str) -> bool:
    return char in _JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs")


def _cut(text: str, limit: int) -> str:
    """Cut without leaving a base letter stripped of its marks."""
    end = max(limit, 0)
    while 0 < end < len(text) and unicodedata.combining(text[end]):
        end -= 1
    return text[:end].strip(_ENDS)
