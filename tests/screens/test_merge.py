"""Two records of one person made one by keys: found as one jumps, compared, merged, taken back."""

from __future__ import annotations

from datetime import date

import pytest

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import doctor
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import FollowUp, Patient
from carecoord_tui.widgets.record_list import RecordList
from tests.screens.bench import TODAY, arrive, at_work, front, rows, said, shown, to_row, until, write


def double(practice: Practice) -> int:
    """Another record of Thi Nguyen."""
    with practice.change("a second record") as session:
        other = Patient(family_name="Nguyen", given_name="Tina", birth_date=date(1961, 3, 14), mrn="MRN-88")
        other.check_in_on = date(2026, 12, 2)
        session.add(other)
        session.flush()
        assert other.id is not None
        return other.id


def where(practice: Practice) -> list[tuple[object, ...]]:
    """Each record of her: name, and what it was merged into."""
    return rows(
        practice, "SELECT given_name, merged_into_id FROM patient WHERE family_name = 'Nguyen' ORDER BY id"
    )


async def test_two_records_become_one_and_two_again(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        other = double(practice)
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("m")
        await arrive(pilot, app, "OtherRecord")
        await write(pilot, "tina")
        await pilot.press("enter")
        await arrive(pilot, app, "MergeScreen")
        text = shown(app)
        assert "Merge Nguyen, Tina into Nguyen, Thi" in text and "MRN-88" in text
        await pilot.press("down", "down", "space")  # the first name
        assert where(practice) == [("Thi", None), ("Tina", None)]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: where(practice) == [("Tina", None), ("Tina", 1)])
        assert doctor.examine(practice).ok
        await until(pilot, lambda: "u undoes it" in said(app))
        await pilot.press("u")
        await pilot.pause(0.2)
        if front(app) == "ConfirmSheet":
            await pilot.press("y")
        await until(pilot, lambda: where(practice) == [("Thi", None), ("Tina", None)])
        assert rows(practice, "SELECT status FROM patient WHERE id = ?", other) == [("active",)]


async def test_the_other_record_may_stay(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        other = double(practice)
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("m")
        await arrive(pilot, app, "OtherRecord")
        await write(pilot, "tina")
        await pilot.press("enter")
        await arrive(pilot, app, "MergeScreen")
        await pilot.press("w")
        assert "Merge Nguyen, Thi into Nguyen, Tina" in shown(app) and "What moves" in shown(app)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: where(practice) == [("Thi", other), ("Tina", None)])
        assert rows(practice, "SELECT patient_id FROM follow_up WHERE title = 'Call: CGM order'") == [
            (other,)
        ]


async def test_the_same_record_is_not_listed_and_esc_changes_nothing(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        double(practice)
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("m")
        await arrive(pilot, app, "OtherRecord")
        await write(pilot, "thi")
        await pilot.press("enter")
        assert front(app) == "OtherRecord" and "Nobody matches" in shown(app)
        for _ in "thi":
            await pilot.press("backspace")
        await write(pilot, "nguy")
        assert app.screen.query_one(RecordList).row_count == 1
        await pilot.press("escape")
        assert where(practice) == [("Thi", None), ("Tina", None)]


@pytest.mark.parametrize("on_patients", [True, False])
async def test_two_marked_people_are_compared_at_once(paths: PracticePaths, on_patients: bool) -> None:
    async with at_work(paths) as (pilot, app, practice):
        other = double(practice)
        if on_patients:
            await pilot.press("2")
            await arrive(pilot, app, "PatientsScreen")
        else:
            with practice.change("something due") as session:
                session.add(FollowUp(patient_id=other, title="Call her", due_on=TODAY))
            await pilot.press("full_stop")
            await pilot.pause()
        listing = app.screen.query_one(RecordList)
        hers = "SELECT id FROM follow_up WHERE title = ?"
        for number, title in ((1, "Call: CGM order"), (other, "Call her")):
            mark = number if on_patients else ("follow_up", rows(practice, hers, title)[0][0], "")
            assert listing.move_to(mark)
            await pilot.press("space")
        assert listing.move_to(mark)
        await pilot.press("m")
        await arrive(pilot, app, "MergeScreen")
        assert ("Thi into Nguyen, Tina" if on_patients else "Merge Nguyen") in shown(app)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: sum(one[1] is not None for one in where(practice)) == 1)


async def test_three_marked_people_are_not_compared(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, _):
        await pilot.press("2")
        await arrive(pilot, app, "PatientsScreen")
        await pilot.press("g", "space", "space", "space", "m")
        await pilot.pause()
        assert front(app) == "PatientsScreen" and "This is about one person" in said(app)
