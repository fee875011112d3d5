"""The next steps of an authorization by keys: its moves, units, items, renewal, peer-to-peer, denial."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import pytest
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.vocabulary import AppointmentStatus, AuthorizationStatus, DenialReason
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.authorization_form import AuthorizationForm
from carecoord_tui.screens.eligibility_form import EligibilityForm
from carecoord_tui.store import ledger
from carecoord_tui.store.actions.authorization_items import ItemEntry
from carecoord_tui.store.actions.authorizations import AuthorizationEntry, add_authorization
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Appointment
from tests.screens.bench import arrive, at_work, front, paste, rows, said, shown

S = AuthorizationStatus
THI = 1
SUBMITTED = Step(to=S.SUBMITTED, channel="portal", reference="H1")
IN_FORCE = (SUBMITTED, Step(to=S.APPROVED))
Desk = tuple[Pilot[None], CarecoordApp, Practice, int]


@asynccontextmanager
async def steps(
    paths: PracticePaths,
    *taken: Step,
    size: tuple[int, int] = (80, 24),
    items: tuple[ItemEntry, ...] = (),
    visits: tuple[datetime, ...] = (),
    **fields: object,
) -> AsyncIterator[Desk]:
    """The sheet of next steps of an authorization submitted 24 November, in front of its form."""
    async with at_work(paths, size=size) as (pilot, app, practice):
        entry = AuthorizationEntry(service="Physical therapy", coverage_id=1, **fields)  # type: ignore[arg-type]
        sent = datetime(2026, 11, 24, 15, tzinfo=UTC) if taken else None
        number = add_authorization(practice, THI, entry, taken=taken, submitted_at=sent, items=items)
        with practice.change("visits") as session:
            for starts_at in visits:
                status = AppointmentStatus.FULFILLED
                session.add(
                    Appointment(
                        patient_id=THI,
                        title="PT",
                        starts_at=starts_at,
                        booked_on=date(2026, 11, 2),
                        status=status,
                    )
                )
        await open_steps(pilot, app, practice, number)
        yield pilot, app, practice, number
        with practice.read() as connection:
            report = ledger.differences(connection, practice.context)
        assert report.is_equal and not report.missing


async def open_steps(pilot: Pilot[None], app: CarecoordApp, practice: Practice, number: int) -> None:
    app.push_screen(AuthorizationForm(practice, THI, "Nguyen, Thi", authorization_id=number))
    await arrive(pilot, app, "AuthorizationForm")
    await pilot.press("f4")
    await arrive(pilot, app, "AuthorizationSteps")


async def pressed(pilot: Pilot[None], *keys: str, typed: str = "") -> None:
    await pilot.press(*keys)
    await pilot.pause()
    if typed:
        await paste(pilot, typed)
        await pilot.press("enter")
    await pilot.pause()


def of(practice: Practice, number: int, columns: str) -> tuple[object, ...]:
    (row,) = rows(practice, f"SELECT {columns} FROM authorization WHERE id = ?", number)  # noqa: S608
    return row


def history(practice: Practice, number: int) -> list[object]:
    sql = "SELECT note FROM authorization_event WHERE authorization_id = ? ORDER BY id"
    return [row[0] for row in rows(practice, sql, number)]


def words(app: CarecoordApp) -> str:
    return " ".join(shown(app).split())


# --- one key a move -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken", "keys", "typed", "status"),
    [
        ((), "x", "", S.SUBMITTED),
        ((), "f", "", S.DRAFT),
        ((), "n1", "", S.CANCELLED),
        ((SUBMITTED,), ("x", "A", "1", "enter"), "31 jan 2027", S.APPROVED),
        ((SUBMITTED,), "m", "", S.PARTIAL),
        ((SUBMITTED,), "o", "", S.MODIFIED),
        ((SUBMITTED,), "d", "", S.DENIED),
        ((SUBMITTED,), "p", "", S.PENDED),
        ((SUBMITTED,), "n2", "", S.CANCELLED),
        ((SUBMITTED, Step(to=S.PENDED)), "x", "", S.SUBMITTED),
        (IN_FORCE, "e", "", S.EXPIRED),
        (IN_FORCE, "n1", "", S.CANCELLED),
        (IN_FORCE, "d", "", S.DENIED),
        ((SUBMITTED, Step(to=S.DENIED)), ("a", "enter"), "31 jan 2027", S.APPROVED),
    ],
)
async def test_a_move_is_one_key(
    paths: PracticePaths, taken: tuple[Step, ...], keys: Sequence[str], typed: str, status: S
) -> None:
    async with steps(paths, *taken) as (pilot, app, practice, number):
        await pressed(pilot, *keys, typed=typed)
        assert of(practice, number, "status") == (status.value,)
        assert front(app) == "TodayScreen"
        assert "u undoes it" in said(app)
        await pilot.press("u")
        await pilot.pause()
        before = taken[-1].to if taken else S.NEEDED
        assert of(practice, number, "status") == (before.value,)


async def test_the_payers_extension_moves_its_clock_and_is_taken_once(paths: PracticePaths) -> None:
    async with steps(paths, SUBMITTED) as (pilot, app, practice, number):
        assert "Payer decides by Tue 1 Dec" in words(app)
        await pressed(pilot, "tab", typed="27 nov")
        await pressed(pilot, "e", "enter")  # no new day in the letter: the rule's
        assert of(practice, number, "extended_on, status") == ("2026-11-27", "submitted")
        await open_steps(pilot, app, practice, number)
        assert "more time since Fri 27 Nov" in words(app)
        assert "Payer decides by Tue 15 Dec" in words(app)
        assert "payer takes more time" not in words(app)


async def test_a_renewal_is_linked_prefilled_and_opened(paths: PracticePaths) -> None:
    fields = {"service_code": "97110", "valid_to": date(2026, 12, 11), "diagnoses": "M54.50"}
    async with steps(paths, *IN_FORCE, **fields) as (pilot, app, practice, number):
        await pressed(pilot, "b")
        await arrive(pilot, app, "AuthorizationForm")
        (following,) = of(practice, number, "renewed_by_id")
        assert of(practice, int(str(following)), "status, service_code, diagnoses, coverage_id") == (
            "needed", "97110", "M54.50", 1,
        )  # fmt: skip
        assert isinstance(app.screen, AuthorizationForm)
        assert app.screen.authorization_id == following
        await pressed(pilot, "escape")
        await open_steps(pilot, app, practice, number)
        assert "Renewed by a later authorization." in words(app)
        await pressed(pilot, "x")
        assert of(practice, number, "status") == ("expired",)


# --- units, items --------------------------------------------------------------------------------


async def test_a_visit_uses_units_and_gives_them_back(paths: PracticePaths) -> None:
    visits = tuple(datetime(2026, 11, day, 15, tzinfo=UTC) for day in (25, 27, 30))
    fields = {"units_authorized": 3, "valid_from": date(2026, 11, 20), "valid_to": date(2026, 12, 31)}
    async with steps(paths, *IN_FORCE, visits=visits, **fields) as (pilot, app, practice, number):
        await pressed(pilot, "c")
        await arrive(pilot, app, "UsesSheet")
        assert "0 of 3 units used, 3 left" in words(app)
        assert "Mon 30 Nov" not in words(app).split("0 of 3")[1], "it is at 10, and it is 8"
        await pressed(pilot, "enter")
        assert "1 of 3 units used, 2 left" in words(app)
        assert rows(practice, "SELECT used_on, units FROM authorization_use") == [("2026-11-27", 1)]
        await pressed(pilot, "j", "tab")
        await pressed(pilot, "4", "enter")
        await pressed(pilot, "enter")
        assert "2 of 3 units are left and this visit uses 4" in words(app)
        assert of(practice, number, "units_used") == (1,)
        await pressed(pilot, "tab", "tab", typed="agreed by phone")
        await pressed(pilot, "enter")
        assert "2 beyond" in words(app)
        await pressed(pilot, "enter")
        assert of(practice, number, "units_used") == (1,)
        await pressed(pilot, "escape")
        assert front(app) == "TodayScreen"


async def test_items_have_their_own_answer_and_make_the_whole(paths: PracticePaths) -> None:
    items = (ItemEntry(code="97110", service="Exercise"), ItemEntry(code="97140"))
    async with steps(paths, SUBMITTED, items=items) as (pilot, app, practice, number):
        await pressed(pilot, "x", "enter", typed="31 jan 2027")  # the whole: all that is undecided
        assert of(practice, number, "status") == ("approved",)
        await pilot.press("u")
        await pilot.pause()
        await open_steps(pilot, app, practice, number)
        await pressed(pilot, "m")
        assert "item by item" in words(app)
        assert of(practice, number, "status") == ("submitted",)
        await pressed(pilot, "i")
        await arrive(pilot, app, "ItemsSheet")
        await pressed(pilot, "enter")
        await arrive(pilot, app, "ItemForm")
        await pilot.press("a")
        for name, text in (
            ("number", "A-77"),
            ("units", "12"),
            ("valid-from", "1 dec"),
            ("valid-to", "31 jan 2027"),
        ):
            app.screen.query_one(f"#{name}").focus()
            await pilot.pause()
            await paste(pilot, text)
        await pressed(pilot, "ctrl+s")
        await arrive(pilot, app, "ItemsSheet")
        assert rows(
            practice, "SELECT status, number, units, valid_from, valid_to FROM authorization_item ORDER BY id"
        ) == [("approved", "A-77", 12, "2026-12-01", "2027-01-31"), ("submitted", "", None, None, None)]
        assert of(practice, number, "status") == ("submitted",)
        assert "1 of 2 approved: the whole is submitted." in words(app)
        await pressed(pilot, "j", "enter")
        await arrive(pilot, app, "ItemForm")
        await pilot.press("d")
        app.screen.query_one("#reason").focus()
        await pressed(pilot, "2", "ctrl+s")
        await arrive(pilot, app, "ItemsSheet")
        assert of(practice, number, "status, denial_reason") == (
            "partial", DenialReason.NOT_NECESSARY.value,
        )  # fmt: skip


async def test_an_item_is_added_and_an_impossible_validity_refused(paths: PracticePaths) -> None:
    async with steps(paths, SUBMITTED) as (pilot, app, practice, _):
        await pressed(pilot, "i")
        await arrive(pilot, app, "ItemsSheet")
        await pressed(pilot, "+")
        await arrive(pilot, app, "ItemForm")
        await paste(pilot, "Exercise")
        await pressed(pilot, "ctrl+s")
        await arrive(pilot, app, "ItemsSheet")
        assert rows(practice, "SELECT service, status FROM authorization_item") == [("Exercise", "submitted")]
        await pressed(pilot, "enter")
        await arrive(pilot, app, "ItemForm")
        await pilot.press("a")
        for name, text in (("valid-from", "31 jan 2027"), ("valid-to", "1 dec")):
            app.screen.query_one(f"#{name}").focus()
            await pilot.pause()
            await paste(pilot, text)
        await pressed(pilot, "ctrl+s")
        assert "before it begins on" in words(app)
        assert rows(practice, "SELECT status FROM authorization_item") == [("submitted",)]


# --- peer-to-peer, denial -------------------------------------------------------------------------


async def test_a_peer_to_peer_call_is_set_held_or_won(paths: PracticePaths) -> None:
    denied = Step(to=S.DENIED, denial_reason=DenialReason.NOT_NECESSARY)
    async with steps(paths, SUBMITTED, denied) as (pilot, app, practice, number):
        await pressed(pilot, "k", typed="4 dec")
        assert of(practice, number, "peer_to_peer_by") == ("2026-12-04",)
        await open_steps(pilot, app, practice, number)
        await pressed(pilot, "g", typed="7 dec 2pm")
        assert "possible until Fri 4 Dec" in words(app)
        await pressed(pilot, "escape")
        await pressed(pilot, "escape")
        await open_steps(pilot, app, practice, number)
        await pressed(pilot, "g", typed="2 dec 2pm")
        assert rows(
            practice, "SELECT target_on FROM ledger WHERE kind = 'authorization' AND record_id = ?", number
        ) == [("2026-12-02",)]
        assert history(practice, number)[-1] == "Peer-to-peer call set for Wed 2 Dec 2pm"
        await open_steps(pilot, app, practice, number)
        await pressed(pilot, "h")
        assert of(practice, number, "status, peer_to_peer_by") == ("denied", None)
        assert history(practice, number)[-1] == "Peer-to-peer call held: the decision stands"
        await open_steps(pilot, app, practice, number)
        await pressed(pilot, "w", typed="31 jan 2027")
        assert of(practice, number, "status, valid_to, denial_reason") == ("approved", "2027-01-31", None)
        assert history(practice, number)[-1] == "Peer-to-peer call: approved"


async def test_a_denied_one_leads_to_its_denial_with_one_key(paths: PracticePaths) -> None:
    denied = Step(to=S.DENIED, denial_reason=DenialReason.NOT_COVERED)
    async with steps(paths, SUBMITTED, denied, is_expedited=True) as (pilot, app, practice, number):
        await pressed(pilot, "x")
        await arrive(pilot, app, "DenialForm")
        assert rows(
            practice,
            "SELECT authorization_id, service, coverage_id, notice_on, is_expedited, reason_kind FROM denial",
        ) == [(number, "Physical therapy", 1, "2026-11-30", 1, "not_covered")]
        await pressed(pilot, "escape")
        await open_steps(pilot, app, practice, number)
        assert "Its denial is recorded" in words(app)
        await pressed(pilot, "x")
        await arrive(pilot, app, "DenialForm")


# --- the form ------------------------------------------------------------------------------------


async def test_steps_go_on_from_what_is_saved(paths: PracticePaths) -> None:
    async with steps(paths, SUBMITTED) as (pilot, app, _, _):
        await pressed(pilot, "escape")
        app.screen.query_one("#note").focus()
        await paste(pilot, "half a thought")
        await pressed(pilot, "f4")
        assert front(app) == "AuthorizationForm"
        assert "Save first" in words(app)


async def test_a_service_day_outside_the_validity_is_said_where_it_is_linked(paths: PracticePaths) -> None:
    fields = {"valid_to": date(2026, 12, 11), "service_on": date(2026, 12, 14)}
    async with steps(paths, *IN_FORCE, size=(120, 45), **fields) as (pilot, app, practice, number):
        warned = "The service is on Mon 14 Dec, after the authorization ends on Fri 11 Dec"
        assert warned in words(app)
        await pressed(pilot, "escape")
        assert f"{warned}: move the visit or ask for an extension." in words(app)
        with practice.change("visit") as session:
            session.add(
                Appointment(
                    patient_id=THI,
                    title="PT evaluation",
                    starts_at=datetime(2026, 12, 10, 15, tzinfo=UTC),
                    booked_on=date(2026, 11, 30),
                )
            )
        await pressed(pilot, "escape")
        app.push_screen(AuthorizationForm(practice, THI, "Nguyen, Thi", authorization_id=number))
        await arrive(pilot, app, "AuthorizationForm")
        app.screen.query_one("#visit").focus()
        await pressed(pilot, "1")
        assert "after the authorization ends" not in words(app)
        await pressed(pilot, "ctrl+s")
        assert of(practice, number, "appointment_id IS NOT NULL, service_on") == (1, "2026-12-10")


# --- "authorization needed" ------------------------------------------------------------------------


async def needed_visit(pilot: Pilot[None], app: CarecoordApp, practice: Practice) -> None:
    """A visit on Wed 9 Dec whose check says, by keys, that an authorization is needed; its row in front."""
    with practice.change("visit") as session:
        session.add(
            Appointment(
                patient_id=THI,
                title="MRI lumbar",
                starts_at=datetime(2026, 12, 9, 15, tzinfo=UTC),
                booked_on=date(2026, 11, 30),
            )
        )
    app.push_screen(EligibilityForm(practice, THI, "Nguyen, Thi", appointment_id=1))
    await arrive(pilot, app, "EligibilityForm")
    await pilot.press("a")
    app.screen.query_one("#authorization").focus()
    await pressed(pilot, "y", "ctrl+s")
    assert rows(practice, "SELECT rule_id FROM ledger WHERE kind = 'eligibility'") == [("auth.required",)]
    await pilot.press("4", "E")
    await arrive(pilot, app, "InsuranceScreen")
    assert "[E Eligibility 1]" in words(app)


async def test_a_check_that_says_needed_leads_to_the_authorization(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await needed_visit(pilot, app, practice)
        await pressed(pilot, "i")
        await arrive(pilot, app, "InsuranceMenu")
        await pressed(pilot, "i")
        await arrive(pilot, app, "AuthorizationForm")
        await pressed(pilot, "ctrl+s")
        newest = (
            "SELECT service, appointment_id, service_on, status FROM authorization ORDER BY id DESC LIMIT 1"
        )
        assert rows(practice, newest) == [("MRI lumbar", 1, "2026-12-09", "needed")]
        assert rows(practice, "SELECT rule_id FROM ledger WHERE kind = 'eligibility'") == []


async def test_who_said_that_none_is_needed_is_asked_for(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await needed_visit(pilot, app, practice)
        await pressed(pilot, "x")
        assert "asks who" in words(app)
        await pressed(pilot, "n", typed="Jan at Humana, ref 4711")
        assert rows(practice, "SELECT rule_id FROM ledger WHERE kind = 'eligibility'") == []
        assert rows(practice, "SELECT text FROM note") == [
            ("No authorization needed: Jan at Humana, ref 4711",)
        ]
