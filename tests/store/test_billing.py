"""Estimates, good-faith estimates, cases, plans, assistance and the order of coverage, really stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.estimate import NO_LIMIT
from carecoord_tui.domain.payment_plan import InstalmentState
from carecoord_tui.domain.vocabulary import (
    BillingStatus,
    CopayMode,
    CoverageStatus,
    Kind,
    PayerClass,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.billing import (
    BillingCaseEntry,
    EstimateEntry,
    GoodFaithEntry,
    apply_for_assistance,
    approve_assistance,
    close_billing_case,
    close_payment_plan,
    create_payment_plan,
    decline_assistance,
    end_assistance,
    open_billing_case,
    record_payment,
    renew_assistance,
    save_estimate,
    save_good_faith,
    set_coverage_order,
)
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.errors import Conflict
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.billing import (
    coverages_of,
    estimates_of,
    good_faith_of,
    is_self_pay,
    open_assistance_of,
    open_cases_of,
    open_plans_of,
    payers_of,
    visits_to_come,
)
from carecoord_tui.store.tables import (
    Appointment,
    Coverage,
    Denial,
    GoodFaithEstimate,
    Patient,
    Payer,
)
from carecoord_tui.store.undo import redo, undo

TODAY = date(2026, 11, 30)
D = Decimal
FULL = EstimateEntry(
    service="MRI\x1b[31m",
    allowed=D(900),
    deductible_left=D(200),
    coinsurance_percent=D(30),
    out_of_pocket_left=D(5000),
    copay_mode=CopayMode.NONE,
    noncovered=D(0),
)


def one(practice: Practice, sql: str, *parameters: object) -> tuple[Any, ...]:
    (row,) = practice.execute(sql, list(parameters))
    return row


def changes(practice: Practice) -> int:
    return int(one(practice, "SELECT count(*) FROM audit_event")[0])


class People:
    """Rosa has a second plan and a visit; Wei pays alone and has three visits."""

    def __init__(self, practice: Practice) -> None:
        with practice.change("people") as session:
            humana = Payer(name="Humana", payer_class=PayerClass.COMMERCIAL)
            aetna = Payer(name="Aetna", payer_class=PayerClass.ERISA)
            alone = Payer(name="Self-pay", payer_class=PayerClass.SELF_PAY)
            rosa = Patient(family_name="Alvarez", given_name="Rosa")
            wei = Patient(family_name="Chen", given_name="Wei")
            session.add_all([humana, aetna, alone, rosa, wei])
            session.flush()
            first = Coverage(patient_id=rosa.id, payer_id=humana.id, member_id="H1", rank=1)
            second = Coverage(patient_id=rosa.id, payer_id=aetna.id, member_id="A1", rank=2)
            gone = Coverage(patient_id=rosa.id, payer_id=aetna.id, rank=3, status=CoverageStatus.CANCELLED)
            session.add_all([first, second, gone, Coverage(patient_id=wei.id, payer_id=alone.id)])
            visits = [
                Appointment(
                    patient_id=wei.id,
                    title="Visit",
                    starts_at=datetime(2026, 12, day, 15, tzinfo=UTC),
                    booked_on=TODAY,
                )
                for day in (14, 3, 2)
            ]
            session.add_all(visits)
            session.flush()
        self.rosa, self.wei = (int(x.id or 0) for x in (rosa, wei))
        self.first, self.second, self.gone = (int(x.id or 0) for x in (first, second, gone))
        self.visits = [int(x.id or 0) for x in visits]


@pytest.fixture
def people(practice: Practice) -> People:
    return People(practice)


# --- estimates ----------------------------------------------------------------------------------


def test_step_12_an_estimate_keeps_its_figures_and_what_they_come_to(
    practice: Practice, people: People
) -> None:
    save_estimate(practice, people.rosa, FULL)
    (row,) = estimates_of(practice.execute, people.rosa)
    assert (row.low, row.high, row.made_on, row.service) == (D("410.00"), D("410.00"), TODAY, "MRI[31m")
    assert one(practice, "SELECT allowed, deductible_left, coinsurance_percent, copay FROM estimate") == (
        "900",
        "200",
        "30",
        None,
    )


def test_a_blank_out_of_pocket_leaves_the_floor_open_and_no_limit_is_kept_apart(
    practice: Practice, people: People
) -> None:
    values = {name: getattr(FULL, name) for name in FULL.__slots__}
    save_estimate(practice, people.rosa, EstimateEntry(**values | {"out_of_pocket_left": None}))
    save_estimate(practice, people.rosa, EstimateEntry(**values | {"out_of_pocket_left": NO_LIMIT}))
    newest, older = estimates_of(practice.execute, people.rosa)
    assert (older.low, older.high) == (D(0), D("410.00"))
    assert (newest.low, newest.high) == (D("410.00"), D("410.00"))
    limits = practice.execute("SELECT out_of_pocket_left FROM estimate ORDER BY id")
    assert limits == [(None,), ("Infinity",)]
    undo(practice)
    undo(practice)
    redo(practice)
    redo(practice)
    assert practice.execute("SELECT out_of_pocket_left FROM estimate ORDER BY id") == limits


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"allowed": D(-1)}, "cannot be less than zero"),
        ({"allowed": D("1000000.01")}, "more than"),
        ({"copay": D("0.005")}, "part of a cent"),
        ({"coinsurance_percent": D(101)}, "0 to 100"),
        ({"copay_mode": CopayMode.NONE, "copay": D(30)}, "no copay"),
        (
            dict.fromkeys(("allowed", "deductible_left", "coinsurance_percent", "out_of_pocket_left")),
            "figure",
        ),
        ({"appointment_id": 1}, "another patient"),
    ],
)
def test_a_bad_estimate_is_refused(
    practice: Practice, people: People, changed: dict[str, Any], words: str
) -> None:
    values = {name: getattr(FULL, name) for name in FULL.__slots__} | {"copay_mode": CopayMode.BEFORE}
    with pytest.raises(Refused, match=words):
        save_estimate(practice, people.rosa, EstimateEntry(**values | changed))
    assert estimates_of(practice.execute, people.rosa) == []


def test_a_good_faith_estimate_from_the_booking_to_the_bill(practice: Practice, people: People) -> None:
    visit = people.visits[0]
    asked = GoodFaithEntry(service="Visit", appointment_id=visit, requested_on=TODAY)
    number = save_good_faith(practice, people.wei, asked)
    state = "SELECT scheduled_on, service_on, given_on, status FROM good_faith"
    assert one(practice, state) == ("2026-11-30", "2026-12-14", None, "open")
    with pytest.raises(Refused, match="on file already"):
        save_good_faith(practice, people.wei, asked)
    given = GoodFaithEntry(appointment_id=visit, requested_on=TODAY, given_on=TODAY, amount=D(300))
    save_good_faith(practice, people.wei, given, good_faith_id=number)
    assert one(practice, state) == ("2026-11-30", "2026-12-14", "2026-11-30", "closed")
    undo(practice)
    assert one(practice, state)[2:] == (None, "open")
    redo(practice)
    (row,) = good_faith_of(practice.execute, people.wei)
    assert (row.amount, row.billed) == (D(300), None)


def test_a_good_faith_estimate_closed_without_one_is_not_opened_by_a_note(
    practice: Practice, people: People
) -> None:
    asked = GoodFaithEntry(service="Visit", requested_on=TODAY)
    number = save_good_faith(practice, people.wei, asked)
    with practice.change("not needed") as session:
        record = session.get(GoodFaithEstimate, number)
        assert record is not None
        record.status = BillingStatus.CLOSED
        session.add(record)
    save_good_faith(practice, people.wei, replace(asked, note="said at the desk"), good_faith_id=number)
    assert one(practice, "SELECT status, note FROM good_faith") == ("closed", "said at the desk")


def test_a_good_faith_form_filled_before_another_window_saved_is_refused(
    practice: Practice, people: People
) -> None:
    asked = GoodFaithEntry(service="Visit", requested_on=TODAY)
    number = save_good_faith(practice, people.wei, asked)
    (shown,) = good_faith_of(practice.execute, people.wei)
    save_good_faith(practice, people.wei, replace(asked, note="first"), good_faith_id=number)
    with pytest.raises(Conflict):
        save_good_faith(
            practice,
            people.wei,
            replace(asked, note="second"),
            good_faith_id=number,
            version=shown.version,
        )
    assert one(practice, "SELECT note FROM good_faith") == ("first",)


def test_a_date_moved_for_one_payment_is_not_that_of_the_next(practice: Practice, people: People) -> None:
    plan = create_payment_plan(practice, people.rosa, total=D(410), parts=4, first_on=date(2026, 12, 1))
    ref = ItemRef(Kind.PAYMENT_PLAN, plan, "billing.installment", people.rosa)
    move(practice, [ref], When(date(2026, 12, 8), None))
    due = "SELECT target_on, title FROM ledger WHERE kind = 'payment_plan'"
    assert one(practice, due)[0] == "2026-12-08"
    record_payment(practice, plan, D("50"))  # a part of it: still the same payment
    assert one(practice, due) == ("2026-12-08", "Payment 1 of 4, $52.50")
    record_payment(practice, plan, D("52.50"))
    assert one(practice, due)[0] == "2027-01-04"  # New Year is a holiday, then a weekend


def test_a_date_moved_before_a_renewal_ends_with_it(practice: Practice, people: People) -> None:
    number = apply_for_assistance(practice, people.rosa, "Copay card")
    approve_assistance(practice, number, renew_on=date(2026, 12, 20))
    ref = ItemRef(Kind.ASSISTANCE, number, "assistance.renewal", people.rosa)
    move(practice, [ref], When(date(2026, 12, 8), None))
    renew_assistance(practice, number, renew_on=date(2027, 12, 20))
    (target, why) = one(practice, "SELECT target_on, why FROM ledger WHERE kind = 'assistance'")
    assert target > "2027-10"
    assert "2027" in why


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (GoodFaithEntry(service="MRI"), "booking or of the request"),
        (GoodFaithEntry(requested_on=TODAY, given_on=TODAY), "has an amount"),
        (GoodFaithEntry(requested_on=TODAY, amount=D(3)), "the day the estimate was given"),
        (GoodFaithEntry(requested_on=date(2026, 12, 1)), "is ahead"),
        (GoodFaithEntry(requested_on=TODAY, given_on=date(2026, 11, 27), amount=D(3)), "before it was asked"),
        (GoodFaithEntry(requested_on=TODAY, billed_on=TODAY), "A bill has an amount"),
        (GoodFaithEntry(requested_on=TODAY, billed=D(-3)), "less than zero"),
    ],
)
def test_a_good_faith_estimate_that_does_not_hold_together_is_refused(
    practice: Practice, people: People, entry: GoodFaithEntry, words: str
) -> None:
    before = changes(practice)
    with pytest.raises(Refused, match=words):
        save_good_faith(practice, people.wei, entry)
    assert good_faith_of(practice.execute, people.wei) == []
    assert changes(practice) == before


def test_who_pays_alone_and_the_visits_to_come(practice: Practice, people: People) -> None:
    assert is_self_pay(practice.execute, people.wei)
    assert not is_self_pay(practice.execute, people.rosa)
    visits = visits_to_come(practice.execute, people.wei, TODAY, practice.zone)
    assert [visit.visit_on.day for visit in visits] == [2, 3, 14]
    assert [name for _, name in payers_of(practice.execute, people.rosa)] == ["Humana", "Aetna"]
    assert payers_of(practice.execute, people.wei) == []


# --- cases --------------------------------------------------------------------------------------


def test_a_billing_question_until_it_is_answered(practice: Practice, people: People) -> None:
    number = open_billing_case(
        practice, people.rosa, BillingCaseEntry(title="Billed twice", opened_on=TODAY, amount=D("12.50"))
    )
    (case,) = open_cases_of(practice.execute, people.rosa)
    assert (case.title, case.amount, case.payer) == ("Billed twice", D("12.50"), "")
    with pytest.raises(Refused, match="how the question was answered"):
        close_billing_case(practice, number, answer="  ")
    with pytest.raises(Refused, match="check the day"):
        close_billing_case(practice, number, answer="Cancelled", on=date(2026, 11, 29))
    close_billing_case(practice, number, answer="Second bill cancelled")
    assert open_cases_of(practice.execute, people.rosa) == []
    with pytest.raises(Refused, match="closed already"):
        close_billing_case(practice, number, answer="Again")
    undo(practice)
    assert [case.id for case in open_cases_of(practice.execute, people.rosa)] == [number]
    with pytest.raises(Refused, match="needs words"):
        open_billing_case(practice, people.rosa, BillingCaseEntry(title=" ", opened_on=TODAY))


# --- payment plans ------------------------------------------------------------------------------


def test_step_26_a_payment_plan_of_410_in_4(practice: Practice, people: People) -> None:
    number = create_payment_plan(
        practice, people.rosa, total=D(410), parts=4, first_on=date(2026, 12, 31), title="Bill"
    )
    (plan,) = open_plans_of(practice.execute, people.rosa)
    assert [(part.due_on.isoformat(), str(part.amount)) for part in plan.parts] == [
        ("2026-12-31", "102.50"),
        ("2027-01-31", "102.50"),
        ("2027-02-28", "102.50"),
        ("2027-03-31", "102.50"),
    ]
    assert record_payment(practice, number, D("150.00")) == D("260.00")
    (plan,) = open_plans_of(practice.execute, people.rosa)
    standing = plan.standing_on(date(2027, 2, 1))
    assert [(row.paid, row.state) for row in standing.rows[:2]] == [
        (D("102.50"), InstalmentState.PAID),
        (D("47.50"), InstalmentState.OVERDUE),
    ]
    assert (standing.total, standing.overdue, standing.left) == (D(410), D("55.00"), D("260.00"))
    assert standing.overdue_since == date(2027, 1, 31)
    undo(practice)
    (plan,) = open_plans_of(practice.execute, people.rosa)
    assert [part.amount for part in plan.parts] == [D("102.50")] * 4
    assert all(part.paid_on is None for part in plan.parts)


def test_the_last_cent_closes_a_plan_and_more_is_refused(practice: Practice, people: People) -> None:
    number = create_payment_plan(practice, people.rosa, total=D(100), parts=3, first_on=TODAY)
    with pytest.raises(Refused, match=r"\$100.01 is more than the \$100.00 left"):
        record_payment(practice, number, D("100.01"))
    record_payment(practice, number, D("33.34"))
    record_payment(practice, number, D("66.66"))
    assert one(practice, "SELECT status, closed_on FROM payment_plan") == ("closed", "2026-11-30")
    assert one(practice, "SELECT count(*) FROM installment WHERE paid_on IS NULL") == (0,)
    with pytest.raises(Refused, match="closed already"):
        record_payment(practice, number, D(1))


@pytest.mark.parametrize(
    ("total", "parts", "first_on", "words"),
    [
        (D(0), 4, TODAY, "nothing to pay"),
        (D(-5), 4, TODAY, "less than zero"),
        (D(410), 0, TODAY, "1 to 120"),
        (D("0.03"), 4, TODAY, "fewer payments"),
        (D(410), 4, date(2026, 11, 29), "in the past"),
    ],
)
def test_a_plan_that_is_none_is_refused(
    practice: Practice, people: People, total: Decimal, parts: int, first_on: date, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        create_payment_plan(practice, people.rosa, total=total, parts=parts, first_on=first_on)
    assert open_plans_of(practice.execute, people.rosa) == []


def test_a_plan_ends_unpaid_with_a_reason_and_payments_are_real(practice: Practice, people: People) -> None:
    number = create_payment_plan(practice, people.rosa, total=D(100), parts=2, first_on=TODAY)
    with pytest.raises(Refused, match="is ahead"):
        record_payment(practice, number, D(50), date(2026, 12, 1))
    with pytest.raises(Refused, match="of nothing"):
        record_payment(practice, number, D(0))
    with pytest.raises(Refused, match="Say why"):
        close_payment_plan(practice, number, reason=" ")
    close_payment_plan(practice, number, reason="Balance forgiven")
    assert open_plans_of(practice.execute, people.rosa) == []


# --- assistance ---------------------------------------------------------------------------------


def test_assistance_from_the_application_to_its_end(practice: Practice, people: People) -> None:
    with practice.change("a denial") as session:
        denial = Denial(patient_id=people.wei, service="CGM", notice_on=TODAY)
        session.add(denial)
        session.flush()
    with pytest.raises(Refused, match="another patient"):
        apply_for_assistance(practice, people.rosa, "Foundation", denial_id=denial.id)
    number = apply_for_assistance(practice, people.rosa, "Foundation", applied_on=date(2026, 11, 20))
    with pytest.raises(Refused, match="before the application"):
        approve_assistance(practice, number, renew_on=date(2027, 11, 30), on=date(2026, 11, 19))
    with pytest.raises(Refused, match="must be later"):
        approve_assistance(practice, number, renew_on=TODAY)
    with pytest.raises(Refused, match="is applied, not approved"):
        renew_assistance(practice, number, renew_on=date(2027, 11, 30))
    approve_assistance(practice, number, renew_on=date(2027, 5, 31), amount=D(1200))
    (row,) = open_assistance_of(practice.execute, people.rosa)
    assert (row.status, row.renew_on, row.amount) == ("approved", date(2027, 5, 31), D(1200))
    with pytest.raises(Refused, match="must be later"):
        renew_assistance(practice, number, renew_on=date(2027, 5, 31))
    renew_assistance(practice, number, renew_on=date(2027, 11, 30))
    assert open_assistance_of(practice.execute, people.rosa)[0].amount == D(1200)
    end_assistance(practice, number)
    with pytest.raises(Refused, match="ended already"):
        end_assistance(practice, number)
    undo(practice)
    assert open_assistance_of(practice.execute, people.rosa)[0].renew_on == date(2027, 11, 30)


def test_a_declined_program_waits_for_nothing(practice: Practice, people: People) -> None:
    number = apply_for_assistance(practice, people.rosa, "Maker", note="by fax")
    decline_assistance(practice, number, note="income")
    assert open_assistance_of(practice.execute, people.rosa) == []
    assert one(practice, "SELECT status, decided_on, note FROM assistance") == (
        "declined",
        "2026-11-30",
        "income",
    )


# --- who pays first -----------------------------------------------------------------------------


def test_the_order_of_coverage(practice: Practice, people: People) -> None:
    set_coverage_order(practice, people.rosa, [people.second, people.first])
    assert [row.id for row in coverages_of(practice.execute, people.rosa)] == [people.second, people.first]
    assert one(practice, "SELECT rank FROM coverage WHERE id = ?", people.gone) == (3,)
    with pytest.raises(Refused, match="in this order already"):
        set_coverage_order(practice, people.rosa, [people.second, people.first])
    for wrong in ([people.first], [people.first, people.second, people.gone], [people.first] * 2):
        with pytest.raises(Refused, match="changed meanwhile"):
            set_coverage_order(practice, people.rosa, wrong)
    undo(practice)
    assert [row.id for row in coverages_of(practice.execute, people.rosa)] == [people.first, people.second]
