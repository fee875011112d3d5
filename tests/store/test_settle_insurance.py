"""The acts behind x on insurance and billing: recorded whole, refused with words, undone in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.settle import Choice, choices
from carecoord_tui.domain.vocabulary import (
    AssistanceStatus,
    AuthorizationStatus,
    CoverageStatus,
    Kind,
    PayerClass,
)
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.store import ledger, undo
from carecoord_tui.store.actions.appeals import NeedsConfirmation
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.settle import settle
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.store.tables import (
    Appointment,
    AssistanceProgram,
    Authorization,
    AuthorizationItem,
    BillingCase,
    Coverage,
    Denial,
    GoodFaithEstimate,
    Installment,
    Payer,
    PaymentPlan,
    Record,
)
from tests.store.caseload import TODAY, add_people

S = AuthorizationStatus
ASKED = "SELECT outcome, about_kind, about_rule, payer_id, note FROM contact"


@pytest.fixture
def person(practice: Practice) -> int:
    """One person whose plan is a Medicare Advantage plan."""
    (number,) = add_people(practice, 1)
    with practice.change("payer") as session:
        session.get_one(Payer, 1).payer_class = PayerClass.MEDICARE_ADVANTAGE
    return number


def put(practice: Practice, *records: Record) -> None:
    with practice.change("entered") as session:
        for record in records:
            session.add(record)
            session.flush()


def okafor(practice: Practice, person: int, **changes: Any) -> None:
    """An MRI submitted Tue 24 Nov: the payer's clock ends Tue 1 Dec."""
    values = {
        "patient_id": person,
        "coverage_id": person,
        "service": "MRI",
        "status": S.SUBMITTED,
        "opened_on": date(2026, 11, 23),
        "submitted_at": datetime(2026, 11, 24, 16, 10, tzinfo=UTC),
    }
    put(practice, Authorization(**{**values, **changes}))


def denied(practice: Practice, person: int, **changes: Any) -> None:
    """Rehab denied with a letter of Fri 27 Nov."""
    values = {
        "patient_id": person,
        "coverage_id": person,
        "service": "Rehab",
        "notice_on": date(2026, 11, 27),
    }
    put(practice, Denial(**{**values, **changes}))


def item(practice: Practice, kind: Kind, rule_id: str = "") -> ItemRef:
    """The open item of a kind."""
    rows = practice.execute(
        "SELECT record_id, rule_id, patient_id FROM ledger WHERE kind = ? AND rule_id LIKE ?",
        [kind.value, f"{rule_id}%"],
    )
    ((record_id, rule, patient_id),) = rows
    return ItemRef(kind, record_id, rule, patient_id)


def press(practice: Practice, ref: ItemRef, key: str, when: When | None = None, text: str = "") -> None:
    """x, then a key."""
    (choice,) = [c for c in choices(ref.kind, ref.rule_id) if c.key == key]
    settle(practice, [ref], choice, when, text=text)
    with practice.read() as connection:
        report = ledger.differences(connection, practice.context)
    assert report.is_equal and not report.missing


def owed(practice: Practice, *kinds: Kind) -> dict[str, str]:
    """Rule and do-by day of the items of some kinds."""
    marks = ", ".join("?" * len(kinds))
    return dict(
        practice.execute(
            f"SELECT rule_id, target_on FROM ledger WHERE kind IN ({marks})",  # noqa: S608 - marks only
            [kind.value for kind in kinds],
        )
    )


# --- authorizations -------------------------------------------------------------------------------


def test_still_pending_is_logged_and_comes_back_before_the_clock_ends(
    practice: Practice, person: int
) -> None:
    """Step 5 of the Monday: the clock ends tomorrow, so it is asked about again then."""
    okafor(practice, person)
    press(practice, item(practice, Kind.AUTHORIZATION), "s")
    assert practice.execute(ASKED) == [
        ("office_reached", "authorization", "pa.federal.standard", 1, "Asked: still pending")
    ]
    assert owed(practice, Kind.AUTHORIZATION) == {"pa.federal.standard": "2026-12-01"}
    assert practice.execute("SELECT moved_from, waiting_on FROM ledger WHERE kind = 'authorization'") == [
        ("2026-11-30", "")
    ]
    assert practice.execute("SELECT status, note FROM authorization_event") == [
        ("submitted", "Asked: still pending")
    ]
    undo.undo(practice)
    assert practice.execute(ASKED) == []
    assert owed(practice, Kind.AUTHORIZATION) == {"pa.federal.standard": "2026-11-30"}


