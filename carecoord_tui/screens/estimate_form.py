"""What the patient will owe: the figures, and the arithmetic line by line while they are typed."""

from __future__ import annotations

from decimal import Decimal
from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from carecoord_tui.domain.benefit_figures import Figure, Figures, figures_for
from carecoord_tui.domain.coverage_span import Span, not_in_force
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.eligibility_rows import BenefitRow, CoverageBenefits
from carecoord_tui.domain.estimate import NO_LIMIT, Estimate, estimate
from carecoord_tui.domain.money import MoneyError, Percent
from carecoord_tui.domain.vocabulary import CopayMode, EligibilityResult
from carecoord_tui.screens.billing_base import BillingForm, Reading, Reads, Value
from carecoord_tui.screens.form_sheet import Field
from carecoord_tui.store.actions.billing import EstimateEntry, save_estimate
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.billing import visit_of
from carecoord_tui.store.queries.eligibility import read_benefits
from carecoord_tui.widgets.benefit_lines import group_words
from carecoord_tui.widgets.choice import Option
from carecoord_tui.widgets.person_pane import ALARM, DIM, STRONG, WAITING, styled

MODES = (
    Option("n", "none", CopayMode.NONE.value),
    Option("i", "alone", CopayMode.INSTEAD.value),
    Option("b", "plus deductible", CopayMode.BEFORE.value),
    Option("a", "after deductible", CopayMode.AFTER.value),
)
_MARGINS = 2  # of the sheet, left and right
_GAP = "  "
_LEAST = 20
_HUNDRED = Decimal(100)
_NO_MAXIMUM = ("none", "no limit")


