"""A good-faith estimate for somebody who pays alone: when it is due and why, what was told and billed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from carecoord_tui.domain.billing_rows import GoodFaithRow, VisitToCome
from carecoord_tui.domain.dates import format_day, format_full_day
from carecoord_tui.domain.good_faith import dispute, estimate_due
from carecoord_tui.domain.money import format_money
from carecoord_tui.domain.rulepack import RuleError
from carecoord_tui.screens.billing_base import NEW, BillingForm, LiveChoice, Reading, Reads
from carecoord_tui.screens.form_sheet import Field
from carecoord_tui.store.actions.billing import GoodFaithEntry, save_good_faith
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.billing import good_faith_of, is_self_pay, visit_of, visits_to_come
from carecoord_tui.widgets.choice import Option
from carecoord_tui.widgets.person_pane import WAITING, styled

_DIGITS = "123456789"
_INSURED = "A plan is on file: this estimate is owed only to people who do not use one."


@dataclass(frozen=True, slots=True)
class Subject:
    """What an estimate is about: one on file, a visit without one, or a request alone."""

    record: GoodFaithRow | None = None
    visit: VisitToCome | None = None

    @property
    def service(self) -> str:
        """What is estimated."""
        if self.record is not None:
            return self.record.service
        return self.visit.title if self.visit else ""

    def label(self, practice: Practice) -> str:
        """``Mon 14 Dec Visit`` or ``MRI, given Mon 30 Nov``."""
        today = practice.today()
        if self.visit is not None:
            return f"{format_day(self.visit.visit_on, today)} {self.visit.title}"
        if self.record is None:
            return "asked for, no visit"
        one = self.record
        state = f"given {format_day(one.given_on, today)}" if one.given_on else "not given yet"
        return f"{one.service or 'estimate'}, {state}"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the form was opened for: a visit, an estimate on file, or nothing in particular."""

    appointment_id: int | None = None
    good_faith_id: int | None = None

    def names(self, subject: Subject) -> bool:
        """True for the subject that was asked for."""
        record, visit = subject.record, subject.visit
        if record is not None:
            of_visit = self.appointment_id is not None and record.appointment_id == self.appointment_id
            return of_visit or record.id == self.good_faith_id
        return visit is not None and visit.id == self.appointment_id


