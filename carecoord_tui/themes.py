"""The two themes of carecoord: one accent, one alarm, one waiting colour; all other text in two strengths.

Every pair of text and ground reaches WCAG AA (4.5:1); ``tests/widgets/test_themes.py`` computes it. Screens
use ``$text``, ``$text-muted``, ``$text-accent``, ``$text-error`` (alarm) and ``$text-warning`` (waiting): the
same names exist in every Textual theme, so any of them can be chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.theme import Theme

if TYPE_CHECKING:
    from textual.app import App


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours a theme is made of. ``ground`` is the screen, ``raised`` a dialog or a bar on it."""

    ground: str
    raised: str
    text: str
    muted: str
    accent: str
    alarm: str
    waiting: str
    line: str  # rules, borders and other marks that are not text: 3:1
    selection: str  # ground of selected text and of the cursor in Textual's own lists


DARK_INKS = Inks(
    ground="#111417",
    raised="#1b2025",
    text="#dfe3e8",
    muted="#a0a9b3",
    accent="#7ab8f5",
    alarm="#ff8f85",
    waiting="#d9b96c",
    line="#75808c",
    selection="#2b3a4a",
)
LIGHT_INKS = Inks(
    ground="#fafaf7",
    raised="#efefea",
    text="#1d2227",
    muted="#50585f",
    accent="#0b57a4",
    alarm="#a8201a",
    waiting="#6f4e00",
    line="#767d84",
    selection="#cfe0f2",
)


def _theme(name: str, inks: Inks, *, dark: bool) -> Theme:
    return Theme(
        name=name,
        primary=inks.accent,
        secondary=inks.accent,
        accent=inks.accent,
        success=inks.accent,
        warning=inks.waiting,
        error=inks.alarm,
        foreground=inks.text,
        background=inks.ground,
        surface=inks.raised,
        panel=inks.raised,
        boost=inks.raised,
        dark=dark,
        variables={
            "text": inks.text,
            "text-muted": inks.muted,
            "text-disabled": inks.muted,
            "foreground-muted": inks.muted,
            "text-primary": inks.accent,
            "text-secondary": inks.accent,
            "text-accent": inks.accent,
            "text-success": inks.accent,
            "text-warning": inks.waiting,
            "text-error": inks.alarm,
            "block-cursor-foreground": inks.text,
            "block-cursor-background": inks.selection,
            "block-cursor-blurred-foreground": inks.text,
            "block-cursor-blurred-background": inks.raised,
            "input-cursor-foreground": inks.ground,
            "input-cursor-background": inks.text,
            "input-selection-foreground": inks.text,
            "input-selection-background": inks.selection,
            "screen-selection-foreground": inks.text,
            "screen-selection-background": inks.selection,
            "border": inks.accent,
            "border-blurred": inks.line,
            "scrollbar": inks.line,
            "scrollbar-hover": inks.accent,
            "scrollbar-active": inks.accent,
            "scrollbar-background": inks.ground,
            "scrollbar-background-hover": inks.ground,
            "scrollbar-background-active": inks.ground,
            "scrollbar-corner-color": inks.ground,
            "footer-background": inks.ground,
            "footer-foreground": inks.muted,
            "footer-key-foreground": inks.text,
            "footer-description-foreground": inks.muted,
            "link-color": inks.accent,
            "link-color-hover": inks.text,
            "link-background-hover": inks.selection,
            "button-foreground": inks.text,
            "button-color-foreground": inks.ground,
        },
    )


CARECOORD_DARK = _theme("carecoord-dark", DARK_INKS, dark=True)
CARECOORD_LIGHT = _theme("carecoord-light", LIGHT_INKS, dark=False)
THEMES = (CARECOORD_DARK, CARECOORD_LIGHT)


def register_themes(app: App[object]) -> None:
    """Make both themes choosable; the app then sets ``app.theme``."""
    for theme in THEMES:
        app.register_theme(theme)
