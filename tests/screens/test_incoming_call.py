"""The incoming call: from anywhere, by few keys, never a triage, taken back in one change."""

from __future__ import annotations

from datetime import datetime

import pytest
from textual.widgets import Input

from carecoord_tui.domain.incoming import NOT_AUTHORIZED, QUESTION, SCRIPT
from carecoord_tui.domain.vocabulary import Kind, PatientStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.today import TodayScreen
from carecoord_tui.store import doctor
from carecoord_tui.store.actions.patients import put_related_person, set_status
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.history import read_timeline
from tests.conftest import ZONE
from tests.screens.bench import (
    TODAY,
    arrive,
    at_work,
    front,
    rows,
    said,
    shown,
    unlock_again,
    write,
)

NGUYEN, JAMES, ANA = 1, 2, 5
CALL = (
    "SELECT patient_id, reason, is_safety, script_read, disposition, handed_to, handed_at IS NOT NULL,"
    " accepted_by FROM incoming_call"
)


def ledger_whole(practice: Practice) -> bool:
    """No open record without its next action, and the ledger equal to what the rules say."""
    from carecoord_tui.store import ledger

    with practice.read() as connection:
        report = ledger.differences(connection, practice.context)
    return report.is_equal and not report.missing


async def test_a_safety_call_by_few_keys_and_accepted_in_two(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("f2", *"0134", "enter")
        await arrive(pilot, app, "IncomingCallSheet")
        assert "Nguyen, Thi" in shown(app)
        assert QUESTION in shown(app)
        assert SCRIPT in shown(app)
        assert app.focused is app.screen.query_one("#caller")
        await pilot.press("enter")
        await write(pilot, "chest pain since an hour")
        await pilot.press("enter", "y", "enter", "h", "enter")
        for _ in range(2):  # callback, location
            await pilot.press("enter")
        await write(pilot, "Dr. Patel")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, CALL) == [
            (NGUYEN, "chest pain since an hour", 1, 1, "handed_to_clinician", "Dr. Patel", 1, "")
        ]
        assert rows(practice, "SELECT direction, channel, outcome FROM contact") == [
            ("incoming", "phone", "reached_patient")
        ]
        assert "Call logged: handed to clinician" in said(app)
        screen = app.screen
        assert isinstance(screen, TodayScreen)
        await pilot.press("g")  # it stands on top at once, though the order stands still
        first = screen.subject().first
        assert first is not None
        assert (first.item.kind, first.item.rule_id, first.lane) == (Kind.HANDOFF, "handoff.accept", 0)
        assert first.item.target_on == TODAY
        assert ledger_whole(practice)
        await pilot.press("w")
        await pilot.pause()
        why = " ".join(shown(app).split())
        assert "Handed to Dr. Patel" in why
        assert "practice safety rule, unconfirmed" in why
        await pilot.press("escape", "s", "enter")  # it cannot be put off
        await pilot.pause()
        assert "A safety hand-off is not put off" in shown(app)
        await pilot.press("escape", "x", "x")
        await arrive(pilot, app, "TodayScreen")
        accepted = rows(practice, "SELECT accepted_by, accepted_at FROM incoming_call")[0]
        assert accepted[0] == "Dr. Patel"
        at = datetime.fromisoformat(str(accepted[1])).astimezone(ZONE)
        assert (at.date(), at.hour) == (TODAY, 8)
        assert rows(practice, "SELECT count(*) FROM ledger WHERE kind = 'handoff'") == [(0,)]
        texts = [
            (line.entry.value, line.text, line.detail) for line in read_timeline(practice.execute, NGUYEN)
        ]
        assert texts[:2] == [
            ("incoming call", "accepted by Dr. Patel: chest pain since an hour", ""),
            (
                "incoming call",
                "they called: chest pain since an hour",
                "handed to Dr. Patel, 911 and 988 read out",
            ),
        ]
        assert ledger_whole(practice)
        assert doctor.examine(practice).ok


