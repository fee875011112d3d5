"""A line that tells the terminal only what changes from one piece to the next.

Textual resets and repeats the full style (some 37 bytes in true colour) before every piece of text. A list
line has many pieces on one background, so writing the differences halves the bytes of a key press over SSH.
"""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

_RESET = "\x1b[0m"


class LeanStrip(Strip):
    """A strip whose ``render`` writes style differences. Cut or changed, it is a plain strip again."""

    __slots__ = ()

    @classmethod
    def of(cls, strip: Strip) -> LeanStrip:
        """The same line, written leanly."""
        return cls(strip._segments, strip.cell_length)

    def render(self, console: Console) -> str:
        if self._render_cache is None:
            if any(style is not None and style.link for _, style, _ in self._segments):
                return super().render(console)
            system = console._color_system or ColorSystem.TRUECOLOR
            parts: list[str] = []
            before = Style.null()
            for text, style, _ in self._segments:
                after = style or Style.null()
                parts += (style_change(before, after, system), text)
                before = after
            if not _is_plain(before):
                parts.append(_RESET)
            self._render_cache = "".join(parts)
        return self._render_cache


def without_links(strip: Strip) -> Strip:
    """The same line with nothing to click on: for what is drawn beneath a dialog."""
    if not any(style is not None and (style._meta or style._link) for _, style, _ in strip):
        return strip
    segments = (
        Segment(text, None if style is None else style.clear_meta_and_links(), control)
        for text, style, control in strip
    )
    return Strip(segments, strip.cell_length)


@lru_cache(maxsize=4096)
def style_change(before: Style, after: Style, system: ColorSystem) -> str:
    """The escape sequence that takes a terminal from one style to another; empty when they look alike."""
    codes = (
        *_attribute_codes(_attributes(before), _attributes(after)),
        *_color_codes(before.color, after.color, system, foreground=True),
        *_color_codes(before.bgcolor, after.bgcolor, system, foreground=False),
    )
    return f"\x1b[{';'.join(codes)}m" if codes else ""


_ATTRIBUTES = (
    ("bold", "1", "22"),
    ("dim", "2", "22"),
    ("italic", "3", "23"),
    ("underline", "4", "24"),
    ("blink", "5", "25"),
    ("reverse", "7", "27"),
    ("strike", "9", "29"),
)
_ON = {name: on for name, on, _ in _ATTRIBUTES}
_OFF = {name: off for name, _, off in _ATTRIBUTES}


def _attributes(style: Style) -> frozenset[str]:
    return frozenset(name for name in _ON if getattr(style, name))


def _attribute_codes(before: frozenset[str], after: frozenset[str]) -> list[str]:
    off = sorted({_OFF[name] for name in before - after})
    # 22 ends bold and dim alike: what stays of the two has to be said again
    kept = {name for name in before & after if _OFF[name] not in off}
    return off + [on for name, on, _ in _ATTRIBUTES if name in after - kept]


def _color_codes(
    before: Color | None, after: Color | None, system: ColorSystem, *, foreground: bool
) -> list[str]:
    wanted, present = _sgr(after, system, foreground), _sgr(before, system, foreground)
    if wanted == present:
        return []
    return [*(wanted or ("39" if foreground else "49",))]


def _sgr(color: Color | None, system: ColorSystem, foreground: bool) -> tuple[str, ...]:
    if color is None or color.is_default:
        return ()
    return tuple(color.downgrade(system).get_ansi_codes(foreground))


def _is_plain(style: Style) -> bool:
    return style_change(style, Style.null(), ColorSystem.TRUECOLOR) == ""
