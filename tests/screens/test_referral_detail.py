"""One referral in full: what stands on the screen, the verbs on it, its chain, reloading."""

from __future__ import annotations

from datetime import date

from textual.pilot import Pilot
from textual.widgets import Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.vocabulary import Kind, ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.referral_detail import ReferralDetail
from carecoord_tui.store.actions.referral_steps import schedule, take_step
from carecoord_tui.store.actions.referrals import ReferralEntry, create_referral, redirect
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Patient, Provider, Referral
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import at_work, front, rows, said, shown, until, write

S = ReferralStage
NGUYEN, JAMES, ROSE, ODD, ANA = 1, 2, 3, 4, 5
CARDIOLOGY = 1  # James: sent on 16 Nov to Silva Cardiology
STAGE = "SELECT stage FROM referral WHERE id = ?"


async def to_detail(pilot: Pilot[None], app: CarecoordApp, referral_id: int = CARDIOLOGY) -> None:
    assert app.practice is not None
    await app.push_screen(ReferralDetail(app.practice, referral_id))
    await pilot.pause()
    await pilot.pause()


def text(app: CarecoordApp, name: str) -> str:
    return str(app.screen.query_one(name, Static).content)


def listed(app: CarecoordApp) -> list[str]:
    listing = app.screen.query_one(RecordList)
    every = listing.source[slice(0, listing.row_count)]
    return [" ".join(map(str, row.cells)).strip() for row in every]


def give_phones(practice: Practice) -> None:
    with practice.change("seed") as session:
        office = session.get(Provider, 1)
        assert office is not None
        office.phone, office.fax = "+15550100170", "+15550100172"


def second_office(practice: Practice) -> int:
    with practice.change("seed") as session:
        office = Provider(name="Valley Heart", specialty="cardiology", phone="+15550100180")
        session.add(office)
        session.flush()
        assert office.id is not None
        return office.id


async def test_t_on_a_row_shows_who_where_and_what_is_next(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        give_phones(practice)
        await pilot.press("2")
        await pilot.pause()
        app.open_patient(JAMES)
        await pilot.pause()
        await pilot.pause()
        items = app.screen.items
        overview = app.screen.query_one("#overview", RecordList)
        overview.move_to(next(one for one, r in items.items() if r.item.kind is Kind.REFERRAL))
        await pilot.press("t")
        await until(pilot, lambda: front(app) == "ReferralDetail")
        await pilot.pause()
        who = text(app, "#who").splitlines()
        assert who[0].startswith("Cole, James   76")
        assert who[-2] == "Cardiology · consult · routine · 9bd of 2"
        assert who[-1] == "Silva Cardiology · (555) 010-0170 · fax (555) 010-0172"
        assert text(app, "#track").replace("\n", " ") == (
            "ordered 16 Nov > [sent 16 Nov] > acknowledged > accepted > scheduled > seen > report > reviewed"
            " > patient told"
        )
        assert "Next  18 Nov, 7d  Confirm receipt: Silva Cardiology" in text(app, "#next")
        assert "Sent is not received." in text(app, "#next")
        seen = rows(practice, "SELECT patient_id FROM audit_event WHERE label = 'referral viewed'")
        assert seen == [(JAMES,)]
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "PatientPage"


async def test_a_step_taken_here_shows_at_once_and_is_taken_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_detail(pilot, app)
        await pilot.press("x", "x")
        await pilot.pause()
        assert rows(practice, STAGE, CARDIOLOGY) == [("acknowledged",)]
        await until(pilot, lambda: "[acknowledged 30 Nov]" in text(app, "#track"))
        assert "Mon 30 Nov acknowledged · Dana Reyes" in listed(app)
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, STAGE, CARDIOLOGY) == [("sent",)]
        assert "[sent 16 Nov]" in text(app, "#track")


