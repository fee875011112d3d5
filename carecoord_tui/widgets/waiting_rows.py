"""The lines of the waiting list: who is waited for with the number to call, the items below."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from functools import cached_property

from rich.text import Text

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.waiting import WaitingFacts, WaitingParty
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text

WAITING_COLUMNS = (
    Column("chase", "  Ask again", width=12),
    Column("who", "Patient", min_width=12, max_width=22, style="strong"),
    Column("what", "For", min_width=20, grow=6),
    Column("promised", "Promised", width=10),
    Column("days", "Days", width=4, align="right", style="dim"),
)
NAME_WIDTH = 30  # of a party on its line: number and counts fit beside it at 80 columns


def party_id(party: WaitingParty) -> Hashable:
    """The id of a party's line."""
    return ("party", party.key)


def party_line(party: WaitingParty, moment: Moment, name: Callable[[str], str]) -> Row:
    """``Humana, payer  (555) 010-0199 · 4 items · 2 past promise``; selected, it stands for all of them."""
    title = name(party.title) if party.patient_id is not None else party.title
    text = Text(safe_text(title), style="strong")
    text.truncate(NAME_WIDTH, overflow="ellipsis")
    text.append("  ")
    for number, words in enumerate(party.facts(moment)):
        style = "waiting" if words.endswith("past promise") or words.startswith("closed") else "dim"
        text.append(f"{' · ' if number else ''}{safe_text(words)}", style=style)
    return Row(party_id(party), (text,), kind="line")


def waiting_row(
    key: str, ranked: Ranked, facts: WaitingFacts, today: date, name: Callable[[str], str], *, says_who: bool
) -> Row:
    """One item: when it is asked about again, whose, what, what was promised, for how many days it waits."""
    what = Text(f"{safe_text(ranked.item.waiting_on)}: " if says_who else "", style="waiting")
    what.append(safe_text(ranked.title), style="")
    past = facts.is_past(today)
    chase = Text(
        f"{'!' if past else ' '} {format_day(facts.chase_on, today)}", style="waiting" if past else ""
    )
    promised = format_day(facts.promised_on, today) if facts.promised_on else ""
    days = f"{(today - facts.since_on).days}d" if facts.since_on else ""
    return Row(key, (chase, safe_text(name(ranked.person.name)), what, promised, days))


class PartyRows:
    """Parties with their items as a row source; items are painted by window.

    ``paint`` gives the rows of keys; one it misses was settled in another window meanwhile.
    """

    def __init__(
        self,
        parties: Sequence[WaitingParty],
        *,
        line: Callable[[WaitingParty], Row],
        paint: Callable[[Sequence[str]], Mapping[str, Row]],
    ) -> None:
        self._line, self._paint = line, paint
        self._entries: list[WaitingParty | str] = []
        for party in parties:
            self._entries += [party, *party.keys]

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, window: slice, /) -> list[Row]:
        entries = self._entries[window]
        rows = self._paint([one for one in entries if isinstance(one, str)])
        return [rows.get(one, _gone(one)) if isinstance(one, str) else self._line(one) for one in entries]

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {
            one if isinstance(one, str) else party_id(one): place for place, one in enumerate(self._entries)
        }

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where an item, or a party's line, stands in the list."""
        return self._places.get(record_id)


def _gone(key: str) -> Row:
    return Row(key, ("", "settled meanwhile", *[""] * (len(WAITING_COLUMNS) - 2)), style="dim")
