"""The insurance of the Monday (steps 5 to 7, 10, 11 and 23), by keys alone through the real app."""

from __future__ import annotations

from textual.pilot import Pilot

from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.record_list import RecordList
from tests.e2e.conftest import Opened
from tests.e2e.test_monday_referrals import assert_whole, parts
from tests.screens.bench import front, until


def item_of(practice: Practice, family: str, kind: str) -> list[tuple[object, ...]]:
    """Rule, do-by, last day, warning, title and why of the person's items of a kind."""
    return practice.execute(
        "SELECT l.rule_id, l.target_on, l.legal_on, l.warn_on, l.title, l.why FROM ledger l"
        " JOIN patient p ON p.id = l.patient_id WHERE p.family_name = ? AND l.kind = ? ORDER BY l.target_on",
        [family, kind],
    )


async def on_insurance(pilot: Pilot[None], family: str) -> None:
    """Insurance, the cursor on the person's row."""
    app, _ = parts(pilot)
    await pilot.press("4")
    await until(pilot, lambda: front(app) == "InsuranceScreen")
    await pilot.pause()
    listing = app.screen.query_one(RecordList)
    for row in listing.source[slice(0, len(listing.source))]:
        if row.kind == "row":
            listing.move_to(row.id)
            await pilot.pause()
            if app.screen.subject().patient_name.startswith(family):  # type: ignore[attr-defined]
                return
    raise AssertionError(f"{family} is not on Insurance")


async def test_step_5_okafor_is_asked_before_the_clock_ends_and_the_payer_is_asked_in_two_keys(
    open_monday: Opened,
) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        ((rule_id, target_on, legal_on, *_),) = item_of(practice, "Okafor", "authorization")
        assert (rule_id, target_on, legal_on) == ("pa.federal.standard", "2026-11-30", "2026-12-01")
        await on_insurance(pilot, "Okafor")
        await pilot.press("x", "s")
        await until(pilot, lambda: front(app) == "InsuranceScreen")
        await until(pilot, lambda: item_of(practice, "Okafor", "authorization")[0][1] == "2026-12-01")
        assert_whole(practice)


async def test_step_6_brandts_denial_has_its_three_dates(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        _, practice = parts(pilot)
        await on_insurance(pilot, "Brandt")
        appeal = next(
            row for row in item_of(practice, "Brandt", "denial") if str(row[0]).startswith("appeal")
        )
        assert appeal[:4] == ("appeal.ma.reconsideration", "2027-01-29", "2027-01-31", "2027-01-26")


async def test_step_7_a_redetermination_must_arrive_so_fax_it(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        _, practice = parts(pilot)
        rows = practice.execute(
            "SELECT title, why, legal_on FROM ledger WHERE rule_id = 'appeal.medicare.redetermination'"
        )
        assert any(legal == "2026-12-04" and "fax" in f"{title} {why}".lower() for title, why, legal in rows)


async def test_steps_10_and_11_six_visits_checked_one_inactive_makes_a_task(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        app, practice = parts(pilot)
        stale = item_of(practice, "Sandoval", "eligibility")
        assert stale[0][0] == "eligibility.before_visit", "a Medicaid check made for 20 Nov is stale"
        open_checks = (
            "SELECT count(*) FROM ledger WHERE rule_id = 'eligibility.before_visit'"
            " AND visit_on <= '2026-12-03'"
        )
        assert practice.execute(open_checks) == [(6,)]
        await pilot.press("4")
        await until(pilot, lambda: front(app) == "InsuranceScreen")
        await pilot.press("E")
        await pilot.pause()
        listing = app.screen.query_one(RecordList)
        visits = [row.id for row in listing.source[slice(0, len(listing.source))] if row.kind == "row"][:6]
        for visit in visits[:5]:
            listing.move_to(visit)
            await pilot.press("space")
        await pilot.press("x", "x")
        await until(pilot, lambda: practice.execute(open_checks) == [(1,)])
        await until(pilot, lambda: front(app) == "InsuranceScreen")
        await pilot.press("escape")
        listing.move_to(visits[5])
        await pilot.pause()
        await pilot.press("x", "n")
        await until(pilot, lambda: practice.execute(open_checks) == [(0,)])
        assert practice.execute("SELECT count(*) FROM ledger WHERE rule_id = 'eligibility.resolve'") == [(1,)]
        checks = practice.execute(
            "SELECT result, as_of FROM eligibility_check WHERE checked_on = '2026-11-30' ORDER BY as_of"
        )
        assert len(checks) == 6
        assert {as_of for _, as_of in checks} == {"2026-12-02", "2026-12-03"}, "as of the visits' dates"
        assert_whole(practice)


async def test_step_23_the_renewal_is_past_due(open_monday: Opened) -> None:
    async with open_monday() as pilot:
        _, practice = parts(pilot)
        renewal = item_of(practice, "Hernandez", "authorization")[0]
        assert renewal[1] == "2026-11-27"
        assert "11 of 12" in str(renewal[4]) + str(renewal[5])
        await on_insurance(pilot, "Hernandez")
