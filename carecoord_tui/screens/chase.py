"""By office: what each one owes. One call, many patients."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, Static

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.dates import When, format_day
from carecoord_tui.domain.folding import clean_text
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.referral_rows import OwingOffice
from carecoord_tui.domain.vocabulary import Kind, Outcome
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.list_beside import ListBesidePerson
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.chase import NOBODY_DAYS, PROMISE_DAYS, SPOKEN, chase
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.offices import read_offices, read_owed
from carecoord_tui.store.queries.today import items_about
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.office_rows import (
    OFFICE_COLUMNS,
    OfficeLines,
    office_line,
    owed_row,
    referral_row_id,
)
from carecoord_tui.widgets.person_pane import DIM, STRONG, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

NOTE_LIMIT = 400
NAME_LIMIT = 120
NOTHING = (
    "No office owes anything.\n"
    "A referral that was sent, accepted or seen shows here until the office answers."
)
OUTCOMES: tuple[tuple[str, str, Outcome], ...] = (
    ("s", "will send or call", Outcome.OFFICE_REACHED),
    ("b", "calls back", Outcome.CALLBACK),
    ("n", "no answer", Outcome.OFFICE_NO_ANSWER),
    ("m", "left a message", Outcome.OFFICE_MESSAGE),
)


class ChaseScreen(ListBesidePerson):
    """Offices with their referrals. On an office's line a verb works on all of them."""

    SCOPES = (Scope.ITEM, Scope.LIST)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "referrals"

    def __init__(self) -> None:
        super().__init__()
        self._offices: list[OwingOffice] = []
        self._order: list[tuple[str, int | None]] = []

    def compose_body(self) -> ComposeResult:
        """What this is, and the list."""
        yield Static("", id="chase-summary", markup=False)
        yield from self.compose_list()

    def make_list(self) -> RecordList:
        """Offices in the order of what presses most."""
        return RecordList(OFFICE_COLUMNS, empty_text=NOTHING, id="list")

    def on_mount(self) -> None:
        """Keys go to the list."""
        self.query_one(RecordList).focus()

    def reload(self) -> None:
        """Read again; the cursor stays on its referral, or its office."""
        self._offices = self._in_standing_order(read_offices(self.app.reader.execute))
        lines = [(office_line(one), one.referral_ids) for one in self._offices]
        self.query_one(RecordList).set_source(OfficeLines(lines, self._read))
        owed = sum(len(office.referral_ids) for office in self._offices)
        words = (
            f" {len(self._offices)} offices owe {owed} answers. On an office's line c logs one call for all."
        )
        self.query_one("#chase-summary", Static).update(styled(words, DIM))
        self.show_person()

    def _in_standing_order(self, offices: list[OwingOffice]) -> list[OwingOffice]:
        """While somebody calls through the list, offices and their referrals keep their places."""
        places = {key: place for place, key in enumerate(self._order)}
        last = len(places)
        offices = sorted(offices, key=lambda one: places.get(("office", one.provider_id), last))
        offices = [
            replace(
                one,
                referral_ids=tuple(sorted(one.referral_ids, key=lambda n: places.get(("referral", n), last))),
            )
            for one in offices
        ]
        self._order = [
            key
            for one in offices
            for key in (("office", one.provider_id), *(("referral", n) for n in one.referral_ids))
        ]
        return offices

    def _read(self, numbers: Sequence[int]) -> dict[int, Row]:
        reader = self.app.reader
        moment = reader.moment()
        return {
            number: owed_row(
                one.ranked, one.specialty, one.stage, one.last_touch_on, moment, self.app.shown_name
            )
            for number, one in read_owed(reader.execute, numbers, moment).items()
        }

    def _numbers(self, line: Hashable) -> Sequence[int]:
        """The referrals a line stands for: its own, or all of its office."""
        if not isinstance(line, tuple):
            return ()
        if line[0] == "referral":
            return (int(line[1]),)
        return next((one.referral_ids for one in self._offices if one.provider_id == line[1]), ())

    def _behind(self, lines: Iterable[Hashable]) -> tuple[Ranked, ...]:
        """The items of these lines, in the list's order."""
        wanted = {number for line in lines for number in self._numbers(line)}
        ordered = [one for office in self._offices for one in office.referral_ids if one in wanted]
        reader = self.app.reader
        found = items_about(reader.execute, Kind.REFERRAL, ordered, reader.moment())
        return tuple(found[one] for one in ordered if one in found)

    def subject(self) -> Subject:
        """Marked referrals, else the highlighted one; an office's line stands for all of its."""
        listing = self.query_one(RecordList)
        found = self._behind(listing.marks or [listing.cursor_id])
        if not found:
            return Subject()
        return Subject(found, found[0].item.patient_id, found[0].person.name)

    def highlighted_person(self) -> tuple[int, Ranked | None] | None:
        """The person of the row; on an office's line the one due first."""
        numbers = self._numbers(self.query_one(RecordList).cursor_id)[:1]
        behind = self._behind(referral_row_id(number) for number in numbers)
        return (behind[0].item.patient_id, behind[0]) if behind else None

    async def action_contact(self) -> None:
        """One call to the office about everything chosen."""
        subject = self._subject_or_say(needs_item=True)
        if subject is None:
            return
        wanted = {ranked.item.record_id for ranked in subject.items}
        offices = [one for one in self._offices if not wanted.isdisjoint(one.referral_ids)]
        if len(offices) > 1:
            self.say("These belong to several offices: one call is to one office. esc clears the marks.")
            return
        practice = await self.app.full_practice()
        self.app.push_screen(ChaseSheet(practice, subject, offices[0].name))

    @on(RecordList.Chosen)
    def _open(self, event: RecordList.Chosen) -> None:
        """Enter: the patient page at this referral."""
        behind = self._behind([event.record_id])
        if len(behind) == 1:
            self.app.open_patient(behind[0].item.patient_id, behind[0].item.ref)

    async def action_run(self) -> None:
        """Card by card, in this order."""
        from carecoord_tui.screens.run import RunScreen

        every = [referral_row_id(number) for office in self._offices for number in office.referral_ids]
        refs = [ranked.item.ref for ranked in self._behind(every)]
        if refs:
            await self.app.full_practice()
            self.app.push_screen(RunScreen(refs, "What offices owe"))

    def action_filter(self) -> None:
        """The list is short; looking for somebody is the jump."""
        self.app.action_jump()

    def action_chase(self) -> None:
        """This is the list by office already."""

    def action_back(self) -> None:
        """Close the pane, clear marks, go back."""
        listing = self.query_one(RecordList)
        if self.close_pane():
            return
        if listing.marks:
            listing.clear_marks()
        else:
            super().action_back()


