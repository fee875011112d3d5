"""The tabs of the patient page: each knows its list, its rows, its words and its keys.

``page_records`` has those about what is kept on file; here are the person's work, past and people.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.content import Content

from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.rows import CareTeamRow, PersonView, RelatedRow, TimelineRow
from carecoord_tui.store.queries.care_team import read_ordering
from carecoord_tui.store.queries.history import audit_of_patient, read_timeline
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.patient_rows import (
    CHANGE_COLUMNS,
    ITEM_COLUMNS,
    PEOPLE_COLUMNS,
    TEAM,
    TIMELINE_COLUMNS,
    change_rows,
    clinician_row,
    item_row,
    member_row,
    member_words,
    related_row,
    related_words,
    timeline_rows,
)
from carecoord_tui.widgets.person_pane import DIM, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

if TYPE_CHECKING:
    from carecoord_tui.screens.patient_page import PatientPage


class PageTab:
    """One tab. Subclasses say what its rows are and what enter and ``e`` do on one."""

    key: ClassVar[str]
    title: ClassVar[str]
    short: ClassVar[str] = ""  # what stands for the title where not every title fits
    columns: ClassVar[tuple[Column, ...]]
    empty_text: ClassVar[str]
    has_header: ClassVar[bool] = False
    keeps_count: ClassVar[bool] = False  # its count stays where not every count fits
    enter: ClassVar[str] = ""  # what enter does, for the footer
    footer: ClassVar[tuple[str, ...]] = ("verb.contact", "verb.follow_up", "verb.note")
    """What the footer names before what it names on every tab."""

    def __init__(self, page: PatientPage) -> None:
        self.page = page
        self.listing = RecordList(
            self.columns, empty_text=self.empty_text, show_header=self.has_header, id=self.key
        )

    def show(self, person: PersonView) -> None:
        """Read and draw; the cursor stays on its record."""
        self.listing.set_source(self.rows(self.page.app.shown_person(person), self.page.app.reader.moment()))

    def rows(self, person: PersonView, moment: Moment) -> Sequence[Row]:
        """The lines, read now."""
        raise NotImplementedError

    def count(self, person: PersonView) -> int | None:
        """What stands beside the title; None for nothing."""
        return None

    def detail(self, row: Row) -> Content:
        """The highlighted line in full, below the list."""
        return Content("")

    def items(self) -> tuple[Ranked, ...]:
        """The open items that verbs work on here; none: the patient alone."""
        return ()

    def marks(self) -> bool:
        """True where rows can be marked."""
        return False

    async def open(self) -> None:
        """Enter on the highlighted row."""

    async def edit(self) -> bool:
        """``e``; False leaves it to the verb every screen has."""
        return False


class OverviewTab(PageTab):
    """What is open, most urgent first."""

    key, title = "overview", "Overview"
    columns = ITEM_COLUMNS
    empty_text = "Nothing is open.\nf makes a follow-up, c logs a contact."
    keeps_count = True
    footer = (
        "verb.contact", "verb.done", "verb.move", "verb.follow_up", "verb.note", "verb.edit", "app.help",
    )  # fmt: skip

    def rows(self, person: PersonView, moment: Moment) -> Sequence[Row]:
        """The items the page has read; the list is as high as they are many."""
        items = self.page.items
        self.listing.styles.height = max(len(items), len(self.empty_text.splitlines()))
        return [item_row(ranked, moment) for ranked in items.values()]

    def count(self, person: PersonView) -> int:
        """Open items."""
        return len(self.page.items)

    def detail(self, row: Row) -> Content:
        """Why it stands here, with the rule."""
        if row.id not in self.page.items:
            return Content("")
        item = self.page.items[row.id].item
        cited = ", ".join(part for part in (item.rule_id, item.citation) if part)
        return Content.assemble(styled(item.why), styled(f" ({cited})" if cited else "", DIM))

    def items(self) -> tuple[Ranked, ...]:
        """Marked items, else the highlighted one."""
        known = self.page.items
        chosen = [one for one in known if one in self.listing.marks] or [self.listing.cursor_id]
        return tuple(known[one] for one in chosen if one in known)

    def marks(self) -> bool:
        """Items can be marked."""
        return True

    async def open(self) -> None:
        """Why the item stands here."""
        await self.page.action_why()


class TimelineTab(PageTab):
    """What happened, newest first."""

    key, title = "timeline", "Timeline"
    columns = TIMELINE_COLUMNS
    empty_text = "Nothing has happened yet.\nc logs a contact, n writes a note."

    def __init__(self, page: PatientPage) -> None:
        super().__init__(page)
        self._events: list[TimelineRow] = []

    def rows(self, person: PersonView, moment: Moment) -> Sequence[Row]:
        """Contacts, notes, steps, visits."""
        self._events = read_timeline(self.page.app.reader.execute, person.id)
        return timeline_rows(self._events, moment)

    def detail(self, row: Row) -> Content:
        """The line uncut, its note below it."""
        if not (isinstance(row.id, int) and row.id < len(self._events)):
            return Content("")
        line = self._events[row.id]
        return Content("\n").join([styled(line.text), *([styled(line.detail, DIM)] if line.detail else [])])


class PeopleTab(PageTab):
    """Who is around the patient, and what they may be told."""

    key, title = "people", "People"
    columns = PEOPLE_COLUMNS
    empty_text = (
        "Nobody is recorded around this patient.\n"
        "P adds a related person, and what they may be told; T somebody who cares for them."
    )
    has_header = True
    enter = "change"
    footer = (
        "page.new_person", "page.care_team", "page.contact_rules", "verb.edit", "verb.contact", "app.help",
    )  # fmt: skip

    def rows(self, person: PersonView, moment: Moment) -> Sequence[Row]:
        """Family and proxies, then who cares for the patient; a confidential channel hides their numbers."""
        related = [related_row(one, person, moment.today, self.page.app.shown_name) for one in person.related]
        team = [*self._clinicians(person), *(member_row(one) for one in person.care_team)]
        if not team:
            return related
        return [*related, Row("care-team", ("CARE TEAM",), kind="header"), *team]

    def _clinicians(self, person: PersonView) -> list[Row]:
        """The primary clinician, and who ordered the open referrals."""
        primary = [(person.primary_provider, "primary")] if person.primary_provider else []
        ordered = read_ordering(self.page.app.reader.execute, person.id)
        known = {member.name for member in person.care_team} | {name for name, _ in primary}
        found = [*primary, *((name, f"ordered {what}") for name, what in ordered if name not in known)]
        return [clinician_row(number, name, role) for number, (name, role) in enumerate(found)]

    def count(self, person: PersonView) -> int:
        """People on file."""
        return len(person.related) + sum(one.is_active for one in person.care_team)

    def detail(self, row: Row) -> Content:
        """What the columns of a narrow terminal leave out."""
        person = self.page.person
        if person is not None and (one := self._related()) is not None:
            shown = self.page.app.shown_person(person)
            drawn = next((each for each in shown.related if each.id == one.id), one)
            return styled(related_words(drawn, shown, self.page.app.reader.today()), DIM)
        member = self._member()
        return styled(member_words(member), DIM) if member is not None else Content("")

    def _related(self) -> RelatedRow | None:
        related = self.page.person.related if self.page.person else ()
        return next((one for one in related if one.id == self.listing.cursor_id), None)

    def _member(self) -> CareTeamRow | None:
        team = self.page.person.care_team if self.page.person else ()
        return next((one for one in team if (TEAM, one.id) == self.listing.cursor_id), None)

    async def open(self) -> None:
        """Change the person."""
        await self.edit()

    async def edit(self) -> bool:
        """The highlighted person, or the first one. A clinician from the patient's own data: the patient."""
        if (member := self._member()) is not None:
            await self.page.edit_care_team(member)
            return True
        if self._related() is None and self.listing.cursor_id is not None:
            return False
        await self.page.edit_related(self._related())
        return True


class ChangesTab(PageTab):
    """What was changed, by whom."""

    key, title = "changes", "Changes"
    columns = CHANGE_COLUMNS
    empty_text = "No change is recorded."

    def rows(self, person: PersonView, moment: Moment) -> Sequence[Row]:
        """The audit without views and exports."""
        found = audit_of_patient(self.page.app.reader.execute, person.id, changes_only=True)
        return change_rows(found, moment)

    def detail(self, row: Row) -> Content:
        """Which fields."""
        return styled(str(row.cells[-1]), DIM)
