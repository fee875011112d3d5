"""The eligibility form by keys: nothing changed, everything changed, inactive, families, wrong amounts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime

import pytest
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import PayerClass
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.eligibility_form import EligibilityForm
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Appointment, Coverage, Payer
from carecoord_tui.widgets.choice import ChoiceRow
from tests.conftest import ZONE
from tests.screens.bench import arrive, at_work, front, rows, said, shown, write

THI, ODD = 1, 4  # of the bench: with Humana, and without coverage
VISIT_ON = date(2026, 12, 2)
CHECK = "SELECT checked_on, as_of, result, benefits_read_on FROM eligibility_check ORDER BY id DESC LIMIT 1"
FIGURES = "SELECT kind, network, level, period, amount, percent FROM benefit ORDER BY id"


def book(practice: Practice, patient_id: int = THI, *, hour: int = 9) -> int:
    with practice.change("visit") as session:
        starts_at = datetime(VISIT_ON.year, VISIT_ON.month, VISIT_ON.day, hour, tzinfo=ZONE)
        visit = Appointment(patient_id=patient_id, starts_at=starts_at, booked_on=date(2026, 11, 2))
        session.add(visit)
        session.flush()
        assert visit.id is not None
        return visit.id


def second_plan(practice: Practice) -> None:
    with practice.change("plan") as session:
        payer = Payer(name="Aetna [b]", payer_class=PayerClass.ERISA)
        session.add(payer)
        session.flush()
        session.add(Coverage(patient_id=THI, payer_id=payer.id, rank=2))


async def open_form(
    pilot: Pilot[None], app: CarecoordApp, practice: Practice, visit: int | None, patient_id: int = THI
) -> None:
    app.push_screen(EligibilityForm(practice, patient_id, "Nguyen, Thi", appointment_id=visit))
    await arrive(pilot, app, "EligibilityForm")


@asynccontextmanager
async def form(
    paths: PracticePaths, *, size: tuple[int, int] = (80, 24), plans: int = 1
) -> AsyncIterator[tuple[Pilot[None], CarecoordApp, Practice]]:
    """The form in front, for the visit of Wed 2 Dec."""
    async with at_work(paths, size=size) as (pilot, app, practice):
        visit = book(practice)
        if plans == 2:
            second_plan(practice)
        await open_form(pilot, app, practice, visit)
        yield pilot, app, practice


async def to_field(pilot: Pilot[None], app: CarecoordApp, name: str) -> None:
    """Down until the field has the focus."""
    for _ in range(30):
        focused = app.focused
        ids = {one.id for one in focused.ancestors_with_self} if focused is not None else set()
        if name in ids:
            return
        await pilot.press("down")
    raise AssertionError(f"{name} cannot be reached")


async def fill(pilot: Pilot[None], app: CarecoordApp, **texts: str) -> None:
    for name, text in texts.items():
        await to_field(pilot, app, name)
        await write(pilot, text)


async def test_two_keys_when_nothing_changed_and_the_old_copay_keeps_its_day(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await pilot.press("a", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        await pilot.pause()
        assert rows(practice, CHECK) == [("2026-11-30", "2026-12-02", "active", None)]
        assert rows(practice, FIGURES) == []
        assert rows(practice, "SELECT count(*) FROM ledger WHERE kind = 'eligibility'") == [(0,)]
        assert "Recorded: active for Wed 2 Dec" in said(app)


async def test_every_figure_typed_is_echoed_and_kept_apart(paths: PracticePaths) -> None:
    async with form(paths, size=(120, 36)) as (pilot, app, practice):
        await pilot.press("a")
        await fill(pilot, app, copay="30", deductible="1,500", deductible_left="200", coinsurance="0.3")
        text = shown(app)
        assert "= $30.00" in text
        assert "= $1,500.00" in text
        assert "read as a share" in text
        await fill(pilot, app, oop="5000", oop_left="$4,100.50")
        await to_field(pilot, app, "authorization")
        await pilot.press("y", "down", "n")
        await fill(pilot, app, plan_said="Gold Plus", reference="I-2", spoke_with="Lee")
        await pilot.press("down", "p", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, FIGURES) == [
            ("copay", "in", "individual", "visit", "30.00", None),
            ("deductible", "in", "individual", "year", "1500.00", None),
            ("deductible", "in", "individual", "remaining", "200.00", None),
            ("coinsurance", "in", "individual", "unknown", None, "30.0"),
            ("out_of_pocket", "in", "individual", "year", "5000.00", None),
            ("out_of_pocket", "in", "individual", "remaining", "4100.50", None),
        ]
        assert rows(
            practice,
            "SELECT authorization_needed, referral_needed, plan_said, reference, spoke_with, method,"
            " benefits_read_on, made_by FROM eligibility_check",
        ) == [(1, 0, "Gold Plus", "I-2", "Lee", "phone", "2026-11-30", "Dana Reyes")]


async def test_what_is_on_file_stands_beside_the_field_with_its_day(paths: PracticePaths) -> None:
    async with form(paths, size=(120, 36)) as (pilot, app, practice):
        assert "unknown" in shown(app)
        await pilot.press("a")
        await fill(pilot, app, copay="30")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        await open_form(pilot, app, practice, 1)
        text = shown(app)
        assert "on file: $30.00, read Mon 30 Nov" in text
        assert "active for Wed 2 Dec, checked Mon 30 Nov" in text
        await pilot.press("a", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT count(*) FROM benefit") == [(1,)]


async def test_family_and_out_of_network_are_figures_of_their_own(paths: PracticePaths) -> None:
    async with form(paths, size=(120, 36)) as (pilot, app, practice):
        await pilot.press("a")
        await fill(pilot, app, deductible="500")
        await pilot.press("up", "up", "f")
        await fill(pilot, app, deductible="1000")
        await pilot.press("up", "up")
        group = app.screen.query_one("#group", ChoiceRow)
        assert app.focused is group
        await pilot.press("right")  # stepping instead of the key: out of network
        await fill(pilot, app, deductible="3000")
        await pilot.press("up", "up", "i")
        assert "= $500.00" in shown(app), "what was typed first is still there"
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        found = rows(practice, "SELECT network, level, amount FROM benefit ORDER BY id")
        assert found == [
            ("in", "individual", "500.00"),
            ("in", "family", "1000.00"),
            ("out", "individual", "3000.00"),
        ]


async def test_inactive_is_a_task_and_the_plan_stays_unless_said_otherwise(paths: PracticePaths) -> None:
    async with form(paths, plans=2) as (pilot, app, practice):
        await pilot.press("i")
        await pilot.pause()
        text = shown(app)
        assert "also on file: Aetna [b]" in text
        assert "Deductible" not in text
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT rule_id, target_on FROM ledger WHERE kind = 'eligibility'") == [
            ("eligibility.resolve", "2026-12-01")
        ]
        assert rows(practice, "SELECT status FROM coverage WHERE patient_id = 1 AND rank = 1") == [
            ("unknown",)
        ]
        await open_form(pilot, app, practice, 1)
        await pilot.press("i")
        await to_field(pilot, app, "keep")
        await pilot.press("e", "down")
        await write(pilot, "10/31")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT status, ends_on FROM coverage WHERE patient_id = 1 ORDER BY rank") == [
            ("cancelled", "2026-10-31"),
            ("unknown", None),
        ]
        ((title,),) = rows(practice, "SELECT title FROM ledger WHERE kind = 'eligibility'")
        assert title == "Check eligibility: Aetna [b]"


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("copay", "-30", "cannot be negative"),
        ("deductible", "1.234,50", "not understood"),
        ("oop", "99999999", "more than"),
        ("coinsurance", "120", "more than 100"),
    ],
)
async def test_an_impossible_amount_stands_at_its_field(
    paths: PracticePaths, field: str, typed: str, words: str
) -> None:
    async with form(paths, size=(120, 36)) as (pilot, app, practice):
        await pilot.press("a")
        await fill(pilot, app, **{field: typed})
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "EligibilityForm"
        assert words in shown(app)
        assert rows(practice, "SELECT count(*) FROM eligibility_check") == [(0,)]


async def test_a_problem_of_a_group_out_of_sight_brings_it_back(paths: PracticePaths) -> None:
    async with form(paths, size=(120, 36)) as (pilot, app, practice):
        await pilot.press("a")
        await to_field(pilot, app, "group")
        await pilot.press("f")
        await fill(pilot, app, deductible="100", deductible_left="300")
        await pilot.press("up", "up", "up", "i", "ctrl+s")
        await pilot.pause()
        assert app.screen.query_one("#group", ChoiceRow).value == "in_family"
        assert "More is left than there was" in shown(app)
        assert rows(practice, "SELECT count(*) FROM benefit") == [(0,)]


async def test_without_a_result_or_a_plan_nothing_is_recorded(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "What did the payer say" in shown(app)
        await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")
        await open_form(pilot, app, practice, None, ODD)
        assert "no coverage on file" in shown(app)
        await pilot.press("a", "ctrl+s")
        await pilot.pause()
        assert front(app) == "EligibilityForm"
        assert rows(practice, "SELECT count(*) FROM eligibility_check") == [(0,)]


async def test_a_draft_is_not_lost_by_one_key(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await pilot.press("a")
        await to_field(pilot, app, "group")
        await pilot.press("o")
        await fill(pilot, app, copay="75")
        await to_field(pilot, app, "group")
        await pilot.press("i", "escape")
        await pilot.pause()
        assert front(app) == "EligibilityForm"
        assert "Not saved" in shown(app)
        await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT count(*) FROM eligibility_check") == [(0,)]