def test_on_the_last_day_of_the_clock_the_payer_has_the_rest_of_it(practice: Practice, person: int) -> None:
    okafor(practice, person, submitted_at=datetime(2026, 11, 23, 16, tzinfo=UTC))
    press(practice, item(practice, Kind.AUTHORIZATION), "s")
    assert practice.execute("SELECT target_on, waiting_on FROM ledger WHERE kind = 'authorization'") == [
        ("2026-11-30", "Aetna")
    ]


def test_after_the_clock_it_is_asked_again_in_two_days(practice: Practice, person: int) -> None:
    okafor(practice, person, submitted_at=datetime(2026, 11, 16, 16, tzinfo=UTC))
    press(practice, item(practice, Kind.AUTHORIZATION), "s")
    assert owed(practice, Kind.AUTHORIZATION) == {"pa.federal.standard": "2026-12-02"}


def test_the_payer_takes_more_time_once(practice: Practice, person: int) -> None:
    okafor(practice, person)
    press(practice, item(practice, Kind.AUTHORIZATION), "e", When(TODAY, None))
    assert practice.execute("SELECT legal_on FROM ledger WHERE kind = 'authorization'") == [("2026-12-15",)]
    with pytest.raises(Refused, match="took more time on Mon 30 Nov already"):
        press(practice, item(practice, Kind.AUTHORIZATION), "e", When(TODAY, None))


@pytest.mark.parametrize(
    ("when", "words"), [(date(2026, 12, 1), "is ahead"), (date(2026, 11, 20), "before the request was")]
)
def test_an_extension_out_of_order_is_refused(
    practice: Practice, person: int, when: date, words: str
) -> None:
    okafor(practice, person)
    with pytest.raises(Refused, match=words):
        press(practice, item(practice, Kind.AUTHORIZATION), "e", When(when, None))
    assert practice.execute("SELECT extended_on FROM authorization") == [(None,)]


def test_a_decision_leaves_its_stamp_and_a_wrong_one_is_refused(practice: Practice, person: int) -> None:
    okafor(practice, person)
    press(practice, item(practice, Kind.AUTHORIZATION), "x", When(date(2027, 1, 31), None))
    assert owed(practice, Kind.AUTHORIZATION) == {"auth.number": "2026-12-01"}
    assert practice.execute("SELECT status, who FROM authorization_event") == [
        ("approved", practice.user.name)
    ]
    with pytest.raises(Refused, match="cannot be before the request"):
        press(practice, item(practice, Kind.AUTHORIZATION), "v", When(date(2026, 1, 1), None))


def test_a_payer_that_issues_no_number_is_not_asked_for_one_any_more(practice: Practice, person: int) -> None:
    okafor(practice, person)
    press(practice, item(practice, Kind.AUTHORIZATION), "x", When(date(2027, 1, 31), None))
    press(practice, item(practice, Kind.AUTHORIZATION), "n")
    assert practice.execute("SELECT number FROM authorization") == [("none issued",)]
    assert owed(practice, Kind.AUTHORIZATION) == {"auth.renewal": "2027-01-15"}


def test_the_denied_part_becomes_a_denial_or_is_let_go(practice: Practice, person: int) -> None:
    okafor(practice, person, status=S.PARTIAL, decided_on=date(2026, 11, 27), valid_to=date(2027, 1, 31))
    put(
        practice,
        AuthorizationItem(patient_id=person, authorization_id=1, service="MRI", status=S.APPROVED),
        AuthorizationItem(patient_id=person, authorization_id=1, service="Contrast", status=S.DENIED),
    )
    ref = item(practice, Kind.AUTHORIZATION)
    assert ref.rule_id == "auth.denied_part"
    press(practice, ref, "l")
    assert owed(practice, Kind.AUTHORIZATION) == {"auth.number": "2026-11-30"}
    undo.undo(practice)
    press(practice, ref, "x", When(date(2026, 11, 27), None))
    assert practice.execute("SELECT service, notice_on FROM denial") == [("Contrast", "2026-11-27")]
    assert owed(practice, Kind.AUTHORIZATION) == {"auth.number": "2026-11-30"}


# --- denials --------------------------------------------------------------------------------------


