"""The lines of what is due below the day's people: due when, whose, what, how old, and why."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property

from carecoord_tui.domain.day_sections import age_words
from carecoord_tui.domain.ranking import Lane, Moment, Ranked
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.today_rows import due_text

DECIDE_COLUMNS = (
    Column("due", "  Due", width=14),
    Column("who", "Patient", min_width=14, max_width=22, style="strong"),
    Column("what", "What", min_width=27, grow=3),
    Column("why", "Why", min_width=12, grow=2, priority=60, style="dim"),
    Column("age", "Age", width=5, align="right", priority=50, style="dim"),
)
WHY = {
    Lane.OWN: "your own date",
    Lane.BROKEN_PROMISE: "ask again",
    Lane.CHECK_IN: "check-in",
}


def decide_row(key: str, ranked: Ranked, moment: Moment, name: Callable[[str], str]) -> Row:
    """One item. ``Why`` is its lane in two words; ``w`` says the whole of it."""
    why = WHY.get(ranked.lane, ranked.lane.label)
    if ranked.item.waiting_on:
        why = f"{why}: {ranked.item.waiting_on}"
    return Row(
        key,
        (
            due_text(ranked, moment),
            safe_text(name(ranked.person.name)),
            safe_text(ranked.title),
            safe_text(why),
            age_words(ranked, moment.today),
        ),
    )


class KeyedRows:
    """Keys as a row source: ``paint`` gives the rows of a window; one it misses was settled meanwhile."""

    def __init__(self, keys: Sequence[str], paint: Callable[[Sequence[str]], Mapping[str, Row]]) -> None:
        self._keys, self._paint = keys, paint

    def __len__(self) -> int:
        return len(self._keys)

    def __getitem__(self, window: slice, /) -> list[Row]:
        keys = self._keys[window]
        rows = self._paint(keys)
        return [rows.get(key, _gone(key)) for key in keys]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {key: place for place, key in enumerate(self._keys)}

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where an item stands in the list."""
        return self._places.get(record_id) if isinstance(record_id, str) else None


def _gone(key: str) -> Row:
    return Row(key, ("", "settled meanwhile", *[""] * (len(DECIDE_COLUMNS) - 2)), style="dim")
