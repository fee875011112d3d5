"""By office: what each one owes. One call, many patients."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.commands import Scope, bindings
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.referral_rows import OwingOffice
from carecoord_tui.domain.vocabulary import Kind, Outcome
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.call_sheet import DAY, MINUTES, NOTE, REFERENCE, WHO, CallSheet, Ending
from carecoord_tui.screens.list_beside import CallList
from carecoord_tui.store.actions.chase import NOBODY_DAYS, PROMISE_DAYS, SPOKEN, chase
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.offices import calls_to_office, read_offices, read_owed
from carecoord_tui.store.queries.today import items_about
from carecoord_tui.widgets.call_panel import ABOUT_SHOWN, call_panel
from carecoord_tui.widgets.office_rows import (
    OFFICE_COLUMNS,
    OfficeLines,
    office_line,
    owed_facts,
    owed_row,
    referral_row_id,
)
from carecoord_tui.widgets.person_pane import DIM, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

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


class ChaseScreen(CallList):
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
        moment = self.app.reader.moment()
        lines = [(office_line(one, moment), one.referral_ids) for one in self._offices]
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
        self.app.push_screen(ChaseSheet(practice, subject, offices[0]))

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

    def action_chase(self) -> None:
        """This is the list by office already."""


class ChaseSheet(CallSheet):
    """One key logs the call for every chosen referral; ``tab`` for the day they named and more."""

    FIELDS = (DAY, WHO, REFERENCE, MINUTES, NOTE)
    day_label = "They said"

    def __init__(self, practice: Practice, subject: Subject, office: OwingOffice) -> None:
        super().__init__(practice)
        self.subject, self.office = subject, office
        self.items = subject.items

    def heading(self) -> str:
        """Which office is called about whom."""
        names = dict.fromkeys(self.app.shown_name(ranked.person.name) for ranked in self.subject.items)
        return f"Call to {self.office.name or 'the office'}: {'; '.join(names)}"

    def hint(self) -> str:
        """The keys."""
        return "one key logs it · tab fields · esc back"

    def facts(self) -> Content:
        """The office's numbers and last call, then whose referrals it is asked about."""
        practice, moment = self.practice, self.practice.moment()
        numbers = [one.item.record_id for one in self.items[:ABOUT_SHOWN]]
        found = read_owed(practice.execute, numbers, moment)
        about = [
            owed_facts(
                one.specialty,
                one.stage,
                one.ranked,
                self.app.shown_name(one.ranked.person.name),
                moment.today,
                is_masked=self.app.privacy,
            )
            for one in (found[number] for number in numbers if number in found)
        ]
        office = self.office.provider_id
        calls = [] if office is None else calls_to_office(practice.execute, office, limit=1)
        return call_panel(self.office, next(iter(calls), None), about, moment, count=len(self.items))

    def endings(self) -> Sequence[Ending]:
        """Outcomes with the day each sets."""
        chase_on, again = self.look_words(PROMISE_DAYS), self.look_words(NOBODY_DAYS)
        return [
            Ending(key, label, f"chase {chase_on}" if outcome in SPOKEN else f"call again {again}")
            for key, label, outcome in OUTCOMES
        ]

    def record(self, ending: Ending) -> None:
        """One contact for every referral."""
        outcome = next(outcome for key, _, outcome in OUTCOMES if key == ending.key)
        days: list[str] = []

        def act() -> None:
            found = chase(
                self.practice,
                self.subject.refs,
                outcome,
                until=self.day,
                spoke_with=self.text(WHO),
                reference=self.text(REFERENCE),
                minutes=self.minutes,
                note=self.text(NOTE),
            )
            days.extend(format_day(day, self.practice.today()) for day in found)

        if self.attempt(act):
            self.dismiss(True)
            count = len(self.subject.items)
            several = f" for {count} referrals" if count > 1 else ""
            self.app.say(f"Logged{several}: chase {', '.join(days)}.  u undoes it")


SCREEN = ChaseScreen