def test_three_roads_side_by_side(practice: Practice, person: int) -> None:
    denied(practice, person)
    for key in "xap":
        rule = "denial.triage" if key == "x" else "appeal."
        press(practice, item(practice, Kind.DENIAL, rule), key)
    assert owed(practice, Kind.DENIAL) == {
        "appeal.ma.reconsideration": "2027-01-29",
        "denial.alternative": "2026-12-07",
        "denial.assistance": "2026-12-07",
    }
    with pytest.raises(Refused, match="under way already"):
        press(practice, item(practice, Kind.DENIAL, "appeal."), "a")
    press(practice, item(practice, Kind.DENIAL, "denial.alternative"), "s")
    assert practice.execute("SELECT next_on FROM denial_track WHERE kind = 'alternative'") == [
        ("2026-12-07",)
    ]
    assert len(practice.execute(ASKED)) == 1
    press(practice, item(practice, Kind.DENIAL, "appeal."), "n")
    assert set(owed(practice, Kind.DENIAL)) == {"denial.alternative", "denial.assistance"}
    press(practice, item(practice, Kind.DENIAL, "denial.alternative"), "f")
    press(practice, item(practice, Kind.DENIAL, "denial.assistance"), "n")
    assert set(owed(practice, Kind.DENIAL)) == {"denial.triage"}
    with pytest.raises(Refused, match="a word or two"):
        press(practice, item(practice, Kind.DENIAL), "l")
    press(practice, item(practice, Kind.DENIAL), "l", text="covered alternative found")
    assert owed(practice, Kind.DENIAL) == {}
    assert practice.execute("SELECT status, note FROM denial") == [
        ("closed", "Closed: not appealed (covered alternative found).")
    ]


def test_an_appeal_after_the_last_day_is_asked_about_and_not_filed(practice: Practice, person: int) -> None:
    denied(practice, person, notice_on=date(2026, 9, 1))
    ref = item(practice, Kind.DENIAL, "appeal.")
    with pytest.raises(NeedsConfirmation, match=r"The last day was Thu 5 Nov\. .*good cause") as asked:
        press(practice, ref, "x")
    assert practice.execute("SELECT count(*) FROM appeal") == [(0,)]
    (choice,) = [c for c in choices(ref.kind, ref.rule_id) if c.key == "x"]
    settle(practice, [ref], replace(choice, act=asked.value.act))
    assert practice.execute("SELECT rule_id, filed_on FROM appeal") == [
        ("appeal.ma.reconsideration", "2026-11-30")
    ]


def test_an_appeal_overturned_in_part_stays_open_at_the_next_level(practice: Practice, person: int) -> None:
    denied(practice, person)
    press(practice, item(practice, Kind.DENIAL, "appeal."), "x")
    assert practice.execute("SELECT rule_id, filed_on FROM appeal") == [
        ("appeal.ma.reconsideration", "2026-11-30")
    ]
    press(practice, item(practice, Kind.DENIAL), "s")
    assert owed(practice, Kind.DENIAL) == {"denial.appealed": "2026-12-14"}
    press(practice, item(practice, Kind.DENIAL), "m")
    assert practice.execute("SELECT outcome FROM appeal") == [("partly_overturned",)]
    assert practice.execute("SELECT status FROM denial") == [("upheld",)]


def test_a_call_between_clinicians_overturns_the_denial(practice: Practice, person: int) -> None:
    okafor(practice, person, status=S.DENIED, decided_on=date(2026, 11, 27))
    denied(practice, person, authorization_id=1, peer_to_peer_by=date(2026, 12, 4))
    press(practice, item(practice, Kind.DENIAL, "denial.peer_to_peer"), "o")
    assert practice.execute("SELECT status, peer_to_peer_on FROM denial") == [("overturned", "2026-11-30")]
    assert owed(practice, Kind.AUTHORIZATION) == {"auth.validity": "2026-12-01"}, "the approval is not lost"


@pytest.mark.parametrize(("key", "column"), [("x", "peer_to_peer_on"), ("n", "note")])
def test_a_call_that_changed_nothing(practice: Practice, person: int, key: str, column: str) -> None:
    denied(practice, person, peer_to_peer_by=date(2026, 12, 4))
    press(practice, item(practice, Kind.DENIAL, "denial.peer_to_peer"), key)
    assert set(owed(practice, Kind.DENIAL)) == {"denial.triage", "appeal.ma.reconsideration"}
    ((kept,),) = practice.execute(f"SELECT {column} FROM denial")  # noqa: S608 - our own column
    assert kept in ("2026-11-30", "No peer-to-peer call (cut-off Fri 4 Dec).")


