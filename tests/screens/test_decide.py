"""More due than a day holds, by keys: moved, spread as shown before, dropped with a reason, done anyway."""

from __future__ import annotations

from datetime import date

import pytest

from carecoord_tui.app import CarecoordApp
from carecoord_tui.domain.rows import TodayView
from carecoord_tui.paths import PracticePaths
from carecoord_tui.screens import decide as decide_screen
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.queries import decide as decide_queries
from carecoord_tui.store.queries import today as today_queries
from carecoord_tui.store.queries.today import Execute, read_today
from carecoord_tui.store.tables import FollowUp, Patient
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import TODAY, Pilot, arrive, at_work, front, rows, said, shown, until, write

PEOPLE = 40


def fill_due(practice: Practice, people: int = PEOPLE) -> None:
    """Many more people with something due today; the last one's must be done by Wednesday."""
    with practice.change("a full day") as session:
        for number in range(people):
            patient = Patient(
                family_name=f"Full{number:03d}", given_name="Ann", check_in_on=date(2026, 12, 2)
            )
            session.add(patient)
            session.flush()
            last = date(2026, 12, 2) if number == people - 1 else None
            session.add(
                FollowUp(
                    patient_id=patient.id, title=f"Sort {number}", due_on=TODAY, legal_on=last, note="old"
                )
            )


async def listed(pilot: Pilot[None], app: CarecoordApp, practice: Practice) -> RecordList:
    fill_due(practice)
    await pilot.press("K")
    await arrive(pilot, app, "DecideScreen")
    return app.screen.query_one(RecordList)


def due_by_day(practice: Practice) -> dict[object, object]:
    return {
        row[0]: row[1]
        for row in rows(
            practice, "SELECT target_on, count(*) FROM ledger WHERE title LIKE 'Sort%' GROUP BY 1"
        )
    }


