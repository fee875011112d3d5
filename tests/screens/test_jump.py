"""The jump: three letters and enter, or the caller's last four digits and enter, from anywhere."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from carecoord_tui.domain.vocabulary import PatientStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.patients import PatientEntry, PhoneEntry, add_patient
from carecoord_tui.store.bulk import insert
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.patients import jump, phone_endings, whole_number
from carecoord_tui.store.tables import Patient
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import at_work, front, shown, write

NGUYEN, JAMES, ROSE, ODD, ANA = 1, 2, 3, 4, 5


@pytest.mark.parametrize(
    ("typed", "patient_id"), [("ngu", NGUYEN), ("one", ODD), ("0134", NGUYEN), ("0199", ANA)]
)
async def test_the_key_budget(paths: PracticePaths, typed: str, patient_id: int) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("ctrl+k", *typed, "enter")
        await pilot.pause()
        assert front(app) == "PatientPage"
        assert app.screen.patient_id == patient_id
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "TodayScreen"


async def test_several_callers_with_one_ending_are_shown_first(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        other = add_patient(
            practice, PatientEntry(family_name="Zimmer"), phones=[PhoneEntry(number="+15550200134")]
        )
        await pilot.press("f3", *"0134", "enter")
        await pilot.pause()
        assert front(app) == "JumpSheet"
        assert "2 people have 0134" in shown(app)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert front(app) == "PatientPage"
        assert app.screen.patient_id == other


async def test_a_hidden_number_is_found_and_never_shown(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("ctrl+k")
        await write(pilot, "0199")
        line = next(line for line in shown(app).splitlines() if "Brandt, Ana" in line)
        assert "0199" not in line
        assert "..0141" in line
        assert "private" in line


async def test_above_a_parked_form_and_back_to_it(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("N")
        await write(pilot, "Draf")
        await pilot.press("ctrl+k", *"ros", "enter")
        await pilot.pause()
        assert front(app) == "PatientPage"
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "PatientForm"
        assert app.screen.query_one("#family_name", Input).value == "Draf"
        assert app.focused is app.screen.query_one("#family_name")


async def test_nobody_and_nothing(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("ctrl+k", "enter")
        await pilot.pause()
        assert front(app) == "JumpSheet"
        await write(pilot, "zzz")
        await pilot.press("enter")
        await pilot.pause()
        assert "Nobody matches." in shown(app)
        assert app.screen.query_one(RecordList).row_count == 0
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "TodayScreen"


def test_family_name_then_given_name_then_the_closed(practice: Practice) -> None:
    names = [("Xu", "Alvin"), ("Alvarez", "Rosa"), ("Alvarado", "Pia"), ("Stone", "Mary Alva")]
    made = {
        given: add_patient(practice, PatientEntry(family_name=family, given_name=given))
        for family, given in names
    }
    with practice.change("closed") as session:
        patient = session.get(Patient, made["Pia"])
        assert patient is not None
        patient.status = PatientStatus.DISCHARGED
        session.add(patient)
    assert [line.name for line in jump(practice.execute, "alv")] == [
        "Alvarez, Rosa", "Stone, Mary Alva", "Xu, Alvin", "Alvarado, Pia",
    ]  # fmt: skip
    assert [line.id for line in jump(practice.execute, "Alvarez, R")] == [made["Rosa"]]
    assert jump(practice.execute, "  ") == []


def test_a_number_in_full_comes_before_one_that_begins_so(practice: Practice) -> None:
    begins = add_patient(practice, PatientEntry(family_name="Aaa", mrn="10010"))
    whole = add_patient(practice, PatientEntry(family_name="Zzz", mrn="1001"))
    assert [line.id for line in jump(practice.execute, "1001")] == [whole, begins]
    assert whole_number(practice.execute, "1001") == [whole]
    assert whole_number(practice.execute, "10 01") == []
    assert phone_endings(practice.execute, [begins, whole]) == {}


def test_many_matches_are_cut_and_stay_in_name_order(practice: Practice) -> None:
    with practice.change("many") as session:
        insert(
            session, Patient, [{"family_name": f"F{i:03}", "given_name": "Ann"} for i in range(300, 0, -1)]
        )
    found = [line.name for line in jump(practice.execute, "ann")]
    assert found == [f"F{i:03}, Ann" for i in range(1, 13)]
