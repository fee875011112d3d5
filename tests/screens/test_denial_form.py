"""The denial form by keys: step 6 (Medicare Advantage), step 7 (fax, not mail), roads, the letter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.appeals import FilingMethod
from carecoord_tui.domain.vocabulary import Kind, PayerClass
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.denial_form import DenialForm
from carecoord_tui.store.actions.appeals import Filing, file_appeal
from carecoord_tui.store.actions.denials import DenialEntry, add_denial
from carecoord_tui.store.actions.payer_calls import log_payer_call
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.history import read_timeline
from carecoord_tui.store.tables import Authorization, Coverage, Payer
from tests.screens.bench import arrive, at_work, front, paste, rows, said, shown

THI = 1
NEWEST = "SELECT service, notice_on, status, reason_kind FROM denial ORDER BY id DESC LIMIT 1"


@asynccontextmanager
async def form(
    paths: PracticePaths, *, medicare: bool = False, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], CarecoordApp, Practice]]:
    """A new denial of Thi Nguyen's in front; ``medicare``: Original Medicare pays first."""
    async with at_work(paths, size=size) as (pilot, app, practice):
        if medicare:
            with practice.change("plan") as session:
                payer = Payer(name="Medicare", payer_class=PayerClass.MEDICARE)
                session.add(payer)
                session.flush()
                session.add(Coverage(patient_id=THI, payer_id=payer.id, rank=0))
        await reopen(pilot, app, practice)
        yield pilot, app, practice


async def reopen(
    pilot: Pilot[None], app: CarecoordApp, practice: Practice, number: int | None = None
) -> None:
    app.push_screen(DenialForm(practice, THI, "Nguyen, Thi", denial_id=number))
    await arrive(pilot, app, "DenialForm")
    await pilot.pause()


def words(app: CarecoordApp) -> str:
    """The text of the screen, the marks of the scroll bar left out."""
    return " ".join("".join(" " if "▁" <= sign <= "█" else sign for sign in shown(app)).split())


async def test_step_6_the_dates_are_live_while_the_letters_date_is_typed(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await paste(pilot, "Inpatient rehab")
        await pilot.press("tab", "tab")
        await paste(pilot, "11/27")
        text = words(app)
        assert "Last day Sun 31 Jan 2027 · warn Tue 26 Jan 2027 · do by Fri 29 Jan 2027" in text
        assert "Medicare Adv. reconsideration: 42 CFR 422.582, unconfirmed" in text
        assert "81.7 % of those overturned" in text
        assert "no forecast for this case" in text
        await pilot.press("tab", "tab")
        await paste(pilot, "1/20/2027")  # printed on the letter: overrides the rule
        assert "Last day Wed 20 Jan 2027 · do by Wed 20 Jan 2027" in words(app)
        assert "Entered from the denial letter" in words(app)
        app.screen.query_one("#reason").focus()
        await pilot.press("2", "ctrl+s")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, NEWEST) == [
            ("Inpatient rehab", "2026-11-27", "open", "not_medically_necessary")
        ]
        assert "Denial saved" in said(app)


async def test_step_7_says_fax_not_mail_and_mail_takes_the_key_twice(paths: PracticePaths) -> None:
    async with form(paths, medicare=True) as (pilot, app, practice):
        await paste(pilot, "Walker")
        await pilot.press("tab", "tab")
        await paste(pilot, "8/1")
        text = words(app)
        assert "Last day Fri 4 Dec" in text
        assert "it must ARRIVE by Fri 4 Dec. Send a fax, not mail." in text
        app.screen.query_one("#how").focus()
        await pilot.press("m", "ctrl+s")
        await pilot.pause()
        assert "Fax it: it must ARRIVE by Fri 4 Dec. ctrl+s again" in words(app)
        assert rows(practice, "SELECT count(*) FROM denial") == [(0,)]
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT filed_how, rule_id FROM appeal") == [
            ("mail", "appeal.medicare.redetermination")
        ]
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, "SELECT count(*) FROM denial") == [(0,)]


async def test_a_fax_is_filed_at_once_and_its_outcome_opens_the_next_level(paths: PracticePaths) -> None:
    async with form(paths, medicare=True) as (pilot, app, practice):
        await pilot.press("escape")
        plan = rows(practice, "SELECT id FROM coverage WHERE rank = 0")[0][0]
        entry = DenialEntry(service="Walker", notice_on=date(2026, 8, 1), coverage_id=plan)  # type: ignore[arg-type]
        number = add_denial(practice, THI, entry, filing=Filing(how=FilingMethod.FAX))
        await reopen(pilot, app, practice, number)
        assert "1. Medicare redetermination: filed Mon 30 Nov by fax, receipt not confirmed" in words(app)
        await pilot.press("u")  # upheld
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT status FROM denial") == [("upheld",)]
        await reopen(pilot, app, practice, number)
        assert "2. Medicare reconsideration: open, last day Thu 3 Jun 2027" in words(app)


