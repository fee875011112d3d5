"""The insurance screen by its keys: four lanes, filter, settling, a standing order, what ``i`` opens."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.insurance_rows import InsuranceLane, LaneGroup, short_day
from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.insurance import InsuranceScreen
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Appointment, Authorization, BillingCase, Denial, Payer
from carecoord_tui.widgets.grouped_rows import StandingOrder
from carecoord_tui.widgets.insurance_rows import LaneBar, RuleLine
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import ODD_NAME, TODAY, arrive, at_work, front, rows, said, shown, until, write

NGUYEN, JAMES, ROSE, ODD = 1, 2, 3, 4
PLAN, JAMES_PLAN = 1, 2
TUESDAY, FRIDAY = date(2026, 12, 1), date(2026, 12, 4)
VISIT, SECOND, LATER, UNINSURED = "eligibility:1", "eligibility:2", "eligibility:3", "eligibility:4"
CGM, NEEDED, RUNNING = "authorization:1", "authorization:2", "authorization:3"
DENIAL, BILL = "denial:1", "billing:1"
ALL = [TUESDAY, VISIT, SECOND, FRIDAY, LATER, UNINSURED, NEEDED, CGM, RUNNING, DENIAL, BILL]
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)])


def add_insurance(practice: Practice) -> None:
    """Beside the authorization that is there: visits to check, and one record of each other lane."""

    def visit(patient_id: int, day: int, hour: int) -> Appointment:
        at = datetime(2026, 12, day, hour, tzinfo=UTC)
        return Appointment(patient_id=patient_id, starts_at=at, booked_on=date(2026, 11, 2))

    with practice.change("insurance") as session:
        session.add_all(
            [
                visit(NGUYEN, 1, 15),
                visit(JAMES, 1, 17),
                visit(JAMES, 4, 15),
                visit(ODD, 4, 16),
                Authorization(
                    patient_id=JAMES,
                    coverage_id=JAMES_PLAN,
                    service="MRI knee",
                    opened_on=date(2026, 11, 24),
                    service_on=date(2026, 12, 10),
                ),
                Authorization(
                    patient_id=JAMES,
                    coverage_id=JAMES_PLAN,
                    service="Physical therapy",
                    number="PA-77",
                    status=AuthorizationStatus.APPROVED,
                    opened_on=date(2026, 9, 1),
                    decided_on=date(2026, 9, 2),
                    valid_to=date(2027, 2, 1),
                    units_authorized=10,
                    units_used=3,
                ),
                Denial(
                    patient_id=NGUYEN,
                    coverage_id=PLAN,
                    service="Inpatient rehab",
                    notice_on=date(2026, 11, 27),
                    letter_deadline_on=date(2027, 1, 15),
                ),
                BillingCase(patient_id=ROSE, title="Lab bill", opened_on=date(2026, 11, 30)),
            ]
        )


async def to_insurance(pilot: Pilot[None], practice: Practice) -> None:
    add_insurance(practice)
    await pilot.press("4")
    await pilot.pause()


def listing(app: CarecoordApp) -> RecordList:
    return next(s for s in app.screen_stack if isinstance(s, InsuranceScreen)).query_one("#list", RecordList)


def listed(app: CarecoordApp) -> list[object]:
    """Keys in order; the headings of visits as their day, the others left out."""
    found = listing(app)
    every = [row.id for row in found.source[slice(0, found.row_count)]]
    days = [one[1].day if isinstance(one, tuple) else one for one in every]
    return [one for one in days if one is not None]


def bar(app: CarecoordApp) -> str:
    return app.screen.query_one(LaneBar)._left.plain


async def to_record(pilot: Pilot[None], app: CarecoordApp, key: str) -> None:
    assert listing(app).move_to(key)
    await pilot.pause()


def cells(app: CarecoordApp, key: str) -> str:
    """The cells of a record's row, uncut."""
    found = listing(app)
    place = found.source.index_of(key)
    assert place is not None
    (row,) = found.source[slice(place, place + 1)]
    return " | ".join(str(cell) for cell in row.cells)


