"""The incoming call typed as people type: fast, in sentences, above what was open; and what stays owed."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from carecoord_tui.app import CarecoordApp
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.today import TodayScreen
from carecoord_tui.store.tables import FollowUp
from carecoord_tui.widgets.date_input import DateInput
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import TODAY, arrive, at_work, front, rows, said, shown, to_row, until, write
from tests.screens.test_incoming_call import CALL, JAMES, NGUYEN, ledger_whole

# --- running text answers nothing --------------------------------------------------------------------------

NAMES = {" ": "space", "\n": "enter", "'": "apostrophe", ",": "comma"}


def burst(app: CarecoordApp, text: str) -> None:
    """Everything at once, as over a slow line or by somebody who types fast; a line's end is enter."""
    for letter in text:
        app.post_message(events.Key(NAMES.get(letter, letter), "\r" if letter == "\n" else letter))


async def form_open(pilot: Pilot[None], app: CarecoordApp, keys: str = "james\n") -> None:
    """The form above Today, as far as ``keys`` bring it."""
    await pilot.press("f2")
    await arrive(pilot, app, "IncomingCallSheet")
    burst(app, keys)
    await pilot.pause()


async def test_a_whole_call_in_one_burst(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        app.post_message(events.Key("f2", None))
        burst(app, "0134\n\nchest pain, can't breathe\ny\nh\n\n\nDr. Lin\n")
        await until(pilot, lambda: getattr(app.focused, "id", "") == "handed-at")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, CALL) == [
            (NGUYEN, "chest pain, can't breathe", 1, 1, "handed_to_clinician", "Dr. Lin", 1, "")
        ]


@pytest.mark.parametrize(
    "sentence",
    ["no appetite and dizzy again", "yes she has pain", "can't breathe on", "and then", " no", "2 yy"],
)
async def test_a_sentence_that_goes_on_answers_no_question(paths: PracticePaths, sentence: str) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await form_open(pilot, app, f"james\n\nshe fell\n{sentence}")
        await until(pilot, lambda: "Text is no answer" in shown(app))
        safety = app.screen.query_one("#safety")
        assert app.focused is safety
        assert app.screen.query_one("#call-reason", Input).value == "she fell"
        assert "Text is no answer: enter, then y, c or n." in shown(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Answer the question first" in shown(app)
        assert "[" not in line_of(app, "yes, read out")
        burst(app, f"{sentence}\n")  # its end is no answer either
        await pilot.pause()
        assert app.focused is safety
        assert "Not answered yet: y, c or n, then enter." in shown(app)
        burst(app, "n\na")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, CALL) == [(JAMES, "she fell", 0, 0, "answered", "", 0, "")]


def line_of(app: CarecoordApp, words: str) -> str:
    """The line of the screen in which these stand."""
    return next(line for line in shown(app).splitlines() if words in line)


async def test_a_sentence_typed_at_once_leaves_the_caller_as_it_was(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await form_open(pilot, app, "james\npain in her chest o")
        await until(pilot, lambda: "it stays as it was, enter goes on" in shown(app))
        assert app.focused is app.screen.query_one("#caller")
        assert "[p the patient]" in shown(app)
        await pilot.press("enter")
        assert app.focused is app.screen.query_one("#call-reason")
        assert "it stays as it was" not in shown(app)


async def test_a_wrong_answer_is_seen_and_taken_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await form_open(pilot, app, "james\n\nshe fell\nn")
        await pilot.pause()
        assert "[n no]" in shown(app)
        await pilot.press("y")
        assert "[y yes, read out]" in shown(app)
        await pilot.press("backspace", "enter")
        await pilot.pause()
        assert "Not answered yet" in shown(app)
        assert "[y" not in shown(app)
        await pilot.press("n", "enter", "up", "x", "y")  # what was meant before stays when text follows
        await pilot.pause()
        assert "[n no]" in shown(app)
        await pilot.press("left", "tab", "up", "c")  # typed anew on the next visit
        await pilot.pause()
        assert "[c yes, could not read it]" in shown(app)


# --- somebody waits for an answer --------------------------------------------------------------------------

TUESDAY, PROMISED = "Tue 1 Dec 2026", "SELECT due_on FROM follow_up WHERE source = 'incoming call'"


@pytest.mark.parametrize("done", ["m", "h"])
async def test_a_message_or_a_question_handed_on_is_called_back_on_the_next_working_day(
    paths: PracticePaths, done: str
) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await form_open(pilot, app, f"james\n\na form to sign\nn\n{done}")
        await until(pilot, lambda: TUESDAY in line_of(app, "Call back on"))
        app.screen.query_one("#handed-to", Input).value = "Dr. Lin"
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, PROMISED) == [("2026-12-01",)]
        assert "Call back Tue 1 Dec" in said(app)
        assert ledger_whole(practice)


