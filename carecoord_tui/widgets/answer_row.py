"""A row of options that somebody may land on in the middle of a sentence: running text answers nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import events

from carecoord_tui.widgets.choice import ChoiceRow, Option


class AnswerRow(ChoiceRow):
    """An option's key marks it and stays; ``enter`` means it and goes on, never without an answer.

    Whoever goes on typing the line before takes no answer by it: a character that is no option undoes what
    the characters before it marked, and nothing typed counts any more until ``enter``. Backspace takes a
    marked answer back.

    It tells every change, when to go on, and what to say, at once and not by messages: those arrive after
    the next key of somebody who types fast.
    """

    def __init__(
        self,
        options: Sequence[Option],
        *,
        changed: Callable[[], None],
        go_on: Callable[[AnswerRow], None],
        say: Callable[[AnswerRow, str], None],
        id: str,
    ) -> None:
        super().__init__(options, id=id)
        self._changed, self._go_on, self._say = changed, go_on, say
        self._before: str | None = None  # the answer before the first character of what is being typed
        self._has_typed = False
        self._is_text = False

    @property
    def value(self) -> str | None:
        """What is chosen."""
        return self._value

    @value.setter
    def value(self, value: str | None) -> None:
        self._value = value
        self.refresh()
        self._changed()

    # --- keys ----------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Characters mark or are text; backspace takes back; enter means it. Arrows step as in any row."""
        if event.is_printable and event.character is not None:
            self._type(event.character)
        elif event.key == "enter":
            self._mean()
        elif event.key == "backspace" and not self._is_text:
            self._begin_anew()
            self.value = None
        elif event.key not in ("backspace", "left", "right") or not self._is_text:
            self._begin_anew()
            return
        event.stop()
        event.prevent_default()

    def on_blur(self) -> None:
        """What is typed on the next visit is typed anew."""
        self._begin_anew()

    def _type(self, character: str) -> None:
        if self._is_text:
            return
        option = next((one for one in self.options if one.key == character), None)
        if not self._has_typed:
            self._before, self._has_typed = self._value, True
        if option is not None:
            self._say(self, "")
            self._take(option)
            return
        self._is_text = True
        if self._value != self._before:
            self.value = self._before
        self._say(self, self._text_words())

    def _mean(self) -> None:
        self._begin_anew()
        if self._value is None:
            self._say(self, f"Not answered yet: {self._keys()}, then enter.")
            return
        self._say(self, "")
        self._go_on(self)

    def _begin_anew(self) -> None:
        self._before, self._has_typed, self._is_text = None, False, False

    def _text_words(self) -> str:
        if self._value is None:
            return f"Text is no answer: enter, then {self._keys()}."
        return "Text is no answer: it stays as it was, enter goes on."

    def _keys(self) -> str:
        *first, last = [option.key for option in self.options]
        return f"{', '.join(first)} or {last}" if first else last
