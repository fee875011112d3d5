"""By payer: one hold, many patients. Steps 10 and 11 of the Monday by keys."""

from __future__ import annotations

from datetime import date, datetime

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import AuthorizationStatus, EligibilityResult, PayerClass
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.payer_calls import PayerCallsScreen
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Appointment, Authorization, Coverage, EligibilityCheck, Patient, Payer
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import Row
from tests.conftest import ZONE
from tests.screens.bench import Pilot, arrive, at_work, front, rows, said, shown, until, write

ODD_PAYER = "State [b]Medicaid"
NAMES = ("Ames", "Bell", "Cruz", "Dell", "Eads", "Ford")


def fill_visits(practice: Practice) -> None:
    """Six visits of 2 and 3 December: four of Humana, two of Medicaid; Eads was checked for 20 Nov."""
    with practice.change("visits") as session:
        medicaid = Payer(name=ODD_PAYER, payer_class=PayerClass.MEDICAID_FFS, phone="+15550100190")
        session.add(medicaid)
        session.flush()
        for place, name in enumerate(NAMES):
            day = date(2026, 12, 2 + place % 2)
            patient = Patient(family_name=name, given_name="Ann", birth_date=date(1961, 3, 14))
            session.add(patient)
            session.flush()
            payer_id = medicaid.id if place >= 4 else 1
            plan = Coverage(patient_id=patient.id, payer_id=payer_id, member_id=f"M-{place}")
            starts_at = datetime(2026, 12, day.day, 9 + place, tzinfo=ZONE)
            session.add_all(
                [plan, Appointment(patient_id=patient.id, starts_at=starts_at, booked_on=date(2026, 11, 2))]
            )
            session.flush()
            if name == "Eads":
                session.add(
                    EligibilityCheck(
                        patient_id=patient.id,
                        coverage_id=plan.id,
                        checked_on=date(2026, 11, 20),
                        as_of=date(2026, 11, 20),
                        result=EligibilityResult.ACTIVE,
                    )
                )


async def by_payer(pilot: Pilot[None], app: CarecoordApp, practice: Practice) -> RecordList:
    fill_visits(practice)
    app.push_screen(PayerCallsScreen())
    await arrive(pilot, app, "PayerCallsScreen")
    return app.screen.query_one(RecordList)


def line_of(listing: RecordList, words: str) -> object:
    """The id of the line that says so."""
    every = listing.source[slice(0, listing.row_count)]
    return next(row.id for row in every if any(words in str(cell) for cell in row.cells))


def asked(listing: RecordList) -> list[Row]:
    """The lines of the list."""
    return list(listing.source[slice(0, listing.row_count)])


def checks(practice: Practice) -> list[tuple[object, ...]]:
    return rows(
        practice,
        "SELECT p.family_name, e.as_of, e.result FROM eligibility_check e JOIN patient p"
        " ON p.id = e.patient_id WHERE e.checked_on = '2026-11-30' ORDER BY 1",
    )


async def test_a_medicaid_check_for_another_day_is_asked_again(paths: PracticePaths) -> None:
    """Step 11: made for 20 November, it is stale for 2 December."""
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        listing = await by_payer(pilot, app, practice)
        text = shown(app)
        assert ODD_PAYER in text
        assert "(555) 010-0190" in text
        assert "Visit Wed 2 Dec, stale 20 Nov" in text
        assert "M-4" in text, "the member's number is what the payer asks for"
        assert listing.move_to(line_of(listing, "Eads"))
        await pilot.press("x", "x")
        await arrive(pilot, app, "PayerCallsScreen")
        assert checks(practice) == [("Eads", "2026-12-02", "active")]
        await until(pilot, lambda: not any("Eads" in str(row.cells[1:]) for row in asked(listing)))


