"""The patient form: by keyboard alone, echo, problems at their field, duplicates, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.dates import DateOrder
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.form_sheet import Field
from carecoord_tui.screens.patient_draft import entry_of, read_draft, texts_of
from carecoord_tui.screens.patient_form import PatientForm
from carecoord_tui.store.actions.patients import (
    CoverageEntry,
    PatientEntry,
    PhoneEntry,
    add_patient,
    edit_patient,
)
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.widgets.choice import ChoiceRow
from tests.screens.bench import TODAY, at_work, front, paste, rows, said, shown, write

NGUYEN, JAMES, ROSE, ODD, ANA = 1, 2, 3, 4, 5
PHONES = "SELECT number, label, rank, is_permitted FROM patient_phone WHERE patient_id = ? ORDER BY rank"
PLANS = (
    "SELECT p.name, p.payer_class, c.plan_name, c.member_id, c.status FROM coverage c"
    " JOIN payer p ON p.id = c.payer_id WHERE c.patient_id = ? ORDER BY c.id"
)


def field(app: CarecoordApp, name: str) -> Field:
    assert isinstance(app.screen, PatientForm)
    return app.screen.field_of(name)


def note(app: CarecoordApp, name: str, kind: str = "note") -> str:
    line = field(app, name).query_one(f".{kind}", Static)
    return str(line.content) if line.display else ""


async def fill(pilot: Pilot[None], app: CarecoordApp, **texts: str) -> None:
    """Go to each field and type, or press the choice's key."""
    for name, text in texts.items():
        control = app.screen.query_one(f"#{name}")
        control.focus()
        await pilot.pause()
        if isinstance(control, ChoiceRow):
            await pilot.press(text)
        else:
            assert isinstance(control, Input)
            control.value = ""
            await paste(pilot, text)
    await pilot.pause()


async def test_a_new_patient_by_keys_alone(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("N")
        await write(pilot, "Alvarez")
        await pilot.press("enter")
        await write(pilot, "Rosa")
        await pilot.press("down", "down", "down", "tab")
        await paste(pilot, "3/14/1955")
        assert note(app, "birth_date") == "= 14 Mar 1955, 71"
        await pilot.press("enter", "f", "tab")
        await paste(pilot, "MRN-77")
        await pilot.press("tab", "h", "tab")
        await paste(pilot, "555 010 0134 x12")
        assert note(app, "phone0_number") == "= (555) 010-0134 x12"
        await pilot.press("tab", "w", "ctrl+s")
        await pilot.pause()
        await pilot.pause()
        assert front(app) == "PatientPage"
        found = rows(
            practice,
            "SELECT id, given_name, birth_date, sex, risk, status, check_in_on FROM patient"
            " WHERE mrn = 'MRN-77'",
        )
        assert found[0][1:6] == ("Rosa", "1955-03-14", "female", "high", "active")
        assert str(found[0][6]) > "2026-11-30"
        assert rows(practice, PHONES, found[0][0]) == [("+15550100134;ext=12", "work", 1, 0)]
        assert rows(practice, "SELECT count(*) FROM ledger WHERE patient_id = ?", found[0][0]) == [(1,)]
        assert "u undoes it" in said(app)
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, "SELECT id FROM patient WHERE mrn = 'MRN-77'") == []


@pytest.mark.parametrize(
    ("texts", "at", "words"),
    [
        ({}, "family_name", "needs a family name"),
        ({"mrn": "MRN-1"}, "mrn", "belongs to another patient"),
        ({"call_until": "soonish"}, "call_until", "9am or 14:30"),
        ({"payer_name": "Humana", "payer_class": "o"}, "payer_class", "Medicare Adv. for all"),
    ],
)
async def test_a_problem_stands_at_its_field_and_the_draft_stays(
    paths: PracticePaths, texts: dict[str, str], at: str, words: str
) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("N")
        await pilot.pause()
        family = {} if at == "family_name" else {"family_name": "Typed"}
        await fill(pilot, app, **family, **texts)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "PatientForm"
        assert words in note(app, at, "problem")
        assert app.focused is not None
        assert app.focused.id == at
        assert note(app, at, "problem")[:40] in shown(app)
        assert app.screen.query_one("#family_name", Input).value == family.get("family_name", "")
        assert rows(practice, "SELECT count(*) FROM patient") == [(5,)]