class EstimateForm(BillingForm):
    """Prefilled from the newest figures of the plan that pays first, each with its day. True when kept."""

    READS: ClassVar[dict[str, Reads]] = {
        "allowed": Reads.MONEY,
        "deductible_left": Reads.MONEY,
        "coinsurance": Reads.PERCENT,
        "out_of_pocket_left": Reads.MONEY,
        "copay": Reads.MONEY,
        "noncovered": Reads.MONEY,
    }
    about = "Estimate"

    def __init__(
        self, practice: Practice, patient_id: int, patient_name: str, *, appointment_id: int | None = None
    ) -> None:
        super().__init__(practice, patient_id, patient_name)
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
        execute = practice.execute
        self.visit = None if appointment_id is None else visit_of(execute, appointment_id, practice.zone)
        today = practice.today()
        self.service_on = service_on = self.visit.visit_on if self.visit else today
        plans = read_benefits(execute, patient_id)
        usable = [one for one in plans if not one.is_cancelled]
        in_force = (one for one in usable if _span(one).covers(service_on))
        self.plan = next(in_force, next(iter(usable), None))
        self.lapsed = self.plan or next(iter(plans), None)  # what may not pay on the day of service
        known = figures_for(self.plan, service_on=service_on, today=today) if self.plan else Figures()
        self.known: dict[str, Figure] = {
            "deductible_left": known.deductible_left,
            "coinsurance": known.coinsurance,
            "out_of_pocket_left": known.out_of_pocket_left,
            "copay": known.copay,
        }

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """Figures above, what they come to below."""
        with Vertical(id="form"):
            yield self.said("plan")
            yield self.said("lapsed")
            yield self.line(
                "Service", "service", self.visit.title if self.visit else "", "e.g. MRI lumbar spine"
            )
            yield self.line("Allowed amount", "allowed", placeholder="unknown")
            yield self._figure("Deductible left", "deductible_left")
            yield self._figure("Coinsurance", "coinsurance")
            yield self._figure("Out-of-pocket left", "out_of_pocket_left")
            yield self.pick("Copay", "copay_mode", MODES)
            yield self._figure("  how much", "copay")
            yield self.line("Not covered", "noncovered", "0", "unknown")
            yield self.line("Note", "note", prose=True)
        yield self.said("working")

    def _figure(self, label: str, name: str) -> Field:
        """A field that starts from what the payer named."""
        value = self.known[name].value
        text = f"{value.normalize():f} %" if self.READS[name] is Reads.PERCENT and value is not None else ""
        if not text and value is not None:
            text = f"{value:,.2f}"
        return self.line(label, name, text, "unknown")

    def on_mount(self) -> None:
        """Say where the figures come from."""
        super().on_mount()
        self.say("plan", self._plan_words())
        lapsed = self.lapsed and not_in_force(_span(self.lapsed), self.service_on, self.practice.today())
        self.say("lapsed", styled(f"! {lapsed}", ALARM) if lapsed else "")

    def _plan_words(self) -> str:
        if self.plan is None:
            return "No plan is on file: every figure is the payer's, none is assumed."
        name = ", ".join(filter(None, (self.plan.payer_name, self.plan.plan_name)))
        if not self.plan.figures:
            return f"{name}: nobody has read its benefits yet."
        return f"{name}: figures on file show their day."

    # --- reading -----------------------------------------------------------------------------

    def _value(self, name: str) -> Value:
        if name == "out_of_pocket_left":
            typed = self.query_one(f"#{name}", Input).value.strip()
            if typed.lower() in _NO_MAXIMUM:
                return NO_LIMIT
        return super()._value(name)

    def echoed(self, name: str, value: Value) -> str:
        """Of a figure on file its day and whose it is; a blank one says why it is unknown, if it can."""
        known = self.known.get(name, Figure())
        if value is None:
            return known.why
        if value == NO_LIMIT:
            return "= the plan has no maximum"
        typed = value.share * _HUNDRED if isinstance(value, Percent) else value
        return self._source(known.row) if known.row and typed == known.value else super().echoed(name, value)

    def _source(self, row: BenefitRow) -> str:
        """``as of Tue 3 Nov, in network, individual``."""
        whose = group_words(row.group)
        return f"as of {format_day(row.read_on, self.practice.today())}, {whose[0].lower()}{whose[1:]}"

    def _entry(self, reading: Reading) -> EstimateEntry:
        mode = CopayMode(self.choice("copay_mode")) if self.choice("copay_mode") else None
        texts = self.texts()
        return EstimateEntry(
            service=texts["service"],
            coverage_id=self.plan.coverage_id if self.plan else None,
            appointment_id=self.visit.id if self.visit else None,
            allowed=reading.money("allowed"),
            copay=None if mode is CopayMode.NONE else reading.money("copay"),
            copay_mode=mode,
            deductible_left=reading.money("deductible_left"),
            coinsurance_percent=reading.percent("coinsurance"),
            out_of_pocket_left=reading.money("out_of_pocket_left"),
            noncovered=reading.money("noncovered"),
            note=texts["note"],
        )

    # --- what follows ------------------------------------------------------------------------

    def show(self) -> None:
        """The arithmetic of what is typed so far."""
        self.show_fields(copay=self.choice("copay_mode") != CopayMode.NONE)
        reading = self.read()
        if reading.problems:
            self.say("working", styled("Patient owes: one of the figures is not understood yet.", WAITING))
            return
        try:
            answer = estimate(self._entry(reading).inputs())
        except MoneyError as error:
            self.say("working", styled(str(error), WAITING))
        else:
            self.say("working", working(answer, self.size.width - _MARGINS))

    async def action_save(self) -> None:
        """Check every figure and keep the estimate."""
        reading = self.read()
        if self.show_problems(reading.problems):
            return
        entry = self._entry(reading)
        if self.attempt(lambda: save_estimate(self.practice, self.patient_id, entry)):
            self.finish(f"Estimate kept: {headline(estimate(entry.inputs()))}.")


def _span(plan: CoverageBenefits) -> Span:
    """From when to when a plan is in force."""
    check = plan.check
    is_inactive = check is not None and check.result is EligibilityResult.INACTIVE
    return Span(
        name=plan.payer_name,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        is_cancelled=plan.is_cancelled,
        inactive_said_on=check.checked_on if check is not None and is_inactive else None,
    )


def headline(answer: Estimate) -> str:
    """``$410.00``, or ``unknown, at most $410.00``."""
    return f"{answer.headline}, {answer.bound}" if answer.bound else answer.headline


def working(answer: Estimate, room: int) -> Content:
    """The answer, what is missing for it, and the lines it is made of, wrapped to ``room`` cells."""
    told = [styled(f"Patient owes: {headline(answer)}", STRONG)]
    told += [styled(words, WAITING) for words in (answer.ask, *answer.notes) if words]
    lines = answer.lines[:-1]  # the last one is the headline
    width = max(len(line.amount.words) for line in lines)
    for line in lines:
        first, *rest = wrap(line.words, max(room - width - len(_GAP), _LEAST))
        told.append(Content(f"{line.amount.words:>{width}}{_GAP}").append(styled(first, DIM)))
        told += [Content(" " * (width + len(_GAP))).append(styled(more, DIM)) for more in rest]
    return Content("\n").join(told)


SCREEN = EstimateForm
