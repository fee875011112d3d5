"""The patients list: filter as you type, everybody, the subject of verbs, a steady cursor."""

from __future__ import annotations

from datetime import date

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import PatientStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.patients import PatientsScreen
from carecoord_tui.store.actions.patients import PatientEntry, add_patient, set_status
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.patients import NameOrder, list_ids, possible_duplicates
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, rows, said, shown, until, write

NGUYEN, JAMES, ROSE, ODD, ANA = 1, 2, 3, 4, 5


def listing(app: CarecoordApp) -> RecordList:
    assert isinstance(app.screen, PatientsScreen)
    return app.screen.query_one(RecordList)


def listed(app: CarecoordApp) -> list[object]:
    found = listing(app)
    return [row.id for row in found.source[slice(0, found.row_count)]]


def count(app: CarecoordApp) -> str:
    return str(app.screen.query_one("#count", Static).content)


async def to_patients(pilot: Pilot[None]) -> None:
    await pilot.press("2")
    await pilot.pause()


async def test_the_list_is_in_name_order_with_the_next_action(paths: PracticePaths) -> None:
    async with at_work(paths, size=(170, 30)) as (pilot, app, _):
        await to_patients(pilot)
        await pilot.press("p")
        await pilot.pause()
        assert listed(app) == [ANA, JAMES, ROSE, NGUYEN, ODD]
        text = shown(app)
        assert count(app) == "5 people"
        nguyen = next(line for line in text.splitlines() if "Nguyen, Thi" in line)
        for part in ("14 Mar 1961 (65)", "Mon 30 Nov", "Call: CGM order", "0/1/1", "Humana", "never"):
            assert part in nguyen
        assert "private" in next(line for line in text.splitlines() if "Brandt, Ana" in line)
        assert "O'Neil [Jr] [/b]" in text
        assert "\x1b" not in text


async def test_filter_finds_by_name_date_number_and_card(paths: PracticePaths) -> None:
    cases = {
        "ngu": [NGUYEN],
        "cole r": [ROSE],
        "3/14/1961": [NGUYEN],
        "14 mar 1961": [NGUYEN],
        "MRN-3": [ROSE],
        "0135": [NGUYEN],
        "(555) 010-0134": [NGUYEN],
        "H123": [NGUYEN],
        "0199": [ANA],
        "--": [],
        "zzz": [],
        " ": [ANA, JAMES, ROSE, NGUYEN, ODD],
    }
    async with at_work(paths) as (pilot, app, _):
        await to_patients(pilot)
        await pilot.press("slash")
        for typed, found in cases.items():
            app.screen.query_one("#filter", Input).value = typed
            await pilot.pause()
            assert listed(app) == found
            assert count(app) == (f"{len(found)} of 5" if typed.strip() else "5 people")
            assert "0199" not in shown(app).replace(f" {typed} ", "")


