"""What care costs on the patient page: every record is listed, enter and ``i`` open its form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import col, select
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import AssistanceStatus, AuthorizationStatus, BillingStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.patient_page import PatientPage
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import (
    Appointment,
    AssistanceProgram,
    Authorization,
    BillingCase,
    Coverage,
    Estimate,
    GoodFaithEstimate,
    Installment,
    Payer,
    PaymentPlan,
)
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import TODAY, arrive, at_work, front, rows, said, shown, write

THI, ROSE = 1, 3
D = Decimal
NOVEMBER = date(2026, 11, 3)


def fill(practice: Practice) -> None:
    """One record of each sort, and a closed one of each sort that closes."""
    with practice.change("billing") as session:
        plans = [
            PaymentPlan(patient_id=ROSE, title="Surgery", total=D(410), agreed_on=NOVEMBER),
            PaymentPlan(
                patient_id=ROSE, title="Old bill", total=D(50), agreed_on=NOVEMBER,
                status=BillingStatus.CLOSED, closed_on=TODAY,
            ),
        ]  # fmt: skip
        session.add_all(plans)
        session.flush()
        dues = (date(2026, 11, 10), date(2026, 11, 24), date(2026, 12, 24), date(2027, 1, 24))
        parts = [
            Installment(patient_id=ROSE, plan_id=plans[0].id or 0, due_on=due_on, amount=D("102.50"))
            for due_on in dues
        ]
        parts[0].paid_on = NOVEMBER
        old = Installment(
            patient_id=ROSE, plan_id=plans[1].id or 0, due_on=NOVEMBER, amount=D(50), paid_on=TODAY
        )
        session.add_all(
            [
                *parts,
                old,
                Estimate(patient_id=ROSE, service="MRI", made_on=NOVEMBER, low=D(410), high=D(410)),
                GoodFaithEstimate(patient_id=ROSE, service="Allergy test", requested_on=TODAY),
                BillingCase(patient_id=ROSE, title="Billed twice", opened_on=NOVEMBER, amount=D("88.20")),
                BillingCase(
                    patient_id=ROSE, title="Wrong code", opened_on=NOVEMBER, status=BillingStatus.CLOSED,
                    closed_on=TODAY, note="corrected claim sent",
                ),
                AssistanceProgram(
                    patient_id=ROSE, program="Copay card", status=AssistanceStatus.APPROVED,
                    applied_on=NOVEMBER, decided_on=NOVEMBER, renew_on=date(2027, 3, 31), amount=D(75),
                ),
                AssistanceProgram(
                    patient_id=ROSE, program="Foundation", status=AssistanceStatus.DECLINED,
                    applied_on=NOVEMBER, decided_on=TODAY, note="income too high",
                ),
            ]
        )  # fmt: skip


@asynccontextmanager
async def on_tab(
    paths: PracticePaths, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[None], CarecoordApp, Practice]]:
    """The Insurance tab of Rose's page, reached by keys."""
    async with at_work(paths, size=size) as (pilot, app, practice):
        fill(practice)
        app.open_patient(ROSE)
        await arrive(pilot, app, "PatientPage")
        page = app.screen
        assert isinstance(page, PatientPage)
        for _ in range(12):
            if page._tab.key == "insurance":
                break
            await pilot.press("right")
            await pilot.pause()
        yield pilot, app, practice


def listing(app: CarecoordApp) -> RecordList:
    return app.screen.query_one("#insurance", RecordList)


def told(app: CarecoordApp) -> str:
    return " ".join(shown(app).split())


@pytest.mark.parametrize("size", [(120, 40), (80, 30)])
async def test_every_record_is_listed_with_where_it_stands(
    paths: PracticePaths, size: tuple[int, int]
) -> None:
    async with on_tab(paths, size) as (_, app, _practice):
        text = told(app)
        assert "ESTIMATES ▐ MRI $410.00 made 3 Nov" in text
        assert "Allergy test not given yet asked 30 Nov" in text
        assert "BILLS Billed twice open asked 3 Nov" in text
        assert "Wrong code answered answered 30 Nov" in text
        assert "Surgery $102.50 overdue since 24 Nov" in text
        assert "Old bill paid off closed 30 Nov" in text
        assert "ASSISTANCE Copay card approved renew 31 Mar 2027" in text
        assert "Foundation declined answered 30 Nov" in text


