"""The patient page: alerts, tabs, verbs on the highlighted item, people, status, the audited view."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.vocabulary import Channel, DocumentKind, Outcome, PatientStatus, ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.patient_draft import entry_of
from carecoord_tui.screens.patient_page import TABS
from carecoord_tui.store.actions.documents import attach
from carecoord_tui.store.actions.patients import (
    PatientEntry,
    PhoneEntry,
    add_patient,
    edit_patient,
    put_related_person,
    set_status,
)
from carecoord_tui.store.actions.referral_steps import take_step
from carecoord_tui.store.actions.referrals import ReferralEntry, create_referral
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.tables import Contact, Note
from carecoord_tui.widgets.page_tab_bar import PageTabBar
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, paste, rows, said, shown, to_row, until, write

NGUYEN, JAMES, ROSE, ODD, ANA = 1, 2, 3, 4, 5
VIEWS = "SELECT count(*) FROM audit_event WHERE label = 'patient page viewed' AND patient_id = ?"
RELATED = (
    "SELECT name, relationship, phone, is_authorized, scope, scope_until, is_emergency_contact"
    " FROM related_person WHERE patient_id = ?"
)


async def to_page(pilot: Pilot[None], app: CarecoordApp, patient_id: int) -> None:
    app.open_patient(patient_id)
    await pilot.pause()
    await pilot.pause()
    assert front(app) == "PatientPage"


def who(app: CarecoordApp) -> str:
    return str(app.screen.query_one("#who", Static).content)


def in_field(app: CarecoordApp) -> bool:
    """True once a key has led from the choice to what it needs."""
    return front(app) == "StatusSheet" and isinstance(app.focused, Input)


def edit(practice: Practice, patient_id: int, **values: object) -> None:
    person = read_person(practice.execute, patient_id, unmasked=True)
    assert person is not None
    edit_patient(practice, patient_id, replace(entry_of(person), **values))  # type: ignore[arg-type]


async def test_each_opening_is_audited_once(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        assert rows(practice, VIEWS, NGUYEN) == [(0,)]
        await to_page(pilot, app, NGUYEN)
        assert rows(practice, VIEWS, NGUYEN) == [(1,)]
        await pilot.press("c", "escape", "right", "u")
        await pilot.pause()
        assert rows(practice, VIEWS, NGUYEN) == [(1,)]
        assert rows(practice, VIEWS, JAMES) == [(0,)]


async def test_alerts_stand_first_and_hide_what_must_not_be_used(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        edit(
            practice,
            ANA,
            safe_contact="Ask for the school nurse",
            interpreter_needed=True,
            language="Spanish",
            detailed_voicemail=False,
            address_line="12 Hidden Lane",
            email="ana@example.org",
        )
        put_related_person(practice, ANA, name="Bo Brandt", phone="+15550100188")
        await to_page(pilot, app, ANA)
        lines = who(app).splitlines()
        assert lines[0].startswith("Brandt, Ana   46")
        assert lines[1] == "! CONTACT ONLY AT (555) 010-0141. No other phone, mail, voicemail."
        assert lines[2] == "! Safe contact: Ask for the school nurse"
        assert lines[3] == "! Do not confirm this person is a patient."
        assert lines[4] == "! interpreter   ! no detailed voicemail"
        assert "Spanish" in lines[5]
        seen = shown(app)
        for key in ["right"] * 6:
            await pilot.press(key)
            await pilot.pause()
            seen += shown(app)
        for hidden in ("0199", "0188", "Hidden Lane", "ana@example.org"):
            assert hidden not in seen
        assert "not shown: confidential channel" in seen


@pytest.mark.parametrize(
    ("status", "arguments", "words"),
    [
        (
            PatientStatus.ON_HOLD,
            {"hold_until": date(2026, 12, 30), "note": "in Florida"},
            "On hold until Wed 30 Dec: in Florida",
        ),
        (PatientStatus.DISCHARGED, {"note": "moved away"}, "Discharged from the caseload: moved away"),
        (
            PatientStatus.DECEASED,
            {"deceased_on": date(2026, 11, 27), "note": "her son"},
            "Died Fri 27 Nov (told by her son). Outreach and visits stopped. Open for estate: 1.",
        ),
    ],
)
async def test_status_in_words(
    paths: PracticePaths, status: PatientStatus, arguments: dict[str, object], words: str
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        set_status(practice, ANA, status, **arguments)  # type: ignore[arg-type]
        await to_page(pilot, app, ANA)
        assert who(app).splitlines()[1] == f"! {words}"


async def test_overview_verbs_work_on_the_highlighted_item(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_page(pilot, app, NGUYEN)
        assert "[Overview 2]" in shown(app)
        overview = app.screen.query_one("#overview", RecordList)
        await pilot.press("j")
        await pilot.pause()
        kept = overview.cursor_id
        await pilot.press("k")
        assert app.screen.subject().first.title == "Call: CGM order"
        await pilot.press("s", "M")
        await pilot.pause()
        assert rows(practice, "SELECT until_on FROM moved_date WHERE kind = 'follow_up'") == [("2026-12-07",)]
        await pilot.press("x", "x")
        await pilot.pause()
        assert rows(practice, "SELECT status FROM follow_up WHERE patient_id = ?", NGUYEN) in (
            [("done",)],
            [("open",)],
        )
        assert overview.cursor_id == kept or overview.row_count == 2


async def test_verbs_without_an_item_are_about_the_patient(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_page(pilot, app, NGUYEN)
        await pilot.press("right")
        await pilot.pause()
        subject = app.screen.subject()
        assert (subject.items, subject.patient_id) == ((), NGUYEN)
        await pilot.press("x")
        await pilot.pause()
        assert "no open item here" in said(app)


async def test_timeline_is_newest_first_and_says_all(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        with practice.change("seed") as session:
            session.add(
                Contact(
                    patient_id=NGUYEN,
                    at=practice.moment().now.replace(day=20),
                    channel=Channel.PHONE,
                    outcome=Outcome.LEFT_MINIMAL,
                    made_by="Dana",
                    note="second [bold] try",
                )
            )
            session.add(
                Note(patient_id=NGUYEN, at=practice.moment().now.replace(day=25), text="walks \x1b[31m daily")
            )
        await to_page(pilot, app, NGUYEN)
        await pilot.press("right")
        await pilot.pause()
        text = shown(app)
        note, call = text.index("walks"), text.index("left minimal message, Dana")
        assert note < call
        assert "second [bold] try" in text
        assert "\x1b" not in text


async def test_people_are_added_and_changed(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_page(pilot, app, NGUYEN)
        await pilot.press(*["right"] * 7, "P")
        await pilot.pause()
        assert front(app) == "RelatedSheet"
        await write(pilot, "Lan")
        await pilot.press("down", "down")
        await paste(pilot, "555 010 0260")
        await pilot.press("down", "y", "ctrl+s")
        await pilot.pause()
        assert "Say what they may be told" in shown(app)
        await paste(pilot, "appointments")
        await pilot.press("down")
        await paste(pilot, "12/31")
        assert "= Thu 31 Dec 2026" in shown(app)
        await pilot.press("down", "space", "ctrl+s")
        await pilot.pause()
        assert rows(practice, RELATED, NGUYEN) == [
            ("Lan", "", "+15550100260", 1, "appointments", "2026-12-31", 1)
        ]
        assert "[People 1]" in shown(app)
        assert "Thu 31 Dec" in shown(app)
        assert "(555) 010-0260 · emergency contact" in shown(app)
        await pilot.press("e")
        await pilot.press("end")
        await write(pilot, "g")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, RELATED, NGUYEN)[0][0] == "Lang"
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, RELATED, NGUYEN)[0][0] == "Lan"


async def to_tab(pilot: Pilot[None], app: CarecoordApp, name: str) -> RecordList:
    """Right, until the tab of this name is in front; returns its list."""
    for _ in range(8):
        listing = next(iter(app.screen.query(f"#{name}").results(RecordList)), None)
        if listing is not None and listing.display:
            return listing
        await pilot.press("right")
        await pilot.pause()
    raise AssertionError(f"there is no tab {name}")


async def test_nine_tabs_fit_eighty_columns_and_come_in_order(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_page(pilot, app, NGUYEN)
        line = next(line for line in shown(app).splitlines() if "[Overview" in line)
        assert line.split() == [
            "[Overview", "2]", "Timeline", "Refs", "0", "Insur.", "1", "Visits", "Docs", "Hist.", "People",
            "Changes",
        ]  # fmt: skip
        bar = app.screen.query_one(PageTabBar)
        assert not PageTabBar.fits(["Overview 12", *["Documents 10"] * 6], bar.size.width)
        await pilot.click("#tabs", offset=(line.index("Hist.") + 1, 0))
        await pilot.pause()
        assert "[History 0]" in shown(app)
        assert "H adds a condition" in shown(app)


async def test_referrals_show_the_track_and_take_the_verbs(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        ended = create_referral(practice, JAMES, ReferralEntry(specialty="neurology [b]"))
        take_step(practice, ended, Step(to=ReferralStage.WITHDRAWN, reason="not needed"))
        await to_page(pilot, app, JAMES)
        listing = await to_tab(pilot, app, "referrals")
        assert "[Referrals 1]" in shown(app)
        text = shown(app)
        assert text.index("cardiology") < text.index("ENDED") < text.index("neurology [b]")
        assert "9bd of 2" in text
        assert "ordered 16 Nov > [sent 16 Nov] > acknowledged" in text
        assert app.screen.subject().first.item.record_id == 1
        await pilot.press("x", "x")
        await pilot.pause()
        assert rows(practice, "SELECT stage FROM referral WHERE id = 1") == [("acknowledged",)]
        await until(pilot, lambda: "[acknowledged 30 Nov]" in shown(app))
        assert listing.cursor_id == 1
        await pilot.press("j")
        await pilot.pause()
        assert "[withdrawn 30 Nov: not needed]" in shown(app)
        subject = app.screen.subject()
        assert (subject.items, subject.patient_id) == ((), JAMES)
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "ReferralDetail")
        assert app.screen.referral_id == ended
        await pilot.press("escape", "t")
        await until(pilot, lambda: front(app) == "ReferralDetail")
        await pilot.press("escape", "e")
        await until(pilot, lambda: front(app) == "ReferralForm")


async def test_o_runs_through_what_is_open_with_one_person(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_page(pilot, app, NGUYEN)
        assert len(app.screen.items) == 2
        await pilot.press("o")
        await until(pilot, lambda: any(type(one).__name__ == "RunScreen" for one in app.screen_stack))
        await pilot.pause()
        assert "1 of 2" in shown(app)


async def test_documents_open_at_the_highlighted_one(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        for number in (1, 2):
            file = tmp_path / f"letter{number}.txt"
            file.write_text(f"letter {number}")
            attach(practice, JAMES, file, kind=DocumentKind.LETTER, title=f"Letter [{number}]")
        await to_page(pilot, app, JAMES)
        listing = await to_tab(pilot, app, "documents")
        assert "[Documents 2]" in shown(app)
        assert "Letter [1]" in shown(app)
        assert "not reviewed" in shown(app)
        assert "letter2.txt · 8 bytes" in shown(app)
        await pilot.press("j", "enter")
        await until(pilot, lambda: front(app) == "DocumentsSheet")
        await pilot.pause()
        assert app.screen.query_one("#documents", RecordList).cursor_id == listing.cursor_id == 1


async def test_history_is_added_and_changed_and_undone(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        found = "SELECT text, kind, is_active FROM history_item WHERE patient_id = ?"
        await to_page(pilot, app, NGUYEN)
        await to_tab(pilot, app, "history")
        await pilot.press("H")
        await until(pilot, lambda: front(app) == "HistoryForm")
        app.screen.query_one("#text", Input).value = "heart failure"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: front(app) == "PatientPage")
        assert rows(practice, found, NGUYEN) == [("heart failure", "condition", 1)]
        await until(pilot, lambda: "[History 1]" in shown(app))
        assert "heart failure" in shown(app)
        await pilot.press("enter")
        await until(pilot, lambda: front(app) == "HistoryForm")
        app.screen.query_one("#text", Input).value = "heart failure, mild"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: front(app) == "PatientPage")
        assert rows(practice, found, NGUYEN)[0][0] == "heart failure, mild"
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, found, NGUYEN)[0][0] == "heart failure"


async def test_expired_authority_is_said(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 30)) as (pilot, app, practice):
        put_related_person(
            practice, NGUYEN, name="Lan", is_authorized=True, scope="results", scope_until=date(2026, 11, 29)
        )
        await to_page(pilot, app, NGUYEN)
        await pilot.press("left", "left")
        await pilot.pause()
        assert "expired Sun 29 Nov; was: results" in shown(app)
        assert "Sun 29 Nov" in shown(app)


async def test_a_draft_of_a_person_is_not_lost_by_one_key(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_page(pilot, app, NGUYEN)
        await pilot.press("P")
        await write(pilot, "Lan")
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "RelatedSheet"
        assert "Not saved" in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "PatientPage"
        assert rows(practice, RELATED, NGUYEN) == []


async def test_changes_name_the_fields_and_hold_no_value(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 30)) as (pilot, app, practice):
        edit(practice, NGUYEN, preferred_name="Tee", city="Oldtown")
        await to_page(pilot, app, NGUYEN)
        await pilot.press("left")
        await pilot.pause()
        text = shown(app)
        assert "patient edited" in text
        assert "patient: city, preferred name" in text
        assert "Oldtown" not in text
        assert "people" in text


async def test_a_patient_undone_closes_the_page_with_words(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        added = add_patient(
            practice, PatientEntry(family_name="Typo"), phones=[PhoneEntry(number="+15550100777")]
        )
        await to_page(pilot, app, added)
        await pilot.press("u")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, "SELECT id FROM patient WHERE id = ?", added) == []


async def test_status_by_one_key(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        state = (
            "SELECT status, hold_until, deceased_on, status_note || deceased_told_by"
            " FROM patient WHERE id = ?"
        )
        await to_page(pilot, app, ANA)
        await pilot.press("S", "h")
        await until(pilot, lambda: in_field(app))
        await pilot.press("enter")
        await paste(pilot, "in Florida")
        await pilot.press("enter")
        await pilot.pause()
        assert rows(practice, state, ANA) == [("on_hold", "2026-12-30", None, "in Florida")]
        assert "Now on hold until Wed 30 Dec" in said(app)
        await pilot.press("S", "a")
        await pilot.pause()
        assert rows(practice, state, ANA) == [("active", None, None, "")]
        await pilot.press("S", "d")
        await until(pilot, lambda: in_field(app))
        assert "1 item stays open and on the list" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "Say why this person leaves" in shown(app)
        await paste(pilot, "moved away")
        await pilot.press("enter")
        await pilot.pause()
        assert rows(practice, state, ANA) == [("discharged", None, None, "moved away")]
        assert rows(practice, "SELECT title FROM ledger WHERE patient_id = ?", ANA) == [("Send forms",)]
        await pilot.press("S", "x")
        await until(pilot, lambda: in_field(app))
        await paste(pilot, "12/24/2026")
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert rows(practice, state, ANA)[0][0] == "discharged"
        assert "who told you" in shown(app)
        app.screen.query_one("#status-note", Input).value = "daughter"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "is ahead" in shown(app)
        app.screen.query_one("#died-on Input", Input).value = "11/27/2026"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, state, ANA) == [("deceased", None, "2026-11-27", "daughter")]


async def test_esc_goes_back_to_where_it_was(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("2")
        await pilot.pause()
        listing = app.screen.query_one(RecordList)
        listing.move_to(ROSE)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("space")
        await pilot.pause()
        assert app.screen.query_one("#overview", RecordList).marks
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "PatientPage"
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "PatientsScreen"
        assert listing.cursor_id == ROSE


async def test_the_patients_own_facts_are_one_key_away_on_every_tab(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        for _ in TABS:
            assert "E patient" in said(app)
            await pilot.press("E")
            await arrive(pilot, app, "PatientForm")
            assert app.screen.query_one("#family_name", Input).value == "Nguyen"
            await pilot.press("escape")
            await arrive(pilot, app, "PatientPage")
            await pilot.press("right")
        await pilot.press("e")  # on Overview e stays the follow-up's
        await arrive(pilot, app, "FollowUpSheet")
        await pilot.press("escape")
        await arrive(pilot, app, "PatientPage")
        await pilot.press("E")
        await arrive(pilot, app, "PatientForm")
        app.screen.query_one("#address_line", Input).value = "12 Elm St"
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT address_line FROM patient WHERE id = ?", NGUYEN) == [("12 Elm St",)]


@pytest.mark.parametrize("words", ["phone", "address", "edit patient"])
async def test_the_palette_finds_the_patients_facts(paths: PracticePaths, words: str) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        await pilot.press("ctrl+p")
        await arrive(pilot, app, "CommandPalette")
        await write(pilot, words)
        await pilot.pause(0.5)
        await pilot.press("enter")
        await arrive(pilot, app, "PatientForm")