async def test_two_other_roads_and_what_is_missing(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Which service was denied?" in words(app)
        await paste(pilot, "Sensors")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Which date is printed on the letter?" in words(app)
        await paste(pilot, "11/27")
        app.screen.query_one("#track-alternative").focus()
        await pilot.press("o", "tab")
        await paste(pilot, "Dexcom G7")
        await pilot.press("tab")
        await paste(pilot, "12/3")
        app.screen.query_one("#track-assistance").focus()
        await pilot.press("o")
        app.screen.query_one("#amount").focus()
        await paste(pilot, "-5")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "cannot be negative" in words(app)
        await pilot.press("ctrl+u")
        await paste(pilot, "1,250.00")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT kind, status, next_on, note FROM denial_track ORDER BY id") == [
            ("alternative", "open", "2026-12-03", "Dexcom G7"),
            ("assistance", "open", None, ""),
        ]
        assert rows(practice, "SELECT amount FROM denial") == [("1250.00",)]


async def test_the_letter_is_made_from_the_form_and_logged_for_payment(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await pilot.press("f4")
        await pilot.pause()
        assert "Save first" in words(app)
        await pilot.press("escape")
        plan = rows(practice, "SELECT id FROM coverage WHERE patient_id = 1")[0][0]
        entry = DenialEntry(service="CGM [b]sensors", notice_on=date(2026, 11, 27), coverage_id=plan)  # type: ignore[arg-type]
        number = add_denial(practice, THI, entry)
        await reopen(pilot, app, practice, number)
        await pilot.press("L")
        await arrive(pilot, app, "AppealLetterSheet")
        await pilot.press("enter")
        await pilot.pause()
        paper = paths.root / "papers" / f"appeal-{number}-2026-11-30.pdf"
        assert paper.read_bytes().startswith(b"%PDF")
        assert rows(practice, "SELECT recipient, purpose, channel FROM disclosure") == [
            ("Humana, appeals", "payment", "fax")
        ]
        assert front(app) == "AppealLetterSheet", "it stays, and says where the paper lies"
        assert paper.name in "".join(words(app).split())
        await pilot.press("t")
        await arrive(pilot, app, "PortalTextSheet")
        text = words(app)
        assert "CGM [b]sensors" in text
        assert "Medicare Adv. reconsideration" in text
        assert rows(practice, "SELECT count(*) FROM disclosure") == [(2,)]


async def denied(practice: Practice, **changes: object) -> int:
    """A denial of Thi Nguyen's on her Medicare Advantage plan, letter of Fri 27 Nov."""
    plan = rows(practice, "SELECT id FROM coverage WHERE patient_id = 1 AND rank > 0")[0][0]
    given = {"service": "CGM sensors", "notice_on": date(2026, 11, 27), "coverage_id": plan, **changes}
    return add_denial(practice, THI, DenialEntry(**given))  # type: ignore[arg-type]


async def test_a_denial_is_closed_with_its_outcome_and_the_reason(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await pilot.press("escape")
        number = await denied(practice)
        await reopen(pilot, app, practice, number)
        assert app.focused is not None
        assert app.focused.id == "how"
        await pilot.press("tab")  # past what was not filed
        assert app.focused.id == "close"
        await pilot.press("a")  # not appealed
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Say in a few words why it is not appealed" in words(app)
        assert rows(practice, "SELECT status FROM denial") == [("open",)]
        await pilot.press("tab", "tab")
        await paste(pilot, "samples [b]found")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT status, decided_on, note FROM denial") == [
            ("closed", "2026-11-30", "Closed: not appealed (samples [b]found).")
        ]
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, "SELECT status, note FROM denial") == [("open", "")]


