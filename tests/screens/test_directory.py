"""The directory by keys: the better office first, filter, the form with its checks, plans, empty state."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import NetworkStatus, ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.providers import ProviderEntry, add_provider, set_active
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Payer, ProviderNetwork, Referral
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.type_ahead import MAX_LINES, TypeAhead
from tests.screens.bench import arrive, at_work, front, rows, said, shown, until, write

SILVA, NGUYEN = 1, 1
IN = NetworkStatus.IN_NETWORK
SIZES = [(80, 24), (120, 36)]


def add(practice: Practice, name: str, specialty: str = "cardiology", **values: object) -> int:
    entry = ProviderEntry(name=name, specialty=specialty, **values)  # type: ignore[arg-type]
    return add_provider(practice, entry)


def visits(practice: Practice, provider_id: int, waits: list[int], reports: int) -> None:
    """Referrals that were seen after so many days, the first ``reports`` of them with a report."""
    with practice.change("history") as session:
        for place, days in enumerate(waits):
            sent = date(2026, 7, 6)
            reported = place < reports
            session.add(
                Referral(
                    patient_id=NGUYEN,
                    provider_id=provider_id,
                    specialty="cardiology",
                    stage=ReferralStage.CLOSED if reported else ReferralStage.SEEN,
                    stage_on=sent + timedelta(days=days),
                    ordered_on=sent - timedelta(days=3),
                    sent_on=sent,
                    visit_on=sent + timedelta(days=days),
                    report_received_on=sent + timedelta(days=days + 5) if reported else None,
                )
            )


async def to_directory(pilot: Pilot[None], app: CarecoordApp) -> None:
    await pilot.press("O")
    await arrive(pilot, app, "DirectoryScreen")


async def to_form(pilot: Pilot[None], app: CarecoordApp, key: str = "P") -> None:
    await pilot.press(key)
    await arrive(pilot, app, "ProviderForm")


async def fill(pilot: Pilot[None], app: CarecoordApp, field: str, text: str) -> None:
    """Type into a field as somebody does who tabbed to it."""
    app.screen.query_one(f"#{field}").focus()
    await write(pilot, text)


def listed(app: CarecoordApp) -> list[object]:
    found = app.screen.query_one(RecordList)
    return [row.id for row in found.source[slice(0, found.row_count)]]


def plans(app: CarecoordApp) -> TypeAhead:
    return app.screen.query_one("#plans", TypeAhead)


def line_of(app: CarecoordApp, name: str) -> str:
    return next(line for line in shown(app).splitlines() if name in line)


@pytest.mark.parametrize("size", SIZES)
async def test_the_better_office_stands_first_with_its_figures(
    paths: PracticePaths, size: tuple[int, int]
) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        slow = add(practice, "Slow Heart", phone="555-010-0150", usual_wait_days=21)
        fast = add(practice, "Fast Heart", phone="555-010-0151", wants="ECG, last note")
        bones = add(practice, "Bones", "orthopedics")
        retired = add(practice, "Retired Heart")
        set_active(practice, retired, False)
        visits(practice, slow, [30, 40], 1)
        visits(practice, fast, [4, 6, 8, 9, 9, 9, 10, 12, 14, 20, 21, 30], 10)
        await to_directory(pilot, app)
        assert listed(app) == [fast, slow, SILVA, bones, "no longer offered", retired]
        assert "83% (12)" in line_of(app, "Fast Heart  ")
        assert "9.5 (12)" in line_of(app, "Fast Heart  ")
        for part in ("3 weeks", "35 (2)", "1 of 2"):
            assert part in line_of(app, "Slow Heart")
        text = shown(app)
        assert "12 sent · date after 9.5 days (median of 12) · report back 10 of 12 (83%)" in text
        assert "They want: ECG, last note" in text
        assert "(555) 010-0151" in text
        await pilot.press("down")
        await until(pilot, lambda: "2 sent · date after 35 days" in shown(app))
        await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")


async def test_filter_narrows_as_you_type(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        bones = add(practice, "Hillcrest Bones", "orthopedics", phone="555-010-0150")
        await to_directory(pilot, app)
        for typed, found in {
            "bon": [bones],
            "ortho": [bones],
            "0150": [bones],
            "cardio sil": [SILVA],
            "1234567893": [SILVA],
            "zz": [],
        }.items():
            await pilot.press("slash")
            await write(pilot, typed)
            assert listed(app) == found
            assert f"{len(found)} of 2" in shown(app)
            await pilot.press("escape")
            await pilot.pause()
        assert listed(app) == [SILVA, bones]
        await pilot.press("slash")
        await write(pilot, "bon")
        await pilot.press("enter", "e")
        await arrive(pilot, app, "ProviderForm")
        assert "Edit: Hillcrest Bones" in shown(app)


@pytest.mark.parametrize("size", SIZES)
async def test_a_new_office_by_keys(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        with practice.change("payer") as session:
            session.add(Payer(name="Aetna"))
        await to_directory(pilot, app)
        await to_form(pilot, app)
        assert "New in the directory: an organization or a person" in shown(app)
        assert "[p person]" in shown(app)
        await write(pilot, "Lakeside [b]Imaging")
        assert "[o organization]" in shown(app)  # the name says so
        assert "555" not in shown(app) and "207RC" not in shown(app)
        await fill(pilot, app, "specialty", "imaging")
        await fill(pilot, app, "npi", "2000000010")
        assert "= check digit fits" in shown(app)
        await fill(pilot, app, "phone", "5550100160")
        assert "= (555) 010-0160" in shown(app)
        await fill(pilot, app, "referral_phone", "555-010-0160 x2")
        await fill(pilot, app, "usual_wait", "3 weeks")
        assert "= 21 days" in shown(app)
        await fill(pilot, app, "wants", "Signed order")
        await fill(pilot, app, "plans", "hum")
        await pilot.press("enter")  # takes "Humana in", the first line of the list
        await write(pilot, "aetna o")
        await pilot.press("enter")
        assert plans(app).value == "Humana in, Aetna out, "
        assert "in network: Humana · out: Aetna" in shown(app)
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "DirectoryScreen")
        assert rows(
            practice,
            "SELECT name, kind, specialty, npi, phone, referral_phone, usual_wait_days, wants, is_active"
            " FROM provider WHERE id = 2",
        ) == [
            (
                "Lakeside [b]Imaging",
                "organization",
                "imaging",
                "2000000010",
                "+15550100160",
                "+15550100160;ext=2",
                21,
                "Signed order",
                1,
            )
        ]
        assert rows(
            practice,
            "SELECT p.name, n.status, n.checked_on FROM provider_network n JOIN payer p ON p.id = n.payer_id"
            " ORDER BY 1",
        ) == [("Aetna", "out_of_network", "2026-11-30"), ("Humana", "in_network", "2026-11-30")]
        assert app.screen.query_one(RecordList).cursor_id == 2
        assert "In network: Humana, asked Mon 30 Nov · Out of network: Aetna" in shown(app)
        assert "Saved" in said(app)
        await pilot.press("u")
        await until(pilot, lambda: listed(app) == [SILVA])
        assert rows(practice, "SELECT count(*) FROM provider_network") == [(0,)]


async def test_what_is_wrong_stands_at_its_field_and_nothing_is_saved(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        await to_directory(pilot, app)
        await to_form(pilot, app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "An office needs a name." in shown(app)
        await write(pilot, "Heart")
        await fill(pilot, app, "npi", "1234567890")
        assert "check digit does not fit" in shown(app)
        await fill(pilot, app, "phone", "555-0134")
        await fill(pilot, app, "usual_wait", "soon")
        await fill(pilot, app, "plans", "Cigna in, Humana in, Oscar out")
        assert "No payer here" not in shown(app)  # said once, on saving
        await pilot.press("ctrl+s")
        await pilot.pause()
        text = shown(app)
        assert text.count("“Cigna”") == text.count("“Oscar”") == 1
        for words in ("check digit", "area code is missing", "Type a wait", "No payer here is called"):
            assert words in text
        assert app.focused is not None
        assert app.focused.id == "phone"
        app.screen.query_one("#npi", Input).value = "1234567893"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "This NPI is Silva Cardiology's" in shown(app)
        assert rows(practice, "SELECT count(*) FROM provider") == [(1,)]
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "ProviderForm"  # a draft is not lost by one key
        await pilot.press("escape")
        await arrive(pilot, app, "DirectoryScreen")


async def test_every_payer_is_reached_by_the_list_and_a_kind_chosen_stays(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        names = [f"Payer {letter}" for letter in "ABCDEFGHIJ"]
        with practice.change("payers") as session:
            session.add_all([Payer(name=name) for name in names])
        await to_directory(pilot, app)
        await to_form(pilot, app)
        await pilot.press("tab", "p")
        await fill(pilot, app, "name", "Lakeside Clinic")
        assert "[p person]" in shown(app)
        app.screen.query_one("#usual_wait").focus()
        await pilot.press("tab", "tab")
        await pilot.pause()
        assert len(plans(app).suggestions) == 2 * (len(names) + 1) > MAX_LINES
        assert "Payer J out" not in shown(app)
        await pilot.press(*["down"] * 22)
        assert "Payer J out" in shown(app)
        await pilot.press("enter")
        assert plans(app).value == "Payer J out, "


async def test_enter_does_not_leave_a_wrong_npi(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_directory(pilot, app)
        await to_form(pilot, app)
        await fill(pilot, app, "npi", "1234567890")
        await pilot.press("enter")
        await pilot.pause()
        assert app.focused is app.screen.query_one("#npi")
        assert "check digit does not fit" in " ".join(shown(app).split())
        await pilot.press("backspace", "3", "enter")  # a good number, but Silva Cardiology has it
        assert "This NPI is Silva Cardiology's" in shown(app)
        assert app.focused is app.screen.query_one("#npi")
        await pilot.press("ctrl+u", "enter")
        await pilot.pause()
        assert app.focused is app.screen.query_one("#taxonomy")


async def test_a_namesake_is_warned_of_once(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_directory(pilot, app)
        await to_form(pilot, app)
        await write(pilot, "silva cardiology")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "is in the directory already" in shown(app)
        assert rows(practice, "SELECT count(*) FROM provider") == [(1,)]
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "DirectoryScreen")
        assert rows(practice, "SELECT count(*) FROM provider") == [(2,)]


async def test_an_edit_is_one_change_and_an_untouched_plan_keeps_its_day(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("asked in May") as session:
            network = ProviderNetwork(provider_id=SILVA, payer_id=1, status=IN, checked_on=date(2026, 5, 4))
            session.add(network)
        await to_directory(pilot, app)
        assert "asked Mon 4 May" in shown(app)
        await to_form(pilot, app, "enter")
        await fill(pilot, app, "note", "Ask for Jo")
        await pilot.press("down", "n")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "DirectoryScreen")
        assert rows(practice, "SELECT note, is_active, npi FROM provider") == [
            ("Ask for Jo", 0, "1234567893")
        ]
        assert rows(practice, "SELECT status, checked_on FROM provider_network") == [
            ("in_network", "2026-05-04")
        ]
        assert rows(
            practice, "SELECT count(DISTINCT change_id) FROM audit_event WHERE label = 'office edited'"
        ) == [(1,)]
        assert "NO LONGER OFFERED" in shown(app)
        await to_form(pilot, app, "e")
        plans(app).put("")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "DirectoryScreen")
        assert rows(practice, "SELECT count(*) FROM provider_network") == [(0,)]
        await pilot.press("u")
        await until(pilot, lambda: rows(practice, "SELECT count(*) FROM provider_network") == [(1,)])


async def test_verbs_on_people_do_nothing_here(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        before = rows(practice, "SELECT count(*) FROM audit_event")
        await to_directory(pilot, app)
        for key in ("c", "x", "s", "n", "f", "y"):
            await pilot.press(key)
            await pilot.pause()
            assert front(app) == "DirectoryScreen"
        await pilot.press("space")
        await pilot.pause()
        assert "not marked" in said(app)
        await pilot.press("p")
        await pilot.pause()
        assert not app.screen.query_one("#facts-frame").display
        await pilot.press("O")
        await pilot.pause()
        assert front(app) == "DirectoryScreen"
        assert rows(practice, "SELECT count(*) FROM audit_event") == before


async def test_an_empty_directory_says_how_to_fill_it(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("no office") as session:
            session.connection().exec_driver_sql("UPDATE referral SET provider_id = NULL")
            session.connection().exec_driver_sql("DELETE FROM provider")
        await to_directory(pilot, app)
        assert "P adds one." in shown(app)
        assert "0 offices" in shown(app)
        await pilot.press("enter", "e")
        await pilot.pause()
        assert "Nothing is highlighted" in said(app)
        await to_form(pilot, app)
        await write(pilot, "First")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "DirectoryScreen")
        assert rows(practice, "SELECT name FROM provider") == [("First",)]


async def test_a_new_office_that_the_filter_would_hide_is_shown(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_directory(pilot, app)
        await pilot.press("slash", *"silva", "enter")
        await to_form(pilot, app, "P")
        await fill(pilot, app, "name", "Bay Imaging")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "DirectoryScreen")
        assert rows(practice, "SELECT count(*) FROM provider WHERE name = 'Bay Imaging'") == [(1,)]
        assert "Bay Imaging" in shown(app)
        assert app.screen.query_one("#count").render().plain == "2 offices"  # all are listed again
