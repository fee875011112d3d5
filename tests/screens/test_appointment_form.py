"""The form of a visit by keys: booked, changed, cancelled; who may not interpret; the Visits tab."""

from __future__ import annotations

from datetime import date, datetime

from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.interpreter import ASKED_FOR
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.appointment_form import AppointmentForm
from carecoord_tui.store.actions.appointments import AppointmentEntry, book
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Patient, RelatedPerson
from carecoord_tui.widgets.record_list import RecordList
from tests.conftest import ZONE
from tests.screens.bench import arrive, at_work, front, rows, said, shown, to_row, write

THI, JAMES = 1, 2
ODD_NAME = "[b]Lan[/b] Nguyen"
NEWEST = (
    "SELECT title, status, starts_at, booked_on, minutes FROM appointment WHERE patient_id = ?"
    " ORDER BY id DESC LIMIT 1"
)


def family(practice: Practice) -> None:
    """Thi speaks Vietnamese; a grown and an unknown relative are around her."""
    with practice.change("people") as session:
        thi = session.get(Patient, THI)
        assert thi is not None
        thi.language, thi.interpreter_needed = "Vietnamese", True
        grown = date(1990, 1, 1)
        session.add_all(
            [
                thi,
                RelatedPerson(patient_id=THI, name=ODD_NAME, relationship="niece", birth_date=grown),
                RelatedPerson(patient_id=THI, name="Tam Nguyen", relationship="son"),
            ]
        )


async def new_form(pilot: Pilot[None], app: CarecoordApp) -> None:
    """``a`` on Thi's follow-up."""
    await to_row(pilot, app, "Call: CGM order")
    await pilot.press("a")
    await arrive(pilot, app, "AppointmentForm")


async def to_field(pilot: Pilot[None], app: CarecoordApp, name: str) -> None:
    """Down, until the field of this name has the cursor."""
    for _ in range(30):
        at = app.focused
        if at is not None and name in (at.id, at.parent.id if at.parent is not None else None):
            return
        await pilot.press("tab")
    raise AssertionError(f"no key leads to {name}")


def count(practice: Practice) -> int:
    found = rows(practice, "SELECT count(*) FROM appointment")[0][0]
    assert isinstance(found, int)
    return found


def flat(app: CarecoordApp) -> str:
    """The screen's text on one line."""
    return " ".join(shown(app).split())


