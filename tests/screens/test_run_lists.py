"""A run from every list that has cards: move, contact, done and next work on each, in the list's order."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest

from carecoord_tui.domain.dates import When
from carecoord_tui.domain.vocabulary import AuthorizationStatus, Kind, ReferralStage, WaitingOn
from carecoord_tui.domain.waiting import Waiting
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.run import RunScreen
from carecoord_tui.store import undo
from carecoord_tui.store.actions.items import move
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Authorization, FollowUp, Patient, Referral
from carecoord_tui.widgets.run_card import RunBar
from tests.screens.bench import TODAY, Pilot, arrive, at_work, front, rows, until

CARDS = 5
LISTS = {
    "1": ("TodayScreen", "Today"),
    "2": ("PatientsScreen", "Patients"),
    "3": ("ReferralsScreen", "Open referrals"),
    "4": ("InsuranceScreen", "Insurance"),
    "W": ("WaitingScreen", "Waiting on"),
    "K": ("DecideScreen", "More due"),
}


def fill_lists(practice: Practice) -> None:
    """Five cards at least for every list; more is due than Today shows, and five wait for the payer."""
    with practice.change("cards") as session:
        numbers = []
        for number in range(40):
            patient = Patient(family_name=f"Full{number:03d}", given_name="Ann", check_in_on=date(2027, 1, 4))
            session.add(patient)
            session.flush()
            task = FollowUp(patient_id=patient.id, title=f"Sort {number}", due_on=TODAY)
            session.add(task)
            session.flush()
            numbers.append((task.id or 0, patient.id or 0))
            if number < CARDS:
                session.add(
                    Referral(
                        patient_id=patient.id,
                        provider_id=1,
                        specialty="cardiology",
                        stage=ReferralStage.SENT,
                        stage_on=date(2026, 11, 16),
                        ordered_on=date(2026, 11, 16),
                        sent_on=date(2026, 11, 16),
                    )
                )
                session.add(
                    Authorization(
                        patient_id=patient.id,
                        coverage_id=1,
                        service="MRI",
                        status=AuthorizationStatus.SUBMITTED,
                        opened_on=date(2026, 11, 24),
                        submitted_at=datetime(2026, 11, 24, 15, tzinfo=UTC),
                    )
                )
    refs = [ItemRef(Kind.FOLLOW_UP, number, "followup.due", patient) for number, patient in numbers[:CARDS]]
    humana = Waiting("Humana", WaitingOn.PAYER, payer_id=1)
    move(practice, refs, When(date(2026, 12, 4)), waiting_on=humana)


def place(run: RunScreen) -> int:
    """The number of the card in front, from one."""
    found = re.search(r"(\d+) of \d+", run.query_one(RunBar)._left.plain)
    return int(found[1]) if found else 0


def newest(practice: Practice) -> int:
    """The number of the user's newest change."""
    change = undo.next_undo(practice)
    return change.change_id if change is not None else 0


@pytest.mark.parametrize("key", LISTS)
async def test_move_contact_done_and_next_on_the_cards_of(paths: PracticePaths, key: str) -> None:
    async with at_work(paths) as (pilot, app, practice):
        fill_lists(practice)
        screen, title = LISTS[key]
        await pilot.press("full_stop", key)
        await arrive(pilot, app, screen)
        await pilot.press("o")
        await _sheet_of(pilot)
        run = next(one for one in app.screen_stack if isinstance(one, RunScreen))
        assert run.query_one(RunBar)._left.plain.startswith(f" {title} ")
        assert place(run) == 1

        before = newest(practice)
        await pilot.press("escape", "s")
        await arrive(pilot, app, "MoveSheet")
        await pilot.press("enter")
        await _sheet_of(pilot)
        assert place(run) == 2, "moved, and the next card has come"
        assert newest(practice) > before

        await pilot.press("escape", "c")
        await until(pilot, lambda: front(app) in ("ContactSheet", "PayerCallSheet"))
        await pilot.press("escape")
        await arrive(pilot, app, "RunScreen")
        assert place(run) == 2, "nothing logged: the same card"
        await pilot.press("space")
        await _sheet_of(pilot)
        assert place(run) == 3

        await pilot.press("escape", "x")
        await _sheet_of(pilot)
        if front(app) == "RunDone":
            done = rows(practice, "SELECT count(*) FROM follow_up WHERE status = 'done'")
            await pilot.press("x")
            await until(pilot, lambda: place(run) == 4)
            assert rows(practice, "SELECT count(*) FROM follow_up WHERE status = 'done'") != done
        await pilot.press("escape", "escape")
        await arrive(pilot, app, screen)


async def _sheet_of(pilot: Pilot[None]) -> None:
    """The sheet of a card is in front."""
    names = ("RunDone", "RunSettle", "RunContact")
    await until(pilot, lambda: type(pilot.app.screen).__name__ in names)
    await pilot.pause()
