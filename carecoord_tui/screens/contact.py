"""Log a contact: one key for the outcome, and the next try is set. Two keys from the row."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, Static

from carecoord_tui.domain import outreach
from carecoord_tui.domain.copying import voicemail_fact, why_no_voicemail
from carecoord_tui.domain.dates import When, echo, format_day, format_time
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.people import authorized
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.referral_rows import office_closed
from carecoord_tui.domain.rows import PersonView, RelatedRow
from carecoord_tui.domain.vocabulary import Kind, Outcome
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.contacts import log_contact
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.offices import read_owing_office
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import ALARM, DIM, STRONG, limits, phone_words, styled

OUTCOMES: tuple[tuple[str, Outcome], ...] = (
    ("p", Outcome.REACHED_PATIENT),
    ("a", Outcome.REACHED_PROXY),
    ("n", Outcome.NO_ANSWER),
    ("m", Outcome.LEFT_MINIMAL),
    ("d", Outcome.LEFT_DETAILED),
    ("f", Outcome.MAILBOX_FULL),
    ("w", Outcome.WRONG_NUMBER),
    ("x", Outcome.DISCONNECTED),
    ("b", Outcome.CALLBACK),
    ("o", Outcome.OFFICE_REACHED),
    ("r", Outcome.REFUSED),
    ("l", Outcome.LETTER_SENT),
    ("t", Outcome.PORTAL_SENT),
)
BY_KEY = dict(OUTCOMES)
ALSO_SHOWN = 6
BARRED = frozenset(
    {Outcome.LEFT_MINIMAL, Outcome.LEFT_DETAILED, Outcome.LETTER_SENT, Outcome.PORTAL_SENT}
)  # under a confidential channel
NO_MESSAGES = "This person allows no voicemail, letter or portal message."
NO_LETTER_HOME = "This patient consented alone: no letter goes home."
NOBODY_AUTHORIZED = "Nobody is authorized today: P on the patient page says who may be told what."
SETTLED_BY_TALKING = frozenset({Kind.FOLLOW_UP, Kind.PATIENT})


@dataclass(slots=True)
class _Also:
    """Another item of the same person that this conversation may have settled."""

    ranked: Ranked
    ticked: bool = False


class ContactSheet(Sheet[bool]):
    """Outcomes by key; ``tab`` for a note or another next date; digits tick what else it settled."""

    AUTO_FOCUS = ""
    asks_before_leaving = True

    def __init__(self, practice: Practice, subject: Subject) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self.patient_id = subject.patient_id or 0
        self.person = read_person(practice.execute, self.patient_id)
        self.authorized = self._authorized()
        self.about = subject.first
        self.also = self._read_also(ticked={ranked.item.ref for ranked in subject.items})

    def _read_also(self, *, ticked: set[ItemRef]) -> list[_Also]:
        """What else of this person a talk may settle."""
        mine = None if self.about is None else self.about.item.ref
        return [
            _Also(ranked, ranked.item.ref in ticked)
            for ranked in items_of(self.practice.execute, self.patient_id, self.practice.moment())
            if ranked.item.ref != mine
            and (ranked.item.kind in SETTLED_BY_TALKING or ranked.item.rule_id == "appointment.confirm")
        ][:ALSO_SHOWN]

    def data_changed(self) -> None:
        """They may have called meanwhile: other numbers, other items; what was ticked stays ticked."""
        super().data_changed()
        self.person = read_person(self.practice.execute, self.patient_id)
        self.authorized = self._authorized()
        self.also = self._read_also(ticked={one.ranked.item.ref for one in self.also if one.ticked})
        self.query_one("#contact-phone", Static).update(self._phone())
        self.query_one("#contact-also", Static).update(self._also_lines())

    def _authorized(self) -> list[RelatedRow]:
        """The people around the patient whose authority is in force today."""
        person = self.person
        if person is None:
            return []
        return authorized(
            person.related,
            self.practice.today(),
            person.birth_date,
            minor_consented=bool(person.minor_consent),
        )

    # --- what is shown --------------------------------------------------------------------------

    def heading(self) -> str:
        """Who is called about what."""
        about = f" · {self.about.title}" if self.about else ""
        return f"Contact: {self.app.shown_name(self.subject.patient_name)}{about}"

    def hint(self) -> str:
        """The keys."""
        tick = " · 1-9 also settled" if self.also else ""
        return f"one key logs it · tab note, next date{tick} · esc back"

    def compose_body(self) -> ComposeResult:
        """Phone and limits, outcomes in two columns, further items, note, next date."""
        yield Static(self._phone(), id="contact-phone")
        with Horizontal(id="contact-outcomes"):
            half = (len(OUTCOMES) + 1) // 2
            yield Static(self._outcomes(OUTCOMES[:half]), classes="half")
            yield Static(self._outcomes(OUTCOMES[half:]), classes="half")
        yield Static(self._also_lines(), id="contact-also")
        with Horizontal(classes="field"):
            yield Label("Note")
            yield Input(id="contact-note", placeholder="what was said, then enter", select_on_focus=False)
        with Horizontal(classes="field"):
            yield Label("Next date")
            yield DateInput(
                today=self.practice.today(),
                order=self.practice.settings.date_order,
                is_business_day=self.practice.context.calendar.is_working_day,
                id="contact-next",
            )

    def _phone(self) -> Content:
        if self.person is None:
            return Content("")
        shown = self.app.shown_person(self.person)
        bound = [styled(f"  ! {text}", ALARM) for text in limits(shown)]
        lines = [Content("").join([styled(phone_words(shown, self.practice.moment())), *bound])]
        if office := self._office():
            lines.insert(0, styled(office, STRONG))
        if not self.person.detailed_voicemail:
            lines.append(styled(self._voicemail(self.person), DIM))
        return Content("\n").join(lines)

    def _office(self) -> str:
        """The office that owes the next step, with its number: that is who is called."""
        item = self.about.item if self.about else None
        if item is None or item.kind is not Kind.REFERRAL:
            return ""
        found = read_owing_office(self.practice.execute, item.record_id)
        if found is None:
            return ""
        number = format_phone(found.phone) if found.phone else "no number on file"
        closed = office_closed(found, self.practice.moment())
        words = "  ".join(part for part in (found.name, number, closed) if part)
        return f"{words}  (o logs that the office was reached)"

    def _voicemail(self, person: PersonView) -> str:
        """The only words for a machine, or why there are none."""
        number = self.practice.settings.callback_number
        if not number:
            return "Voicemail: set callback_number with `carecoord settings` to have it written out"
        if reason := why_no_voicemail(person, number):
            return f"No {reason}."
        spoken = voicemail_fact(person, self.practice.user.name, number).shown(privacy=self.app.privacy)
        return f"Voicemail: “{spoken}” and nothing else."

    def _outcomes(self, outcomes: tuple[tuple[str, Outcome], ...]) -> Content:
        lines = []
        for key, outcome in outcomes:
            follows = self._follows(outcome)
            dim = bool(self._why_barred(outcome)) or (
                outcome is Outcome.LEFT_DETAILED and not (self.person and self.person.detailed_voicemail)
            )
            lines.append(
                Content.assemble(
                    (f" {key} ", "$text-accent bold"),
                    styled(outcome.label, DIM if dim else STRONG),
                    styled(f"  {follows}" if follows else "", DIM),
                )
            )
        return Content("\n").join(lines)

    def _proposal(self, outcome: Outcome) -> outreach.NextTry:
        item = self.about.item if self.about else None
        attempts = int(item.progress.split("/")[0]) if item and "/" in item.progress else 0
        return outreach.propose(
            outcome,
            now=self.practice.clock.now(),
            attempts=attempts,
            deadline=item.legal_on if item else None,
            pack=self.practice.context.pack,
            zone=self.practice.zone,
            calendar=self.practice.context.calendar,
            keep_trying=item is not None and item.kind is Kind.TRANSITION,
            hours=outreach.hours_of(
                self.person.call_from, self.person.call_until, self.person.time_zone, self.practice.context
            )
            if self.person
            else outreach.ANY_TIME,
        )

    def _follows(self, outcome: Outcome) -> str:
        """What the key will set, said beforehand."""
        if self.about is None:
            return ""
        if outcome is Outcome.LEFT_DETAILED and not (self.person and self.person.detailed_voicemail):
            return "not agreed"
        if self._is_barred(outcome):
            return "not allowed here"
        if outcome is Outcome.REACHED_PROXY and not self.authorized:
            return "nobody"
        if outcome is Outcome.CALLBACK:
            return "type when"
        if outcome.is_reached:
            return self._reached_words()
        proposal = self._proposal(outcome)
        if proposal.on is None:
            return ""
        return self._when(proposal)

    def _reached_words(self) -> str:
        item = self.about.item if self.about else None
        if item is None:
            return ""
        if item.kind is Kind.TRANSITION and not self.practice.user.is_clinical:
            return "counts only for clinical staff"
        settles = item.kind in SETTLED_BY_TALKING or item.rule_id in ("appointment.confirm", "tcm.contact")
        return "settles it" if settles else "logged; x settles"

    def _when(self, proposal: outreach.NextTry) -> str:
        today = self.practice.today()
        if proposal.on is None:
            return ""
        day = "today" if proposal.on == today else format_day(proposal.on, today)
        if proposal.at is None:
            return day
        return f"{day} {format_time(proposal.at.astimezone(self.practice.zone).time())}"

    def _also_lines(self) -> Content:
        if not self.also:
            return Content("")
        lines = [styled("This call also settled", DIM)]
        for number, also in enumerate(self.also, 1):
            box = "[x]" if also.ticked else "[ ]"
            lines.append(
                Content.assemble((f" {number} ", "$text-accent bold"), styled(f"{box} {also.ranked.title}"))
            )
        return Content("\n").join(lines)

    # --- keys ---------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """An outcome's letter, or a digit that ticks; typing in a field goes to the field."""
        if self.focused is not None:
            return
        if event.character and event.character.isdigit():
            number = int(event.character)
            if 1 <= number <= len(self.also):
                event.stop()
                self.also[number - 1].ticked = not self.also[number - 1].ticked
                self.query_one("#contact-also", Static).update(self._also_lines(), layout=False)
        elif event.character in BY_KEY:
            event.stop()
            self._choose(BY_KEY[event.character])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the note: back to the outcome keys."""
        if event.input.id == "contact-note":
            event.stop()
            self.set_focus(None)

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter in the date: back to the outcome keys."""
        event.stop()
        self.set_focus(None)
        self.problem("")

    def _is_barred(self, outcome: Outcome) -> bool:
        """Under a confidential channel (45 CFR 164.522(b)) no voicemail, letter or portal message.

        A minor who consented alone gets no letter home either.
        """
        if self.person is None:
            return False
        no_letter = bool(self.person.minor_consent) and outcome is Outcome.LETTER_SENT
        return no_letter or (self.person.confidential_channel and outcome in BARRED)

    def _why_barred(self, outcome: Outcome) -> str:
        """Why an outcome needs a note that says why it happened all the same; empty where it does not."""
        if self._is_barred(outcome):
            consented = self.person is not None and not self.person.confidential_channel
            return NO_LETTER_HOME if consented else NO_MESSAGES
        if outcome is Outcome.REACHED_PROXY and not self.authorized:
            return NOBODY_AUTHORIZED
        return ""

    def _choose(self, outcome: Outcome) -> None:
        barred = self._why_barred(outcome)
        if barred and not self.query_one("#contact-note", Input).value.strip():
            self.problem(f"{barred} If it happened all the same, say why in the note first (tab).")
            return
        typed = self.query_one(DateInput)
        if typed.problem:
            self.problem(typed.problem)
            return
        next_try = typed.value
        if outcome is Outcome.CALLBACK and next_try is None:
            self.problem("When will they call back? Type it, press enter, then b.")
            typed.focus()
            return
        if self._log(outcome, next_try):
            self.dismiss(True)

    def _spoke_with(self, outcome: Outcome) -> str:
        """The one authorized person, where there is no doubt which."""
        if outcome is Outcome.REACHED_PROXY and len(self.authorized) == 1:
            return self.authorized[0].name
        return ""

    def _log(self, outcome: Outcome, next_try: When | None) -> bool:
        about: ItemRef | None = self.about.item.ref if self.about else None
        also = [one.ranked.item.ref for one in self.also if one.ticked]
        done = self.attempt(
            lambda: log_contact(
                self.practice,
                patient_id=self.patient_id,
                outcome=outcome,
                about=about,
                settles=also,
                next_try=next_try,
                spoke_with=self._spoke_with(outcome),
                note=self.query_one("#contact-note", Input).value.strip(),
            )
        )
        if done:
            proposal = self._proposal(outcome)
            if next_try is not None and not outcome.is_reached:
                after = f" Next: {echo(next_try)}."
            elif about is not None and proposal.on is not None:
                after = f" Next: {self._when(proposal)}."
            else:
                after = ""
            self.app.say(f"Logged: {outcome.label}.{after}  u undoes it")
        return bool(done)


SCREEN = ContactSheet
