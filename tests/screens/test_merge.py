"""Two records of one person made one by keys: found as one jumps, compared, merged, taken back."""

from __future__ import annotations

from datetime import date

from carecoord_tui.paths import PracticePaths
from carecoord_tui.store import doctor
from carecoord_tui.store.practice import Practice
from carecoord_tui.store.tables import Patient
from tests.screens.bench import arrive, at_work, front, rows, said, shown, to_row, until, write


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


async def test_the_same_record_is_refused_and_esc_changes_nothing(paths: PracticePaths) -> None:
    async with at_work(paths) as (pilot, app, practice):
        double(practice)
        await to_row(pilot, app, "Call: CGM order")
        await pilot.press("m")
        await arrive(pilot, app, "OtherRecord")
        await write(pilot, "thi")
        await pilot.press("enter")
        assert front(app) == "OtherRecord" and "same record" in shown(app)
        await pilot.press("escape")
        assert where(practice) == [("Thi", None), ("Tina", None)]
