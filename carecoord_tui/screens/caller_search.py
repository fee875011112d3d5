"""Who a call is about: found by name, birth date, the caller's name or digits, or added on the spot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from carecoord_tui.domain.dates import DateError, format_birth
from carecoord_tui.domain.incoming import NewPerson, read_new_person
from carecoord_tui.domain.masking import masked_line
from carecoord_tui.screens.form_sheet import Field, FormInput
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.incoming_calls import LAST_DIGITS, Caller, find_callers
from carecoord_tui.store.queries.patients import phone_endings, possible_duplicates, whole_number
from carecoord_tui.widgets.patient_rows import JUMP_COLUMNS, Name, jump_row
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

PLACEHOLDER = "letters, birth date, caller's name or digits; a new name adds one"
NEW = "new"
HITS_SHOWN = 8
NOBODY = "Nobody is chosen: type a name, birth date or the caller's digits, then enter."
NOBODY_HAS_IT = "Nobody has that number: type the name, found or new."


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who was taken; ``related_id`` when the name or digits are those of a person around them."""

    person: int | NewPerson
    related_id: int | None


class CallerSearch(Vertical):
    """One line and its hits; ``enter`` takes the first, or the one up and down went to.

    The last hit adds who was typed. Digits that several people's phones end in do not guess. It tells whom
    at once, and that the line was typed in again, so that nobody is chosen any more: a message would arrive
    after the next key of somebody who types fast.
    """

    DEFAULT_CSS = "CallerSearch { height: auto; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", "Down", show=False),
        Binding("up", "move(-1)", "Up", show=False),
    ]

    def __init__(
        self,
        practice: Practice,
        name: Name,
        *,
        is_masked: Callable[[], bool],
        chosen: Callable[[Chosen], None],
        cleared: Callable[[], None],
    ) -> None:
        super().__init__()
        self._is_masked = is_masked  # somebody looks on
        self._practice, self._name = practice, name
        self._chosen, self._cleared = chosen, cleared
        self._searched = ""
        self._found: list[Caller] = []
        self._new: NewPerson | None = None
        self._has_moved = False
        self._warned_of: NewPerson | None = None

    def compose(self) -> ComposeResult:
        """The line and the hits."""
        yield Field("Person", FormInput(placeholder=PLACEHOLDER, id="person"))
        listing = RecordList(JUMP_COLUMNS, empty_text="", show_header=False, id="call-hits")
        listing.can_focus = False
        listing.display = False
        yield listing

    @property
    def _listing(self) -> RecordList:
        return self.query_one(RecordList)

    def say(self, text: str) -> None:
        """A word about the line."""
        self.query_one(Field).show_problem(text)

    # --- searching -------------------------------------------------------------------------------

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._search_again()

    def _search_again(self) -> None:
        """Unless what stands in the line was looked for already: enter may come before the word of it."""
        text = self.query_one(Input).value.strip()
        if text == self._searched:
            return
        self._has_moved, self._warned_of = False, None
        self.say("")
        self._cleared()
        self._search(text)

    def _search(self, text: str) -> None:
        self._searched = text
        practice = self._practice
        order, today = practice.settings.date_order, practice.today()
        self._found = find_callers(practice.execute, text, order=order) if text else []
        self._new = self._read_new(text)
        is_masked = self._is_masked()
        shown = [masked_line(caller.person) if is_masked else caller.person for caller in self._found]
        endings = {} if is_masked else phone_endings(practice.execute, [person.id for person in shown])
        rows = [
            jump_row(person, endings, today, partial(self._hit_name, caller.related_name))
            for person, caller in zip(shown, self._found, strict=True)
        ]
        if self._new is not None:
            born = format_birth(self._new.birth_date) if self._new.birth_date else ""
            rows.append(Row(NEW, (f"Add: {self._name(self._new.name)}", born, "", "", "")))
        self._listing.styles.height = min(len(rows), HITS_SHOWN)
        self._listing.set_source(rows)
        self._listing.display = bool(rows)
        self._listing.action_first()

    def _hit_name(self, related: str, patient: str) -> str:
        """``Cole, James · Mia Cole``: also whom of those around them was found."""
        return " · ".join(map(self._name, filter(None, (patient, related))))

    def _read_new(self, text: str) -> NewPerson | None:
        practice = self._practice
        try:
            return read_new_person(text, today=practice.today(), order=practice.settings.date_order)
        except DateError:
            return None  # half typed; enter says what is wrong

    # --- choosing --------------------------------------------------------------------------------

    def action_move(self, step: int) -> None:
        """Another hit; the typing goes on. Without hits the key moves between fields."""
        if not self._listing.display:
            raise SkipAction
        self._has_moved = True
        if step > 0:
            self._listing.action_cursor_down()
        else:
            self._listing.action_cursor_up()

    @on(RecordList.Chosen)
    def _clicked(self, event: RecordList.Chosen) -> None:
        event.stop()
        self._has_moved = True
        self._choose()

    def on_key(self, event: events.Key) -> None:
        """Enter chooses."""
        if event.key == "enter":
            event.stop()
            self._search_again()
            self._choose()

    def _choose(self) -> None:
        text = self.query_one(Input).value.strip()
        if not self._has_moved and (problem := self._which_of(text)):
            self._has_moved = True
            self.say(problem)
            return
        chosen = self._listing.cursor_id if self._listing.display else None
        if isinstance(chosen, int):
            related = next((one.related_id for one in self._found if one.person.id == chosen), None)
            self._take(chosen, related)
        elif chosen == NEW and self._new is not None:
            self._add(self._new)
        else:
            self.say(self._why_nobody(text))

    def _which_of(self, text: str) -> str:
        """Several people behind the same last four digits."""
        if not (len(text) == LAST_DIGITS and text.isascii() and text.isdigit()):
            return ""
        around = sum(1 for one in self._found if one.related_id is not None)
        same = len(whole_number(self._practice.execute, text)) + around
        return f"{same} people have {text}: up and down, then enter." if same > 1 else ""

    def _why_nobody(self, text: str) -> str:
        practice = self._practice
        try:
            read_new_person(text, today=practice.today(), order=practice.settings.date_order)
        except DateError as error:
            return str(error)
        return NOBODY_HAS_IT if text else NOBODY

    def _add(self, person: NewPerson) -> None:
        """Somebody of that name is on file: said once, added when enter comes again."""
        same = possible_duplicates(
            self._practice.execute, person.family_name, person.given_name, person.birth_date
        )
        if same and self._warned_of != person:
            self._warned_of = person
            self.say("That person may be on file: up chooses them, enter again adds a second one.")
            return
        self._take(person, None)

    def _take(self, person: int | NewPerson, related_id: int | None) -> None:
        self.say("")
        self._listing.display = False
        self._chosen(Chosen(person, related_id))
