"""How far a run through a list is: what became of each card, in numbers and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from carecoord_tui.domain.work import ItemRef


class Card(StrEnum):
    """What became of a card."""

    AHEAD = "ahead"
    RECORDED = "recorded"
    LEFT = "left"
    SETTLED = "settled"  # by somebody else, or by another card, before it came


@dataclass(slots=True)
class Deck:
    """The cards in order. ``place`` is -1 before the first."""

    refs: Sequence[ItemRef]
    place: int = -1
    states: list[Card] = field(init=False)

    def __post_init__(self) -> None:
        self.states = [Card.AHEAD] * len(self.refs)

    @property
    def ref(self) -> ItemRef | None:
        """The card in front."""
        return self.refs[self.place] if 0 <= self.place < len(self.refs) else None

    def mark(self, state: Card) -> None:
        """What became of the card in front. What was recorded on it is not unsaid by leaving it again."""
        if self.ref is not None and (state is not Card.LEFT or self.states[self.place] is not Card.RECORDED):
            self.states[self.place] = state

    def count(self, state: Card) -> int:
        """So many cards."""
        return self.states.count(state)

    @property
    def behind(self) -> int:
        """Cards that are dealt with, one way or another."""
        return len(self.refs) - self.count(Card.AHEAD)

    def words(self) -> str:
        """``4 of 17 · 3 done · 1 left as it is``."""
        left = self.count(Card.LEFT)
        parts = [f"{self.place + 1} of {len(self.refs)}", f"{self.count(Card.RECORDED)} done"]
        if left:
            parts.append(f"{left} left as {'it is' if left == 1 else 'they are'}")
        return " · ".join([*parts, *self._settled()])

    def summary(self) -> str:
        """``17 cards: 12 recorded, 5 left``; what was not come to is left too."""
        total = len(self.refs)
        left = self.count(Card.LEFT) + self.count(Card.AHEAD)
        said = [f"{self.count(Card.RECORDED)} recorded", f"{left} left", *self._settled()]
        return f"{total} {'card' if total == 1 else 'cards'}: {', '.join(said)}"

    def _settled(self) -> list[str]:
        settled = self.count(Card.SETTLED)
        return [f"{settled} settled already"] if settled else []
