"""The lines of the list by payer: a line for the payer with its numbers, what to ask it below."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import date
from functools import cached_property

from rich.text import Text
from textual.content import Content

from carecoord_tui.domain.dates import format_birth, format_day
from carecoord_tui.domain.eligibility_rows import PayerAsk, PayerToCall
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.insurance_rows import Key, key_of
from carecoord_tui.domain.masking import MASK, masked_text
from carecoord_tui.domain.ranking import Moment
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.insurance_rows import deadline_text
from carecoord_tui.widgets.person_pane import STRONG, styled
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text

PAYER_COLUMNS = (
    Column("due", "  Do by", width=14),
    Column("who", "Patient", min_width=12, max_width=20, grow=3, style="strong"),
    Column("what", "Ask about", min_width=30),
    Column("member", "Member ID", width=12, priority=70),
    Column("born", "Born", width=11, priority=60, style="dim"),
)
"""A payer asks for the member's number and birth date first."""
NAME_WIDTH = 27  # of a payer on its line: both numbers fit beside it at 80 columns
ASKS = {Kind.AUTHORIZATION: "Decision", Kind.DENIAL: "Appeal"}


class PayerCallRows:
    """Payers with their questions as a row source: lines of payers at hand, questions read by window.

    ``read`` gives the questions of keys; one it misses was settled in another window meanwhile.
    """

    def __init__(
        self,
        payers: Sequence[PayerToCall],
        *,
        line: Callable[[PayerToCall], Row],
        read: Callable[[Sequence[Key]], Mapping[Key, PayerAsk]],
        paint: Callable[[PayerAsk], Row],
    ) -> None:
        self._line, self._read, self._paint = line, read, paint
        self._entries: list[PayerToCall | Key] = []
        for payer in payers:
            self._entries += [payer, *payer.keys]

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, window: slice, /) -> list[Row]:
        entries = self._entries[window]
        asks = self._read([one for one in entries if isinstance(one, str)])
        return [self._row(one, asks) for one in entries]

    def _row(self, entry: PayerToCall | Key, asks: Mapping[Key, PayerAsk]) -> Row:
        if not isinstance(entry, str):
            return self._line(entry)
        return self._paint(asks[entry]) if entry in asks else _gone_row(entry)

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {
            one if isinstance(one, str) else line_id(one): place for place, one in enumerate(self._entries)
        }

    def index_of(self, record_id: Hashable, /) -> int | None:
        """Where a question, or a payer's line, stands in the list."""
        return self._places.get(record_id)


def line_id(payer: PayerToCall) -> Hashable:
    """The id of a payer's line."""
    return ("payer", payer.payer_id)


def _gone_row(key: Key) -> Row:
    return Row(key, ("", "no longer there", *[""] * (len(PAYER_COLUMNS) - 2)), style="dim")


def payer_line(payer: PayerToCall, moment: Moment) -> Row:
    """``Humana  4 to ask  auth. (555) 010-0199  (555) 010-0198 ...``; selected, it stands for all of them.

    A long name gives way: the numbers are what is dialled. That it is closed at the ``moment`` comes first.
    """
    name = Text(safe_text(payer.name), style="strong")
    name.truncate(NAME_WIDTH, overflow="ellipsis")
    fax = f"fax {format_phone(payer.fax)}" if payer.fax else ""
    name.append(f"  {len(payer.keys):,} to ask", style="dim")
    if closed := payer.closed(moment):
        name.append(f"  {safe_text(closed)}", style="waiting")
    for words in filter(None, (*payer.numbers, fax, payer.portal)):
        name.append(f"  {safe_text(words)}", style="dim")
    return Row(line_id(payer), (name,), kind="line")


def call_facts(ask: PayerAsk, today: date, name: str = "", *, is_masked: bool = False) -> Content:
    """``MRI lumbar · member H123 · born 14 Mar 1961 · 72148``: what tells the payer what is asked about."""
    about = f"visit, {ask.about}" if ask.kind is Kind.ELIGIBILITY else ask.about
    lead = f"{name}: {about}" if name else about
    facts = MASK if is_masked else " · ".join(ask.facts(today))
    return Content.assemble(styled(f"{lead}  ", STRONG), styled(facts))


def ask_row(ask: PayerAsk, moment: Moment, name: Callable[[str], str], *, is_masked: bool = False) -> Row:
    """One question: when it is to be asked, about whom, what, and what tells the payer who it is."""
    item, person = ask.ranked.item, ask.ranked.person
    if ask.kind is Kind.ELIGIBILITY and item.visit_on is not None:
        what = Text(f"Visit {format_day(item.visit_on, moment.today)}, {safe_text(ask.about)}")
    else:
        what = Text(f"{ASKS[ask.kind]}: {safe_text(ask.about)}")
    if item.waiting_on:
        what.append(", waiting", style="waiting")
    return Row(
        key_of(ask.kind, item.record_id),
        (
            deadline_text(ask.ranked, moment),
            safe_text(name(person.name)),
            what,
            masked_text(ask.member_id) if is_masked else safe_text(ask.member_id),
            format_birth(person.birth_date) if person.birth_date and not is_masked else "",
        ),
    )
