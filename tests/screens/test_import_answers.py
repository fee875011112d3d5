"""A payer's answers in the terminal: everything shown first, put right by keys, then one undoable change."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.exchange import import_answers
from carecoord_tui.exchange.answer_kinds import looks_like_answers
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.answer_preview import AnswerList
from carecoord_tui.screens.import_answers import ImportAnswers, Step
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.record_list import RecordList
from tests.exchange.test_pas import bundle, item
from tests.exchange.x12.make import authorization, eligibility, interchange, remittance, write
from tests.screens.bench import arrive, at_work, front, paste, rows, until

WRITTEN = ("eligibility_check", "benefit", "denial", "import_record", "authorization_event", "follow_up")
COPAY_IN = "EB*B*IND*98*HM*GOLD*27*25.00*****Y"
COPAY_OUT = "EB*B*IND*98*HM*GOLD*27*60.00*****N"


def nguyen(text: str) -> str:
    """The file about Thi Nguyen of the practice instead of Rosa Alvarez."""
    replaced = text.replace("ALVAREZ*ROSA*M", "NGUYEN*THI*").replace("ALVAREZ*ROSA", "NGUYEN*THI")
    return replaced.replace("ACM123", "H123-45").replace("19550314", "19610314")


def denied(number: int, member: str = "H123-45", name: str = "NGUYEN*THI") -> tuple[str, ...]:
    return (
        f"CLP*OUR{number}*4*250.00*0*0*12*PAYER{number}*11",
        f"NM1*QC*1*{name}****MI*{member}",
        "SVC*HC:99213*250.00*0",
        "CAS*CO*197*250.00",
    )


async def look(
    pilot: Pilot[None], app: CarecoordApp, path: Path, *, reached: str = "ImportAnswers"
) -> ImportAnswers:
    """``I``, the name of the file, enter; then the preview."""
    await pilot.press("I")
    await arrive(pilot, app, "ImportScreen")
    await paste(pilot, str(path))
    await pilot.press("enter")
    await arrive(pilot, app, reached)
    screen = app.screen
    assert isinstance(screen, ImportAnswers)
    await until(pilot, lambda: screen.has_class(f"-{Step.PREVIEW}"))
    await pilot.pause(0.1)
    return screen


async def refused(pilot: Pilot[None], app: CarecoordApp, path: Path) -> str:
    """What is said of a file that cannot be used; one is back at the name of the file."""
    await pilot.press("I")
    await arrive(pilot, app, "ImportScreen")
    await paste(pilot, str(path))
    await pilot.press("enter")
    screen = app.screen
    said = screen.query_one("#said", Static)
    await until(
        pilot, lambda: app.screen is screen and screen.has_class("-file") and said.has_class("-alarm")
    )
    return str(said.content)


async def written(pilot: Pilot[None], screen: ImportAnswers) -> None:
    await pilot.press("ctrl+s")
    await until(pilot, lambda: screen.has_class(f"-{Step.DONE}"))
    await pilot.pause(0.1)


def said(screen: ImportAnswers) -> str:
    return str(screen.query_one("#said", Static).content)


def details(screen: ImportAnswers) -> str:
    return str(screen.query_one("#detail-text", Static).content)


def listed(screen: ImportAnswers) -> list[tuple[str, ...]]:
    source = screen.query_one(RecordList).source
    return [tuple(str(cell) for cell in row.cells) for row in source[slice(0, len(source))]]


def stored(practice: Practice) -> list[list[tuple[object, ...]]]:
    return [rows(practice, f"SELECT * FROM {name}") for name in WRITTEN]  # noqa: S608 - our own names


# --- eligibility -----------------------------------------------------------------------------------------


async def test_everything_is_shown_before_anything_is_written(paths: PracticePaths, tmp_path: Path) -> None:
    path = write(tmp_path, nguyen(eligibility("EB*1**30**GOLD", COPAY_IN, COPAY_OUT)))
    async with at_work(paths) as (pilot, app, practice):
        before = stored(practice)
        screen = await look(pilot, app, path)
        assert said(screen) == "1 to write"
        assert listed(screen) == [("write", "THI NGUYEN", "active, 2 figures", "Nguyen, Thi")]
        shown = details(screen)
        for words in (
            "THI NGUYEN · H123-45 · born 14 Mar 1961",
            "Writes for Nguyen, Thi",
            "eligibility check recorded: active as of Sun 1 Nov 2026",
            "copay $25.00, a visit, individual, in network, service types 98, HM, GOLD (EB*B, segment 16)",
            "copay $60.00, a visit, individual, out of network, service types 98, HM, GOLD "
            "(EB*B, segment 17)",
        ):
            assert words in shown
        assert stored(practice) == before
        await written(pilot, screen)
        assert said(screen).startswith("u takes the whole import back.\n1 written")
        figures = rows(practice, "SELECT amount, network, trace FROM benefit ORDER BY id")
        assert figures == [("25.00", "in", "EB, segment 16"), ("60.00", "out", "EB, segment 17")]
        await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")
        await pilot.press("u", "y")
        await until(pilot, lambda: stored(practice) == before)


async def test_a_conflict_is_shown_as_one(paths: PracticePaths, tmp_path: Path) -> None:
    path = write(tmp_path, nguyen(eligibility("EB*1**30", "EB*6**30")))
    async with at_work(paths) as (pilot, app, practice):
        screen = await look(pilot, app, path)
        shown = details(screen)
        assert "Conflict: active and inactive together" in shown
        assert "active, service types 30 (EB*1, segment 15)" in shown
        assert "inactive, service types 30 (EB*6, segment 16)" in shown
        await written(pilot, screen)
        assert rows(practice, "SELECT result FROM eligibility_check") == [("unable",)]


async def test_a_reject_is_said_in_words(paths: PracticePaths, tmp_path: Path) -> None:
    path = write(tmp_path, nguyen(eligibility("AAA*N**72*C")))
    async with at_work(paths) as (pilot, app, _):
        screen = await look(pilot, app, path)
        words = "reason 72, the member id is missing or wrong; correct it and ask again"
        assert words in details(screen)
        assert "segment 15 (AAA)" in details(screen)


async def test_a_doubtful_one_is_chosen_by_a_key(paths: PracticePaths, tmp_path: Path) -> None:
    """The member id is Thi Nguyen's and the name too; the birth date is not."""
    path = write(tmp_path, nguyen(eligibility("EB*1**30")).replace("19610314", "19610315"))
    async with at_work(paths) as (pilot, app, practice):
        screen = await look(pilot, app, path)
        assert said(screen) == "1 to say who it is"
        assert listed(screen)[0][0] == "who?"
        assert "1  Nguyen, Thi · 14 Mar 1961 · MRN-1 · same member id, name" in details(screen)
        await pilot.press("ctrl+s")  # nobody is guessed
        await pilot.pause(0.1)
        assert "nothing to write" in said(screen)
        assert rows(practice, "SELECT count(*) FROM eligibility_check") == [(0,)]
        await pilot.press("1")
        await until(pilot, lambda: said(screen) == "1 to write")
        assert "Writes for Nguyen, Thi, as you said" in details(screen)
        await pilot.press("0")
        await until(pilot, lambda: said(screen) == "1 to say who it is")
        await pilot.press("2")  # there is no second one
        await pilot.press("1")
        await until(pilot, lambda: said(screen) == "1 to write")
        await written(pilot, screen)
        assert rows(practice, "SELECT patient_id FROM eligibility_check") == [(1,)]


