"""The packet by keys: ticks, the second key for Part 2, PDF, portal text, sent, history."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.packet import PART2_WARNING, SENSITIVE_WARNING
from carecoord_tui.domain.vocabulary import HistoryKind, ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.packet import PacketSheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import HistoryItem, Patient, Referral
from tests.screens.bench import arrive, at_work, front, paste, rows, said, shown, to_row, until, write

TODAY = date(2026, 11, 30)
TITLE = "Send cardiology referral"


@pytest.fixture(autouse=True)
def no_own_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The config folder of this computer's user is not read."""
    monkeypatch.setattr("carecoord_tui.documents.templating.config_file", lambda: tmp_path / "config.toml")


def _draft(practice: Practice) -> None:
    """A draft for Nguyen with a history of every sort; it is the second referral of the practice."""
    with practice.change("draft") as session:
        session.add(
            Referral(
                patient_id=1, provider_id=1, specialty="cardiology", stage=ReferralStage.DRAFT,
                stage_on=TODAY, ordered_on=TODAY, diagnoses="I50.9",
            )
        )  # fmt: skip
        for kind, text, code, part2, sensitive in (
            (HistoryKind.CONDITION, "Heart failure", "I50.22", False, False),
            (HistoryKind.CONDITION, "Opioid use disorder", "F11.20", True, False),
            (HistoryKind.MEDICATION, "Furosemide", "", False, False),
            (HistoryKind.MEDICATION, "Antiretroviral", "", False, True),
        ):
            session.add(
                HistoryItem(
                    patient_id=1, kind=kind, text=text, code=code, is_part2=part2, is_sensitive=sensitive
                )
            )


async def _open(pilot: Pilot[None], app: CarecoordApp, practice: Practice) -> PacketSheet:
    _draft(practice)
    await pilot.pause()
    await pilot.press("full_stop")
    await pilot.pause()
    await to_row(pilot, app, TITLE)
    await pilot.press("F")
    await arrive(pilot, app, "PacketSheet")
    assert isinstance(app.screen, PacketSheet)
    return app.screen


def _problem(app: CarecoordApp) -> str:
    return str(app.screen.query_one("#sheet-problem", Static).content)


def _disclosures(practice: Practice) -> list[tuple[object, ...]]:
    return rows(practice, "SELECT purpose, channel, has_part2, what FROM disclosure ORDER BY id")


