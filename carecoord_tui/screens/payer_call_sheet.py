"""A call to a payer: its numbers, what it asks for, one key for the outcome."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content

from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.eligibility_rows import PayerToCall
from carecoord_tui.domain.insurance_rows import key_of
from carecoord_tui.domain.vocabulary import Outcome
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.call_sheet import NAMES_SHOWN, NOTE, REFERENCE, WHO, CallSheet, Ending
from carecoord_tui.store.actions.chase import NOBODY_DAYS, PROMISE_DAYS, SPOKEN
from carecoord_tui.store.actions.payer_calls import log_payer_call
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.payer_calls import calls_to, read_asks
from carecoord_tui.widgets.call_panel import ABOUT_SHOWN, call_panel
from carecoord_tui.widgets.payer_call_rows import call_facts

OUTCOMES: tuple[tuple[str, str, Outcome, bool], ...] = (
    ("a", "answered now", Outcome.OFFICE_REACHED, True),
    ("s", "will answer", Outcome.OFFICE_REACHED, False),
    ("b", "calls back", Outcome.CALLBACK, False),
    ("n", "no answer", Outcome.OFFICE_NO_ANSWER, False),
    ("m", "left a message", Outcome.OFFICE_MESSAGE, False),
)
"""Key, words, outcome, and whether the answers are recorded next."""
PATIENT_KEY = "c"


class PayerCallSheet(CallSheet):
    """One key logs the call for everything chosen; ``tab`` for reference, minutes, who, day, note.

    With one person in question ``c`` calls the patient instead.
    """

    def __init__(self, practice: Practice, subject: Subject, payer: PayerToCall) -> None:
        super().__init__(practice)
        self.subject, self.payer = subject, payer
        self.items = subject.items
        self.is_about_one = len({ranked.item.patient_id for ranked in subject.items}) == 1

    def heading(self) -> str:
        """Which payer is called about whom."""
        names = list(dict.fromkeys(self.app.shown_name(ranked.person.name) for ranked in self.subject.items))
        more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
        return f"Call to {self.payer.name}: {'; '.join(names[:NAMES_SHOWN])}{more}"

    def hint(self) -> str:
        """The keys."""
        patient = f" · {PATIENT_KEY} call the patient" if self.is_about_one else ""
        return f"one key logs it · tab fields{patient} · esc back"

    def facts(self) -> Content:
        """The payer's numbers and last call, then for each thing what the payer finds it by."""
        practice, items = self.practice, self.subject.items
        moment = practice.moment()
        keys = [key_of(one.item.kind, one.item.record_id) for one in items[:ABOUT_SHOWN]]
        found = read_asks(practice.execute, keys, moment)
        asks = [found[key] for key in keys if key in found]
        about = [
            call_facts(
                ask,
                moment.today,
                "" if self.is_about_one else self.app.shown_name(ask.ranked.person.name),
                is_masked=self.app.privacy,
            )
            for ask in asks
        ]
        last = next(iter(calls_to(practice.execute, self.payer.payer_id, limit=1)), None)
        return call_panel(self.payer, last, about, moment, count=len(items))

    def endings(self) -> Sequence[Ending]:
        """Outcomes with the day each sets."""
        ask, again = self.look_words(PROMISE_DAYS), self.look_words(NOBODY_DAYS)
        return [
            Ending(
                key,
                label,
                "nothing moves: record each answer with x or i"
                if is_answered
                else f"ask again {ask}"
                if outcome in SPOKEN
                else f"call again {again}",
            )
            for key, label, outcome, is_answered in OUTCOMES
        ]

    def on_key(self, event: events.Key) -> None:
        """The patient may be meant, not the payer."""
        if self.focused is None and event.character == PATIENT_KEY and self.is_about_one:
            from carecoord_tui.screens.contact import ContactSheet

            event.stop()
            event.prevent_default()
            self.app.switch_screen(ContactSheet(self.practice, self.subject))

    def record(self, ending: Ending) -> None:
        """A contact for each thing asked about."""
        outcome, is_answered = next(
            (outcome, is_answered) for key, _, outcome, is_answered in OUTCOMES if key == ending.key
        )
        days: list[str] = []

        def act() -> None:
            found = log_payer_call(
                self.practice,
                self.payer.payer_id,
                self.subject.refs,
                outcome,
                reference=self.text(REFERENCE),
                minutes=self.minutes,
                spoke_with=self.text(WHO),
                note=self.text(NOTE),
                until=self.day,
                is_answered=is_answered,
            )
            days.extend(format_day(day, self.practice.today()) for day in found)

        if self.attempt(act):
            self.dismiss(True)
            count = len(self.subject.items)
            several = f" for {count} items" if count > 1 else ""
            then = "record each answer with x or i" if is_answered else f"ask again {', '.join(days)}"
            self.app.say(f"Logged{several}: {then}.  u undoes it")
