"""The two questions before something is decided: which days it goes to, and why it is dropped."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, Static

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.spreading import DayLoad, Spread
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.items import REASON_LIMIT, drop, spread
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.person_pane import DIM, STRONG, styled

DAYS_SHOWN = 10


class SpreadSheet(Sheet[bool]):
    """How many come to each day, before anything moves; ``enter`` moves them."""

    AUTO_FOCUS = ""

    def __init__(self, practice: Practice, plan: Spread[ItemRef]) -> None:
        super().__init__()
        self.practice, self.plan = practice, plan

    def heading(self) -> str:
        """How many, over how many days."""
        count, days = len(self.plan.places), len(self.plan.loads)
        over = "1 day" if days == 1 else f"{days} days"
        return f"Spread {'1 item' if count == 1 else f'{count:,} items'} over {over}"

    def hint(self) -> str:
        """The keys."""
        return "enter spreads them · esc back, nothing moves"

    def compose_body(self) -> ComposeResult:
        """A line for each day; the last one sums up what does not fit."""
        loads = self.plan.loads
        lines = [self._line(load) for load in loads[:DAYS_SHOWN]]
        if len(loads) > DAYS_SHOWN:
            rest, last = loads[DAYS_SHOWN:], format_day(loads[-1].day, self.practice.today())
            coming = sum(load.coming for load in rest)
            lines.append(styled(f"and {coming:,} over {len(rest)} further days, to {last}", DIM))
        capacity = self.practice.settings.check_in_capacity
        lines.append(styled(f"At most {capacity} a day; nothing goes past its last day or its visit.", DIM))
        yield Static(Content("\n").join(lines), id="spread-days")

    def _line(self, load: DayLoad) -> Content:
        day = format_day(load.day, self.practice.today())
        already = f"  beside {load.already} that stand there" if load.already else ""
        return Content.assemble(
            styled(f"{day:<12}"), styled(f"{load.coming:>3}", STRONG), styled(already, DIM)
        )

    def on_key(self, event: events.Key) -> None:
        """Enter: as shown."""
        if event.key != "enter":
            return
        event.stop()
        if self.attempt(lambda: spread(self.practice, self.plan)):
            self.dismiss(True)
            count, days = len(self.plan.places), len(self.plan.loads)
            over = "1 day" if days == 1 else f"{days} days"
            self.app.say(f"{'1 item' if count == 1 else f'{count:,} items'} spread over {over}.  u undoes it")


class DropSheet(Sheet[bool]):
    """Why follow-ups are dropped; without a reason none is."""

    asks_before_leaving = True

    def __init__(self, practice: Practice, refs: Sequence[ItemRef], kept: int) -> None:
        super().__init__()
        self.practice, self.refs, self.kept = practice, list(refs), kept

    def heading(self) -> str:
        """How many."""
        count = len(self.refs)
        return f"Drop {'this follow-up' if count == 1 else f'{count:,} follow-ups'}, not done"

    def hint(self) -> str:
        """The keys."""
        return "enter drops them · esc back"

    def compose_body(self) -> ComposeResult:
        """The reason, and what stays."""
        with Horizontal(classes="field"):
            yield Label("Reason")
            yield Input(
                id="drop-reason",
                max_length=REASON_LIMIT,
                placeholder="kept in the note",
                select_on_focus=False,
            )
        if self.kept:
            stays = "1 other stays" if self.kept == 1 else f"{self.kept:,} others stay"
            yield Static(styled(f"{stays}: what a rule made is settled by its own act, not dropped.", DIM))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: dropped, with a reason only."""
        event.stop()
        reason = clean_text(event.value, REASON_LIMIT)
        if not reason:
            self.problem("Why is it dropped? Type the reason; it is kept in the note.")
        elif self.attempt(lambda: drop(self.practice, self.refs, reason)):
            self.dismiss(True)
            count = len(self.refs)
            what = "Follow-up" if count == 1 else f"{count:,} follow-ups"
            self.app.say(f"{what} dropped.  u undoes it")