async def test_a_skipped_stage_reads_not_recorded_and_a_late_stamp_says_so(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        take_step(practice, CARDIOLOGY, Step(to=S.ACCEPTED, on=date(2026, 11, 20)))
        schedule(practice, CARDIOLOGY, date(2026, 12, 2))
        await to_detail(pilot, app)
        assert "acknowledged not recorded > accepted 20 Nov > [scheduled 2 Dec]" in text(app, "#track")
        assert "Fri 20 Nov accepted · recorded late, Mon 30 Nov · Dana Reyes" in listed(app)
        assert "Mon 30 Nov scheduled for Wed 2 Dec · Dana Reyes" in listed(app)
        assert "FHIR ServiceRequest active · Task in-progress · Appointment booked" in listed(app)


async def test_an_ended_one_owes_nothing_and_says_why(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        take_step(practice, CARDIOLOGY, Step(to=S.DECLINED, reason="no [/b] transport"))
        await to_detail(pilot, app)
        assert "patient declined 30 Nov: no [/b] transport]" in text(app, "#track")
        assert "Ended Mon 30 Nov: patient declined. Reason: no [/b] transport." in text(app, "#next")
        subject = app.screen.subject()
        assert (subject.items, subject.patient_id) == ((), JAMES)
        await pilot.press("x")
        await pilot.pause()
        assert "This referral is ended (patient declined)" in said(app)
        await pilot.press("f")
        await until(pilot, lambda: front(app) == "FollowUpSheet")


async def test_the_chain_opens_from_both_ends_without_piling_up(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        take_step(practice, CARDIOLOGY, Step(to=S.REJECTED, reason="not taking new patients"))
        valley = second_office(practice)
        new = redirect(practice, CARDIOLOGY, provider_id=valley, reason="not taking new patients")
        await to_detail(pilot, app)
        depth = len(app.screen_stack)
        assert listed(app)[:2] == [
            "CHAIN",
            "sent elsewhere to Valley Heart on Mon 30 Nov · draft · enter opens",
        ]
        await pilot.press("g", "enter")
        await until(pilot, lambda: len(app.screen_stack) == depth + 1)
        await pilot.pause()
        assert app.screen.referral_id == new
        assert (
            "comes from Silva Cardiology, sent on here Mon 30 Nov · sent elsewhere · enter opens"
            in listed(app)
        )
        await pilot.press("g", "enter")
        await until(pilot, lambda: len(app.screen_stack) == depth)
        assert app.screen.referral_id == CARDIOLOGY


async def test_enter_elsewhere_opens_the_patient_page_at_the_referral(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_detail(pilot, app)
        await pilot.press("G", "enter")
        await until(pilot, lambda: front(app) == "PatientPage")
        await pilot.pause()
        assert app.screen.subject().first.item.kind is Kind.REFERRAL


async def test_e_changes_the_referral_and_the_screen_follows(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await to_detail(pilot, app)
        await pilot.press("e")
        await until(pilot, lambda: front(app) == "ReferralForm")
        await pilot.press("escape")
        await until(pilot, lambda: front(app) == "ReferralDetail")
        with practice.change("seed") as session:
            record = session.get(Referral, CARDIOLOGY)
            assert record is not None
            record.question = "Is [b]a stress test[/b] wanted? \x1b[31m"
        await until(
            pilot, lambda: any("Is [b]a stress test[/b] wanted? ?[31m" in line for line in listed(app))
        )
        assert "\x1b" not in shown(app)


async def test_d_attaches_to_this_referral_also_when_it_is_ended(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        take_step(practice, CARDIOLOGY, Step(to=S.WITHDRAWN, reason="no longer needed"))
        await to_detail(pilot, app)
        await pilot.press("d")
        await until(pilot, lambda: front(app) == "DocumentsSheet")
        assert app.screen.referral_id == CARDIOLOGY


async def test_a_referral_undone_closes_its_screen_with_words(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        made = create_referral(practice, NGUYEN, ReferralEntry(specialty="neurology"))
        await to_detail(pilot, app, made)
        assert "[draft, ordered 30 Nov]" in text(app, "#track")
        assert "no office chosen" in text(app, "#who")
        await pilot.press("u")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, STAGE, made) == []


async def test_confidential_patients_show_only_the_channel_they_allow(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        made = create_referral(practice, ANA, ReferralEntry(specialty="neurology", provider_id=1))
        await to_detail(pilot, app, made)
        whole = shown(app)
        assert "! CONTACT ONLY AT (555) 010-0141" in whole
        assert "0199" not in whole


async def test_names_are_masked_in_privacy_mode(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("seed") as session:
            person = session.get(Patient, JAMES)
            assert person is not None
            person.preferred_name = "Jim"
        await to_detail(pilot, app)
        assert "Cole, James" in shown(app)
        await pilot.press("z")
        await pilot.pause()
        assert "Cole" not in shown(app)
        await write(pilot, "z")
        assert "Cole, James" in shown(app)
