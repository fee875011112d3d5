"""The type-ahead as its user meets it: narrowing, choosing, taking, closing; text that is only text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from carecoord_tui.themes import register_themes
from carecoord_tui.widgets.type_ahead import MAX_LINES, Suggestion, TypeAhead

WORDS = ("cardiology", "cardiac rehab", "dermatology", "ENT", "gastroenterology", "neurology", "podiatry")


def beginning(text: str) -> Sequence[Suggestion]:
    return [Suggestion(word, word, f"{len(word)} letters") for word in WORDS if word.startswith(text)]


class Form(App[None]):
    """Two fields with something below, in the size of a sheet."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next"),
        Binding("up", "app.focus_previous"),
        Binding("escape", "leave"),
    ]

    def __init__(self, suggest: object = beginning, **keywords: object) -> None:
        super().__init__()
        self.said: list[tuple[str, str]] = []
        self.was_left = False
        self._field = TypeAhead(suggest, id="first", **keywords)  # type: ignore[arg-type]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield self._field
            for number in range(10):
                yield Static(f"below {number}")
            yield Input(id="second")

    def on_mount(self) -> None:
        register_themes(self)
        self.query_one(TypeAhead).query_one(Input).focus()  # as tab does

    def action_leave(self) -> None:
        self.was_left = True

    def on_type_ahead_changed(self, event: TypeAhead.Changed) -> None:
        self.said.append(("changed", event.text))

    def on_type_ahead_chosen(self, event: TypeAhead.Chosen) -> None:
        self.said.append(("chosen", str(event.suggestion.key)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.said.append(("submitted", event.value))

    @property
    def field(self) -> TypeAhead:
        return self.query_one(TypeAhead)


def shown(app: App[None]) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


async def test_an_empty_field_offers_the_first_lines_over_what_is_below() -> None:
    app = Form()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        lines = shown(app)
        assert [line.split()[1] for line in lines[1 : MAX_LINES + 1]] == [
            word.split()[0] for word in WORDS[:MAX_LINES]
        ]
        assert "10 letters" in lines[1]
        assert lines[MAX_LINES + 1] == "below 6"  # nothing was pushed down
        assert app.field.is_open


async def test_a_long_list_scrolls_with_the_cursor_and_takes_the_mouse_there() -> None:
    app = Form(suggest=lambda _: [Suggestion(number, f"payer {number}") for number in range(20)])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "↓" in shown(app)[MAX_LINES]
        await pilot.press(*["down"] * 20)
        lines = shown(app)
        assert "↑" in lines[1] and "payer 14" in lines[1]
        assert "payer 19" in lines[MAX_LINES]
        await pilot.press(*["up"] * 5)
        assert "payer 14" in shown(app)[1]
        await pilot.click(app.field.query_one("SuggestionLines"), offset=(5, 1))
        assert app.field.value == "payer 15"


async def test_typing_narrows_and_enter_takes_the_first() -> None:
    app = Form()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"card")
        assert [one.label for one in app.field.suggestions] == ["cardiology", "cardiac rehab"]
        await pilot.press("enter")
        await pilot.pause()
        assert (app.field.value, app.field.is_open) == ("cardiology", False)
        assert app.field.chosen == Suggestion("cardiology", "cardiology", "10 letters")
        assert app.said == [("changed", "card"[:n]) for n in (1, 2, 3, 4)] + [("chosen", "cardiology")]
        assert shown(app)[1] == "below 0"


async def test_down_and_up_choose_and_what_was_typed_can_be_kept() -> None:
    app = Form()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"card", "down", "down", "enter")  # the end of the list holds
        assert app.field.value == "cardiac rehab"
        await pilot.press("backspace", "up", "enter")
        await pilot.pause()
        assert app.said[-1] == ("submitted", "cardiac reha")
        assert app.field.chosen is None


async def test_tab_keeps_the_text_and_closes_the_list() -> None:
    app = Form()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"card", "tab")
        await pilot.pause()
        assert (app.field.value, app.field.chosen, app.field.is_open) == ("card", None, False)
        assert app.focused is app.query_one("#second")


async def test_esc_closes_the_list_before_it_leaves_the_form() -> None:
    app = Form()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"card", "escape")
        assert (app.field.is_open, app.was_left) == (False, False)
        await pilot.press("escape")
        assert app.was_left


async def test_with_the_list_closed_the_arrows_belong_to_the_form() -> None:
    app = Form(value="podiatry", chosen=Suggestion(7, "podiatry"))
    async with app.run_test(size=(80, 24)) as pilot:
        assert not app.field.is_open  # it holds something: nothing is asked
        await pilot.press("down")
        assert app.focused is app.query_one("#second")
        assert app.field.chosen == Suggestion(7, "podiatry")
        await pilot.press("up", "e")  # typing takes the place of a choice, as a whole
        assert (app.field.value, app.field.chosen) == ("e", None)


async def test_nothing_is_taken_unasked_where_the_first_is_only_offered() -> None:
    app = Form(takes_first=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"card", "enter")
        assert app.said[-1] == ("submitted", "card")
        await pilot.press("i", "down", "enter")
        assert app.field.value == "cardiology"


async def test_what_a_suggestion_fills_in_may_differ_from_its_words() -> None:
    app = Form(lambda _: [Suggestion(1, "Chest pain", fills="R07.9, ")])
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("x", "enter")
        assert app.field.value == "R07.9, "
        assert app.field.query_one(Input).cursor_position == len("R07.9, ")


async def test_a_click_takes_a_line() -> None:
    app = Form()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click(offset=(4, 3))
        await pilot.pause()
        assert app.field.value == "dermatology"
        assert app.said == [("chosen", "dermatology")]


@pytest.mark.parametrize("size", [(80, 24), (40, 12)])
async def test_odd_text_is_only_text_and_never_wider_than_the_field(size: tuple[int, int]) -> None:
    odd = [
        Suggestion(1, "[b]Heart[/b] \x1b]0;owned\x07 & 中村クリニック" * 4, "[red]in network[/]" * 5),
        Suggestion(2, "plain"),
    ]
    app = Form(lambda _: odd)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = "\n".join(shown(app))
        assert "[b]Heart[/b]" in text
        assert "\x1b" not in text
        assert "plain" in text
        assert all(strip.cell_length == size[0] for strip in app.screen._compositor.render_strips())


async def test_at_the_bottom_of_the_screen_the_list_opens_upwards() -> None:
    class Low(Form):
        def compose(self) -> ComposeResult:
            for number in range(20):
                yield Static(f"above {number}")
            yield self._field

    app = Low()
    async with app.run_test(size=(80, 21)) as pilot:
        await pilot.pause()
        lines = shown(app)
        assert any("cardiology" in line for line in lines[:20])
        assert "cardiology" not in lines[20]


async def test_the_program_going_to_the_field_opens_nothing_over_what_it_says() -> None:
    app = Form()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.field.focus()
        assert not app.field.is_open
        await pilot.press("tab")
        app.field.focus()
        await pilot.pause()
        assert (app.field.is_open, app.focused) == (False, app.field.query_one(Input))
        await pilot.press("e")
        assert app.field.is_open is False  # nothing begins so
        await pilot.press("backspace", "c")
        assert app.field.is_open