@pytest.mark.parametrize(
    ("texts", "at", "words"),
    [
        ({"birth_date": "3/14/61"}, "birth_date", "four digits"),
        ({"birth_date": "3/14/2027"}, "birth_date", "future"),
        ({"phone1_number": "555 0134"}, "phone1_number", "area code is missing"),
        ({"call_from": "5pm", "call_until": "9am"}, "call_until", "not after"),
        ({"postal_code": "2134"}, "postal_code", "leading zero"),
        ({"email": "rosa"}, "email", "has an @"),
        (
            {"payer_class": "medicare", "payer_name": "M", "member_id": "1SG4-TE5-MK73"},
            "member_id",
            "letters S",
        ),
        ({"member_id": "123"}, "payer_name", "Whose plan"),
        ({"phone0_number": "5550100134", "confidential_channel": "yes"}, "phone0_number", "which number"),
    ],
)
def test_what_is_wrong_is_said_by_field(texts: dict[str, str], at: str, words: str) -> None:
    start = texts_of(None)
    draft = read_draft(
        {**start, "family_name": "Typed", **texts}, start, None, today=TODAY, order=DateOrder.MDY
    )
    assert list(draft.problems) == [at]
    assert words in draft.problems[at]
    assert "1SG4" not in draft.problems[at]