class ChaseSheet(Sheet[bool]):
    """One key logs the call for every chosen referral; ``tab`` for the day they named, a name, a note."""

    AUTO_FOCUS = ""
    asks_before_leaving = True

    def __init__(self, practice: Practice, subject: Subject, office: str) -> None:
        super().__init__()
        self.practice = practice
        self.subject = subject
        self.office = office

    def heading(self) -> str:
        """Which office is called about whom."""
        names = dict.fromkeys(self.app.shown_name(ranked.person.name) for ranked in self.subject.items)
        return f"Call to {self.office or 'the office'}: {'; '.join(names)}"

    def hint(self) -> str:
        """The keys."""
        return "one key logs it · tab day, name, note · esc back"

    def compose_body(self) -> ComposeResult:
        """Outcomes with the day each sets, then the fields."""
        yield Static(self._outcome_lines(), id="settle-choices")
        with Horizontal(classes="field"):
            yield Label("They said")
            yield DateInput(
                today=self.practice.today(),
                order=self.practice.settings.date_order,
                is_business_day=self.practice.context.calendar.is_working_day,
                id="chase-until",
            )
        with Horizontal(classes="field"):
            yield Label("Spoke with")
            yield Input(id="chase-who", max_length=NAME_LIMIT, select_on_focus=False)
        with Horizontal(classes="field"):
            yield Label("Note")
            yield Input(id="chase-note", max_length=NOTE_LIMIT, select_on_focus=False)

    def _outcome_lines(self) -> Content:
        calendar, today = self.practice.context.calendar, self.practice.today()
        lines = []
        for key, label, outcome in OUTCOMES:
            days = PROMISE_DAYS if outcome in SPOKEN else NOBODY_DAYS
            day = format_day(calendar.add_working_days(today, days), today)
            after = f"  chase {day}" if outcome in SPOKEN else f"  call again {day}"
            lines.append(
                Content.assemble((f" {key} ", "$text-accent bold"), styled(label, STRONG), styled(after, DIM))
            )
        return Content("\n").join(lines)

    def on_key(self, event: events.Key) -> None:
        """An outcome's letter; typing in a field goes to the field."""
        if self.focused is not None:
            return
        for key, _, outcome in OUTCOMES:
            if event.character == key:
                event.stop()
                self._log(outcome)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field: back to the keys."""
        event.stop()
        self.set_focus(None)

    def on_date_input_submitted(self, event: DateInput.Submitted) -> None:
        """Enter in the day: back to the keys."""
        event.stop()
        self.set_focus(None)

    def _log(self, outcome: Outcome) -> None:
        typed = self.query_one(DateInput)
        if typed.problem:
            self.problem(typed.problem)
            return
        days: list[When] = []

        def act() -> None:
            days.append(
                chase(
                    self.practice,
                    self.subject.refs,
                    outcome,
                    until=typed.value,
                    spoke_with=clean_text(self.query_one("#chase-who", Input).value, NAME_LIMIT),
                    note=clean_text(self.query_one("#chase-note", Input).value, NOTE_LIMIT),
                )
            )

        if self.attempt(act):
            self.dismiss(True)
            count = len(self.subject.items)
            several = f" for {count} referrals" if count > 1 else ""
            day = format_day(days[0].on, self.practice.today())
            self.app.say(f"Logged{several}: chase {day}.  u undoes it")


SCREEN = ChaseScreen
