"""The services of an authorization: each with its own code, answer, number, units and validity."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from carecoord_tui.domain.authorization_steps import GRANTED
from carecoord_tui.domain.dates import format_day
from carecoord_tui.domain.vocabulary import AuthorizationStatus, DenialReason
from carecoord_tui.screens.authorization_draft import item_options, read_units, reason_options, status_option
from carecoord_tui.screens.insurance_fields import InsuranceForm
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.actions.authorization_items import ItemAnswer, ItemEntry, add_item, answer_item
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.authorizations import AuthorizationDetail, ItemRow, read_authorization
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text

_S = AuthorizationStatus
COLUMNS = (
    Column("service", min_width=20),
    Column("status", width=10, style="accent"),
    Column("number", width=14),
    Column("units", width=9),
    Column("validity", width=19),
)
_NO_ITEMS = "No items: the request is one service. + adds one."


class ItemsSheet(Sheet[bool]):
    """The items; enter opens one, ``+`` adds one. True when something changed."""

    AUTO_FOCUS = "RecordList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("plus", "add", "Add an item", id="authorization.add_item", show=False),
    ]

    def __init__(self, practice: Practice, patient_id: int, patient_name: str, authorization_id: int) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name
        self.authorization_id = authorization_id
        self._items: dict[int, ItemRow] = {}
        self._changed = False

    def heading(self) -> str:
        """Whose items."""
        return f"Items of the authorization: {self.app.shown_name(self.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "enter opens an item · + adds one · esc back"

    def compose_body(self) -> ComposeResult:
        """What the items make of the whole, and the items."""
        yield Static("", id="whole", markup=False)
        yield RecordList(COLUMNS, empty_text=_NO_ITEMS, show_header=False, id="items")

    def on_mount(self) -> None:
        """The items as they stand."""
        self._show()

    def _show(self) -> None:
        record = read_authorization(self.practice.execute, self.authorization_id)
        items = record.items if record else ()
        self._items = {item.id: item for item in items}
        self.query_one(RecordList).set_source([Row(item.id, _cells(item)) for item in items])
        self.query_one("#whole", Static).update(Content(_whole_words(record)))

    def on_record_list_chosen(self, event: RecordList.Chosen) -> None:
        """Enter or a click: the item's form."""
        event.stop()
        if isinstance(event.record_id, int) and event.record_id in self._items:
            self._open(self._items[event.record_id])

    def action_add(self) -> None:
        """A further service."""
        self._open(None)

    def _open(self, item: ItemRow | None) -> None:
        form = ItemForm(self.practice, self.patient_id, self.patient_name, self.authorization_id, item)
        self.app.push_screen(form, self._form_closed)

    def _form_closed(self, is_saved: bool | None) -> None:
        if is_saved:
            self._changed = True
            self._show()

    def action_cancel(self) -> None:
        """Back; what was saved is saved."""
        self.dismiss(self._changed)


class ItemForm(InsuranceForm):
    """One service with the payer's answer to it. Without ``item`` a new one, which waits for the payer."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "form_sheet.tcss", "insurance_form.tcss"]

    def __init__(
        self,
        practice: Practice,
        patient_id: int,
        patient_name: str,
        authorization_id: int,
        item: ItemRow | None,
    ) -> None:
        super().__init__(practice, patient_id, patient_name)
        self.authorization_id, self.item = authorization_id, item

    def heading(self) -> str:
        """What this is, and for whom."""
        what = "Item" if self.item else "New item"
        return f"{what}: {self.app.shown_name(self.patient_name)}"

    def compose_body(self) -> ComposeResult:
        """The service, then the answer."""
        item = self.item
        with Vertical(id="form"):
            yield self.line("Service", "service", item.service if item else "", "e.g. therapeutic exercise")
            yield self.line("Code", "code", item.code if item else "", "CPT or HCPCS, e.g. 97110")
            if item is None:
                return
            options = (*item_options(), status_option(_S.CANCELLED))
            yield self.pick("Payer says", "status", options, item.status.value)
            yield self.past_day("Decided", "decided", None)
            yield self.pick("Denial reason", "reason", reason_options(), "")
            yield self.line("Number", "number", item.number, "the item's own authorization no.")
            yield self.line("Units", "units", "" if item.units is None else str(item.units))
            yield self.day("Valid from", "valid-from", item.valid_from)
            yield self.day("Valid to", "valid-to", item.valid_to)
            yield self.line("Note", "note", item.note, prose=True)

    def on_mount(self) -> None:
        """On an item on file the cursor stands on the answer."""
        if self.item is not None:
            self._show_for_status()
            self.call_after_refresh(lambda: self.query_one("#status").focus())

    @on(ChoiceRow.Chosen)
    @on(Input.Changed)
    def _changed(self) -> None:
        self.problem("")
        self._show_for_status()

    def on_descendant_blur(self) -> None:
        """An option may have been stepped to, which tells nobody."""
        self._show_for_status()

    def _show_for_status(self) -> None:
        if self.item is None or not self.is_mounted:
            return
        status = _S(self.chosen("status"))
        self.show(["decided"], when=status is not self.item.status)
        self.show(["reason"], when=status is _S.DENIED and status is not self.item.status)
        self.show(["number", "units", "valid-from", "valid-to"], when=status in GRANTED)

    async def action_save(self) -> None:
        """Check every field, then save in one change."""
        problems = self.date_problems()
        texts = self.texts()
        units = read_units(texts, "units", problems) if self.item else None
        if self.show_problems(problems) or not self.attempt(lambda: self._keep(texts, units)):
            return
        self.dismiss(True)
        words = texts["code"] or texts["service"]
        self.app.say(safe_text(f"Item saved: {words}.  u undoes it"))

    def _keep(self, texts: dict[str, str], units: int | None) -> None:
        entry = ItemEntry(service=texts["service"], code=texts["code"])
        if self.item is None:
            add_item(self.practice, self.authorization_id, entry)
            return
        status, reason = _S(self.chosen("status")), self.chosen("reason")
        is_granted = status in GRANTED  # hidden fields hold nothing that is meant
        answer = ItemAnswer(
            item=entry,
            status=status,
            number=texts["number"],
            units=units if is_granted else None,
            valid_from=self.typed_day("valid-from") if is_granted else None,
            valid_to=self.typed_day("valid-to") if is_granted else None,
            note=texts["note"],
            decided_on=self.typed_day("decided"),
            denial_reason=DenialReason(reason) if reason else None,
        )
        answer_item(self.practice, self.item.id, answer, version=self.item.version)


def _cells(item: ItemRow) -> tuple[str, str, str, str, str]:
    ends = [format_day(day) if day else "" for day in (item.valid_from, item.valid_to)]
    validity = f"{ends[0]} to {ends[1]}" if ends[0] and ends[1] else f"to {ends[1]}" if ends[1] else ends[0]
    return (
        safe_text(f"{item.code} {item.service}".strip()),
        item.status.label,
        safe_text(item.number),
        f"{item.units} units" if item.units is not None else "",
        validity,
    )


def _whole_words(record: AuthorizationDetail | None) -> str:
    if record is None or not record.items:
        return ""
    approved = sum(item.status in GRANTED for item in record.items)
    return f"{approved} of {len(record.items)} approved: the whole is {record.status.label}."


SCREEN = ItemsSheet
