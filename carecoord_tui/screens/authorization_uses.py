"""Units of an authorization used by visits: one key counts a visit, the same key takes the use back."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, Static

from carecoord_tui.domain.dates import format_day
from carecoord_tui.screens.authorization_draft import units_words
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.authorization_units import give_back_use, use_units
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.authorization_uses import VisitUse, visit_uses
from carecoord_tui.store.queries.authorizations import read_authorization
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text

COLUMNS = (
    Column("day", width=16),
    Column("visit", min_width=20),
    Column("counted", width=20, style="accent"),
)
_NO_VISITS = "No visit inside the validity has happened yet."


class UsesSheet(Sheet[bool]):
    """True when a use was counted or taken back. Each is a change of its own, which ``u`` undoes."""

    AUTO_FOCUS = "RecordList"

    def __init__(self, practice: Practice, patient_id: int, patient_name: str, authorization_id: int) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name
        self.authorization_id = authorization_id
        self._visits: dict[str, VisitUse] = {}
        self._changed = False

    def heading(self) -> str:
        """What is counted, and for whom."""
        return f"Units used by visits: {self.app.shown_name(self.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "enter counts the visit, or takes its use back · tab units, why · esc back"

    def compose_body(self) -> ComposeResult:
        """What is left, the visits, how many units one uses."""
        yield Static("", id="left", markup=False)
        yield RecordList(COLUMNS, empty_text=_NO_VISITS, show_header=False, id="visits")
        with Horizontal(classes="field"):
            yield Label("Units a visit")
            yield Input("1", id="units", max_length=4, select_on_focus=True)
        with Horizontal(classes="field"):
            yield Label("Why beyond")
            yield Input(id="beyond", max_length=200, placeholder="only for more than authorized")

    def on_mount(self) -> None:
        """The visits as they stand."""
        self._show()

    def _show(self) -> None:
        practice = self.practice
        visits = visit_uses(
            practice.execute,
            self.authorization_id,
            self.patient_id,
            now=practice.clock.now(),
            zone=practice.zone,
        )
        self._visits = {_key(one): one for one in visits}
        today = practice.today()
        rows = [
            Row(key, (format_day(one.on, today), safe_text(one.title), _counted_words(one)))
            for key, one in self._visits.items()
        ]
        self.query_one(RecordList).set_source(rows)
        record = read_authorization(practice.execute, self.authorization_id)
        used, granted = (record.units_used, record.facts.units) if record else (None, None)
        of = "not known" if granted is None else str(granted)
        left = units_words(granted, used or 0)
        words = f"{used or 0} of {of} units used{f', {left}' if left else ''}"
        self.query_one("#left", Static).update(Content(words))

    def on_record_list_chosen(self, event: RecordList.Chosen) -> None:
        """Enter or a click: count it, or take it back."""
        event.stop()
        visit = self._visits.get(str(event.record_id))
        if visit is not None and self.attempt(lambda: self._toggle(visit)):
            self.problem("")
            self._changed = True
            self._show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in a field: back to the visits."""
        event.stop()
        self.query_one(RecordList).focus()

    def _toggle(self, visit: VisitUse) -> None:
        if visit.use_id is not None:
            give_back_use(self.practice, visit.use_id)
            return
        typed = self.query_one("#units", Input).value.strip()
        if not (typed.isascii() and typed.isdigit()):
            raise Refused("Units are a whole number, such as 1.")
        use_units(
            self.practice,
            self.authorization_id,
            int(typed),
            appointment_id=visit.appointment_id,
            beyond=self.query_one("#beyond", Input).value,
        )

    def action_cancel(self) -> None:
        """Back; every count is recorded already."""
        self.dismiss(self._changed)


def _key(visit: VisitUse) -> str:
    """The visit, so that the cursor stays on it when it is counted; a use without one is its own row."""
    return f"use:{visit.use_id}" if visit.appointment_id is None else f"visit:{visit.appointment_id}"


def _counted_words(visit: VisitUse) -> str:
    if visit.use_id is None:
        return ""
    return f"counted, {visit.units} unit{'s' if visit.units != 1 else ''}"


SCREEN = UsesSheet
