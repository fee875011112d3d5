"""An appeal that went out: by which road, one key, and the number that proves it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from carecoord_tui.domain.appeals import FilingMethod
from carecoord_tui.domain.date_lean import Lean
from carecoord_tui.domain.dates import When, echo
from carecoord_tui.screens.denial_draft import METHODS
from carecoord_tui.screens.form_sheet import Field, FormInput, FormSheet
from carecoord_tui.store.actions.appeals import REFERENCE_LIMIT, Filing, NeedsConfirmation, file_appeal
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.denials import read_denial
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.date_input import DateInput

_GONE = "That denial is no longer there; the list was out of date."
_HOW = "How did it go out? f fax · m mail · p portal · c courier."


class FilingSheet(FormSheet[bool]):
    """``f`` then enter: filed by fax today. True when it was filed; ``when`` was typed before."""

    covers_below = True

    def __init__(
        self, practice: Practice, denial_id: int, patient_name: str, when: When | None = None
    ) -> None:
        super().__init__()
        self.practice, self.patient_name = practice, patient_name
        self.record = read_denial(practice.execute, denial_id)
        self._when = when
        self._warned: dict[str, str] | None = None  # what was typed when a warning was given

    def heading(self) -> str:
        """Which appeal, and whose."""
        service = self.record.service if self.record else ""
        return f"Appeal filed: {service} · {self.app.shown_name(self.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "one key says how · enter files it, with or without the number · esc back"

    def compose_body(self) -> ComposeResult:
        """How it must travel; the day, the road, the proof."""
        today = self.practice.today()
        advice = self.record.advice(self.practice.context, today) if self.record else ""
        yield Static(advice, id="filing-advice", markup=False)
        yield Field(
            "Filed on",
            DateInput(
                today=today,
                order=self.practice.settings.date_order,
                is_business_day=self.practice.context.calendar.is_working_day,
                value=echo(self._when) if self._when else "",
                proposal=When(today),
                allow_past=True,
                lean=Lean.PAST,
                id="filed-on",
            ),
        )
        yield Field("By", ChoiceRow(METHODS, id="how"))
        number = FormInput(placeholder="when there is one", id="reference")
        number.max_length = REFERENCE_LIMIT
        yield Field("Confirmation no.", number)

    def on_mount(self) -> None:
        """The road is asked first: the day is today as a rule."""
        self.call_after_refresh(self.query_one("#how").focus)
        if self.record is None:
            self.call_after_refresh(lambda: self.problem(_GONE))

    @on(ChoiceRow.Chosen)
    def _road_taken(self) -> None:
        self.problem("")
        self.query_one("#reference").focus()

    async def action_save(self) -> None:
        """File it; what is probably not meant is said first, and done when the same key comes again."""
        typed, day = self.texts(), self.query_one(DateInput)
        if self.record is None or not typed["how"] or day.problem:
            self.problem(_GONE if self.record is None else day.problem or _HOW)
            return
        typed["day"] = day.text
        filing = Filing(
            how=FilingMethod(typed["how"]),
            on=day.value.on if day.value else None,
            reference=typed["reference"],
            is_confirmed=self._warned == typed,
        )
        record, warnings = self.record, []

        def act() -> None:
            try:
                file_appeal(self.practice, record.id, filing)
            except NeedsConfirmation as warning:
                warnings.append(warning)
                raise

        if self.attempt(act):
            self.dismiss(True)
            self.app.say(f"Appeal filed by {filing.how}.  u undoes it")
        elif warnings:
            self._warned = typed
            self.problem(f"{warnings[0]} Enter again records it all the same, esc goes back.")
            self.query_one("#how").focus()  # another road is one key away, not a letter in the number

    @on(ChoiceRow.Submitted)
    async def _meant(self, event: ChoiceRow.Submitted) -> None:
        """Enter on the road after a warning: it is meant."""
        if self._warned is not None:
            event.stop()
            event.prevent_default()
            await self.action_save()


SCREEN = FilingSheet
