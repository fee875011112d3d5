"""The sheets of a run: those of the lists, with keys that leave the card as it is."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from textual import events

from carecoord_tui.commands import BY_ID as COMMANDS
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.contact import BY_KEY, ContactSheet
from carecoord_tui.screens.done import DoneSheet
from carecoord_tui.screens.move import WEEKDAY_KEYS
from carecoord_tui.screens.settle import SettleSheet, choices_for
from carecoord_tui.store.practice import Practice

if TYPE_CHECKING:
    from carecoord_tui.screens.sheet import Sheet

    _Sheet = Sheet[bool]
else:
    _Sheet = object


class Leave(StrEnum):
    """Where a sheet that recorded nothing was left for."""

    CARD = "card"  # esc: any verb can be used on the card
    NEXT = "run.next"
    PREVIOUS = "run.previous"
    UNDO = "app.undo"


class RunKeys(_Sheet):
    """Before a sheet of the lists: ``space`` or ``right`` next, ``left`` back, ``u`` undo; as remapped.

    Not a widget itself: Textual takes styles from the first base that is one, and those of the sheet count.
    """

    leave = Leave.CARD

    def own_keys(self) -> frozenset[str]:
        """Characters that are choices of the sheet itself: those go before the run's."""
        return frozenset()

    def on_key(self, event: events.Key) -> None:
        """The run's keys, unless somebody types or the sheet has a choice of that key; undo always wins."""
        if self.focused is not None:
            return
        is_own = event.character in self.own_keys()
        for leave in (Leave.UNDO,) if is_own else (Leave.NEXT, Leave.PREVIOUS, Leave.UNDO):
            if event.key in self.app.keys_of(COMMANDS[leave.value]).split(","):
                event.stop()
                event.prevent_default()  # the sheet itself does not see it
                self.leave = leave
                super().action_cancel()  # asks about a note that would be lost
                return

    def action_cancel(self) -> None:
        """Esc: back to the card."""
        self.leave = Leave.CARD
        super().action_cancel()


class RunSettle(RunKeys, SettleSheet):
    """The act that settles an item a rule made."""

    def own_keys(self) -> frozenset[str]:
        """The choices' letters."""
        return frozenset(choice.key for choice in self.choices)

    def hint(self) -> str:
        """The keys."""
        return "one key records it · space leaves it · tab another day · esc any other verb"


class RunContact(RunKeys, ContactSheet):
    """A contact is the act."""

    def own_keys(self) -> frozenset[str]:
        """The outcomes' letters."""
        return frozenset(BY_KEY)

    def hint(self) -> str:
        """The keys."""
        tick = " · 1-9 also" if self.also else ""
        return f"one key logs it · space leaves it · tab note, next date{tick} · esc"


class RunDone(RunKeys, DoneSheet):
    """A follow-up."""

    def own_keys(self) -> frozenset[str]:
        """Done, note, drop, and the weekdays."""
        return frozenset({"x", "n", "D", *WEEKDAY_KEYS})

    def hint(self) -> str:
        """The keys."""
        return "x done · space leaves it · a day: done, next then · n note · D drop · esc"


RunSheet = RunSettle | RunContact | RunDone


def sheet_for(practice: Practice, subject: Subject) -> RunSheet:
    """The sheet that settles the subject's first item."""
    ranked = subject.items[0]
    if ranked.item.kind is Kind.FOLLOW_UP:
        return RunDone(practice, subject)
    if choices_for(practice, ranked):
        return RunSettle(practice, subject)
    return RunContact(practice, subject)
