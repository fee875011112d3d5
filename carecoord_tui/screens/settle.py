"""The act that settles an item a rule made: choices by key, ``x`` again takes the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Label, Static

from carecoord_tui.domain.date_lean import Lean
from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.settle import REASONS, Choice, Need, choices
from carecoord_tui.domain.vocabulary import Kind, ReferralStage, ReferralType
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.settle import settle
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.person_pane import DIM, styled


def choices_for(practice: Practice, ranked: Ranked) -> tuple[Choice, ...]:
    """What can settle this item; empty where a contact is the act."""
    item = ranked.item
    if item.kind is not Kind.REFERRAL:
        return choices(item.kind, item.rule_id)
    for stage, service_type, held in practice.execute(
        "SELECT stage, service_type, held_stage FROM referral WHERE id = ?", [item.record_id]
    ):
        return choices(
            item.kind,
            item.rule_id,
            ReferralStage(stage),
            expects_report=ReferralType(service_type).expects_report,
            held_stage=ReferralStage(held) if held else None,
        )
    return ()


TEXT_LIMIT = 200
LEANS = {Need.TIME: Lean.NEAREST, Need.DAYS_VALID: Lean.AHEAD}
"""A visit may lie on either side, validity ends ahead; the rest has happened."""
USUAL_WIDTH = 36
MORE_THAN = 6  # choices from which on they stand in two columns


class SettleSheet(Sheet[bool]):
    """One key carries a choice out; ``tab`` types another day first.

    What a choice needs beside its day (a date ahead, a reason, a name) is asked for when it is chosen.
    """

    AUTO_FOCUS = ""

    def __init__(
        self,
        practice: Practice,
        subject: Subject,
        *,
        offered: Sequence[Choice] | None = None,
        refs: Sequence[ItemRef] | None = None,
    ) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self.choices = tuple(offered) if offered is not None else choices_for(practice, subject.items[0])
        self.acts_on = subject.refs if refs is None else list(refs)
        self.pending: Choice | None = None
        self._warned: tuple[Choice, When | None, str] | None = None  # what was asked about, and not yet meant

    def heading(self) -> str:
        """What is settled."""
        items = self.subject.items
        if len(items) > 1:
            names = dict.fromkeys(self.app.shown_name(ranked.person.name) for ranked in items)
            return f"{len(items)} items of {len(names)} patients: {'; '.join(names)}"
        return f"{items[0].title} · {self.app.shown_name(self.subject.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "one key records it · another day: tab, type it, enter, then the key · esc back"

    def compose_body(self) -> ComposeResult:
        """How it stands, the choices, what the chosen one asks for, the date."""
        yield from self.compose_standing()
        half = len(self.choices) if len(self.choices) <= MORE_THAN else (len(self.choices) + 1) // 2
        with Horizontal(id="settle-choices"):
            yield Static(self._choice_lines(self.choices[:half]), classes="half")
            yield Static(self._choice_lines(self.choices[half:]), classes="half")
        yield Static("", id="settle-usual", markup=False)
        with Horizontal(classes="field", id="settle-text-line"):
            yield Label("Why", id="settle-text-prompt")
            yield Input(id="settle-text", max_length=TEXT_LIMIT, select_on_focus=False)
        with Horizontal(classes="field"):
            yield Label("On", id="settle-prompt")
            yield DateInput(
                today=self.practice.today(),
                order=self.practice.settings.date_order,
                is_business_day=self.practice.context.calendar.is_working_day,
                allow_past=True,
                lean=Lean.PAST,
                id="settle-date",
            )

    def compose_standing(self) -> ComposeResult:
        """Lines above the choices; an item of a list stands in the list."""
        yield from ()

    def on_mount(self) -> None:
        """Nothing is asked yet."""
        self._show_text_line(False)

    def _choice_lines(self, offered: Sequence[Choice]) -> Content:
        lines = [
            Content.assemble(
                (f" {choice.key} ", "$text-accent bold"),
                styled(choice.label),
                styled(f"  {choice.asks}" if choice.asks else "", DIM),
            )
            for choice in offered
        ]
        return Content("\n").join(lines)

    def _show_text_line(self, shown: bool) -> None:
        self.query_one("#settle-text-line").display = shown
        self.query_one("#settle-usual").display = shown and bool(self._usual())

    def _usual(self) -> tuple[str, ...]:
        """Usual reasons of the pending choice."""
        return REASONS.get(self.pending.act, ()) if self.pending is not None else ()

    # --- keys --------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """A choice's letter; a digit takes a usual reason; other typing goes to the field in focus."""
        if self.focused is None:
            chosen = next((c for c in self.choices if c.key == event.character), None)
            if chosen is not None:
                event.stop()
                self._choose(chosen)

    def _choose(self, choice: Choice) -> None:
        typed = self.query_one(DateInput)
        typed.lean = LEANS.get(choice.need, Lean.PAST)
        if typed.problem:
            self.problem(typed.problem)
            return
        self.pending = choice
        if choice.need is Need.FORM:
            self._open_form(choice)
        elif choice.need in (Need.TIME, Need.DAYS_VALID) and typed.value is None:
            self.query_one("#settle-prompt", Label).update(Content(choice.prompt))
            typed.focus()
        elif choice.need is Need.REASON or self._lacks_reviewer(choice):
            self._ask_text(choice)
        else:
            self._carry_out(choice, typed.value, "")

    def _lacks_reviewer(self, choice: Choice) -> bool:
        """True when nobody knows which clinician reviewed the report."""
        if choice.act != f"stage:{ReferralStage.REVIEWED}":
            return False
        rows = [
            self.practice.execute(
                "SELECT r.ordered_by || p.primary_provider FROM referral r"
                " JOIN patient p ON p.id = r.patient_id WHERE r.id = ?",
                [ref.record_id],
            )
            for ref in self.acts_on
        ]
        return any(not row[0][0] for row in rows if row)

    def _ask_text(self, choice: Choice) -> None:
        """Ask for the reason, or for the clinician's name."""
        options = list(enumerate(self._usual(), 1))
        lines = []
        for start in range(0, len(options), 2):
            cells = [
                Content.assemble((f" {number} ", "$text-accent bold"), styled(words.ljust(USUAL_WIDTH)))
                for number, words in options[start : start + 2]
            ]
            lines.append(Content("").join(cells))
        self.query_one("#settle-usual", Static).update(Content("\n").join(lines))
        hint = "a digit, or type it and enter · esc back" if options else "type it, enter · esc back"
        self.query_one("#sheet-hint", Static).update(Content(hint))
        prompt = choice.prompt if choice.need is Need.REASON else "Reviewed by"
        self.query_one("#settle-text-prompt", Label).update(Content(prompt))
        self._show_text_line(True)
        self.query_one("#settle-text", Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """A lone digit is one of the usual reasons."""
        if event.input.id != "settle-text" or self.pending is None:
            return
        usual = self._usual()
        if len(event.value) == 1 and event.value.isdecimal() and 1 <= int(event.value) <= len(usual):
            event.stop()
            self._carry_out(self.pending, self.query_one(DateInput).value, usual[int(event.value) - 1])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter after the reason or the name."""
        if event.input.id == "settle-text" and self.pending is not None:
            event.stop()
            self._carry_out(self.pending, self.query_one(DateInput).value, event.value)

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter: carry out what asked for the date, or go back to the keys."""
        event.stop()
        if self.pending is not None and event.value is not None:
            self._carry_out(self.pending, event.value, "")
        else:
            self.set_focus(None)

    def _carry_out(self, choice: Choice, when: When | None, text: str) -> None:
        said = clean_text(text, TEXT_LIMIT)
        asks_text = choice.need is Need.REASON or self._lacks_reviewer(choice)
        if asks_text and not said:
            self.problem("A word or two is needed, or esc goes back.")
            return
        if not self._settle(choice, when, said):
            return
        self.recorded(choice)
        self.dismiss(True)
        day = f" {format_day(when.on, self.practice.today())}" if when else ""
        self.app.say(f"Recorded: {choice.label}{day}.  u undoes it")

    def recorded(self, choice: Choice) -> None:
        """A choice was carried out; the sheet closes next."""

    def _settle(self, choice: Choice, when: When | None, said: str) -> bool:
        """Carry out; what is probably not meant is said first, and done when the same key comes again."""
        from carecoord_tui.store.actions.appeals import NeedsConfirmation

        asked = (choice, when, said)
        meant = asked == self._warned
        warned: list[NeedsConfirmation] = []

        def act() -> None:
            try:
                settle(self.practice, self.acts_on, choice, when, text=said)
            except NeedsConfirmation as warning:
                if not meant or not warning.act:
                    warned.append(warning)
                    raise
                sure = replace(choice, act=warning.act)
                settle(self.practice, self.acts_on, sure, when, text=said)

        if self.attempt(act):
            return True
        self._warned = asked if warned else None
        if warned:
            self.problem(f"{warned[0]} {choice.key} again records it all the same, esc goes back.")
            self.set_focus(None)
        return False

    def _open_form(self, choice: Choice) -> None:
        """A form of its own takes over: it settles the item, or nothing is changed."""
        if len(self.subject.items) > 1:
            self.problem("That is done one at a time: clear the marks (esc) and take one row.")
            return
        item, name = self.subject.items[0].item, self.subject.patient_name
        form: Screen[bool]
        if choice.act == "open:redirect":
            from carecoord_tui.screens.referral_form import ReferralForm

            form = ReferralForm(self.practice, item.patient_id, name, redirect_from=item.record_id)
        else:
            from carecoord_tui.screens.documents import DocumentsSheet

            form = DocumentsSheet(self.practice, item.patient_id, name, item.record_id, advance=True)
        self.app.push_screen(form, self._form_closed)

    def _form_closed(self, saved: bool | None) -> None:
        if saved:
            self.dismiss(True)


SCREEN = SettleSheet
