"""The list's movement keys for a text that scrolls."""

from __future__ import annotations

from textual.containers import VerticalScroll


def scroll(body: VerticalScroll, where: str) -> None:
    """Move a scrolling text: ``down up page_down page_up home end``, at once."""
    moves = {
        "down": body.scroll_down,
        "up": body.scroll_up,
        "page_down": body.scroll_page_down,
        "page_up": body.scroll_page_up,
        "home": body.scroll_home,
        "end": body.scroll_end,
    }
    moves[where](animate=False)
