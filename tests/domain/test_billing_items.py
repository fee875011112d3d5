"""Billing: payments on their day, questions answered, assistance decided and renewed, estimates in time."""

from __future__ import annotations

import pytest

from carecoord_tui.domain.next_actions import next_actions
from carecoord_tui.domain.ranking import Lane
from carecoord_tui.domain.vocabulary import (
    AppointmentStatus,
    AssistanceStatus,
    Basis,
    Consequence,
    Kind,
    PatientStatus,
    PayerClass,
)
from carecoord_tui.domain.work import WorkItem
from tests.domain.make import (
    CONTEXT,
    assistance,
    billing_case,
    coverage,
    day,
    good_faith,
    installment,
    moment,
    only,
    patient,
    payment_plan,
    ranked,
    visit,
)

SELF_PAY = (coverage(PayerClass.SELF_PAY),)
QUARTERS = ("2026-12-15", "2027-01-15", "2027-02-15", "2027-03-15")

# --- payment plans ------------------------------------------------------------------------------


def test_the_next_unpaid_payment_is_due_on_its_day() -> None:
    plan = payment_plan(*(installment(due) for due in reversed(QUARTERS)))
    item = only(patient(payment_plans=(plan,)))
    assert (item.kind, item.rule_id) == (Kind.PAYMENT_PLAN, "billing.installment")
    assert (item.title, item.target_on) == ("Payment 1 of 4, $102.50: MRI", day("2026-12-15"))
    assert (item.legal_on, item.basis, item.consequence) == (None, Basis.OWN, Consequence.MONEY)
    assert "$410.00 of $410.00 is left" in item.why


def test_a_paid_one_makes_way_for_the_next_and_an_unpaid_one_is_overdue() -> None:
    first = installment("2026-11-16", paid_on="2026-11-16")
    plan = payment_plan(first, installment("2026-11-24"), installment("2026-12-24"))
    item = only(patient(payment_plans=(plan,)))
    assert item.title.startswith("Payment 2 of 3")
    assert "$205.00 of $307.50 is left" in item.why
    assert ranked(item, moment("2026-11-24T09:00")).days_late == 0, "the due day itself is not late"
    assert ranked(item).is_past_due


def test_a_payment_by_halves_is_one_payment() -> None:
    """$150 of $102.50 in 4: the second one is stored as two rows, and stays the second of four."""
    split_rows = (
        installment("2026-12-15", paid_on="2026-11-30"),
        installment("2027-01-15", "55.00"),
        installment("2027-01-15", "47.50", paid_on="2026-11-30"),
    )
    plan = payment_plan(*split_rows, *(installment(due) for due in QUARTERS[2:]))
    item = only(patient(payment_plans=(plan,)))
    assert item.title == "Payment 2 of 4, $55.00: MRI"
    assert item.why.startswith(
        "Payment 2 of 4, $55.00 still open of $102.50, is due on Fri 15 Jan 2027; $260.00 of $410.00 is left."
    )
    paid = (*split_rows[:1], *split_rows[2:], installment("2027-01-15", "55.00", paid_on="2026-11-30"))
    plan = payment_plan(*paid, *(installment(due) for due in QUARTERS[2:]))
    assert only(patient(payment_plans=(plan,))).title == "Payment 3 of 4, $102.50: MRI"


def test_a_payment_due_on_a_weekend_is_looked_for_when_somebody_is_there() -> None:
    item = only(patient(payment_plans=(payment_plan(installment("2026-12-05")),)))
    assert item.target_on == day("2026-12-07")
    assert "due on Sat 5 Dec" in item.why


@pytest.mark.parametrize(
    ("payments", "words"),
    [((), "No payments were agreed"), ((installment("2026-11-16", paid_on="2026-11-27"),), "Every payment")],
)
def test_a_plan_without_an_open_payment_is_closed(payments: tuple, words: str) -> None:  # type: ignore[type-arg]
    item = only(patient(payment_plans=(payment_plan(*payments),)))
    assert (item.rule_id, item.title) == ("billing.plan", "Close payment plan: MRI")
    assert item.why.startswith(words)
    assert item.target_on == day("2026-11-30" if payments else "2026-12-01")


# --- questions and assistance -------------------------------------------------------------------


def test_a_billing_question_is_answered_in_three_working_days() -> None:
    item = only(patient(billing_cases=(billing_case(payer_name="Aetna"),)))
    assert (item.kind, item.rule_id, item.target_on) == (Kind.BILLING, "billing.case", day("2026-12-03"))
    assert "It is about Aetna." in item.why


def test_an_application_is_asked_about() -> None:
    item = only(patient(assistance=(assistance(),)))
    assert (item.rule_id, item.target_on) == ("assistance.decision", day("2026-12-14"))
    assert item.title == "Ask about assistance: HealthWell"


def test_assistance_is_renewed_thirty_days_before_its_end() -> None:
    approved = assistance(AssistanceStatus.APPROVED, decided_on="2026-11-20", renew_on="2027-03-31")
    item = only(patient(assistance=(approved,)))
    assert (item.rule_id, item.target_on) == ("assistance.renewal", day("2027-03-01"))
    short = assistance(AssistanceStatus.APPROVED, decided_on="2026-11-20", renew_on="2026-12-10")
    assert only(patient(assistance=(short,))).target_on == day("2026-11-20"), "not before it was approved"


def test_assistance_without_its_renewal_is_not_forgotten() -> None:
    item = only(patient(assistance=(assistance(AssistanceStatus.APPROVED, decided_on="2026-11-27"),)))
    assert (item.rule_id, item.target_on) == ("assistance.renewal_date", day("2026-11-30"))