# --- eligibility ----------------------------------------------------------------------------------


def test_a_check_is_about_the_plan_that_pays_not_about_a_cancelled_one(
    practice: Practice, person: int
) -> None:
    with practice.change("plans") as session:
        session.get_one(Coverage, 1).status = CoverageStatus.CANCELLED
        session.add(Coverage(patient_id=person, payer_id=1, rank=2))
    visit_at = datetime(2026, 12, 2, 15, tzinfo=UTC)
    put(practice, Appointment(patient_id=person, starts_at=visit_at, booked_on=TODAY))
    press(practice, item(practice, Kind.ELIGIBILITY), "x")
    assert owed(practice, Kind.ELIGIBILITY) == {}
    assert practice.execute("SELECT coverage_id, copay, benefits_read_on FROM eligibility_check") == [
        (2, None, None)
    ]


# --- billing --------------------------------------------------------------------------------------


def test_a_self_pay_visit_gets_its_estimate(practice: Practice, person: int) -> None:
    """Step 13 of the Monday."""
    with practice.change("self-pay") as session:
        session.get_one(Payer, 1).payer_class = PayerClass.SELF_PAY
    for day_of_visit in (14, 3, 2):
        starts_at = datetime(2026, 12, day_of_visit, 15, tzinfo=UTC)
        put(practice, Appointment(patient_id=person, starts_at=starts_at, booked_on=TODAY, title="Scope"))
    due = "SELECT record_id, legal_on FROM ledger WHERE rule_id = 'gfe.scheduled' ORDER BY record_id"
    assert practice.execute(due) == [(1, "2026-12-03"), (2, "2026-12-01")]
    press(practice, ItemRef(Kind.APPOINTMENT, 1, "gfe.scheduled", person), "x")
    assert practice.execute(due) == [(2, "2026-12-01")]
    assert practice.execute("SELECT appointment_id, given_on, service_on, status FROM good_faith") == [
        (1, "2026-11-30", "2026-12-14", "closed")
    ]


def test_an_estimate_on_request_is_given_or_not_needed(practice: Practice, person: int) -> None:
    put(practice, GoodFaithEstimate(patient_id=person, requested_on=date(2026, 11, 27)))
    ref = item(practice, Kind.GOOD_FAITH)
    with pytest.raises(Refused, match="asked for on Fri 27 Nov"):
        press(practice, ref, "x", When(date(2026, 11, 26), None))
    press(practice, ref, "n")
    assert owed(practice, Kind.GOOD_FAITH) == {}


def test_a_plan_of_two_payments_is_paid_and_closes(practice: Practice, person: int) -> None:
    put(practice, PaymentPlan(patient_id=person, total=Decimal("205.00"), agreed_on=TODAY))
    put(
        practice,
        *(
            Installment(patient_id=person, plan_id=1, due_on=date(2026, month, 15), amount=Decimal("102.50"))
            for month in (11, 12)
        ),
    )
    press(practice, item(practice, Kind.PAYMENT_PLAN), "x")
    assert owed(practice, Kind.PAYMENT_PLAN) == {"billing.installment": "2026-12-15"}
    with pytest.raises(Refused, match="is ahead"):
        press(practice, item(practice, Kind.PAYMENT_PLAN), "x", When(date(2026, 12, 1), None))
    paid = practice.execute("SELECT due_on, paid_on FROM installment")
    assert paid == [("2026-11-15", "2026-11-30"), ("2026-12-15", None)]
    with pytest.raises(NeedsConfirmation, match=r"\$102.50, is due on Tue 15 Dec") as asked:
        press(practice, item(practice, Kind.PAYMENT_PLAN), "x")  # the key came twice
    assert practice.execute("SELECT due_on, paid_on FROM installment") == paid
    (choice,) = [c for c in choices(Kind.PAYMENT_PLAN, "billing.installment") if c.key == "x"]
    settle(practice, [item(practice, Kind.PAYMENT_PLAN)], replace(choice, act=asked.value.act))
    assert owed(practice, Kind.PAYMENT_PLAN) == {}
    assert practice.execute("SELECT status, closed_on FROM payment_plan") == [("closed", "2026-11-30")]


