"""The referrals screen by its keys: views, filter, advancing, a standing order, the board."""

from __future__ import annotations

from datetime import date

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.referral_rows import View
from carecoord_tui.domain.vocabulary import ReferralStage, ReferralType, Urgency
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.referrals import ReferralsScreen
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Referral
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.referral_rows import ViewBar, standing_order
from tests.screens.bench import ODD_NAME, at_work, front, rows, said, shown, until, write

S = ReferralStage
NGUYEN, JAMES, ROSE, ODD, ANA = 1, 2, 3, 4, 5
SENT, SECOND, ACCEPTED, VISIT, SEEN, REPORT, URGENT, ENDED, GONE = range(1, 10)
SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)])


def add_referrals(practice: Practice) -> None:
    """Beside the one of James Cole that is there: one of each kind the views must tell apart."""

    def one(patient_id: int, stage: ReferralStage, on: date, **values: object) -> Referral:
        named = {"specialty": "nephrology", "sent_on": on, "ordered_on": on, **values}
        return Referral(patient_id=patient_id, provider_id=1, stage=stage, stage_on=on, **named)

    with practice.change("referrals") as session:
        session.add_all(
            [
                one(ROSE, S.SENT, date(2026, 11, 24), specialty="imaging", needs_authorization=True),
                one(NGUYEN, S.ACCEPTED, date(2026, 11, 25), diagnoses="E11.9", office_reference="R-55"),
                one(ANA, S.SCHEDULED, date(2026, 11, 2), visit_on=date(2026, 12, 9)),
                one(ODD, S.SEEN, date(2026, 11, 25), visit_on=date(2026, 11, 25)),
                one(ROSE, S.REPORT_RECEIVED, date(2026, 11, 27), report_received_on=date(2026, 11, 27)),
                one(JAMES, S.DRAFT, date(2026, 11, 27), sent_on=None, urgency=Urgency.URGENT),
                one(JAMES, S.CLOSED, date(2026, 10, 1)),
                one(JAMES, S.SEEN, date(2026, 11, 25), service_type=ReferralType.EQUIPMENT),
            ]
        )


async def to_referrals(pilot: Pilot[None], practice: Practice) -> None:
    add_referrals(practice)
    await pilot.press("3")
    await pilot.pause()


def listing(app: CarecoordApp) -> RecordList:
    assert isinstance(app.screen, ReferralsScreen)
    return app.screen.query_one("#list", RecordList)


def listed(app: CarecoordApp) -> list[object]:
    """Ids in order; headings as their stage."""
    found = listing(app)
    every = found.source[slice(0, found.row_count)]
    return [row.id[1] if isinstance(row.id, tuple) else row.id for row in every]


def bar(app: CarecoordApp) -> str:
    return app.screen.query_one(ViewBar)._left.plain


def stage_of(practice: Practice, number: int) -> object:
    ((stage,),) = rows(practice, "SELECT stage FROM referral WHERE id = ?", number)
    return stage


ALL = [
    "draft", URGENT, "sent", SENT, SECOND, "accepted", ACCEPTED, "scheduled", VISIT, "seen", SEEN, GONE,
    "report_received", REPORT,
]  # fmt: skip


@SIZES
async def test_opening_lists_every_open_referral_by_stage(
    paths: PracticePaths, size: tuple[int, int]
) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        assert listed(app) == ALL
        assert listing(app).cursor_id == URGENT
        text = shown(app)
        lines = text.splitlines()
        assert "3 Referrals 8" in lines[0]
        for words in ("[All 8]", "D no date 3", "Q quiet 1", "R no report 1", "U urgent 1", "B auth", " 1"):
            assert words in lines[1]
        sent = next(line for line in lines if "cardiology" in line)
        assert "Cole, James" in sent
        assert "!9bd of 2" in sent
        assert "16 Nov" not in sent
        assert "quiet 14d" in sent
        assert "visit 9 Dec" in text
        assert "no auth." in text
        assert "urgent" in next(line for line in lines if " 1bd late" in line or "!1bd late" in line)
        assert "O'Neil [Jr] [/b]" in text
        assert ODD_NAME not in text
        assert "\x1b" not in text


