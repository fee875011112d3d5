"""More is due than a day holds: look at it, move it, spread it over the coming days, or drop it."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.items import drop, spread
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.person_pane import styled

CHOICES = (
    ("l", "look at them one by one"),
    ("m", "move all to one date"),
    ("s", "spread over the coming working days"),
    ("d", "drop the follow-ups among them"),
)


class DecideSheet(Sheet[str]):
    """``l m s d``; the answer ``look`` asks the list to open them."""

    AUTO_FOCUS = ""

    def __init__(self, practice: Practice, items: Sequence[Ranked], total: int) -> None:
        super().__init__()
        self.practice = practice
        self.items = tuple(items)
        self.total = total

    def heading(self) -> str:
        """How many there are."""
        rest = "" if self.total == len(self.items) else f", the first {len(self.items)} are decided here"
        return f"{self.total} more due below today's 25 people{rest}"

    def hint(self) -> str:
        """The keys."""
        return "one key decides · u undoes it · esc back"

    def compose_body(self) -> ComposeResult:
        """The choices."""
        yield Static(
            Content("\n").join(
                Content.assemble((f" {key} ", "$text-accent bold"), styled(words)) for key, words in CHOICES
            )
        )

    def on_key(self, event: events.Key) -> None:
        """A choice's letter."""
        if event.character == "l":
            self.dismiss("look")
        elif event.character == "m":
            self._move()
        elif event.character == "s":
            self._spread()
        elif event.character == "d":
            self._drop()

    def _move(self) -> None:
        from carecoord_tui.screens.move import MoveSheet

        app, first = self.app, self.items[0]
        subject = Subject(self.items, first.item.patient_id, first.person.name)
        self.dismiss("")
        app.push_screen(MoveSheet(self.practice, subject))

    def _spread(self) -> None:
        refs = [ranked.item.ref for ranked in self.items]
        if self.attempt(lambda: spread(self.practice, refs)):
            self.dismiss("")
            self.app.say(f"{len(refs)} items spread over the coming working days.  u undoes it")

    def _drop(self) -> None:
        refs = [ranked.item.ref for ranked in self.items if ranked.item.kind is Kind.FOLLOW_UP]
        if not refs:
            self.problem("None of them is a follow-up; what a rule made is settled, not dropped.")
            return
        if self.attempt(lambda: drop(self.practice, refs)):
            self.dismiss("")
            self.app.say(f"{len(refs)} follow-ups dropped.  u undoes it")


SCREEN = DecideSheet