async def test_six_visits_are_checked_as_of_their_days_and_one_is_inactive(paths: PracticePaths) -> None:
    """Step 10: five marked in one go, the sixth inactive, which is a task."""
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        listing = await by_payer(pilot, app, practice)
        for name in NAMES[:5]:
            assert listing.move_to(line_of(listing, f"{name}, Ann"))
            await pilot.press("space")
        await pilot.press("x", "x")
        await arrive(pilot, app, "PayerCallsScreen")
        assert checks(practice) == [
            (name, f"2026-12-0{2 + place % 2}", "active") for place, name in enumerate(NAMES[:5])
        ]
        assert not listing.marks
        assert listing.move_to(line_of(listing, "Ford, Ann"))
        await pilot.press("x", "n")
        await arrive(pilot, app, "PayerCallsScreen")
        found = rows(
            practice,
            "SELECT p.family_name, l.rule_id, l.target_on FROM ledger l JOIN patient p ON p.id = l.patient_id"
            " WHERE l.kind = 'eligibility'",
        )
        assert found == [("Ford", "eligibility.resolve", "2026-12-01")]
        assert rows(practice, "SELECT count(*) FROM eligibility_check WHERE benefits_read_on > ''") == [(0,)]
        await pilot.press("u")
        await until(pilot, lambda: front(app) == "ConfirmSheet" or len(checks(practice)) == 5)
        if front(app) == "ConfirmSheet":
            await pilot.press("y")
        await until(pilot, lambda: len(checks(practice)) == 5)


async def test_one_call_covers_the_payers_line_and_its_reference_goes_to_the_checks(
    paths: PracticePaths,
) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        listing = await by_payer(pilot, app, practice)
        assert listing.move_to(line_of(listing, "Humana"))
        await pilot.press("c")
        await arrive(pilot, app, "PayerCallSheet")
        await pilot.press("tab")
        await write(pilot, "H-991")
        await pilot.press("tab")
        await write(pilot, "22")
        await pilot.press("tab")
        await write(pilot, "Lee")
        await pilot.press("enter", "a")
        await arrive(pilot, app, "PayerCallsScreen")
        assert "Logged for 5 items: record each answer" in said(app)
        found = rows(practice, "SELECT about_kind, reference, spoke_with, payer_id FROM contact ORDER BY 1")
        assert found == [("authorization", "H-991", "Lee", 1), *[("eligibility", "H-991", "Lee", 1)] * 4]
        assert rows(practice, "SELECT sum(minutes) FROM contact") == [(22,)]
        assert rows(practice, "SELECT count(*) FROM ledger WHERE waiting_on > ''") == [(0,)]
        await pilot.press("x", "x")  # on the payer's line: its visits, not the decision
        await arrive(pilot, app, "PayerCallsScreen")
        assert rows(practice, "SELECT DISTINCT reference, spoke_with FROM eligibility_check"
                              " WHERE checked_on = '2026-11-30'") == [("H-991", "Lee")]  # fmt: skip
        assert len(checks(practice)) == 4


