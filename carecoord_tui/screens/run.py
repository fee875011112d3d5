"""Run: one card at a time, one key records the outcome and brings the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from carecoord_tui.commands import BY_ID, Scope, bindings
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.run_deck import Card, Deck
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.domain.work import ItemRef, WorkItem
from carecoord_tui.screens.base import Subject
from carecoord_tui.screens.run_sheets import Leave, RunSheet, sheet_for
from carecoord_tui.screens.undoing import undo_newest
from carecoord_tui.screens.verbs import VerbScreen
from carecoord_tui.store import undo
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.referral_detail import read_referral
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.widgets.bars import OneLine
from carecoord_tui.widgets.referral_track import office_line, track_line
from carecoord_tui.widgets.run_card import RunBar, RunCard
from carecoord_tui.widgets.safe_text import safe_text

CARD_MARGIN = 2  # cells at both sides of the card, as run.tcss has it


class RunScreen(VerbScreen):
    """The cards of a list, in its order. Needs the whole practice: await ``full_practice`` before.

    The sheet that settles a card opens by itself; ``esc`` closes it for any other verb, and leaves the run
    the second time. A card is recorded when its sheet recorded something, or when what is owed on it is no
    longer what it was when the card came. Cards that were settled meanwhile are passed over.
    """

    SCOPES = (Scope.ITEM, Scope.RUN)
    CSS_PATH = "run.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(*SCOPES),
        Binding(BY_ID["list.choose"].keys, "open", "page", id="list.choose", show=False),
        Binding(BY_ID["app.undo"].keys, "undo_card", "undo", id="app.undo", show=False),
    ]

    def __init__(self, refs: Sequence[ItemRef], title: str) -> None:
        super().__init__()
        self._deck = Deck(tuple(dict.fromkeys(refs)))
        self._title = title
        self._ranked: Ranked | None = None  # the item of the card in front, as it is now
        self._arrived: WorkItem | None = None  # ... and as it was when the card came
        self._sheet: RunSheet | None = None
        self._changes: dict[int, int] = {}  # change -> the card it was made on
        self._newest_before = 0

    @property
    def practice(self) -> Practice:
        """The open practice."""
        if self.app.practice is None:
            raise RuntimeError("a run was begun before the practice was loaded")
        return self.app.practice

    def compose_body(self) -> ComposeResult:
        """How far the run is, what was said last, the card."""
        yield RunBar(id="run-bar")
        yield OneLine(id="run-said")
        yield RunCard(id="run-card")

    def on_mount(self) -> None:
        """The first card, as soon as the screen stands."""
        self._unsay()
        newest = undo.next_undo(self.practice)
        self._newest_before = newest.change_id if newest is not None else 0
        self.call_next(self._go_on)

    def on_resize(self) -> None:
        """The bars say what fits."""
        self.call_after_refresh(self._show_bars)

    def _show_bars(self) -> None:
        self.show_header()
        if not self.is_saying:
            self.show_keys()

    # --- what is shown -----------------------------------------------------------------------

    def subject(self) -> Subject:
        """The card's item; only its person once nothing is owed any more."""
        ref = self._deck.ref
        if ref is None:
            return Subject()
        if self._ranked is not None:
            return Subject((self._ranked,), ref.patient_id, self._ranked.person.name)
        person = read_person(self.practice.execute, ref.patient_id, contacts=0)
        return Subject() if person is None else Subject((), ref.patient_id, person.name)

    def reload(self) -> None:
        """Read the card in front anew."""
        ref, card = self._deck.ref, self.query_one(RunCard)
        self.query_one(RunBar).show_progress(
            self._title, self._deck.words(), self._deck.behind, len(self._deck.refs)
        )
        person = None if ref is None else read_person(self.practice.execute, ref.patient_id)
        if ref is None or person is None:
            self._ranked = None
            card.clear()
            return
        moment = self.practice.moment()
        items = items_of(self.practice.execute, ref.patient_id, moment)
        self._ranked = _found(items, ref) or _same_record(items, ref)
        others = [one for one in items if self._ranked is None or one.item_id != self._ranked.item_id]
        drawn = self.app.shown_person(person)
        card.show(drawn, self._ranked, others, moment, self.app.shown_name, self._referral(ref))

    def _referral(self, ref: ItemRef) -> list[Content]:
        """A referral's steps, and its office with the number to call."""
        if ref.kind is not Kind.REFERRAL:
            return []
        row = read_referral(self.practice.execute, ref.record_id)
        if row is None:
            return []
        room = max(self.size.width - CARD_MARGIN, 1)
        return [track_line(row, self.practice.today(), room), office_line(row.office, room)]

    def show_message(self, text: str, *, alarm: bool) -> None:
        """Above the card too: a sheet covers the footer."""
        super().show_message(text, alarm=alarm)
        line = self.query_one("#run-said", OneLine)
        line.show(Text(f" {safe_text(text)}", style=line.role("alarm" if alarm else "dim")))
        line.display = True

    def _unsay(self) -> None:
        self._offered = None
        self.query_one("#run-said").display = False

    def just_offered(self, change_id: int) -> bool:
        """What is said above the card stands there until the next message or card."""
        return self._offered == change_id

    # --- from card to card -------------------------------------------------------------------

    def _go_on(self) -> None:
        """The next card that is still owed; after the last one, back to the list."""
        deck = self._deck
        for place in range(deck.place + 1, len(deck.refs)):
            if deck.states[place] is Card.RECORDED:
                continue
            if self._is_owed(deck.refs[place]):
                self._arrive(place)
                return
            deck.states[place] = Card.SETTLED
        self._finish()

    def _is_owed(self, ref: ItemRef) -> bool:
        moment = self.practice.moment()
        return _found(items_of(self.practice.execute, ref.patient_id, moment), ref) is not None

    def _arrive(self, place: int) -> None:
        """Show a card, and the sheet that settles it."""
        self._deck.place = place
        self.reload()
        self._arrived = None if self._ranked is None else self._ranked.item
        self._open_sheet()

    def _open_sheet(self) -> None:
        subject = self.subject()
        if subject.items:
            self._sheet = sheet_for(self.practice, subject)
            self.app.push_screen(self._sheet, self._sheet_closed)

    def _sheet_closed(self, is_recorded: bool | None) -> None:
        sheet, self._sheet = self._sheet, None
        if is_recorded:
            self._deck.mark(Card.RECORDED)
            self._go_on()
        elif sheet is not None and sheet.leave is Leave.NEXT:
            self.action_next_card()
        elif sheet is not None and sheet.leave is Leave.PREVIOUS:
            self.action_previous_card()
        elif sheet is not None and sheet.leave is Leave.UNDO:
            self.action_undo_card()

    def on_screen_resume(self) -> None:
        """Back from another verb or the patient page: what changed the item has dealt with the card."""
        if self._deck.ref is None or self._sheet is not None or not self.is_active:
            return
        self.reload()
        if self._has_changed():
            self._deck.mark(Card.RECORDED)
            self._go_on()

    def _has_changed(self) -> bool:
        return self._arrived is not None and (self._ranked is None or self._ranked.item != self._arrived)

    def action_next_card(self) -> None:
        """The next card; this one stays as it is."""
        self._unsay()
        self._deck.mark(Card.RECORDED if self._has_changed() else Card.LEFT)
        self._go_on()

    def action_previous_card(self) -> None:
        """The card before."""
        if self._deck.place > 0:
            self._unsay()
        else:
            self.say("This is the first card.")
        self._arrive(max(self._deck.place - 1, 0))

    def _finish(self) -> None:
        """Back to the list, with the sum of the run."""
        app, summary = self.app, self._deck.summary()
        self.dismiss(None)
        app.say(summary)

    def action_back(self) -> None:
        """Leave the run; what is recorded stays recorded."""
        self._finish()

    # --- verbs -------------------------------------------------------------------------------

    async def action_done(self) -> None:
        """The sheet again."""
        if self._subject_or_say(needs_item=True) is not None:
            self._open_sheet()

    def action_open(self) -> None:
        """The patient page at this item."""
        if (ref := self._deck.ref) is not None:
            self.app.open_patient(ref.patient_id, ref)

    def data_changed(self) -> None:
        """Draw anew, and remember on which card the user's newest change was made."""
        super().data_changed()
        newest = undo.next_undo(self.practice)
        if newest is not None and newest.change_id > self._newest_before and self._deck.ref is not None:
            self._changes.setdefault(newest.change_id, self._deck.place)

    def action_undo_card(self) -> None:
        """Take back the newest change; when it was made in this run, come back to its card."""
        undo_newest(self.app, self.practice, self._undone)

    def _undone(self, change: undo.UndoableChange | None) -> None:
        """Back on the card of the change; None, or one made before the run: this card's sheet again."""
        place = None if change is None else self._changes.pop(change.change_id, None)
        if place is not None:
            self._deck.states[place] = Card.RECORDED if place in self._changes.values() else Card.AHEAD
            self._arrive(place)
        elif self._sheet is None:
            self._open_sheet()


def _found(items: Sequence[Ranked], ref: ItemRef) -> Ranked | None:
    """The very item."""
    return next((one for one in items if one.item.ref == ref), None)


def _same_record(items: Sequence[Ranked], ref: ItemRef) -> Ranked | None:
    """What the item's record owes now: a referral that went a stage on has another rule."""
    if ref.kind is Kind.PATIENT:
        return None
    return next(
        (one for one in items if (one.item.kind, one.item.record_id) == (ref.kind, ref.record_id)), None
    )


SCREEN = RunScreen
