"""One call to somebody who is waited for: what is ticked is asked about, one key says how it ended."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.waiting import WaitingParty
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.screens.call_sheet import NOTE, REFERENCE, WHO, CallSheet, Ending
from carecoord_tui.store.actions.chase import NOBODY_DAYS, PROMISE_DAYS
from carecoord_tui.store.actions.waiting_calls import Answer, log_waiting_call
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.slots import key_of_item
from carecoord_tui.store.queries.waiting import read_waiting
from carecoord_tui.widgets.person_pane import DIM, STRONG, styled

DIGITS = "123456789"
KEYS = {"a": Answer.ANSWERED, "p": Answer.PROMISED, "n": Answer.NO_ANSWER, "m": Answer.MESSAGE}


class WaitingCallSheet(CallSheet):
    """A digit unticks an item, a letter logs the call for all that are ticked."""

    DEFAULT_CSS = """
    WaitingCallSheet #call-facts { text-wrap: nowrap; text-overflow: ellipsis; }
    """
    day_label = "They promise"

    def __init__(self, practice: Practice, items: Sequence[Ranked], party: WaitingParty) -> None:
        super().__init__(practice)
        self.items, self.party = tuple(items), party
        self.unticked: set[ItemRef] = set()
        self.said = self._said()

    def _said(self) -> dict[str, str]:
        """What was promised about each that is listed, by its key; else when it is to be asked again."""
        moment = self.practice.moment()
        keys = [key_of_item(one.item.ref) for one in self.items[: len(DIGITS)]]
        return {
            key: f"promised {format_day(row.facts.promised_on, moment.today)}"
            if row.facts.promised_on
            else f"ask again {format_day(row.facts.chase_on, moment.today)}"
            for key, row in read_waiting(self.practice.execute, keys, moment).items()
        }

    @property
    def ticked(self) -> list[ItemRef]:
        """What the call is about."""
        return [one.item.ref for one in self.items if one.item.ref not in self.unticked]

    def heading(self) -> str:
        """Who is called about how much."""
        count = len(self.items)
        return f"Call to {self.party.title}: {'1 item' if count == 1 else f'{count:,} items'}"

    def hint(self) -> str:
        """The keys."""
        return "a letter logs it · a digit unticks · tab fields · esc back"

    def facts(self) -> Content:
        """The number and hours, then the items with their digits."""
        reached_by = self.party.reached_by(self.practice.moment())
        lines = [styled(" · ".join(reached_by) or "no phone on file", STRONG)]
        for digit, one in zip(DIGITS, self.items, strict=False):
            sign = "[ ]" if one.item.ref in self.unticked else "[x]"
            name = self.app.shown_name(one.person.name)
            lines.append(
                Content.assemble(
                    (f" {digit} ", "$text-accent bold"),
                    styled(f"{sign} {name}: {one.title}"),
                    styled(f"  {self.said.get(key_of_item(one.item.ref), '')}", DIM),
                )
            )
        if len(self.items) > len(DIGITS):
            lines.append(styled(f"and {len(self.items) - len(DIGITS):,} more, all ticked", DIM))
        return Content("\n").join(lines)

    def endings(self) -> Sequence[Ending]:
        """How it ended, and what becomes of the items."""
        ask, again = self.in_days(PROMISE_DAYS), self.in_days(NOBODY_DAYS)
        after = {
            Answer.ANSWERED: "nobody is waited for any more; they are yours today",
            Answer.PROMISED: f"asked the working day after the day below, else {ask}",
            Answer.NO_ANSWER: f"they wait on; call again {again}",
            Answer.MESSAGE: f"they wait on; call again {again}",
        }
        return [Ending(key, answer.value, after[answer]) for key, answer in KEYS.items()]

    def on_key(self, event: events.Key) -> None:
        """A digit takes an item out of the call, or in again."""
        place = DIGITS.find(event.character or " ")
        if self.focused is None and 0 <= place < len(self.items):
            event.stop()
            self.unticked.symmetric_difference_update({self.items[place].item.ref})
            self.query_one("#call-facts", Static).update(self.facts())

    def record(self, ending: Ending) -> None:
        """A contact for each patient."""
        refs, answer = self.ticked, KEYS[ending.key]
        days: list[str] = []

        def act() -> None:
            found = log_waiting_call(
                self.practice,
                refs,
                answer,
                promised=self.day,
                spoke_with=self.text(WHO),
                reference=self.text(REFERENCE),
                minutes=self.minutes,
                note=self.text(NOTE),
            )
            days.extend(format_day(day, self.practice.today()) for day in found)

        if self.attempt(act):
            self.dismiss(True)
            several = f" for {len(refs)} items" if len(refs) > 1 else ""
            then = "yours today" if answer is Answer.ANSWERED else f"ask again {', '.join(days)}"
            self.app.say(f"Logged{several}: {then}.  u undoes it")