def test_a_payment_is_recorded_only_for_the_one_that_was_shown(practice: Practice, person: int) -> None:
    put(practice, PaymentPlan(patient_id=person, total=Decimal("205.00"), agreed_on=date(2026, 9, 1)))
    put(
        practice,
        *(
            Installment(patient_id=person, plan_id=1, due_on=date(2026, month, 15), amount=Decimal("102.50"))
            for month in (10, 11)
        ),
    )
    ref = item(practice, Kind.PAYMENT_PLAN)
    shown = [one.item for one in items_of(practice.execute, person, practice.moment())]
    (choice,) = [c for c in choices(ref.kind, ref.rule_id) if c.key == "x"]
    with pytest.raises(Refused, match="settled meanwhile"):  # the same words, begun on another day
        settle(practice, [ref], choice, shown=[replace(one, since_on=date(2026, 1, 2)) for one in shown])
    settle(practice, [ref], choice, shown=shown)
    with pytest.raises(Refused, match="settled meanwhile"):
        settle(practice, [ref], choice, shown=shown)
    assert practice.execute("SELECT due_on FROM installment WHERE paid_on IS NULL") == [("2026-11-15",)]


def test_a_plan_that_ends_early_says_why(practice: Practice, person: int) -> None:
    put(practice, PaymentPlan(patient_id=person, total=Decimal("205.00"), agreed_on=TODAY))
    put(practice, Installment(patient_id=person, plan_id=1, due_on=TODAY, amount=Decimal("205.00")))
    with pytest.raises(Refused, match="a word or two"):
        press(practice, item(practice, Kind.PAYMENT_PLAN), "c")
    press(practice, item(practice, Kind.PAYMENT_PLAN), "c", text="balance forgiven")
    assert practice.execute("SELECT status, note FROM payment_plan") == [("closed", "balance forgiven")]


def test_a_billing_question_is_asked_about_and_answered(practice: Practice, person: int) -> None:
    put(
        practice,
        BillingCase(patient_id=person, payer_id=1, title="Billed twice", opened_on=date(2026, 11, 24)),
    )
    press(practice, item(practice, Kind.BILLING), "s")
    assert owed(practice, Kind.BILLING) == {"billing.case": "2026-12-03"}
    assert practice.execute("SELECT payer_id FROM contact") == [(1,)]
    press(practice, item(practice, Kind.BILLING), "x", text="bill corrected")
    assert owed(practice, Kind.BILLING) == {}


def test_assistance_from_application_to_renewal(practice: Practice, person: int) -> None:
    put(practice, AssistanceProgram(patient_id=person, program="HealthWell", applied_on=date(2026, 11, 16)))
    press(practice, item(practice, Kind.ASSISTANCE), "s")
    assert owed(practice, Kind.ASSISTANCE) == {"assistance.decision": "2026-12-14"}
    with pytest.raises(Refused, match="must lie ahead"):
        press(practice, item(practice, Kind.ASSISTANCE), "x", When(date(2026, 11, 30), None))
    press(practice, item(practice, Kind.ASSISTANCE), "x", When(date(2027, 3, 31), None))
    assert owed(practice, Kind.ASSISTANCE) == {"assistance.renewal": "2027-03-01"}
    press(practice, item(practice, Kind.ASSISTANCE), "a")
    assert owed(practice, Kind.ASSISTANCE) == {"assistance.decision": "2026-12-14"}
    press(practice, item(practice, Kind.ASSISTANCE), "d")
    assert practice.execute("SELECT status FROM assistance") == [(AssistanceStatus.DECLINED.value,)]


@pytest.mark.parametrize(
    ("record", "choice"),
    [
        (
            lambda person: PaymentPlan(patient_id=person, total=Decimal(1), agreed_on=TODAY),
            Choice("x", "payment received", "plan:paid"),
        ),
        (
            lambda person: Denial(patient_id=person, service="CT", notice_on=TODAY),
            Choice("n", "no call wanted", "denial:peer_let_go"),
        ),
    ],
    ids=["no payment is open", "no call is offered"],
)
def test_an_act_that_does_not_fit_is_refused(
    practice: Practice, person: int, record: Callable[[int], Record], choice: Choice
) -> None:
    put(practice, record(person))
    kind = Kind.PAYMENT_PLAN if choice.act.startswith("plan") else Kind.DENIAL
    before = practice.execute("SELECT count(*) FROM audit_event")
    with pytest.raises(Refused):
        settle(practice, [ItemRef(kind, 1, "billing.plan", person)], choice)
    assert practice.execute("SELECT count(*) FROM audit_event") == before