async def test_the_day_to_call_back_is_changed_or_emptied(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        for typed, owed in (("thu", [("2026-12-03",)]), ("", [("2026-12-03",)])):
            await form_open(pilot, app, "james\n\na form to sign\nn\nm\n\n")
            await until(pilot, lambda: getattr(app.focused.parent, "id", "") == "call-back")  # type: ignore[union-attr]
            await pilot.press("backspace")
            await write(pilot, typed)
            await pilot.press("ctrl+s")
            await arrive(pilot, app, "TodayScreen")
            assert rows(practice, PROMISED) == owed


async def test_a_day_that_was_typed_or_emptied_stays_so(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await form_open(pilot, app, "james\n\na form to sign\nn\nm")
        day = app.screen.query_one(DateInput)
        await until(pilot, lambda: day.text == TUESDAY)
        line = day.query_one(Input)
        line.value = ""
        await pilot.press("a", "m", "m")
        assert day.text == TUESDAY  # another answer in between: proposed anew
        line.value = ""
        await pilot.press("h")
        assert day.text == ""
        line.value = "thu"
        await pilot.press("a", "m")
        assert day.text == "thu"


@pytest.mark.parametrize(("safety", "done"), [("n", "a"), ("n", "t"), ("y", "m"), ("y", "h"), ("y", "9")])
async def test_nothing_is_proposed_where_nobody_waits_or_a_clinician_must_accept_first(
    paths: PracticePaths, safety: str, done: str
) -> None:
    async with at_work(paths) as (pilot, app, _):
        await form_open(pilot, app, f"james\n\na form to sign\n{safety}\nm{done}")
        await until(pilot, lambda: f"[{done} " in shown(app))
        await pilot.press("enter", "down")
        app.screen.query_one("#call-back").scroll_visible(animate=False)
        await pilot.pause()
        assert TUESDAY not in shown(app)
        assert app.screen.query_one("#call-back Input", Input).value == ""


# --- what is below -----------------------------------------------------------------------------------------


async def test_a_parked_sheet_says_that_the_call_is_logged_and_shows_what_it_made(
    paths: PracticePaths,
) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("c")
        await arrive(pilot, app, "ContactSheet")
        assert "Call back: bring forms" not in shown(app)
        await form_open(pilot, app, "nguy\n\nbring forms\nn\nm")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "ContactSheet")
        assert "Call logged: message taken. Call back Tue 1 Dec." in shown(app)
        assert app.screen.query_one("#sheet-problem").has_class("-notice")
        assert "[ ] Call back: bring forms" in shown(app)
        await pilot.press("b")  # a problem looks like one again
        await pilot.pause()
        assert not app.screen.query_one("#sheet-problem").has_class("-notice")


async def test_somebody_added_meanwhile_is_found_by_the_parked_line(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("plus")
        await write(pilot, "call Zamora thu")
        assert "Zamora, Ana" not in shown(app)
        await form_open(pilot, app, "Zamora, Ana\n\nwants a visit\nn\na")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "QuickAddSheet")
        assert "Call logged: answered myself." in shown(app)
        assert "Zamora, Ana" in shown(app)


async def test_a_hand_off_is_in_sight_however_far_down_the_cursor_rests(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("more work") as session:
            for number in range(60):
                session.add(FollowUp(patient_id=JAMES, title=f"Paper {number}", due_on=TODAY))
        await pilot.press("full_stop")
        listing = app.screen.query_one(RecordList)
        for reason, keys, stays in (("fall", ["g", *["j"] * 3], True), ("rash", ["G", *["k"] * 4], False)):
            await pilot.press(*keys)
            before = listing.cursor_id
            await form_open(pilot, app, f"0134\n\n{reason}\ny\n9")
            await pilot.pause()
            await pilot.press("ctrl+s")
            await arrive(pilot, app, "TodayScreen")
            assert f"Hand to a clinician: {reason}" in shown(app)
            assert (listing.cursor_id == before) is stays
        assert isinstance(app.screen, TodayScreen)
        first = app.screen.subject().first
        assert first is not None
        assert first.title == "Hand to a clinician: rash"


@pytest.mark.parametrize("elsewhere", [["2"], ["enter"], ["W"]])
@pytest.mark.parametrize("place", [["G", *["k"] * 4], ["g", *["j"] * 12]])
async def test_a_hand_off_taken_on_another_screen_is_in_sight_on_today(
    paths: PracticePaths, elsewhere: list[str], place: list[str]
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("more work") as session:
            for number in range(60):
                session.add(FollowUp(patient_id=JAMES, title=f"Paper {number}", due_on=TODAY))
        await pilot.press("full_stop", *place)
        for key in elsewhere:
            await pilot.press(key)
            await until(pilot, lambda: front(app) != "TodayScreen")
            await pilot.pause(0.1)
        below = front(app)
        await form_open(pilot, app, "0134\n\nchest pain\ny\nh\n\n\nDr. Patel")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await arrive(pilot, app, below)
        await pilot.press("1")
        await arrive(pilot, app, "TodayScreen")
        assert "chest pain" in shown(app)
        await pilot.press("full_stop")
        await pilot.pause()
        assert "chest pain" in shown(app)


async def test_ranking_anew_shows_what_is_about_safety(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("more work") as session:
            for number in range(60):
                session.add(FollowUp(patient_id=JAMES, title=f"Paper {number}", due_on=TODAY))
        await form_open(pilot, app, "0134\n\nchest pain\ny\nh\n\n\nDr. Patel")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        await pilot.press("full_stop", "G", "k", "k", "k", "k")
        await pilot.pause()
        assert "chest pain" not in shown(app)
        await pilot.press("full_stop")
        await pilot.pause()
        assert "chest pain" in shown(app)