async def test_somebody_unknown_is_not_written(paths: PracticePaths, tmp_path: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        screen = await look(pilot, app, write(tmp_path, eligibility("EB*1**30")))
        assert listed(screen)[0][0] == "not taken"
        assert "Not taken: nobody of this name is in the caseload" in details(screen)
        await pilot.press("space")
        assert "not written anyway" in said(screen)
        await pilot.press("ctrl+s", "escape", "escape")
        assert rows(practice, "SELECT count(*) FROM import_record") == [(0,)]


# --- decisions and denials -------------------------------------------------------------------------------


def decision(*actions: tuple[str, str]) -> str:
    services: list[str] = []
    for index, (code, action) in enumerate(actions):
        services += [f"HL*{5 + index}*4*SS*0", f"HCR*{action}*AUTH{index}*0V", f"SV1*HC:{code}*100*UN*6"]
    text = authorization("HL*4*3*EV*1", "TRN*2*T1*9", *services).replace("20261101", "20261127")
    return nguyen(text)


async def test_a_decision_item_by_item_opens_its_denial(paths: PracticePaths, tmp_path: Path) -> None:
    path = write(tmp_path, decision(("A4239", "A1"), ("E2103", "A3")))
    async with at_work(paths) as (pilot, app, practice):
        before = stored(practice)
        screen = await look(pilot, app, path)
        for words in (
            "authorization CGM sensors moved from submitted to partial",
            "A4239: approved",
            "E2103: denied",
            "denial opened, letter of Fri 27 Nov 2026: E2103",
            "not certified [A3]",
        ):
            assert words in details(screen)
        await written(pilot, screen)
        found = rows(practice, "SELECT service, authorization_id, notice_on, status FROM denial")
        assert found == [("E2103", 1, "2026-11-27", "open")]
        await pilot.press("escape", "u", "y")
        await until(pilot, lambda: stored(practice) == before)


async def test_a_pas_response_of_any_name(paths: PracticePaths, tmp_path: Path) -> None:
    one, two = item(1, "A3"), item(2, "A3")
    text = json.dumps(bundle(one, two, created="2026-11-27T10:00:00Z"))
    path = write(tmp_path, text, "response.csv")
    async with at_work(paths) as (pilot, app, _):
        screen = await look(pilot, app, path)
        assert "not certified [A3]" in details(screen)


async def test_space_leaves_one_out(paths: PracticePaths, tmp_path: Path) -> None:
    path = write(tmp_path, remittance(*denied(1), *denied(2), *denied(3)), "october.csv")
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        screen = await look(pilot, app, path)
        assert "denial opened: 99213 (claim PAYER1), $250.00, denied Sun 1 Nov 2026" in details(screen)
        assert "CO 197, no authorization" in details(screen)
        await pilot.press("j", "space")
        await pilot.pause(0.1)
        assert said(screen) == "2 to write · 1 left out"
        assert [row[0] for row in listed(screen)] == ["write", "left out", "write"]
        await pilot.press("k", "space", "k", "space")  # taken back, and left out again
        await pilot.pause(0.1)
        assert said(screen) == "2 to write · 1 left out"
        await written(pilot, screen)
        numbers = rows(practice, "SELECT claim_number FROM denial ORDER BY id")
        assert numbers == [("PAYER1",), ("PAYER3",)]
        assert [row[0] for row in listed(screen)] == ["written", "left out", "written"]


async def test_enter_shows_all_of_one_and_comes_back(paths: PracticePaths, tmp_path: Path) -> None:
    path = write(tmp_path, nguyen(eligibility("EB*1**30", *[COPAY_IN] * 30)))
    async with at_work(paths) as (pilot, app, _):
        screen = await look(pilot, app, path)
        await pilot.press("enter")
        await until(pilot, lambda: screen.has_class(f"-{Step.DETAIL}"))
        assert screen.query_one("#detail").region.height > 15
        await pilot.press("G")
        await pilot.pause()
        assert screen.query_one("#detail").scroll_offset.y > 0
        await pilot.press("escape")
        assert screen.has_class(f"-{Step.PREVIEW}")


async def test_privacy_masks_every_name(paths: PracticePaths, tmp_path: Path) -> None:
    path = write(tmp_path, nguyen(eligibility("EB*1**30")))
    async with at_work(paths, size=(120, 36)) as (pilot, app, _):
        app.privacy = True
        screen = await look(pilot, app, path)
        shown = "\n".join(strip.text for strip in screen._compositor.render_strips())
        assert "1 to write" in shown
        assert "nguyen" not in shown.casefold()


async def test_what_a_file_says_is_never_markup(paths: PracticePaths, tmp_path: Path) -> None:
    path = write(tmp_path, nguyen(eligibility("EB*1**30", COPAY_IN, "MSG*[bold]x[/] [/b]\x1b]0;gone\x07")))
    async with at_work(paths, size=(120, 36)) as (pilot, app, _):
        screen = await look(pilot, app, path)
        shown = "\n".join(strip.text for strip in screen._compositor.render_strips())
        assert "[bold]x[/]" in shown
        assert "\x1b" not in shown


# --- refusals, leaving, stopping -------------------------------------------------------------------------

WHOLE = nguyen(eligibility("EB*1**30", COPAY_IN))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (interchange("834", "BGN*00"), ("834", "enrollment", "segment 3 (ST) at byte")),
        (interchange("837", "BHT*0019"), ("837", "a claim", "segment 3 (ST) at byte")),
        (interchange("999", "AK1*HC*1"), ("999", "acknowledgment", "segment 3 (ST) at byte")),
        (WHOLE[: WHOLE.index("SE*")], ("without its SE", "segment 16 (EB) at byte")),
        (WHOLE[: WHOLE.index("*HM*")], ("ends inside this segment", "segment 16 (EB) at byte")),
        (WHOLE[WHOLE.index("GS*") :], ("no ISA segment", "ask for the whole file")),
        (WHOLE[WHOLE.index("ST*") :], ("no ISA segment", "ask for the whole file")),
        ('{"resourceType": "Patient"}', ("no ClaimResponse",)),
        ('{"resourceType": ', ("No JSON at line 1",)),
    ],
)
async def test_a_refusal_is_one_sentence_with_its_place(
    paths: PracticePaths, tmp_path: Path, content: str, words: tuple[str, ...]
) -> None:
    path = write(tmp_path, content)
    async with at_work(paths) as (pilot, app, practice):
        before = stored(practice)
        told = await refused(pilot, app, path)
        assert all(word in told for word in words), told
        assert "\n" not in told
        assert stored(practice) == before


