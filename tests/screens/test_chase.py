"""By office: one call, many patients; two keys log that they will send it."""

from __future__ import annotations

from datetime import date, time

from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.chase import ChaseScreen
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Patient, Provider, Referral
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, rows, said, shown, until, write


def more(practice: Practice) -> None:
    """Two further patients wait for the same office, one for another."""
    with practice.change("more referrals") as session:
        ((office,),) = rows(practice, "SELECT id FROM provider")
        other = Provider(name="Valley Skin", specialty="dermatology", phone="+15550100177")
        session.add(other)
        session.flush()
        for family, provider in (("Ames", office), ("Bell", office), ("Cruz", other.id)):
            patient = Patient(family_name=family, given_name="Ann")
            session.add(patient)
            session.flush()
            session.add(
                Referral(
                    patient_id=patient.id,
                    provider_id=provider,
                    specialty="cardiology",
                    stage=ReferralStage.SEEN,
                    stage_on=date(2026, 11, 2),
                    ordered_on=date(2026, 10, 1),
                    sent_on=date(2026, 10, 2),
                    visit_on=date(2026, 11, 2),
                )
            )


async def test_one_call_on_the_offices_line_settles_all_its_patients(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        more(practice)
        await pilot.press("C")
        await arrive(pilot, app, "ChaseScreen")
        screen = app.screen
        assert isinstance(screen, ChaseScreen)
        text = shown(app)
        assert "Silva Cardiology" in text
        assert "no phone on file" in text
        assert "the report" in text
        assert "a receipt" in text
        await pilot.press("g", "c", "s")
        await arrive(pilot, app, "ChaseScreen")
        found = rows(
            practice, "SELECT waiting_on, count(*) FROM ledger WHERE kind = 'referral' GROUP BY waiting_on"
        )
        assert found == [("", 1), ("Silva Cardiology", 3)]
        assert rows(practice, "SELECT count(DISTINCT patient_id) FROM contact") == [(3,)]
        assert "3 referrals: chase Thu 3 Dec" in said(app)
        await pilot.press("u")
        await until(pilot, lambda: front(app) == "ChaseScreen" or front(app) == "ConfirmSheet")
        if front(app) != "ChaseScreen":
            await pilot.press("y")
        await until(pilot, lambda: rows(practice, "SELECT count(*) FROM contact") == [(0,)])


async def test_one_row_with_the_day_they_named_and_who_said_so(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        more(practice)
        await pilot.press("C")
        await arrive(pilot, app, "ChaseScreen")
        listing = app.screen.query_one(RecordList)
        await pilot.press("g", "j")
        before = listing.cursor_id
        await pilot.press("c", "tab")
        await write(pilot, "12/8")
        await pilot.press("tab")
        await write(pilot, "Maria")
        await pilot.press("enter", "s")
        await arrive(pilot, app, "ChaseScreen")
        assert rows(practice, "SELECT spoke_with, outcome FROM contact") == [("Maria", "office_reached")]
        found = rows(practice, "SELECT target_on FROM ledger WHERE waiting_on = 'Silva Cardiology'")
        assert found == [("2026-12-09",)]
        assert listing.cursor_id == before, "the cursor stays on its referral"


async def test_the_panel_says_hours_and_the_last_call_with_its_reference(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        more(practice)
        with practice.change("hours") as session:
            office = session.get_one(Provider, rows(practice, "SELECT id FROM provider")[0][0])
            office.phone, office.fax = "+15550100150", "+15550100151"
            office.call_from, office.call_until = time(7, 30), time(16)
            session.add(office)
        await pilot.press("C")
        await arrive(pilot, app, "ChaseScreen")
        await pilot.press("g", "c")
        await arrive(pilot, app, "ChaseSheet")
        text = shown(app)
        assert "(555) 010-0150 · fax (555) 010-0151  open now, 7:30am to 4pm" in text
        assert "No call logged yet." in text
        assert "Ames, Ann: the report" in text
        await pilot.press("tab", "tab", "tab")
        await write(pilot, "R-17")
        await pilot.press("tab")
        await write(pilot, "7")
        await pilot.press("enter", "n")
        await arrive(pilot, app, "ChaseScreen")
        assert rows(practice, "SELECT reference, minutes FROM contact ORDER BY minutes") == [
            ("R-17", 2),
            ("R-17", 2),
            ("R-17", 3),
        ]
        await pilot.press("c")
        await arrive(pilot, app, "ChaseSheet")
        text = " ".join(shown(app).split())
        assert "Last call Mon 30 Nov 8am: office or payer: no answer" in text
        assert "ref. R-17 · 7 min · about 3" in text


async def test_a_call_is_to_one_office(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        more(practice)
        await pilot.press("C")
        await arrive(pilot, app, "ChaseScreen")
        listing = app.screen.query_one(RecordList)
        lines = [row.id for row in listing.source[slice(0, listing.row_count)] if row.kind == "row"]
        for line in lines:
            listing.move_to(line)
            await pilot.press("space")
        await pilot.press("c")
        await pilot.pause()
        assert front(app) == "ChaseScreen"
        assert "to one office" in said(app)
        assert rows(practice, "SELECT count(*) FROM contact") == [(0,)]
        await pilot.press("escape", "escape")
        await arrive(pilot, app, "TodayScreen")
