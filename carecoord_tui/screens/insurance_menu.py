"""What ``i`` opens: the form of the highlighted insurance item, else a menu with one key a form."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.screen import Screen
from textual.types import CSSPathType

from carecoord_tui.domain.insurance_rows import lane_of
from carecoord_tui.domain.payer_requirements import AUTHORIZATION_RULE
from carecoord_tui.domain.ranking import Ranked
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.screens.sheet import Sheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.columns import Column
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row


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
COLUMNS = (Column("key", width=1, style="accent"), Column("label", min_width=20))


def form_of(ranked: Ranked) -> Form | None:
    """The form an item is recorded in; None for one that is not about insurance."""
    item = ranked.item
    if item.rule_id == AUTHORIZATION_RULE:
        return AUTHORIZATION_VISIT
    return None if lane_of(item.kind, item.rule_id) is None else BY_KIND[item.kind]


class InsuranceMenu(Sheet[None]):
    """One key opens a form in place of the menu."""

    CSS_PATH: ClassVar[CSSPathType] = ["sheet.tcss", "insurance_menu.tcss"]

    def __init__(self, practice: Practice, patient_id: int, patient_name: str) -> None:
        super().__init__()
        self.practice, self.patient_id, self.patient_name = practice, patient_id, patient_name

    def heading(self) -> str:
        """Whose."""
        return f"Insurance: {self.app.shown_name(self.patient_name)}"

    def hint(self) -> str:
        """The keys."""
        return "one key opens a form · esc back"

    def compose_body(self) -> ComposeResult:
        """The forms with their keys."""
        yield RecordList(
            COLUMNS,
            [Row(key, (key, label)) for key, label, _ in MENU],
            show_header=False,
            id="forms",
        )

    def on_key(self, event: events.Key) -> None:
        """A form's key."""
        self._open(event.character, event)

    def on_record_list_chosen(self, event: RecordList.Chosen) -> None:
        """Enter or a click."""
        self._open(event.record_id, event)

    def _open(self, wanted: object, event: Message) -> None:
        form = next((form for key, _, form in MENU if key == wanted), None)
        if form is not None:
            event.stop()
            self.app.switch_screen(form.make(self.practice, self.patient_id, self.patient_name))


SCREEN = InsuranceMenu