class GoodFaithForm(BillingForm):
    """A new one or one on file, chosen in the first field. True when it was saved."""

    READS: ClassVar[dict[str, Reads]] = {
        "requested_on": Reads.PAST,
        "given_on": Reads.PAST,
        "amount": Reads.MONEY,
        "billed": Reads.MONEY,
        "billed_on": Reads.PAST,
    }
    about = "Good-faith estimate"

    def __init__(
        self,
        practice: Practice,
        patient_id: int,
        patient_name: str,
        *,
        appointment_id: int | None = None,
        good_faith_id: int | None = None,
    ) -> None:
        super().__init__(practice, patient_id, patient_name)
        self.is_insured = not is_self_pay(practice.execute, patient_id)
        wanted = _Wanted(appointment_id, good_faith_id)
        self.subjects = _subjects(practice, patient_id, wanted)
        self._first = _first(self.subjects, wanted)
        self._filled_for: str | None = None

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """What it is about, when it is due, what was told and billed."""
        options = [
            Option(_DIGITS[n], subject.label(self.practice), str(n))
            for n, subject in enumerate(self.subjects)
            if subject != Subject()
        ]
        with Vertical(id="form"):
            yield self.said("insured")
            yield Field("About", LiveChoice((*options, Option("r", Subject().label(self.practice), NEW)),
                                            value=self._first, id="about"))  # fmt: skip
            yield self.line("Service", "service")
            yield self.line("Asked for on", "requested_on", placeholder="not asked for")
            yield self.said("due")
            yield self.line("Given on", "given_on", placeholder="not given yet")
            yield self.line("Amount told", "amount")
            yield self.line("Billed", "billed", placeholder="no bill yet")
            yield self.line("Bill received", "billed_on")
            yield self.said("dispute")
            yield self.line("Note", "note", prose=True)

    @property
    def subject(self) -> Subject:
        """What is chosen."""
        value = self.choice("about")
        return Subject() if value in ("", NEW) else self.subjects[int(value)]

    def on_mount(self) -> None:
        """Say so when there is a plan."""
        super().on_mount()
        self.say("insured", styled(_INSURED, WAITING) if self.is_insured else "")

    def show(self) -> None:
        """The fields of what is chosen, its clock, and the right to dispute."""
        chosen = self.choice("about")
        if chosen != self._filled_for:
            self._filled_for = chosen
            self.fill(_texts(self.subject))
        reading = self.read()
        self.say("due", self._due_words(reading))
        self.say("dispute", self._dispute_words(reading))

    def _due_words(self, reading: Reading) -> str:
        subject = self.subject
        booked_on = subject.visit.booked_on if subject.visit else None
        service_on = subject.visit.visit_on if subject.visit else None
        if subject.record is not None:
            booked_on, service_on = subject.record.scheduled_on, subject.record.service_on
        try:
            deadline = estimate_due(
                self.practice.context,
                booked_on=booked_on,
                service_on=service_on,
                requested_on=reading.day("requested_on"),
            )
        except RuleError as error:
            return str(error)
        due = f"Due {format_day(deadline.legal_on, self.practice.today())}. " if deadline.legal_on else ""
        given_on = reading.day("given_on")
        late = ""
        if given_on is not None and deadline.legal_on is not None and given_on > deadline.legal_on:
            late = " It was given late."
        return f"{due}{deadline.why} {self.practice.context.cite(deadline)}.{late}"

    def _dispute_words(self, reading: Reading) -> str:
        billed = reading.money("billed")
        if billed is None:
            return ""
        return dispute(
            self.practice.context,
            estimated=reading.money("amount"),
            billed=billed,
            received_on=reading.day("billed_on"),
        ).words

    # --- saving ------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Check and save."""
        reading = self.read()
        if self.show_problems(reading.problems):
            return
        subject, texts = self.subject, self.texts()
        record, visit = subject.record, subject.visit
        entry = GoodFaithEntry(
            service=texts["service"],
            appointment_id=visit.id if visit else record.appointment_id if record else None,
            requested_on=reading.day("requested_on"),
            given_on=reading.day("given_on"),
            amount=reading.money("amount"),
            billed=reading.money("billed"),
            billed_on=reading.day("billed_on"),
            note=texts["note"],
        )
        number = record.id if record else None
        version = record.version if record else None
        if self.attempt(
            lambda: save_good_faith(
                self.practice, self.patient_id, entry, good_faith_id=number, version=version
            )
        ):
            said = format_money(entry.amount) if entry.amount is not None else "not given yet"
            self.finish(f"Good-faith estimate: {said}.")


def _subjects(practice: Practice, patient_id: int, wanted: _Wanted) -> Sequence[Subject]:
    """What is on file, then visits without an estimate; what was asked for first."""
    execute = practice.execute
    records = good_faith_of(execute, patient_id)
    visits = visits_to_come(execute, patient_id, practice.today(), practice.zone)
    asked = wanted.appointment_id
    if asked is not None and asked not in {visit.id for visit in visits}:
        visit = visit_of(execute, asked, practice.zone)
        visits = [visit, *visits] if visit else visits
    covered = {record.appointment_id for record in records}
    found = [Subject(record=record) for record in records]
    found += [Subject(visit=visit) for visit in visits if visit.id not in covered]
    found.sort(key=lambda one: not wanted.names(one))
    return found[: len(_DIGITS)]


def _first(subjects: Sequence[Subject], wanted: _Wanted) -> str:
    """What was asked for, else the first that is not given yet."""
    for n, subject in enumerate(subjects):
        is_open = subject.record is None or subject.record.given_on is None
        if wanted.names(subject) or (wanted == _Wanted() and is_open):
            return str(n)
    return NEW


def _texts(subject: Subject) -> dict[str, str]:
    """What the fields hold for a subject."""
    one = subject.record

    def money(amount: Decimal | None) -> str:
        return "" if amount is None else f"{amount:.2f}"

    return {
        "service": subject.service,
        "requested_on": format_full_day(one.requested_on) if one and one.requested_on else "",
        "given_on": format_full_day(one.given_on) if one and one.given_on else "",
        "amount": money(one.amount if one else None),
        "billed": money(one.billed if one else None),
        "billed_on": format_full_day(one.billed_on) if one and one.billed_on else "",
        "note": one.note if one else "",
    }


SCREEN = GoodFaithForm
