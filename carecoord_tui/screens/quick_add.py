"""One typed line makes a follow-up; what it is understood as stands beneath while it is typed.

Free of the store's actions at import: the line works while the store is still loading, only ``enter`` waits.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.dates import When, echo, format_birth
from carecoord_tui.domain.masking import masked_ref
from carecoord_tui.domain.patient_words import PatientRef
from carecoord_tui.domain.quick_add import MAX_TEXT, QuickAdd, parse_quick_add
from carecoord_tui.domain.vocabulary import PatientStatus, Priority
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.queries.named import find_named, read_named
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.person_pane import DIM, STRONG, WAITING, styled
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row

HINT = "enter adds it · !high !low · #call #paperwork … · @name · esc back"
HINT_CHOOSING = "enter or down, then the number of the patient · esc back"
EXAMPLE = "call Nguyen thu 2pm CGM assistance"
COLUMNS = (
    Column("number", width=1, style="accent"),
    Column("name", min_width=16, style="strong"),
    Column("born", width=11, style="dim"),
    Column("mrn", width=16, style="dim", priority=50),
)
_INSISTS = re.compile(r"(?:^|\s)@\S")


class QuickAddSheet(Sheet[bool]):
    """Text and ``enter``. Several patients of a name: ``down`` and a number, or ``enter`` on one.

    ``patient_id`` is the highlighted patient, proposed when the line names nobody.
    """

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "quick_add.tcss"]
    AUTO_FOCUS = "#line"

    def __init__(self, patient_id: int | None = None) -> None:
        super().__init__()
        self.highlighted = patient_id
        self.picked: PatientRef | None = None
        self._found: dict[str, list[PatientRef]] = {}
        self._people: dict[int, tuple[PatientRef, PatientStatus] | None] = {}
        self._candidates: tuple[PatientRef, ...] = ()
        self._is_saving = False

    def heading(self) -> str:
        """What the line makes."""
        return "New follow-up in one line"

    def hint(self) -> str:
        """The keys."""
        return HINT

    def compose_body(self) -> ComposeResult:
        """The line, its reading, the patients to choose from."""
        yield Input(id="line", max_length=MAX_TEXT, placeholder=EXAMPLE, select_on_focus=False)
        yield Static(id="reading")
        yield RecordList(COLUMNS, show_header=False, id="candidates")

    def on_mount(self) -> None:
        """Nothing typed yet."""
        self._show()

    def data_changed(self) -> None:
        """Somebody may have been added meanwhile whom the line names."""
        super().data_changed()
        self._found.clear()
        self._people.clear()
        self._show()

    # --- reading ---------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The line as typed."""
        return self.query_one("#line", Input).value

    def _find(self, words: str) -> list[PatientRef]:
        """Patients a word may name, asked once for each word of this line."""
        if words not in self._found:
            reader = self.app.reader
            self._found[words] = find_named(reader.execute, words, order=reader.settings.date_order)
        return self._found[words]

    def _parse(self, patient: PatientRef | None = None) -> QuickAdd:
        reader = self.app.reader
        return parse_quick_add(
            self.text,
            today=reader.today(),
            find_patients=self._find,
            order=reader.settings.date_order,
            is_business_day=reader.context.calendar.is_working_day,
            patient=patient,
        )

    def _read(self) -> tuple[QuickAdd, bool]:
        """The line's reading, and whether its patient is only the highlighted one."""
        reading = self._parse()
        self._candidates = reading.candidates
        if reading.candidates:
            if self.picked in reading.candidates:
                return self._parse(self.picked), False
            self.picked = None
        elif reading.patient is None and not _INSISTS.search(self.text):
            person = self._person(self.highlighted)
            if person is not None:
                return self._parse(person[0]), True
        return reading, False

    def _person(self, patient_id: int | None) -> tuple[PatientRef, PatientStatus] | None:
        if patient_id is None:
            return None
        if patient_id not in self._people:
            self._people[patient_id] = read_named(self.app.reader.execute, patient_id)
        return self._people[patient_id]

    def _when(self, reading: QuickAdd) -> When:
        """The typed day, else the next working day."""
        if reading.on is not None:
            return When(reading.on, reading.at)
        reader = self.app.reader
        return When(reader.context.calendar.next_working_day(reader.today()), reading.at)

    # --- showing ---------------------------------------------------------------------------------

    def _show(self) -> None:
        """Reading, problems and candidates, beneath the line."""
        reading, is_proposed = self._read()
        lines = [
            _line("who", self._who(reading, is_proposed)),
            _line("when", self._when_words(reading)),
            _line("what", styled(reading.title, STRONG) if reading.title else styled("…", DIM)),
            _line("kind", self._kind_words(reading)),
        ]
        self.query_one("#reading", Static).update(Content("\n").join(lines), layout=False)
        self.problem(" ".join(reading.problems) if self.text.strip() else "")
        self._show_candidates()

    def _who(self, reading: QuickAdd, is_proposed: bool) -> Content:
        if reading.patient is None:
            several = f"{len(reading.candidates)} to choose from" if reading.candidates else "…"
            return styled(several, DIM)
        ref = reading.patient
        parts = [styled(self.app.shown_name(ref.display_name), STRONG)]
        if is_proposed:
            parts.append(styled(" (the highlighted patient)", WAITING))
        person = self._person(ref.id)
        if person is not None and person[1] is not PatientStatus.ACTIVE:
            parts.append(styled(f"  {person[1].label}", WAITING))
        parts.append(styled(_born_and_mrn(self._drawn(ref)), DIM))
        return Content("").join(parts)

    def _drawn(self, ref: PatientRef) -> PatientRef:
        return masked_ref(ref) if self.app.privacy else ref

    def _who_cells(self, ref: PatientRef) -> tuple[str, str, str]:
        drawn = self._drawn(ref)
        return self.app.shown_name(ref.display_name), _born(drawn), drawn.mrn

    def _when_words(self, reading: QuickAdd) -> Content:
        when = self._when(reading)
        proposed = "" if reading.on is not None else "  proposed: the next working day"
        return Content.assemble(styled(echo(when), STRONG), styled(proposed, WAITING))

    def _kind_words(self, reading: QuickAdd) -> Content:
        style = "" if reading.priority is Priority.NORMAL else WAITING
        return Content.assemble(
            styled(f"{reading.kind.label}  "), styled(f"{reading.priority.label} priority", style or DIM)
        )

    def _show_candidates(self) -> None:
        listed = self.query_one("#candidates", RecordList)
        rows = [
            Row(ref.id, (str(number), *self._who_cells(ref)))
            for number, ref in enumerate(self._candidates, 1)
        ]
        if not rows and listed.has_focus:
            self.query_one("#line", Input).focus()
        hint = HINT_CHOOSING if rows and self.picked is None else HINT
        self.query_one("#sheet-hint", Static).update(Content(hint), layout=False)
        listed.display = bool(rows)
        listed.styles.height = max(1, len(rows))
        listed.set_source(rows)

    # --- keys ------------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Read the line again at every key."""
        event.stop()
        self._show()

    def on_key(self, event: events.Key) -> None:
        """``down`` goes to the candidates; there a number picks, ``up`` on the first goes back."""
        listed, line = self.query_one("#candidates", RecordList), self.query_one("#line", Input)
        if line.has_focus:
            if event.key == "down" and self._candidates:
                event.stop()
                listed.focus()
        elif listed.has_focus:
            number = int(event.character) if event.character and event.character in "123456789" else 0
            if 1 <= number <= len(self._candidates):
                event.stop()
                self._pick(self._candidates[number - 1])
            elif event.key == "up" and listed.cursor_index == 0:
                event.stop()
                event.prevent_default()
                line.focus()

    def on_record_list_chosen(self, event: RecordList.Chosen) -> None:
        """Enter or a click on a candidate."""
        event.stop()
        for ref in self._candidates:
            if ref.id == event.record_id:
                self._pick(ref)
                return

    def _pick(self, ref: PatientRef) -> None:
        """This one is meant; the reading shows it, and enter adds the follow-up."""
        self.picked = ref
        self._show()
        self.query_one("#candidates", RecordList).move_to(ref.id)
        self.query_one("#line", Input).focus()

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: add it, or go to what is still open."""
        event.stop()
        reading, _ = self._read()
        if reading.patient is None and reading.candidates:
            self.query_one("#candidates", RecordList).focus()
        elif reading.patient is not None and not reading.problems:
            await self._add(reading, reading.patient)
        else:
            self.problem(" ".join(reading.problems) or "Type what is to be done, and for whom.")

    async def _add(self, reading: QuickAdd, patient: PatientRef) -> None:
        if self._is_saving:
            return
        self._is_saving = True
        when = self._when(reading)
        try:
            practice = await self.app.full_practice()
            from carecoord_tui.store.actions.follow_ups import add_follow_up

            is_added = self.attempt(
                lambda: add_follow_up(
                    practice,
                    patient_id=patient.id,
                    title=reading.title,
                    due=when,
                    kind=reading.kind,
                    priority=reading.priority,
                    source="quick-add",
                )
            )
        finally:
            self._is_saving = False
        if is_added:
            self.dismiss(True)
            shown = replace(patient, display_name=self.app.shown_name(patient.display_name))
            self.app.say(f"Added: {replace(reading, patient=shown, on=when.on).echo}.  u undoes it")


def _line(label: str, value: Content) -> Content:
    return Content.assemble(styled(f"{label:<6}", DIM), value)


def _born(ref: PatientRef) -> str:
    return format_birth(ref.birth_date) if ref.birth_date is not None else ""


def _born_and_mrn(ref: PatientRef) -> str:
    born = f"  born {_born(ref)}" if ref.birth_date is not None else ""
    return f"{born}  MRN {ref.mrn}" if ref.mrn else born


SCREEN = QuickAddSheet