async def test_an_impossible_date_is_said_with_segment_and_byte(paths: PracticePaths, tmp_path: Path) -> None:
    path = write(tmp_path, WHOLE.replace("19610314", "19610230"))
    async with at_work(paths) as (pilot, app, _):
        screen = await look(pilot, app, path)
        assert listed(screen)[-1][:2] == ("look at", "segment 13 (DMG)")
        await pilot.press("G")
        await pilot.pause(0.1)
        assert f"segment 13 (DMG) at byte {WHOLE.index('DMG*')}" in details(screen)


async def test_esc_goes_back_to_the_file_and_nothing_is_written(paths: PracticePaths, tmp_path: Path) -> None:
    path = write(tmp_path, remittance(*denied(1)))
    async with at_work(paths) as (pilot, app, practice):
        before = stored(practice)
        await look(pilot, app, path)
        await pilot.press("escape")
        await arrive(pilot, app, "ImportScreen")
        assert "Nothing was imported." in str(app.screen.query_one("#said", Static).content)
        await pilot.press("escape")
        assert front(app) == "TodayScreen"
        assert stored(practice) == before


async def test_stopping_while_it_is_written_takes_everything_back(
    paths: PracticePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = [line for number in range(120) for line in denied(number)]
    path = write(tmp_path, remittance(*claims))
    async with at_work(paths) as (pilot, app, practice):
        before = stored(practice)
        screen = await look(pilot, app, path)
        real = import_answers.store.write_denials
        portions: list[int] = []

        def stopping(session: Any, incoming: Any) -> None:
            portions.append(len(incoming))
            app.call_from_thread(screen.action_cancel)
            real(session, incoming)

        monkeypatch.setattr(import_answers.store, "write_denials", stopping)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "stopped; nothing was changed" in said(screen))
        assert 0 < sum(portions) < 120
        assert stored(practice) == before
        monkeypatch.undo()
        await written(pilot, screen)  # the preview still stands
        assert rows(practice, "SELECT count(*) FROM denial") == [(120,)]


