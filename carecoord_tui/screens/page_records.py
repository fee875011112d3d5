"""Tabs of the patient page about what is kept on file: referrals, documents, history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from carecoord_tui.domain.document_rows import DocumentRow
from carecoord_tui.domain.packet import HistoryRow
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.referral_ageing import age_of
from carecoord_tui.domain.referral_rows import ReferralListRow
from carecoord_tui.domain.rows import PersonView
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.page_tabs import PageTab
from carecoord_tui.store.queries.documents import read_documents
from carecoord_tui.store.queries.history_items import read_history_items
from carecoord_tui.store.queries.patient_referrals import read_patient_referrals
from carecoord_tui.store.queries.referral_detail import read_referral
from carecoord_tui.widgets.page_rows import (
    DOCUMENT_COLUMNS,
    HISTORY_COLUMNS,
    REFERRAL_COLUMNS,
    document_row,
    document_words,
    history_row,
    referral_rows,
)
from carecoord_tui.widgets.person_pane import DIM, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.referral_track import track_line
from carecoord_tui.widgets.row_source import Row

if TYPE_CHECKING:
    from carecoord_tui.screens.patient_page import PatientPage


class ReferralsTab(PageTab):
    """Every referral, open ones first; verbs work on the highlighted one's item."""

    key, title, short = "referrals", "Referrals", "Refs"
    columns = REFERRAL_COLUMNS
    empty_text = "No referral yet.\nr makes one."
    has_header = True
    keeps_count = True
    enter = "steps"
    footer = ("verb.contact", "verb.done", "verb.referral", "verb.edit", "app.help")

    def __init__(self, page: PatientPage) -> None:
        super().__init__(page)
        self._lines: list[ReferralListRow] = []

    def rows(self, person: PersonView, moment: Moment) -> Sequence[Row]:
        """With their age against the limit."""
        reader = self.page.app.reader
        self._lines = read_patient_referrals(reader.execute, person.id, moment.today)
        return referral_rows(
            self._lines, lambda line: age_of(line, reader.context, moment.today), moment.today
        )

    def count(self, person: PersonView) -> int:
        """Open ones, each of which has its item."""
        return len({ranked.item.record_id for ranked in self.page.items.values() if _is_referral(ranked)})

    @property
    def referral_id(self) -> int | None:
        """The highlighted referral."""
        found = self.listing.cursor_id
        return found if isinstance(found, int) else None

    def detail(self, row: Row) -> Content:
        """The track of the highlighted one."""
        if self.referral_id is None:
            return Content("")
        reader = self.page.app.reader
        found = read_referral(reader.execute, self.referral_id)
        return Content("") if found is None else track_line(found, reader.today(), self.page.text_width)

    def items(self) -> tuple[Ranked, ...]:
        """The item of the highlighted one; an ended one has none."""
        return tuple(
            ranked
            for ranked in self.page.items.values()
            if _is_referral(ranked) and ranked.item.record_id == self.referral_id
        )

    async def open(self) -> None:
        """Every step of it."""
        from carecoord_tui.screens.referral_detail import ReferralDetail

        if (number := self.referral_id) is not None:
            page = self.page
            page.app.push_screen(ReferralDetail(await page.app.full_practice(), number))

    async def edit(self) -> bool:
        """Change the highlighted referral."""
        from carecoord_tui.screens.referral_form import ReferralForm

        number, person = self.referral_id, self.page.person
        if number is None or person is None:
            return False
        practice = await self.page.app.full_practice()
        self.page.app.push_screen(ReferralForm(practice, person.id, person.name, referral_id=number))
        return True


def _is_referral(ranked: Ranked) -> bool:
    return ranked.item.kind is Kind.REFERRAL


class DocumentsTab(PageTab):
    """Files kept with the person, the newest first."""

    key, title, short = "documents", "Documents", "Docs"
    columns = DOCUMENT_COLUMNS
    empty_text = "No document yet.\nd attaches a file."
    has_header = True
    enter = "open"
    footer = ("verb.document", "verb.contact", "verb.note", "app.help")

    def __init__(self, page: PatientPage) -> None:
        super().__init__(page)
        self._lines: dict[int, DocumentRow] = {}

    def rows(self, person: PersonView, moment: Moment) -> Sequence[Row]:
        """Without their bytes."""
        found = read_documents(self.page.app.reader.execute, person.id)
        self._lines = {line.id: line for line in found}
        return [document_row(line, moment.today) for line in found]

    def count(self, person: PersonView) -> int:
        """Files on file."""
        return len(read_documents(self.page.app.reader.execute, person.id))

    def detail(self, row: Row) -> Content:
        """What the columns leave out, and what to check before it is released."""
        line = self._lines.get(row.id) if isinstance(row.id, int) else None
        return Content("") if line is None else styled(document_words(line), DIM)

    async def open(self) -> None:
        """The documents with their verbs, at this one."""
        await self.edit()

    async def edit(self) -> bool:
        """The sheet that opens, reviews, changes and detaches."""
        from carecoord_tui.screens.documents import DocumentsSheet

        person = self.page.person
        if person is None:
            return False
        practice = await self.page.app.full_practice()
        sheet = DocumentsSheet(practice, person.id, person.name, None)
        await self.page.app.push_screen(sheet)
        if self.listing.cursor_id is not None:
            sheet.query_one("#documents", RecordList).move_to(self.listing.cursor_id)
        return True


class HistoryTab(PageTab):
    """Conditions, medications, allergies: what a referral needs to say."""

    key, title, short = "history", "History", "Hist."
    columns = HISTORY_COLUMNS
    empty_text = "No history yet.\nH adds a condition, a medication, an allergy."
    has_header = True
    enter = "change"
    footer = ("page.new_history", "verb.edit", "verb.contact", "verb.note", "app.help")

    def __init__(self, page: PatientPage) -> None:
        super().__init__(page)
        self._lines: dict[int, HistoryRow] = {}

    def rows(self, person: PersonView, moment: Moment) -> Sequence[Row]:
        """What is so first, then what was."""
        found = read_history_items(self.page.app.reader.execute, person.id)
        self._lines = {line.id: line for line in found}
        return [history_row(line, moment.today) for line in found]

    def count(self, person: PersonView) -> int:
        """Lines on file."""
        return len(read_history_items(self.page.app.reader.execute, person.id))

    def detail(self, row: Row) -> Content:
        """The line uncut, and its note."""
        line = self._lines.get(row.id) if isinstance(row.id, int) else None
        if line is None:
            return Content("")
        parts = [line.text, line.code, line.note]
        if line.is_part2:
            parts.append("Part 2 record: check consent before release")
        if line.is_sensitive:
            parts.append("sensitive: state law may limit release")
        return styled(" · ".join(filter(None, parts)), DIM)

    async def open(self) -> None:
        """Change the line."""
        await self.edit()

    async def edit(self) -> bool:
        """Change the highlighted line, or add the first one."""
        found = self.listing.cursor_id
        await self.page.edit_history(found if isinstance(found, int) else None)
        return True
