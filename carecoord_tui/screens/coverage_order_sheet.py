"""Who pays first: one question at a time, only what the answer hangs on, and the rule that decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.billing_rows import CoverageRow
from carecoord_tui.domain.coverage_facts import Plan, Situation, kind_of
from carecoord_tui.domain.coverage_questions import Fact, Interview, Question, QuestionError, echo_answer
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.screens.form_sheet import FormInput
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.billing import set_coverage_order
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.billing import coverages_of
from carecoord_tui.widgets.choice import ChoiceRow, Option
from carecoord_tui.widgets.person_pane import DIM, STRONG, WAITING, styled
from carecoord_tui.widgets.safe_text import safe_text

_NAME_LIMIT = 60
_MOST_PLANS = 6


class CoverageOrderSheet(Sheet[bool]):
    """With two plans on file it asks about these; else the others are typed. True when ranks were set."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "billing.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Set the order", id="order.save", show=False),
        Binding("up", "back", "Question before", id="order.back", show=False),
    ]

    def __init__(self, practice: Practice, patient_id: int, patient_name: str) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name
        rows = coverages_of(practice.execute, patient_id)
        paying = [row for row in rows if row.payer_class is not PayerClass.SELF_PAY]
        self.on_file = _plans(paying, is_masked=self.app.privacy)
        self.behind = [row.id for row in rows if row.payer_class is PayerClass.SELF_PAY]
        self.interview: Interview | None = self._begin(()) if len(self.on_file) > 1 else None
        self.asked: Question | None = None
        self._kept: dict[tuple[Fact, int | None] | None, str] = {}  # by question; None: the plans' names

    def heading(self) -> str:
        """What, and for whom."""
        return f"Who pays first: {self.app.shown_name(self.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "a key or enter answers · up the one before · ctrl+s set the order · esc leave"

    def compose_body(self) -> ComposeResult:
        """What was told, the question, the answer to it, and what follows."""
        yield Static("", id="told", markup=False)
        yield Static("", id="question", markup=False)
        yield ChoiceRow((), id="options")
        with Horizontal(id="typed-line"):
            yield FormInput(id="typed")
            yield Static("", id="echo", markup=False)
        yield Static("", id="answer", markup=False)

    def on_mount(self) -> None:
        """The first question."""
        self._show()

    # --- asking ------------------------------------------------------------------------------

    def _begin(self, typed: Sequence[str]) -> Interview:
        """The plans on file and the typed ones, of which nothing is known yet."""
        others = tuple(Plan(id=-n, name=name, kind=None) for n, name in enumerate(typed, 1))
        return Interview((*self.on_file, *others), Situation(as_of=self.practice.today()))

    def _show(self) -> None:
        """Draw the question, or the answer when nothing is left to ask."""
        now = self.interview
        self.asked = now.question if now else None
        told = [f"{one.question.words} {one.words}" for one in now.told] if now else []
        self._say("told", Content("\n").join(styled(line, DIM) for line in told))
        words = "Which plans are there? Names with commas between." if now is None else ""
        self._say("question", styled(self.asked.words if self.asked else words, STRONG))
        self._say("answer", self._answer_words(now) if now else self._on_file_words())
        self._show_control()

    def _show_control(self) -> None:
        """The options of the question, or the line to type its answer in."""
        choice, line = self.query_one("#options", ChoiceRow), self.query_one("#typed-line")
        typed = self.query_one("#typed", FormInput)
        options = self.asked.options if self.asked else ()
        kept = self._kept.get(self._place, "")
        choice.options, choice.value = tuple(Option(*one) for one in options), kept or None
        choice.refresh(layout=True)
        choice.display = bool(options)
        line.display = self.interview is None or (self.asked is not None and not options)
        typed.value = kept if line.display else ""
        example = self.asked.example if self.asked else "Mother's plan, Father's plan"
        typed.placeholder = f"e.g. {example}"
        if choice.display:
            choice.focus()
        elif line.display:
            typed.focus()
        else:
            self.set_focus(None)

    def _on_file_words(self) -> Content:
        if not self.on_file:
            return styled("No plan is on file.", DIM)
        return styled(f"On file: {', '.join(plan.name for plan in self.on_file)}; type the others.", DIM)

    def _answer_words(self, now: Interview) -> Content:
        """Who pays first and why, with the source of each rule; or what to ask somebody else."""
        answer = now.answer
        if not answer.is_decided:
            return Content("") if self.asked else styled(answer.words, WAITING)
        names = [plan.name for plan in answer.plans]
        order = ", then ".join((f"{names[0]} pays first", *names[1:]))
        lines = [styled(f"{order}.", STRONG)]
        for reason in answer.reasons:
            source = f" ({reason.citation})" if reason.citation else ""
            lines.append(styled(f"{reason.words}{source}"))
        lines.append(styled(self._what_to_do(now), DIM))
        return Content("\n").join(lines)

    def _what_to_do(self, now: Interview) -> str:
        if self._is_on_file(now):
            return "ctrl+s sets this order on the patient's plans."
        return "Not all of them are on file: add them with e on the patient page to set the order."

    def _is_on_file(self, now: Interview) -> bool:
        return all(plan.id > 0 for plan in now.plans)

    def _say(self, name: str, content: Content) -> None:
        block = self.query_one(f"#{name}", Static)
        block.update(content)
        block.display = bool(content.plain)

    # --- answering ---------------------------------------------------------------------------

    @on(ChoiceRow.Chosen)
    @on(ChoiceRow.Submitted)
    def _taken(self, event: ChoiceRow.Chosen | ChoiceRow.Submitted) -> None:
        event.stop()
        if event.value is not None:
            self._tell(event.value)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if self.interview is None:
            self._name_plans(event.value)
        else:
            self._tell(event.value)

    @on(Input.Changed)
    def _typing(self, event: Input.Changed) -> None:
        """Echo a typed answer as it is understood."""
        self.problem("")
        words = ""
        if self.asked is not None and event.value.strip():
            order = self.practice.settings.date_order
            try:
                words = f"= {echo_answer(self.asked, event.value, self.practice.today(), order)}"
            except QuestionError:
                words = "not understood yet"
        self.query_one("#echo", Static).update(Content(words))

    @property
    def _place(self) -> tuple[Fact, int | None] | None:
        """Which question is asked; None while the plans are named."""
        return (self.asked.fact, self.asked.plan_id) if self.asked else None

    def _keep(self) -> None:
        """Remember what is typed: the question may be come back to."""
        if self.query_one("#typed-line").display:
            self._kept[self._place] = self.query_one("#typed", FormInput).value

    def _tell(self, value: str) -> None:
        assert self.interview is not None  # noqa: S101 - something is asked
        self._kept[self._place] = value
        try:
            self.interview = self.interview.tell(value, self.practice.settings.date_order)
        except QuestionError as error:
            self.problem(str(error))
            return
        self.problem("")
        self._show()

    def _name_plans(self, text: str) -> None:
        self._kept[None] = text
        names = [name for part in text.split(",") if (name := clean_text(part, _NAME_LIMIT))]
        taken = Counter((*names, *(plan.name for plan in self.on_file)))
        if not 2 <= taken.total() <= _MOST_PLANS:
            self.problem(
                f"Type the names of 2 to {_MOST_PLANS} plans with commas between, the ones on file too."
            )
        elif max(taken.values()) > 1:
            self.problem("Two plans have the same name: tell them apart.")
        else:
            self.interview = self._begin(names)
            self._show()

    def action_back(self) -> None:
        """The question before with its answer, to give another one; what is typed here is kept too."""
        self._keep()
        now = self.interview
        if now is None:
            return
        if now.before is not None:
            self.interview = now.before
        elif len(self.on_file) < 2:
            self.interview = None
        self.problem("")
        self._show()

    async def action_save(self) -> None:
        """Set the ranks, once it is decided."""
        now = self.interview
        answer = now.answer if now else None
        if now is None or answer is None or not answer.is_decided:
            self.problem("The order is not decided yet: answer the question first.")
            return
        if not self._is_on_file(now):
            self.problem(self._what_to_do(now))
            return
        ids = [*(plan.id for plan in answer.plans), *self.behind]
        if self.attempt(lambda: set_coverage_order(self.practice, self.patient_id, ids)):
            self.dismiss(True)
            self.app.say(safe_text(f"{answer.plans[0].name} pays first.  u undoes it"))


def _plans(rows: Sequence[CoverageRow], *, is_masked: bool) -> tuple[Plan, ...]:
    """The plans on file under names that tell them apart: by their member IDs where these may be seen."""
    names = Counter(row.name for row in rows)
    ids = {row.id: "" if is_masked else row.member_id for row in rows}
    return tuple(
        Plan(
            id=row.id,
            name=row.name if names[row.name] == 1 else f"{row.name}, {ids[row.id] or f'plan {row.rank}'}",
            kind=kind_of(row.payer_class),
        )
        for row in rows
    )


SCREEN = CoverageOrderSheet
