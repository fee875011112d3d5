"""The act that settles an item a rule made: choices by key, ``x`` again takes the first."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Label, Static

from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.settle import Choice, Need, choices
from carecoord_tui.domain.vocabulary import Kind, ReferralStage
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.settle import settle
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import DIM, styled


def choices_for(practice: Practice, ranked: Ranked) -> tuple[Choice, ...]:
    """What can settle this item; empty where a contact is the act."""
    item = ranked.item
    stage = None
    if item.kind is Kind.REFERRAL:
        rows = practice.execute("SELECT stage FROM referral WHERE id = ?", [item.record_id])
        stage = ReferralStage(rows[0][0]) if rows else None
    return choices(item.kind, item.rule_id, stage)


class SettleSheet(Sheet[bool]):
    """One key carries a choice out today; ``tab`` types another day first."""

    AUTO_FOCUS = ""

    def __init__(self, practice: Practice, subject: Subject) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self.choices = choices_for(practice, subject.items[0])
        self.pending: Choice | None = None

    def heading(self) -> str:
        """What is settled."""
        items = self.subject.items
        if len(items) > 1:
            names = dict.fromkeys(self.app.shown_name(ranked.person.name) for ranked in items)
            return f"{len(items)} items of {len(names)} patients: {'; '.join(names)}"
        return f"{items[0].title} · {self.app.shown_name(self.subject.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "one key records it today · tab another day · esc back"

    def compose_body(self) -> ComposeResult:
        """The choices and the date."""
        yield Static(self._choice_lines(), id="settle-choices")
        with Horizontal(classes="field"):
            yield Label("On", id="settle-prompt")
            yield DateInput(
                today=self.practice.today(),
                order=self.practice.settings.date_order,
                is_business_day=self.practice.context.calendar.is_working_day,
                allow_past=True,
                id="settle-date",
            )

    def _choice_lines(self) -> Content:
        lines = []
        for choice in self.choices:
            asks = {Need.TIME: "  asks for day and time", Need.DAYS_VALID: "  asks for the last day"}
            lines.append(
                Content.assemble(
                    (f" {choice.key} ", "$text-accent bold"),
                    styled(choice.label),
                    styled(asks.get(choice.need, ""), DIM),
                )
            )
        return Content("\n").join(lines)

    def on_key(self, event: events.Key) -> None:
        """A choice's letter; typing in the date goes to the date."""
        if self.focused is not None:
            return
        chosen = next((c for c in self.choices if c.key == event.character), None)
        if chosen is not None:
            event.stop()
            self._choose(chosen)

    def _choose(self, choice: Choice) -> None:
        typed = self.query_one(DateInput)
        if typed.problem:
            self.problem(typed.problem)
            return
        when = typed.value
        if when is None and choice.need in (Need.TIME, Need.DAYS_VALID):
            self.pending = choice
            self.query_one("#settle-prompt", Label).update(Content(choice.prompt))
            typed.focus()
            return
        self._carry_out(choice, when)

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter: carry out what asked for the date, or go back to the keys."""
        event.stop()
        if self.pending is not None and event.value is not None:
            self._carry_out(self.pending, event.value)
        else:
            self.set_focus(None)

    def _carry_out(self, choice: Choice, when: When | None) -> None:
        if not self.attempt(lambda: settle(self.practice, self.subject.refs, choice, when)):
            return
        self.dismiss(True)
        day = f" {format_day(when.on, self.practice.today())}" if when else ""
        self.app.say(f"Recorded: {choice.label}{day}.  u undoes it")


SCREEN = SettleSheet