async def test_one_key_and_enter_make_the_pdf(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await _open(pilot, app, practice)
        assert "Nguyen, Thi" in shown(app)
        await pilot.press("enter")
        await until(pilot, lambda: len(_disclosures(practice)) == 1)
        await pilot.pause()
        made = paths.root / "papers" / "referral-2-2026-11-30.pdf"
        assert made.read_bytes().startswith(b"%PDF-")
        assert "PDF, 2 pages:" in shown(app)
        ((purpose, channel, part2, what),) = _disclosures(practice)
        assert (purpose, channel, part2) == ("treatment", "fax", 0)
        assert "2 history lines" in str(what)


async def test_the_keys_stay_in_sight_under_a_long_history(paths: PracticePaths) -> None:
    async with at_work(paths, size=(80, 24)) as (pilot, app, practice):
        with practice.change("long history") as session:
            for number in range(40):
                session.add(HistoryItem(patient_id=1, kind=HistoryKind.RESULT, text=f"Result {number}"))
        await _open(pilot, app, practice)
        assert shown(app).splitlines()[-1].rstrip().endswith("esc")
        await pilot.press("enter")
        await until(pilot, lambda: len(_disclosures(practice)) == 1)
        await until(pilot, lambda: "PDF, 2 pages:" in shown(app))
        await until(pilot, lambda: shown(app).splitlines()[-1].rstrip().endswith("esc"))
        await pilot.press("t")
        await arrive(pilot, app, "PortalTextSheet")
        assert "esc back" in shown(app).splitlines()[-1]


async def test_space_and_digits_tick(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        sheet = await _open(pilot, app, practice)
        assert "cover" in sheet.chosen
        await pilot.press("space")
        assert "cover" not in sheet.chosen
        await pilot.press("4")
        assert "coverage" not in sheet.chosen
        await pilot.press("9", "4", "x")
        await until(pilot, lambda: len(_disclosures(practice)) == 1)
        what = str(_disclosures(practice)[0][3])
        assert what.startswith("referral letter, demographics, primary coverage")


async def test_a_part_2_record_asks_for_a_second_key(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        sheet = await _open(pilot, app, practice)
        before = set(sheet.chosen)
        await pilot.press("6")
        await arrive(pilot, app, "ConsentSheet")
        assert PART2_WARNING in shown(app)
        await pilot.press("n")
        await arrive(pilot, app, "PacketSheet")
        assert sheet.chosen == before
        await pilot.press("6")
        await arrive(pilot, app, "ConsentSheet")
        await pilot.press("y")
        await arrive(pilot, app, "PacketSheet")
        assert sheet.chosen == before | {"history:2"}
        await pilot.press("enter")
        await until(pilot, lambda: len(_disclosures(practice)) == 1)
        assert _disclosures(practice)[0][2] == 1


async def test_a_sensitive_record_says_whom_to_ask(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        sheet = await _open(pilot, app, practice)
        await pilot.press("8")
        await pilot.pause()
        assert _problem(app) == SENSITIVE_WARNING
        assert "history:4" in sheet.chosen


async def test_the_portal_text_is_logged_copied_and_shown(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await _open(pilot, app, practice)
        await pilot.press("t")
        await arrive(pilot, app, "PortalTextSheet")
        assert app.clipboard.startswith("Referral to cardiology\n")
        assert "Heart failure (I50.22)" in app.clipboard
        assert "Opioid" not in app.clipboard
        assert "Referral to cardiology" in shown(app)
        assert _disclosures(practice)[0][:2] == ("treatment", "portal")
        await pilot.press("escape")
        await arrive(pilot, app, "PacketSheet")


async def test_masked_names_are_not_shown_in_the_text(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("z")
        await _open(pilot, app, practice)
        assert "Nguyen" not in shown(app)
        await pilot.press("t")
        await arrive(pilot, app, "PortalTextSheet")
        assert "Nguyen" not in shown(app)
        assert "Thi Nguyen" in app.clipboard


async def test_sent_by_fax_needs_the_confirmation(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await _open(pilot, app, practice)
        await pilot.press("s")
        await arrive(pilot, app, "SentSheet")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "A fax has a confirmation" in _problem(app)
        await pilot.press("tab")
        await paste(pilot, "OK 14:02, 3 pages")
        await pilot.press("enter")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT stage, sent_how, sent_confirmation FROM referral WHERE id = 2") == [
            ("sent", "fax", "OK 14:02, 3 pages")
        ]
        assert "Sent by fax" in said(app)
        await pilot.press("u")
        await until(pilot, lambda: rows(practice, "SELECT stage FROM referral WHERE id = 2") == [("draft",)])


async def test_sent_by_portal_in_a_few_keys(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await _open(pilot, app, practice)
        await pilot.press("s")
        await arrive(pilot, app, "SentSheet")
        await pilot.press("p", "ctrl+s")
        await arrive(pilot, app, "TodayScreen")
        assert rows(practice, "SELECT stage, sent_how FROM referral WHERE id = 2") == [("sent", "portal")]


async def test_a_history_line_is_added_changed_and_removed(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        sheet = await _open(pilot, app, practice)
        await pilot.press("a")
        await arrive(pilot, app, "HistoryForm")
        await pilot.press("a", "down")
        await write(pilot, "Penicillin")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: front(app) == "PacketSheet" and "history:5" in sheet.chosen)
        assert rows(practice, "SELECT kind, text FROM history_item WHERE id = 5") == [
            ("allergy", "Penicillin")
        ]
        await pilot.press("9", "9")  # the cursor is on it
        await pilot.press("e")
        await arrive(pilot, app, "HistoryForm")
        await pilot.press("down", "down")
        await write(pilot, "I50.9")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "condition or a procedure" in shown(app)
        await pilot.press("escape", "escape")
        await arrive(pilot, app, "PacketSheet")
        await pilot.press("D")
        await until(pilot, lambda: not rows(practice, "SELECT id FROM history_item WHERE id = 5"))
        assert "history:5" not in sheet.chosen


async def test_a_line_marked_part_2_meanwhile_is_no_longer_ticked(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        sheet = await _open(pilot, app, practice)
        assert "history:1" in sheet.chosen
        await pilot.press("5", "5", "e")
        await arrive(pilot, app, "HistoryForm")
        await pilot.press("down", "down", "down", "down", "down", "y", "ctrl+s")
        await until(pilot, lambda: front(app) == "PacketSheet" and "history:1" not in sheet.chosen)
        assert rows(practice, "SELECT is_part2 FROM history_item WHERE id = 1") == [(1,)]


async def test_a_referral_removed_meanwhile_is_said(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        app.push_screen(PacketSheet(practice, 999))
        await arrive(pilot, app, "PacketSheet")
        for key in ("enter", "t", "s", "a", "e", "D", "space", "1"):
            await pilot.press(key)
        await pilot.pause()
        assert front(app) == "PacketSheet"
        assert "no longer there" in shown(app)
        assert _disclosures(practice) == []


async def test_a_template_that_cannot_be_used_stands_in_the_sheet(
    paths: PracticePaths, tmp_path: Path
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "referral_letter.md").write_text("{{ patient.nmae }}", encoding="utf-8")
    async with at_work(paths) as (pilot, app, practice):
        await _open(pilot, app, practice)
        await pilot.press("enter")
        await pilot.pause()
        assert "line 1: there is no field patient.nmae" in _problem(app)
        assert _disclosures(practice) == []
        assert not (paths.root / "papers").exists()


async def test_what_changed_meanwhile_is_shown_before_it_leaves(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        sheet = await _open(pilot, app, practice)
        assert "history:1" in sheet.chosen
        with practice.change("other window") as session:
            person, line = session.get(Patient, 1), session.get(HistoryItem, 1)
            assert person is not None and line is not None
            person.confidential_channel, line.is_sensitive = True, True
            session.add_all([person, line])
        for key in ("x", "t"):
            if key == "t":
                with practice.change("other window") as session:
                    person = session.get(Patient, 1)
                    assert person is not None
                    person.safe_contact = "letters are opened"
                    session.add(person)
            await pilot.press(key)
            await pilot.pause()
            assert front(app) == "PacketSheet"
            assert _problem(app) == "This changed meanwhile: look again."
            assert "Confidential channel" in shown(app)
        assert "history:1" not in sheet.chosen
        assert _disclosures(practice) == []
        await pilot.press("x")
        await until(pilot, lambda: len(_disclosures(practice)) == 1)


async def test_a_guarded_diagnosis_asks_for_the_second_key_too(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        _draft(practice)
        with practice.change("code") as session:
            record = session.get(Referral, 2)
            assert record is not None
            record.diagnoses = "I50.9, F11.23"
            session.add(record)
        app.push_screen(PacketSheet(practice, 2))
        await arrive(pilot, app, "PacketSheet")
        await pilot.press("t")
        await arrive(pilot, app, "PortalTextSheet")
        assert "I50.9" in app.clipboard and "F11" not in app.clipboard
        await pilot.press("escape", "5")
        await arrive(pilot, app, "ConsentSheet")
        assert "F11.23" in shown(app)
        await pilot.press("y")
        await arrive(pilot, app, "PacketSheet")
        await pilot.press("t")
        await arrive(pilot, app, "PortalTextSheet")
        assert "- F11.23" in app.clipboard
        assert [row[2] for row in _disclosures(practice)] == [0, 1]
