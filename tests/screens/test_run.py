"""Run by keys: one key records and brings the next card; leaving, going back, undoing, summing up."""

from __future__ import annotations

from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import Kind, Outcome
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.run import RunScreen
from carecoord_tui.store.actions.contacts import log_contact
from carecoord_tui.store.actions.items import complete
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.run_card import RunBar
from tests.screens.bench import arrive, at_work, front, rows, said, shown, to_row, until

DONE = "SELECT id FROM follow_up WHERE status = 'done' ORDER BY id"


def all_refs(practice: Practice) -> dict[tuple[str, int], ItemRef]:
    """Every item owed, by its kind and record."""
    found = rows(practice, "SELECT kind, record_id, rule_id, patient_id FROM ledger ORDER BY id")
    return {(str(k), int(str(r))): ItemRef(Kind(k), int(str(r)), str(u), int(str(p))) for k, r, u, p in found}


def pick(practice: Practice, *wanted: tuple[str, int]) -> list[ItemRef]:
    every = all_refs(practice)
    return [every[one] for one in wanted]


FOLLOW_UPS = tuple(("follow_up", number) for number in (1, 2, 3, 4))
REFERRAL = ("referral", 1)


async def begin(pilot: Pilot[None], app: CarecoordApp, refs: list[ItemRef], sheet: str = "RunDone") -> None:
    app.push_screen(RunScreen(refs, "Test run"))
    await arrive(pilot, app, sheet)


def progress(app: CarecoordApp) -> str:
    """The line above the card."""
    screen = next(one for one in reversed(app.screen_stack) if isinstance(one, RunScreen))
    return screen.query_one(RunBar)._left.plain


async def press(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def test_one_key_records_and_the_next_card_comes_until_the_sum(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, *FOLLOW_UPS))
        assert "Test run   1 of 4 · 0 done" in progress(app)
        await press(pilot, "x")
        await until(pilot, lambda: "2 of 4 · 1 done" in progress(app))
        assert rows(practice, DONE) == [(1,)]
        assert "u undoes it" in shown(app)  # above the card: the sheet covers the footer
        assert " Nguyen, Thi · Done." in shown(app), "the card shows the next person by now"
        await press(pilot, "space")
        await until(pilot, lambda: "3 of 4 · 1 done · 1 left as it is" in progress(app))
        await press(pilot, "right", "x")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, DONE) == [(1,), (4,)]
        assert "4 cards: 2 recorded, 2 left" in said(app)


async def test_a_burst_of_keys_reaches_one_card_after_the_other(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, *FOLLOW_UPS))
        await pilot.press("x", "x", "x", "x")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, DONE) == [(1,), (2,), (3,), (4,)]


async def test_a_referral_card_has_its_track_its_office_and_its_acts(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, REFERRAL, FOLLOW_UPS[0]), "RunSettle")
        text = shown(app)
        assert "Cole, James" in text
        assert "16 Nov" in text
        assert "Silva Cardiology" in text
        await press(pilot, "x")  # the first choice: the office has it
        await arrive(pilot, app, "RunDone")
        assert rows(practice, "SELECT stage, stage_on FROM referral") == [("acknowledged", "2026-11-30")]
        assert "2 of 2 · 1 done" in progress(app)


async def test_where_a_contact_is_the_act_its_sheet_opens(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        (check_in,) = [ref for ref in all_refs(practice).values() if ref.kind is Kind.PATIENT]
        await begin(pilot, app, [check_in, *pick(practice, FOLLOW_UPS[0])], "RunContact")
        await press(pilot, "p")
        await arrive(pilot, app, "RunDone")
        assert rows(practice, "SELECT outcome, patient_id FROM contact") == [
            ("reached_patient", check_in.patient_id)
        ]
        assert "1 done" in progress(app)


async def test_a_note_that_was_typed_is_not_lost_by_one_space(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        (check_in,) = [ref for ref in all_refs(practice).values() if ref.kind is Kind.PATIENT]
        await begin(pilot, app, [check_in], "RunContact")
        await press(pilot, "tab", "h", "space", "i", "enter", "space")
        assert front(app) == "RunContact"
        assert "Not saved" in shown(app)
        await press(pilot, "space")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT count(*) FROM contact") == [(0,)]


async def test_esc_gives_any_verb_and_what_it_changed_brings_the_next(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, *FOLLOW_UPS))
        await press(pilot, "escape")
        assert front(app) == "RunScreen"
        await press(pilot, "s", "F")  # move to Friday
        await arrive(pilot, app, "RunDone")
        assert rows(practice, "SELECT target_on FROM ledger WHERE kind = 'follow_up' AND record_id = 1") == [
            ("2026-12-04",)
        ]
        assert "2 of 4 · 1 done" in progress(app)


async def test_a_verb_that_leaves_the_item_as_it_was_stays_on_the_card(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, *FOLLOW_UPS))
        await press(pilot, "escape", "w", "escape")
        assert front(app) == "RunScreen"
        assert "1 of 4 · 0 done" in progress(app)
        await press(pilot, "x")
        assert front(app) == "RunDone"
        await press(pilot, "x")
        await until(pilot, lambda: "2 of 4 · 1 done" in progress(app))


async def test_a_second_esc_leaves_the_run_and_says_the_sum(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, *FOLLOW_UPS))
        await press(pilot, "x", "escape", "escape")
        await arrive(pilot, app, "TodayScreen")
        assert "4 cards: 1 recorded, 3 left" in said(app)
        assert rows(practice, DONE) == [(1,)]


