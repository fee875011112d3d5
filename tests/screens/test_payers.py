"""The payer directory by keys: clocks and who sets them, filter, the form with its checks."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import Kind, PayerClass
from carecoord_tui.domain.work import ItemRef
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store.actions.payer_calls import log_payer_call
from carecoord_tui.store.tables import Payer
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
        if size[1] > 24:  # a low terminal keeps room for the list; the form has them all
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
        assert "· the rule says 65, 42 CFR 422.582, unconfirmed" in " ".join(shown(app).split())
        await pilot.press("u")
        await until(pilot, lambda: "Timely filing: not entered" in shown(app))
        assert rows(practice, "SELECT count(*) FROM payer_limit") == [(0,)]


@pytest.mark.parametrize("size", SIZES)
async def test_a_contract_goes_before_law_and_both_are_shown(
    paths: PracticePaths, size: tuple[int, int]
) -> None:
    async with at_work(paths, size=size) as (pilot, app, practice):
        with practice.change("Original Medicare") as session:
            session.add(Payer(name="CMS", payer_class=PayerClass.MEDICARE))
        await to_payers(pilot, app)
        await until(pilot, lambda: "12 months" in shown(app))  # law, in the list too
        assert app.screen.query_one(RecordList).move_to(1)
        await pilot.press("e")
        await arrive(pilot, app, "PayerForm")
        await fill(pilot, app, "source", "4.2")
        await fill(pilot, app, "limit-pa-federal-standard", "15 days")
        said_ = app.screen.query_one("#said-limit-pa-federal-standard", Static)
        assert str(said_.render()) == (
            "contract (4.2): 15 calendar days · the rule says 7, CMS-0057-F; 42 CFR 422.568, 438.210(d)"
            " · longer than the law allows this payer; both shown"
        )
        await fill(pilot, app, "limit-pa-federal-expedited", "24 hours")
        said_ = app.screen.query_one("#said-limit-pa-federal-expedited", Static)
        assert "the rule says 72" in str(said_.render())
        assert "law" not in str(said_.render()), "sooner than the law asks harms nobody"
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PayersScreen")
        assert rows(practice, "SELECT rule_id, n, unit FROM payer_limit ORDER BY 1") == [
            ("pa.federal.expedited", 24, "hour"),
            ("pa.federal.standard", 15, "calendar_day"),
        ]
        ((legal_on, citation, why),) = rows(
            practice, "SELECT legal_on, citation, why FROM ledger WHERE kind = 'authorization'"
        )
        assert legal_on == "2026-12-09"
        assert citation == (
            "contract (4.2): 15 calendar days · the rule says 7, CMS-0057-F; 42 CFR 422.568, 438.210(d)"
        )
        assert "which would end on Tue 1 Dec 2026. That is longer than the law allows this payer" in str(why)
        await pilot.press("escape")
        await arrive(pilot, app, "InsuranceScreen")
        await pilot.press("w")
        await arrive(pilot, app, "WhySheet")
        assert "contract (4.2): 15 calendar days · the rule says 7" in " ".join(shown(app).split())


async def test_timely_filing_of_the_contract_beside_the_law(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("Original Medicare") as session:
            session.add(Payer(name="CMS", payer_class=PayerClass.MEDICARE))
        await to_payers(pilot, app)
        assert app.screen.query_one(RecordList).move_to(2)
        await pilot.press("e")
        await arrive(pilot, app, "PayerForm")
        await fill(pilot, app, "timely_filing", "90")
        assert "contract: 90 calendar days · the rule says 12 months" in " ".join(shown(app).split())
        assert "shorter than the law gives; both shown" in " ".join(shown(app).split())
        await pilot.press("ctrl+s")
        await arrive(pilot, app, "PayersScreen")
        await until(pilot, lambda: "90 calendar days from the contract" in shown(app))
        assert rows(practice, "SELECT timely_filing_days FROM payer WHERE id = 2") == [(90,)]


async def test_a_call_is_on_the_payer_once_with_reference_and_minutes(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        refs = [ItemRef(Kind.AUTHORIZATION, 1, "pa.federal.standard", 1)]
        log_payer_call(
            practice, 1, refs, reference="H-[b]991", minutes=22, spoke_with="Lee", note="supervisor calls"
        )
        await to_payers(pilot, app)
        await until(pilot, lambda: "ref. H-[b]991" in shown(app))
        text = " ".join(shown(app).split())
        assert "Call Mon 30 Nov 8am:" in text
        assert "office or payer reached · spoke with Lee · ref. H-[b]991 · 22 min · Dana Reyes" in text


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
        await pilot.press("enter", "s")  # its class, by the letter: nobody's clock runs for self-pay
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
