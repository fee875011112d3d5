"""Both themes reach WCAG 2 AA: 4.5:1 for text on every ground it stands on, 3:1 for lines."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from carecoord_tui.themes import DARK_INKS, LIGHT_INKS, THEMES, Inks, register_themes

TEXTS = ("text", "muted", "accent", "alarm", "waiting")
CURSOR = (0.07, 0.15)
"""Strength of the cursor's tint in ``RecordList``: text colour over the ground."""


def luminance(color: Color) -> float:
    """Relative luminance, WCAG 2."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color.normalized
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: Color, second: Color) -> float:
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def grounds(inks: Inks) -> dict[str, Color]:
    ground, text = Color.parse(inks.ground), Color.parse(inks.text)
    tints = {f"cursor {tint}": ground.blend(text, tint) for tint in CURSOR}
    plain = {name: Color.parse(getattr(inks, name)) for name in ("ground", "raised", "selection")}
    return plain | tints


def test_the_measure_itself() -> None:
    assert contrast(Color.parse("#000"), Color.parse("#fff")) == pytest.approx(21)
    assert contrast(Color.parse("#777"), Color.parse("#fff")) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("inks", [DARK_INKS, LIGHT_INKS], ids=["dark", "light"])
@pytest.mark.parametrize("name", TEXTS)
def test_text_contrast(inks: Inks, name: str) -> None:
    for where, ground in grounds(inks).items():
        assert contrast(Color.parse(getattr(inks, name)), ground) >= 4.5, where


@pytest.mark.parametrize("inks", [DARK_INKS, LIGHT_INKS], ids=["dark", "light"])
def test_lines_and_two_strengths(inks: Inks) -> None:
    ground = Color.parse(inks.ground)
    assert contrast(Color.parse(inks.line), ground) >= 3
    assert contrast(Color.parse(inks.text), ground) > 1.4 * contrast(Color.parse(inks.muted), ground)


PAIRS = (
    ("text", "background"),
    ("text-muted", "background"),
    ("text-muted", "panel"),
    ("text-disabled", "surface"),
    ("text-error", "surface"),
    ("text-warning", "surface"),
    ("text-accent", "surface"),
    ("text-success", "surface"),
    ("block-cursor-foreground", "block-cursor-background"),
    ("block-cursor-blurred-foreground", "block-cursor-blurred-background"),
    ("input-selection-foreground", "input-selection-background"),
    ("input-cursor-foreground", "input-cursor-background"),
    ("footer-key-foreground", "footer-background"),
    ("footer-description-foreground", "footer-background"),
    ("button-color-foreground", "primary"),
    ("button-color-foreground", "error"),
    ("button-color-foreground", "warning"),
    ("button-foreground", "surface"),
)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_variables_textual_widgets_use(theme: Theme) -> None:
    variables = theme.to_color_system().generate() | theme.variables
    for text, ground in PAIRS:
        ratio = contrast(Color.parse(variables[text]), Color.parse(variables[ground]))
        assert ratio >= 4.5, f"{text} on {ground}: {ratio:.2f}"


async def test_both_can_be_chosen_in_an_app() -> None:
    app: App[None] = App()
    async with app.run_test() as pilot:
        register_themes(app)
        for theme in THEMES:
            app.theme = theme.name
            await pilot.pause()
            assert app.current_theme is theme
            assert app.screen.styles.background == Color.parse(str(theme.background))
