"""How much the long lists read: windows, not everything; a key that moves within one reads no line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from textual.pilot import Pilot

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.vocabulary import AuthorizationStatus, ReferralStage
from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import bulk
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Appointment, Authorization, Referral
from carecoord_tui.widgets.record_list import RecordList
from carecoord_tui.widgets.row_source import RowWindow
from tests.screens.bench import at_work, rows, until

MONDAY = date(2026, 11, 30)
MANY = 400
SIZE = (120, 40)
WIDE_LINES = "JOIN patient p"  # in the statements that read lines, of items and of referrals


def add_many(practice: Practice) -> None:
    """Hundreds of authorizations, visits to check and referrals, all of one person."""

    def visit(number: int) -> dict[str, object]:
        at = datetime(2026, 12, 1, 14, tzinfo=UTC) + timedelta(days=number % 20, minutes=number)
        return {"patient_id": 1, "starts_at": at, "booked_on": date(2026, 11, 2)}

    def authorization(number: int) -> dict[str, object]:
        return {
            "patient_id": 1,
            "coverage_id": 1,
            "service": f"Scan {number}",
            "status": AuthorizationStatus.NEEDED,
            "opened_on": MONDAY - timedelta(days=number % 9),
        }

    def referral(number: int) -> dict[str, object]:
        day = MONDAY - timedelta(days=number % 9)
        return {
            "patient_id": 1,
            "specialty": "Cardiology",
            "stage": ReferralStage.DRAFT,
            "stage_on": day,
            "ordered_on": day,
        }

    with practice.change("many", kind="system") as session:
        bulk.insert(session, Appointment, [visit(number) for number in range(MANY)])
        bulk.insert(session, Authorization, [authorization(number) for number in range(MANY)])
        bulk.insert(session, Referral, [referral(number) for number in range(MANY)])


@contextmanager
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """Every statement read meanwhile, with the rows it gave."""
    seen: list[tuple[str, int]] = []
    plain = Practice.execute

    def execute(self: Practice, sql: str, parameters: object = ()) -> list[tuple[object, ...]]:
        found = plain(self, sql, parameters)  # type: ignore[arg-type]
        seen.append((sql, len(found)))
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Practice, "execute", execute)
        yield seen


def lines(seen: list[tuple[str, int]]) -> list[int]:
    """Rows of the statements that read lines of records by number."""
    return [count for sql, count in seen if WIDE_LINES in sql and " IN (?" in sql]


async def rest(pilot: Pilot[None]) -> None:
    """Until the person beside the list is drawn and the counts have followed."""
    await pilot.pause(0.15)
    await pilot.pause()


def listing(app: CarecoordApp) -> RecordList:
    return app.screen.query_one("#list", RecordList)


@pytest.mark.parametrize("tab", ["3", "4"])
async def test_a_list_reads_windows_and_a_key_within_one_no_line(
    paths: PracticePaths, monkeypatch: pytest.MonkeyPatch, tab: str
) -> None:
    async with at_work(paths, size=SIZE) as (pilot, app, practice):
        add_many(practice)
        window = SIZE[1] + 2 * RowWindow.MARGIN
        with reading(monkeypatch) as seen:
            await pilot.press(tab)
            await rest(pilot)
        assert listing(app).row_count > MANY
        assert 0 < max(lines(seen)) <= window
        with reading(monkeypatch) as seen:
            await pilot.press("down")
            await rest(pilot)
        assert max(lines(seen), default=0) <= 1  # the item of the person beside the list
        page = listing(app).size.height
        with reading(monkeypatch) as seen:
            await pilot.press("pagedown", "pagedown", "pagedown")
            await rest(pilot)
        assert sum(count for count in lines(seen) if count > 1) <= 3 * page + window


@pytest.mark.parametrize(("tab", "key"), [("3", "U"), ("4", "A")])
async def test_another_choice_of_rows_reads_one_window(
    paths: PracticePaths, monkeypatch: pytest.MonkeyPatch, tab: str, key: str
) -> None:
    async with at_work(paths, size=SIZE) as (pilot, app, practice):
        add_many(practice)
        await pilot.press(tab)
        await rest(pilot)
        with reading(monkeypatch) as seen:
            await pilot.press(key)
            await rest(pilot)
        assert sum(count for count in lines(seen) if count > 1) <= SIZE[1] + 2 * RowWindow.MARGIN
        assert listing(app).cursor_index in (None, 1)  # the first below its heading


async def test_settling_asks_what_is_left_and_draws_without_ordering_anew(
    paths: PracticePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(paths, size=SIZE) as (pilot, app, practice):
        add_many(practice)
        await pilot.press("4", "A")
        await rest(pilot)
        chosen = listing(app).cursor_id
        before = rows(practice, "SELECT count(*) FROM authorization WHERE status = 'submitted'")
        with reading(monkeypatch) as seen:
            await pilot.press("x", "x")
            await until(
                pilot,
                lambda: (
                    rows(practice, "SELECT count(*) FROM authorization WHERE status = 'submitted'") != before
                ),
            )
            await rest(pilot)
        listed = [sql for sql, _ in seen if "group_concat(word)" in sql]
        assert "GROUP BY" not in listed[0]  # the list is drawn of this; how much moved is asked afterwards
        assert listing(app).cursor_id == chosen  # submitted, it waits in its place
