"""What the patient will owe: the figures, and the arithmetic line by line while they are typed."""

from __future__ import annotations

from textwrap import wrap
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from carecoord_tui.domain.benefit_figures import Figure, Figures, figures_for
from carecoord_tui.domain.dates import format_full_day
from carecoord_tui.domain.estimate import NO_LIMIT, Estimate, estimate
from carecoord_tui.domain.money import MoneyError
from carecoord_tui.domain.vocabulary import CopayMode
from carecoord_tui.screens.billing_base import BillingForm, Reading, Reads, Value
from carecoord_tui.screens.form_sheet import Field
from carecoord_tui.store.actions.billing import EstimateEntry, save_estimate
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.billing import coverages_of, newest_benefits, visit_of
from carecoord_tui.widgets.choice import Option
from carecoord_tui.widgets.person_pane import DIM, STRONG, WAITING, styled

MODES = (
    Option("n", "none", CopayMode.NONE.value),
    Option("i", "alone", CopayMode.INSTEAD.value),
    Option("b", "plus deductible", CopayMode.BEFORE.value),
    Option("a", "after deductible", CopayMode.AFTER.value),
)
_MARGINS = 2  # of the sheet, left and right
_GAP = "  "
_LEAST = 20
_NO_MAXIMUM = ("none", "no limit")


class EstimateForm(BillingForm):
    """Prefilled from the newest benefits of the plan that pays first. True when an estimate was kept."""

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
        self.coverage = next(iter(coverages_of(execute, patient_id)), None)
        self.benefits = newest_benefits(execute, self.coverage.id) if self.coverage else None
        service_on = self.visit.visit_on if self.visit else practice.today()
        self.figures = figures_for(self.benefits, service_on=service_on) if self.benefits else Figures()

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """Figures above, what they come to below."""
        known = self.figures
        percent = known.coinsurance.value
        with Vertical(id="form"):
            yield self.said("plan")
            yield self.line("Service", "service", self.visit.title if self.visit else "", "MRI lumbar spine")
            yield self.line("Allowed amount", "allowed", placeholder="unknown")
            yield self._figure("Deductible left", "deductible_left", known.deductible_left)
            rate = "" if percent is None else f"{percent.normalize():f} %"
            yield self.line("Coinsurance", "coinsurance", rate, "unknown")
            yield self._figure("Out-of-pocket left", "out_of_pocket_left", known.out_of_pocket_left)
            yield self.pick("Copay", "copay_mode", MODES)
            yield self._figure("  how much", "copay", known.copay)
            yield self.line("Not covered", "noncovered", "0", "unknown")
            yield self.line("Note", "note")
        yield self.said("working")

    def _figure(self, label: str, name: str, figure: Figure) -> Field:
        return self.line(label, name, "" if figure.value is None else f"{figure.value:.2f}", "unknown")

    def on_mount(self) -> None:
        """Say where the figures come from."""
        super().on_mount()
        self.say("plan", self._plan_words())

    def _plan_words(self) -> str:
        if self.coverage is None:
            return "No plan is on file: every figure is the payer's, none is assumed."
        if self.benefits is None:
            return f"{self.coverage.name}: nobody has read its benefits yet."
        return f"{self.coverage.name}: benefits read {format_full_day(self.benefits.read_on)}."

    # --- reading -----------------------------------------------------------------------------

    def _value(self, name: str) -> Value:
        if name == "out_of_pocket_left":
            typed = self.query_one(f"#{name}", Input).value.strip()
            if typed.lower() in _NO_MAXIMUM:
                return NO_LIMIT
        return super()._value(name)

    def echoed(self, name: str, value: Value) -> str:
        """A blank figure says why it is unknown, where there is a reason."""
        if value is None:
            figure = getattr(self.figures, name, None)
            return figure.why if isinstance(figure, Figure) else ""
        if value == NO_LIMIT:
            return "= the plan has no maximum"
        return super().echoed(name, value)

    def _entry(self, reading: Reading) -> EstimateEntry:
        mode = CopayMode(self.choice("copay_mode")) if self.choice("copay_mode") else None
        texts = self.texts()
        return EstimateEntry(
            service=texts["service"],
            coverage_id=self.coverage.id if self.coverage else None,
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
