"""An incoming call: logged from anywhere, never triaged. What was open below stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import Input, Static

from carecoord_tui.domain.dates import When, format_birth, format_day, format_time
from carecoord_tui.domain.identifiers import IdentifierError, format_phone, parse_phone
from carecoord_tui.domain.incoming import (
    NOT_AUTHORIZED,
    ON_A_CLINICIANS_WORD,
    QUESTION,
    SCRIPT,
    NewPerson,
    awaits_an_answer,
    may_be_calling,
    may_be_told,
)
from carecoord_tui.domain.masking import MASK
from carecoord_tui.domain.rows import PersonView
from carecoord_tui.domain.vocabulary import Disposition, PatientStatus
from carecoord_tui.screens.caller_search import NOBODY, CallerSearch, Chosen
from carecoord_tui.screens.form_sheet import FIELDS, Field, FormInput, FormSheet
from carecoord_tui.screens.incoming_call_draft import (
    ANOTHER,
    DISPOSITIONS,
    NO,
    PATIENT,
    SAFETY,
    caller_options,
    read_call,
)
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.incoming_calls import CallEntry, log_incoming_call
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.incoming_calls import usual_clinician
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.widgets.answer_row import AnswerRow
from carecoord_tui.widgets.choice import Option
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_facts import alert_lines
from carecoord_tui.widgets.person_pane import ALARM, STRONG, heading, phone_words, styled

MARGINS = 3  # cells beside the form: a blank each, the scrollbar
LINES_AROUND = 4  # rule, heading, hint, and one for what is wrong
NO_NUMBER = "number to call back on"
NO_NUMBER_ANYWHERE = "There is no number to call back on: type one, or ctrl+s again saves without."
CALL_BACK, LAST = "call-back", "call-note"


class IncomingCallSheet(FormSheet[bool]):
    """``F2``, digits or letters; then line by line with ``enter``: who calls, the reason, ``y`` or ``n``, ...

    Nothing is answered by running text: an answer is one key in its own line, meant by ``enter``.
    """

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "incoming_call.tcss"]

    def __init__(self, practice: Practice) -> None:
        super().__init__()
        self.practice = practice
        self.about: int | NewPerson | None = None
        self.person: PersonView | None = None
        self._asked_for_number = False  # about this person: once

    def heading(self) -> str:
        """What this is, and about whom once that is known."""
        if self.person is not None:
            return f"Incoming call: {self.app.shown_name(self.person.name)}"
        if isinstance(self.about, NewPerson):
            return f"Incoming call: {self.app.shown_name(self.about.name)}, new"
        return "Incoming call"

    def hint(self) -> str:
        """The keys."""
        if self.about is None:
            return "up down, enter chooses · esc back to what was open"
        return "one key answers, enter goes on · ctrl+s save · esc back to what was open"

    def show_heading(self) -> None:
        """Names may be masked or shown since: the lines below name people too."""
        super().show_heading()
        self._show_hint()
        self._show_person()
        self._show_number_on_file()
        self._offer_callers()

    def _show_hint(self) -> None:
        self.query_one("#sheet-hint", Static).update(Content(self.hint()))

    def on_resize(self) -> None:
        """The fields take what the lines around them leave; who it is stands on as many lines as it needs."""
        if self.is_mounted:
            self.query_one("#form").styles.max_height = self.size.height - LINES_AROUND
            self._show_person()

    # --- fields ----------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """Who it is about; the rest as soon as that is known."""
        with Vertical(id="form"):
            yield CallerSearch(
                self.practice,
                lambda name: self.app.shown_name(name),
                is_masked=lambda: self.app.privacy,
                chosen=self._found,
                cleared=self._search_again,
            )
            with Vertical(id="call-rest"):
                yield Static("", id="call-facts", markup=False)
                yield Field("Who calls", self._row((), "caller"))
                yield Field("Name", FormInput(id="caller-name"))
                yield Field(
                    "Relationship",
                    FormInput(id="caller-relationship", placeholder="daughter, pharmacy, employer"),
                )
                yield Static("", id="call-scope", markup=False)
                yield Field(
                    "In their words",
                    FormInput(id="call-reason", placeholder="the reason, as said", prose=True),
                )
                yield Static(Content(f"{QUESTION}\n{SCRIPT}"), id="call-question")
                yield Field("", self._row(SAFETY, "safety"))
                yield Field("What I did", self._row(DISPOSITIONS, "done"))
                yield Field("Callback", FormInput(id="callback"))
                yield Field("Location", FormInput(id="location", placeholder="where they are now"))
                yield Field("Handed to clinician", FormInput(id="handed-to", placeholder="name"))
                yield Field("  at", FormInput(id="handed-at", placeholder="now"))
                yield Field("Clinician said", FormInput(id="clinician-said", placeholder="what to do"))
                yield Field("Call back on", self._date_input())
                yield Field("Minutes", FormInput(id="minutes", placeholder="how many"))
                yield Field("Note", FormInput(id=LAST, prose=True))

    def _date_input(self) -> DateInput:
        return DateInput(
            today=self.practice.today(),
            order=self.practice.settings.date_order,
            is_business_day=self.practice.context.calendar.is_working_day,
            id=CALL_BACK,
        )

    def on_mount(self) -> None:
        """Only the search until somebody is chosen."""
        self.query_one("#call-rest").display = False
        self._show_lines()

    def texts(self) -> dict[str, str]:
        """Every field, the day to call back as typed."""
        return {**super().texts(), CALL_BACK: self.query_one(DateInput).text}

    def _chosen(self, name: str) -> str:
        return self.query_one(f"#{name}", AnswerRow).value or ""

    # --- the person ------------------------------------------------------------------------------

    def _search_again(self) -> None:
        self.about = self.person = None
        self.query_one("#call-rest").display = False
        super().show_heading()
        self._show_hint()

    def _found(self, chosen: Chosen) -> None:
        self.about, self._asked_for_number = chosen.person, False
        self.person = (
            read_person(self.practice.execute, chosen.person) if isinstance(chosen.person, int) else None
        )
        self.query_one("#call-rest").display = True
        row = self.query_one("#caller", AnswerRow)
        row.value = str(chosen.related_id) if chosen.related_id is not None else PATIENT
        if row.value == PATIENT and not self._is_likely_the_patient():
            row.value = None
        self.show_heading()
        self._show_lines()
        self.set_focus(row)

    def _has_died(self) -> bool:
        return self.person is not None and self.person.status is PatientStatus.DECEASED

    def _is_likely_the_patient(self) -> bool:
        about = self.about if isinstance(self.about, NewPerson) else self.person
        birth = about.birth_date if about is not None else None
        return not self._has_died() and may_be_calling(birth, self.practice.today())

    def _show_person(self) -> None:
        facts = self.query_one("#call-facts", Static)
        if self.person is None:
            facts.update(self._new_person())
            return
        today, person = self.practice.today(), self.app.shown_person(self.person)
        who, call = heading(person, today, self.app.shown_name), phone_words(person, self.practice.moment())
        lines = [Content("  ").join([who, styled(call)])]
        if lines[0].cell_length > self.size.width - MARGINS:
            lines = [who, styled(call)]
        lines += alert_lines(person, 0, today)
        facts.update(Content("\n").join(lines))

    def _show_number_on_file(self) -> None:
        field = self.query_one("#callback", FormInput)
        if self.person is None or not self.person.phones:
            field.placeholder = NO_NUMBER
            return
        number = MASK if self.app.privacy else format_phone(self.person.phones[0].number)
        field.placeholder = f"{number} on file"

    def _new_person(self) -> Content:
        new = self.about
        if not isinstance(new, NewPerson):
            return Content("")
        day = self.app.shown_value(format_birth(new.birth_date)) if new.birth_date else ""
        born = f", born {day}" if day else ", birth date not known"
        return styled(
            f"New person: {self.app.shown_name(new.name)}{born}. Added when the call is saved.", STRONG
        )

    # --- the caller ------------------------------------------------------------------------------

    def _offer_callers(self) -> None:
        row = self.query_one("#caller", AnswerRow)
        related = self.person.related if self.person else ()
        row.options = caller_options(related, self.app.shown_name, can_be_patient=not self._has_died())
        row.refresh(layout=True)

    def _row(self, options: Sequence[Option], name: str) -> AnswerRow:
        return AnswerRow(options, changed=self._show_lines, go_on=self._after, say=self._say_at, id=name)

    def _say_at(self, row: AnswerRow, words: str) -> None:
        field = self.field_of(row.id or "")
        field.show_problem(words)
        if words:
            self.call_after_refresh(field.scroll_visible, animate=False)

    def on_key(self, event: events.Key) -> None:
        """Enter in a text goes on at once: the next key of somebody who types fast is the next line's."""
        focused = self.focused
        if event.key == "enter" and isinstance(focused, FormInput) and focused.id != LAST:
            event.stop()
            self._after(focused)

    def _after(self, control: Widget) -> None:
        """The next line that matters; those that appeared just now have no place on the screen yet."""
        names = [one.id or "" for one in self.query(f"{FIELDS}, DateInput")]
        following = names[names.index(control.id or "") + 1 :]
        name = next(name for name in following if self.field_of(name).display)
        found = self.query_one(f"#{name}")
        self.set_focus(found.query_one(Input) if isinstance(found, DateInput) else found)

    def _show_lines(self) -> None:
        caller, done = self._chosen("caller"), self._chosen("done")
        is_safety = self._chosen("safety") not in ("", NO)
        is_handed = done == Disposition.HANDED_TO_CLINICIAN
        on_their_word = done in {one.value for one in ON_A_CLINICIANS_WORD}
        for names, when in (
            (("caller-name", "caller-relationship"), caller == ANOTHER),
            (("location",), is_safety),
            (("handed-to", "handed-at"), is_safety or is_handed or on_their_word),
            (("clinician-said",), on_their_word),
        ):
            for name in names:
                self.field_of(name).display = when
        if is_handed:
            self._propose_clinician()
        self._propose_call_back(done, is_safety=is_safety)
        self._show_scope(caller)

    def _propose_call_back(self, done: str, *, is_safety: bool) -> None:
        """Whoever waits for an answer is called back on the next working day, unless she says otherwise."""
        next_day = self.practice.context.calendar.next_working_day(self.practice.today())
        is_owed = bool(done) and awaits_an_answer(Disposition(done), is_safety=is_safety)
        self.query_one(DateInput).suggest(When(next_day) if is_owed else None)

    def _propose_clinician(self) -> None:
        field = self.query_one("#handed-to", FormInput)
        if not field.value:
            patient_id = self.about if isinstance(self.about, int) else None
            field.value = usual_clinician(self.practice.execute, patient_id)

    def _show_scope(self, caller: str) -> None:
        line = self.query_one("#call-scope", Static)
        line.display = caller not in ("", PATIENT)
        related = (
            next((one for one in self.person.related if str(one.id) == caller), None) if self.person else None
        )
        words = may_be_told(
            related,
            self.practice.today(),
            has_safe_contact=self.person is not None and bool(self.person.safe_contact),
            patient_birth=self.person.birth_date if self.person else None,
            minor_consented=self.person is not None and bool(self.person.minor_consent),
        )
        line.update(styled(words, ALARM if words.startswith(NOT_AUTHORIZED) else STRONG))

    @on(Input.Changed, "#callback")
    def _echo_number(self, event: Input.Changed) -> None:
        """What the number was understood as; a confidential channel goes before it."""
        event.stop()
        field = self.field_of("callback")
        field.show_problem("")
        try:
            number = parse_phone(event.value) if event.value.strip() else ""
        except IdentifierError:
            number = ""  # half typed; saving says what is wrong
        words = f"= {format_phone(number)}" if number else ""
        if number and self._forbids(number):
            words += " for this call"
        field.show_note(words)

    def _forbids(self, number: str) -> bool:
        person = self.person
        if person is None or not person.confidential_channel:
            return False
        return number not in {phone.number for phone in person.phones}

    # --- saving ----------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Check every field and log the call."""
        self.problem("")
        if self.about is None:
            self.show_problems({"person": NOBODY})
            return
        shown = {name: text for name, text in self.texts().items() if self.field_of(name).display}
        typed = self.query_one(DateInput)
        entry, problems = read_call(
            shown, call_back=typed.value, today=self.practice.today(), zone=self.practice.zone
        )
        if typed.problem:
            problems[CALL_BACK] = typed.problem
        if self.show_problems(problems):
            return
        if self._has_no_number(entry) and not self._asked_for_number:
            self._asked_for_number = True
            self.show_problems({"callback": NO_NUMBER_ANYWHERE})
            return
        self._log(self.about, entry)

    def _has_no_number(self, entry: CallEntry) -> bool:
        """True when somebody new is to be called back and no number was typed: there is none anywhere."""
        return entry.call_back is not None and not entry.callback_number and self.person is None

    def _log(self, about: int | NewPerson, entry: CallEntry) -> None:
        if not self.attempt(lambda: log_incoming_call(self.practice, about, entry)):
            return
        self.dismiss(True)
        done = entry.disposition.label if entry.disposition else ""
        after = f" Call back {self._short(entry.call_back)}." if entry.call_back else ""
        words = f"Call logged: {done}.{after}"
        self.app.say(f"{words}  u undoes it")
        self._tell_below(words)

    def _short(self, when: When) -> str:
        day = format_day(when.on, self.practice.today())
        return day if when.at is None else f"{day}, {format_time(when.at)}"

    def _tell_below(self, words: str) -> None:
        """A form that was parked covers the footer, and may show the person who just called."""
        below = self.app.screen
        if isinstance(below, Sheet):
            below.data_changed()
            below.tell(words)
        elif below.is_modal:
            self.app.notify(words)


SCREEN = IncomingCallSheet