@SIZES
async def test_opening_shows_all_four_lanes(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        assert listed(app) == ALL
        assert listing(app).cursor_id == VISIT
        lines = shown(app).splitlines()
        assert "4 Insurance" in lines[0]
        assert "08:00" in lines[0]  # the fourth tab does not push the clock out of a narrow header
        for words in ("E Eligibility 4", "A Authorizations 3", "D Denials 1", "B Billing 1"):
            assert words in lines[1]
        assert "ELIGIBILITY  tomorrow  2" in shown(app)
        assert "ELIGIBILITY  Fri 4 Dec  2" in shown(app)
        for key, words in {
            VISIT: "Nguyen, Thi | Check: Humana | 10am never checked",
            UNINSURED: "No coverage on file: ask who pays | 11am no plan on file",
            NEEDED: "Submit: MRI knee | service 10 Dec",
            CGM: "Ask Humana: CGM sensors | clock to tomorrow",
            RUNNING: "Renew: Physical therapy | to 1 Feb 2027, 3/10 used",
            DENIAL: "Gather papers: Inpatient rehab | appeal by 15 Jan 2027 (letter) · alternative - ·",
            BILL: "Lab bill",
        }.items():
            assert words in cells(app, key)
        assert "O'Neil [Jr" in shown(app)
        assert ODD_NAME not in shown(app)
        assert "\x1b" not in shown(app)


async def test_the_rule_of_the_row_is_said_where_no_pane_says_it(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, NEEDED)
        rule = app.screen.query_one(RuleLine)
        await until(
            pilot,
            lambda: (
                "Submit the authorization request (our own rule): Authorization needed" in rule._left.plain
            ),
        )
        await pilot.press("p")
        await until(pilot, lambda: not rule.display)
        await pilot.press("p")
        await until(pilot, lambda: rule.display)


@SIZES
async def test_neither_act_nor_visit_time_is_cut(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        text = shown(app)
        for words in ("Check: Humana", "10am never checked", "Submit: MRI knee", "Ask Humana: CGM"):
            assert words in text


async def test_the_bar_and_the_footer_say_what_is_due_and_which_keys_lead_on(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        assert "E A D B lanes" in said(app)
        assert "Y by payer" in said(app)
        assert "P payers" in said(app)
        due = rows(
            practice,
            "SELECT count(DISTINCT kind || record_id) FROM ledger WHERE target_on <= '2026-11-30'"
            " AND kind IN ('eligibility', 'authorization', 'denial', 'billing')",
        )[0][0]
        bar_line = app.screen.query_one(LaneBar)
        await until(pilot, lambda: f"{due} due" in bar_line._right.plain)
        assert f"4 Insurance {due}" in shown(app)


async def test_tracks_stand_side_by_side_and_an_open_one_is_not_offered_again(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, DENIAL)
        await pilot.press("x")
        await arrive(pilot, app, "SettleSheet")
        assert "look for a covered alternative" in shown(app)
        await pilot.press("a")
        await until(pilot, lambda: front(app) == "InsuranceScreen")
        ((day,),) = rows(practice, "SELECT target_on FROM ledger WHERE rule_id = 'denial.alternative'")
        said_day = short_day(date.fromisoformat(str(day)), TODAY)
        wanted = f"appeal by 15 Jan 2027 (letter) · alternative {said_day} · assistance -"
        await until(pilot, lambda: wanted in cells(app, DENIAL))
        await until(pilot, lambda: wanted in app.screen.query_one(RuleLine)._left.plain)
        await pilot.press("x")
        await arrive(pilot, app, "SettleSheet")
        assert "look for a covered alternative" not in shown(app)
        await pilot.press("escape")


@SIZES
async def test_each_lane_alone_by_its_key_and_back(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        for key, found, chosen in (
            ("E", [TUESDAY, VISIT, SECOND, FRIDAY, LATER, UNINSURED], "[E Eligibility 4]"),
            ("A", [NEEDED, CGM, RUNNING], "[A Authorizations 3]"),
            ("D", [DENIAL], "[D Denials 1]"),
            ("B", [BILL], "[B Billing 1]"),
        ):
            await pilot.press(key)
            await pilot.pause()
            assert listed(app) == found
            assert chosen in bar(app)
            await pilot.press(key)  # the key shows its lane, whatever stood there before
            await pilot.pause()
            assert listed(app) == found
        await pilot.press("escape")
        await pilot.pause()
        assert listed(app) == ALL
        assert "[" not in bar(app)


async def test_a_lane_keeps_the_cursor_on_its_record_and_esc_shows_all_again(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, RUNNING)
        await pilot.press("A")
        assert listing(app).cursor_id == RUNNING
        await pilot.press("D")
        assert listing(app).cursor_id == DENIAL
        await pilot.press("escape")
        await pilot.pause()
        assert listed(app) == ALL
        assert listing(app).cursor_id == DENIAL


async def test_an_empty_lane_says_what_would_be_here(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _practice):
        await pilot.press("4")
        await pilot.press("D")
        await pilot.pause()
        assert "No denial is open." in shown(app)
        assert listing(app).cursor_id is None
        await pilot.press("x")
        assert "Nothing is highlighted" in said(app)


async def test_the_filter_narrows_all_lanes_as_one_types(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, DENIAL)
        await pilot.press("slash")
        await write(pilot, "cole")
        assert listed(app) == [TUESDAY, SECOND, FRIDAY, LATER, NEEDED, RUNNING, BILL]
        assert str(app.screen.query_one("#count", Static).render()) == "5 found"
        await write(pilot, " pa-7")
        assert listed(app) == [RUNNING]
        await pilot.press("enter")
        assert listing(app).has_focus
        assert listing(app).cursor_id == RUNNING
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen.query_one("#filter", Input).value == ""
        assert listed(app) == ALL
        assert listing(app).cursor_id == RUNNING


async def test_two_keys_record_active_coverage_and_the_counts_follow(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await pilot.press("x", "x")
        await until(pilot, lambda: VISIT not in listed(app))
        assert rows(practice, "SELECT patient_id, result, as_of FROM eligibility_check") == [
            (NGUYEN, "active", TUESDAY.isoformat())
        ]
        assert listing(app).cursor_id == SECOND
        await until(pilot, lambda: "E Eligibility 3" in bar(app))
        await pilot.press("u")
        await until(pilot, lambda: listed(app) == ALL)


async def test_marked_visits_are_checked_together(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await pilot.press("space", "space", "x", "x")
        # what Humana said for 1 Dec is good for the same patient's visit on the 4th
        await until(pilot, lambda: listed(app) == [FRIDAY, UNINSURED, *ALL[6:]])
        assert rows(practice, "SELECT patient_id FROM eligibility_check ORDER BY patient_id") == [
            (NGUYEN,),
            (JAMES,),
        ]
        assert not listing(app).marks


async def test_a_record_keeps_its_place_while_its_next_step_changes(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, NEEDED)
        await pilot.press("x", "x")
        await until(pilot, lambda: "clock to" in cells(app, NEEDED))
        assert rows(practice, "SELECT status FROM authorization WHERE id = 2") == [("submitted",)]
        assert listed(app) == ALL
        assert listing(app).cursor_id == NEEDED
        await pilot.press("3")
        await pilot.press("4")
        await until(pilot, lambda: listed(app)[6:9] == [CGM, NEEDED, RUNNING])
        assert listing(app).cursor_id == NEEDED


async def test_a_moved_item_says_whom_it_waits_for(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, NEEDED)
        await pilot.press("s")
        await arrive(pilot, app, "MoveSheet")
        await pilot.press("T")
        await until(pilot, lambda: front(app) == "InsuranceScreen")
        assert rows(practice, "SELECT kind, record_id, until_on FROM moved_date") == [
            ("authorization", 2, TUESDAY.isoformat())
        ]
        assert listing(app).cursor_id == NEEDED


@pytest.mark.parametrize(
    ("key", "form"),
    [
        (VISIT, "EligibilityForm"),
        (CGM, "AuthorizationForm"),
        (DENIAL, "DenialForm"),
        (BILL, "BillingCaseForm"),
    ],
)
async def test_i_i_opens_the_form_of_the_row(paths: PracticePaths, key: str, form: str) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, key)
        await pilot.press("i")
        await arrive(pilot, app, "InsuranceMenu")
        await pilot.press("i")
        await arrive(pilot, app, form)
        await pilot.press("escape")
        await until(pilot, lambda: front(app) == "InsuranceScreen")
        assert listing(app).cursor_id == key


@pytest.mark.parametrize(
    ("key", "form"),
    [
        ("e", "EligibilityForm"),
        ("a", "AuthorizationForm"),
        ("d", "DenialForm"),
        ("m", "EstimateForm"),
        ("g", "GoodFaithForm"),
        ("p", "PaymentPlanForm"),
        ("b", "BillingCaseForm"),
        ("s", "AssistanceForm"),
        ("o", "CoverageOrderSheet"),
    ],
)
async def test_i_elsewhere_opens_the_menu_of_forms(paths: PracticePaths, key: str, form: str) -> None:
    async with at_work(paths) as (pilot, app, practice):
        add_insurance(practice)  # what presses most on a patient does not decide which form is wanted
        await pilot.press("2")
        await pilot.press("i")
        await arrive(pilot, app, "InsuranceMenu")
        await pilot.press(key)
        await arrive(pilot, app, form)
        await pilot.press("escape")
        await until(pilot, lambda: front(app) == "PatientsScreen")


async def test_i_a_on_an_authorization_starts_another_one(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, CGM)
        await pilot.press("i")
        await arrive(pilot, app, "InsuranceMenu")
        assert "this: CGM sensors, Humana" in shown(app)
        await pilot.press("a")
        await arrive(pilot, app, "AuthorizationForm")
        assert app.screen.query_one("#service", Input).value == ""
        await pilot.press("escape")
        await until(pilot, lambda: front(app) == "InsuranceScreen")
        await pilot.press("i", "enter")
        await arrive(pilot, app, "AuthorizationForm")
        assert app.screen.query_one("#service", Input).value == "CGM sensors"


async def test_c_calls_the_payer_and_c_again_the_patient(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("phone") as session:
            payer = session.get(Payer, 1)
            assert payer is not None
            payer.authorization_phone = "+15550100177"
            session.add(payer)
        await to_insurance(pilot, practice)
        await to_record(pilot, app, CGM)
        await pilot.press("c")
        await arrive(pilot, app, "PayerCallSheet")
        text = shown(app)
        for words in ("(555) 010-0177", "member H123-45", "born 14 Mar 1961", "A4239", "Tue 24 Nov"):
            assert words in text
        assert "c call the patient" in text
        await pilot.press("tab")
        await write(pilot, "R-77")
        await pilot.press("enter", "s")
        await until(pilot, lambda: front(app) == "InsuranceScreen")
        found = rows(practice, "SELECT about_kind, about_id, reference, payer_id FROM contact")
        assert found == [("authorization", 1, "R-77", 1)]
        await pilot.press("c", "c")
        await arrive(pilot, app, "ContactSheet")
        await pilot.press("n")
        await until(pilot, lambda: front(app) == "InsuranceScreen")
        assert rows(practice, "SELECT outcome, payer_id FROM contact ORDER BY id DESC LIMIT 1") == [
            ("no_answer", None)
        ]


@pytest.mark.parametrize("key", [BILL, UNINSURED])
async def test_c_calls_the_patient_where_no_payer_answers(paths: PracticePaths, key: str) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, key)
        await pilot.press("c")
        await arrive(pilot, app, "ContactSheet")


async def test_i_refuses_several_people(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await pilot.press("space", "space", "i")
        assert front(app) == "InsuranceScreen"
        assert "one person" in said(app)


async def test_enter_opens_the_page_at_the_item(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, DENIAL)
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        assert app.screen.query_one("#overview", RecordList).cursor_id[:2] == ("denial", 1)


async def test_run_goes_through_the_marked_rows_else_the_lane(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await pilot.press("A", "o")
        await until(pilot, lambda: any(type(s).__name__ == "RunScreen" for s in app.screen_stack))
        await until(pilot, lambda: "1 of 3" in shown(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: front(app) == "InsuranceScreen")
        await pilot.press("g", "space", "space", "o")
        await until(pilot, lambda: "1 of 2" in shown(app))


@pytest.mark.parametrize(
    ("key", "screen"),
    [("P", "PayersScreen"), ("Y", "PayerCallsScreen"), ("M", "InsuranceMeasuresSheet")],
)
async def test_payers_calls_and_measures_open_by_one_key(paths: PracticePaths, key: str, screen: str) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await pilot.press(key)
        await arrive(pilot, app, screen)
        await pilot.press("escape")
        await until(pilot, lambda: front(app) == "InsuranceScreen")


async def test_names_are_masked(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await pilot.press("z")
        await pilot.pause()
        assert "Nguyen" not in shown(app)


async def test_a_click_on_a_lane_shows_it_alone(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await pilot.click(LaneBar, offset=(bar(app).index("Denials"), 0))
        await pilot.pause()
        assert listed(app) == [DENIAL]


@SIZES
async def test_the_page_has_a_tab_of_insurance(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, DENIAL)
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        await pilot.press("right", "right", "right")
        await pilot.pause()
        text = shown(app)
        if size[0] >= 120:  # a narrow terminal keeps the counts that matter most
            assert "[Insurance 3]" in text
        for words in ("COVERAGE", "AUTHORIZATIONS", "DENIALS", "never checked", "CGM sensors"):
            assert words in text
        tab = app.screen.query_one("#insurance", RecordList)
        assert tab.cursor_id == ("coverage", PLAN)
        await pilot.press("enter")
        await arrive(pilot, app, "EligibilityForm")
        await pilot.press("escape")
        await arrive(pilot, app, "PatientPage")
        await pilot.press("G", "enter")
        await arrive(pilot, app, "DenialForm")


async def test_verbs_on_the_tab_work_on_the_highlighted_record(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_insurance(pilot, practice)
        await to_record(pilot, app, NEEDED)
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        await pilot.press("right", "right", "right")
        await pilot.pause()
        tab = app.screen.query_one("#insurance", RecordList)
        assert tab.move_to(("authorization", 2))
        await pilot.press("x", "x")
        await until(
            pilot,
            lambda: rows(practice, "SELECT status FROM authorization WHERE id = 2") == [("submitted",)],
        )


def test_a_standing_order_keeps_places_and_groups() -> None:
    eligibility = LaneGroup(InsuranceLane.ELIGIBILITY, TUESDAY)
    later = LaneGroup(InsuranceLane.ELIGIBILITY, FRIDAY)
    bills = LaneGroup(InsuranceLane.BILLING)
    order: StandingOrder[LaneGroup, str] = StandingOrder()
    assert order.settle({eligibility: ["a", "b"], bills: ["c"]}) == {eligibility: ["a", "b"], bills: ["c"]}
    assert order.settle({later: ["a"], bills: ["d", "c"]}) == {eligibility: ["a"], bills: ["c", "d"]}
    assert list(order.settle({later: ["e"], bills: ["c"]})) == [later, bills]
    assert order.settle({eligibility: ["b", "a"]}) == {eligibility: ["a", "b"]}
    order.forget()
    assert order.settle({eligibility: ["b", "a"]}) == {eligibility: ["b", "a"]}
