"""A visit: book one, change it, record how it went; who interprets, and who may not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.date_lean import Lean
from carecoord_tui.domain.dates import DateError, When, echo
from carecoord_tui.domain.folding import fold
from carecoord_tui.domain.interpreter import NOT_TOLD, Age, Ruling, Verdict, judge
from carecoord_tui.domain.visit_rows import clash_words, day_words, window_words
from carecoord_tui.domain.vocabulary import AppointmentStatus, PayerClass
from carecoord_tui.screens.appointment_draft import (
    ASKED,
    MODES,
    QUALIFIED,
    Draft,
    companion_words,
    estimate_words,
    first_texts,
    read_age,
    read_draft,
    status_options,
)
from carecoord_tui.screens.form_sheet import YES_NO, Field
from carecoord_tui.screens.insurance_fields import YES, InsuranceForm, referral_options
from carecoord_tui.screens.referral_offers import NEW_OFFICE, Offers
from carecoord_tui.store.actions.appointments import AppointmentEntry, InterpreterFacts, book, cancel, edit
from carecoord_tui.store.actions.visits import TIME_NEEDED
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.appointments import companions_of, read_visit, visits_at, windows_of
from carecoord_tui.store.queries.authorizations import referrals_of
from carecoord_tui.store.queries.billing import coverages_of
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.referral_form import patient_needs
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.safe_text import safe_text
from carecoord_tui.widgets.type_ahead import Suggestion, TypeAhead

_S = AppointmentStatus
_OVER = (_S.FULFILLED, _S.NOSHOW)
_MISSED = (_S.NOSHOW, _S.CANCELLED)
_GONE = "That visit is no longer there; the list was out of date."
_REBOOKS = "Another time books a new visit; this one stays on record."
_INTERPRETER = ("mode", "interpreter-name", "qualified", "age", "asked")
_DETAILS = ("when", "title", "provider", "minutes", "location", "booked", "referral", "interpreter")
_LONGEST = 4  # digits of minutes


class AppointmentForm(InsuranceForm):
    """One sheet for a new visit, for a referral with ``referral_id``, and with ``appointment_id`` for one on
    file. True when saved.
    """

    CSS_PATH: ClassVar[CSSPathType] = [
        "sheet.tcss", "form_sheet.tcss", "insurance_form.tcss", "appointment_form.tcss",
    ]  # fmt: skip

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "another", "Another visit", id="appointment.another", show=False),
    ]

    def __init__(
        self,
        practice: Practice,
        patient_id: int,
        patient_name: str,
        *,
        appointment_id: int | None = None,
        referral_id: int | None = None,
    ) -> None:
        super().__init__(practice, patient_id, patient_name)
        execute = practice.execute
        self.record = read_visit(execute, appointment_id) if appointment_id is not None else None
        self.is_gone = appointment_id is not None and self.record is None
        self.referral_id = self.record.referral_id if self.record else referral_id
        self.referrals = referrals_of(execute, patient_id, keep=self.referral_id)
        self.person = read_person(execute, patient_id, contacts=0)
        self.companions = companions_of(execute, patient_id)
        plans = coverages_of(execute, patient_id)
        self.pays_alone = bool(plans) and plans[0].payer_class is PayerClass.SELF_PAY
        self.offers = Offers(practice, patient_id, patient_needs(execute, patient_id), None)
        self._confirmed: dict[str, str] | None = None  # what was typed when the clash was said

    def heading(self) -> str:
        """What this is, and for whom."""
        what = "Visit" if self.record else "New visit"
        return f"{what}: {self.app.shown_name(self.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        another = " · F4 another visit" if self.record else ""
        return f"enter take, next · tab next · up back · ctrl+s save{another} · esc leave"

    def action_another(self) -> None:
        """A new visit in place of this one's form; what was typed is not lost by it."""
        if self.record is None:
            return
        if self.has_draft():
            self.problem("Save this one first (ctrl+s), or leave it (esc).")
            return
        self.app.switch_screen(AppointmentForm(self.practice, self.patient_id, self.patient_name))

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """When and what it becomes; what that means; with whom and where; who interprets."""
        r, person = self.record, self.person
        specialty = next((one.specialty for one in self.referrals if one.referral_id == self.referral_id), "")
        texts = first_texts(
            r,
            interpreter_needed=person is not None and person.interpreter_needed,
            mode=person.interpreter_mode if person else None,
            specialty=specialty,
        )
        status = r.status if r else None
        with Vertical(id="form"):
            yield self.day("When", "when", r.starts_at if r else None)
            yield Static("", id="clash", classes="said warning", markup=False)
            yield Static("", id="notes", classes="said", markup=False)
            first_status = (status or _S.BOOKED).value
            yield self.pick("Status", "status", status_options(status), first_status)
            yield self.line("What for", "title", texts["title"], "e.g. skin check")
            yield Field("With", self._office_field())
            yield self.line("Minutes", "minutes", texts["minutes"])
            yield self.line("Where", "location", texts["location"], "when not at the office")
            yield self.past_day("Booked on", "booked", r.booked_on if r else self.practice.today())
            if self.referrals:
                yield self.pick(
                    "Referral", "referral", referral_options(self.referrals), str(self.referral_id or "")
                )
            yield self.pick("Interpreter", "interpreter", YES_NO, texts["interpreter"])
            yield self.pick("  takes part", "mode", MODES, texts["mode"])
            yield Field(
                "  name",
                TypeAhead(
                    self._people,
                    value=texts["interpreter-name"],
                    placeholder="name, or the agency",
                    takes_first=False,
                    id="interpreter-name",
                ),
            )
            yield Static("", id="ruling", classes="said warning", markup=False)
            yield self.line("  age or born", "age", "", "of this relative")
            yield self.pick("  qualified", "qualified", QUALIFIED, texts["qualified"])
            yield self.pick("  patient asked", "asked", ASKED)
            yield self.line("Note", "note", texts["note"], prose=True)

    def _office_field(self) -> TypeAhead:
        r = self.record
        chosen = Suggestion(r.provider_id, r.office) if r and r.provider_id is not None else None
        return TypeAhead(
            self._offices,
            value=chosen.label if chosen else "",
            chosen=chosen,
            placeholder="an office or clinician",
            id="provider",
        )

    def _offices(self, text: str) -> Sequence[Suggestion]:
        return [one for one in self.offers.offices(text, "") if one.key != NEW_OFFICE]

    def _people(self, text: str) -> Sequence[Suggestion]:
        """People around the patient that fit, with their age: most may not interpret."""
        wanted, today = fold(text.strip()), self.practice.today()
        return [
            Suggestion(n, one.name, companion_words(one, today))
            for n, one in enumerate(self.companions)
            if wanted and wanted in fold(one.shown)
        ]

    def on_mount(self) -> None:
        """What the fields mean as they stand."""
        if self.person is not None:
            self.field_of("interpreter").show_note(self.person.language)
        self._refresh()
        if self.is_gone:
            self.call_after_refresh(lambda: self.problem(_GONE))

    def texts(self) -> dict[str, str]:
        """Every field, the ones with a list too."""
        found = super().texts()
        for control in self.query(TypeAhead):
            found[control.id or ""] = control.value.strip()
        return found

    # --- while typing ----------------------------------------------------------------------------

    @on(Input.Changed)
    @on(DateInput.Changed)
    @on(ChoiceRow.Chosen)
    @on(TypeAhead.Changed)
    def _typed(self) -> None:
        self.problem(_GONE if self.is_gone else "")
        self._refresh()

    @on(TypeAhead.Chosen)
    def _taken(self) -> None:
        self._typed()
        self.focus_next()

    @on(TypeAhead.Left)
    def _left(self, event: TypeAhead.Left) -> None:
        """An office's whole name is meant as typed."""
        control = event.control
        if control.id != "provider" or control.chosen is not None:
            return
        typed = fold(control.value.strip())
        same = [one for one in self._offices(control.value) if fold(one.label) == typed] if typed else []
        if len(same) == 1:
            control.put(same[0].label, same[0])

    def on_descendant_blur(self) -> None:
        """An option may have been stepped to, which tells nobody."""
        self._refresh()

    @property
    def _status(self) -> AppointmentStatus:
        return AppointmentStatus(self.chosen("status"))

    @property
    def _is_cancelled_now(self) -> bool:
        """True when the form is about to cancel: then nothing else is asked."""
        return self._status is _S.CANCELLED and self.record is not None and self.record.status != self._status

    def _refresh(self) -> None:
        """Which fields matter, and what they mean together."""
        if not self.is_mounted:
            return
        when = self.query_one("#when", DateInput)
        lean = Lean.PAST if self.record is None and self._status in _OVER else Lean.AHEAD
        if when.lean is not lean:
            when.lean = lean
        is_cancelled, needed = self._is_cancelled_now, bool(self.chosen("interpreter"))
        self.show([name for name in _DETAILS if self.query(f"#{name}")], when=not is_cancelled)
        self.show(_INTERPRETER, when=needed and not is_cancelled)
        ruling = self._ruling()
        is_asked = ruling.who is not None and not is_cancelled
        has_age = is_asked and ruling.who is not None and ruling.who.birth_date is not None
        self.show(["age"], when=is_asked and not has_age)
        self.show(["asked"], when=is_asked and ruling.verdict is not Verdict.REFUSED)
        self.say("ruling", "" if is_cancelled else ruling.words)
        self.say("clash", "" if is_cancelled else self._clash())
        self.say("notes", *(() if is_cancelled else self._notes()))

    def _starts_at(self) -> datetime | None:
        return self.typed_moment("when")[1]

    def _booked_on(self) -> date | None:
        """The day as somebody typed it; None while the field was left alone."""
        is_touched = self.texts()["booked"] != self._start.get("booked", "")
        return self.typed_day("booked") if is_touched else None

    def _clash(self) -> str:
        """What the patient has at that time already."""
        starts_at, minutes = self._starts_at(), self.texts()["minutes"]
        if starts_at is None or not minutes.isdecimal() or len(minutes) > _LONGEST or self._status in _OVER:
            return ""
        own = self.record.id if self.record else None
        for other in visits_at(
            self.practice.execute, self.patient_id, starts_at, int(minutes), leave_out=own
        ):
            local = other.starts_at.astimezone(self.practice.zone)
            return clash_words(other.title, local, self.practice.today())
        return ""

    def _notes(self) -> list[str]:
        """What the day means: a closure, an authorization's window, the clock of the estimate."""
        day, today = self.typed_day("when"), self.practice.today()
        if day is None:
            return []
        r, starts_at = self.record, self._starts_at()
        moves = r is None or (starts_at is not None and starts_at != r.starts_at)
        said = [_REBOOKS] if r and r.status in _MISSED and moves and self._status is r.status else []
        said.append(day_words(day, today, self.practice.context.calendar))
        referral_id = self._referral_id()
        windows = windows_of(
            self.practice.execute,
            self.patient_id,
            appointment_id=r.id if r else None,
            referral_id=referral_id,
        )
        said += window_words(day, windows)
        if self.pays_alone and self._status is _S.BOOKED:
            books = moves or (r is not None and r.status is not _S.BOOKED)
            booked_on = self._booked_on() or (today if books or r is None else r.booked_on)
            said.append(estimate_words(self.practice.context, booked_on=booked_on, visit_on=day, today=today))
        return said

    def _referral_id(self) -> int | None:
        return self.chosen_number("referral") if self.referrals else None

    # --- who interprets ------------------------------------------------------------------------

    def _age(self) -> Age:
        """What was told of the relative's age. Raises DateError."""
        order = self.practice.settings.date_order
        return read_age(self.texts()["age"], today=self.practice.today(), order=order)

    def _ruling(self) -> Ruling:
        """What the rule says of whoever is named; nothing was asked of a name that was accepted before."""
        texts, r = self.texts(), self.record
        name = texts["interpreter-name"] if texts["interpreter"] else ""
        try:
            told = self._age()
        except DateError:
            told = NOT_TOLD
        was_accepted = r is not None and name == r.interpreter_name
        ruling = judge(
            name,
            self.companions,
            on=self.typed_day("when") or self.practice.today(),
            told=told,
            is_qualified=texts["qualified"] == YES,
            patient_asked=texts["asked"] == YES,
        )
        return Ruling(Verdict.FREE) if was_accepted and ruling.verdict is not Verdict.REFUSED else ruling

    def _interpreter_problems(self) -> dict[str, str]:
        """Why this person may not interpret, at the field that can change it."""
        try:
            self._age()
        except DateError as error:
            return {"age": str(error)} if self.field_of("age").display else {}
        ruling = self._ruling()
        place = {
            Verdict.REFUSED: "interpreter-name",
            Verdict.ASK_AGE: "age",
            Verdict.ASK_REQUEST: "asked",
        }
        return {} if ruling.verdict is Verdict.FREE else {place[ruling.verdict]: ruling.words}

    # --- saving ------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Check every field, then one change; a second visit at the same time wants the key once more."""
        if self.is_gone:
            self.problem(_GONE)
            return
        if self._is_cancelled_now:
            self._cancel()
            return
        draft = self._read()
        if self.show_problems(draft.problems) or draft.entry is None:
            return
        entry, clash = draft.entry, self._clash()
        if clash and self._confirmed != self.texts():
            self._confirmed = self.texts()
            self.problem(f"{clash} ctrl+s again books both.")
            return
        if self.attempt(lambda: self._keep(entry, allow_overlap=bool(clash))):
            local = entry.starts_at.astimezone(self.practice.zone)
            when = echo(When(local.date(), local.time()))
            self._leave(f"Visit saved: {when}.")

    def _cancel(self) -> None:
        record, note = self.record, self.texts()["note"]
        if record is not None and self.attempt(
            lambda: cancel(self.practice, record.id, version=record.version, note=note)
        ):
            self._leave("Visit cancelled.")

    def _leave(self, words: str) -> None:
        self.dismiss(True)
        self.app.say(safe_text(f"{words}  u undoes it"))

    def _read(self) -> Draft:
        provider = self.query_one("#provider", TypeAhead)
        key = provider.chosen.key if provider.chosen is not None else None
        draft = read_draft(
            self.texts(),
            starts_at=self._starts_at(),
            booked_on=self._booked_on(),
            provider_id=key if isinstance(key, int) else None,
            referral_id=self._referral_id(),
        )
        wrong = self.date_problems()
        if "when" not in wrong and self._starts_at() is None:
            wrong["when"] = TIME_NEEDED
        draft.problems = {**wrong, **draft.problems, **self._interpreter_problems()}
        return draft

    def _keep(self, entry: AppointmentEntry, *, allow_overlap: bool) -> None:
        facts = InterpreterFacts(age=self._age(), patient_asked=self.texts()["asked"] == YES)
        if self.record is None:
            book(self.practice, self.patient_id, entry, interpreter=facts, allow_overlap=allow_overlap)
        else:
            edit(
                self.practice,
                self.record.id,
                entry,
                version=self.record.version,
                interpreter=facts,
                allow_overlap=allow_overlap,
            )


SCREEN = AppointmentForm
