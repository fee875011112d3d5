"""An eligibility check with everything the payer said; what is left blank stays unknown."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.date_lean import Lean
from carecoord_tui.domain.dates import When, format_birth, format_day
from carecoord_tui.domain.eligibility_rows import CoverageBenefits
from carecoord_tui.domain.identifiers import format_phone
from carecoord_tui.domain.vocabulary import EligibilityResult
from carecoord_tui.screens.eligibility_draft import (
    ASKED,
    FIGURES,
    GROUP_OPTIONS,
    KEEP_OR_END,
    METHODS,
    RESULTS,
    USUAL,
    echo_of,
    known_figure,
    read_entry,
)
from carecoord_tui.screens.form_sheet import Field, FormInput, FormSheet
from carecoord_tui.store.actions.eligibility import NO_COVERAGE, record_check
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.eligibility import read_benefits, read_birth_date, visit_day
from carecoord_tui.widgets.benefit_lines import check_words, figure_words
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import WAITING, styled
from carecoord_tui.widgets.safe_text import safe_text

PLAN_KEYS = "123456789"
LONGEST = {"plan_said": 160, "reference": 80, "spoke_with": 160, "note": 400}
ONLY_ACTIVE = ("group", *FIGURES, "authorization", "referral")
ONLY_INACTIVE = ("keep", "ended_on")


class EligibilityForm(FormSheet[bool]):
    """One check of one plan. ``a`` and ctrl+s record that nothing changed; figures left blank keep the day
    they were read. True when something was saved.
    """

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "eligibility_form.tcss"]

    def __init__(
        self,
        practice: Practice,
        patient_id: int,
        patient_name: str,
        *,
        appointment_id: int | None = None,
    ) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name
        self.appointment_id = appointment_id
        self.plans = read_benefits(practice.execute, patient_id)
        self.birth_date = read_birth_date(practice.execute, patient_id)
        self.visit_on = None
        if appointment_id is not None:
            self.visit_on = visit_day(practice.execute, appointment_id, practice.zone)
        self._typed: dict[str, dict[str, str]] = {}  # the figures of the groups not in sight
        self._group = USUAL

    def heading(self) -> str:
        """Whose check this is, and for which visit."""
        visit = ""
        if self.visit_on is not None:
            visit = f", visit {format_day(self.visit_on, self.practice.today())}"
        return f"Eligibility: {self.app.shown_name(self.patient_name)}{visit}"

    def hint(self) -> str:
        """The keys."""
        return "a i u result · tab down next · up back · ctrl+s save · esc leave"

    # --- fields ------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """The answer first; then what else the payer said, then who said it."""
        with Vertical(id="form"):
            yield Field("Payer says", ChoiceRow(RESULTS, id="result"))
            yield Static("", id="last", markup=False)
            if len(self.plans) > 1:
                yield Field("Plan", ChoiceRow(self._plan_options(), value="0", id="plan"))
            yield Field("As of", self._date("as_of", self.visit_on or self.practice.today()))
            yield Field("Coverage", ChoiceRow(KEEP_OR_END, value="", id="keep"))
            yield Field("Ended on", self._date("ended_on"))
            yield Field("Figures for", ChoiceRow(GROUP_OPTIONS, value=USUAL, id="group"))
            for name, (label, _, _) in FIGURES.items():
                field = Field(label, FormInput(id=name))
                field.add_class("figure")
                yield field
            yield Field("Authorization", ChoiceRow(ASKED, value="", id="authorization"))
            yield Field("Referral", ChoiceRow(ASKED, value="", id="referral"))
            yield self._line("Plan they named", "plan_said")
            yield self._line("Reference no.", "reference")
            yield self._line("Spoke with", "spoke_with")
            yield Field("How", ChoiceRow(METHODS, id="method"))
            yield self._line("Note", "note")

    def _line(self, label: str, name: str) -> Field:
        control = FormInput(id=name, prose=name == "note")
        control.max_length = LONGEST[name]
        return Field(label, control)

    def _date(self, name: str, proposal: date | None = None) -> DateInput:
        return DateInput(
            today=self.practice.today(),
            order=self.practice.settings.date_order,
            is_business_day=self.practice.context.calendar.is_working_day,
            proposal=None if proposal is None else When(proposal, None),
            allow_past=True,
            lean=Lean.NEAREST,
            id=name,
        )

    def _plan_options(self) -> list[Option]:
        """The plans by digits, the one that pays first in front."""
        return [
            Option(key, " ".join(filter(None, (plan.payer_name, plan.plan_name))), str(place))
            for place, (key, plan) in enumerate(zip(PLAN_KEYS, self.plans, strict=False))
        ]

    def on_mount(self) -> None:
        """What is on file is said beside the fields."""
        self._show_plan()
        self._show_for_result()

    def texts(self) -> dict[str, str]:
        """Every field, the days and the figures of groups out of sight too."""
        found = super().texts()
        for control in self.query(DateInput):
            found[control.id or ""] = control.text
        for group, figures in self._typed.items():
            if group != self._group:
                found |= {f"{group}:{name}": text for name, text in figures.items() if text}
        return found

    @property
    def plan(self) -> CoverageBenefits | None:
        """The plan that was asked about; None where none is on file."""
        if not self.plans:
            return None
        chosen = self.query("#plan")
        place = chosen.first(ChoiceRow).value if chosen else "0"
        return self.plans[int(place or 0)]

    # --- what shows ----------------------------------------------------------------------------

    @on(ChoiceRow.Chosen)
    def _chosen(self) -> None:
        self._follow_choices()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A choice can be stepped through as well: leaving its row, what follows from it shows."""
        if self.is_mounted:
            self._follow_choices()

    def _follow_choices(self) -> None:
        """Show what belongs to the result, the group and the plan that are chosen."""
        self._show_for_result()
        self._show_group(self.query_one("#group", ChoiceRow).value or USUAL)
        self._show_plan()

    def _show_for_result(self) -> None:
        """Figures for coverage that is active; what becomes of the plan where it is not."""
        result = self.query_one("#result", ChoiceRow).value
        for name in ONLY_ACTIVE:
            self._show_field(name, result in (None, EligibilityResult.ACTIVE.value))
        for name in ONLY_INACTIVE:
            self._show_field(name, result == EligibilityResult.INACTIVE.value)

    def _show_field(self, name: str, is_shown: bool) -> None:
        field = self.field_of(name)
        if field.display != is_shown:
            field.display = is_shown

    def _show_group(self, group: str) -> None:
        """The figures of another group: what was typed for the one before is kept."""
        if group == self._group:
            return
        self._keep_figures()
        self._group = group
        for name in FIGURES:
            with self.prevent(Input.Changed):  # nobody typed: a problem said meanwhile stays
                self.query_one(f"#{name}", FormInput).value = self._typed.get(group, {}).get(name, "")
            self._show_figure(name)

    def _keep_figures(self) -> None:
        texts = {name: self.query_one(f"#{name}", FormInput).value.strip() for name in FIGURES}
        self._typed[self._group] = texts

    def _show_plan(self) -> None:
        """What is known of the plan: its last check, its figures, the other plan there is."""
        plan, today = self.plan, self.practice.today()
        if plan is None:
            self.query_one("#last", Static).update(styled(NO_COVERAGE, WAITING))
            return
        phone = format_phone(plan.payer_phone) if plan.payer_phone else "no phone on file"
        shown, birth = self.app.shown_value, self.birth_date
        born = f"born {shown(format_birth(birth))}" if birth else "birth date not on file"
        member = f"member {shown(plan.member_id)}" if plan.member_id else "member ID not on file"
        words = Content.assemble(
            styled(safe_text(f"{plan.payer_name}  {phone} · {member} · {born}")),
            "\n",
            check_words(plan, today),
        )
        self.query_one("#last", Static).update(words)
        others = [one.payer_name for one in self.plans if one is not plan and not one.is_cancelled]
        also = f"also on file: {', '.join(others)}" if others else "no other plan on file: ask who pays"
        self.field_of("keep").show_note(also)
        for name in FIGURES:
            self._show_figure(name)

    def _show_figure(self, name: str) -> None:
        """The echo of what is typed; of a blank field what is on file, with its day."""
        typed = self.query_one(f"#{name}", FormInput).value.strip()
        today = self.practice.today()
        known = known_figure(self.plan, name, self._group, self.visit_on or today)
        on_file = f"on file: {figure_words(known, today)}" if known is not None else "unknown"
        self.field_of(name).show_note(echo_of(name, typed) if typed else on_file)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        """Say at once what was understood."""
        if self.is_mounted and event.input.id in FIGURES:
            self.problem("")
            self.field_of(event.input.id).show_problem("")
            self._show_figure(event.input.id)

    # --- saving ------------------------------------------------------------------------------

    async def action_save(self) -> None:
        """Check every field; record the check with its figures as one change."""
        self._follow_choices()
        self._keep_figures()
        problems: dict[str, str] = {}
        days = {name: self.query_one(f"#{name}", DateInput) for name in ("as_of", "ended_on")}
        problems |= {name: day.problem for name, day in days.items() if day.problem}
        as_of, ended = days["as_of"].value, days["ended_on"].value
        plan = self.plan
        entry = read_entry(
            self.texts(),
            self._typed,
            problems,
            patient_id=self.patient_id,
            coverage_id=plan.coverage_id if plan is not None else None,
            appointment_id=self.appointment_id,
            as_of=as_of.on if as_of is not None else None,
            ended_on=ended.on if ended is not None else None,
        )
        if entry is None:
            self._show_wrong(problems)
        elif self.attempt(lambda: record_check(self.practice, entry)):
            app = self.app
            self.dismiss(True)
            day = f" for {format_day(as_of.on, self.practice.today())}" if as_of is not None else ""
            app.call_after_refresh(app.say, safe_text(f"Recorded: {entry.result.label}{day}.  u undoes it"))

    def _show_wrong(self, problems: dict[str, str]) -> None:
        """Each problem at its field; one of a group out of sight brings that group back."""
        groups = [name.partition(":")[0] for name in problems if ":" in name]
        if groups and self._group not in groups:
            self.query_one("#group", ChoiceRow).value = groups[0]
            self._show_group(groups[0])
        at_fields = {}
        for name, text in problems.items():
            group, _, field = name.rpartition(":")
            if not group or group == self._group:
                at_fields[field] = text
        self.show_problems(at_fields)


SCREEN = EligibilityForm
