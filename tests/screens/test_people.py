"""People by keys: authority that ends, the care team, contact rules, a death, calling hours of offices."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import PatientStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.base import Refused
from carecoord_tui.store.actions.care_team import MemberEntry, put_care_team_member
from carecoord_tui.store.actions.contact_rules import ContactRules, put_contact_rules
from carecoord_tui.store.actions.patients import put_related_person, set_status
from carecoord_tui.store.practice import Practice, open_practice
from carecoord_tui.store.queries.person import read_person
from carecoord_tui.store.queries.today import items_of
from carecoord_tui.store.undo import undo
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, paste, rows, shown, until, write

NGUYEN, JAMES, ANA = 1, 2, 5
RULES = (
    "SELECT confidential_channel, safe_contact, minor_consent, detailed_voicemail, call_from, call_until,"
    " time_zone FROM patient WHERE id = ?"
)
HOURS = "SELECT call_from, call_until, time_zone FROM {table} WHERE name = 'Far Office'"


@pytest.fixture
def paths(tmp_path: Path) -> PracticePaths:
    return PracticePaths(tmp_path / "practice")


async def to_people(pilot: Pilot[None], app: CarecoordApp, patient_id: int) -> RecordList:
    app.open_patient(patient_id)
    await arrive(pilot, app, "PatientPage")
    await pilot.press(*["right"] * 7)
    await pilot.pause()
    return app.screen.query_one("#people", RecordList)


def put_rules(practice: Practice, patient_id: int, **values: object) -> None:
    person = read_person(practice.execute, patient_id)
    assert person is not None
    put_contact_rules(practice, patient_id, ContactRules(**values), version=person.version)  # type: ignore[arg-type]


# --- authority -------------------------------------------------------------------------------------------


async def test_what_expired_is_said_and_no_longer_counts(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        until_day = date(2026, 11, 12)
        put_related_person(
            practice, NGUYEN, name="Lan", is_authorized=True, scope="appointments", scope_until=until_day
        )
        await to_people(pilot, app, NGUYEN)
        assert "expired Thu 12 Nov; was: appoi" in shown(app)
        await pilot.press("e")
        await arrive(pilot, app, "RelatedSheet")
        assert "expired Thu 12 Nov" in shown(app)
        await pilot.press("escape", "c")
        await arrive(pilot, app, "ContactSheet")
        await pilot.press("a")
        await pilot.pause()
        assert "Nobody is authorized today" in shown(app)
        assert rows(practice, "SELECT count(*) FROM contact") == [(0,)]
        await pilot.press("tab")
        await write(pilot, "Lan picked up, said nothing")
        await pilot.press("enter", "a")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT outcome, note FROM contact") == [
            ("reached_proxy", "Lan picked up, said nothing")
        ]


async def test_the_one_authorized_person_is_written_down(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        put_related_person(practice, NGUYEN, name="Lan", is_authorized=True, scope="appointments")
        put_related_person(practice, NGUYEN, name="Bo")
        app.open_patient(NGUYEN)
        await arrive(pilot, app, "PatientPage")
        await pilot.press("c", "a")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT outcome, spoke_with FROM contact") == [("reached_proxy", "Lan")]


async def test_a_guardian_is_entered_by_key_and_lapses_at_18(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await to_people(pilot, app, NGUYEN)  # born 1961
        await pilot.press("P")
        await arrive(pilot, app, "RelatedSheet")
        await write(pilot, "Mai")
        await pilot.press("tab", "tab", "tab", "y", "tab")
        await write(pilot, "everything")
        await pilot.press("tab", "tab", "tab", "y", "tab")
        await write(pilot, "mai@example.org")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT is_guardian, is_authorized, email FROM related_person") == [
            (1, 1, "mai@example.org")
        ]
        assert "lapsed Wed 14 Mar 1979: the patient turned 18; was: everything" in shown(app)


async def test_a_form_that_is_older_than_the_related_person_is_refused(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        lan = put_related_person(practice, NGUYEN, name="Lan", relationship="daughter")
        listing = await to_people(pilot, app, NGUYEN)
        listing.move_to(lan)
        await pilot.press("e")
        await arrive(pilot, app, "RelatedSheet")
        other_window = open_practice(paths, practice.data_key, practice.clock)
        put_related_person(other_window, NGUYEN, related_id=lan, name="Lan", phone="+15550100188", version=1)
        other_window.close()
        await write(pilot, "Lana")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "changed in another window" in shown(app))
        assert front(app) == "RelatedSheet"
        assert rows(practice, "SELECT name, phone FROM related_person") == [("Lan", "+15550100188")]


# --- care team -------------------------------------------------------------------------------------------


async def test_the_care_team_from_the_directory_by_keys(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        listing = await to_people(pilot, app, JAMES)
        await pilot.press("T")
        await arrive(pilot, app, "CareTeamSheet")
        await write(pilot, "silva")
        await pilot.press("down", "enter")
        await until(pilot, lambda: "cardiology" in shown(app))
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        team = "SELECT name, role, provider_id, is_active FROM care_team WHERE patient_id = ?"
        assert rows(practice, team, JAMES) == [("Silva Cardiology", "cardiology", 1, 1)]
        assert "CARE TEAM" in shown(app)
        assert "[People 1]" in shown(app)
        assert listing.cursor_id == ("team", 1)
        await pilot.press("e")
        await arrive(pilot, app, "CareTeamSheet")
        await pilot.press("tab")
        await write(pilot, "heart doctor")  # a short value is selected on entry
        await pilot.press("tab")
        await paste(pilot, "555 010 0177")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, "SELECT role, phone FROM care_team") == [("heart doctor", "+15550100177")]
        await pilot.press("u")
        await until(pilot, lambda: rows(practice, "SELECT role FROM care_team") == [("cardiology",)])


def test_a_member_needs_a_name_and_a_number_that_can_be(practice: Practice) -> None:
    from carecoord_tui.store.actions.patients import PatientEntry, add_patient

    one = add_patient(practice, PatientEntry(family_name="Lee"))
    other = add_patient(practice, PatientEntry(family_name="Moss"))
    for entry in (MemberEntry(name="  "), MemberEntry(name="Bo", phone="12")):
        with pytest.raises(Refused):
            put_care_team_member(practice, one, entry)
    number = put_care_team_member(practice, one, MemberEntry(name="Bo", role="pharmacy"))
    with pytest.raises(Refused, match="another patient"):
        put_care_team_member(practice, other, MemberEntry(name="Bo"), member_id=number)
    person = read_person(practice.execute, one)
    assert person is not None
    assert [(member.name, member.role) for member in person.care_team] == [("Bo", "pharmacy")]


# --- contact rules ---------------------------------------------------------------------------------------


async def test_contact_rules_by_keys(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        app.open_patient(NGUYEN)
        await arrive(pilot, app, "PatientPage")
        await pilot.press("R", "y", "ctrl+s")
        await arrive(pilot, app, "ContactRulesSheet")
        assert "Say which number may be used" in shown(app)
        await pilot.press("tab", "tab", "y", "tab")  # the home number
        await pilot.pause()
        assert "CONTACT ONLY AT (555) 010-0135. No other phone, mail, voicemail." in shown(app)
        await write(pilot, "Say Maple Street")
        await pilot.press("tab", "tab")
        await write(pilot, "NY PHL 2504")
        assert "no parent call, letter, estimate." in shown(app)
        assert "State rule NY PHL 2504." in shown(app)
        await pilot.press("tab")
        await write(pilot, "9am")
        await pilot.press("tab")
        await write(pilot, "8am")
        await pilot.press("tab")
        await write(pilot, "moon")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "This is not after the hour calls may begin." in shown(app)
        assert "“moon” is no time zone" in shown(app)
        await pilot.press("ctrl+u")
        await write(pilot, "5pm")
        await pilot.press("tab", "ctrl+u")
        await write(pilot, "pt")
        await until(pilot, lambda: "= America/Los_Angeles, 5am there now" in shown(app))
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PatientPage")
        assert rows(practice, RULES, NGUYEN) == [
            (
                1,
                "Say Maple Street",
                "NY PHL 2504",
                None,
                "09:00:00.000000",
                "17:00:00.000000",
                "America/Los_Angeles",
            )
        ]
        permitted = "SELECT number FROM patient_phone WHERE is_permitted AND patient_id = ?"
        assert rows(practice, permitted, NGUYEN) == [("+15550100135",)]
        seen = shown(app)
        assert "CONTACT ONLY AT (555) 010-0135" in seen
        assert "home, closed, opens 9am their time (noon here)" in seen
        assert "Do not confirm this person is a patient." in seen
        assert "0134" not in seen
        await pilot.press("u")
        await until(pilot, lambda: rows(practice, RULES, NGUYEN)[0][0] == 0)
        assert rows(practice, permitted, NGUYEN) == []


def test_what_cannot_be_is_refused_and_nothing_changes(practice: Practice) -> None:
    from carecoord_tui.store.actions.patients import PatientEntry, add_patient
    from carecoord_tui.store.errors import Conflict

    one = add_patient(practice, PatientEntry(family_name="Lee"))
    before = rows(practice, RULES, one)
    for values, words in (
        ({"confidential_channel": True}, "which number"),
        ({"call_from": time(17), "call_until": time(9)}, "end before they begin"),
        ({"time_zone": "No/Such"}, "not known"),
    ):
        with pytest.raises(Refused, match=words):
            put_rules(practice, one, **values)
    with pytest.raises(Conflict):
        put_contact_rules(practice, one, ContactRules(safe_contact="x"), version=99)
    assert rows(practice, RULES, one) == before


async def test_while_names_are_masked_the_reason_stays_sealed(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        put_rules(practice, NGUYEN, safe_contact="by text only", reason="brother-in-law")
        app.open_patient(NGUYEN)
        await arrive(pilot, app, "PatientPage")
        await pilot.press("z", "R", "f4")
        await arrive(pilot, app, "ContactRulesSheet")
        assert "Names are masked" in shown(app)
        assert "brother-in-law" not in shown(app)
        looks = "SELECT count(*) FROM audit_event WHERE label = 'safe-contact reason viewed'"
        assert rows(practice, looks) == [(0,)]


async def test_ranking_calls_by_the_patients_own_clock(paths: PracticePaths) -> None:
    """8:00 in New York: open from 8 here, asleep at 5:00 in California."""
    async with at_work(paths) as (_, _, practice):

        def not_now() -> bool:
            (call,) = (
                one
                for one in items_of(practice.execute, NGUYEN, practice.moment())
                if one.title == "Call: CGM order"
            )
            return call.not_callable_now

        put_rules(practice, NGUYEN, call_from=time(8), call_until=time(17))
        assert not not_now()
        put_rules(practice, NGUYEN, call_from=time(8), call_until=time(17), time_zone="America/Los_Angeles")
        assert not_now()
        assert undo(practice) is not None
        assert not not_now()


# --- a death, offices ------------------------------------------------------------------------------------


async def test_a_death_says_who_told_of_it_and_what_is_open(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        set_status(
            practice, JAMES, PatientStatus.DECEASED, deceased_on=date(2026, 11, 27), note="his daughter"
        )
        assert rows(practice, "SELECT deceased_told_by, status_note FROM patient WHERE id = ?", JAMES) == [
            ("his daughter", "")
        ]
        left = len(items_of(practice.execute, JAMES, practice.moment()))
        app.open_patient(JAMES)
        await arrive(pilot, app, "PatientPage")
        words = "Died Fri 27 Nov (told by his daughter). Outreach and visits stopped."
        assert f"{words} Open for estate: {left}." in shown(app)
        await pilot.press("S")
        await arrive(pilot, app, "StatusSheet")
        assert "his daughter" in shown(app)
        await pilot.press("escape")
        set_status(practice, JAMES, PatientStatus.ACTIVE)
        assert rows(practice, "SELECT deceased_told_by FROM patient WHERE id = ?", JAMES) == [("",)]


@pytest.mark.parametrize(
    ("keys", "form", "hours"),
    [
        ("O", "ProviderForm", HOURS.format(table="provider")),
        ("4P", "PayerForm", HOURS.format(table="payer")),
    ],
)
async def test_offices_and_payers_have_hours_and_a_zone(
    paths: PracticePaths, keys: str, form: str, hours: str
) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        for key in keys:
            before = front(app)
            await pilot.press(key)
            await until(pilot, _left(app, before))
            await pilot.pause()
        await pilot.press("P")
        await arrive(pilot, app, form)
        await write(pilot, "Far Office")
        for name, text in (("call_from", "8am"), ("call_until", "5pm"), ("time_zone", "pacific")):
            app.screen.query_one(f"#{name}").focus()
            await write(pilot, text)
        await until(pilot, lambda: "= America/Los_Angeles, 5am there now" in shown(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: front(app) != form)
        assert rows(practice, hours) == [("08:00:00.000000", "17:00:00.000000", "America/Los_Angeles")]


def _left(app: CarecoordApp, before: str) -> Callable[[], bool]:
    return lambda: front(app) != before and app.screen.is_mounted


async def test_a_call_to_an_office_says_that_it_is_closed(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        from carecoord_tui.store.tables import Provider

        with practice.change("hours") as session:
            office = session.get(Provider, 1)
            assert office is not None
            office.call_from, office.time_zone = time(8), "America/Los_Angeles"
            session.add(office)
        await pilot.press("C")
        await arrive(pilot, app, "ChaseScreen")
        await pilot.press("c")
        await arrive(pilot, app, "ChaseSheet")
        assert "closed, opens 8am their time (11am here)" in shown(app)
