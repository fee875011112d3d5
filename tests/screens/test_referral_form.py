"""The referral form by keys: a new one, a new office with its NPI, one sent elsewhere, one changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.referral_loop import Step
from carecoord_tui.domain.vocabulary import NetworkStatus, ReferralStage, ReferralType
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.referral_form import ReferralForm
from carecoord_tui.store.actions.referral_steps import take_step
from carecoord_tui.store.icd10 import import_codes
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Patient, Provider, ProviderNetwork, Referral
from carecoord_tui.widgets.choice import ChoiceRow
from carecoord_tui.widgets.type_ahead import TypeAhead
from tests.screens.bench import arrive, at_work, front, paste, rows, said, shown, to_row, write

THI, JAMES = 1, 2  # patients of the bench; James has a cardiology referral, sent to Silva Cardiology
ODD_OFFICE = "[b]Valley[/b] Cardiology"
NEWEST = (
    "SELECT r.specialty, p.name, r.urgency, r.service_type, r.reason, r.diagnoses, r.stage FROM referral r"
    " LEFT JOIN provider p ON p.id = r.provider_id ORDER BY r.id DESC LIMIT 1"
)


def prepare(practice: Practice) -> None:
    """More offices; what Silva wants; what Humana's patients may expect of them. Silva has no NPI."""
    with practice.change("offices") as session:
        silva = session.get(Provider, 1)
        assert silva is not None
        silva.npi, silva.usual_wait_days, silva.wants = None, 21, "Last ECG and a medication list"
        valley = Provider(name=ODD_OFFICE, specialty="cardiology", usual_wait_days=7)
        far = Provider(name="Far Cardiology", specialty="cardiology", usual_wait_days=3)
        skin = Provider(name="Ashbrook Dermatology", specialty="dermatology", npi="1003000126")
        session.add_all([silva, valley, far, skin])
        session.flush()
        told = {"payer_id": 1, "checked_on": date(2026, 11, 3), "source": "their desk"}
        session.add_all(
            [
                ProviderNetwork(provider_id=silva.id, status=NetworkStatus.IN_NETWORK, **told),
                ProviderNetwork(provider_id=valley.id, status=NetworkStatus.IN_NETWORK, **told),
                ProviderNetwork(provider_id=far.id, status=NetworkStatus.OUT_OF_NETWORK, **told),
            ]
        )
        thi = session.get(Patient, THI)
        assert thi is not None
        thi.interpreter_needed, thi.language, thi.primary_provider = True, "Vietnamese", "Dr. Shah"
        session.add(thi)


@asynccontextmanager
async def form(
    paths: PracticePaths, *, patient_id: int = THI, size: tuple[int, int] = (80, 24), **about: int
) -> AsyncIterator[tuple[Pilot[None], CarecoordApp, Practice]]:
    """The form in front."""
    async with at_work(paths, size=size) as (pilot, app, practice):
        prepare(practice)
        app.push_screen(ReferralForm(practice, patient_id, "Nguyen, Thi", **about))
        await arrive(pilot, app, "ReferralForm")
        yield pilot, app, practice


def field(app: CarecoordApp, name: str) -> TypeAhead:
    return app.screen.query_one(f"#{name}", TypeAhead)


def choice(app: CarecoordApp, name: str) -> str | None:
    return app.screen.query_one(f"#{name}", ChoiceRow).value


def words(app: CarecoordApp) -> str:
    """The text of the screen, however its lines break."""
    return " ".join(shown(app).split())


def focused(app: CarecoordApp) -> str:
    """The id of the control the cursor is in."""
    widget: Any = app.focused
    return str(widget.id or widget.parent.id)