async def test_u_undoes_and_comes_back_to_that_card(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, *FOLLOW_UPS))
        await press(pilot, "x", "space")
        await until(pilot, lambda: "3 of 4" in progress(app))
        await press(pilot, "u")  # the message is gone by now: it asks, naming the person
        await arrive(pilot, app, "ConfirmSheet")
        assert "It was about Nguyen, Thi." in shown(app)
        await press(pilot, "n")
        await arrive(pilot, app, "RunDone")
        assert rows(practice, DONE) == [(1,)]
        assert "3 of 4" in progress(app)
        await press(pilot, "u", "y")
        await until(pilot, lambda: "1 of 4 · 0 done · 1 left as it is" in progress(app))
        await arrive(pilot, app, "RunDone")
        assert rows(practice, DONE) == []
        assert " Nguyen, Thi · Undone: " in shown(app)
        await press(pilot, "x")
        await until(pilot, lambda: "2 of 4 · 1 done" in progress(app))
        assert rows(practice, DONE) == [(1,)]


async def test_u_takes_back_one_change_after_the_other_and_no_older_one(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        log_contact(practice, patient_id=1, outcome=Outcome.NO_ANSWER)
        await begin(pilot, app, pick(practice, *FOLLOW_UPS))
        await press(pilot, "x", "x")
        await until(pilot, lambda: "3 of 4 · 2 done" in progress(app))
        await press(pilot, "u")
        await until(pilot, lambda: "2 of 4 · 1 done" in progress(app))
        await press(pilot, "escape", "u", "y")  # the same key on the card itself; about the person before
        await until(pilot, lambda: "1 of 4 · 0 done" in progress(app))
        assert rows(practice, DONE) == []
        assert rows(practice, "SELECT count(*) FROM contact") == [(1,)]


async def test_left_goes_back_and_recorded_cards_are_passed_over_on_the_way_on(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, *FOLLOW_UPS))
        await press(pilot, "space", "x")
        await until(pilot, lambda: "3 of 4" in progress(app))
        await press(pilot, "left")  # card 2 is done: nothing is owed on it, no sheet
        await until(pilot, lambda: front(app) == "RunScreen" and "2 of 4" in progress(app))
        assert "Nothing is owed on this any more" in shown(app)
        await press(pilot, "left")
        await arrive(pilot, app, "RunDone")
        assert "1 of 4" in progress(app)
        await press(pilot, "left")
        assert "1 of 4" in progress(app)
        assert "This is the first card" in shown(app)
        await press(pilot, "x")
        await until(pilot, lambda: "3 of 4 · 2 done" in progress(app))
        assert rows(practice, DONE) == [(1,), (2,)]


async def test_cards_that_were_settled_meanwhile_are_passed_over(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        refs = pick(practice, *FOLLOW_UPS)
        await begin(pilot, app, refs)
        complete(practice, [refs[1]])  # another window
        await press(pilot, "x")
        await until(pilot, lambda: "3 of 4 · 1 done · 1 settled already" in progress(app))
        await press(pilot, "space", "space")
        await arrive(pilot, app, "TodayScreen")
        assert "4 cards: 1 recorded, 2 left, 1 settled already" in said(app)


async def test_a_refusal_stays_on_the_card(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, REFERRAL), "RunSettle")
        await press(pilot, "d")
        for key in "11/2/2026":
            await pilot.press("slash" if key == "/" else key)
        await press(pilot, "enter")  # a visit before it was ordered
        assert front(app) == "RunSettle"
        assert rows(practice, "SELECT stage, visit_on FROM referral") == [("sent", None)]
        assert "1 of 1 · 0 done" in progress(app)


async def test_enter_opens_the_page_and_esc_comes_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, *FOLLOW_UPS))
        await press(pilot, "escape", "enter")
        await arrive(pilot, app, "PatientPage")
        await press(pilot, "escape")
        await arrive(pilot, app, "RunScreen")
        assert "1 of 4 · 0 done" in progress(app)


async def test_names_are_masked_on_the_card(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await begin(pilot, app, pick(practice, *FOLLOW_UPS))
        await press(pilot, "escape")
        assert "Nguyen, Thi" in shown(app)
        await press(pilot, "z")
        assert "Nguyen" not in shown(app)


async def test_today_runs_in_its_order_or_through_the_marked_rows(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        listed = app.screen.query_one(RecordList)
        titles = [str(row.cells[2]) for row in listed.source[slice(0, None)] if row.kind == "row"]
        await press(pilot, "o")
        await until(pilot, lambda: front(app).startswith("Run") and " 1 of " in progress(app))
        assert progress(app).startswith(f" Today   1 of {len(titles)} ")
        assert titles[0] in shown(app)
        await press(pilot, "escape", "escape")
        await arrive(pilot, app, "TodayScreen")
        await to_row(pilot, app, "Send forms")
        await press(pilot, "space")
        await to_row(pilot, app, "Call: CGM order")
        await press(pilot, "space", "o")
        await arrive(pilot, app, "RunDone")
        await press(pilot, "x", "x")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, DONE) == [(1,), (4,)]


async def test_patients_run_through_the_filtered_list(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await press(pilot, "2")
        await arrive(pilot, app, "PatientsScreen")
        await press(pilot, "slash", "c", "o", "l", "e", "down", "o")
        await until(pilot, lambda: front(app).startswith("Run") and "1 of 2" in progress(app))
        assert progress(app).startswith(" Patients ")
        await press(pilot, "escape", "escape")
        await arrive(pilot, app, "PatientsScreen")
        assert "2 cards: 0 recorded, 2 left" in said(app)


async def test_an_empty_list_has_nothing_to_run_through(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await press(pilot, "2")
        await arrive(pilot, app, "PatientsScreen")
        await press(pilot, "slash", "q", "q", "q", "down", "o")
        assert front(app) == "PatientsScreen"
        assert "nothing to go through" in said(app)