async def test_a_lost_level_is_the_end_in_one_go(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await pilot.press("escape")
        number = await denied(practice)
        file_appeal(practice, number, Filing(how=FilingMethod.FAX))
        await reopen(pilot, app, practice, number)
        await pilot.press("u", "tab", "tab", "u", "ctrl+s")  # upheld, and closed as upheld
        await pilot.pause()
        assert rows(practice, "SELECT outcome FROM appeal") == [("upheld",)]
        assert rows(practice, "SELECT status, note FROM denial") == [("closed", "Closed: upheld.")]
        assert rows(practice, "SELECT count(*) FROM ledger WHERE kind = 'denial'") == [(0,)]


async def test_the_appeal_is_a_road_of_its_own(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await pilot.press("escape")
        number = await denied(practice)
        for key, status in (("a", "open"), ("n", "dropped")):
            await reopen(pilot, app, practice, number)
            app.screen.query_one("#track-appeal").focus()
            await pilot.press(key, "ctrl+s")
            await pilot.pause()
            assert rows(practice, "SELECT kind, status FROM denial_track") == [("appeal", status)]
        assert rows(practice, "SELECT triaged_on FROM denial") == [("2026-11-30",)]
        assert rows(practice, "SELECT title FROM ledger WHERE kind = 'denial'") == [
            ("Close denial: CGM sensors",)
        ]


async def test_the_letters_date_stands_beside_the_rules_and_receipt_is_asked_for(
    paths: PracticePaths,
) -> None:
    async with form(paths, size=(120, 36)) as (pilot, app, practice):
        await paste(pilot, "Sensors")
        await pilot.press("tab", "tab")
        await paste(pilot, "11/27")
        await pilot.press("tab", "tab")
        await paste(pilot, "1/20/2027")
        assert (
            "The letter goes before the rule, which says Sun 31 Jan 2027 (42 CFR 422.582, unconfirmed)."
            in (words(app))
        )
        with practice.change("employer plan") as session:
            payer = session.get_one(Payer, 1)
            payer.payer_class = PayerClass.ERISA
            session.add(payer)
        await pilot.press("escape", "escape")
        await reopen(pilot, app, practice)
        await pilot.press("tab", "tab")
        await paste(pilot, "11/27")
        assert "It runs from receipt. No day of receipt is entered" in words(app)
        await pilot.press("tab")
        await paste(pilot, "11/30")
        assert "No day of receipt is entered" not in words(app)
        assert "Last day Sat 29 May 2027" in words(app)


async def test_late_filing_says_what_the_contract_allows_or_not_entered(paths: PracticePaths) -> None:
    async with form(paths, size=(120, 36)) as (pilot, app, practice):
        with practice.change("service") as session:
            request = session.get_one(Authorization, 1)
            request.service_on = date(2026, 6, 1)
            session.add(request)
        await pilot.press("escape")
        await reopen(pilot, app, practice)
        app.screen.query_one("#reason").focus()
        await pilot.press("x")
        await pilot.pause()
        assert "Timely filing, Humana: not entered. Enter it from the contract in the payer directory." in (
            words(app)
        )
        with practice.change("contract") as session:
            payer = session.get_one(Payer, 1)
            payer.timely_filing_days = 90
            session.add(payer)
        await pilot.press("escape", "escape")
        await reopen(pilot, app, practice)
        app.screen.query_one("#reason").focus()
        await pilot.press("x")
        app.screen.query_one("#request").focus()
        await pilot.press("1")
        await pilot.pause()
        assert (
            "Timely filing, Humana: 90 calendar days from the service, contract. Service Mon 1 Jun: last day"
            " Sun 30 Aug." in words(app)
        )


async def test_x_on_a_window_that_is_past_asks_before_it_files(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await pilot.press("escape")
        await denied(practice, notice_on=date(2026, 9, 1))
        app.open_patient(THI, ItemRef(Kind.DENIAL, 1, "appeal.ma.reconsideration", THI))
        await arrive(pilot, app, "PatientPage")
        await pilot.press("x")
        await arrive(pilot, app, "SettleSheet")
        await pilot.press("x")
        await arrive(pilot, app, "FilingSheet")
        assert "The last day was Thu 5 Nov. What can still be done: file late and say the good" in words(app)
        assert "must ARRIVE" not in words(app).partition("Appeal filed:")[2], (
            "no advice for a day that is past"
        )
        await pilot.press("f", "enter")
        await pilot.pause()
        assert front(app) == "FilingSheet"
        assert "Enter again records it all the same, esc goes back." in words(app)
        assert rows(practice, "SELECT count(*) FROM appeal") == [(0,)]
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT rule_id, filed_on, filed_how FROM appeal") == [
            ("appeal.ma.reconsideration", "2026-11-30", "fax")
        ]


async def test_a_call_to_the_payer_is_on_the_timeline_with_its_reference(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, _, practice):
        await pilot.press("escape")
        number = await denied(practice)
        file_appeal(practice, number, Filing(how=FilingMethod.FAX))
        log_payer_call(
            practice,
            1,
            [ItemRef(Kind.DENIAL, number, "denial.appealed", THI)],
            reference="H-991",
            minutes=22,
            spoke_with="Lee [b]",
            note="supervisor reviews",
        )
        (line, *_) = read_timeline(practice.execute, THI)
        assert line.text == "Humana: office or payer reached, Dana Reyes"
        assert line.detail == (
            "about denial of CGM sensors, spoke with Lee [b], ref. H-991, 22 min: supervisor reviews"
        )