async def test_a_new_referral_from_the_list_of_today(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        prepare(practice)
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("r")
        await arrive(pilot, app, "ReferralForm")
        assert "New referral: Nguyen, Thi" in words(app)
        await write(pilot, "card")
        await pilot.press("enter")  # takes cardiology, fills in what the last one had
        await pilot.pause()
        assert "as the last one here" in words(app)
        assert field(app, "provider").value == "Silva Cardiology"
        text = words(app)
        assert "in network with Humana, told Tue 3 Nov by their desk · usual wait 3 weeks" in text
        assert "They want: Last ECG and a medication list" in text
        assert (choice(app, "interpreter"), choice(app, "transport")) == ("yes", "")
        assert "Vietnamese" in text
        await pilot.press("tab", "tab", "u", "tab")
        await paste(pilot, "Chest pain [b]on exertion[/b]")
        await pilot.press("tab", "tab")
        await paste(pilot, "r079 i4891")
        assert "R07.9 shape is right · I48.91 shape is right" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert "Draft: cardiology to Silva Cardiology. x sends it." in said(app)
        assert rows(practice, NEWEST) == [
            (
                "cardiology", "Silva Cardiology", "urgent", "consult", "Chest pain [b]on exertion[/b]",
                "R07.9, I48.91", "draft",
            )
        ]  # fmt: skip
        assert rows(
            practice, "SELECT ordered_by, interpreter_needed FROM referral ORDER BY id DESC LIMIT 1"
        ) == [("Dr. Shah", 1)]


async def test_step_16_an_urgent_referral_to_a_new_office_whose_npi_must_fit(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await write(pilot, "podiatry")
        await pilot.press("enter")
        await write(pilot, "Foot Clinic")
        assert [one.label for one in field(app, "provider").suggestions] == ["new office: Foot Clinic"]
        await pilot.press("enter")
        await pilot.pause()
        assert focused(app) == "npi"
        await write(pilot, "12345678")
        await pilot.press("enter")
        await pilot.pause()
        assert focused(app) == "npi"
        assert "An NPI has ten digits" in words(app)
        await write(pilot, "90")
        assert "check digit does not fit" in words(app)
        await pilot.press("enter")
        await pilot.pause()
        assert focused(app) == "npi"
        assert "check digit does not fit" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "ReferralForm"
        assert focused(app) == "npi"
        assert rows(practice, "SELECT count(*) FROM referral") == [(1,)]
        await pilot.press("backspace")
        await write(pilot, "3")
        assert "check digit fits" in words(app)
        assert "does not fit" not in words(app)
        await pilot.press("enter")
        await write(pilot, "555 010 0188")
        await pilot.press("tab")
        assert focused(app) == "fax"
        await write(pilot, "555-0189")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert focused(app) == "fax"
        assert "area code" in words(app)
        await pilot.press("ctrl+u")
        await write(pilot, "555 010 0189")
        await pilot.press("tab", "tab", "u", "ctrl+s")
        await pilot.pause()
        assert "Draft: podiatry to Foot Clinic. x sends it." in said(app)
        assert rows(practice, NEWEST)[0][:3] == ("podiatry", "Foot Clinic", "urgent")
        assert rows(practice, "SELECT npi, phone, fax, kind FROM provider ORDER BY id DESC LIMIT 1") == [
            ("1234567893", "+15550100188", "+15550100189", "organization")
        ]
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, "SELECT count(*) FROM provider WHERE name = 'Foot Clinic'") == [(0,)]


async def test_an_npi_somebody_has_leads_to_that_office(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await write(pilot, "dermatology")
        await pilot.press("enter")
        await write(pilot, "Skin Clinic")
        await pilot.press("up", "down", "enter")
        await pilot.pause()
        await paste(pilot, "1003000126")
        assert "This NPI is Ashbrook Dermatology's" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "ReferralForm"
        assert rows(practice, "SELECT count(*) FROM referral") == [(1,)]


async def test_an_open_one_to_the_same_specialty_is_warned_of_and_saved(paths: PracticePaths) -> None:
    async with form(paths, patient_id=JAMES) as (pilot, app, practice):
        await write(pilot, "Cardiology")
        await pilot.press("tab")
        await pilot.pause()
        text = words(app)
        assert (
            "Already open: Cardiology with Silva Cardiology, sent Mon 16 Nov. A second one can be saved."
            in text
        )
        assert "as this patient's last one" in text
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, "SELECT count(*) FROM referral WHERE patient_id = 2") == [(2,)]


async def test_only_the_patients_own_last_one_gives_reason_question_and_codes(paths: PracticePaths) -> None:
    def texts(app: CarecoordApp) -> list[str]:
        return [app.screen.query_one(f"#{one}", Input).value for one in ("reason", "question")]

    async with at_work(paths) as (pilot, app, practice):
        prepare(practice)
        with practice.change("words") as session:
            his = session.get(Referral, 1)
            assert his is not None
            his.reason, his.question, his.diagnoses = "Palpitations", "Holter?", "R00.2"
            his.service_type = ReferralType.IMAGING
            session.add(his)
        for patient_id, expected, codes in (
            (THI, ["", ""], ""),
            (JAMES, ["Palpitations", "Holter?"], "R00.2"),
        ):
            app.push_screen(ReferralForm(practice, patient_id, "Nobody, Nora"))
            await arrive(pilot, app, "ReferralForm")
            await write(pilot, "cardiology")
            await pilot.press("enter")
            await pilot.pause()
            assert texts(app) == expected
            assert field(app, "codes").value == codes
            assert (field(app, "provider").value, choice(app, "type")) == ("Silva Cardiology", "imaging")
            app.screen.dismiss(None)
            await arrive(pilot, app, "TodayScreen")


async def test_the_list_is_set_apart_from_the_labels_and_examples_are_no_entries(
    paths: PracticePaths,
) -> None:
    async with form(paths) as (pilot, app, _):
        await write(pilot, "podiatry")
        await pilot.press("enter")
        await write(pilot, "Foot Clinic")
        [line] = [line for line in shown(app).splitlines() if "new office:" in line]
        assert "│" in line.partition("new office:")[0]
        await pilot.press("enter")
        await pilot.pause()
        assert "(555)" not in words(app)
        for control in app.screen.query(Input):
            in_words = control.placeholder.replace("10 digits", "").replace("e.g. I48.91", "")
            assert not any(char.isdigit() for char in in_words)


async def test_what_was_typed_is_not_filled_over(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, _):
        await pilot.press("escape", "tab")
        await write(pilot, "far")
        await pilot.press("enter")
        await pilot.pause()
        assert field(app, "provider").value == "Far Cardiology"
        assert "out of network with Humana" in words(app)
        await pilot.press("up", "up")
        await write(pilot, "cardiology")
        await pilot.press("enter")
        await pilot.pause()
        assert field(app, "provider").value == "Far Cardiology"


async def test_an_office_typed_in_full_is_meant_and_half_a_name_is_asked_about(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Which specialty?" in words(app)
        await write(pilot, "dermatology")
        await pilot.press("tab")
        await paste(pilot, "Ashbrook")
        await pilot.press("tab", "ctrl+s")
        await pilot.pause()
        assert "Take an office from the list" in words(app)
        assert focused(app) == "provider"
        await pilot.press("end")
        await paste(pilot, " dermatology")
        await pilot.press("tab", "ctrl+s")
        await pilot.pause()
        assert rows(practice, NEWEST)[0][:2] == ("dermatology", "Ashbrook Dermatology")


async def test_codes_by_words_and_what_is_no_code(paths: PracticePaths, tmp_path: Path) -> None:
    async with form(paths) as (pilot, app, practice):
        await write(pilot, "podiatry")
        await pilot.press("enter")
        codes = field(app, "codes")
        codes.focus()
        await pilot.pause()
        await paste(pilot, "fever")
        assert "carecoord codes import FILE" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Code 1: An ICD-10-CM code is a letter" in words(app)
        source = tmp_path / "icd10cm_codes_2026.txt"
        source.write_text("I480    Paroxysmal atrial fibrillation\nI4891   Unspecified atrial fibrillation\n")
        import_codes(practice.paths, source)
        codes.put("")
        await write(pilot, "atrial fib")
        assert "I48.91 Unspecified atrial fibrillation" in words(app)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert codes.value == "I48.91, "
        assert focused(app) == "codes"
        assert "I48.91 Unspecified atrial fibrillation" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, NEWEST)[0][5] == "I48.91"


async def test_authorization_and_attachment_come_with_it(paths: PracticePaths, tmp_path: Path) -> None:
    file = tmp_path / "ecg.txt"
    file.write_text("Sinus rhythm\n")
    async with form(paths) as (pilot, app, practice):
        await write(pilot, "podiatry")
        await pilot.press("tab")
        for name, key in (("authorization", "y"), ("transport", "y"), ("urgency", "s"), ("type", "i")):
            app.screen.query_one(f"#{name}", ChoiceRow).focus()
            await pilot.press(key)
        app.screen.query_one("#attach").focus()
        await paste(pilot, str(tmp_path / "none.txt"))
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "There is no file of that name" in words(app)
        assert rows(practice, "SELECT count(*) FROM referral") == [(1,)]
        await pilot.press("ctrl+u")
        await paste(pilot, str(file))
        await pilot.press("ctrl+s")
        await pilot.pause()
        number = rows(practice, "SELECT max(id) FROM referral")[0][0]
        assert rows(practice, "SELECT referral_id, file_name FROM document") == [(number, "ecg.txt")]
        assert rows(practice, "SELECT referral_id, service FROM authorization ORDER BY id DESC LIMIT 1") == [
            (number, "podiatry: imaging")
        ]
        assert rows(practice, "SELECT transport_needed, urgency FROM referral ORDER BY id DESC LIMIT 1") == [
            (1, "stat")
        ]


async def test_leaving_asks_once_when_something_was_typed(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await write(pilot, "card")
        await pilot.press("escape", "escape")  # the list first, then the form, which asks
        await pilot.pause()
        assert "Not saved" in words(app)
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, "SELECT count(*) FROM referral") == [(1,)]


async def test_a_rejected_one_is_sent_elsewhere_by_keys(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        prepare(practice)
        take_step(practice, 1, Step(to=ReferralStage.REJECTED, reason="not taking new patients"))
        await pilot.press("full_stop")
        await to_row(pilot, app, "Send cardiology referral elsewhere")
        await pilot.press("x")
        await arrive(pilot, app, "SettleSheet")
        await pilot.press("x")
        await arrive(pilot, app, "ReferralForm")
        text = words(app)
        assert "Send elsewhere: Cole, James" in text
        assert "Was with Silva Cardiology · rejected Mon 30 Nov: not taking new patients" in text
        assert "ordered Mon 16 Nov" in text
        assert focused(app) == "provider"
        offered = [(one.label, one.detail) for one in field(app, "provider").suggestions]
        assert offered == [  # in network before out; the office it comes from is not among them
            (ODD_OFFICE, "in network · wait 7 days · cardiology"),
            ("Far Cardiology", "out of network · wait 3 days · cardiology"),
        ]
        await pilot.press("down", "enter", "ctrl+s")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert f"Draft: cardiology to {ODD_OFFICE}." in said(app)
        assert rows(
            practice, "SELECT id, stage, stage_reason, redirected_from_id FROM referral ORDER BY id"
        ) == [
            (1, "redirected", "rejected: not taking new patients", None),
            (2, "draft", "", 1),
        ]
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, "SELECT id, stage FROM referral") == [(1, "rejected")]


async def test_the_reason_by_a_digit_and_the_facts_that_are_carried_may_change(paths: PracticePaths) -> None:
    async with form(paths, patient_id=JAMES, redirect_from=1) as (pilot, app, practice):
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "A digit takes a usual reason." in words(app)
        assert "Which office does it go to now?" in words(app)
        await pilot.press("2")
        await pilot.pause()
        assert focused(app) == "specialty"
        await pilot.press("tab")
        await write(pilot, "valley")
        await pilot.press("enter")
        await pilot.pause()
        app.screen.query_one("#urgency", ChoiceRow).focus()
        await pilot.press("u", "ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT stage, stage_reason, urgency FROM referral ORDER BY id") == [
            ("redirected", "too long a wait", "routine"),
            ("draft", "", "urgent"),
        ]


async def test_changing_one_shows_what_is_there_and_keeps_it(paths: PracticePaths) -> None:
    async with form(paths, patient_id=JAMES, referral_id=1) as (pilot, app, practice):
        assert "Change referral" in words(app)
        assert "Already open" not in words(app)
        assert field(app, "provider").value == "Silva Cardiology"
        app.screen.query_one("#question").focus()
        await paste(pilot, "Stress test?")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT question, provider_id, stage FROM referral") == [
            ("Stress test?", 1, "sent")
        ]


