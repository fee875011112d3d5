"""The payer directory by keys: clocks and who sets them, filter, the form with its checks."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.paths import PracticePaths
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import arrive, at_work, front, rows, said, shown, until, write

SIZES = [(80, 24), (120, 36)]


async def to_payers(pilot: Pilot[None], app: CarecoordApp) -> None:
    await pilot.press("4")
    await arrive(pilot, app, "InsuranceScreen")
    await pilot.press("P")
    await arrive(pilot, app, "PayersScreen")


async def fill(pilot: Pilot[None], app: CarecoordApp, field: str, text: str) -> None:
    """Type into a field as somebody does who tabbed to it."""
    app.screen.query_one(f"#{field}").focus()
    await write(pilot, text)


@pytest.mark.parametrize("size", SIZES)
async def test_the_clocks_of_the_payer_stand_below(paths: PracticePaths, size: tuple[int, int]) -> None:
    async with at_work(paths, size=size) as (pilot, app, _):
        await to_payers(pilot, app)
        await until(pilot, lambda: "Timely filing: not entered" in shown(app))
        text = " ".join(shown(app).split())
        assert "Medicare Adv." in text
        assert "no phone on file" in text
        assert "Payer's decision, standard: 7 calendar days · pa.federal.standard" in text
        assert "CMS-0057-F" in text
        assert "Medicare Adv. reconsideration: 65 calendar days" in text
        await pilot.press("escape")
        await arrive(pilot, app, "InsuranceScreen")


@pytest.mark.parametrize("size", SIZES)
async def test_a_contract_overrides_a_clock_and_undo_takes_it_back(
    paths: PracticePaths, size: tuple[int, int]
) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        await to_payers(pilot, app)
        await pilot.press("e")
        await arrive(pilot, app, "PayerForm")
        assert "Edit: Humana" in shown(app)
        await fill(pilot, app, "authorization_phone", "5550100131")
        assert "= (555) 010-0131" in shown(app)
        await fill(pilot, app, "timely_filing", "365")
        await fill(pilot, app, "limit-appeal-ma-reconsideration", "90 days")
        assert "= 90 calendar days" in shown(app)
        await fill(pilot, app, "source", "Agreement [b]4.2")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PayersScreen")
        assert "Saved" in said(app)
        assert rows(
            practice, "SELECT authorization_phone, timely_filing_days FROM payer WHERE name = 'Humana'"
        ) == [("+15550100131", 365)]
        assert rows(practice, "SELECT rule_id, n, unit, source, entered_on FROM payer_limit") == [
            ("appeal.ma.reconsideration", 90, "calendar_day", "Agreement [b]4.2", "2026-11-30")
        ]
        await until(pilot, lambda: "from the contract (Agreement [b]4.2)" in " ".join(shown(app).split()))
        assert "not the rule's 65 calendar days" in " ".join(shown(app).split())
        await pilot.press("u")
        await until(pilot, lambda: "Timely filing: not entered" in shown(app))
        assert rows(practice, "SELECT count(*) FROM payer_limit") == [(0,)]


async def test_a_new_payer_by_keys_with_the_clocks_of_its_class(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await to_payers(pilot, app)
        await pilot.press("P")
        await arrive(pilot, app, "PayerForm")
        assert not app.screen.query_one("#limits").display  # no class, no clock
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "A payer needs a name." in shown(app)
        await write(pilot, "humana")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Humana is in the payer directory already" in shown(app)
        await write(pilot, " plan")
        await pilot.press("enter", "f")  # its class: by the letter
        await pilot.pause()
        assert not app.screen.query_one("#limits").display
        await pilot.press("p")
        await pilot.pause()
        assert app.screen.query_one("#limits").display
        await fill(pilot, app, "timely_filing", "soon")
        await fill(pilot, app, "limit-appeal-medicaid-hearing", "a while")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.focused is not None
        assert app.focused.id == "timely_filing"
        assert rows(practice, "SELECT count(*) FROM payer") == [(1,)]
        for _ in "soon":
            await pilot.press("backspace")
        app.screen.query_one("#limit-appeal-medicaid-hearing").focus()
        for _ in "a while":
            await pilot.press("backspace")
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PayersScreen")
        assert rows(practice, "SELECT name, payer_class, timely_filing_days FROM payer WHERE id = 2") == [
            ("humana plan", "medicaid_mco", None)
        ]
        assert app.screen.query_one(RecordList).cursor_id == 2


async def test_filter_narrows_and_esc_goes_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await to_payers(pilot, app)
        await pilot.press("slash")
        await write(pilot, "zz")
        assert "0 of 1" in shown(app)
        assert "No payer matches." in shown(app)
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen.query_one(RecordList).cursor_id == 1
        assert front(app) == "PayersScreen"


async def test_measures_show_counts_below_ten(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("4")
        await arrive(pilot, app, "InsuranceScreen")
        await pilot.press("M")
        await arrive(pilot, app, "InsuranceMeasuresSheet")
        assert "Measures of insurance: last 365 days" in shown(app)
        assert "Decided inside the clock" in shown(app)
        assert "0 of 0" in shown(app)
        assert "%" not in shown(app)
        await pilot.press("left")
        await pilot.pause()
        assert "Measures of insurance: 2026" in shown(app)
        await pilot.press("escape")
        await arrive(pilot, app, "InsuranceScreen")
