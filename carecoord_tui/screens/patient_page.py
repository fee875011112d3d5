"""One patient: alerts first, then what is open, what happened, who is around them, what was changed."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from carecoord_tui.commands import BY_ID, Scope, bindings, key_label
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.rows import AuditLine, PersonView, RelatedRow, TimelineRow
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.verbs import VerbScreen
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.queries.history import audit_of_patient, read_timeline
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.widgets.bars import FooterBar
from carecoord_tui.widgets.patient_rows import (
    CHANGE_COLUMNS,
    ITEM_COLUMNS,
    PEOPLE_COLUMNS,
    TIMELINE_COLUMNS,
    change_rows,
    item_row,
    related_phone,
    related_row,
    timeline_rows,
)
from carecoord_tui.widgets.person_facts import fact_lines, page_heading
from carecoord_tui.widgets.person_pane import DIM, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.tab_bar import TabBar
from carecoord_tui.widgets.today_rows import row_id

TABS = ("overview", "timeline", "people", "changes")
SIDE = 3  # blanks beside the facts, as in the lists
FOOTER = ("verb.contact", "verb.done", "verb.move", "verb.follow_up", "verb.note", "verb.edit", "app.help")
NOTHING_OPEN = "Nothing is open.\nf makes a follow-up, c logs a contact."
NOTHING_YET = "Nothing has happened yet.\nc logs a contact, n writes a note."
NO_PEOPLE = "Nobody is recorded around this patient.\nP adds a related person, and what they may be told."
NO_CHANGES = "No change is recorded."


class PatientPage(VerbScreen):
    """The page of one patient. Verbs work on the highlighted item, or on the patient alone."""

    SCOPES = (Scope.ITEM, Scope.LIST, Scope.PAGE)
    CSS_PATH = "patient_page.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]

    def __init__(self, patient_id: int, item: ItemRef | None = None) -> None:
        super().__init__()
        self.patient_id = patient_id
        self._start_item = item
        self._tab = 0
        self._person: PersonView | None = None
        self._items: dict[object, Ranked] = {}
        self._events: list[TimelineRow] = []
        self._changes: list[AuditLine] = []

    def compose_body(self) -> ComposeResult:
        """Who, tabs, one list a tab, the highlighted line in full, the facts of the overview."""
        yield Static("", id="who", markup=False)
        yield TabBar(id="tabs")
        with Vertical(id="tab-body"):
            yield RecordList(ITEM_COLUMNS, empty_text=NOTHING_OPEN, show_header=False, id="overview")
            yield RecordList(TIMELINE_COLUMNS, empty_text=NOTHING_YET, show_header=False, id="timeline")
            yield RecordList(PEOPLE_COLUMNS, empty_text=NO_PEOPLE, id="people")
            yield RecordList(CHANGE_COLUMNS, empty_text=NO_CHANGES, show_header=False, id="changes")
            yield Static("", id="detail", markup=False)
            yield Static("", id="facts", markup=False)

    def on_mount(self) -> None:
        """First paint; the view is audited behind it."""
        self._show_tab()
        self.app.run_worker(self._record_view(), group="audit")

    async def _record_view(self) -> None:
        """Looking at a person is part of the audit (45 CFR 164.312(b)); it never delays the page."""
        practice = await self.app.full_practice()
        try:
            practice.record_event("patient page viewed", patient_id=self.patient_id)
        except StoreError as error:
            self.app.say(str(error), alarm=True)

    # --- reading -----------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the person again; a person an undo removed closes the page."""
        reader = self.app.reader
        self._person = person = read_person(reader.execute, self.patient_id)
        if person is None:
            self._close_if_gone()
            return
        moment = reader.moment()
        items = items_of(reader.execute, self.patient_id, moment)
        self._items = {row_id(ranked): ranked for ranked in items}
        who = page_heading(person, len(items), moment, self.app.shown_name)
        self.query_one("#who", Static).update(who)
        self._show_facts()
        overview = self.query_one("#overview", RecordList)
        overview.set_source([item_row(ranked, moment) for ranked in items])
        overview.styles.height = max(len(items), len(NOTHING_OPEN.splitlines()))
        if self._start_item is not None:
            self._move_to(self._start_item)
            self._start_item = None
        self._read_tab()
        self._show_tab_titles()
        self._show_detail()

    def _show_facts(self) -> None:
        if (person := self._person) is not None:
            width = self.size.width - 2 * SIDE
            self.query_one("#facts", Static).update(fact_lines(person, self.app.reader.today(), width))

    def on_resize(self, event: events.Resize) -> None:
        """The facts wrap at the terminal's width."""
        self._show_facts()

    def _read_tab(self) -> None:
        """The lists of the other tabs are read when they are looked at."""
        reader, person = self.app.reader, self._person
        moment = reader.moment()
        if person is None:
            return
        if TABS[self._tab] == "timeline":
            self._events = read_timeline(reader.execute, self.patient_id)
            self.query_one("#timeline", RecordList).set_source(timeline_rows(self._events, moment))
        elif TABS[self._tab] == "people":
            hidden = person.confidential_channel
            rows = [
                related_row(one, moment.today, self.app.shown_name, is_confidential=hidden)
                for one in person.related
            ]
            self.query_one("#people", RecordList).set_source(rows)
        elif TABS[self._tab] == "changes":
            self._changes = audit_of_patient(reader.execute, self.patient_id, changes_only=True)
            self.query_one("#changes", RecordList).set_source(change_rows(self._changes, moment))

    def _move_to(self, wanted: ItemRef) -> None:
        overview = self.query_one("#overview", RecordList)
        exact = [one for one, ranked in self._items.items() if ranked.item.ref == wanted]
        same_record = [
            one
            for one, ranked in self._items.items()
            if (ranked.item.kind, ranked.item.record_id) == (wanted.kind, wanted.record_id)
        ]
        for one in (*exact, *same_record)[:1]:
            overview.move_to(one)

    def _close_if_gone(self) -> None:
        """The page of a removed person closes as soon as it is in front."""
        if self.is_active:  # anything else would close what stands above it, the lock too
            self.dismiss(None)
            self.app.say("That patient is no longer there: the change that added them was undone.")
        else:
            self._dirty = True

    def show_keys(self) -> None:
        """The footer's keys: enter is not named, this is the page it opens elsewhere."""
        self._saying = False
        commands = [BY_ID[name] for name in FOOTER]
        keys = [(key_label(self.app.keys_of(command).split(",")[0]), command.title) for command in commands]
        self.query_one(FooterBar).show_keys(keys, "esc back")

    # --- tabs --------------------------------------------------------------------------------

    def action_tab(self, step: int) -> None:
        """The next or the previous tab."""
        self._choose_tab((self._tab + step) % len(TABS))

    @on(TabBar.Picked)
    def _picked(self, event: TabBar.Picked) -> None:
        self._choose_tab(event.index)

    def _choose_tab(self, index: int) -> None:
        self._tab = index
        self._read_tab()
        self._show_tab()

    def _show_tab(self) -> None:
        for name in TABS:
            self.query_one(f"#{name}", RecordList).display = name == TABS[self._tab]
        self.query_one("#facts").display = TABS[self._tab] == "overview"
        self._listing.focus()
        self._show_tab_titles()
        self._show_detail()

    def _show_tab_titles(self) -> None:
        people = len(self._person.related) if self._person else 0
        titles = [f"Overview {len(self._items)}", "Timeline", f"People {people}", "Changes"]
        hint = "enter change · P new person" if TABS[self._tab] == "people" else "left right: tabs"
        self.query_one(TabBar).show_tabs(titles, self._tab, hint)

    @property
    def _listing(self) -> RecordList:
        return self.query_one(f"#{TABS[self._tab]}", RecordList)

    @on(RecordList.Highlighted)
    def _moved(self) -> None:
        self._show_detail()

    def _show_detail(self) -> None:
        """The highlighted line in full, as wide as the terminal."""
        shown = self.query_one("#detail", Static)
        text = self._detail()
        shown.display = bool(text.plain)
        shown.update(text)

    def _detail(self) -> Content:
        tab, row = TABS[self._tab], self._listing.cursor_row
        if row is None:
            return Content("")
        if tab == "overview" and row.id in self._items:
            item = self._items[row.id].item
            cited = ", ".join(part for part in (item.rule_id, item.citation) if part)
            return Content.assemble(styled(item.why), styled(f" ({cited})" if cited else "", DIM))
        if tab == "timeline" and isinstance(row.id, int) and row.id < len(self._events):
            line = self._events[row.id]
            return Content("\n").join(
                [styled(line.text), *([styled(line.detail, DIM)] if line.detail else [])]
            )
        if tab == "people" and (person := self._related(row.id)) is not None:
            return self._related_words(person)
        return styled(str(row.cells[-1]), DIM) if tab == "changes" else Content("")

    def _related_words(self, person: RelatedRow) -> Content:
        """What the columns of a narrow terminal leave out."""
        hidden = self._person is None or self._person.confidential_channel
        words = [
            related_phone(person, is_confidential=hidden),
            "emergency contact" if person.is_emergency_contact else "",
            person.note,
        ]
        return styled(" · ".join(word for word in words if word), DIM)

    # --- the subject -------------------------------------------------------------------------

    def subject(self) -> Subject:
        """Marked items, else the highlighted one on the overview; the patient alone elsewhere."""
        person = self._person
        if person is None:
            return Subject()
        items: tuple[Ranked, ...] = ()
        if TABS[self._tab] == "overview":
            listing = self._listing
            chosen = [one for one in self._items if one in listing.marks] or [listing.cursor_id]
            items = tuple(self._items[one] for one in chosen if one in self._items)
        return Subject(items, person.id, person.name)

    def _related(self, related_id: object) -> RelatedRow | None:
        related = self._person.related if self._person else ()
        return next((one for one in related if one.id == related_id), None)

    @on(RecordList.Chosen)
    async def _open(self, event: RecordList.Chosen) -> None:
        """Enter: why an item stands here; a related person is changed."""
        if TABS[self._tab] == "overview":
            await self.action_why()
        elif TABS[self._tab] == "people":
            await self.action_edit()

    async def action_edit(self) -> None:
        """On People the highlighted person, elsewhere the follow-up or the patient."""
        if TABS[self._tab] != "people":
            await super().action_edit()
        elif (related := self._related(self._listing.cursor_id)) is not None:
            await self._edit_related(related)
        else:
            await self.action_new_person()

    async def action_new_person(self) -> None:
        """Add somebody around the patient."""
        await self._edit_related(None)

    async def _edit_related(self, related: RelatedRow | None) -> None:
        from carecoord_tui.screens.related_form import RelatedSheet

        if (person := self._person) is not None:
            practice = await self.app.full_practice()
            self.app.push_screen(RelatedSheet(practice, person.id, person.name, related))

    def action_mark(self) -> None:
        """Mark the item and go on to the next."""
        if TABS[self._tab] == "overview":
            self._listing.toggle_mark()
            self._listing.action_cursor_down()

    def action_filter(self) -> None:
        """One person's lists are short; looking for somebody is the jump."""
        self.app.action_jump()

    def action_toggle_pane(self) -> None:
        """The page has no pane: everything is on it."""

    def action_back(self) -> None:
        """Clear marks, then go back to where the page was opened."""
        if self._listing.marks:
            self._listing.clear_marks()
        else:
            super().action_back()


SCREEN = PatientPage
