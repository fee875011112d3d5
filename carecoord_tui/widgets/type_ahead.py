"""An input with what it may mean below it: down and up choose, enter takes, typing narrows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from carecoord_tui.widgets.columns import fit
from carecoord_tui.widgets.safe_text import default_glyphs, shown_text

MAX_LINES = 6
"""Lines in sight; a longer list scrolls with the cursor."""
_INDENT = 2  # cells before a line, the rule and the cursor's bar: no line reads as the label's own field
_GAP = 2  # cells between what is meant and what is said about it
_LABEL_SHARE = 60  # percent of the width for what is meant, where something is said about it


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that may be meant. ``fills`` is what the field then holds; None: the label."""

    key: Hashable
    label: str
    detail: str = ""
    fills: str | None = None

    @property
    def text(self) -> str:
        """What the field holds when this is taken."""
        return self.label if self.fills is None else self.fills


Suggest = Callable[[str], Sequence[Suggestion]]


class TypeAhead(Vertical):
    """``value`` is what is typed; ``chosen`` what was taken from the list, until the text is changed.

    The list opens when something is typed, and on arriving in an empty field; it lies over what is below,
    so that nothing jumps. ``esc`` closes it, and ``tab`` leaves what is typed as it is. With the list
    closed, up, down, enter and esc mean what they mean in any other field.
    """

    DEFAULT_CSS = """
    TypeAhead {
        height: 1;
        width: 1fr;
        & > Input { height: 1; border: none; padding: 0 1; background: $boost; }
        & > Input:focus { border: none; background: $foreground 12%; }
    }
    """

    class Changed(Message):
        """The text was changed by typing; what had been chosen is no longer meant."""

        def __init__(self, type_ahead: TypeAhead, text: str) -> None:
            super().__init__()
            self.type_ahead, self.text = type_ahead, text

        @property
        def control(self) -> TypeAhead:
            return self.type_ahead

    class Chosen(Message):
        """A suggestion was taken, by enter or the mouse."""

        def __init__(self, type_ahead: TypeAhead, suggestion: Suggestion) -> None:
            super().__init__()
            self.type_ahead, self.suggestion = type_ahead, suggestion

        @property
        def control(self) -> TypeAhead:
            return self.type_ahead

    class Left(Message):
        """The cursor left the field."""

        def __init__(self, type_ahead: TypeAhead) -> None:
            super().__init__()
            self.type_ahead = type_ahead

        @property
        def control(self) -> TypeAhead:
            return self.type_ahead

    def __init__(
        self,
        suggest: Suggest,
        *,
        value: str = "",
        chosen: Suggestion | None = None,
        placeholder: str = "",
        max_length: int = 0,
        takes_first: bool = True,
        id: str | None = None,
    ) -> None:
        """``suggest`` is asked at every key and must be quick.

        ``takes_first``: enter takes the first suggestion when none was gone to; else it only goes on.
        """
        super().__init__(id=id)
        self._suggest, self._takes_first = suggest, takes_first
        self._start, self._placeholder, self._max_length = value, placeholder, max_length
        self.chosen = chosen
        self._found: list[Suggestion] = []
        self._place: int | None = None
        self._is_quiet = False

    def compose(self) -> ComposeResult:
        """The line and its list."""
        yield TypeAheadLine(
            self._start,
            placeholder=self._placeholder,
            max_length=self._max_length,
            select_on_focus=False,
        )
        yield SuggestionLines()

    # --- what it holds -----------------------------------------------------------------------

    @property
    def value(self) -> str:
        """What is typed."""
        return self._line.value if self.is_mounted else self._start

    @property
    def is_open(self) -> bool:
        """True while the list is in sight."""
        return bool(self._found)

    @property
    def suggestions(self) -> tuple[Suggestion, ...]:
        """What the list offers, in sight or not."""
        return tuple(self._found)

    def put(self, text: str, chosen: Suggestion | None = None) -> None:
        """Another text, and what it stands for; nothing is posted and no list opens."""
        self.close()
        self.chosen = chosen
        with self.prevent(Input.Changed):
            self._line.value = text
        self._line.cursor_position = len(text)

    def open(self) -> None:
        """Show what fits, when anything does."""
        self._show(list(self._suggest(self.value)))

    def close(self) -> None:
        """Take the list away."""
        self._show([])

    def focus(self, scroll_visible: bool = True) -> TypeAhead:
        """Focus the line; the list stays closed until something is typed, so that it hides no problem."""
        self.close()
        if not self._line.has_focus:
            self._is_quiet = True
            self._line.focus(scroll_visible)
        return self

    @property
    def _line(self) -> TypeAheadLine:
        return self.query_one(TypeAheadLine)

    def _show(self, found: list[Suggestion]) -> None:
        self._found = found
        self._place = 0 if found and self._takes_first and self.value.strip() else None
        self.query_one(SuggestionLines).show(found, self._place)

    # --- what the line reports -----------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Typing narrows."""
        event.stop()
        if self.is_mounted and event.input.has_focus:
            self.chosen = None
            self.open()
            self.post_message(self.Changed(self, event.value))

    def arrived(self) -> None:
        """The cursor came into the line: an empty one offers, and typing takes the place of a choice."""
        is_quiet, self._is_quiet = self._is_quiet, False
        if not self.value.strip() and not is_quiet:
            self.open()
        elif self.chosen is not None and self.chosen.label == self.value:
            self._line.select_all()

    def left(self) -> None:
        """The cursor left the line."""
        self.close()
        self.post_message(self.Left(self))

    def key(self, name: str) -> bool:
        """A key that is the open list's; True when it was used."""
        if not self._found:
            return False
        if name in ("down", "up"):
            self._move(1 if name == "down" else -1)
        elif name == "escape":
            self.close()
        elif name == "enter" and self._place is not None:
            self.take(self._place)
        else:
            return False
        return True

    def _move(self, by: int) -> None:
        """To the next line; up from the first one goes back to what is typed."""
        last = len(self._found) - 1
        place = (-1 if self._place is None else self._place) + by
        self._place = None if place < 0 else min(place, last)
        self.query_one(SuggestionLines).show(self._found, self._place)

    def take(self, place: int) -> None:
        """Take the suggestion of this line."""
        suggestion = self._found[place]
        self.put(suggestion.text, suggestion)
        self.post_message(self.Chosen(self, suggestion))


