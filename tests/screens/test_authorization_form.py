"""The authorization form by keys: a new one, the payer's reference (step 5), units (step 23), refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import pytest
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.authorization_steps import Step
from carecoord_tui.domain.vocabulary import AuthorizationStatus
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.authorization_form import AuthorizationForm
from carecoord_tui.store.actions.authorizations import AuthorizationEntry, ItemEntry, add_authorization
from carecoord_tui.store.practice import Practice
from carecoord_tui.widgets.choice import ChoiceRow
from tests.screens.bench import arrive, at_work, front, paste, rows, said, shown

THI, MRI = 1, 1  # the bench's authorization: submitted 24 November, Humana (Medicare Advantage)
S = AuthorizationStatus
NEWEST = (
    "SELECT service, service_code, status, channel, reference FROM authorization ORDER BY id DESC LIMIT 1"
)


@asynccontextmanager
async def form(
    paths: PracticePaths, number: int | None = None, *, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[Pilot[None], CarecoordApp, Practice]]:
    """The form in front."""
    async with at_work(paths, size=size) as (pilot, app, practice):
        app.push_screen(AuthorizationForm(practice, THI, "Nguyen, Thi", authorization_id=number))
        await arrive(pilot, app, "AuthorizationForm")
        await pilot.pause()
        yield pilot, app, practice


def words(app: CarecoordApp) -> str:
    return " ".join(shown(app).split())


def focused(app: CarecoordApp) -> str:
    widget = app.focused
    assert widget is not None
    return widget.id or (widget.parent.id if widget.parent else "") or ""


async def put(pilot: Pilot[None], app: CarecoordApp, name: str, text: str) -> None:
    app.screen.query_one(f"#{name}").focus()
    await pilot.pause()
    await pilot.press("ctrl+u")
    await paste(pilot, text)


async def test_step_5_the_payers_reference_is_logged_in_one_field(paths: PracticePaths) -> None:
    async with form(paths, MRI) as (pilot, app, practice):
        text = words(app)
        assert "Payer decides by Tue 1 Dec; asked one business day before, Mon 30 Nov." in text
        assert "CMS-0057-F" in text
        assert focused(app) == "channel"  # the first fact that is missing
        await pilot.press("p", "tab")
        await paste(pilot, "HUM-88121")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert rows(practice, NEWEST) == [("CGM sensors", "A4239", "submitted", "portal", "HUM-88121")]
        assert "Authorization submitted: CGM sensors" in said(app)


async def test_a_new_one_submitted_at_a_time_shows_its_clock_while_typing(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        await paste(pilot, "MRI lumbar")
        await pilot.press("tab")
        await paste(pilot, "7214")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "CPT" in words(app)
        await paste(pilot, "8")
        await pilot.press("tab", "tab", "s", "tab")
        await paste(pilot, "11/24 11:10am")
        assert "Payer decides by Tue 1 Dec" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "How was it submitted?" in words(app)
        await pilot.press("f", "ctrl+s")
        await pilot.pause()
        assert rows(practice, NEWEST) == [("MRI lumbar", "72148", "submitted", "fax", "")]
        at = rows(practice, "SELECT submitted_at, opened_on FROM authorization ORDER BY id DESC LIMIT 1")[0]
        assert at == ("2026-11-24T16:10:00.000000+00:00", "2026-11-24")
        await pilot.press("u")
        await pilot.pause()
        assert rows(practice, "SELECT count(*) FROM authorization") == [(1,)]


async def test_a_drug_and_an_expedited_request_have_other_clocks(paths: PracticePaths) -> None:
    async with form(paths, MRI, size=(120, 45)) as (pilot, app, _):
        app.screen.query_one("#expedited", ChoiceRow).focus()
        await pilot.press("y")
        await pilot.pause()
        assert "The payer is late: its clock ended Fri 27 Nov 10am" in words(app)
        app.screen.query_one("#drug", ChoiceRow).focus()
        await pilot.press("y")
        await pilot.pause()
        assert "CMS-0057-F" not in words(app)


async def test_step_23_units_used_up_and_beyond_takes_a_word(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        entry = AuthorizationEntry(
            service="Physical therapy", coverage_id=1, units_authorized=12, units_used=10,
            valid_to=date(2026, 12, 11),
        )  # fmt: skip
        number = add_authorization(
            practice,
            THI,
            entry,
            taken=[Step(to=S.SUBMITTED), Step(to=S.APPROVED)],
            submitted_at=datetime(2026, 10, 5, 15, tzinfo=UTC),
        )
        await pilot.press("escape")
        app.push_screen(AuthorizationForm(practice, THI, "Nguyen, Thi", authorization_id=number))
        await arrive(pilot, app, "AuthorizationForm")
        await put(pilot, app, "used", "11")
        assert "1 left" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT units_used FROM authorization WHERE id = ?", number) == [(11,)]
        assert rows(
            practice, "SELECT target_on FROM ledger WHERE kind = 'authorization' AND record_id = ?", number
        ) == [("2026-11-27",)]
        app.push_screen(AuthorizationForm(practice, THI, "Nguyen, Thi", authorization_id=number))
        await arrive(pilot, app, "AuthorizationForm")
        await put(pilot, app, "used", "14")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "1 of 12 units are left and this visit uses 3" in words(app)
        await put(pilot, app, "beyond", "plan agreed by phone")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT units_used FROM authorization WHERE id = ?", number) == [(14,)]


async def test_items_make_the_whole(paths: PracticePaths) -> None:
    async with form(paths) as (pilot, app, practice):
        entry = AuthorizationEntry(service="PT", coverage_id=1, channel="fax", reference="1")
        number = add_authorization(
            practice,
            THI,
            entry,
            taken=[Step(to=S.SUBMITTED)],
            items=[ItemEntry(code="97110"), ItemEntry(code="97140")],
        )
        await pilot.press("escape")
        app.push_screen(AuthorizationForm(practice, THI, "Nguyen, Thi", authorization_id=number))
        await arrive(pilot, app, "AuthorizationForm")
        first, second = (r[0] for r in rows(practice, "SELECT id FROM authorization_item ORDER BY id"))
        app.screen.query_one(f"#item-{first}").focus()
        await pilot.press("a")
        await pilot.pause()
        assert app.screen.query_one("#status", ChoiceRow).value == "submitted"
        app.screen.query_one(f"#item-{second}").focus()
        await pilot.press("d")
        await pilot.pause()
        assert app.screen.query_one("#status", ChoiceRow).value == "partial"
        app.screen.query_one("#reason").focus()
        await pilot.press("2", "ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT status, denial_reason FROM authorization WHERE id = ?", number) == [
            ("partial", "not_medically_necessary")
        ]


async def test_an_npi_with_a_wrong_check_digit_is_refused_at_its_field(paths: PracticePaths) -> None:
    async with form(paths, MRI) as (pilot, app, practice):
        await put(pilot, app, "requesting", "1234567890")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert focused(app) == "requesting"
        await pilot.press("ctrl+u")
        await paste(pilot, "1234567893")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT requesting_npi FROM authorization") == [("1234567893",)]


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_one_that_is_gone_says_so(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with form(paths, 99, size=size) as (pilot, app, practice):
        assert "no longer there" in words(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert rows(practice, "SELECT count(*) FROM authorization") == [(1,)]
