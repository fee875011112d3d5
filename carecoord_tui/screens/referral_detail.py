"""One referral: the track, the next action, both ends of its chain, every stamp, the request."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Static

from carecoord_tui.commands import BY_ID, Scope, bindings, key_label
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.referral_ageing import age_of
from carecoord_tui.domain.referral_rows import ReferralDetailRow
from carecoord_tui.domain.rows import PersonView
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.verbs import VerbScreen
from carecoord_tui.store.errors import StoreError
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.referral_detail import read_referral
from carecoord_tui.store.queries.today import items_about
from carecoord_tui.widgets.bars import FooterBar
from carecoord_tui.widgets.person_facts import alert_lines
from carecoord_tui.widgets.person_pane import DIM, heading, phone_words, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.referral_track import (
    DETAIL_COLUMNS,
    detail_rows,
    next_words,
    office_line,
    request_line,
    track_line,
)

SIDE = 3  # blanks beside the track, as in the list
FOOTER = (
    "verb.contact", "verb.done", "verb.move", "verb.document", "verb.packet", "verb.edit", "app.help",
)  # fmt: skip


class ReferralDetail(VerbScreen):
    """Read only; the verbs work on the referral's open item, or on the patient when it is ended."""

    SCOPES = (Scope.ITEM,)
    CSS_PATH: ClassVar[CSSPathType] = "referral_detail.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(*SCOPES)]
    name_in_header = "referrals"

    def __init__(self, practice: Practice, referral_id: int) -> None:
        super().__init__()
        self.practice = practice
        self.referral_id = referral_id
        self._row: ReferralDetailRow | None = None
        self._person: PersonView | None = None
        self._item: Ranked | None = None

    def compose_body(self) -> ComposeResult:
        """Who and what, the track, what comes next, and the rest as a list that scrolls."""
        yield Static("", id="who", markup=False)
        yield Static("", id="track", markup=False)
        yield Static("", id="next", markup=False)
        yield RecordList(DETAIL_COLUMNS, show_header=False, id="list")

    def on_mount(self) -> None:
        """Keys go to the list; looking at it is part of the audit (45 CFR 164.312(b))."""
        self.query_one(RecordList).focus()
        self.app.run_worker(self._record_view(), group="audit")

    async def _record_view(self) -> None:
        if (row := self._row) is None:
            return
        try:
            self.practice.record_event("referral viewed", patient_id=row.patient_id)
        except StoreError as error:
            self.app.say(str(error), alarm=True)

    # --- reading -----------------------------------------------------------------------------

    def reload(self) -> None:
        """Read the referral again; one that an undo removed closes its screen."""
        reader = self.app.reader
        self._row = row = read_referral(reader.execute, self.referral_id)
        self._person = None if row is None else read_person(reader.execute, row.patient_id)
        if row is None or self._person is None:
            self._close_if_gone()
            return
        items = items_about(reader.execute, Kind.REFERRAL, [row.id], reader.moment())
        self._item = items.get(row.id)
        self._draw()

    def _close_if_gone(self) -> None:
        if self.is_active:  # anything else would close what stands above it, the lock too
            self.dismiss(None)
            self.app.say("That referral is no longer there: the change that made it was undone.")
        else:
            self._dirty = True

    def on_resize(self, event: events.Resize) -> None:
        """Track and list wrap at the terminal's width."""
        self._draw()

    @property
    def _text_width(self) -> int:
        return self.size.width - 2 * SIDE

    def _draw(self) -> None:
        row, person = self._row, self._person
        if row is None or person is None:
            return
        moment = self.app.reader.moment()
        self.query_one("#who", Static).update(self._heading(row, person))
        self.query_one("#track", Static).update(track_line(row, moment.today, self._text_width))
        self.query_one("#next", Static).update(self._next(row))
        self.query_one(RecordList).set_source(detail_rows(row, moment, self.size.width))

    def _heading(self, row: ReferralDetailRow, person: PersonView) -> Content:
        """The patient with phone and alerts, the request, the office with its phones."""
        today, width = self.app.reader.today(), self._text_width
        person = self.app.shown_person(person)
        who = heading(person, today, self.app.shown_name)
        lines = [
            Content.assemble(who, styled(f"   {phone_words(person, self.practice.moment())}", DIM)),
            *alert_lines(person, 0, today),
            request_line(row, age_of(row, self.practice.context, today)),
            office_line(row.office, width),
        ]
        return Content("\n").join(lines)

    def _next(self, row: ReferralDetailRow) -> Content:
        if self._item is not None:
            return next_words(self._item, self.app.reader.moment())
        since = format_day(row.stage_on, self.app.reader.today())
        reason = f" Reason: {row.stage_reason.rstrip('.')}." if row.stage_reason else ""
        return styled(f"Ended {since}: {row.stage.label}.{reason} Nothing more is owed here.", DIM)

    def show_keys(self) -> None:
        """The footer's keys."""
        self._saying = False
        commands = [BY_ID[name] for name in FOOTER]
        keys = [(key_label(self.app.keys_of(command).split(",")[0]), command.title) for command in commands]
        self.query_one(FooterBar).show_keys(keys, "esc back")

    # --- the subject -------------------------------------------------------------------------

    def subject(self) -> Subject:
        """The referral's item; of an ended one the patient alone."""
        if self._person is None:
            return Subject()
        items = () if self._item is None else (self._item,)
        return Subject(items, self._person.id, self._person.name)

    def _subject_or_say(self, *, needs_item: bool = False, one_person: bool = False) -> Subject | None:
        if needs_item and self._row is not None and self._item is None:
            self.say(f"This referral is ended ({self._row.stage.label}): u takes the last step back.")
            return None
        return super()._subject_or_say(needs_item=needs_item, one_person=one_person)

    @on(RecordList.Chosen)
    def _open(self, event: RecordList.Chosen) -> None:
        """Enter: the other end of the chain, else the patient page at this referral."""
        match event.record_id:
            case ("referral", int(other)):
                self._open_other(other)
            case _ if self._row is not None:
                self.app.open_patient(
                    self._row.patient_id, None if self._item is None else self._item.item.ref
                )

    def _open_other(self, referral_id: int) -> None:
        """Going to and fro along a chain does not pile up screens."""
        below = self.app.screen_stack[-2]
        if isinstance(below, ReferralDetail) and below.referral_id == referral_id:
            self.dismiss(None)
        else:
            self.app.push_screen(ReferralDetail(self.practice, referral_id))

    # --- verbs of its own ----------------------------------------------------------------------

    async def action_edit(self) -> None:
        """Change the referral."""
        from carecoord_tui.screens.referral_form import ReferralForm

        if (row := self._row) is not None:
            form = ReferralForm(self.practice, row.patient_id, row.patient_name, referral_id=row.id)
            self.app.push_screen(form)

    async def action_document(self) -> None:
        """The documents of this referral, an ended one too."""
        from carecoord_tui.screens.documents import DocumentsSheet

        if (row := self._row) is not None:
            sheet = DocumentsSheet(self.practice, row.patient_id, row.patient_name, row.id)
            self.app.push_screen(sheet)

    async def action_packet(self) -> None:
        """The packet of this referral, an ended one too."""
        from carecoord_tui.screens.packet import PacketSheet

        if (row := self._row) is not None:
            self.app.push_screen(PacketSheet(self.practice, row.id))

    async def action_track(self) -> None:
        """It is in front already."""
        self.say("This is the referral with every step; esc goes back.")


SCREEN = ReferralDetail
