"""What an import writes, when people are first looked at, and what a second import may change."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from typing import Any

import pytest

from carecoord_tui.domain.calendar import Calendar
from carecoord_tui.domain.vocabulary import FollowUpKind, FollowUpStatus, PatientStatus, PayerClass, Risk, Sex
from carecoord_tui.store.import_merge import StoredCoverage, StoredPerson, StoredStep, compare, written_after
from carecoord_tui.store.importing import Days, Wish, plan_days
from carecoord_tui.store.incoming import (
    NOTE_LENGTH,
    Incoming,
    IncomingCoverage,
    IncomingStep,
    kind_of,
    note_pieces,
    payer_class_of,
)
from carecoord_tui.store.practice import Practice

TODAY = date(2026, 11, 30)
CALENDAR = Calendar()


# --- days ------------------------------------------------------------------------------------------------


def plan(
    practice: Practice, wishes: list[Wish], taken: dict[date, int] | None = None, capacity: int = 2
) -> list[Days]:
    return plan_days(
        wishes, today=TODAY, context=practice.context, daily_capacity=capacity, taken=taken or {}
    )


def wish(risk: Risk = Risk.LOW, **values: Any) -> Wish:
    return dataclasses.replace(Wish(risk, True, False, None, None), **values)


def test_first_check_ins_are_spread_highest_risk_first(practice: Practice) -> None:
    days = plan(practice, [wish(Risk.LOW), wish(Risk.RISING), wish(Risk.HIGH), wish(Risk.LOW)])
    first, second = CALENDAR.add_working_days(TODAY, 1), CALENDAR.add_working_days(TODAY, 2)
    assert [day.check_in_on for day in days] == [second, first, first, second]
    assert all(day.is_first_check_in and day.step_on is None for day in days)


def test_spread_goes_around_what_is_planned(practice: Practice) -> None:
    first = CALENDAR.add_working_days(TODAY, 1)
    [day] = plan(practice, [wish()], taken={first: 2})
    assert day.check_in_on == CALENDAR.add_working_days(TODAY, 2)


@pytest.mark.parametrize("due", [date(2026, 3, 2), TODAY, date(2027, 2, 1)])
def test_a_dated_step_keeps_its_date_and_has_its_check_in_later(practice: Practice, due: date) -> None:
    [day] = plan(practice, [wish(has_step=True, due_on=due)])
    assert day.step_on == due
    assert not day.is_first_check_in
    assert day.check_in_on is not None and day.check_in_on > max(TODAY, due)


def test_an_undated_step_is_spread_and_takes_room(practice: Practice) -> None:
    days = plan(practice, [wish(has_step=True), wish(Risk.HIGH)], capacity=1)
    assert days[1] == Days(CALENDAR.add_working_days(TODAY, 1), True, None)
    assert days[0].step_on == CALENDAR.add_working_days(TODAY, 2)
    assert days[0].check_in_on is not None and days[0].check_in_on > CALENDAR.add_working_days(TODAY, 2)


def test_a_recent_contact_sets_the_next_check_in_an_old_one_is_spread(practice: Practice) -> None:
    recent, old = plan(
        practice,
        [wish(last_contact_on=TODAY - timedelta(days=1)), wish(last_contact_on=TODAY - timedelta(days=900))],
    )
    assert not recent.is_first_check_in and recent.check_in_on is not None and recent.check_in_on > TODAY
    assert old == Days(CALENDAR.add_working_days(TODAY, 1), True, None)


def test_who_is_not_in_the_caseload_has_no_check_in_but_keeps_a_step(practice: Practice) -> None:
    gone, with_step = plan(practice, [wish(is_open=False), wish(is_open=False, has_step=True, due_on=TODAY)])
    assert gone == Days(None, False, None)
    assert with_step == Days(None, False, TODAY)


# --- words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Call about labs", FollowUpKind.CALL),
        ("CALL: labs", FollowUpKind.CALL),
        ("fax order", FollowUpKind.PAPERWORK),
        ("schedule MRI", FollowUpKind.VISIT),
        ("Caller unknown", FollowUpKind.OTHER),
        ("A1c recheck, then call", FollowUpKind.OTHER),
        ("", FollowUpKind.OTHER),
    ],
)
def test_kind_is_told_by_a_leading_verb_only(title: str, kind: FollowUpKind) -> None:
    assert kind_of(title) is kind


@pytest.mark.parametrize(
    ("name", "payer_class"),
    [
        ("Medicare", PayerClass.MEDICARE),
        ("MEDICAID", PayerClass.MEDICAID_FFS),
        ("self pay", PayerClass.SELF_PAY),
        ("Humana Gold Plus", PayerClass.UNKNOWN),
        ("Aetna Medicare", PayerClass.UNKNOWN),
    ],
)
def test_payer_class_is_never_guessed(name: str, payer_class: PayerClass) -> None:
    assert payer_class_of(name) is payer_class


def test_long_notes_are_cut_without_loss() -> None:
    text = " ".join(f"word{number}" for number in range(3000))
    pieces = note_pieces(text)
    assert len(pieces) > 1 and all(len(piece) <= NOTE_LENGTH for piece in pieces)
    assert " ".join(pieces) == text
    assert note_pieces("x" * (NOTE_LENGTH + 1)) == ["x" * NOTE_LENGTH, "x"]
    assert note_pieces("") == []


# --- comparing -------------------------------------------------------------------------------------------

VALUES: dict[str, Any] = {
    "family_name": "Alvarez",
    "given_name": "Rosa",
    "middle_name": "",
    "preferred_name": "",
    "prefix": "",
    "suffix": "",
    "birth_date": date(1961, 3, 14),
    "sex": Sex.UNKNOWN,
    "mrn": "M1",
    "status": PatientStatus.ACTIVE,
    "deceased_on": None,
    "risk": Risk.LOW,
    "language": "",
    "email": "",
    "address_line": "",
    "city": "Boston",
    "state": "",
    "postal_code": "",
    "primary_provider": "",
}


def stored(**changes: Any) -> StoredPerson:
    values = {**VALUES, **changes.pop("values", {})}
    person = StoredPerson(1, values, (), None, {}, {}, None, {})
    return dataclasses.replace(person, **changes)


def incoming(**changes: Any) -> Incoming:
    values = {"family_name": "Alvarez", "given_name": "Rosa", "birth_date": date(1961, 3, 14), "mrn": "M1"}
    return dataclasses.replace(Incoming(2, "mrn:m1", {**values, **changes.pop("values", {})}), **changes)


def fields(conflicts: list[Any]) -> list[str]:
    return [conflict.field for conflict in conflicts]


def test_the_same_again_changes_nothing() -> None:
    merge = compare(incoming(), stored())
    assert not merge.has_changes and not merge.conflicts


@pytest.mark.parametrize(
    ("written", "in_store", "in_file", "outcome"),
    [
        ({"city": "Boston"}, "Boston", "Lynn", "written"),
        ({"city": "Boston"}, "Salem", "Lynn", "conflict"),
        ({"city": "Boston"}, "Salem", "Boston", "conflict"),
        ({"city": "Boston"}, "Salem", "Salem", "nothing"),
        ({"city": "Boston"}, "", "Lynn", "conflict"),  # emptied by hand
        ({}, "", "Lynn", "written"),
        ({}, "Boston", "Lynn", "conflict"),
        ({"city": "Boston"}, "Boston", "Boston", "nothing"),
    ],
)
def test_the_overwrite_rule(written: dict[str, str], in_store: str, in_file: str, outcome: str) -> None:
    merge = compare(
        incoming(values={"city": in_file}), stored(values={"city": in_store}, written=written, record_id=1)
    )
    assert merge.values == ({"city": in_file} if outcome == "written" else {})
    assert fields(merge.conflicts) == (["city"] if outcome == "conflict" else [])


def test_a_silent_file_changes_nothing() -> None:
    merge = compare(
        incoming(), stored(values={"email": "rosa@example.org"}, written={"email": "old@example.org"})
    )
    assert not merge.has_changes and not merge.conflicts


def test_somebody_elses_row_under_this_mrn_is_left_alone() -> None:
    other = {"family_name": "Cole", "given_name": "James", "birth_date": date(1980, 1, 1), "city": "Lynn"}
    merge = compare(incoming(values=other), stored(written={"city": "Boston"}))
    assert not merge.has_changes
    assert fields(merge.conflicts) == ["name and birth date"]


def test_an_mrn_in_another_case_is_the_same() -> None:
    assert not compare(incoming(values={"mrn": "m1"}), stored()).conflicts


def test_unknown_sex_is_filled_risk_of_a_person_made_by_hand_is_not() -> None:
    merge = compare(incoming(values={"sex": Sex.FEMALE, "risk": Risk.HIGH}), stored())
    assert merge.values == {"sex": Sex.FEMALE}
    assert fields(merge.conflicts) == ["risk"]


def test_a_death_follows_the_file_and_a_life_is_asked_about() -> None:
    died = compare(
        incoming(values={"status": PatientStatus.DECEASED, "deceased_on": date(2026, 11, 1)}),
        stored(written={"status": "active"}),
    )
    assert died.values["status"] is PatientStatus.DECEASED and not died.is_open
    lives = compare(
        incoming(says_living=True),
        stored(values={"status": PatientStatus.DECEASED}, written={"status": "deceased"}),
    )
    assert not lives.has_changes and fields(lives.conflicts) == ["status"]


@pytest.mark.parametrize(
    ("ours", "written", "in_file", "outcome"),
    [
        ((("home", "+1"), ("mobile", "+2")), [["home", "+1"]], (("home", "+1"),), "nothing"),
        ((("home", "+1"),), [["home", "+1"]], (("home", "+3"),), "written"),
        ((("home", "+2"),), [["home", "+1"]], (("home", "+3"),), "conflict"),
        ((), None, (("home", "+3"),), "written"),
    ],
)
def test_phones(ours: Any, written: Any, in_file: Any, outcome: str) -> None:
    merge = compare(
        incoming(phones=in_file), stored(phones=ours, written={"phones": written} if written else {})
    )
    assert merge.phones == (in_file if outcome == "written" else None)
    assert fields(merge.conflicts) == (["phones"] if outcome == "conflict" else [])


def test_coverage() -> None:
    humana = StoredCoverage(7, "Humana", "", "A1", "")
    written = {"payer_name": "Humana", "member_id": "A1", "plan_name": "", "group_number": ""}
    changed = IncomingCoverage("HUMANA", "Gold", "B2")
    merge = compare(incoming(coverage=changed), stored(coverage=humana, written=written))
    assert merge.coverage == {"plan_name": "Gold", "member_id": "B2"} and merge.new_coverage is None
    by_hand = compare(incoming(coverage=changed), stored(coverage=humana))
    assert by_hand.coverage == {"plan_name": "Gold"} and fields(by_hand.conflicts) == ["member_id"]
    other = IncomingCoverage("Aetna")
    assert compare(incoming(coverage=other), stored(coverage=humana, written=written)).new_coverage == other
    assert fields(compare(incoming(coverage=other), stored(coverage=humana)).conflicts) == ["payer_name"]


STEP = StoredStep(9, "Call", FollowUpStatus.OPEN, date(2026, 12, 3), None, False)
WRITTEN_STEP = {"follow_up_id": 9, "next_step": "Call", "due_on": "2026-12-03", "due_at": None}


def step(title: str = "Call", due: date | None = date(2026, 12, 3)) -> IncomingStep:
    return IncomingStep(title, due)


@pytest.mark.parametrize("status", list(FollowUpStatus))
def test_the_same_step_is_never_made_twice(status: FollowUpStatus) -> None:
    before = stored(steps={9: dataclasses.replace(STEP, status=status)}, written=WRITTEN_STEP)
    merge = compare(incoming(step=step()), before)
    assert not merge.has_changes and not merge.conflicts
    assert not compare(incoming(step=step()), stored(written=WRITTEN_STEP)).has_changes  # taken away by hand


def test_a_changed_open_step_follows_the_file() -> None:
    before = stored(steps={9: STEP}, written=WRITTEN_STEP)
    merge = compare(incoming(step=step("Fax order", date(2026, 12, 9))), before)
    assert merge.step == {"title": "Fax order", "note": "", "due_on": date(2026, 12, 9), "due_at": None}
    after = written_after(merge)
    assert (after["next_step"], after["due_on"], after["follow_up_id"]) == ("Fax order", "2026-12-09", 9)


def test_a_new_step_after_a_done_one_is_new_work() -> None:
    done = stored(steps={9: dataclasses.replace(STEP, status=FollowUpStatus.DONE)}, written=WRITTEN_STEP)
    assert compare(incoming(step=step("Fax order")), done).new_step == step("Fax order")


def test_a_step_changed_or_moved_by_hand_is_a_conflict() -> None:
    edited = stored(steps={9: dataclasses.replace(STEP, title="Call her son")}, written=WRITTEN_STEP)
    assert fields(compare(incoming(step=step("Fax order")), edited).conflicts) == ["next_step"]
    moved = stored(steps={9: dataclasses.replace(STEP, is_moved=True)}, written=WRITTEN_STEP)
    merge = compare(incoming(step=step(due=date(2026, 12, 9))), moved)
    assert not merge.step and fields(merge.conflicts) == ["due_on"]


def test_a_step_typed_by_hand_is_not_doubled() -> None:
    assert compare(incoming(step=step("CALL")), stored(steps={9: STEP})).new_step is None


def test_the_dead_get_no_new_step() -> None:
    merge = compare(incoming(step=step()), stored(values={"status": PatientStatus.DECEASED}))
    assert merge.new_step is None and fields(merge.conflicts) == ["next_step"]


def test_notes_and_contacts() -> None:
    written = {"notes": "Old", "note_ids": [4], "last_contact_on": "2026-11-03"}
    same = compare(incoming(notes="Old", last_contact_on=date(2026, 11, 3)), stored(written=written))
    assert not same.has_changes
    rewritten = compare(incoming(notes="New"), stored(written=written, notes={4: "Old"}))
    assert rewritten.note == (4, "New")
    gone = compare(incoming(notes="New"), stored(written=written))
    assert gone.note is None and gone.new_notes == "New"
    later = compare(incoming(last_contact_on=date(2026, 11, 20)), stored(written=written))
    assert later.last_contact_on == date(2026, 11, 20)
