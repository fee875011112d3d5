"""Choices by key as lines of text: what a sheet offers, and the usual reasons by digit."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from carecoord_tui.domain.settle import Choice
from carecoord_tui.widgets.person_pane import DIM, styled

USUAL_WIDTH = 36
_KEY = "$text-accent bold"


def choice_lines(offered: Sequence[Choice]) -> Content:
    """``x approved  asks number, last day``, one a line."""
    lines = [
        Content.assemble(
            (f" {choice.key} ", _KEY),
            styled(choice.label),
            styled(f"  {choice.asks}" if choice.asks else "", DIM),
        )
        for choice in offered
    ]
    return Content("\n").join(lines)


def usual_lines(usual: Sequence[str]) -> Content:
    """Usual reasons with their digits, two a line."""
    numbered = list(enumerate(usual, 1))
    lines = []
    for start in range(0, len(numbered), 2):
        cells = [
            Content.assemble((f" {number} ", _KEY), styled(words.ljust(USUAL_WIDTH)))
            for number, words in numbered[start : start + 2]
        ]
        lines.append(Content("").join(cells))
    return Content("\n").join(lines)


def batch_line(count: int, walk_key: str) -> Content:
    """``One key: the same answer for all 6.  o one by one``; without the second half where no key is free."""
    words = [styled(f"One key: the same answer for all {count}.")]
    if walk_key:
        words += [
            Content.assemble((f"   {walk_key} ", _KEY)),
            styled("one by one, each its own answer"),
        ]
    return Content("").join(words)