async def test_above_a_parked_form_and_back_in_it(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("N")
        await write(pilot, "Draf")
        await pilot.press("f2", *"james", "enter", "enter")
        await write(pilot, "when is my visit")
        await pilot.press("enter", "n", "enter", "a", "f2", "ctrl+s")
        await arrive(pilot, app, "PatientForm")
        assert app.screen.query_one("#family_name", Input).value == "Draf"
        assert app.focused is app.screen.query_one("#family_name")
        assert rows(practice, CALL) == [(JAMES, "when is my visit", 0, 0, "answered", "", 0, "")]
        await pilot.press("f2", *"ros", "escape", "escape")
        await arrive(pilot, app, "PatientForm")
        assert app.screen.query_one("#family_name", Input).value == "Draf"


async def test_the_lock_keeps_the_call_parked(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("f2", *"james", "enter", "enter")
        await write(pilot, "rash")
        await pilot.press("ctrl+l")
        await pilot.pause()
        await pilot.press("f2")
        await unlock_again(pilot, app)
        assert front(app) == "IncomingCallSheet"
        assert app.screen.query_one("#call-reason", Input).value == "rash"


async def test_somebody_new_is_added_with_the_call_and_one_undo_takes_all_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        people = rows(practice, "SELECT count(*) FROM patient")
        await pilot.press("f2")
        await write(pilot, "Lee, Ana 3/4/1980")
        assert "Add: Lee, Ana" in shown(app)
        await pilot.press("enter", "enter")
        await write(pilot, "wants a visit")
        await pilot.press("enter", "n", "enter", "m", "enter")
        assert "number to call back on" in shown(app)
        await write(pilot, "5550100177")
        await pilot.press("enter")
        await write(pilot, "today 2pm")
        await pilot.press("enter")
        await write(pilot, "3")
        await pilot.press("enter")
        await write(pilot, "asked twice")
        await pilot.press("enter")
        await arrive(pilot, app, "TodayScreen")
        new = rows(practice, "SELECT id, family_name, given_name, birth_date FROM patient ORDER BY id DESC")[
            0
        ]
        assert new[1:] == ("Lee", "Ana", "1980-03-04")
        assert rows(practice, "SELECT number FROM patient_phone WHERE patient_id = ?", new[0]) == [
            ("+15550100177",)
        ]
        assert rows(practice, "SELECT callback_number, call_back_on, minutes, note FROM incoming_call") == [
            ("+15550100177", "2026-11-30", 3, "asked twice")
        ]
        title, kind, due_at = rows(
            practice, "SELECT title, kind, due_at FROM follow_up WHERE patient_id = ?", new[0]
        )[0]
        assert (title, kind) == ("Call back: wants a visit", "call")
        assert datetime.fromisoformat(str(due_at)).astimezone(ZONE).hour == 14
        assert rows(practice, "SELECT basis FROM ledger WHERE patient_id = ?", new[0]) == [("promise",)]
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, "SELECT id FROM incoming_call UNION ALL SELECT id FROM contact") == []
        assert rows(practice, "SELECT count(*) FROM patient") == people
        assert ledger_whole(practice)
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert rows(practice, "SELECT count(*) FROM incoming_call") == [(1,)]
        assert ledger_whole(practice)


async def test_a_related_person_found_by_their_number_and_what_they_may_hear(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        put_related_person(
            practice, JAMES, name="Cole, Amy", relationship="daughter", phone="+15550100188",
            is_authorized=True, scope="appointments",
        )  # fmt: skip
        put_related_person(practice, JAMES, name="Cole, Ned", relationship="son")
        await pilot.press("f2", *"0188", "enter")
        await arrive(pilot, app, "IncomingCallSheet")
        assert "[1 Cole, Amy, daughter]" in shown(app)
        assert "authorized: appointments" in shown(app)
        await pilot.press("2")
        await pilot.pause()
        assert NOT_AUTHORIZED in shown(app)
        await pilot.press("left")  # stepping says it too
        await pilot.pause()
        assert NOT_AUTHORIZED not in shown(app)
        await pilot.press("2", "enter")
        await write(pilot, "how is he")
        await pilot.press("enter", "n", "enter", "m", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT caller, relationship FROM incoming_call") == [("Cole, Ned", "son")]
        assert rows(practice, "SELECT outcome, spoke_with FROM contact") == [("caller_heard", "Cole, Ned")]
        assert rows(practice, "SELECT last_contact_at FROM patient WHERE id = ?", JAMES) == [(None,)]


async def test_another_caller_a_confidential_channel_and_masked_names(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("z", "f2", *"bran", "enter")
        await arrive(pilot, app, "IncomingCallSheet")
        assert "Brandt" not in shown(app)
        assert "CONTACT ONLY AT" in shown(app)
        assert "0141" not in shown(app)
        assert "0199" not in shown(app)
        await pilot.press("o", "enter")
        await write(pilot, "Kim")
        await pilot.press("enter")
        await write(pilot, "neighbor")
        assert NOT_AUTHORIZED in shown(app)
        await pilot.press("enter")
        await write(pilot, "is she home")
        await pilot.press("enter", "n", "enter", "m", "enter")
        await write(pilot, "5550100177")
        assert "for this call" in shown(app)
        await pilot.press("enter")
        await write(pilot, "tomorrow 9am")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT caller, callback_number FROM incoming_call") == [
            ("Kim", "+15550100177")
        ]
        note = rows(practice, "SELECT note FROM follow_up WHERE source = 'incoming call'")[0][0]
        assert note == "call Kim, neighbor"


async def test_after_a_death_somebody_else_called_and_the_promise_stays(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        set_status(practice, JAMES, PatientStatus.DECEASED, note="daughter")
        await pilot.press("f2", *"james", "enter")
        await arrive(pilot, app, "IncomingCallSheet")
        assert "Died (told by daughter)" in shown(app)
        assert "the patient" not in shown(app)
        await pilot.press("o", "enter", "enter")
        await write(pilot, "widow")
        await pilot.press("enter")
        await write(pilot, "a bill came")
        await pilot.press("enter", "n", "enter", "m", "enter", "enter")
        await write(pilot, "thu 10am")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(
            practice, "SELECT title FROM ledger WHERE patient_id = ? AND basis = 'promise'", JAMES
        ) == [("Call back: a bill came",)]
        assert ledger_whole(practice)


async def test_a_visit_for_a_symptom_waits_for_the_clinicians_word(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await pilot.press("f2", *"james", "enter", "enter")
        await write(pilot, "dizzy")
        await pilot.press("enter", "c", "enter", "b", "ctrl+s")
        await pilot.pause()
        assert "only as a clinician said" in shown(app)
        assert rows(practice, CALL) == []
        app.screen.query_one("#done").focus()
        await pilot.press("a", "ctrl+s")
        await pilot.pause()
        assert "clinician's to answer" in shown(app)
        assert rows(practice, CALL) == []
        app.screen.query_one("#done").focus()
        await pilot.press("b")
        app.screen.query_one("#handed-to").focus()
        await write(pilot, "Dr. Lin")
        app.screen.query_one("#clinician-said").focus()
        await write(pilot, "see her Tuesday")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, CALL) == [(JAMES, "dizzy", 1, 0, "booked_as_said", "Dr. Lin", 1, "Dr. Lin")]
        assert rows(practice, "SELECT count(*) FROM ledger WHERE kind = 'handoff'") == [(0,)]


async def test_nobody_to_hand_to_is_owed_still_and_handed_later(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("f2", *"james", "enter", "enter")
        await write(pilot, "short of breath")
        await pilot.press("enter", "y", "enter", "9", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT title FROM ledger WHERE kind = 'handoff'") == [
            ("Hand to a clinician: short of breath",)
        ]
        await pilot.press("g", "x", "x")
        await write(pilot, "Dr. Lin")
        await pilot.press("enter")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT title FROM ledger WHERE kind = 'handoff'") == [
            ("Accepted? short of breath, Dr. Lin",)
        ]
        await pilot.press("g", "x", "a")
        await write(pilot, "Dr. Wu")
        await pilot.press("enter")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT handed_to, accepted_by FROM incoming_call") == [("Dr. Lin", "Dr. Wu")]
        assert ledger_whole(practice)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("callback", "12", "A US phone number has ten digits"),
        ("call-back Input", "today 25:00", "There is no time"),
        ("call-back Input", "today 7am", "has passed"),
        ("minutes", "many", "whole number"),
        ("handed-at", "99", "not understood as a time"),
        ("handed-at", "11pm", "cannot be later than now"),
        ("handed-at", "12am", "cannot be more than 8 hours before the call"),
        ("handed-to", " ", "which clinician"),
    ],
)
async def test_bad_input_is_one_sentence_and_nothing_is_saved(
    paths: PracticePaths, field: str, typed: str, sentence: str
) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await pilot.press("f2", *"james", "enter", "enter")
        await write(pilot, "pain")
        await pilot.press("enter", "y", "enter", "h")
        if field == "handed-at":
            app.screen.query_one("#handed-to").focus()
            await write(pilot, "Dr. Lin")
        app.screen.query_one(f"#{field}").focus()
        await write(pilot, typed)
        if field == "call-back Input" or field in ("callback", "minutes"):
            app.screen.query_one("#handed-to").focus()
            await write(pilot, "Dr. Lin")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert sentence in shown(app)
        assert rows(practice, "SELECT count(*) FROM incoming_call") == [(0,)]
        assert rows(practice, "SELECT count(*) FROM contact") == [(0,)]


async def test_nobody_chosen_and_nothing_said(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("f2", "ctrl+s")
        await pilot.pause()
        assert "Nobody is chosen" in shown(app)
        await write(pilot, "9876")
        await pilot.press("enter")
        await pilot.pause()
        assert "Nobody has that number" in shown(app)
        await pilot.press("ctrl+u")
        await write(pilot, "Lee 13/45/1980")
        await pilot.press("enter")
        await pilot.pause()
        assert "no real month" in shown(app)
        await pilot.press("ctrl+u")
        await write(pilot, "cole j")
        await pilot.press("enter", "ctrl+s")
        await pilot.pause()
        assert "Write the reason" in shown(app)
        await write(pilot, "x")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Answer the question first" in shown(app)
        await pilot.press("n", "ctrl+s")
        await pilot.pause()
        assert "Say what you did" in shown(app)
        await pilot.press("9", "ctrl+s")
        await pilot.pause()
        assert "in danger: answer the question with y or c" in shown(app)
        assert rows(practice, "SELECT count(*) FROM incoming_call") == [(0,)]


async def test_somebody_of_that_name_is_asked_about(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("f2")
        await write(pilot, "Cole, James")
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "may be on file" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "New person: Cole, James" in shown(app)
