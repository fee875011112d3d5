"""What the fonts of the PDF cannot draw: a mark in its place, and words that say so, on paper and screen."""

from __future__ import annotations

MARK = "[?]"
"""Printed for each such character; Markdown and text keep the character itself."""


def paper_words(count: int) -> str:
    """The last line of a PDF with marks."""
    return f"{_subject(count)} drawn here and {_stand(count)} as {MARK}: see the record."


def screen_words(count: int) -> str:
    """What whoever made the PDF is told; empty without marks."""
    return f"{_subject(count)} drawn and {_stand(count)} as {MARK}: check the paper." if count else ""


def _subject(count: int) -> str:
    return "1 character could not be" if count == 1 else f"{count:,} characters could not be"


def _stand(count: int) -> str:
    return "stands" if count == 1 else "stand"