class TypeAheadLine(Input):
    """The input; the open list's keys go there first."""

    @property
    def _owner(self) -> TypeAhead:
        assert isinstance(self.parent, TypeAhead)  # noqa: S101 - composed by it alone
        return self.parent

    def on_key(self, event: events.Key) -> None:
        """Down, up, enter and esc, while the list is open."""
        if self._owner.key(event.key):
            event.stop()
            event.prevent_default()

    def on_focus(self) -> None:
        """Show what there is."""
        self._owner.arrived()

    def on_blur(self) -> None:
        """The list goes with the cursor."""
        if self.is_attached:
            self._owner.left()


class SuggestionLines(Widget):
    """The lines, over whatever stands below."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    SuggestionLines {
        display: none;
        overlay: screen;
        constrain: none inflect;
        width: 1fr;
        height: auto;
        max-height: 6;
        background: $surface-lighten-2;
        color: $text;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._found: Sequence[Suggestion] = ()
        self._place: int | None = None
        self._top = 0

    def show(self, found: Sequence[Suggestion], place: int | None) -> None:
        """These lines, with the cursor on one or on none, and that one in sight."""
        resized = len(found) != len(self._found)
        self._found, self._place = found, place
        here = place or 0
        self._top = min(max(self._top, here - MAX_LINES + 1), here, max(0, len(found) - MAX_LINES))
        self.display = bool(found)
        self.refresh(layout=resized)

    def number_at(self, y: int) -> int | None:
        """The suggestion in a line of the widget."""
        number = self._top + y
        return number if 0 <= y < MAX_LINES and number < len(self._found) else None

    def get_content_height(self, *_: object) -> int:
        """One line each, as many as are in sight."""
        return min(len(self._found), MAX_LINES)

    def render(self) -> Content:
        """The cursor is a bar as well as a colour."""
        width = self.content_size.width - _INDENT
        labels = max((cell_len(shown_text(one.label)) for one in self._found), default=0)
        if any(one.detail for one in self._found):
            labels = min(labels, width * _LABEL_SHARE // 100)
        in_sight = list(enumerate(self._found))[self._top : self._top + MAX_LINES]
        lines = [self._drawn(number, one, width, labels) for number, one in in_sight]
        return Content("\n").join(lines)

    def _drawn(self, number: int, one: Suggestion, width: int, labels: int) -> Content:
        is_here = number == self._place
        label = fit(shown_text(one.label), labels if one.detail else width)
        room = max(0, width - labels - _GAP)
        detail = f"{' ' * _GAP}{fit(shown_text(one.detail), room)}" if one.detail else ""
        glyphs = default_glyphs()
        line = Content.assemble(
            (self._rule(number), "$text-accent"),
            (glyphs.bar if is_here else " ", "$text-accent"),
            (label, "bold" if is_here else ""),
            (detail, "" if is_here else "$text-muted"),
        )
        return line.stylize("on $foreground 16%") if is_here else line

    def _rule(self, number: int) -> str:
        """The rule before a line; an arrow where more lines follow or went before."""
        is_ascii = default_glyphs().ascii_only
        if number == self._top > 0:
            return "^" if is_ascii else "↑"
        if number == self._top + MAX_LINES - 1 < len(self._found) - 1:
            return "v" if is_ascii else "↓"
        return "|" if is_ascii else "│"

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """The line under the mouse, before the click takes the cursor away from the field."""
        event.stop()
        event.prevent_default()
        parent = self.parent
        number = self.number_at(event.y)
        if isinstance(parent, TypeAhead) and number is not None:
            parent.take(number)