async def test_what_another_window_changed_is_not_written_over(paths: PracticePaths) -> None:
    async with form(paths, patient_id=JAMES, referral_id=1) as (pilot, app, practice):
        app.screen.query_one("#question").focus()
        await paste(pilot, "Stress test?")
        with practice.change("other window") as session:
            record = session.get(Referral, 1)
            assert record is not None
            record.reason = "Palpitations"
            session.add(record)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "ReferralForm"
        assert "changed in another window" in words(app)
        assert rows(practice, "SELECT question, reason FROM referral") == [("", "Palpitations")]


async def test_another_office_after_sending_is_refused_with_what_to_do(paths: PracticePaths) -> None:
    async with form(paths, patient_id=JAMES, referral_id=1) as (pilot, app, practice):
        field(app, "provider").focus()
        await write(pilot, "far")
        await pilot.press("enter", "ctrl+s")
        await pilot.pause()
        assert "x, then e sends it elsewhere" in words(app)
        assert front(app) == "ReferralForm"
        assert rows(practice, "SELECT provider_id FROM referral") == [(1,)]


async def test_one_that_is_gone_says_so(paths: PracticePaths) -> None:
    async with form(paths, patient_id=JAMES, redirect_from=99) as (pilot, app, practice):
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "That referral is no longer there" in words(app)
        assert rows(practice, "SELECT count(*) FROM referral") == [(1,)]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_main_fields_stand_on_the_first_screen(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with form(paths, patient_id=JAMES, size=size) as (pilot, app, _):
        await write(pilot, "cardiology")
        await pilot.press("enter")
        await pilot.pause()
        text = words(app)
        for word in (
            "Specialty",
            "To Silva",
            "Urgency",
            "Reason",
            "ICD-10 codes",
            "Authorization",
            "Interpreter",
        ):
            assert word in text
        assert "ctrl+s save" in text


async def test_the_last_field_can_be_reached_by_the_arrow(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, _):
        await write(pilot, "cardiology")
        await pilot.press("enter")
        for _ in range(11):
            await pilot.press("down")
        await pilot.pause()
        assert focused(app) == "attach"
        assert "Attach a file" in words(app)
