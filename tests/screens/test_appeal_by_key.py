"""From a denial's row: filing with its proof, the letter read and written; fields that are typed anew."""

from __future__ import annotations

from datetime import date

from textual.pilot import Pilot
from textual.widgets import Input

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.date_lean import Lean
from carecoord_tui.domain.vocabulary import Kind
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.denial_form import DenialForm
from carecoord_tui.store.actions.denials import DenialEntry, add_denial
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.date_input import EXAMPLES, DateInput
from tests.screens.bench import arrive, at_work, front, paste, rows, said, shown, write

THI = 1


async def on_the_denial(pilot: Pilot[None], app: CarecoordApp, practice: Practice, **changes: object) -> int:
    """A denial of Thi Nguyen's in front, on her page."""
    plan = rows(practice, "SELECT id FROM coverage WHERE patient_id = 1")[0][0]
    given = {"service": "CGM sensors", "notice_on": date(2026, 11, 27), "coverage_id": plan, **changes}
    number = add_denial(practice, THI, DenialEntry(**given))  # type: ignore[arg-type]
    app.open_patient(THI, ItemRef(Kind.DENIAL, number, "appeal.ma.reconsideration", THI))
    await arrive(pilot, app, "PatientPage")
    return number


async def file_from_the_row(pilot: Pilot[None], app: CarecoordApp) -> None:
    await pilot.press("x")
    await arrive(pilot, app, "SettleSheet")
    choices = {choice.act: choice.key for choice in app.screen.choices}  # type: ignore[attr-defined]
    await pilot.press(choices["denial:appealed"])
    await arrive(pilot, app, "FilingSheet")


def words(app: CarecoordApp) -> str:
    return " ".join(shown(app).split())


async def test_filing_takes_one_key_for_the_road_and_keeps_the_number(paths: PracticePaths) -> None:
    async with at_work(paths, size=(80, 24)) as (pilot, app, practice):
        await on_the_denial(pilot, app, practice)
        await file_from_the_row(pilot, app)
        assert "it must ARRIVE by" in words(app)
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert "How did it go out? f fax" in words(app), "the road is the proof, so it is not left out"
        await pilot.press("up", "f")
        await write(pilot, "OK 1402")
        await pilot.press("enter")
        await arrive(pilot, app, "PatientPage")
        assert "Appeal filed by fax." in said(app)
        assert rows(practice, "SELECT filed_how, filed_on, reference FROM appeal") == [
            ("fax", "2026-11-30", "OK 1402")
        ]
        assert rows(practice, "SELECT status FROM denial") == [("appealed",)]


async def test_after_the_mail_warning_another_road_is_one_key(paths: PracticePaths) -> None:
    async with at_work(paths, size=(80, 24)) as (pilot, app, practice):
        await on_the_denial(pilot, app, practice, letter_deadline_on=date(2026, 12, 2))
        await file_from_the_row(pilot, app)
        await pilot.press("m", "enter")
        await pilot.pause()
        assert "Mail may come too late. Fax it" in words(app)
        await pilot.press("f", "enter")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT filed_how, reference FROM appeal") == [("fax", "")]


async def test_mail_that_is_meant_is_filed_by_a_second_enter(paths: PracticePaths) -> None:
    async with at_work(paths, size=(80, 24)) as (pilot, app, practice):
        await on_the_denial(pilot, app, practice, letter_deadline_on=date(2026, 12, 2))
        await file_from_the_row(pilot, app)
        await pilot.press("m", "enter", "enter")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT filed_how, reference FROM appeal") == [("mail", "")]


async def test_a_day_typed_on_the_panel_comes_along(paths: PracticePaths) -> None:
    async with at_work(paths, size=(80, 24)) as (pilot, app, practice):
        await on_the_denial(pilot, app, practice)
        await pilot.press("x")
        await arrive(pilot, app, "SettleSheet")
        await pilot.press("tab")
        await write(pilot, "11/28")
        await pilot.press("enter")
        choices = {choice.act: choice.key for choice in app.screen.choices}  # type: ignore[attr-defined]
        await pilot.press(choices["denial:appealed"])
        await arrive(pilot, app, "FilingSheet")
        await pilot.press("p", "enter")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT filed_how, filed_on, reference FROM appeal") == [
            ("portal", "2026-11-28", "")
        ]


