"""The sheets about what care costs, by one name; each stands in a module of its own."""

from __future__ import annotations

from carecoord_tui.screens.assistance_form import AssistanceForm
from carecoord_tui.screens.billing_case_form import BillingCaseForm
from carecoord_tui.screens.coverage_order_sheet import CoverageOrderSheet
from carecoord_tui.screens.estimate_form import EstimateForm
from carecoord_tui.screens.good_faith_form import GoodFaithForm
from carecoord_tui.screens.payment_plan_form import PaymentPlanForm

__all__ = [
    "AssistanceForm",
    "BillingCaseForm",
    "CoverageOrderSheet",
    "EstimateForm",
    "GoodFaithForm",
    "PaymentPlanForm",
]