async def test_a_long_list_is_drawn_by_window(
    paths: PracticePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = [line for number in range(3_000) for line in denied(number)]
    path = write(tmp_path, remittance(*claims))
    drawn: list[int] = []
    real: Callable[[AnswerList, int], Any] = AnswerList._row

    def counting(self: AnswerList, place: int) -> Any:
        drawn.append(place)
        return real(self, place)

    monkeypatch.setattr(AnswerList, "_row", counting)
    async with at_work(paths) as (pilot, app, _):
        screen = await look(pilot, app, path)
        assert said(screen) == "3,000 to write"
        await pilot.press("G")
        await pilot.pause(0.1)
        assert "PAYER2999" in details(screen)
        assert len(drawn) < 1_000


# --- which kind of file ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "is_answer"),
    [
        (WHOLE, True),
        ("\ufeff  \n" + WHOLE, True),
        (WHOLE[WHOLE.index("GS*") :], True),
        ('\n {"resourceType": "Bundle"}', True),
        ("ISABELLA,GARCIA,1961-03-14\n", False),
        ("ISA,Last name,First name\n", False),
        ("ST|Last name|First name\n", False),
        ("Last name,First name,DOB\nNguyen,Thi,3/14/1961\n", False),
        ("", False),
    ],
)
def test_the_kind_is_told_by_the_content(tmp_path: Path, content: str, is_answer: bool) -> None:
    assert looks_like_answers(write(tmp_path, content, "list.csv")) is is_answer
    assert not looks_like_answers(tmp_path / "missing.271")


async def test_samples_of_payers(paths: PracticePaths, tmp_path: Path, sample_data: Path) -> None:
    async with at_work(paths) as (pilot, app, practice):
        before = stored(practice)
        for name in ("lfh_271_subscriber.271", "xp_278_referral_response_A1.txt", "xp_835_5010_denials.txt"):
            screen = await look(pilot, app, sample_data / "x12" / name)
            assert listed(screen)
            await pilot.press("escape", "escape")
            await arrive(pilot, app, "TodayScreen")
        screen = await look(pilot, app, sample_data / "davinci_pas" / "response_v221_approval.json")
        assert listed(screen)
        await pilot.press("escape", "escape")
        for name in ("xp_278_referral_request.txt", "lfh_270_subscriber.270"):
            await arrive(pilot, app, "TodayScreen")
            assert "segment" in await refused(pilot, app, sample_data / "x12" / name)
            await pilot.press("escape")
        assert stored(practice) == before
