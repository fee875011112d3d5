"""What care costs on the Monday (steps 12, 13, 26 and 27), by keys alone through the real app."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from carecoord_tui.store.practice import Practice
from tests.e2e.conftest import Opened
from tests.e2e.test_monday_referrals import assert_whole, parts
from tests.screens.bench import arrive, shown, write


def words(pilot: Pilot[None]) -> str:
    """The text of the whole screen, on one line."""
    return " ".join(shown(parts(pilot)[0]).split())


async def to_page(pilot: Pilot[None], name: str) -> None:
    """The patient's page, by a jump."""
    app, _ = parts(pilot)
    await pilot.press("ctrl+k")
    await arrive(pilot, app, "JumpSheet")
    await write(pilot, name)
    await pilot.press("enter")
    await arrive(pilot, app, "PatientPage")


async def to_form(pilot: Pilot[None], name: str, key: str, form: str) -> None:
    """One of the insurance forms for a patient, by its key of the menu."""
    app, _ = parts(pilot)
    await to_page(pilot, name)
    await pilot.press("i")
    await arrive(pilot, app, "InsuranceMenu")
    await pilot.press(key)
    await arrive(pilot, app, form)


async def type_down(pilot: Pilot[None], *texts: str) -> None:
    """A text into each field from the present one down."""
    for text in texts:
        await write(pilot, text)
        await pilot.press("tab")
    await pilot.pause()


async def test_step_12_900_200_and_30_percent_come_to_410_and_a_blank_is_unknown(open_monday: Opened) -> None:
    async with open_monday(size=(80, 24)) as pilot:
        app, practice = parts(pilot)
        await to_form(pilot, "chen", "m", "EstimateForm")
        assert "nobody has read its benefits yet" in words(pilot)
        await type_down(pilot, "Stress test", "900", "200", "30")
        await pilot.press("tab", "n")
        await pilot.pause()
        assert "Patient owes: unknown, at most $410.00" in words(pilot)
        assert "Not known: out-of-pocket remaining." in words(pilot)
        await pilot.press("up")
        await write(pilot, "5,000")
        assert "Patient owes: $410.00" in words(pilot)
        assert "= $5,000.00" in words(pilot)
        assert "$210.00 Coinsurance: 30 % of $700.00" in words(pilot)
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        newest = (
            "SELECT service, allowed, copay_mode, low, high, made_on FROM estimate ORDER BY id DESC LIMIT 1"
        )
        assert practice.execute(newest) == [
            ("Stress test", "900.00", "none", "410.00", "410.00", "2026-11-30")
        ]
        assert_whole(practice)


OWED = (
    "SELECT l.rule_id, l.legal_on FROM ledger l JOIN patient p ON p.id = l.patient_id"
    " WHERE p.family_name = 'Ravndal' AND l.rule_id LIKE 'gfe.%'"
)


@pytest.mark.parametrize(
    ("visit", "last_day", "shown_due"),
    [
        ("14 dec 10am", "2026-12-03", "Due Thu 3 Dec."),
        ("3 dec 10am", "2026-12-01", "Due Tue 1 Dec."),
        ("2 dec 10am", None, ""),
    ],
)
async def test_step_13_a_self_pay_visit_is_booked_and_its_estimate_given_in_time(
    open_monday: Opened, visit: str, last_day: str | None, shown_due: str
) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        await to_page(pilot, "ravndal")
        await pilot.press("x")
        await arrive(pilot, app, "SettleSheet")
        await pilot.press("x")
        await write(pilot, visit)
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        assert practice.execute(OWED) == ([("gfe.scheduled", last_day)] if last_day else [])
        assert_whole(practice)
        await (give_estimate(pilot, practice, shown_due) if last_day else see_that_none_is_due(pilot))


async def see_that_none_is_due(pilot: Pilot[None]) -> None:
    """The form says why, for the visit that was just booked."""
    await pilot.press("i", "g")
    await arrive(pilot, parts(pilot)[0], "GoodFaithForm")
    assert "Wed 2 Dec Skin check" in words(pilot)
    assert "nothing is due unless" in words(pilot)
    assert "Due " not in words(pilot)


async def give_estimate(pilot: Pilot[None], practice: Practice, shown_due: str) -> None:
    """From the Billing lane: the clock is said, the amount is entered, nothing is owed any more."""
    app, _ = parts(pilot)
    await pilot.press("escape", "4", "B")
    await arrive(pilot, app, "InsuranceScreen")
    await pilot.press("slash")
    await write(pilot, "ravndal")
    await pilot.press("enter")
    await pilot.pause()
    await pilot.press("i", "i")
    await arrive(pilot, app, "GoodFaithForm")
    assert shown_due in words(pilot)
    assert "45 CFR 149.610(b)(1)" in words(pilot)
    await pilot.press("tab", "tab", "tab")
    await type_down(pilot, "today", "180")
    await pilot.press("ctrl+s")
    await arrive(pilot, app, "InsuranceScreen")
    assert practice.execute(OWED) == []
    given = "SELECT given_on, amount, status FROM good_faith WHERE appointment_id IS NOT NULL"
    assert practice.execute(given) == [("2026-11-30", "180.00", "closed")]
    assert_whole(practice)


async def test_step_26_a_payment_plan_of_410_in_4(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        await to_page(pilot, "ames")
        await pilot.press("j")  # past the question about her other bill
        await pilot.press("i")
        await arrive(pilot, app, "InsuranceMenu")
        await pilot.press("p")
        await arrive(pilot, app, "PaymentPlanForm")
        await type_down(pilot, "MRI knee", "$410", "4")
        assert words(pilot).count("$102.50") == 4
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        agreed = (
            "SELECT due_on, amount FROM installment i JOIN patient p ON p.id = i.patient_id"
            " WHERE p.family_name = 'Ames' ORDER BY due_on"
        )
        assert practice.execute(agreed) == [
            ("2026-12-01", "102.50"),
            ("2027-01-01", "102.50"),
            ("2027-02-01", "102.50"),
            ("2027-03-01", "102.50"),
        ]
        assert "Payment 1 of 4, $102.50: MRI knee" in words(pilot)
        assert_whole(practice)


async def test_step_27_the_fathers_plan_is_primary_for_the_newborn(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        order = (
            "SELECT c.plan_name FROM coverage c JOIN patient p ON p.id = c.patient_id"
            " WHERE p.family_name = 'Ferreira' ORDER BY c.rank"
        )
        assert practice.execute(order) == [("PPO (mother)",), ("Open Access (father)",)]
        await to_form(pilot, "ferreira", "o", "CoverageOrderSheet")
        asked = []
        for answer in ("g", "1", "2", "t", "03-02", "01-20"):
            asked.append(words(pilot))
            if len(answer) == 1:
                await pilot.press(answer)
            else:
                await write(pilot, answer)
                await pilot.press("enter")
            await pilot.pause()
        assert "Northern Mutual, Open Access (father): group or individual?" in asked[0]
        assert "How do the parents live?" in asked[3]
        text = words(pilot)
        mother, father = "Ironworkers Benefit Fund, PPO (mother)", "Northern Mutual, Open Access (father)"
        assert f"{father} pays first, then {mother}." in text
        assert "Birthday rule: 20 Jan comes before 2 Mar in the year. (NAIC" in text
        assert practice.execute(order) == [("PPO (mother)",), ("Open Access (father)",)], "not before ctrl+s"
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert practice.execute(order) == [("Open Access (father)",), ("PPO (mother)",)]
        assert_whole(practice)
