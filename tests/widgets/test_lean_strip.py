"""A lean strip shows what Textual's own strip shows, in fewer bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from carecoord_tui.widgets.lean_strip import LeanStrip

CONSOLE = Console(color_system="truecolor", force_terminal=True, width=200)
FLAGS = st.sampled_from([None, False, True])
COLORS = st.sampled_from([None, "default", "red", "color(200)", "#102030", "#dfe3e8"])
STYLES = st.none() | st.builds(
    Style, color=COLORS, bgcolor=COLORS, bold=FLAGS, dim=FLAGS, italic=FLAGS, underline=FLAGS, reverse=FLAGS
)
PIECES = st.lists(st.builds(Segment, st.text("ab ", min_size=1, max_size=4), STYLES), max_size=6)


def looks(ansi: str) -> list[tuple[str, object]]:
    """Each character with the look a terminal would give it."""
    text = Text.from_ansi(ansi)
    default = Style.parse("default on default")
    seen: list[tuple[str, object]] = []
    for place, char in enumerate(text.plain):
        style = default
        for span in text.spans:
            if span.start <= place < span.end and isinstance(span.style, Style):
                style += span.style
        flags = tuple(
            bool(getattr(style, name)) for name in ("bold", "dim", "italic", "underline", "reverse")
        )
        seen.append((char, (style.color, style.bgcolor, flags)))
    return seen


@given(PIECES)
def test_same_look_as_the_plain_strip(pieces: list[Segment]) -> None:
    lean = LeanStrip(pieces).render(CONSOLE)
    assert looks(lean) == looks(Strip(pieces).render(CONSOLE))
    assert not lean.endswith("m") or lean.endswith("\x1b[0m")


@given(PIECES)
def test_nothing_leaks_into_what_is_written_next(pieces: list[Segment]) -> None:
    lean = LeanStrip(pieces).render(CONSOLE)
    assert looks(f"{lean}Z")[-1] == looks("Z")[-1]


def test_a_list_line_takes_half_the_bytes() -> None:
    ground = Style.parse("#dfe3e8 on #111417")
    pieces = [
        Segment("   Fri, 1d    ", ground + Style.parse("#ff8f85 bold")),
        Segment("Cole, James    ", ground + Style.parse("bold")),
        Segment("Chase report     ", ground),
        Segment("Mon 30 Nov", ground + Style.parse("#a0a9b3")),
    ]
    text = sum(len(piece.text) for piece in pieces)
    lean, plain = (len(strip(pieces).render(CONSOLE)) - text for strip in (LeanStrip, Strip))
    assert lean <= plain / 1.6


def test_uncut_it_stays_lean_and_links_are_left_to_textual() -> None:
    strip = LeanStrip([Segment("abc", Style(bold=True))])
    assert strip.divide([3])[0] is strip
    linked = [Segment("abc", Style(link="https://example.org"))]
    assert "https://example.org" in LeanStrip(linked).render(CONSOLE)