async def test_will_answer_waits_for_the_payer_within_each_things_last_day(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        listing = await by_payer(pilot, app, practice)
        assert listing.move_to(line_of(listing, "Humana"))
        await pilot.press("c", "s")
        await arrive(pilot, app, "PayerCallsScreen")
        found = rows(
            practice,
            "SELECT kind, target_on, count(*) FROM ledger WHERE waiting_on = 'Humana'"
            " GROUP BY 1, 2 ORDER BY 1, 2",
        )
        assert found == [
            ("authorization", "2026-12-01", 1),
            ("eligibility", "2026-12-01", 2),
            ("eligibility", "2026-12-02", 2),
        ]
        assert "ask again Tue 1 Dec, Wed 2 Dec" in said(app)
        await pilot.press("u")
        await until(pilot, lambda: front(app) in ("PayerCallsScreen", "ConfirmSheet"))
        if front(app) == "ConfirmSheet":
            await pilot.press("y")
        await until(pilot, lambda: rows(practice, "SELECT count(*) FROM contact") == [(0,)])


async def test_the_panel_says_no_day_after_the_last_one(paths: PracticePaths) -> None:
    """The decision's clock ends on Tue 1 Dec, a visit is on Wed 2 Dec: Thu 3 Dec is no day to ask on."""
    async with at_work(paths) as (pilot, app, practice):
        listing = await by_payer(pilot, app, practice)
        assert listing.move_to("authorization:1")
        await pilot.press("c")
        await arrive(pilot, app, "PayerCallSheet")
        assert "will answer  ask again Tue 1 Dec, cut to the last day" in shown(app)
        await pilot.press("escape")
        assert listing.move_to(line_of(listing, "Humana"))
        await pilot.press("c")
        await arrive(pilot, app, "PayerCallSheet")
        assert "will answer  ask again Tue 1 Dec to Wed 2 Dec, cut to the last day" in shown(app)
        assert "No call logged yet." in shown(app)


async def test_payers_and_questions_keep_their_places_while_calling(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        listing = await by_payer(pilot, app, practice)

        def order() -> list[object]:
            return [row.id for row in listing.source[slice(0, listing.row_count)]]

        before = order()
        place = before.index(line_of(listing, "Ames, Ann"))
        assert listing.move_to(before[place])
        await pilot.press("c", "n")  # nobody there: due later than those below it
        await arrive(pilot, app, "PayerCallsScreen")
        await until(pilot, lambda: rows(practice, "SELECT count(*) FROM moved_date") == [(1,)])
        assert order() == before
        assert listing.cursor_id == before[place]
        await pilot.press("x", "x")  # settled: the next one takes its place
        await until(pilot, lambda: order() == before[:place] + before[place + 1 :])
        assert listing.cursor_id == before[place + 1]


async def test_answered_now_moves_nothing(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        listing = await by_payer(pilot, app, practice)
        assert listing.move_to(line_of(listing, "Humana"))
        await pilot.press("c", "s")
        await arrive(pilot, app, "PayerCallsScreen")
        dates = "SELECT kind, record_id, target_on, waiting_on FROM ledger ORDER BY 1, 2, 3"
        promised = rows(practice, dates)
        await pilot.press("c", "a")
        await until(pilot, lambda: rows(practice, "SELECT count(*) FROM contact") == [(10,)])
        assert rows(practice, dates) == promised


async def test_wrong_minutes_and_two_payers_are_refused_with_words(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        listing = await by_payer(pilot, app, practice)
        await pilot.press("c")
        await arrive(pilot, app, "PayerCallSheet")
        await pilot.press("tab", "tab")
        await write(pilot, "-5")
        await pilot.press("enter", "s")
        await pilot.pause()
        assert front(app) == "PayerCallSheet"
        assert "whole number" in shown(app)
        await pilot.press("escape", "escape")
        await arrive(pilot, app, "PayerCallsScreen")
        for name in ("Ames", "Eads"):
            assert listing.move_to(line_of(listing, name))
            await pilot.press("space")
        await pilot.press("c")
        await pilot.pause()
        assert front(app) == "PayerCallsScreen"
        assert "one call is to one payer" in said(app)
        assert rows(practice, "SELECT count(*) FROM contact") == [(0,)]


async def test_a_folded_group_of_several_payers_is_settled_payer_by_payer(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        fill_visits(practice)
        await pilot.press("full_stop")
        await pilot.pause()
        listing = app.screen.query_one(RecordList)
        assert listing.move_to(("group", "check_eligibility:2026-12-02"))
        await pilot.press("x")
        await arrive(pilot, app, "SettleSheet")
        assert "Humana only; 1 more of other payers come next." in shown(app)
        await pilot.press("x")
        await arrive(pilot, app, "TodayScreen")
        humana = [("Ames", "2026-12-02"), ("Cruz", "2026-12-02")]
        assert [row[:2] for row in checks(practice)] == humana, "one answer is of one payer"
        assert listing.move_to(line_of(listing, "Eads"))
        await pilot.press("x", "x")
        await arrive(pilot, app, "TodayScreen")
        assert [row[:2] for row in checks(practice)] == [*humana, ("Eads", "2026-12-02")]


async def test_a_call_about_a_folded_group_is_to_its_first_payer(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        fill_visits(practice)
        await pilot.press("full_stop")
        await pilot.pause()
        assert app.screen.query_one(RecordList).move_to(("group", "check_eligibility:2026-12-02"))
        await pilot.press("c")
        await arrive(pilot, app, "PayerCallSheet")
        assert "Call to Humana: Ames, Ann; Cruz, Ann" in shown(app)


async def test_nothing_to_ask_says_what_would_stand_here(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("cancelled") as session:
            request = session.get(Authorization, 1)
            assert request is not None
            request.status = AuthorizationStatus.CANCELLED
            session.add(request)
        app.push_screen(PayerCallsScreen())
        await arrive(pilot, app, "PayerCallsScreen")
        assert "No payer must be asked anything" in shown(app)
        await pilot.press("c", "x", "escape")
        await arrive(pilot, app, "TodayScreen")
