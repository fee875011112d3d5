"""An assistance program: applied for, then approved or declined, renewed, ended."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from carecoord_tui.domain.billing_rows import AssistanceRow
from carecoord_tui.domain.dates import format_day, format_full_day
from carecoord_tui.domain.money import format_money
from carecoord_tui.domain.vocabulary import AssistanceStatus
from carecoord_tui.screens.billing_base import BillingForm, Reads
from carecoord_tui.store.actions.billing import (
    apply_for_assistance,
    approve_assistance,
    decline_assistance,
    end_assistance,
    renew_assistance,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.billing import open_assistance_of, open_denials_of
from carecoord_tui.widgets.choice import Option

APPROVED, DECLINED, RENEWED, ENDED = "approved", "declined", "renewed", "ended"
_WAITING = (
    Option("a", "approved", APPROVED),
    Option("d", "declined", DECLINED),
    Option("w", "withdrawn", ENDED),
)
_RUNNING = (Option("r", "renewed", RENEWED), Option("e", "ended", ENDED))
_DIGITS = "123456789"
_NOTHING = "none"


class AssistanceForm(BillingForm):
    """Opens on the open program of ``assistance_id``, else on the oldest; without one on a new one."""

    READS: ClassVar[dict[str, Reads]] = {
        "applied_on": Reads.PAST,
        "decided_on": Reads.PAST,
        "renew_on": Reads.AHEAD,
        "amount": Reads.MONEY,
    }
    about = "Assistance"

    def __init__(
        self,
        practice: Practice,
        patient_id: int,
        patient_name: str,
        *,
        assistance_id: int | None = None,
        denial_id: int | None = None,
    ) -> None:
        super().__init__(practice, patient_id, patient_name)
        self.programs = open_assistance_of(practice.execute, patient_id)
        self.denials = open_denials_of(practice.execute, patient_id)
        self._denial = str(denial_id) if denial_id in {one.id for one in self.denials} else _NOTHING
        wanted = (n for n, one in enumerate(self.programs) if assistance_id in (None, one.id))
        self._first = None if denial_id is not None else next(wanted, None)

    def compose_body(self) -> ComposeResult:
        """The application, or what became of one."""
        today = self.practice.today()
        names = [f"{one.program}, {one.status.label}" for one in self.programs]
        denials = (
            *(
                Option(_DIGITS[n], f"{one.service}, {format_day(one.notice_on, today)}", str(one.id))
                for n, one in enumerate(self.denials)
            ),
            Option("o", "none", _NOTHING),
        )
        with Vertical(id="form"):
            yield from self.compose_picker("Program", names, self._first, "new application")
            yield self.said("facts")
            yield self.line("Program", "program", placeholder="e.g. the maker's, a foundation's")
            yield self.line("Applied on", "applied_on", format_full_day(today))
            yield self.pick("After the denial", "denial", denials, self._denial)
            yield self.pick("What happened", "what", _WAITING)
            yield self.line("Answer on", "decided_on", format_full_day(today))
            yield self.line("Renew by", "renew_on", placeholder="e.g. +12m")
            yield self.line("Worth", "amount", placeholder="unknown")
            yield self.line("Note", "note", prose=True)

    @property
    def chosen(self) -> AssistanceRow | None:
        """The program on file that is chosen; None for a new application."""
        return None if self.picked is None else self.programs[self.picked]

    def show(self) -> None:
        """The fields that are meant."""
        chosen = self.chosen
        is_new = chosen is None
        if chosen is not None:
            self.offer("what", _WAITING if chosen.status is AssistanceStatus.APPLIED else _RUNNING)
        what = self.choice("what")
        self.show_fields(
            program=is_new,
            applied_on=is_new,
            denial=is_new and bool(self.denials),
            what=not is_new,
            decided_on=not is_new and what in (APPROVED, DECLINED),
            renew_on=not is_new and what in (APPROVED, RENEWED),
            amount=is_new or what in (APPROVED, RENEWED),
            note=is_new or what in (DECLINED, ENDED),
        )
        self.say("facts", "" if chosen is None else self._facts(chosen))

    def _facts(self, one: AssistanceRow) -> str:
        today = self.practice.today()
        parts = [
            f"applied {format_day(one.applied_on, today)}",
            f"answered {format_day(one.decided_on, today)}" if one.decided_on else "no answer yet",
            f"renew by {format_day(one.renew_on, today)}" if one.renew_on else "",
            "" if one.amount is None else f"worth {format_money(one.amount)}",
            one.note,
        ]
        return " · ".join(filter(None, parts))

    # --- saving ------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Apply, or record what became of it."""
        chosen = self.chosen
        if chosen is None:
            self._apply()
        elif not self.choice("what"):
            self.show_problems({"what": "What happened? A key chooses; esc leaves it as it is."})
        elif self.choice("what") in (APPROVED, RENEWED):
            self._go_on(chosen)
        else:
            self._end(chosen)

    def _apply(self) -> None:
        reading, texts = self.read("applied_on", "amount"), self.texts()
        problems = dict(reading.problems)
        if not texts["program"]:
            problems["program"] = "Which program is it?"
        if self.show_problems(problems):
            return
        denial = self.choice("denial")
        if self.attempt(
            lambda: apply_for_assistance(
                self.practice,
                self.patient_id,
                texts["program"],
                applied_on=reading.day("applied_on"),
                amount=reading.money("amount"),
                denial_id=int(denial) if denial.isdecimal() else None,
                note=texts["note"],
            )
        ):
            self.finish("Application recorded.")

    def _go_on(self, chosen: AssistanceRow) -> None:
        """Approved or renewed, until a day."""
        names = ("renew_on", "amount", "decided_on")
        reading = self.read(*names)
        renew_on, amount, on = reading.day("renew_on"), reading.money("amount"), reading.day("decided_on")
        problems = dict(reading.problems)
        if renew_on is None:
            problems.setdefault("renew_on", "By when must it be renewed? +12m is a year from today.")
        if self.show_problems(problems) or renew_on is None:
            return

        def act() -> None:
            if self.choice("what") == APPROVED:
                approve_assistance(self.practice, chosen.id, renew_on=renew_on, on=on, amount=amount)
            else:
                renew_assistance(self.practice, chosen.id, renew_on=renew_on, amount=amount)

        if self.attempt(act):
            self.finish(f"Assistance runs until {format_full_day(renew_on)}.")

    def _end(self, chosen: AssistanceRow) -> None:
        """Declined, withdrawn or ended."""
        reading, note = self.read("decided_on"), self.texts()["note"]
        if self.show_problems(reading.problems):
            return

        def act() -> None:
            if self.choice("what") == DECLINED:
                decline_assistance(self.practice, chosen.id, on=reading.day("decided_on"), note=note)
            else:
                end_assistance(self.practice, chosen.id, note=note)

        if self.attempt(act):
            self.finish(f"Assistance {self.choice('what')}.")


SCREEN = AssistanceForm