async def test_the_line_of_today_opens_it_with_all_that_is_below(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        fill_due(practice)
        await pilot.press("full_stop")
        await pilot.pause()
        today = app.screen.query_one(RecordList)
        assert today.move_to("more")
        await pilot.pause()
        line = next(row for row in today.source[slice(0, today.row_count)] if row.id == "more")
        await pilot.press("enter")
        await arrive(pilot, app, "DecideScreen")
        listing = app.screen.query_one(RecordList)
        assert f"{listing.row_count} more due: decide" in str(line.cells[0])
        assert "your own date" in shown(app)


async def test_spread_is_shown_first_and_goes_around_the_last_day(paths: PracticePaths) -> None:
    async with at_work(paths, size=(120, 36)) as (pilot, app, practice):
        listing = await listed(pilot, app, practice)
        count = listing.row_count
        before = due_by_day(practice)
        await pilot.press("E")
        await arrive(pilot, app, "SpreadSheet")
        assert "Tue 1 Dec" in shown(app)
        assert due_by_day(practice) == before, "nothing moves before enter"
        await pilot.press("enter")
        await arrive(pilot, app, "DecideScreen")
        after = due_by_day(practice)
        assert sum(v for k, v in after.items() if k != "2026-11-30") == count  # type: ignore[misc]
        moved = "SELECT until_on, count(*) FROM moved_date GROUP BY 1"
        assert max(int(str(row[1])) for row in rows(practice, moved)) <= 12
        assert f"{count} items spread" in said(app)
        assert listing.row_count == 0
        await pilot.press("u")
        await until(pilot, lambda: front(app) == "ConfirmSheet" or due_by_day(practice) == before)
        if front(app) == "ConfirmSheet":
            await pilot.press("y")
        await until(pilot, lambda: due_by_day(practice) == before)


async def test_marked_ones_are_dropped_with_a_reason_only(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        await listed(pilot, app, practice)
        await pilot.press("g", "space", "space", "D")
        await arrive(pilot, app, "DropSheet")
        await pilot.press("enter")
        await pilot.pause()
        assert "Why is it dropped?" in shown(app)
        assert rows(practice, "SELECT 1 FROM follow_up WHERE status = 'dropped'") == []
        await write(pilot, "moved away")
        await pilot.press("enter")
        await arrive(pilot, app, "DecideScreen")
        found = rows(practice, "SELECT note FROM follow_up WHERE status = 'dropped'")
        assert found == [("old\nDropped: moved away",)] * 2
        assert "2 follow-ups dropped" in said(app)


async def test_today_anyway_stands_on_today_and_all_move_to_one_date(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        listing = await listed(pilot, app, practice)
        await pilot.press("g")
        key = str(listing.cursor_id)
        await pilot.press("T")
        await until(pilot, lambda: listing.source.index_of(key) is None)
        number = int(key.split(":")[1])
        ((title,),) = rows(practice, "SELECT title FROM follow_up WHERE id = ?", number)
        assert rows(practice, "SELECT basis, target_on FROM ledger WHERE title = ?", title) == [
            ("promise", "2026-11-30")
        ]
        count = listing.row_count  # whom it put off stands here now
        await pilot.press("A", "s")
        await arrive(pilot, app, "MoveSheet")
        assert f"Move {count} items to" in shown(app)
        await write(pilot, "12/1")
        await pilot.press("enter")
        await arrive(pilot, app, "DecideScreen")
        assert due_by_day(practice)["2026-12-01"] == count
        assert listing.row_count == 0
        await pilot.press("escape")
        await arrive(pilot, app, "TodayScreen")
        await pilot.press("full_stop")
        await pilot.pause()
        today = app.screen.query_one(RecordList)
        every = today.source[slice(0, today.row_count)]
        assert any(str(title) in str(cell) for row in every for cell in row.cells)


async def test_sixty_overdue_items_are_decided_by_keys_at_80_columns(paths: PracticePaths) -> None:
    """Move, drop with a reason, spread the rest; one ``u`` takes the spread back, older ones are asked."""
    async with at_work(paths) as (pilot, app, practice):
        with practice.change("two weeks away") as session:
            for number in range(60):
                patient = Patient(
                    family_name=f"Late{number:03d}", given_name="Ann", check_in_on=date(2026, 12, 2)
                )
                session.add(patient)
                session.flush()
                day = date(2026, 11, 16 + number % 5)
                session.add(FollowUp(patient_id=patient.id, title=f"Sort {number}", due_on=day))
        await pilot.press("K")
        await arrive(pilot, app, "DecideScreen")
        listing = app.screen.query_one(RecordList)
        at_first, count = due_by_day(practice), listing.row_count
        assert count >= 35
        assert f"{count} more due below today's 25 people" in shown(app)

        await pilot.press("g", "s", "F")
        await arrive(pilot, app, "DecideScreen")
        moved = due_by_day(practice)
        assert moved["2026-12-04"] == 1
        await pilot.press("g", "space", "space", "D")
        await arrive(pilot, app, "DropSheet")
        await write(pilot, "patient did it")
        await pilot.press("enter")
        await arrive(pilot, app, "DecideScreen")
        dropped = due_by_day(practice)
        assert len(rows(practice, "SELECT 1 FROM follow_up WHERE status = 'dropped'")) == 2
        await pilot.press("E")
        await arrive(pilot, app, "SpreadSheet")
        assert "At most 12 a day" in shown(app)
        await pilot.press("enter")
        await arrive(pilot, app, "DecideScreen")
        assert listing.row_count == 0
        spread = due_by_day(practice)
        assert max(v for k, v in spread.items() if str(k) > "2026-11-30") <= 12  # type: ignore[type-var]

        await pilot.press("u")
        await until(pilot, lambda: due_by_day(practice) == dropped)
        assert front(app) == "DecideScreen", "one key, no question"
        for before in (moved, at_first):
            await pilot.press("u")
            await arrive(pilot, app, "ConfirmSheet")
            await pilot.press("y")
            await until(pilot, lambda wanted=before: due_by_day(practice) == wanted)  # type: ignore[misc]
        assert listing.row_count == count


async def test_of_many_the_first_are_listed_at_once_and_the_rest_follows(
    paths: PracticePaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (decide_queries, today_queries):
        monkeypatch.setattr(module, "CANDIDATES", 50)  # the day reads no more: the rest is unread
    monkeypatch.setattr(decide_screen, "READ_FIRST", 20)
    first: list[int] = []
    real = decide_queries.read_undecided

    def noted(execute: Execute, view: TodayView, *, at_most: int | None = None) -> list[str]:
        found = real(execute, view, at_most=at_most)
        first.append(len(found))
        return found

    monkeypatch.setattr(decide_screen, "read_undecided", noted)
    async with at_work(paths) as (pilot, app, practice):
        fill_due(practice, 80)
        view = read_today(practice.execute, practice.moment(), limit=25)
        whole = real(practice.execute, view)
        assert view.unread_due and len(whole) == len(set(whole)) == view.more_due
        assert real(practice.execute, view, at_most=20) == whole[:20]
        assert real(practice.execute, view, at_most=40) == whole[:40], "beyond what was ranked"
        await pilot.press("K")
        await arrive(pilot, app, "DecideScreen")
        listing = app.screen.query_one(RecordList)
        await until(pilot, lambda: listing.row_count == view.more_due)
        assert first[:2] == [20, view.more_due]
        assert [row.id for row in listing.source[slice(0, listing.row_count)]] == whole
        await pilot.press("G", "space")
        await pilot.press("j", "s", "enter")
        await until(pilot, lambda: front(app) == "DecideScreen" and listing.row_count == view.more_due - 1)
        assert whole[-1] not in {row.id for row in listing.source[slice(0, listing.row_count)]}


async def test_the_line_of_all_the_rest_is_no_row_a_verb_works_on(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        fill_due(practice)
        await pilot.press("full_stop")
        await pilot.pause()
        assert app.screen.query_one(RecordList).move_to("more")
        await pilot.pause()
        before = due_by_day(practice)
        await pilot.press("s")
        await pilot.pause()
        assert front(app) == "TodayScreen"
        assert "Nothing is highlighted" in said(app)
        assert due_by_day(practice) == before


async def test_a_marks_all_whenever_not_all_are_marked(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        listing = await listed(pilot, app, practice)
        await pilot.press("g", "space", "A")
        assert len(listing.marks) == listing.row_count
        await pilot.press("A")
        assert not listing.marks
        await pilot.press("A")
        assert len(listing.marks) == listing.row_count
