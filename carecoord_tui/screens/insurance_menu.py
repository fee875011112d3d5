"""What ``i`` opens: a menu with one key a form, the highlighted insurance record in its first line."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.types import CSSPathType

from carecoord_tui.domain.insurance_rows import key_of, lane_of, record_words
from carecoord_tui.domain.payer_requirements import AUTHORIZATION_RULE
from carecoord_tui.domain.ranking import Moment, Ranked
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.insurance import read_rows
from carecoord_tui.store.queries.today import Execute
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from carecoord_tui.widgets.safe_text import safe_text


@dataclass(frozen=True, slots=True)
class Form:
    """A sheet by name, imported when first opened. ``argument`` names the record it may be opened on."""

    module: str
    name: str
    argument: str = ""

    def make(
        self, practice: Practice, patient_id: int, patient_name: str, record_id: int | None = None
    ) -> Screen[object]:
        """The sheet, on a record or for a new one."""
        made = getattr(import_module(f"carecoord_tui.screens.{self.module}"), self.name)
        chosen = {self.argument: record_id} if self.argument else {}
        sheet: Screen[object] = made(practice, patient_id, patient_name, **chosen)
        return sheet


ELIGIBILITY = Form("eligibility_form", "EligibilityForm", "appointment_id")
AUTHORIZATION = Form("authorization_form", "AuthorizationForm", "authorization_id")
AUTHORIZATION_VISIT = Form("authorization_form", "AuthorizationForm", "appointment_id")
DENIAL = Form("denial_form", "DenialForm", "denial_id")
ESTIMATE = Form("billing_forms", "EstimateForm", "appointment_id")
GOOD_FAITH = Form("billing_forms", "GoodFaithForm", "good_faith_id")
GOOD_FAITH_VISIT = Form("billing_forms", "GoodFaithForm", "appointment_id")
PAYMENT_PLAN = Form("billing_forms", "PaymentPlanForm", "plan_id")
BILLING = Form("billing_forms", "BillingCaseForm", "case_id")
ASSISTANCE = Form("billing_forms", "AssistanceForm", "assistance_id")
WHO_PAYS_FIRST = Form("billing_forms", "CoverageOrderSheet")

BY_KIND: dict[Kind, Form] = {
    Kind.ELIGIBILITY: ELIGIBILITY,
    Kind.AUTHORIZATION: AUTHORIZATION,
    Kind.DENIAL: DENIAL,
    Kind.APPOINTMENT: GOOD_FAITH_VISIT,
    Kind.GOOD_FAITH: GOOD_FAITH,
    Kind.PAYMENT_PLAN: PAYMENT_PLAN,
    Kind.BILLING: BILLING,
    Kind.ASSISTANCE: ASSISTANCE,
}
MENU: tuple[tuple[str, str, Form], ...] = (
    ("e", "eligibility check", ELIGIBILITY),
    ("a", "authorization", AUTHORIZATION),
    ("d", "denial", DENIAL),
    ("m", "estimate", ESTIMATE),
    ("g", "good-faith estimate", GOOD_FAITH),
    ("p", "payment plan", PAYMENT_PLAN),
    ("b", "billing question", BILLING),
    ("s", "assistance", ASSISTANCE),
    ("o", "who pays first", WHO_PAYS_FIRST),
)
THIS_KEY = "i"
COLUMNS = (Column("key", width=1, style="accent"), Column("label", min_width=20))


def form_of(ranked: Ranked) -> Form | None:
    """The form an item is recorded in; None for one that is not about insurance."""
    item = ranked.item
    if item.rule_id == AUTHORIZATION_RULE:
        return AUTHORIZATION_VISIT
    return None if lane_of(item.kind, item.rule_id) is None else BY_KIND[item.kind]


@dataclass(frozen=True, slots=True)
class This:
    """The record that was highlighted, by its name, with its form."""

    words: str
    form: Form
    record_id: int


def record_named(execute: Execute, ranked: Ranked, moment: Moment) -> This | None:
    """The record of an item; None for one that is not about insurance, or was settled meanwhile."""
    item, form = ranked.item, form_of(ranked)
    if form is None:
        return None
    rows = read_rows(execute, [key_of(item.kind, item.record_id)], moment)
    if not rows:
        return None
    words = record_words(rows[0], moment.today)
    if item.rule_id == AUTHORIZATION_RULE:
        words = f"authorization, {words}"
    return This(words, form, item.record_id)


class InsuranceMenu(Sheet[None]):
    """One key opens a form in place of the menu: ``i`` on the highlighted record, the others on a new one."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "insurance_menu.tcss"]

    def __init__(
        self, practice: Practice, patient_id: int, patient_name: str, this: This | None = None
    ) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name
        self.this = this

    def heading(self) -> str:
        """Whose."""
        return f"Insurance: {self.app.shown_name(self.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        this = "i or enter this record, " if self.this is not None else ""
        return f"{this}another key a new one · esc back"

    def compose_body(self) -> ComposeResult:
        """The forms with their keys."""
        yield RecordList(
            COLUMNS,
            [*self._this_row(), *(Row(key, (key, label)) for key, label, _ in MENU)],
            show_header=False,
            id="forms",
            classes="" if self.this is None else "with-this",
        )

    def _this_row(self) -> list[Row]:
        return [] if self.this is None else [Row(THIS_KEY, (THIS_KEY, f"this: {safe_text(self.this.words)}"))]

    def on_key(self, event: events.Key) -> None:
        """A form's key."""
        self._open(event.character, event)

    def on_record_list_chosen(self, event: RecordList.Chosen) -> None:
        """Enter or a click."""
        self._open(event.record_id, event)

    def _open(self, wanted: object, event: Message) -> None:
        if self.this is not None and wanted == THIS_KEY:
            event.stop()
            this = self.this
            self.app.switch_screen(
                this.form.make(self.practice, self.patient_id, self.patient_name, this.record_id)
            )
            return
        form = next((form for key, _, form in MENU if key == wanted), None)
        if form is not None:
            event.stop()
            self.app.switch_screen(form.make(self.practice, self.patient_id, self.patient_name))


SCREEN = InsuranceMenu