async def test_the_highlighted_record_is_said_in_full(paths: PracticePaths) -> None:
    async with on_tab(paths) as (pilot, app, _):
        for row, words in (
            (("payment_plan", 1), "paid $102.50 of $410.00 · next $102.50 on Thu 24 Dec · agreed Tue 3 Nov"),
            (("billing", 2), "asked Tue 3 Nov · corrected claim sent"),
            (("assistance", 2), "applied Tue 3 Nov · answered Mon 30 Nov · income too high"),
            (("good_faith", 1), "asked for Mon 30 Nov"),
        ):
            assert listing(app).move_to(row)
            await pilot.pause()
            assert words in told(app)


@pytest.mark.parametrize("keys", [("enter",), ("i", "i"), ("i", "enter")])
@pytest.mark.parametrize(
    ("row", "form", "words"),
    [
        (("good_faith", 1), "GoodFaithForm", "Allergy test, not given yet"),
        (("billing", 1), "BillingCaseForm", "Billed twice · $88.20 · asked Tue 3 Nov"),
        (("payment_plan", 1), "PaymentPlanForm", "Paid $102.50 of $410.00"),
        (("assistance", 1), "AssistanceForm", "renew by Wed 31 Mar"),
    ],
)
async def test_a_key_opens_the_form_of_the_record(
    paths: PracticePaths, keys: tuple[str, ...], row: tuple[str, int], form: str, words: str
) -> None:
    async with on_tab(paths) as (pilot, app, _):
        assert listing(app).move_to(row)
        await pilot.press(*keys)
        await arrive(pilot, app, form)
        assert words in told(app)


async def test_i_on_a_requested_good_faith_estimate_changes_that_record(paths: PracticePaths) -> None:
    async with on_tab(paths) as (pilot, app, practice):
        assert listing(app).move_to(("good_faith", 1))
        await pilot.press("i", "i")
        await arrive(pilot, app, "GoodFaithForm")
        await pilot.press("tab", "tab", "tab")
        await write(pilot, "today")
        await pilot.press("tab")
        await write(pilot, "1,250")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        found = "SELECT id, service, requested_on, given_on, amount, status FROM good_faith"
        assert rows(practice, found) == [(1, "Allergy test", "2026-11-30", "2026-11-30", "1250.00", "closed")]
        assert "Allergy test $1,250.00 given 30 Nov" in told(app)


@pytest.mark.parametrize("row", [("billing", 2), ("payment_plan", 2), ("assistance", 2)])
async def test_a_closed_record_stays_as_it_is(paths: PracticePaths, row: tuple[str, int]) -> None:
    async with on_tab(paths) as (pilot, app, _):
        assert listing(app).move_to(row)
        await pilot.press("enter")
        await pilot.pause()
        assert front(app) == "PatientPage"
        assert "closed and stays as it is" in said(app)


async def test_a_gap_between_plans_and_an_authorization_that_ends_too_early_are_said(
    paths: PracticePaths,
) -> None:
    async with at_work(paths, size=(120, 40)) as (pilot, app, practice):
        with practice.change("coverage") as session:
            (humana,) = session.exec(select(Coverage).where(col(Coverage.patient_id) == THI))
            humana.ends_on = date(2026, 12, 31)
            aetna = Payer(name="Aetna")
            session.add_all([humana, aetna])
            session.flush()
            session.add(
                Coverage(patient_id=THI, payer_id=aetna.id, rank=2, starts_on=date(2027, 2, 1))  # type: ignore[arg-type]
            )
            visit = Appointment(
                patient_id=THI, starts_at=datetime(2026, 12, 16, 15, tzinfo=UTC), booked_on=TODAY
            )
            session.add(visit)
            session.flush()
            request = session.get_one(Authorization, 1)
            request.status, request.valid_to = AuthorizationStatus.APPROVED, date(2026, 12, 11)
            request.decided_on, request.appointment_id = TODAY, visit.id
            session.add(request)
        app.open_patient(THI)
        await arrive(pilot, app, "PatientPage")
        page = app.screen
        assert isinstance(page, PatientPage)
        while page._tab.key != "insurance":
            await pilot.press("right")
            await pilot.pause()
        text = told(app)
        assert "1st to 31 Dec" in text
        assert "2nd from 1 Feb 2027" in text
        assert "! Not covered Fri 1 Jan 2027 to Sun 31 Jan 2027: Humana ends Thu 31 Dec, Aetna" in text
        assert listing(app).move_to(("authorization", 1))
        await pilot.pause()
        assert "! ends before a booked visit, Wed 16 Dec" in told(app)
        assert listing(app).move_to(("gap", 0))
        await pilot.press("enter")
        await pilot.pause()
        assert front(app) == "PatientPage"
