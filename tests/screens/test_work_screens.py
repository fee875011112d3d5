"""What the work screens share: they keep their place, read once, and hide what must not be seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input, Static

from carecoord_tui.domain.vocabulary import Outcome, PatientStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.patients import PatientsScreen
from carecoord_tui.store.actions.contacts import log_contact
from carecoord_tui.store.actions.patients import PatientEntry, edit_patient, set_status
from carecoord_tui.widgets.person_pane import PersonPane
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, said, shown, to_row, until, write

NGUYEN, JAMES, ROSE, ODD, ANA = 1, 2, 3, 4, 5


async def test_a_list_reads_once_when_it_opens(paths: PracticePaths, monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual calls the handler of every class of a screen; one that calls super() works twice."""
    reads: list[PatientsScreen] = []
    read = PatientsScreen.reload
    monkeypatch.setattr(PatientsScreen, "reload", lambda screen: (reads.append(screen), read(screen))[0])
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        await pilot.pause(0.1)
        assert len(reads) == 1


async def test_today_keeps_cursor_marks_and_order_while_patients_are_looked_at(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("j", "space")
        listing = app.screen.query_one(RecordList)
        before = (listing.cursor_id, set(listing.marks))
        await pilot.press("plus")
        await write(pilot, "call Cole, Rose today new thing")
        await pilot.press("enter")
        await arrive(pilot, app, "TodayScreen")
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        await pilot.press("1")
        await arrive(pilot, app, "TodayScreen")
        listing = app.screen.query_one(RecordList)
        assert (listing.cursor_id, set(listing.marks)) == before
        assert "1 new · . to re-rank" in shown(app)


async def test_what_changed_while_a_list_was_away_is_there_when_it_is_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        set_status(practice, NGUYEN, PatientStatus.DISCHARGED, note="moved")
        await pilot.press("1")
        await arrive(pilot, app, "TodayScreen")
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        await pilot.pause()
        assert "Nguyen" not in shown(app)


@pytest.mark.parametrize("key", ["1", "2"])
async def test_esc_closes_the_pane_that_p_opened(paths: PracticePaths, key: str) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press(key)
        await pilot.pause(0.1)
        await pilot.press("p", "space")
        assert app.screen.query_one(PersonPane).display
        await pilot.press("escape")
        assert not app.screen.query_one(PersonPane).display
        assert app.screen.query_one(RecordList).marks
        await pilot.press("escape")
        assert not app.screen.query_one(RecordList).marks


async def test_a_verb_for_one_person_never_mixes_two(paths: PracticePaths) -> None:
    """Of two marked people one may have nothing open: the other's item is not about them."""
    async with at_work(paths) as (pilot, app, practice):
        set_status(practice, ROSE, PatientStatus.DISCHARGED, note="moved")
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        await pilot.press("A")
        listing = app.screen.query_one(RecordList)
        for one in (ROSE, NGUYEN):
            listing.move_to(one)
            await pilot.press("space")
        await pilot.press("n")
        await pilot.pause()
        assert front(app) == "PatientsScreen"
        assert "about one person" in said(app)


# --- what must not be seen ----------------------------------------------------------------------


async def test_masked_names_are_masked_in_the_contact_sheets_voicemail(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("z", "c")
        await pilot.pause()
        assert "Voicemail" in shown(app)
        assert "Nguyen" not in shown(app)


async def test_no_voicemail_is_offered_under_a_confidential_channel(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_row(pilot, app, "Send forms")
        await pilot.press("c")
        await pilot.pause()
        assert "contact only by the permitted channel" in shown(app)
        assert "Please call" not in shown(app)
        assert "0199" not in shown(app)


async def test_masking_also_masks_the_heading_of_an_open_sheet(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("n")
        await arrive(pilot, app, "NoteSheet")
        app.action_privacy()
        await pilot.pause()
        assert "Nguyen" not in shown(app)


async def test_whom_a_contact_spoke_with_is_masked(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        log_contact(practice, patient_id=NGUYEN, outcome=Outcome.REACHED_PROXY, spoke_with="Minh, son")
        await to_row(pilot, app, "Call: CGM order")
        await until(pilot, lambda: "Minh" in shown(app))
        await pilot.press("z")
        await pilot.pause(0.1)
        assert "Minh" not in shown(app)


async def test_why_names_a_persons_changed_fields_without_their_values(paths: PracticePaths) -> None:
    """The audit of a check-in is the patient's own record, with an address that may be confidential."""
    async with at_work(paths) as (pilot, app, practice):
        entry = PatientEntry(family_name="Brandt", given_name="Ana", confidential_channel=True)
        edit_patient(practice, ANA, replace(entry, address_line="12 Hidden Lane"))
        practice.execute("SELECT 1")
        app.open_patient(ANA)
        await arrive(pilot, app, "PatientPage")
        page = app.screen
        listing = page.query_one("#overview", RecordList)
        for one, ranked in page.items.items():
            if ranked.item.kind.value == "patient":
                listing.move_to(one)
        await pilot.press("w")
        await arrive(pilot, app, "WhySheet")
        text = str(app.screen.query_one("#why-text", Static).render())
        assert "Hidden Lane" not in text


# --- sheets --------------------------------------------------------------------------------------


async def test_a_sheet_in_a_small_terminal_shows_the_notice(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("plus")
        await arrive(pilot, app, "QuickAddSheet")
        await pilot.resize_terminal(60, 20)
        await pilot.pause(0.2)
        assert "needs 80 x 24" in shown(app)
        assert not app.screen.query_one("#sheet").display
        await pilot.resize_terminal(80, 24)
        await pilot.pause(0.2)
        assert app.screen.query_one("#sheet").display


@pytest.mark.parametrize("key", ["f", "c"])
async def test_a_form_is_not_lost_by_one_esc(paths: PracticePaths, key: str) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press(key)
        await pilot.pause()
        if key == "c":
            await pilot.press("tab")
        await write(pilot, "typed")
        await pilot.press("escape")
        await pilot.pause()
        assert "Not saved: esc again leaves" in shown(app)
        assert any(field.value == "typed" for field in app.screen.query(Input))
        await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")


async def test_leaving_with_an_untouched_form_does_not_ask(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("e")
        await arrive(pilot, app, "FollowUpSheet")
        assert not app.screen.has_draft()
        await write(pilot, "!")
        assert app.screen.has_draft()
