"""The measures' sheet: numerator and denominator of each, scrolling at 80x24, a year back and ahead."""

from __future__ import annotations

from datetime import date

from textual.containers import VerticalScroll
from textual.widgets import Static

from carecoord_tui.domain.vocabulary import ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens.referral_measures import ReferralMeasuresSheet
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Referral
from tests.screens.bench import arrive, at_work, front, shown


def add(practice: Practice, patient_id: int, ordered_on: date) -> None:
    with practice.change("referral") as session:
        session.add(
            Referral(
                patient_id=patient_id,
                specialty="neurology",
                stage=ReferralStage.REPORT_RECEIVED,
                stage_on=ordered_on,
                ordered_on=ordered_on,
                sent_on=ordered_on,
                visit_on=ordered_on,
                report_received_on=ordered_on,
            )
        )


async def test_each_measure_shows_both_numbers_and_the_rest_is_scrolled_to(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        add(practice, 1, date(2026, 3, 2))
        app.push_screen(ReferralMeasuresSheet(practice))
        await arrive(pilot, app, "ReferralMeasuresSheet")
        text = shown(app)
        assert "CMS50 closing the referral loop, 2026" in text
        assert "1 of 1" in text
        assert "the specialist's report came by 31 Dec 2026" in text
        assert "patients by their first referral from 1 Jan to 31 Oct 2026" in text
        assert "%" not in text  # below ten
        assert "Open now" not in text
        await pilot.press("G")
        await pilot.pause()
        text = shown(app)
        assert "Open now" in text
        assert "sent" in text
        await pilot.press("g")
        await pilot.pause()
        assert app.screen.query_one(VerticalScroll).scroll_y == 0
        await pilot.press("escape")
        await pilot.pause()
        assert front(app) == "TodayScreen"


async def test_left_is_the_year_before_and_right_comes_back(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        add(practice, 1, date(2025, 3, 2))
        app.push_screen(ReferralMeasuresSheet(practice))
        await arrive(pilot, app, "ReferralMeasuresSheet")

        def heading() -> str:
            return str(app.screen.query_one("#sheet-heading", Static).content)

        seen = []
        for key in ("left", "left", "left", "right", "right", "right"):
            await pilot.press(key)
            await pilot.pause()
            seen.append(
                (heading().rpartition(": ")[2], "CMS50 closing the referral loop, 2025" in shown(app))
            )
        assert seen == [
            ("2026", False),
            ("2025", True),
            ("2025", True),  # nothing is older
            ("2026", False),
            ("last 365 days", False),
            ("last 365 days", False),
        ]


async def test_it_opens_without_any_referral(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        with practice.change("none") as session:
            session.delete(session.get(Referral, 1))
        app.push_screen(ReferralMeasuresSheet(practice))
        await arrive(pilot, app, "ReferralMeasuresSheet")
        assert "0 of 0" in shown(app)
        assert "No referral is open." in shown(app)
