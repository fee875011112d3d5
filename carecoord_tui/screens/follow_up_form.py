"""A new follow-up in full, or the change of one: what, when, kind, priority, repeats."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.types import CSSPathType
from textual.widgets import Input, Label, Static

from carecoord_tui.domain.dates import When, echo, format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.quick_words import VERBS
from carecoord_tui.domain.recurrence import RecurrenceError, describe, next_after, parse_recurrence
from carecoord_tui.domain.vocabulary import FollowUpKind, Priority
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.follow_ups import TITLE_LIMIT, add_follow_up, edit_follow_up
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.records import FollowUpRow, read_follow_up
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import ALARM, DIM, styled

KINDS = tuple(Option(key, kind.label, kind.value) for key, kind in zip("cphveao", FollowUpKind, strict=True))
PRIORITIES = tuple(
    Option(key, priority.label, priority.value) for key, priority in zip("lnh", Priority, strict=True)
)
MAX_REPEATS = 80
NOT_REPEATING = frozenset({"", "no", "once", "never"})


class FollowUpSheet(Sheet[bool]):
    """``enter`` goes from field to field and saves in the last; ``ctrl+s`` saves from anywhere.

    With ``follow_up_id`` that follow-up is changed, else a new one is made for the subject's patient.
    """

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "follow_up_form.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="sheet.save", show=False),
    ]
    AUTO_FOCUS = "#follow-up-title"
    asks_before_leaving = True

    def __init__(self, practice: Practice, subject: Subject, follow_up_id: int | None = None) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self.record = read_follow_up(practice.execute, follow_up_id) if follow_up_id is not None else None
        self.is_gone = follow_up_id is not None and self.record is None
        self._kind_is_meant = self.record is not None

    def heading(self) -> str:
        """Whose follow-up."""
        what = "Change follow-up" if self.record else "New follow-up"
        return f"{what}: {self.app.shown_name(self.subject.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "enter next field · ctrl+s save · esc back"

    def compose_body(self) -> ComposeResult:
        """The fields, with what the record holds."""
        record = self.record
        with Horizontal(classes="field"):
            yield Label("What")
            yield Input(
                clean_text(record.title, TITLE_LIMIT) if record else "",
                id="follow-up-title",
                max_length=TITLE_LIMIT,
                placeholder="e.g. Call: CGM supply order",
                select_on_focus=False,
            )
        with Horizontal(classes="field"):
            yield Label("When")
            yield self._date_input(record)
        with Horizontal(classes="field choices"):
            yield Label("Kind")
            yield ChoiceRow(KINDS, value=record.kind if record else FollowUpKind.OTHER, id="follow-up-kind")
        with Horizontal(classes="field choices"):
            yield Label("Priority")
            yield ChoiceRow(
                PRIORITIES, value=record.priority if record else Priority.NORMAL, id="follow-up-priority"
            )
        with Horizontal(classes="field"):
            yield Label("Repeats")
            yield Input(
                _words_of(record.recurrence) if record else "",
                id="follow-up-repeats",
                max_length=MAX_REPEATS,
                placeholder="e.g. every 2 weeks",
            )
            yield Static(id="repeats-echo", markup=False)

    def _date_input(self, record: FollowUpRow | None) -> DateInput:
        today, calendar = self.practice.today(), self.practice.context.calendar
        return DateInput(
            today=today,
            order=self.practice.settings.date_order,
            is_business_day=calendar.is_working_day,
            proposal=None if record else When(calendar.next_working_day(today)),
            value=echo(self._due_of(record)) if record else "",
            allow_past=record is not None,  # a past one may stand as it is
            id="follow-up-due",
        )

    def _due_of(self, record: FollowUpRow) -> When:
        """The stored due date in the practice's time."""
        if record.due_at is None:
            return When(record.due_on)
        return When(record.due_on, record.due_at.astimezone(self.practice.zone).time())

    def on_mount(self) -> None:
        """Say what the repeats mean."""
        self._echo_repeats()

    # --- repeats ---------------------------------------------------------------------------------

    def _typed(self, field: str) -> str:
        return self.query_one(f"#{field}", Input).value.strip()

    def _rule(self) -> str:
        """The recurrence as stored; empty for none. Raises RecurrenceError for words not understood.

        Unchanged words keep the stored rule, whatever becomes of the date.
        """
        words = self._typed("follow-up-repeats")
        if self.record is not None and words == _words_of(self.record.recurrence):
            rule = self.record.recurrence
        elif words.casefold() in NOT_REPEATING:
            rule = ""
        else:
            due = self.query_one(DateInput).value
            rule = parse_recurrence(words, first_due=due.on if due else None)
        if rule:
            describe(rule)  # one from elsewhere may be outside what this program follows
        return rule

    def _echo_repeats(self) -> None:
        shown = self.query_one("#repeats-echo", Static)
        try:
            shown.update(styled(self._repeats_words(), DIM), layout=False)
        except RecurrenceError as error:
            shown.update(styled(str(error), ALARM), layout=False)

    def _repeats_words(self) -> str:
        """``= every 2 weeks on Fri, then Fri 18 Dec``."""
        rule = self._rule()
        if not rule:
            return "once"
        due = self.query_one(DateInput).value
        if due is None:
            return f"= {describe(rule)}"
        today = self.practice.today()
        following = next_after(rule, due.on, self.practice.context.calendar.is_working_day, after=today)
        return f"= {describe(rule)}, then {format_day(following, today)}"

    # --- keys ------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Echo the repeats; a leading verb says the kind until one is chosen."""
        if event.input.id == "follow-up-repeats":
            self._echo_repeats()
        elif event.input.id == "follow-up-title" and not self._kind_is_meant:
            first = event.value.split(maxsplit=1)[:1]
            verb = VERBS.get(first[0].rstrip(":").casefold()) if first else None
            self.query_one("#follow-up-kind", ChoiceRow).value = verb.kind if verb else FollowUpKind.OTHER

    def on_date_input_changed(self, event: DateInput.Changed) -> None:
        """The day decides what ``weekly`` means."""
        event.stop()
        self._echo_repeats()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: the next field, or save in the last."""
        event.stop()
        if event.input.id == "follow-up-repeats":
            self.action_save()
        else:
            self.query_one(DateInput).focus()

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter in the date: on to the kind."""
        event.stop()
        self.query_one("#follow-up-kind", ChoiceRow).focus()

    def on_choice_row_chosen(self, event: ChoiceRow.Chosen) -> None:
        """An option's key: taken, on to the next field."""
        event.stop()
        self._after_choice(event.choice_row)

    def on_choice_row_submitted(self, event: ChoiceRow.Submitted) -> None:
        """Enter on a choice: on to the next field."""
        event.stop()
        self._after_choice(event.choice_row)

    def _after_choice(self, row: ChoiceRow) -> None:
        if row.id == "follow-up-kind":
            self._kind_is_meant = True
            self.query_one("#follow-up-priority", ChoiceRow).focus()
        else:
            self.query_one("#follow-up-repeats", Input).focus()

    # --- saving ----------------------------------------------------------------------------------

    def action_save(self) -> None:
        """Keep it when every field is understood; else say which is not and go there."""
        if self.is_gone:
            self.problem("That follow-up is no longer there; the list was out of date.")
            return
        due = self.query_one(DateInput)
        if due.value is None:
            self.problem(due.problem or "When? Type a date, such as fri or +3bd.")
            due.focus()
            return
        try:
            rule = self._rule()
        except RecurrenceError as error:
            self.problem(f"Repeats: {error}")
            self.query_one("#follow-up-repeats", Input).focus()
            return
        when = due.value
        if self.attempt(lambda: self._keep(when, rule)):
            self.dismiss(True)
            what = "Changed" if self.record else "Added"
            repeats = f", {describe(rule)}" if rule else ""
            self.app.say(f"{what}: {self._typed('follow-up-title')}, {echo(when)}{repeats}.  u undoes it")

    def _keep(self, due: When, rule: str) -> None:
        title = self._typed("follow-up-title")
        kind = FollowUpKind(self.query_one("#follow-up-kind", ChoiceRow).value or FollowUpKind.OTHER)
        priority = Priority(self.query_one("#follow-up-priority", ChoiceRow).value or Priority.NORMAL)
        if self.record is not None:
            edit_follow_up(
                self.practice,
                self.record.id,
                title=title,
                due=due,
                kind=kind,
                priority=priority,
                recurrence=rule,
            )
        elif self.subject.patient_id is not None:
            add_follow_up(
                self.practice,
                patient_id=self.subject.patient_id,
                title=title,
                due=due,
                kind=kind,
                priority=priority,
                recurrence=rule,
            )


def _words_of(rule: str) -> str:
    """The rule in words; empty for none and for one this program did not write."""
    try:
        return describe(rule) if rule else ""
    except RecurrenceError:
        return ""


SCREEN = FollowUpSheet