@pytest.mark.parametrize("status", [AssistanceStatus.DECLINED, AssistanceStatus.ENDED])
def test_ended_assistance_owes_nothing(status: AssistanceStatus) -> None:
    assert only(patient(assistance=(assistance(status),))).kind is Kind.PATIENT


def test_billing_goes_on_for_the_estate_and_renewals_stop() -> None:
    facts = patient(
        status=PatientStatus.DECEASED,
        billing_cases=(billing_case(),),
        payment_plans=(payment_plan(installment("2026-12-01")),),
        assistance=(assistance(AssistanceStatus.APPROVED, renew_on="2027-03-31"), assistance(id=2)),
    )
    owed = {item.rule_id for item in next_actions(facts, CONTEXT)}
    assert owed == {"billing.case", "billing.installment", "assistance.decision"}


# --- good-faith estimates -----------------------------------------------------------------------


def estimates(**facts: object) -> list[WorkItem]:
    found = next_actions(patient(**{"coverages": SELF_PAY, **facts}), CONTEXT)
    return [item for item in found if item.rule_id.startswith(("gfe.", "billing.estimate"))]


@pytest.mark.parametrize(
    ("service", "last_day"),
    [("2026-12-14", "2026-12-03"), ("2026-12-03", "2026-12-01"), ("2026-12-02", None)],
)
def test_a_self_pay_visit_booked_on_the_monday(service: str, last_day: str | None) -> None:
    """Step 13 of the Monday."""
    found = estimates(appointments=(visit(f"{service}T10:00", booked_on="2026-11-30"),))
    assert [item.legal_on for item in found] == ([day(last_day)] if last_day else [])
    for item in found:
        assert (item.kind, item.record_id, item.rule_id) == (Kind.APPOINTMENT, 1, "gfe.scheduled")
        assert (item.target_on, item.basis) == (item.legal_on, Basis.LEGAL)
        assert item.citation == "45 CFR 149.610(b)(1)"
        assert ranked(item, moment(f"{last_day}T08:00")).lane is Lane.DEADLINE
        assert ranked(item, moment("2026-12-05T08:00")).title == "Too late: give estimate now, Lab visit"


BOOKED = visit("2026-12-14T10:00", booked_on="2026-11-30")


@pytest.mark.parametrize(
    "record",
    [
        good_faith(appointment_id=1, given_on="2026-11-30", is_closed=True),
        good_faith(appointment_id=None, service_on="2026-12-14", given_on="2026-11-30"),
    ],
)
def test_an_estimate_that_was_given_settles_the_visit(record) -> None:  # type: ignore[no-untyped-def]
    assert estimates(appointments=(BOOKED,), good_faith=(record,)) == []


def test_an_estimate_owed_for_a_visit_is_one_item_by_the_earlier_clock() -> None:
    asked = good_faith(appointment_id=1, requested_on="2026-12-01")
    (item,) = estimates(appointments=(BOOKED,), good_faith=(asked,))
    assert (item.kind, item.rule_id, item.legal_on) == (Kind.GOOD_FAITH, "gfe.scheduled", day("2026-12-03"))
    near = visit("2026-12-02T10:00", booked_on="2026-11-30")
    (item,) = estimates(appointments=(near,), good_faith=(asked,))
    assert (item.rule_id, item.legal_on) == ("gfe.requested", day("2026-12-04"))


def test_an_estimate_of_another_visit_does_not_count() -> None:
    other = good_faith(appointment_id=2, service_on="2026-12-14", given_on="2026-11-30")
    assert [item.kind for item in estimates(appointments=(BOOKED,), good_faith=(other,))] == [
        Kind.APPOINTMENT
    ]
    unwanted = good_faith(appointment_id=1, is_closed=True)
    assert [item.rule_id for item in estimates(appointments=(BOOKED,), good_faith=(unwanted,))] == [
        "gfe.scheduled"
    ], "the law asks for it, whoever closed the request"


@pytest.mark.parametrize(
    "facts",
    [
        {"coverages": (coverage(),)},
        {"coverages": ()},
        {"appointments": (visit("2026-12-14T10:00", AppointmentStatus.PROPOSED),)},
        {"appointments": (visit("2026-11-16T10:00", booked_on="2026-11-30"),)},
        {"appointments": (visit("2021-12-14T10:00", booked_on="2021-11-16"),)},
    ],
    ids=["insured", "no plan: asked who pays", "not booked", "booked afterwards", "before the law"],
)
def test_no_clock_where_the_law_sets_none(facts: dict[str, object]) -> None:
    assert estimates(**{"appointments": (BOOKED,), **facts}) == []


def test_a_request_without_a_visit() -> None:
    (item,) = estimates(good_faith=(good_faith(),), coverages=())
    assert (item.kind, item.rule_id, item.legal_on) == (Kind.GOOD_FAITH, "gfe.requested", day("2026-12-03"))
    assert (item.title, item.basis) == ("Give estimate: Colonoscopy", Basis.LEGAL)


@pytest.mark.parametrize(
    ("changes", "target"),
    [
        ({"scheduled_on": "2026-11-30", "service_on": "2026-12-02"}, "2026-12-01"),
        ({"service_on": "2026-12-02"}, "2026-12-03"),
        ({}, "2022-01-03"),
    ],
    ids=["too near", "no booking", "no day at all"],
)
def test_an_estimate_without_a_clock_is_given_or_closed(changes: dict[str, str], target: str) -> None:
    (item,) = estimates(good_faith=(good_faith(requested_on=None, **changes),))
    assert (item.rule_id, item.target_on, item.legal_on) == ("billing.estimate", day(target), None)
