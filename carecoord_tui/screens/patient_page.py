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
from carecoord_tui.domain.rows import CareTeamRow, PersonView, RelatedRow
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.page_insurance import InsuranceTab
from carecoord_tui.screens.page_records import DocumentsTab, HistoryTab, ReferralsTab
from carecoord_tui.screens.page_tabs import ChangesTab, OverviewTab, PageTab, PeopleTab, TimelineTab
from carecoord_tui.screens.page_visits import VisitsTab
from carecoord_tui.screens.verbs import VerbScreen
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.widgets.bars import FooterBar
from carecoord_tui.widgets.page_tab_bar import PageTabBar
from carecoord_tui.widgets.person_facts import fact_lines, page_heading
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.today_rows import row_id

TABS: tuple[type[PageTab], ...] = (
    OverviewTab, TimelineTab, ReferralsTab, InsuranceTab, VisitsTab, DocumentsTab, HistoryTab, PeopleTab,
    ChangesTab,
)  # fmt: skip
ON_EVERY_TAB = ("page.edit_patient", "app.help")
SIDE = 3  # blanks beside the facts, as in the lists


class PatientPage(VerbScreen):
    """The page of one patient. Verbs work on the highlighted item, or on the patient alone."""

    SCOPES = (Scope.ITEM, Scope.LIST, Scope.PAGE)
    CSS_PATH = "patient_page.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]

    def __init__(self, patient_id: int, item: ItemRef | None = None) -> None:
        super().__init__()
        self.patient_id = patient_id
        self._start_item = item
        self.person: PersonView | None = None
        self.items: dict[object, Ranked] = {}  # the person's open items, most urgent first
        self._tabs = tuple(tab(self) for tab in TABS)
        self._at = 0

    def compose_body(self) -> ComposeResult:
        """Who, tabs, one list a tab, the highlighted line in full, the facts of the overview."""
        yield Static("", id="who", markup=False)
        yield PageTabBar(id="tabs")
        with Vertical(id="tab-body"):
            yield self._tabs[0].listing
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
        self.person = person = read_person(reader.execute, self.patient_id)
        if person is None:
            self._close_if_gone()
            return
        moment = reader.moment()
        items = items_of(reader.execute, self.patient_id, moment)
        self.items = {row_id(ranked): ranked for ranked in items}
        who = page_heading(self.app.shown_person(person), len(items), moment, self.app.shown_name)
        self.query_one("#who", Static).update(who)
        self._show_facts()
        self._tabs[0].show(person)
        if self._start_item is not None:
            self._move_to(self._start_item)
            self._start_item = None
        self._read_tab()
        self._show_tab_titles()
        self._show_detail()

    def _show_facts(self) -> None:
        if (person := self.person) is not None:
            facts = fact_lines(self.app.shown_person(person), self.app.reader.today(), self.text_width)
            self.query_one("#facts", Static).update(facts)

    @property
    def text_width(self) -> int:
        """Cells for the text below the list."""
        return self.size.width - 2 * SIDE

    def on_resize(self, event: events.Resize) -> None:
        """The facts wrap at the terminal's width, and so does the track; the tabs say what fits."""
        self._show_facts()
        self._show_tab_titles()
        self._show_detail()

    def _read_tab(self) -> None:
        """The lists of the other tabs are read when they are looked at."""
        if self._at and self.person is not None:
            self._tab.show(self.person)

    def _move_to(self, wanted: ItemRef) -> None:
        exact = [one for one, ranked in self.items.items() if ranked.item.ref == wanted]
        same_record = [
            one
            for one, ranked in self.items.items()
            if (ranked.item.kind, ranked.item.record_id) == (wanted.kind, wanted.record_id)
        ]
        for one in (*exact, *same_record)[:1]:
            self._tabs[0].listing.move_to(one)

    def _close_if_gone(self) -> None:
        """The page of a removed person closes as soon as it is in front."""
        if self.is_active:  # anything else would close what stands above it, the lock too
            self.dismiss(None)
            self.app.say("That patient is no longer there: the change that added them was undone.")
        else:
            self._dirty = True

    def show_keys(self) -> None:
        """The keys of the tab."""
        self._saying = False
        own = (name for name in self._tab.footer if name not in ON_EVERY_TAB)
        commands = [BY_ID[name] for name in (*own, *ON_EVERY_TAB)]
        keys = [(key_label(self.app.keys_of(command).split(",")[0]), command.title) for command in commands]
        enter = f"enter {self._tab.enter} · " if self._tab.enter else ""
        self.query_one(FooterBar).show_keys(keys, f"{enter}esc back")

    # --- tabs --------------------------------------------------------------------------------

    @property
    def _tab(self) -> PageTab:
        return self._tabs[self._at]

    async def action_tab(self, step: int) -> None:
        """The next or the previous tab."""
        if not self.query("#tab-body"):  # the key came while the page was being opened
            self.call_after_refresh(self.action_tab, step)
            return
        await self._choose_tab((self._at + step) % len(self._tabs))

    @on(PageTabBar.Picked)
    async def _picked(self, event: PageTabBar.Picked) -> None:
        await self._choose_tab(event.index)

    async def _choose_tab(self, index: int) -> None:
        others = [tab.listing for tab in self._tabs if not tab.listing.is_attached]
        if others:  # most pages are opened for a look: the other lists are made when somebody wants one
            await self.query_one("#tab-body").mount_all(others, before="#detail")
        self._at = index
        self._read_tab()
        self._show_tab()
        self.show_keys()

    def _show_tab(self) -> None:
        for tab in self._tabs:
            tab.listing.display = tab is self._tab
        self.query_one("#facts").display = self._at == 0
        self._tab.listing.focus()
        self._show_tab_titles()
        self._show_detail()

    def _show_tab_titles(self) -> None:
        if (person := self.person) is None:
            return
        counts = {tab: tab.count(person) for tab in self._tabs}
        every, kept = set(self._tabs), {tab for tab in self._tabs if tab.keeps_count}
        titles: list[str] = []
        none, current = set[PageTab](), {self._tab}
        for is_short, counted in (
            (False, every), (False, kept | current), (True, kept | current), (True, current), (True, none),
        ):  # fmt: skip
            titles = [
                _tab_title(
                    tab.short if is_short and tab.short and tab is not self._tab else tab.title,
                    counts[tab] if tab in counted else None,
                )
                for tab in self._tabs
            ]
            if PageTabBar.fits(titles, self.size.width):
                break
        self.query_one(PageTabBar).show_tabs(titles, self._at, "left right: tabs")

    @on(RecordList.Highlighted)
    def _moved(self) -> None:
        self._show_detail()

    def _show_detail(self) -> None:
        """The highlighted line in full, as wide as the terminal."""
        shown, row = self.query_one("#detail", Static), self._tab.listing.cursor_row
        text = Content("") if row is None else self._tab.detail(row)
        shown.display = bool(text.plain)
        shown.update(text)

    # --- the subject -------------------------------------------------------------------------

    def subject(self) -> Subject:
        """The items of the tab in front, else the patient alone."""
        if (person := self.person) is None:
            return Subject()
        return Subject(self._tab.items(), person.id, person.name)

    def _referral_or_say(self) -> int | None:
        """On Referrals the highlighted one, an ended one too."""
        match self._tab:
            case ReferralsTab(referral_id=int(number)):
                return number
        return super()._referral_or_say()

    @on(RecordList.Chosen)
    async def _open(self, event: RecordList.Chosen) -> None:
        """Enter: what the tab says."""
        await self._tab.open()

    async def action_edit(self) -> None:
        """What the tab holds, elsewhere the follow-up or the patient."""
        if not await self._tab.edit():
            await super().action_edit()

    async def action_appointment(self) -> None:
        """On Visits the highlighted one, also when it owes nothing."""
        match self._tab:
            case VisitsTab() as visits:
                await visits.edit()
            case _:
                await super().action_appointment()

    async def action_new_person(self) -> None:
        """Add somebody around the patient."""
        await self.edit_related(None)

    async def edit_related(self, related: RelatedRow | None) -> None:
        """Change a related person, or add one."""
        from carecoord_tui.screens.related_form import RelatedSheet

        if (person := self.person) is not None:
            practice = await self.app.full_practice()
            self.app.push_screen(RelatedSheet(practice, person.id, person.name, related))

    async def action_care_team(self) -> None:
        """Add somebody who cares for the patient."""
        await self.edit_care_team(None)

    async def edit_care_team(self, member: CareTeamRow | None) -> None:
        """Change a member of the care team, or add one."""
        from carecoord_tui.screens.care_team_form import CareTeamSheet

        if (person := self.person) is not None:
            practice = await self.app.full_practice()
            self.app.push_screen(CareTeamSheet(practice, person.id, person.name, member))

    async def action_contact_rules(self) -> None:
        """How this patient may be reached."""
        from carecoord_tui.screens.contact_rules import ContactRulesSheet

        if self.person is not None:
            practice = await self.app.full_practice()
            self.app.push_screen(ContactRulesSheet(practice, self.patient_id))

    async def action_new_history(self) -> None:
        """Add a line to the history."""
        await self.edit_history(None)

    async def edit_history(self, item_id: int | None) -> None:
        """Change a line of the history, or add one."""
        from carecoord_tui.screens.history_form import HistoryForm

        practice = await self.app.full_practice()
        self.app.push_screen(HistoryForm(practice, self.patient_id, item_id=item_id))

    async def action_run(self) -> None:
        """Go through what is open with this person card by card: the marked items, else all."""
        from carecoord_tui.screens.run import RunScreen

        if not self.items:
            self.say("Nothing is open with this person; f makes a follow-up.")
            return
        await self.app.full_practice()
        marks = self._tabs[0].listing.marks
        refs = [ranked.item.ref for one, ranked in self.items.items() if one in marks or not marks]
        self.app.push_screen(RunScreen(refs, "one patient's open items"))

    def action_mark(self) -> None:
        """Mark the item and go on to the next."""
        if self._tab.marks():
            self._tab.listing.toggle_mark()
            self._tab.listing.action_cursor_down()

    def action_filter(self) -> None:
        """One person's lists are short; looking for somebody is the jump."""
        self.app.action_jump()

    def action_toggle_pane(self) -> None:
        """The page has no pane: everything is on it."""

    def action_back(self) -> None:
        """Clear marks, then go back to where the page was opened."""
        if self._tab.listing.marks:
            self._tab.listing.clear_marks()
        else:
            super().action_back()


def _tab_title(title: str, count: int | None) -> str:
    return title if count is None else f"{title} {count}"


SCREEN = PatientPage
