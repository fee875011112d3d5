"""Booking on the Monday (steps 13 and 22), by keys alone through the real app."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from carecoord_tui.store.practice import Practice
from tests.e2e.conftest import Opened
from tests.e2e.test_monday_billing import to_page, words
from tests.e2e.test_monday_referrals import assert_whole, parts
from tests.screens.bench import arrive, write

OWED = (
    "SELECT l.rule_id, a.booked_on, l.legal_on FROM ledger l JOIN appointment a ON a.id = l.record_id"
    " AND l.kind = 'appointment' JOIN patient p ON p.id = l.patient_id"
    " WHERE p.family_name = ? AND l.rule_id LIKE 'gfe.%' ORDER BY a.starts_at DESC"
)
NEWEST = (
    "SELECT a.title, a.status, a.starts_at, a.booked_on FROM appointment a"
    " JOIN patient p ON p.id = a.patient_id WHERE p.family_name = ? ORDER BY a.id DESC LIMIT 1"
)
INTERPRETED = (
    "SELECT a.interpreter_needed, a.interpreter_mode, a.interpreter_name, a.interpreter_qualified"
    " FROM appointment a JOIN patient p ON p.id = a.patient_id WHERE p.family_name = ? ORDER BY a.id"
)


async def to_new_visit(pilot: Pilot[None], name: str) -> None:
    """The form of a new visit, from the patient's page."""
    await to_page(pilot, name)
    await pilot.press("right", "a")
    await arrive(pilot, parts(pilot)[0], "AppointmentForm")


@pytest.mark.parametrize(
    ("typed", "last_day", "said"),
    [
        ("14 dec 10am", "2026-12-03", "good-faith estimate due Thu 3 Dec"),
        ("3 dec 10am", "2026-12-01", "good-faith estimate due Tue 1 Dec"),
        ("2 dec 10am", None, "nothing is due unless"),
    ],
)
async def test_step_13_a_self_pay_booking_starts_the_good_faith_clock(
    open_monday: Opened, typed: str, last_day: str | None, said: str
) -> None:
    async with open_monday(size=(80, 24)) as pilot:
        app, practice = parts(pilot)
        await to_new_visit(pilot, "lomax")
        await write(pilot, typed)
        assert said in words(pilot)
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        found = practice.execute(OWED, ["Lomax"])
        assert found == ([("gfe.scheduled", "2026-11-30", last_day)] if last_day else [])
        assert_whole(practice)


async def test_step_13_the_visit_she_was_offered_is_booked_by_the_same_key(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        await to_page(pilot, "ravndal")
        await pilot.press("a")
        await arrive(pilot, app, "AppointmentForm")
        assert "Skin check" in words(pilot)
        await write(pilot, "14 dec 10am")
        await pilot.press("tab", "b")
        await pilot.pause()
        assert "good-faith estimate due Thu 3 Dec" in words(pilot)
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert practice.execute(NEWEST, ["Ravndal"]) == [
            ("Skin check", "booked", "2026-12-14T15:00:00.000000+00:00", "2026-11-30")
        ]
        assert practice.execute(OWED, ["Ravndal"]) == [("gfe.scheduled", "2026-11-30", "2026-12-03")]
        assert_whole(practice)
        await pilot.press("u")
        await pilot.pause()
        assert practice.execute(OWED, ["Ravndal"]) == []


async def to_interpreter(pilot: Pilot[None]) -> None:
    """From the date down to the interpreter's name."""
    for _ in range(30):
        line = pilot.app.focused
        if line is not None and line.parent is not None and line.parent.id == "interpreter-name":
            return
        await pilot.press("tab")
    raise AssertionError("no key leads to the interpreter's name")


def visits(practice: Practice) -> list[tuple[object, ...]]:
    return practice.execute(INTERPRETED, ["Nguyen"])


async def test_step_22_interpreter_vietnamese_and_a_family_minor_is_refused(open_monday: Opened) -> None:
    async with open_monday(size=(80, 24)) as pilot:
        app, practice = parts(pilot)
        start = visits(practice)
        await to_new_visit(pilot, "nguyen")
        await write(pilot, "thu 10am")
        await to_interpreter(pilot)
        assert "Vietnamese" in words(pilot)
        await write(pilot, "linh")
        await pilot.press("down", "enter")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "A minor may not interpret outside an emergency (45 CFR 92.201(e)(3))" in words(pilot)
        assert visits(practice) == start
        await pilot.press("ctrl+u")
        await write(pilot, "Harbor Language Services")
        await pilot.press("tab", "y", "ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert visits(practice) == [*start, (1, None, "Harbor Language Services", 1)]
        assert_whole(practice)
