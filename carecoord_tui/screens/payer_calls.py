"""By payer: what each must be asked. One hold, many patients."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, Static

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.eligibility_rows import PayerAsk, PayerToCall
from carecoord_tui.domain.insurance_rows import Key
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.vocabulary import Kind, Outcome
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.list_beside import ListBesidePerson
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.chase import NOBODY_DAYS, PROMISE_DAYS, SPOKEN
from carecoord_tui.store.actions.payer_calls import (
    MOST_MINUTES,
    NAME_LIMIT,
    NOTE_LIMIT,
    REFERENCE_LIMIT,
    log_payer_call,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.insurance import read_items
from carecoord_tui.store.queries.payer_calls import read_asks, read_payer_calls
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.payer_call_rows import PAYER_COLUMNS, PayerCallRows, ask_row, line_id
from carecoord_tui.widgets.person_pane import DIM, STRONG, styled
from carecoord_tui.widgets.record_list import RecordList

NOTHING = (
    "No payer must be asked anything.\n"
    "A visit without a fresh check, an authorization sent in, an appeal filed: each shows here by its payer."
)
OUTCOMES: tuple[tuple[str, str, Outcome, bool], ...] = (
    ("a", "answered now", Outcome.OFFICE_REACHED, True),
    ("s", "will answer", Outcome.OFFICE_REACHED, False),
    ("b", "calls back", Outcome.CALLBACK, False),
    ("n", "no answer", Outcome.OFFICE_NO_ANSWER, False),
    ("m", "left a message", Outcome.OFFICE_MESSAGE, False),
)
"""Key, words, outcome, and whether the answers are recorded next."""


class PayerCallsScreen(ListBesidePerson):
    """Payers with their questions. On a payer's line a verb works on all of them."""

    SCOPES = (Scope.ITEM, Scope.LIST)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "insurance"

    def __init__(self) -> None:
        super().__init__()
        self._payers: list[PayerToCall] = []
        self._behind: dict[Hashable, tuple[Key, ...]] = {}  # what a row stands for, in the order of the list

    def compose_body(self) -> ComposeResult:
        """What this is, and the list."""
        yield Static("", id="calls-summary", markup=False)
        yield from self.compose_list()

    def make_list(self) -> RecordList:
        """Payers in the order of what presses most."""
        return RecordList(PAYER_COLUMNS, empty_text=NOTHING, id="list")

    def on_mount(self) -> None:
        """Keys go to the list."""
        self.query_one(RecordList).focus()

    def reload(self) -> None:
        """Read the keys again, the questions by window; the cursor stays on its question, or its payer."""
        reader = self.app.reader
        moment = reader.moment()
        self._payers = read_payer_calls(reader.execute, moment)
        self._behind = {}
        for payer in self._payers:
            self._behind[line_id(payer)] = payer.keys
            self._behind |= {key: (key,) for key in payer.keys}
        self.query_one(RecordList).set_source(
            PayerCallRows(
                self._payers, read=self._read, paint=lambda ask: ask_row(ask, moment, self.app.shown_name)
            )
        )
        count = sum(len(payer.keys) for payer in self._payers)
        words = f" {len(self._payers)} payers, {count:,} to ask. On a payer's line c logs one call for all."
        self.query_one("#calls-summary", Static).update(styled(words, DIM))
        self.show_person()

    def _read(self, keys: Sequence[Key]) -> Mapping[Key, PayerAsk]:
        reader = self.app.reader
        return read_asks(reader.execute, keys, reader.moment())

    def _items(self, keys: Sequence[Key]) -> list[Ranked]:
        """The items of these questions; those settled meanwhile are left out."""
        reader = self.app.reader
        found = read_items(reader.execute, keys, reader.moment())
        return [found[key] for key in keys if key in found]

    # --- what verbs work on ----------------------------------------------------------------------

    def _chosen(self) -> list[Key]:
        """The questions of the marked rows, each once, else of the highlighted one."""
        listing = self.query_one(RecordList)
        rows: Sequence[Hashable] = [one for one in self._behind if one in listing.marks]
        return list(
            dict.fromkeys(key for one in rows or [listing.cursor_id] for key in self._behind.get(one, ()))
        )

    def subject(self) -> Subject:
        """Marked questions, else the highlighted one; a payer's line stands for all of its."""
        found = tuple(self._items(self._chosen()))
        if not found:
            return Subject()
        return Subject(found, found[0].item.patient_id, found[0].person.name)

    def highlighted_person(self) -> tuple[int, Ranked | None] | None:
        """The person of the row; on a payer's line the most urgent one's."""
        found = self._items(self._behind.get(self.query_one(RecordList).cursor_id, ())[:1])
        return (found[0].item.patient_id, found[0]) if found else None

    async def action_contact(self) -> None:
        """One call to the payer about everything chosen."""
        subject = self._subject_or_say(needs_item=True)
        if subject is None:
            return
        wanted = set(self._chosen())
        payers = [payer for payer in self._payers if not wanted.isdisjoint(payer.keys)]
        if len(payers) > 1:
            self.say(
                "These belong to several payers: one call is to one payer. esc clears the marks.", alarm=True
            )
            return
        practice = await self.app.full_practice()
        self.app.push_screen(PayerCallSheet(practice, subject, payers[0].payer_id, payers[0].name))

    async def action_done(self) -> None:
        """The visits among what is chosen are recorded in one go; a decision or an appeal by its own act."""
        subject = self._subject_or_say(needs_item=True)
        if subject is None:
            return
        visits = tuple(one for one in subject.items if one.item.kind is Kind.ELIGIBILITY)
        if not visits:
            await super().action_done()
            return
        from carecoord_tui.screens.settle import SettleSheet

        first = visits[0]
        practice = await self.app.full_practice()
        self.app.push_screen(SettleSheet(practice, Subject(visits, first.item.patient_id, first.person.name)))

    @on(RecordList.Chosen)
    def _open(self) -> None:
        """Enter: the patient page at this item."""
        cursor = self.query_one(RecordList).cursor_id
        if isinstance(cursor, str) and (found := self._items([cursor])):
            self.app.open_patient(found[0].item.patient_id, found[0].item.ref)

    async def action_run(self) -> None:
        """Card by card, in this order."""
        from carecoord_tui.screens.run import RunScreen

        refs = [one.item.ref for one in self._items([key for payer in self._payers for key in payer.keys])]
        if refs:
            await self.app.full_practice()
            self.app.push_screen(RunScreen(refs, "What payers must be asked"))

    def action_filter(self) -> None:
        """The list is short; looking for somebody is the jump."""
        self.app.action_jump()

    def action_back(self) -> None:
        """Close the pane, clear marks, go back."""
        listing = self.query_one(RecordList)
        if self.close_pane():
            return
        if listing.marks:
            listing.clear_marks()
        else:
            super().action_back()


