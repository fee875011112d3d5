"""A question about a bill: open one, or answer one that is open."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical

from carecoord_tui.domain.billing_rows import BillingCaseRow
from carecoord_tui.domain.dates import format_day, format_full_day
from carecoord_tui.domain.money import format_money
from carecoord_tui.screens.billing_base import BillingForm, Reads
from carecoord_tui.store.actions.billing import BillingCaseEntry, close_billing_case, open_billing_case
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.billing import open_cases_of, payers_of
from carecoord_tui.widgets.choice import Option

_DIGITS = "123456789"
_NOBODY = "none"


class BillingCaseForm(BillingForm):
    """Opens on the open question of ``case_id``, else on the oldest; without one on a new question."""

    READS: ClassVar[dict[str, Reads]] = {
        "amount": Reads.MONEY,
        "opened_on": Reads.PAST,
        "closed_on": Reads.PAST,
    }
    about = "Billing question"

    def __init__(
        self, practice: Practice, patient_id: int, patient_name: str, *, case_id: int | None = None
    ) -> None:
        super().__init__(practice, patient_id, patient_name)
        self.cases = open_cases_of(practice.execute, patient_id)
        self.payers = payers_of(practice.execute, patient_id)
        wanted = (n for n, case in enumerate(self.cases) if case_id in (None, case.id))
        self._first = next(wanted, None)

    def compose_body(self) -> ComposeResult:
        """The question, or its answer."""
        today = format_full_day(self.practice.today())
        payers = (
            *(Option(_DIGITS[n], name, str(number)) for n, (number, name) in enumerate(self.payers)),
            Option("o", "none of them", _NOBODY),
        )
        with Vertical(id="form"):
            yield from self.compose_picker(
                "Question", [case.title for case in self.cases], self._first, "new question"
            )
            yield self.said("facts")
            yield self.line("Question", "title", placeholder="e.g. billed twice", prose=True)
            yield self.pick("Payer", "payer", payers, _NOBODY)
            yield self.line("Amount", "amount", placeholder="unknown")
            yield self.line("Asked on", "opened_on", today)
            yield self.line("Note", "note", prose=True)
            yield self.line("Answer", "answer", placeholder="e.g. second bill cancelled", prose=True)
            yield self.line("Answered on", "closed_on", today)

    @property
    def case(self) -> BillingCaseRow | None:
        """The open question that is chosen; None for a new one."""
        return None if self.picked is None else self.cases[self.picked]

    def show(self) -> None:
        """The fields that are meant."""
        is_new = self.case is None
        self.show_fields(
            title=is_new, payer=is_new, amount=is_new, opened_on=is_new, note=is_new,
            answer=not is_new, closed_on=not is_new,
        )  # fmt: skip
        self.say("facts", "" if self.case is None else self._facts(self.case))

    def _facts(self, case: BillingCaseRow) -> str:
        parts = [
            case.title,
            case.payer,
            "" if case.amount is None else format_money(case.amount),
            f"asked {format_day(case.opened_on, self.practice.today())}",
            case.note,
        ]
        return " · ".join(filter(None, parts))

    async def action_save(self) -> None:
        """Open or answer it."""
        if self.case is None:
            self._open()
        else:
            self._answer(self.case)

    def _open(self) -> None:
        reading, texts = self.read("amount", "opened_on"), self.texts()
        problems = dict(reading.problems)
        if not texts["title"]:
            problems["title"] = "What is the question, such as: billed twice for 12 Oct?"
        if self.show_problems(problems):
            return
        payer = self.choice("payer")
        entry = BillingCaseEntry(
            title=texts["title"],
            opened_on=reading.day("opened_on") or self.practice.today(),
            payer_id=int(payer) if payer.isdecimal() else None,
            amount=reading.money("amount"),
            note=texts["note"],
        )
        if self.attempt(lambda: open_billing_case(self.practice, self.patient_id, entry)):
            self.finish("Billing question opened.")

    def _answer(self, case: BillingCaseRow) -> None:
        reading, answer = self.read("closed_on"), self.texts()["answer"]
        problems = dict(reading.problems)
        if not answer:
            problems["answer"] = "How was it answered, such as: second bill cancelled?"
        if self.show_problems(problems):
            return
        on = reading.day("closed_on")
        if self.attempt(lambda: close_billing_case(self.practice, case.id, answer=answer, on=on)):
            self.finish("Billing question answered.")


SCREEN = BillingCaseForm