async def test_a_books_and_a_second_visit_at_that_time_wants_the_key_twice(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await new_form(pilot, app)
        await write(pilot, "14 dec 10am")
        assert "= Mon 14 Dec 2026, 10am" in flat(app)
        await to_field(pilot, app, "title")
        await write(pilot, "Skin check")
        await to_field(pilot, app, "provider")
        await write(pilot, "silva")
        await pilot.press("enter", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert "Visit saved: Mon 14 Dec 2026, 10am." in said(app)
        assert rows(practice, NEWEST, THI) == [
            ("Skin check", "booked", "2026-12-14T15:00:00.000000+00:00", "2026-11-30", 30)
        ]
        assert rows(practice, "SELECT provider_id FROM appointment") == [(1,)]
        await new_form(pilot, app)
        await write(pilot, "14 dec 10:15am")
        assert "This patient already has Skin check then: Mon 14 Dec, 10am." in flat(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "ctrl+s again books both." in flat(app)
        assert count(practice) == 1
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert count(practice) == 2


async def test_dates_that_cannot_be_are_said_and_nothing_is_booked(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await new_form(pilot, app)
        for typed, words in (
            ("30 feb 10am", "There is no 30 Feb"),
            ("14 dec", "A visit needs its time too"),
            ("today 7am", "that time has passed"),
        ):
            await pilot.press("ctrl+u")
            await write(pilot, typed)
            await pilot.press("ctrl+s")
            await pilot.pause()
            assert words in flat(app)
        await pilot.press("ctrl+u")
        await write(pilot, "sat 10am")
        assert "is on a weekend" in flat(app)
        assert count(practice) == 0
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert count(practice) == 1, "an odd day is said, not refused"


async def test_a_relative_interprets_only_when_the_patient_asked(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        family(practice)
        await new_form(pilot, app)
        await write(pilot, "14 dec 10am")
        await to_field(pilot, app, "interpreter-name")
        await write(pilot, "lan")
        await pilot.press("down", "enter")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Family may interpret only when the patient asks" in flat(app)
        assert count(practice) == 0
        assert isinstance(app.screen, AppointmentForm)
        assert app.focused is app.screen.query_one("#asked")
        await pilot.press("y", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        found = rows(practice, "SELECT interpreter_name, note FROM appointment")
        assert found == [(ODD_NAME, ASKED_FOR)]


async def test_an_age_that_was_told_as_a_birth_date_goes_on_file(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        family(practice)
        await new_form(pilot, app)
        await write(pilot, "14 dec 10am")
        await to_field(pilot, app, "interpreter-name")
        await write(pilot, "son")
        await pilot.press("escape", "ctrl+s")
        await pilot.pause()
        assert "How old is Tam Nguyen (son)?" in flat(app)
        await write(pilot, "4 mar 1990")
        await to_field(pilot, app, "asked")
        await pilot.press("y", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        born = "SELECT birth_date FROM related_person WHERE name = 'Tam Nguyen'"
        assert rows(practice, born) == [("1990-03-04",)]


async def to_visits(pilot: Pilot[None], app: CarecoordApp) -> RecordList:
    """The Visits tab of Thi's page."""
    await to_row(pilot, app, "Call: CGM order")
    await pilot.press("enter")
    await arrive(pilot, app, "PatientPage")
    for _ in range(8):
        listing = next(iter(app.screen.query("#visits").results(RecordList)), None)
        if listing is not None and listing.display:
            return listing
        await pilot.press("right")
        await pilot.pause()
    raise AssertionError("there is no Visits tab")


async def test_the_visits_tab_lists_and_changes_and_cancels(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        entry = AppointmentEntry(starts_at=datetime(2026, 12, 2, 10, tzinfo=ZONE), title="Check [b]up")
        book(practice, THI, entry)
        listing = await to_visits(pilot, app)
        assert listing.row_count == 1
        assert "[Visits 1]" in shown(app)
        assert "Check [b]up" in shown(app)
        await pilot.press("enter")
        await arrive(pilot, app, "AppointmentForm")
        await to_field(pilot, app, "location")
        await write(pilot, "Room 2")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT location, booked_on FROM appointment") == [("Room 2", "2026-11-30")]
        await pilot.press("a")
        await arrive(pilot, app, "AppointmentForm")
        await to_field(pilot, app, "status")
        await pilot.press("k", "ctrl+s")
        await pilot.pause()
        assert "That visit is still ahead" in flat(app)
        await pilot.press("c")
        await pilot.pause()
        assert isinstance(app.screen, AppointmentForm)
        assert not app.screen.field_of("when").display, "nothing else is asked"
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT status, settled_on FROM appointment") == [("cancelled", None)]
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, "SELECT status FROM appointment") == [("booked",)]


async def test_another_visit_by_f4_and_an_empty_tab_books_the_first(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        listing = await to_visits(pilot, app)
        assert "a books one." in shown(app)
        await pilot.press("a")
        await arrive(pilot, app, "AppointmentForm")
        await write(pilot, "2 dec 10am")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert listing.row_count == 1
        await pilot.press("e")
        await arrive(pilot, app, "AppointmentForm")
        await pilot.press("f4")
        await pilot.pause()
        assert "New visit" in shown(app)
        await write(pilot, "3 dec 10am")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert count(practice) == 2


async def test_a_birth_date_of_the_people_form_makes_the_refusal(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_visits(pilot, app)
        await pilot.press("P")
        await arrive(pilot, app, "RelatedSheet")
        await write(pilot, "Bao Nguyen")
        await pilot.press("tab")
        await write(pilot, "grandson")
        await to_field(pilot, app, "birth_date")
        await write(pilot, "5 may 2012")
        assert "= 5 May 2012, 14" in flat(app)
        await to_field(pilot, app, "language")
        await write(pilot, "Vietnamese")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        known = rows(practice, "SELECT name, birth_date, language FROM related_person")
        assert known == [("Bao Nguyen", "2012-05-05", "Vietnamese")]
        await pilot.press("a")
        await arrive(pilot, app, "AppointmentForm")
        await write(pilot, "14 dec 10am")
        await to_field(pilot, app, "interpreter")
        await pilot.press("y")
        await to_field(pilot, app, "interpreter-name")
        await write(pilot, "bao")
        assert "grandson, 14" in flat(app)
        await pilot.press("escape", "tab", "y", "ctrl+s")
        await pilot.pause()
        assert "A minor may not interpret" in flat(app)
        assert front(app) == "AppointmentForm"
        assert count(practice) == 0


async def test_how_the_interpreter_takes_part_is_kept_with_the_patient(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        family(practice)
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        await pilot.press("right", "e")
        await arrive(pilot, app, "PatientForm")
        await to_field(pilot, app, "interpreter_mode")
        await pilot.press("v", "ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT interpreter_mode FROM patient WHERE id = 1") == [("video",)]
        await pilot.press("a")
        await arrive(pilot, app, "AppointmentForm")
        assert "[v video]" in shown(app)