@SIZES
async def test_each_view_by_its_key_and_back(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        for key, found in {
            "D": ["sent", SENT, SECOND, "accepted", ACCEPTED],
            "Q": ["sent", SENT],
            "R": ["seen", SEEN],
            "U": ["draft", URGENT],
            "B": ["sent", SECOND],
        }.items():
            await pilot.press(key)
            await pilot.pause()
            assert listed(app) == found
            assert listing(app).cursor_id == found[1]
            assert f"[{key} " in bar(app)
        await pilot.press("B")
        await pilot.pause()
        assert listed(app) == ALL
        await pilot.press("Q", "escape")
        await pilot.pause()
        assert listed(app) == ALL
        assert front(app) == "ReferralsScreen"
        await pilot.press("E")
        await pilot.pause()
        assert listed(app) == [*ALL, "closed", ENDED]
        await pilot.press("E")
        await pilot.pause()
        assert listed(app) == ALL


async def test_a_view_is_picked_by_mouse(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        await pilot.click(ViewBar, offset=(bar(app).index("no report"), 0))
        await pilot.pause()
        assert listed(app) == ["seen", SEEN]


@SIZES
async def test_the_filter_narrows_at_every_key(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        await pilot.press("slash")
        await write(pilot, "ngu")
        assert listed(app) == ["accepted", ACCEPTED]
        assert str(app.screen.query_one("#count", Static).content) == "1 found"
        for text, found in {
            "jam neph": [URGENT, GONE],
            "e11": [ACCEPTED],
            "r-55": [ACCEPTED],
            "zzz": [],
        }.items():
            app.screen.query_one("#filter", Input).value = text
            await pilot.pause()
            assert [one for one in listed(app) if isinstance(one, int)] == found
        assert "No referral matches." in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert listed(app) == ALL
        assert app.focused is listing(app)


@SIZES
async def test_two_keys_take_it_one_stage_on_and_the_row_stays(
    paths: PracticePaths, size: tuple[int, int]
) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        listing(app).move_to(SENT)
        await pilot.press("x")
        await pilot.pause()
        assert front(app) == "SettleSheet"
        await pilot.press("x")
        await until(pilot, lambda: front(app) == "ReferralsScreen")
        assert stage_of(practice, SENT) == "acknowledged"
        assert listing(app).cursor_id == SENT
        assert listed(app) == ALL  # where it stood; it says where it is now
        await pilot.pause()
        assert "now acknow" in next(line for line in shown(app).splitlines() if "cardiology" in line)
        await pilot.press("u")
        await pilot.pause()
        assert stage_of(practice, SENT) == "sent"
        assert listed(app) == ALL
        await pilot.press("x", "x")
        await until(pilot, lambda: stage_of(practice, SENT) == "acknowledged")
        await pilot.press("2", "3")
        await pilot.pause()
        assert listed(app)[2:8] == ["sent", SECOND, "acknowledged", SENT, "accepted", ACCEPTED]
        assert listing(app).cursor_id == SENT


async def test_three_without_a_date_are_worked_without_leaving_the_list(paths: PracticePaths) -> None:
    """Step 17 of the Monday: the row that has its date leaves the view, the cursor is on the next."""
    async with at_work(paths) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        await pilot.press("D")
        await pilot.pause()
        for number, following in ((SENT, SECOND), (SECOND, ACCEPTED), (ACCEPTED, None)):
            assert listing(app).cursor_id == number
            await pilot.press("x", "d")
            await write(pilot, "9 dec 10:20")
            await pilot.press("enter")
            await until(pilot, lambda: front(app) == "ReferralsScreen")
            assert rows(practice, "SELECT stage, visit_on FROM referral WHERE id = ?", number) == [
                ("scheduled", "2026-12-09")
            ]
            assert listing(app).cursor_id == following
        assert "has an appointment date" in shown(app)
        assert "[D no date 0]" in bar(app)


async def test_one_key_takes_it_one_stage_on_where_a_day_is_enough(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        assert listing(app).cursor_id == URGENT
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: stage_of(practice, URGENT) == "sent")
        assert front(app) == "ReferralsScreen"
        assert "Recorded: sent" in said(app)
        listing(app).move_to(ACCEPTED)  # asks for the specialist's date
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert front(app) == "SettleSheet"
        await pilot.press("escape")
        await pilot.pause()
        listing(app).move_to(VISIT)  # still ahead: refused with the reason, in the sheet that can take a day
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert front(app) == "SettleSheet"
        assert "still ahead" in shown(app)
        assert stage_of(practice, VISIT) == "scheduled"
        await pilot.press("escape")
        await pilot.pause()
        listing(app).move_to(REPORT)  # nobody knows the clinician: x asks for the name
        await pilot.press("greater_than_sign")
        await pilot.pause()
        assert front(app) == "SettleSheet"
        assert stage_of(practice, REPORT) == "report_received"


async def test_marked_rows_are_one_change(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        listing(app).move_to(SENT)
        await pilot.press("space", "space")
        assert listing(app).marks == {SENT, SECOND}
        assert [ranked.item.record_id for ranked in app.screen.subject().items] == [SENT, SECOND]
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: stage_of(practice, SECOND) == "acknowledged")
        assert stage_of(practice, SENT) == "acknowledged"
        await pilot.press("u")
        await pilot.pause()
        if front(app) == "ConfirmSheet":
            await pilot.press("y")
            await pilot.pause()
        assert (stage_of(practice, SENT), stage_of(practice, SECOND)) == ("sent", "sent")


async def test_enter_opens_the_page_and_an_ended_one_has_its_track(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        listing(app).move_to(ACCEPTED)
        await pilot.press("enter")
        await pilot.pause()
        assert front(app) == "PatientPage"
        assert app.screen.patient_id == NGUYEN
        await pilot.press("escape")
        await pilot.pause()
        assert listing(app).cursor_id == ACCEPTED
        await pilot.press("E")
        await pilot.pause()
        listing(app).move_to(ENDED)
        subject = app.screen.subject()
        assert (subject.items, subject.patient_id) == ((), JAMES)
        assert app.screen._referral_or_say() == ENDED
        await pilot.press("x")
        await pilot.pause()
        assert "no open item" in said(app)


@SIZES
async def test_the_board_and_back_on_the_same_referral(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        listing(app).move_to(SENT)
        await pilot.press("v")
        await until(pilot, lambda: "Sent 2" in shown(app))
        assert app.screen.subject().items[0].item.record_id == SENT
        await pilot.press("greater_than_sign")
        await until(pilot, lambda: stage_of(practice, SENT) == "acknowledged")
        await pilot.pause()
        assert app.screen.subject().items[0].item.record_id == SENT  # the cursor went with the card
        assert "Sent 2" in shown(app), "acknowledged stands under Sent: the office has the next step"
        await pilot.press("v")
        await pilot.pause()
        assert listing(app).cursor_id == SENT
        assert app.focused is listing(app)
        assert listed(app)[2:6] == ["sent", SECOND, "acknowledged", SENT]


async def test_run_and_measures_open_from_the_list(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        await pilot.press("D", "o")
        await until(pilot, lambda: front(app) != "ReferralsScreen")
        run = next(screen for screen in app.screen_stack if type(screen).__name__ == "RunScreen")
        assert run.subject().items[0].item.record_id == SENT
        for _ in range(2):  # the card's sheet, then the run
            await pilot.press("escape")
            await pilot.pause()
        assert front(app) == "ReferralsScreen"
        await pilot.press("Q", "Q", "M")
        await until(pilot, lambda: front(app) == "ReferralMeasuresSheet")


async def test_names_are_masked_when_asked(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await to_referrals(pilot, practice)
        await pilot.press("z")
        await pilot.pause()
        assert "Nguyen" not in shown(app)
        assert "N***, T***" in shown(app)


def test_a_standing_order_keeps_places_and_adds_at_the_end() -> None:
    order = standing_order()
    assert order.settle({S.SENT: [1, 2], S.SEEN: [3]}) == {S.SENT: [1, 2], S.SEEN: [3]}
    assert order.settle({S.SENT: [2], S.ACCEPTED: [1], S.SEEN: [3]}) == {S.SENT: [1, 2], S.SEEN: [3]}
    assert order.settle({S.SENT: [2, 4]}) == {S.SENT: [2, 4]}
    assert order.settle({S.SENT: [1, 2, 4], S.SEEN: [3]}) == {S.SENT: [1, 2, 4], S.SEEN: [3]}
    order.forget()
    assert order.settle({S.SENT: [2], S.ACCEPTED: [1]}) == {S.SENT: [2], S.ACCEPTED: [1]}


async def test_an_empty_list_says_what_would_be_here(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("3", "U")
        await pilot.pause()
        assert "No urgent referral is open." in shown(app)
        assert app.screen._shown is View.URGENT
        assert app.screen.subject().patient_id is None
