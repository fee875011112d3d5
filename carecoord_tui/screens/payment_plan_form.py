"""A payment plan: agree on one with its days and parts in sight; later record what came in, or end it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from dateutil.relativedelta import relativedelta
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from carecoord_tui.domain.billing_rows import PaymentPlanRow
from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.domain.money import MoneyError, format_money
from carecoord_tui.domain.payment_plan import Instalment, InstalmentRow, InstalmentState, PlanError, schedule
from carecoord_tui.screens.billing_base import BillingForm, Reads
from carecoord_tui.store.actions.billing import close_payment_plan, create_payment_plan, record_payment
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.billing import open_plans_of
from carecoord_tui.widgets.choice import Option
from carecoord_tui.widgets.person_pane import ALARM, DIM, STRONG, styled

GOES_ON, ENDS = "on", "end"
WHAT = (Option("p", "a payment came in", GOES_ON), Option("e", "end it unpaid", ENDS))
_SHOWN = 8  # of the instalments; the rest is counted


class PaymentPlanForm(BillingForm):
    """Opens on the open plan of ``plan_id``, else on the oldest; without one on a new plan."""

    READS: ClassVar[dict[str, Reads]] = {
        "total": Reads.MONEY,
        "parts": Reads.COUNT,
        "first_on": Reads.AHEAD,
        "paid": Reads.MONEY,
        "paid_on": Reads.PAST,
    }
    about = "Payment plan"

    def __init__(
        self, practice: Practice, patient_id: int, patient_name: str, *, plan_id: int | None = None
    ) -> None:
        super().__init__(practice, patient_id, patient_name)
        self.plans = open_plans_of(practice.execute, patient_id)
        wanted = (n for n, plan in enumerate(self.plans) if plan_id in (None, plan.id))
        self._first = next(wanted, None)

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """A new plan, or a payment to one; the parts below."""
        today = self.practice.today()
        names = [f"{format_money(plan.total)} {plan.title}".strip() for plan in self.plans]
        with Vertical(id="form"):
            yield from self.compose_picker("Plan", names, self._first, "new plan")
            yield self.line("For", "title", placeholder="e.g. knee surgery")
            yield self.line("Total", "total")
            yield self.line("Parts, monthly", "parts")
            first_on = format_full_day(today + relativedelta(months=1, day=1))
            yield self.line("First payment", "first_on", first_on)
            yield self.pick("What", "what", WHAT, GOES_ON)
            yield self.line("Came in", "paid")
            yield self.line("On", "paid_on", format_full_day(today))
            yield self.line("Why", "why", placeholder="e.g. balance forgiven", prose=True)
        yield self.said("schedule")

    @property
    def plan(self) -> PaymentPlanRow | None:
        """The plan on file that is chosen; None for a new one."""
        return None if self.picked is None else self.plans[self.picked]

    def show(self) -> None:
        """The fields that are meant, and the schedule."""
        is_new = self.plan is None
        is_payment = not is_new and self.choice("what") == GOES_ON
        self.show_fields(
            title=is_new,
            total=is_new,
            parts=is_new,
            first_on=is_new,
            what=not is_new,
            paid=is_payment,
            paid_on=is_payment,
            why=not is_new and not is_payment,
        )
        self.say("schedule", self._proposed() if self.plan is None else self._standing(self.plan))

    def _proposed(self) -> Content:
        """The days and parts of what is typed so far."""
        reading = self.read("total", "parts", "first_on")
        total, parts, first_on = reading.money("total"), reading.count("parts"), reading.day("first_on")
        if reading.problems or total is None or parts is None or first_on is None:
            return styled("Type the total, the number of parts and the first day.", DIM)
        try:
            planned = schedule(total, parts, first_on)
        except (PlanError, MoneyError) as error:
            return styled(str(error), ALARM)
        return _table([_line(part) for part in planned], f"{format_money(total)} in {parts}:")

    def _standing(self, plan: PaymentPlanRow) -> Content:
        """What is paid, left and overdue today; parts from the first one that is not paid."""
        now = plan.standing_on(self.practice.today())
        head = f"Paid {format_money(now.paid)} of {format_money(now.total)}, left {format_money(now.left)}"
        lines = [_row_line(row) for row in now.rows if row.state is not InstalmentState.PAID]
        content = _table(lines, head)
        if now.overdue_since is None:
            return content
        late = f"Overdue {format_money(now.overdue)} since {format_full_day(now.overdue_since)}"
        return Content("\n").join((styled(late, ALARM), content))

    # --- saving ------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """What is meant: a new plan, a payment, or the end of a plan."""
        plan = self.plan
        if plan is None:
            self._agree()
        elif self.choice("what") == ENDS:
            why = self.texts()["why"]
            if self.attempt(lambda: close_payment_plan(self.practice, plan.id, reason=why)):
                self.finish("Payment plan ended.")
        else:
            self._take_payment(plan)

    def _agree(self) -> None:
        reading = self.read("total", "parts", "first_on")
        total, parts, first_on = reading.money("total"), reading.count("parts"), reading.day("first_on")
        problems = dict(reading.problems)
        if total is None:
            problems.setdefault("total", "How much is to be paid, such as 410.00?")
        if parts is None:
            problems.setdefault("parts", "In how many parts, such as 4?")
        if first_on is None:
            problems.setdefault("first_on", "On which day is the first payment?")
        if self.show_problems(problems) or total is None or parts is None or first_on is None:
            return
        title = self.texts()["title"]
        if self.attempt(
            lambda: create_payment_plan(
                self.practice, self.patient_id, total=total, parts=parts, first_on=first_on, title=title
            )
        ):
            self.finish(f"Payment plan: {format_money(total)} in {parts}.")

    def _take_payment(self, plan: PaymentPlanRow) -> None:
        reading = self.read("paid", "paid_on")
        amount, problems = reading.money("paid"), dict(reading.problems)
        if amount is None:
            problems.setdefault("paid", "How much came in?")
        if self.show_problems(problems) or amount is None:
            return
        paid_on = reading.day("paid_on")
        if self.attempt(lambda: record_payment(self.practice, plan.id, amount, paid_on)):
            self.finish(f"Payment of {format_money(amount)} recorded.")


def _line(part: Instalment) -> Content:
    return Content(f"{format_full_day(part.due_on):>15}  {format_money(part.amount):>13}")


def _row_line(row: InstalmentRow) -> Content:
    line = _line(row.instalment)
    if row.paid:
        line = line.append(f"  {format_money(row.paid)} of it paid")
    if row.state is InstalmentState.OVERDUE:
        return line.append(styled("  overdue", ALARM))
    return line.append("  today") if row.state is InstalmentState.DUE else line


def _table(lines: Sequence[Content], head: str) -> Content:
    """A head and the first lines; how many more there are is said."""
    more = [styled(f"and {len(lines) - _SHOWN} more", DIM)] if len(lines) > _SHOWN else []
    return Content("\n").join((styled(head, STRONG), *lines[:_SHOWN], *more))


SCREEN = PaymentPlanForm