class PayerCallSheet(Sheet[bool]):
    """One key logs the call for everything chosen; ``tab`` for reference, minutes, who, day, note."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = "PayerCallSheet #call-outcomes { height: auto; margin-bottom: 1; }"
    asks_before_leaving = True

    def __init__(self, practice: Practice, subject: Subject, payer_id: int, payer: str) -> None:
        super().__init__()
        self.practice, self.subject = practice, subject
        self.payer_id, self.payer = payer_id, payer

    def heading(self) -> str:
        """Which payer is called about whom."""
        names = dict.fromkeys(self.app.shown_name(ranked.person.name) for ranked in self.subject.items)
        return f"Call to {self.payer}: {'; '.join(names)}"

    def hint(self) -> str:
        """The keys."""
        return "one key logs it · tab reference, minutes, name, day, note · esc back"

    def compose_body(self) -> ComposeResult:
        """Outcomes with the day each sets, then the fields."""
        yield Static(self._outcome_lines(), id="call-outcomes")
        yield from self._line("Reference no.", "call-reference", REFERENCE_LIMIT)
        yield from self._line("Minutes", "call-minutes", len(str(MOST_MINUTES)))
        yield from self._line("Spoke with", "call-who", NAME_LIMIT)
        with Horizontal(classes="field"):
            yield Label("They said")
            yield DateInput(
                today=self.practice.today(),
                order=self.practice.settings.date_order,
                is_business_day=self.practice.context.calendar.is_working_day,
                id="call-until",
            )
        yield from self._line("Note", "call-note", NOTE_LIMIT)

    def _line(self, label: str, name: str, limit: int) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Label(label)
            yield Input(id=name, max_length=limit, select_on_focus=False)

    def _outcome_lines(self) -> Content:
        calendar, today = self.practice.context.calendar, self.practice.today()
        lines = []
        for key, label, outcome, is_answered in OUTCOMES:
            days = PROMISE_DAYS if outcome in SPOKEN else NOBODY_DAYS
            day = format_day(calendar.add_working_days(today, days), today)
            after = f"  ask again {day}, or by the last day" if outcome in SPOKEN else f"  call again {day}"
            if is_answered:
                after = "  nothing moves: record each answer with x or i"
            lines.append(
                Content.assemble((f" {key} ", "$text-accent bold"), styled(label, STRONG), styled(after, DIM))
            )
        return Content("\n").join(lines)

    def on_key(self, event: events.Key) -> None:
        """An outcome's letter; typing in a field goes to the field."""
        if self.focused is not None:
            return
        for key, _, outcome, is_answered in OUTCOMES:
            if event.character == key:
                event.stop()
                self._log(outcome, is_answered=is_answered)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field: back to the keys."""
        event.stop()
        self.set_focus(None)

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter in the day: back to the keys."""
        event.stop()
        self.set_focus(None)

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", Input).value.strip()

    def _log(self, outcome: Outcome, *, is_answered: bool) -> None:
        typed, minutes = self.query_one(DateInput), self._text("call-minutes")
        if typed.problem or not (minutes == "" or (minutes.isascii() and minutes.isdigit())):
            self.problem(typed.problem or "Minutes are a whole number, such as 12.")
            return
        days: list[str] = []

        def act() -> None:
            found = log_payer_call(
                self.practice,
                self.payer_id,
                self.subject.refs,
                outcome,
                reference=self._text("call-reference"),
                minutes=int(minutes) if minutes else None,
                spoke_with=self._text("call-who"),
                note=self._text("call-note"),
                until=typed.value,
                is_answered=is_answered,
            )
            days.extend(format_day(day, self.practice.today()) for day in found)

        if self.attempt(act):
            self.dismiss(True)
            count = len(self.subject.items)
            several = f" for {count} items" if count > 1 else ""
            then = "record each answer with x or i" if is_answered else f"ask again {', '.join(days)}"
            self.app.say(f"Logged{several}: {then}.  u undoes it")


SCREEN = PayerCallsScreen