async def test_f_opens_the_letter_which_is_read_written_and_says_where_it_lies(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        number = await on_the_denial(pilot, app, practice, notice_on=date(2026, 8, 1))
        await pilot.press("F")
        await arrive(pilot, app, "AppealLetterSheet")
        assert "Request for appeal: Medicare Adv. reconsideration" in words(app)
        assert rows(practice, "SELECT count(*) FROM disclosure") == [(0,)], "reading sends nothing"
        await pilot.press("e")
        await paste(pilot, "Two *lows* at night.\nThe sensor ends them.")
        await pilot.press("escape")
        await pilot.pause(0.5)
        await pilot.pause()
        drawn = words(app)
        assert drawn.count("Two *lows* at night.") == 2, "in the field and in the letter"
        assert "Good cause for being late" in drawn
        await pilot.press("escape")
        await pilot.pause()
        assert "The reasons are only in the letter" in words(app)
        await pilot.press("enter")
        await pilot.pause()
        assert front(app) == "AppealLetterSheet"
        name = f"appeal-{number}-2026-11-30.pdf"
        assert name in "".join(words(app).split())
        assert (paths.root / "papers" / name).read_bytes().startswith(b"%PDF")
        assert rows(practice, "SELECT purpose, channel FROM disclosure") == [("payment", "fax")]
        await pilot.press("escape")
        await arrive(pilot, app, "PatientPage")


async def test_why_names_the_last_day_the_warning_and_the_day_to_do_it(paths: PracticePaths) -> None:
    async with at_work(paths, size=(80, 24)) as (pilot, app, practice):
        await on_the_denial(pilot, app, practice)
        await pilot.press("w")
        await arrive(pilot, app, "WhySheet")
        assert "Last day Sun 31 Jan 2027 · warn Tue 26 Jan 2027 · do by Fri 29 Jan 2027" in words(app)


async def test_a_letter_that_is_too_long_is_refused(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await on_the_denial(pilot, app, practice)
        await pilot.press("F")
        await arrive(pilot, app, "AppealLetterSheet")
        await pilot.press("e")
        await paste(pilot, "word " * 1_300)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "The reasons hold 6,000 characters and this has 6,500: shorten it." in words(app)
        assert rows(practice, "SELECT count(*) FROM disclosure") == [(0,)]


async def test_days_of_a_denial_are_checked_against_each_other_while_typed(paths: PracticePaths) -> None:
    async with at_work(paths, size=(80, 24)) as (pilot, app, practice):
        app.push_screen(DenialForm(practice, THI, "Nguyen, Thi"))
        await arrive(pilot, app, "DenialForm")
        await paste(pilot, "Rehab")
        await pilot.press("tab", "tab")
        await paste(pilot, "12/5/2026")
        assert "The letter cannot be dated Sat 5 Dec, a day that is still ahead." in words(app)
        await pilot.press("shift+tab", "tab")  # entered again, it is typed anew
        await paste(pilot, "11/20")
        assert "still ahead" not in words(app)
        await pilot.press("tab")
        await paste(pilot, "11/19")
        assert "cannot arrive before its own date" in words(app)
        await pilot.press("tab")
        await paste(pilot, "1/1/1900")
        assert "it is not used" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "DenialForm"
        assert rows(practice, "SELECT count(*) FROM denial") == [(0,)]


async def test_a_window_that_is_past_says_only_what_is_left(paths: PracticePaths) -> None:
    async with at_work(paths, size=(80, 24)) as (pilot, app, practice):
        app.push_screen(DenialForm(practice, THI, "Nguyen, Thi"))
        await arrive(pilot, app, "DenialForm")
        await paste(pilot, "Rehab")
        await pilot.press("tab", "tab")
        await paste(pilot, "1/5/2025")
        text = words(app)
        assert "2025. What can still be done: file late" in text
        assert "ARRIVE" not in text


async def test_placeholders_follow_the_lean_and_short_values_are_selected(paths: PracticePaths) -> None:
    async with at_work(paths, size=(80, 24)) as (pilot, app, practice):
        number = await on_the_denial(pilot, app, practice, note="Wife called")
        app.push_screen(DenialForm(practice, THI, "Nguyen, Thi", denial_id=number))
        await arrive(pilot, app, "DenialForm")
        received = app.screen.query_one("#received", DateInput)
        hint = received.query_one(Input)
        assert hint.placeholder == EXAMPLES[Lean.PAST]
        received.lean = Lean.AHEAD
        assert hint.placeholder == EXAMPLES[Lean.AHEAD]
        assert app.screen.query_one("#amount", Input).placeholder == "", "a bare amount reads as entered"
        app.screen.query_one("#notice").focus()
        await pilot.pause()
        await write(pilot, "11/2")
        assert app.screen.query_one("#notice", DateInput).text == "11/2", "replaced, not gone on with"
        app.screen.query_one("#note").focus()
        await pilot.pause()
        await write(pilot, " back")
        assert app.screen.query_one("#note", Input).value == "Wife called back", "prose is gone on with"
