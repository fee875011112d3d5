"""The billing sheets by keys, and what may go wrong there. The Monday's steps are in ``tests/e2e``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select
from textual.pilot import Pilot
from textual.widgets import Input

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import (
    BenefitKind,
    BenefitLevel,
    BenefitPeriod,
    CoverageStatus,
    EligibilityResult,
    Network,
    PayerClass,
)
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens import billing_forms
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import (
    Appointment,
    Benefit,
    Coverage,
    EligibilityCheck,
    Installment,
    Patient,
    Payer,
)
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import TODAY, arrive, at_work, front, rows, said, shown, until, write

THI, ROSE = 1, 3  # Thi is with Humana; Rose has no plan on file
D = Decimal


def plain(practice: Practice) -> None:
    """Nothing more than the bench has."""


@asynccontextmanager
async def sheet(
    paths: PracticePaths, name: str, *, patient_id: int = ROSE, fill: Any = plain, **about: int
) -> AsyncIterator[tuple[Pilot[None], CarecoordApp, Practice]]:
    """One of the sheets in front, on a practice that ``fill`` has prepared."""
    async with at_work(paths) as (pilot, app, practice):
        fill(practice)
        await reopen(pilot, app, practice, name, patient_id, **about)
        yield pilot, app, practice


async def reopen(
    pilot: Pilot[None], app: CarecoordApp, practice: Practice, name: str, patient_id: int = ROSE, **about: int
) -> None:
    app.push_screen(getattr(billing_forms, name)(practice, patient_id, "Cole, Rose", **about))
    await arrive(pilot, app, name)


def words(app: CarecoordApp) -> str:
    return " ".join(shown(app).split())


async def type_down(pilot: Pilot[None], *texts: str) -> None:
    """A text into each field from the present one down."""
    for text in texts:
        await write(pilot, text)
        await pilot.press("tab")
    await pilot.pause()


# --- what is said before anything else ------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["EstimateForm", "GoodFaithForm", "PaymentPlanForm", "BillingCaseForm", "AssistanceForm"]
)
async def test_what_a_minor_consented_to_alone_goes_to_nobody_else(paths: PracticePaths, name: str) -> None:
    def consented(practice: Practice) -> None:
        with practice.change("consent") as session:
            rose = session.get_one(Patient, ROSE)
            rose.minor_consent = "contraception, NY PHL 2504"
            session.add(rose)

    async with sheet(paths, name, fill=consented) as (_, app, _practice):
        await until(_, lambda: "no parent call, letter, estimate. State rule contraception" in words(app))


async def test_a_patient_without_such_a_consent_sees_no_notice(paths: PracticePaths) -> None:
    async with sheet(paths, "EstimateForm") as (_, app, _practice):
        assert "no parent call" not in words(app)


# --- the estimate -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said_words"),
    [
        ({"ends_on": date(2026, 12, 1)}, "! Humana ended Tue 1 Dec: it is not in force on Wed 2 Dec."),
        ({"status": CoverageStatus.CANCELLED}, "! Humana is cancelled: it is not in force on Wed 2 Dec."),
        ({}, ""),
    ],
)
async def test_an_estimate_on_a_plan_not_in_force_says_so(
    paths: PracticePaths, changes: dict[str, Any], said_words: str
) -> None:
    def fill(practice: Practice) -> None:
        with practice.change("visit") as session:
            (plan,) = session.exec(select(Coverage).where(col(Coverage.patient_id) == THI))
            plan.sqlmodel_update(changes)
            at = datetime(2026, 12, 2, 15, tzinfo=UTC)
            session.add_all([plan, Appointment(patient_id=THI, starts_at=at, booked_on=TODAY)])

    async with sheet(paths, "EstimateForm", patient_id=THI, fill=fill, appointment_id=1) as (_, app, _p):
        text = words(app)
        assert said_words in text
        assert ("not in force" in text) is bool(said_words)


async def test_an_estimate_after_the_payer_said_inactive_says_so(paths: PracticePaths) -> None:
    def fill(practice: Practice) -> None:
        with practice.change("check") as session:
            (plan,) = session.exec(select(Coverage).where(col(Coverage.patient_id) == THI))
            session.add(
                EligibilityCheck(
                    patient_id=THI, coverage_id=plan.id, checked_on=date(2026, 11, 27), as_of=TODAY,
                    result=EligibilityResult.INACTIVE,
                )
            )  # fmt: skip

    async with sheet(paths, "EstimateForm", patient_id=THI, fill=fill) as (_, app, _p):
        assert "Humana said inactive on Fri 27 Nov: check it for Mon 30 Nov" in words(app)


async def test_a_copay_only_and_a_plan_without_a_maximum(paths: PracticePaths) -> None:
    async with sheet(paths, "EstimateForm") as (pilot, app, practice):
        await type_down(pilot, "Visit", "150", "", "", "none")
        assert "the plan has no maximum" in words(app)
        await pilot.press("i", "tab")
        await write(pilot, "30")
        assert "Patient owes: $30.00" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT low, high, deductible_left FROM estimate") == [("30.00", "30.00", None)]


def read_benefits(practice: Practice) -> None:
    """Humana named figures on 3 Nov; Thi has a visit this year and one the next."""
    with practice.change("benefits") as session:
        check = EligibilityCheck(
            patient_id=THI, coverage_id=1, checked_on=date(2026, 11, 3), as_of=TODAY,
            result=EligibilityResult.ACTIVE, benefits_read_on=date(2026, 11, 3),
        )  # fmt: skip
        session.add(check)
        session.flush()
        for kind, amount, percent in (
            (BenefitKind.DEDUCTIBLE, D(200), None),
            (BenefitKind.OUT_OF_POCKET, D(3100), None),
            (BenefitKind.COINSURANCE, None, D(20)),
        ):
            session.add(
                Benefit(
                    patient_id=THI, check_id=check.id, kind=kind, amount=amount, percent=percent,
                    network=Network.IN, level=BenefitLevel.INDIVIDUAL,
                    period=BenefitPeriod.UNKNOWN if percent else BenefitPeriod.REMAINING,
                )
            )  # fmt: skip
        for day in (datetime(2026, 12, 14, 15, tzinfo=UTC), datetime(2027, 1, 4, 15, tzinfo=UTC)):
            session.add(Appointment(patient_id=THI, title="Knee MRI", starts_at=day, booked_on=TODAY))


async def test_an_estimate_starts_from_the_newest_benefits(paths: PracticePaths) -> None:
    about: dict[str, Any] = {"patient_id": THI, "fill": read_benefits, "appointment_id": 1}
    async with sheet(paths, "EstimateForm", **about) as (pilot, app, practice):
        text = words(app)
        assert "Humana: figures on file show their day." in text
        for figure in ("200.00", "20 %", "3,100.00"):
            assert f"{figure} as of Tue 3 Nov, in network, individual" in text
        assert "Knee MRI" in text
        await pilot.press("down", "down", "end")
        await pilot.press(*["backspace"] * 6)
        await write(pilot, "150")
        assert "150 = $150.00" in words(app), "what is typed over it is not the payer's any more"
        await pilot.press(*["backspace"] * 3)
        await write(pilot, "200")
        assert words(app).count("as of Tue 3 Nov") == 3
        await pilot.press("up", "up")
        await pilot.press("tab")
        await type_down(pilot, "900")
        await pilot.press("tab", "tab", "tab", "n", "ctrl+s")
        await pilot.pause()
        kept = rows(practice, "SELECT high, coverage_id, appointment_id, coinsurance_percent FROM estimate")
        assert [(Decimal(str(kept[0][0])), *kept[0][1:3], Decimal(str(kept[0][3])))] == [
            (D("340.00"), 1, 1, D(20))
        ]


async def test_what_is_left_of_last_years_deductible_is_unknown(paths: PracticePaths) -> None:
    about: dict[str, Any] = {"patient_id": THI, "fill": read_benefits, "appointment_id": 2}
    async with sheet(paths, "EstimateForm", **about) as (_, app, _practice):
        text = words(app)
        assert "unknown from 1 Jan: was $200.00, Tue 3 Nov" in text
        assert "unknown from 1 Jan: was $3,100.00, Tue 3 Nov" in text
        assert "20 % as of Tue 3 Nov, in network, individual" in text
        assert app.screen.query_one("#deductible_left").value == ""  # type: ignore[attr-defined]


# --- the good-faith estimate --------------------------------------------------------------------


def self_pay_visits(practice: Practice) -> None:
    with practice.change("visits") as session:
        alone = Payer(name="Self-pay", payer_class=PayerClass.SELF_PAY)
        session.add(alone)
        session.flush()
        session.add(Coverage(patient_id=ROSE, payer_id=alone.id))
        for day in (14, 3, 2):
            starts = datetime(2026, 12, day, 15, tzinfo=UTC)
            session.add(Appointment(patient_id=ROSE, title="Visit", starts_at=starts, booked_on=TODAY))


async def test_an_estimate_is_given_and_the_bill_may_be_disputed(paths: PracticePaths) -> None:
    about: dict[str, Any] = {"fill": self_pay_visits, "appointment_id": 1}
    async with sheet(paths, "GoodFaithForm", **about) as (pilot, app, practice):
        await pilot.press("tab", "tab", "tab")
        await type_down(pilot, "today", "1,200")
        assert "= $1,200.00" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        state = "SELECT appointment_id, given_on, amount, status, billed, billed_on FROM good_faith"
        assert rows(practice, state) == [(1, "2026-11-30", "1200.00", "closed", None, None)]
        await reopen(pilot, app, practice, "GoodFaithForm", appointment_id=1)
        await pilot.press(*["tab"] * 5)
        await type_down(pilot, "1600", "27 nov")
        text = words(app)
        assert "the patient may dispute it" in text
        assert "= Fri 27 Nov 2026" in text
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, state) == [(1, "2026-11-30", "1200.00", "closed", "1600.00", "2026-11-27")]


async def test_an_estimate_on_request_needs_the_day_of_the_request(paths: PracticePaths) -> None:
    async with sheet(paths, "GoodFaithForm") as (pilot, app, practice):
        await pilot.press("r", "ctrl+s")
        await pilot.pause()
        assert front(app) == "GoodFaithForm"
        assert "enter one" in words(app)
        assert rows(practice, "SELECT count(*) FROM good_faith") == [(0,)]
        await pilot.press("tab", "tab")
        await write(pilot, "today")
        assert "Due Thu 3 Dec." in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT requested_on, status FROM good_faith") == [("2026-11-30", "open")]


# --- the payment plan ---------------------------------------------------------------------------


def a_plan_in_arrears(practice: Practice) -> None:
    from carecoord_tui.store.actions.billing import create_payment_plan

    number = create_payment_plan(practice, ROSE, total=D(410), parts=4, first_on=TODAY)
    with practice.change("time goes by") as session:
        for part_id, day in ((1, date(2026, 10, 30)), (2, TODAY)):
            part = session.get(Installment, part_id)
            assert part is not None
            assert part.plan_id == number
            part.due_on = day
            session.add(part)


async def test_a_payment_goes_to_the_oldest_part_and_undo_takes_it_back(paths: PracticePaths) -> None:
    async with sheet(paths, "PaymentPlanForm", fill=a_plan_in_arrears) as (pilot, app, practice):
        text = words(app)
        assert "Overdue $102.50 since Fri 30 Oct 2026" in text
        assert "Paid $0.00 of $410.00, left $410.00" in text
        await pilot.press("tab", "tab")
        await write(pilot, "500")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "$500.00 is more than the $410.00 left" in words(app)
        await pilot.press("backspace", "backspace", "backspace")
        await write(pilot, "150")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Cole, Rose · Payment of $150.00 recorded." in said(app)
        paid = "SELECT due_on, amount FROM installment WHERE paid_on = '2026-11-30' ORDER BY due_on"
        assert rows(practice, paid) == [("2026-10-30", "102.50"), ("2026-11-30", "47.50")]
        await reopen(pilot, app, practice, "PaymentPlanForm")
        text = words(app)
        assert "Paid $150.00 of $410.00, left $260.00" in text
        assert "$102.50 $47.50 of it paid today" in text
        assert "Overdue" not in text
        await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")
        app.screen.query_one(RecordList).focus()
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, paid) == []


async def test_a_plan_ends_unpaid_only_with_a_reason(paths: PracticePaths) -> None:
    async with sheet(paths, "PaymentPlanForm", fill=a_plan_in_arrears) as (pilot, app, practice):
        await pilot.press("tab", "e", "ctrl+s")
        await pilot.pause()
        assert "Say why the plan ends" in words(app)
        await pilot.press("tab")
        await write(pilot, "forgiven")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT status, note FROM payment_plan") == [("closed", "forgiven")]


# --- who pays first -----------------------------------------------------------------------------


async def test_plans_that_are_not_on_file_are_ordered_and_not_set(paths: PracticePaths) -> None:
    async with sheet(paths, "CoverageOrderSheet") as (pilot, app, practice):
        assert "Which plans are there?" in words(app)
        await write(pilot, "Mother's plan, Father's plan")
        await pilot.press("enter")
        await pilot.pause()
        asked = []
        for answer in ("g", "g", "1", "2", "t", "01-20", "03-02"):
            asked.append(words(app))
            if len(answer) == 1:
                await pilot.press(answer)
            else:
                await write(pilot, answer)
                assert ("= 2 Mar" if answer == "03-02" else "= 20 Jan") in words(app)
                await pilot.press("enter")
            await pilot.pause()
        assert "What kind of plan is Father's plan?" in asked[0]
        assert "Whose plan is Father's plan?" in asked[2]
        assert "How do the parents live?" in asked[4]
        assert "Father's plan: birthday of the parent" in asked[5]
        text = words(app)
        assert "Father's plan pays first, then Mother's plan." in text
        assert "Birthday rule: 20 Jan comes before 2 Mar in the year." in text
        assert "NAIC" in text
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "CoverageOrderSheet"
        assert "Not all of them are on file" in words(app)
        assert rows(practice, "SELECT count(*) FROM coverage WHERE patient_id = ?", ROSE) == [(0,)]


def two_plans(practice: Practice) -> None:
    with practice.change("plans") as session:
        first, second = (
            Payer(name=name, payer_class=PayerClass.ERISA) for name in ("Union Plan", "Mill Plan")
        )
        session.add_all([first, second])
        session.flush()
        session.add_all(
            [
                Coverage(patient_id=ROSE, payer_id=first.id, rank=1),
                Coverage(patient_id=ROSE, payer_id=second.id, rank=2),
            ]
        )


ORDER = (
    "SELECT p.name FROM coverage c JOIN payer p ON p.id = c.payer_id WHERE c.patient_id = 3 ORDER BY c.rank"
)


async def test_the_order_of_plans_on_file_is_set_when_confirmed(paths: PracticePaths) -> None:
    async with sheet(paths, "CoverageOrderSheet", fill=two_plans) as (pilot, app, practice):
        assert "Whose plan is Mill Plan?" in words(app)  # the kind is known from the payers' class
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "not decided yet" in words(app)
        await pilot.press("s", "p")
        await pilot.pause()
        text = words(app)
        assert "Mill Plan pays first, then Union Plan." in text
        assert "subscriber before dependent" in text
        assert rows(practice, ORDER) == [("Union Plan",), ("Mill Plan",)]
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, ORDER) == [("Mill Plan",), ("Union Plan",)]
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, ORDER) == [("Union Plan",), ("Mill Plan",)]


async def test_where_no_rule_decides_it_says_whom_to_ask(paths: PracticePaths) -> None:
    async with sheet(paths, "CoverageOrderSheet", fill=two_plans) as (pilot, app, _):
        await pilot.press("s", "s", "c", "c")
        await pilot.pause()
        text = words(app)
        assert "Cannot decide: ask Mill Plan, Union Plan which pays first" in text
        await pilot.press("up")
        await pilot.pause()
        assert "Union Plan: from current work, or from before?" in words(app)
        await pilot.press("r")
        await pilot.pause()
        assert "Mill Plan pays first" in words(app)


# --- questions and assistance -------------------------------------------------------------------


async def test_a_billing_question_is_opened_and_answered(paths: PracticePaths) -> None:
    async with sheet(paths, "BillingCaseForm", patient_id=THI) as (pilot, app, practice):
        await write(pilot, "Billed twice")
        await pilot.press("tab", "1", "tab")
        await type_down(pilot, "88.20")
        await pilot.press("ctrl+s")
        await pilot.pause()
        state = "SELECT title, payer_id, amount, status, note FROM billing_case"
        assert rows(practice, state) == [("Billed twice", 1, "88.20", "open", "")]
        await reopen(pilot, app, practice, "BillingCaseForm", THI)
        assert "Billed twice · Humana · $88.20 · asked Mon 30 Nov" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "How was it answered" in words(app)
        await write(pilot, "second bill cancelled")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, state) == [("Billed twice", 1, "88.20", "closed", "second bill cancelled")]


async def test_assistance_is_applied_for_approved_and_renewed(paths: PracticePaths) -> None:
    async with sheet(paths, "AssistanceForm") as (pilot, app, practice):
        await write(pilot, "CGM foundation")
        await pilot.press("ctrl+s")
        await pilot.pause()
        state = "SELECT program, status, renew_on FROM assistance"
        assert rows(practice, state) == [("CGM foundation", "applied", None)]
        await reopen(pilot, app, practice, "AssistanceForm")
        await pilot.press("tab", "a", "ctrl+s")
        await pilot.pause()
        assert "By when must it be renewed?" in words(app)
        await write(pilot, "+6m")
        assert "= Sun 30 May 2027" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, state) == [("CGM foundation", "approved", "2027-05-30")]
        await reopen(pilot, app, practice, "AssistanceForm")
        await pilot.press("tab", "r", "tab")
        await write(pilot, "+12m")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, state) == [("CGM foundation", "approved", "2027-11-30")]


# --- bad input in every field of money ----------------------------------------------------------

FIELDS = (
    ("EstimateForm", ("allowed", "deductible_left", "out_of_pocket_left", "copay", "noncovered")),
    ("GoodFaithForm", ("amount", "billed")),
    ("PaymentPlanForm", ("total",)),
    ("BillingCaseForm", ("amount",)),
    ("AssistanceForm", ("amount",)),
)
REFUSED = (
    ("-88.20", "cannot be negative"),
    ("(88.20)", "cannot be negative"),
    ("12,5", "not understood"),
    ("1.234,50", "not understood"),
    ("1e3", "not understood"),
    ("5,000,000", "$5,000,000.00 is more than $1,000,000.00"),
)
KEPT = (
    "SELECT (SELECT count(*) FROM estimate) + (SELECT count(*) FROM good_faith)"
    " + (SELECT count(*) FROM payment_plan) + (SELECT count(*) FROM installment)"
    " + (SELECT count(*) FROM billing_case) + (SELECT count(*) FROM assistance)"
)
"""How many records of what care costs there are."""


async def retype(pilot: Pilot[None], app: CarecoordApp, name: str, text: str) -> None:
    """Another text in a field."""
    control = app.screen.query_one(f"#{name}", Input)
    control.focus()
    await pilot.press("end", *["backspace"] * len(control.value))
    await write(pilot, text)


@pytest.mark.parametrize(("form", "names"), FIELDS)
async def test_an_amount_is_refused_or_echoed(
    paths: PracticePaths, form: str, names: tuple[str, ...]
) -> None:
    async with sheet(paths, form) as (pilot, app, practice):
        for name in names:
            for typed, problem in REFUSED:
                await retype(pilot, app, name, typed)
                assert "not understood yet" in words(app)
                await pilot.press("ctrl+s")
                await pilot.pause()
                assert front(app) == form
                assert problem in words(app)
                assert app.focused is not None
                assert app.focused.id == name
            await retype(pilot, app, name, "$1,234.5")
            assert "= $1,234.50" in words(app)
            await retype(pilot, app, name, "")
        assert rows(practice, KEPT) == [(0,)]


async def test_a_payment_that_is_no_money_is_refused(paths: PracticePaths) -> None:
    async with sheet(paths, "PaymentPlanForm", fill=a_plan_in_arrears) as (pilot, app, practice):
        await pilot.press("tab", "tab")
        for typed, problem in (*REFUSED, ("0", "above zero"), ("410.01", "more than the $410.00 left")):
            await retype(pilot, app, "paid", typed)
            await pilot.press("ctrl+s")
            await pilot.pause()
            assert problem in words(app)
        assert rows(practice, "SELECT count(*) FROM installment WHERE paid_on IS NOT NULL") == [(0,)]


@pytest.mark.parametrize(
    ("typed", "told"),
    [("-5", "cannot be negative"), ("101", "more than 100 %"), ("30 percent", "not understood")],
)
async def test_a_percentage_that_is_none_is_refused(paths: PracticePaths, typed: str, told: str) -> None:
    async with sheet(paths, "EstimateForm") as (pilot, app, practice):
        await retype(pilot, app, "coinsurance", typed)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert told in words(app)
        assert rows(practice, KEPT) == [(0,)]


async def test_up_keeps_what_is_typed_and_what_was_answered(paths: PracticePaths) -> None:
    async with sheet(paths, "CoverageOrderSheet") as (pilot, app, _practice):
        await write(pilot, "Zeta, Alpha")
        await pilot.press("enter")
        await pilot.pause()
        asked = words(app)
        assert "what kind" in asked.lower()
        await pilot.press("up")
        await pilot.pause()
        typed = app.screen.query_one("#typed", Input)
        assert typed.value == "Zeta, Alpha", "the plans as they were typed, in their order"
        await pilot.press("up")
        assert typed.value == "Zeta, Alpha"
        await pilot.press("enter", "g")
        await pilot.pause()
        await pilot.press("up")
        await pilot.pause()
        assert "[g group, through work]" in words(app)
