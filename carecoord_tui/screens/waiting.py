"""Say who owes the next step of an item, and until when; or that nobody does any more."""

from __future__ import annotations

from datetime import date

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import Kind, WaitingOn
from carecoord_tui.domain.waiting import WHO_LIMIT, Waiting, chase_day
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.items import move, stop_waiting
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.records import Parties, read_parties
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import DIM, WAITING, styled

PROMISE_DAYS = 3  # working days, when they named no date
SOMEBODY, NOBODY = "somebody", "nobody"
"""Two choices without a name on file; the others are keys of ``WaitingSheet.parties``."""

_USUAL = {
    **dict.fromkeys((Kind.AUTHORIZATION, Kind.DENIAL, Kind.ELIGIBILITY), "payer"),
    Kind.REFERRAL: "office",
}


class WaitingSheet(Sheet[bool]):
    """One key says who, ``enter`` takes the proposed date. Works on all marked items in one change.

    A day typed as promised is asked about on the working day after it.
    """

    def __init__(self, practice: Practice, subject: Subject) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self.is_waiting = any(ranked.item.waiting_on for ranked in subject.items)
        self.last_day = min(
            (
                ranked.item.legal_on
                for ranked in subject.items
                if ranked.item.legal_on is not None and ranked.item.legal_on >= practice.today()
            ),
            default=None,
        )
        parties = self._parties()
        self.parties = {
            one.kind.value: one
            for one in (
                Waiting(parties.payer or "payer", WaitingOn.PAYER, payer_id=parties.payer_id),
                Waiting(parties.office or "office", WaitingOn.OFFICE, provider_id=parties.provider_id),
                Waiting("patient", WaitingOn.PATIENT),
                Waiting("family", WaitingOn.FAMILY),
                Waiting("clinician", WaitingOn.CLINICIAN),
            )
        }

    def _parties(self) -> Parties:
        """Names on file; none when the items' differ, since one name would be wrong for some."""
        found = {read_parties(self.practice.execute, ref) for ref in self.subject.refs}
        return found.pop() if len(found) == 1 else Parties()

    def heading(self) -> str:
        """What waits."""
        items = self.subject.items
        if len(items) > 1:
            return f"Waiting on somebody: {len(items)} items"
        return f"Waiting on: {items[0].title} · {self.app.shown_name(self.subject.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "one key says who · enter takes the date · esc back"

    def compose_body(self) -> ComposeResult:
        """Who, somebody else's name, until when."""
        if self.is_waiting:
            yield Static(styled(self._now(), WAITING), id="waiting-now")
        with Horizontal(classes="field choices"):
            yield Label("Who")
            yield ChoiceRow(self._options(), value=self._usual(), id="waiting-who")
        with Horizontal(classes="field"):
            yield Label("Somebody else")
            yield Input(
                id="waiting-name",
                max_length=WHO_LIMIT,
                placeholder="a name or an office",
                select_on_focus=False,
            )
        with Horizontal(classes="field"):
            yield Label("They promised")
            yield self._date_input("waiting-promised")
        with Horizontal(classes="field"):
            yield Label("Ask again")
            yield self._date_input("waiting-until", self._proposal())
        if self.last_day is not None:
            yield Static(styled(f"Last day {format_day(self.last_day, self.practice.today())}", DIM))

    def _date_input(self, name: str, proposal: When | None = None) -> DateInput:
        return DateInput(
            today=self.practice.today(),
            order=self.practice.settings.date_order,
            is_business_day=self.practice.context.calendar.is_working_day,
            proposal=proposal,
            id=name,
        )

    def _now(self) -> str:
        """Who is waited for at present."""
        today = self.practice.today()
        waiting = [ranked.item for ranked in self.subject.items if ranked.item.waiting_on]
        if len(self.subject.items) > 1:
            return f"{len(waiting)} of {len(self.subject.items)} wait for somebody already"
        return f"Now waiting: {waiting[0].waiting_on}, until {format_day(waiting[0].target_on, today)}"

    def _options(self) -> list[Option]:
        keys = {"payer": "p", "office": "o", "patient": "t", "family": "f", "clinician": "c"}
        options = [Option(key, self.parties[who].who, who) for who, key in keys.items()]
        options.append(Option("e", "somebody else", SOMEBODY))
        if self.is_waiting:
            options.append(Option("n", "nobody any more", NOBODY))
        return options

    def _usual(self) -> str | None:
        kinds = {ranked.item.kind for ranked in self.subject.items}
        return _USUAL.get(kinds.pop()) if len(kinds) == 1 else None

    def _proposal(self, promised: date | None = None) -> When:
        """The working day after the promise, else three on; never past the nearest last day still ahead."""
        calendar, today = self.practice.context.calendar, self.practice.today()
        if promised is not None:
            return When(chase_day(promised, calendar, today, self.last_day))
        day = calendar.add_working_days(today, PROMISE_DAYS)
        if self.last_day is not None and day > self.last_day:
            day = max(today, calendar.previous_working_day_on_or_before(self.last_day))
        return When(day)

    # --- keys ------------------------------------------------------------------------------------

    def on_choice_row_chosen(self, event: ChoiceRow.Chosen) -> None:
        """Who is said: go on to the name or the date, or clear the waiting at once."""
        event.stop()
        if event.value == NOBODY:
            self._stop()
        elif event.value == SOMEBODY:
            self.query_one("#waiting-name", Input).focus()
        else:
            self._promised.focus()

    @property
    def _promised(self) -> DateInput:
        return self.query_one("#waiting-promised", DateInput)

    @property
    def _until(self) -> DateInput:
        return self.query_one("#waiting-until", DateInput)

    def on_choice_row_submitted(self, event: ChoiceRow.Submitted) -> None:
        """Enter on who: go on."""
        event.stop()
        if event.value is None:
            self.problem("Who owes the next step? Press one of the keys.")
        else:
            self.on_choice_row_chosen(ChoiceRow.Chosen(event.choice_row, event.value))

    def on_input_changed(self, event: Input.Changed) -> None:
        """A typed name is who is meant."""
        if event.input.id == "waiting-name" and event.value.strip():
            self.query_one(ChoiceRow).value = SOMEBODY

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the name: go on to the dates."""
        if event.input.id == "waiting-name":
            event.stop()
            self._promised.focus()

    def on_date_input_changed(self, event: DateInput.Changed) -> None:
        """A promise proposes the day to ask again."""
        event.stop()
        if event.date_input is self._promised:
            self._until.proposal = self._proposal(event.value.on if event.value is not None else None)

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter in a date saves."""
        event.stop()
        problem = self._promised.problem or self._until.problem
        if problem:
            self.problem(problem)
        elif (until := self._until.value) is not None:
            self._save(self._promised.value, until)

    def _who(self) -> Waiting | None:
        value = self.query_one(ChoiceRow).value
        if value == SOMEBODY:
            name = clean_text(self.query_one("#waiting-name", Input).value, WHO_LIMIT)
            return Waiting(name) if name else None
        return self.parties.get(value or "")

    def _save(self, promised: When | None, until: When) -> None:
        who = self._who()
        if who is None:
            self.problem("Who owes the next step? Choose one, or type a name.")
            return
        refs, today = self.subject.refs, self.practice.today()
        if promised is not None and self.last_day is not None and promised.on > self.last_day:
            last, named = format_day(self.last_day, today), format_day(promised.on, today)
            self.problem(f"The last day is {last}: they cannot have until {named}.")
            return
        waiting = who.promising(promised.on if promised is not None else None)
        if self.attempt(lambda: move(self.practice, refs, until, waiting_on=waiting)):
            self.dismiss(True)
            day = format_day(until.on, today)
            several = f" for {len(refs)} items" if len(refs) > 1 else ""
            self.app.say(f"Waiting on {who.who} until {day}{several}.  u undoes it")

    def _stop(self) -> None:
        refs = self.subject.refs
        if self.attempt(lambda: stop_waiting(self.practice, refs)):
            self.dismiss(True)
            self.app.say("Nobody is waited for any more; the next step is yours.  u undoes it")


SCREEN = WaitingSheet