async def test_every_field_is_saved(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await pilot.press("N")
        await pilot.pause()
        await fill(
            pilot, app,
            family_name="King", given_name="Martin", middle_name="L", suffix="Jr.", preferred_name="Mike",
            birth_date="15 Jan 1949", sex="m", mrn="K-1", risk="r", phone0_number="(555) 010-0161",
            phone1_number="+44 20 7946 0958", phone1_label="h", language="Spanish", interpreter_needed="y",
            call_from="9am", call_until="17:00", detailed_voicemail="n", confidential_channel="y",
            phone0_permitted="y", safe_contact="Ask for Ms. K", address_line="1 Main St", city="Boston",
            state="MA", postal_code="02134", email="mk@example.org", primary_provider="Dr. Hale",
            payer_name="Medicare", payer_class="m", plan_name="Part B", member_id="1eg4-te5-mk73",
            group_number="G1",
        )  # fmt: skip
        assert note(app, "member_id") == "= 1EG4-TE5-MK73"
        assert note(app, "call_until") == "= 5pm"
        await pilot.press("ctrl+s")
        await pilot.pause()
        number, *values = rows(
            practice,
            "SELECT id, middle_name, suffix, preferred_name, sex, risk, language, interpreter_needed,"
            " call_from, call_until, detailed_voicemail, confidential_channel, safe_contact, address_line,"
            " city, state, postal_code, email, primary_provider FROM patient WHERE mrn = 'K-1'",
        )[0]
        assert values[:7] == ["L", "Jr.", "Mike", "male", "rising", "Spanish", 1]
        assert [str(one)[:5] for one in values[7:9]] == ["09:00", "17:00"]
        assert values[9:] == [
            0, 1, "Ask for Ms. K", "1 Main St", "Boston", "MA", "02134", "mk@example.org", "Dr. Hale",
        ]  # fmt: skip
        assert rows(practice, PHONES, number) == [
            ("+15550100161", "mobile", 1, 1),
            ("+442079460958", "home", 2, 0),
        ]
        assert rows(practice, PLANS, number) == [("Medicare", "medicare", "Part B", "1EG4TE5MK73", "unknown")]


async def test_a_possible_duplicate_is_said_once_and_can_be_saved(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("N")
        await pilot.pause()
        await fill(pilot, app, family_name="nguyen", given_name="Thi", birth_date="3/14/1961")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert (
            "Possible duplicate: Nguyen, Thi, 14 Mar 1961, MRN MRN-1. ctrl+s again saves anyway."
            in " ".join(shown(app).split())
        )
        assert rows(practice, "SELECT count(*) FROM patient") == [(5,)]
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT count(*) FROM patient") == [(6,)]


async def test_edit_changes_only_what_was_typed(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        app.push_screen(PatientForm(patient_id=NGUYEN))
        await pilot.pause()
        person = read_person(practice.execute, NGUYEN, unmasked=True)
        assert person is not None
        edit_patient(practice, NGUYEN, replace(entry_of(person), city="Salem", preferred_name="Tee"))
        await fill(pilot, app, city="Lynn")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT city, preferred_name, mrn FROM patient WHERE id = ?", NGUYEN) == [
            ("Lynn", "Tee", "MRN-1")
        ]
        changed = rows(
            practice, "SELECT table_name, after FROM audit_event WHERE change_kind = 'do' ORDER BY seq"
        )
        assert changed[-1] == ("patient", '{"city":"Lynn"}')
        assert "Saved." in said(app)


async def test_edit_phones_and_plan(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        app.push_screen(PatientForm(patient_id=NGUYEN))
        await pilot.pause()
        await fill(pilot, app, phone0_number="555-010-0999", payer_name="Aetna", payer_class="o")
        app.screen.query_one("#phone1_number", Input).value = ""
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, PHONES, NGUYEN) == [("+15550100999", "mobile", 1, 0)]
        assert [(row[0], row[4]) for row in rows(practice, PLANS, NGUYEN)] == [
            ("Humana", "cancelled"),
            ("Aetna", "unknown"),
        ]
        await pilot.press("u")
        await pilot.pause()
        if front(app) == "ConfirmSheet":
            await pilot.press("y")
            await pilot.pause()
        assert len(rows(practice, PHONES, NGUYEN)) == 2
        assert [(row[0], row[4]) for row in rows(practice, PLANS, NGUYEN)] == [("Humana", "unknown")]


async def test_hidden_numbers_can_be_edited_by_hand(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        app.push_screen(PatientForm(patient_id=ANA))
        await pilot.pause()
        assert app.screen.query_one("#phone1_number", Input).value == "(555) 010-0199"
        await fill(pilot, app, phone1_permitted="y")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert [row[3] for row in rows(practice, PHONES, ANA)] == [1, 1]


async def test_esc_twice_leaves_a_touched_form(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await pilot.press("N", "escape")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        await pilot.press("N")
        await write(pilot, "Half")
        await pilot.press("escape")
        await pilot.pause()
        assert "Not saved: ctrl+s saves" in shown(app)
        await write(pilot, "y")
        assert "Not saved" not in shown(app)
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, "SELECT count(*) FROM patient") == [(5,)]


async def test_the_focused_field_is_always_in_view(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("N")
        await pilot.pause()
        for _ in range(34):
            await pilot.press("tab")
            focused = app.focused
            assert focused is not None
            await pilot.pause()
            assert 0 < focused.region.y < 23


def test_an_odd_stored_value_does_not_block_another_change(practice: Practice) -> None:
    number = add_patient(
        practice,
        PatientEntry(family_name="Odd", postal_code="2134"),
        phones=[
            PhoneEntry(number="call the shop"),
            *(PhoneEntry(number=f"+1555010010{i}") for i in range(4)),
        ],
        coverage=CoverageEntry(payer_name="Plan X", member_id="?"),
    )
    person = read_person(practice.execute, number, unmasked=True)
    start = texts_of(person)
    texts = {**start, "city": "Lynn", "phone0_label": "work"}
    draft = read_draft(texts, start, person, today=TODAY, order=DateOrder.MDY)
    assert draft.problems == {}
    assert (draft.entry.city, draft.entry.postal_code) == ("Lynn", "2134")
    assert draft.coverage is None
    assert draft.phones is not None
    assert [(one.number, one.label) for one in draft.phones][:2] == [
        ("call the shop", "work"),
        ("+15550100100", "mobile"),
    ]
    assert len(draft.phones) == 5


def test_an_emptied_payer_ends_the_plan(practice: Practice) -> None:
    entry = PatientEntry(family_name="Plan", birth_date=date(1990, 1, 1))
    number = add_patient(practice, entry, coverage=CoverageEntry(payer_name="Humana", member_id="1"))
    edit_patient(practice, number, entry, coverage=CoverageEntry(payer_name=""))
    assert [row[4] for row in practice.execute(PLANS, [number])] == ["cancelled"]
    edit_patient(practice, number, entry, coverage=CoverageEntry(payer_name="Humana", member_id="2"))
    assert [(row[3], row[4]) for row in practice.execute(PLANS, [number])] == [
        ("1", "cancelled"),
        ("2", "unknown"),
    ]