async def test_keys_of_the_filter(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_patients(pilot)
        await pilot.press("slash")
        await write(pilot, "cole")
        assert listed(app) == [JAMES, ROSE]
        await pilot.press("down")
        await pilot.pause()
        assert app.focused is listing(app)
        await pilot.press("j")
        assert listing(app).cursor_id == ROSE
        await pilot.press("escape")
        await pilot.pause()
        assert len(listed(app)) == 5
        assert listing(app).cursor_id == ROSE
        assert app.screen.query_one("#filter", Input).value == ""
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "PatientsScreen"


async def test_enter_in_the_filter_then_enter_opens_the_page(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_patients(pilot)
        await pilot.press("slash")
        await write(pilot, "ros")
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert front(app) == "PatientPage"
        assert app.screen.patient_id == ROSE
        await pilot.press("escape")
        await pilot.pause()
        assert count(app) == "1 of 5"


async def test_everybody_brings_the_discharged_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        set_status(practice, ROSE, PatientStatus.DISCHARGED, note="moved away")
        set_status(practice, JAMES, PatientStatus.ON_HOLD, hold_until=date(2026, 12, 30))
        await to_patients(pilot)
        assert listed(app) == [ANA, JAMES, NGUYEN, ODD]
        assert count(app) == "3 active, 1 on hold"
        assert "2 Patients 3" in shown(app)
        await pilot.press("slash")
        await write(pilot, "cole")
        assert count(app) == "1 of 4 (3 active, 1 on hold)"
        await pilot.press("escape")
        await pilot.press("A")
        await pilot.pause()
        assert listed(app) == [ANA, JAMES, ROSE, NGUYEN, ODD]
        assert "dischar" in next(line for line in shown(app).splitlines() if "Cole, Rose" in line)
        await pilot.press("A")
        await pilot.pause()
        assert ROSE not in listed(app)


async def test_a_verb_works_on_the_most_urgent_item(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_patients(pilot)
        listing(app).move_to(ANA)
        await pilot.pause()
        await pilot.press("x")
        await pilot.pause()
        assert front(app) == "DoneSheet"
        await pilot.press("x")
        await pilot.pause()
        assert rows(practice, "SELECT status FROM follow_up WHERE patient_id = ?", ANA) == [("done",)]
        assert listing(app).cursor_id == ANA


async def test_marks_make_one_change_of_many(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_patients(pilot)
        listing(app).move_to(ANA)
        await pilot.press("space")
        listing(app).move_to(ODD)
        await pilot.press("space")
        await pilot.pause()
        subject = app.screen.subject()
        assert {ranked.item.patient_id for ranked in subject.items} == {ANA, ODD}
        await pilot.press("x")
        await pilot.pause()
        done = "SELECT patient_id FROM follow_up WHERE status = 'done' ORDER BY patient_id"
        assert rows(practice, done) == [(ODD,), (ANA,)]
        await pilot.press("escape")
        await pilot.pause()
        assert listing(app).marks == frozenset()


async def test_cursor_stays_on_its_patient_when_others_come(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_patients(pilot)
        listing(app).move_to(NGUYEN)
        add_patient(practice, PatientEntry(family_name="Aaron", given_name="First"))
        await pilot.pause()
        assert listing(app).cursor_id == NGUYEN
        assert count(app) == "6 people"
        await pilot.press("u")
        await pilot.pause()
        if front(app) == "ConfirmSheet":
            await pilot.press("y")
            await pilot.pause()
        assert count(app) == "5 people"
        assert listing(app).cursor_id == NGUYEN
        assert "Undone: new patient" in said(app)


async def test_names_are_masked_and_the_hidden_number_is_not_shown(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, _):
        await to_patients(pilot)
        listing(app).move_to(ANA)
        await until(pilot, lambda: "010-0141" in shown(app))
        assert "0199" not in shown(app)
        await pilot.press("z")
        await pilot.pause()
        assert "Brandt" not in shown(app)
        assert "B***, A***" in shown(app)


async def test_every_width_shows_name_and_date(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_patients(pilot)
        for width in (80, 99, 100, 140, 200):
            await pilot.resize_terminal(width, 24)
            await pilot.pause()
            line = next(line for line in shown(app).splitlines() if "Nguyen, Thi" in line)
            assert "14 Mar 1961 (65)" in line
            assert "Mon 30 Nov" in line


def test_an_empty_caseload_says_how_to_begin(practice: Practice) -> None:
    assert list_ids(practice.execute) == []
    assert NameOrder(practice.execute).ids(everybody=True) == []


def test_possible_duplicates_need_name_and_date(practice: Practice) -> None:
    born = date(1955, 3, 14)
    add_patient(practice, PatientEntry(family_name="Álvarez", given_name="Rosa", birth_date=born, mrn="1001"))
    add_patient(practice, PatientEntry(family_name="Alvarez", given_name="Rosalind", birth_date=born))
    found = possible_duplicates(practice.execute, "Alvarez", "ROSA", born)
    assert [(one.name, one.mrn) for one in found] == [("Álvarez, Rosa", "1001")]
    assert possible_duplicates(practice.execute, "Alvarez", "Rosa", date(1955, 3, 15)) == []
    assert len(possible_duplicates(practice.execute, "Alvarez", "Rosa", None)) == 1
    assert possible_duplicates(practice.execute, "", "", None) == []


async def test_the_old_filter_is_replaced_by_what_is_typed_next(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_patients(pilot)
        await pilot.press("slash")
        await write(pilot, "cole")
        await pilot.press("down", "1")
        await arrive(pilot, app, "TodayScreen")
        await to_patients(pilot)
        await pilot.press("slash")
        await write(pilot, "ngu")
        assert app.screen.query_one("#filter", Input).value == "ngu"
        assert listed(app) == [NGUYEN]
        await pilot.press("down", "slash", "end", "backspace")
        await pilot.pause()
        assert app.screen.query_one("#filter", Input).value == "ng"


async def test_e_on_a_persons_row_is_about_the_person(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_patients(pilot)
        assert listing(app).move_to(NGUYEN)  # their most urgent item is a follow-up
        await pilot.pause()
        await pilot.press("e")
        await arrive(pilot, app, "PatientForm")
        assert app.screen.query_one("#family_name", Input).value == "Nguyen"
        app.screen.query_one("#city", Input).value = "Toledo"
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientsScreen")
        assert rows(practice, "SELECT city FROM patient WHERE id = ?", NGUYEN) == [("Toledo",)]


async def test_letters_typed_right_behind_the_slash_reach_the_filter(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_patients(pilot)
        for key, character in (("slash", "/"), ("c", "c"), ("o", "o")):
            app.post_message(events.Key(key, character))
        await until(pilot, lambda: app.screen.query_one("#filter", Input).value == "co")
        assert listed(app) == [JAMES, ROSE]
